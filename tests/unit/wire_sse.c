/* Event streams: wherever they are cut, the events are the same. */
#include "test.h"
#include "wire/sse.h"

struct sample {
	struct slice	 text;
	const char	*want;		/* name=data; per event */
	const char	*last;		/* the one that only the end gives */
};

#define STREAM(text)	SLICE_INIT(text)

static const struct sample samples[] = {
	{ STREAM(""), "", "" },
	{ STREAM("\n\n\r\n\r\r\n"), "", "" },
	{ STREAM("event: a\ndata: 1\n\n"), "a=1;", "" },
	{ STREAM("event: a\ndata: 1\n\n"
	    ": ping\r\n\r\n"
	    "data:2\r\ndata: 3\r\n\r\n"
	    "data: 4\r\r"
	    "data: not ended"), "a=1;=2\n3;=4;", "=not ended;" },
	{ STREAM("data: CR then LF\r\r\ndata: next\r\n\r\n"),
	  "=CR then LF;=next;", "" },
	{ STREAM("data: a\r\rdata: b\r\rdata: c\r\r"), "=a;=b;=c;", "" },
	{ STREAM("data: a\r\n\rdata: b\r\r\n\n\rdata: c\n\r"),
	  "=a;=b;=c;", "" },
	{ STREAM("data\n\ndata:\n\ndata: \n\ndata:  \n\n"), "=;=;=;= ;", "" },
	{ STREAM("data\ndata\n\n"), "=\n;", "" },
	{ STREAM("data: 1\ndata:\ndata\ndata: 2\ndata:3\n\n"),
	  "=1\n\n\n2\n3;", "" },
	{ STREAM("data: 1\ndata: 2\n\ndata: 3\ndata: 4\n\ndata: 5\n\n"),
	  "=1\n2;=3\n4;=5;", "" },
	{ STREAM("data:\ta\n\ndata: a: b\n\n"), "=\ta;=a: b;", "" },
	{ STREAM("event: only a name\n\ndata: x\n\n"), "=x;", "" },
	{ STREAM("event: a\nevent: b\ndata: x\n\n"), "b=x;", "" },
	{ STREAM("event: a\nevent\ndata: x\n\nevent:b\ndata:y\n\n"),
	  "=x;b=y;", "" },
	{ STREAM("data: x\nevent: after\n\n"), "after=x;", "" },
	{ STREAM(": c\n:\n:\n\nid: 7\nretry: 10\ndata: x\nid\n\nid: 8\n\n"),
	  "=x;", "" },
	{ STREAM("dat: a\ndata2: b\nDATA: c\n data: d\ndata : e\n\nevents: f\n"
	    "data: g\n\n"), "=g;", "" },
	{ STREAM("\xef\xbb\xbf" "data: mark\n\n"), "=mark;", "" },
	{ STREAM("\xef\xbb\xbf\xef\xbb\xbf" "data: two\n\n"), "", "" },
	{ STREAM("\n\xef\xbb\xbf" "data: late\n\n"), "", "" },
	{ STREAM("\xef\xbb" "data: half\n\ndata: x\n\n"), "=x;", "" },
	{ STREAM("\xef"), "", "" },
	{ STREAM("data: a\0b\xff\x01\n\n"), "=a\\0b\xff\x01;", "" },
	{ STREAM("data: {\"a\":\"0123456789 0123456789 0123456789\"}\n\n"),
	  "={\"a\":\"0123456789 0123456789 0123456789\"};", "" },
	{ STREAM("event: e\ndata: a\n"), "", "e=a;" },
	{ STREAM("event: e\ndata: a\ndata: b"), "", "e=a\nb;" },
	{ STREAM("data: a\r"), "", "=a;" },
	{ STREAM("data: a\n\ndata"), "=a;", "=;" },
	{ STREAM("data: a\n\ndat"), "=a;", "" },
	{ STREAM("data: a\n\nevent: b"), "=a;", "" },
	{ STREAM("data: a\n\n: bye\n"), "=a;", "" },
};

enum { SAMPLES = sizeof samples / sizeof *samples };

struct stream {
	struct sse_reader reader;
	struct buf	 in, seen;
};

static void
note(struct buf *seen, const struct sse_event *ev)
{
	buf_append(seen, ev->name);
	buf_byte(seen, '=');
	for (size_t i = 0; i < ev->data.len; i++)
		if (ev->data.ptr[i])
			buf_byte(seen, ev->data.ptr[i]);
		else
			buf_text(seen, "\\0");
	buf_byte(seen, ';');
}

static void
feed(struct stream *s, struct slice text)
{
	struct sse_event ev;
	int got;

	buf_append(&s->in, text);
	while ((got = sse_next(&s->reader, &s->in, &ev)) == 1)
		note(&s->seen, &ev);
	CHECK(got == 0);
}

