/* Heads that are accepted, what is read from them, and what is printed. */
#include "test.h"
#include "wire_heads.h"

enum { MAX = 1024 };

/* `want` is what show() makes of the head. */
struct sample {
	enum heads_kind	 kind;
	const char	*text, *want;
};

#define GET "GET / HTTP/1.1\r\nHost: a\r\n"
#define GOT "GET / path=/ host=a keep "
#define OK  "HTTP/1.1 200 OK\r\n"

static const struct sample samples[] = {
	/* request lines */
	{ HEADS_REQUEST, GET "\r\n", GOT "none; Host=a" },
	{ HEADS_REQUEST, "\r\n" GET "\r\n", GOT "none; Host=a" },
	{ HEADS_REQUEST, "\r\n\r\n\r\n\r\n" GET "\r\n", GOT "none; Host=a" },
	{ HEADS_REQUEST, "POST /v1/m?a=b?c HTTP/1.1\r\nHost: a:1\r\n\r\n",
	  "POST /v1/m?a=b?c path=/v1/m query=a=b?c host=a:1 keep none; "
	  "Host=a:1" },
	{ HEADS_REQUEST, "M-SEARCH /? HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
	  "M-SEARCH /? path=/ host=[::1]:80 keep none; Host=[::1]:80" },
	{ HEADS_REQUEST, "GET http://x:8/p?q HTTP/1.1\r\nHost: a\r\n\r\n",
	  "GET http://x:8/p?q path=/p query=q host=x:8 keep none; Host=a" },
	{ HEADS_REQUEST, "GET HTTPS://x?q HTTP/1.1\r\nHost: a\r\n\r\n",
	  "GET HTTPS://x?q path=/ query=q host=x keep none; Host=a" },
	{ HEADS_REQUEST, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
	  "OPTIONS * path=* host=a keep none; Host=a" },
	{ HEADS_REQUEST, "GET / HTTP/1.0\r\n\r\n", "GET / path=/ close none" },
	{ HEADS_REQUEST, "GET /%2f//../~ HTTP/1.1\r\nhost: a.b.\r\n\r\n",
	  "GET /%2f//../~ path=/%2f//../~ host=a.b. keep none; host=a.b." },
	/* fields */
	{ HEADS_REQUEST, GET "X:\r\nY: \t \r\nZ:\tb \tc\t \r\n\r\n",
	  GOT "none; Host=a; X=; Y=; Z=b \tc" },
	{ HEADS_REQUEST, GET "a!#$%&'*+-.^_`|~9: \"{}\":\r\n\r\n",
	  GOT "none; Host=a; a!#$%&'*+-.^_`|~9=\"{}\":" },
	{ HEADS_REQUEST, GET "U: \x80\xff caf\xc3\xa9 123456789\r\n\r\n",
	  GOT "none; Host=a; U=\x80\xff caf\xc3\xa9 123456789" },
	{ HEADS_REQUEST, GET "X: 1\r\nX: 2\r\n\r\n",
	  GOT "none; Host=a; X=1; X=2" },
	/* connection */
	{ HEADS_REQUEST, GET "Connection: Close\r\n\r\n",
	  "GET / path=/ host=a close none; Host=a; Connection=Close" },
	{ HEADS_REQUEST, GET "Connection: x , close,y\r\n\r\n",
	  "GET / path=/ host=a close none; Host=a; Connection=x , close,y" },
	{ HEADS_REQUEST, GET "Connection: closed\r\n\r\n",
	  GOT "none; Host=a; Connection=closed" },
	{ HEADS_REQUEST, "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
	  "GET / path=/ keep none; Connection=Keep-Alive" },
	{ HEADS_REQUEST, GET "Connection: keep-alive\r\nConnection: close"
	  "\r\n\r\n", "GET / path=/ host=a close none; Host=a; "
	  "Connection=keep-alive; Connection=close" },
	/* framing and expectation */
	{ HEADS_REQUEST, GET "Content-Length: 0\r\n\r\n",
	  GOT "0 bytes; Host=a; Content-Length=0" },
	{ HEADS_REQUEST, GET "content-LENGTH:9007199254740992 \r\n\r\nbody",
	  GOT "9007199254740992 bytes; Host=a; "
	  "content-LENGTH=9007199254740992" },
	{ HEADS_REQUEST, GET "Transfer-Encoding: Chunked\r\n\r\n0\r\n",
	  GOT "chunked; Host=a; Transfer-Encoding=Chunked" },
	{ HEADS_REQUEST, GET "Expect: 100-Continue\r\n\r\n",
	  GOT "none expect; Host=a; Expect=100-Continue" },
	{ HEADS_REQUEST, GET "Expect: 200-ok\r\n\r\n",
	  GOT "none; Host=a; Expect=200-ok" },
	{ HEADS_REQUEST, "GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n",
	  "GET / path=/ close none; Expect=100-continue" },
	/* status lines */
	{ HEADS_RESPONSE, OK "\r\n", "200 OK close until-close" },
	{ HEADS_RESPONSE, "HTTP/1.0 599 \r\n\r\n", "599  close until-close" },
	{ HEADS_RESPONSE, "HTTP/1.1 429\r\nX: y\r\n\r\n",
	  "429  close until-close; X=y" },
	{ HEADS_RESPONSE, "HTTP/1.1 404 Nicht \xc3\xbc\t da\r\n\r\n",
	  "404 Nicht \xc3\xbc\t da close until-close" },
	{ HEADS_RESPONSE, "HTTP/1.1 100 Continue\r\n\r\n" OK,
	  "100 Continue keep none" },
	/* bodies of responses */
	{ HEADS_RESPONSE, OK "Content-Length: 10\r\n\r\n",
	  "200 OK keep 10 bytes; Content-Length=10" },
	{ HEADS_RESPONSE, OK "Transfer-Encoding: chunked\r\n\r\n",
	  "200 OK keep chunked; Transfer-Encoding=chunked" },
	{ HEADS_RESPONSE, OK "Connection: close\r\nContent-Length: 0\r\n\r\n",
	  "200 OK close 0 bytes; Connection=close; Content-Length=0" },
	{ HEADS_RESPONSE, "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"
	  "Content-Length: 1\r\n\r\n",
	  "200 OK keep 1 bytes; Connection=keep-alive; Content-Length=1" },
	{ HEADS_TO_HEAD, OK "Content-Length: 10\r\n\r\n",
	  "200 OK keep none; Content-Length=10" },
	{ HEADS_TO_HEAD, OK "Transfer-Encoding: chunked\r\n\r\n",
	  "200 OK keep none; Transfer-Encoding=chunked" },
	{ HEADS_TO_HEAD, OK "\r\n", "200 OK keep none" },
	{ HEADS_RESPONSE, "HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n",
	  "204 No keep none; Content-Length=0" },
	{ HEADS_RESPONSE, "HTTP/1.1 204 No\r\nContent-Length: 3\r\n\r\n",
	  "204 No close none; Content-Length=3" },
	{ HEADS_RESPONSE, "HTTP/1.1 304 N\r\nContent-Length: 3\r\n\r\n",
	  "304 N keep none; Content-Length=3" },
};

