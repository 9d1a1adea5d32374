/*
 * wire_speed - what the readers of wire/ cost: nanoseconds per head, event and
 * chunk, the best of many rounds.
 *
 *	musl-gcc -static -O2 -std=c11 -D_GNU_SOURCE -Isrc -o wire_speed \
 *	    tests/bench/wire_speed.c src/wire/[a-z]*.c \
 *	    src/base/{slice,buf,arena,check}.c && ./wire_speed
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/check.h"
#include "wire/body.h"
#include "wire/http1.h"
#include "wire/sse.h"

enum { ROUNDS = 200, TIMES = 2000 };

#define REQUEST \
	"POST /v1/chat/completions HTTP/1.1\r\n" \
	"Host: 127.0.0.1:4000\r\n" \
	"Connection: keep-alive\r\n" \
	"Accept: application/json\r\n" \
	"Content-Type: application/json\r\n" \
	"User-Agent: Client/JS 6.49.0\r\n" \
	"X-Client-Retry-Count: 0\r\n" \
	"X-Client-Lang: js\r\n" \
	"X-Client-Package-Version: 6.49.0\r\n" \
	"X-Client-OS: Linux\r\n" \
	"X-Client-Arch: x64\r\n" \
	"X-Client-Runtime: node\r\n" \
	"X-Client-Runtime-Version: v20.20.0\r\n" \
	"Authorization: Bearer sk-0123456789abcdef0123456789abcdef\r\n" \
	"Accept-Language: *\r\n" \
	"Accept-Encoding: gzip, deflate\r\n" \
	"Content-Length: 4096\r\n\r\n"

#define RESPONSE \
	"HTTP/1.1 200 OK\r\n" \
	"Date: Sat, 21 Nov 2026 10:00:00 GMT\r\n" \
	"Content-Type: text/event-stream; charset=utf-8\r\n" \
	"Transfer-Encoding: chunked\r\n" \
	"Connection: keep-alive\r\n" \
	"Cache-Control: no-cache\r\n" \
	"X-Request-Id: req_0123456789abcdef0123456789abcdef\r\n" \
	"X-Ratelimit-Limit-Requests: 5000\r\n" \
	"X-Ratelimit-Remaining-Requests: 4999\r\n" \
	"Strict-Transport-Security: max-age=31536000\r\n\r\n"

#define EVENT \
	"event: content_block_delta\n" \
	"data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":" \
	"{\"type\":\"text_delta\",\"text\":\" a few words\"}}\n\n"

#define CHUNK \
	"data: {\"id\":\"chatcmpl-0123456789abcdefghijklmnopqrs\"," \
	"\"object\":\"chat.completion.chunk\",\"created\":1700000000," \
	"\"model\":\"gpt-4o-2024-08-06\",\"system_fingerprint\":" \
	"\"fp_0123456789\",\"choices\":[{\"index\":0,\"delta\":" \
	"{\"content\":\" word\"},\"logprobs\":null," \
	"\"finish_reason\":null}]}\n\n"

static long
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void
request_head(void)
{
	static struct http_head head;
	struct http_fault fault;
	size_t scanned = 0, used;

	CHECK(http1_parse_request(SLICE(REQUEST), 65536, &scanned, &head,
	    &used, &fault) == 1);
}

static void
response_head(void)
{
	static struct http_head head;
	struct http_fault fault;
	size_t scanned = 0, used;

	CHECK(http1_parse_response(SLICE(RESPONSE), 65536, &scanned, false,
	    &head, &used, &fault) == 1);
}

static void
read_event(struct slice text)
{
	static struct sse_reader reader;
	static struct buf in;
	struct sse_event ev;

	buf_append(&in, text);
	CHECK(sse_next(&reader, &in, &ev) == 1);
	CHECK(sse_next(&reader, &in, &ev) == 0);
}

static void
messages_event(void)
{
	read_event(SLICE(EVENT));
}

static void
chat_event(void)
{
	read_event(SLICE(CHUNK));
}

static void
write_event(void)
{
	static struct buf out;
	size_t mark = body_chunk_open(&out);

	sse_put(&out, SLICE("content_block_delta"), SLICE("{\"delta\":1}"));
	body_chunk_close(&out, mark);
	buf_take(&out, buf_len(&out));
}

/* One chunk in, its data out; the body never ends. */
static void
read_chunk(void)
{
	static const struct http_head head = { .framing = HTTP_CHUNKED };
	static struct body body;
	struct slice in = SLICE("7f\r\n" EVENT "\r\n"), piece;
	size_t used;

	body_begin(&body, &head);
	CHECK(body_next(&body, in, &used, &piece) == 1);
	CHECK(body_next(&body, slice_skip(in, used), &used, &piece) == 0);
}

static const struct {
	const char	*name;
	size_t		 bytes;
	void		(*fn)(void);
} things[] = {
	{ "request head, 16 fields", sizeof REQUEST - 1, request_head },
	{ "response head, 9 fields", sizeof RESPONSE - 1, response_head },
	{ "event of Messages", sizeof EVENT - 1, messages_event },
	{ "event of Chat", sizeof CHUNK - 1, chat_event },
	{ "event written in a chunk", 58, write_event },
	{ "chunk read", sizeof EVENT - 1, read_chunk },
};

int
main(void)
{
	for (size_t i = 0; i < sizeof things / sizeof *things; i++) {
		long best = 0;

		for (int round = 0; round < ROUNDS; round++) {
			long start = now_ns(), took;

			for (int n = 0; n < TIMES; n++)
				things[i].fn();
			took = (now_ns() - start) / TIMES;
			if (!best || took < best)
				best = took;
		}
		printf("%-26s %5zu bytes %6ld ns\n", things[i].name,
		    things[i].bytes, best);
	}
	return 0;
}
