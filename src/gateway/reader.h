/*
 * reader - one request off a client connection: head, then the whole body.
 *
 * The head is copied into the exchange's arena, so that its slices live as
 * long as the exchange; a body of known length is read straight into the
 * memory where it will be parsed.
 */
#ifndef GATEWAY_READER_H
#define GATEWAY_READER_H

#include "base/arena.h"
#include "net/conn.h"
#include "wire/body.h"

enum reader_result { READER_MORE, READER_HEAD, READER_SOME, READER_DONE,
	    READER_BAD, READER_GONE };

struct reader {			/* start from all zeros but the limits */
	size_t		  head_max, body_max;
	bool		  drip;		/* set after READER_HEAD: the body is
					 * handed out as it comes */
	struct http_head *head;		/* after READER_HEAD; in the arena */
	size_t		  head_len;	/* bytes of the head */
	struct slice	  body;		/* after READER_DONE; READER_SOME:
					 * what has come of it */
	unsigned	  status;	/* READER_BAD: 400 408 411 413 431 501
					 * 505 */
	const char	 *why;
	/* private */
	size_t		  scanned;
	struct body	  framing;
	char		 *memory;
	size_t		  filled;
	struct buf	  gathered;	/* a chunked body, or one that drips */
	size_t		  dripped;	/* bytes of reader_next() */
};

/*
 * Read as far as the connection has bytes.  READER_HEAD is returned once, when
 * the head is there (the caller may refuse the request by what it says); then
 * MORE until DONE; with `drip`, SOME whenever more of the body has come.  BAD:
 * answer `status` and close.  GONE: the client closed or broke.
 */
enum reader_result	reader_run(struct reader *, struct conn *,
	    struct arena *);

/*
 * After READER_SOME, in the place of reader_run(): the next piece of the body,
 * which lives in the connection until *used bytes of its `in` are taken.
 * Returns 1 = a piece, 0 = none until more has come, -1 = BAD.
 */
int			reader_next(struct reader *, struct conn *,
			    size_t *used, struct slice *piece) MUST_USE;
bool			reader_whole(const struct reader *);

/* What the client said of itself, keys among it, is no longer needed. */
void			reader_wipe(struct reader *);
void			reader_free(struct reader *);	/* idempotent */

/*
 * A copy of `head` and of its `text` in the arena, no larger than the headers
 * that are there.  NULL: no memory.
 */
struct http_head	*reader_keep(struct arena *, const struct http_head *,
			    struct slice text) MUST_USE;

#endif
