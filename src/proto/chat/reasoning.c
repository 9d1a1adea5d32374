#include "proto/chat/reasoning.h"

/* Whose signature it is, by the beginning of `format`. */
static const struct {
	const char	*prefix;
	enum ir_vendor	 vendor;
} formats[] = {
	{ "anthropic", IR_ANTHROPIC },
	{ "google", IR_GOOGLE },
	{ "openai", IR_OPENAI },
	{ "azure-openai", IR_OPENAI },
};

static enum ir_vendor
vendor_of(struct slice format)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (slice_starts(format, slice_of(formats[i].prefix)))
			return formats[i].vendor;
	return IR_OTHER;
}

/* One entry of reasoning_details.  False: there was nothing in it. */
static bool
put_detail(struct segments *s, struct jval entry)
{
	struct slice text = jval_get_text(entry, "text");
	struct slice summary = jval_get_text(entry, "summary");
	struct slice signature = jval_get_text(entry, "signature");
	struct slice data = jval_get_text(entry, "data");
	struct slice format = jval_get_text(entry, "format");
	enum ir_vendor vendor = vendor_of(format);
	uint64_t n;
	int64_t part = -1;

	if (jval_u64(jval_get(entry, "index"), &n) && n < INT32_MAX)
		part = (int64_t)n;
	if (jval_text_is(jval_get(entry, "type"), "reasoning.encrypted")) {
		if (data.len)
			segments_redacted(s, &(struct segment_sealed){
			    .data = data, .vendor = vendor,
			    .id = jval_get_text(entry, "id"),
			    .format = format });
		return data.len > 0;
	}
	if (!text.len)
		text = summary;
	if (text.len)
		segments_text(s, &(struct segment_text){
		    .kind = IR_THINK, .vendor = vendor, .part = part,
		    .text = text });
	if (signature.len)
		segments_sign(s, part, signature, vendor);
	return text.len || signature.len;
}

/* One entry of thinking_blocks.  `again`: its text may have been put before. */
static bool
put_block(struct segments *s, struct jval block, bool again)
{
	struct slice text = jval_get_text(block, "thinking");
	struct slice signature = jval_get_text(block, "signature");
	struct slice data = jval_get_text(block, "data");

	if (data.len) {
		segments_redacted(s, &(struct segment_sealed){
		    .data = data, .vendor = IR_ANTHROPIC });
		return true;
	}
	if (text.len && again)
		return false;
	if (text.len)
		segments_text(s, &(struct segment_text){
		    .kind = IR_THINK, .vendor = IR_ANTHROPIC, .part = -1,
		    .text = text });
	if (signature.len)
		segments_sign(s, -1, signature, IR_ANTHROPIC);
	return text.len || signature.len;
}

/* Some tell all blocks once more at the end, without the plain text. */
static bool
put_blocks(struct segments *s, struct jval blocks, bool plain)
{
	bool again = !plain && s->reasoned, put = false;

	if (jval_is(blocks, JSON_ARRAY) && !s->detailed)
		for (struct jval b = jval_first(blocks); !jval_at_end(b);
		    b = jval_next(b))
			put |= put_block(s, b, again);
	return put;
}

void
reasoning_put(struct segments *s, const struct reasoning *r)
{
	struct slice text = jval_text(r->content);
	bool put = false;

	if (!text.len)
		text = jval_text(r->text);
	if (jval_is(r->details, JSON_ARRAY))
		for (struct jval e = jval_first(r->details); !jval_at_end(e);
		    e = jval_next(e))
			put |= put_detail(s, e);
	s->detailed |= put;
	if (!put && jval_ok(r->blocks))
		put = put_blocks(s, r->blocks, text.len > 0);
	s->reasoned |= put || text.len;
	if (!put && text.len)
		segments_text(s, &(struct segment_text){
		    .kind = IR_THINK, .part = -1, .text = text });
}

const char *
reasoning_format(enum ir_vendor vendor)
{
	switch (vendor) {
	case IR_ANTHROPIC:
		return "anthropic-claude-v1";
	case IR_GOOGLE:
		return "google-gemini-v1";
	case IR_OPENAI:
		return "openai-responses-v1";
	case IR_NOBODY:
	case IR_OTHER:
		break;
	}
	return "unknown";
}
