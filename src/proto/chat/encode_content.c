/*
 * What users and tools say, first as a row of atoms, then as a string where
 * that is possible, because every provider takes one, or as parts.
 */
#include "proto/chat/encode.h"
#include "proto/loss_place.h"
#include "proto/markup.h"
#include "proto/names.h"
#include "proto/refuse.h"

enum { ID_SHOWN = 80 };

bool
chat_takes_mark(struct encoder *e, struct slice cache)
{
	if (!cache.len || e->quirks->cache == CACHE_NONE)
		return false;
	if (!e->marks_early)
		return true;
	e->marks_early--;
	return false;
}

static struct atom *
add_atom(struct encoder *e, struct atoms *to)
{
	struct atom *atom = arena_alloc(e->arena, sizeof *atom);

	if (!atom)
		return NULL;
	if (to->last)
		to->last->next = atom;
	else
		to->first = atom;
	to->last = atom;
	return atom;
}

bool
chat_add_text(struct encoder *e, struct atoms *to, struct slice text,
    struct slice cache)
{
	struct atom *atom = add_atom(e, to);

	if (!atom)
		return false;
	atom->text = text;
	if (chat_takes_mark(e, cache)) {
		atom->cache = cache;
		to->marked = true;
	}
	return true;
}

static bool
add_line(struct encoder *e, struct atoms *to, struct slice text)
{
	if (!chat_add_text(e, to, text, (struct slice){ 0 }))
		return false;
	to->last->glued = true;
	return true;
}

static bool
add_media(struct encoder *e, struct atoms *to, const struct ir_block *b)
{
	struct atom *atom = add_atom(e, to);

	if (!atom)
		return false;
	if (b->media.context.len)	/* a file has no place for it */
		loss_place_block(&e->talk->losses, e->arena, LOSS_DROPPED, b,
		    "context");
	atom->media = b;
	to->media = true;
	if (chat_takes_mark(e, b->cache)) {
		atom->cache = b->cache;
		to->marked = true;
	}
	return true;
}

static const char *
media_word(enum ir_kind kind)
{
	return kind == IR_IMAGE ? "image" :
	    kind == IR_DOCUMENT ? "document" :
	    kind == IR_AUDIO ? "audio" : "video";
}

/* Can the provider be given it as it is? */
static bool
is_sendable(const struct encoder *e, const struct ir_block *b)
{
	switch (b->media.source) {
	case IR_DATA:
		if (b->kind == IR_DOCUMENT)
			return e->quirks->pdf &&
			    slice_is(b->media.mime, "application/pdf");
		return b->kind == IR_IMAGE && e->quirks->vision;
	case IR_URL:
		return b->kind == IR_IMAGE && e->quirks->vision;
	case IR_FILE_ID:
	case IR_INLINE:
		return false;
	}
	return false;
}

static bool
add_omitted(struct encoder *e, struct atoms *to, const struct ir_block *b)
{
	const char *word = media_word(b->kind);
	struct slice what = b->media.name.len ? b->media.name : b->media.mime;

	loss_place_block(&e->talk->losses, e->arena, LOSS_DROPPED, b, "");
	return chat_add_text(e, to, arena_join(e->arena,
	    (const struct slice[]){ SLICE("["), slice_of(word),
	    SLICE(" omitted"), what.len ? SLICE(": ") : SLICE(""), what,
	    SLICE("]") }, 6), b->cache);
}

static bool
add_media_or_word(struct encoder *e, struct atoms *to,
    const struct ir_block *b)
{
	if (is_sendable(e, b))
		return add_media(e, to, b);
	if (e->turn == e->last_user)
		return refuse_media(e->talk, b, media_word(b->kind),
		    "send it in another form or choose another model");
	return add_omitted(e, to, b);
}

/* Media inside a result: a line here, the thing in the user's message. */
static bool
add_moved(struct encoder *e, struct atoms *to, struct atoms *moved,
    const struct ir_block *b, const struct ir_block *result)
{
	const char *word = media_word(b->kind);
	unsigned n;

	if (!is_sendable(e, b))
		return add_omitted(e, to, b);
	n = (unsigned)++e->moved;
	return chat_add_text(e, to, arena_fmt(e->arena,
	    "[%s %u follows in the next user message]", word, n),
	    (struct slice){ 0 }) &&
	    chat_add_text(e, moved, arena_fmt(e->arena,
	    "[%s %u of tool result %.*s]", word, n, SLICE_FMT(slice_sub(
	    name_id_chat(e->arena, e->quirks, result->id), 0, ID_SHOWN))),
	    (struct slice){ 0 }) &&
	    add_media(e, moved, b);
}

static bool
is_text_document(const struct ir_block *b)
{
	return b->kind == IR_DOCUMENT && b->media.source == IR_INLINE;
}

