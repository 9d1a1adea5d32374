/*
 * How much memory there is decides what is kept of it for what: in a container
 * of 16 MB nobody can send a request of 64.  What the operator says counts as
 * it is.
 */
#include "base/memory.h"
#include "gateway/loader.h"
#include "gateway/sockets.h"

enum {
	MB = 1 << 20,
	WORKER_LEAST = MB / 2,	/* with its first requests */
	MOST_MB = 64,		/* of everything that is not said */
};

/* A part of `all` in MB, if nothing else was said. */
static void
divide(uint64_t *limit, uint64_t all, unsigned by)
{
	uint64_t mb = all / MB / by;

	if (*limit != CONFIG_UNSAID)
		return;
	if (!all || mb > MOST_MB)
		mb = MOST_MB;
	*limit = mb ? mb : 1;
}

/* What the system allows, but for what no count of ours sees, and kept
 * answers. */
static uint64_t
left_of(uint64_t room, const struct config *c)
{
	uint64_t all = room - room / 4;
	uint64_t kept = (c->limits.store_mb + c->cache.max_mb) * MB;

	return kept < all / 2 ? all - kept : all / 2;
}

void
loader_memory(struct loader *l)
{
	struct config *c = l->config;
	struct limits *m = &c->limits;
	uint64_t room = memory_room();

	if (m->memory_mb != CONFIG_UNSAID)
		room = c->memory = m->memory_mb * MB;
	divide(&m->store_mb, room, 16);
	if (m->memory_mb == CONFIG_UNSAID) {
		m->memory_mb = 0;
		c->memory = left_of(room, c);
	}
	/* a machine of 64 bits may have more than a program of 32 can name */
	if (c->memory > SIZE_MAX / 2)
		c->memory = SIZE_MAX / 2;
	divide(&m->body_mb, c->memory, 8);
	divide(&m->answer_mb, c->memory, 8);
	divide(&m->remember_mb, c->memory, 32);
}

bool
loader_room(struct loader *l)
{
	const struct config *c = l->config;
	uint64_t workers = c->workers < SOCKETS_WORKERS ? c->workers
	    : SOCKETS_WORKERS;

	if (!c->memory || c->memory / WORKER_LEAST >= workers)
		return true;
	return loader_fail(l, (struct jval){ 0 }, "%llu workers need more "
	    "memory than %llu MB: set \"workers\" to less, or "
	    "limits.memory_mb to more", (unsigned long long)workers,
	    (unsigned long long)(c->memory / MB));
}
