#include "net/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include "net/sock.h"
#include "test.h"

/* Two ends of one TCP connection in one loop. */
struct ends {
	struct loop	*loop;
	struct conn	 a, b;
	unsigned	 woken_a, woken_b;
};

static void
on_wake(struct conn *c)
{
	++*(unsigned *)c->owner;
}

static int
listen_here(struct sock_address *a)
{
	const char *why;
	int fd;

	CHECK(sock_parse(SLICE("127.0.0.1:0"), a, &why));
	fd = sock_listen(a, false, 8);
	CHECK(fd >= 0);
	sock_local(fd, a);
	CHECK(sock_port(a) != 0);
	return fd;
}

static void
turn(struct ends *e, int times)
{
	for (int i = 0; i < times; i++)
		loop_turn(e->loop, 1);
}

static void
start(struct ends *e)
{
	struct sock_address at, from;
	int listener = listen_here(&at), fd, peer = -1;

	signal(SIGPIPE, SIG_DFL);	/* one that is raised must be seen */
	*e = (struct ends){ .loop = loop_new() };
	CHECK(e->loop);
	e->a.wake = e->b.wake = on_wake;
	e->a.owner = &e->woken_a;
	e->b.owner = &e->woken_b;
	fd = sock_connect(&at);
	CHECK(fd >= 0);
	CHECK(conn_open(&e->a, e->loop, fd, NULL));
	for (int i = 0; i < 200 && peer < 0; i++) {
		loop_turn(e->loop, 5);
		peer = sock_accept(listener, &from);
	}
	CHECK(peer >= 0);
	CHECK(sock_is_loopback(&from));
	CHECK(conn_open(&e->b, e->loop, peer, NULL));
	close(listener);
	turn(e, 3);
	CHECK(e->woken_a && e->woken_b);
}

static void
finish(struct ends *e)
{
	conn_close(&e->a);
	conn_close(&e->a);
	conn_close(&e->b);
	loop_free(e->loop);
}

/* Read all of `c` that comes until it holds n bytes or ends. */
static void
gather(struct ends *e, struct conn *c, size_t n)
{
	for (int i = 0; i < 2000; i++) {
		while (conn_fill(c, n))
			;
		if (buf_len(&c->in) >= n || c->end != CONN_OPEN)
			return;
		loop_turn(e->loop, 5);
	}
	CHECK(!"the bytes came");
}

static void
speaks_both_ways(void)
{
	struct ends e;

	start(&e);
	buf_text(conn_out(&e.a), "hello");
	CHECK(conn_flush(&e.a));
	CHECK(conn_pending(&e.a) == 0);
	gather(&e, &e.b, 5);
	CHECK_BYTES(e.b.in.data, buf_len(&e.b.in), "hello", 5);
	CHECK(!conn_fill(&e.b, 100));
	buf_text(&e.b.out, "there");	/* a buf that grows by itself */
	CHECK(conn_flush(&e.b));
	gather(&e, &e.a, 5);
	CHECK_BYTES(e.a.in.data, buf_len(&e.a.in), "there", 5);
	finish(&e);
}

static void
small_sockets(const struct conn *c)
{
	int fd = c->watch.fd;
	int out = 4096, in = 100 * 1000;	/* a segment has up to 64 KB */

	CHECK(!setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &out, sizeof out));
	CHECK(!setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &in, sizeof in));
}

static char
pattern(size_t i)
{
	return (char)(i * 31 % 251);
}

