#include "proto/responses/parts.h"

#include "base/hash.h"
#include "json/json.h"

/*
 * A part is in one of these states:
 *	FRESH	nothing of it has been told, and it waits for nobody
 *	QUEUED	its turn has not come; `waiting` holds its text
 *	OPEN	its OPEN was put; pieces go straight through
 *	OVER	its CLOSE was put; unless it is done, a later piece makes it
 *		FRESH again, and `again` says that it must then wait
 * While something is queued, the open part is one that is not done.
 */

enum { PARTS_MAX = 8192, TOKENS_MAX = 1 << 20, CALL_ID_DIGITS = 24 };

/* ---- putting ---- */

static void
put_delta(struct parts *p, const struct part *part, struct slice text)
{
	if (!text.len)
		return;
	if (part->kind == IR_TEXT)
		p->points += text_length(text);
	p->to->put(p->to, &(struct ir_event){
	    .type = IR_DELTA, .kind = part->kind, .text = text });
}

static void
put_signature(struct parts *p, struct part *part)
{
	if (part->signature.len)
		p->to->put(p->to, &(struct ir_event){ .type = IR_SIGN,
		    .kind = part->kind, .signature = part->signature,
		    .id = part->item_id, .vendor = part->vendor });
	part->signature = (struct slice){ 0 };
}

static void
open_part(struct parts *p, struct part *part)
{
	p->to->put(p->to, &(struct ir_event){
	    .type = IR_OPEN, .kind = part->kind, .vendor = part->vendor,
	    .id = part->id, .name = part->name, .mime = part->mime,
	    .text = part->data, .raw = part->raw,
	    .custom = part->custom, .refusal = part->refusal });
	p->open = part;
	part->state = PART_OPEN;
	part->start = p->points;
	if (!part->unwrap) {
		put_delta(p, part, gather_text(&part->waiting));
		gather_clear(&part->waiting);
	}
	put_signature(p, part);
}

/* The free text that a function's arguments hold. */
static void
put_unwrapped(struct parts *p, struct part *part)
{
	struct arena *scratch = p->talk->scratch;
	struct slice args = gather_text(&part->waiting);
	struct json doc;
	struct json_fault fault;
	struct jval inner;

	/* Cut short.  What is left of it may look whole. */
	if (!json_parse(&doc, scratch, text_unescape(scratch, args),
	    TOKENS_MAX, &fault))
		return;
	inner = jval_get(json_root(&doc), part->unwrap);
	put_delta(p, part, jval_is(inner, JSON_STRING) ?
	    text_mend(scratch, jval_text(inner)) : args);
}

/* Is its text JSON, of which nothing may stand behind the end? */
static bool
is_json(const struct part *part)
{
	return part->kind == IR_CALL && !part->custom;
}

/* Text that has its surrogate pairs together: what of it goes on now. */
static struct slice
pass(struct parts *p, struct part *part, struct slice text)
{
	return is_json(part) ? argstream_take(&part->args, p->talk->arena,
	    p->talk->scratch, text) : text;
}

static void
close_open(struct parts *p)
{
	struct part *part = p->open;

	if (!part)
		return;
	if (part->unwrap)
		put_unwrapped(p, part);
	else
		put_delta(p, part, pass(p, part,
		    text_join_end(&part->joint)));
	if (is_json(part))
		put_delta(p, part, argstream_end(&part->args,
		    p->talk->scratch));
	p->to->put(p->to, &(struct ir_event){
	    .type = IR_CLOSE, .kind = part->kind });
	part->state = PART_OVER;
	p->open = NULL;
}

/* ---- the order ---- */

static void
enqueue(struct parts *p, struct part *part)
{
	struct arena *arena = p->talk->arena;

	part->name = arena_dup(arena, part->name);
	part->data = arena_dup(arena, part->data);
	part->raw = arena_dup(arena, part->raw);
	part->id = arena_dup(arena, part->id);
	part->state = PART_QUEUED;
	part->next = NULL;
	if (p->queue)
		p->queue_last->next = part;
	else
		p->queue = part;
	p->queue_last = part;
}

/* Give out the queue up to the first part that is not done, or all of it. */
static void
drain(struct parts *p, bool all)
{
	while (p->queue && (all || !p->open || p->open->done)) {
		struct part *part = p->queue;

		p->queue = part->next;
		close_open(p);
		open_part(p, part);
	}
	if (p->open && p->open->done)
		close_open(p);
}

