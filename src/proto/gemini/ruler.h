/*
 * ruler - offsets in text that comes in pieces: of characters and of bytes.
 *
 * Google counts the bytes of UTF-8, everybody else the characters.  As long as
 * all is ASCII these are the same and nothing is kept.
 */
#ifndef PROTO_GEMINI_RULER_H
#define PROTO_GEMINI_RULER_H

#include "proto/gather.h"

struct ruler {			/* start from all zeros */
	/* private */
	uint64_t	 ascii;		/* bytes of all text before ... */
	struct gather	 wide;		/* ... the first that is not ASCII */
};

/* Escaped text goes on. */
void		ruler_add(struct ruler *, struct arena *, struct slice text);
/* Where the character of that number begins, and the way back; what lies
 * behind the end is its end. */
uint64_t	ruler_byte(const struct ruler *, struct arena *scratch,
		    uint64_t point);
uint64_t	ruler_point(const struct ruler *, struct arena *scratch,
		    uint64_t byte);

#endif
