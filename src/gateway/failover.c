#include "gateway/failover.h"

#include "base/clock.h"
#include "base/hash.h"
#include "gateway/affinity.h"
#include "gateway/exchange.h"
#include "gateway/tokens.h"

enum {
	TRAIL_MAX = 4096,	/* of the header, but for the last attempt */
};

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

static const struct circuit *
circuit(const struct exchange *ex)
{
	return &ex->worker->config->circuit;
}

static struct shared *
shared(const struct exchange *ex)
{
	return ex->worker->plan->shared;
}

static const struct target *
target(const struct exchange *ex)
{
	return &ex->route.targets[ex->cursor];
}

/* ---- the log, and the header ---- */

static void
log_target(const struct exchange *ex, enum log_level level, const char *what)
{
	log_begin(level, what);
	log_text("id", ex->request_id);
	log_text("provider", target(ex)->provider->name);
	log_text("target", target(ex)->model);
}

/* A name in the list: nothing in it can be taken for another item. */
static struct slice
plain_name(struct exchange *ex, struct slice name)
{
	char *out = arena_text(&ex->arena, name.len * 3);
	size_t n = 0;

	if (!out)
		return SLICE("");
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		out[n++] = c;
		if (c > ' ' && c <= '~' && c != ',' && c != ';' && c != '=' &&
		    c != '%')
			continue;
		out[n - 1] = '%';
		hex_encode((const uint8_t *)&c, 1, out + n);
		n += 2;
	}
	return (struct slice){ out, n };
}

static struct slice
with_item(struct exchange *ex, struct slice outcome)
{
	const struct target *t = target(ex);

	return arena_join(&ex->arena, (struct slice[]){ ex->failover.trail,
	    ex->failover.trail.len ? SLICE(", ") : SLICE(""),
	    plain_name(ex, t->provider->name), SLICE("/"),
	    plain_name(ex, t->model), SLICE("="), outcome }, 7);
}

static void
note(struct exchange *ex, struct slice outcome)
{
	if (ex->failover.trail.len < TRAIL_MAX)
		ex->failover.trail = with_item(ex, outcome);
}

/* The provider's status, or else what it was. */
static struct slice
outcome_of(struct exchange *ex, const struct fail *fail)
{
	return fail->status ? arena_fmt(&ex->arena, "%u", fail->status)
	    : slice_of(fail_name(fail->kind));
}

void
failover_note(struct exchange *ex, const struct fail *fail)
{
	note(ex, outcome_of(ex, fail));
	ex->failover.told = ex->attempts;
}

struct slice
failover_told(struct exchange *ex, unsigned status)
{
	struct slice list = ex->failover.trail;

	if (ex->failover.told < ex->attempts)
		list = with_item(ex, arena_fmt(&ex->arena, "%u", status));
	return arena_fmt(&ex->arena, "%u%s%.*s", ex->attempts,
	    list.len ? "; " : "", SLICE_FMT(list));
}

/* ---- which target ---- */

void
failover_begin(struct exchange *ex)
{
	struct failover *f = &ex->failover;

	f->owner = ex->route.targets[0].provider;
	f->turn = ex->worker->next_id;
	f->began_ms = clock_ms();
	f->wait_ms = -1;
	health_budget_add(shared(ex), &ex->worker->health, f->began_ms);
}

/* Are all keys of the target to be left alone? */
static bool
keys_cooled(const struct exchange *ex, const struct health_target *where,
    const struct target *t)
{
	size_t i = 0;

	while (i < t->provider->key_count && health_key_cooled(shared(ex),
	    where, t, i, clock_ms()))
		i++;
	return i && i == t->provider->key_count;
}

static bool
is_well(const struct exchange *ex, const struct target *t)
{
	struct worker *w = ex->worker;
	struct health_target where = health_find(shared(ex), &w->health,
	    w->config, t);

	return health_well(where.record, clock_ms()) &&
	    !keys_cooled(ex, &where, t);
}

void
failover_let_go(struct exchange *ex)
{
	health_let_go(&ex->failover.visit, clock_ms());
}

