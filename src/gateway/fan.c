#include "gateway/fan.h"

#include <string.h>

#include "base/clock.h"
#include "proto/choices.h"
#include "proto/usage.h"

struct fan {
	struct exchange	**branches;	/* [count], kept until fan_free() */
	unsigned	 count;
	bool		 live;		/* begun, and not yet stopped */
	unsigned	 first;		/* whose turn it is to go first */
	unsigned	 unsent;	/* may need the request yet */
	struct choices	 choices;
};

/* ---- beginning ---- */

/* What a branch has of its trunk; all of it outlives the branch. */
static void
graft(struct exchange *b, struct exchange *trunk, unsigned choice)
{
	struct arena arena = b->arena, scratch = b->scratch;

	*b = (struct exchange){
		.client = trunk->client, .worker = trunk->worker,
		.arena = arena, .scratch = scratch, .phase = EX_ADMIT,
		.request_id = trunk->request_id,
		.reader.head = trunk->reader.head, .caller = trunk->caller,
		.purpose = trunk->purpose,
		.client_protocol = trunk->client_protocol,
		.talk = trunk->talk, .route.model = trunk->route.model,
		.cursor = trunk->cursor, .attempt = trunk->attempt,
		.meter.usage = ir_usage_none(), .answer = trunk->answer,
		.timer.on = trunk->timer.on, .trunk = trunk,
	};
	memcpy(b->id, trunk->id, sizeof b->id);
	b->arena.limit = trunk->arena.limit;
	b->attempt.request = (struct buf){ 0 };
	b->attempt.dial.owner = b;
	b->talk.arena = &b->arena;
	b->talk.scratch = &b->scratch;
	b->talk.losses = (struct losses){ 0 };
	b->talk.choices = &trunk->fan->choices;
	b->talk.choice = choice;
}

static struct fan *
make(struct exchange *trunk)
{
	struct arena *arena = &trunk->arena;
	unsigned count = trunk->talk.answers;
	struct fan *fan = arena_alloc(arena, sizeof *fan);

	if (!fan)
		return NULL;
	fan->branches = arena_array(arena, count, sizeof *fan->branches);
	if (!fan->branches)
		return NULL;
	trunk->fan = fan;
	while (fan->count < count) {
		struct exchange *b = slab_get(&trunk->worker->exchanges);

		if (!b)
			return NULL;
		b->worker = trunk->worker;
		fan->branches[fan->count++] = b;
	}
	return fan;
}

/* Nothing that an earlier attempt left is this one's. */
static void
clear(struct exchange *ex)
{
	ex->sink = NULL;
	ex->referee = NULL;
	buf_clear(&ex->whole);
	ex->meter = (struct meter){ .usage = ir_usage_none() };
	ex->talk.created_s = clock_wall_s();
}

bool
fan_begin(struct exchange *trunk)
{
	/* how many answers are wanted is the same for each target */
	struct fan *fan = trunk->fan ? trunk->fan : make(trunk);

	if (!fan || fan->count != trunk->talk.answers ||
	    !choices_init(&fan->choices, &trunk->arena, fan->count,
	    &trunk->whole))
		return false;
	clear(trunk);
	fan->live = true;
	fan->unsent = fan->count;
	for (unsigned i = 0; i < fan->count; i++) {
		struct exchange *b = fan->branches[i];

		graft(b, trunk, i);
		/* a dial that fails at once calls back before EX_DIAL */
		b->running = true;
		upstream_connect(b, false);
		exchange_enter(b, EX_DIAL);
		b->running = false;
	}
	return true;
}

/* ---- going on ---- */

/* One of them failed, and so did the attempt as a whole. */
static enum step
lost(struct exchange *trunk, const struct exchange *b)
{
	struct fail fail = b->meter.fail;

	fan_stop(trunk);
	trunk->meter.fail = fail;
	trunk->attempt.head = b->attempt.head;
	if (!b->attempt.head || b->attempt.head->status < 400 ||
	    b->attempt.source || !retry_refused(trunk, &fail))
		exchange_attempt_failed(trunk, &fail);
	return STEP_GO;
}

/*
 * The head of that branch's answer stands for all.  The request may have been
 * passed on, but what is put together is told.
 */
static void
take_head(struct exchange *trunk, const struct exchange *b)
{
	trunk->attempt.head = b->attempt.head;
	trunk->attempt.same = false;
}

static enum step
complete(struct exchange *trunk)
{
	struct fan *fan = trunk->fan;

	fan_stop(trunk);
	take_head(trunk, fan->branches[0]);
	if (trunk->whole.failed) {
		struct fail fail = { .retry_after_ms = -1 };

		fail_set(&fail, &trunk->arena, FAIL_MEMORY, NULL,
		    FAIL_NO_MEMORY);
		trunk->meter.fail = fail;
		exchange_attempt_failed(trunk, &fail);
		return STEP_GO;
	}
	trunk->meter.stopped = true;
	trunk->meter.stop = fan->branches[0]->meter.stop;
	relay_finish(trunk);
	return STEP_GO;
}

