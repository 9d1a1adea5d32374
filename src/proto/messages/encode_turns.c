#include "proto/messages/encode.h"

#include "json/text.h"
#include "proto/names.h"

static void	write_block(struct encoder *, const struct ir_block *);

static void
write_source(struct writer *w, const struct ir_media *m)
{
	write_key(w, "source");
	write_object(w);
	switch (m->source) {
	case IR_DATA:
		write_member_plain(w, "type", "base64");
		write_member_text(w, "media_type", m->mime);
		write_member_text(w, "data", m->data);
		break;
	case IR_INLINE:
		write_member_plain(w, "type", "text");
		write_member_plain(w, "media_type", "text/plain");
		write_member_text(w, "data", m->data);
		break;
	case IR_URL:
		write_member_plain(w, "type", "url");
		write_member_text(w, "url", m->data);
		break;
	case IR_FILE_ID:
		write_member_plain(w, "type", "file");
		write_member_text(w, "file_id", m->data);
		break;
	}
	write_end(w);
}

static void
write_document(struct writer *w, const struct ir_media *m)
{
	write_source(w, m);
	if (m->name.len)
		write_member_text(w, "title", m->name);
	if (m->context.len)
		write_member_text(w, "context", m->context);
	if (m->citations.len)
		write_member_raw(w, "citations", m->citations);
}

/* Only what says something: empty text is refused inside results as well. */
static void
write_result(struct encoder *e, const struct ir_block *b)
{
	const struct ir_block *part = b->content;

	write_member_text(&e->w, "tool_use_id",
	    name_id_messages(e->arena, b->id));
	if (b->is_error)
		write_member_bool(&e->w, "is_error", true);
	while (part && part->kind == IR_TEXT && text_blank(part->text))
		part = part->next;
	if (!part)
		return;
	write_key(&e->w, "content");
	write_array(&e->w);
	for (; part; part = part->next)
		if (part->kind != IR_TEXT || !text_blank(part->text))
			write_block(e, part);
	write_end(&e->w);
}

static void
write_call(struct encoder *e, const struct ir_block *b)
{
	write_member_text(&e->w, "id", name_id_messages(e->arena, b->id));
	write_member_text(&e->w, "name",
	    name_tool_messages(e->arena, b->name));
	write_key(&e->w, "input");
	if (b->custom) {
		write_object(&e->w);
		write_member_text(&e->w, "input", b->args);
		write_end(&e->w);
	} else {
		write_min(&e->w, b->args);
	}
}

/* A block in Messages' own form, but for its mark. */
static void
write_opaque(struct encoder *e, const struct ir_block *b)
{
	struct json doc;
	struct json_fault fault;
	struct jval k;

	if (!json_parse(&doc, e->arena, b->raw, 0, &fault))
		return;
	for (k = jval_first(json_root(&doc)); !jval_at_end(k);
	    k = jval_next(k)) {
		if (jval_text_is(k, "cache_control") ||
		    jval_text_is(k, "prompt_cache_breakpoint") ||
		    jval_text_is(k, "type"))
			continue;
		write_key_text(&e->w, jval_text(k));
		write_min(&e->w, jval_raw(jval_value(k)));
	}
}

static const char *const types[] = {	/* ORDER ir_kind */
	[IR_TEXT] = "text",
	[IR_THINK] = "thinking",
	[IR_REDACTED] = "redacted_thinking",
	[IR_CALL] = "tool_use",
	[IR_RESULT] = "tool_result",
	[IR_IMAGE] = "image",
	[IR_DOCUMENT] = "document",
};

/* long: one case per kind of block */
static void
write_block(struct encoder *e, const struct ir_block *b)
{
	struct writer *w = &e->w;

	write_object(w);
	if (b->kind == IR_OPAQUE)
		write_member_text(w, "type", b->name);
	else
		write_member_plain(w, "type", types[b->kind]);
	switch (b->kind) {
	case IR_TEXT:
		write_member_text(w, "text", b->text);
		break;
	case IR_THINK:
		write_member_text(w, "thinking", b->text);
		write_member_text(w, "signature", b->signature);
		break;
	case IR_REDACTED:
		write_member_text(w, "data", b->text);
		break;
	case IR_CALL:
		write_call(e, b);
		break;
	case IR_RESULT:
		write_result(e, b);
		break;
	case IR_IMAGE:
		write_source(w, &b->media);
		break;
	case IR_DOCUMENT:
		write_document(w, &b->media);
		break;
	case IR_OPAQUE:
		write_opaque(e, b);
		break;
	case IR_AUDIO:
	case IR_VIDEO:
		break;		/* refused before */
	}
	if (b->cache.len)
		write_member_raw(w, "cache_control", b->cache);
	write_end(w);
}

static void
write_blocks(struct encoder *e, const struct ir_block *b)
{
	write_array(&e->w);
	for (; b; b = b->next)
		write_block(e, b);
	write_end(&e->w);
}

void
messages_write_system(struct encoder *e)
{
	if (!e->request.system)
		return;
	write_key(&e->w, "system");
	write_blocks(e, e->request.system);
}

void
messages_write_turns(struct encoder *e)
{
	static const char *const roles[] = {
		[IR_USER] = "user",
		[IR_ASSISTANT] = "assistant",
		[IR_SYSTEM] = "system",
	};

	write_key(&e->w, "messages");
	write_array(&e->w);
	for (struct ir_turn *t = e->request.first; t; t = t->next) {
		write_object(&e->w);
		write_member_plain(&e->w, "role", roles[t->role]);
		write_key(&e->w, "content");
		write_blocks(e, t->first);
		write_end(&e->w);
	}
	write_end(&e->w);
}
