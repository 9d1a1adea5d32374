/*
 * loss - the list of what a translation could not carry or had to change.
 *
 * Nothing is lost silently: each item names a path in the client's body and
 * what became of it, and goes into the header x-dragoman-warnings, the log and
 * the metrics; in strict mode the first one refuses the request.
 *
 * Whatever can be lost has a row in one table (loss_table.c), which says why.
 * A new loss_add() needs a row: builds with sanitizers insist on it.
 */
#ifndef PROTO_LOSS_H
#define PROTO_LOSS_H

#include "base/arena.h"
#include "base/buf.h"
#include "json/json.h"

enum loss_action {			/* ORDER loss */
	LOSS_DROPPED, LOSS_CLAMPED, LOSS_ADJUSTED, LOSS_EMULATED,
	LOSS_RENAMED, LOSS_INSERTED, LOSS_REORDERED, LOSS_DISABLED,
	LOSS_TRUNCATED,
	LOSS_ACTIONS,
};

/* More items than LOSS_MAX are not kept: nobody reads them, and each new one is
 * compared with all before it. */
enum { LOSS_HEADER_MAX = 1024, LOSS_MAX = 200 };

/* One bit for each pair of protocols, by their ids: client's, provider's. */
enum { LOSS_PROTOCOLS = 4 };
#define LOSS_WAY(from, to)	(1u << ((from) * LOSS_PROTOCOLS + (to)))

struct loss_row {
	/* "tools[].strict": any index fits [], any one name fits *, and any
	 * rest of a path fits ** */
	const char	*path;
	uint16_t	 ways;		/* LOSS_WAY() bits */
	uint16_t	 actions;	/* 1 << enum loss_action bits */
	const char	*why;		/* a sentence for people */
};

struct loss {
	struct loss	*next;
	struct slice	 path;		/* "tools[3].strict" */
	enum loss_action action;
	const struct loss_row *row;
};

struct losses {			/* start from all zeros */
	struct loss	*first, *last;
	size_t		 count;
	unsigned	 way;		/* LOSS_WAY(); 0: any row will do */
};

/*
 * Add an item unless the same one is there.  Bytes of the path that are neither
 * token characters nor brackets become '_'; it is cut at 199 bytes.
 */
void	loss_add(struct losses *, struct arena *, enum loss_action,
	    const char *path_fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * Add each member of `object` that is neither null, nor an empty array or
 * object, nor in `known`, words with one space between them, as dropped.  The
 * path is the object's; "": the body.
 */
void	loss_unknown(struct losses *, struct arena *, struct jval object,
	    const char *known, const char *path_fmt, ...)
	    __attribute__((format(printf, 5, 6)));

/* Add that member of the object at `path`, as loss_unknown() does. */
void	loss_member(struct losses *, struct arena *, const char *path,
	    struct slice member);
/* Would loss_unknown() add nothing? */
bool	loss_knows(struct jval object, const char *known);

/*
 * "name=action; name=action", of whole items, ending in "..." where
 * LOSS_HEADER_MAX cuts the list.  Nothing if it is empty.
 */
void	loss_print(const struct losses *, struct buf *out);
/* "name=action (why); name=action (why)", cut like that at `max` bytes. */
void	loss_explain(const struct losses *, struct buf *out, size_t max);
const char	*loss_action_name(enum loss_action);

/* The table; its last row is for what has none. */
const struct loss_row	*loss_table(size_t *count);

#endif
