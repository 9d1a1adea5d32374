#include "proto/remember.h"

#include "proto/gather.h"
#include "proto/memo.h"
#include "proto/names.h"
#include "proto/place.h"
#include "proto/turns.h"
#include "proto/turns_match.h"

enum { ID_RANDOM_MIN = 16, SAMPLE = 64 };

struct keeper {
	struct sink	 sink;		/* first: what the source holds */
	struct talk	*talk;
	struct memo_block *list, **link;
	struct memo_block *open;	/* THINK that is being told */
	struct gather	 text;		/* of it */
	struct slice	 first_id, call_id;
	uint64_t	 text_len;	/* unescaped bytes of text so far */
	size_t		 calls, kept;
	bool		 counted;	/* the open block is such text */
};

/* ---- under which name ---- */

/* Ids as they are for whoever sees them, in one spelling for all. */
static struct slice
plain_id(struct arena *arena, struct slice id)
{
	if (slice_starts(id, SLICE("gw_")) || slice_starts(id, SLICE("gwh_")))
		return id;
	return name_id_messages(arena, id);
}

/*
 * Was it drawn at random?  Some models count their calls ("functions.add:0"),
 * so that many conversations have the same ids.
 */
static bool
is_random(struct slice id)
{
	return id.len >= ID_RANDOM_MIN &&
	    !slice_starts(id, SLICE("gw_")) &&
	    slice_chr(id, ':') == SIZE_MAX && slice_chr(id, '.') == SIZE_MAX;
}

/*
 * Whose the call with that id is.  Where the id alone does not say so, all that
 * was said before it does.
 */
static struct slice
owner_of(const struct talk *talk, struct slice id, uint64_t before)
{
	if (is_random(id))
		return talk->memo_owner;
	return arena_fmt(talk->arena, "%.*s\n%llx",
	    SLICE_FMT(talk->memo_owner), (unsigned long long)before);
}

static uint64_t
mix_bytes(uint64_t sum, struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		sum = (sum ^ (uint8_t)s.ptr[i]) * 0x100000001b3;
	return sum;
}

/* Length, beginning and end: enough to tell conversations from each other. */
static uint64_t
mix(uint64_t sum, struct slice s)
{
	size_t tail = s.len > SAMPLE ? s.len - SAMPLE : 0;

	sum = mix_bytes(sum, slice_sub(s, 0, SAMPLE));
	sum = mix_bytes(sum, slice_skip(s, tail));
	return (sum ^ s.len) * 0x100000001b3;
}

static uint64_t
mix_block(uint64_t sum, const struct ir_block *b)
{
	if (b->kind == IR_THINK || b->kind == IR_REDACTED)
		return sum;
	sum = mix(mix(mix(sum, b->text), b->name), b->args);
	for (b = b->content; b; b = b->next)
		sum = mix(sum, b->text);
	return sum;
}

/* ---- an answer ---- */

static struct memo_block *
add(struct keeper *k, const struct ir_event *ev)
{
	struct memo_block *b = arena_alloc(k->talk->arena, sizeof *b);

	if (!b)
		return NULL;
	*b = (struct memo_block){
		.kind = ev->kind, .vendor = ev->vendor,
		.text = arena_dup(k->talk->arena, ev->text),
		.signature = arena_dup(k->talk->arena, ev->signature),
		.text_offset = (int64_t)k->text_len,
		.call_offset = (int64_t)k->calls,
	};
	*k->link = b;
	k->link = &b->next;
	return b;
}

static void
on_open(struct keeper *k, const struct ir_event *ev)
{
	k->counted = ev->kind == IR_TEXT && !ev->refusal;
	if (ev->kind == IR_THINK) {
		k->text = (struct gather){ 0 };
		k->open = add(k, ev);
	} else if (ev->kind == IR_REDACTED) {
		(void)add(k, ev);
	} else if (ev->kind == IR_CALL) {
		k->call_id = arena_dup(k->talk->arena,
		    plain_id(k->talk->arena, ev->id));
		if (!k->calls++)
			k->first_id = k->call_id;
	}
}

