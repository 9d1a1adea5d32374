/*
 * `readable` and `writable` remember the last edge: they are set by an event
 * and cleared when the kernel says EAGAIN, or by a read that came back short,
 * which says the same without another call.  A FIN comes as an edge of its
 * own (LOOP_HANGUP); after it reads go on until they return 0.
 *
 * `mute` is about writing only.  A server that refuses a long request answers,
 * closes and resets; its answer can be read although our writes fail.
 */
#include "net/conn.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/list.h"
#include "net/tls.h"

enum {
	READ_MIN = 4096,		/* room worth a read() */
	TURN_MAX = 64 * 1024,		/* bytes, then it is others' turn */
};

static const char no_memory[] = "out of memory";

static const char *
sentence(int error)
{
	switch (error) {
	case ECONNRESET:
	case EPIPE:
		return "the peer reset the connection";
	case ETIMEDOUT:
		return "the peer no longer answers";
	case ENETUNREACH:
	case EHOSTUNREACH:
		return "the peer can no longer be reached";
	}
	return "the connection failed";
}

/* What waits can no longer be sent: forget it, but go on reading. */
static void
fall_mute(struct conn *c, const char *why)
{
	c->mute = true;
	c->why = why;
	buf_take(&c->out, buf_len(&c->out));
	c->tail = (struct slice){ 0 };
	c->readable = true;		/* there is an end to be seen */
}

static void
end(struct conn *c, enum conn_end how, const char *why)
{
	if (c->end != CONN_OPEN)
		return;
	c->end = how;
	if (how == CONN_BROKEN)
		fall_mute(c, why);
	else
		c->why = why;
}

/* --- TLS: one call moves bytes both ways */

static enum tls_state
pump_once(struct conn *c, size_t max, bool *eof)
{
	return tls_pump(c->tls, c->watch.fd, &c->readable, &c->writable, eof,
	    &c->in, max, &c->out, &c->tail);
}

static enum tls_state
pump(struct conn *c, size_t max)
{
	bool eof = false;
	enum tls_state state = pump_once(c, max, &eof);

	/* The edge of the FIN has passed: what a short read left is the end. */
	if (c->hung_up && !eof && !c->readable && state <= TLS_READY) {
		c->readable = true;
		state = pump_once(c, max, &eof);
	}
	c->hung_up |= eof;
	switch (state) {
	case TLS_FAILED:
		end(c, CONN_BROKEN, tls_why(c->tls));
		break;
	case TLS_CLOSED:
		c->hung_up = true;
		end(c, CONN_CLOSED, NULL);
		/* ours is out, too: nothing may follow (RFC 5246 7.2.1) */
		if (!c->mute)
			fall_mute(c, NULL);
		break;
	case TLS_SHAKING:
		if (eof)
			end(c, CONN_BROKEN,
			    "the peer hung up in the TLS handshake");
		break;
	case TLS_READY:
		/* With room left in `in` the engine holds no plain bytes. */
		if (eof && buf_len(&c->in) < max)
			end(c, CONN_CUT, "the connection ended without TLS "
			    "close_notify: what came last may be missing");
		break;
	}
	return state;
}

void
conn_set_tls(struct conn *c, struct tls *tls)
{
	CHECK(!c->tls && tls);
	c->tls = tls;
}

int
conn_shake(struct conn *c)
{
	enum tls_state state = pump(c, 0);

	if (c->end != CONN_OPEN) {
		if (!c->why)
			c->why = "the peer closed TLS in the handshake";
		return -1;
	}
	return state == TLS_SHAKING ? 0 : 1;
}

/* --- reading */

/* One read() of at most n bytes; minds the edges.  Returns the count. */
static size_t
take_bytes(struct conn *c, char *to, size_t n)
{
	ssize_t got;

	do
		got = read(c->watch.fd, to, n);
	while (got < 0 && errno == EINTR);
	if (got > 0) {
		if ((size_t)got < n && !c->hung_up)
			c->readable = false;
		return (size_t)got;
	}
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
		c->readable = false;
		return 0;
	}
	c->hung_up = true;
	if (got == 0)
		end(c, CONN_CLOSED, NULL);
	else
		end(c, CONN_BROKEN, sentence(errno));
	return 0;
}

