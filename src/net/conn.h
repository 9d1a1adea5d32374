/*
 * conn - one connection: a descriptor, what came in, what goes out, and TLS
 * when there is any.
 *
 * The owner pulls: the loop's event only marks the conn as readable, writable
 * or hung up, flushes what waits in `out`, and calls wake().  Reading happens
 * when the owner calls conn_fill(), so an owner that does not want bytes holds
 * the peer back by not asking.  A peer that sends faster than its bytes are
 * dealt with does not hold up the others: after a good deal of them conn_fill()
 * finds nothing, and the owner is woken once more when those had their turn.
 */
#ifndef NET_CONN_H
#define NET_CONN_H

#include "base/buf.h"
#include "net/loop.h"

enum conn_end {
	CONN_OPEN,
	CONN_CLOSED,		/* in good order (FIN; TLS: close_notify) */
	CONN_CUT,		/* TLS without close_notify: the last bytes may
				 * be missing */
	CONN_BROKEN,		/* reset, time-out of TCP, TLS failure: `why` */
};

struct tls;

struct conn {				/* conn_open() starts it */
	struct buf	  in;		/* take from its front, buf_take() */
	struct buf	  out;		/* append, then conn_flush() */
	enum conn_end	  end;		/* of what the peer sends; `in` may
					 * still hold bytes */
	const char	 *why;		/* CONN_BROKEN, CONN_CUT: a sentence */
	bool		  hung_up;	/* the peer will send no more: FIN or
					 * worse was seen, maybe before it
					 * was read */
	void		(*wake)(struct conn *);		/* may close the conn */
	void		 *owner;
	/* private */
	struct loop	 *loop;
	struct loop_watch watch;
	struct tls	 *tls;
	struct slice	  tail;		/* borrowed bytes that go after `out` */
	bool		  readable, writable;
	size_t		  turn;		/* bytes read since the last event */
	struct loop_again again;
	bool		  mute;		/* nothing more can be written */
	bool		  closing;	/* FIN follows `out` */
	/* for net/pool.h and net/dial.h */
	int64_t		  born_ms, idle_ms;
	int		  patience_ms;	/* that was set; 0: as by default */
	struct conn	 *next;
	struct loop_grave grave;
};

/*
 * Take over `fd`, which may still be connecting, and `tls` if not NULL.  `wake`
 * and `owner` stay as they are, all else is set.  Nothing is read or written
 * before the loop's first event.  False: no memory; fd is closed.
 */
bool	conn_open(struct conn *, struct loop *, int fd, struct tls *tls)
	    MUST_USE;
/* Idempotent; gives the bufs back.  A zeroed conn counts as closed. */
void	conn_close(struct conn *);

/*
 * Read what is there into `in`, at most until it holds `max` bytes.  Returns
 * true if bytes were added.  At the peer's end, c->end tells which end it was.
 */
bool	conn_fill(struct conn *, size_t max);

/*
 * Read past `in`, straight into the caller's memory: only when `in` is empty
 * and there is no TLS (else it returns 0).  Returns the count; 0: nothing now,
 * or see c->end.
 */
size_t	conn_read(struct conn *, char *to, size_t n);

/* `out`, with memory from the loop: for what is appended after conn_rest(). */
struct buf *conn_out(struct conn *);

/*
 * Write what waits.  Returns false if nothing more can be written; what the
 * peer sent before, an early refusal perhaps, may still be there for
 * conn_fill().
 */
bool	conn_flush(struct conn *);

/*
 * Have `bytes` sent after all of `out`, by the next conn_flush(), without
 * copying them: they must live until conn_pending() is 0 (nothing may be
 * appended to `out` before that).
 */
void	conn_borrow(struct conn *, struct slice bytes);
/* How many bytes were not yet given to the kernel, and still can be. */
size_t	conn_pending(const struct conn *);

/* Give empty bufs back to the loop: for a connection that will wait. */
void	conn_rest(struct conn *);

/*
 * Say that we will send no more (FIN; TLS: close_notify first) once `out` is
 * flushed.
 */
void	conn_shutdown(struct conn *);

/* From here on conn_close() resets the connection: the peer sees an error. */
void	conn_reset(struct conn *);

/* Open both ways, nothing waiting in either direction: fit for another use. */
bool	conn_quiet(struct conn *);

/*
 * For net/dial.h: talk TLS from here on, and drive the handshake.  Returns 1 =
 * done, 0 = needs the next event, -1 = failed, and c->why says how.
 */
void	conn_set_tls(struct conn *, struct tls *);
int	conn_shake(struct conn *);

#endif
