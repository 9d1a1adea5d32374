/*
 * cache_key - which requests are equal: the key under which an answer is kept.
 *
 * Everything that can change an answer is in it, byte for byte: protocol,
 * address, query and body; the headers that reach the provider or tell the
 * gateway what to do; whether losses are refused; who asks; what the
 * configuration says of the model, the provider and the target.  White space
 * and the order of members count: requests that mean the same and are spelled
 * differently are different.
 */
#ifndef GATEWAY_CACHE_KEY_H
#define GATEWAY_CACHE_KEY_H

#include "base/hash.h"
#include "gateway/exchange.h"

/* Who asks: the client key's name, or the caller's own credential. */
void	cache_key_scope(const struct caller *, uint8_t out[SHA256_LEN]);

/*
 * The request, without its target; talk and route are set.  Where tool calls
 * are no longer kept those that were are not found, either.
 */
void	cache_key_request(const struct exchange *,
	    const uint8_t scope[SHA256_LEN], uint8_t out[SHA256_LEN]);

/* That request at one of its targets. */
void	cache_key_target(const uint8_t request[SHA256_LEN],
	    const struct target *, uint8_t out[SHA256_LEN]);

/* Is a header of that name part of it? */
bool	cache_key_has(struct slice header);

#endif
