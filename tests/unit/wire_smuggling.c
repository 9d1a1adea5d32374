/*
 * Heads and chunks that two readers could understand in two ways, or that are
 * plainly broken: each is refused, with the right status, wherever it is cut.
 */
#include "test.h"
#include "wire/body.h"
#include "wire_heads.h"

enum { MAX = 512 };

struct bad {
	unsigned	 status;
	struct slice	 text;
};

#define BAD(status, text)	{ status, SLICE_INIT(text) }
#define TOP		"POST / HTTP/1.1\r\nHost: a\r\n"
#define END		"\r\n\r\n"
#define H_CL		"Content-Length: "
#define H_TE		"Transfer-Encoding: "
#define CHUNKED		H_TE "chunked\r\n"

static const struct bad requests[] = {
	/* bare LF and bare CR, in every kind of place */
	BAD(400, "GET / HTTP/1.1\nHost: a\r\n\r\n"),
	BAD(400, "GET / HTTP/1.1\nHost: a\n\n"),
	BAD(400, "GET / HTTP/1.1\r\nHost: a\n\r\n"),
	BAD(400, "GET / HTTP/1.1\r\nHost: a\r\n\n"),
	BAD(400, TOP "X: y\n" H_CL "1" END),
	BAD(400, "\nGET / HTTP/1.1\r\nHost: a" END),
	BAD(400, "GET / HTTP/1.1\rHost: a" END),
	BAD(400, "GET /\rx HTTP/1.1\r\nHost: a" END),
	BAD(400, TOP "X: y\rZ: w" END),
	BAD(400, TOP "X: y\r" END),
	BAD(400, TOP "X\r: y" END),
	BAD(400, TOP "X:\ry" END),
	BAD(400, TOP "X: y\r\r\n\r\n"),
	BAD(400, "GET / HTTP/1.1\r\r\nHost: a" END),
	BAD(400, TOP "\rX: y" END),
	BAD(400, "\rGET / HTTP/1.1\r\nHost: a" END),
	BAD(400, "\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a" END),
	/* request line */
	BAD(400, " GET / HTTP/1.1\r\nHost: a" END),
	BAD(400, "\tGET / HTTP/1.1\r\nHost: a" END),
	BAD(400, "GET  / HTTP/1.1\r\nHost: a" END),
	BAD(400, "GET /  HTTP/1.1\r\nHost: a" END),
	BAD(400, "GET\t/ HTTP/1.1\r\nHost: a" END),
	BAD(400, "GET /\tHTTP/1.1\r\nHost: a" END),
	BAD(400, "GET / HTTP/1.1 \r\nHost: a" END),
	BAD(400, "GET / HTTP/1.1 x\r\nHost: a" END),
	BAD(400, "GET / a HTTP/1.1\r\nHost: a" END),
	BAD(400, "GET HTTP/1.1\r\nHost: a" END),
	BAD(400, "GET /\r\nHost: a" END),
	BAD(400, "GET\r\nHost: a" END),
	BAD(400, "G(T / HTTP/1.1\r\nHost: a" END),
	BAD(400, "G\0T / HTTP/1.1\r\nHost: a" END),
	BAD(400, "G\xc3\xa9T / HTTP/1.1\r\nHost: a" END),
	BAD(400, ": / HTTP/1.1\r\nHost: a" END),
	BAD(400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
	BAD(400, "GET /\0 HTTP/1.1\r\nHost: a" END),
	BAD(400, "GET /\x01 HTTP/1.1\r\nHost: a" END),
	BAD(400, "GET /\x7f HTTP/1.1\r\nHost: a" END),
	BAD(400, "GET /\xc3\xa9 HTTP/1.1\r\nHost: a" END),
	BAD(400, "GET /a#b HTTP/1.1\r\nHost: a" END),
	BAD(400, "GET a HTTP/1.1\r\nHost: a" END),
	BAD(400, "GET ?a HTTP/1.1\r\nHost: a" END),
	BAD(400, "GET * HTTP/1.1\r\nHost: a" END),
	BAD(400, "GET ftp://a/ HTTP/1.1\r\nHost: a" END),
	BAD(400, "GET http:/a HTTP/1.1\r\nHost: a" END),
	BAD(400, "GET http:// HTTP/1.1\r\nHost: a" END),
	BAD(400, "GET http:///a HTTP/1.1\r\nHost: a" END),
	BAD(400, "GET http://u@a/ HTTP/1.1\r\nHost: a" END),
	BAD(400, "GET http://a:b/ HTTP/1.1\r\nHost: a" END),
	BAD(400, "GET / http/1.1\r\nHost: a" END),
	BAD(400, "GET / HTTP/1\r\nHost: a" END),
	BAD(400, "GET / HTTP/11\r\nHost: a" END),
	BAD(400, "GET / HTTP/1.10\r\nHost: a" END),
	BAD(400, "GET / HTTP/1.1x\r\nHost: a" END),
	BAD(400, "GET / HTTP/01.1\r\nHost: a" END),
	BAD(400, "GET / HTTP/1,1\r\nHost: a" END),
	BAD(400, "GET / HTTP/+1.1\r\nHost: a" END),
	BAD(400, "GET / HTTPS/1.1\r\nHost: a" END),
	BAD(505, "GET / HTTP/1.2\r\nHost: a" END),
	BAD(505, "GET / HTTP/0.9\r\nHost: a" END),
	BAD(505, "GET / HTTP/2.0\r\nHost: a" END),
	BAD(505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
	BAD(501, "CONNECT a:443 HTTP/1.1\r\nHost: a:443" END),
	/* field lines */
	BAD(400, "GET / HTTP/1.1\r\n Host: a" END),
	BAD(400, TOP "X: y\r\n z" END),
	BAD(400, TOP "X: y\r\n\tz" END),
	BAD(400, TOP "X:\r\n " H_CL "1" END),
	BAD(400, TOP "X: y\r\n \r\n\r\n"),
	BAD(400, TOP "X : y" END),
	BAD(400, TOP "X\t: y" END),
	BAD(400, TOP "Content-Length : 1" END),
	BAD(400, TOP "Transfer-Encoding : chunked" END),
	BAD(400, TOP ": y" END),
	BAD(400, TOP ":" END),
	BAD(400, TOP "X" END),
	BAD(400, TOP "X y: z" END),
	BAD(400, TOP "X(: z" END),
	BAD(400, TOP "\"X\": z" END),
	BAD(400, TOP "X\0: z" END),
	BAD(400, TOP "X\x7f: z" END),
	BAD(400, TOP "Caf\xc3\xa9: z" END),
	BAD(400, TOP "X: \0" END),
	BAD(400, TOP "X: y\0z" END),
	BAD(400, TOP "X: abcdefgh\x01z" END),
	BAD(400, TOP "X: \x0b" END),
	BAD(400, TOP "X: y\x0c" END),
	BAD(400, TOP "X: \x1bz" END),
	BAD(400, TOP "X: \x7f" END),
	BAD(400, TOP "X: 1234567\x7f" END),
	/* host */
	BAD(400, "GET / HTTP/1.1\r\n\r\n"),
	BAD(400, "GET / HTTP/1.1\r\nHos: a" END),
	BAD(400, "GET / HTTP/1.1\r\nHost:" END),
	BAD(400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a" END),
	BAD(400, "GET / HTTP/1.1\r\nHost: a\r\nhost: b" END),
	BAD(400, "GET / HTTP/1.0\r\nHost: a\r\nHost: a" END),
	BAD(400, "GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: a" END),
	BAD(400, "GET http://a/ HTTP/1.1\r\n\r\n"),
	BAD(400, "GET / HTTP/1.1\r\nHost: a b" END),
	BAD(400, "GET / HTTP/1.1\r\nHost: a, b" END),
	BAD(400, "GET / HTTP/1.1\r\nHost: u@a" END),
	BAD(400, "GET / HTTP/1.1\r\nHost: a/b" END),
	BAD(400, "GET / HTTP/1.1\r\nHost: http://a" END),
	BAD(400, "GET / HTTP/1.1\r\nHost: a:b" END),
	BAD(400, "GET / HTTP/1.1\r\nHost: a:1:2" END),
	BAD(400, "GET / HTTP/1.1\r\nHost: []" END),
	BAD(400, "GET / HTTP/1.1\r\nHost: [:]" END),
	BAD(400, "GET / HTTP/1.1\r\nHost: [::1" END),
	BAD(400, "GET / HTTP/1.1\r\nHost: [::1]x" END),
	BAD(400, "GET / HTTP/1.1\r\nHost: :80" END),
	/* content length */
	BAD(400, TOP H_CL "1\r\n" H_CL "1" END),
	BAD(400, TOP H_CL "1\r\n" H_CL "2" END),
	BAD(400, TOP H_CL "0\r\ncontent-length: 5" END),
	BAD(400, TOP H_CL "1, 1" END),
	BAD(400, TOP H_CL "1,2" END),
	BAD(400, TOP H_CL "" END),
	BAD(400, TOP H_CL "+1" END),
	BAD(400, TOP H_CL "-1" END),
	BAD(400, TOP H_CL "0x1" END),
	BAD(400, TOP H_CL "1 2" END),
	BAD(400, TOP H_CL "1\t2" END),
	BAD(400, TOP H_CL "1.0" END),
	BAD(400, TOP H_CL "1e1" END),
	BAD(400, TOP H_CL "\"1\"" END),
	BAD(400, TOP H_CL "1;" END),
	BAD(400, TOP H_CL "\xd9\xa1" END),
	BAD(400, TOP H_CL "9007199254740993" END),
	BAD(400, TOP H_CL "18446744073709551616" END),
	BAD(400, TOP H_CL "18446744073709551617" END),
	BAD(400, TOP H_CL "99999999999999999999999999999999" END),
	BAD(400, TOP H_CL "1\0" END),
	BAD(400, TOP H_CL "\x0b" "1" END),
	/* transfer encoding */
	BAD(400, TOP CHUNKED H_CL "1" END),
	BAD(400, TOP H_CL "1\r\n" CHUNKED "\r\n"),
	BAD(400, TOP H_TE "gzip\r\n" H_CL "1" END),
	BAD(400, TOP H_TE "\r\n" H_CL "1" END),
	BAD(400, TOP CHUNKED CHUNKED "\r\n"),
	BAD(400, TOP CHUNKED H_TE "identity" END),
	BAD(400, TOP H_TE "identity\r\n" CHUNKED "\r\n"),
	BAD(400, TOP H_TE "" END),
	BAD(400, "POST / HTTP/1.0\r\n" CHUNKED "\r\n"),
	BAD(400, TOP H_TE "\x0b" "chunked" END),
	BAD(400, TOP H_TE "chunked\x0c" END),
	BAD(400, TOP H_TE "\r\n chunked" END),
	BAD(400, TOP H_TE "chunked\0" END),
	BAD(501, TOP H_TE "gzip" END),
	BAD(501, TOP H_TE "identity" END),
	BAD(400, TOP H_TE "gzip, chunked" END),
	BAD(400, TOP H_TE "chunked, gzip" END),
	BAD(400, TOP H_TE "chunked, chunked" END),
	BAD(400, TOP H_TE "chunked," END),
	BAD(400, TOP H_TE ", chunked" END),
	BAD(501, TOP H_TE "chunked;a=b" END),
	BAD(501, TOP H_TE "\"chunked\"" END),
	BAD(501, TOP H_TE "xchunked" END),
	BAD(501, TOP H_TE "chunke" END),
	BAD(501, TOP H_TE "chun ked" END),
	BAD(501, TOP H_TE "chunked\xa0" END),
};

#define OK	"HTTP/1.1 200 OK\r\n"

static const struct bad responses[] = {
	BAD(400, "HTTP/1.1 200 OK\nX: y" END),
	BAD(400, "\r\n" OK "\r\n"),
	BAD(400, " HTTP/1.1 200 OK" END),
	BAD(400, "http/1.1 200 OK" END),
	BAD(400, "ICY 200 OK" END),
	BAD(400, "HTTP/1.1  200 OK" END),
	BAD(400, "HTTP/1.1\t200 OK" END),
	BAD(400, "HTTP/1.1" END),
	BAD(400, "HTTP/1.1 " END),
	BAD(400, "HTTP/1.1 20" END),
	BAD(400, "HTTP/1.1 20 OK" END),
	BAD(400, "HTTP/1.1 2000 OK" END),
	BAD(400, "HTTP/1.1 200OK" END),
	BAD(400, "HTTP/1.1 099 OK" END),
	BAD(400, "HTTP/1.1 600 OK" END),
	BAD(400, "HTTP/1.1 -20 OK" END),
	BAD(400, "HTTP/1.1 2x0 OK" END),
	BAD(400, "HTTP/1.1 200\tOK" END),
	BAD(400, "HTTP/1.1 200 O\rK" END),
	BAD(400, "HTTP/1.1 200 O\0K" END),
	BAD(400, "HTTP/1.1 200 OK\x7f" END),
	BAD(505, "HTTP/2.0 200 OK" END),
	BAD(505, "HTTP/1.2 200 OK" END),
	BAD(400, OK "X: y\r\n z" END),
	BAD(400, OK " X: y" END),
	BAD(400, OK "X : y" END),
	BAD(400, OK "X: y\rz" END),
	BAD(400, OK H_CL "1\r\n" H_CL "1" END),
	BAD(400, OK H_CL "1, 1" END),
	BAD(400, OK H_CL "-1" END),
	BAD(400, OK H_CL "1\r\n" CHUNKED "\r\n"),
	BAD(400, OK CHUNKED CHUNKED "\r\n"),
	BAD(400, "HTTP/1.0 200 OK\r\n" CHUNKED "\r\n"),
	BAD(400, "HTTP/1.1 204 N\r\n" H_CL "1\r\n" CHUNKED "\r\n"),
	BAD(400, "HTTP/1.1 304 N\r\n" H_CL "x" END),
	BAD(400, OK H_TE "gzip, chunked" END),
	BAD(501, OK H_TE "identity" END),
};

/* The framing of chunks knows no status: the first column is not used. */
static const struct bad chunks[] = {
	BAD(0, "\r\n"),
	BAD(0, "\n"),
	BAD(0, " 1\r\na\r\n"),
	BAD(0, "\t1\r\na\r\n"),
	BAD(0, "1 \r\na\r\n"),
	BAD(0, "1\t\r\na\r\n"),
	BAD(0, "1 ;x\r\na\r\n"),
	BAD(0, "+1\r\na\r\n"),
	BAD(0, "-1\r\na\r\n"),
	BAD(0, "0x1\r\na\r\n"),
	BAD(0, "1g\r\na\r\n"),
	BAD(0, "1h\r\na\r\n"),
	BAD(0, "1,\r\na\r\n"),
	BAD(0, "1_0\r\na\r\n"),
	BAD(0, "\"1\"\r\na\r\n"),
	BAD(0, "1\0\r\na\r\n"),
	BAD(0, "\0" "1\r\na\r\n"),
	BAD(0, "\xd9\xa1\r\na\r\n"),
	BAD(0, ";x\r\na\r\n"),
	BAD(0, "1\na\r\n"),
	BAD(0, "1\ra\r\n"),
	BAD(0, "1\r\r\na\r\n"),
	BAD(0, "1\r\na\n"),
	BAD(0, "1\r\na\r0\r\n"),
	BAD(0, "1\r\na0\r\n"),
	BAD(0, "1\r\nab\r\n"),
	BAD(0, "1\r\na\n\r\n"),
	BAD(0, "1\r\na\r\n\r\n"),
	BAD(0, "1\r\na\r\n \r\n"),
	BAD(0, "2\r\na\r\n0\r\n\r\n"),
	BAD(0, "1;x\na\r\n"),
	BAD(0, "1;x\ra\r\n"),
	BAD(0, "1;x\r\r\na\r\n"),
	BAD(0, "1;x=\"\n\"\r\na\r\n"),
	BAD(0, "1;\0\r\na\r\n"),
	BAD(0, "1;\x7f\r\na\r\n"),
	BAD(0, "00000000000000001\r\na\r\n"),
	BAD(0, "10000000000000000\r\na\r\n"),
	BAD(0, "10000000000000001\r\na\r\n"),
	BAD(0, "ffffffffffffffff\r\na\r\n"),
	BAD(0, "fffffffffffffffff\r\na\r\n"),
	BAD(0, "8000000000000000\r\na\r\n"),
	BAD(0, "0\n\r\n"),
	BAD(0, "0\r\n\n"),
	BAD(0, "0\r\n\rx"),
	BAD(0, "0\r\r\n\r\n"),
	BAD(0, "0\r\nX\r\n\r\n"),
	BAD(0, "0\r\nX y: z\r\n\r\n"),
	BAD(0, "0\r\nX : z\r\n\r\n"),
	BAD(0, "0\r\n: z\r\n\r\n"),
	BAD(0, "0\r\n X: z\r\n\r\n"),
	BAD(0, "0\r\nX: y\n\r\n"),
	BAD(0, "0\r\nX: y\rz\r\n\r\n"),
	BAD(0, "0\r\nX: y\r\n z\r\n\r\n"),
	BAD(0, "0\r\nX: \0\r\n\r\n"),
	BAD(0, "0\r\nX: y\r\n\n"),
	BAD(0, "0\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
	BAD(0, "1\r\na\r\n0\r\n0\r\n\r\n"),
};

static void
refuse_head(enum heads_kind kind, const struct bad *bad)
{
	struct heads_result whole, part;

	heads_whole(kind, bad->text, MAX, &whole);
	if (whole.got != -1 || whole.fault.status != bad->status)
		printf("got %d, status %u, for: %.*s\n", whole.got,
		    whole.got == -1 ? whole.fault.status : 0,
		    SLICE_FMT(bad->text));
	CHECK(whole.got == -1 && whole.fault.status == bad->status);
	CHECK(whole.fault.why && *whole.fault.why);
	for (size_t step = 1; step < 4; step++) {
		heads_drip(kind, bad->text, MAX, step, &part);
		CHECK(heads_same(&whole, &part));
	}
	for (size_t cut = 0; cut <= bad->text.len; cut++) {
		char *copy = guard_page(bad->text.ptr, cut);

		heads_whole(kind, (struct slice){ copy, cut }, MAX, &part);
		CHECK(part.got <= 0);
		guard_page_free(copy, cut);
	}
}

static void
requests_refused(void)
{
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
		refuse_head(HEADS_REQUEST, &requests[i]);
}

static void
responses_refused(void)
{
	for (size_t i = 0; i < sizeof responses / sizeof *responses; i++) {
		refuse_head(HEADS_RESPONSE, &responses[i]);
		refuse_head(HEADS_TO_HEAD, &responses[i]);
	}
}

/* Feed by `step` bytes; true if the framing was found bad. */
static bool
chunks_bad(struct slice text, size_t step)
{
	struct http_head head = { .framing = HTTP_CHUNKED };
	struct body body;
	struct slice piece;
	size_t at = 0, end = 0, used;
	int got = 0;

	body_begin(&body, &head);
	while (got >= 0 && at < text.len) {
		if (got == 0)
			end = text.len - end < step ? text.len : end + step;
		got = body_next(&body, slice_sub(text, at, end - at), &used,
		    &piece);
		CHECK(!body.done && used <= end - at);
		at += used;
	}
	if (got < 0) {
		CHECK(body.fault && *body.fault);
		CHECK(body_next(&body, text, &used, &piece) == -1);
		CHECK(!body_end(&body));
	}
	return got < 0;
}

static void
chunks_refused(void)
{
	for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++)
		for (size_t step = 1; step <= chunks[i].text.len; step++) {
			bool refused = chunks_bad(chunks[i].text, step);

			if (!refused)
				printf("accepted: %.*s\n",
				    SLICE_FMT(chunks[i].text));
			CHECK(refused);
		}
}

/* Any single byte put anywhere into a good head: no crash, no early end. */
static void
one_byte_wrong(void)
{
	static const char good[] = TOP H_CL "1" END;
	size_t len = sizeof good - 1;
	char text[sizeof good];
	struct heads_result r;

	for (size_t i = 0; i < len; i++)
		for (int c = 0; c < 0x100; c++) {
			memcpy(text, good, len);
			text[i] = (char)c;
			heads_whole(HEADS_REQUEST, (struct slice){ text, len },
			    MAX, &r);
			CHECK(r.got != 1 || r.used == len);
			if (c < ' ' && c != good[i] && c != '\t')
				CHECK(r.got <= 0);
		}
}

TESTS(
	{ "requests refused", requests_refused },
	{ "responses refused", responses_refused },
	{ "chunks refused", chunks_refused },
	{ "one byte wrong", one_byte_wrong })
