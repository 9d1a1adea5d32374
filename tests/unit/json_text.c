#include "test.h"

#include "json/check.h"
#include "json/text.h"

#include "json_random.h"

static const struct {
	struct slice	escaped, plain;
	size_t		length;
} pairs[] = {
	{ SLICE_INIT(""), SLICE_INIT(""), 0 },
	{ SLICE_INIT("plain"), SLICE_INIT("plain"), 5 },
	{ SLICE_INIT("\\\"\\\\\\/\\b\\f\\n\\r\\t"),
	  SLICE_INIT("\"\\/\b\f\n\r\t"), 8 },
	{ SLICE_INIT("a\\u0041\\u00e9\\u65E5z"),
	  SLICE_INIT("aA\xc3\xa9\xe6\x97\xa5z"), 5 },
	{ SLICE_INIT("\\u0000"), SLICE_INIT("\0"), 1 },
	{ SLICE_INIT("\\ud83d\\uDE00!"), SLICE_INIT("\xf0\x9f\x98\x80!"), 2 },
	{ SLICE_INIT("\\ud83d"), SLICE_INIT("\xef\xbf\xbd"), 1 },
	{ SLICE_INIT("\\ude00\\ud83d"),
	  SLICE_INIT("\xef\xbf\xbd\xef\xbf\xbd"), 2 },
	{ SLICE_INIT("\\ud83d\\n"), SLICE_INIT("\xef\xbf\xbd\n"), 2 },
	{ SLICE_INIT("\\ud83d\\u0041"), SLICE_INIT("\xef\xbf\xbd" "A"), 2 },
	{ SLICE_INIT("\\ud83d\\ud83d\\ude00"),
	  SLICE_INIT("\xef\xbf\xbd\xf0\x9f\x98\x80"), 2 },
	{ SLICE_INIT("\\\\ud83d"), SLICE_INIT("\\ud83d"), 6 },
	{ SLICE_INIT("\xe6\x97\xa5 \xf0\x9f\x98\x80"),
	  SLICE_INIT("\xe6\x97\xa5 \xf0\x9f\x98\x80"), 3 },
	{ SLICE_INIT("na\xc3\xafve \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e "
	  "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\\n, cr\xc3\xa8me"),
	  SLICE_INIT("na\xc3\xafve \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e "
	  "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\n, cr\xc3\xa8me"), 20 },
};

enum { PAIRS = sizeof pairs / sizeof *pairs };

static void
unescapes(void)
{
	for (size_t i = 0; i < PAIRS; i++) {
		struct slice from = pairs[i].escaped, want = pairs[i].plain;
		char *copy = guard_page(from.ptr, from.len);
		struct slice escaped = { copy, from.len };
		struct arena a = { 0 };
		struct buf b = { 0 };
		struct slice got = text_unescape(&a, escaped);

		CHECK_BYTES(got.ptr, got.len, want.ptr, want.len);
		text_unescape_to(&b, escaped);
		got = buf_slice(&b);
		CHECK_BYTES(got.ptr, got.len, want.ptr, want.len);
		CHECK(text_length(escaped) == pairs[i].length);
		guard_page_free(copy, from.len);
		buf_free(&b);
		arena_reset(&a);
	}
}

/* Without an escape nothing is copied. */
static void
unescapes_in_place(void)
{
	struct arena a = { 0 };
	struct slice s = SLICE("nothing to do");

	CHECK(text_unescape(&a, s).ptr == s.ptr);
	CHECK(text_mend(&a, s).ptr == s.ptr);
	arena_reset(&a);
}

static void
compares(void)
{
	for (size_t i = 0; i < PAIRS; i++)
		for (size_t k = 0; k < PAIRS; k++)
			CHECK(text_is(pairs[i].escaped, pairs[k].plain) ==
			    slice_eq(pairs[i].plain, pairs[k].plain));
	CHECK(!text_is(SLICE("a\\nb"), SLICE("a\\nb")));
	CHECK(text_is(SLICE("\\u0061\\u0062"), SLICE("ab")));
	CHECK(!text_is(SLICE("\\u0061\\u0062"), SLICE("abc")));
	CHECK(!text_is(SLICE("\\u0061\\u0062c"), SLICE("ab")));
	CHECK(!text_is(SLICE("ab"), SLICE("abc")));
	CHECK(!text_is(SLICE("abc"), SLICE("ab")));
}

