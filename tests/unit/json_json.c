#include "test.h"

#include "base/buf.h"
#include "json/json.h"

#include "json_random.h"
#include "json_vectors.h"

static struct json
parsed(struct arena *a, struct slice text)
{
	struct json_fault fault = { 0 };
	struct json j;
	bool ok = json_parse(&j, a, text, 0, &fault);

	if (!ok)
		printf("%s at %zu: %.*s\n", fault.why, fault.at,
		    SLICE_FMT(text));
	CHECK(ok);
	return j;
}

/* Put `v` together again from what the walk says. */
static void
rebuild(struct buf *out, struct jval v)
{
	bool object = jval_is(v, JSON_OBJECT);
	size_t n = 0;

	if (!object && !jval_is(v, JSON_ARRAY)) {
		buf_append(out, jval_raw(v));
		return;
	}
	buf_byte(out, object ? '{' : '[');
	for (struct jval e = jval_first(v); !jval_at_end(e);
	    e = jval_next(e)) {
		if (n++)
			buf_byte(out, ',');
		if (object) {
			buf_append(out, jval_raw(e));
			buf_byte(out, ':');
		}
		rebuild(out, object ? jval_value(e) : e);
	}
	buf_byte(out, object ? '}' : ']');
	CHECK(n == jval_count(v));
}

/* `text` without the blanks between its tokens, the slow and plain way. */
static void
squeeze(struct buf *out, struct slice text)
{
	bool string = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (!string && slice_blank(slice_sub(text, i, 1)))
			continue;
		buf_byte(out, c);
		if (string && c == '\\')
			buf_byte(out, text.ptr[++i]);
		else if (c == '"')
			string = !string;
	}
}

/* What was parsed and put together again is the text, but for blanks. */
static void
same_again(struct slice text)
{
	struct arena a = { 0 };
	struct json j = parsed(&a, text);
	struct buf want = { 0 }, got = { 0 };

	squeeze(&want, text);
	rebuild(&got, json_root(&j));
	CHECK_BYTES(buf_slice(&got).ptr, buf_len(&got), buf_slice(&want).ptr,
	    buf_len(&want));
	buf_free(&want);
	buf_free(&got);
	arena_reset(&a);
}

static void
vectors(void)
{
	for (size_t i = 0; i < sizeof good_texts / sizeof *good_texts; i++) {
		char *copy = guard_page(good_texts[i].ptr, good_texts[i].len);

		same_again((struct slice){ copy, good_texts[i].len });
		guard_page_free(copy, good_texts[i].len);
	}
	for (size_t i = 0; i < sizeof bad_texts / sizeof *bad_texts; i++) {
		struct arena a = { 0 };
		struct json_fault fault = { 0 };
		struct json j;

		CHECK(!json_parse(&j, &a, bad_texts[i], 0, &fault));
		CHECK(fault.why);
		CHECK(jval_at_end(json_root(&j)));
		arena_reset(&a);
	}
}

static void
any_text(void)
{
	random_start();
	for (int i = 0; i < 3000; i++) {
		struct buf b = { 0 };

		random_blanks(&b);
		random_value(&b, 6);
		random_blanks(&b);
		same_again(buf_slice(&b));
		buf_free(&b);
	}
}

