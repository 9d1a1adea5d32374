/*
 * mould - the chunks that a stream mostly consists of, read without a parser.
 *
 * A provider writes all chunks of text alike: the same bytes before the text,
 * the same behind it.  Once the parser has seen one, the next is recognised by
 * comparing, and its text is what stands between.  Whatever differs in a byte,
 * valid or not, goes the long way.
 */
#ifndef PROTO_CHAT_MOULD_H
#define PROTO_CHAT_MOULD_H

#include "base/slice.h"

enum { MOULD_MAX = 1024 };	/* bytes of a frame; longer ones are not kept */

struct mould {			/* start from all zeros */
	/* private */
	char	frame[MOULD_MAX];
	size_t	before, after;	/* bytes of it; before 0: nothing is known */
};

/*
 * `chunk` is valid JSON and says nothing but the string `text`, a part of it
 * with its quotes: so will every chunk that differs in this string alone.
 */
void	mould_learn(struct mould *, struct slice chunk, struct slice text);

/*
 * Does `chunk` fit?  Then *text is its text, still escaped, without quotes;
 * chunk is valid JSON.
 */
bool	mould_fits(const struct mould *, struct slice chunk,
	    struct slice *text);

#endif
