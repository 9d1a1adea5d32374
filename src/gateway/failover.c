#include "gateway/failover_parts.h"

#include "base/clock.h"
#include "base/hash.h"
#include "gateway/count.h"
#include "gateway/tokens.h"

/* What a failure says of the target, and of the key it was asked with. */
enum effect {
	NO_EFFECT,		/* of the request, or ours */
	TARGET_FAILED,
	TARGET_BUSY,		/* with this key; without one, at all */
	KEY_REFUSED,		/* here */
	KEY_USELESS,		/* everywhere at the provider */
};

static const struct {		/* ORDER fail */
	enum effect	effect;
	bool		passing;	/* may be over when asked again */
} kinds[FAIL_KINDS] = {
	[FAIL_AUTH] = { KEY_USELESS, false },
	[FAIL_PERMISSION] = { KEY_REFUSED, false },
	[FAIL_CONFLICT] = { NO_EFFECT, true },
	[FAIL_RATE] = { TARGET_BUSY, true },
	[FAIL_QUOTA] = { KEY_USELESS, false },
	[FAIL_OVERLOADED] = { TARGET_FAILED, true },
	[FAIL_SERVER] = { TARGET_FAILED, true },
	[FAIL_TIMEOUT] = { TARGET_FAILED, true },
	[FAIL_CONNECT] = { TARGET_FAILED, true },
	[FAIL_TRUNCATED] = { TARGET_FAILED, true },
	[FAIL_BAD_ANSWER] = { TARGET_FAILED, true },
};

void
failover_log(const struct exchange *ex, enum log_level level, const char *what)
{
	log_begin(level, what);
	log_text("id", ex->request_id);
	log_text("provider", failover_target(ex)->provider->name);
	log_text("target", failover_target(ex)->model);
}

/* ---- what an attempt says of the target ---- */

static void
say_opened(const struct exchange *ex)
{
	failover_log(ex, LOG_WARN, "circuit opened");
	log_end();
}

/* How long to leave it alone: as it said, or as the configuration does. */
static int64_t
cool_ms(const struct exchange *ex, const struct fail *fail, bool refused)
{
	int64_t most = (int64_t)failover_circuit(ex)->cool_max_ms;
	int64_t ms = refused ? most : fail->retry_after_ms >= 0
	    ? fail->retry_after_ms : (int64_t)failover_circuit(ex)->cool_ms;

	return ms < most ? ms : most;
}

/*
 * What was said of our key; where there is none it is of the target.  What was
 * said of the caller's own is nobody else's affair.
 */
static void
cool(struct exchange *ex, const struct fail *fail, enum effect effect)
{
	const struct target *t = ex->attempt.target;
	struct failover *f = &ex->failover;
	bool ours = t->provider->key_count > 0;
	int64_t ms = cool_ms(ex, fail, effect != TARGET_BUSY);

	if (!ms)			/* others' clocks may be behind */
		return;
	if (ours)
		health_cool_key(failover_shared(ex), &f->where, t,
		    ex->attempt.key_at, effect == KEY_USELESS,
		    clock_ms() + ms);
	else if (effect == TARGET_BUSY && !ex->attempt.key.len)
		health_cool(f->where.record, clock_ms() + ms);
	else
		return;
	failover_log(ex, LOG_WARN, "left alone for a while");
	if (ours)
		log_num("key", (int64_t)ex->attempt.key_at);
	log_num("ms", ms);
	log_end();
}

/* A 403 may be about the request as well. */
static bool
is_of_key(const struct fail *fail)
{
	return slice_find_ci(fail->message, SLICE("key")) != SIZE_MAX ||
	    slice_find_ci(fail->message, SLICE("credential")) != SIZE_MAX;
}

static enum effect
effect_of(const struct fail *fail)
{
	enum effect effect = kinds[fail->kind].effect;

	/* 408 and the like: the provider is there, and did not like us */
	if (effect == TARGET_FAILED && fail->status >= 400 &&
	    fail->status < 500)
		return NO_EFFECT;
	return effect;
}