static void
walks(void)
{
	struct arena a = { 0 };
	struct json j = parsed(&a, SLICE(
	    "{ \"a\": [1, {\"x\": \"not such a very long string, but long\"}, "
	    "[]], \"b\": \"a string that is long enough to be left out\", "
	    "\"c\": {}, \"d\": null, \"e\": true, \"f\": -1.5e3 }"));
	struct jval root = json_root(&j), v;

	CHECK(jval_type(root) == JSON_OBJECT);
	CHECK(jval_count(root) == 6);
	v = jval_get(root, "a");
	CHECK(jval_is(v, JSON_ARRAY));
	CHECK(jval_count(v) == 3);
	v = jval_first(v);
	CHECK(slice_is(jval_raw(v), "1"));
	v = jval_next(v);
	CHECK(slice_is(jval_raw(v),
	    "{\"x\": \"not such a very long string, but long\"}"));
	CHECK(slice_is(jval_get_text(v, "x"),
	    "not such a very long string, but long"));
	v = jval_next(v);
	CHECK(slice_is(jval_raw(v), "[]"));
	CHECK(jval_at_end(jval_first(v)));
	CHECK(jval_at_end(jval_next(v)));
	CHECK(slice_is(jval_get_text(root, "b"),
	    "a string that is long enough to be left out"));
	CHECK(jval_is(jval_get(root, "c"), JSON_OBJECT));
	CHECK(jval_is_true(jval_get(root, "e")));
	CHECK(slice_is(jval_raw(jval_get(root, "f")), "-1.5e3"));
	arena_reset(&a);
}

/* Absent, null, and of the wrong type are three things. */
static void
absence(void)
{
	struct arena a = { 0 };
	struct json j = parsed(&a, SLICE("{\"n\":null,\"s\":\"\",\"i\":1}"));
	struct jval root = json_root(&j), none = { 0 };

	CHECK(jval_at_end(jval_get(root, "n")));
	CHECK(jval_is(jval_get_null(root, "n"), JSON_NULL));
	CHECK(!jval_ok(jval_get_null(root, "n")));
	CHECK(jval_at_end(jval_get_null(root, "x")));
	CHECK(jval_get_text(root, "s").ptr);
	CHECK(!jval_get_text(root, "s").len);
	CHECK(!jval_get_text(root, "i").ptr);
	CHECK(!jval_get_text(root, "x").ptr);
	CHECK(jval_type(none) == JSON_NONE);
	CHECK(jval_at_end(jval_first(none)));
	CHECK(jval_at_end(jval_next(none)));
	CHECK(jval_at_end(jval_value(none)));
	CHECK(jval_at_end(jval_get(none, "a")));
	CHECK(jval_at_end(jval_get(jval_get(root, "s"), "a")));
	CHECK(!jval_raw(none).ptr);
	CHECK(jval_count(none) == 0);
	CHECK(!jval_ok(none));
	arena_reset(&a);
}

static void
members(void)
{
	struct arena a = { 0 };
	struct json j = parsed(&a, SLICE("{\"a\":1,\"\\u0061\":2,\"b\":"
	    "{\"c\":{\"d\":3}},\"x\\n\":4,\"ab\":5,\"a\\\\b\":6,\"a\":null,"
	    "\"e\":1,\"e\":2}"));
	struct jval root = json_root(&j);

	CHECK(jval_is(jval_get_null(root, "a"), JSON_NULL));
	CHECK(slice_is(jval_raw(jval_get(root, "e")), "2"));
	CHECK(slice_is(jval_raw(jval_get3(root, "b", "c", "d")), "3"));
	CHECK(slice_is(jval_raw(jval_get2(root, "b", "c")), "{\"d\":3}"));
	CHECK(slice_is(jval_raw(jval_get(root, "x\n")), "4"));
	CHECK(slice_is(jval_raw(jval_get(root, "a\\b")), "6"));
	CHECK(jval_at_end(jval_get2(root, "e", "c")));
	arena_reset(&a);
}

static void
scalars(void)
{
	struct arena a = { 0 };
	struct json j = parsed(&a, SLICE("[0,18446744073709551615,"
	    "18446744073709551616,-1,1.0,1e1,\"1\",\"st\\u006fp\",true]"));
	struct jval v = jval_first(json_root(&j));
	uint64_t n = 7;

	CHECK(jval_u64(v, &n) && n == 0);
	v = jval_next(v);
	CHECK(jval_u64(v, &n) && n == UINT64_MAX);
	for (int i = 0; i < 5; i++) {
		v = jval_next(v);
		CHECK(!jval_u64(v, &n));
	}
	CHECK(n == UINT64_MAX);
	CHECK(jval_text_is(v, "1"));
	v = jval_next(v);
	CHECK(jval_text_is(v, "stop"));
	CHECK(!jval_text_is(v, "st\\u006fp"));
	CHECK(!jval_text_is(jval_next(v), "true"));
	arena_reset(&a);
}

