/*
 * Messages answers as events, whole and streamed.  Each stream is also read
 * with a cut at every byte.
 */
#include "test.h"

#include "answer.h"

#define EV(type, rest) \
	"event: " type "\ndata: {\"type\":\"" type "\"" rest "}\n\n"
#define MESSAGE(usage) \
	EV("message_start", ",\"message\":{\"id\":\"msg_1\",\"type\":" \
	"\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[]," \
	"\"stop_reason\":null,\"usage\":{" usage "}}")
#define START	MESSAGE("\"input_tokens\":5,\"output_tokens\":1")
#define OPEN(index, block) \
	EV("content_block_start", ",\"index\":" index \
	",\"content_block\":{" block "}")
#define DELTA(index, delta) \
	EV("content_block_delta", ",\"index\":" index ",\"delta\":{" delta "}")
#define CLOSE(index)	EV("content_block_stop", ",\"index\":" index)
#define END(reason) \
	EV("message_delta", ",\"delta\":{\"stop_reason\":\"" reason \
	"\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":7}") \
	EV("message_stop", "")

#define OPEN_TEXT(index) OPEN(index, "\"type\":\"text\",\"text\":\"\"")
#define TEXT(index, text) \
	DELTA(index, "\"type\":\"text_delta\",\"text\":\"" text "\"")
#define OPEN_CALL(index, id, name) \
	OPEN(index, "\"type\":\"tool_use\",\"id\":\"" id "\",\"name\":\"" \
	name "\",\"input\":{}")
#define ARGS(index, json) \
	DELTA(index, "\"type\":\"input_json_delta\",\"partial_json\":\"" \
	json "\"")

#define USED	"usage 5 -1 -1 7 -1\n"
#define CUT_SHORT "fail truncated Upstream closed the stream before the " \
	"response was complete.\n"

struct stream {
	const char	*name, *text, *events;
};

