/*
 * Two walks over the conversation.  The first (match_*) finds the call that
 * each result answers and takes the result out of its turn and onto the
 * call's round; what has no call becomes text.  The second (lay_*) builds the
 * list of turns anew, and puts each round's results at the front of the user
 * turn behind it.
 */
#include "proto/turns.h"

#include "base/map.h"
#include "json/text.h"
#include "proto/gather.h"

struct round;

struct call {
	struct ir_block	*block;
	struct round	*round;
	struct call	*next;		/* of the round */
	struct call	*later;		/* of the conversation */
	struct call	*older_id, *older_name;
	bool		 answered;
};

/* An assistant turn with its calls, and their results as they arrived. */
struct round {
	struct round	*next;		/* whose results are not laid */
	struct call	*calls, *calls_last;
	struct ir_block	*results, *results_last;
	uint32_t	 era;
};

/* All calls of one id, or of one name. */
struct label {
	struct call	*newest;
	uint32_t	 suffix;	/* last tried for a second call */
	bool		 taken;		/* some call has this id now */
};

struct settling {
	struct arena	*arena;
	struct losses	*losses;
	/* first walk */
	struct map	 ids, names;	/* text -> label */
	struct call	*oldest, *newest; /* none before oldest is open */
	uint32_t	 era;		/* changes from user to assistant */
	bool		 after_user;	/* the turn before was a user's */
	bool		 content;	/* this era's user has said something */
	/* second walk */
	struct ir_turn	*first, *last;
	struct round	*open, *open_last;
	struct ir_block	*system, *system_last;
	struct ir_turn	*hollow;	/* a user turn of blanks waits here */
};

static void
link_block(struct ir_block **first, struct ir_block **last, struct ir_block *b)
{
	b->next = NULL;
	if (*first)
		(*last)->next = b;
	else
		*first = b;
	*last = b;
}

static void
link_list(struct ir_block **first, struct ir_block **last,
    struct ir_block *list)
{
	while (list) {
		struct ir_block *next = list->next;

		link_block(first, last, list);
		list = next;
	}
}

static void
tell(struct settling *s, enum loss_action action)
{
	loss_add(s->losses, s->arena, action, "messages");
}

/* --- first walk: which result answers which call -------------------------- */

static struct label *
label_of(struct settling *s, struct map *map, struct slice text)
{
	struct label *label = map_get(map, text);

	if (label)
		return label;
	label = arena_alloc(s->arena, sizeof *label);
	return label && map_put(map, s->arena, text, label) ? label : NULL;
}

/* An id like this one that no call has yet. */
static struct slice
free_id(struct settling *s, struct label *label, struct slice id)
{
	struct label *other;
	struct slice next;

	do {
		label->suffix = label->suffix ? label->suffix + 1 : 2;
		next = arena_fmt(s->arena, "%.*s_%u", SLICE_FMT(id),
		    label->suffix);
		other = next.len ? label_of(s, &s->ids, next) : NULL;
	} while (other && other->taken);
	if (other)
		other->taken = true;
	return next;
}

static bool
match_call(struct settling *s, struct round *round, struct ir_block *b)
{
	struct call *call = arena_alloc(s->arena, sizeof *call);
	struct label *id, *name;

	if (!b->id.len)
		b->id = arena_fmt(s->arena, "call_%u_%u", b->message, b->part);
	id = label_of(s, &s->ids, b->id);
	name = label_of(s, &s->names, b->name);
	if (!call || !id || !name)
		return false;
	*call = (struct call){ .block = b, .round = round,
	    .older_id = id->newest, .older_name = name->newest };
	id->newest = name->newest = call;
	if (id->taken)
		b->id = free_id(s, id, b->id);
	id->taken = true;
	if (s->newest)
		s->newest->later = call;
	if (!s->oldest)
		s->oldest = call;
	s->newest = call;
	if (round->calls)
		round->calls_last->next = call;
	else
		round->calls = call;
	round->calls_last = call;
	return true;
}

/*
 * The open call that a result means; NULL: none.  Calls that are answered
 * leave their lists for good when they are met here, so all looking together
 * is linear.
 */
static struct call *
find_call(struct settling *s, const struct ir_block *result)
{
	struct label *label;

	if (result->id.len) {
		label = map_get(&s->ids, result->id);
		while (label && label->newest && label->newest->answered)
			label->newest = label->newest->older_id;
		return label ? label->newest : NULL;
	}
	if (result->name.len) {
		label = map_get(&s->names, result->name);
		while (label && label->newest && label->newest->answered)
			label->newest = label->newest->older_name;
		return label ? label->newest : NULL;
	}
	while (s->oldest && s->oldest->answered)
		s->oldest = s->oldest->later;
	return s->oldest;
}

