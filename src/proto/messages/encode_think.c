/*
 * What the client said of thinking, in the terms of this model; and what
 * follows from it for forced tools.
 */
#include "proto/messages/encode.h"
#include "proto/reason.h"

enum {
	BUDGET_MIN = 1024,
	ROOM_MIN = 2048,	/* less room than this is not worth a budget */
	ANSWER_ROOM = 8192,	/* tokens for the answer behind the thinking */
};

/* Percent of the limit that thinking may take. */
static const unsigned shares[] = {	/* ORDER ir_effort */
	[IR_EFFORT_UNSET] = 50,
	[IR_EFFORT_MINIMAL] = 10,
	[IR_EFFORT_LOW] = 20,
	[IR_EFFORT_MEDIUM] = 50,
	[IR_EFFORT_HIGH] = 80,
	[IR_EFFORT_XHIGH] = 95,
	[IR_EFFORT_MAX] = 95,
};

static bool
takes(const struct encoder *e, unsigned think)
{
	return e->quirks->think & think;
}

/* The nearest level the model has, but not above high. */
static enum ir_effort
up_to_high(const struct encoder *e, enum ir_effort effort)
{
	if (effort > IR_EFFORT_HIGH)
		effort = IR_EFFORT_HIGH;
	return reason_nearest(e->quirks->efforts, effort);
}

static void
plan_off(struct encoder *e, const struct ir_reasoning *r)
{
	struct think_plan *p = &e->think;

	if (takes(e, THINK_DISABLED)) {
		if (e->quirks->think_default)
			p->mode = THINK_OFF;
		p->effort = up_to_high(e, r->effort);
		return;
	}
	if (!e->quirks->think_default)
		return;
	messages_lost(e, LOSS_ADJUSTED, "reasoning");
	if (takes(e, THINK_BETWEEN))
		p->mode = THINK_AT_TOOLS;
	else
		p->effort = reason_nearest(e->quirks->efforts, IR_EFFORT_LOW);
}

static void
plan_freely(struct encoder *e, const struct ir_reasoning *r)
{
	enum ir_effort effort = r->effort;

	e->think.mode = THINK_FREELY;
	if (r->show == TRI_NO)
		e->think.display = "omitted";
	else if (!e->quirks->think_shown)
		e->think.display = "summarized";
	if (effort == IR_EFFORT_UNSET && r->budget)
		effort = reason_of_budget(r->budget);
	e->think.effort = reason_nearest(e->quirks->efforts, effort);
}

/* Raise our own limit so that the budget and an answer fit in. */
static void
make_room(struct encoder *e, uint64_t budget)
{
	uint64_t want = budget + ANSWER_ROOM;

	if (want < budget ||
	    (e->quirks->max_output && want > e->quirks->max_output))
		want = e->quirks->max_output;
	if (want > e->max_tokens)
		e->max_tokens = want;
}

static void
plan_within(struct encoder *e, const struct ir_reasoning *r)
{
	uint64_t budget = r->budget, limit;

	if (!e->own_limit && e->max_tokens < ROOM_MIN) {
		messages_lost(e, LOSS_DROPPED, "thinking");
		return;
	}
	if (messages_round_lacks_thinking(e)) {
		messages_lost(e, LOSS_DISABLED, "thinking");
		return;
	}
	if (e->own_limit && budget)
		make_room(e, budget);
	limit = e->max_tokens;
	if (!budget)
		budget = limit / 100 * shares[r->effort] +
		    limit % 100 * shares[r->effort] / 100;
	else if (budget >= limit)
		budget = limit / 5 * 4 + limit % 5 * 4 / 5;
	if (budget < BUDGET_MIN)
		budget = BUDGET_MIN;
	if (budget >= limit)
		budget = limit - 1;
	e->think.mode = THINK_WITHIN;
	e->think.budget = budget;
	if (e->quirks->effort_with_budget)
		e->think.effort = up_to_high(e, r->effort);
}

static void
plan_on(struct encoder *e, const struct ir_reasoning *r)
{
	if (r->between && takes(e, THINK_BETWEEN)) {
		e->think.mode = THINK_AT_TOOLS;
		e->think.effort = up_to_high(e, r->effort);
	} else if (takes(e, THINK_ADAPTIVE)) {
		plan_freely(e, r);
	} else if (takes(e, THINK_ENABLED)) {
		plan_within(e, r);
	} else {
		messages_lost(e, LOSS_DROPPED, "reasoning");
	}
}

static bool
in_force(const struct encoder *e)
{
	return e->think.mode == THINK_UNSAID ? e->quirks->think_default :
	    e->think.mode != THINK_OFF;
}

/* A model that thinks cannot be forced to call: the call matters more. */
static void
yield_to_force(struct encoder *e)
{
	struct think_plan *p = &e->think;

	if (!messages_is_forced(e) || !in_force(e))
		return;
	if (takes(e, THINK_DISABLED) && takes(e, THINK_ADAPTIVE)) {
		p->mode = THINK_OFF;
		p->effort = up_to_high(e, p->effort);
		messages_lost(e, LOSS_DISABLED, "thinking");
	} else {
		/* One that always thinks may take it, and says so if not. */
		if (p->mode == THINK_WITHIN)
			messages_lost(e, LOSS_DISABLED, "thinking");
		p->mode = THINK_UNSAID;
	}
	p->display = NULL;
}

void
messages_plan_thinking(struct encoder *e)
{
	const struct ir_reasoning *r = &e->request.reasoning;
	struct think_plan *p = &e->think;

	if (r->on == TRI_YES)
		plan_on(e, r);
	else if (r->on == TRI_NO)
		plan_off(e, r);
	else
		p->effort = reason_nearest(e->quirks->efforts, r->effort);
	yield_to_force(e);
	p->in_force = in_force(e);
	p->bind = e->quirks->bound_thinking && messages_has_thinking(e) &&
	    (p->mode == THINK_FREELY ||
	    (p->mode == THINK_UNSAID && p->in_force));
	if (p->bind)
		messages_add_beta(e,
		    SLICE("thinking-binding-controls-2026-08-01"));
	/* newer models need no beta for it */
	if (p->mode == THINK_WITHIN && e->tools.count &&
	    talk_options(e->talk)->interleaved)
		messages_add_beta(e,
		    SLICE("interleaved-thinking-2025-05-14"));
}

void
messages_write_thinking(struct encoder *e)
{
	static const char *const types[] = {
		[THINK_UNSAID] = "adaptive",	/* only said to bind */
		[THINK_OFF] = "disabled",
		[THINK_FREELY] = "adaptive",
		[THINK_WITHIN] = "enabled",
		[THINK_AT_TOOLS] = "between_tools",
	};
	const struct think_plan *p = &e->think;

	if (p->mode == THINK_UNSAID && !p->bind)
		return;
	write_key(&e->w, "thinking");
	write_object(&e->w);
	write_member_plain(&e->w, "type", types[p->mode]);
	if (p->mode == THINK_WITHIN)
		write_member_u64(&e->w, "budget_tokens", p->budget);
	if (p->display)
		write_member_plain(&e->w, "display", p->display);
	if (p->bind)
		write_member_raw(&e->w, "block_binding",
		    SLICE("{\"prefix_mismatch_behavior\":\"drop_block\"}"));
	write_end(&e->w);
}