static void
limits(void)
{
	struct arena a = { 0 }, small = { .limit = 8192 };
	struct json_fault fault;
	struct json j;
	struct buf b = { 0 };

	CHECK(json_parse(&j, &a, SLICE("[1,2,3]"), 4, &fault));
	CHECK(!json_parse(&j, &a, SLICE("[1,2,3]"), 3, &fault));
	CHECK(!strcmp(fault.why, "too many values"));
	CHECK(fault.at == 5);
	buf_byte(&b, '[');
	for (int i = 0; i < 2000; i++)
		buf_text(&b, "1,");
	buf_text(&b, "1]");
	CHECK(!json_parse(&j, &small, buf_slice(&b), 0, &fault));
	CHECK(!strcmp(fault.why, "out of memory"));
	CHECK(small.failed);
	buf_free(&b);
	arena_reset(&a);
	arena_reset(&small);
}

/*
 * Linear on what is quadratic for a careless parser.  Each step of the walk is
 * one jval_next(), so counting the steps counts the work.
 */
static void
many(void)
{
	enum { N = 50000 };
	struct arena a = { 0 };
	struct buf keys = { 0 }, objects = { 0 };
	struct json j;
	size_t steps = 0;

	buf_byte(&keys, '{');
	buf_byte(&objects, '[');
	for (int i = 0; i < N; i++) {
		buf_fmt(&keys, "%s\"key%d\":{\"a\":[%d]}", i ? "," : "", i, i);
		buf_fmt(&objects, "%s{\"n\":%d}", i ? "," : "", i);
	}
	buf_byte(&keys, '}');
	buf_byte(&objects, ']');
	j = parsed(&a, buf_slice(&keys));
	for (struct jval k = jval_first(json_root(&j)); !jval_at_end(k);
	    k = jval_next(k))
		steps++;
	CHECK(steps == N);
	CHECK(slice_is(jval_raw(jval_get(json_root(&j), "key49999")),
	    "{\"a\":[49999]}"));
	j = parsed(&a, buf_slice(&objects));
	for (struct jval e = jval_first(json_root(&j)); !jval_at_end(e);
	    e = jval_next(e))
		steps++;
	CHECK(steps == 2 * N);
	buf_free(&keys);
	buf_free(&objects);
	arena_reset(&a);
}

/* Every offset behind a string that was left out is right again. */
static void
long_strings(void)
{
	struct arena a = { 0 };
	struct buf b = { 0 };
	struct json j;
	struct jval v;

	buf_byte(&b, '[');
	for (int len = 0; len < 300; len++) {
		buf_text(&b, len ? ", {\"n\":\"" : "{\"n\":\"");
		for (int i = 0; i < len; i++)
			buf_byte(&b, 'x');
		buf_fmt(&b, "\",\"len\":%d}", len);
	}
	buf_text(&b, "] ");
	j = parsed(&a, buf_slice(&b));
	v = jval_first(json_root(&j));
	for (uint64_t len = 0; len < 300; len++, v = jval_next(v)) {
		uint64_t n;

		CHECK(jval_get_text(v, "n").len == len);
		CHECK(jval_u64(jval_get(v, "len"), &n) && n == len);
		CHECK(slice_ends(jval_raw(v), SLICE("}")));
	}
	CHECK(jval_at_end(v));
	buf_free(&b);
	arena_reset(&a);
}

TESTS(
	{ "vectors", vectors },
	{ "any text, put together again", any_text },
	{ "walks", walks },
	{ "absence", absence },
	{ "members", members },
	{ "scalars", scalars },
	{ "limits", limits },
	{ "many keys, many objects", many },
	{ "long strings", long_strings })