/* Go to the target under the cursor, well or not. */
static void
visit(struct exchange *ex)
{
	struct failover *f = &ex->failover;
	struct worker *w = ex->worker;

	failover_let_go(ex);		/* it may have been chosen before */
	f->where = health_find(shared(ex), &w->health, w->config, target(ex));
	f->key_forced = keys_cooled(ex, &f->where, target(ex));
	(void)health_visit(f->where.record, circuit(ex), w->place,
	    clock_ms(), &f->visit);
}

/* Those behind it move up, and it comes last. */
static void
put_back(struct exchange *ex)
{
	struct route *r = &ex->route;
	struct target t = r->targets[ex->cursor];

	log_target(ex, LOG_WARN, "target passed over");
	log_end();
	note(ex, SLICE("skipped"));
	for (size_t i = ex->cursor; i + 1 < r->count; i++)
		r->targets[i] = r->targets[i + 1];
	r->targets[r->count - 1] = t;
}

/* The first that is well, from `from` on; the count of targets: none is. */
static size_t
first_well(const struct exchange *ex, size_t from)
{
	while (from < ex->route.count &&
	    !is_well(ex, &ex->route.targets[from]))
		from++;
	return from;
}

void
failover_choose(struct exchange *ex)
{
	size_t best = ex->cursor;

	if (ex->route.count - ex->cursor > 1)
		best = first_well(ex, ex->cursor);
	if (best < ex->route.count)
		for (; best > ex->cursor; best--)
			put_back(ex);
	visit(ex);
	if (ex->failover.visit.probe) {
		log_target(ex, LOG_INFO, "target tried again");
		log_end();
	}
}

void
failover_last(struct exchange *ex)
{
	ex->failover.over = true;
}

/* ---- which key ---- */

static bool
was_tried(const struct exchange *ex, size_t key)
{
	const struct failover *f = &ex->failover;

	return f->tried_of == target(ex)->provider && f->tried >> key & 1;
}

static void
mark_tried(struct exchange *ex)
{
	struct failover *f = &ex->failover;
	const struct provider *p = ex->attempt.target->provider;

	if (f->tried_of != p)
		f->tried = 0;
	f->tried_of = p;
	f->tried |= (uint64_t)1 << ex->attempt.key_at;
}

/*
 * Where the request begins to look: keys take turns, but a conversation that
 * was drawn a target keeps its key, too, and finds the provider's cache again.
 */
static size_t
first_key(const struct exchange *ex)
{
	const struct provider *p = target(ex)->provider;
	uint64_t turn = ex->failover.turn;

	if (ex->route.affinity)
		turn = affinity_mix(ex->route.affinity ^
		    affinity_of(p->name));
	return (size_t)(turn % p->key_count);
}

/*
 * The first that is free, from where this request begins to look; else the one
 * that is free soonest.  False: this request has failed with all of them.
 */
static bool
find_key(const struct exchange *ex, size_t *key, bool *cooled)
{
	const struct target *t = target(ex);
	size_t count = t->provider->key_count, first = first_key(ex);
	int64_t soonest = INT64_MAX;

	for (size_t i = 0; i < count; i++) {
		size_t k = (first + i) % count;
		int64_t until_ms;

		if (was_tried(ex, k))
			continue;
		until_ms = health_key_cooled(shared(ex), &ex->failover.where,
		    t, k, clock_ms());
		if (until_ms < soonest) {
			soonest = until_ms;
			*key = k;
		}
		if (!until_ms)
			break;
	}
	*cooled = soonest > 0;
	return soonest != INT64_MAX;
}

void
failover_key(struct exchange *ex)
{
	const struct provider *p = ex->attempt.target->provider;
	struct attempt *a = &ex->attempt;
	size_t key = 0;

	if (!p->key_count) {
		if (p == ex->failover.owner)
			a->key = ex->caller.credential;
		return;
	}
	if (p->key_count > 1 && !find_key(ex, &key, &ex->failover.key_forced))
		key = first_key(ex);
	a->key = p->keys[key];
	a->key_at = key;
}

