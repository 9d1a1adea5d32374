/*
 * A timer that was moved later stays where it is in the heap, and is queued
 * anew when its old time comes.
 *
 * A watch may be deleted, and its memory buried, by a handler of the same
 * turn: loop_del() strikes its events from the batch being delivered.
 */
#include "net/loop.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/memory.h"
#include "base/seal.h"
#include "net/heap.h"

enum {
	HEADS = 4096,		/* where a block begins: most are shorter */
	BATCH = 128,		/* events taken from the kernel at once */
	SIGNALS = 8,
	BLOCKS_KEPT = 64,
	HOUR_MS = 3600 * 1000,	/* no wait is longer */
};

struct handler {
	int	  signal;
	void	(*on)(void *);
	void	 *arg;
};

/* A block that nobody uses holds the way to the next one in its own bytes. */
struct block {
	struct block	*next;
	size_t		 cap;
};

struct loop {
	struct arena	  arena;	/* of the loop itself */
	int		  epoll;
	bool		  stopped;

	struct epoll_event batch[BATCH];
	int		  at, count;	/* being delivered: batch[at..count) */

	struct heap	  heap;
	/* to be called in the next turn, and being called in this one */
	struct loop_again *again, *calling;
	struct loop_grave *graves;

	struct loop_watch signals;
	sigset_t	  caught;
	struct handler	  handlers[SIGNALS];
	size_t		  handler_count;

	struct block	 *blocks;
	size_t		  block_count;
};

/* --- timers */

/* Each timer fires once at most: one that arms itself anew waits a turn. */
static void
fire_timers(struct loop *l)
{
	int64_t now = clock_ms();

	for (size_t n = l->heap.count; n > 0; n--) {
		struct loop_timer *t = heap_first(&l->heap);

		if (!t || t->queued > now)
			return;
		if (t->due > now) {	/* it was moved later */
			heap_move(&l->heap, t);
			continue;
		}
		heap_take(&l->heap, t);
		t->due = 0;
		t->on(t);
	}
}

static int
wait_ms(const struct loop *l, int max_wait_ms)
{
	const struct loop_timer *first = heap_first(&l->heap);
	int64_t left;

	if (l->again)
		return 0;
	if (!first)
		return max_wait_ms;
	left = first->queued - clock_ms();
	if (left < 0)
		left = 0;
	if (max_wait_ms >= 0 && left > max_wait_ms)
		left = max_wait_ms;
	return left > HOUR_MS ? HOUR_MS : (int)left;
}

bool
loop_after(struct loop *l, struct loop_timer *t, int64_t ms)
{
	t->due = clock_ms() + (ms > 0 ? ms : 0);
	if (t->due <= 0)
		t->due = 1;		/* 0 says: not armed */
	if (!t->slot)
		return heap_put(&l->heap, t);
	if (t->due < t->queued)
		heap_move(&l->heap, t);
	return true;
}

/* Out of the heap at once: its owner may be freed next. */
void
loop_cancel(struct loop *l, struct loop_timer *t)
{
	if (t->slot)
		heap_take(&l->heap, t);
	t->due = 0;
}

/* --- descriptors */

static bool
watch(struct loop *l, struct loop_watch *w, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = w };

	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, w->fd, &ev) == 0;
}