static bool
must_wait(const struct parts *p, const struct part *part)
{
	return p->open && !p->open->done &&
	    (p->open->kind == IR_CALL || p->queue || part->again);
}

/* ---- calls ---- */

static bool
id_is_taken(const struct parts *p, const struct part *but)
{
	for (const struct part *part = p->all; part; part = part->older)
		if (part != but && part->kind == IR_CALL &&
		    slice_eq(part->id, but->id))
			return true;
	return false;
}

/* An id that depends on nothing but the answer and the call's number. */
static struct slice
made_up_id(struct parts *p)
{
	struct arena *scratch = p->talk->scratch;
	struct slice seed = arena_fmt(scratch, "%.*s:%zu",
	    SLICE_FMT(p->answer_id), p->calls);
	struct slice hex = sha256_hex(scratch, seed, CALL_ID_DIGITS);

	return arena_fmt(p->talk->arena, "call_%.*s", SLICE_FMT(hex));
}

static void
name_call(struct parts *p, struct part *part)
{
	if (!part->id.len || id_is_taken(p, part))
		part->id = made_up_id(p);
	else
		part->id = arena_dup(p->talk->arena, part->id);
	p->calls++;
}

/* ---- parts ---- */

struct part *
parts_at(struct parts *p, uint64_t item, enum ir_kind kind, uint64_t place)
{
	struct part *part = p->all;

	while (part && (part->item != item || part->kind != kind ||
	    part->place != place))
		part = part->older;
	if (part)
		return part;
	p->too_many |= p->count++ == PARTS_MAX;
	part = p->too_many ? NULL : arena_alloc(p->talk->arena, sizeof *part);
	if (!part)
		return NULL;
	part->item = item;
	part->kind = kind;
	part->place = place;
	part->older = p->all;
	p->all = part;
	return part;
}

void
parts_enter(struct parts *p, struct part *part)
{
	if (part->state == PART_OVER && !part->done) {
		part->state = PART_FRESH;
		part->again = true;
	}
	if (part->state != PART_FRESH)
		return;
	if (part->kind == IR_CALL)
		name_call(p, part);
	if (must_wait(p, part)) {
		enqueue(p, part);
		return;
	}
	close_open(p);
	open_part(p, part);
}

void
parts_say(struct parts *p, struct part *part, struct slice piece)
{
	struct arena *arena = p->talk->arena;

	if (!piece.len || part->done)
		return;
	part->said = true;
	if (part->kind != IR_CALL || part->named)
		parts_enter(p, part);
	piece = pass(p, part, text_join(&part->joint, p->talk->scratch,
	    piece));
	if (part->state == PART_OPEN && !part->unwrap)
		put_delta(p, part, piece);
	else
		gather_add(&part->waiting, arena, piece);
}

void
parts_sign(struct parts *p, struct part *part, struct slice signature,
    struct slice item_id)
{
	if (!signature.len || part->done)
		return;
	parts_enter(p, part);
	part->signature = signature;
	part->item_id = item_id;
	if (part->state == PART_OPEN) {
		put_delta(p, part, text_join_end(&part->joint));
		put_signature(p, part);
		return;
	}
	part->signature = arena_dup(p->talk->arena, signature);
	part->item_id = arena_dup(p->talk->arena, item_id);
}

void
parts_note(struct parts *p, struct part *part, enum ir_event_type type,
    struct slice raw)
{
	if (part->state == PART_OPEN && raw.len)
		p->to->put(p->to, &(struct ir_event){
		    .type = type, .kind = part->kind, .raw = raw });
}

void
parts_done(struct parts *p, struct part *part)
{
	part->done = true;
	if (part != p->open)
		return;
	close_open(p);
	drain(p, false);
}

void
parts_item_done(struct parts *p, uint64_t item)
{
	for (struct part *part = p->all; part; part = part->older)
		if (part->item == item && !part->done && part != p->open)
			part->done = true;
	if (p->open && p->open->item == item)
		parts_done(p, p->open);
}

void
parts_end(struct parts *p)
{
	drain(p, true);
	close_open(p);
}

bool
parts_live(const struct parts *p, const struct part *part)
{
	return part && p->open == part && !part->done;
}
