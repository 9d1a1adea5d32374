/* json - check, parse, walk and write: what is accepted comes out again. */
#include <string.h>

#include "base/check.h"
#include "json/json.h"
#include "json/write.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Write `v` by what the walk says; texts are at most JSON_DEPTH_MAX deep. */
static void
rewrite(struct writer *w, struct jval v)
{
	bool object = jval_is(v, JSON_OBJECT);
	size_t n = 0;

	if (!object && !jval_is(v, JSON_ARRAY)) {
		write_raw(w, jval_raw(v));
		return;
	}
	if (object)
		write_object(w);
	else
		write_array(w);
	for (struct jval e = jval_first(v); !jval_at_end(e); n++) {
		if (object)
			write_key_text(w, jval_text(e));
		rewrite(w, object ? jval_value(e) : e);
		e = jval_next(e);
	}
	write_end(w);
	CHECK(n == jval_count(v));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct arena a = { 0 };
	struct buf walked = { 0 }, min = { 0 };
	struct writer w1 = { .out = &walked }, w2 = { .out = &min };
	struct json_fault fault, again;
	struct json_prefix prefix;
	uint32_t tokens;
	struct json j;
	bool ok = json_check(text, JSON_DEPTH_MAX, &tokens, &fault);

	CHECK(json_parse(&j, &a, text, 0, &again) == ok);
	CHECK((json_check_prefix(text, &prefix) == 1) == ok);
	if (ok) {
		CHECK(j.count == tokens);
		rewrite(&w1, json_root(&j));
		write_min(&w2, text);
		CHECK(slice_eq(buf_slice(&walked), buf_slice(&min)));
	} else {
		CHECK(fault.why && fault.at <= size);
		CHECK(again.at == fault.at && !strcmp(again.why, fault.why));
	}
	buf_free(&walked);
	buf_free(&min);
	arena_reset(&a);
	return 0;
}
