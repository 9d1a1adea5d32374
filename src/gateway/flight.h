/*
 * flight - requests that are equal and under way at the same time: one of them
 * asks the provider, the others wait for its answer.
 *
 * A table that all workers share, made by the master.  The first to join under
 * a key leads, who joins while it is under way follows.  A leader that ends
 * without an answer for others - it failed, its client hung up, its process
 * died - leaves the place to the first of its followers that looks; one whose
 * answer is not fit for others says so, and each goes by itself.
 *
 * Nobody is ever blocked: followers look from time to time, and stop waiting
 * when they have waited enough.
 */
#ifndef GATEWAY_FLIGHT_H
#define GATEWAY_FLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"

struct flights;

struct flight {			/* all zeros: none was joined */
	/* of this flight and no other, for as long as somebody may look */
	uint64_t	mark;
	/* private */
	uint32_t	place;
};

enum flight_role {
	FLIGHT_ALONE,		/* the table is full: as if it were not there */
	FLIGHT_LEADS,
	FLIGHT_FOLLOWS,
};

enum flight_news {
	FLIGHT_ON,		/* it is under way */
	FLIGHT_LANDED,		/* it is over: its answer is there, or one of
				 * those who waited leads the next */
	FLIGHT_OPEN,		/* its answer is for nobody else: go */
};

/* NULL: no memory; all calls take that.  Never freed. */
struct flights	*flight_new(void);

/* `process` is the worker's place (shared.h). */
enum flight_role	 flight_join(struct flights *,
			    const uint8_t key[SHA256_LEN], unsigned process,
			    struct flight *) MUST_USE;

/* For a follower: how does it stand? */
enum flight_news	 flight_look(struct flights *, const struct flight *);

/* The leader is done.  `open`: others had better not wait for one another. */
void	flight_end(struct flights *, const struct flight *, bool open);

/* That process has died: what it led is over. */
void	flight_bury(struct flights *, unsigned process);

#endif
