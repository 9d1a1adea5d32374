/*
 * compose - from a request that was read to the answer that will be sent.
 */
#ifndef ECHO_COMPOSE_H
#define ECHO_COMPOSE_H

#include "echo/visit.h"

/* Fill the visit's script, feed and reply.  Counts nothing but failures. */
void	compose(struct visit *);

/* The same for a request that could not be read. */
void	compose_refusal(struct visit *, unsigned status, const char *why);

#endif