/* All begin with "begin msg_1 m\n", which is left out. */
static const struct stream streams[] = {
	{ "text, pings", START OPEN_TEXT("0") EV("ping", "") TEXT("0", "He")
	    TEXT("0", "") TEXT("0", "y") CLOSE("0") END("end_turn"),
	    "open text\nping\n+Hey\nclose\n" USED "stop end\n" },
	{ "text in the start", START
	    OPEN("0", "\"type\":\"text\",\"text\":\"H\"") TEXT("0", "i")
	    CLOSE("0") END("max_tokens"),
	    "open text\n+Hi\nclose\n" USED "stop length\n" },
	{ "padded as Anthropic does it", START
	    "event: ping\ndata: {\"type\": \"ping\"   }\n\n" OPEN_TEXT("0")
	    CLOSE("0") END("end_turn"),
	    "ping\nopen text\nclose\n" USED "stop end\n" },
	{ "thinking and its signature", START
	    OPEN("0", "\"type\":\"thinking\",\"thinking\":\"\","
	    "\"signature\":\"\"")
	    DELTA("0", "\"type\":\"thinking_delta\",\"thinking\":\"th\"")
	    DELTA("0", "\"type\":\"thinking_delta\",\"thinking\":\"ink\"")
	    DELTA("0", "\"type\":\"signature_delta\",\"signature\":\"S==\"")
	    CLOSE("0") OPEN_TEXT("1") TEXT("1", "a") CLOSE("1")
	    END("end_turn"),
	    "open think\n+think\nsign S== 1\nclose\nopen text\n+a\nclose\n"
	    USED "stop end\n" },
	{ "thinking that is not shown", START
	    OPEN("0", "\"type\":\"thinking\",\"thinking\":\"\","
	    "\"signature\":\"S\"") CLOSE("0") END("end_turn"),
	    "open think\nsign S 1\nclose\n" USED "stop end\n" },
	{ "redacted thinking", START
	    OPEN("0", "\"type\":\"redacted_thinking\",\"data\":\"R\"")
	    CLOSE("0") END("end_turn"),
	    "open redacted R 1\nclose\n" USED "stop end\n" },
	{ "calls: pieces, none, an empty one", START OPEN_CALL("0", "a", "f")
	    ARGS("0", "") ARGS("0", "{\\\"x\\\":") ARGS("0", "1}") CLOSE("0")
	    OPEN_CALL("1", "b", "g") CLOSE("1") OPEN_CALL("2", "c", "h")
	    ARGS("2", "") CLOSE("2") END("tool_use"),
	    "open call a f\n+{\\\"x\\\":1}\nclose\nopen call b g\n+{}\nclose\n"
	    "open call c h\n+{}\nclose\n" USED "stop tool\n" },
	{ "arguments in the start", START
	    OPEN("0", "\"type\":\"tool_use\",\"id\":\"a\",\"name\":\"f\","
	    "\"input\":{ \"n\": 1.0, \"s\": \"q \\\"\" }") CLOSE("0")
	    END("tool_use"),
	    "open call a f\n+{\\\"n\\\":1.0,\\\"s\\\":\\\"q \\\\\\\"\\\"}\n"
	    "close\n" USED "stop tool\n" },
	{ "a server tool is no call", START
	    OPEN("0", "\"type\":\"server_tool_use\",\"id\":\"s\","
	    "\"name\":\"web_search\",\"input\":{}")
	    ARGS("0", "{\\\"query\\\":1}") CLOSE("0")
	    OPEN("1", "\"type\":\"web_search_tool_result\",\"content\":[]")
	    CLOSE("1") OPEN_TEXT("2") TEXT("2", "a") CLOSE("2")
	    END("tool_use"),
	    "open opaque\nclose\nopen opaque\nclose\nopen text\n+a\nclose\n"
	    USED "stop end\n" },
	{ "a call, but the reason is end_turn", START
	    OPEN_CALL("0", "a", "f") CLOSE("0") END("end_turn"),
	    "open call a f\n+{}\nclose\n" USED "stop tool\n" },
	{ "a reason nobody knows", START END("tired"), USED "stop other\n" },
	{ "a refusal without content", START
	    EV("message_delta", ",\"delta\":{\"stop_reason\":\"refusal\","
	    "\"stop_details\":{\"type\":\"refusal\",\"explanation\":\"No.\"}},"
	    "\"usage\":{\"output_tokens\":7}") EV("message_stop", ""),
	    USED "stop refusal because No.\n" },
	{ "a stop sequence", START
	    EV("message_delta", ",\"delta\":{\"stop_reason\":"
	    "\"stop_sequence\",\"stop_sequence\":\"\\n\"}")
	    EV("message_stop", ""), "stop sequence at \\n\n" },
	{ "usage replaced member by member", START
	    EV("message_delta", ",\"delta\":{\"stop_reason\":null},"
	    "\"usage\":{\"output_tokens\":3}")
	    EV("message_delta", ",\"delta\":{\"stop_reason\":\"end_turn\"},"
	    "\"usage\":{\"input_tokens\":6,\"cache_read_input_tokens\":4,"
	    "\"cache_creation_input_tokens\":2,\"output_tokens\":8,"
	    "\"output_tokens_details\":{\"thinking_tokens\":1}}")
	    EV("message_stop", ""),
	    "usage 5 -1 -1 3 -1\nusage 12 4 2 8 1\nstop end\n" },
	{ "cut in a block", START OPEN_TEXT("0") TEXT("0", "a"),
	    "open text\n+a\n" CUT_SHORT },
	{ "cut behind the reason", START OPEN_TEXT("0") TEXT("0", "a")
	    EV("message_delta", ",\"delta\":{\"stop_reason\":\"end_turn\"}"),
	    "open text\n+a\nclose\nstop end\n" },
	{ "an error inside", START OPEN_TEXT("0") TEXT("0", "a")
	    EV("error", ",\"error\":{\"type\":\"overloaded_error\","
	    "\"message\":\"Overloaded\"}") TEXT("0", "b") END("end_turn"),
	    "open text\n+a\nfail overloaded Overloaded\n" },
	{ "not JSON", START "event: ping\ndata: {]\n\n" END("end_turn"),
	    "fail bad_answer Upstream sent an event that is not JSON.\n" },
	{ "unknown events and deltas", START EV("hello", ",\"x\":[]")
	    OPEN_TEXT("0") DELTA("0", "\"type\":\"new_delta\",\"a\":1")
	    TEXT("0", "a") CLOSE("0") END("end_turn"),
	    "open text\n+a\nclose\n" USED "stop end\n" },
	{ "deltas in unusual spellings", START OPEN_TEXT("0")
	    DELTA("0", "\"type\":\"text_delta\",\"text\":\"a\",\"x\":\"b\"")
	    DELTA("0", "\"text\":\"c\",\"type\":\"text_delta\"")
	    DELTA("0", "\"type\": \"text_delta\", \"text\": \"d\" ")
	    TEXT("0", "\\\"}}") TEXT("0", "\\\\") CLOSE("0") END("end_turn"),
	    "open text\n+acd\\\"}}\\\\\nclose\n" USED "stop end\n" },
	{ "a delta that is almost JSON", START OPEN_TEXT("0")
	    TEXT("0", "a\"") END("end_turn"), "open text\n"
	    "fail bad_answer Upstream sent an event that is not JSON.\n" },
	{ "a delta that is not UTF-8", START OPEN_TEXT("0")
	    TEXT("0", "\xff") END("end_turn"), "open text\n"
	    "fail bad_answer Upstream sent an event that is not JSON.\n" },
	{ "events only named by their lines",
	    START "event: content_block_delta\ndata: {\"index\":0,\"delta\":"
	    "{\"type\":\"text_delta\",\"text\":\"a\"}}\n\n" CLOSE("0")
	    END("end_turn"), "open text\n+a\nclose\n" USED "stop end\n" },
	{ "a second start, a stop of another block, data at the end",
	    START OPEN_TEXT("1") CLOSE("0") START TEXT("1", "a") CLOSE("1")
	    END("end_turn") "data: [DONE]\n\n" START,
	    "open text\n+a\nclose\n" USED "stop end\n" },
	{ "blocks that are not closed", START OPEN_TEXT("0") TEXT("0", "a")
	    OPEN_CALL("1", "a", "f") ARGS("1", "{}") END("tool_use"),
	    "open text\n+a\nclose\nopen call a f\n+{}\n" USED
	    "close\nstop tool\n" },
	{ "a pair of surrogates in two pieces, one alone", START
	    OPEN_TEXT("0") TEXT("0", "a\\ud83d") TEXT("0", "\\ude00b")
	    TEXT("0", "\\ud83d") CLOSE("0") END("end_turn"),
	    "open text\n+a\\ud83d\\ude00b\\ufffd\nclose\n" USED "stop end\n" },
	{ "a citation of a page, and of a file", START OPEN_TEXT("0")
	    TEXT("0", "See ") CLOSE("0")
	    OPEN("1", "\"citations\":[],\"type\":\"text\",\"text\":\"\"")
	    DELTA("1", "\"type\":\"citations_delta\",\"citation\":{\"type\":"
	    "\"web_search_result_location\",\"url\":\"https://e.x\","
	    "\"title\":null}")
	    DELTA("1", "\"type\":\"citations_delta\",\"citation\":{\"type\":"
	    "\"char_location\",\"document_index\":0}")
	    DELTA("1", "\"type\":\"citations_delta\",\"citation\":{\"type\":"
	    "\"web_search_result_location\",\"url\":\"https://e.x\","
	    "\"title\":\"again\"}")
	    TEXT("1", "\\u00e9 \xc3\xa9!") CLOSE("1") END("end_turn"),
	    "open text\n+See \nclose\nopen text\n+\\u00e9 \xc3\xa9!\n"
	    "cite {\"type\":\"url_citation\",\"url_citation\":{"
	    "\"start_index\":4,\"end_index\":8,\"title\":\"\","
	    "\"url\":\"https://e.x\"}}\nclose\n" USED "stop end\n" },
};