enum { SAMPLES = sizeof samples / sizeof *samples };

static void
put(struct buf *out, const char *before, struct slice text)
{
	buf_text(out, before);
	buf_append(out, text);
}

static void
show_framing(struct buf *out, const struct http_head *head)
{
	static const char *const names[] = {
		[HTTP_NO_BODY] = "none",
		[HTTP_CHUNKED] = "chunked",
		[HTTP_UNTIL_CLOSE] = "until-close",
	};

	if (head->framing == HTTP_LENGTH) {
		buf_u64(out, head->length);
		buf_text(out, " bytes");
	} else {
		buf_text(out, names[head->framing]);
	}
}

static void
show(struct buf *out, enum heads_kind kind, const struct http_head *head)
{
	if (kind == HEADS_REQUEST) {
		put(out, "", head->method);
		put(out, " ", head->target);
		put(out, " path=", head->path);
		if (head->query.len)
			put(out, " query=", head->query);
		if (head->host.len)
			put(out, " host=", head->host);
	} else {
		buf_u64(out, head->status);
		put(out, " ", head->reason);
	}
	buf_text(out, head->keep_alive ? " keep " : " close ");
	show_framing(out, head);
	if (head->expect_continue)
		buf_text(out, " expect");
	for (size_t i = 0; i < head->count; i++) {
		put(out, "; ", head->headers[i].name);
		put(out, "=", head->headers[i].value);
	}
}

/* Where the head of a sample ends: behind its last blank line. */
static size_t
head_len(const char *text)
{
	const char *at = strstr(text + 8, "\r\n\r\n");

	return (size_t)(at - text) + 4;
}