static void
escapes(void)
{
	static const struct {
		struct slice	plain, escaped;
	} cases[] = {
		{ SLICE_INIT("\"\\/\b\f\n\r\t"),
		  SLICE_INIT("\\\"\\\\/\\b\\f\\n\\r\\t") },
		{ SLICE_INIT("\0\x1f\x7f"),
		  SLICE_INIT("\\u0000\\u001f\x7f") },
		{ SLICE_INIT("\xc3\xa9 \xf0\x9f\x98\x80"),
		  SLICE_INIT("\xc3\xa9 \xf0\x9f\x98\x80") },
		{ SLICE_INIT("a\xff" "b\xc3"),
		  SLICE_INIT("a\xef\xbf\xbd" "b\xef\xbf\xbd") },
		{ SLICE_INIT("\xed\xa0\x80"),
		  SLICE_INIT("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd") },
		{ SLICE_INIT(""), SLICE_INIT("") },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena a = { 0 };
		struct slice got = text_escape(&a, cases[i].plain);

		CHECK_BYTES(got.ptr, got.len, cases[i].escaped.ptr,
		    cases[i].escaped.len);
		arena_reset(&a);
	}
}

/* Whatever the bytes, escaping makes JSON; if UTF-8, they all come back. */
static void
round_trip(void)
{
	random_start();
	for (int i = 0; i < 5000; i++) {
		char plain[64];
		struct slice from = { plain, random_below(sizeof plain) };
		struct arena a = { 0 };
		struct buf b = { 0 };
		struct json_fault fault;
		uint32_t tokens;
		struct slice back;

		for (size_t k = 0; k < from.len; k++)
			plain[k] = (char)(random_below(3) ?
			    random_below(128) : random_below(256));
		buf_byte(&b, '"');
		text_escape_to(&b, from);
		buf_byte(&b, '"');
		CHECK(json_check(buf_slice(&b), 1, &tokens, &fault));
		back = slice_sub(buf_slice(&b), 1, buf_len(&b) - 2);
		back = text_unescape(&a, back);
		CHECK(utf8_ok(back));
		if (utf8_ok(from))
			CHECK_BYTES(back.ptr, back.len, plain, from.len);
		buf_free(&b);
		arena_reset(&a);
	}
}

static void
blank(void)
{
	CHECK(text_blank(SLICE("")));
	CHECK(text_blank(SLICE("  ")));
	CHECK(text_blank(SLICE(" \\n\\t\\r \\u0020\\u000a")));
	CHECK(!text_blank(SLICE("\\b")));
	CHECK(!text_blank(SLICE(" x")));
	CHECK(!text_blank(SLICE("\\n.")));
	CHECK(!text_blank(SLICE("\\u00a0")));
}

static void
mends(void)
{
	static const struct {
		const char	*from, *to;
	} cases[] = {
		{ "\\ud83d", "\\ufffd" },
		{ "a\\udE00b\\ud83dc", "a\\ufffdb\\ufffdc" },
		{ "\\ud83d\\ude00\\ud83d", "\\ud83d\\ude00\\ufffd" },
		{ "\\ud83d\\ud83d\\ude00", "\\ufffd\\ud83d\\ude00" },
		{ "\\\\ud83d\\n", "\\\\ud83d\\n" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena a = { 0 };
		struct slice got = text_mend(&a, slice_of(cases[i].from));

		CHECK_BYTES(got.ptr, got.len, cases[i].to,
		    strlen(cases[i].to));
		arena_reset(&a);
	}
}

/* Join `pieces`, which are set apart by '|', and what is left at the end. */
static void
check_joined(const char *pieces, const char *want)
{
	struct slice rest = slice_of(pieces), last;
	struct text_joint joint = { 0 };
	struct arena a = { 0 };
	struct buf b = { 0 };

	while (rest.ptr)
		buf_append(&b, text_join(&joint, &a, slice_cut(&rest, '|')));
	last = text_join_end(&joint);
	buf_append(&b, last);
	CHECK(!text_join_end(&joint).len);
	CHECK_BYTES(buf_slice(&b).ptr, buf_len(&b), want, strlen(want));
	buf_free(&b);
	arena_reset(&a);
}

static void
joins(void)
{
	check_joined("a|b", "ab");
	check_joined("a\\ud83d|\\ude00b", "a\\ud83d\\ude00b");
	check_joined("\\ud83d||\\ude00", "\\ud83d\\ude00");
	check_joined("\\ud83d|x", "\\ufffdx");
	check_joined("\\ud83d|\\ud83d|\\ude00", "\\ufffd\\ud83d\\ude00");
	check_joined("x\\ud83d", "x\\ufffd");
	check_joined("\\ude00|\\ud83d\\ude00", "\\ufffd\\ud83d\\ude00");
	check_joined("\\\\ud83d|\\ude00", "\\\\ud83d\\ufffd");
	check_joined("\\\\\\ud83d|\\ude00", "\\\\\\ud83d\\ude00");
}

TESTS(
	{ "unescapes", unescapes },
	{ "unescapes in place", unescapes_in_place },
	{ "compares", compares },
	{ "escapes", escapes },
	{ "escaped and back", round_trip },
	{ "blank", blank },
	{ "mends lone surrogates", mends },
	{ "joins pieces", joins })
