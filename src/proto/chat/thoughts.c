#include "proto/chat/thoughts.h"

static void
keep(struct thoughts *t, const struct shape *s, struct slice text)
{
	t->too_long |= text.len > THOUGHTS_MAX - t->kept.len;
	if (!t->too_long)
		gather_add(&t->kept, s->talk->arena, text);
}

static void
keep_begin(struct thoughts *t, const struct shape *s, struct slice text)
{
	t->begun = t->kept.len;
	if (t->begun)
		keep(t, s, SLICE(","));
	keep(t, s, text);
}

/* Where it belongs is said as in reasoning_details. */
static void
keep_end(struct thoughts *t, const struct shape *s)
{
	keep(t, s, SLICE("\""));
	keep(t, s, shape_place(s));
	keep(t, s, SLICE("}"));
	t->open = false;
}

static void
on_open(struct thoughts *t, const struct shape *s, const struct ir_event *ev)
{
	if (ev->kind == IR_THINK) {
		keep_begin(t, s,
		    SLICE("{\"type\":\"thinking\",\"thinking\":\""));
		t->open = true;
	} else if (ev->kind == IR_REDACTED && ev->vendor == IR_ANTHROPIC) {
		keep_begin(t, s,
		    SLICE("{\"type\":\"redacted_thinking\",\"data\":\""));
		keep(t, s, ev->text);
		keep_end(t, s);
	}
}

static void
on_sign(struct thoughts *t, const struct shape *s, const struct ir_event *ev)
{
	if (!t->open || ev->vendor != IR_ANTHROPIC)
		return;
	keep(t, s, SLICE("\",\"signature\":\""));
	keep(t, s, ev->signature);
	keep_end(t, s);
}

/* Nobody takes back what was not signed. */
static void
on_close(struct thoughts *t)
{
	if (t->open)
		t->kept.len = t->begun;
	t->open = false;
}

void
thoughts_follow(struct thoughts *t, const struct shape *s,
    const struct ir_event *ev)
{
	if (s->muted)
		return;
	if (ev->type == IR_OPEN)
		on_open(t, s, ev);
	else if (ev->type == IR_DELTA && t->open)
		keep(t, s, ev->text);
	else if (ev->type == IR_SIGN)
		on_sign(t, s, ev);
	else if (ev->type == IR_CLOSE)
		on_close(t);
}

struct slice
thoughts_list(const struct thoughts *t)
{
	return t->too_long ? (struct slice){ 0 } : gather_text(&t->kept);
}
