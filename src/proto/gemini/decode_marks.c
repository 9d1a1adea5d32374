/*
 * What a Gemini client keeps in thoughtSignature: Google's own signatures, and
 * in envelopes of ours (proto/names.h) what other vendors want back.
 *
 * Such clients drop thinking from their history but keep the signature of a
 * call, so all thinking in front of a call travels in a bundle on it.
 */
#include "base/hash.h"
#include "json/text.h"
#include "proto/gemini/decode.h"
#include "proto/gemini/gemini.h"
#include "proto/names.h"
#include "proto/place.h"

enum { BUNDLE_MAX = 10000 };	/* JSON values in one */

/* What clients send where a signature must be and they have none. */
static const char *const sentinels[] = {
	"skip_thought_signature_validator",
	"context_engineering_is_the_way_to_go",
};

struct mark
gemini_mark(struct decoding *d, struct jval part)
{
	struct slice text = proto3_get_text(part, "thoughtSignature"), plain;
	struct envelope e;

	for (size_t i = 0; i < sizeof sentinels / sizeof *sentinels; i++)
		if (slice_is(text, sentinels[i]))
			return (struct mark){ 0 };
	if (!text.len)
		return (struct mark){ 0 };
	if (!gemini_is_wrapped(text))
		return (struct mark){ 's', IR_GOOGLE, text };
	if (!base64_decode(d->arena, text_unescape(d->arena, text), &plain) ||
	    !envelope_read(plain, &e))
		return (struct mark){ 0 };
	return (struct mark){ e.kind == 'f' ? 's' : e.kind, e.vendor, e.raw };
}

/* ---- bundles ---- */

/* One entry, appended to those of the turn. */
static bool
add_bundled(struct decoding *d, struct jval v, enum ir_vendor vendor)
{
	struct slice data = jval_get_text(v, "data");
	struct ir_block *b = ir_block_new(&d->bundled, d->arena,
	    data.len ? IR_REDACTED : IR_THINK);
	uint64_t at = 0;

	if (!b)
		return false;
	b->message = d->content;
	b->part = d->part;
	b->text = data.len ? data : text_mend(d->arena,
	    jval_get_text(v, "text"));
	b->signature = jval_get_text(v, "sig");
	b->vendor = vendor == IR_OTHER && !data.len && !b->signature.len ?
	    IR_NOBODY : vendor;
	b->item = jval_get_text(v, "item");
	b->id = jval_get_text(v, "id");
	b->name = jval_get_text(v, "format");
	(void)jval_u64(jval_get(v, "at"), &at);
	b->text_offset = (int64_t)(d->text_bytes_then +
	    (at < INT32_MAX ? at : 0));
	b->call_offset = d->call_count;
	d->bundled_count++;
	return true;
}

static struct ir_block *
behind(const struct decoding *d, const struct ir_block *b)
{
	return b ? b->next : d->turn->first;
}

static void
unlink_behind(struct decoding *d, struct ir_block *before)
{
	struct ir_block *gone = behind(d, before);

	if (before)
		before->next = gone->next;
	else
		d->turn->first = gone->next;
	if (d->turn->last == gone)
		d->turn->last = before;
}

/* The bundle has it all, with signatures: what the client kept of it goes. */
static void
drop_copies(struct decoding *d)
{
	struct ir_block *before = d->unsigned_from, *b;

	while ((b = behind(d, before)) != NULL)
		if (b->kind == IR_THINK && !b->signature.len)
			unlink_behind(d, before);
		else
			before = b;
}

bool
gemini_unbundle(struct decoding *d, const struct mark *mark)
{
	struct json *doc = arena_alloc(d->arena, sizeof *doc);
	struct json_fault fault;
	struct slice plain;
	struct jval v;

	if (!doc)
		return false;
	if (!base64_decode(d->arena, mark->raw, &plain) ||
	    !json_parse(doc, d->arena, plain, BUNDLE_MAX, &fault) ||
	    !jval_is(json_root(doc), JSON_ARRAY))
		return !d->arena->failed;
	drop_copies(d);
	for (v = jval_first(json_root(doc)); !jval_at_end(v); v = jval_next(v))
		if (!add_bundled(d, v, mark->vendor))
			return false;
	return true;
}

/* Put a block in front of the call of that number, or at the end. */
static void
insert(struct ir_turn *turn, struct ir_block *b)
{
	struct ir_block **at = &turn->first;
	int64_t calls = 0;

	while (*at && ((*at)->kind != IR_CALL || calls++ < b->call_offset))
		at = &(*at)->next;
	b->next = *at;
	*at = b;
	if (!b->next)
		turn->last = b;
}

bool
gemini_place_bundled(struct decoding *d)
{
	struct ir_block **list, *b = d->bundled, *next;
	size_t n = d->bundled_count, i = 0;

	if (!n)
		return true;
	list = arena_array(d->arena, n, sizeof *list);
	if (!list)
		return false;
	for (; b; b = b->next)
		list[i++] = b;
	d->bundled = NULL;
	d->bundled_count = 0;
	list[0]->tail = NULL;
	if (place_fits(d->turn, list, n))
		return place_thoughts(d->arena, d->turn, list, n);
	for (b = list[0]; b; b = next) {
		next = b->next;
		insert(d->turn, b);
	}
	return true;
}
