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

enum { SSE_EVENT_MAX = 16 << 20 };	/* bytes of one event, all lines */

struct sse_event {
	struct slice	name;		/* empty: the stream named none */
	struct slice	data;		/* the data lines, joined by '\n' */
};

struct sse_span {			/* of `in`, from its front */
	size_t		at, len;
};

struct sse_reader {			/* start from all zeros */
	/* private */
	struct buf	joined;		/* several data lines as one */
	struct sse_span	name, data;	/* of the event being gathered */
	size_t		lines;		/* its data lines so far */
	size_t		dropped;	/* its bytes that `in` holds no more */
	size_t		used;		/* bytes of the event given out last */
	size_t		line;		/* where in `in` the open line begins */
	size_t		scanned;	/* bytes of `in` that were looked at */
	bool		begun;		/* the byte order mark was looked for */
	bool		skip_lf;	/* the last line ended in a CR */
};

/*
 * Take the next whole event off the front of `in`.  Returns 1 and fills *ev, or
 * 0 if more bytes are needed, or -1 if an event is longer than SSE_EVENT_MAX or
 * memory ran out; after -1 only sse_free() is left.  Events without data are
 * skipped, as are comments, id and retry.  The slices point into `in` (or into
 * the reader, for several data lines) and live until the next call: `in` must
 * not be appended to while they are used.  Only the reader may take from `in`.
 */
int	sse_next(struct sse_reader *, struct buf *in,
	    struct sse_event *ev) MUST_USE;

/*
 * The stream ended.  As sse_next(), but an event that lacks only its last line
 * ends is given out too: providers that forget them are common, and losing
 * their last event is worse than the letter of the format.
 */
int	sse_last(struct sse_reader *, struct buf *in,
	    struct sse_event *ev) MUST_USE;
void	sse_free(struct sse_reader *);

/*
 * Append one event to `out`.  Each line of `data` becomes a data line; a name
 * with a line end in it is left out.  Failure is remembered in out->failed.
 */
void	sse_put(struct buf *out, struct slice name, struct slice data);
/*
 * The same in parts, for data that is written in place: open, append data
 * without line ends to `out`, close.
 */
void	sse_open(struct buf *out, struct slice name);
void	sse_close(struct buf *out);
/* A comment of one line: `text` ends at its first line end. */
void	sse_comment(struct buf *out, struct slice text);

#endif
