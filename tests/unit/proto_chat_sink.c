/*
 * Chat answers as clients read them: what the chunks hold, and that a whole
 * answer and a stream are two forms of one thing.
 */
#include "test.h"

#include "answer.h"

#define EV(type, rest) \
	"event: " type "\ndata: {\"type\":\"" type "\"" rest "}\n\n"
#define START \
	EV("message_start", ",\"message\":{\"id\":\"msg_1\",\"model\":\"m\"," \
	"\"usage\":{\"input_tokens\":5,\"cache_read_input_tokens\":3," \
	"\"output_tokens\":1,\"service_tier\":\"standard\"}}")
#define OPEN(index, block) \
	EV("content_block_start", ",\"index\":" index \
	",\"content_block\":{" block "}")
#define DELTA(index, delta) \
	EV("content_block_delta", ",\"index\":" index ",\"delta\":{" delta "}")
#define CLOSE(index)	EV("content_block_stop", ",\"index\":" index)
#define THINK(index, text) \
	OPEN(index, "\"type\":\"thinking\",\"thinking\":\"\"") \
	DELTA(index, "\"type\":\"thinking_delta\",\"thinking\":\"" text "\"") \
	DELTA(index, "\"type\":\"signature_delta\",\"signature\":\"S" index \
	"\"") CLOSE(index)
#define TEXT(index, text) \
	OPEN(index, "\"type\":\"text\",\"text\":\"\"") \
	DELTA(index, "\"type\":\"text_delta\",\"text\":\"" text "\"") \
	CLOSE(index)
#define CALL(index, id, name, args) \
	OPEN(index, "\"type\":\"tool_use\",\"id\":\"" id "\",\"name\":\"" \
	name "\",\"input\":{}") \
	DELTA(index, "\"type\":\"input_json_delta\",\"partial_json\":\"" \
	args "\"") CLOSE(index)
#define END(reason) \
	EV("message_delta", ",\"delta\":{\"stop_reason\":\"" reason \
	"\"},\"usage\":{\"output_tokens\":7}") EV("message_stop", "")

/* Read `text` (a stream, or a body) and tell it to a Chat client. */
static void
tell(struct answer *a, struct ir_request *request, const char *text,
    bool whole)
{
	answer_init(a, &protocol_messages, NULL, whole);
	a->talk.client = &protocol_chat;
	a->talk.request = request;
	a->dump.sink.next = whole ?
	    protocol_chat.sink_whole(&a->talk, &a->out) :
	    protocol_chat.sink_stream(&a->talk, &a->out);
	a->source = protocol_messages.source(&a->talk, &a->referee.sink);
	if (*text == '{') {
		answer_whole(a, slice_of(text));
	} else {
		answer_feed(a, slice_of(text));
		answer_end(a);
	}
	CHECK(!referee_verdict(&a->referee));
	CHECK(!a->out.failed && !a->arena.failed);
}

#define HEAD "data: {\"id\":\"chatcmpl-1\",\"object\":" \
	"\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"m\"," \
	"\"choices\":[{\"index\":0,\"delta\":"
#define TAIL ",\"logprobs\":null,\"finish_reason\":null}]}\n\n"
#define K(delta) HEAD delta TAIL
#define ROLE K("{\"role\":\"assistant\",\"content\":\"\"}")
#define FINISH(word, native) \
	HEAD "{},\"logprobs\":null,\"finish_reason\":\"" word "\"," \
	"\"native_finish_reason\":\"" native "\"}]," \
	"\"service_tier\":\"default\"}\n\n" "data: [DONE]\n\n"
#define REASON(more, text, place) \
	K("{\"reasoning_content\":\"" more text "\",\"reasoning_details\":[{" \
	"\"type\":\"reasoning.text\",\"text\":\"" text "\"," place "}]}")
#define SIGNED(s, place) \
	K("{\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":" \
	"\"\",\"signature\":\"" s "\"," place "}]}")
#define WHOLE(text, s, place) \
	"{\"type\":\"thinking\",\"thinking\":\"" text \
	"\",\"signature\":\"" s "\"," place "}"
#define PLACE(index, text, calls) \
	"\"format\":\"anthropic-claude-v1\",\"index\":" index \
	",\"gw_text_offset\":" text ",\"gw_tool_offset\":" calls