bool
loop_add(struct loop *l, struct loop_watch *w)
{
	return watch(l, w, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
}

bool
loop_add_listener(struct loop *l, struct loop_watch *w)
{
	return watch(l, w, EPOLLIN);
}

void
loop_del(struct loop *l, struct loop_watch *w)
{
	(void)epoll_ctl(l->epoll, EPOLL_CTL_DEL, w->fd, NULL);
	for (int i = l->at; i < l->count; i++)
		if (l->batch[i].data.ptr == w)
			l->batch[i].data.ptr = NULL;
}

static unsigned
translate(uint32_t events)
{
	unsigned e = 0;

	if (events & EPOLLIN)
		e |= LOOP_READ;
	if (events & EPOLLOUT)
		e |= LOOP_WRITE;
	if (events & (EPOLLRDHUP | EPOLLHUP))
		e |= LOOP_HANGUP;
	if (events & EPOLLERR)
		e |= LOOP_ERROR;
	return e;
}

static void
deliver(struct loop *l)
{
	for (l->at = 0; l->at < l->count; l->at++) {
		const struct epoll_event *ev = &l->batch[l->at];
		struct loop_watch *w = ev->data.ptr;

		if (w)
			w->on(w, translate(ev->events));
	}
	l->at = l->count = 0;
}

/* --- once more */

void
loop_again(struct loop *l, struct loop_again *a)
{
	if (a->queued)
		return;
	a->queued = true;
	a->next = l->again;
	l->again = a;
}

static bool
unlink_again(struct loop_again **at, struct loop_again *a)
{
	while (*at && *at != a)
		at = &(*at)->next;
	if (!*at)
		return false;
	*at = a->next;
	return true;
}

void
loop_not_again(struct loop *l, struct loop_again *a)
{
	if (!a->queued)
		return;
	if (!unlink_again(&l->again, a))
		(void)unlink_again(&l->calling, a);
	a->queued = false;
}

/* Those that were there when the turn began: who asks anew waits a turn. */
static void
call_again(struct loop *l)
{
	while (l->calling) {
		struct loop_again *a = l->calling;

		l->calling = a->next;
		a->queued = false;
		a->on(a);
	}
}

/* --- signals */

static void
on_signals(struct loop_watch *w, unsigned events)
{
	struct loop *l = container_of(w, struct loop, signals);
	struct signalfd_siginfo info;

	(void)events;
	while (read(w->fd, &info, sizeof info) == (ssize_t)sizeof info)
		for (size_t i = 0; i < l->handler_count; i++)
			if (l->handlers[i].signal == (int)info.ssi_signo)
				l->handlers[i].on(l->handlers[i].arg);
}

bool
loop_signal(struct loop *l, int signal, void (*on)(void *), void *arg)
{
	sigset_t one;
	int fd;

	CHECK(l->handler_count < SIGNALS);
	sigemptyset(&one);
	sigaddset(&one, signal);
	sigaddset(&l->caught, signal);
	if (sigprocmask(SIG_BLOCK, &one, NULL) < 0)
		return false;
	fd = signalfd(l->signals.fd, &l->caught, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return false;
	if (l->signals.fd < 0) {
		l->signals = (struct loop_watch){ fd, on_signals };
		if (!loop_add(l, &l->signals)) {
			close(fd);
			l->signals.fd = -1;
			return false;
		}
	}
	l->handlers[l->handler_count++] = (struct handler){ signal, on, arg };
	return true;
}

/* --- the loop */

struct loop *
loop_new(void)
{
	struct arena arena = { 0 };
	struct loop *l = arena_alloc(&arena, sizeof *l);

	if (!l) {
		errno = ENOMEM;
		return NULL;
	}
	l->arena = arena;
	l->signals.fd = -1;
	sigemptyset(&l->caught);
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll < 0) {
		arena_reset(&arena);
		return NULL;
	}
	clock_update();
	return l;
}

static void
bury_all(struct loop *l)
{
	while (l->graves) {
		struct loop_grave *g = l->graves;

		l->graves = g->next;
		g->bury(g);
	}
}

static void
free_block(struct block *b)
{
	struct buf gone = { .data = (char *)b, .cap = b->cap };

	buf_free(&gone);
}

/*
 * Descriptors are closed, never taken out of the epoll set: after a fork the
 * set is the parent's too.
 */
void
loop_free(struct loop *l)
{
	struct arena arena;

	if (!l)
		return;
	bury_all(l);
	while (l->blocks) {
		struct block *b = l->blocks;

		l->blocks = b->next;
		free_block(b);
	}
	if (l->signals.fd >= 0)
		close(l->signals.fd);
	if (l->handler_count)
		(void)sigprocmask(SIG_UNBLOCK, &l->caught, NULL);
	close(l->epoll);
	heap_free(&l->heap);
	arena = l->arena;
	arena_reset(&arena);
}

void
loop_bury(struct loop *l, struct loop_grave *g)
{
	g->next = l->graves;
	l->graves = g;
}

void
loop_turn(struct loop *l, int max_wait_ms)
{
	int n = epoll_wait(l->epoll, l->batch, BATCH, wait_ms(l, max_wait_ms));

	CHECK(n >= 0 || errno == EINTR);
	clock_update();
	l->count = n > 0 ? n : 0;
	l->calling = l->again;
	l->again = NULL;
	deliver(l);
	call_again(l);
	fire_timers(l);
	bury_all(l);
}

void
loop_run(struct loop *l)
{
	while (!l->stopped)
		loop_turn(l, -1);
	l->stopped = false;
}

void
loop_stop(struct loop *l)
{
	l->stopped = true;
}

/* --- blocks */

bool
loop_block(struct loop *l, struct buf *b)
{
	struct block *block = l->blocks;
	struct buf fresh = { 0 };

	CHECK(b->cap == 0);
	if (!block) {		/* a limit of `b` is one of bytes queued */
		if (!buf_reserve(&fresh, LOOP_BLOCK))
			return false;
		b->data = fresh.data;
		b->cap = fresh.cap;
		return true;
	}
	l->blocks = block->next;
	l->block_count--;
	b->data = (char *)block;
	b->cap = block->cap;
	b->start = b->end = 0;
	return true;
}

void
loop_settle(struct loop *l, struct buf *b)
{
	struct buf small = { .limit = b->limit };
	struct slice bytes = buf_slice(b);

	if (b->cap < LOOP_BLOCK || bytes.len > LOOP_BLOCK / 4 ||
	    !memory_above(MEMORY_MUCH))
		return;
	buf_append(&small, bytes);
	if (small.failed)
		return;
	buf_clear(b);
	loop_unblock(l, b);
	*b = small;
}

bool
loop_unsettle(struct loop *l, struct buf *b)
{
	struct buf large = { .limit = b->limit };

	if (b->cap >= LOOP_BLOCK)
		return true;
	if (!loop_block(l, &large))
		return false;
	buf_append(&large, buf_slice(b));
	buf_clear(b);
	loop_unblock(l, b);
	*b = large;
	return true;
}

/* Only blocks of about the right size are worth keeping. */
void
loop_unblock(struct loop *l, struct buf *b)
{
	struct block *block;

	CHECK(buf_len(b) == 0);
	/* a head stood there, with a key */
	if (b->data)
		seal_wipe(b->data, b->cap < HEADS ? b->cap : HEADS);
	if (b->cap < LOOP_BLOCK || b->cap > 2 * LOOP_BLOCK ||
	    l->block_count == BLOCKS_KEPT || memory_above(MEMORY_MUCH)) {
		buf_free(b);
		return;
	}
	block = (struct block *)(void *)b->data;
	*block = (struct block){ l->blocks, b->cap };
	l->blocks = block;
	l->block_count++;
	b->data = NULL;
	b->start = b->end = b->cap = 0;
}
