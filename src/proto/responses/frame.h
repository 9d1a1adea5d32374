/*
 * frame - the events that a stream mostly consists of, read without a parser.
 *
 * A provider writes all deltas of one part alike, but for a number that counts
 * the events, the text itself and a string that hides how long the text is.
 * Once the parser has seen one, the next is recognised by comparing what stands
 * around these three.  Whatever else differs goes the long way.
 */
#ifndef PROTO_RESPONSES_FRAME_H
#define PROTO_RESPONSES_FRAME_H

#include "json/json.h"

enum { FRAME_MAX = 1024, FRAME_HOLES = 3 };

struct frame {			/* start from all zeros */
	/* private */
	char		 text[FRAME_MAX]; /* what stands around the holes */
	uint16_t	 len[FRAME_HOLES + 1];	/* in front of each, and behind
						 * the last */
	uint8_t		 hole[FRAME_HOLES];
	uint8_t		 holes;		/* 0: nothing is known */
};

/*
 * `event` stands at the root of its document, and says nothing but the string
 * `delta`: so will every event that differs in it, and in the counter and the
 * padding, alone.
 */
void	frame_learn(struct frame *, struct jval event, struct jval delta);

/*
 * Does `data` fit?  Then *text is its delta, still escaped, without quotes;
 * data is valid JSON.
 */
bool	frame_fits(const struct frame *, struct slice data,
	    struct slice *text);

#endif