static void
expect_stream(struct ir_request *request, const char *text,
    const char *chunks)
{
	struct answer a;

	tell(&a, request, text, false);
	CHECK_BYTES(buf_slice(&a.out).ptr, buf_len(&a.out), chunks,
	    strlen(chunks));
	answer_free(&a);
}

/* Offsets are bytes of the text as the client has it, and calls before. */
static void
interleaved_thinking(void)
{
	expect_stream(NULL, START THINK("0", "a")
	    TEXT("1", "\\u00e9\\n\xc3\xa9") CALL("2", "i", "f", "{}")
	    THINK("3", "b") END("tool_use"),
	    ROLE REASON("", "a", PLACE("0", "0", "0"))
	    SIGNED("S0", PLACE("0", "0", "0"))
	    K("{\"content\":\"\\u00e9\\n\xc3\xa9\"}")
	    K("{\"tool_calls\":[{\"index\":0,\"id\":\"i\",\"type\":"
	    "\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}")
	    K("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":"
	    "\"{}\"}}]}")
	    REASON("\\n\\n", "b", PLACE("3", "5", "1"))
	    SIGNED("S3", PLACE("3", "5", "1"))
	    /* once more, whole: clients that add up pieces lose some of it */
	    K("{\"thinking_blocks\":[" WHOLE("a", "S0", PLACE("0", "0", "0"))
	    "," WHOLE("b", "S3", PLACE("3", "5", "1")) "]}")
	    FINISH("tool_calls", "tool_use"));
}

/* Who does not want to see reasoning sees nothing of it. */
static void
hidden_reasoning(void)
{
	struct ir_request request = { .reasoning.show = TRI_NO };

	expect_stream(&request, START THINK("0", "a")
	    OPEN("1", "\"type\":\"redacted_thinking\",\"data\":\"R\"")
	    CLOSE("1") TEXT("2", "b") END("end_turn"),
	    ROLE K("{\"content\":\"b\"}") FINISH("stop", "end_turn"));
}

/* Clients from before there were tools know one call, and call it function. */
static void
legacy_functions(void)
{
	struct ir_request request = { .legacy_functions = true };
	static const char answer[] = START CALL("0", "i", "f", "{\\\"x\\\":1}")
	    CALL("1", "j", "g", "{}") END("tool_use");
	struct answer a;

	expect_stream(&request, answer, ROLE
	    K("{\"function_call\":{\"name\":\"f\",\"arguments\":\"\"}}")
	    K("{\"function_call\":{\"arguments\":\"{\\\"x\\\":1}\"}}")
	    FINISH("function_call", "tool_use"));
	tell(&a, &request, answer, true);
	CHECK(slice_find(buf_slice(&a.out), SLICE("\"message\":{\"role\":"
	    "\"assistant\",\"content\":null,\"refusal\":null,"
	    "\"function_call\":{\"name\":\"f\",\"arguments\":"
	    "\"{\\\"x\\\":1}\"}},\"logprobs\":null,\"finish_reason\":"
	    "\"function_call\"")) != SIZE_MAX);
	answer_free(&a);
}

static void
custom_tools(void)
{
	struct arena arena = { 0 };
	struct ir_request request = { 0 };
	struct ir_tool *tool = ir_tool_add(&request, &arena);
	static const char answer[] = START
	    CALL("0", "i", "sql", "{\\\"input\\\":\\\"a\\\\nb\\\"}")
	    END("tool_use");
	struct answer a;

	CHECK(tool);
	tool->kind = IR_CUSTOM;
	tool->name = SLICE("sql");
	expect_stream(&request, answer, ROLE
	    K("{\"tool_calls\":[{\"index\":0,\"id\":\"i\",\"type\":\"custom\","
	    "\"custom\":{\"name\":\"sql\",\"input\":\"\"}}]}")
	    K("{\"tool_calls\":[{\"index\":0,\"custom\":{\"input\":"
	    "\"a\\nb\"}}]}") FINISH("tool_calls", "tool_use"));
	tell(&a, &request, answer, true);
	CHECK(slice_find(buf_slice(&a.out), SLICE("\"tool_calls\":[{\"id\":"
	    "\"i\",\"type\":\"custom\",\"custom\":{\"name\":\"sql\","
	    "\"input\":\"a\\nb\"}}]")) != SIZE_MAX);
	answer_free(&a);
	arena_reset(&arena);
}

