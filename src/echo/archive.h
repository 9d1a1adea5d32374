/*
 * archive - Responses: the items of recent answers, and of what they answered,
 * for requests that only name them.  A ring: the oldest go.
 */
#ifndef ECHO_ARCHIVE_H
#define ECHO_ARCHIVE_H

#include "base/buf.h"
#include "echo/check.h"

enum { ARCHIVE_KEPT = 128 };

struct archive {			/* start from all zeros */
	/* private */
	struct kept {
		struct slice	 id;	/* of the answer; within `text` */
		struct slice	 items;	/* a JSON array; within `text` */
		struct buf	 text;
	}		 kept[ARCHIVE_KEPT];
	size_t		 next;
};

/*
 * Put what a request names in its place: a->input becomes all items.  False:
 * there is no such answer or item, or no memory, and the fault says so.
 */
bool	archive_resolve(const struct archive *, struct prompt *,
	    struct fault *, struct arena *) MUST_USE;

/* Keep an answer's id and its items, and those of the request before them. */
void	archive_keep(struct archive *, const struct prompt *, struct slice id,
	    struct slice items);

void	archive_free(struct archive *);	/* idempotent */

#endif