/* Much more than sockets hold, by parts, with a borrowed end and odd reads. */
static void
partial_writes_go_on(void)
{
	enum { OUT = 300 * 1000, TAIL = 200 * 1000 };
	struct ends e;
	char *tail = malloc(TAIL);
	size_t seen = 0;

	CHECK(tail);
	start(&e);
	small_sockets(&e.a);
	small_sockets(&e.b);
	for (size_t i = 0; i < OUT; i++)
		buf_byte(&e.a.out, pattern(i));
	for (size_t i = 0; i < TAIL; i++)
		tail[i] = pattern(OUT + i);
	conn_borrow(&e.a, (struct slice){ tail, TAIL });
	CHECK(conn_pending(&e.a) == OUT + TAIL);
	CHECK(conn_flush(&e.a));
	CHECK(conn_pending(&e.a) > 0);		/* the kernel took a part */
	for (int i = 0; i < 20000 && seen < OUT + TAIL; i++) {
		size_t max = 1 + (size_t)i * 377 % 9000;

		if (!conn_fill(&e.b, max))
			loop_turn(e.loop, 5);
		CHECK(buf_len(&e.b.in) <= max);
		for (size_t k = 0; k < buf_len(&e.b.in); k++, seen++)
			if (e.b.in.data[e.b.in.start + k] != pattern(seen))
				CHECK(!"the bytes are in order");
		buf_take(&e.b.in, buf_len(&e.b.in));
	}
	CHECK(seen == OUT + TAIL);
	CHECK(conn_pending(&e.a) == 0);
	finish(&e);
	free(tail);
}

/* Who does not read holds the writer back, and nothing wakes him for it. */
static void
backpressure_holds(void)
{
	struct ends e;
	size_t stuck = 0;

	start(&e);
	small_sockets(&e.a);
	small_sockets(&e.b);
	for (int i = 0; i < 1000 * 1000; i++)
		buf_byte(&e.a.out, 'x');
	CHECK(conn_flush(&e.a));
	for (int i = 0; i < 100; i++) {		/* until it is stuck for long */
		stuck = conn_pending(&e.a);
		turn(&e, 30);
		if (conn_pending(&e.a) == stuck)
			break;
	}
	CHECK(conn_pending(&e.a) == stuck && stuck > 500 * 1000);
	CHECK(buf_len(&e.b.in) == 0);
	gather(&e, &e.b, 1000 * 1000);
	CHECK(buf_len(&e.b.in) == 1000 * 1000);
	CHECK(conn_pending(&e.a) == 0);
	finish(&e);
}

static void
reads_past_the_buffer(void)
{
	struct ends e;
	char text[16];

	start(&e);
	buf_text(&e.a.out, "0123456789");
	CHECK(conn_flush(&e.a));
	turn(&e, 3);
	CHECK(conn_fill(&e.b, 4));
	CHECK(conn_read(&e.b, text, sizeof text) == 0);	/* `in` comes first */
	buf_take(&e.b.in, 4);
	CHECK(conn_read(&e.b, text, 3) == 3);
	CHECK_BYTES(text, 3, "456", 3);
	CHECK(conn_read(&e.b, text, sizeof text) == 3);
	CHECK_BYTES(text, 3, "789", 3);
	CHECK(conn_read(&e.b, text, sizeof text) == 0);
	CHECK(e.b.end == CONN_OPEN);
	finish(&e);
}

/* FIN with the last bytes in one event: the bytes first, then the end. */
static void
peer_says_goodbye(void)
{
	struct ends e;

	start(&e);
	buf_text(&e.a.out, "last words");
	conn_shutdown(&e.a);
	conn_shutdown(&e.a);
	for (int i = 0; i < 200 && !e.b.hung_up; i++)
		loop_turn(e.loop, 5);
	CHECK(e.b.hung_up);
	CHECK(e.b.end == CONN_OPEN);		/* not before it was read */
	gather(&e, &e.b, 100);
	CHECK(buf_len(&e.b.in) == 10);
	CHECK(e.b.end == CONN_CLOSED && !e.b.why);
	/* The other direction is still open. */
	buf_text(&e.b.out, "ok");
	CHECK(conn_flush(&e.b));
	gather(&e, &e.a, 2);
	CHECK(buf_len(&e.a.in) == 2);
	CHECK(!conn_flush(&e.a));
	finish(&e);
}

/* The shutdown waits for what a full socket did not take. */
static void
goodbye_waits_for_the_rest(void)
{
	struct ends e;

	start(&e);
	small_sockets(&e.a);
	for (int i = 0; i < 500 * 1000; i++)
		buf_byte(&e.a.out, 'x');
	conn_shutdown(&e.a);
	CHECK(conn_pending(&e.a) > 0);
	gather(&e, &e.b, 1000 * 1000);
	CHECK(buf_len(&e.b.in) == 500 * 1000);
	CHECK(e.b.end == CONN_CLOSED);
	finish(&e);
}