void
failover_blame(struct exchange *ex, const struct fail *fail)
{
	enum effect effect = effect_of(fail);
	struct failover *f = &ex->failover;
	int64_t now_ms = clock_ms();

	if (ex->trunk || !f->visit.record)
		return;
	if (effect == TARGET_FAILED) {
		if (health_failed(&f->visit, failover_circuit(ex), now_ms))
			say_opened(ex);
		return;
	}
	if (fail->status && effect == NO_EFFECT)
		health_answered(f->where.wide, now_ms);
	if (effect != NO_EFFECT && (effect != KEY_REFUSED ||
	    is_of_key(fail)))
		cool(ex, fail, effect);
	/* it answers, if only to refuse: that is enough for a probe */
	if (f->visit.probe && fail->status)
		failover_succeeded(ex);
	failover_let_go(ex);
}

void
failover_succeeded(struct exchange *ex)
{
	struct failover *f = &ex->failover;

	if (ex->trunk)
		return;
	if (f->key_forced)
		health_warm_key(failover_shared(ex), &f->where,
		    ex->attempt.target, ex->attempt.key_at);
	f->key_forced = false;
	health_answered(f->where.wide, clock_ms());
	if (!health_succeeded(&f->visit, failover_circuit(ex), clock_ms()))
		return;
	failover_log(ex, LOG_INFO, "circuit closed");
	log_end();
}

/* ---- what comes next ---- */

uint64_t
failover_left_ms(const struct exchange *ex, int64_t at_ms)
{
	const struct failover *f = &(ex->trunk ? ex->trunk : ex)->failover;
	int64_t total = (int64_t)ex->worker->config->limits.total_ms;
	int64_t gone = at_ms - f->began_ms;

	return gone < total ? (uint64_t)(total - gone) : 0;
}

static void
count_next(const struct exchange *ex, enum count_next next)
{
	count_failover(ex->worker->plan->count, next);
}

static void
say_refused(const struct exchange *ex)
{
	count_next(ex, COUNT_REFUSED);
	log_begin(LOG_WARN, "no retry: the budget is spent");
	log_text("id", ex->request_id);
	log_end();
}

static bool
affordable(struct exchange *ex)
{
	bool fine = health_budget_take(failover_shared(ex),
	    &ex->worker->health, &ex->worker->config->limits, clock_ms());

	if (!fine)
		say_refused(ex);
	return fine;
}

enum verdict { GO, WAIT, NO };

/*
 * One that is well may take over, as soon as it has shown that it answers; the
 * others only within the budget.
 */
static enum verdict
another_target(struct exchange *ex, const struct fail *fail)
{
	struct worker *w = ex->worker;
	size_t next = ex->cursor + 1, well;
	struct health_target where;

	if (!fail_elsewhere(fail->kind) || next >= ex->route.count)
		return NO;
	well = failover_first_well(ex, next);
	if (well == ex->route.count)
		return affordable(ex) ? GO : NO;
	if (!kinds[fail->kind].passing)
		return GO;		/* it was this target's alone */
	where = health_find(failover_shared(ex), &w->health, w->config,
	    &ex->route.targets[well]);
	return health_take_over(failover_shared(ex), &w->health, where.wide,
	    &w->config->limits, clock_ms()) ? GO : WAIT;
}

/* Twice as long for each round, and between the half and the whole of it. */
static int64_t
pause_ms(const struct exchange *ex)
{
	const struct limits *m = &ex->worker->config->limits;
	uint64_t ms = m->backoff_ms << ex->failover.rounds;
	uint64_t random;

	if (ms > m->backoff_max_ms)
		ms = m->backoff_max_ms;
	random_bytes(&random, sizeof random);
	ms -= random % (ms / 2 + 1);
	return (int64_t)ms > ex->failover.wait_ms ? (int64_t)ms
	    : ex->failover.wait_ms;
}

static bool
another_round(struct exchange *ex, int64_t *ms)
{
	const struct limits *m = &ex->worker->config->limits;
	const struct model *model = ex->route.model;
	struct failover *f = &ex->failover;
	uint64_t retries = model && model->retries != UINT64_MAX
	    ? model->retries : ex->worker->config->retries;

	if (!f->passing || f->rounds >= retries ||
	    f->wait_ms > (int64_t)m->retry_after_max_ms)
		return false;
	*ms = pause_ms(ex);
	return (uint64_t)*ms < failover_left_ms(ex, clock_ms()) &&
	    affordable(ex);
}

