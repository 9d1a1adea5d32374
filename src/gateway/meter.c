#include "gateway/meter.h"

#include "base/clock.h"

static const char *const stop_names[] = {	/* ORDER ir_stop */
	[IR_STOP_END] = "end", [IR_STOP_TOOL] = "tool",
	[IR_STOP_LENGTH] = "length", [IR_STOP_SEQUENCE] = "sequence",
	[IR_STOP_FILTER] = "filter", [IR_STOP_REFUSAL] = "refusal",
	[IR_STOP_BAD_TOOL] = "bad_tool", [IR_STOP_PAUSE] = "pause",
	[IR_STOP_CONTEXT] = "context", [IR_STOP_OTHER] = "other",
};

const char *
meter_stop_name(enum ir_stop stop)
{
	return stop_names[stop];
}

/* The failure outlives the event that told it. */
static void
keep_fail(struct meter *m, const struct fail *fail)
{
	if (m->fail.kind != FAIL_NONE)
		return;
	m->fail = *fail;
	m->fail.message = arena_dup(m->arena, fail->message);
	m->fail.param = arena_dup(m->arena, fail->param);
	m->fail.code = arena_dup(m->arena, fail->code);
	m->fail.type = arena_dup(m->arena, fail->type);
	m->fail.details = arena_dup(m->arena, fail->details);
}

static void
put(struct sink *sink, const struct ir_event *ev)
{
	struct meter *m = (struct meter *)sink;

	switch (ev->type) {
	case IR_FAIL:
		keep_fail(m, ev->fail);
		return;
	case IR_BEGIN:
	case IR_USAGE:
		ir_usage_merge(&m->usage, &ev->usage);
		break;
	case IR_STOP:
		m->stop = ev->stop;
		m->stopped = true;
		break;
	case IR_PING:
		if (!m->begun)
			return;
		break;
	case IR_OPEN:
		m->called |= ev->kind == IR_CALL;
		m->declined |= ev->refusal;
		break;
	case IR_DELTA:
	case IR_SIGN:
	case IR_CITE:
	case IR_LOGPROBS:
	case IR_CLOSE:
		break;
	}
	if (!m->begun) {
		m->begun = true;
		m->first_us = clock_us();
		m->commit(m->owner);
	}
	if (sink->next)
		sink->next->put(sink->next, ev);
}

void
meter_init(struct meter *m, struct arena *arena, struct sink *next,
    void (*commit)(void *), void *owner)
{
	*m = (struct meter){
		.sink = { .put = put, .next = next },
		.usage = ir_usage_none(), .arena = arena,
		.commit = commit, .owner = owner,
	};
}
