#include "test.h"

#include "base/slice.h"
#include "base/utf8.h"

static void
compares(void)
{
	struct slice none = { 0 };

	CHECK(slice_eq(none, SLICE("")));
	CHECK(slice_eq(none, none));
	CHECK(slice_is(SLICE("abc"), "abc"));
	CHECK(!slice_is(SLICE("abc"), "abd"));
	CHECK(!slice_is(SLICE("abc"), "ab"));
	CHECK(!slice_is(SLICE("ab"), "abc"));
	CHECK(!slice_is(SLICE("ab\0"), "ab"));
	CHECK(slice_is(none, NULL));
	CHECK(slice_eq_ci(SLICE("Content-Type"), SLICE("cONTENT-tYPE")));
	CHECK(!slice_eq_ci(SLICE("a["), SLICE("A{")));	/* no letters */
	CHECK(slice_starts(SLICE("abc"), SLICE("ab")));
	CHECK(slice_starts(SLICE("abc"), none));
	CHECK(!slice_starts(SLICE("ab"), SLICE("abc")));
	CHECK(slice_starts_ci(SLICE("Bearer x"), SLICE("bearer ")));
	CHECK(!slice_starts_ci(SLICE("Bear"), SLICE("bearer ")));
	CHECK(slice_ends(SLICE("abc"), SLICE("bc")));
	CHECK(slice_ends(none, none));
	CHECK(!slice_ends(SLICE("bc"), SLICE("abc")));
	CHECK(slice_cmp(SLICE("a"), SLICE("b")) < 0);
	CHECK(slice_cmp(SLICE("ab"), SLICE("a")) > 0);
	CHECK(slice_cmp(none, SLICE("a")) < 0);
	CHECK(slice_cmp(none, none) == 0);
	CHECK(slice_cmp(SLICE("\x80"), SLICE("a")) > 0);
	CHECK(!slice_of(NULL).ptr);
}

static void
parts(void)
{
	struct slice s = SLICE("abcdef"), none = { 0 };

	CHECK(slice_is(slice_sub(s, 2, 3), "cde"));
	CHECK(slice_is(slice_sub(s, 4, 99), "ef"));
	CHECK(slice_is(slice_sub(s, 99, 1), ""));
	CHECK(slice_is(slice_sub(s, 1, SIZE_MAX), "bcdef"));
	CHECK(slice_is(slice_skip(s, 6), ""));
	CHECK(!slice_skip(none, 3).ptr);
	CHECK(slice_is(slice_trim(SLICE(" \t\r\na b\n ")), "a b"));
	CHECK(slice_is(slice_trim(SLICE(" \n ")), ""));
	CHECK(slice_blank(none));
	CHECK(slice_blank(SLICE(" \t\r\n")));
	CHECK(!slice_blank(SLICE(" \v")));
}

static void
finds(void)
{
	struct slice s = SLICE("hello, Hello"), none = { 0 };

	CHECK(slice_chr(s, 'l') == 2);
	CHECK(slice_chr(s, 'x') == SIZE_MAX);
	CHECK(slice_chr(none, 'x') == SIZE_MAX);
	CHECK(slice_rchr(s, 'l') == 10);
	CHECK(slice_rchr(s, 'x') == SIZE_MAX);
	CHECK(slice_find(s, SLICE("Hell")) == 7);
	CHECK(slice_find(s, SLICE("hello!")) == SIZE_MAX);
	CHECK(slice_find(s, none) == 0);
	CHECK(slice_find(none, s) == SIZE_MAX);
	CHECK(slice_find_ci(s, SLICE("HELLO")) == 0);
	CHECK(slice_find_ci(s, SLICE(", h")) == 5);
	CHECK(slice_find_ci(s, SLICE("ellox")) == SIZE_MAX);
	CHECK(slice_find_ci(s, none) == 0);
	CHECK(slice_find_ci(none, none) == 0);
	CHECK(slice_find_ci(none, s) == SIZE_MAX);
}

static void
distances(void)
{
	char text[SLICE_NEAR_MAX + 1] = { 0 };
	struct slice longest = { text, SLICE_NEAR_MAX };
	struct slice beyond = { text, sizeof text }, none = { 0 };

	CHECK(slice_distance(none, none) == 0);
	CHECK(slice_distance(none, SLICE("abc")) == 3);
	CHECK(slice_distance(SLICE("abc"), none) == 3);
	CHECK(slice_distance(SLICE("abc"), SLICE("abc")) == 0);
	CHECK(slice_distance(SLICE("abc"), SLICE("xbc")) == 1);
	CHECK(slice_distance(SLICE("abc"), SLICE("ac")) == 1);
	CHECK(slice_distance(SLICE("ac"), SLICE("abc")) == 1);
	CHECK(slice_distance(SLICE("ab"), SLICE("ba")) == 2);
	CHECK(slice_distance(SLICE("kitten"), SLICE("sitting")) == 3);
	CHECK(slice_distance(longest, none) == SLICE_NEAR_MAX);
	CHECK(slice_distance(longest, longest) == 0);
	CHECK(slice_distance(beyond, none) == SIZE_MAX);
	CHECK(slice_distance(none, beyond) == SIZE_MAX);
}

