/*
 * scan - follows a JSON value whose text arrives in pieces.
 *
 * Tool arguments stream as fragments; the scanner tells when the first whole
 * value has closed, and mends a text that was cut short.
 */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include "base/buf.h"
#include "base/slice.h"

struct scan {			/* all zeros: nothing seen */
	uint32_t	depth;
	bool		string, escape;	/* inside a string; after a backslash */
	bool		begun;		/* something but white space was seen */
	bool		complete;	/* the value has closed */
};

/*
 * Feed plain (unescaped) text; returns how many of its bytes belong to the
 * first value, blanks before it included: the rest came after it had closed.
 */
size_t	scan_feed(struct scan *, struct slice plain);

/*
 * `text` is a cut-off beginning of a JSON object.  Append to `out` an object
 * of what is complete in it: a string without its closing quote, a number or
 * literal not followed by a delimiter, a dangling key or comma are left out,
 * open brackets are closed; of nothing an empty object is made.  False, and
 * nothing appended, if `text` is not the beginning of a JSON object.
 */
bool	scan_mend(struct slice text, struct buf *out);

#endif
