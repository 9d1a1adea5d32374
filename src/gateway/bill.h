/*
 * bill - the one place where the end of a request is booked.
 *
 * What was used, what it costs, and who is told of it: the ledger, the limits
 * of the caller's key, the counters of all workers.
 *
 * What counts is the usage of an answer that the client got, or of as much as
 * was made of it before it broke off or its client hung up: the provider's own
 * counts where it told them, else an estimate.  A failed attempt costs
 * nothing, nor does an answer that came out of a cache.  Several answers to
 * one request are booked together.
 */
#ifndef GATEWAY_BILL_H
#define GATEWAY_BILL_H

#include "gateway/spent.h"

struct exchange;

enum bill_cache {		/* ORDER caches */
	BILL_UNCACHED,		/* nobody looked into a cache */
	BILL_MISS,
	BILL_HIT,		/* the answer is from there: nobody made it */
};

struct bill {			/* all zeros: nothing is known */
	/* whoever answers from a cache says so here */
	enum bill_cache	 cache;
	/* what follows the answer: see usage_so_far(); NULL: none began */
	struct sink	*counter;
	/* a provider has the request that is under way */
	bool		 sent;
	/* looks for usage in what only goes by; NULL: nobody does */
	struct spent	*spent;
	/* set by bill_settle() */
	int64_t		 cost_nano;	/* nano-dollars; -1: not known */
	bool		 settled;
	/* private */
	bool		 due;		/* it is more than a page or a count */
	bool		 gone;		/* nobody waited for its end */
};

/* The request was read and is from somebody who may ask: it will be booked. */
void	bill_begin(struct exchange *);

/* The attempt failed before the client saw anything of it. */
void	bill_forget(struct exchange *);

/*
 * The request is over, but for the bytes that tell its client so: they wait
 * in the connection and must not be flushed before this.  exchange.status is
 * set.  What counts is left in exchange.meter.usage.  Only the first call does
 * anything; a branch of a fan settles its trunk, once all branches are done.
 */
void	bill_settle(struct exchange *);

/* The exchange is let go of: if it was not settled, its client has gone. */
void	bill_close(struct exchange *);

#endif
