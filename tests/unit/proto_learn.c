/* What providers' refusals teach, and what that does to a body. */
#include "test.h"

#include "json/json.h"
#include "proto/learn.h"

#define ANTHROPIC(message) "{\"type\":\"error\",\"error\":{\"type\":" \
	"\"invalid_request_error\",\"message\":\"" message "\"}}"
#define OPENAI(message, param, code) "{\"error\":{\"message\":\"" message \
	"\",\"type\":\"invalid_request_error\",\"param\":" param ",\"code\":" \
	code "}}"
#define PLAIN(message) OPENAI(message, "null", "null")

/* One refusal and the lesson in it. */
struct taught {
	struct arena	 arena;
	struct talk	 talk;
	struct fail	 fail;
	struct lessons	 lessons;
	bool		 learned;
};

static void
start(struct taught *t, const struct protocol *provider)
{
	*t = (struct taught){ 0 };
	t->talk.arena = &t->arena;
	t->talk.provider = provider;
}

static void
refuse(struct taught *t, const char *body, const char *sent, bool passed)
{
	struct refusal refusal = {
		.fail = &t->fail, .sent = slice_of(sent), .passed = passed,
	};
	struct lesson *l = &t->lessons.item[t->lessons.count];

	t->fail = (struct fail){ .retry_after_ms = -1 };
	fail_read(&t->fail, &t->arena, 400, slice_of(body));
	t->learned = learn_read(&t->talk, &refusal, &t->lessons, l);
	if (t->learned)
		t->lessons.count++;
}