/* The chunk of usage comes only to who asked, and to nobody made up. */
static void
usage_chunk(void)
{
	struct ir_request request = { .include_usage = true };
	struct answer a;
	struct slice out;

	tell(&a, &request, START TEXT("0", "b") END("end_turn"), false);
	out = buf_slice(&a.out);
	CHECK(slice_ends(out, SLICE("\"choices\":[],\"usage\":{"
	    "\"prompt_tokens\":8,\"completion_tokens\":7,\"total_tokens\":15,"
	    "\"prompt_tokens_details\":{\"cached_tokens\":3,"
	    "\"cache_write_tokens\":0,\"audio_tokens\":0},"
	    "\"completion_tokens_details\":{\"reasoning_tokens\":0,"
	    "\"audio_tokens\":0,\"accepted_prediction_tokens\":0,"
	    "\"rejected_prediction_tokens\":0}}}\n\ndata: [DONE]\n\n")));
	CHECK(slice_find(out, SLICE("null}],\"usage\":null}\n\n")) !=
	    SIZE_MAX);
	answer_free(&a);

	tell(&a, &request, EV("message_start", ",\"message\":{}")
	    EV("message_stop", ""), false);
	CHECK(slice_find(buf_slice(&a.out), SLICE("\"choices\":[]")) ==
	    SIZE_MAX);
	CHECK(slice_ends(buf_slice(&a.out), SLICE("data: [DONE]\n\n")));
	answer_free(&a);
}

/* Without an id of the provider the answer still has one, and so its calls. */
static void
missing_ids(void)
{
	struct answer a;
	struct slice out;

	tell(&a, NULL, EV("message_start", ",\"message\":{}")
	    OPEN("0", "\"type\":\"tool_use\",\"name\":\"f\"") CLOSE("0")
	    OPEN("1", "\"type\":\"tool_use\",\"name\":\"f\"") CLOSE("1")
	    END("tool_use"), true);
	out = buf_slice(&a.out);
	CHECK(slice_starts(out, SLICE("{\"id\":\"chatcmpl-req_test\"")));
	out = slice_skip(out, slice_find(out, SLICE("[{\"id\":\"call_")) + 8);
	CHECK(out.len > 100);
	struct slice first = slice_sub(out, 0, 29);
	out = slice_skip(out, slice_find(out, SLICE("{\"id\":\"call_")) + 7);
	CHECK(out.len > 29 && !slice_eq(first, slice_sub(out, 0, 29)));
	answer_free(&a);
}

/* A cut answer must not look like one that has ended. */
static void
failures(void)
{
	struct answer a;

	tell(&a, NULL, START TEXT("0", "b"), false);
	CHECK(slice_ends(buf_slice(&a.out), SLICE("data: {\"error\":{"
	    "\"message\":\"Upstream closed the stream before the response was "
	    "complete.\",\"type\":\"server_error\",\"param\":null,\"code\":"
	    "\"upstream_closed\"}}\n\n")));
	answer_free(&a);
	tell(&a, NULL, START TEXT("0", "b"), true);
	CHECK(!buf_len(&a.out));
	answer_free(&a);
}

/* The same answers, as streams and as bodies. */
static const struct {
	const char	*stream, *body;
} pairs[] = {
	{ START THINK("0", "a") TEXT("1", "b\\\"c")
	    CALL("2", "i", "f", "{\\\"x\\\":1}") CALL("3", "j", "g", "")
	    END("tool_use"),
	    "{\"id\":\"msg_1\",\"type\":\"message\",\"model\":\"m\","
	    "\"content\":[{\"type\":\"thinking\",\"thinking\":\"a\","
	    "\"signature\":\"S0\"},{\"type\":\"text\",\"text\":\"b\\\"c\"},"
	    "{\"type\":\"tool_use\",\"id\":\"i\",\"name\":\"f\",\"input\":"
	    "{ \"x\" : 1 }},{\"type\":\"tool_use\",\"id\":\"j\",\"name\":"
	    "\"g\",\"input\":{}}],\"stop_reason\":\"tool_use\",\"usage\":{"
	    "\"input_tokens\":5,\"cache_read_input_tokens\":3,"
	    "\"output_tokens\":7,\"service_tier\":\"standard\"}}" },
	{ START OPEN("0", "\"type\":\"server_tool_use\",\"id\":\"s\"")
	    CLOSE("0") OPEN("1", "\"type\":\"text\",\"text\":\"\"")
	    DELTA("1", "\"type\":\"citations_delta\",\"citation\":{\"type\":"
	    "\"web_search_result_location\",\"url\":\"u\",\"title\":\"t\"}")
	    DELTA("1", "\"type\":\"text_delta\",\"text\":\"abc\"") CLOSE("1")
	    END("refusal"),
	    "{\"id\":\"msg_1\",\"type\":\"message\",\"model\":\"m\","
	    "\"content\":[{\"type\":\"server_tool_use\",\"id\":\"s\"},"
	    "{\"type\":\"text\",\"text\":\"abc\",\"citations\":[{\"type\":"
	    "\"web_search_result_location\",\"url\":\"u\",\"title\":\"t\"}]}],"
	    "\"stop_reason\":\"refusal\",\"usage\":{\"input_tokens\":5,"
	    "\"cache_read_input_tokens\":3,\"output_tokens\":7,"
	    "\"service_tier\":\"standard\"}}" },
	{ START END("end_turn"),
	    "{\"id\":\"msg_1\",\"type\":\"message\",\"model\":\"m\","
	    "\"content\":[],\"stop_reason\":\"end_turn\",\"usage\":{"
	    "\"input_tokens\":5,\"cache_read_input_tokens\":3,"
	    "\"output_tokens\":7,\"service_tier\":\"standard\"}}" },
};