/* ---- what an attempt says of the target ---- */

static void
say_opened(const struct exchange *ex)
{
	log_target(ex, LOG_WARN, "circuit opened");
	log_end();
}

/* How long to leave it alone: as it said, or as the configuration does. */
static int64_t
cool_ms(const struct exchange *ex, const struct fail *fail, bool refused)
{
	int64_t most = (int64_t)circuit(ex)->cool_max_ms;
	int64_t ms = refused ? most : fail->retry_after_ms >= 0
	    ? fail->retry_after_ms : (int64_t)circuit(ex)->cool_ms;

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

	if (ours)
		health_cool_key(shared(ex), &f->where, t, ex->attempt.key_at,
		    effect == KEY_USELESS, clock_ms() + ms);
	else if (effect == TARGET_BUSY && !ex->attempt.key.len)
		health_cool(f->where.record, clock_ms() + ms);
	else
		return;
	log_target(ex, LOG_WARN, "left alone for a while");
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
		if (health_failed(&f->visit, circuit(ex), now_ms))
			say_opened(ex);
		return;
	}
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
		health_warm_key(shared(ex), &f->where, ex->attempt.target,
		    ex->attempt.key_at);
	f->key_forced = false;
	if (!health_succeeded(&f->visit, circuit(ex), clock_ms()))
		return;
	log_target(ex, LOG_INFO, "circuit closed");
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

static bool
affordable(struct exchange *ex)
{
	if (health_budget_take(shared(ex), &ex->worker->health,
	    &ex->worker->config->limits, clock_ms()))
		return true;
	log_begin(LOG_WARN, "no retry: the budget is spent");
	log_text("id", ex->request_id);
	log_end();
	return false;
}

/* Is there a key left that is free, where the last one was refused? */
static bool
another_key(const struct exchange *ex, enum effect effect)
{
	bool cooled;
	size_t key;

	return effect >= TARGET_BUSY && ex->attempt.target->provider->key_count
	    > 1 && find_key(ex, &key, &cooled) && !cooled;
}

/* One that is well may take over; the others only within the budget. */
static bool
another_target(struct exchange *ex, const struct fail *fail)
{
	size_t next = ex->cursor + 1;

	return fail_elsewhere(fail->kind) && next < ex->route.count &&
	    (first_well(ex, next) < ex->route.count || affordable(ex));
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
	log_target(ex, LOG_WARN, "attempt failed");
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
	ex->failover.trail = arena_join(&ex->arena, (struct slice[]){
	    f->trail, arena_fmt(&ex->arena, ", pause=%lld",
	    (long long)ms) }, 2);
	f->rounds++;
	f->passing = false;
	f->wait_ms = -1;
	f->tried = 0;
	ex->cursor = 0;
	upstream_drop(ex);
	exchange_enter(ex, EX_PAUSE);
	loop_after(ex->worker->loop, &ex->timer, ms);
}

bool
failover_next(struct exchange *ex, const struct fail *fail)
{
	struct failover *f = &ex->failover;
	enum effect effect = effect_of(fail);
	int64_t ms;

	if (ex->trunk)			/* which decides for all */
		return false;
	bill_forget(ex);
	if (!ex->attempt.same || fail_elsewhere(fail->kind))
		say_failed(ex, fail);
	failover_note(ex, fail);
	failover_blame(ex, fail);
	sum_up(f, fail);
	if (effect >= TARGET_BUSY)
		mark_tried(ex);
	if (f->over || !failover_left_ms(ex, clock_ms()))
		return false;
	if (!another_key(ex, effect)) {
		if (tokens_replace(ex, fail))
			return false;	/* an estimate does as well */
		if (another_target(ex, fail)) {
			ex->cursor++;
		} else if (another_round(ex, &ms)) {
			begin_pause(ex, ms);
			return true;
		} else {
			return false;
		}
	}
	upstream_drop(ex);
	(void)exchange_try(ex);
	return true;
}

void
failover_resume(struct exchange *ex)
{
	(void)exchange_try(ex);
}
