/* What may be left out of one text, and what may not; texts are escaped. */
#include "test.h"

#include "base/buf.h"
#include "json/json.h"
#include "json/text.h"
#include "json/write.h"
#include "proto/compress_text.h"

static void
check_json(const char *from, const char *to, bool is)
{
	struct arena arena = { 0 };
	struct slice text = slice_of(from), got;
	char *copy = guard_page(text.ptr, text.len);
	bool is_json;

	got = compress_text_json(&arena, (struct slice){ copy, text.len },
	    &is_json);
	CHECK_BYTES(got.ptr, got.len, to, strlen(to));
	CHECK(is_json == is);
	guard_page_free(copy, text.len);
	arena_reset(&arena);
}

static void
json_blanks(void)
{
	check_json("{ }", "{}", true);
	check_json("{\\n  \\\"a\\\": [1,\\t2 ]\\r\\n}\\n",
	    "{\\\"a\\\":[1,2]}", true);
	/* blanks that are spelled at length */
	check_json("\\u000a[\\u00201,\\u0009\\u000D2]", "[1,2]", true);
	/* inside of strings nothing goes, whatever they hold */
	check_json("[ \\\"a  b\\\" , \\\" \\\\\\\" , \\\\\\\\\\\" ]",
	    "[\\\"a  b\\\",\\\" \\\\\\\" , \\\\\\\\\\\"]", true);
	check_json("[ \\u0022 \\u005c\\u0022 \\u0022 ]",
	    "[\\u0022 \\u005c\\u0022 \\u0022]", true);
	/* as spelled: numbers, order, twins, escapes of both kinds */
	check_json("{ \\\"b\\\": 1.50E+2, \\\"a\\\": \\\"\\\\u00e9 "
	    "\\u00e9\\\", \\\"b\\\": -0 }",
	    "{\\\"b\\\":1.50E+2,\\\"a\\\":\\\"\\\\u00e9 "
	    "\\u00e9\\\",\\\"b\\\":-0}", true);
	check_json("[ \\\"\\/  \\ud800 \\\" ]",
	    "[\\\"\\/  \\ud800 \\\"]", true);
	check_json("{\\\"a\\\":1}", "{\\\"a\\\":1}", true);
}

