/* reader: a request off a connection, wherever the network cuts it. */
#include "test.h"

#include <sys/socket.h>

#include "gateway/reader.h"

#define CHECK_SLICE(got, want) \
	CHECK_BYTES((got).ptr, (got).len, (want), strlen(want))

struct scene {
	struct loop	*loop;
	struct conn	 conn;
	int		 peer;
	struct arena	 arena;
	struct reader	 reader;
	unsigned	 heads;		/* how often READER_HEAD came */
};

static void
on_wake(struct conn *c)
{
	(void)c;
}

static void
start(struct scene *s)
{
	int fds[2];

	memset(s, 0, sizeof *s);
	s->loop = loop_new();
	CHECK(s->loop);
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0, fds));
	s->peer = fds[1];
	s->conn.wake = on_wake;
	CHECK(conn_open(&s->conn, s->loop, fds[0], NULL));
	s->reader.head_max = 4096;
	s->reader.body_max = 1 << 20;
}

static void
stop(struct scene *s)
{
	reader_free(&s->reader);
	reader_free(&s->reader);
	conn_close(&s->conn);
	loop_turn(s->loop, 0);
	loop_free(s->loop);
	arena_reset(&s->arena);
	if (s->peer >= 0)
		close(s->peer);
}

/* Run on what has come; HEAD is counted and passed over. */
static enum reader_result
go(struct scene *s)
{
	enum reader_result got;

	loop_turn(s->loop, 0);
	while ((got = reader_run(&s->reader, &s->conn, &s->arena)) ==
	    READER_HEAD)
		s->heads++;
	return got;
}

static enum reader_result
feed(struct scene *s, const char *text, size_t len)
{
	CHECK(write(s->peer, text, len) == (ssize_t)len);
	return go(s);
}

static enum reader_result
feed_text(struct scene *s, const char *text)
{
	return feed(s, text, strlen(text));
}

static const char with_length[] =
    "POST /v1/messages?a=b HTTP/1.1\r\nHost: h:1\r\n"
    "Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}";
static const char chunked[] =
    "POST /v1/messages?a=b HTTP/1.1\r\nHost: h:1\r\n"
    "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3;x=y\r\n{\"a\r\n1\r\n\"\r\n3\r\n:1}\r\n0\r\nX-Trailer: t\r\n\r\n";
static const char no_body[] =
    "GET /v1/messages?a=b HTTP/1.1\r\nHost: h:1\r\n"
    "Content-Type: application/json\r\n\r\n";

/* What must stand in the reader, whatever cuts there were. */
static void
check_request(const struct scene *s, const char *body)
{
	const struct http_head *head = s->reader.head;

	CHECK(s->heads == 1 && head);
	CHECK_SLICE(head->path, "/v1/messages");
	CHECK_SLICE(head->query, "a=b");
	CHECK_SLICE(http1_get(head, SLICE("host")), "h:1");
	CHECK_SLICE(http1_get(head, SLICE("content-type")),
	    "application/json");
	CHECK_SLICE(s->reader.body, body);
}

static void
cut_everywhere(const char *text, const char *body)
{
	size_t len = strlen(text);

	for (size_t cut = 0; cut < len; cut++) {
		struct scene s;

		start(&s);
		if (cut)
			CHECK(feed(&s, text, cut) == READER_MORE);
		CHECK(feed(&s, text + cut, len - cut) == READER_DONE);
		check_request(&s, body);
		CHECK(!buf_len(&s.conn.in));
		stop(&s);
	}
}

static void
byte_by_byte(const char *text, const char *body)
{
	size_t len = strlen(text);
	struct scene s;

	start(&s);
	for (size_t i = 0; i < len; i++)
		CHECK(feed(&s, text + i, 1) == (i + 1 < len ? READER_MORE
		    : READER_DONE));
	check_request(&s, body);
	stop(&s);
}

static void
cuts(void)
{
	cut_everywhere(with_length, "{\"a\":1}");
	cut_everywhere(chunked, "{\"a\":1}");
	cut_everywhere(no_body, "");
	byte_by_byte(with_length, "{\"a\":1}");
	byte_by_byte(chunked, "{\"a\":1}");
}

/* The head does not move when the bytes that came with it are gone. */
static void
head_stays(void)
{
	struct scene s;

	start(&s);
	CHECK(feed_text(&s, with_length) == READER_DONE);
	buf_free(&s.conn.in);
	check_request(&s, "{\"a\":1}");
	stop(&s);
}