static void
close_stream(struct stream *s)
{
	sse_free(&s->reader);
	buf_free(&s->in);
	buf_free(&s->seen);
}

static void
check_seen(struct stream *s, const struct sample *sample)
{
	struct sse_event ev;
	struct slice seen = buf_slice(&s->seen);
	int got;

	CHECK_BYTES(seen.ptr, seen.len, sample->want, strlen(sample->want));
	buf_clear(&s->seen);
	while ((got = sse_last(&s->reader, &s->in, &ev)) == 1)
		note(&s->seen, &ev);
	CHECK(got == 0);
	seen = buf_slice(&s->seen);
	CHECK_BYTES(seen.ptr, seen.len, sample->last, strlen(sample->last));
	CHECK(buf_len(&s->in) == 0);
	close_stream(s);
}

static void
cut_anywhere(void)
{
	for (size_t i = 0; i < SAMPLES; i++) {
		struct slice text = samples[i].text;

		for (size_t cut = 0; cut <= text.len; cut++) {
			struct stream s = { 0 };

			feed(&s, slice_sub(text, 0, cut));
			feed(&s, slice_skip(text, cut));
			check_seen(&s, &samples[i]);
		}
	}
}

static void
byte_by_byte(void)
{
	for (size_t i = 0; i < SAMPLES; i++)
		for (size_t step = 1; step < 6; step++) {
			struct slice text = samples[i].text;
			struct stream s = { 0 };

			for (size_t n = 0; n < text.len; n += step)
				feed(&s, slice_sub(text, n, step));
			check_seen(&s, &samples[i]);
		}
}

