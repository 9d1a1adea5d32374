/*
 * The conversation: what of it can be sent, in which order, and writing it.
 */
#include "proto/messages/encode.h"

#include <stdio.h>

#include "json/text.h"
#include "proto/media.h"
#include "proto/names.h"
#include "proto/turns.h"

/* --- what can be sent ----------------------------------------------------- */

static bool
refuse(struct encoder *e, const struct ir_block *b, const char *what)
{
	char path[64];

	snprintf(path, sizeof path, "messages[%u].content[%u]", b->message,
	    b->part);
	if (e->talk->fail.kind != FAIL_NONE)
		return false;
	fail_set(&e->talk->fail, e->arena, FAIL_UNSUPPORTED, path,
	    "%s %s.", path, what);
	e->talk->fail.code = SLICE("unsupported_content");
	return false;
}

static bool
check_media(struct encoder *e, const struct ir_block *b)
{
	const struct ir_media *m = &b->media;

	if (b->kind == IR_AUDIO)
		return refuse(e, b, "is audio, which this model cannot hear");
	if (b->kind == IR_VIDEO)
		return refuse(e, b, "is video, which this model cannot see");
	if (m->source == IR_FILE_ID)
		return refuse(e, b, "names a file kept by another provider: "
		    "send the file itself");
	if (m->source != IR_DATA)
		return true;
	if (b->kind == IR_IMAGE && !media_is_image(m->mime))
		return refuse(e, b, "is an image of a kind other than png, "
		    "jpeg, gif and webp");
	if (b->kind == IR_DOCUMENT && !slice_is(m->mime, "application/pdf"))
		return refuse(e, b, "is a file of a kind other than pdf and "
		    "text");
	return true;
}

/* Signatures go back to their maker only. */
static bool
is_ours(const struct ir_block *b, struct slice mark)
{
	return b->vendor == IR_ANTHROPIC && mark.len && !envelope_is(mark);
}

/* Sendable, or else to be left out?  False: the request is refused. */
static bool
check_block(struct encoder *e, const struct ir_block *b, bool *sendable)
{
	*sendable = true;
	switch (b->kind) {
	case IR_THINK:
		*sendable = is_ours(b, b->signature);
		break;
	case IR_REDACTED:
		*sendable = is_ours(b, b->text);
		break;
	case IR_OPAQUE:
		*sendable = b->vendor == IR_ANTHROPIC;
		if (!*sendable)
			loss_add(&e->talk->losses, e->arena, LOSS_DROPPED,
			    "messages[%u].content[%u]", b->message, b->part);
		break;
	case IR_IMAGE:
	case IR_DOCUMENT:
	case IR_AUDIO:
	case IR_VIDEO:
		return check_media(e, b);
	case IR_RESULT:
		for (b = b->content; b; b = b->next) {
			bool inside;

			if (!check_block(e, b, &inside))
				return false;
		}
		break;
	case IR_TEXT:
	case IR_CALL:
		break;
	}
	return true;
}

static void
append(struct ir_turn *turn, struct ir_block *b)
{
	b->next = NULL;
	if (turn->first)
		turn->last->next = b;
	else
		turn->first = b;
	turn->last = b;
}

static bool
filter_turn(struct encoder *e, struct ir_turn *turn)
{
	struct ir_block *b = turn->first, *next;
	bool sendable;

	turn->first = turn->last = NULL;
	for (; b; b = next) {
		next = b->next;
		if (!check_block(e, b, &sendable))
			return false;
		if (sendable)
			append(turn, b);
	}
	return true;
}

/* --- order ---------------------------------------------------------------- */

static struct ir_block *
new_text(struct encoder *e, struct ir_turn *turn, const char *text)
{
	struct ir_block *b = ir_block_add(turn, e->arena, IR_TEXT);

	if (!b)
		return NULL;
	b->text = slice_of(text);
	b->message = TURNS_MADE_UP;
	return b;
}

/* A conversation must begin with the user. */
static bool
begin_with_user(struct encoder *e)
{
	struct ir_turn *turn;

	if (e->request.first && e->request.first->role == IR_USER)
		return true;
	turn = arena_alloc(e->arena, sizeof *turn);
	if (!turn || !new_text(e, turn, "."))
		return false;
	turn->role = IR_USER;
	turn->next = e->request.first;
	e->request.first = turn;
	if (!e->request.last)
		e->request.last = turn;
	messages_lost(e, LOSS_INSERTED, "messages");
	return true;
}

static struct ir_turn *
turn_before(const struct encoder *e, const struct ir_turn *turn)
{
	struct ir_turn *t = e->request.first;

	while (t && t->next != turn)
		t = t->next;
	return t;
}

