/*
 * The steps, each begun by the one before it:
 *
 *	NAME	 resolve_start() -> on_name(): addresses, of the proxy if any
 *	CONNECT	 the addresses race: each begins a moment after the one before
 *		 it, or as soon as that has failed; the first to connect wins
 *	PROXY	 CONNECT host:port and the proxy's answer, only with a proxy
 *	SHAKE	 the TLS handshake, only with TLS
 *	OVER	 done() was called, or dial_cancel()
 *
 * From PROXY on the conn is open and its wake() is ours.  In CONNECT each try
 * has a descriptor of its own; those that lose are closed.  The timer is the
 * deadline, and in CONNECT the start of the next try if that comes sooner.
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
	STAGGER_MS = 250,	/* between two tries (RFC 8305 8) */
};

static const char timed_out_proxy[] = "the proxy did not answer in time";
static const char timed_out_shake[] = "the TLS handshake took too long";

static bool
has_proxy(const struct dial *d)
{
	return d->target->proxy_host.len != 0;
}

/* Let go of one try; returns its descriptor, which is still open. */
static int
give_up(struct dial *d, struct dial_try *t)
{
	loop_del(d->dialer->loop, &t->watch);
	t->begun = false;
	d->under_way--;
	return t->watch.fd;
}

static void
end_race(struct dial *d)
{
	for (size_t i = 0; d->under_way && i < d->next; i++)
		if (d->tries[i].begun)
			close(give_up(d, &d->tries[i]));
}

/* The only place that ends a dial.  `d` may be gone after it. */
static void
finish(struct dial *d, enum dial_result result, const char *why)
{
	d->step = STEP_OVER;
	loop_cancel(d->dialer->loop, &d->timer);
	end_race(d);
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

static bool	ask_name(struct dial *);

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

/* The name that is looked up. */
static struct slice
asked(const struct dial *d)
{
	return has_proxy(d) ? d->target->proxy_host : d->target->host;
}

static void
note_failure(struct dial *d, size_t i, const char *why)
{
	char name[SOCK_NAME];

	sock_name(&d->answer.addresses[i], name, sizeof name);
	log_debug("dial: %s: %s", name, why);
	snprintf(d->why, sizeof d->why, "%s: %s", name, why);
}

static void
on_wake(struct conn *c)
{
	struct dial *d = c->owner;

	switch ((enum step)d->step) {
	case STEP_PROXY:
		read_proxy(d);
		return;
	case STEP_SHAKE:
		shake(d);
		return;
	case STEP_OVER:
	case STEP_NAME:
	case STEP_CONNECT:
		return;
	}
}

/* This one wins. */
static void
connected(struct dial *d, struct dial_try *t)
{
	size_t winner = (size_t)(t - d->tries);
	int fd = give_up(d, t);

	end_race(d);
	if (winner)
		resolve_prefer(d->dialer->resolver, asked(d),
		    &d->answer.addresses[winner]);
	d->conn->wake = on_wake;
	d->conn->owner = d;
	if (!conn_open(d->conn, d->dialer->loop, fd, NULL)) {
		finish(d, DIAL_MEMORY, "out of memory");
		return;
	}
	d->conn->writable = true;	/* as the event said */
	if (!arm(d, left_ms(d)))
		return;
	if (has_proxy(d))
		ask_proxy(d);
	else
		secure(d);
}

/*
 * No address is left.  They may be out of date: where the name was not asked
 * for just now it is, once.
 */
static void
lost(struct dial *d)
{
	if (!d->asked_twice && resolve_forget(d->dialer->resolver, asked(d))) {
		d->asked_twice = true;
		if (arm(d, left_ms(d)) && !ask_name(d))
			finish(d, DIAL_REFUSED, d->why);
		return;
	}
	finish(d, DIAL_REFUSED, d->why);
}

static void	on_try(struct loop_watch *, unsigned events);

/* Begin with the next address.  False: it failed at once, and why. */
static bool
begin_try(struct dial *d)
{
	struct dial_try *t = &d->tries[d->next];
	int fd = sock_connect(&d->answer.addresses[d->next]);

	*t = (struct dial_try){ .dial = d, .watch = { fd, on_try } };
	d->next++;
	if (fd >= 0 && loop_add(d->dialer->loop, &t->watch)) {
		t->begun = true;
		d->under_way++;
		return true;
	}
	note_failure(d, d->next - 1, fd < 0 ? connect_sentence(errno)
	    : "out of memory");
	if (fd >= 0)
		close(fd);
	return false;
}

/* One more of those that are left; if none is the race goes on, or is lost. */
static void
race_on(struct dial *d)
{
	int64_t left = left_ms(d);

	while (d->next < d->answer.count && !begin_try(d))
		;
	if (!d->under_way) {
		lost(d);
		return;
	}
	if (d->next < d->answer.count && left > STAGGER_MS)
		left = STAGGER_MS;
	(void)arm(d, left);
}

static void
on_try(struct loop_watch *w, unsigned events)
{
	struct dial_try *t = container_of(w, struct dial_try, watch);
	struct dial *d = t->dial;
	int error = sock_error(w->fd);

	if (error) {
		note_failure(d, (size_t)(t - d->tries),
		    connect_sentence(error));
		close(give_up(d, t));
		race_on(d);
	} else if (events & LOOP_WRITE) {
		connected(d, t);
	}
}

/* Those under way had all the time there was. */
static void
race_late(struct dial *d)
{
	size_t last = d->next;

	while (last-- > 0 && !d->tries[last].begun)
		;
	note_failure(d, last, "the server does not answer");
	(void)resolve_forget(d->dialer->resolver, asked(d));
	finish(d, DIAL_TIMEOUT, d->why);
}

static void
name_failed(struct dial *d, enum dial_result result, const char *why)
{
	enum { SHOWN = 64 };

	snprintf(d->why, sizeof d->why, "the name %.*s could not be resolved: "
	    "%s", SLICE_FMT(slice_sub(asked(d), 0, SHOWN)), why);
	finish(d, result, d->why);
}

static void
on_timer(struct loop_timer *t)
{
	struct dial *d = container_of(t, struct dial, timer);

	switch ((enum step)d->step) {
	case STEP_NAME:
		resolve_cancel(d->dialer->resolver, &d->query);
		name_failed(d, DIAL_TIMEOUT, "no name server answers");
		return;
	case STEP_CONNECT:
		if (left_ms(d) > 0)
			race_on(d);
		else
			race_late(d);
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
		name_failed(d, DIAL_NAME, a->why);
		return;
	}
	d->answer = *a;
	d->next = 0;
	d->step = STEP_CONNECT;
	race_on(d);
}

/* False: there is no room to ask for one more name. */
static bool
ask_name(struct dial *d)
{
	d->step = STEP_NAME;
	return resolve_start(d->dialer->resolver, &d->query, asked(d),
	    has_proxy(d) ? d->target->proxy_port : d->target->port);
}

void
dial_start(struct dial *d, struct dialer *dialer, const struct dial_target *t,
    struct conn *conn, int64_t timeout_ms)
{
	CHECK(d->step == STEP_OVER && !d->timer.slot && t->host.len);
	d->dialer = dialer;
	d->target = t;
	d->conn = conn;
	d->deadline_ms = clock_ms() + timeout_ms;
	d->step = STEP_NAME;
	d->timer.on = on_timer;
	d->query.done = on_name;
	d->next = d->under_way = 0;
	d->asked_twice = false;
	if (!arm(d, timeout_ms))
		return;
	if (!ask_name(d))
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
	end_race(d);
	conn_close(d->conn);
}
