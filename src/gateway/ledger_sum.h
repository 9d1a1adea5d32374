/*
 * ledger_sum - lines of the ledger added up: by model, key, provider or day, or
 * by several of these together.
 *
 * The memory is bounded: beyond SUM_GROUPS groups what is new goes into one
 * that is called (others).
 */
#ifndef GATEWAY_LEDGER_SUM_H
#define GATEWAY_LEDGER_SUM_H

#include "gateway/ledger_line.h"

enum sum_by {			/* ORDER names */
	SUM_MODEL,		/* "provider/model" of who answered, or the
				 * model that was asked for */
	SUM_KEY, SUM_PROVIDER,
	SUM_DAY,		/* 2026-11-21, in UTC */
	SUM_BYS,
};

enum { SUM_GROUPS = 1 << 16 };

struct sum_counts {
	uint64_t	requests;
	uint64_t	errors;		/* status from 400 on */
	uint64_t	in, cached, cache_written, out, reasoning;
	uint64_t	estimated;		/* requests whose tokens are */
	uint64_t	unpriced;		/* ... whose cost is not known */
	uint64_t	cost_nano;
};

struct sum_group {
	/* escaped, as in the line; ptr NULL: none, or not asked for */
	struct slice		names[SUM_BYS];
	struct sum_counts	counts;
	bool			others;
};

struct ledger_sum {		/* start from all zeros but `by` */
	bool			by[SUM_BYS];
	struct arena		arena;
	struct sum_group	*groups;
	size_t			count;
	struct sum_counts	total;
	bool			failed;		/* no memory */
	/* private */
	uint32_t		*slots;		/* of groups, from 1 */
	struct sum_group	*others;
};

/* "model", "key", "provider" or "day". */
const char	*sum_by_name(enum sum_by);

void	ledger_sum_add(struct ledger_sum *, const struct ledger_line *);
/* The dearest first; with days in the order of time. */
void	ledger_sum_sort(struct ledger_sum *);
void	ledger_sum_free(struct ledger_sum *);

#endif
