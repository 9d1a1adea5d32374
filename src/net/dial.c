/*
 * The steps, each begun by the one before it:
 *
 *	NAME	 resolve_start() -> on_name(): addresses, of the proxy if any
 *	CONNECT	 one address; failed or its share of time is over: the next
 *	PROXY	 CONNECT host:port and the proxy's answer, only with a proxy
 *	SHAKE	 the TLS handshake, only with TLS
 *	OVER	 done() was called, or dial_cancel()
 *
 * From CONNECT on the conn is open and its wake() is ours.  The timer is the
 * share of one address in CONNECT, and the deadline in all other steps.
 */
#include "net/dial.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"

enum step { STEP_OVER, STEP_NAME, STEP_CONNECT, STEP_PROXY, STEP_SHAKE };

enum {
	HEAD_MAX = 8192,	/* of the proxy's answer */
	SHARE_MIN_MS = 250,	/* below it an address has no fair chance */
};

static const char timed_out_name[] = "the name server did not answer in time";
static const char timed_out_proxy[] = "the proxy did not answer in time";
static const char timed_out_shake[] = "the TLS handshake took too long";

static bool
has_proxy(const struct dial *d)
{
	return d->target->proxy_host.len != 0;
}

/* The only place that ends a dial.  `d` may be gone after it. */
static void
finish(struct dial *d, enum dial_result result, const char *why)
{
	d->step = STEP_OVER;
	loop_cancel(d->dialer->loop, &d->timer);
	if (result == DIAL_OK) {
		d->conn->wake = NULL;
		d->conn->owner = NULL;
	} else {
		if (why != d->why)
			snprintf(d->why, sizeof d->why, "%s", why);
		conn_close(d->conn);
	}
	d->done(d, result, result == DIAL_OK ? NULL : d->why);
}

/* False: it is all over, and `d` may be gone. */
static bool
arm(struct dial *d, int64_t ms)
{
	if (loop_after(d->dialer->loop, &d->timer, ms))
		return true;
	finish(d, DIAL_MEMORY, "out of memory");
	return false;
}

static int64_t
left_ms(const struct dial *d)
{
	return d->deadline_ms - clock_ms();
}

/* --- TLS */

static void
shake(struct dial *d)
{
	/* The words belong to the TLS engine, which finish() frees. */
	char why[sizeof d->why];

	switch (conn_shake(d->conn)) {
	case 1:
		finish(d, DIAL_OK, NULL);
		return;
	case -1:
		snprintf(why, sizeof why, "%s", d->conn->why);
		finish(d, DIAL_TLS, why);
		return;
	}
}

static void
secure(struct dial *d)
{
	const struct dialer *dialer = d->dialer;
	const char *why = NULL;
	struct tls *tls;

	if (!d->target->tls) {
		finish(d, DIAL_OK, NULL);
		return;
	}
	if (!dialer->trust) {
		finish(d, DIAL_TLS, "no certificate authorities are loaded");
		return;
	}
	tls = tls_new(dialer->trust, dialer->sessions, d->target->host,
	    d->target->port, &why);
	if (!tls) {
		finish(d, why ? DIAL_TLS : DIAL_MEMORY,
		    why ? why : "out of memory");
		return;
	}
	conn_set_tls(d->conn, tls);
	d->step = STEP_SHAKE;
	shake(d);
}

/* --- the proxy.  Two lines of HTTP, written and read here by hand: net knows
 * nothing of HTTP otherwise, and wire/ is not below it. */

static void
put_authority(struct buf *out, const struct dial_target *t)
{
	bool v6 = slice_chr(t->host, ':') != SIZE_MAX && t->host.ptr[0] != '[';

	if (v6)
		buf_byte(out, '[');
	buf_append(out, t->host);
	if (v6)
		buf_byte(out, ']');
	buf_byte(out, ':');
	buf_u64(out, t->port);
}

static void
ask_proxy(struct dial *d)
{
	const struct dial_target *t = d->target;
	struct buf *out = conn_out(d->conn);

	buf_text(out, "CONNECT ");
	put_authority(out, t);
	buf_text(out, " HTTP/1.1\r\nHost: ");
	put_authority(out, t);
	if (t->proxy_authorization.len) {
		buf_text(out, "\r\nProxy-Authorization: ");
		buf_append(out, t->proxy_authorization);
	}
	buf_text(out, "\r\n\r\n");
	d->step = STEP_PROXY;
	if (!conn_flush(d->conn))
		finish(d, DIAL_REFUSED, "the proxy closed the connection");
}

/* Three digits behind "HTTP/1.x ", or 0. */
static unsigned
status_of(struct slice head)
{
	struct slice digits = slice_sub(head, 9, 3);
	uint64_t status = 0;

	if (!slice_starts(head, SLICE("HTTP/1.")) || head.ptr[8] != ' ' ||
	    digits.len != 3 || !slice_to_u64(digits, 599, &status))
		return 0;
	return (unsigned)status;
}

static void
proxy_refused(struct dial *d, unsigned status)
{
	switch (status) {
	case 0:
		finish(d, DIAL_REFUSED, "the proxy did not answer in HTTP");
		return;
	case 407:
		finish(d, DIAL_REFUSED,
		    "the proxy wants (other) credentials: status 407");
		return;
	}
	snprintf(d->why, sizeof d->why,
	    "the proxy refused the connection: status %u", status);
	finish(d, DIAL_REFUSED, d->why);
}