/* What a client sends ahead stays in the connection, byte for byte. */
static void
pipelined(void)
{
	static const char *const all[] = { with_length, chunked, no_body };

	for (size_t i = 0; i < 3; i++) {
		char text[1024];
		struct scene s;

		start(&s);
		snprintf(text, sizeof text, "%s%s", all[i], no_body);
		CHECK(feed_text(&s, text) == READER_DONE);
		CHECK_SLICE(buf_slice(&s.conn.in), no_body);
		/* the next request finds it */
		reader_free(&s.reader);
		s.reader = (struct reader){ .head_max = 4096 };
		s.heads = 0;
		CHECK(go(&s) == READER_DONE);
		check_request(&s, "");
		stop(&s);
	}
}

/* The text is refused with `status` in a reader with these limits. */
static void
refused(const char *text, size_t head_max, size_t body_max, unsigned status)
{
	struct scene s;

	start(&s);
	s.reader.head_max = head_max;
	s.reader.body_max = body_max;
	CHECK(feed_text(&s, text) == READER_BAD);
	CHECK(s.reader.status == status);
	CHECK(s.reader.why && *s.reader.why);
	stop(&s);
}

static void
limits(void)
{
	struct scene s;

	refused(with_length, 64, 100, 431);
	refused(with_length, 4096, 6, 413);
	refused(chunked, 4096, 6, 413);
	/* a promise is enough */
	refused("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1099511627776"
	    "\r\n\r\n", 4096, 100, 413);
	refused("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n"
	    "Content-Length: 2\r\n\r\n", 4096, 100, 400);
	refused("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
	    "\r\nx\r\n", 4096, 100, 400);
	refused("nonsense\r\n\r\n", 4096, 100, 400);
	refused("GET / HTTP/2.0\r\nHost: h\r\n\r\n", 4096, 100, 505);
	/* as large as allowed is allowed */
	start(&s);
	s.reader.body_max = 7;
	CHECK(feed_text(&s, with_length) == READER_DONE);
	stop(&s);
	start(&s);
	s.reader.body_max = 7;
	CHECK(feed_text(&s, chunked) == READER_DONE);
	stop(&s);
	start(&s);
	s.reader.head_max = sizeof with_length - 1 - 7;
	CHECK(feed_text(&s, with_length) == READER_DONE);
	stop(&s);
}

static void
gone(void)
{
	static const char *const all[] = { with_length, chunked };

	for (size_t i = 0; i < 2; i++)
		for (size_t cut = 0; cut < strlen(all[i]); cut++) {
			struct scene s;

			start(&s);
			CHECK(write(s.peer, all[i], cut) == (ssize_t)cut);
			close(s.peer);
			s.peer = -1;
			CHECK(go(&s) == READER_GONE);
			stop(&s);
		}
}

/* A body of megabytes in pieces as a socket gives them. */
static void
large(const char *fields, bool in_chunks)
{
	enum { PIECE = 50000, PIECES = 60 };
	static char piece[PIECE];
	struct scene s;
	char text[128];
	size_t sent = 0;

	start(&s);
	s.reader.body_max = PIECE * PIECES;
	memset(piece, 'x', sizeof piece);
	snprintf(text, sizeof text, "POST / HTTP/1.1\r\nHost: h\r\n%s\r\n\r\n",
	    fields);
	CHECK(feed_text(&s, text) == READER_MORE);
	for (int i = 0; i < PIECES; i++) {
		if (in_chunks)
			CHECK(feed_text(&s, "c350\r\n") == READER_MORE);
		for (sent = 0; sent < PIECE;) {
			ssize_t n = write(s.peer, piece + sent, PIECE - sent);

			sent += n > 0 ? (size_t)n : 0;
			if (sent < PIECE || in_chunks || i + 1 < PIECES)
				CHECK(go(&s) == READER_MORE);
		}
		if (in_chunks)
			CHECK(feed_text(&s, "\r\n") == READER_MORE);
	}
	CHECK((in_chunks ? feed_text(&s, "0\r\n\r\n") : go(&s)) ==
	    READER_DONE);
	CHECK(s.reader.body.len == PIECE * PIECES);
	for (size_t i = 0; i < s.reader.body.len; i += 4999)
		CHECK(s.reader.body.ptr[i] == 'x');
	stop(&s);
}

static void
large_bodies(void)
{
	large("Content-Length: 3000000", false);
	large("Transfer-Encoding: chunked", true);
}

static void
out_of_memory(void)
{
	struct scene s;

	start(&s);
	s.arena.limit = 16;
	CHECK(feed_text(&s, with_length) == READER_BAD);
	CHECK(s.reader.status == 503);
	stop(&s);
}

TESTS(
	{ "cut anywhere", cuts },
	{ "the head stays", head_stays },
	{ "requests sent ahead", pipelined },
	{ "limits", limits },
	{ "the client goes away", gone },
	{ "large bodies", large_bodies },
	{ "no memory", out_of_memory })
