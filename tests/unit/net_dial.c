#include "net/dial.h"

#include <errno.h>

#include "base/clock.h"
#include "base/list.h"
#include "test.h"

struct bench {
	struct loop	*loop;
	struct dialer	 dialer;
	struct dial	 dial;
	struct dial_target target;
	struct conn	 conn;
	unsigned	 done;
	enum dial_result result;
	char		 why[200];
};

static void
on_dialed(struct dial *d, enum dial_result result, const char *why)
{
	struct bench *b = d->owner;

	b->done++;
	b->result = result;
	snprintf(b->why, sizeof b->why, "%s", why ? why : "");
	CHECK((result == DIAL_OK) == !why);
	CHECK((result == DIAL_OK) == (b->conn.loop != NULL));
}

static void
start(struct bench *b)
{
	*b = (struct bench){ .loop = loop_new() };
	CHECK(b->loop);
	b->dialer.loop = b->loop;
	b->dialer.resolver = resolver_new(b->loop);
	CHECK(b->dialer.resolver);
}

static void
finish(struct bench *b)
{
	dial_cancel(&b->dial);
	conn_close(&b->conn);
	resolver_free(b->dialer.resolver);
	loop_free(b->loop);
}

static void
begin(struct bench *b, const char *host, uint16_t port, int64_t timeout_ms)
{
	b->target.host = slice_of(host);
	b->target.port = port;
	b->dial = (struct dial){ .done = on_dialed, .owner = b };
	b->done = 0;
	dial_start(&b->dial, &b->dialer, &b->target, &b->conn, timeout_ms);
}

static void
await(struct bench *b)
{
	for (int i = 0; i < 3000 && !b->done; i++)
		loop_turn(b->loop, 10);
	CHECK(b->done == 1);
	loop_turn(b->loop, 0);
	CHECK(b->done == 1);
}

/* A listener on `text`; -1 if the machine has no such address. */
static int
listen_on(const char *text, int backlog, uint16_t *port)
{
	struct sock_address a;
	const char *why;
	int fd;

	CHECK(sock_parse(slice_of(text), &a, &why));
	fd = sock_listen(&a, false, backlog);
	if (fd < 0)
		return -1;
	sock_local(fd, &a);
	*port = sock_port(&a);
	return fd;
}

static uint16_t
closed_port(void)
{
	uint16_t port;
	int fd = listen_on("127.0.0.1:0", 1, &port);

	CHECK(fd >= 0);
	close(fd);
	return port;
}

static void
connects(void)
{
	struct bench b;
	uint16_t port;
	int fd = listen_on("127.0.0.1:0", 4, &port);

	CHECK(fd >= 0);
	start(&b);
	begin(&b, "127.0.0.1", port, 5000);
	await(&b);
	CHECK(b.result == DIAL_OK);
	CHECK(!b.conn.wake && !b.conn.owner);
	CHECK(conn_quiet(&b.conn));
	CHECK(b.conn.born_ms > 0);
	close(fd);
	finish(&b);
}

static void
refused(void)
{
	struct bench b;

	start(&b);
	begin(&b, "127.0.0.1", closed_port(), 5000);
	await(&b);
	CHECK(b.result == DIAL_REFUSED);
	CHECK(strstr(b.why, "127.0.0.1") && strstr(b.why, "refused"));
	finish(&b);
}

/* localhost is 127.0.0.1 and then ::1. */
static void
next_address_is_tried(void)
{
	struct bench b;
	uint16_t port;
	int fd = listen_on("[::1]:0", 4, &port);

	start(&b);
	if (fd < 0) {
		printf("    no IPv6 here: only that the last one is named\n");
		begin(&b, "localhost", closed_port(), 5000);
		await(&b);
		CHECK(b.result == DIAL_REFUSED && strstr(b.why, "::1"));
	} else {
		begin(&b, "localhost", port, 5000);
		await(&b);
		CHECK(b.result == DIAL_OK);
		close(fd);
	}
	finish(&b);
}

/* Connections that nobody takes: a listener has no room for another then. */
enum { WAITING = 8 };
static void
fill(int listener, int waiting[WAITING])
{
	struct sock_address a;

	CHECK(listener >= 0);
	sock_local(listener, &a);
	for (int i = 0; i < WAITING; i++) {
		waiting[i] = sock_connect(&a);
		CHECK(waiting[i] >= 0);
	}
}

/* A listener whose queue is full answers nothing at all. */
static void
silent_server_times_out(void)
{
	uint16_t port;
	int fd = listen_on("127.0.0.1:0", 0, &port), waiting[WAITING];
	struct bench b;

	fill(fd, waiting);
	start(&b);
	begin(&b, "127.0.0.1", port, 300);
	await(&b);
	CHECK(b.result == DIAL_TIMEOUT && strstr(b.why, "does not answer"));
	for (int i = 0; i < WAITING; i++)
		close(waiting[i]);
	close(fd);
	finish(&b);
}

