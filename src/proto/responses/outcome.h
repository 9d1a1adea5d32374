/*
 * outcome - the response object of a Responses answer, whole and in the events
 * that begin and end a stream.
 */
#ifndef PROTO_RESPONSES_OUTCOME_H
#define PROTO_RESPONSES_OUTCOME_H

#include "proto/responses/item.h"

struct outcome {			/* outcome_init() starts it */
	struct talk	*talk;
	struct slice	 seed;		/* of this answer's ids */
	struct slice	 id, model, tier;
	struct ir_usage	 usage;
	struct item	*first, *last;
	unsigned	 count;
	bool		 brief;		/* without what is long: tools and
					 * instructions */
};

void	outcome_init(struct outcome *, struct talk *, bool brief);
/* BEGIN was put; without it, `ev` NULL, the answer begins all the same. */
void	outcome_begin(struct outcome *, const struct ir_event *ev);

/* A new item at the end, in progress; NULL: no memory. */
struct item	*outcome_add(struct outcome *, enum item_type) MUST_USE;
/* The id of a call, made such that it is known again when it comes back. */
struct slice	 outcome_call_id(const struct outcome *, struct slice id);

/* How it ends; all zeros: it has not. */
struct outcome_end {
	const char	*event;		/* "response.completed" */
	const char	*status;
	const char	*reason;	/* of "incomplete"; or NULL */
	const struct fail *fail;	/* of "failed"; or NULL */
	bool		 cut;		/* what came last is not whole */
};

struct outcome_end	 outcome_end_of(const struct ir_event *stop);
struct outcome_end	 outcome_failed(const struct fail *);

/*
 * The response object.  One that has ended is remembered in the talk, where
 * that is asked for.
 */
void	outcome_write(const struct outcome *, struct writer *,
	    const struct outcome_end *);

#endif
