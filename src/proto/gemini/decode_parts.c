/*
 * The parts of a Gemini request's contents: a table of their kinds.
 */
#include "proto/gemini/decode.h"

#include "json/text.h"
#include "proto/gemini/gemini.h"
#include "proto/media.h"
#include "proto/place.h"

/* ---- text and thinking ---- */

/* A signature that came on nothing signs what stood before it. */
static void
sign_last(struct decoding *d, const struct mark *mark)
{
	struct ir_block *last = d->turn->last;

	if (mark->kind == 's' && last && d->turn->role == IR_ASSISTANT &&
	    (last->kind == IR_TEXT || last->kind == IR_THINK)) {
		last->signature = mark->raw;
		last->vendor = mark->vendor;
	}
}

/*
 * Clients keep the pieces of a stream as parts, some of them blank: together
 * they are what the model said.  NULL: no memory.
 */
static struct ir_block *
text_block(struct decoding *d, enum ir_kind kind, struct slice text)
{
	struct ir_block *b = d->turn->last;

	if (!b || b != d->growing || b->kind != kind || b->signature.len) {
		b = gemini_add(d, NULL, kind);
		if (b)
			b->text = text;
		d->growing = d->turn->role == IR_ASSISTANT ? b : NULL;
		d->grown = (struct gather){ 0 };
		return b;
	}
	if (!d->grown.len)
		gather_add(&d->grown, d->arena, b->text);
	gather_add(&d->grown, d->arena, text);
	b->text = gather_text(&d->grown);
	return b;
}

static bool
read_text(struct decoding *d, struct jval part, struct jval v)
{
	struct mark mark = gemini_mark(d, part);
	bool thought = jval_is_true(jval_get(part, "thought"));
	struct slice text;
	struct ir_block *b;

	if (!jval_is(v, JSON_STRING))
		return gemini_refuse_part(d, "text must be a string");
	if (!jval_text(v).len && !(thought && mark.kind == 's')) {
		sign_last(d, &mark);
		return true;
	}
	text = text_mend(d->arena, jval_text(v));
	b = text_block(d, thought ? IR_THINK : IR_TEXT, text);
	if (!b)
		return false;
	if (!thought)
		d->text_bytes += place_bytes(text);
	if (mark.kind == 's') {
		b->signature = mark.raw;
		b->vendor = mark.vendor;
	}
	d->result = NULL;
	return true;
}

/* Code that Google ran, and what it said, as text between fences. */
static bool
add_fenced(struct decoding *d, struct slice language, struct slice text)
{
	struct ir_block *b = gemini_add(d, NULL, IR_TEXT);

	if (!b)
		return false;
	b->text = arena_join(d->arena, (const struct slice[]){
	    SLICE("```"), language, SLICE("\\n"), text_mend(d->arena, text),
	    SLICE("\\n```") }, 5);
	d->text_bytes += place_bytes(b->text);
	return true;
}

static bool
read_code(struct decoding *d, struct jval part, struct jval v)
{
	(void)part;
	return add_fenced(d, proto3_word(jval_get(v, "language"), "PYTHON") ?
	    SLICE("python") : (struct slice){ 0 }, jval_get_text(v, "code"));
}

static bool
read_outcome(struct decoding *d, struct jval part, struct jval v)
{
	(void)part;
	return add_fenced(d, (struct slice){ 0 }, jval_get_text(v, "output"));
}

/* ---- media ---- */

static const struct {
	const char	*prefix;
	enum ir_kind	 kind;
} kinds[] = {
	{ "image/", IR_IMAGE }, { "audio/", IR_AUDIO }, { "video/", IR_VIDEO },
	{ "", IR_DOCUMENT },
};

static enum ir_kind
kind_of(struct slice mime)
{
	size_t i = 0;

	while (!slice_starts(mime, slice_of(kinds[i].prefix)))
		i++;
	return kinds[i].kind;
}

static const struct {
	const char	*ending, *mime;
} endings[] = {
	{ ".png", "image/png" }, { ".jpg", "image/jpeg" },
	{ ".jpeg", "image/jpeg" }, { ".webp", "image/webp" },
	{ ".gif", "image/gif" }, { ".heic", "image/heic" },
	{ ".pdf", "application/pdf" }, { ".mp3", "audio/mp3" },
	{ ".wav", "audio/wav" }, { ".mp4", "video/mp4" },
	{ ".mov", "video/mov" }, { ".webm", "video/webm" },
	{ ".txt", "text/plain" },
};

struct slice
gemini_guess_mime(struct slice url)
{
	url = slice_cut(&url, '?');
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (slice_ends(url, slice_of(endings[i].ending)))
			return slice_of(endings[i].mime);
	if (slice_find(url, SLICE("youtube.com/")) != SIZE_MAX ||
	    slice_find(url, SLICE("youtu.be/")) != SIZE_MAX)
		return SLICE("video/mp4");
	return (struct slice){ 0 };
}

