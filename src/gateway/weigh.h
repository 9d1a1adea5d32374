/*
 * weigh - how large a request is, before anybody has counted it.
 *
 * An estimate in tokens of what goes in and of what may come out, for whoever
 * must decide before an answer is there: limits, and which target has room.
 * Made at most once for a request, and only if somebody asks.
 */
#ifndef GATEWAY_WEIGH_H
#define GATEWAY_WEIGH_H

#include <stdbool.h>
#include <stdint.h>

struct exchange;

struct weight {			/* all zeros: not weighed yet */
	/* private */
	int64_t	 input, output;
	bool	 known;
};

/*
 * Tokens of the input.  Its body must be parsed; the tokenizer is that of the
 * first target's model.  What cannot be read - a form, a request that is
 * wrong - weighs 0.
 */
int64_t	weigh_request(struct exchange *);

/*
 * Tokens that may come out: what the request allows in all the answers that it
 * asks for, or limits.output_tokens for each if it says nothing.  Requests
 * that only go by have no output unless they say how much.
 */
int64_t	weigh_output(struct exchange *);

/*
 * Has the input more than `tokens`?  The same as weigh_request() > tokens, but
 * a short body is not read for it.
 */
bool	weigh_exceeds(struct exchange *, int64_t tokens);

#endif
