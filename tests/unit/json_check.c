#include "test.h"

#include "base/buf.h"
#include "json/check.h"

#include "json_vectors.h"

enum {
	GOOD = sizeof good_texts / sizeof *good_texts,
	BAD = sizeof bad_texts / sizeof *bad_texts,
};

static bool
passes(struct slice text)
{
	struct json_fault fault;
	uint32_t tokens;

	return json_check(text, JSON_DEPTH_MAX, &tokens, &fault);
}

/* The same from a copy that ends where memory does. */
static bool
passes_guarded(struct slice text)
{
	char *copy = guard_page(text.ptr, text.len);
	bool passed = passes((struct slice){ copy, text.len });

	guard_page_free(copy, text.len);
	return passed;
}

static void
accepts(void)
{
	for (size_t i = 0; i < GOOD; i++) {
		if (!passes_guarded(good_texts[i]))
			printf("%.*s\n", SLICE_FMT(good_texts[i]));
		CHECK(passes_guarded(good_texts[i]));
	}
	CHECK(GOOD >= 90);
}

static void
refuses(void)
{
	for (size_t i = 0; i < BAD; i++) {
		if (passes_guarded(bad_texts[i]))
			printf("%.*s\n", SLICE_FMT(bad_texts[i]));
		CHECK(!passes_guarded(bad_texts[i]));
	}
	CHECK(BAD >= 180);
}

/*
 * A part of a good text is no good text, unless what was cut off is blank or
 * the rest of a number; and json_check_prefix() calls it a beginning.
 */
static void
cut_anywhere(void)
{
	for (size_t i = 0; i < GOOD; i++) {
		for (size_t cut = 0; cut < good_texts[i].len; cut++) {
			struct slice part = slice_sub(good_texts[i], 0, cut);
			struct json_prefix p;
			bool ok = passes_guarded(part);
			struct slice rest = slice_skip(good_texts[i], cut);

			CHECK(json_check_prefix(part, &p) == (ok ? 1 : 0));
			CHECK(!ok || slice_blank(rest) ||
			    (good_texts[i].ptr[0] != '{' &&
			    good_texts[i].ptr[0] != '['));
		}
	}
}

/* The same texts as an element, so that each follows and precedes something. */
static void
nested(void)
{
	for (size_t i = 0; i < GOOD + BAD; i++) {
		struct slice text = i < GOOD ? good_texts[i] :
		    bad_texts[i - GOOD];
		struct buf b = { 0 };

		buf_text(&b, "[0, ");
		buf_append(&b, text);
		buf_text(&b, " ,{\"a\":1}]");
		CHECK(passes_guarded(buf_slice(&b)) == (i < GOOD));
		buf_free(&b);
	}
}

/* Where the fast scan steps by blocks, a special byte is found at any place. */
static void
every_place(void)
{
	static const char specials[] = "\"\\\n\xff\x01\x80";
	char text[200];

	for (size_t len = 2; len < sizeof text; len++) {
		memset(text, 'a', len);
		text[0] = text[len - 1] = '"';
		CHECK(passes_guarded((struct slice){ text, len }));
		for (size_t at = 1; at + 1 < len; at += 1 + len / 40) {
			for (size_t k = 0; k < sizeof specials - 1; k++) {
				text[at] = specials[k];
				CHECK(!passes_guarded(
				    (struct slice){ text, len }));
			}
			text[at] = 'a';
		}
	}
}

static void
depth(void)
{
	char text[2 * JSON_DEPTH_MAX + 2];
	struct json_fault fault;
	uint32_t tokens;

	for (unsigned n = 1; n <= JSON_DEPTH_MAX + 1; n++) {
		struct slice s = { text, 2 * n };

		memset(text, '[', n);
		memset(text + n, ']', n);
		CHECK(passes(s) == (n <= JSON_DEPTH_MAX));
		if (n > JSON_DEPTH_MAX)
			continue;
		CHECK(json_check(s, n, &tokens, &fault));
		CHECK(tokens == n);
		CHECK(!json_check(s, n - 1, &tokens, &fault));
		CHECK(fault.at == n - 1);
		CHECK(!strcmp(fault.why, "nested too deep"));
	}
}