/* Real sentences; `name` NULL: nothing to learn. */
static const struct {
	const char	*body, *name;
	uint64_t	 number;
	bool		 once, passes;
} anthropic[] = {
	{ ANTHROPIC("This model does not support assistant message prefill. "
	    "The conversation must end with a user message."), "prefill",
	    0, false, false },
	{ ANTHROPIC("\\\"thinking.type.enabled\\\" is not supported for this "
	    "model. Use \\\"thinking.type.adaptive\\\" and "
	    "\\\"output_config.effort\\\" to control thinking behavior."),
	    "thinking_enabled", 0, false, false },
	{ ANTHROPIC("adaptive thinking is not supported on this model"),
	    "thinking_adaptive", 0, false, false },
	{ ANTHROPIC("thinking: Input tag 'adaptive' found using 'type' does "
	    "not match any of the expected tags: 'disabled', 'enabled'"),
	    "thinking_adaptive", 0, false, false },
	{ ANTHROPIC("\\\"thinking.type.disabled\\\" is not supported for this "
	    "model."), "thinking_disabled", 0, false, false },
	{ ANTHROPIC("`temperature` is deprecated for this model."),
	    "sampling", 0, false, true },
	{ ANTHROPIC("`temperature` and `top_p` cannot both be specified for "
	    "this model. Please use only one."), "sampling", 0, false, true },
	{ ANTHROPIC("`temperature` may only be set to 1 when thinking is "
	    "enabled."), "sampling_now", 0, true, false },
	{ ANTHROPIC("tool_choice of type 'tool' is not supported for this "
	    "model"), "tool_choice", 0, false, false },
	{ ANTHROPIC("Thinking may not be enabled when tool_choice forces tool "
	    "use."), "thinking_forced", 0, false, false },
	{ ANTHROPIC("messages.5.content.0: Invalid `signature` in `thinking` "
	    "block"), "signature", 0, true, false },
	{ ANTHROPIC("messages.1.content.13: `thinking` or "
	    "`redacted_thinking` blocks in the latest assistant message "
	    "cannot be modified."), "signature", 0, true, false },
	{ ANTHROPIC("messages.1.content.0.type: Expected `thinking` or "
	    "`redacted_thinking`, but found `text`. When `thinking` is "
	    "enabled, a final `assistant` message must start with a thinking "
	    "block."), "no_thinking", 0, true, false },
	{ ANTHROPIC("messages: Unexpected role \\\"system\\\". The Messages "
	    "API accepts a top-level `system` parameter."), "system_role",
	    0, false, false },
	{ ANTHROPIC("output_config.format: structured outputs are not "
	    "supported for this model"), "schema", 0, false, false },
	{ ANTHROPIC("output_config.format.schema: For 'object' type, "
	    "'additionalProperties' must be explicitly set to false"),
	    "this_schema", 0, true, false },
	{ ANTHROPIC("max_tokens: 200000 > 64000, which is the maximum allowed "
	    "number of output tokens for claude-opus-4-5-20251101"), "limit",
	    64000, false, true },
	{ ANTHROPIC("This model does not support the effort parameter."),
	    "effort", 0, false, false },
	{ ANTHROPIC("output_config.effort: level 'xhigh' is not supported for "
	    "this model"), "effort", (1 << IR_EFFORT_XHIGH) - 1, false,
	    false },
	{ ANTHROPIC("messages.0.content: Field required"), NULL, 0, false,
	    false },
	{ ANTHROPIC("prompt is too long: 210000 tokens > 200000 maximum"),
	    NULL, 0, false, false },
}, openai[] = {
	{ OPENAI("Unsupported parameter: 'max_tokens' is not supported with "
	    "this model. Use 'max_completion_tokens' instead.",
	    "\"max_tokens\"", "\"unsupported_parameter\""), "max_tokens",
	    0, false, true },
	{ OPENAI("Unsupported value: 'temperature' does not support 0.3 with "
	    "this model. Only the default (1) value is supported.",
	    "\"temperature\"", "\"unsupported_value\""), "temperature",
	    0, false, true },
	{ OPENAI("Unknown parameter: 'foo_bar'.", "\"foo_bar\"",
	    "\"unknown_parameter\""), "foo_bar", 0, false, true },
	{ PLAIN("Unrecognized request argument supplied: safety_identifier"),
	    "safety_identifier", 0, false, true },
	{ PLAIN("Model grok-4-0709 does not support parameter stop."), "stop",
	    0, false, true },
	{ PLAIN("property 'parallel_tool_calls' is unsupported"),
	    "parallel_tool_calls", 0, false, true },
	{ OPENAI("Unsupported value: 'messages[0].role' does not support "
	    "'system' with this model.", "\"messages[0].role\"",
	    "\"unsupported_value\""), NULL, 0, false, false },
	{ OPENAI("Unsupported parameter: 'tools' is not supported with this "
	    "model.", "\"tools\"", "\"unsupported_parameter\""), NULL, 0,
	    false, false },
	{ OPENAI("Function tools with reasoning_effort are not supported for "
	    "gpt-5.6-terra in /v1/chat/completions. To use function tools, "
	    "use /v1/responses or set reasoning_effort to 'none'.",
	    "\"reasoning_effort\"", "null"), "tools_reason", 0, false, true },
	{ PLAIN("max_tokens is too large: 6000. This model supports at most "
	    "4096 completion tokens, whereas you provided 6000."), "limit",
	    4096, false, true },
	{ PLAIN("Invalid max_tokens value, the valid range of max_tokens is "
	    "[1, 8192]"), "limit", 8192, false, true },
	{ PLAIN("<400> InternalError.Algo.InvalidParameter: Range of "
	    "max_tokens should be [1, 8192]"), "limit", 8192, false, true },
	{ PLAIN("`max_tokens` must be less than or equal to `8192`, the "
	    "maximum value for `max_tokens` is less than the "
	    "`context_window` for this model"), "limit", 8192, false, true },
	{ OPENAI("The parameter `max_completion_tokens` specified in the "
	    "request are not valid: integer above maximum value, expected a "
	    "value <= 12288, but got 32000 instead.",
	    "\"max_completion_tokens\"", "\"InvalidParameter\""), "limit",
	    12288, false, true },
	{ PLAIN("thinking is enabled but reasoning_content is missing in "
	    "assistant tool call message at index 2"), "replay",
	    0, false, true },
	{ PLAIN("The `reasoning_content` in the thinking mode must be passed "
	    "back to the API."), "replay", 0, false, true },
	{ OPENAI("Param Incorrect", "\"The reasoning_content in the thinking "
	    "mode must be passed back to the API.\"", "\"400\""), "replay",
	    0, false, true },
	{ "[{\"error\":{\"code\":400,\"message\":\"Function call is missing a "
	    "thought_signature in functionCall parts. This is required for "
	    "tools to work correctly\",\"status\":\"INVALID_ARGUMENT\"}}]",
	    "sentinel", 0, false, false },
	{ PLAIN("tool_choice 'required' is incompatible with thinking "
	    "enabled"), "choice_or_thinking", 0, false, false },
	{ PLAIN("This model's maximum context length is 4096 tokens. However, "
	    "you requested 5000 tokens in the max_tokens."), NULL, 0, false,
	    false },
	{ PLAIN("The request is malformed."), NULL, 0, false, false },
	/* several answers at once */
	{ OPENAI("Unsupported value: 'n' does not support 3 with this model. "
	    "Only the default (1) value is supported.", "\"n\"",
	    "\"unsupported_value\""), "one_answer", 0, false, true },
	{ PLAIN("'n' : number must be at most 1"), "one_answer", 0, false,
	    true },
	{ PLAIN("invalid n: only 1 is allowed for this model"), "one_answer",
	    0, false, true },
	{ PLAIN("<400> InternalError.Algo.InvalidParameter: Range of n should "
	    "be [1, 1]"), "one_answer", 0, false, true },
	{ "[{\"error\":{\"code\":400,\"message\":\"Multiple candidates is "
	    "not enabled for this model\",\"status\":\"INVALID_ARGUMENT\""
	    "}}]", "one_answer", 0, false, true },
};