/* The first address says nothing for as long as it is asked. */
static void
silent_address_is_overtaken(void)
{
	struct bench b;
	char text[40];
	uint16_t port, same;
	int fd = listen_on("127.0.0.1:0", 0, &port), waiting[WAITING], other;

	fill(fd, waiting);
	snprintf(text, sizeof text, "[::1]:%u", port);
	other = listen_on(text, 4, &same);
	start(&b);
	if (other < 0) {
		printf("    no IPv6 here, or no such port\n");
	} else {
		begin(&b, "localhost", port, 3600 * 1000);
		CHECK(!b.done);
		await(&b);
		CHECK(b.result == DIAL_OK);
		conn_close(&b.conn);
		/* and while both are asked it can be cancelled */
		begin(&b, "localhost", port, 3600 * 1000);
		dial_cancel(&b.dial);
		for (int i = 0; i < 5; i++)
			loop_turn(b.loop, 5);
		CHECK(b.done == 0);
		close(other);
	}
	for (int i = 0; i < WAITING; i++)
		close(waiting[i]);
	close(fd);
	finish(&b);
}

static void
cancel_anywhere(void)
{
	struct bench b;
	uint16_t port;
	int fd = listen_on("127.0.0.1:0", 4, &port);

	CHECK(fd >= 0);
	start(&b);
	dial_cancel(&b.dial);			/* never begun */
	begin(&b, "127.0.0.1", port, 5000);
	dial_cancel(&b.dial);
	dial_cancel(&b.dial);
	CHECK(!b.conn.loop);
	for (int i = 0; i < 5; i++)
		loop_turn(b.loop, 5);
	CHECK(b.done == 0);
	begin(&b, "127.0.0.1", port, 5000);	/* the memory is good again */
	await(&b);
	CHECK(b.result == DIAL_OK);
	close(fd);
	finish(&b);
}

static void
no_trust_no_tls(void)
{
	struct bench b;
	uint16_t port;
	int fd = listen_on("127.0.0.1:0", 4, &port);

	CHECK(fd >= 0);
	start(&b);
	b.target.tls = true;
	begin(&b, "127.0.0.1", port, 5000);
	await(&b);
	CHECK(b.result == DIAL_TLS);
	close(fd);
	finish(&b);
}

/* --- proxies */

/* A proxy that reads a head, and answers by the script. */
struct proxy {
	struct conn	 conn;
	struct loop	*loop;
	int		 listener;
	uint16_t	 port;
	const char	*answer;
	bool		 hangs_up;
	struct buf	 heard;
};

static void
on_request(struct conn *c)
{
	struct proxy *p = c->owner;

	while (conn_fill(c, 4096))
		;
	buf_append(&p->heard, buf_slice(&c->in));
	buf_take(&c->in, buf_len(&c->in));
	if (slice_find(buf_slice(&p->heard), SLICE("\r\n\r\n")) == SIZE_MAX ||
	    !p->answer)
		return;
	buf_text(&c->out, p->answer);
	p->answer = NULL;
	(void)conn_flush(c);
	if (p->hangs_up)
		conn_shutdown(c);
}

static void
start_proxy(struct bench *b, struct proxy *p, const char *answer)
{
	start(b);
	*p = (struct proxy){ .loop = b->loop, .answer = answer };
	p->listener = listen_on("127.0.0.1:0", 4, &p->port);
	CHECK(p->listener >= 0);
	b->target.proxy_host = SLICE("127.0.0.1");
	b->target.proxy_port = p->port;
}

static void
through_proxy(struct bench *b, struct proxy *p, const char *host)
{
	begin(b, host, 443, 5000);
	for (int i = 0; i < 3000 && !b->done; i++) {
		struct sock_address from;
		int fd;

		loop_turn(b->loop, 10);
		fd = p->conn.loop ? -1 : sock_accept(p->listener, &from);
		if (fd < 0)
			continue;
		p->conn.wake = on_request;
		p->conn.owner = p;
		CHECK(conn_open(&p->conn, b->loop, fd, NULL));
	}
	CHECK(b->done == 1);
}

static void
finish_proxy(struct bench *b, struct proxy *p)
{
	conn_close(&p->conn);
	close(p->listener);
	buf_free(&p->heard);
	finish(b);
}

static void
heard(const struct proxy *p, const char *want)
{
	struct slice got = buf_slice(&p->heard);

	CHECK_BYTES(got.ptr, got.len, want, strlen(want));
}