static void
reset_hard(struct conn *c)
{
	struct linger now = { 1, 0 };

	CHECK(!setsockopt(c->watch.fd, SOL_SOCKET, SO_LINGER, &now,
	    sizeof now));
	conn_close(c);
}

static void
peer_resets(void)
{
	struct ends e;

	start(&e);
	reset_hard(&e.a);
	gather(&e, &e.b, 100);
	CHECK(e.b.end == CONN_BROKEN);
	CHECK(strstr(e.b.why, "reset"));
	buf_text(&e.b.out, "into the void");
	CHECK(!conn_flush(&e.b));
	finish(&e);
}

/* A server that refuses early: it answers, and resets while we still write. */
static void
early_answer_can_be_read(void)
{
	struct ends e;
	bool flushed = true;

	start(&e);
	buf_text(&e.b.out, "413");
	CHECK(conn_flush(&e.b));
	turn(&e, 3);
	for (int i = 0; i < 100; i++)
		buf_text(&e.a.out, "never read never read never read");
	CHECK(conn_flush(&e.a));
	turn(&e, 3);
	/* Unread bytes make this a reset, behind the answer. */
	conn_close(&e.b);
	turn(&e, 3);
	for (int i = 0; i < 50 && flushed; i++) {
		buf_text(&e.a.out, "more");
		flushed = conn_flush(&e.a);
		loop_turn(e.loop, 1);
	}
	CHECK(!flushed);
	CHECK(conn_pending(&e.a) == 0);
	gather(&e, &e.a, 3);
	CHECK_BYTES(e.a.in.data, buf_len(&e.a.in), "413", 3);
	gather(&e, &e.a, 100);
	CHECK(e.a.end != CONN_OPEN);
	finish(&e);
}

static void
limit_of_in_is_kept(void)
{
	struct ends e;

	start(&e);
	e.b.in.limit = 7;
	buf_text(&e.a.out, "0123456789");
	CHECK(conn_flush(&e.a));
	turn(&e, 3);
	while (conn_fill(&e.b, 100))
		;
	CHECK(buf_len(&e.b.in) == 7 && e.b.end == CONN_OPEN);
	buf_take(&e.b.in, 7);
	gather(&e, &e.b, 3);
	CHECK_BYTES(e.b.in.data, buf_len(&e.b.in), "789", 3);
	finish(&e);
}

static void
rests_without_memory(void)
{
	struct ends e;

	start(&e);
	buf_text(conn_out(&e.a), "x");
	CHECK(conn_flush(&e.a));
	gather(&e, &e.b, 1);
	conn_rest(&e.b);
	CHECK(e.b.in.cap > 0);			/* it holds a byte */
	CHECK(!conn_quiet(&e.b));
	buf_take(&e.b.in, 1);
	CHECK(conn_quiet(&e.b));
	conn_rest(&e.a);
	conn_rest(&e.b);
	CHECK(e.a.out.cap == 0 && e.b.in.cap == 0);
	buf_text(conn_out(&e.a), "y");
	CHECK(conn_flush(&e.a));
	turn(&e, 3);
	CHECK(!conn_quiet(&e.b));
	finish(&e);
}

static void
on_close(struct conn *c)
{
	++*(unsigned *)c->owner;
	conn_close(c);
}

static void
wake_may_close(void)
{
	struct ends e;

	start(&e);
	e.woken_b = 0;
	e.b.wake = on_close;
	buf_text(&e.a.out, "x");
	CHECK(conn_flush(&e.a));
	turn(&e, 5);
	CHECK(e.woken_b == 1);
	CHECK(!e.b.loop && !e.b.wake);
	gather(&e, &e.a, 1);
	CHECK(e.a.end != CONN_OPEN);
	finish(&e);
}

/* --- addresses */

