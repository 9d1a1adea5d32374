#include "test.h"

#include "json/splice.h"

#include "json_random.h"

/*
 * Edit `text` by a little script: words set apart by blanks, each a member of
 * the root object: "-a" removes it, "+a" sets it to 9.  Returns in `out`.
 */
static bool
edit(struct buf *out, const char *text, const char *script)
{
	struct arena a = { 0 };
	struct json_fault fault;
	struct json j;
	struct splice s = { .text = slice_of(text) };
	struct slice rest = slice_of(script);
	bool ok;

	CHECK(json_parse(&j, &a, s.text, 0, &fault));
	while (rest.ptr) {
		struct slice word = slice_cut(&rest, ' ');
		char *key = arena_cstr(&a, slice_skip(word, 1));

		if (word.len && *word.ptr == '-')
			splice_remove(&s, json_root(&j), key);
		else if (word.len)
			splice_set(&s, json_root(&j), key, SLICE("9"));
	}
	splice_write(&s, out);
	ok = !s.failed;
	CHECK(out->failed == s.failed);
	arena_reset(&a);
	return ok;
}

static void
members(void)
{
	static const struct {
		const char	*text, *script, *want;
	} cases[] = {
		{ "{\"a\":1}", "", "{\"a\":1}" },
		{ "{\"a\":1}", "-x", "{\"a\":1}" },
		{ "{\"a\":1}", "-a", "{}" },
		{ "{\"a\":1}", "+a", "{\"a\":9}" },
		{ "{\"a\":1}", "+b", "{\"a\":1,\"b\":9}" },
		{ "{\"a\":1}", "-a +b", "{\"b\":9}" },
		{ "{\"a\":1}", "+b -a", "{\"b\":9}" },
		{ "{\"a\":1}", "+b +c", "{\"a\":1,\"b\":9,\"c\":9}" },
		{ "{\"a\":1}", "+b +c +b", "{\"a\":1,\"b\":9,\"c\":9}" },
		{ "{\"a\":1}", "-a -a", "{}" },
		{ "{}", "+b", "{\"b\":9}" },
		{ "{}", "+b +c", "{\"b\":9,\"c\":9}" },
		{ "{ }", "+b", "{\"b\":9 }" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", "-a", "{\"b\":2,\"c\":3}" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", "-b", "{\"a\":1,\"c\":3}" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", "-c", "{\"a\":1,\"b\":2}" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", "-a -b", "{\"c\":3}" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", "-c -b", "{\"a\":1}" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", "-a -c", "{\"b\":2}" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", "-b -a -c", "{}" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", "-c +d -b",
		  "{\"a\":1,\"d\":9}" },
		{ "{\"a\":1,\"b\":2}", "+a +b", "{\"a\":9,\"b\":9}" },
		{ "{\"a\":1,\"b\":2}", "-a +b", "{\"b\":9}" },
		{ "{\"a\":1,\"b\":2}", "+a -b +c", "{\"a\":9,\"c\":9}" },
		{ "{\"a\":1,\"b\":2,\"a\":3}", "-a", "{\"b\":2}" },
		{ "{\"a\":1,\"b\":2,\"a\":3}", "+a",
		  "{\"a\":1,\"b\":2,\"a\":9}" },
		{ "{\"a\":null}", "+a", "{\"a\":9}" },
		{ "{\"\\u0061\":1}", "+a", "{\"\\u0061\":9}" },
		{ " {\n \"a\" : 1 ,\n \"b\" : 2\n}\n", "-a",
		  " {\n \"b\" : 2\n}\n" },
		{ " {\n \"a\" : 1 ,\n \"b\" : 2\n}\n", "-b",
		  " {\n \"a\" : 1 \n}\n" },
		{ " {\n \"a\" : 1 ,\n \"b\" : 2\n}\n", "-a -b", " {\n \n}\n" },
		{ " {\n \"a\" : 1 ,\n \"b\" : 2\n}\n", "-b +c",
		  " {\n \"a\" : 1 ,\"c\":9\n}\n" },
		{ "{\"a\":\",\",\"b\":\"{\"}", "-b", "{\"a\":\",\"}" },
		{ "{\"a\":\"{\"}", "+b", "{\"a\":\"{\",\"b\":9}" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf b = { 0 };

		CHECK(edit(&b, cases[i].text, cases[i].script));
		CHECK_BYTES(buf_slice(&b).ptr, buf_len(&b), cases[i].want,
		    strlen(cases[i].want));
		buf_free(&b);
	}
}

/* An arena makes room for any number of edits, in any order. */
static void
many(void)
{
	enum { N = 5 * SPLICE_MAX };
	struct arena a = { 0 };
	struct buf text = { 0 }, out = { 0 }, want = { 0 };
	struct json_fault fault;
	struct json j;
	struct splice s = { .arena = &a };
	struct jval items[N], v;
	size_t n = 0;

	for (int i = 0; i < N; i++)
		buf_text(&text, i ? ", 1" : "[1");
	buf_byte(&text, ']');
	for (int i = 0; i < N; i++)
		buf_text(&want, i ? ", 22" : "[22");
	buf_byte(&want, ']');
	s.text = buf_slice(&text);
	CHECK(json_parse(&j, &a, s.text, 0, &fault));
	for (v = jval_first(json_root(&j)); !jval_at_end(v); v = jval_next(v))
		items[n++] = v;
	for (size_t i = 0; i < N; i++)
		splice_value(&s, items[i % 2 ? i : N - 2 - i], SLICE("22"));
	CHECK(!s.failed);
	splice_write(&s, &out);
	CHECK(slice_eq(buf_slice(&out), buf_slice(&want)));
	buf_free(&text);
	buf_free(&out);
	buf_free(&want);
	arena_reset(&a);
}

/* What cannot be said in one copy fails, and writes nothing. */
static void
refuses(void)
{
	struct buf b = { 0 }, many = { 0 };

	CHECK(!edit(&b, "{\"a\":1}", "-a +a"));
	buf_clear(&b);
	CHECK(!edit(&b, "[1]", "+a"));
	CHECK(!buf_len(&b));
	buf_byte(&many, '{');
	for (int i = 0; i <= SPLICE_MAX; i++)
		buf_text(&many, "\"a\":1,");
	buf_text(&many, "\"b\":2}");
	buf_byte(&many, '\0');
	buf_clear(&b);
	CHECK(!edit(&b, buf_slice(&many).ptr, "-a"));
	buf_free(&many);
	buf_free(&b);
}

static void
elements(void)
{
	static const char text[] = "[ 1, [2, 3], {\"a\" : [4]} ]";
	static const char *const want[] = {
		"[ [2, 3], {\"a\" : [4]} ]", "[ 1, {\"a\" : [4]} ]",
		"[ 1, [2, 3] ]",
	};

	for (int drop = 0; drop < 3; drop++) {
		struct splice s = { .text = slice_of(text) };
		struct arena a = { 0 };
		struct json_fault fault;
		struct json j;
		struct jval e;
		struct buf b = { 0 };

		CHECK(json_parse(&j, &a, s.text, 0, &fault));
		e = jval_first(json_root(&j));
		for (int i = 0; i < drop; i++)
			e = jval_next(e);
		splice_drop(&s, json_root(&j), e);
		splice_write(&s, &b);
		CHECK_BYTES(buf_slice(&b).ptr, buf_len(&b), want[drop],
		    strlen(want[drop]));
		buf_free(&b);
		arena_reset(&a);
	}
}

/* Several levels at once, behind what the buf held before. */
static void
nested(void)
{
	struct splice s = { .text = SLICE(
	    "{\"o\":{\"x\":1},\"e\":{},\"l\":[1,{\"y\":2,\"z\":3}]}") };
	const char *want = "before,{\"o\":{\"x\":1,\"n\":true},"
	    "\"e\":{\"n\":0},\"l\":[\"one\",{\"y\":2}],\"k\":null}";
	struct arena a = { 0 };
	struct json_fault fault;
	struct json j;
	struct jval root, l;
	struct buf b = { 0 };

	CHECK(json_parse(&j, &a, s.text, 0, &fault));
	root = json_root(&j);
	l = jval_get(root, "l");
	splice_set(&s, root, "k", SLICE("null"));
	splice_remove(&s, jval_next(jval_first(l)), "z");
	splice_value(&s, jval_first(l), SLICE("\"one\""));
	splice_set(&s, jval_get(root, "e"), "n", SLICE("0"));
	splice_set(&s, jval_get(root, "o"), "n", SLICE("true"));
	splice_remove(&s, jval_get(root, "absent"), "n");
	CHECK(!s.failed);
	buf_text(&b, "before,");
	splice_write(&s, &b);
	CHECK_BYTES(buf_slice(&b).ptr, buf_len(&b), want, strlen(want));
	buf_free(&b);
	arena_reset(&a);
}

/* Edit whatever stands at random places of `v`. */
static void
edit_anywhere(struct splice *s, struct jval v)
{
	bool object = jval_is(v, JSON_OBJECT);

	if (object && random_below(4) == 0)
		splice_set(s, v, "stop", SLICE("[0]"));
	if (object && random_below(8) == 0)
		splice_remove(s, v, "a");
	for (struct jval e = jval_first(v); !jval_at_end(e);
	    e = jval_next(e)) {
		switch (random_below(6)) {
		case 0:
			splice_drop(s, v, e);
			break;
		case 1:
			splice_value(s, object ? jval_value(e) : e,
			    SLICE("\"new\""));
			break;
		default:
			edit_anywhere(s, object ? jval_value(e) : e);
		}
	}
}

static void
always_json(void)
{
	unsigned edited = 0;

	random_start();
	for (int i = 0; i < 4000; i++) {
		struct buf text = { 0 }, out = { 0 };
		struct splice s = { 0 };
		struct arena a = { 0 };
		struct json_fault fault;
		uint32_t tokens;
		struct json j;

		random_blanks(&text);
		random_value(&text, 4);
		random_blanks(&text);
		s.text = buf_slice(&text);
		CHECK(json_parse(&j, &a, s.text, 0, &fault));
		edit_anywhere(&s, json_root(&j));
		splice_write(&s, &out);
		if (!s.failed) {
			edited += s.count > 0;
			CHECK(json_check(buf_slice(&out), JSON_DEPTH_MAX,
			    &tokens, &fault));
		}
		buf_free(&text);
		buf_free(&out);
		arena_reset(&a);
	}
	CHECK(edited > 500);
}

static void
covers(void)
{
	struct arena a = { 0 };
	struct json_fault fault;
	struct json j;
	struct splice s = { .text = SLICE("{\"a\":{\"b\":1},\"c\":[1]}") };
	struct jval inner, outer, list;

	CHECK(json_parse(&j, &a, s.text, 0, &fault));
	outer = jval_get(json_root(&j), "a");
	inner = jval_get(outer, "b");
	list = jval_get(json_root(&j), "c");
	splice_set(&s, outer, "d", SLICE("2"));
	CHECK(!splice_covers(&s, outer) && !splice_covers(&s, inner));
	splice_value(&s, inner, SLICE("3"));
	CHECK(!splice_covers(&s, outer) && splice_covers(&s, inner));
	CHECK(!splice_covers(&s, list));
	splice_remove(&s, json_root(&j), "c");
	CHECK(splice_covers(&s, list) && splice_covers(&s, jval_first(list)));
	CHECK(!splice_covers(&s, json_root(&j)) && !s.failed);
	arena_reset(&a);
}

TESTS(
	{ "members", members },
	{ "refuses", refuses },
	{ "as many edits as there are", many },
	{ "elements", elements },
	{ "nested", nested },
	{ "what is covered", covers },
	{ "always JSON", always_json })