static void
proxy_opens_the_way(void)
{
	struct bench b;
	struct proxy p;

	start_proxy(&b, &p, "HTTP/1.1 200 Connection established\r\n"
	    "Via: x\r\n\r\n");
	through_proxy(&b, &p, "api.example.com");
	CHECK(b.result == DIAL_OK);
	heard(&p, "CONNECT api.example.com:443 HTTP/1.1\r\n"
	    "Host: api.example.com:443\r\n\r\n");
	CHECK(conn_quiet(&b.conn));
	/* What follows is between the two ends. */
	buf_text(conn_out(&b.conn), "hi");
	CHECK(conn_flush(&b.conn));
	for (int i = 0; i < 100 && !buf_len(&p.heard); i++)
		loop_turn(b.loop, 5);
	finish_proxy(&b, &p);
}

static void
proxy_takes_credentials(void)
{
	struct bench b;
	struct proxy p;

	start_proxy(&b, &p, "HTTP/1.0 200 ok\r\n\r\n");
	b.target.proxy_authorization = SLICE("Basic dXNlcjpwYXNz");
	through_proxy(&b, &p, "2001:db8::1");
	CHECK(b.result == DIAL_OK);
	heard(&p, "CONNECT [2001:db8::1]:443 HTTP/1.1\r\n"
	    "Host: [2001:db8::1]:443\r\n"
	    "Proxy-Authorization: Basic dXNlcjpwYXNz\r\n\r\n");
	finish_proxy(&b, &p);
}

static void
proxy_refuses(void)
{
	static const struct {
		const char	*answer, *why;
		bool		 hangs_up;
	} all[] = {
		{ "HTTP/1.1 407 no\r\n\r\n", "407", false },
		{ "HTTP/1.1 502 Bad Gateway\r\nA: b\r\n\r\n", "502", false },
		{ "HTTP/1.1 302 x\r\n\r\n", "302", true },
		{ "SSH-2.0-x\r\n\r\n", "HTTP", false },
		{ "HTTP/1.\r\n\r\n", "HTTP", false },
		{ "HTTP/1.1 2x0 ok\r\n\r\n", "HTTP", false },
		{ "HTTP/1.1 200 ok\r\n", "closed", true },
		{ "", "closed", true },
		{ "HTTP/1.1 200 ok\r\n\r\nhello", "unasked", false },
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct bench b;
		struct proxy p;

		start_proxy(&b, &p, all[i].answer);
		p.hangs_up = all[i].hangs_up;
		through_proxy(&b, &p, "api.example.com");
		if (!strstr(b.why, all[i].why))
			printf("    %zu: %s\n", i, b.why);
		CHECK(b.result == DIAL_REFUSED);
		CHECK(strstr(b.why, all[i].why));
		finish_proxy(&b, &p);
	}
}

static void
proxy_talks_too_long(void)
{
	struct bench b;
	struct proxy p;
	char *answer = malloc(20001);

	CHECK(answer);
	memset(answer, 'a', 20000);
	memcpy(answer, "HTTP/1.1 200 ok\r\nA: ", 20);
	answer[20000] = '\0';
	start_proxy(&b, &p, answer);
	through_proxy(&b, &p, "api.example.com");
	CHECK(b.result == DIAL_REFUSED && strstr(b.why, "too long"));
	finish_proxy(&b, &p);
	free(answer);
}

static void
proxy_is_silent(void)
{
	struct bench b;
	struct proxy p;

	start_proxy(&b, &p, NULL);
	begin(&b, "api.example.com", 443, 100);
	await(&b);
	CHECK(b.result == DIAL_TIMEOUT && strstr(b.why, "proxy"));
	finish_proxy(&b, &p);
}

/* --- names */

struct ask {
	struct resolve_query query;
	unsigned	 done;
	size_t		 count;
	char		 names[2][SOCK_NAME];
	struct resolver	*resolver;
	struct ask	*other;
};

static void
on_answer(struct resolve_query *q, const struct resolve_answer *a)
{
	struct ask *k = container_of(q, struct ask, query);

	k->done++;
	k->count = a->count;
	CHECK(a->count || a->why);
	for (size_t i = 0; i < a->count && i < 2; i++)
		sock_name(&a->addresses[i], k->names[i], SOCK_NAME);
	if (k->other)
		resolve_cancel(k->resolver, &k->other->query);
}

