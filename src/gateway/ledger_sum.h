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
#include "json/write.h"

enum sum_by {			/* ORDER names */
	SUM_MODEL,		/* "provider/model" of who answered, or the
				 * model that was asked for */
	SUM_KEY, SUM_PROVIDER,
	SUM_DAY,		/* 2026-11-21, in UTC */
	SUM_BYS,
};

enum { SUM_GROUPS = 1 << 16 };
#define SUM_OTHERS	"(others)"

struct sum_counts {
	uint64_t	requests;
	uint64_t	errors;		/* status from 400 on */
	uint64_t	in, cached, cache_written, out, reasoning;
	uint64_t	estimated;	/* requests whose tokens are */
	uint64_t	unpriced;	/* ... whose cost is not known */
	uint64_t	cost_nano;
};

struct sum_group {
	/* escaped, as in the line; ptr NULL: none, or not asked for */
	struct slice		names[SUM_BYS];
	struct sum_counts	counts;
	bool			others;
	/* private */
	uint64_t		hash;
};

struct ledger_sum {		/* start from all zeros but `by` */
	bool			by[SUM_BYS];
	struct arena		arena;
	struct sum_group	*groups;
	size_t			count;
	struct sum_counts	total;
	bool			failed;		/* no memory */
	/* private */
	size_t			room;		/* for groups; twice as many
						 * slots, of which each is
						 * which, from 1 */
	uint32_t		*slots;
	size_t			others;		/* which, from 1; 0: none */
};

/* "model", "key", "provider" or "day". */
const char	*sum_by_name(enum sum_by);

void	ledger_sum_add(struct ledger_sum *, const struct ledger_line *);
/* The same for what many such lines came to; NULL: lines of (others). */
void	ledger_sum_merge(struct ledger_sum *, const struct ledger_line *,
	    const struct sum_counts *);
/* The dearest first; with days in the order of time. */
void	ledger_sum_sort(struct ledger_sum *);
void	ledger_sum_free(struct ledger_sum *);

/* The numbers, by what they are called; cost_nano is not among them. */
struct sum_number {
	const char	*name, *title;
	size_t		 offset;		/* in struct sum_counts */
};
enum { SUM_NUMBERS = 9 };
extern const struct sum_number	sum_numbers[SUM_NUMBERS];
uint64_t	sum_number(const struct sum_counts *, size_t);

/* Members of an object that is open: the numbers, and dollars. */
void	sum_write_counts(struct writer *, const struct sum_counts *);
/* An array of all groups. */
void	sum_write_groups(struct writer *, const struct ledger_sum *);

#endif
