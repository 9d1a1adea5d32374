/*
 * argstream - the arguments of one tool call, as they stream in.
 *
 * Knows where their JSON ends: what a model or a gateway puts behind it is
 * dropped, as clients break on it.  An empty object in front of the real one
 * is taken for the empty beginning that some providers make of it.  Arguments
 * that are no object are held back until their end, when they can be mended.
 */
#ifndef PROTO_CHAT_ARGSTREAM_H
#define PROTO_CHAT_ARGSTREAM_H

#include "json/scan.h"
#include "proto/gather.h"

struct argstream {		/* start from all zeros */
	/* private */
	struct scan	 scan;
	bool		 sent;		/* some of it was passed on */
	bool		 hollow;	/* only {} came: more may follow */
	bool		 odd;		/* no object: kept in `held` */
	struct gather	 held;
};

/*
 * Take the next piece of escaped text.  Returns what of it is to be passed on
 * now, which lives as long as `text` and `scratch`.
 */
struct slice	argstream_take(struct argstream *, struct arena *,
		    struct arena *scratch, struct slice text);
/* All pieces came.  Returns what is still to be passed on. */
struct slice	argstream_end(struct argstream *, struct arena *scratch);
/* Has the JSON closed? */
bool		argstream_complete(const struct argstream *);

#endif