/* What a round must know of all its attempts to be followed by another. */
static void
sum_up(struct failover *f, const struct fail *fail)
{
	int64_t wait_ms = fail->retry_after_ms > 0 ? fail->retry_after_ms : 0;

	if (!kinds[fail->kind].passing || fail->no_retry)
		return;
	if (!f->passing || wait_ms < f->wait_ms)
		f->wait_ms = wait_ms;
	f->passing = true;
}

static void
say_failed(const struct exchange *ex, const struct fail *fail)
{
	failover_log(ex, LOG_WARN, "attempt failed");
	log_str("error", fail_name(fail->kind));
	if (fail->status)
		log_num("status", fail->status);
	log_text("why", fail->message);
	log_end();
}

static void
begin_pause(struct exchange *ex, int64_t ms)
{
	struct failover *f = &ex->failover;

	log_begin(LOG_INFO, "pause before a retry");
	log_text("id", ex->request_id);
	log_num("ms", ms);
	log_end();
	failover_note_item(ex, "pause", (uint64_t)ms);
	f->rounds++;
	f->passing = false;
	f->wait_ms = -1;
	f->tried = 0;
	ex->cursor = 0;
	upstream_drop(ex);
	exchange_enter(ex, EX_PAUSE);
	loop_after(ex->worker->loop, &ex->timer, ms);
}

/* Look again after a while, longer each time.  False: it took too long. */
static bool
wait_more(struct exchange *ex, const struct fail *fail)
{
	enum { LEAST_MS = 20, MOST_MS = 200 };
	const struct limits *m = &ex->worker->config->limits;
	struct failover *f = &ex->failover;
	int64_t ms = f->waited_ms < LEAST_MS ? LEAST_MS
	    : f->waited_ms > MOST_MS ? MOST_MS : f->waited_ms;

	if (f->waited_ms >= (int64_t)m->backoff_max_ms ||
	    !failover_left_ms(ex, clock_ms())) {
		say_refused(ex);
		return false;
	}
	if (!f->waited_ms) {
		failover_log(ex, LOG_INFO, "wait for another target");
		log_end();
	}
	f->waiting = true;
	f->waited_ms += ms;
	f->lost = *fail;
	upstream_drop(ex);
	exchange_enter(ex, EX_PAUSE);
	loop_after(ex->worker->loop, &ex->timer, ms);
	return true;
}

/* Another target, or a round more. */
static bool
move_on(struct exchange *ex, const struct fail *fail)
{
	struct failover *f = &ex->failover;
	enum verdict verdict = another_target(ex, fail);
	int64_t ms;

	if (verdict == WAIT)
		return wait_more(ex, fail);
	if (f->waited_ms)
		failover_note_item(ex, "pause", (uint64_t)f->waited_ms);
	f->waited_ms = 0;
	if (verdict == GO) {
		count_next(ex, COUNT_TARGET);
		ex->cursor++;
		upstream_drop(ex);
		(void)exchange_try(ex);
		return true;
	}
	if (!another_round(ex, &ms))
		return false;
	count_next(ex, COUNT_ROUND);
	begin_pause(ex, ms);
	return true;
}

bool
failover_next(struct exchange *ex, const struct fail *fail)
{
	struct failover *f = &ex->failover;
	enum effect effect = effect_of(fail);

	if (ex->trunk)			/* which decides for all */
		return false;
	bill_forget(ex);
	if (!ex->attempt.same || fail_elsewhere(fail->kind))
		say_failed(ex, fail);
	failover_note(ex, fail);
	failover_blame(ex, fail);
	sum_up(f, fail);
	if (effect >= TARGET_BUSY)
		failover_mark_tried(ex);
	if (f->over || !failover_left_ms(ex, clock_ms()))
		return false;
	if (effect >= TARGET_BUSY && failover_another_key(ex)) {
		count_next(ex, COUNT_KEY);
		upstream_drop(ex);
		(void)exchange_try(ex);
		return true;
	}
	/* where an estimate does as well nobody else is asked */
	return !tokens_replace(ex, fail) && move_on(ex, fail);
}

void
failover_resume(struct exchange *ex)
{
	struct fail fail = ex->failover.lost;

	if (!ex->failover.waiting) {
		(void)exchange_try(ex);
		return;
	}
	ex->failover.waiting = false;
	if (!move_on(ex, &fail))
		(void)exchange_refuse(ex, &fail);
}
