/* Schemas of tools and answers in the subset that Messages takes. */
#include "test.h"

#include "base/buf.h"
#include "proto/schema.h"

static struct jval
parse(struct arena *a, const char *text)
{
	struct json *doc = arena_alloc(a, sizeof *doc);
	struct json_fault fault;

	CHECK(doc);
	if (!*text)
		return (struct jval){ 0 };
	CHECK(json_parse(doc, a, slice_of(text), 0, &fault));
	return json_root(doc);
}

static void
tools(void)
{
	static const struct {
		const char	*in, *json, *note;
		bool		 wrapped;
	} cases[] = {
		{ "", "{\"type\":\"object\",\"properties\":{}}", "", false },
		{ "{}", "{\"type\":\"object\",\"properties\":{}}", "", false },
		{ "{\"type\":\"object\",\"x\":1.0}",
		    "{\"type\":\"object\",\"x\":1.0}", "", false },
		{ "{\"properties\":{\"a\":{}}}",
		    "{\"type\":\"object\",\"properties\":{\"a\":{}}}", "",
		    false },
		{ "{\"type\":\"array\",\"$defs\":{\"X\":{}}}",
		    "{\"type\":\"object\",\"properties\":{\"value\":{\"type\":"
		    "\"array\"}},\"required\":[\"value\"],"
		    "\"$defs\":{\"X\":{}}}",
		    "", true },
		{ "{\"oneOf\":[{\"type\":\"object\"},{\"type\":\"null\"}]}",
		    "{\"type\":\"object\",\"properties\":{\"value\":{\"oneOf\":"
		    "[{\"type\":\"object\"},{\"type\":\"null\"}]}},"
		    "\"required\":[\"value\"]}", "", true },
		/* the first definition of a property counts; anyOf's
		 * requirements are those of one branch only */
		{ "{\"type\":\"object\",\"properties\":{\"a\":1},\"required\":"
		    "[\"a\"],\"allOf\":[{\"required\":[\"b\",\"a\"]}],"
		    "\"anyOf\":"
		    "[{\"properties\":{\"a\":2,\"b\":3},\"required\":[\"c\"]}],"
		    "\"title\":\"T\"}",
		    "{\"type\":\"object\",\"properties\":{\"a\":1,\"b\":3},"
		    "\"required\":[\"a\",\"b\"],\"title\":\"T\"}",
		    "Input must also satisfy: {\\\"allOf\\\":[{\\\"required"
		    "\\\":[\\\"b\\\",\\\"a\\\"]}],\\\"anyOf\\\":"
		    "[{\\\"properties"
		    "\\\":{\\\"a\\\":2,\\\"b\\\":3},\\\"required\\\":[\\\"c"
		    "\\\"]}]}", false },
	};
	struct arena a = { 0 };
	struct schema_tool t;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CHECK(schema_for_tool(&a, parse(&a, cases[i].in), &t));
		CHECK_BYTES(t.json.ptr, t.json.len, cases[i].json,
		    strlen(cases[i].json));
		CHECK_BYTES(t.note.ptr, t.note.len, cases[i].note,
		    strlen(cases[i].note));
		CHECK(t.wrapped == cases[i].wrapped);
	}
	arena_reset(&a);
}

#define OBJECT(rest) "{\"type\":\"object\",\"properties\":{" rest "}}"
#define CLOSED(rest) "{\"type\":\"object\",\"properties\":{" rest "}," \
	"\"additionalProperties\":false}"

