/*
 * What the turns of a conversation say, as parts.
 */
#include "proto/gemini/encode.h"

#include <stdio.h>

#include "json/text.h"
#include "proto/gemini/gemini.h"
#include "proto/loss_place.h"
#include "proto/markup.h"
#include "proto/refuse.h"
#include "proto/turns.h"

/* Where a signature must be and there is none: for thinking of others. */
static const char sentinel[] = "skip_thought_signature_validator";

void
gemini_write_text(struct encoder *e, struct slice escaped)
{
	write_object(&e->w);
	write_member_text(&e->w, "text", escaped);
	write_end(&e->w);
}

static void
put_signature(struct encoder *e, const struct ir_block *b)
{
	if (b->signature.len && b->vendor == IR_GOOGLE)
		write_member_text(&e->w, "thoughtSignature", b->signature);
}

/* ---- calls ---- */

/* Arguments are an object; free text stands in one. */
static void
put_args(struct encoder *e, const struct ir_block *b)
{
	write_key(&e->w, "args");
	if (b->custom) {
		write_object(&e->w);
		write_member_text(&e->w, "input", b->args);
		write_end(&e->w);
	} else {
		write_min(&e->w, b->args.len ? b->args : SLICE("{}"));
	}
}

void
gemini_write_call(struct encoder *e, const struct ir_block *b, bool first)
{
	bool own = b->signature.len && b->vendor == IR_GOOGLE;

	write_object(&e->w);
	write_key(&e->w, "functionCall");
	write_object(&e->w);
	write_member_text(&e->w, "id", b->id);
	write_member_text(&e->w, "name", gemini_tool_name(e, b->name));
	put_args(e, b);
	write_end(&e->w);
	if (own)
		put_signature(e, b);
	else if (first)
		write_member_plain(&e->w, "thoughtSignature", sentinel);
	write_end(&e->w);
}

/* ---- media ---- */

static const char *
word_of(enum ir_kind kind)
{
	return kind == IR_IMAGE ? "image" :
	    kind == IR_DOCUMENT ? "document" :
	    kind == IR_AUDIO ? "audio" : "video";
}

static bool
is_sendable(const struct encoder *e, const struct ir_media *m)
{
	if (m->source == IR_URL)
		return !e->family.generation ||
		    e->family.generation >= FAMILY_URLS ||
		    slice_starts(m->data, SLICE("gs://"));
	return m->source == IR_DATA;
}

static void
put_omitted(struct encoder *e, const struct ir_block *b)
{
	struct slice what = b->media.name.len ? b->media.name : b->media.mime;

	loss_place_block(&e->talk->losses, e->arena, LOSS_DROPPED, b, "");
	gemini_write_text(e, arena_join(e->arena, (const struct slice[]){
	    SLICE("["), slice_of(word_of(b->kind)), SLICE(" omitted"),
	    what.len ? SLICE(": ") : SLICE(""), what, SLICE("]") }, 6));
}

static void
put_blob(struct encoder *e, const struct ir_block *b, const char *name)
{
	static const char *const kinds[] = {
		[IR_IMAGE] = "image/png", [IR_AUDIO] = "audio/wav",
		[IR_VIDEO] = "video/mp4", [IR_DOCUMENT] = "application/pdf",
	};
	const struct ir_media *m = &b->media;

	write_object(&e->w);
	write_key(&e->w, "inlineData");
	write_object(&e->w);
	if (m->mime.len)
		write_member_text(&e->w, "mimeType", m->mime);
	else
		write_member_plain(&e->w, "mimeType", kinds[b->kind]);
	write_member_text(&e->w, "data", m->data);
	if (name)
		write_member_plain(&e->w, "displayName", name);
	write_end(&e->w);
	write_end(&e->w);
}

static void
put_file(struct encoder *e, const struct ir_media *m)
{
	struct slice mime = m->mime.len ? m->mime : gemini_guess_mime(m->data);

	write_object(&e->w);
	write_key(&e->w, "fileData");
	write_object(&e->w);
	if (mime.len)
		write_member_text(&e->w, "mimeType", mime);
	write_member_text(&e->w, "fileUri", m->data);
	write_end(&e->w);
	write_end(&e->w);
}

/* A document that is text: in tags if there is more to say of it. */
static bool
put_document(struct encoder *e, const struct ir_block *b)
{
	const struct ir_media *m = &b->media;
	const struct markup_attribute title[] = {
		{ "title", m->name.len ? m->name : (struct slice){ 0 } },
		{ 0 },
	};
	bool tagged = m->name.len || m->context.len;

	if (tagged)
		gemini_write_text(e, markup_open(e->arena, "document", title));
	if (m->context.len)
		gemini_write_text(e, markup_wrap(e->arena, "context",
		    m->context));
	if (!m->content && m->data.len)
		gemini_write_text(e, m->data);
	for (const struct ir_block *in = m->content; in; in = in->next)
		if (!gemini_write_block(e, in))
			return false;
	if (tagged)
		gemini_write_text(e, markup_close(e->arena, "document"));
	return true;
}