/* A buf over memory that ends at a page that may not be read. */
static void
at_a_guard_page(void)
{
	for (size_t i = 0; i < SAMPLES; i++) {
		struct slice text = samples[i].text;

		for (size_t len = 0; len <= text.len; len++) {
			char *copy = guard_page(text.ptr, len);
			struct stream s = { 0 };
			struct sse_event ev;

			s.in = (struct buf){ .data = copy, .end = len,
			    .cap = len };
			while (sse_next(&s.reader, &s.in, &ev) == 1)
				note(&s.seen, &ev);
			CHECK(buf_len(&s.seen) <= strlen(samples[i].want));
			while (sse_last(&s.reader, &s.in, &ev) == 1)
				note(&s.seen, &ev);
			s.in = (struct buf){ 0 };
			close_stream(&s);
			guard_page_free(copy, len);
		}
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

/* A stream of pieces that look like lines, one and all against in parts. */
static void
random_streams(void)
{
	static const struct slice parts[] = {
		SLICE_INIT("data: x"), SLICE_INIT("data"), SLICE_INIT("\n"),
		SLICE_INIT("\r\n"), SLICE_INIT("\r"), SLICE_INIT("event: e"),
		SLICE_INIT(":"), SLICE_INIT("\n\n"), SLICE_INIT("\r\r"),
		SLICE_INIT("id: 1"), SLICE_INIT(" "), SLICE_INIT("\xef\xbb"),
		SLICE_INIT("\xbf"),
	};

	for (uint32_t round = 1; round <= 3000; round++) {
		uint32_t seed = round * 2654435761u;
		struct stream whole = { 0 }, part = { 0 };
		struct buf text = { 0 };
		struct slice rest;

		for (uint32_t n = draw(&seed) % 40; n--;)
			buf_append(&text, parts[draw(&seed) %
			    (sizeof parts / sizeof *parts)]);
		feed(&whole, buf_slice(&text));
		for (rest = buf_slice(&text); rest.len;) {
			size_t n = 1 + draw(&seed) % 5;

			feed(&part, slice_sub(rest, 0, n));
			rest = slice_skip(rest, n);
		}
		if (!slice_eq(buf_slice(&whole.seen), buf_slice(&part.seen)))
			printf("  round %u\n", (unsigned)round);
		CHECK(slice_eq(buf_slice(&whole.seen), buf_slice(&part.seen)));
		close_stream(&whole);
		close_stream(&part);
		buf_free(&text);
	}
}

/* One data line: no copy is made, the slices stand in `in`. */
static void
makes_no_copy(void)
{
	struct stream s = { 0 };
	struct sse_event ev;
	struct slice in;

	buf_text(&s.in, "event: e\ndata: text\n\n");
	in = buf_slice(&s.in);
	CHECK(sse_next(&s.reader, &s.in, &ev) == 1);
	CHECK(ev.name.ptr == in.ptr + 7 && ev.data.ptr == in.ptr + 15);
	CHECK(s.reader.joined.cap == 0);
	close_stream(&s);
}

/* Comments take no room in `in`, not even when no event ever comes. */
static void
drops_comments(void)
{
	struct stream s = { 0 };

	for (int i = 0; i < 1000; i++) {
		feed(&s, SLICE(": still here\n"));
		CHECK(buf_len(&s.in) <= 16);
	}
	feed(&s, SLICE("event: e\n: more\ndata: x\n\n"));
	CHECK(slice_is(buf_slice(&s.seen), "e=x;"));
	close_stream(&s);
}

/* Feed `text` again and again: how many bytes until -1?  0: too many. */
static size_t
swallowed(struct slice start, struct slice text)
{
	struct stream s = { 0 };
	struct sse_event ev;
	size_t sum = 0;
	int got = 0;

	buf_append(&s.in, start);
	while (got >= 0 && sum < SSE_EVENT_MAX + (1 << 20)) {
		buf_append(&s.in, text);
		sum += text.len;
		while ((got = sse_next(&s.reader, &s.in, &ev)) == 1)
			;
	}
	close_stream(&s);
	return got < 0 ? sum : 0;
}

static void
events_are_bounded(void)
{
	static char block[1 << 16];
	struct slice text = { block, sizeof block };
	const size_t max = SSE_EVENT_MAX;
	size_t n;

	memset(block, 'x', sizeof block);
	n = swallowed(SLICE("data: "), text);
	CHECK(n > max - sizeof block && n <= max + sizeof block);
	n = swallowed(SLICE(": "), text);
	CHECK(n > max - sizeof block && n <= max + sizeof block);
	block[0] = ':';
	block[sizeof block - 1] = '\n';
	n = swallowed(SLICE(""), text);
	CHECK(n > max - sizeof block && n <= max + sizeof block);
	memcpy(block, "data: ", 6);
	n = swallowed(SLICE(""), text);
	CHECK(n > max - sizeof block && n <= max + sizeof block);
	block[sizeof block - 2] = '\n';
	CHECK(swallowed(SLICE(""), text) == 0);
}

/* An event of many megabytes that drips in: no byte is looked at twice. */
static void
drips_in_linear_time(void)
{
	static char block[1 << 10];
	struct stream s = { 0 };
	size_t sum = 0;

	memset(block, 'x', sizeof block);
	feed(&s, SLICE("data: "));
	for (int i = 0; i < 1000; i++) {
		feed(&s, (struct slice){ block, sizeof block });
		sum += sizeof block;
		CHECK(s.reader.scanned == 6 + sum);
	}
	feed(&s, SLICE("\n\n"));
	CHECK(buf_len(&s.seen) == sum + 2);
	close_stream(&s);
}

static void
check_out(struct buf *out, const char *want)
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

	sse_put(&out, SLICE("e"), SLICE("1"));
	sse_put(&out, SLICE(""), SLICE("2"));
	sse_put(&out, SLICE("a\nb"), SLICE(""));
	sse_put(&out, SLICE(""), SLICE("x\ny\r\nz\r\n\rw\r"));
	sse_open(&out, SLICE("f"));
	buf_text(&out, "3");
	sse_close(&out);
	sse_comment(&out, SLICE("ping\ndata: no"));
	sse_comment(&out, SLICE(""));
	check_out(&out, "event: e\ndata: 1\n\ndata: 2\n\ndata: \n\n"
	    "data: x\ndata: y\ndata: z\ndata: \ndata: w\ndata: \n\n"
	    "event: f\ndata: 3\n\n: ping\n\n: \n\n");
}

/* What is written is read again, whatever the data holds but CR. */
static void
round_trip(void)
{
	for (uint32_t round = 1; round <= 500; round++) {
		uint32_t seed = round * 2654435761u;
		struct stream s = { 0 };
		struct buf data = { 0 };
		struct sse_event ev;

		for (uint32_t n = draw(&seed) % 30; n--;)
			buf_byte(&data, "\n :dx\0\xff{"[draw(&seed) % 8]);
		sse_put(&s.in, SLICE("n"), buf_slice(&data));
		CHECK(sse_next(&s.reader, &s.in, &ev) == 1);
		CHECK(slice_is(ev.name, "n"));
		CHECK_BYTES(ev.data.ptr, ev.data.len, data.data,
		    buf_len(&data));
		CHECK(sse_next(&s.reader, &s.in, &ev) == 0);
		CHECK(buf_len(&s.in) == 0);
		buf_free(&data);
		close_stream(&s);
	}
}

TESTS(
	{ "cut anywhere", cut_anywhere },
	{ "byte by byte", byte_by_byte },
	{ "at a guard page", at_a_guard_page },
	{ "random streams", random_streams },
	{ "makes no copy", makes_no_copy },
	{ "drops comments", drops_comments },
	{ "events are bounded", events_are_bounded },
	{ "drips in linear time", drips_in_linear_time },
	{ "writes", writes },
	{ "round trip", round_trip })