static void
formats(void)
{
	static const struct {
		const char	*in;
		enum schema_fit	 fit;
		const char	*out;
	} cases[] = {
		{ CLOSED("\"a\":{\"type\":\"string\"}"), SCHEMA_EXACT,
		    CLOSED("\"a\":{\"type\":\"string\"}") },
		{ OBJECT("\"a\":{\"type\":\"string\",\"format\":\"uuid\"}"),
		    SCHEMA_EXACT,
		    CLOSED("\"a\":{\"type\":\"string\",\"format\":\"uuid\"}") },
		{ OBJECT("\"a\":{\"type\":\"integer\",\"multipleOf\":2.0,"
		    "\"enum\":[2,4]}"), SCHEMA_LOOSER,
		    CLOSED("\"a\":{\"type\":\"integer\",\"enum\":[2,4],"
		    "\"description\":\"{multipleOf: 2.0}\"}") },
		{ OBJECT("\"a\":{\"type\":\"array\",\"minItems\":1,\"items\":"
		    "{\"const\":null}}"), SCHEMA_EXACT,
		    CLOSED("\"a\":{\"type\":\"array\",\"minItems\":1,"
		    "\"items\":{\"const\":null}}") },
		{ OBJECT("\"a\":{\"type\":\"string\",\"pattern\":\"\\\"\\\\d\","
		    "\"description\":\"D\"}"), SCHEMA_LOOSER,
		    CLOSED("\"a\":{\"type\":\"string\",\"description\":\"D"
		    "\\n\\n{pattern: \\\"\\\\\\\"\\\\\\\\d\\\"}\"}") },
		{ OBJECT("\"a\":{}"), SCHEMA_UNFIT, "" },
		{ OBJECT("\"a\":true"), SCHEMA_UNFIT, "" },
		{ OBJECT("\"a\":{\"$ref\":\"#/$defs/none\"}"), SCHEMA_UNFIT,
		    "" },
		{ OBJECT("\"a\":{\"$ref\":\"#\"}"), SCHEMA_UNFIT, "" },
		{ "{\"type\":\"array\",\"items\":{\"type\":\"null\"}}",
		    SCHEMA_UNFIT, "" },
		{ "{\"type\":\"object\",\"additionalProperties\":{\"type\":"
		    "\"string\"}}", SCHEMA_UNFIT, "" },
		{ "{\"type\":\"object\",\"anyOf\":[],\"oneOf\":[]}",
		    SCHEMA_UNFIT, "" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct slice out = { 0 };
		enum schema_fit fit = schema_for_format(&a,
		    parse(&a, cases[i].in), &out);

		CHECK(fit == cases[i].fit);
		if (fit != SCHEMA_UNFIT)
			CHECK_BYTES(out.ptr, out.len, cases[i].out,
			    strlen(cases[i].out));
	}
	arena_reset(&a);
}

/* A nest of `depth` arrays around a string. */
static void
nested(size_t depth, enum schema_fit want)
{
	struct arena a = { 0 };
	struct buf text = { 0 };
	struct slice out;

	buf_text(&text, "{\"type\":\"object\",\"properties\":{\"a\":");
	for (size_t i = 0; i < depth; i++)
		buf_text(&text, "{\"type\":[\"array\"],\"items\":");
	buf_text(&text, "{\"type\":\"string\"}");
	for (size_t i = 0; i < depth; i++)
		buf_byte(&text, '}');
	buf_text(&text, "}}");
	buf_byte(&text, '\0');
	CHECK(schema_for_format(&a, parse(&a, text.data), &out) == want);
	buf_free(&text);
	arena_reset(&a);
}

static void
depth(void)
{
	nested(20, SCHEMA_EXACT);
	nested(100, SCHEMA_UNFIT);
}

/* A chain of definitions, each referring to the next: fine, until too long. */
static void
references(void)
{
	for (size_t n = 4; n <= 4000; n += 3996) {
		struct arena a = { 0 };
		struct buf text = { 0 };
		struct slice out;

		buf_text(&text, "{\"type\":\"object\",\"properties\":{\"a\":"
		    "{\"$ref\":\"#/$defs/0\"}},\"$defs\":{");
		for (size_t i = 0; i < n; i++)
			buf_fmt(&text, "\"%zu\":{\"$ref\":\"#/$defs/%zu\"},",
			    i, i + 1);
		buf_fmt(&text, "\"%zu\":{\"type\":\"null\"}}}", n);
		buf_byte(&text, '\0');
		CHECK((schema_for_format(&a, parse(&a, text.data), &out) ==
		    SCHEMA_UNFIT) == (n > 4));
		buf_free(&text);
		arena_reset(&a);
	}
}

static void
strict(void)
{
	static const struct {
		const char	*in;
		bool		 want;
	} cases[] = {
		{ "{\"type\":\"object\",\"properties\":{},"
		    "\"additionalProperties\":false}", true },
		{ "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":"
		    "\"string\"}},\"required\":[\"a\"],"
		    "\"additionalProperties\":false}", true },
		{ CLOSED("\"a\":{\"type\":\"string\"}"), false },
		{ OBJECT(""), false },
		{ "{\"type\":\"object\",\"properties\":{\"a\":{\"anyOf\":[{"
		    "\"type\":\"object\"}]}},\"required\":[\"a\"],"
		    "\"additionalProperties\":false}", false },
		{ "{\"type\":\"object\",\"$defs\":{\"a\":" OBJECT("") "},"
		    "\"additionalProperties\":false}", false },
		{ "{\"type\":\"string\"}", false },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		CHECK(schema_is_strict(parse(&a, cases[i].in)) ==
		    cases[i].want);
	arena_reset(&a);
}

TESTS(
	{ "tools", tools },
	{ "formats", formats },
	{ "depth", depth },
	{ "references", references },
	{ "OpenAI's strict rules", strict })
