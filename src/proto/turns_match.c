#include "proto/turns_match.h"

#include "json/text.h"
#include "proto/gather.h"
#include "proto/loss_place.h"
#include "proto/turns.h"

/* All calls of one id, or of one name. */
struct label {
	struct call	*newest;
	uint32_t	 suffix;	/* last tried for a second call */
	bool		 taken;		/* some call has this id now */
};

static void
tell(struct matching *m, enum loss_action action, const struct ir_block *b)
{
	loss_place_block(m->losses, m->arena, action, b, "");
}

static struct label *
label_of(struct matching *m, struct map *map, struct slice text)
{
	struct label *label = map_get(map, text);

	if (label)
		return label;
	label = arena_alloc(m->arena, sizeof *label);
	return label && map_put(map, m->arena, text, label) ? label : NULL;
}

/* An id like this one that no call has yet. */
static struct slice
free_id(struct matching *m, struct label *label, struct slice id)
{
	struct label *other;
	struct slice next;

	do {
		label->suffix = label->suffix ? label->suffix + 1 : 2;
		next = arena_fmt(m->arena, "%.*s_%u", SLICE_FMT(id),
		    label->suffix);
		other = next.len ? label_of(m, &m->ids, next) : NULL;
	} while (other && other->taken);
	if (other)
		other->taken = true;
	return next;
}

static bool
match_call(struct matching *m, struct round *round, struct ir_block *b)
{
	struct call *call = arena_alloc(m->arena, sizeof *call);
	struct label *id, *name;

	if (!b->id.len)
		b->id = arena_fmt(m->arena, "call_%u_%u", b->message, b->part);
	id = label_of(m, &m->ids, b->id);
	name = label_of(m, &m->names, b->name);
	if (!call || !id || !name)
		return false;
	*call = (struct call){ .block = b, .round = round,
	    .older_id = id->newest, .older_name = name->newest };
	id->newest = name->newest = call;
	if (id->taken)
		b->id = free_id(m, id, b->id);
	id->taken = true;
	if (m->newest)
		m->newest->later = call;
	if (!m->oldest)
		m->oldest = call;
	m->newest = call;
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
find_call(struct matching *m, const struct ir_block *result)
{
	struct label *label;

	if (result->id.len) {
		label = map_get(&m->ids, result->id);
		while (label && label->newest && label->newest->answered)
			label->newest = label->newest->older_id;
		return label ? label->newest : NULL;
	}
	if (result->name.len) {
		label = map_get(&m->names, result->name);
		while (label && label->newest && label->newest->answered)
			label->newest = label->newest->older_name;
		return label ? label->newest : NULL;
	}
	while (m->oldest && m->oldest->answered)
		m->oldest = m->oldest->later;
	return m->oldest;
}

static bool
match_result(struct matching *m, struct call *call, struct ir_block *b)
{
	struct round *round = call->round;

	call->answered = true;
	b->id = call->block->id;
	if (round->era != m->era || m->content)
		tell(m, LOSS_REORDERED, b);
	turns_link(&round->results, &round->results_last, b);
	return true;
}

/* A result that answers nothing: its text says so, media follow it. */
static bool
match_orphan(struct matching *m, struct ir_turn *turn, struct ir_block *b)
{
	struct ir_block *part = b->content, *copy;
	struct buf text = { 0 };

	tell(m, LOSS_ADJUSTED, b);
	buf_text(&text, "[tool result ");
	buf_append(&text, b->id.len ? b->id : b->name);
	buf_byte(&text, ']');
	b->kind = IR_TEXT;
	b->content = NULL;
	turns_link(&turn->first, &turn->last, b);
	for (; part; part = part->next) {
		if (part->kind == IR_TEXT) {
			buf_text(&text, "\\n");
			buf_append(&text, part->text);
			continue;
		}
		copy = arena_alloc(m->arena, sizeof *copy);
		if (!copy)
			break;
		*copy = *part;
		turns_link(&turn->first, &turn->last, copy);
	}
	b->text = gather(m->arena, &text);
	return !m->arena->failed;
}

/* A block that goes leaves its cache mark to the one before it. */
static void
leave_cache(struct ir_block *before, const struct ir_block *gone)
{
	if (before && gone->cache.len && !before->cache.len)
		before->cache = gone->cache;
}

/* White space between two texts of the model goes to the second one. */
static void
drop_blanks(struct ir_turn *turn, struct arena *arena)
{
	struct ir_block *b = turn->first, *next, *kept = NULL;
	struct gather space = { 0 };

	turn->first = turn->last = NULL;
	for (; b; b = next) {
		next = b->next;
		if (b->kind == IR_TEXT && text_blank(b->text)) {
			leave_cache(kept, b);
			if (turn->role == IR_ASSISTANT && kept &&
			    kept->kind == IR_TEXT)
				gather_add(&space, arena, b->text);
			continue;
		}
		if (space.len && b->kind == IR_TEXT)
			b->text = arena_join(arena, (const struct slice[]){
			    gather_text(&space), b->text }, 2);
		gather_clear(&space);
		turns_link(&turn->first, &turn->last, b);
		kept = b;
	}
}

/* One spelling for each id, or two that are the same would not meet. */
static void
tidy_id(struct matching *m, struct ir_block *b)
{
	if (slice_chr(b->id, '\\') != SIZE_MAX)
		b->id = text_escape(m->arena, text_unescape(m->arena, b->id));
}

static bool
match_block(struct matching *m, struct ir_turn *turn, struct round *round,
    struct ir_block *b)
{
	struct call *call;

	tidy_id(m, b);
	if (b->kind == IR_RESULT) {
		call = find_call(m, b);
		return call ? match_result(m, call, b) :
		    match_orphan(m, turn, b);
	}
	turns_link(&turn->first, &turn->last, b);
	if (b->kind == IR_CALL && turn->role == IR_ASSISTANT)
		return match_call(m, round, b);
	if (turn->role == IR_USER && b->message < TURNS_REMINDER)
		m->content = true;
	return true;
}

void
turns_link(struct ir_block **first, struct ir_block **last,
    struct ir_block *b)
{
	b->next = NULL;
	if (*first)
		(*last)->next = b;
	else
		*first = b;
	*last = b;
}

void
turns_link_all(struct ir_block **first, struct ir_block **last,
    struct ir_block *list)
{
	while (list) {
		struct ir_block *next = list->next;

		turns_link(first, last, list);
		list = next;
	}
}

bool
turns_match(struct matching *m, struct ir_turn *turn, struct round *round)
{
	struct ir_block *b, *next;
	bool hollow;

	drop_blanks(turn, m->arena);
	b = turn->first;
	hollow = !b;
	if (turn->role == IR_ASSISTANT && b && m->after_user) {
		m->era++;
		m->content = m->after_user = false;
	}
	m->after_user |= turn->role == IR_USER;
	round->era = m->era;
	turn->first = turn->last = NULL;
	for (; b; b = next) {
		next = b->next;
		if (!match_block(m, turn, round, b))
			return false;
	}
	/* Only a user who said nothing at all is given a word to say. */
	if (turn->role == IR_USER && !turn->first && !hollow)
		turn->message = TURNS_MADE_UP;
	return true;
}
