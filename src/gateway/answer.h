/*
 * answer - the client side of an answer: head, framing, end.
 *
 *	answer_begin(&a, 200);
 *	answer_header(&a, SLICE("content-type"), SLICE("application/json"));
 *	answer_whole(&a, body);
 * or
 *	answer_stream(&a);
 *	mark = answer_open(&a); ...append to a.out...; answer_close(&a, mark);
 *	answer_end(&a);
 */
#ifndef GATEWAY_ANSWER_H
#define GATEWAY_ANSWER_H

#include "base/buf.h"
#include "wire/http1.h"

struct answer {			/* start from all zeros; answer_for() fills
				 * it */
	struct buf	*out;		/* the connection's */
	bool		 keep;		/* the connection may be used again */
	/* private */
	bool		 head_only;	/* to HEAD: no body follows */
	bool		 old;		/* HTTP/1.0: no chunks; the end is the
					 * close */
	bool		 chunked;
};

/* An answer to `head` (NULL: the request could not be read), into `out`. */
void	answer_for(struct answer *, struct buf *out,
	    const struct http_head *head);

void	answer_begin(struct answer *, unsigned status);		/* with date */
void	answer_header(struct answer *, struct slice name, struct slice value);
void	answer_number(struct answer *, struct slice name, uint64_t value);

/* End the head; the body is `body`. */
void	answer_whole(struct answer *, struct slice body);
/*
 * End the head; the body follows, of `length` bytes, which the caller appends.
 */
void	answer_length(struct answer *, uint64_t length);
/* End the head; the body comes in pieces. */
void	answer_stream(struct answer *);
size_t	answer_open(struct answer *);
void	answer_close(struct answer *, size_t mark);
void	answer_piece(struct answer *, struct slice);
void	answer_end(struct answer *);

/* Can a body in pieces be sent in chunks?  Clients of HTTP/1.0 know none. */
bool		answer_chunks(const struct answer *);
/* What the open chunk holds so far; nothing where there are no chunks. */
struct slice	answer_said(const struct answer *, size_t mark);

/*
 * A body that is there as a whole, after the head: `framed` is the same with
 * "\r\n0\r\n\r\n" behind it.  Returns what of it is to go after `out`.
 */
struct slice	answer_rest(struct answer *, struct slice body,
		    struct slice framed);

#endif