enum step
fan_run(struct exchange *trunk)
{
	struct fan *fan = trunk->fan;
	struct conn *c = &trunk->client->conn;
	unsigned over = 0;

	/* what the branches need is counted as theirs */
	trunk->own_us += clock_us() - trunk->step_us;
	for (unsigned i = 0; i < fan->count; i++)
		exchange_run(fan->branches[(fan->first + i) % fan->count]);
	/* whoever goes first finds the most room at a slow client */
	fan->first = (fan->first + 1) % fan->count;
	trunk->step_us = clock_us();
	if (c->hung_up)
		return STEP_GO;
	for (unsigned i = 0; i < fan->count; i++) {
		const struct exchange *b = fan->branches[i];

		if (b->phase == EX_DONE && !b->ended)
			return lost(trunk, b);
		over += b->phase == EX_DONE;
	}
	if (over == fan->count)
		return complete(trunk);
	/* the last words of one that has ended */
	if (conn_flush(c))
		return STEP_WAIT;
	c->hung_up = true;
	return STEP_GO;
}

void
fan_tick(struct exchange *trunk)
{
	struct conn *c = &trunk->client->conn;

	if (!trunk->committed || conn_pending(c))
		return;
	(void)conn_out(c);
	answer_piece(&trunk->answer, trunk->client_protocol->keep_alive);
	(void)conn_flush(c);
}

void
fan_heard(struct exchange *b)
{
	struct exchange *trunk = b->trunk;

	b->attempt.same = false;
	if (b->attempt.head->status < 400)
		retry_accepted(trunk);
}

void
fan_sent(struct exchange *b)
{
	struct exchange *trunk = b->trunk;

	if (--trunk->fan->unsent)
		return;
	buf_clear(&trunk->attempt.request);
	loop_unblock(trunk->worker->loop, &trunk->attempt.request);
}

void
fan_commit(struct exchange *b)
{
	struct exchange *trunk = b->trunk;

	if (!trunk->committed) {
		take_head(trunk, b);
		trunk->step_us = b->step_us;
		reply_head(trunk, 200,
		    SLICE("text/event-stream; charset=utf-8"), -1);
	}
	b->answer = trunk->answer;
	b->committed = true;
}

/* ---- what it cost ---- */

static struct ir_usage
used(const struct exchange *b)
{
	struct ir_usage usage = b->meter.usage;

	if (!b->meter.stopped)
		usage_so_far(b->bill.counter, &usage);
	return usage;
}

static void
add_usage(const struct exchange *b, struct ir_usage *sum)
{
	struct ir_usage usage = used(b);

	ir_usage_add(sum, &usage);
}

int64_t
fan_cost(const struct exchange *trunk, const struct catalog_model *model)
{
	const struct fan *fan = trunk->fan;
	int64_t sum = 0;

	for (unsigned i = 0; i < fan->count; i++) {
		struct ir_usage usage = used(fan->branches[i]);
		int64_t cost = usage.in < 0 && usage.out < 0 ? 0
		    : catalog_cost(model, &usage);

		if (cost < 0)
			return -1;
		sum += cost;
	}
	return sum;
}

void
fan_usage(const struct exchange *trunk, struct ir_usage *sum)
{
	const struct fan *fan = trunk->fan;

	for (unsigned i = 0; fan && fan->live && i < fan->count; i++)
		add_usage(fan->branches[i], sum);
}

bool
fan_told(const struct exchange *trunk)
{
	const struct fan *fan = trunk->fan;

	for (unsigned i = 0; i < fan->count; i++)
		if (!fan->branches[i]->meter.stopped)
			return false;
	return true;
}

/* ---- the end ---- */

/* What the client is not told of a branch's answer. */
static void
add_losses(struct exchange *trunk, const struct exchange *b)
{
	for (const struct loss *l = b->talk.losses.first; l; l = l->next)
		loss_add(&trunk->talk.losses, &trunk->arena, l->action,
		    "%.*s", SLICE_FMT(l->path));
}

void
fan_stop(struct exchange *trunk)
{
	struct fan *fan = trunk->fan;
	struct meter *sum = &trunk->meter;

	if (!fan || !fan->live)
		return;
	fan->live = false;
	for (unsigned i = 0; i < fan->count; i++) {
		struct exchange *b = fan->branches[i];
		const struct meter *m = &b->meter;

		upstream_drop(b);
		if (b->phase != EX_DONE)
			exchange_enter(b, EX_DONE);
		loop_cancel(b->worker->loop, &b->timer);
		buf_clear(&b->whole);
		loop_unblock(b->worker->loop, &b->whole);
		add_losses(trunk, b);
		add_usage(b, &sum->usage);
		if (m->first_us && (!sum->first_us ||
		    m->first_us < sum->first_us))
			sum->first_us = m->first_us;
		trunk->own_us += b->own_us;
	}
}

void
fan_free(struct exchange *trunk)
{
	struct fan *fan = trunk->fan;

	for (unsigned i = 0; fan && i < fan->count; i++)
		exchange_free(fan->branches[i]);
	trunk->fan = NULL;
}
