#include "test.h"

#include "json/write.h"

#include "json_random.h"

static void
check_text(const struct buf *got, const char *want)
{
	CHECK_BYTES(buf_slice(got).ptr, buf_len(got), want, strlen(want));
}

static bool
is_json(struct slice text)
{
	struct json_fault fault;
	uint32_t tokens;

	return json_check(text, JSON_DEPTH_MAX, &tokens, &fault);
}

static void
commas(void)
{
	struct buf b = { 0 };
	struct writer w = { .out = &b };

	write_object(&w);
	write_key(&w, "a");
	write_array(&w);
	write_u64(&w, UINT64_MAX);
	write_i64(&w, INT64_MIN);
	write_i64(&w, 0);
	write_object(&w);
	write_end(&w);
	write_array(&w);
	write_end(&w);
	write_bool(&w, true);
	write_bool(&w, false);
	write_null(&w);
	write_end(&w);
	write_member_text(&w, "t", SLICE("x\\n"));
	write_member_plain(&w, "p", "x\n\"");
	write_key_text(&w, SLICE("\\u0061"));
	write_string(&w, SLICE("\0"));
	write_key(&w, "pieces");
	write_text_begin(&w);
	write_text_piece(&w, SLICE("one "));
	write_text_piece(&w, SLICE(""));
	write_text_piece(&w, SLICE("two"));
	write_text_end(&w);
	write_member_raw(&w, "r", SLICE("[1, 2]"));
	write_member_u64(&w, "u", 7);
	write_member_bool(&w, "b", true);
	write_member_null(&w, "n");
	write_end(&w);
	check_text(&b, "{\"a\":[18446744073709551615,-9223372036854775808,0,"
	    "{},[],true,false,null],\"t\":\"x\\n\",\"p\":\"x\\n\\\"\","
	    "\"\\u0061\":\"\\u0000\",\"pieces\":\"one two\",\"r\":[1, 2],"
	    "\"u\":7,\"b\":true,\"n\":null}");
	CHECK(is_json(buf_slice(&b)));
	buf_free(&b);
}

/* Every level remembers what it is, down to the deepest allowed. */
static void
levels(void)
{
	struct buf b = { 0 };
	struct writer w = { .out = &b };
	struct slice s;

	for (int i = 0; i < JSON_DEPTH_MAX; i++) {
		if (i % 3) {
			write_array(&w);
		} else {
			write_object(&w);
			write_key(&w, "k");
		}
	}
	write_u64(&w, 1);
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		write_end(&w);
	s = buf_slice(&b);
	CHECK(is_json(s));
	buf_free(&b);
}

static void
minimal(void)
{
	struct buf b = { 0 };
	struct writer w = { .out = &b };
	static const char text[] = "{ \"a b\" : [ 1 ,\n\t\"x \\\" y\" ] }\r\n";
	size_t len = sizeof text - 1;
	char *copy = guard_page(text, len);

	write_array(&w);
	write_min(&w, (struct slice){ copy, len });
	write_min(&w, SLICE(" \"long string with blanks in it, \\\\\" "));
	write_end(&w);
	check_text(&b, "[{\"a b\":[1,\"x \\\" y\"]},"
	    "\"long string with blanks in it, \\\\\"]");
	guard_page_free(copy, len);
	buf_free(&b);
}

/* Write `v` by the writer's calls. */
static void
rewrite(struct writer *w, struct jval v)
{
	bool object = jval_is(v, JSON_OBJECT);

	if (jval_is(v, JSON_STRING)) {
		write_text(w, jval_text(v));
		return;
	}
	if (!object && !jval_is(v, JSON_ARRAY)) {
		write_raw(w, jval_raw(v));
		return;
	}
	if (object)
		write_object(w);
	else
		write_array(w);
	for (struct jval e = jval_first(v); !jval_at_end(e);
	    e = jval_next(e)) {
		if (object)
			write_key_text(w, jval_text(e));
		rewrite(w, object ? jval_value(e) : e);
	}
	write_end(w);
}

/* parse -> walk -> write gives the text back, as write_min() does. */
static void
any_text(void)
{
	random_start();
	for (int i = 0; i < 2000; i++) {
		struct buf text = { 0 }, walked = { 0 }, min = { 0 };
		struct writer w1 = { .out = &walked }, w2 = { .out = &min };
		struct arena a = { 0 };
		struct json_fault fault;
		struct json j;

		random_value(&text, 5);
		CHECK(json_parse(&j, &a, buf_slice(&text), 0, &fault));
		rewrite(&w1, json_root(&j));
		write_min(&w2, buf_slice(&text));
		CHECK_BYTES(buf_slice(&walked).ptr, buf_len(&walked),
		    buf_slice(&min).ptr, buf_len(&min));
		CHECK(is_json(buf_slice(&min)));
		buf_free(&text);
		buf_free(&walked);
		buf_free(&min);
		arena_reset(&a);
	}
}

static void
sticky(void)
{
	struct buf b = { .limit = 8 };
	struct writer w = { .out = &b };

	write_array(&w);
	write_plain(&w, "far too long");
	write_end(&w);
	CHECK(b.failed);
	buf_free(&b);
}

TESTS(
	{ "commas", commas },
	{ "levels", levels },
	{ "minimal", minimal },
	{ "any text, written again", any_text },
	{ "failure is the buf's", sticky })
