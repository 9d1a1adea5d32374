/*
 * count - what all workers together did, in memory that they share.
 *
 * The master makes it before it forks; every worker adds without a lock, and
 * any of them can read it.  It begins at zero with the program.
 */
#ifndef GATEWAY_COUNT_H
#define GATEWAY_COUNT_H

#include "base/buf.h"
#include "proto/proto.h"

struct count;

/* NULL: no memory; all calls take that and count nothing.  Never freed. */
struct count	*count_new(void);

enum count_cache {		/* ORDER words */
	/* how a request fared that was to use the cache */
	COUNT_HIT, COUNT_MISS, COUNT_REFRESH, COUNT_BYPASS,
	/* an answer was kept; one was that of an equal request under way */
	COUNT_STORED, COUNT_SHARED,
	COUNT_CACHES,
};

enum count_next {		/* ORDER nexts */
	/* after a failed attempt: another key, another target, all of them
	 * once more; or nobody, as the budget was spent */
	COUNT_KEY, COUNT_TARGET, COUNT_ROUND, COUNT_REFUSED,
	COUNT_NEXTS,
};

/* A request of that process is under way, and over; the process has died. */
void	count_enter(struct count *, unsigned place);
void	count_leave(struct count *, unsigned place);
void	count_bury(struct count *, unsigned place);

/* A request is over: its status, how many attempts it took, what it lost. */
void	count_request(struct count *, unsigned status, unsigned attempts);
/* The configuration was read anew; `good`: and is in force. */
void	count_reload(struct count *, bool good);
void	count_losses(struct count *, const struct losses *);

void	count_cache(struct count *, enum count_cache);
/* The number of those so far. */
uint64_t	count_cached(const struct count *, enum count_cache);

/* What followed a failed attempt. */
void	count_failover(struct count *, enum count_next);

/* A request was made shorter by so many bytes. */
void	count_saved(struct count *, uint64_t bytes);

/* All that is not zero, in the text format of Prometheus. */
void	count_print(const struct count *, struct buf *out);

#endif