static void
reads_what_is_there(void)
{
	for (size_t i = 0; i < SAMPLES; i++) {
		const struct sample *s = &samples[i];
		struct heads_result r;
		struct buf seen = { 0 };
		struct slice got;

		heads_whole(s->kind, slice_of(s->text), MAX, &r);
		if (r.got != 1)
			printf("%s\n", s->text);
		CHECK(r.got == 1);
		show(&seen, s->kind, &r.head);
		got = buf_slice(&seen);
		CHECK_BYTES(got.ptr, got.len, s->want, strlen(s->want));
		CHECK(r.used == head_len(s->text));
		buf_free(&seen);
	}
}

/* Nothing before the last byte of the head, the same as at once with it. */
static void
cut_anywhere(void)
{
	for (size_t i = 0; i < SAMPLES; i++) {
		const struct sample *s = &samples[i];
		struct slice text = slice_of(s->text);
		struct heads_result whole, part;

		heads_whole(s->kind, text, MAX, &whole);
		for (size_t cut = 0; cut <= text.len; cut++) {
			size_t scanned = 0;

			heads_step(s->kind, text.ptr, cut, MAX, &scanned,
			    &part);
			CHECK(part.got == (cut >= whole.used));
			if (part.got == 0)
				heads_step(s->kind, text.ptr, text.len, MAX,
				    &scanned, &part);
			CHECK(heads_same(&whole, &part));
		}
	}
}

static void
byte_by_byte(void)
{
	for (size_t i = 0; i < SAMPLES; i++) {
		const struct sample *s = &samples[i];
		struct slice text = slice_of(s->text);
		struct heads_result whole, part;

		heads_whole(s->kind, text, MAX, &whole);
		for (size_t step = 1; step < 8; step++) {
			heads_drip(s->kind, text, MAX, step, &part);
			CHECK(heads_same(&whole, &part));
		}
	}
}

static void
at_a_guard_page(void)
{
	for (size_t i = 0; i < SAMPLES; i++) {
		const struct sample *s = &samples[i];

		for (size_t len = 0; len <= strlen(s->text); len++) {
			char *copy = guard_page(s->text, len);
			struct heads_result r;

			heads_whole(s->kind, (struct slice){ copy, len }, MAX,
			    &r);
			CHECK(r.got == (len >= head_len(s->text)));
			guard_page_free(copy, len);
		}
	}
}

/* A head of exactly `max` bytes is read, one byte more is 431. */
static void
length_limit(void)
{
	static const char text[] = GET "X: yyyyyyy\r\n\r\nnext";
	size_t len = head_len(text);
	struct heads_result r, drip;

	heads_whole(HEADS_REQUEST, SLICE(GET "X: yyyyyyy\r\n\r\nnext"), len,
	    &r);
	CHECK(r.got == 1 && r.used == len);
	for (size_t max = 1; max < len; max++) {
		heads_whole(HEADS_REQUEST, slice_of(text), max, &r);
		CHECK(r.got == -1 && r.fault.status == 431);
		/* At once when `max` is reached: there may be no more room. */
		heads_whole(HEADS_REQUEST, slice_sub(slice_of(text), 0, max),
		    max, &drip);
		CHECK(heads_same(&r, &drip));
		heads_drip(HEADS_REQUEST, slice_of(text), max, 1, &drip);
		CHECK(heads_same(&r, &drip));
	}
}

static void
header_limit(void)
{
	struct buf text = { 0 };
	struct heads_result r;

	buf_text(&text, GET);
	for (int i = 1; i < HTTP_HEADERS_MAX; i++)
		buf_text(&text, "a:b\r\n");
	buf_text(&text, "\r\n");
	heads_whole(HEADS_REQUEST, buf_slice(&text), MAX, &r);
	CHECK(r.got == 1 && r.head.count == HTTP_HEADERS_MAX);
	buf_trunc(&text, buf_len(&text) - 2);
	buf_text(&text, "c:d\r\n\r\n");
	heads_whole(HEADS_REQUEST, buf_slice(&text), MAX, &r);
	CHECK(r.got == -1 && r.fault.status == 431);
	buf_free(&text);
}

/* What was scanned is not scanned again: the search starts at *scanned. */
static void
drips_in_linear_time(void)
{
	struct slice text = SLICE(GET "X: 1234\r\n");
	struct http_head head;
	struct http_fault fault;
	size_t scanned = 0, used;

	for (size_t len = 1; len <= text.len; len++) {
		CHECK(http1_parse_request((struct slice){ text.ptr, len }, MAX,
		    &scanned, &head, &used, &fault) == 0);
		CHECK(scanned == len);
	}
}