static void
on_delta(struct keeper *k, const struct ir_event *ev)
{
	if (k->counted) {
		k->text_len += place_bytes(ev->text);
	} else if (k->open && k->kept <= MEMO_ENTRY_MAX) {
		k->kept += ev->text.len;
		gather_add(&k->text, k->talk->arena, ev->text);
	}
}

static void
on_sign(struct keeper *k, const struct ir_event *ev)
{
	struct ir_event call = *ev;
	struct memo_block *b = k->open;

	if (b) {
		b->id = arena_dup(k->talk->arena, ev->id);
		b->signature = arena_dup(k->talk->arena, ev->signature);
		b->vendor = ev->vendor;
	} else if (k->calls) {
		call.kind = IR_CALL;
		call.text = (struct slice){ 0 };
		b = add(k, &call);
		if (b)
			b->id = k->call_id;
	}
}

static void
on_close(struct keeper *k)
{
	if (k->open)
		k->open->text = gather_text(&k->text);
	k->open = NULL;
	k->counted = false;
}

static void
keep(struct keeper *k)
{
	struct talk *talk = k->talk;

	if (k->list && k->first_id.len && k->kept <= MEMO_ENTRY_MAX &&
	    !talk->arena->failed)
		memo_put(talk->memo, owner_of(talk, k->first_id,
		    talk->memo_before), k->first_id, k->list, talk->now_ms);
}

static void
keeper_put(struct sink *sink, const struct ir_event *ev)
{
	struct keeper *k = (struct keeper *)sink;

	switch (ev->type) {
	case IR_OPEN:
		on_open(k, ev);
		break;
	case IR_DELTA:
		on_delta(k, ev);
		break;
	case IR_SIGN:
		on_sign(k, ev);
		break;
	case IR_CLOSE:
		on_close(k);
		break;
	case IR_STOP:
		keep(k);
		break;
	case IR_BEGIN:
	case IR_CITE:
	case IR_LOGPROBS:
	case IR_USAGE:
	case IR_PING:
	case IR_FAIL:
		break;
	}
	sink->next->put(sink->next, ev);
}

/* Of a request that is only passed on nothing is known. */
static bool
is_wanted(const struct talk *talk)
{
	return talk->memo && talk_options(talk)->remember &&
	    talk->request && talk->request->tools;
}

struct sink *
remember_sink(struct talk *talk, struct sink *next)
{
	struct keeper *k;

	if (!is_wanted(talk))
		return next;
	if (talk->provider->vendor != IR_ANTHROPIC &&
	    talk->quirks.replay == REPLAY_NO && !talk->quirks.signed_calls &&
	    !(talk->provider->id == PROTO_RESPONSES && talk->quirks.seals))
		return next;
	k = arena_alloc(talk->arena, sizeof *k);
	if (!k)
		return next;	/* the chain finds out that memory is gone */
	k->sink = (struct sink){ keeper_put, next };
	k->talk = talk;
	k->link = &k->list;
	return &k->sink;
}

/* ---- the next request ---- */

static bool
is_thought(const struct ir_block *b)
{
	return b->kind == IR_THINK || b->kind == IR_REDACTED;
}

/* What only its maker can have made. */
static struct slice
mark_of(const struct ir_block *b)
{
	return b->kind == IR_REDACTED ? b->text : b->signature;
}

static bool
holds(const struct memo_block *list, struct slice mark)
{
	for (; list; list = list->next)
		if (slice_eq(list->kind == IR_REDACTED ? list->text :
		    list->signature, mark))
			return true;
	return false;
}

/* Has the client something signed that we do not know? */
static bool
knows_better(const struct ir_turn *turn, const struct memo_block *list)
{
	for (const struct ir_block *b = turn->first; b; b = b->next)
		if (is_thought(b) && mark_of(b).len &&
		    !holds(list, mark_of(b)))
			return true;
	return false;
}

static bool
turn_has(const struct ir_turn *turn, const struct memo_block *m)
{
	for (const struct ir_block *b = turn->first; b; b = b->next)
		if (b->kind == m->kind && slice_eq(b->text, m->text) &&
		    slice_eq(b->signature, m->signature))
			return true;
	return false;
}

