/*
 * body - where a message body ends (RFC 9112 6 and 7), reading and writing.
 *
 * Works on slices of the caller's bytes and copies none.  Knows the three
 * framings and nothing of what a body means.
 */
#ifndef WIRE_BODY_H
#define WIRE_BODY_H

#include "base/buf.h"
#include "base/slice.h"
#include "wire/http1.h"

/* Bytes of chunk extensions and trailers, beyond one per byte of the body. */
enum { BODY_EXTRA_MAX = 16 << 10 };

struct body {			/* body_begin() starts it */
	bool		 done;		/* the whole body was seen */
	const char	*fault;		/* after -1: what was wrong */
	/* private */
	enum http_framing framing;
	uint64_t	 left;		/* of the body, or of the chunk */
	uint32_t	 extra;		/* counts to BODY_EXTRA_MAX */
	uint8_t		 state;		/* of the chunked framing */
	uint8_t		 digits;	/* of the chunk size so far */
};

void	body_begin(struct body *, const struct http_head *);

/*
 * Look at `in`, the bytes that follow what was used so far.  Returns 1 with a
 * piece of the body (a slice of `in`), 0 if there is none in it (more bytes are
 * needed, or the body is done: see `done`), -1 if the framing is bad.  In every
 * case *used bytes of `in` are finished with once the piece has been.  Chunk
 * extensions and trailers are dropped.
 */
int	body_next(struct body *, struct slice in, size_t *used,
	    struct slice *piece) MUST_USE;

/* The peer closed.  True if that ends the body, or it was done before. */
bool	body_end(struct body *);

/* Writing chunks: an empty piece writes nothing; _last ends the body. */
void	body_put_chunk(struct buf *, struct slice piece);
void	body_put_last(struct buf *);

/*
 * A chunk whose length is not known yet: bytes are appended to `out` between
 * the two calls, none are taken from it, and no copy is made unless they are
 * very many.  _open returns the mark that _close wants; a chunk with nothing
 * in it leaves no trace.
 */
size_t	body_chunk_open(struct buf *out);
void	body_chunk_close(struct buf *out, size_t mark);
/* What stands in it so far; lives until the next append. */
struct slice	body_chunk_slice(const struct buf *out, size_t mark);

/* The line before a chunk whose bytes go out in another way. */
void	body_put_size(struct buf *, size_t len);

#endif
