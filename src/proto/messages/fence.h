/*
 * fence - takes the Markdown fence off an answer that is to be bare JSON.
 *
 * Asked in words for JSON and nothing else, models like to put it between
 * ``` lines.  The text comes in pieces and goes on as early as can be: held
 * back is only what may still turn out to be part of a fence.
 */
#ifndef PROTO_MESSAGES_FENCE_H
#define PROTO_MESSAGES_FENCE_H

#include "base/arena.h"

enum { FENCE_HOLD = 64 };

struct fence {			/* start from all zeros */
	/* private */
	enum { FENCE_HEAD, FENCE_INSIDE, FENCE_ABSENT } state;
	char	held[FENCE_HOLD];	/* not passed on yet */
	size_t	len;
};

/* A piece of escaped text; returns what may be passed on, in the arena. */
struct slice	fence_feed(struct fence *, struct arena *, struct slice piece);
/* The text is over: the rest of it, borrowed from the fence. */
struct slice	fence_end(struct fence *);

#endif