static void
read_proxy(struct dial *d)
{
	struct conn *c = d->conn;
	struct slice seen;
	size_t blank;
	unsigned status;

	while (conn_fill(c, HEAD_MAX))
		;
	seen = buf_slice(&c->in);
	blank = slice_find(seen, SLICE("\r\n\r\n"));
	if (blank == SIZE_MAX) {
		if (c->end != CONN_OPEN)
			finish(d, DIAL_REFUSED,
			    "the proxy closed the connection");
		else if (seen.len >= HEAD_MAX)
			finish(d, DIAL_REFUSED,
			    "the proxy's answer is too long");
		return;
	}
	status = status_of(seen);
	if (status < 200 || status > 299) {
		proxy_refused(d, status);
		return;
	}
	/* A server of ours waits for the client to begin. */
	if (seen.len > blank + 4) {
		finish(d, DIAL_REFUSED, "the proxy sent bytes unasked");
		return;
	}
	buf_take(&c->in, seen.len);
	conn_rest(c);
	secure(d);
}

/* --- connecting */

static void	connect_next(struct dial *);

static const char *
connect_sentence(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return "the connection was refused";
	case ETIMEDOUT:
		return "the server does not answer";
	case ENETUNREACH:
	case EHOSTUNREACH:
		return "the server cannot be reached";
	case EMFILE:
	case ENFILE:
		return "too many open files";
	case ENOMEM:
	case ENOBUFS:
		return "out of memory";
	}
	return "the connection failed";
}

/* This address is no good: say so if it is the last. */
static void
address_failed(struct dial *d, const char *why, bool in_time)
{
	char name[SOCK_NAME];

	sock_name(&d->answer.addresses[d->attempt], name, sizeof name);
	log_debug("dial: %s: %s", name, why);
	snprintf(d->why, sizeof d->why, "%s: %s", name, why);
	conn_close(d->conn);
	d->attempt++;
	if (d->attempt == d->answer.count)
		finish(d, in_time ? DIAL_REFUSED : DIAL_TIMEOUT, d->why);
	else
		connect_next(d);
}

static void
connected(struct dial *d)
{
	if (!arm(d, left_ms(d)))
		return;
	d->conn->born_ms = clock_ms();
	if (has_proxy(d))
		ask_proxy(d);
	else
		secure(d);
}

static void
on_wake(struct conn *c)
{
	struct dial *d = c->owner;
	int error;

	switch ((enum step)d->step) {
	case STEP_CONNECT:
		error = sock_error(c->watch.fd);
		if (error)
			address_failed(d, connect_sentence(error), true);
		else if (c->writable)
			connected(d);
		return;
	case STEP_PROXY:
		read_proxy(d);
		return;
	case STEP_SHAKE:
		shake(d);
		return;
	case STEP_OVER:
	case STEP_NAME:
		return;
	}
}

/* An equal share of what is left, and all of it for the last address. */
static int64_t
share_ms(const struct dial *d)
{
	int64_t left = left_ms(d);
	int64_t share = left / (int64_t)(d->answer.count - d->attempt);

	if (share < SHARE_MIN_MS)
		share = SHARE_MIN_MS;
	return share < left ? share : left;
}

/* Not recursive in depth: address_failed() counts the attempts up. */
static void
connect_next(struct dial *d)
{
	int fd = sock_connect(&d->answer.addresses[d->attempt]);

	d->step = STEP_CONNECT;
	if (fd < 0) {
		address_failed(d, connect_sentence(errno), true);
		return;
	}
	d->conn->wake = on_wake;
	d->conn->owner = d;
	if (!conn_open(d->conn, d->dialer->loop, fd, NULL)) {
		finish(d, DIAL_MEMORY, "out of memory");
		return;
	}
	(void)arm(d, share_ms(d));
}

static void
on_timer(struct loop_timer *t)
{
	struct dial *d = container_of(t, struct dial, timer);

	switch ((enum step)d->step) {
	case STEP_NAME:
		resolve_cancel(d->dialer->resolver, &d->query);
		finish(d, DIAL_TIMEOUT, timed_out_name);
		return;
	case STEP_CONNECT:
		address_failed(d, "the server does not answer", false);
		return;
	case STEP_PROXY:
		finish(d, DIAL_TIMEOUT, timed_out_proxy);
		return;
	case STEP_SHAKE:
		finish(d, DIAL_TIMEOUT, timed_out_shake);
		return;
	case STEP_OVER:
		return;
	}
}

static void
on_name(struct resolve_query *q, const struct resolve_answer *a)
{
	struct dial *d = container_of(q, struct dial, query);

	if (!a->count) {
		finish(d, DIAL_NAME, a->why);
		return;
	}
	d->answer = *a;
	d->attempt = 0;
	connect_next(d);
}

void
dial_start(struct dial *d, struct dialer *dialer, const struct dial_target *t,
    struct conn *conn, int64_t timeout_ms)
{
	bool proxy = t->proxy_host.len != 0;

	CHECK(d->step == STEP_OVER && !d->timer.slot && t->host.len);
	d->dialer = dialer;
	d->target = t;
	d->conn = conn;
	d->deadline_ms = clock_ms() + timeout_ms;
	d->step = STEP_NAME;
	d->timer.on = on_timer;
	d->query.done = on_name;
	if (!arm(d, timeout_ms))
		return;
	if (!resolve_start(dialer->resolver, &d->query,
	    proxy ? t->proxy_host : t->host, proxy ? t->proxy_port : t->port))
		finish(d, DIAL_NAME, "too many names are being looked up");
}

void
dial_cancel(struct dial *d)
{
	if (d->step == STEP_OVER)
		return;
	d->step = STEP_OVER;
	loop_cancel(d->dialer->loop, &d->timer);
	resolve_cancel(d->dialer->resolver, &d->query);
	conn_close(d->conn);
}
