/*
 * What users and tools say, as parts.
 */
#include "proto/loss_place.h"
#include "proto/markup.h"
#include "proto/refuse.h"
#include "proto/responses/encode.h"

static bool
is_openai(const struct encoder *e)
{
	return e->quirks->dialect == DIALECT_OPENAI ||
	    e->quirks->dialect == DIALECT_OPENAI_REASONING;
}

/* ---- texts ---- */

static void
put_mark(struct encoder *e, struct slice cache)
{
	if (!cache.len || e->quirks->cache != CACHE_BREAKPOINT)
		return;
	if (e->marks_early) {
		e->marks_early--;
		return;
	}
	write_key(&e->w, "prompt_cache_breakpoint");
	write_object(&e->w);
	write_member_plain(&e->w, "mode", "explicit");
	if (slice_find(cache, SLICE("\"1h\"")) != SIZE_MAX)
		write_member_plain(&e->w, "ttl", "12h");
	write_end(&e->w);
}

static void
put_text(struct encoder *e, const struct slice *pieces, size_t n,
    struct slice cache)
{
	write_object(&e->w);
	write_member_plain(&e->w, "type", "input_text");
	write_key(&e->w, "text");
	write_text_begin(&e->w);
	for (size_t i = 0; i < n; i++)
		write_text_piece(&e->w, pieces[i]);
	write_text_end(&e->w);
	put_mark(e, cache);
	write_end(&e->w);
}

bool
responses_needs_parts(const struct ir_block *list)
{
	for (; list; list = list->next)
		if (list->kind != IR_TEXT && list->kind != IR_RESULT)
			return true;
	return false;
}

void
responses_write_joined(struct encoder *e, const struct ir_block *list,
    const char *joint)
{
	bool any = false;

	write_text_begin(&e->w);
	for (; list; list = list->next) {
		if (list->kind != IR_TEXT)
			continue;
		if (any)
			write_text_piece(&e->w, slice_of(joint));
		write_text_piece(&e->w, list->text);
		any = true;
	}
	write_text_end(&e->w);
}

/* ---- media ---- */

static const char *
media_word(enum ir_kind kind)
{
	return kind == IR_IMAGE ? "image" :
	    kind == IR_DOCUMENT ? "document" :
	    kind == IR_AUDIO ? "audio" : "video";
}

/* An id of a file is known to the vendor whose clients send it. */
static bool
knows_ids(const struct encoder *e)
{
	return is_openai(e) && e->talk->client &&
	    e->talk->client->vendor == IR_OPENAI;
}

static bool
takes_files(const struct encoder *e)
{
	return e->quirks->pdf || e->quirks->dialect == DIALECT_GENERIC ||
	    e->quirks->dialect == DIALECT_XAI;
}

/* Can the provider be given it as it is? */
static bool
is_sendable(const struct encoder *e, const struct ir_block *b)
{
	if (b->kind == IR_AUDIO || b->kind == IR_VIDEO)
		return false;
	if (b->kind == IR_IMAGE ? !e->quirks->vision : !takes_files(e))
		return false;
	switch (b->media.source) {
	case IR_DATA:
	case IR_URL:
		return true;
	case IR_FILE_ID:
		return knows_ids(e);
	case IR_INLINE:
		break;
	}
	return false;
}

static bool
put_omitted(struct encoder *e, const struct ir_block *b)
{
	struct slice what = b->media.name.len ? b->media.name : b->media.mime;
	const struct slice pieces[] = {
		SLICE("["), slice_of(media_word(b->kind)), SLICE(" omitted"),
		what.len ? SLICE(": ") : SLICE(""), what, SLICE("]"),
	};

	loss_place_block(&e->talk->losses, e->arena, LOSS_DROPPED, b, "");
	put_text(e, pieces, sizeof pieces / sizeof *pieces, b->cache);
	return true;
}

static void
put_data_url(struct encoder *e, const struct ir_media *media)
{
	struct slice mime = media->mime.len ? media->mime :
	    SLICE("application/pdf");

	write_text_begin(&e->w);
	write_text_piece(&e->w, SLICE("data:"));
	write_text_piece(&e->w, mime);
	write_text_piece(&e->w, SLICE(";base64,"));
	write_text_piece(&e->w, media->data);
	write_text_end(&e->w);
}

