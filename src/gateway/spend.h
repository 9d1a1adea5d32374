/*
 * spend - what was used and paid since the program began, by model, key and
 * day, in memory that all workers share; and before that, by the ledger.
 *
 * There are only so many places.  What has none any more is counted as
 * (others), but for days, of which the first stay.
 *
 *	spend.c		the records
 *	spend_restore.c	what the ledger tells at the start
 *	spend_tell.c	for /metrics and /usage.json
 */
#ifndef GATEWAY_SPEND_H
#define GATEWAY_SPEND_H

#include "gateway/config.h"
#include "gateway/ledger_sum.h"
#include "gateway/shared.h"

enum { SPEND_KNOWN = 64, SPEND_NAMES = 3 };

struct spend {			/* a worker's; spend_begin() starts it */
	/* private */
	struct shared	*shared;
	/* where it found records before */
	struct {
		uint64_t	 hash;
		void		*record;
	} known[SPEND_KNOWN];
};

void	spend_begin(struct spend *, struct shared *);

/*
 * A request is booked.  `known`: its model is one of the catalogue or the
 * configuration; names of others that failed are not kept, for they are
 * anybody's invention and places are few.
 */
void	spend_add(struct spend *, const struct ledger_line *, bool known);

/* ---- records ---- */

enum spend_count {
	/* ORDER sum_numbers */
	SPEND_REQUESTS, SPEND_ERRORS, SPEND_IN, SPEND_CACHED, SPEND_WRITTEN,
	SPEND_OUT, SPEND_REASONING, SPEND_ESTIMATED, SPEND_UNPRICED,
	SPEND_COST,			/* nano-dollars */
	SPEND_MS,			/* of all requests together */
	SPEND_FIRSTS, SPEND_FIRST_MS,	/* those with a first token; ms to it */
	SPEND_COUNTS,
};

/* What a record holds at some moment. */
struct spend_view {
	enum shared_kind kind;
	/* plain; SPEND_MODEL: provider, its model, the model asked for; else
	 * one name */
	struct slice	 names[SPEND_NAMES];
	bool		 others;
	uint64_t	 now[SPEND_COUNTS];	/* since the start */
	uint64_t	 before[SPEND_COUNTS];	/* ... and before it */
};

/* Call `each` for every record of a kind; the view lives until it returns. */
void	spend_each(struct shared *, enum shared_kind,
	    void (*each)(void *arg, const struct spend_view *), void *arg);

/* Add to what was before; names[0].ptr NULL: to (others). */
void	spend_put(struct shared *, enum shared_kind,
	    const struct slice names[SPEND_NAMES], const struct sum_counts *);

/* ---- spend_restore.c ---- */

/*
 * The master's, at the start, when keys have their records: budgets and what
 * was spent stand as the ledger tells it, if there is one.  It is read as far
 * as budgets reach back, some weeks at least.
 */
void	spend_restore(struct shared *, const struct config *);

/* ---- spend_tell.c ---- */

/* Since the program began, in the text format of Prometheus. */
void	spend_print(struct shared *, struct buf *out);

/*
 * Members of an object that is open: total, and arrays by model, provider, key
 * and day, with what the ledger told at the start.  False: no memory.
 */
bool	spend_write(struct shared *, struct writer *) MUST_USE;

#endif
