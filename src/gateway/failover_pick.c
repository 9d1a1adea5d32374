/* Which target is asked next, and with which key. */
#include "gateway/failover_parts.h"

#include "base/clock.h"
#include "gateway/affinity.h"

/* ---- which target ---- */

void
failover_begin(struct exchange *ex)
{
	struct failover *f = &ex->failover;

	f->owner = ex->route.targets[0].provider;
	f->turn = ex->worker->next_id;
	f->began_ms = clock_ms();
	f->wait_ms = -1;
	health_budget_add(failover_shared(ex), &ex->worker->health,
	    f->began_ms);
}

/* Are all keys of the target to be left alone? */
static bool
keys_cooled(const struct exchange *ex, const struct health_target *where,
    const struct target *t)
{
	size_t i = 0;

	while (i < t->provider->key_count && health_key_cooled(
	    failover_shared(ex), where, t, i, clock_ms()))
		i++;
	return i && i == t->provider->key_count;
}

static bool
is_well(const struct exchange *ex, const struct target *t)
{
	struct worker *w = ex->worker;
	struct health_target where = health_find(failover_shared(ex),
	    &w->health, w->config, t);

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
	const struct target *t = failover_target(ex);
	struct failover *f = &ex->failover;
	struct worker *w = ex->worker;

	failover_let_go(ex);		/* it may have been chosen before */
	f->where = health_find(failover_shared(ex), &w->health, w->config, t);
	f->key_forced = keys_cooled(ex, &f->where, t);
	(void)health_visit(f->where.record, failover_circuit(ex), w->place,
	    clock_ms(), &f->visit);
}

/* Those behind it move up, and it comes last. */
static void
put_back(struct exchange *ex)
{
	struct route *r = &ex->route;
	struct target t = r->targets[ex->cursor];

	failover_log(ex, LOG_INFO, "target passed over");
	log_end();
	failover_note_target(ex, SLICE("skipped"));
	for (size_t i = ex->cursor; i + 1 < r->count; i++)
		r->targets[i] = r->targets[i + 1];
	r->targets[r->count - 1] = t;
}

size_t
failover_first_well(const struct exchange *ex, size_t from)
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
		best = failover_first_well(ex, ex->cursor);
	if (best < ex->route.count)
		for (; best > ex->cursor; best--)
			put_back(ex);
	visit(ex);
	if (ex->failover.visit.probe) {
		failover_log(ex, LOG_INFO, "target tried again");
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

	return f->tried_of == failover_target(ex)->provider &&
	    f->tried >> key & 1;
}

void
failover_mark_tried(struct exchange *ex)
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
	const struct provider *p = failover_target(ex)->provider;
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
	const struct target *t = failover_target(ex);
	size_t count = t->provider->key_count, first = first_key(ex);
	int64_t soonest = INT64_MAX;

	for (size_t i = 0; i < count; i++) {
		size_t k = (first + i) % count;
		int64_t until_ms;

		if (was_tried(ex, k))
			continue;
		until_ms = health_key_cooled(failover_shared(ex),
		    &ex->failover.where, t, k, clock_ms());
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

bool
failover_another_key(const struct exchange *ex)
{
	bool cooled;
	size_t key;

	return failover_target(ex)->provider->key_count > 1 &&
	    find_key(ex, &key, &cooled) && !cooled;
}