static void
two_forms_of_one_thing(void)
{
	struct ir_request request = { .include_usage = true };

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		for (int whole = 0; whole < 2; whole++) {
			struct answer a, b;

			tell(&a, &request, pairs[i].stream, whole);
			tell(&b, &request, pairs[i].body, whole);
			CHECK(buf_len(&a.out));
			CHECK_BYTES(buf_slice(&a.out).ptr, buf_len(&a.out),
			    buf_slice(&b.out).ptr, buf_len(&b.out));
			answer_free(&a);
			answer_free(&b);
		}
}

/* What is told is JSON, whatever the events. */
static void
whole_is_json(void)
{
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct answer a;
		struct json doc;
		struct json_fault fault;
		struct jval choice;

		tell(&a, NULL, pairs[i].stream, true);
		CHECK(json_parse(&doc, &a.scratch, buf_slice(&a.out), 0,
		    &fault));
		choice = jval_first(jval_get(json_root(&doc), "choices"));
		CHECK(jval_text_is(jval_get2(choice, "message", "role"),
		    "assistant"));
		CHECK(jval_text_is(jval_get(json_root(&doc), "service_tier"),
		    "default"));
		answer_free(&a);
	}
}

/* One page of memory of which `taken` bytes are gone: does the answer fit? */
static bool
fits(size_t taken, bool whole)
{
	static const char answer[] = START THINK("0", "a") TEXT("1", "b")
	    CALL("2", "i", "f", "{}") END("tool_use");
	struct arena small = { .limit = 4096 };
	struct answer a;
	bool fit;

	answer_init(&a, &protocol_messages, NULL, whole);
	a.talk.arena = &small;
	a.dump.sink.next = whole ?
	    protocol_chat.sink_whole(&a.talk, &a.out) :
	    protocol_chat.sink_stream(&a.talk, &a.out);
	a.source = protocol_messages.source(&a.talk, &a.referee.sink);
	CHECK(a.dump.sink.next && a.source);
	fit = arena_text(&small, taken) != NULL;
	answer_feed(&a, slice_of(answer));
	answer_end(&a);
	CHECK(small.failed == a.out.failed);
	fit &= !a.out.failed;
	answer_free(&a);
	arena_reset(&small);
	return fit;
}

/* Where memory runs out the output is marked as failed, and nothing breaks. */
static void
out_of_memory(void)
{
	for (int whole = 0; whole < 2; whole++) {
		size_t fitting = 0, n = 0;

		for (size_t taken = 1; taken < 4096; taken += 16, n++)
			fitting += fits(taken, whole);
		CHECK(fitting && fitting < n);
	}
}

TESTS(
	{ "interleaved thinking", interleaved_thinking },
	{ "hidden reasoning", hidden_reasoning },
	{ "legacy functions", legacy_functions },
	{ "custom tools", custom_tools },
	{ "usage chunk", usage_chunk },
	{ "missing ids", missing_ids },
	{ "failures", failures },
	{ "two forms of one thing", two_forms_of_one_thing },
	{ "whole is JSON", whole_is_json },
	{ "out of memory", out_of_memory })
