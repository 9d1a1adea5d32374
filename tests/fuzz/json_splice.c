/* json_splice - the first bytes choose the edits, the rest is the text. */
#include "base/check.h"
#include "json/splice.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { PLAN = 8 };

/* Do what `plan` says to the items of `v` and to what is inside of them. */
static void
edit(struct splice *s, struct jval v, const uint8_t *plan, unsigned *step)
{
	bool object = jval_is(v, JSON_OBJECT);

	for (struct jval e = jval_first(v); !jval_at_end(e);
	    e = jval_next(e)) {
		switch (plan[(*step)++ % PLAN] % 8) {
		case 0:
			splice_drop(s, v, e);
			continue;
		case 1:
			splice_value(s, object ? jval_value(e) : e,
			    SLICE("{\"new\":[1]}"));
			continue;
		case 2:
			splice_set(s, object ? v : e, "a", SLICE("null"));
			break;
		}
		edit(s, object ? jval_value(e) : e, plan, step);
	}
	if (plan[(*step)++ % PLAN] % 8 == 3)
		splice_remove(s, v, "a");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct splice s = { 0 };
	struct arena a = { 0 };
	struct buf out = { 0 };
	struct json_fault fault;
	unsigned step = 0;
	uint32_t tokens;
	struct json j;

	if (size < PLAN)
		return 0;
	s.text = (struct slice){ (const char *)data + PLAN, size - PLAN };
	if (json_parse(&j, &a, s.text, 0, &fault)) {
		edit(&s, json_root(&j), data, &step);
		splice_write(&s, &out);
		if (!s.failed)
			CHECK(json_check(buf_slice(&out), JSON_DEPTH_MAX,
			    &tokens, &fault));
	}
	buf_free(&out);
	arena_reset(&a);
	return 0;
}