/* A hundred thousand brackets are refused at the first one too many. */
static void
deep(void)
{
	enum { N = 100000 };
	char *text = malloc(N);
	struct json_fault fault;
	uint32_t tokens;

	CHECK(text);
	memset(text, '[', N);
	CHECK(!json_check((struct slice){ text, N }, JSON_DEPTH_MAX, &tokens,
	    &fault));
	CHECK(fault.at == JSON_DEPTH_MAX);
	for (size_t i = 0; i < N; i++)
		text[i] = "{\"\":"[i % 4];
	CHECK(!json_check((struct slice){ text, N }, JSON_DEPTH_MAX, &tokens,
	    &fault));
	CHECK(fault.at == 4 * JSON_DEPTH_MAX);
	free(text);
}

static void
counts_tokens(void)
{
	static const struct {
		const char	*text;
		uint32_t	 tokens;
	} cases[] = {
		{ "1", 1 }, { "[]", 1 }, { "[1]", 2 }, { "[[],[]]", 3 },
		{ "{\"a\":1}", 3 }, { "{\"a\":{\"b\":[true,null]}}", 7 },
		{ " [ \"x\" , -1e5 ] ", 3 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct json_fault fault;
		uint32_t tokens = 0;

		CHECK(json_check(slice_of(cases[i].text), JSON_DEPTH_MAX,
		    &tokens, &fault));
		CHECK(tokens == cases[i].tokens);
	}
}

/* The fault stands where a person would point at. */
static void
faults(void)
{
	static const struct {
		const char	*text;
		size_t		 at;
		const char	*why;
	} cases[] = {
		{ "", 0, "the text ends too early" },
		{ "[1,", 3, "the text ends too early" },
		{ "{\"a\":tru", 8, "the text ends too early" },
		{ "[\"\\u12", 6, "the text ends too early" },
		{ "[\"\xe2\x82", 4, "the text ends too early" },
		{ "[1 2]", 3, "expected ',' or ']'" },
		{ "{\"a\":1 2}", 7, "expected ',' or '}'" },
		{ "[1,]", 3, "expected a value" },
		{ "{\"a\" 1}", 5, "expected ':'" },
		{ "{\"a\":1,}", 7, "expected a member name" },
		{ "[truth]", 4, "expected true, false or null" },
		{ "[1.x]", 3, "expected a digit" },
		{ "[\"\\q\"]", 3, "unknown escape" },
		{ "[\"\\u00g0\"]", 6, "\\u wants four hex digits" },
		{ "[\"a\nb\"]", 3, "control character in a string" },
		{ "[\"a\xff\"]", 3, "invalid UTF-8" },
		{ "{} {}", 3, "expected the end of the text" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct json_fault fault;
		uint32_t tokens;

		CHECK(!json_check(slice_of(cases[i].text), JSON_DEPTH_MAX,
		    &tokens, &fault));
		CHECK_BYTES(fault.why, strlen(fault.why), cases[i].why,
		    strlen(cases[i].why));
		CHECK(fault.at == cases[i].at);
	}
}

static void
where(void)
{
	struct slice text = SLICE("{\n \"a\": 1,\n\n  x }");
	static const struct {
		size_t		at;
		unsigned	line, column;
	} cases[] = {
		{ 0, 1, 1 }, { 1, 1, 2 }, { 2, 2, 1 }, { 3, 2, 2 },
		{ 12, 4, 1 }, { 14, 4, 3 }, { 17, 4, 6 }, { 99, 4, 6 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unsigned line, column;

		json_where(text, cases[i].at, &line, &column);
		CHECK(line == cases[i].line);
		CHECK(column == cases[i].column);
	}
}

TESTS(
	{ "accepts what is JSON", accepts },
	{ "refuses what is not", refuses },
	{ "cut anywhere", cut_anywhere },
	{ "nested", nested },
	{ "a special byte at every place", every_place },
	{ "depth", depth },
	{ "too deep at once", deep },
	{ "counts tokens", counts_tokens },
	{ "faults", faults },
	{ "line and column", where })
