/*
 * sse - the text/event-stream format, reading and writing (WHATWG HTML 9.2).
 *
 * Knows lines and fields and nothing else: no sockets, no JSON, no provider's
 * habits.  Reading is a pull: append bytes to a buf, then call sse_next()
 * until it stops returning 1.
 */
#ifndef WIRE_SSE_H
#define WIRE_SSE_H

#include "base/buf.h"
#include "base/slice.h"

enum { SSE_EVENT_MAX = 16 << 20 };	/* bytes of one event */

struct sse_event {
	struct slice	name;		/* empty: the stream named none */
	struct slice	data;		/* the data lines, joined by '\n' */
};

struct sse_reader {			/* start from all zeros */
	/* private */
	struct buf	joined;		/* data of an event with several data lines */
	size_t		used;		/* bytes of `in` to take at the next call */
	size_t		scanned;	/* bytes of `in` known to hold no event's end */
	bool		begun;		/* the byte order mark was looked for */
};

/*
 * Take the next whole event off the front of `in`.  Returns 1 and fills *ev, or
 * 0 if more bytes are needed, or -1 if an event is longer than SSE_EVENT_MAX or
 * memory ran out; after -1 only sse_free() is left.  Events without data are
 * skipped, as are comments, id and retry.  The slices point into `in` (or into
 * the reader, for several data lines) and live until the next call: `in` must not
 * be appended to while they are used.
 */
int	sse_next(struct sse_reader *, struct buf *in, struct sse_event *ev) MUST_USE;

/*
 * The stream ended.  As sse_next(), but an event that lacks only the blank line is
 * given out too: providers that forget it are common, and losing their last
 * event is worse than the letter of the format.
 */
int	sse_last(struct sse_reader *, struct buf *in, struct sse_event *ev) MUST_USE;
void	sse_free(struct sse_reader *);

/* Append one event to `out`; `data` holds no line end.  Failure is remembered in out->failed. */
void	sse_put(struct buf *out, struct slice name, struct slice data);
/* The same in parts, for data that is written in place: open, append to out, close. */
void	sse_open(struct buf *out, struct slice name);
void	sse_close(struct buf *out);
void	sse_comment(struct buf *out, struct slice text);

#endif
