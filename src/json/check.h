/*
 * check - is this text JSON (RFC 8259), in UTF-8 (RFC 3629), not too deep?
 *
 * Strict and iterative.  Everything above may trust that a text which passed
 * has balanced brackets, a value for each key, and numbers that are numbers.
 */
#ifndef JSON_CHECK_H
#define JSON_CHECK_H

#include "base/slice.h"

enum { JSON_DEPTH_MAX = 128 };

struct json_fault {
	const char	*why;		/* "expected a value" */
	size_t		 at;		/* byte offset in the text */
	bool		 no_memory;	/* the text may be good */
};

/*
 * Check the whole of `text` as one JSON value.  On success *tokens is the exact
 * number of values and keys in it.  On failure *fault says what and where.
 * `depth` is how many containers may stand inside each other, at most
 * JSON_DEPTH_MAX.
 */
bool	json_check(struct slice text, unsigned depth, uint32_t *tokens,
	    struct json_fault *fault);

/* How far a text that was cut off is whole: see json_check_prefix(). */
struct json_prefix {
	size_t		 len;		/* up to the last value that is whole */
	unsigned	 depth;		/* containers that are open there */
	/* Bit d: the container inside of d others is an array. */
	uint64_t	 arrays[JSON_DEPTH_MAX / 64];
};

/*
 * Check a text that may have been cut off anywhere.  Returns 1 if it is one
 * whole JSON value, 0 if it could go on to become one, -1 if it is bad.
 * Except for -1, the first prefix->len bytes and a bracket for each container
 * still open are JSON too, if len is not 0.  A number or literal at the very
 * end does not count as whole, unless the result is 1.
 */
int	json_check_prefix(struct slice text, struct json_prefix *prefix);

/* Line and column, both from 1, of byte `at`; columns count bytes. */
void	json_where(struct slice text, size_t at, unsigned *line,
	    unsigned *column);

#endif
