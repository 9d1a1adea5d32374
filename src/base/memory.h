/*
 * memory - what this process takes from the system, and whether it may.
 *
 * All memory that grows with the work comes from here, by way of arenas, bufs,
 * slabs and TLS.  Processes that serve together share a table: each takes its
 * part of the limit there in steps, so that a busy one may have what an idle
 * one leaves.  Nearly at the limit, large pieces are refused first, so that
 * there is room to say so; what is asked for in vain is NULL, as from malloc().
 *
 * Without a table nothing is refused.
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

enum {
	MEMORY_PLACES = 256,
	MEMORY_LARGE = 16 * 1024,	/* bytes; more are a large piece */
};

/* In memory that all processes see; start from all zeros. */
struct memory_table {
	_Atomic uint32_t places;		/* in use: all below it */
	_Atomic uint64_t taken[MEMORY_PLACES];	/* bytes, by place */
};

void	*memory_get(size_t size) MUST_USE;
void	*memory_zero(size_t size) MUST_USE;	/* the same, zeroed */
/* As realloc() of a piece of `old` bytes. */
void	*memory_resize(void *, size_t old, size_t size) MUST_USE;
/* Give back what was got with this size; NULL is harmless. */
void	 memory_put(void *, size_t size);

/*
 * From here on this process counts in the table at that place, which nobody
 * else has, and all of them together stay within `limit` bytes.  What it got
 * before does not count.  It is for the whole process, and done once.
 */
void	 memory_begin(struct memory_table *, unsigned place, size_t limit);
/* The process at that place has ended. */
void	 memory_bury(struct memory_table *, unsigned place);

uint64_t memory_taken(const struct memory_table *);	/* by all, bytes */

/*
 * Is more than so many eighths in use?  What is under way needs the rest: at
 * MEMORY_SCARCE no request should begin, at MEMORY_TIGHT nothing at all.  From
 * MEMORY_MUCH on it is worth some work to take less.
 */
enum { MEMORY_MUCH = 2, MEMORY_SCARCE = 6, MEMORY_TIGHT = 7 };
bool	 memory_above(unsigned eighths);
/* Was any refused within the last second?  What fails then may fail of it. */
bool	 memory_short(void);
/*
 * As much of `most` as may be kept for later use: nobody can take it from a
 * process that is idle, so all together keep an eighth of the limit.
 */
size_t	 memory_keep(size_t most);

/*
 * What the system allows all processes of the program together, in bytes, for
 * whoever divides it; 0: unknown.
 */
void	 memory_set_room(uint64_t bytes);
uint64_t memory_room(void);

#endif