static void
put_image(struct encoder *e, const struct ir_media *media)
{
	write_member_plain(&e->w, "type", "input_image");
	if (media->source == IR_DATA) {
		write_key(&e->w, "image_url");
		put_data_url(e, media);
	} else {
		write_member_text(&e->w, media->source == IR_URL ?
		    "image_url" : "file_id", media->data);
	}
	write_member_text(&e->w, "detail", media->detail.len ?
	    media->detail : SLICE("auto"));
}

static void
put_file(struct encoder *e, const struct ir_media *media)
{
	write_member_plain(&e->w, "type", "input_file");
	if (media->source != IR_DATA) {
		write_member_text(&e->w, media->source == IR_URL ?
		    "file_url" : "file_id", media->data);
		return;
	}
	write_member_text(&e->w, "filename", media->name.len ?
	    media->name : SLICE("file.pdf"));
	write_key(&e->w, "file_data");
	put_data_url(e, media);
}

static bool
put_media(struct encoder *e, const struct ir_block *b)
{
	if (!is_sendable(e, b))
		return e->turn == e->last_user && !b->inside ?
		    refuse_media(e->talk, b, media_word(b->kind),
		    "send it in another form or choose another model") :
		    put_omitted(e, b);
	if (b->media.context.len)	/* a file has no place for it */
		loss_place_block(&e->talk->losses, e->arena, LOSS_DROPPED, b,
		    "context");
	write_object(&e->w);
	if (b->kind == IR_IMAGE)
		put_image(e, &b->media);
	else
		put_file(e, &b->media);
	put_mark(e, b->cache);
	write_end(&e->w);
	return true;
}

/* A document that is text, in tags. */
static bool
put_document(struct encoder *e, const struct ir_block *document)
{
	const struct ir_media *media = &document->media;
	const struct markup_attribute title[] = {
		{ "title", media->name.len ? media->name :
		    (struct slice){ 0 } },
		{ 0 },
	};
	const struct slice head[] = {
		markup_open(e->arena, "document", title), SLICE("\\n"),
		media->context.len ? SLICE("<context>") : SLICE(""),
		media->context,
		media->context.len ? SLICE("</context>\\n") : SLICE(""),
		media->content ? SLICE("") : media->data,
		media->content ? SLICE("") : SLICE("\\n</document>"),
	};
	const struct slice tail = SLICE("</document>");
	const struct ir_block *b;

	put_text(e, head, sizeof head / sizeof *head, media->content ?
	    (struct slice){ 0 } : document->cache);
	for (b = media->content; b; b = b->next)
		if (b->kind == IR_TEXT)
			put_text(e, &b->text, 1, b->cache);
		else if (!put_media(e, b))
			return false;
	if (media->content)
		put_text(e, &tail, 1, document->cache);
	return true;
}

/* Nobody but Anthropic answers with quotations from a document. */
static void
name_citations(struct encoder *e, const struct ir_block *document)
{
	struct slice citations = document->media.citations;

	if (slice_find(citations, SLICE("true")) < citations.len)
		loss_place_block(&e->talk->losses, e->arena, LOSS_DROPPED,
		    document, "citations");
}

bool
responses_write_part(struct encoder *e, const struct ir_block *b)
{
	switch (b->kind) {
	case IR_TEXT:
		put_text(e, &b->text, 1, b->cache);
		return true;
	case IR_DOCUMENT:
		name_citations(e, b);
		if (b->media.source == IR_INLINE)
			return put_document(e, b);
		return put_media(e, b);
	case IR_IMAGE:
	case IR_AUDIO:
	case IR_VIDEO:
		return put_media(e, b);
	case IR_OPAQUE:
	case IR_THINK:		/* only an assistant thinks and calls */
	case IR_REDACTED:
	case IR_CALL:
		loss_place_block(&e->talk->losses, e->arena, LOSS_DROPPED, b,
		    "");
		return true;
	case IR_RESULT:
		return true;
	}
	return true;
}
