/*
 * A slot per target holds a stack of conns, linked by conn->next; the oldest
 * stands last.  An idle conn's owner is its slot and its wake() is ours: any
 * event that brings bytes or an end throws it out.  A buried conn's owner is
 * the pool.
 *
 * The sweep timer is armed for the first conn that grows too old, and only
 * while something is idle.
 */
#include "net/pool.h"

#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"

enum {
	CONNS_KEPT = 256,	/* closed ones whose memory waits for reuse */
	ANEW_MS = 3000,		/* for the first sign of life */
};

struct pool_slot {
	struct pool		 *pool;
	const struct dial_target *target;
	struct pool_slot	 *next;
	struct conn		 *idle;
	size_t			  count;
};

static struct pool_slot *
find_slot(const struct pool *p, const struct dial_target *target)
{
	struct pool_slot *s = p->slots;

	while (s && s->target != target)
		s = s->next;
	return s;
}

static struct pool_slot *
need_slot(struct pool *p, const struct dial_target *target)
{
	struct pool_slot *s = find_slot(p, target);

	if (s)
		return s;
	s = slab_get(&p->slot_slab);
	if (!s)
		return NULL;
	*s = (struct pool_slot){ p, target, p->slots, NULL, 0 };
	p->slots = s;
	return s;
}

/* When this idle conn must go. */
static int64_t
ends_ms(const struct pool *p, const struct conn *c)
{
	int64_t idle = c->idle_ms + p->idle_ms, age = c->born_ms + p->age_ms;

	return idle < age ? idle : age;
}

static void
bury(struct loop_grave *g)
{
	struct conn *c = container_of(g, struct conn, grave);
	struct pool *p = c->owner;

	slab_put(&p->conns, c);
}

static void
unlink_conn(struct pool_slot *s, struct conn *c)
{
	struct conn **at = &s->idle;

	while (*at && *at != c)
		at = &(*at)->next;
	CHECK(*at);
	*at = c->next;
	c->next = NULL;
	s->count--;
	s->pool->idle_count--;
}

static void
throw_out(struct pool_slot *s, struct conn *c, const char *why)
{
	log_debug("pool: an idle connection to %.*s goes: %s",
	    SLICE_FMT(s->target->host), why);
	unlink_conn(s, c);
	pool_drop(s->pool, c);
}

static void
on_wake(struct conn *c)
{
	if (!conn_quiet(c))
		throw_out(c->owner, c, "the server closed it");
}

static void
arm(struct pool *p, int64_t when_ms)
{
	p->sweep_ms = when_ms;
	/* Without it, pool_get() still refuses what is too old. */
	if (!loop_after(p->loop, &p->sweep, when_ms - clock_ms()))
		p->sweep_ms = 0;
}

/* Throw out what is too old; the first of the others sets the next sweep. */
static void
on_sweep(struct loop_timer *t)
{
	struct pool *p = container_of(t, struct pool, sweep);
	int64_t first = INT64_MAX;

	for (struct pool_slot *s = p->slots; s; s = s->next) {
		struct conn *next;

		for (struct conn *c = s->idle; c; c = next) {
			int64_t end = ends_ms(p, c);

			next = c->next;
			if (end <= clock_ms())
				throw_out(s, c, "it is too old");
			else if (end < first)
				first = end;
		}
	}
	p->sweep_ms = 0;
	if (p->idle_count)
		arm(p, first);
}

void
pool_init(struct pool *p, struct loop *loop, size_t max_idle, int64_t idle_ms,
    int64_t age_ms)
{
	*p = (struct pool){
		.loop = loop,
		.max_idle = max_idle, .idle_ms = idle_ms, .age_ms = age_ms,
		.conns = { .size = sizeof(struct conn), .keep = CONNS_KEPT },
		.slot_slab = { .size = sizeof(struct pool_slot) },
		.sweep = { .on = on_sweep },
	};
}

void
pool_free(struct pool *p)
{
	if (!p->loop)
		return;
	loop_cancel(p->loop, &p->sweep);
	while (p->slots) {
		struct pool_slot *s = p->slots;

		while (s->idle) {
			struct conn *c = s->idle;

			unlink_conn(s, c);
			conn_close(c);
			slab_put(&p->conns, c);
		}
		p->slots = s->next;
		slab_put(&p->slot_slab, s);
	}
	slab_free(&p->conns);
	*p = (struct pool){ 0 };
}

struct conn *
pool_new_conn(struct pool *p)
{
	return slab_get(&p->conns);
}

void
pool_drop(struct pool *p, struct conn *c)
{
	conn_close(c);
	c->owner = p;
	c->grave.bury = bury;
	loop_bury(p->loop, &c->grave);
}

struct conn *
pool_get(struct pool *p, const struct dial_target *target, bool anew)
{
	struct pool_slot *s = find_slot(p, target);
	int patience_ms = anew ? ANEW_MS : SOCK_PATIENCE_MS;

	while (s && s->idle) {
		struct conn *c = s->idle;

		if (ends_ms(p, c) <= clock_ms()) {
			throw_out(s, c, "it is too old");
			continue;
		}
		unlink_conn(s, c);
		c->wake = NULL;
		c->owner = NULL;
		if (c->patience_ms != patience_ms)
			sock_patience(c->watch.fd, patience_ms);
		c->patience_ms = patience_ms;
		return c;
	}
	return NULL;
}

void
pool_forget(struct pool *p, const struct dial_target *target)
{
	struct pool_slot *s = find_slot(p, target);

	while (s && s->idle)
		throw_out(s, s->idle, "another was dead");
}

void
pool_put(struct pool *p, const struct dial_target *target, struct conn *c)
{
	struct pool_slot *s;

	c->idle_ms = clock_ms();
	s = conn_quiet(c) && ends_ms(p, c) > clock_ms() ?
	    need_slot(p, target) : NULL;
	if (!s || s->count >= p->max_idle) {
		pool_drop(p, c);
		return;
	}
	conn_rest(c);
	c->wake = on_wake;
	c->owner = s;
	c->next = s->idle;
	s->idle = c;
	s->count++;
	p->idle_count++;
	if (!p->sweep_ms || ends_ms(p, c) < p->sweep_ms)
		arm(p, ends_ms(p, c));
}

size_t
pool_idle(const struct pool *p)
{
	return p->idle_count;
}
