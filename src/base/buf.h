/*
 * buf - a byte queue: append at the end, take from the front.
 *
 *	data  ......oooooooooooooooo.........
 *	      ^     ^               ^        ^
 *	      0     start           end      cap
 *
 * It grows by itself up to its limit.  Failure (no memory, limit passed) is
 * sticky: later appends do nothing, and the owner tests `failed` once.  What
 * was in the queue before stays readable.  A slice into a buf dies at the
 * next append to it or take from it.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/check.h"
#include "base/slice.h"

struct buf {			/* start from all zeros */
	char	*data;
	size_t	 start, end, cap;
	size_t	 limit;		/* bytes it may hold; 0: no limit */
	bool	 failed;
};

struct slice	buf_slice(const struct buf *);		/* all that is queued */
size_t		buf_len(const struct buf *);

void	buf_append(struct buf *, struct slice);
void	buf_text(struct buf *, const char *text);
void	buf_byte(struct buf *, char);
void	buf_u64(struct buf *, uint64_t);		/* decimal */
void	buf_fmt(struct buf *, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Room for at least `want` bytes behind the end, for a read() or a decoder.
 * Returns the first of them, or NULL if the limit or memory does not allow it
 * (`failed` is then set).  buf_commit() says how many of them were filled.
 */
char	*buf_reserve(struct buf *, size_t want) MUST_USE;
void	 buf_commit(struct buf *, size_t filled);
/* How many bytes may be filled behind the end without asking for more. */
size_t	 buf_room(const struct buf *);

/* Drop n bytes at the front; n <= buf_len(). */
void	buf_take(struct buf *, size_t n);
/* Keep only the first `len` bytes; len <= buf_len(). */
void	buf_trunc(struct buf *, size_t len);
/* Empty, memory kept, `failed` unset. */
void	buf_clear(struct buf *);
void	buf_free(struct buf *);		/* idempotent; limit is kept */

#endif