/* A copy that may be written to: in lower case, or base64 of one alphabet. */
static struct slice
changed(struct arena *arena, struct slice s, char (*change)(char))
{
	char *copy = arena_text(arena, s.len);

	if (!copy)
		return (struct slice){ 0 };
	for (size_t i = 0; i < s.len; i++)
		copy[i] = change(s.ptr[i]);
	return (struct slice){ copy, s.len };
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static char
standard(char c)
{
	return c == '-' ? '+' : c == '_' ? '/' : c;
}

static bool
clean_base64(struct decoding *d, struct slice *data)
{
	if (slice_chr(*data, '-') != SIZE_MAX ||
	    slice_chr(*data, '_') != SIZE_MAX)
		*data = changed(d->arena, *data, standard);
	return media_base64(d->arena, *data, data);
}

static bool
read_inline(struct decoding *d, struct jval v, struct ir_media *media)
{
	media->source = IR_DATA;
	media->name = proto3_get_text(v, "displayName");
	media->mime = changed(d->arena, proto3_get_text(v, "mimeType"), lower);
	media->data = jval_get_text(v, "data");
	if (!clean_base64(d, &media->data))
		return gemini_refuse_part(d, "data must be base64");
	if (!media->mime.len)
		media->mime = media_sniff(media->data);
	if (media_is_text(media->mime) && !media_inline(d->arena, media))
		return gemini_refuse_part(d, "data must be UTF-8 text");
	return true;
}

/* Files that only Google can open. */
static bool
lives_at_google(struct slice uri)
{
	return slice_starts(uri, SLICE("gs://")) || (slice_starts(uri,
	    SLICE("https://generativelanguage.googleapis.com/")) &&
	    slice_find(uri, SLICE("/files/")) != SIZE_MAX);
}

static bool
read_file(struct decoding *d, struct jval v, struct ir_media *media)
{
	media->source = IR_URL;
	media->name = proto3_get_text(v, "displayName");
	media->mime = changed(d->arena, proto3_get_text(v, "mimeType"), lower);
	media->data = proto3_get_text(v, "fileUri");
	if (!media->data.len)
		return gemini_refuse_part(d, "fileUri must name a file");
	if (!d->native && lives_at_google(media->data))
		return gemini_refuse_part(d, "the file lives at Google, and "
		    "another provider answers this request; send it as "
		    "inlineData");
	if (!media->mime.len)
		media->mime = gemini_guess_mime(media->data);
	return true;
}

static struct slice
detail_of(const struct decoding *d, struct jval part)
{
	struct jval level = jval_get(proto3_get(part, "mediaResolution"),
	    "level");

	if (proto3_word(level, "MEDIA_RESOLUTION_LOW"))
		return SLICE("low");
	if (proto3_word(level, "MEDIA_RESOLUTION_HIGH") ||
	    proto3_word(level, "MEDIA_RESOLUTION_ULTRA_HIGH"))
		return SLICE("high");
	return d->detail;
}

bool
gemini_read_media(struct decoding *d, struct jval part,
    struct ir_block **list, bool *found)
{
	struct jval data = proto3_get(part, "inlineData");
	struct jval file = proto3_get(part, "fileData");
	struct ir_media media = { 0 };
	struct ir_block *b;

	*found = jval_ok(data) || jval_ok(file);
	if (!*found)
		return true;
	if (jval_ok(data) ? !read_inline(d, data, &media) :
	    !read_file(d, file, &media))
		return false;
	b = gemini_add(d, list, kind_of(media.mime));
	if (!b)
		return false;
	b->media = media;
	if (b->kind == IR_IMAGE)
		b->media.detail = detail_of(d, part);
	return true;
}

/* Behind a result it is what the tool has to show. */
static bool
read_media(struct decoding *d, struct jval part, struct jval v)
{
	bool found;

	(void)v;
	gemini_name_unknown(d, part, "inlineData fileData mediaResolution "
	    "partMetadata thoughtSignature", "contents[%u].parts[%u]",
	    (unsigned)d->content, (unsigned)d->part);
	return gemini_read_media(d, part,
	    d->result ? &d->result->content : NULL, &found);
}

/* ---- the table ---- */

static bool
read_result(struct decoding *d, struct jval part, struct jval v)
{
	(void)part;
	return gemini_read_result(d, v);
}

static bool
read_nothing(struct decoding *d, struct jval part, struct jval v)
{
	(void)part;
	(void)v;
	loss_add(&d->talk->losses, d->arena, LOSS_DROPPED,
	    "contents[%u].parts[%u]", (unsigned)d->content,
	    (unsigned)d->part);
	return true;
}

static const struct {
	const char	*name;
	bool		(*read)(struct decoding *, struct jval part,
			    struct jval v);
} types[] = {
	{ "text", read_text },
	{ "functionCall", gemini_read_call },
	{ "functionResponse", read_result },
	{ "inlineData", read_media },
	{ "fileData", read_media },
	{ "executableCode", read_code },
	{ "codeExecutionResult", read_outcome },
	{ "toolCall", read_nothing },
	{ "toolResponse", read_nothing },
	{ "audioTranscription", read_nothing },
};

bool
gemini_read_part(struct decoding *d, struct jval part)
{
	struct mark mark;

	if (jval_is(part, JSON_STRING))
		return read_text(d, (struct jval){ 0 }, part);
	if (!jval_is(part, JSON_OBJECT))
		return gemini_refuse_part(d, "must be an object");
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		struct jval v = proto3_get(part, types[i].name);

		if (jval_ok(v))
			return types[i].read(d, part, v);
	}
	/* A signature may stand alone. */
	mark = gemini_mark(d, part);
	sign_last(d, &mark);
	if (!mark.kind && jval_count(part))
		return read_nothing(d, part, part);
	return true;
}