/* Has the peer had its turn?  Then the owner is woken again in the next one. */
static bool
had_turn(struct conn *c)
{
	if (c->turn < TURN_MAX)
		return false;
	loop_again(c->loop, &c->again);
	return true;
}

/* Room behind `in` for a read within `max`, or 0. */
static size_t
make_room(struct conn *c, size_t max)
{
	size_t left = max - buf_len(&c->in);
	size_t want = left < READ_MIN ? left : READ_MIN;

	if (!loop_unsettle(c->loop, &c->in)) {
		end(c, CONN_BROKEN, no_memory);
		return 0;
	}
	if (buf_room(&c->in) < want && !buf_reserve(&c->in, want)) {
		end(c, CONN_BROKEN, no_memory);
		return 0;
	}
	return buf_room(&c->in) < left ? buf_room(&c->in) : left;
}

bool
conn_fill(struct conn *c, size_t max)
{
	size_t before = buf_len(&c->in), room;

	if (c->in.limit && max > c->in.limit)
		max = c->in.limit;
	if (c->end != CONN_OPEN || before >= max ||
	    (!c->tls && !c->readable) || had_turn(c))
		return false;
	if (c->tls) {
		if (!loop_unsettle(c->loop, &c->in)) {
			end(c, CONN_BROKEN, no_memory);
			return false;
		}
		pump(c, max);
		c->turn += buf_len(&c->in) - before;
		return buf_len(&c->in) > before;
	}
	room = make_room(c, max);
	if (room)
		buf_commit(&c->in,
		    take_bytes(c, c->in.data + c->in.end, room));
	c->turn += buf_len(&c->in) - before;
	return buf_len(&c->in) > before;
}

size_t
conn_read(struct conn *c, char *to, size_t n)
{
	size_t got;

	if (c->tls || buf_len(&c->in) || c->end != CONN_OPEN || !c->readable ||
	    had_turn(c))
		return 0;
	got = take_bytes(c, to, n);
	c->turn += got;
	return got;
}

/* --- writing */

struct buf *
conn_out(struct conn *c)
{
	if (!c->out.cap && !loop_block(c->loop, &c->out))
		c->out.failed = true;
	return &c->out;
}

void
conn_borrow(struct conn *c, struct slice bytes)
{
	CHECK(!c->tail.len);
	if (!c->mute)
		c->tail = bytes;
}

size_t
conn_pending(const struct conn *c)
{
	size_t sealed = c->tls && !c->mute ? tls_unsent(c->tls) : 0;

	return buf_len(&c->out) + c->tail.len + sealed;
}

/* Some of `out` and `tail` went to the kernel. */
static void
sent(struct conn *c, size_t n)
{
	size_t first = buf_len(&c->out);

	if (first > n)
		first = n;
	buf_take(&c->out, first);
	c->tail = slice_skip(c->tail, n - first);
}

static void
send_bytes(struct conn *c)
{
	while (c->writable && (buf_len(&c->out) || c->tail.len)) {
		struct slice head = buf_slice(&c->out);
		struct iovec parts[2] = {
			{ (void *)(uintptr_t)head.ptr, head.len },
			{ (void *)(uintptr_t)c->tail.ptr, c->tail.len },
		};
		struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
		ssize_t n = sendmsg(c->watch.fd, &message, MSG_NOSIGNAL);

		if (n >= 0)
			sent(c, (size_t)n);
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			c->writable = false;
		else if (errno != EINTR) {
			fall_mute(c, sentence(errno));
			return;
		}
	}
}

/* All was said: close_notify if there is TLS, then FIN. */
static void
say_goodbye(struct conn *c)
{
	if (c->tls && tls_shutdown(c->tls))
		pump(c, buf_len(&c->in));
	if (conn_pending(c))
		return;
	(void)shutdown(c->watch.fd, SHUT_WR);
	c->mute = true;
}

