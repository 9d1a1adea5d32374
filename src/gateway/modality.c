#include "gateway/modality.h"

#include "proto/gemini/gemini.h"
#include "proto/media.h"

enum {
	DEPTH_MAX = 5,		/* turn, part, result of a tool, its parts */
	MIME_MAX = 64,
};

/* What parts are called; a file may be of any kind. */
enum { ANY_FILE = 0 };

static const struct {
	const char	*type;
	uint8_t		 bit;
} parts[] = {
	{ "image_url", MODALITY_IMAGE }, { "input_image", MODALITY_IMAGE },
	{ "image", MODALITY_IMAGE }, { "computer_screenshot", MODALITY_IMAGE },
	{ "input_audio", MODALITY_AUDIO }, { "audio_url", MODALITY_AUDIO },
	{ "video_url", MODALITY_VIDEO }, { "input_video", MODALITY_VIDEO },
	{ "file", ANY_FILE }, { "input_file", ANY_FILE },
	{ "document", ANY_FILE },
};

/* Endings of names that are no documents. */
static const struct {
	const char	*ending;
	uint8_t		 bits;
} endings[] = {
	{ ".png", MODALITY_IMAGE }, { ".jpg", MODALITY_IMAGE },
	{ ".jpeg", MODALITY_IMAGE }, { ".gif", MODALITY_IMAGE },
	{ ".webp", MODALITY_IMAGE }, { ".mp3", MODALITY_AUDIO },
	{ ".wav", MODALITY_AUDIO }, { ".mp4", MODALITY_VIDEO },
	{ ".mov", MODALITY_VIDEO }, { ".webm", MODALITY_VIDEO },
	{ ".txt", 0 }, { ".md", 0 }, { ".json", 0 }, { ".csv", 0 },
};

static uint8_t
of_mime(struct slice mime)
{
	for (unsigned i = 1; i < 4; i++)	/* image, audio, video */
		if (slice_starts_ci(mime, slice_of(catalog_modality(i))))
			return (uint8_t)(1u << i);
	return media_is_text(mime) ? 0 : MODALITY_PDF;
}

/* The type of a data URL, with its slashes as they are spelled in JSON. */
static uint8_t
of_data_url(struct slice url)
{
	struct slice rest = slice_sub(slice_skip(url, 5), 0, MIME_MAX);

	return of_mime(slice_cut(&rest, ';'));
}

static uint8_t
of_name(struct slice name)
{
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		struct slice ending = slice_of(endings[i].ending);

		if (name.len >= ending.len && slice_eq_ci(slice_skip(name,
		    name.len - ending.len), ending))
			return endings[i].bits;
	}
	return MODALITY_PDF;
}

/* A file: by the type it says, its data's, or its name's ending. */
static uint8_t
of_file(struct jval part)
{
	static const char *const datas[] = { "file_data", "file_url" };
	struct jval source = jval_get(part, "source");
	struct jval file = jval_get(part, "file");
	struct slice mime = jval_get_text(source, "media_type"), text;

	if (mime.len)
		return of_mime(mime);
	if (jval_text_is(jval_get(source, "type"), "text") ||
	    jval_text_is(jval_get(source, "type"), "content"))
		return 0;
	if (jval_is(file, JSON_OBJECT))
		part = file;
	text = jval_get_text(part, "filename");
	if (text.len)
		return of_name(text);
	for (size_t i = 0; i < 2; i++) {
		text = jval_get_text(part, datas[i]);
		if (slice_starts_ci(text, SLICE("data:")))
			return of_data_url(text);
		if (text.len && i)
			return of_name(text);
	}
	return MODALITY_PDF;
}

static uint8_t
of_type(struct jval part, struct slice type)
{
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (slice_is(type, parts[i].type))
			return parts[i].bit == ANY_FILE ? of_file(part)
			    : parts[i].bit;
	return 0;
}

/* Gemini's blob, or the address of one. */
static uint8_t
of_blob(struct jval blob)
{
	struct slice mime = jval_get_text(blob, "mimeType");

	if (!mime.len)
		mime = jval_get_text(blob, "mime_type");
	if (!mime.len)
		mime = gemini_guess_mime(jval_get_text(blob,
		    jval_ok(jval_get(blob, "fileUri")) ? "fileUri"
		    : "file_uri"));
	return mime.len ? of_mime(mime) : MODALITY_PDF;
}

static bool
is_among(struct jval key, const char *const *words)
{
	while (*words && !jval_text_is(key, *words))
		words++;
	return *words != NULL;
}

/* Members in which more parts stand, and Gemini's with bytes. */
static const char *const inner[] = { "content", "parts", "output",
    "functionResponse", "function_response", NULL };
static const char *const blobs[] = { "inlineData", "inline_data", "fileData",
    "file_data", NULL };

/*
 * A turn, an item or a part, and what is in it.  Calls itself for what stands
 * inside, DEPTH_MAX deep.
 */
static uint8_t
look(struct jval v, unsigned depth)
{
	uint8_t bits = 0;

	if (depth == DEPTH_MAX)
		return 0;
	if (jval_is(v, JSON_ARRAY)) {
		for (struct jval i = jval_first(v); !jval_at_end(i);
		    i = jval_next(i))
			bits |= look(i, depth + 1);
		return bits;
	}
	if (!jval_is(v, JSON_OBJECT))
		return 0;
	for (struct jval k = jval_first(v); !jval_at_end(k);
	    k = jval_next(k)) {
		struct jval value = jval_value(k);

		if (jval_text_is(k, "type"))
			bits |= of_type(v, jval_text(value));
		else if (jval_is(value, JSON_STRING))
			continue;
		else if (is_among(k, inner))
			bits |= look(value, depth +
			    (jval_is(value, JSON_OBJECT) ? 1 : 0));
		else if (is_among(k, blobs))
			bits |= of_blob(value);
		else if (jval_text_is(k, "source"))	/* a document's parts */
			bits |= look(jval_get(value, "content"), depth + 1);
	}
	return bits;
}

uint8_t
modality_of(enum protocol_id client, struct jval body)
{
	static const char *const turns[PROTO_COUNT] = {
		[PROTO_CHAT] = "messages", [PROTO_MESSAGES] = "messages",
		[PROTO_RESPONSES] = "input", [PROTO_GEMINI] = "contents",
	};
	struct jval list = jval_get(body, turns[client]);
	uint8_t bits = 0;

	/* Gemini takes one turn that is no list, too */
	if (jval_is(list, JSON_OBJECT))
		bits = look(list, 0);
	for (struct jval i = jval_first(list); jval_is(list, JSON_ARRAY) &&
	    !jval_at_end(i); i = jval_next(i))
		bits |= look(i, 0);
	return bits ? bits : MODALITY_TEXT;
}

uint8_t
modality_by_name(struct slice name)
{
	for (unsigned i = 0; i < MODALITIES; i++)
		if (slice_is(name, catalog_modality(i)))
			return (uint8_t)(1u << i);
	return 0;
}

void
modality_print(uint8_t bits, struct buf *out)
{
	const char *comma = "";

	for (unsigned i = 0; i < MODALITIES; i++)
		if (bits & 1u << i) {
			buf_fmt(out, "%s%s", comma, catalog_modality(i));
			comma = ", ";
		}
}
