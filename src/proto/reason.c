#include "proto/reason.h"

#include "proto/number.h"

static const char *const efforts[] = {	/* ORDER ir_effort */
	[IR_EFFORT_MINIMAL] = "minimal",
	[IR_EFFORT_LOW] = "low",
	[IR_EFFORT_MEDIUM] = "medium",
	[IR_EFFORT_HIGH] = "high",
	[IR_EFFORT_XHIGH] = "xhigh",
	[IR_EFFORT_MAX] = "max",
};

/* One reading of a body: where it goes and what may be complained of. */
struct reading {
	struct ir_reasoning *into;
	struct arena	*arena;
	struct losses	*losses;
};

enum ir_effort
reason_effort(struct slice word)
{
	for (unsigned e = IR_EFFORT_MINIMAL; e <= IR_EFFORT_MAX; e++)
		if (slice_is(word, efforts[e]))
			return (enum ir_effort)e;
	return slice_is(word, "ultra") ? IR_EFFORT_MAX : IR_EFFORT_UNSET;
}

const char *
reason_effort_name(enum ir_effort effort)
{
	CHECK(effort != IR_EFFORT_UNSET);
	return efforts[effort];
}

enum ir_effort
reason_of_budget(uint64_t tokens)
{
	return tokens < 4096 ? IR_EFFORT_LOW :
	    tokens < 16384 ? IR_EFFORT_MEDIUM : IR_EFFORT_HIGH;
}

enum ir_effort
reason_nearest(unsigned levels, enum ir_effort wish)
{
	if (wish == IR_EFFORT_UNSET || !levels)
		return IR_EFFORT_UNSET;
	for (unsigned e = wish; e >= IR_EFFORT_MINIMAL; e--)
		if (levels & 1u << e)
			return (enum ir_effort)e;
	for (unsigned e = wish; e <= IR_EFFORT_MAX; e++)
		if (levels & 1u << e)
			return (enum ir_effort)e;
	return IR_EFFORT_UNSET;
}

/* --- setting one member, unless a source of higher rank has set it -------- */

static void
set_on(struct reading *r, bool on)
{
	if (r->into->on == TRI_UNSET)
		r->into->on = on ? TRI_YES : TRI_NO;
}

static void
set_show(struct reading *r, bool show)
{
	if (r->into->show == TRI_UNSET)
		r->into->show = show ? TRI_YES : TRI_NO;
}

static void
drop(struct reading *r, const char *name)
{
	loss_add(r->losses, r->arena, LOSS_DROPPED, "%s", name);
}

/* `name`: where the value stands, if it says nothing. */
static void
set_budget(struct reading *r, struct jval value, const char *name)
{
	uint64_t tokens;

	if (!jval_ok(value))
		return;
	if (!jval_is(value, JSON_NUMBER) ||
	    !number_u64(jval_raw(value), &tokens)) {
		drop(r, name);
		return;
	}
	set_on(r, tokens > 0);
	if (!r->into->budget)
		r->into->budget = tokens;
}

/* False: the word is no level.  "none" is, and says off. */
static bool
set_effort(struct reading *r, struct slice word)
{
	enum ir_effort effort = reason_effort(word);

	if (slice_is(word, "none")) {
		set_on(r, false);
		return true;
	}
	if (effort == IR_EFFORT_UNSET)
		return slice_is(word, "default") || slice_is(word, "auto");
	set_on(r, true);
	if (r->into->effort == IR_EFFORT_UNSET)
		r->into->effort = effort;
	return true;
}

static void
set_bool(struct reading *r, struct jval value, const char *name)
{
	if (jval_is(value, JSON_TRUE) || jval_is(value, JSON_FALSE))
		set_on(r, jval_is_true(value));
	else if (jval_ok(value))
		drop(r, name);
}

/* --- the spellings -------------------------------------------------------- */

