/* answer: framing for HTTP/1.1 and 1.0, HEAD, and connections that close. */
#include "test.h"

#include "base/clock.h"
#include "gateway/answer.h"

/* Without the date, which is the clock's. */
static void
check_out(const struct buf *out, const char *want)
{
	struct slice all = buf_slice(out);
	char got[1024];
	size_t date = slice_find(all, SLICE("date: ")), end;

	CHECK(date != SIZE_MAX && !out->failed);
	end = date + slice_chr(slice_skip(all, date), '\n') + 1;
	CHECK(all.len < sizeof got);
	memcpy(got, all.ptr, date);
	memcpy(got + date, all.ptr + end, all.len - end);
	CHECK_BYTES(got, all.len - (end - date), want, strlen(want));
}

static struct answer
begin(struct buf *out, const char *method, unsigned minor, bool keep)
{
	struct http_head head = { .method = slice_of(method), .minor = minor,
	    .keep_alive = keep };
	struct answer a;

	answer_for(&a, out, method ? &head : NULL);
	answer_begin(&a, 200);
	return a;
}

static void
whole(void)
{
	static const struct {
		const char	*method;
		unsigned	 minor;
		bool		 keep;
		const char	*want;
	} rows[] = {
		{ "POST", 1, true, "content-length: 2\r\n\r\nhi" },
		{ "POST", 1, false, "content-length: 2\r\nconnection: close\r\n"
		    "\r\nhi" },
		{ "POST", 0, true, "content-length: 2\r\n"
		    "connection: keep-alive\r\n\r\nhi" },
		{ "POST", 0, false, "content-length: 2\r\nconnection: close\r\n"
		    "\r\nhi" },
		{ "HEAD", 1, true, "content-length: 2\r\n\r\n" },
		/* the request could not be read */
		{ NULL, 0, false, "content-length: 2\r\nconnection: close\r\n"
		    "\r\nhi" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf out = { 0 };
		struct answer a = begin(&out, rows[i].method, rows[i].minor,
		    rows[i].keep);
		char want[256];

		answer_whole(&a, SLICE("hi"));
		snprintf(want, sizeof want, "HTTP/1.1 200 OK\r\n%s",
		    rows[i].want);
		check_out(&out, want);
		CHECK(a.keep == rows[i].keep);
		buf_free(&out);
	}
}

static void
pieces(struct answer *a)
{
	size_t mark;

	answer_stream(a);
	mark = answer_open(a);
	buf_text(a->out, "one");
	answer_close(a, mark);
	mark = answer_open(a);		/* nothing in it: no end by mistake */
	answer_close(a, mark);
	answer_piece(a, SLICE(""));
	answer_piece(a, SLICE("two, of 16 bytes"));
	answer_end(a);
}

static void
streams(void)
{
	struct buf out = { 0 };
	struct answer a = begin(&out, "POST", 1, true);
	struct slice all;

	pieces(&a);
	CHECK(a.keep);
	/* a chunk whose length was not known may have zeros before it */
	all = buf_slice(&out);
	CHECK(slice_find(all, SLICE("transfer-encoding: chunked\r\n\r\n")) !=
	    SIZE_MAX);
	CHECK(slice_find(all, SLICE("3\r\none\r\n10\r\ntwo, of 16 bytes\r\n"
	    "0\r\n\r\n")) != SIZE_MAX);
	CHECK(slice_find(all, SLICE("connection")) == SIZE_MAX);
	buf_free(&out);
}

/* HTTP/1.0 knows no chunks: the end of the answer is the connection's. */
static void
old_streams(void)
{
	struct buf out = { 0 };
	struct answer a = begin(&out, "POST", 0, true);

	pieces(&a);
	CHECK(!a.keep);
	check_out(&out, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"
	    "onetwo, of 16 bytes");
	buf_free(&out);
}

static void
headers(void)
{
	struct buf out = { 0 };
	struct answer a = begin(&out, "GET", 1, true);

	answer_header(&a, SLICE("x-a"), SLICE("b"));
	answer_header(&a, SLICE("x-evil"), SLICE("b\r\nx-c: d"));
	answer_number(&a, SLICE("x-n"), 7);
	answer_length(&a, 3);
	check_out(&out, "HTTP/1.1 200 OK\r\nx-a: b\r\nx-n: 7\r\n"
	    "content-length: 3\r\n\r\n");
	buf_free(&out);
}

/* A body that is there already, in one piece; what was said of a chunk. */
static void
at_once(void)
{
	static const struct slice framed = SLICE_INIT("hello\r\n0\r\n\r\n");
	static const struct {
		unsigned	 minor;
		size_t		 body;
		const char	*want, *rest;
	} rows[] = {
		{ 1, 5, "transfer-encoding: chunked\r\n\r\n5\r\n",
		    "hello\r\n0\r\n\r\n" },
		{ 1, 0, "transfer-encoding: chunked\r\n\r\n0\r\n\r\n", "" },
		{ 0, 5, "connection: close\r\n\r\n", "hello" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf out = { 0 };
		struct answer a = begin(&out, "POST", rows[i].minor, true);
		char want[256];

		CHECK(answer_chunks(&a) == (rows[i].minor == 1));
		answer_stream(&a);
		CHECK(slice_is(answer_rest(&a, slice_sub(framed, 0,
		    rows[i].body), framed), rows[i].rest));
		snprintf(want, sizeof want, "HTTP/1.1 200 OK\r\n%s",
		    rows[i].want);
		check_out(&out, want);
		buf_free(&out);
	}
}

static void
said_so_far(void)
{
	struct buf out = { 0 };
	struct answer a = begin(&out, "POST", 1, true);
	size_t mark;

	CHECK(!answer_said(&a, 0).len);
	answer_stream(&a);
	mark = answer_open(&a);
	CHECK(!answer_said(&a, mark).len);
	buf_text(&out, "one");
	buf_text(&out, "two");
	CHECK(slice_is(answer_said(&a, mark), "onetwo"));
	answer_close(&a, mark);
	buf_free(&out);
}

TESTS(
	{ "a body that is there", at_once },
	{ "what a chunk holds so far", said_so_far },
	{ "whole answers", whole },
	{ "answers in pieces", streams },
	{ "pieces for HTTP/1.0", old_streams },
	{ "headers", headers })
