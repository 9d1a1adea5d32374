/* What is said: pieces of text, arguments out of schemas, limits, calls. */
#include "echo/speech.h"

#include "echo/invent.h"
#include "test.h"

static struct prompt *
ask(struct arena *arena, enum dialect dialect, const char *body)
{
	struct prompt *a = arena_alloc(arena, sizeof *a);
	const char *why = "";

	CHECK(a && prompt_read(a, arena, dialect, slice_of(body), &why));
	prompt_listen(a, arena);
	return a;
}

static struct speech
say(struct arena *arena, const struct prompt *a, const char *directives)
{
	struct script script;
	struct speech s;
	struct slice wrong;

	script_init(&script);
	CHECK(script_read(&script, slice_of(directives), &wrong));
	speech_compose(&s, a, &script, 7, arena);
	return s;
}

#define SAYS(speech, want) CHECK_BYTES((speech).text.ptr, \
	(speech).text.len, (want), strlen(want))

/* In any number of pieces the text is the same, and each piece is UTF-8. */
static void
pieces(void)
{
	static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 end";
	struct slice whole = { text, sizeof text - 1 };

	for (size_t n = 1; n < 3 * sizeof text; n++) {
		struct buf joined = { 0 };

		for (size_t i = 0; i < n; i++) {
			struct slice p = speech_piece(whole, i, n);

			CHECK(!p.len || (p.ptr[0] & 0xc0) != 0x80);
			buf_append(&joined, p);
		}
		CHECK_BYTES(buf_slice(&joined).ptr, buf_len(&joined), text,
		    sizeof text - 1);
		buf_free(&joined);
	}
}

