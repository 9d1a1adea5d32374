#include "proto/schema.h"

#include "base/buf.h"
#include "test.h"

static struct json doc;

/* The schema without `refused`; *looser: something is gone. */
static struct slice
trim(struct arena *arena, const char *text, const char *refused, bool *looser)
{
	struct json_fault fault;
	struct slice out;

	CHECK(json_parse(&doc, arena, slice_of(text), 0, &fault));
	*looser = !schema_trim(arena, json_root(&doc), refused, &out);
	return out;
}

static const struct {
	const char	*from, *refused, *to;
	bool		 looser;
} cases[] = {
	{ "{\"enum\":[\"a\",\"b\"]}", "enum", NULL, false },
	{ "{\"enum\":[\"a\",1,\"b\"]}", "enum", "{\"enum\":[\"a\",\"b\"]}",
	    true },
	{ "{\"type\":\"integer\",\"enum\":[1]}", "enum",
	    "{\"type\":\"integer\"}", true },
	{ "{\"const\":\"x\"}", "const", "{\"enum\":[\"x\"]}", false },
	{ "{\"const\":1}", "const", "{}", true },
	{ "{\"oneOf\":[{\"pattern\":\"x\"},{\"type\":\"null\"}]}",
	    "oneOf pattern", "{\"anyOf\":[{},{\"type\":\"null\"}]}", true },
	{ "{\"properties\":{\"pattern\":{\"title\":\"t\"}}}", "pattern title",
	    "{\"properties\":{\"pattern\":{}}}", true },
	/* a reference: what stands beside it counts more */
	{ "{\"items\":{\"$ref\":\"#/$defs/A\",\"title\":\"n\"},"
	    "\"$defs\":{\"A\":{\"title\":\"f\",\"type\":\"string\"}}}",
	    "$ref $defs", "{\"items\":{\"title\":\"n\",\"type\":\"string\"}}",
	    false },
	{ "{\"$ref\":\"#/$defs/A\",\"$defs\":{\"A\":{\"$ref\":\"#/$defs/B\"},"
	    "\"B\":{\"type\":\"object\"}}}", "$ref $defs",
	    "{\"type\":\"object\"}", false },
	{ "{\"items\":{\"$ref\":\"http://x\"}}", "$ref", "{\"items\":{}}",
	    true },
	{ "{\"$ref\":\"#/$defs/A\",\"$defs\":{\"A\":{\"$ref\":\"#/$defs/A\"}}}",
	    "$ref $defs", "{}", true },
	{ "{ \"multipleOf\" : 1.50 }", "enum $ref", NULL, false },
};

static void
rewritten(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena arena = { 0 };
		bool looser;
		struct slice out = trim(&arena, cases[i].from,
		    cases[i].refused, &looser);

		CHECK(slice_is(out, cases[i].to ? cases[i].to :
		    cases[i].from));
		CHECK(looser == cases[i].looser);
		arena_reset(&arena);
	}
}

/* Schemas that refer to themselves, and twice each time, come to an end. */
static void
bounded(void)
{
	static const char tree[] = "{\"$ref\":\"#/$defs/T\",\"$defs\":{\"T\":{"
	    "\"anyOf\":[{\"$ref\":\"#/$defs/T\"},{\"$ref\":\"#/$defs/T\"},"
	    "{\"$ref\":\"#/$defs/T\"},{\"$ref\":\"#/$defs/T\"}]}}}";
	struct arena arena = { 0 };
	struct buf deep = { 0 };
	struct json_fault fault;
	struct json parsed;
	struct slice out;
	bool looser;

	out = trim(&arena, tree, "$ref $defs", &looser);
	CHECK(looser && out.len && out.len < 1 << 20);
	CHECK(json_parse(&parsed, &arena, out, 0, &fault));
	for (int i = 0; i < 50; i++)
		buf_text(&deep, "{\"items\":");
	buf_text(&deep, "{\"enum\":[1]}");
	for (int i = 0; i < 50; i++)
		buf_byte(&deep, '}');
	buf_byte(&deep, '\0');
	out = trim(&arena, buf_slice(&deep).ptr, "enum", &looser);
	CHECK(looser && json_parse(&parsed, &arena, out, 0, &fault));
	buf_free(&deep);
	arena_reset(&arena);
}

TESTS(
	{ "rewritten", rewritten },
	{ "bounded", bounded })