/* Did the client send all of the thinking back? */
static bool
is_whole(const struct ir_turn *turn, const struct memo_block *list)
{
	for (; list; list = list->next)
		if (list->kind != IR_CALL && !turn_has(turn, list))
			return false;
	return true;
}

static void
sign_call(struct arena *arena, struct ir_turn *turn,
    const struct memo_block *m)
{
	for (struct ir_block *b = turn->first; b; b = b->next)
		if (b->kind == IR_CALL && !b->signature.len &&
		    slice_eq(plain_id(arena, b->id), m->id)) {
			b->signature = m->signature;
			b->vendor = m->vendor;
		}
}

static void
drop_thoughts(struct ir_turn *turn)
{
	struct ir_block *b = turn->first, *next;

	turn->first = turn->last = NULL;
	for (; b; b = next) {
		next = b->next;
		if (!is_thought(b))
			turns_link(&turn->first, &turn->last, b);
	}
}

static struct ir_block *
new_thought(struct arena *arena, const struct memo_block *m)
{
	struct ir_block *b = arena_alloc(arena, sizeof *b);

	if (b)
		*b = (struct ir_block){
			.kind = m->kind, .vendor = m->vendor,
			.text = m->text, .signature = m->signature,
			.item = m->id,
			.text_offset = m->text_offset,
			.call_offset = m->call_offset,
			.message = TURNS_MADE_UP,
		};
	return b;
}

/* Thinking in front of all else, for a turn that is not what it was. */
static void
forget_places(struct ir_block **thoughts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		thoughts[i]->text_offset = thoughts[i]->call_offset = 0;
}

static bool
attach(struct arena *arena, struct ir_turn *turn,
    const struct memo_block *list)
{
	struct ir_block **thoughts;
	size_t n = 0;

	for (const struct memo_block *m = list; m; m = m->next) {
		n += m->kind != IR_CALL;
		if (m->kind == IR_CALL)
			sign_call(arena, turn, m);
	}
	if (is_whole(turn, list) || knows_better(turn, list))
		return true;
	thoughts = arena_array(arena, n, sizeof(void *));
	if (!thoughts)
		return false;
	n = 0;
	for (const struct memo_block *m = list; m; m = m->next) {
		if (m->kind == IR_CALL)
			continue;
		thoughts[n] = new_thought(arena, m);
		if (!thoughts[n++])
			return false;
	}
	drop_thoughts(turn);
	if (!place_fits(turn, thoughts, n))
		forget_places(thoughts, n);
	return place_thoughts(arena, turn, thoughts, n);
}

static const struct ir_block *
first_call(const struct ir_turn *turn)
{
	const struct ir_block *b = turn->first;

	while (b && b->kind != IR_CALL)
		b = b->next;
	return b;
}

/* One assistant turn that calls; `before` is the sum of all before it. */
static bool
recall_turn(struct talk *talk, struct ir_turn *turn, uint64_t before)
{
	const struct ir_block *call = first_call(turn);
	const struct memo_block *list;
	struct slice id;

	if (!call || !call->id.len)
		return true;
	id = plain_id(talk->arena, call->id);
	list = memo_get(talk->memo, talk->arena, owner_of(talk, id, before),
	    id, talk->now_ms);
	return !list || attach(talk->arena, turn, list);
}

bool
remember_recall(struct talk *talk)
{
	uint64_t sum = 0xcbf29ce484222325, before;

	if (!is_wanted(talk))
		return true;
	for (const struct ir_block *b = talk->request->system; b; b = b->next)
		sum = mix(sum, b->text);
	for (struct ir_turn *t = talk->request->first; t; t = t->next) {
		before = sum;
		for (const struct ir_block *b = t->first; b; b = b->next)
			sum = mix_block(sum, b);
		if (t->role == IR_ASSISTANT && !recall_turn(talk, t, before))
			return false;
	}
	talk->memo_before = sum;
	return true;
}
