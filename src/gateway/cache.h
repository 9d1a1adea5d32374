/*
 * cache - answers that are given again to equal requests, without asking.
 *
 * Off unless the configuration has memory for it ("cache") and the request, its
 * model or all are meant to use it.  An answer is kept as it was sent, byte for
 * byte, a stream as a stream, under a key (cache_key.h) that its target is part
 * of: an answer of the second target is found when the second is the one to
 * ask.
 *
 * Kept are answers that are whole and that their model ended by itself; tool
 * calls only if "tools" says so.  With "single_flight" requests that are equal
 * to one under way wait for its answer (flight.h).
 */
#ifndef GATEWAY_CACHE_H
#define GATEWAY_CACHE_H

#include "gateway/count.h"
#include "gateway/exchange.h"
#include "gateway/store.h"

/*
 * Open, or change, what processes share; the master does, before it forks.
 * False: no memory, and the log says so.
 */
bool	cache_open(struct plan *, const struct config *);

/*
 * The request is admitted, its route known: is it to use the cache?  Sets
 * ex->cache if so.  All calls below are harmless while that is NULL.
 */
void	cache_begin(struct exchange *);

/*
 * Before the target under the cursor is asked: true if it need not be, because
 * the exchange was answered or waits for another's answer.
 */
bool	cache_answers(struct exchange *);

/* EX_FOLLOW: STEP_WAIT, or STEP_GO: try the targets. */
enum step	cache_follow(struct exchange *);
/* ... how long until it looks again. */
uint64_t	cache_wait_ms(const struct exchange *);

/* What the head of an answer says of it; `length` < 0: a stream begins. */
void	cache_head(struct exchange *, unsigned status, struct slice type,
	    int64_t length);
/* Bytes of a stream on their way to the client. */
void	cache_saw(struct exchange *, struct slice);
/* The answer is out and whole. */
void	cache_finish(struct exchange *);
/*
 * What there is to say was said, and may take its time to reach the client:
 * others wait for it no longer.  ex->cache must not be NULL.
 */
void	cache_over(struct exchange *);
/* The exchange is over; idempotent. */
void	cache_free(struct exchange *);

/* Its figures, for /metrics; NULL: there are none. */
void	cache_print(struct store *, const struct count *, struct buf *out);

/* "hit", "miss", ...; NULL: the cache has nothing to do with it. */
const char	*cache_word(const struct exchange *);

#endif
