/*
 * Schemas on their way to Google, in both of its dialects, and on the way from
 * it.
 */
#include "json/json.h"
#include "proto/gemini/decode.h"
#include "proto/gemini/subset.h"
#include "test.h"

/* Of its own, as the two headers of readers and writers do not mix. */
struct slice	gemini_fit_schema(struct arena *, struct jval, bool old);
bool		gemini_is_hollow(struct jval);

enum way { TO_JSON, TO_OPENAPI, FROM_GOOGLE };

static const char both[] = "{\"$schema\":\"http://json-schema.org/draft-07/"
    "schema#\",\"type\":\"object\",\"properties\":{\"type\":{\"type\":"
    "\"string\",\"const\":\"a\"},\"n\":{\"type\":[\"integer\",\"null\"],"
    "\"exclusiveMinimum\":0,\"default\":3},\"u\":{\"oneOf\":[{\"type\":"
    "\"string\",\"pattern\":\"^x\"},{\"$ref\":\"#/definitions/P\"}]},\"e\":{"
    "\"enum\":[\"x\",null]},\"t\":{\"type\":\"array\",\"items\":[{\"type\":"
    "\"string\"},{\"type\":\"number\"}]},\"f\":{\"type\":\"boolean\","
    "\"const\":true}},\"required\":[\"type\",\"zz\"],"
    "\"additionalProperties\":false,\"definitions\":{\"P\":{\"type\":"
    "\"object\",\"properties\":{\"q\":{\"$ref\":\"#/definitions/P\","
    "\"description\":\"self\"}},\"patternProperties\":{\"^a\":{}}}}}";

static const char merged[] = "{\"allOf\":[{\"$ref\":\"#/$defs/A\"},{"
    "\"properties\":{\"b\":{\"type\":\"integer\",\"enum\":[1,2]}},"
    "\"required\":[\"b\"]}],\"description\":\"d\",\"$defs\":{\"A\":{\"type\":"
    "\"object\",\"properties\":{\"a\":{\"anyOf\":[{\"type\":\"string\","
    "\"format\":\"uuid\"},{\"type\":\"null\"}]}},\"required\":[\"a\"]}}}";

