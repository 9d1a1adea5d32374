/*
 * sha256 - SHA-256 (FIPS 180-4) of what comes in pieces; by the CPU's own
 * instructions where it has them, which is ten times as fast.
 *
 * For base/hash.c; all others use hash.h.
 */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stdint.h>

#include "base/slice.h"

enum { SHA256_BLOCK = 64 };

struct sha256 {			/* sha256_init() starts it */
	/* private */
	uint32_t	 state[8];
	uint64_t	 len;
	uint8_t		 block[SHA256_BLOCK];	/* what is not yet whole */
};

void	sha256_init(struct sha256 *);
void	sha256_add(struct sha256 *, struct slice);
/* Nothing can be added after that. */
void	sha256_end(struct sha256 *, uint8_t out[32]);

/* For tests: do without those instructions from now on. */
void	sha256_plain(void);

#endif