static bool
match_result(struct settling *s, struct call *call, struct ir_block *b)
{
	struct round *round = call->round;

	call->answered = true;
	b->id = call->block->id;
	if (round->era != s->era || s->content)
		tell(s, LOSS_REORDERED);
	link_block(&round->results, &round->results_last, b);
	return true;
}

/* A result that answers nothing: its text says so, media follow it. */
static bool
match_orphan(struct settling *s, struct ir_turn *turn, struct ir_block *b)
{
	struct ir_block *part = b->content, *copy;
	struct buf text = { 0 };

	tell(s, LOSS_ADJUSTED);
	buf_text(&text, "[tool result ");
	buf_append(&text, b->id.len ? b->id : b->name);
	buf_byte(&text, ']');
	b->kind = IR_TEXT;
	b->content = NULL;
	link_block(&turn->first, &turn->last, b);
	for (; part; part = part->next) {
		if (part->kind == IR_TEXT) {
			buf_text(&text, "\\n");
			buf_append(&text, part->text);
			continue;
		}
		copy = arena_alloc(s->arena, sizeof *copy);
		if (!copy)
			break;
		*copy = *part;
		link_block(&turn->first, &turn->last, copy);
	}
	b->text = gather(s->arena, &text);
	return !s->arena->failed;
}

/* A block that goes leaves its cache mark to the one before it. */
static void
leave_cache(struct ir_block *before, const struct ir_block *gone)
{
	if (before && gone->cache.len && !before->cache.len)
		before->cache = gone->cache;
}

static void
drop_blanks(struct ir_turn *turn)
{
	struct ir_block *b = turn->first, *next, *kept = NULL;

	turn->first = turn->last = NULL;
	for (; b; b = next) {
		next = b->next;
		if (b->kind == IR_TEXT && text_blank(b->text)) {
			leave_cache(kept, b);
			continue;
		}
		link_block(&turn->first, &turn->last, b);
		kept = b;
	}
}

/* One spelling for each id, or two that are the same would not meet. */
static void
tidy_id(struct settling *s, struct ir_block *b)
{
	if (slice_chr(b->id, '\\') != SIZE_MAX)
		b->id = text_escape(s->arena, text_unescape(s->arena, b->id));
}

static bool
match_block(struct settling *s, struct ir_turn *turn, struct round *round,
    struct ir_block *b)
{
	struct call *call;

	tidy_id(s, b);
	if (b->kind == IR_RESULT) {
		call = find_call(s, b);
		return call ? match_result(s, call, b) :
		    match_orphan(s, turn, b);
	}
	link_block(&turn->first, &turn->last, b);
	if (b->kind == IR_CALL && turn->role == IR_ASSISTANT)
		return match_call(s, round, b);
	if (turn->role == IR_USER && b->message < TURNS_REMINDER)
		s->content = true;
	return true;
}

static bool
match_turn(struct settling *s, struct ir_turn *turn, struct round *round)
{
	struct ir_block *b, *next;
	bool hollow;

	drop_blanks(turn);
	b = turn->first;
	hollow = !b;
	if (turn->role == IR_ASSISTANT && b && s->after_user) {
		s->era++;
		s->content = s->after_user = false;
	}
	s->after_user |= turn->role == IR_USER;
	round->era = s->era;
	turn->first = turn->last = NULL;
	for (; b; b = next) {
		next = b->next;
		if (!match_block(s, turn, round, b))
			return false;
	}
	/* Only a user who said nothing at all is given a word to say. */
	if (turn->role == IR_USER && !turn->first && !hollow)
		turn->message = TURNS_MADE_UP;
	return true;
}

/* --- second walk: the turns in their order -------------------------------- */

static struct ir_turn *
lay_turn(struct settling *s, enum ir_role role)
{
	struct ir_turn *turn = arena_alloc(s->arena, sizeof *turn);

	if (!turn)
		return NULL;
	turn->role = role;
	if (s->last)
		s->last->next = turn;
	else
		s->first = turn;
	s->last = turn;
	return turn;
}

static struct ir_block *
lay_block(struct settling *s, struct ir_block **first, struct ir_block **last,
    enum ir_kind kind)
{
	struct ir_block *b = arena_alloc(s->arena, sizeof *b);

	if (!b)
		return NULL;
	b->kind = kind;
	b->message = TURNS_MADE_UP;
	link_block(first, last, b);
	return b;
}

