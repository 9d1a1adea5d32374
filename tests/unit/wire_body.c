/* Bodies of all framings, cut anywhere, and chunks written and read again. */
#include "test.h"
#include "wire/body.h"

struct sample {
	enum http_framing framing;
	uint64_t	 length;
	struct slice	 text, want;	/* what of it is the body */
	size_t		 used;
	bool		 done;
};

#define CHUNKS(text, want, used) \
	{ HTTP_CHUNKED, 0, SLICE_INIT(text), SLICE_INIT(want), used, true }

static const struct sample samples[] = {
	{ HTTP_NO_BODY, 0, SLICE_INIT("next"), SLICE_INIT(""), 0, true },
	{ HTTP_LENGTH, 0, SLICE_INIT("next"), SLICE_INIT(""), 0, true },
	{ HTTP_LENGTH, 4, SLICE_INIT("bodynext"), SLICE_INIT("body"), 4, true },
	{ HTTP_LENGTH, 9, SLICE_INIT("short"), SLICE_INIT("short"), 5, false },
	{ HTTP_UNTIL_CLOSE, 0, SLICE_INIT("all"), SLICE_INIT("all"), 3, true },
	{ HTTP_UNTIL_CLOSE, 0, SLICE_INIT(""), SLICE_INIT(""), 0, true },
	CHUNKS("0\r\n\r\nnext", "", 5),
	CHUNKS("0000000000000000\r\n\r\n", "", 20),
	CHUNKS("1\r\na\r\n2\r\nbc\r\n0\r\n\r\n0\r\n\r\n", "abc", 18),
	CHUNKS("0000000000000003\r\n\r\n0\r\n0\r\n\r\n", "\r\n0", 28),
	CHUNKS("a\r\n0123456789\r\nA\r\nabcdefghij\r\n0\r\n\r\n",
	    "0123456789abcdefghij", 35),
	CHUNKS("1;\r\na\r\n1;x=\"y z\"\t;w\r\nb\r\n0;end\r\n\r\n", "ab", 33),
	CHUNKS("1;\xc3\xa9\r\na\r\n0\r\n\r\n", "a", 14),
	CHUNKS("1\r\na\r\n0\r\nX: y\r\nZ:\r\n\r\nX", "a", 21),
};

enum { SAMPLES = sizeof samples / sizeof *samples };

struct reader {
	struct body	 body;
	struct buf	 seen;
	size_t		 at;		/* of the text, used so far */
};

static void
begin(struct reader *r, const struct sample *s)
{
	struct http_head head = { .framing = s->framing, .length = s->length };

	*r = (struct reader){ 0 };
	body_begin(&r->body, &head);
}

/* Read what there is in the first `len` bytes of the text. */
static void
feed(struct reader *r, struct slice text, size_t len)
{
	struct slice piece;
	size_t used;
	int got;

	do {
		struct slice in = slice_sub(text, r->at, len - r->at);

		got = body_next(&r->body, in, &used, &piece);
		CHECK(got >= 0);
		CHECK(used <= in.len);
		CHECK((got == 1) == (piece.len > 0));
		if (got == 1)
			CHECK(piece.ptr >= in.ptr &&
			    piece.ptr + piece.len == in.ptr + used);
		buf_append(&r->seen, piece);
		r->at += used;
	} while (got == 1);
}

static void
check_read(struct reader *r, const struct sample *s)
{
	struct slice seen = buf_slice(&r->seen);

	CHECK_BYTES(seen.ptr, seen.len, s->want.ptr, s->want.len);
	CHECK(r->at == s->used);
	CHECK(r->body.done == (s->done && s->framing != HTTP_UNTIL_CLOSE));
	CHECK(body_end(&r->body) == s->done);
	CHECK(r->body.done == s->done);
	buf_free(&r->seen);
}

static void
cut_anywhere(void)
{
	for (size_t i = 0; i < SAMPLES; i++)
		for (size_t cut = 0; cut <= samples[i].text.len; cut++) {
			struct reader r;

			begin(&r, &samples[i]);
			feed(&r, samples[i].text, cut);
			feed(&r, samples[i].text, samples[i].text.len);
			check_read(&r, &samples[i]);
		}
}

static void
byte_by_byte(void)
{
	for (size_t i = 0; i < SAMPLES; i++) {
		struct reader r;

		begin(&r, &samples[i]);
		for (size_t n = 0; n <= samples[i].text.len; n++)
			feed(&r, samples[i].text, n);
		check_read(&r, &samples[i]);
	}
}

static void
at_a_guard_page(void)
{
	for (size_t i = 0; i < SAMPLES; i++) {
		struct slice text = samples[i].text;

		for (size_t len = 0; len <= text.len; len++) {
			char *copy = guard_page(text.ptr, len);
			struct reader r;

			begin(&r, &samples[i]);
			feed(&r, (struct slice){ copy, len }, len);
			CHECK(r.at <= samples[i].used);
			buf_free(&r.seen);
			guard_page_free(copy, len);
		}
	}
}

