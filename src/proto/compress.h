/*
 * compress - a client's request without what a model need not read twice.
 *
 * Nothing but the text of tools' results is touched, and of that only what
 * carries no meaning.  What becomes of a message depends on it and on those
 * before it alone: as a conversation grows its beginning stays the same, byte
 * for byte, and a provider's prompt cache goes on to hit.
 */
#ifndef PROTO_COMPRESS_H
#define PROTO_COMPRESS_H

#include "proto/estimate.h"
#include "proto/proto.h"

enum compress_kind {			/* bits */
	/* white space of JSON, where a result is nothing but JSON */
	COMPRESS_JSON = 1,
	/* blanks at the ends of lines, and many empty lines */
	COMPRESS_BLANKS = 2,
	/* a result that came before: where it stands is said instead */
	COMPRESS_REPEATS = 4,
	COMPRESS_ALL = 7,
};

struct compressed {
	size_t		 saved;		/* bytes */
	struct tally	 tally;		/* what the texts count for less */
};

/*
 * Write the text whose root `body` is, a request in the words of `protocol`,
 * into `out`, shortened as `kinds` says; all other bytes stay as they are.
 * Returns 1; 0 if there is nothing to shorten, and `out` is as it was; -1 if
 * memory ran out.
 */
int	compress_request(enum protocol_id protocol, struct jval body,
	    unsigned kinds, struct buf *out, struct compressed *) MUST_USE;

#endif
