/* What a provider refuses: each case breaks one rule of a good request. */
#include "echo/check.h"

#include "test.h"

struct sample {
	const char	*body;
	const char	*says;		/* in the refusal; NULL: it is good */
	const char	*param;		/* NULL: not looked at */
};

static void
try(enum dialect dialect, const struct sample *samples, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct sample *s = &samples[i];
		struct arena arena = { 0 };
		struct prompt a;
		struct fault fault = { 0 };
		const char *why = "";
		bool good;

		printf("    %s\n", s->body);
		CHECK(prompt_read(&a, &arena, dialect, slice_of(s->body),
		    &why));
		good = dialect == DIALECT_CHAT
		    ? check_chat(&a, &fault, &arena)
		    : check_messages(&a, &fault, &arena);
		printf("    %.*s\n", SLICE_FMT(fault.message));
		CHECK(good == !s->says);
		CHECK(good || slice_find(fault.message, slice_of(s->says)) !=
		    SIZE_MAX);
		CHECK(!s->param || slice_is(fault.param, s->param));
		arena_reset(&arena);
	}
}

#define CHAT(messages) "{\"model\":\"m\",\"messages\":[" messages "]}"
#define USER "{\"role\":\"user\",\"content\":\"x\"}"
#define CALL(id) "{\"id\":\"" id "\",\"type\":\"function\",\"function\":" \
	"{\"name\":\"f\",\"arguments\":\"{}\"}}"
#define CALLS(calls) \
	"{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[" calls "]}"
#define TOOL(id) \
	"{\"role\":\"tool\",\"tool_call_id\":\"" id "\",\"content\":\"r\"}"
#define ID40 "1234567890123456789012345678901234567890"

static void
chat(void)
{
	static const struct sample samples[] = {
		{ CHAT(USER), NULL, NULL },
		{ CHAT(USER "," USER), NULL, NULL },
		{ CHAT(USER "," CALLS(CALL("a") "," CALL("b")) "," TOOL("b")
		    "," TOOL("a") "," USER), NULL, NULL },
		{ CHAT(USER "," CALLS(CALL(ID40)) "," TOOL(ID40)), NULL, NULL },
		{ "{\"messages\":[" USER "]}", "model parameter", NULL },
		{ "{\"model\":\"m\"}", "'messages'", "messages" },
		{ CHAT(""), "empty array", "messages" },
		{ CHAT("{\"role\":\"robot\",\"content\":\"x\"}"),
		  "Invalid value: 'robot'", "messages[0].role" },
		{ CHAT("{\"role\":\"user\",\"content\":null}"), "got null",
		  NULL },
		{ CHAT("{\"role\":\"assistant\"}"), "got null", NULL },
		{ CHAT(USER "," CALLS("")), "minimum length 1", NULL },
		{ CHAT(USER "," CALLS(CALL("a"))),
		  "did not have response messages: a", "messages.[2].role" },
		{ CHAT(USER "," CALLS(CALL("a") "," CALL("b")) "," TOOL("a")),
		  "did not have response messages: b", NULL },
		{ CHAT(USER "," CALLS(CALL("a")) "," USER "," TOOL("a")),
		  "did not have response messages: a", NULL },
		{ CHAT(USER "," TOOL("a")), "must be a response", NULL },
		{ CHAT(USER "," CALLS(CALL("a")) "," TOOL("a") "," TOOL("c")),
		  "'tool_call_id' of 'c' not found", NULL },
		{ CHAT(USER "," CALLS(CALL("1" ID40)) "," TOOL("1" ID40)),
		  "maximum length 40, but got a string with length 41",
		  "messages[1].tool_calls[0].id" },
		{ CHAT(USER "," CALLS("{\"id\":\"a\",\"function\":{\"name\":"
		    "\"f\",\"arguments\":{}}}") "," TOOL("a")),
		  "function.arguments", NULL },
		{ "{\"model\":\"m\",\"messages\":[" USER "],\"tools\":[{"
		  "\"type\":\"function\",\"function\":{\"name\":\"a.b\"}}]}",
		  "does not match pattern", "tools[0].function.name" },
		{ "{\"model\":\"m\",\"messages\":[" USER "],"
		  "\"tool_choice\":\"auto\"}",
		  "only allowed when 'tools' are specified", "tool_choice" },
	};

	try(DIALECT_CHAT, samples, sizeof samples / sizeof *samples);
}

