/*
 * What messages and results of a Responses request hold: texts, images, files
 * and sound.
 */
#include <stdio.h>

#include "json/text.h"
#include "proto/media.h"
#include "proto/responses/decode.h"

enum { PATH_LEN = 64 };

struct reader {
	struct decoder	*d;
	enum ir_role	 role;
	struct ir_block	**list;		/* NULL: the turn */
	bool		 result;
	const char	*member;
	unsigned	 i;
};

static bool
bad_part(struct reader *r, enum fail_kind kind, const char *code,
    const char *member, const char *what)
{
	char path[PATH_LEN];

	snprintf(path, sizeof path, "%s[%u]%s%s", r->member, r->i,
	    *member ? "." : "", member);
	return responses_refuse_item(r->d, kind, code, path, what);
}

/* Clients mark what is worth to be kept in a cache. */
static struct slice
cache_of(struct jval part)
{
	struct jval mark = jval_get(part, "prompt_cache_breakpoint");
	struct jval ttl = jval_get(mark, "ttl");

	if (!jval_is(mark, JSON_OBJECT) && !jval_is_true(mark))
		return jval_raw(jval_get(part, "cache_control"));
	if (!jval_ok(ttl) || jval_text_is(ttl, "5m"))
		return SLICE("{\"type\":\"ephemeral\"}");
	return SLICE("{\"type\":\"ephemeral\",\"ttl\":\"1h\"}");
}

static struct ir_block *
add(struct reader *r, struct jval part, enum ir_kind kind)
{
	struct decoder *d = r->d;
	struct ir_block *b;

	d->part = r->result ? 0 : r->i;
	if (!r->list) {
		b = responses_block(d, r->role, kind);
	} else {
		b = ir_block_new(r->list, d->arena, kind);
		if (b) {
			b->message = d->item;
			b->part = d->part;
			b->inside = r->result ? r->i + 1 : 0;
		}
	}
	if (b)
		b->cache = cache_of(part);
	return b;
}

static bool
add_text(struct reader *r, struct jval part, struct slice text)
{
	struct ir_block *b;

	if (!text.len)
		return true;
	b = add(r, part, IR_TEXT);
	if (!b)
		return false;
	b->text = text_mend(r->d->arena, text);
	if (!r->list && r->role == IR_ASSISTANT)
		responses_sign_text(r->d, b);
	return true;
}

static bool
read_text(struct reader *r, struct jval v)
{
	struct jval text = jval_get(v, "text");

	if (jval_ok(text) && !jval_is(text, JSON_STRING))
		return bad_part(r, FAIL_INVALID, "invalid_type", "text",
		    "The text of a part must be a string.");
	return add_text(r, v, jval_text(text));
}

static bool
read_refusal(struct reader *r, struct jval v)
{
	struct slice text = jval_get_text(v, "refusal");
	struct ir_block *b;

	if (!text.len)
		return true;
	b = add(r, v, IR_TEXT);
	if (!b)
		return false;
	b->text = text_mend(r->d->arena, text);
	b->refusal = true;
	return true;
}

/* ---- media ---- */

/* An agent knows this sentence, and goes on without the image. */
static const char empty_image[] = "Invalid image: Expected a base64-encoded "
    "data URL with an image MIME type, but got empty base64-encoded bytes.";

static bool
read_image(struct reader *r, struct jval v)
{
	struct jval url = jval_get(v, "image_url");
	struct slice id = jval_get_text(v, "file_id"), text;
	struct ir_block *b;
	const char *wrong;

	if (jval_is(url, JSON_OBJECT))		/* in Chat's manner */
		url = jval_get(url, "url");
	text = jval_text(url);
	b = add(r, v, IR_IMAGE);
	if (!b)
		return false;
	b->media.detail = jval_get_text(v, "detail");
	if (!text.len && id.len) {
		b->media.source = IR_FILE_ID;
		b->media.data = id;
		return r->d->kin || bad_part(r, FAIL_UNSUPPORTED,
		    "unsupported_parameter", "file_id", "Files are not "
		    "supported by this gateway: send the image itself.");
	}
	if (slice_starts_ci(text, SLICE("data:")) &&
	    slice_ends(text, SLICE(",")))
		return bad_part(r, FAIL_INVALID, "invalid_value", "image_url",
		    empty_image);
	wrong = media_of_url(r->d->arena, text, &b->media);
	if (wrong)
		return bad_part(r, FAIL_INVALID, "invalid_value", "image_url",
		    "The image's URL must be a data URL with base64, or begin "
		    "with http:// or https://.");
	if (b->media.source == IR_DATA &&
	    !slice_starts(b->media.mime, SLICE("image/")))
		b->media.mime = SLICE("image/png");
	return true;
}