static const char effort_sent[] =
    "{\"output_config\":{\"effort\":\"xhigh\"},\"max_tokens\":1}";

static void
check_sentence(const struct protocol *provider, const char *body,
    const char *name, uint64_t number, bool once, bool passes)
{
	struct taught t;

	start(&t, provider);
	refuse(&t, body, effort_sent, false);
	CHECK(t.learned == (name != NULL));
	if (name) {
		const struct lesson *l = &t.lessons.item[0];

		CHECK_BYTES(learn_name(l), strlen(learn_name(l)), name,
		    strlen(name));
		CHECK(l->number == number);
		CHECK(learn_lasts(l) == !once);
		/* it is not learned twice */
		if (strcmp(name, "effort") || !number)
			refuse(&t, body, effort_sent, false);
		CHECK(!t.learned || (!strcmp(name, "effort") && number));
	}
	arena_reset(&t.arena);
	start(&t, provider);
	refuse(&t, body, effort_sent, true);
	CHECK(t.learned == passes);
	arena_reset(&t.arena);
}

static void
sentences(void)
{
	for (size_t i = 0; i < sizeof anthropic / sizeof *anthropic; i++)
		check_sentence(&protocol_messages, anthropic[i].body,
		    anthropic[i].name, anthropic[i].number, anthropic[i].once,
		    anthropic[i].passes);
	for (size_t i = 0; i < sizeof openai / sizeof *openai; i++)
		check_sentence(&protocol_chat, openai[i].body, openai[i].name,
		    openai[i].number, openai[i].once, openai[i].passes);
}

/* Whoever was refused for another reason learns nothing. */
static void
other_failures(void)
{
	static const char body[] =
	    ANTHROPIC("`temperature` is deprecated for this model.");
	static const unsigned statuses[] = { 401, 404, 429, 500, 529 };
	struct taught t;

	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
		struct refusal refusal = { .fail = &t.fail,
		    .sent = slice_of(effort_sent) };
		struct lesson l;

		start(&t, &protocol_messages);
		fail_read(&t.fail, &t.arena, statuses[i], slice_of(
		    "{\"message\":\"temperature is deprecated\"}"));
		CHECK(!learn_read(&t.talk, &refusal, &t.lessons, &l));
		arena_reset(&t.arena);
	}
	start(&t, &protocol_chat);	/* the sentence of another protocol */
	refuse(&t, body, effort_sent, false);
	CHECK(!t.learned);
	arena_reset(&t.arena);
}

static void
quirks_of(struct quirks *q, const struct taught *t, enum quirk_dialect dialect,
    const char *model)
{
	quirks_find(q, dialect, slice_of(model));
	learn_quirks(&t->lessons, q);
}

