/*
 * tally - the usage of an answer in Anthropic's counting: input tokens without
 * the cached ones, and counts that later events replace one by one.
 */
#ifndef PROTO_MESSAGES_TALLY_H
#define PROTO_MESSAGES_TALLY_H

#include "json/json.h"
#include "proto/ir.h"

struct tally_counts {
	/* one more than the count, so that 0 is "not said" */
	uint64_t	input, cache_write, cache_read, output, thinking;
	uint64_t	hour;		/* of cache_write */
};

struct tally {			/* start from all zeros */
	/* private */
	struct tally_counts now, before;
};

/* Take the counts that `usage` (of a message or an event) says. */
void		tally_add(struct tally *, struct jval usage);

/* The answer goes on in another, whose counts add to what is counted so far. */
void		tally_fold(struct tally *);

/* The same in the neutral counting. */
struct ir_usage	tally_usage(const struct tally *);

#endif