/* What the end of a file's name says of it. */
static struct slice
type_of_name(struct slice name)
{
	static const struct {
		const char	*end, *mime;
	} ends[] = {
		{ ".pdf", "application/pdf" }, { ".txt", "text/plain" },
		{ ".md", "text/markdown" }, { ".csv", "text/csv" },
		{ ".html", "text/html" }, { ".json", "application/json" },
		{ ".xml", "application/xml" },
	};

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (slice_ends(name, slice_of(ends[i].end)))
			return slice_of(ends[i].mime);
	return SLICE("application/pdf");
}

static bool
read_data(struct reader *r, struct slice data, struct ir_media *media)
{
	if (media_of_data(r->d->arena, data, media))
		return bad_part(r, FAIL_INVALID, "invalid_value", "file_data",
		    "A file's data must be base64 or a data URL with it.");
	if (!media->mime.len)
		media->mime = type_of_name(media->name);
	if (media_is_text(media->mime) && !media_inline(r->d->arena, media))
		return bad_part(r, FAIL_INVALID, "invalid_value", "file_data",
		    "A text file must be UTF-8.");
	return true;
}

static bool
read_file(struct reader *r, struct jval v)
{
	struct slice data = jval_get_text(v, "file_data");
	struct slice url = jval_get_text(v, "file_url");
	struct slice id = jval_get_text(v, "file_id");
	struct ir_block *b = add(r, v, IR_DOCUMENT);

	if (!b)
		return false;
	b->media.name = text_mend(r->d->arena, jval_get_text(v, "filename"));
	if (data.len)
		return read_data(r, data, &b->media);
	b->media.source = url.len ? IR_URL : IR_FILE_ID;
	b->media.data = url.len ? url : id;
	return b->media.data.len || bad_part(r, FAIL_INVALID,
	    "missing_required_parameter", "file_data",
	    "A file must have file_data, file_url or file_id.");
}

static bool
read_audio(struct reader *r, struct jval v)
{
	struct jval audio = jval_get(v, "input_audio");
	struct ir_block *b = add(r, v, IR_AUDIO);

	if (!b)
		return false;
	b->media.source = IR_DATA;
	b->media.mime = jval_text_is(jval_get(audio, "format"), "mp3") ?
	    SLICE("audio/mpeg") : SLICE("audio/wav");
	return media_base64(r->d->arena, jval_get_text(audio, "data"),
	    &b->media.data) || bad_part(r, FAIL_INVALID, "invalid_value",
	    "input_audio.data", "Sound must be base64.");
}

/* ---- parts ---- */

static const struct {
	const char	*type;
	bool		(*read)(struct reader *, struct jval);
} types[] = {
	{ "input_text", read_text },
	{ "output_text", read_text },
	{ "text", read_text },
	{ "refusal", read_refusal },
	{ "input_image", read_image },
	{ "image_url", read_image },
	{ "input_file", read_file },
	{ "input_audio", read_audio },
};

static bool
read_part(struct reader *r, struct jval v)
{
	struct jval type = jval_get(v, "type");
	size_t i = 0, n = sizeof types / sizeof *types;

	while (i < n && !jval_text_is(type, types[i].type))
		i++;
	if (i == n || (r->role == IR_SYSTEM && types[i].read != read_text))
		return bad_part(r, FAIL_INVALID, "invalid_value", "type",
		    "Invalid value: no part of such content has this type.");
	return types[i].read(r, v);
}

bool
responses_read_content(struct decoder *d, enum ir_role role,
    struct ir_block **list, struct jval content, const char *member)
{
	struct reader r = {
		.d = d, .role = role, .list = list, .member = member,
		.result = list && list != &d->request->system,
	};

	if (!list && !responses_turn(d, role))
		return false;
	if (jval_is(content, JSON_STRING))
		return add_text(&r, (struct jval){ 0 }, jval_text(content));
	if (jval_is(content, JSON_OBJECT))
		return read_part(&r, content);
	if (!jval_is(content, JSON_ARRAY))
		return !jval_ok(content) && role == IR_ASSISTANT ? true :
		    responses_refuse_item(d, FAIL_INVALID, "invalid_type",
		    member, "Content must be a string or an array of parts.");
	for (struct jval v = jval_first(content); !jval_at_end(v);
	    v = jval_next(v), r.i++)
		if (!read_part(&r, v))
			return false;
	return true;
}
