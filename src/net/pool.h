/*
 * pool - connections to providers that wait for their next request.
 *
 * By target, last in first out.  A connection that the provider closes, sends
 * to unasked, or that grows too old leaves the pool by itself.
 */
#ifndef NET_POOL_H
#define NET_POOL_H

#include "base/slab.h"
#include "net/dial.h"

struct pool_slot;

struct pool {
	struct loop	*loop;
	size_t		 max_idle;	/* per target */
	int64_t		 idle_ms;	/* how long one may wait */
	int64_t		 age_ms;	/* how old one may be */
	/* private */
	struct pool_slot *slots;	/* by target pointer */
	struct slab	 conns, slot_slab;
	struct loop_timer sweep;
	int64_t		 sweep_ms;	/* when; 0: nothing is idle */
	size_t		 idle_count;
};

void		 pool_init(struct pool *, struct loop *, size_t max_idle,
		    int64_t idle_ms, int64_t age_ms);
/* Closes what is idle.  Not within a turn: the loop may still have to bury. */
void		 pool_free(struct pool *);

/* Zeroed memory to dial with, or NULL. */
struct conn	*pool_new_conn(struct pool *) MUST_USE;
/* Close it if it is open, and free its memory when this turn is over. */
void		 pool_drop(struct pool *, struct conn *);

/*
 * An open idle connection to `target`, or NULL.  Targets are compared by
 * address.  The way to it may be gone without a word: where what is sent can be
 * sent again (`anew`) it is given up after a few seconds.
 */
struct conn	*pool_get(struct pool *, const struct dial_target *, bool anew)
		    MUST_USE;
/* One of them was dead: the others idle there may be, too, and are dropped. */
void		 pool_forget(struct pool *, const struct dial_target *);
/*
 * Give back one that is open, with nothing pending either way.  One that is not
 * so, or is too old, or one too many, is dropped.
 */
void		 pool_put(struct pool *, const struct dial_target *,
		    struct conn *);
size_t		 pool_idle(const struct pool *);

#endif
