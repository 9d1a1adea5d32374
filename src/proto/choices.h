/*
 * choices - several answers to one request, told as one (Chat's `n`).
 *
 * Where a provider makes one answer at a time it is asked that often, at the
 * same time.  Each of these answers has a talk, a source and a sink of its own;
 * what their sinks share is here.  They write one answer together: what is said
 * once is said by the sink whose answer ends last.
 */
#ifndef PROTO_CHOICES_H
#define PROTO_CHOICES_H

#include "proto/proto.h"

struct choices {			/* choices_init() starts it */
	unsigned	 count;
	struct buf	*out;		/* of a whole answer: the body */
	struct slice	*told;		/* ... each one's part of it; [count] */
	struct slice	 tier;		/* the first that was told */
	/* private */
	struct arena	*arena;
	struct ir_usage	 usage;		/* of those that have ended */
	struct slice	 tools;		/* ... of tools that the provider ran */
	unsigned	 ended;
};

/*
 * How often must the provider be asked for `n` answers, as the client spelled
 * that number (absent: 1)?  Sets talk->answers.  False: more often than the
 * operator allows; talk->fail says so.
 */
bool	choices_plan(struct talk *, struct slice n) MUST_USE;

/*
 * For `count` answers.  `out` and the arena live until all have ended.  False:
 * no memory.
 */
bool	choices_init(struct choices *, struct arena *, unsigned count,
	    struct buf *out) MUST_USE;

/*
 * One of the answers has ended, at this cost; `tools` are the counts of tools
 * that the provider ran, as in IR_USAGE.  True: it was the last, and both say
 * what all of them cost.  NULL stands for an only answer.
 */
bool	choices_end(struct choices *, struct ir_usage *usage,
	    struct slice *tools) MUST_USE;

#endif
