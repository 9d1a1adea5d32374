/*
 * cite - citations of web pages, from Anthropic's form to the neutral one.
 *
 * Anthropic names them while a text block is open; how far the block reaches
 * is known at its end, so they are kept until then.
 */
#ifndef PROTO_MESSAGES_CITE_H
#define PROTO_MESSAGES_CITE_H

#include "json/json.h"
#include "proto/ir.h"

enum { CITES_MAX = 256 };	/* of one block; more are left out */

struct cite;

struct cites {			/* start from all zeros */
	/* private */
	struct cite	*first, *last;
	size_t		 count;
};

/*
 * Remember a citation that names a web page; others mean nothing elsewhere.
 * False: it is not going to be told.
 */
bool	cite_add(struct cites *, struct arena *, struct jval citation);

/*
 * Put all as events, for the text from code point `start` to `end`, and forget
 * them.  Their JSON is made in `scratch`.
 */
void	cite_flush(struct cites *, struct arena *scratch, struct sink *to,
	    size_t start, size_t end);

#endif
