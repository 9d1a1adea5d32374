/*
 * feed - an answer's body, rendered and not yet sent: its bytes, and where
 * each event of a stream ends.  A whole body is one event.
 */
#ifndef ECHO_FEED_H
#define ECHO_FEED_H

#include "base/arena.h"
#include "base/buf.h"
#include "echo/script.h"

struct feed {			/* start from all zeros but these */
	struct arena		*arena;
	const struct script	*script;	/* how lines are to look */
	struct slice		 ping;		/* whole, with its blank line */
	bool			 crlf;		/* lines end so */
	bool			 array;		/* events are elements of one */
	struct buf		 bytes;
	size_t			 count;
	/* private */
	size_t			*ends;
	size_t			 cap;
	size_t			 begun;	/* where the open event begins */
};

/*
 * One event of a stream: open, append its data to feed->bytes without line
 * ends, close.  An empty name writes no event line.
 */
void	feed_open(struct feed *, struct slice name);
void	feed_close(struct feed *);
/* An array of events ends here; other streams just end. */
void	feed_end(struct feed *);
/* The same in one call. */
void	feed_put(struct feed *, struct slice name, struct slice data);

/* All bytes since the last event are one more: for bodies and recordings. */
void	feed_mark(struct feed *);
/* Recorded bytes, marked at every blank line if they are a stream. */
void	feed_recorded(struct feed *, struct slice bytes, bool stream);

/* The i-th event; lives until the next append. */
struct slice	feed_event(const struct feed *, size_t i);
/* Nothing behind the first `n` events will be sent. */
void		feed_cut(struct feed *, size_t n);

/* The last event, and all bytes with it, end after `len` bytes. */
void		feed_trim(struct feed *, size_t len);

bool	feed_failed(const struct feed *);
void	feed_free(struct feed *);	/* idempotent */

#endif
