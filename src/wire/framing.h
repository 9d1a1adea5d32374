/*
 * framing - what the fields of a head say about where its body ends, whether
 * the connection goes on, and which host is meant (RFC 9112 3.2, 6 and 9.3).
 *
 * For http1.c only.  Fields are noted one by one as they are parsed; the
 * decision falls when all are known, since only together they can contradict
 * each other.
 */
#ifndef WIRE_FRAMING_H
#define WIRE_FRAMING_H

#include "wire/http1.h"

struct framing {			/* start from all zeros */
	/* private */
	struct slice	host, length, coding;
	unsigned	hosts, lengths, codings;	/* how often seen */
	bool		close, keep_alive, expect_continue;
};

/* False, with *fault set: a field that may stand once stands twice. */
bool	framing_note(struct framing *, const struct http_header *,
	    struct http_fault *fault) MUST_USE;

/*
 * Fill in the fields of *head that follow from what was noted.  Its start line
 * must be there, and `host` if the target has one.  False: *fault says why.
 */
bool	framing_of_request(const struct framing *, struct http_head *,
	    struct http_fault *fault) MUST_USE;
bool	framing_of_response(const struct framing *, bool to_head,
	    struct http_head *, struct http_fault *fault) MUST_USE;

#endif