static void
judge(struct answer *a, const struct stream *s)
{
	static const struct slice begin = SLICE_INIT("begin msg_1 m\n");
	struct slice got = buf_slice(&a->dump.lines);

	if (referee_verdict(&a->referee))
		printf("%s: %s\n", s->name, referee_verdict(&a->referee));
	CHECK(!referee_verdict(&a->referee));
	CHECK(slice_starts(got, begin));
	got = slice_skip(got, begin.len);
	CHECK_BYTES(got.ptr, got.len, s->events, strlen(s->events));
}

static void
all_streams(void)
{
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
		struct answer a;

		printf("  %s\n", streams[i].name);
		answer_init(&a, &protocol_messages, NULL, false);
		answer_feed(&a, slice_of(streams[i].text));
		answer_end(&a);
		judge(&a, &streams[i]);
		answer_free(&a);
	}
}

/* Wherever the network cuts, the events are the same. */
static void
cut_anywhere(void)
{
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
		struct slice text = slice_of(streams[i].text);

		for (size_t cut = 0; cut <= text.len; cut++) {
			struct answer a;

			answer_init(&a, &protocol_messages, NULL, false);
			answer_feed(&a, slice_sub(text, 0, cut));
			answer_feed(&a, slice_skip(text, cut));
			answer_end(&a);
			judge(&a, &streams[i]);
			answer_free(&a);
		}
	}
}