bool
conn_flush(struct conn *c)
{
	if (c->mute)
		return false;
	if (c->out.failed) {
		fall_mute(c, no_memory);
		return false;
	}
	if (c->tls)
		pump(c, buf_len(&c->in));
	else
		send_bytes(c);
	if (c->mute)
		return false;
	if (c->closing && !buf_len(&c->out) && !c->tail.len)
		say_goodbye(c);
	return true;
}

void
conn_shutdown(struct conn *c)
{
	if (c->closing || c->mute)
		return;
	c->closing = true;
	(void)conn_flush(c);
}

void
conn_reset(struct conn *c)
{
	struct linger none = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(c->watch.fd, SOL_SOCKET, SO_LINGER, &none,
	    sizeof none);
	fall_mute(c, "the connection was reset");
}

/* --- life */

static void
on_event(struct loop_watch *w, unsigned events)
{
	struct conn *c = container_of(w, struct conn, watch);

	c->turn = 0;
	if (events & (LOOP_READ | LOOP_HANGUP | LOOP_ERROR))
		c->readable = true;
	if (events & (LOOP_WRITE | LOOP_ERROR))
		c->writable = true;
	if (events & (LOOP_HANGUP | LOOP_ERROR))
		c->hung_up = true;
	if (c->writable && !c->mute && conn_pending(c))
		(void)conn_flush(c);
	/* a socket that failed looks full to TLS: see net/shuttle.c */
	if (c->tls && (events & LOOP_ERROR) && !c->mute && conn_pending(c))
		fall_mute(c, sentence(ECONNRESET));
	if (c->wake)
		c->wake(c);		/* `c` may be gone after this */
}

static void
on_again(struct loop_again *again)
{
	struct conn *c = container_of(again, struct conn, again);

	c->turn = 0;
	if (c->wake)
		c->wake(c);		/* `c` may be gone after this */
}

bool
conn_open(struct conn *c, struct loop *loop, int fd, struct tls *tls)
{
	*c = (struct conn){
		.wake = c->wake, .owner = c->owner,
		.loop = loop, .watch = { fd, on_event }, .tls = tls,
		.again.on = on_again, .born_ms = clock_ms(),
	};
	if (loop_add(loop, &c->watch))
		return true;
	tls_free(tls);
	close(fd);
	*c = (struct conn){ .why = no_memory };
	return false;
}

void
conn_close(struct conn *c)
{
	if (!c->loop)
		return;
	/* Servers forget a session that was not closed in good order. */
	if (c->tls && c->end == CONN_OPEN && !c->mute && tls_shutdown(c->tls))
		pump(c, buf_len(&c->in));
	loop_del(c->loop, &c->watch);
	loop_not_again(c->loop, &c->again);
	close(c->watch.fd);
	tls_free(c->tls);
	buf_clear(&c->in);
	buf_clear(&c->out);
	loop_unblock(c->loop, &c->in);
	loop_unblock(c->loop, &c->out);
	*c = (struct conn){ 0 };
}

void
conn_rest(struct conn *c)
{
	if (!buf_len(&c->in))
		loop_unblock(c->loop, &c->in);
	if (!buf_len(&c->out))
		loop_unblock(c->loop, &c->out);
}

/*
 * The last read may have filled its buffer to the brim, and `readable` be set
 * with nothing left: only then the kernel is asked.
 */
static bool
nothing_to_read(struct conn *c)
{
	char byte;

	if (!c->readable)
		return true;
	if (recv(c->watch.fd, &byte, 1, MSG_PEEK) >= 0 ||
	    (errno != EAGAIN && errno != EWOULDBLOCK))
		return false;
	c->readable = false;
	return true;
}

bool
conn_quiet(struct conn *c)
{
	return c->end == CONN_OPEN && !c->hung_up && !c->mute &&
	    !c->closing && !buf_len(&c->in) && !conn_pending(c) &&
	    !(c->tls && tls_busy(c->tls)) && nothing_to_read(c);
}
