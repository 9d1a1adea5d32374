/*
 * multipart - one short field out of a form, before the form is whole
 * (RFC 7578; RFC 2046 5.1.1).
 *
 * The form is only looked at: it goes on as it came.
 */
#ifndef WIRE_MULTIPART_H
#define WIRE_MULTIPART_H

#include <stdbool.h>

#include "base/check.h"
#include "base/slice.h"

/* Of a part's headers, and of the field's value. */
enum { MULTIPART_HEAD_MAX = 8 << 10, MULTIPART_VALUE_MAX = 1 << 10 };

struct multipart {		/* start from all zeros */
	size_t	at;		/* where to go on looking */
	bool	inside;		/* ... amid a part that is of no interest */
};

/*
 * The boundary that a content-type of multipart/form-data names.  False: it is
 * none, or names none.
 */
bool	multipart_boundary(struct slice content_type, struct slice *boundary)
	    MUST_USE;

/*
 * Look for the field `name` in `body`, which may have grown since the last
 * call.  1: *value is its text, a slice of `body`; 0: more of the form is
 * needed; -1: it is not there, is longer than MULTIPART_VALUE_MAX, or this is
 * no form.  After a 1 the next call looks for another behind it.
 */
int	multipart_field(struct multipart *, struct slice body,
	    struct slice boundary, const char *name, struct slice *value)
	    MUST_USE;

#endif