/* The peer closes before the end: never taken for the end. */
static void
truncated(void)
{
	for (size_t i = 0; i < SAMPLES; i++)
		for (size_t len = 0; len < samples[i].used; len++) {
			struct reader r;

			if (samples[i].framing == HTTP_UNTIL_CLOSE)
				continue;
			begin(&r, &samples[i]);
			feed(&r, samples[i].text, len);
			CHECK(!body_end(&r.body));
			buf_free(&r.seen);
		}
}

/* How much of an endless repetition of `text` behind `start` is swallowed. */
static size_t
swallowed(struct slice start, struct slice text, size_t most)
{
	struct http_head head = { .framing = HTTP_CHUNKED };
	struct body body;
	struct slice in = start, piece;
	size_t sum = 0, used;

	body_begin(&body, &head);
	while (sum < most) {
		int got = body_next(&body, in, &used, &piece);

		sum += used;
		if (got < 0)
			break;
		in = slice_skip(in, used);
		if (!in.len)
			in = text;
	}
	return sum;
}

static void
extras_are_bounded(void)
{
	enum { MANY = 1 << 20 };

	CHECK(swallowed(SLICE("1;"), SLICE("x"), MANY) <= BODY_EXTRA_MAX + 8);
	CHECK(swallowed(SLICE("0\r\n"), SLICE("X: y\r\n"), MANY) <=
	    2 * BODY_EXTRA_MAX);
	CHECK(swallowed(SLICE(""), SLICE("1;xxxxxxxxx\r\na\r\n"), MANY) <=
	    2 * BODY_EXTRA_MAX);
	/* Extensions shorter than what they come with may go on for ever. */
	CHECK(swallowed(SLICE(""), SLICE("4;xxxx\r\nabcd\r\n"), MANY) >= MANY);
	CHECK(swallowed(SLICE(""), SLICE("1\r\na\r\n"), MANY) >= MANY);
}

static void
check_text(struct buf *out, const char *want)
{
	struct slice got = buf_slice(out);

	CHECK(!out->failed);
	CHECK_BYTES(got.ptr, got.len, want, strlen(want));
	buf_free(out);
}

static void
writes(void)
{
	struct buf out = { 0 };
	size_t mark;

	body_put_chunk(&out, SLICE("a"));
	body_put_chunk(&out, SLICE(""));
	body_put_chunk(&out, SLICE("0123456789abcdef0"));
	mark = body_chunk_open(&out);
	body_chunk_close(&out, mark);
	mark = body_chunk_open(&out);
	buf_text(&out, "in place");
	body_chunk_close(&out, mark);
	body_put_last(&out);
	check_text(&out, "1\r\na\r\n11\r\n0123456789abcdef0\r\n"
	    "0008\r\nin place\r\n0\r\n\r\n");
}

/* A buf that could not take all fails for good, and nothing is broken. */
static void
writes_until_full(void)
{
	for (size_t limit = 1; limit < 40; limit++) {
		struct buf out = { .limit = limit };
		size_t mark = body_chunk_open(&out);

		buf_text(&out, "in place");
		body_chunk_close(&out, mark);
		body_put_chunk(&out, SLICE("0123456789"));
		body_put_last(&out);
		CHECK(out.failed == (limit < 16 + 15 + 5));
		CHECK(buf_len(&out) <= limit);
		buf_free(&out);
	}
}

static uint32_t
draw(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* Write `plain` in chunks of random length, in both ways. */
static void
put_chunks(struct buf *out, struct slice plain, uint32_t *seed)
{
	while (plain.len) {
		uint32_t most = draw(seed) % 8 ? 100 : 200000;
		struct slice piece = slice_sub(plain, 0, draw(seed) % most);

		plain = slice_skip(plain, piece.len);
		if (draw(seed) % 2) {
			body_put_chunk(out, piece);
		} else {
			size_t mark = body_chunk_open(out);

			buf_append(out, piece);
			body_chunk_close(out, mark);
		}
	}
	body_put_last(out);
}

static void
round_trip(void)
{
	for (uint32_t round = 1; round <= 20; round++) {
		uint32_t seed = round;
		struct sample s = { .framing = HTTP_CHUNKED };
		struct buf plain = { 0 }, out = { 0 };
		struct reader r;
		size_t len = draw(&seed) % 400000, at = 0;

		printf("  seed %u\n", (unsigned)seed);
		for (size_t i = 0; i < len; i++)
			buf_byte(&plain, (char)draw(&seed));
		put_chunks(&out, buf_slice(&plain), &seed);
		CHECK(!out.failed);
		begin(&r, &s);
		while (at < buf_len(&out)) {
			at += draw(&seed) % 3000;
			if (at > buf_len(&out))
				at = buf_len(&out);
			feed(&r, buf_slice(&out), at);
		}
		CHECK(r.body.done && r.at == buf_len(&out));
		CHECK(slice_eq(buf_slice(&plain), buf_slice(&r.seen)));
		buf_free(&plain);
		buf_free(&out);
		buf_free(&r.seen);
	}
}

TESTS(
	{ "cut anywhere", cut_anywhere },
	{ "byte by byte", byte_by_byte },
	{ "at a guard page", at_a_guard_page },
	{ "truncated", truncated },
	{ "extras are bounded", extras_are_bounded },
	{ "writes", writes },
	{ "writes until full", writes_until_full },
	{ "round trip", round_trip })