/* A stream that ends anywhere ends in STOP or FAIL, and in good order. */
static void
end_anywhere(void)
{
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
		struct slice text = slice_of(streams[i].text);

		for (size_t cut = 0; cut <= text.len; cut++) {
			struct answer a;

			answer_init(&a, &protocol_messages, NULL, false);
			for (size_t j = 0; j < cut; j++)
				answer_feed(&a, slice_sub(text, j, 1));
			answer_end(&a);
			CHECK(a.source->done);
			CHECK(!referee_verdict(&a.referee));
			answer_free(&a);
		}
	}
}

#define BODY(content, reason) \
	"{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\"," \
	"\"model\":\"m\",\"content\":[" content "],\"stop_reason\":\"" reason \
	"\",\"stop_sequence\":null,\"usage\":{\"input_tokens\":5," \
	"\"output_tokens\":7}}"

static const struct stream bodies[] = {
	{ "all kinds of blocks", BODY("{\"type\":\"thinking\",\"thinking\":"
	    "\"t\",\"signature\":\"S\"},{\"type\":\"redacted_thinking\","
	    "\"data\":\"R\"},{\"type\":\"text\",\"text\":\"a\"},"
	    "{\"type\":\"tool_use\",\"id\":\"i\",\"name\":\"f\",\"input\":"
	    "{\"x\": 12345678901234567890 }},{\"type\":\"tool_use\","
	    "\"id\":\"j\",\"name\":\"g\"},{\"type\":\"fallback\"}",
	    "tool_use"),
	    "open think\n+t\nsign S 1\nclose\nopen redacted R 1\nclose\n"
	    "open text\n+a\nclose\nopen call i f\n"
	    "+{\\\"x\\\":12345678901234567890}\nclose\nopen call j g\n+{}\n"
	    "close\nopen opaque\nclose\n" USED "stop tool\n" },
	{ "nothing", BODY("", "end_turn"), USED "stop end\n" },
	{ "a call without a name is none",
	    BODY("{\"type\":\"tool_use\",\"id\":\"i\",\"name\":\"\"}",
	    "tool_use"), "open opaque\nclose\n" USED "stop end\n" },
	{ "a lone surrogate",
	    BODY("{\"type\":\"text\",\"text\":\"\\ud83d\"}", "end_turn"),
	    "open text\n+\\ufffd\nclose\n" USED "stop end\n" },
};

static void
whole_bodies(void)
{
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct answer a;
		size_t len = strlen(bodies[i].text);
		char *text = guard_page(bodies[i].text, len);

		printf("  %s\n", bodies[i].name);
		answer_init(&a, &protocol_messages, NULL, true);
		answer_whole(&a, (struct slice){ text, len });
		judge(&a, &bodies[i]);
		answer_free(&a);
		guard_page_free(text, len);
	}
}