static void
arguments(void)
{
	static const struct {
		const char	*schema, *want;
	} cases[] = {
		{ "{}", "{}" },
		{ "{\"type\":\"string\"}", "{}" },
		{ "{\"properties\":{\"a\":{\"type\":\"string\"}}}", "{}" },
		{ "{\"required\":[\"a\"],\"properties\":{\"a\":{\"type\":"
		  "\"string\"},\"b\":{\"type\":\"string\"}}}",
		  "{\"a\":\"x\"}" },
		{ "{\"required\":[\"i\",\"n\",\"b\",\"a\",\"o\",\"z\"],"
		  "\"properties\":{\"i\":{\"type\":\"integer\"},"
		  "\"n\":{\"type\":\"number\"},\"b\":{\"type\":\"boolean\"},"
		  "\"a\":{\"type\":\"array\"},\"o\":{\"type\":\"object\"},"
		  "\"z\":{\"type\":\"null\"}}}",
		  "{\"i\":1,\"n\":1,\"b\":true,\"a\":[],\"o\":{},\"z\":null}" },
		{ "{\"required\":[\"a\"]}", "{\"a\":\"x\"}" },
		{ "{\"required\":[\"e\",\"c\",\"t\",\"u\"],\"properties\":{"
		  "\"e\":{\"enum\":[ \"one\", 2]},\"c\":{\"const\":{\"k\": 1}},"
		  "\"t\":{\"type\":[\"number\",\"null\"]},"
		  "\"u\":{\"anyOf\":[{\"type\":\"boolean\"},{}]}}}",
		  "{\"e\":\"one\",\"c\":{\"k\":1},\"t\":1,\"u\":true}" },
		{ "{\"required\":[\"o\"],\"properties\":{\"o\":{\"required\":"
		  "[\"p\"],\"properties\":{\"p\":{\"type\":\"integer\"}}}}}",
		  "{\"o\":{\"p\":1}}" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena arena = { 0 };
		struct json doc;
		struct json_fault fault;
		struct slice got;

		CHECK(json_parse(&doc, &arena, slice_of(cases[i].schema), 0,
		    &fault));
		got = invent_arguments(&arena, json_root(&doc));
		CHECK_BYTES(got.ptr, got.len, cases[i].want,
		    strlen(cases[i].want));
		arena_reset(&arena);
	}
}

/* A schema as deep as JSON may be ends in an empty object. */
static void
deep_schema(void)
{
	struct arena arena = { 0 };
	struct buf text = { 0 };
	struct json doc;
	struct json_fault fault;
	struct slice got;

	for (int i = 0; i < 60; i++)
		buf_text(&text, "{\"type\":\"object\",\"required\":[\"a\"],"
		    "\"properties\":{\"a\":");
	buf_text(&text, "1");
	for (int i = 0; i < 60; i++)
		buf_text(&text, "}}");
	CHECK(json_parse(&doc, &arena, buf_slice(&text), 0, &fault));
	got = invent_arguments(&arena, json_root(&doc));
	CHECK(slice_starts(got, SLICE("{\"a\":{\"a\":")));
	CHECK(slice_find(got, SLICE("{}")) != SIZE_MAX && got.len < 100);
	buf_free(&text);
	arena_reset(&arena);
}

static void
quotes_the_last_user(void)
{
	struct arena arena = { 0 };

	SAYS(say(&arena, ask(&arena, DIALECT_CHAT, "{\"messages\":["
	    "{\"role\":\"user\",\"content\":\"one\"},"
	    "{\"role\":\"assistant\",\"content\":\"two\"},"
	    "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":"
	    "\"th\\u0072ee\\n\"},{\"type\":\"image_url\","
	    "\"image_url\":{\"url\":\"data:image/gif;base64,AAAAAA==\"}},"
	    "{\"type\":\"image_url\",\"image_url\":{\"url\":"
	    "\"http://a/b\"}}]}]}"), ""),
	    "You said: three\n [image image/gif, 4 bytes] [image http://a/b]");
	SAYS(say(&arena, ask(&arena, DIALECT_MESSAGES, "{\"messages\":["
	    "{\"role\":\"user\",\"content\":[{\"type\":\"document\",\"source\":"
	    "{\"type\":\"base64\",\"media_type\":\"application/pdf\",\"data\":"
	    "\"AAA=\"}},{\"type\":\"text\",\"text\":\"x\"}]}]}"), ""),
	    "You said: [document application/pdf, 2 bytes] x");
	arena_reset(&arena);
}

static void
quotes_results(void)
{
	struct arena arena = { 0 };

	SAYS(say(&arena, ask(&arena, DIALECT_CHAT, "{\"messages\":["
	    "{\"role\":\"user\",\"content\":\"call\"},"
	    "{\"role\":\"tool\",\"content\":\"old\"},"
	    "{\"role\":\"user\",\"content\":\"call\"},"
	    "{\"role\":\"tool\",\"content\":\"20 C\"},"
	    "{\"role\":\"tool\",\"content\":[{\"type\":\"text\",\"text\":"
	    "\"rain\"}]}],\"tools\":[{\"type\":\"function\",\"function\":"
	    "{\"name\":\"f\"}}]}"), "tools=2"),
	    "The tool said: \"20 C\"\nThe tool said: \"rain\"");
	SAYS(say(&arena, ask(&arena, DIALECT_MESSAGES, "{\"messages\":["
	    "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
	    "\"is_error\":true,\"content\":\"no\"},{\"type\":\"text\","
	    "\"text\":\"why\"}]}]}"), ""),
	    "The tool failed (is_error): \"no\"\nYou said: why");
	arena_reset(&arena);
}

static void
limits(void)
{
	static const struct {
		const char	*member, *want;
		enum finish	 finish;
	} cases[] = {
		{ "\"n\":1", "You said: a b c", FINISH_STOP },
		{ "\"stop\":\" b\"", "You said: a", FINISH_SEQUENCE },
		{ "\"stop\":[\"zz\",\"c\",\"a\"]", "You s", FINISH_SEQUENCE },
		{ "\"stop\":[\"\"]", "You said: a b c", FINISH_STOP },
		{ "\"max_tokens\":2", "You said", FINISH_LENGTH },
		{ "\"max_tokens\":1,\"max_completion_tokens\":3",
		  "You said: a ", FINISH_LENGTH },
		{ "\"max_tokens\":4", "You said: a b c", FINISH_STOP },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena arena = { 0 };
		struct speech s;
		char body[256];

		CHECK(snprintf(body, sizeof body, "{\"messages\":[{\"role\":"
		    "\"user\",\"content\":\"a b c\"}],%s}", cases[i].member)
		    > 0);
		s = say(&arena, ask(&arena, DIALECT_CHAT, body), "");
		SAYS(s, cases[i].want);
		CHECK(s.finish == cases[i].finish);
		arena_reset(&arena);
	}
}

static void
ordered_text(void)
{
	struct arena arena = { 0 };
	struct prompt *a = ask(&arena, DIALECT_CHAT, "{\"messages\":[{\"role\":"
	    "\"user\",\"content\":\"x\"}],\"max_tokens\":1}");

	CHECK(say(&arena, a, "text=1000").text.len == 1000);
	CHECK(say(&arena, a, "text=0").text.len == 0);
	CHECK(say(&arena, a, "events=500").pieces == 500);
	CHECK(say(&arena, a, "events=500").text.len >= 500);
	arena_reset(&arena);
}

static void
calls(void)
{
	static const struct {
		const char	*said, *member, *directives;
		size_t		 count;
		const char	*first;
	} cases[] = {
		{ "hello", "", "", 0, NULL },
		{ "call it", "", "", 1, "f" },
		{ "use a Tool", "", "", 1, "f" },
		{ "<system-reminder>tools</system-reminder>hi", "", "", 0,
		  NULL },
		{ "hi <system-reminder>x</system-reminder> call it", "", "",
		  1, "f" },
		{ "hi <system-reminder>call", "", "", 0, NULL },
		{ "<developer_message>call</developer_message>"
		  "<system-reminder>tool</system-reminder>hi", "", "", 0,
		  NULL },
		{ "<system-reminder>tool</system-reminder>x"
		  "<developer_message>tool</developer_message>call", "", "", 1,
		  "f" },
		{ "hello", "", "tools=3", 3, "f" },
		{ "call", "", "tools=0", 0, NULL },
		{ "call", ",\"tool_choice\":\"none\"", "", 0, NULL },
		{ "x", ",\"tool_choice\":\"required\"", "", 1, "f" },
		{ "x", ",\"tool_choice\":{\"type\":\"function\",\"function\":"
		  "{\"name\":\"g\"}}", "", 1, "g" },
		{ "x", ",\"parallel_tool_calls\":false", "tools=3", 1, "f" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena arena = { 0 };
		struct speech s;
		char body[512];

		CHECK(snprintf(body, sizeof body, "{\"messages\":[{\"role\":"
		    "\"user\",\"content\":\"%s\"}],\"tools\":[{\"type\":"
		    "\"function\",\"function\":{\"name\":\"f\"}},{\"type\":"
		    "\"function\",\"function\":{\"name\":\"g\"}}]%s}",
		    cases[i].said, cases[i].member) > 0);
		s = say(&arena, ask(&arena, DIALECT_CHAT, body),
		    cases[i].directives);
		CHECK(s.call_count == cases[i].count);
		CHECK(!s.call_count || (s.finish == FINISH_CALLS &&
		    slice_is(s.calls[0].name, cases[i].first)));
		CHECK(s.call_count < 2 ||
		    (slice_is(s.calls[1].name, "g") &&
		     !slice_eq(s.calls[0].id, s.calls[1].id)));
		arena_reset(&arena);
	}
}

TESTS(
	{ "pieces", pieces },
	{ "arguments", arguments },
	{ "a deep schema", deep_schema },
	{ "quotes the last user", quotes_the_last_user },
	{ "quotes results", quotes_results },
	{ "limits", limits },
	{ "ordered text", ordered_text },
	{ "calls", calls })