#define ASK(messages) "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[" \
	messages "]}"
#define WITH(member) "{\"model\":\"m\",\"max_tokens\":9000,\"messages\":[" \
	USER "]," member "}"
#define TURN(role, blocks) \
	"{\"role\":\"" role "\",\"content\":[" blocks "]}"
#define USE(id) "{\"type\":\"tool_use\",\"id\":\"" id \
	"\",\"name\":\"f\",\"input\":{}}"
#define RESULT(id) "{\"type\":\"tool_result\",\"tool_use_id\":\"" id \
	"\",\"content\":\"r\"}"
#define SYSTEM "{\"role\":\"system\",\"content\":\"x\"}"
/* to a model that takes instructions among the turns */
#define AMID(messages) "{\"model\":\"claude-opus-4-8\",\"max_tokens\":9," \
	"\"messages\":[" messages "]}"
#define SAY "{\"type\":\"text\",\"text\":\"t\"}"

static void
turns(void)
{
	static const struct sample samples[] = {
		{ ASK(USER), NULL, NULL },
		{ ASK(USER "," TURN("assistant", USE("a") "," USE("b")) ","
		    TURN("user", RESULT("b") "," RESULT("a") "," SAY)),
		  NULL, NULL },
		{ ASK(USER "," TURN("assistant", USE("a"))), NULL, NULL },
		{ ASK(USER "," "{\"role\":\"assistant\",\"content\":\"\"}"),
		  NULL, NULL },
		{ ASK(""), "at least one message", NULL },
		{ ASK(USER "," USER), "roles must alternate", NULL },
		{ ASK(TURN("assistant", SAY)), "first message must use", NULL },
		{ ASK("{\"role\":\"system\",\"content\":\"x\"}," USER),
		  "Unexpected role \"system\"", NULL },
		{ ASK(USER "," SYSTEM), "Unexpected role", NULL },
		{ AMID(USER "," SYSTEM), NULL, NULL },
		{ AMID(SYSTEM "," USER), "Unexpected role", NULL },
		{ AMID(USER "," SYSTEM "," USER), "alternate", NULL },
		{ ASK("{\"role\":\"user\",\"content\":\"\"}"),
		  "non-empty content", NULL },
		{ ASK(TURN("user", "{\"type\":\"text\",\"text\":\"\"}")),
		  "text content blocks must be non-empty", NULL },
		{ ASK(TURN("user", "{\"type\":\"input_text\"}")),
		  "Input tag 'input_text'", NULL },
		{ ASK(TURN("user", USE("a"))), "Input tag 'tool_use'", NULL },
		{ ASK(USER "," TURN("assistant", USE("a")) "," USER),
		  "messages.1: `tool_use` ids were found without "
		  "`tool_result` blocks immediately after: a", NULL },
		{ ASK(USER "," TURN("assistant", USE("a") "," USE("b")) ","
		    TURN("user", RESULT("a"))), "immediately after: b", NULL },
		{ ASK(USER "," TURN("assistant", USE("a")) ","
		    TURN("user", SAY "," RESULT("a"))),
		  "immediately after: a", NULL },
		{ ASK(USER "," TURN("assistant", SAY) ","
		    TURN("user", RESULT("a"))),
		  "messages.2.content.0: unexpected `tool_use_id`", NULL },
		{ ASK(USER "," TURN("assistant", USE("a:0")) ","
		    TURN("user", RESULT("a:0"))),
		  "messages.1.content.0.tool_use.id: String should match",
		  NULL },
		{ ASK(USER "," TURN("assistant", "{\"type\":\"tool_use\","
		    "\"id\":\"a\",\"name\":\"f\",\"input\":\"{}\"}")),
		  "Input should be a valid dictionary", NULL },
		{ ASK(USER "," TURN("assistant", "{\"type\":\"thinking\","
		    "\"thinking\":\"t\",\"signature\":\"AAAA\"}")),
		  "messages.1.content.0: Invalid `signature`", NULL },
		{ ASK(TURN("user", "{\"type\":\"image\",\"source\":{\"type\":"
		    "\"base64\",\"data\":\"AAAA\"}}")),
		  "messages.0.content.0.image.source.base64", NULL },
	};

	try(DIALECT_MESSAGES, samples, sizeof samples / sizeof *samples);
}