static void
not_json(void)
{
	static const char *const texts[] = {
		"", " ", "  42  ", " \\\"a\\\" ", "[INFO]  started", "{ }  x",
		"{ } { }", "[ 1, ]", "{ \\\"a\\\": 01 }", "[ 'a' ]",
		"{ a: 1 }", "[ // no\\n ]", "[ \\\"a\\n  b\\\" ]", "[ 1",
		"\\u00a0[ ]", "\\ufeff[ ]", "[ NaN ]", "[ \\ud800 ]",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		check_json(texts[i], texts[i], false);
}

static void
check_lines(const char *from, const char *to)
{
	struct arena arena = { 0 };
	struct slice text = slice_of(from), got;
	char *copy = guard_page(text.ptr, text.len);

	got = compress_text_blanks(&arena, (struct slice){ copy, text.len });
	CHECK_BYTES(got.ptr, got.len, to, strlen(to));
	/* once is enough */
	got = compress_text_blanks(&arena, got);
	CHECK_BYTES(got.ptr, got.len, to, strlen(to));
	guard_page_free(copy, text.len);
	arena_reset(&arena);
}

static void
ends_of_lines(void)
{
	check_lines("a   \\nb      \\n", "a  \\nb  \\n");
	check_lines("a      ", "a  ");
	check_lines("a     \\r\\nb", "a  \\r\\nb");
	/* a hard break of Markdown, and what may part words */
	check_lines("a  \\nb \\nc", "a  \\nb \\nc");
	/* tabs may be empty columns; what is not at the end stays */
	check_lines("a\\t\\t\\t\\nb     c\\n     d\\n",
	    "a\\t\\t\\t\\nb     c\\n     d\\n");
	check_lines("a   \\t\\n", "a   \\t\\n");
	/* a line of nothing but spaces */
	check_lines("a\\n     \\nb", "a\\n\\nb");
	check_lines("a\\n  \\nb", "a\\n  \\nb");
	/* no ends of lines */
	check_lines("a   \\\\n", "a   \\\\n");
	check_lines("a   \\\\\\n", "a   \\\\\\n");
	check_lines("a   \\rb   \\r \\n", "a   \\rb   \\r \\n");
	check_lines("a   \\u000ab", "a  \\u000ab");
	check_lines("a   \\u2028b", "a   \\u2028b");
}

static void
empty_lines(void)
{
	check_lines("a\\n\\n\\n\\nb", "a\\n\\n\\n\\nb");
	check_lines("a\\n\\n\\n\\n\\nb", "a\\n\\n\\n\\nb");
	check_lines("a\\r\\n\\r\\n\\r\\n\\r\\n\\r\\n\\r\\nb",
	    "a\\r\\n\\r\\n\\r\\n\\r\\nb");
	check_lines("\\n\\n\\n\\n\\n  a", "\\n\\n\\n  a");
	check_lines("a\\n \\n  \\n   \\n \\n    \\n  b",
	    "a\\n \\n  \\n\\n  b");
	check_lines("a\\n\\n\\n\\n\\n\\n", "a\\n\\n\\n\\n");
	check_lines("a\\n\\t\\n\\t\\n\\t\\n\\t\\n\\tb",
	    "a\\n\\t\\n\\t\\n\\t\\n\\t\\n\\tb");
	check_lines("", "");
	check_lines("a", "a");
}

/* Texts of a few signs that matter, cut off anywhere: bounds, and once only. */
static void
cut_anywhere(void)
{
	static const char text[] = "{ \\\"a\\\" : [ \\u0020 1 ] ,   \\r\\n"
	    "   \\\\ \\u000a\\n\\n\\n\\n\\n   \\n\\n x   \\ud83d\\ude00   \\n";

	for (size_t cut = 0; cut < sizeof text; cut++) {
		struct arena arena = { 0 };
		char *copy = guard_page(text, cut);
		struct slice s = { copy, cut }, once, twice;
		bool is_json;

		once = compress_text_json(&arena, s, &is_json);
		CHECK(!is_json && once.ptr == s.ptr && once.len == s.len);
		once = compress_text_blanks(&arena, s);
		CHECK(once.len <= s.len);
		twice = compress_text_blanks(&arena, once);
		CHECK_BYTES(twice.ptr, twice.len, once.ptr, once.len);
		guard_page_free(copy, cut);
		arena_reset(&arena);
	}
}

static uint32_t
next(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 16;
}

static void
put_blanks(struct buf *out, uint32_t *state)
{
	static const char *const blanks[] = { " ", "\n", "\t", "\r", "  " };

	for (uint32_t n = next(state) % 4; n; n--)
		buf_text(out, blanks[next(state) % 5]);
}

/* Random JSON with random blanks between its pieces. */
static void
put_value(struct buf *out, uint32_t *state, unsigned depth)
{
	static const char *const leaves[] = {
		"1", "-1.5e3", "true", "null", "\" \\n [ \"", "\"\\\\\"",
		"\"\"", "\"\\u0020\\\" }\"", "\"\xc3\xa9  \"",
	};
	uint32_t kind = depth ? next(state) % 4 : 2;
	uint32_t n = next(state) % 4;

	put_blanks(out, state);
	if (kind > 1) {
		buf_text(out, leaves[next(state) % 9]);
	} else {
		buf_byte(out, kind ? '{' : '[');
		for (uint32_t i = 0; i < n; i++) {
			put_blanks(out, state);
			if (i)
				buf_byte(out, ',');
			put_blanks(out, state);
			if (kind)
				buf_fmt(out, "\"k %u\"", i);
			put_blanks(out, state);
			if (kind)
				buf_byte(out, ':');
			put_value(out, state, depth - 1);
		}
		put_blanks(out, state);
		buf_byte(out, kind ? '}' : ']');
	}
	put_blanks(out, state);
}

/* It comes to what a writer makes of it that leaves out blanks. */
static void
random_json(void)
{
	uint32_t state = 7;

	for (int round = 0; round < 2000; round++) {
		struct arena arena = { 0 };
		struct buf plain = { 0 }, min = { 0 }, want = { 0 };
		struct writer w = { .out = &min };
		struct slice escaped, got;
		bool is_json;

		buf_byte(&plain, '[');
		put_value(&plain, &state, 4);
		buf_byte(&plain, ']');
		write_min(&w, buf_slice(&plain));
		text_escape_to(&want, buf_slice(&min));
		escaped = text_escape(&arena, buf_slice(&plain));
		got = compress_text_json(&arena, escaped, &is_json);
		CHECK(is_json);
		CHECK_BYTES(got.ptr, got.len, buf_slice(&want).ptr,
		    buf_len(&want));
		buf_free(&plain);
		buf_free(&min);
		buf_free(&want);
		arena_reset(&arena);
	}
}

TESTS(
	{ "blanks of JSON", json_blanks },
	{ "what is no JSON stays", not_json },
	{ "ends of lines", ends_of_lines },
	{ "empty lines", empty_lines },
	{ "cut anywhere", cut_anywhere },
	{ "random JSON", random_json })