/* A document that is text, in tags; `moved` and `result` may be NULL. */
static bool
add_document(struct encoder *e, struct atoms *to, struct atoms *moved,
    const struct ir_block *document, const struct ir_block *result)
{
	const struct ir_media *media = &document->media;
	const struct markup_attribute title[] = {
		{ "title", media->name.len ? media->name :
		    (struct slice){ 0 } },
		{ 0 },
	};
	const struct ir_block *b;

	if (!chat_add_text(e, to, markup_open(e->arena, "document", title),
	    document->cache))
		return false;
	if (media->context.len && !add_line(e, to, arena_join(e->arena,
	    (const struct slice[]){ SLICE("<context>"), media->context,
	    SLICE("</context>") }, 3)))
		return false;
	if (!media->content && !add_line(e, to, media->data))
		return false;
	for (b = media->content; b; b = b->next)
		if (!(b->kind == IR_TEXT ? add_line(e, to, b->text) :
		    result ? add_moved(e, to, moved, b, result) :
		    add_media_or_word(e, to, b)))
			return false;
	return add_line(e, to, markup_close(e->arena, "document"));
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
chat_flatten(struct encoder *e, const struct ir_block *b,
    struct atoms *to)
{
	if (b->kind == IR_DOCUMENT)
		name_citations(e, b);
	switch (b->kind) {
	case IR_TEXT:
		return chat_add_text(e, to, b->text, b->cache);
	case IR_IMAGE:
	case IR_DOCUMENT:
	case IR_AUDIO:
	case IR_VIDEO:
		return is_text_document(b) ?
		    add_document(e, to, NULL, b, NULL) :
		    add_media_or_word(e, to, b);
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

bool
chat_flatten_result(struct encoder *e, const struct ir_block *result,
    struct atoms *to, struct atoms *moved)
{
	const struct ir_block *b;

	for (b = result->content; b; b = b->next) {
		bool added = true;

		if (b->kind == IR_DOCUMENT)
			name_citations(e, b);
		if (b->kind == IR_TEXT)
			added = chat_add_text(e, to, b->text,
			    (struct slice){ 0 });
		else if (is_text_document(b))
			added = add_document(e, to, moved, b, result);
		else if (b->kind >= IR_IMAGE && b->kind <= IR_VIDEO)
			added = add_moved(e, to, moved, b, result);
		if (!added)
			return false;
	}
	return true;
}

/* ---- writing ---- */

static void
put_string(struct encoder *e, const struct atoms *atoms, const char *joint)
{
	const struct atom *a;

	write_text_begin(&e->w);
	for (a = atoms->first; a; a = a->next) {
		if (a != atoms->first)
			write_text_piece(&e->w, a->glued ? SLICE("\\n") :
			    slice_of(joint));
		write_text_piece(&e->w, a->text);
	}
	write_text_end(&e->w);
}

void
chat_write_mark(struct encoder *e, struct slice cache)
{
	if (cache.len && e->quirks->cache == CACHE_COPY) {
		write_key(&e->w, "cache_control");
		write_min(&e->w, cache);
	}
}

static void
put_mark(struct encoder *e, struct slice cache)
{
	chat_write_mark(e, cache);
	if (!cache.len || e->quirks->cache == CACHE_COPY)
		return;
	write_key(&e->w, "prompt_cache_breakpoint");
	write_object(&e->w);
	write_member_plain(&e->w, "mode", "explicit");
	if (slice_find(cache, SLICE("\"1h\"")) != SIZE_MAX)
		write_member_plain(&e->w, "ttl", "12h");
	write_end(&e->w);
}

static void
put_data_url(struct encoder *e, const struct ir_media *media)
{
	write_text_begin(&e->w);
	write_text_piece(&e->w, SLICE("data:"));
	write_text_piece(&e->w, media->mime);
	write_text_piece(&e->w, SLICE(";base64,"));
	write_text_piece(&e->w, media->data);
	write_text_end(&e->w);
}

static void
put_media(struct encoder *e, const struct ir_media *media, bool image)
{
	write_member_plain(&e->w, "type", image ? "image_url" : "file");
	write_key(&e->w, image ? "image_url" : "file");
	write_object(&e->w);
	if (!image)
		write_member_text(&e->w, "filename", media->name.len ?
		    media->name : SLICE("document.pdf"));
	write_key(&e->w, image ? "url" : "file_data");
	if (media->source == IR_DATA)
		put_data_url(e, media);
	else
		write_text(&e->w, media->data);
	if (media->detail.len)
		write_member_text(&e->w, "detail", media->detail);
	write_end(&e->w);
}

/* One part of text: an atom and those glued to it; returns the last. */
static const struct atom *
put_text_part(struct encoder *e, const struct atom *a)
{
	struct slice cache = a->cache;

	write_member_plain(&e->w, "type", "text");
	write_key(&e->w, "text");
	write_text_begin(&e->w);
	write_text_piece(&e->w, a->text);
	while (a->next && a->next->glued && !a->next->media) {
		a = a->next;
		write_text_piece(&e->w, SLICE("\\n"));
		write_text_piece(&e->w, a->text);
	}
	write_text_end(&e->w);
	put_mark(e, cache);
	return a;
}

void
chat_write_content(struct encoder *e, const struct atoms *atoms,
    const char *joint)
{
	const struct atom *a;

	write_key(&e->w, "content");
	if (!atoms->media && !atoms->marked) {
		put_string(e, atoms, joint);
		return;
	}
	write_array(&e->w);
	for (a = atoms->first; a; a = a->next) {
		write_object(&e->w);
		if (a->media) {
			put_media(e, &a->media->media,
			    a->media->kind == IR_IMAGE);
			put_mark(e, a->cache);
		} else {
			a = put_text_part(e, a);
		}
		write_end(&e->w);
	}
	write_end(&e->w);
}