/* Each kind of thinking that is refused makes way for the next. */
static void
kinds_of_thinking(void)
{
	struct taught t;
	struct quirks q;

	start(&t, &protocol_messages);
	refuse(&t, ANTHROPIC("adaptive thinking is not supported on this "
	    "model"), "{}", false);
	quirks_of(&q, &t, DIALECT_ANTHROPIC, "claude-new");
	CHECK((q.think & 15) == THINK_ENABLED);
	refuse(&t, ANTHROPIC("\\\"thinking.type.enabled\\\" is not supported "
	    "for this model."), "{}", false);
	CHECK(t.learned);
	quirks_of(&q, &t, DIALECT_ANTHROPIC, "claude-new");
	CHECK((q.think & 15) == 0);
	arena_reset(&t.arena);
	start(&t, &protocol_messages);
	refuse(&t, ANTHROPIC("\\\"thinking.type.enabled\\\" is not supported "
	    "for this model."), "{}", false);
	quirks_of(&q, &t, DIALECT_ANTHROPIC, "claude-sonnet-4-5");
	CHECK((q.think & 15) == (THINK_ADAPTIVE | THINK_DISABLED));
	arena_reset(&t.arena);
}

/* The next lower level first, then none at all. */
static void
levels_of_effort(void)
{
	static const char no[] = ANTHROPIC("output_config.effort: this level "
	    "is not supported for this model");
	struct taught t;
	struct quirks q;

	start(&t, &protocol_messages);
	refuse(&t, no, "{\"output_config\":{\"effort\":\"max\"}}", false);
	quirks_of(&q, &t, DIALECT_ANTHROPIC, "claude-opus-4-7");
	CHECK(q.efforts & 1 << IR_EFFORT_XHIGH);
	CHECK(!(q.efforts & 1 << IR_EFFORT_MAX));
	refuse(&t, no, "{\"output_config\":{\"effort\":\"xhigh\"}}", false);
	CHECK(t.learned);
	quirks_of(&q, &t, DIALECT_ANTHROPIC, "claude-opus-4-7");
	CHECK(q.efforts == 0);
	refuse(&t, no, "{}", false);
	CHECK(!t.learned);
	arena_reset(&t.arena);
}

static void
other_quirks(void)
{
	struct taught t;
	struct quirks q;

	start(&t, &protocol_messages);
	refuse(&t, anthropic[0].body, "{}", false);
	refuse(&t, anthropic[5].body, "{}", false);
	refuse(&t, anthropic[8].body, "{}", false);
	refuse(&t, anthropic[16].body, "{}", false);
	CHECK(t.lessons.count == 4);
	quirks_of(&q, &t, DIALECT_ANTHROPIC, "claude-sonnet-4-0");
	CHECK(!q.prefill && !q.sampling && !q.force && q.max_output == 64000);
	arena_reset(&t.arena);
	start(&t, &protocol_chat);
	refuse(&t, openai[0].body, "{}", false);
	refuse(&t, openai[4].body, "{}", false);
	refuse(&t, openai[8].body, "{}", false);
	refuse(&t, openai[14].body, "{}", false);
	refuse(&t, openai[17].body, "{}", false);
	CHECK(t.lessons.count == 5);
	quirks_of(&q, &t, DIALECT_GENERIC, "m");
	CHECK(!strcmp(q.max_field, "max_completion_tokens") && !q.stop_ok &&
	    q.tools_need_no_reasoning && q.replay == REPLAY_ALWAYS &&
	    q.sentinel_calls && q.n_ok);
	arena_reset(&t.arena);
	start(&t, &protocol_chat);
	refuse(&t, PLAIN("'n' : number must be at most 1"), "{}", true);
	quirks_of(&q, &t, DIALECT_GENERIC, "m");
	CHECK(!q.n_ok);
	arena_reset(&t.arena);
}

