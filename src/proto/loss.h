/*
 * loss - the list of what a translation could not carry or had to change.
 *
 * Nothing is lost silently: each item names a path and what became of it, and
 * goes into the header x-dragoman-warnings, the log and the metrics; in strict
 * mode the first one refuses the request.
 */
#ifndef PROTO_LOSS_H
#define PROTO_LOSS_H

#include "base/arena.h"
#include "base/buf.h"

enum loss_action {			/* ORDER loss */
	LOSS_DROPPED, LOSS_CLAMPED, LOSS_ADJUSTED, LOSS_EMULATED,
	LOSS_RENAMED, LOSS_INSERTED, LOSS_REORDERED, LOSS_DISABLED,
	LOSS_TRUNCATED,
};

/* More items than LOSS_MAX are not kept: nobody reads them, and each new one is
 * compared with all before it. */
enum { LOSS_HEADER_MAX = 1024, LOSS_MAX = 200 };

struct loss {
	struct loss	*next;
	struct slice	 path;		/* "tools[3].strict" */
	enum loss_action action;
};

struct losses {			/* start from all zeros */
	struct loss	*first, *last;
	size_t		 count;
};

/*
 * Add an item unless the same one is there.  Bytes of the path that are neither
 * token characters nor brackets become '_'; it is cut at 199 bytes.
 */
void	loss_add(struct losses *, struct arena *, enum loss_action,
	    const char *path_fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * "name=action; name=action", of whole items, ending in "..." where
 * LOSS_HEADER_MAX cuts the list.  Nothing if it is empty.
 */
void	loss_print(const struct losses *, struct buf *out);
const char	*loss_action_name(enum loss_action);

#endif
