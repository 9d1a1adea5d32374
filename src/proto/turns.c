/*
 * Two walks over the conversation.  The first (turns_match.c) finds the call
 * that each result answers.  The second builds the list of turns anew, and
 * puts each round's results at the front of the user turn behind it.
 */
#include "proto/turns.h"

#include "json/text.h"
#include "proto/turns_match.h"

struct laying {
	struct arena	*arena;
	struct losses	*losses;
	struct ir_turn	*first, *last;
	struct round	*open, *open_last; /* their results are not laid yet */
	struct ir_block	*system, *system_last;
	struct ir_turn	*hollow;	/* a user turn of blanks waits here */
};

static void
tell(struct laying *l, enum loss_action action)
{
	loss_add(l->losses, l->arena, action, "messages");
}

static struct ir_turn *
lay_turn(struct laying *l, enum ir_role role)
{
	struct ir_turn *turn = arena_alloc(l->arena, sizeof *turn);

	if (!turn)
		return NULL;
	turn->role = role;
	if (l->last)
		l->last->next = turn;
	else
		l->first = turn;
	l->last = turn;
	return turn;
}

static struct ir_block *
lay_block(struct laying *l, struct ir_block **first, struct ir_block **last,
    enum ir_kind kind)
{
	struct ir_block *b = arena_alloc(l->arena, sizeof *b);

	if (!b)
		return NULL;
	b->kind = kind;
	b->message = TURNS_MADE_UP;
	turns_link(first, last, b);
	return b;
}

static bool
last_is(const struct laying *l, enum ir_role role)
{
	return l->last && l->last->role == role;
}

static bool
lay_missing(struct laying *l, struct ir_turn *turn, const struct call *call)
{
	struct ir_block *b = lay_block(l, &turn->first, &turn->last, IR_RESULT);
	struct ir_block *last = NULL, *text;

	if (!b)
		return false;
	b->id = call->block->id;
	b->name = call->block->name;
	b->is_error = true;
	text = lay_block(l, &b->content, &last, IR_TEXT);
	if (!text)
		return false;
	text->text = SLICE("[no result was provided for this tool call]");
	tell(l, LOSS_INSERTED);
	return true;
}

/* The user turn to add to, begun with the results that are due. */
static struct ir_turn *
lay_user(struct laying *l)
{
	struct ir_turn *turn;
	struct round *round;

	if (last_is(l, IR_USER))
		return l->last;
	turn = lay_turn(l, IR_USER);
	if (!turn)
		return NULL;
	for (round = l->open; round; round = round->next)
		turns_link_all(&turn->first, &turn->last, round->results);
	for (round = l->open; round; round = round->next)
		for (struct call *c = round->calls; c; c = c->next)
			if (!c->answered && !lay_missing(l, turn, c))
				return NULL;
	l->open = NULL;
	l->hollow = NULL;
	return turn;
}

static bool
lay_hollow(struct laying *l)
{
	struct ir_turn *turn;
	struct ir_block *b;

	if (!l->hollow)
		return true;
	l->hollow = NULL;
	if (last_is(l, IR_USER))
		return true;
	turn = lay_user(l);
	b = turn ? lay_block(l, &turn->first, &turn->last, IR_TEXT) : NULL;
	if (!b)
		return false;
	b->text = SLICE(".");
	b->message = 0;		/* it stands for what the user sent */
	tell(l, LOSS_INSERTED);
	return true;
}

static bool
lay_system(struct laying *l)
{
	struct ir_turn *turn;

	if (!l->system)
		return true;
	turn = lay_turn(l, IR_SYSTEM);
	if (!turn)
		return false;
	turn->first = l->system;
	turn->last = l->system_last;
	l->system = NULL;
	return true;
}

static bool
lay_assistant(struct laying *l, struct ir_turn *turn, struct round *round)
{
	struct ir_turn *to;

	if (!turn->first)
		return true;
	if (!lay_hollow(l) || (last_is(l, IR_USER) && !lay_system(l)))
		return false;
	to = last_is(l, IR_ASSISTANT) ? l->last : lay_turn(l, IR_ASSISTANT);
	if (!to)
		return false;
	to->message = turn->message;
	turns_link_all(&to->first, &to->last, turn->first);
	if (!round->calls)
		return true;
	if (l->open)
		l->open_last->next = round;
	else
		l->open = round;
	l->open_last = round;
	return true;
}

static bool
lay_one(struct laying *l, struct ir_turn *turn, struct round *round)
{
	struct ir_turn *to;

	switch (turn->role) {
	case IR_ASSISTANT:
		return lay_assistant(l, turn, round);
	case IR_SYSTEM:
		turns_link_all(&l->system, &l->system_last, turn->first);
		return true;
	case IR_USER:
		break;
	}
	if (!turn->first && !l->open) {
		if (turn->message != TURNS_MADE_UP && !last_is(l, IR_USER))
			l->hollow = turn;
		return true;
	}
	to = lay_user(l);
	if (!to)
		return false;
	to->message = turn->message;
	turns_link_all(&to->first, &to->last, turn->first);
	return true;
}

static bool
lay_end(struct laying *l)
{
	if (l->open && !lay_user(l))
		return false;
	return lay_hollow(l) && lay_system(l);
}

bool
turns_copy(struct ir_request *request, struct arena *arena)
{
	struct ir_turn *turn = request->first, *copy;
	struct ir_turn **link = &request->first;

	request->last = NULL;
	for (; turn; turn = turn->next) {
		copy = arena_alloc(arena, sizeof *copy);
		if (!copy)
			return false;
		*copy = *turn;
		copy->first = copy->last = NULL;
		for (struct ir_block *b = turn->first; b; b = b->next) {
			struct ir_block *same = arena_alloc(arena, sizeof *b);

			if (!same)
				return false;
			*same = *b;
			same->tail = NULL;
			turns_link(&copy->first, &copy->last, same);
		}
		*link = request->last = copy;
		link = &copy->next;
	}
	*link = NULL;
	return true;
}

bool
turns_remind(struct ir_turn *turn, struct arena *arena)
{
	turn->role = IR_USER;
	for (struct ir_block *b = turn->first; b; b = b->next) {
		struct slice pieces[] = {
			SLICE("<system-reminder>\\n"), b->text,
			SLICE("\\n</system-reminder>"),
		};

		if (text_blank(b->text))
			continue;	/* turns_settle() takes it out */
		b->message = TURNS_REMINDER;
		b->text = arena_join(arena, pieces, 3);
		if (!b->text.len)
			return false;
	}
	return true;
}

bool
turns_settle(struct ir_request *request, struct arena *arena,
    struct losses *losses)
{
	struct matching m = { .arena = arena, .losses = losses };
	struct laying l = { .arena = arena, .losses = losses };
	struct ir_turn *turn, *next;
	struct round *rounds;
	size_t n = 0, i = 0;

	for (turn = request->first; turn; turn = turn->next)
		n++;
	rounds = arena_array(arena, n + 1, sizeof *rounds);
	if (!rounds)
		return false;
	for (turn = request->first; turn; turn = turn->next)
		if (!turns_match(&m, turn, &rounds[i++]))
			return false;
	i = 0;
	for (turn = request->first; turn; turn = next) {
		next = turn->next;
		if (!lay_one(&l, turn, &rounds[i++]))
			return false;
	}
	if (!lay_end(&l))
		return false;
	request->first = l.first;
	request->last = l.last;
	return !arena->failed;
}