static void
read_thinking(struct reading *r, struct jval v)
{
	struct slice type = jval_get_text(v, "type");
	struct slice display = jval_get_text(v, "display");

	if (!jval_ok(v))
		return;
	if (!jval_is(v, JSON_OBJECT)) {
		drop(r, "thinking");
		return;
	}
	if (slice_is(type, "disabled"))
		set_on(r, false);
	else if (slice_is(type, "enabled") || slice_is(type, "adaptive") ||
	    slice_is(type, "between_tools"))
		set_on(r, true);
	else if (!slice_is(type, "auto"))
		drop(r, "thinking.type");
	r->into->adaptive = slice_is(type, "adaptive");
	r->into->between = slice_is(type, "between_tools");
	if (slice_is(type, "enabled"))
		set_budget(r, jval_get(v, "budget_tokens"),
		    "thinking.budget_tokens");
	if (slice_is(display, "summarized") || slice_is(display, "omitted"))
		set_show(r, slice_is(display, "summarized"));
	else if (jval_ok(jval_get(v, "display")))
		drop(r, "thinking.display");
}

static void
read_reasoning(struct reading *r, struct jval v)
{
	if (!jval_ok(v))
		return;
	if (!jval_is(v, JSON_OBJECT)) {
		drop(r, "reasoning");
		return;
	}
	set_bool(r, jval_get(v, "enabled"), "reasoning.enabled");
	if (jval_ok(jval_get(v, "effort")) &&
	    !set_effort(r, jval_get_text(v, "effort")))
		drop(r, "reasoning.effort");
	set_budget(r, jval_get(v, "max_tokens"), "reasoning.max_tokens");
	if (jval_is_true(jval_get(v, "exclude")))
		set_show(r, false);
	if (jval_ok(jval_get(v, "summary")))
		set_show(r, true);
}

static void
read_template(struct reading *r, struct jval v)
{
	set_bool(r, jval_get(v, "enable_thinking"),
	    "chat_template_kwargs.enable_thinking");
	set_bool(r, jval_get(v, "thinking"),
	    "chat_template_kwargs.thinking");
}

void
reason_read_chat(struct ir_reasoning *into, struct arena *arena,
    struct losses *losses, struct jval body)
{
	struct reading r = { into, arena, losses };
	struct jval effort = jval_get(body, "reasoning_effort");

	/* In falling rank. */
	read_thinking(&r, jval_get(body, "thinking"));
	read_reasoning(&r, jval_get(body, "reasoning"));
	if (jval_ok(jval_get2(body, "output_config", "effort")) &&
	    !set_effort(&r, jval_get_text(jval_get(body, "output_config"),
	    "effort")))
		drop(&r, "output_config.effort");
	if (jval_ok(effort) && !set_effort(&r, jval_text(effort)))
		drop(&r, "reasoning_effort");
	set_bool(&r, jval_get(body, "enable_thinking"), "enable_thinking");
	set_budget(&r, jval_get(body, "thinking_budget"), "thinking_budget");
	read_template(&r, jval_get(body, "chat_template_kwargs"));
	if (jval_is(jval_get(body, "include_reasoning"), JSON_FALSE))
		set_show(&r, false);
}

/* Chat's spellings, which clients of Messages send along. */
static void
read_extensions(struct reading *r, struct jval body)
{
	struct jval effort = jval_get(body, "reasoning_effort");

	read_reasoning(r, jval_get(body, "reasoning"));
	if (jval_ok(effort) && !set_effort(r, jval_text(effort)))
		drop(r, "reasoning_effort");
	set_bool(r, jval_get(body, "enable_thinking"), "enable_thinking");
	set_budget(r, jval_get(body, "thinking_budget"), "thinking_budget");
	read_template(r, jval_get(body, "chat_template_kwargs"));
}

void
reason_read_messages(struct ir_reasoning *into, struct arena *arena,
    struct losses *losses, struct jval body)
{
	struct reading r = { into, arena, losses };
	struct jval config = jval_get(body, "output_config");

	read_thinking(&r, jval_get(body, "thinking"));
	if (into->effort == IR_EFFORT_UNSET)
		into->effort = reason_effort(jval_get_text(config, "effort"));
	if (into->effort == IR_EFFORT_UNSET &&
	    jval_ok(jval_get(config, "effort")))
		drop(&r, "output_config.effort");
	read_extensions(&r, body);
}
