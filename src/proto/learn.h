/*
 * learn - what a provider's refusal teaches about its model.
 *
 * A provider that says "this model does not take temperature" has said how to
 * ask it.  A table of rules reads such sentences into lessons; a lesson
 * changes what the encoders think of the model, the tree, or the body itself.
 * Which request is sent again, and how long a lesson is remembered, is the
 * gateway's business.
 */
#ifndef PROTO_LEARN_H
#define PROTO_LEARN_H

#include "proto/proto.h"

enum { LEARN_MAX = 8, LEARN_MEMBER = 40 };

struct lesson {
	uint8_t		 rule;
	uint64_t	 number;	/* a limit, or effort levels */
	char		 member[LEARN_MEMBER];	/* which is not taken, or "" */
};

struct lessons {		/* start from all zeros */
	struct lesson	 item[LEARN_MAX];
	size_t		 count;
};

/* A request that was refused as malformed. */
struct refusal {
	const struct fail *fail;
	struct slice	 sent;		/* its body */
	bool		 passed;	/* ... was the client's own */
};

/*
 * What does the refusal teach, beside what is known?  False: nothing, or what
 * would change too much of a body that is only passed on.
 */
bool	learn_read(struct talk *, const struct refusal *,
	    const struct lessons *known, struct lesson *out) MUST_USE;

/* Is it true of the model, or was it only true of that request? */
bool	learn_lasts(const struct lesson *);
bool	learn_same(const struct lesson *, const struct lesson *);
/* "sampling": for the log. */
const char	*learn_name(const struct lesson *);

/* Lessons take effect: before decoding, between decoding and encoding ... */
void	learn_quirks(const struct lessons *, struct quirks *);
void	learn_tree(const struct lessons *, struct talk *);
/*
 * ... and on the finished body, which the client made if it was `passed`.  What
 * is changed is named in the losses.  False: no memory.
 */
bool	learn_body(const struct lessons *, struct talk *, bool passed,
	    struct buf *body) MUST_USE;

#endif
