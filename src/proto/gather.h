/*
 * gather - text that is put together piece by piece and lives in an arena.
 *
 * Growing doubles the room, so that many small pieces cost no more than one
 * large one.  Nothing is freed but with the arena.
 */
#ifndef PROTO_GATHER_H
#define PROTO_GATHER_H

#include "base/arena.h"
#include "base/buf.h"

struct gather {			/* start from all zeros */
	char	*at;
	size_t	 len, cap;
};

/* Append `text`; on failure nothing changes and arena->failed is set. */
void		gather_add(struct gather *, struct arena *, struct slice text);

/* All that was gathered; dies at the next gather_add(). */
struct slice	gather_text(const struct gather *);
/* Forget the text, keep the room. */
void		gather_clear(struct gather *);

/* Move what `out` holds into the arena and free it.  A failed buf fails the
 * arena. */
struct slice	gather(struct arena *, struct buf *out);
/* `json` without white space outside strings, as escaped text. */
struct slice	gather_escaped_json(struct arena *, struct slice json);

#endif