static void
addresses_as_text(void)
{
	static const struct {
		const char	*text, *name;	/* no name: refused */
		bool		 loopback;
	} all[] = {
		{ "127.0.0.1:4000", "127.0.0.1:4000", true },
		{ "127.9.9.9:1", "127.9.9.9:1", true },
		{ "0.0.0.0:80", "0.0.0.0:80", false },
		{ "[::1]:65535", "[::1]:65535", true },
		{ "[2001:db8::7]:443", "[2001:db8::7]:443", false },
		{ "[::ffff:127.0.0.1]:5", "127.0.0.1:5", true },
		{ "[::ffff:10.0.0.1]:5", "10.0.0.1:5", false },
		{ ":4000", "[::]:4000", false },
		{ "*:4000", "[::]:4000", false },
		{ "localhost:0", "127.0.0.1:0", true },
		{ "LOCALHOST:7", "127.0.0.1:7", true },
		{ "unix:/run/x.sock", "unix:/run/x.sock", true },
		{ "", NULL, false },
		{ "4000", NULL, false },
		{ "127.0.0.1", NULL, false },
		{ "127.0.0.1:", NULL, false },
		{ "127.0.0.1:65536", NULL, false },
		{ "127.0.0.1:-1", NULL, false },
		{ "127.0.0.1:80x", NULL, false },
		{ "127.0.0.256:80", NULL, false },
		{ "127.1:80", NULL, false },
		{ "::1:80", NULL, false },
		{ "[::1]80", NULL, false },
		{ "[]:80", NULL, false },
		{ "example.com:80", NULL, false },
		{ "unix:", NULL, false },
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct sock_address a;
		const char *why = NULL;
		char name[SOCK_NAME];
		bool good = sock_parse(slice_of(all[i].text), &a, &why);

		if (good != (all[i].name != NULL))
			printf("    %s\n", all[i].text);
		CHECK(good == (all[i].name != NULL));
		CHECK(good || why);
		if (!good)
			continue;
		sock_name(&a, name, sizeof name);
		CHECK(!strcmp(name, all[i].name));
		CHECK(sock_is_loopback(&a) == all[i].loopback);
	}
}

static void
unix_paths(void)
{
	char folder[] = "/tmp/net_conn.XXXXXX", text[128], path[64], file[64];
	struct sock_address a;
	const char *why;
	char long_path[200];
	int first, again;

	CHECK(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/s", folder);
	snprintf(text, sizeof text, "unix:%s", path);
	CHECK(sock_parse(slice_of(text), &a, &why));
	first = sock_listen(&a, false, 4);
	CHECK(first >= 0);
	again = sock_listen(&a, false, 4);
	CHECK(again < 0 && errno == EADDRINUSE);	/* it is alive */
	close(first);
	again = sock_listen(&a, false, 4);	/* left behind by the dead */
	CHECK(again >= 0);
	first = sock_connect(&a);
	CHECK(first >= 0);
	close(first);
	close(again);
	CHECK(unlink(path) == 0);
	/* What is no socket is nobody's to remove. */
	snprintf(file, sizeof file, "%s/s", folder);
	first = open(file, O_CREAT | O_WRONLY, 0600);
	CHECK(first >= 0);
	close(first);
	CHECK(sock_listen(&a, false, 4) < 0 && errno == EEXIST);
	CHECK(unlink(file) == 0 && rmdir(folder) == 0);
	memset(long_path, 'x', sizeof long_path - 1);
	long_path[sizeof long_path - 1] = '\0';
	memcpy(long_path, "unix:/", 6);
	CHECK(!sock_parse(slice_of(long_path), &a, &why));
}

TESTS(
	{ "addresses as text", addresses_as_text },
	{ "unix paths", unix_paths },
	{ "speaks both ways", speaks_both_ways },
	{ "partial writes go on", partial_writes_go_on },
	{ "backpressure holds", backpressure_holds },
	{ "reads past the buffer", reads_past_the_buffer },
	{ "the peer says goodbye", peer_says_goodbye },
	{ "a goodbye waits for the rest", goodbye_waits_for_the_rest },
	{ "the peer resets", peer_resets },
	{ "an early answer can be read", early_answer_can_be_read },
	{ "the limit of `in` is kept", limit_of_in_is_kept },
	{ "rests without memory", rests_without_memory },
	{ "wake may close", wake_may_close })