/* What a passed body becomes, and what is said of it. */
static const struct {
	const char	*sentence, *from, *to, *losses;
} bodies[] = {
	{ OPENAI("No.", "\"max_tokens\"", "\"unsupported_parameter\""),
	    "{\"model\":\"m\", \"max_tokens\": 10,\"x\":1.0}",
	    "{\"model\":\"m\", \"x\":1.0,\"max_completion_tokens\":10}",
	    "max_tokens=renamed" },
	{ OPENAI("No.", "\"max_completion_tokens\"",
	    "\"unsupported_parameter\""),
	    "{\"max_completion_tokens\":10,\"max_tokens\":7}",
	    "{\"max_tokens\":7}", "max_completion_tokens=renamed" },
	{ OPENAI("No.", "\"seed\"", "\"unsupported_parameter\""),
	    "{\"seed\":1,\"x\":{\"seed\":2}}", "{\"x\":{\"seed\":2}}",
	    "seed=dropped" },
	{ OPENAI("No.", "\"seed\"", "\"unsupported_parameter\""),
	    "{\"x\":1}", "{\"x\":1}", "" },
	{ PLAIN("max_tokens is too large: 6000. This model supports at most "
	    "4096 completion tokens"),
	    "{\"max_tokens\":6000,\"max_completion_tokens\":5}",
	    "{\"max_tokens\":4096,\"max_completion_tokens\":5}",
	    "max_tokens=clamped" },
	{ PLAIN("max_output_tokens is too large: 6000. This model supports at "
	    "most 4096 completion tokens"),
	    "{\"max_output_tokens\":6000,\"x\":1.0}",
	    "{\"max_output_tokens\":4096,\"x\":1.0}",
	    "max_output_tokens=clamped" },
	{ PLAIN("Function tools with reasoning_effort are not supported"),
	    "{\"tools\":[{}],\"reasoning_effort\":\"low\"}",
	    "{\"tools\":[{}],\"reasoning_effort\":\"none\"}",
	    "reasoning_effort=disabled" },
	{ PLAIN("Function tools with reasoning_effort are not supported"),
	    "{\"tools\":[],\"reasoning_effort\":\"low\"}",
	    "{\"tools\":[],\"reasoning_effort\":\"low\"}", "" },
	{ PLAIN("reasoning_content is missing in message 1"),
	    "{\"messages\":[{\"role\":\"user\"}, {\"role\":\"assistant\","
	    "\"x\":1 },{\"reasoning_content\":null,\"role\":\"assistant\"},"
	    "{\"role\":\"assistant\",\"reasoning_content\":\"r\"}]}",
	    "{\"messages\":[{\"role\":\"user\"},{\"role\":\"assistant\","
	    "\"x\":1 ,\"reasoning_content\":\" \"},{\"reasoning_content\":"
	    "\" \",\"role\":\"assistant\"},{\"role\":\"assistant\","
	    "\"reasoning_content\":\"r\"}]}",
	    "messages[1].reasoning_content=inserted; "
	    "messages[2].reasoning_content=inserted" },
};

static void
check_body(const char *got_from, const char *want, const char *losses,
    struct taught *t)
{
	struct buf body = { 0 }, said = { 0 };

	t->talk.losses = (struct losses){ 0 };
	buf_text(&body, got_from);
	CHECK(learn_body(&t->lessons, &t->talk, true, &body));
	CHECK_BYTES(buf_slice(&body).ptr, buf_len(&body), want, strlen(want));
	loss_print(&t->talk.losses, &said);
	CHECK_BYTES(buf_slice(&said).ptr, buf_len(&said), losses,
	    strlen(losses));
	buf_free(&body);
	buf_free(&said);
}

static void
passed_bodies(void)
{
	struct taught t;

	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		start(&t, &protocol_chat);
		refuse(&t, bodies[i].sentence, "{}", true);
		CHECK(t.learned);
		check_body(bodies[i].from, bodies[i].to, bodies[i].losses, &t);
		arena_reset(&t.arena);
	}
	start(&t, &protocol_messages);
	refuse(&t, anthropic[5].body, "{}", true);
	check_body("{\"temperature\":0.5,\"top_k\":3,\"m\":1e2}", "{\"m\":1e2}",
	    "temperature=dropped; top_k=dropped", &t);
	arena_reset(&t.arena);
}

#define GOOGLE(message) "{\"error\":{\"code\":400,\"message\":\"" message \
	"\",\"status\":\"INVALID_ARGUMENT\"}}"
#define NONE "\"skip_thought_signature_validator\""

static const char *const signatures[] = {
	GOOGLE("Corrupted thought signature."),
	GOOGLE("Function call is missing a thought_signature in functionCall "
	    "parts."),
	GOOGLE("Invalid value at 'contents[1].parts[0].thought_signature' "
	    "(TYPE_BYTES), Base64 decoding failed"),
};