/* At every place of texts of every length, and beside halves of the pair. */
static void
finds_pairs(void)
{
	char text[40];

	for (size_t len = 0; len < sizeof text; len++) {
		struct slice s = { text, len };

		memset(text, 'u', sizeof text);
		CHECK(slice_pair(s, '\\', 'u') == SIZE_MAX);
		for (size_t at = 0; at < len; at++) {
			memset(text, 'u', sizeof text);
			text[at] = '\\';
			CHECK(slice_pair(s, '\\', 'u') ==
			    (at + 1 < len ? at : SIZE_MAX));
			CHECK(slice_pair(s, 'u', '\\') ==
			    (at ? at - 1 : SIZE_MAX));
		}
	}
	CHECK(slice_pair(SLICE("\\\\u"), '\\', 'u') == 1);
	CHECK(slice_pair((struct slice){ 0 }, 'a', 'b') == SIZE_MAX);
}

/* Join what slice_cut() takes, each piece in brackets. */
static void
check_cut(struct slice rest, const char *want)
{
	char got[64] = "";
	size_t len = 0;

	while (rest.ptr) {
		struct slice piece = slice_cut(&rest, ',');

		len += (size_t)snprintf(got + len, sizeof got - len, "[%.*s]",
		    SLICE_FMT(piece));
	}
	CHECK_BYTES(got, len, want, strlen(want));
}

static void
cuts(void)
{
	check_cut(SLICE("a,b"), "[a][b]");
	check_cut(SLICE("a"), "[a]");
	check_cut(SLICE(""), "[]");
	check_cut(SLICE(",a,,b,"), "[][a][][b][]");
	check_cut((struct slice){ 0 }, "");
}

static void
numbers(void)
{
	uint64_t n = 77;

	CHECK(slice_to_u64(SLICE("0"), 0, &n) && n == 0);
	CHECK(slice_to_u64(SLICE("00042"), 42, &n) && n == 42);
	CHECK(slice_to_u64(SLICE("18446744073709551615"), UINT64_MAX, &n));
	CHECK(n == UINT64_MAX);
	CHECK(!slice_to_u64(SLICE("18446744073709551616"), UINT64_MAX, &n));
	CHECK(!slice_to_u64(SLICE("99999999999999999999"), UINT64_MAX, &n));
	CHECK(!slice_to_u64(SLICE("43"), 42, &n));
	CHECK(!slice_to_u64(SLICE("420"), 42, &n));
	CHECK(!slice_to_u64(SLICE(""), 42, &n));
	CHECK(!slice_to_u64(SLICE("-1"), 42, &n));
	CHECK(!slice_to_u64(SLICE("1 "), 42, &n));
	CHECK(n == UINT64_MAX);
}

static void
terminates(void)
{
	char out[4] = "zzz";

	CHECK(slice_to_cstr(SLICE("abc"), out, sizeof out));
	CHECK(!strcmp(out, "abc"));
	CHECK(!slice_to_cstr(SLICE("abcd"), out, sizeof out));
	CHECK(!strcmp(out, "abc"));
	CHECK(slice_to_cstr((struct slice){ 0 }, out, sizeof out));
	CHECK(!strcmp(out, ""));
	CHECK(!slice_to_cstr(SLICE("a\0b"), out, sizeof out));
	CHECK(!slice_to_cstr(SLICE(""), out, 0));
}

/* Every code point spells itself, and every cut of it asks for more. */
static void
utf8(void)
{
	for (uint32_t c = 0; c <= 0x10ffff; c += c < 0x3000 ? 1 : 97) {
		char text[4];
		size_t len;

		if (c >= 0xd800 && c < 0xe000)
			continue;
		len = utf8_put(c, text);
		CHECK(utf8_next((struct slice){ text, len }) == (int)len);
		for (size_t cut = 0; cut < len; cut++)
			CHECK(utf8_next((struct slice){ text, cut }) == 0);
	}
	CHECK(utf8_ok((struct slice){ 0 }));
	CHECK(utf8_ok(SLICE("a\xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80")));
	CHECK(!utf8_ok(SLICE("a\xc3")));
	CHECK(utf8_next(SLICE("\xc0\x80")) == -1);
	CHECK(utf8_next(SLICE("\xed\xa0\x80")) == -1);
	CHECK(utf8_next(SLICE("\xf4\x90\x80\x80")) == -1);
	CHECK(utf8_next(SLICE("\x80")) == -1);
	CHECK(utf8_next(SLICE("\xe2\x28")) == -1);
}

TESTS(
	{ "compares", compares },
	{ "parts", parts },
	{ "finds", finds },
	{ "distances", distances },
	{ "finds pairs", finds_pairs },
	{ "cuts", cuts },
	{ "numbers", numbers },
	{ "terminates", terminates },
	{ "utf8", utf8 })
