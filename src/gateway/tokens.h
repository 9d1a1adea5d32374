/*
 * tokens - requests that only want to know how many tokens they have.
 */
#ifndef GATEWAY_TOKENS_H
#define GATEWAY_TOKENS_H

#include "gateway/exchange.h"

/* In which protocol the target is asked to count; NULL: it cannot. */
const struct protocol	*tokens_protocol(const struct target *,
			    const struct protocol *client);
/* Its own address for that, if it is asked in Chat; else NULL. */
const struct counter	*tokens_counter(const struct target *);

/* Answer with our estimate.  False: the request is wrong, see talk.fail. */
bool	tokens_here(struct exchange *) MUST_USE;
/* Is the estimate to be told in the place of this failure? */
bool	tokens_replace(const struct exchange *, const struct fail *) MUST_USE;
/*
 * The provider's answer is whole: put what it counted into ex->whole, in the
 * client's words; one of the same protocol passes as it is.  False: it is no
 * count.
 */
bool	tokens_read(struct exchange *) MUST_USE;

#endif