/* Instructions at the very end must follow a user. */
static bool
mend_last_system(struct encoder *e)
{
	struct ir_turn *last = e->request.last, *before;

	if (!last || last->role != IR_SYSTEM)
		return true;
	before = turn_before(e, last);
	return (before && before->role == IR_USER) ||
	    turns_remind(last, e->arena);
}

/* Our own copy of the system texts, without those that say nothing. */
static bool
copy_system(struct encoder *e)
{
	const struct ir_block *b = e->request.system;
	struct ir_turn copy = { 0 };

	for (; b; b = b->next) {
		struct ir_block *same;

		if (text_blank(b->text)) {
			if (b->cache.len && copy.last && !copy.last->cache.len)
				copy.last->cache = b->cache;
			continue;
		}
		same = arena_alloc(e->arena, sizeof *same);
		if (!same)
			return false;
		*same = *b;
		same->tail = NULL;
		append(&copy, same);
	}
	e->request.system = copy.first;
	return true;
}

bool
messages_order(struct encoder *e)
{
	struct ir_turn *turn;

	if (!turns_copy(&e->request, e->arena) || !copy_system(e))
		return false;
	for (turn = e->request.first; turn; turn = turn->next) {
		if (!filter_turn(e, turn))
			return false;
		if (turn->role == IR_SYSTEM && !e->quirks->mid_system &&
		    !turns_remind(turn, e->arena))
			return false;
	}
	return turns_settle(&e->request, e->arena, &e->talk->losses) &&
	    mend_last_system(e) && begin_with_user(e);
}

/* The turn that the model answers, instructions behind it aside. */
static struct ir_turn *
last_turn(const struct encoder *e)
{
	struct ir_turn *last = e->request.last;

	return last->role == IR_SYSTEM ? turn_before(e, last) : last;
}

static bool
is_made_up(const struct ir_turn *turn)
{
	for (const struct ir_block *b = turn->first; b; b = b->next)
		if (b->message != TURNS_MADE_UP || b->kind != IR_RESULT)
			return false;
	return true;
}

static bool
ends_a_blank(struct slice text)
{
	static const char *const escapes[] = {
		"\\n", "\\t", "\\r", "\\u0020", "\\u000a", "\\u000A",
		"\\u000d", "\\u000D", "\\u0009",
	};

	if (slice_ends(text, SLICE(" ")))
		return true;
	for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++)
		if (slice_ends(text, slice_of(escapes[i])))
			return true;
	return false;
}

/*
 * Escaped text without blanks at its end.  An escape that is itself escaped
 * (a backslash and the letter n) is no blank.
 */
static struct slice
trim_end(struct slice text)
{
	while (ends_a_blank(text)) {
		size_t cut = text.len - 1, slash = 0;

		if (text.ptr[cut] != ' ') {
			cut = slice_rchr(text, '\\');
			while (slash <= cut && text.ptr[cut - slash] == '\\')
				slash++;
			if (slash % 2 == 0)
				break;
		}
		text.len = cut;
	}
	return text;
}

static bool
may_prefill(const struct encoder *e, const struct ir_turn *last)
{
	if (!e->quirks->prefill || e->think.in_force || e->format.len)
		return false;
	for (const struct ir_block *b = last->first; b; b = b->next)
		if (b->kind == IR_CALL)
			return false;
	return true;
}

bool
messages_order_end(struct encoder *e)
{
	struct ir_turn *last = last_turn(e), *turn;

	if (last->role == IR_USER && !is_made_up(last))
		return true;
	if (last->role == IR_ASSISTANT && may_prefill(e, last)) {
		if (last->last->kind == IR_TEXT)
			last->last->text = trim_end(last->last->text);
		return true;
	}
	if (last->role == IR_ASSISTANT) {
		turn = ir_turn_add(&e->request, e->arena, IR_USER);
		if (!turn)
			return false;
		last = turn;
	}
	messages_lost(e, LOSS_INSERTED, "messages");
	return new_text(e, last, "Continue.");
}

static bool
is_thinking(const struct ir_block *b)
{
	return b && (b->kind == IR_THINK || b->kind == IR_REDACTED);
}

bool
messages_round_lacks_thinking(const struct encoder *e)
{
	const struct ir_turn *last = last_turn(e), *before;

	if (last->role != IR_USER || last->first->kind != IR_RESULT)
		return false;
	before = turn_before(e, last);
	return before && before->role == IR_ASSISTANT &&
	    !is_thinking(before->first);
}

bool
messages_has_thinking(const struct encoder *e)
{
	const struct ir_block *b;

	for (struct ir_turn *t = e->request.first; t; t = t->next)
		for (b = t->first; b; b = b->next)
			if (is_thinking(b))
				return true;
	return false;
}

/* --- writing -------------------------------------------------------------- */

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
