/*
 * spent - finds what a request used in an answer that only goes by.
 *
 * Embeddings, images and the like are not understood here, and may be large.
 * Their bytes are followed just far enough to keep the one object that tells
 * the usage, wherever it stands: "usage", Google's "usageMetadata", as a
 * member of the whole, or of an event of a stream.
 */
#ifndef GATEWAY_SPENT_H
#define GATEWAY_SPENT_H

#include "base/arena.h"
#include "proto/ir.h"

enum { SPENT_MAX = 1024, SPENT_KEY = 16 };

struct spent {			/* start from all zeros */
	/* private */
	uint32_t	 depth;
	bool		 string, escape;
	bool		 named;		/* the last key was one of those */
	bool		 taking;	/* inside of its value */
	size_t		 key_len, len;
	char		 key[SPENT_KEY];
	/* the object as far as it has come, or the last whole one */
	char		 text[SPENT_MAX];
	size_t		 whole;		/* its length; 0: none */
};

/* Some more of the answer. */
void	spent_feed(struct spent *, struct slice piece);

/* What it told; all -1: nothing.  The arena is for the time of the call. */
struct ir_usage	spent_usage(const struct spent *, struct arena *);

#endif
