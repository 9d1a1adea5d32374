/*
 * stopscan - a sink in the middle that ends an answer at a stop sequence.
 *
 * For sequences that the provider could not be told of.  Text that may be the
 * beginning of one is held back until it is known; thinking and arguments are
 * not looked at.  Of several sequences the one that is complete first wins, so
 * that it does not matter in which pieces the text comes.
 */
#ifndef PROTO_STOPSCAN_H
#define PROTO_STOPSCAN_H

#include "proto/gather.h"
#include "proto/ir.h"

struct stopscan {
	struct sink	 sink;		/* put events in here */
	bool		 over;		/* STOP was put: nothing goes on */
	/* private */
	struct arena	*arena, *scratch;
	struct ir_text	*stops;		/* plain */
	struct gather	 held;		/* plain: the beginning of a stop */
	bool		 in_text;
};

/*
 * Look for `stops` (escaped, none of them empty) on the way to `next`.  The
 * arena lives as long as the scan, `scratch` as long as an event.  False: no
 * memory.
 */
bool	stopscan_init(struct stopscan *, const struct ir_text *stops,
	    struct arena *, struct arena *scratch, struct sink *next) MUST_USE;

#endif
