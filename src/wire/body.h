/*
 * body - where a message body ends (RFC 9112 6 and 7), reading and writing.
 */
#ifndef WIRE_BODY_H
#define WIRE_BODY_H

#include "wire/http1.h"

struct body {			/* body_begin() starts it */
	bool		 done;		/* the whole body was seen */
	const char	*fault;		/* after -1: what was wrong */
	/* private */
	enum http_framing framing;
	uint64_t	 left;		/* of the body, or of the chunk */
	uint8_t		 state;
	uint32_t	 overhead;	/* chunk extensions and trailers seen, bounded */
};

void	body_begin(struct body *, const struct http_head *);

/*
 * Look at `in`, the bytes that follow what was used so far.  Returns 1 with a piece of
 * the body (a slice of `in`), 0 if there is none in it (more bytes are needed,
 * or the body is done: see `done`), -1 if the framing is bad.  In every case *used bytes of `in` are
 * finished with once the piece has been.  Chunk extensions and trailers are
 * dropped.
 */
int	body_next(struct body *, struct slice in, size_t *used,
	    struct slice *piece) MUST_USE;

/* The peer closed.  True if that ends the body rightly (or it was done already). */
bool	body_end(struct body *);

/* Writing chunks: an empty piece writes nothing; body_put_last() ends the body. */
void	body_put_chunk(struct buf *, struct slice piece);
void	body_put_last(struct buf *);

/*
 * A chunk whose length is not known yet: bytes are appended to `out` between the two
 * calls and no copy is made.  _open returns the mark that _close wants; a
 * chunk with nothing in it leaves no trace.
 */
size_t	body_chunk_open(struct buf *out);
void	body_chunk_close(struct buf *out, size_t mark);

#endif
