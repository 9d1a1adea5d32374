/* Arguments of tool calls, as models write them. */
#include "test.h"

#include "json/check.h"
#include "proto/args.h"

static const struct {
	const char	*text, *object;
} cases[] = {
	{ "", "{}" },
	{ " \n", "{}" },
	{ "{}", "{}" },
	{ " {\"a\":12345678901234567890, \"a\":1.0}\n",
	    "{\"a\":12345678901234567890, \"a\":1.0}" },
	{ "\"{\\\"a\\\":1}\"", "{\"a\":1}" },
	{ "\"plain\"", "{\"value\":\"plain\"}" },
	{ "[1,2]", "{\"value\":[1,2]}" },
	{ "null", "{}" },
	{ "5", "{\"value\":5}" },
	{ "{\"a\":1}}", "{\"a\":1}" },
	{ "{\"a\":1} {\"b\":2}", "{\"a\":1}" },
	{ "{}{\"b\":2}", "{\"b\":2}" },
	{ "{}{\"b\":", "{}" },
	{ "{\"a\":1,\"b\":\"x", "{\"a\":1}" },
	{ "{\"a\":[1,2", "{\"a\":[1]}" },
	{ "{\"a\":{\"b\":true,", "{\"a\":{\"b\":true}}" },
	{ "{\"command\":\"rm -rf /tmp/", "{}" },
	{ "{", "{}" },
	{ "{a:1}", "{\"_raw_arguments\":\"{a:1}\"}" },
	{ "none\n", "{\"_raw_arguments\":\"none\\n\"}" },
	{ "\"half", "{\"_raw_arguments\":\"\\\"half\"}" },
};

static void
mended(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena arena = { 0 };
		size_t len = strlen(cases[i].text);
		char *copy = guard_page(cases[i].text, len);
		struct slice got = args_object(&arena,
		    (struct slice){ copy, len });

		CHECK_BYTES(got.ptr, got.len, cases[i].object,
		    strlen(cases[i].object));
		arena_reset(&arena);
		guard_page_free(copy, len);
	}
}

/* Every beginning of an object becomes an object. */
static void
cut_anywhere(void)
{
	static const char text[] = "{\"a\":[1,{\"b\":\"c\\\"\\u00e9\"},null],"
	    "\"d\":{\"e\":-1.5e3,\"f\":[[]]},\"g\":false}";

	for (size_t len = 0; len < sizeof text; len++) {
		struct arena arena = { 0 };
		struct slice got = args_object(&arena,
		    (struct slice){ text, len });
		uint32_t tokens;
		struct json_fault fault;

		CHECK(got.ptr[0] == '{');
		CHECK(json_check(got, JSON_DEPTH_MAX, &tokens, &fault));
		CHECK(slice_find(got, SLICE("_raw")) == SIZE_MAX);
		arena_reset(&arena);
	}
}

TESTS(
	{ "mended", mended },
	{ "cut anywhere", cut_anywhere })