static bool
last_is(const struct settling *s, enum ir_role role)
{
	return s->last && s->last->role == role;
}

static bool
lay_missing(struct settling *s, struct ir_turn *turn, const struct call *call)
{
	struct ir_block *b = lay_block(s, &turn->first, &turn->last, IR_RESULT);
	struct ir_block *last = NULL, *text;

	if (!b)
		return false;
	b->id = call->block->id;
	b->name = call->block->name;
	b->is_error = true;
	text = lay_block(s, &b->content, &last, IR_TEXT);
	if (!text)
		return false;
	text->text = SLICE("[no result was provided for this tool call]");
	tell(s, LOSS_INSERTED);
	return true;
}

/* The user turn to add to, begun with the results that are due. */
static struct ir_turn *
lay_user(struct settling *s)
{
	struct ir_turn *turn;
	struct round *round;

	if (last_is(s, IR_USER))
		return s->last;
	turn = lay_turn(s, IR_USER);
	if (!turn)
		return NULL;
	for (round = s->open; round; round = round->next)
		link_list(&turn->first, &turn->last, round->results);
	for (round = s->open; round; round = round->next)
		for (struct call *c = round->calls; c; c = c->next)
			if (!c->answered && !lay_missing(s, turn, c))
				return NULL;
	s->open = NULL;
	s->hollow = NULL;
	return turn;
}

static bool
lay_hollow(struct settling *s)
{
	struct ir_turn *turn;
	struct ir_block *b;

	if (!s->hollow)
		return true;
	s->hollow = NULL;
	if (last_is(s, IR_USER))
		return true;
	turn = lay_user(s);
	b = turn ? lay_block(s, &turn->first, &turn->last, IR_TEXT) : NULL;
	if (!b)
		return false;
	b->text = SLICE(".");
	b->message = 0;		/* it stands for what the user sent */
	tell(s, LOSS_INSERTED);
	return true;
}

static bool
lay_system(struct settling *s)
{
	struct ir_turn *turn;

	if (!s->system)
		return true;
	turn = lay_turn(s, IR_SYSTEM);
	if (!turn)
		return false;
	turn->first = s->system;
	turn->last = s->system_last;
	s->system = NULL;
	return true;
}

static bool
lay_assistant(struct settling *s, struct ir_turn *turn, struct round *round)
{
	struct ir_turn *to;

	if (!turn->first)
		return true;
	if (!lay_hollow(s) || (last_is(s, IR_USER) && !lay_system(s)))
		return false;
	to = last_is(s, IR_ASSISTANT) ? s->last : lay_turn(s, IR_ASSISTANT);
	if (!to)
		return false;
	to->message = turn->message;
	link_list(&to->first, &to->last, turn->first);
	if (!round->calls)
		return true;
	if (s->open)
		s->open_last->next = round;
	else
		s->open = round;
	s->open_last = round;
	return true;
}

static bool
lay_one(struct settling *s, struct ir_turn *turn, struct round *round)
{
	struct ir_turn *to;

	switch (turn->role) {
	case IR_ASSISTANT:
		return lay_assistant(s, turn, round);
	case IR_SYSTEM:
		link_list(&s->system, &s->system_last, turn->first);
		return true;
	case IR_USER:
		break;
	}
	if (!turn->first && !s->open) {
		if (turn->message != TURNS_MADE_UP && !last_is(s, IR_USER))
			s->hollow = turn;
		return true;
	}
	to = lay_user(s);
	if (!to)
		return false;
	to->message = turn->message;
	link_list(&to->first, &to->last, turn->first);
	return true;
}

static bool
lay_end(struct settling *s)
{
	if (s->open && !lay_user(s))
		return false;
	return lay_hollow(s) && lay_system(s);
}

/* --- what encoders do before ---------------------------------------------- */

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
			link_block(&copy->first, &copy->last, same);
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
	struct settling s = { .arena = arena, .losses = losses };
	struct ir_turn *turn, *next;
	struct round *rounds;
	size_t n = 0, i = 0;

	for (turn = request->first; turn; turn = turn->next)
		n++;
	rounds = arena_array(arena, n + 1, sizeof *rounds);
	if (!rounds)
		return false;
	for (turn = request->first; turn; turn = turn->next)
		if (!match_turn(&s, turn, &rounds[i++]))
			return false;
	i = 0;
	for (turn = request->first; turn; turn = next) {
		next = turn->next;
		if (!lay_one(&s, turn, &rounds[i++]))
			return false;
	}
	if (!lay_end(&s))
		return false;
	request->first = s.first;
	request->last = s.last;
	return !arena->failed;
}
