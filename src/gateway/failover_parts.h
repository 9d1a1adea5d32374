/*
 * failover_parts - what the parts of failover share.
 *
 *	failover.c		what an attempt says, and what comes next
 *	failover_pick.c		which target, which key
 *	failover_trail.c	what became of all attempts, for the client
 *
 * Only failover*.c include it.
 */
#ifndef GATEWAY_FAILOVER_PARTS_H
#define GATEWAY_FAILOVER_PARTS_H

#include "gateway/exchange.h"

static inline const struct circuit *
failover_circuit(const struct exchange *ex)
{
	return &ex->worker->config->circuit;
}

static inline struct shared *
failover_shared(const struct exchange *ex)
{
	return ex->worker->plan->shared;
}

static inline const struct target *
failover_target(const struct exchange *ex)
{
	return &ex->route.targets[ex->cursor];
}

/* Begin a line of the log about the target under the cursor. */
void	failover_log(const struct exchange *, enum log_level,
	    const char *what);

/* Add an item to the trail: of the target under the cursor, or any other. */
void	failover_note_target(struct exchange *, struct slice outcome);
void	failover_note_item(struct exchange *, const char *name, uint64_t n);

/* The first target that is well, from that one on; their count: none is. */
size_t	failover_first_well(const struct exchange *, size_t from);
/* Is there a key left at the target that is free, and was not tried? */
bool	failover_another_key(const struct exchange *);
/* The key of the attempt was refused. */
void	failover_mark_tried(struct exchange *);

#endif
