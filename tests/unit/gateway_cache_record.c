/* What an answer is kept as: there and back, and nothing that is no record. */
#include "test.h"

#include "gateway/cache_record.h"

static const struct cache_record given = {
	.born_s = 1000, .until_s = 2000, .stream = true, .stop = 3,
	.type = SLICE_INIT("text/event-stream"),
	.target = SLICE_INIT("p/m"), .warnings = SLICE_INIT("seed=dropped"),
	.kept = SLICE_INIT("resp_1"),
};

static void
write_one(struct buf *b, const struct cache_record *r, struct slice body)
{
	cache_record_begin(b, 100);
	buf_append(b, slice_sub(body, 0, body.len / 2));
	buf_append(b, slice_skip(body, body.len / 2));
	CHECK(cache_record_end(b, r));
}

static void
there_and_back(void)
{
	struct cache_record whole = { .estimated = true }, r;
	struct buf b = { 0 };

	write_one(&b, &given, SLICE("data: 1\n\n"));
	CHECK(cache_record_read(buf_slice(&b), &r));
	CHECK(r.born_s == 1000 && r.until_s == 2000 && r.stop == 3);
	CHECK(r.stream && !r.estimated);
	CHECK(slice_is(r.body, "data: 1\n\n"));
	CHECK(slice_is(r.framed, "data: 1\n\n\r\n0\r\n\r\n"));
	CHECK(slice_eq(r.type, given.type) && slice_is(r.target, "p/m"));
	CHECK(slice_is(r.warnings, "seed=dropped"));
	CHECK(slice_is(r.kept, "resp_1"));
	buf_clear(&b);
	write_one(&b, &whole, SLICE("{}"));
	CHECK(cache_record_read(buf_slice(&b), &r));
	CHECK(!r.stream && r.estimated && !r.kept.len && !r.warnings.len);
	CHECK(slice_is(r.body, "{}") && slice_is(r.framed, "{}"));
	buf_free(&b);
}

static void
cut_anywhere(void)
{
	struct cache_record r;
	struct buf b = { 0 };

	write_one(&b, &given, SLICE("data: 1\n\n"));
	for (size_t n = 0; n < buf_len(&b); n++)
		CHECK(!cache_record_read(slice_sub(buf_slice(&b), 0, n), &r));
	buf_byte(&b, 'x');
	CHECK(!cache_record_read(buf_slice(&b), &r));
	buf_free(&b);
}

/* Lengths that somebody made up reach no byte that is not there. */
static void
any_bytes(void)
{
	struct cache_record r;
	struct buf b = { 0 };
	size_t read = 0;

	write_one(&b, &given, SLICE("data: 1\n\n"));
	for (size_t i = 0; i < buf_len(&b); i++) {
		char was = b.data[b.start + i];

		for (int c = 0; c < 256; c++) {
			b.data[b.start + i] = (char)c;
			if (!cache_record_read(buf_slice(&b), &r))
				continue;
			read++;
			CHECK(r.body.len + r.type.len + r.target.len +
			    r.warnings.len + r.kept.len < buf_len(&b));
		}
		b.data[b.start + i] = was;
	}
	CHECK(read > 0);
	buf_free(&b);
}

static void
too_much(void)
{
	struct cache_record r = given;
	struct buf b = { 0 }, text = { 0 };

	/* not a byte more, whatever else there is to say */
	for (int more = 0; more < 2; more++) {
		cache_record_begin(&b, 400);
		for (int i = 0; i < 100 + more; i++)
			buf_text(&b, "xxxx");
		CHECK(b.failed == more);
		CHECK(cache_record_end(&b, &r) != more);
		buf_free(&b);
	}
	while (buf_len(&text) < CACHE_RECORD_EXTRA)
		buf_text(&text, "warning; ");
	r.warnings = buf_slice(&text);
	cache_record_begin(&b, 1);
	CHECK(!cache_record_end(&b, &r));
	buf_free(&b);
	buf_free(&text);
}

TESTS(
	{ "there and back", there_and_back },
	{ "cut anywhere", cut_anywhere },
	{ "any bytes", any_bytes },
	{ "too much", too_much })