static void
known_names_at_once(void)
{
	struct bench b;
	struct ask k = { .query = { .done = on_answer } };
	struct resolver *r;

	start(&b);
	r = b.dialer.resolver;
	CHECK(resolve_start(r, &k.query, SLICE("192.0.2.1"), 80));
	CHECK(k.done == 1 && k.count == 1);
	CHECK(!strcmp(k.names[0], "192.0.2.1:80"));
	CHECK(resolve_start(r, &k.query, SLICE("[2001:db8::1]"), 8));
	CHECK(k.done == 2 && !strcmp(k.names[0], "[2001:db8::1]:8"));
	CHECK(resolve_start(r, &k.query, SLICE("LocalHost"), 7));
	CHECK(k.done == 3 && k.count == 2);
	CHECK(!strcmp(k.names[0], "127.0.0.1:7"));
	CHECK(!strcmp(k.names[1], "[::1]:7"));
	CHECK(resolve_start(r, &k.query, SLICE("a.b.localhost."), 7));
	CHECK(k.done == 4 && k.count == 2);
	CHECK(resolve_start(r, &k.query, SLICE(""), 7));
	CHECK(k.done == 5 && k.count == 0);
	CHECK(resolve_start(r, &k.query, SLICE("a\0b"), 7));
	CHECK(k.done == 6 && k.count == 0);
	resolve_cancel(b.dialer.resolver, &k.query);
	finish(&b);
}

/*
 * This machine's own name: whether it can be resolved is not our matter, but
 * each query is answered once, and all alike.
 */
static void
real_names_come_back(void)
{
	struct bench b;
	struct ask k[4];
	char host[256];

	CHECK(gethostname(host, sizeof host) == 0);
	start(&b);
	for (int i = 0; i < 4; i++) {
		k[i] = (struct ask){ .query = { .done = on_answer } };
		CHECK(resolve_start(b.dialer.resolver, &k[i].query,
		    slice_of(host), (uint16_t)(80 + i)));
		CHECK(k[i].done == 0);
	}
	k[2].resolver = b.dialer.resolver;
	k[2].other = &k[0];		/* whoever comes first cancels */
	k[0].resolver = b.dialer.resolver;
	k[0].other = &k[2];
	resolve_cancel(b.dialer.resolver, &k[1].query);
	resolve_cancel(b.dialer.resolver, &k[1].query);
	for (int i = 0; i < 3000 && !k[3].done; i++)
		loop_turn(b.loop, 10);
	loop_turn(b.loop, 0);
	CHECK(k[3].done == 1 && k[1].done == 0);
	CHECK(k[0].done + k[2].done == 1);
	CHECK(k[3].count == (k[0].done ? k[0].count : k[2].count));
	if (k[3].count)
		CHECK(strstr(k[3].names[0], ":83"));
	/* Kept: answered at once, with the new port. */
	k[1].done = 0;
	CHECK(resolve_start(b.dialer.resolver, &k[1].query, slice_of(host),
	    99));
	CHECK(k[1].done == 1 && k[1].count == k[3].count);
	if (k[1].count)
		CHECK(strstr(k[1].names[0], ":99"));
	finish(&b);
}

/* The resolver may go while a helper still asks. */
static void
resolver_goes_first(void)
{
	struct bench b;
	struct ask k = { .query = { .done = on_answer } };
	char host[256];

	CHECK(gethostname(host, sizeof host) == 0);
	for (int i = 0; i < 20; i++) {
		start(&b);
		CHECK(resolve_start(b.dialer.resolver, &k.query,
		    slice_of(host), 80));
		resolve_cancel(b.dialer.resolver, &k.query);
		finish(&b);
	}
	CHECK(k.done == 0);
}

/* Names beyond the bound are refused, not queued without end. */
static void
too_many_names(void)
{
	struct bench b;
	static struct ask k[100];
	static char names[100][32];
	int taken = 0;

	start(&b);
	for (int i = 0; i < 100; i++) {
		k[i] = (struct ask){ .query = { .done = on_answer } };
		/* An empty label: never asked for on the network. */
		snprintf(names[i], sizeof names[i], "x..%d", i);
		taken += resolve_start(b.dialer.resolver, &k[i].query,
		    slice_of(names[i]), 80);
	}
	CHECK(taken >= 32 && taken < 100);
	for (int i = 0; i < 100; i++)
		resolve_cancel(b.dialer.resolver, &k[i].query);
	finish(&b);
	for (int i = 0; i < 100; i++)
		CHECK(k[i].done == 0);
}

TESTS(
	{ "connects", connects },
	{ "refused", refused },
	{ "the next address is tried", next_address_is_tried },
	{ "a silent server times out", silent_server_times_out },
	{ "a silent address is overtaken", silent_address_is_overtaken },
	{ "cancel anywhere", cancel_anywhere },
	{ "no authorities, no TLS", no_trust_no_tls },
	{ "a proxy opens the way", proxy_opens_the_way },
	{ "a proxy takes credentials", proxy_takes_credentials },
	{ "a proxy refuses", proxy_refuses },
	{ "a proxy talks too long", proxy_talks_too_long },
	{ "a proxy is silent", proxy_is_silent },
	{ "known names at once", known_names_at_once },
	{ "real names come back", real_names_come_back },
	{ "the resolver goes first", resolver_goes_first },
	{ "too many names", too_many_names })
