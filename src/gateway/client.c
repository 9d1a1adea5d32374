/*
 * A client is in one of these states:
 *
 *	shaking		hands, where the entrance has TLS; the timer is for
 *			all of it
 *	away		there are too many: it is told so as soon as it asks,
 *			or the timer fires
 *	idle		exchange NULL; the timer is the idle time-out
 *	busy		exchange set; time-outs are the exchange's
 *	lingering	our FIN is out; we drop what comes until theirs, or the
 *			timer fires
 */
#include "gateway/client.h"

#include "base/log.h"
#include "gateway/server.h"

enum {
	READ_MAX = LOOP_BLOCK,	/* bytes of heads read ahead of a request */
	LINGER_MS = 1000,
	AWAY_MS = 1000,
	LINGER_BYTES = 1 << 20,
};

static void
bury(struct loop_grave *grave)
{
	struct client *c = container_of(grave, struct client, grave);

	slab_put(&c->server->slab, c);
}

void
client_close(struct client *c)
{
	void *exchange = c->exchange;

	if (c->closed)
		return;
	c->closed = true;
	c->exchange = NULL;
	if (exchange)
		c->server->service->drop(exchange);
	loop_cancel(c->server->loop, &c->timer);
	conn_close(&c->conn);
	server_lost(c->server, c);
	c->grave.bury = bury;
	loop_bury(c->server->loop, &c->grave);
}

static void
on_timer(struct loop_timer *timer)
{
	client_close(container_of(timer, struct client, timer));
}

/* Read and drop until the client has closed too. */
static void
linger(struct client *c)
{
	size_t dropped = 0;

	while (conn_fill(&c->conn, READ_MAX) && dropped < LINGER_BYTES) {
		dropped += buf_len(&c->conn.in);
		buf_clear(&c->conn.in);
	}
	if (c->conn.end != CONN_OPEN || dropped >= LINGER_BYTES)
		client_close(c);
	else
		conn_rest(&c->conn);
}

static void
part(struct client *c)
{
	if (c->conn.end != CONN_OPEN) {
		client_close(c);
		return;
	}
	c->lingering = true;
	buf_clear(&c->conn.in);
	conn_shutdown(&c->conn);
	loop_after(c->server->loop, &c->timer, LINGER_MS);
	linger(c);
}

/* It drains, and waits for nobody's next request. */
static bool
leaves(const struct server *s)
{
	return s->draining && !s->patience_ms;
}

static void
rest(struct client *c)
{
	const struct server *s = c->server;

	conn_rest(&c->conn);
	loop_after(s->loop, &c->timer,
	    s->draining ? s->patience_ms : s->idle_ms);
}

/*
 * TLS before all else.  Its time is not made longer by what comes in of it.
 * False: not yet.
 */
static bool
shake(struct client *c)
{
	char peer[SOCK_NAME];
	int done = conn_shake(&c->conn);

	if (!done)
		return false;
	c->shaking = false;
	if (done > 0) {
		if (c->away)
			loop_after(c->server->loop, &c->timer, AWAY_MS);
		return true;
	}
	sock_name(&c->peer, peer, sizeof peer);
	log_debug("no TLS with %s: %s", peer, c->conn.why);
	client_close(c);
	return false;
}

/* Begin a request if its first bytes are there.  False: nothing to begin. */
static bool
begin(struct client *c)
{
	if (!buf_len(&c->conn.in) && !conn_fill(&c->conn, READ_MAX)) {
		if (c->conn.end != CONN_OPEN)
			client_close(c);
		else if (leaves(c->server))
			part(c);
		else
			rest(c);
		return false;
	}
	loop_cancel(c->server->loop, &c->timer);
	c->exchange = c->server->service->begin(c);
	if (!c->exchange)
		client_close(c);
	return c->exchange != NULL;
}

/* After the first bytes of a request, so that it is taken for their answer. */
static void
turn_away(struct client *c)
{
	if (conn_fill(&c->conn, READ_MAX)) {
		buf_text(conn_out(&c->conn), c->server->service->full);
		part(c);
	} else if (c->conn.end != CONN_OPEN) {
		client_close(c);
	}
}

/*
 * Go on until the exchange waits for something or there is nothing to do.  A
 * loop, not recursion: a client may send thousands of requests at once.
 */
static void
run(struct client *c)
{
	if (c->running)
		return;
	c->running = true;
	while (!c->closed && !c->lingering) {
		if (c->shaking && !shake(c))
			break;
		if (c->away) {
			turn_away(c);
			break;
		}
		if (!c->exchange && !begin(c))
			break;
		c->server->service->run(c->exchange);
		if (c->exchange)
			break;
	}
	c->running = false;
}

static void
on_wake(struct conn *conn)
{
	struct client *c = container_of(conn, struct client, conn);

	if (c->lingering)
		linger(c);
	else
		run(c);
}

void
client_done(struct client *c, bool keep)
{
	if (c->closed)
		return;
	c->exchange = NULL;
	if (!keep || leaves(c->server))
		part(c);
	else
		run(c);
}

void
client_start(struct client *c, int fd, struct tls *tls)
{
	c->conn.wake = on_wake;
	c->conn.owner = c;
	c->timer.on = on_timer;
	c->shaking = tls != NULL;
	if (!conn_open(&c->conn, c->server->loop, fd, tls)) {
		c->closed = true;
		server_lost(c->server, c);
		c->grave.bury = bury;
		loop_bury(c->server->loop, &c->grave);
		return;
	}
	loop_after(c->server->loop, &c->timer, tls ? c->server->handshake_ms
	    : c->away ? AWAY_MS : c->server->idle_ms);
}
