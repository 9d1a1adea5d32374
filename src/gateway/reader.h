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

enum reader_result { READER_MORE, READER_HEAD, READER_DONE, READER_BAD,
	    READER_GONE };

struct reader {			/* start from all zeros but the limits */
	size_t		  head_max, body_max;
	struct http_head *head;		/* after READER_HEAD; in the arena */
	size_t		  head_len;	/* bytes of the head */
	struct slice	  body;		/* after READER_DONE */
	unsigned	  status;	/* READER_BAD: 400 408 411 413 431 501
					 * 505 */
	const char	 *why;
	/* private */
	size_t		  scanned;
	struct body	  framing;
	char		 *memory;
	size_t		  filled;
	struct buf	  gathered;	/* a chunked body */
};

/*
 * Read as far as the connection has bytes.  READER_HEAD is returned once, when
 * the head is there (the caller may refuse the request by what it says); then
 * MORE until DONE.  BAD: answer `status` and close.  GONE: the client closed
 * or broke.
 */
enum reader_result	reader_run(struct reader *, struct conn *,
	    struct arena *);
void			reader_free(struct reader *);	/* idempotent */

/*
 * A copy of `head` and of its `text` in the arena, no larger than the headers
 * that are there.  NULL: no memory.
 */
struct http_head	*reader_keep(struct arena *, const struct http_head *,
			    struct slice text) MUST_USE;

#endif
