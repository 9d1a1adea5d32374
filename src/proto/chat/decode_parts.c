/*
 * The parts that message content is made of: Chat's own, and those of
 * Messages, which clients of other gateways put between them.
 */
#include "proto/chat/decode.h"

#include "json/text.h"
#include "proto/media.h"

static bool
read_text(struct decoding *d, struct ir_block *b, struct jval part)
{
	struct jval text = jval_get(part, "text");

	if (!jval_is(text, JSON_STRING))
		return chat_bad(d, "text", "must be a string");
	b->text = chat_text(d, text);
	return true;
}

static bool
read_refusal(struct decoding *d, struct ir_block *b, struct jval part)
{
	b->refusal = true;
	b->text = chat_text(d, jval_get(part, "refusal"));
	return true;
}

/* Pictures and documents share their kinds of URL. */
static void
settle_kind(struct ir_block *b)
{
	if (slice_is(b->media.mime, "application/pdf") ||
	    media_is_text(b->media.mime))
		b->kind = IR_DOCUMENT;
	else if (slice_starts(b->media.mime, SLICE("image/")))
		b->kind = IR_IMAGE;
}

static bool
read_image(struct decoding *d, struct ir_block *b, struct jval part)
{
	struct jval image = jval_get(part, "image_url");
	struct jval url = jval_is(image, JSON_STRING) ? image :
	    jval_get(image, "url");
	const char *wrong;

	if (!jval_is(url, JSON_STRING))
		return chat_bad(d, "image_url.url", "must be a string");
	wrong = media_of_url(d->arena, jval_text(url), &b->media);
	if (wrong)
		return chat_bad(d, "image_url.url", wrong);
	b->media.detail = jval_get_text(image, "detail");
	settle_kind(b);
	if (b->kind == IR_DOCUMENT && media_is_text(b->media.mime))
		return chat_bad(d, "image_url.url", "is not an image");
	return true;
}

/* Of a file that somebody else keeps nothing else tells what it is. */
static bool
is_picture_name(struct slice name)
{
	static const char *const endings[] = {
		"png", "jpg", "jpeg", "gif", "webp",
	};
	size_t dot = slice_rchr(name, '.');

	for (size_t i = 0; dot != SIZE_MAX &&
	    i < sizeof endings / sizeof *endings; i++)
		if (slice_eq_ci(slice_skip(name, dot + 1),
		    slice_of(endings[i])))
			return true;
	return false;
}

static bool
read_file(struct decoding *d, struct ir_block *b, struct jval part)
{
	struct jval file = jval_get(part, "file");
	struct jval data = jval_get(file, "file_data");
	struct jval id = jval_get(file, "file_id");
	const char *wrong;

	b->media.name = chat_text(d, jval_get(file, "filename"));
	if (!jval_is(data, JSON_STRING)) {
		if (!jval_is(id, JSON_STRING))
			return chat_bad(d, "file",
			    "must hold file_data or file_id");
		b->media.source = IR_FILE_ID;
		b->media.data = jval_text(id);
		if (is_picture_name(b->media.name))
			b->kind = IR_IMAGE;
		return true;
	}
	wrong = media_of_data(d->arena, jval_text(data), &b->media);
	if (wrong)
		return chat_bad(d, "file.file_data", wrong);
	settle_kind(b);
	if (b->media.source == IR_DATA && media_is_text(b->media.mime) &&
	    !media_inline(d->arena, &b->media))
		return chat_bad(d, "file.file_data", "is not text in UTF-8");
	return true;
}

static bool
read_audio(struct decoding *d, struct ir_block *b, struct jval part)
{
	struct jval audio = jval_get(part, "input_audio");

	b->media.source = IR_DATA;
	b->media.mime = arena_fmt(d->arena, "audio/%.*s",
	    SLICE_FMT(jval_get_text(audio, "format")));
	return media_base64(d->arena, jval_get_text(audio, "data"),
	    &b->media.data) ||
	    chat_bad(d, "input_audio.data", "is not valid base64");
}

static bool
read_video(struct decoding *d, struct ir_block *b, struct jval part)
{
	struct jval video = jval_get(part, "video_url");

	(void)d;
	b->media.source = IR_URL;
	b->media.data = jval_is(video, JSON_STRING) ? jval_text(video) :
	    jval_get_text(video, "url");
	return true;
}

/* --- parts in the manner of Messages -------------------------------------- */

/* Passed on as it is, but for the cache mark, which is counted. */
static bool
read_opaque(struct decoding *d, struct ir_block *b, struct jval part)
{
	b->vendor = IR_ANTHROPIC;
	b->name = jval_get_text(part, "type");
	b->raw = chat_mend(d, jval_raw(part));
	return true;
}

static bool
read_tool_use(struct decoding *d, struct ir_block *b, struct jval part)
{
	bool wrapped;

	b->id = chat_text(d, jval_get(part, "id"));
	b->name = chat_name(d, jval_get(part, "name"));
	b->args = chat_arguments(d, jval_get(part, "input"), &wrapped);
	if (wrapped)
		chat_lost(d, LOSS_ADJUSTED, "input");
	if (!b->id.len)
		b->id = arena_fmt(d->arena, "call_%u_%u", d->message, d->part);
	return b->name.len || chat_bad(d, "name", "must be a string");
}

