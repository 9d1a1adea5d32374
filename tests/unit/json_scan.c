#include "test.h"

#include "json/check.h"
#include "json/scan.h"

#include "json_random.h"

static void
first_value(void)
{
	static const struct {
		const char	*text;
		size_t		 used;
		bool		 complete;
	} cases[] = {
		{ "", 0, false }, { "  ", 2, false }, { "{}", 2, true },
		{ "{}{}", 2, true }, { " {\"a\":[1]} x", 10, true },
		{ "{\"a\":\"}\"}", 9, true }, { "{\"a\":\"\\\"}\"}", 11, true },
		{ "{\"a\":\"\\\\\"}}", 10, true }, { "[{},[]]]", 7, true },
		{ "\"a{\"b", 4, true }, { "{\"a\":1", 6, false },
		{ "12", 2, false }, { "}{}", 3, true },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct slice text = slice_of(cases[i].text);
		struct scan s = { 0 };

		CHECK(scan_feed(&s, text) == cases[i].used);
		CHECK(s.complete == cases[i].complete);
		CHECK(s.begun == !slice_blank(text));
	}
}

/* However a text is cut into pieces, the scanner stands where it would. */
static void
any_cuts(void)
{
	random_start();
	for (int i = 0; i < 2000; i++) {
		struct scan once = { 0 }, pieces = { 0 };
		struct buf b = { 0 };
		struct slice rest;
		size_t want, got = 0;

		random_value(&b, 4);
		random_blanks(&b);
		random_value(&b, 2);
		rest = buf_slice(&b);
		want = scan_feed(&once, rest);
		while (rest.len) {
			size_t n = 1 + random_below(9);

			got += scan_feed(&pieces, slice_sub(rest, 0, n));
			rest = slice_skip(rest, n);
		}
		CHECK(got == want);
		CHECK(pieces.complete == once.complete);
		CHECK(pieces.begun == once.begun);
		CHECK(pieces.depth == once.depth);
		CHECK(pieces.string == once.string);
		CHECK(pieces.escape == once.escape);
		CHECK(scan_feed(&pieces, SLICE("x")) == !once.complete);
		buf_free(&b);
	}
}

static void
mends(void)
{
	static const struct {
		const char	*text, *want;
	} cases[] = {
		{ "", "{}" }, { " ", "{}" }, { "{", "{}" }, { "{}", "{}" },
		{ " { ", " { }" }, { "{\"", "{}" }, { "{\"a", "{}" },
		{ "{\"a\"", "{}" }, { "{\"a\":", "{}" },
		{ "{\"a\":1", "{}" }, { "{\"a\":1,", "{\"a\":1}" },
		{ "{\"a\":1 ", "{\"a\":1}" }, { "{\"a\":tru", "{}" },
		{ "{\"a\":true", "{}" }, { "{\"a\":true}", "{\"a\":true}" },
		{ "{\"a\":\"b", "{}" }, { "{\"a\":\"b\"", "{\"a\":\"b\"}" },
		{ "{\"a\":\"b\",", "{\"a\":\"b\"}" },
		{ "{\"a\":\"b\",\"c", "{\"a\":\"b\"}" },
		{ "{\"a\":[", "{\"a\":[]}" },
		{ "{\"a\":[1,2", "{\"a\":[1]}" },
		{ "{\"a\":[1,{\"b\":[true,", "{\"a\":[1,{\"b\":[true]}]}" },
		{ "{\"a\":[[],{}", "{\"a\":[[],{}]}" },
		{ "{\"a\":\"\\", "{}" }, { "{\"a\":\"\\u12", "{}" },
		{ "{\"a\":\"\xe2\x82", "{}" }, { "{\"a\":-", "{}" },
		{ "{\"a\":{\"b\":\"x\"}", "{\"a\":{\"b\":\"x\"}}" },
	};
	static const char *const bad[] = {
		"[", "[]", "1", "\"a\"", "x", "{x", "{]", "{\"a\":1,}",
		"{\"a\":[1}", "{\"a\":\"\n", "{\"a\":\"\\q", "{\"a\" 1",
		"{\"a\":truth", "{}x", "{\"a\":\"\xff",
	};
	struct buf b = { 0 };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_clear(&b);
		CHECK(scan_mend(slice_of(cases[i].text), &b));
		CHECK_BYTES(buf_slice(&b).ptr, buf_len(&b), cases[i].want,
		    strlen(cases[i].want));
	}
	buf_clear(&b);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!scan_mend(slice_of(bad[i]), &b) && !buf_len(&b));
	buf_free(&b);
}

/* Cut an object anywhere: what is made of it is an object. */
static void
mends_any_cut(void)
{
	random_start();
	for (int i = 0; i < 300; i++) {
		struct buf text = { 0 }, out = { 0 };
		struct json_fault fault;
		uint32_t tokens;

		buf_text(&text, " {\"first\": ");
		random_value(&text, 5);
		buf_text(&text, ", \"last\" : 1.5e3 } ");
		for (size_t cut = 0; cut <= buf_len(&text); cut++) {
			buf_clear(&out);
			CHECK(scan_mend(slice_sub(buf_slice(&text), 0, cut),
			    &out));
			CHECK(json_check(buf_slice(&out), JSON_DEPTH_MAX,
			    &tokens, &fault));
			CHECK(*slice_trim(buf_slice(&out)).ptr == '{');
		}
		buf_free(&text);
		buf_free(&out);
	}
}

TESTS(
	{ "the first value", first_value },
	{ "any cuts", any_cuts },
	{ "mends", mends },
	{ "mends any cut", mends_any_cut })