#define ENABLED(budget) \
	"\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":" budget "}"

static void
members(void)
{
	static const struct sample samples[] = {
		{ "{\"max_tokens\":9,\"messages\":[" USER "]}",
		  "model: Field required", NULL },
		{ "{\"model\":\"m\",\"messages\":[" USER "]}",
		  "max_tokens: Field required", NULL },
		{ "{\"model\":\"m\",\"max_tokens\":0,\"messages\":[" USER "]}",
		  "greater than or equal to 1", NULL },
		{ "{\"model\":\"m\",\"max_tokens\":9}",
		  "messages: Field required", NULL },
		{ WITH("\"stop\":[]"), "stop: Extra inputs", NULL },
		{ WITH("\"temperature\":0.7"), NULL, NULL },
		{ WITH("\"temperature\":1.00"), NULL, NULL },
		{ WITH("\"temperature\":1.01"), "temperature: range", NULL },
		{ WITH("\"temperature\":2"), "temperature: range", NULL },
		{ WITH(ENABLED("1024")), NULL, NULL },
		{ WITH(ENABLED("1000")), "or equal to 1024", NULL },
		{ WITH(ENABLED("9000")), "must be greater than", NULL },
		{ WITH("\"tool_choice\":{\"type\":\"any\"}," ENABLED("2000")),
		  "forces tool use", NULL },
		{ WITH("\"tools\":[{\"name\":\"f\",\"input_schema\":"
		    "{\"type\":\"object\"}},{\"type\":\"bash_20250124\","
		    "\"name\":\"bash\"}]"), NULL, NULL },
		{ WITH("\"tools\":[{\"name\":\"f.g\",\"input_schema\":"
		    "{\"type\":\"object\"}}]"),
		  "tools.0.custom.name: String should match", NULL },
		{ WITH("\"tools\":[{\"name\":\"f\"}]"),
		  "tools.0.custom.input_schema.type: Field required", NULL },
	};

	try(DIALECT_MESSAGES, samples, sizeof samples / sizeof *samples);
}

/* Our own signature is accepted with the text it was made for, no other. */
static void
signatures(void)
{
	struct arena arena = { 0 };
	struct slice sign = speech_signature(&arena, SLICE("so \"I\" think"));

	for (int changed = 0; changed < 2; changed++) {
		struct slice body = arena_fmt(&arena, ASK(USER ","
		    TURN("assistant", "{\"type\":\"thinking\",\"thinking\":"
		    "\"so \\\"I\\\" think%s\",\"signature\":\"%.*s\"}," SAY)),
		    changed ? "." : "", SLICE_FMT(sign));
		struct prompt a;
		struct fault fault = { 0 };
		const char *why = "";

		CHECK(prompt_read(&a, &arena, DIALECT_MESSAGES, body, &why));
		CHECK(check_messages(&a, &fault, &arena) == !changed);
	}
	arena_reset(&arena);
}

TESTS(
	{ "chat", chat },
	{ "turns", turns },
	{ "members", members },
	{ "signatures", signatures })
