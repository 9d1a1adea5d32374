/*
 * heap - timers in the order in which they are looked at.
 *
 * Knows nothing of clocks.  A timer that was moved later stays where it is:
 * `queued`, its place, is never later than `due`.
 */
#ifndef NET_HEAP_H
#define NET_HEAP_H

#include "base/arena.h"
#include "net/loop.h"

struct heap {				/* start from all zeros */
	size_t		  count;
	/* private */
	struct loop_timer **items;	/* from 1, the first one on top */
	size_t		  cap;
	struct arena	  arena;
};

/* NULL: it is empty. */
struct loop_timer *heap_first(const struct heap *);

/* Put it where its due time says.  False: no memory, nothing changed. */
bool	heap_put(struct heap *, struct loop_timer *) MUST_USE;
/* Move one that is in the heap to where its due time says now. */
void	heap_move(struct heap *, struct loop_timer *);
void	heap_take(struct heap *, struct loop_timer *);	/* it must be in it */

void	heap_free(struct heap *);

#endif