static bool
put_media(struct encoder *e, const struct ir_block *b)
{
	const struct ir_media *m = &b->media;

	if (m->source == IR_INLINE)
		return put_document(e, b);
	if (!is_sendable(e, m)) {
		if (e->turn == e->last_user)
			return refuse_media(e->talk, b, word_of(b->kind),
			    "send its bytes in base64");
		put_omitted(e, b);
	} else if (m->source == IR_DATA) {
		put_blob(e, b, NULL);
	} else {
		put_file(e, m);
	}
	return true;
}

/* ---- blocks ---- */

bool
gemini_write_block(struct encoder *e, const struct ir_block *b)
{
	switch (b->kind) {
	case IR_TEXT:
	case IR_THINK:
		if (b->kind == IR_TEXT && !b->text.len && !b->signature.len)
			return true;
		write_object(&e->w);
		write_member_text(&e->w, "text", b->text);
		if (b->kind == IR_THINK)
			write_member_bool(&e->w, "thought", true);
		put_signature(e, b);
		write_end(&e->w);
		return true;
	case IR_IMAGE:
	case IR_DOCUMENT:
	case IR_AUDIO:
	case IR_VIDEO:
		return put_media(e, b);
	case IR_OPAQUE:
		if (b->vendor == IR_GOOGLE)
			write_min(&e->w, b->raw);
		else
			loss_place_block(&e->talk->losses, e->arena,
			    LOSS_DROPPED, b, "");
		return true;
	case IR_REDACTED:
	case IR_CALL:
	case IR_RESULT:
		return true;
	}
	return true;
}

/* ---- results ---- */

static bool
is_shown(const struct ir_block *b)
{
	return b->kind >= IR_IMAGE && b->kind <= IR_VIDEO &&
	    b->media.source != IR_INLINE;
}

/* All texts as one; documents are texts, too. */
static void
put_words(struct encoder *e, const struct ir_block *result)
{
	const char *before = "";

	write_key(&e->w, result->is_error ? "error" : "output");
	write_text_begin(&e->w);
	for (const struct ir_block *b = result->content; b; b = b->next) {
		struct slice text = b->kind == IR_TEXT ? b->text :
		    b->media.source == IR_INLINE ? b->media.data :
		    (struct slice){ 0 };

		if (!text.len || (b->kind != IR_TEXT && b->kind != IR_DOCUMENT))
			continue;
		write_text_piece(&e->w, slice_of(before));
		write_text_piece(&e->w, text);
		before = "\\n";
	}
	write_text_end(&e->w);
}

static bool
holds_media(const struct encoder *e, const struct ir_block *result)
{
	if (e->family.generation < FAMILY_MIXES)
		return false;
	for (const struct ir_block *b = result->content; b; b = b->next)
		if (is_shown(b) && b->media.source == IR_DATA)
			return true;
	return false;
}

static void
put_inside(struct encoder *e, const struct ir_block *result)
{
	unsigned n = 0;
	char name[16];

	write_key(&e->w, "parts");
	write_array(&e->w);
	for (const struct ir_block *b = result->content; b; b = b->next) {
		if (!is_shown(b) || b->media.source != IR_DATA)
			continue;
		snprintf(name, sizeof name, "%u", ++n);
		put_blob(e, b, name);
	}
	write_end(&e->w);
}

bool
gemini_write_result(struct encoder *e, const struct ir_block *b,
    struct slice name)
{
	write_object(&e->w);
	write_key(&e->w, "functionResponse");
	write_object(&e->w);
	write_member_text(&e->w, "id", b->id);
	write_member_text(&e->w, "name", gemini_tool_name(e, name));
	write_key(&e->w, "response");
	write_object(&e->w);
	if (b->message == TURNS_MADE_UP && b->is_error)
		write_member_plain(&e->w, "error", "no result");
	else
		put_words(e, b);
	write_end(&e->w);
	if (holds_media(e, b))
		put_inside(e, b);
	write_end(&e->w);
	write_end(&e->w);
	return true;
}

bool
gemini_write_shown(struct encoder *e, const struct ir_block *result)
{
	bool inside = holds_media(e, result);

	for (const struct ir_block *b = result->content; b; b = b->next) {
		if (!is_shown(b) || (inside && b->media.source == IR_DATA))
			continue;
		if (!is_sendable(e, &b->media))
			put_omitted(e, b);
		else if (!put_media(e, b))
			return false;
	}
	return true;
}
