/*
 * cache_record - an answer as the cache keeps it: its bytes, and what its head
 * said.
 *
 *	| head | body | end of chunks | type | target | warnings | kept id |
 *
 * A stream's body is followed by what ends it in chunks, so that both go out
 * as one piece.  Written and read by one program alone: it never leaves its
 * memory.
 */
#ifndef GATEWAY_CACHE_RECORD_H
#define GATEWAY_CACHE_RECORD_H

#include "base/buf.h"

enum { CACHE_RECORD_EXTRA = 16 << 10 };	/* of all but the body, at most */

struct cache_record {
	int64_t		 born_s, until_s;
	bool		 stream;
	bool		 estimated;	/* its usage is our estimate */
	uint8_t		 stop;		/* enum ir_stop */
	struct slice	 body;
	/* with the end of chunks behind it, if it is a stream */
	struct slice	 framed;
	struct slice	 type;
	struct slice	 target;	/* "provider/model" */
	struct slice	 warnings;
	/* the id under which kept.h has it, too; empty: it has not */
	struct slice	 kept;
};

/*
 * Leave room for the head in an empty buf; the body is appended to it, of at
 * most `longest` bytes.
 */
void	cache_record_begin(struct buf *, size_t longest);

/*
 * The body is whole: write all else, `body` and `framed` apart.  False: no
 * memory, or it is too much.
 */
bool	cache_record_end(struct buf *, const struct cache_record *) MUST_USE;

/* Slices point into `text`.  False: it is no record. */
bool	cache_record_read(struct slice text, struct cache_record *) MUST_USE;

#endif
