/*
 * affinity - the beginning of a conversation as a number, so that what belongs
 * together goes to the same place.
 */
#ifndef GATEWAY_AFFINITY_H
#define GATEWAY_AFFINITY_H

#include "gateway/exchange.h"

/*
 * The same for all requests of a conversation while it grows, in any of the
 * protocols: made of the instructions, the tools, all up to the first of the
 * user's turns, and the caller.  What the client itself says in
 * prompt_cache_key or session_id takes the place of the conversation.
 * Requests that only go by have none and get any number.  Never 0; made once
 * for an exchange, when first asked for.
 *
 * Whoever picks by it puts something of its own to it, as with
 * affinity_mix(), or two choices would depend on each other.
 */
uint64_t	route_affinity(struct exchange *);

/* Any number as one in which every bit depends on all bits of `x`. */
uint64_t	affinity_mix(uint64_t x);
/* The number of a text. */
uint64_t	affinity_of(struct slice);

#endif
