/*
 * Any bytes as a client's request of each protocol: what comes out is shorter,
 * is JSON of the same shape, and has nothing to be shortened.  The first byte
 * says what is left out.
 */
#include "base/check.h"
#include "json/json.h"
#include "json/text.h"
#include "proto/compress.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A result of Gemini's is an object, and may be told by another one. */
static bool
told(struct jval v)
{
	return jval_count(v) == 1 && slice_starts(jval_get_text(v, "output"),
	    SLICE("[Same as the result of "));
}

/* But for strings that became shorter both are the same. */
static void
compare(struct jval a, struct jval b)
{
	bool object = jval_is(a, JSON_OBJECT);

	CHECK(jval_type(a) == jval_type(b));
	if (object && told(b))
		return;
	if (jval_is(a, JSON_STRING)) {
		CHECK(jval_raw(b).len <= jval_raw(a).len);
	} else if (!object && !jval_is(a, JSON_ARRAY)) {
		CHECK(slice_eq(jval_raw(a), jval_raw(b)));
		return;
	}
	CHECK(jval_count(a) == jval_count(b));
	a = jval_first(a);
	b = jval_first(b);
	for (; !jval_at_end(a); a = jval_next(a), b = jval_next(b)) {
		CHECK(!object || slice_eq(jval_raw(a), jval_raw(b)));
		compare(object ? jval_value(a) : a, object ? jval_value(b) : b);
	}
}

static void
check(enum protocol_id protocol, unsigned kinds, const struct json *was)
{
	struct compressed done, again;
	struct buf out = { 0 }, twice = { 0 };
	struct arena arena = { 0 };
	struct json_fault fault;
	struct json now;

	if (compress_request(protocol, json_root(was), kinds, &out, &done)) {
		CHECK(was->text.len == buf_len(&out) + done.saved);
		CHECK(json_parse(&now, &arena, buf_slice(&out), 0, &fault));
		compare(json_root(was), json_root(&now));
		/* what became equal may be told by another then */
		CHECK(kinds & COMPRESS_REPEATS || !compress_request(protocol,
		    json_root(&now), kinds, &twice, &again));
	}
	CHECK(!buf_len(&twice));
	buf_free(&out);
	arena_reset(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct json_fault fault;
	struct slice text;
	struct json doc;

	if (!size)
		return 0;
	text = (struct slice){ (const char *)data + 1, size - 1 };
	if (json_parse(&doc, &arena, text, 0, &fault))
		for (unsigned p = 0; p < PROTO_COUNT; p++)
			check(p, data[0] & COMPRESS_ALL, &doc);
	arena_reset(&arena);
	return 0;
}