static const struct {
	enum way	 way;
	const char	*from, *to;
} cases[] = {
	{ TO_JSON, both, "{\"type\":\"object\",\"properties\":{\"type\":{"
	    "\"type\":\"string\",\"enum\":[\"a\"]},\"n\":{\"type\":["
	    "\"integer\",\"null\"],\"minimum\":1},\"u\":{\"anyOf\":[{\"type\":"
	    "\"string\"},{\"$ref\":\"#/$defs/P\"}]},\"e\":{\"type\":["
	    "\"string\",\"null\"],\"enum\":[\"x\"]},\"t\":{\"type\":\"array\","
	    "\"prefixItems\":[{\"type\":\"string\"},{\"type\":\"number\"}]},"
	    "\"f\":{\"type\":\"boolean\"}},\"additionalProperties\":false,"
	    "\"required\":[\"type\"],\"$defs\":{\"P\":{\"type\":\"object\","
	    "\"properties\":{\"q\":{\"$ref\":\"#/$defs/P\"}}}}}" },
	{ TO_OPENAPI, both, "{\"type\":\"OBJECT\",\"properties\":{\"type\":{"
	    "\"type\":\"STRING\",\"enum\":[\"a\"]},\"n\":{\"type\":"
	    "\"INTEGER\",\"nullable\":true},\"u\":{\"anyOf\":[{\"type\":"
	    "\"STRING\",\"pattern\":\"^x\"},{\"type\":\"OBJECT\","
	    "\"properties\":{\"q\":{\"type\":\"OBJECT\",\"description\":"
	    "\"self\"}}}]},\"e\":{\"type\":\"STRING\",\"nullable\":true,"
	    "\"enum\":[\"x\"]},\"t\":{\"type\":\"ARRAY\",\"items\":{\"type\":"
	    "\"STRING\"}},\"f\":{\"type\":\"BOOLEAN\",\"description\":"
	    "\"One of: true\"}},\"required\":[\"type\"]}" },
	{ TO_JSON, merged, "{\"type\":\"object\",\"description\":\"d\","
	    "\"properties\":{\"b\":{\"type\":\"integer\",\"enum\":[1,2]},"
	    "\"a\":{\"anyOf\":[{\"type\":\"string\",\"format\":\"uuid\"},{"
	    "\"type\":\"null\"}]}},\"required\":[\"a\",\"b\"],\"$defs\":{"
	    "\"A\":{\"type\":\"object\",\"properties\":{\"a\":{\"anyOf\":[{"
	    "\"type\":\"string\",\"format\":\"uuid\"},{\"type\":\"null\"}]}},"
	    "\"required\":[\"a\"]}}}" },
	{ TO_OPENAPI, merged, "{\"type\":\"OBJECT\",\"description\":\"d\","
	    "\"properties\":{\"b\":{\"type\":\"INTEGER\",\"description\":"
	    "\"One of: 1, 2\"},\"a\":{\"type\":\"STRING\",\"nullable\":true}},"
	    "\"required\":[\"a\",\"b\"]}" },
	{ TO_OPENAPI, "{\"type\":[\"string\",\"integer\",\"null\"],"
	    "\"description\":\"d\"}", "{\"anyOf\":[{\"type\":\"STRING\"},{"
	    "\"type\":\"INTEGER\"}],\"description\":\"d\",\"nullable\":true}" },
	{ TO_JSON, "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":"
	    "\"integer\",\"exclusiveMaximum\":-3}}}", "{\"type\":\"object\","
	    "\"properties\":{\"a\":{\"type\":\"integer\",\"maximum\":-4}}}" },
	{ TO_JSON, "{}", "{\"type\":\"object\",\"properties\":{}}" },
	{ TO_JSON, "{\"$ref\":\"http://x\"}", "{}" },
	{ FROM_GOOGLE, "{\"type\":\"OBJECT\",\"properties\":{\"a\":{\"type\":"
	    "\"STRING\",\"nullable\":true,\"enum\":[\"x\"]},\"type\":{"
	    "\"type\":\"INTEGER\",\"enum\":[\"1\",\"2\"],\"format\":\"enum\"},"
	    "\"b\":{\"any_of\":[{\"type\":\"NUMBER\"}],\"nullable\":true},"
	    "\"c\":{\"type\":\"ARRAY\",\"minItems\":\"1\",\"items\":{\"type\":"
	    "\"TYPE_UNSPECIFIED\"}}},\"propertyOrdering\":[\"b\"]}",
	    "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":["
	    "\"string\",\"null\"],\"enum\":[\"x\",null]},\"type\":{\"type\":"
	    "\"integer\",\"enum\":[1,2]},\"b\":{\"anyOf\":[{\"type\":"
	    "\"number\"},{\"type\":\"null\"}]},\"c\":{\"type\":\"array\","
	    "\"minItems\":1,\"items\":{}}}}" },
};

static struct jval
parse(struct arena *arena, struct json *doc, const char *text)
{
	struct json_fault fault;

	CHECK(json_parse(doc, arena, slice_of(text), 0, &fault));
	return json_root(doc);
}

static void
schemas(void)
{
	struct arena arena = { 0 };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct json doc;
		struct jval v = parse(&arena, &doc, cases[i].from);
		struct slice got = cases[i].way == FROM_GOOGLE ?
		    gemini_plain_schema(&arena, v) :
		    gemini_fit_schema(&arena, v, cases[i].way == TO_OPENAPI);

		if (!slice_is(got, cases[i].to))
			fprintf(stderr, "%zu: %.*s\n", i, SLICE_FMT(got));
		CHECK(slice_is(got, cases[i].to));
	}
	arena_reset(&arena);
}

/* A few references that stand for endlessly many schemas. */
static void
bombs(void)
{
	static const char *const texts[] = {
		"{\"$ref\":\"#\"}",
		"{\"allOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"},"
		    "{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}",
		"{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":"
		    "\"#/$defs/a\"}},\"$defs\":{\"a\":{\"properties\":{"
		    "\"x\":{\"$ref\":\"#/$defs/b\"},\"y\":{\"$ref\":"
		    "\"#/$defs/b\"}}},\"b\":{\"properties\":{\"x\":{\"$ref\":"
		    "\"#/$defs/a\"},\"y\":{\"$ref\":\"#/$defs/a\"}}}}}",
	};
	struct arena arena = { 0 };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		for (int old = 0; old < 2; old++) {
			struct json doc, again;
			struct json_fault fault;
			struct slice got = gemini_fit_schema(&arena,
			    parse(&arena, &doc, texts[i]), old);

			CHECK(json_parse(&again, &arena, got, 0, &fault));
		}
	arena_reset(&arena);
}

static void
hollow(void)
{
	struct arena arena = { 0 };
	struct json doc;

	CHECK(gemini_is_hollow(parse(&arena, &doc,
	    "{\"type\":\"object\",\"properties\":{}}")));
	CHECK(!gemini_is_hollow(parse(&arena, &doc, merged)));
	arena_reset(&arena);
}

TESTS(
	{ "each way", schemas },
	{ "endless references", bombs },
	{ "nothing inside", hollow })