static bool
read_tool_result(struct decoding *d, struct ir_block *b, struct jval part)
{
	b->id = chat_text(d, jval_get(part, "tool_use_id"));
	b->is_error = jval_is_true(jval_get(part, "is_error"));
	return chat_read_result(d, b, jval_get(part, "content"));
}

/* --- which part may stand where ------------------------------------------- */

enum {
	IN_USER = 1,
	IN_ASSISTANT = 2,
	IN_RESULT = 4,
	IN_SYSTEM = 8,
	IN_ALL = 15,
	FOREIGN = 16,		/* in the manner of Messages */
};

static const struct part {
	const char	*type;
	enum ir_kind	 kind;
	unsigned	 where;
	bool		(*read)(struct decoding *, struct ir_block *,
			    struct jval);
} parts[] = {
	{ "text", IR_TEXT, IN_ALL, read_text },
	{ "input_text", IR_TEXT, IN_ALL, read_text },
	{ "output_text", IR_TEXT, IN_ASSISTANT | IN_RESULT, read_text },
	{ "refusal", IR_TEXT, IN_ASSISTANT, read_refusal },
	{ "image_url", IR_IMAGE, IN_USER | IN_RESULT, read_image },
	{ "file", IR_DOCUMENT, IN_USER | IN_RESULT, read_file },
	{ "input_audio", IR_AUDIO, IN_USER, read_audio },
	{ "video_url", IR_VIDEO, IN_USER, read_video },
	{ "image", IR_OPAQUE, FOREIGN | IN_USER | IN_RESULT, read_opaque },
	{ "document", IR_OPAQUE, FOREIGN | IN_USER | IN_RESULT, read_opaque },
	{ "search_result", IR_OPAQUE, FOREIGN | IN_USER | IN_RESULT,
	    read_opaque },
	{ "tool_use", IR_CALL, FOREIGN | IN_ASSISTANT, read_tool_use },
	{ "tool_result", IR_RESULT, FOREIGN | IN_USER, read_tool_result },
};

static const struct part *
find_part(const struct decoding *d, struct jval part, unsigned where)
{
	struct jval type = jval_get(part, "type");
	unsigned banned = talk_options(d->talk)->anthropic_parts ? 0 : FOREIGN;

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if ((parts[i].where & where) && !(parts[i].where & banned) &&
		    jval_text_is(type, parts[i].type))
			return &parts[i];
	return NULL;
}

/* Thinking is read by chat_read_thinking(), which knows where it belongs. */
static bool
is_thinking(const struct decoding *d, struct jval part)
{
	struct jval type = jval_get(part, "type");

	return talk_options(d->talk)->anthropic_parts &&
	    (jval_text_is(type, "thinking") ||
	    jval_text_is(type, "redacted_thinking"));
}

static bool
read_part(struct decoding *d, struct ir_turn *turn, struct jval v,
    unsigned where)
{
	const struct part *part = find_part(d, v, where);
	struct ir_block *b;

	if (!part && where == IN_ASSISTANT && is_thinking(d, v)) {
		/* it bears no mark: the block in front of it does */
		if (turn->last && !turn->last->cache.len)
			turn->last->cache = chat_cache(d, v);
		return true;
	}
	if (!part) {
		chat_bad(d, "", "is of a type that has no translation here");
		d->talk->fail.code = SLICE("unsupported_content");
		return false;
	}
	b = chat_block(d, turn, part->kind);
	if (!b || !part->read(d, b, v))
		return false;
	b->cache = chat_cache(d, v);
	return true;
}

static bool
read_string(struct decoding *d, struct ir_turn *turn, struct jval text)
{
	struct ir_block *b = chat_block(d, turn, IR_TEXT);

	if (!b)
		return false;
	b->text = chat_text(d, text);
	return true;
}

static bool
read_parts(struct decoding *d, struct ir_turn *turn, struct jval content,
    unsigned where)
{
	struct jval v;
	uint32_t i = 0;

	if (!jval_ok(content))
		return true;
	if (jval_is(content, JSON_STRING))
		return read_string(d, turn, content);
	if (!jval_is(content, JSON_ARRAY))
		return chat_bad(d, "content", "must be a string or an array");
	for (v = jval_first(content); !jval_at_end(v); v = jval_next(v)) {
		d->part = i++;
		if (!jval_is(v, JSON_STRING) ?
		    !read_part(d, turn, v, where) : !read_string(d, turn, v))
			return false;
	}
	d->part = NOWHERE;
	return true;
}

bool
chat_read_content(struct decoding *d, struct ir_turn *turn,
    struct jval content)
{
	return read_parts(d, turn, content,
	    turn->role == IR_ASSISTANT ? IN_ASSISTANT : IN_USER);
}

/* A mark inside a result holds for all of it. */
bool
chat_read_result(struct decoding *d, struct ir_block *result,
    struct jval content)
{
	struct ir_turn inside = { .role = IR_USER };
	uint32_t part = d->part;

	result->nocontent = !jval_ok(content);
	if (!read_parts(d, &inside, content, IN_RESULT))
		return false;
	d->part = part;
	result->content = inside.first;
	for (struct ir_block *b = inside.first; b; b = b->next) {
		if (b->cache.len)
			result->cache = b->cache;
		b->cache = (struct slice){ 0 };
	}
	return true;
}

bool
chat_read_system(struct decoding *d, struct ir_turn *turn,
    struct jval content)
{
	return read_parts(d, turn, content, IN_SYSTEM);
}
