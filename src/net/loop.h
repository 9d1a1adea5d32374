/*
 * loop - one thread's event loop: file descriptors, timers, signals, and the
 * graveyard for what must not be freed inside an event.
 *
 * Descriptors are watched edge-triggered for everything, once, and never
 * changed: readiness is remembered by their owner (net/conn.h) and a busy
 * connection costs no epoll_ctl().
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/check.h"

enum {				/* bits of `events` */
	LOOP_READ = 1, LOOP_WRITE = 2,
	LOOP_HANGUP = 4,	/* the peer will send no more */
	LOOP_ERROR = 8,
};

struct loop_watch {
	int	  fd;
	void	(*on)(struct loop_watch *, unsigned events);
};

struct loop_timer {		/* start from all zeros but `on` */
	void	(*on)(struct loop_timer *);
	/* private */
	int64_t	  due;		/* ms; 0: not armed */
	int64_t	  queued;	/* under which it stands in the heap */
	size_t	  slot;		/* place in the heap, from 1; 0: not in it */
};

struct loop_again {		/* start from all zeros but `on` */
	void	(*on)(struct loop_again *);
	/* private */
	struct loop_again *next;
	bool		 queued;
};

struct loop_grave {
	struct loop_grave *next;
	void	(*bury)(struct loop_grave *);
};

struct loop;

struct loop	*loop_new(void) MUST_USE;	/* NULL: errno says why */
void		 loop_free(struct loop *);

bool	loop_add(struct loop *, struct loop_watch *) MUST_USE;
/* Before the fd is closed.  From here on it is silent, in this turn too. */
void	loop_del(struct loop *, struct loop_watch *);

/*
 * Level-triggered and for reading only: for listeners, which may leave
 * connections for the next turn or another process.
 */
bool	loop_add_listener(struct loop *, struct loop_watch *) MUST_USE;

/*
 * Arm, or arm anew, to fire once in `ms`.  Moving a timer later is free of
 * cost: the heap is only touched when the old time comes.  False: no memory.
 */
bool	loop_after(struct loop *, struct loop_timer *, int64_t ms);
void	loop_cancel(struct loop *, struct loop_timer *);	/* idempotent */

/*
 * Call again->on(again) in the next turn, after the events of all others: for
 * whoever has more to do than is fair to do at once.
 */
void	loop_again(struct loop *, struct loop_again *);		/* idempotent */
void	loop_not_again(struct loop *, struct loop_again *);	/* idempotent */

/* Call grave->bury(grave) when this turn is over. */
void	loop_bury(struct loop *, struct loop_grave *);

/* Have `on` called from the loop, never from a handler, when `signal` comes. */
bool	loop_signal(struct loop *, int signal, void (*on)(void *), void *arg)
	    MUST_USE;

void	loop_run(struct loop *);		/* until loop_stop() */
void	loop_turn(struct loop *, int max_wait_ms);
void	loop_stop(struct loop *);

/*
 * Blocks of LOOP_BLOCK bytes for connection buffers, recycled through the
 * loop: a buf that is empty gives its memory back and takes it again when
 * bytes come.
 */
enum { LOOP_BLOCK = 16 * 1024 };
/* For a buf with cap 0; its limit may be smaller, and holds. */
bool	loop_block(struct loop *, struct buf *) MUST_USE;
/* An empty buf, of whatever size, loses its memory. */
void	loop_unblock(struct loop *, struct buf *);
/*
 * `b` will be kept for a while: if much memory is in use, its bytes, when they
 * are few, get a piece of their own, or none if there are none.
 */
void	loop_settle(struct loop *, struct buf *b);
/* A block for what was settled, or is empty. */
bool	loop_unsettle(struct loop *, struct buf *b) MUST_USE;

#endif
