#include "echo/hear.h"

#include "echo/prompt_form.h"
#include "json/text.h"

/* The bytes that a base64 text stands for. */
static uint64_t
decoded(struct slice base64)
{
	size_t len = base64.len;

	while (len && base64.ptr[len - 1] == '=')
		len--;
	return (uint64_t)len * 3 / 4;
}

static void
name_data(struct buf *out, const char *what, struct slice type,
    struct slice base64)
{
	buf_fmt(out, "[%s %.*s, %llu bytes]", what, SLICE_FMT(type),
	    (unsigned long long)decoded(base64));
}

/* A data URL by its type and size, any other as it stands. */
static void
name_url(struct buf *out, const char *what, struct slice url)
{
	struct slice rest = slice_skip(url, sizeof "data:" - 1), type;

	if (!slice_starts(url, SLICE("data:"))) {
		buf_fmt(out, "[%s ", what);
		text_unescape_to(out, url);
		buf_byte(out, ']');
		return;
	}
	type = slice_cut(&rest, ',');
	name_data(out, what, slice_cut(&type, ';'), rest);
}

static void
hear_text(struct buf *out, struct jval part)
{
	text_unescape_to(out, jval_get_text(part, "text"));
}

/* Chat: {"image_url": {"url": ...}}; Responses: {"image_url": ...}. */
static void
hear_image_url(struct buf *out, struct jval part)
{
	struct jval image = jval_get(part, "image_url");

	name_url(out, "image", jval_is(image, JSON_STRING) ? jval_text(image)
	    : jval_get_text(image, "url"));
}

/* Chat: {"file": {"file_data", "file_id"}}; Responses: in the part itself. */
static void
hear_file(struct buf *out, struct jval part)
{
	static const char *const members[] = {
		"file_data", "file_id", "file_url",
	};
	struct jval inner = jval_get(part, "file");
	struct jval file = jval_ok(inner) ? inner : part;

	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		struct slice at = jval_get_text(file, members[i]);

		if (!at.len)
			continue;
		name_url(out, "file", at);
		return;
	}
}

static void
hear_audio(struct buf *out, struct jval part)
{
	struct jval audio = jval_get(part, "input_audio");

	name_data(out, "audio", jval_get_text(audio, "format"),
	    jval_get_text(audio, "data"));
}

/* Messages: {"source": {"type": "base64", "media_type", "data"}} and others. */
static void
hear_source(struct buf *out, struct jval part)
{
	struct jval source = jval_get(part, "source");
	struct jval type = jval_get(source, "type");
	bool image = jval_text_is(jval_get(part, "type"), "image");
	const char *what = image ? "image" : "document";

	if (jval_text_is(type, "base64")) {
		name_data(out, what, jval_get_text(source, "media_type"),
		    jval_get_text(source, "data"));
	} else if (jval_text_is(type, "text")) {
		buf_fmt(out, "[%s ", what);
		text_unescape_to(out, jval_get_text(source, "data"));
		buf_byte(out, ']');
	} else {
		name_url(out, what, jval_get_text(source,
		    jval_text_is(type, "file") ? "file_id" : "url"));
	}
}

static const struct {
	const char	*type;
	void		(*hear)(struct buf *, struct jval part);
} parts[] = {
	{ "text", hear_text },
	{ "input_text", hear_text },
	{ "output_text", hear_text },
	{ "image_url", hear_image_url },
	{ "input_image", hear_image_url },
	{ "file", hear_file },
	{ "input_file", hear_file },
	{ "input_audio", hear_audio },
	{ "image", hear_source },
	{ "document", hear_source },
};

/* Gemini: parts have no type, but a member that says what they are. */
static void
hear_untyped(struct buf *out, struct jval part)
{
	struct jval data = prompt_get(part, "inlineData");
	struct jval file = prompt_get(part, "fileData");
	size_t before = buf_len(out);

	if (jval_is_true(jval_get(part, "thought")))
		return;
	hear_text(out, part);
	if ((jval_ok(data) || jval_ok(file)) && before)
		buf_byte(out, ' ');
	if (jval_ok(data))
		name_data(out, "data", jval_text(prompt_get(data, "mimeType")),
		    jval_get_text(data, "data"));
	if (jval_ok(file))
		name_url(out, "file", jval_text(prompt_get(file, "fileUri")));
}

static void
hear_part(struct buf *out, struct jval part)
{
	struct jval type = jval_get(part, "type");
	size_t before = buf_len(out);

	if (!jval_ok(type))
		hear_untyped(out, part);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (!jval_text_is(type, parts[i].type))
			continue;
		if (before)
			buf_byte(out, ' ');
		parts[i].hear(out, part);
	}
}

void
hear_content(struct buf *out, struct jval content)
{
	if (jval_is(content, JSON_STRING))
		text_unescape_to(out, jval_text(content));
	if (!jval_is(content, JSON_ARRAY))
		return;
	for (struct jval p = jval_first(content); !jval_at_end(p);
	    p = jval_next(p))
		hear_part(out, p);
}

static void
quote_result(struct buf *out, struct buf *said, bool failed)
{
	if (buf_len(out))
		buf_byte(out, '\n');
	buf_text(out, failed ? "The tool failed (is_error): \""
	    : "The tool said: \"");
	buf_append(out, buf_slice(said));
	buf_byte(out, '"');
	out->failed |= said->failed;
	buf_free(said);
}

void
hear_result(struct buf *out, struct jval content, bool failed)
{
	struct buf said = { 0 };

	hear_content(&said, content);
	quote_result(out, &said, failed);
}

/* {"response": {"output" or "error": text, or anything else}, "parts"}. */
void
hear_response(struct buf *out, struct jval response)
{
	struct jval of = jval_get(response, "response");
	struct jval error = jval_get(of, "error");
	struct jval output = jval_ok(error) ? error : jval_get(of, "output");
	struct buf said = { 0 };

	if (jval_is(output, JSON_STRING))
		text_unescape_to(&said, jval_text(output));
	else
		buf_append(&said, jval_raw(of));
	hear_content(&said, jval_get(response, "parts"));
	quote_result(out, &said, jval_ok(error));
}