static void
pipelined(void)
{
	struct slice in = SLICE(GET "\r\nPOST /b HTTP/1.1\r\nHost: c\r\n\r\n");
	struct heads_result r;

	heads_whole(HEADS_REQUEST, in, MAX, &r);
	CHECK(r.got == 1 && slice_is(r.head.method, "GET"));
	in = slice_skip(in, r.used);
	heads_whole(HEADS_REQUEST, in, MAX, &r);
	CHECK(r.got == 1 && slice_is(r.head.method, "POST"));
	CHECK(r.used == in.len);
}

static void
looks_up(void)
{
	struct heads_result r;

	heads_whole(HEADS_REQUEST, SLICE(GET "A: 1\r\na: 2\r\nE:\r\n\r\n"),
	    MAX, &r);
	CHECK(r.got == 1);
	CHECK(slice_is(http1_get(&r.head, SLICE("HOST")), "a"));
	CHECK(slice_is(http1_get(&r.head, SLICE("a")), "1"));
	CHECK(!http1_get(&r.head, SLICE("aa")).ptr);
	CHECK(!http1_get(&r.head, SLICE("")).ptr);
	CHECK(http1_get(&r.head, SLICE("e")).ptr);
	CHECK(!http1_get(&r.head, SLICE("e")).len);
	CHECK(http1_has_token(SLICE("a, B\t,c"), SLICE("b")));
	CHECK(http1_has_token(SLICE(",, b"), SLICE("B")));
	CHECK(!http1_has_token(SLICE("ab, b c"), SLICE("b")));
	CHECK(!http1_has_token((struct slice){ 0 }, SLICE("b")));
}

static void
prints(void)
{
	static const char want[] = "POST /a?b HTTP/1.1\r\nX: y z\r\nN: 42\r\n"
	    "E: \r\n\r\nHTTP/1.1 429 Too Many Requests\r\n"
	    "HTTP/1.1 599 \r\n";
	struct buf out = { 0 };
	struct slice got;

	http1_put_request(&out, SLICE("POST"), SLICE("/a?b"));
	http1_put_header(&out, SLICE("X"), SLICE("y z"));
	http1_put_number(&out, SLICE("N"), 42);
	http1_put_header(&out, SLICE("E"), (struct slice){ 0 });
	http1_put_end(&out);
	http1_put_status(&out, 429);
	http1_put_status(&out, 599);
	got = buf_slice(&out);
	CHECK(!out.failed);
	CHECK_BYTES(got.ptr, got.len, want, sizeof want - 1);
	buf_free(&out);
}

static void
injects_nothing(void)
{
	static const char *const names[] = {
		"", "a b", "a:", "a\r\nb", "\xc3",
	};
	struct buf out = { 0 };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		http1_put_header(&out, slice_of(names[i]), SLICE("v"));
		http1_put_number(&out, slice_of(names[i]), 1);
	}
	for (int c = 0; c < 0x80; c++) {
		char value[3] = { 'a', (char)c, 'b' };

		if (c == '\t' || (c >= ' ' && c != 0x7f))
			continue;
		http1_put_header(&out, SLICE("X"), (struct slice){ value, 3 });
	}
	CHECK(buf_len(&out) == 0 && !out.failed);
	for (int c = 0; c < 0x100; c++) {
		char target[3] = { '/', (char)c, 'b' };
		bool fit = c > ' ' && c < 0x7f;

		http1_put_request(&out, SLICE("GET"),
		    (struct slice){ target, 3 });
		CHECK(out.failed == !fit);
		buf_clear(&out);
	}
	http1_put_request(&out, SLICE("G T"), SLICE("/"));
	CHECK(out.failed && buf_len(&out) == 0);
	buf_free(&out);
}

TESTS(
	{ "reads what is there", reads_what_is_there },
	{ "cut anywhere", cut_anywhere },
	{ "byte by byte", byte_by_byte },
	{ "at a guard page", at_a_guard_page },
	{ "length limit", length_limit },
	{ "header limit", header_limit },
	{ "drips in linear time", drips_in_linear_time },
	{ "pipelined", pipelined },
	{ "looks up", looks_up },
	{ "prints", prints },
	{ "injects nothing", injects_nothing })
