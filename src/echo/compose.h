/*
 * compose - from a request that was read to the answer that will be sent.
 */
#ifndef ECHO_COMPOSE_H
#define ECHO_COMPOSE_H

#include "echo/prompt.h"
#include "echo/visit.h"

/* Fill the visit's script, feed and reply.  Counts nothing but failures. */
void	compose(struct visit *);

/*
 * For path.c: the request's body, read and counted as one to a model.  NULL:
 * it is no good, which is the answer already.
 */
struct prompt	*compose_prompt(struct visit *, enum dialect);
/* Answer it. */
void		 compose_answer(struct visit *, struct prompt *);
/* An error; without a message what goes with the status. */
void		 compose_status(struct visit *, enum dialect, unsigned status,
		    struct slice message);

/* compose() for a request that could not be read. */
void	compose_refusal(struct visit *, unsigned status, const char *why);

#endif