/* First calls say that there is none, other parts say nothing. */
static void
unsigned_bodies(void)
{
	static const char from[] = "{\"contents\":[{\"parts\":[{\"text\":"
	    "\"q\"}]},{\"role\":\"model\",\"parts\":[{\"text\":\"a\","
	    "\"thoughtSignature\":\"QQ\"},{\"functionCall\":{\"name\":\"f\"},"
	    "\"thought_signature\":\"Qg\"},{\"functionCall\":{\"name\":\"g\"},"
	    "\"thoughtSignature\":\"Qw\"}]},{\"role\":\"model\",\"parts\":"
	    "{\"functionCall\":{\"name\":\"h\"}}},{\"parts\":[{"
	    "\"functionCall\":{\"name\":\"i\"},\"thoughtSignature\":" NONE
	    "}]}]}";
	static const char to[] = "{\"contents\":[{\"parts\":[{\"text\":"
	    "\"q\"}]},{\"role\":\"model\",\"parts\":[{\"text\":\"a\","
	    "\"thoughtSignature\":\"\"},{\"functionCall\":{\"name\":\"f\"},"
	    "\"thought_signature\":" NONE "},{\"functionCall\":{\"name\":"
	    "\"g\"},\"thoughtSignature\":\"\"}]},{\"role\":\"model\","
	    "\"parts\":{\"functionCall\":{\"name\":\"h\"},"
	    "\"thoughtSignature\":" NONE "}},{\"parts\":[{"
	    "\"functionCall\":{\"name\":\"i\"},\"thoughtSignature\":" NONE
	    "}]}]}";
	struct taught t;

	for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
		start(&t, &protocol_gemini);
		refuse(&t, signatures[i], "{}", true);
		CHECK(t.learned && !learn_lasts(&t.lessons.item[0]));
		check_body(from, to,
		    "contents[1].parts[0].thoughtSignature=dropped; "
		    "contents[1].parts[1].thoughtSignature=dropped; "
		    "contents[1].parts[2].thoughtSignature=dropped; "
		    "contents[2].parts[0].thoughtSignature=inserted", &t);
		arena_reset(&t.arena);
	}
}

/* No more are kept than there is room for. */
static void
at_most(void)
{
	struct taught t;
	char body[200];

	start(&t, &protocol_chat);
	for (int i = 0; i < LEARN_MAX + 2; i++) {
		snprintf(body, sizeof body, OPENAI("No.", "\"member_%c\"",
		    "\"unsupported_parameter\""), 'a' + i);
		refuse(&t, body, "{}", false);
		CHECK(t.learned == (i < LEARN_MAX));
	}
	/* a name that is too long for its place */
	t.lessons.count = 0;
	refuse(&t, OPENAI("No.", "\"aaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaa\"", "\"unsupported_parameter\""), "{}",
	    false);
	CHECK(!t.learned);
	arena_reset(&t.arena);
}

/* ---- Responses ---- */

static void
of_responses(void)
{
	struct taught t;
	struct quirks q = { .seals = true };

	start(&t, &protocol_responses);
	refuse(&t, OPENAI("Your organization must be verified to generate "
	    "reasoning summaries.", "\"reasoning.summary\"",
	    "\"unsupported_value\""), "{}", false);
	CHECK(t.learned);
	CHECK(slice_is(slice_of(learn_name(&t.lessons.item[0])), "summary"));
	refuse(&t, OPENAI("Encrypted content is not supported with this "
	    "model.", "\"include\"", "null"), "{}", false);
	CHECK(t.learned);
	refuse(&t, OPENAI("Unsupported parameter: 'temperature' is not "
	    "supported with this model.", "\"temperature\"", "null"), "{}",
	    false);
	CHECK(slice_is(slice_of(learn_name(&t.lessons.item[2])),
	    "temperature"));
	learn_quirks(&t.lessons, &q);
	CHECK(q.no_summary && !q.seals);
	arena_reset(&t.arena);
}

TESTS(
	{ "sentences", sentences },
	{ "other failures", other_failures },
	{ "kinds of thinking", kinds_of_thinking },
	{ "levels of effort", levels_of_effort },
	{ "other quirks", other_quirks },
	{ "passed bodies", passed_bodies },
	{ "unsigned bodies", unsigned_bodies },
	{ "at most", at_most },
	{ "of Responses", of_responses })
