/* json_text - escaping and unescaping, of checked strings and of any bytes. */
#include "base/check.h"
#include "json/check.h"
#include "json/text.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static bool
is_string(struct slice inside)
{
	struct buf b = { 0 };
	struct json_fault fault;
	uint32_t tokens;
	bool ok;

	buf_byte(&b, '"');
	buf_append(&b, inside);
	buf_byte(&b, '"');
	ok = json_check(buf_slice(&b), 0, &tokens, &fault);
	buf_free(&b);
	return ok;
}

/* Unescaped in two ways, compared, mended in one piece and in two. */
static void
unescape(struct arena *a, struct slice s)
{
	bool valid = is_string(s);
	struct slice plain = text_unescape(a, s), whole = text_mend(a, s);
	struct slice some = slice_sub(s, 0, s.len / 2);
	struct slice rest = slice_skip(s, s.len / 2);
	struct text_joint joint = { 0 };
	struct buf b = { 0 };

	text_unescape_to(&b, s);
	CHECK(slice_eq(plain, buf_slice(&b)));
	CHECK(!valid || text_is(s, plain));
	CHECK(!valid || utf8_ok(plain));
	CHECK(!valid || is_string(whole));
	CHECK(text_length(s) <= s.len);
	CHECK(text_blank(s) == slice_blank(plain));
	buf_clear(&b);
	buf_append(&b, text_join(&joint, a, some));
	buf_append(&b, text_join(&joint, a, rest));
	buf_append(&b, text_join_end(&joint));
	if (is_string(some) && is_string(rest))
		CHECK(slice_eq(whole, buf_slice(&b)));
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s = { (const char *)data, size };
	struct arena a = { 0 };
	struct slice escaped = text_escape(&a, s);

	CHECK(is_string(escaped));
	if (utf8_ok(s))
		CHECK(slice_eq(text_unescape(&a, escaped), s));
	unescape(&a, s);
	arena_reset(&a);
	return 0;
}