/* What a 200 may hold instead of a message. */
static void
no_message(void)
{
	static const struct {
		const char *body, *events;
	} cases[] = {
		{ "{\"type\":\"error\",\"error\":{\"type\":"
		    "\"rate_limit_error\",\"message\":\"Slow down\"}}",
		    "fail rate_limit Slow down\n" },
		{ "{\"error\":\"no\"}", "fail server no\n" },
		{ "<html>", "fail bad_answer Upstream sent an answer that is "
		    "not JSON.\n" },
		{ "", "fail bad_answer Upstream sent an answer that is not "
		    "JSON.\n" },
		{ "[]", "fail bad_answer Upstream returned no message.\n" },
		{ "{\"content\":\"a\"}",
		    "fail bad_answer Upstream returned no message.\n" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct answer a;

		answer_init(&a, &protocol_messages, NULL, true);
		answer_whole(&a, slice_of(cases[i].body));
		CHECK(!referee_verdict(&a.referee));
		CHECK_BYTES(buf_slice(&a.dump.lines).ptr,
		    buf_len(&a.dump.lines), cases[i].events,
		    strlen(cases[i].events));
		answer_free(&a);
	}
}

/* JSON that was asked for in words comes in a Markdown fence. */
static void
fences(void)
{
	static const struct {
		const char *pieces[6], *text;
	} cases[] = {
		{ { "```json\\n{\\\"a\\\":1}\\n```" }, "{\\\"a\\\":1}" },
		{ { "``", "`js", "on\\n", "{", "}\\n`", "``\\n" }, "{}" },
		{ { "```\\n[1]", "\\n", "```" }, "[1]" },
		{ { " ", "\\n```json\\n{}", "```" }, "{}" },
		{ { "{\\\"a\\\":\\\"```\\\"}" }, "{\\\"a\\\":\\\"```\\\"}" },
		{ { "```json\\n{\\\"a\\\":\\\"`\\\"}" },
		    "{\\\"a\\\":\\\"`\\\"}" },
		{ { "``", "x" }, "``x" },
		{ { "```python\\n1\\n```" }, "```python\\n1\\n```" },
		{ { "```json\\n{}\\n```\\nSo it is." },
		    "{}\\n```\\nSo it is." },
		{ { "```json\\n{}", "\\n\\n" }, "{}\\n\\n" },
		{ { "`" }, "`" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct answer a;
		struct buf want = { 0 };

		answer_init(&a, &protocol_messages, NULL, false);
		a.talk.unfence = true;
		a.source = protocol_messages.source(&a.talk, &a.referee.sink);
		answer_feed(&a, SLICE(START OPEN_TEXT("0")));
		for (int p = 0; p < 6 && cases[i].pieces[p]; p++) {
			struct buf ev = { 0 };

			buf_fmt(&ev, TEXT("0", "%s"), cases[i].pieces[p]);
			answer_feed(&a, buf_slice(&ev));
			buf_free(&ev);
		}
		answer_feed(&a, SLICE(CLOSE("0") END("end_turn")));
		buf_fmt(&want, "begin msg_1 m\nopen text\n+%s\nclose\n" USED
		    "stop end\n", cases[i].text);
		CHECK_BYTES(buf_slice(&a.dump.lines).ptr,
		    buf_len(&a.dump.lines), buf_slice(&want).ptr,
		    buf_len(&want));
		buf_free(&want);
		answer_free(&a);
	}
}

/*
 * Tools of kinds that Anthropic does not have were sent in a wrapping; the
 * client gets what is inside, under the name that it gave.
 */
static void
unwrapped_calls(void)
{
	struct answer a;
	struct ir_request request = { 0 };
	struct ir_tool *tool;
	static const char want[] =
	    "begin msg_1 m\nopen call custom a shell.run\n+ls \\\"x\\\"\n"
	    "close\nopen call b list\n+[1,2.50]\nclose\nopen call c list\n"
	    "+{\\\"value\\\":[1\nclose\nopen call custom d shell.run\n"
	    "close\n" USED "stop length\n";

	answer_init(&a, &protocol_messages, NULL, false);
	tool = ir_tool_add(&request, &a.arena);
	CHECK(tool);
	tool->kind = IR_CUSTOM;
	tool->name = SLICE("shell.run");
	tool->sent_name = SLICE("shell_run_1");
	tool = ir_tool_add(&request, &a.arena);
	CHECK(tool);
	tool->name = SLICE("list");
	tool->wrapped = true;
	a.talk.request = &request;
	answer_feed(&a, SLICE(START OPEN_CALL("0", "a", "shell_run_1")
	    ARGS("0", "{\\\"input\\\": \\\"ls ")
	    ARGS("0", "\\\\\\\"x\\\\\\\"\\\"}") CLOSE("0")
	    OPEN("1", "\"type\":\"tool_use\",\"id\":\"b\",\"name\":\"list\","
	    "\"input\":{\"value\":[1, 2.50]}") CLOSE("1")
	    OPEN_CALL("2", "c", "list") ARGS("2", "{\\\"value\\\":[1")
	    CLOSE("2") OPEN_CALL("3", "d", "shell_run_1")
	    ARGS("3", "{\\\"input\\\":\\\"rm -r /tm") CLOSE("3")
	    END("max_tokens")));
	CHECK(!referee_verdict(&a.referee));
	CHECK_BYTES(buf_slice(&a.dump.lines).ptr, buf_len(&a.dump.lines),
	    want, sizeof want - 1);
	answer_free(&a);
}

TESTS(
	{ "streams", all_streams },
	{ "cut anywhere", cut_anywhere },
	{ "end anywhere", end_anywhere },
	{ "whole bodies", whole_bodies },
	{ "no message", no_message },
	{ "fences", fences },
	{ "unwrapped calls", unwrapped_calls })
