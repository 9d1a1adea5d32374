/*
 * The conversation: what of it can be sent, and in which order.
 */
#include "proto/messages/encode.h"

#include <stdio.h>

#include "json/text.h"
#include "proto/loss_place.h"
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

/* One of Anthropic's: file_ and letters and digits. */
static bool
is_file_id(struct slice id)
{
	size_t i = 5;

	if (!slice_starts(id, SLICE("file_")))
		return false;
	while (i < id.len && ((id.ptr[i] >= '0' && id.ptr[i] <= '9') ||
	    ((id.ptr[i] | 0x20) >= 'a' && (id.ptr[i] | 0x20) <= 'z')))
		i++;
	return i > 5 && i == id.len;
}

static bool
check_media(struct encoder *e, const struct ir_block *b)
{
	const struct ir_media *m = &b->media;

	if (b->kind == IR_AUDIO)
		return refuse(e, b, "is audio, which this model cannot hear");
	if (b->kind == IR_VIDEO)
		return refuse(e, b, "is video, which this model cannot see");
	if (m->source == IR_FILE_ID && talk_options(e->talk)->files &&
	    is_file_id(m->data))
		return true;
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
			loss_place_block(&e->talk->losses, e->arena,
			    LOSS_DROPPED, b, "");
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
			ir_turn_append(turn, b);
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

/*
 * Instructions go to models that know no such turn as a user's reminder, and so
 * do those that no user turn stands beside: what was sent while they were the
 * last must stay as it was when the conversation goes on.
 */
static bool
place_system(struct encoder *e)
{
	struct ir_turn *turn = e->request.first, *next;
	bool after_user = false, keep;
	bool native = e->quirks->mid_system &&
	    talk_options(e->talk)->system_mode != SYSTEM_INLINE;

	while (turn) {
		if (turn->role != IR_SYSTEM) {
			after_user = turn->role == IR_USER;
			turn = turn->next;
			continue;
		}
		next = turn;
		while (next && next->role == IR_SYSTEM)
			next = next->next;
		keep = native &&
		    (after_user || (next && next->role == IR_USER));
		for (; turn != next; turn = turn->next)
			if (!keep && !turns_remind(turn, e->arena))
				return false;
	}
	return true;
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

/* Copies of the texts, but of those that say nothing. */
static bool
copy_texts(struct encoder *e, struct ir_turn *copy, const struct ir_block *b)
{
	for (; b; b = b->next) {
		struct ir_block *same;

		if (text_blank(b->text)) {
			if (b->cache.len && copy->last &&
			    !copy->last->cache.len)
				copy->last->cache = b->cache;
			continue;
		}
		same = arena_alloc(e->arena, sizeof *same);
		if (!same)
			return false;
		*same = *b;
		same->tail = NULL;
		ir_turn_append(copy, same);
	}
	return true;
}

/* System turns to the front, whatever stands between them. */
static bool
hoist_system(struct encoder *e, struct ir_turn *copy)
{
	struct ir_turn **link = &e->request.first, *turn;

	e->request.last = NULL;
	while ((turn = *link)) {
		if (turn->role != IR_SYSTEM) {
			e->request.last = turn;
			link = &turn->next;
			continue;
		}
		*link = turn->next;
		if (!copy_texts(e, copy, turn->first))
			return false;
	}
	return true;
}

/* Our own copy of the system texts. */
static bool
copy_system(struct encoder *e)
{
	struct ir_turn copy = { 0 };

	if (!copy_texts(e, &copy, e->request.system))
		return false;
	if (talk_options(e->talk)->system_mode == SYSTEM_HOIST &&
	    !hoist_system(e, &copy))
		return false;
	e->request.system = copy.first;
	return true;
}

bool
messages_order(struct encoder *e)
{
	struct ir_turn *turn;

	if (!turns_copy(&e->request, e->arena) || !copy_system(e))
		return false;
	for (turn = e->request.first; turn; turn = turn->next)
		if (!filter_turn(e, turn))
			return false;
	return place_system(e) &&
	    turns_settle(&e->request, e->arena, &e->talk->losses) &&
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
