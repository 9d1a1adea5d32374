/*
 * The conversation as Google wants it: user first, each call's results right
 * behind it and in the order of the calls, the user last.
 */
#include "base/map.h"
#include "proto/gemini/encode.h"
#include "proto/schema.h"

bool
gemini_write_system(struct encoder *e)
{
	const struct ir_block *b = e->request->system;
	bool words = gemini_asks_in_words(e);
	const struct ir_request *r = e->request;

	if (!b && !words)
		return true;
	write_key(&e->w, "systemInstruction");
	write_object(&e->w);
	write_key(&e->w, "parts");
	write_array(&e->w);
	for (; b; b = b->next)
		gemini_write_text(e, b->text);
	if (words)
		gemini_write_text(e, r->format == IR_FORMAT_SCHEMA ?
		    arena_join(e->arena, (const struct slice[]){
		    SLICE("Answer with JSON only, matching this JSON Schema: "),
		    schema_as_text(e->arena, r->format_schema) }, 2) :
		    SLICE("Answer with JSON only."));
	write_end(&e->w);
	write_end(&e->w);
	return true;
}

static void
open_content(struct encoder *e, const char *role)
{
	write_object(&e->w);
	write_member_plain(&e->w, "role", role);
	write_key(&e->w, "parts");
	write_array(&e->w);
}

static void
close_content(struct encoder *e)
{
	write_end(&e->w);
	write_end(&e->w);
}

static void
say(struct encoder *e, const char *words)
{
	open_content(e, "user");
	gemini_write_text(e, slice_of(words));
	close_content(e);
}

/* ---- results ---- */

static bool
map_results(struct encoder *e, const struct ir_turn *turn, struct map *results)
{
	for (struct ir_block *b = turn->first; b; b = b->next)
		if (b->kind == IR_RESULT &&
		    !map_put(results, e->arena, b->id, b))
			return false;
	return true;
}

/* Once with what they say, once with what they show beside it. */
static bool
write_results(struct encoder *e, const struct ir_turn *calls,
    const struct ir_turn *turn)
{
	struct map results = { 0 };
	const struct ir_block *c, *b;

	if (!map_results(e, turn, &results))
		return false;
	for (c = calls ? calls->first : NULL; c; c = c->next) {
		b = c->kind == IR_CALL ? map_get(&results, c->id) : NULL;
		if (b && !gemini_write_result(e, b, c->name))
			return false;
	}
	for (c = calls ? calls->first : NULL; c; c = c->next) {
		b = c->kind == IR_CALL ? map_get(&results, c->id) : NULL;
		if (b && !gemini_write_shown(e, b))
			return false;
	}
	return true;
}

/* ---- turns ---- */

static bool
write_user(struct encoder *e, const struct ir_turn *before,
    const struct ir_turn *turn)
{
	open_content(e, "user");
	if (!write_results(e, before, turn))
		return false;
	for (const struct ir_block *b = turn->first; b; b = b->next)
		if (b->kind != IR_RESULT && !gemini_write_block(e, b))
			return false;
	close_content(e);
	return true;
}

static bool
is_told(const struct ir_block *b)
{
	if (b->kind == IR_THINK)
		return b->signature.len && b->vendor == IR_GOOGLE;
	return b->kind != IR_REDACTED && (b->kind != IR_OPAQUE ||
	    b->vendor == IR_GOOGLE);
}

/* Is there anything in the turn that Google may have? */
static bool
is_silent(const struct ir_turn *turn)
{
	for (const struct ir_block *b = turn->first; b; b = b->next)
		if (is_told(b))
			return false;
	return true;
}

static bool
write_model(struct encoder *e, const struct ir_turn *turn, bool *calls)
{
	*calls = false;
	open_content(e, "model");
	for (const struct ir_block *b = turn->first; b; b = b->next) {
		if (b->kind == IR_CALL) {
			gemini_write_call(e, b, !*calls);
			*calls = true;
		} else if (is_told(b) && !gemini_write_block(e, b)) {
			return false;
		}
	}
	close_content(e);
	return true;
}

/* Turns that nothing is left of: those beside them become one. */
static void
drop_silent(struct ir_request *r)
{
	struct ir_turn **link = &r->first, *turn;

	r->last = NULL;
	while ((turn = *link) != NULL) {
		if (turn->role == IR_ASSISTANT && is_silent(turn)) {
			*link = turn->next;
			continue;
		}
		if (r->last && r->last->role == turn->role && turn->first) {
			if (r->last->last)
				r->last->last->next = turn->first;
			else
				r->last->first = turn->first;
			r->last->last = turn->last;
			*link = turn->next;
			continue;
		}
		r->last = turn;
		link = &turn->next;
	}
}

static bool
write_turns(struct encoder *e)
{
	const struct ir_turn *before = NULL, *turn = e->request->first;
	unsigned generation = e->family.generation;
	bool calls = false, fine = true;

	if (!turn || turn->role == IR_ASSISTANT)
		say(e, " ");
	for (; turn && fine; before = turn, turn = turn->next) {
		e->turn = turn;
		fine = turn->role == IR_ASSISTANT ?
		    write_model(e, turn, &calls) :
		    write_user(e, before, turn);
	}
	/* An answer that was begun is gone on with by old models only. */
	if (fine && before && before->role == IR_ASSISTANT && !calls &&
	    (!generation || generation >= FAMILY_NO_PREFILL)) {
		loss_add(&e->talk->losses, e->arena, LOSS_INSERTED,
		    "messages");
		say(e, "Continue.");
	}
	return fine;
}

bool
gemini_write_contents(struct encoder *e)
{
	bool fine;

	drop_silent(e->request);
	for (const struct ir_turn *t = e->request->first; t; t = t->next)
		if (t->role == IR_USER)
			e->last_user = t;
	write_key(&e->w, "contents");
	write_array(&e->w);
	fine = write_turns(e);
	write_end(&e->w);
	return fine;
}
