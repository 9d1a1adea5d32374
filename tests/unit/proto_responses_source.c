/*
 * Responses answers as events.  The streams are made after what real providers
 * send; each is also read with a cut at every byte.
 */
#include "test.h"

#include <string.h>

#include "answer.h"

#define EVENT(type, members) \
	"event: " type "\ndata: {\"type\":\"" type "\"," members "}\n\n"
#define BEGIN \
	EVENT("response.created", "\"response\":{\"id\":\"resp_1\"," \
	    "\"model\":\"m\",\"status\":\"in_progress\",\"output\":[]}")
#define ADDED(at, item) \
	EVENT("response.output_item.added", "\"output_index\":" at "," \
	    "\"item\":{" item "}")
#define DONE(at, item) \
	EVENT("response.output_item.done", "\"output_index\":" at "," \
	    "\"item\":{" item "}")
#define TEXT(at, part, text) \
	EVENT("response.output_text.delta", "\"sequence_number\":7," \
	    "\"output_index\":" at ",\"content_index\":" part "," \
	    "\"delta\":\"" text "\",\"logprobs\":[],\"obfuscation\":\"xY9\"")
#define PADDED(number, text, padding) \
	EVENT("response.output_text.delta", "\"sequence_number\":" number "," \
	    "\"output_index\":0,\"content_index\":0," \
	    "\"delta\":\"" text "\",\"logprobs\":[],\"obfuscation\":\"" \
	    padding "\"")
#define PART_DONE(at, part, text) \
	EVENT("response.content_part.done", "\"output_index\":" at "," \
	    "\"content_index\":" part ",\"part\":{\"type\":\"output_text\"," \
	    "\"text\":\"" text "\"}")
#define ARGS(at, text) \
	EVENT("response.function_call_arguments.delta", \
	    "\"output_index\":" at ",\"delta\":\"" text "\"")
#define SUMMARY(at, section, text) \
	EVENT("response.reasoning_summary_text.delta", \
	    "\"output_index\":" at ",\"summary_index\":" section "," \
	    "\"delta\":\"" text "\"")
#define RAW(at, text) \
	EVENT("response.reasoning_text.delta", "\"output_index\":" at "," \
	    "\"content_index\":0,\"delta\":\"" text "\"")
#define CALL(id, name) \
	"\"type\":\"function_call\",\"call_id\":\"" id "\"," \
	"\"name\":\"" name "\",\"arguments\":\"\""
#define CALLED(id, name, args) \
	"\"type\":\"function_call\",\"call_id\":\"" id "\"," \
	"\"name\":\"" name "\",\"arguments\":\"" args "\""
#define END \
	EVENT("response.completed", "\"response\":{\"id\":\"resp_1\"," \
	    "\"status\":\"completed\",\"output\":[],\"usage\":{" \
	    "\"input_tokens\":7,\"output_tokens\":3,\"total_tokens\":10}}")
#define USED "usage 7 -1 -1 3 -1\n"

#define CHECK_SLICE(got, want) \
	CHECK_BYTES((got).ptr, (got).len, want, strlen(want))

struct stream {
	const char	*name, *text, *events;
};

/* All begin with "begin resp_1 m\n", which is left out. */
static const struct stream streams[] = {
	{ "text, told three times",
	    BEGIN ADDED("0", "\"type\":\"message\"")
	    TEXT("0", "0", "He") TEXT("0", "0", "\\\"y") TEXT("0", "0", "!")
	    EVENT("response.output_text.done", "\"output_index\":0,"
	    "\"content_index\":0,\"text\":\"He\\\"y!\"")
	    PART_DONE("0", "0", "He\\\"y!")
	    DONE("0", "\"type\":\"message\",\"content\":[{\"type\":"
	    "\"output_text\",\"text\":\"He\\\"y!\"}]") END,
	    "open text\n+He\\\"y!\nclose\n" USED "stop end\n" },
	{ "events alike, and some that only seem so",
	    BEGIN TEXT("0", "0", "a") TEXT("0", "0", "b\\\\")
	    PADDED("7", "c", "x\\\"y") PADDED("1.5", "d", "z")
	    PADDED("7", "e", "\",\"a\":\"b") PADDED("7", "f\",\"b\":\"", "")
	    PADDED("12345678901234567890123", "g", "")
	    TEXT("0", "0", "h") PADDED("7", "\\q", "x"),
	    "open text\n+ab\\\\cdefgh\nfail bad_answer Upstream sent an "
	    "event that is not a JSON object.\n" },
	{ "text only in its end",
	    BEGIN EVENT("response.output_text.done", "\"output_index\":0,"
	    "\"content_index\":0,\"text\":\"a\"") END,
	    "open text\n+a\nclose\n" USED "stop end\n" },
	{ "text only in its part",
	    BEGIN PART_DONE("0", "0", "a") END,
	    "open text\n+a\nclose\n" USED "stop end\n" },
	{ "text only in its item",
	    BEGIN DONE("0", "\"type\":\"message\",\"content\":[{\"type\":"
	    "\"output_text\",\"text\":\"a\"},{\"type\":\"output_text\","
	    "\"text\":\"b\"}]") END,
	    "open text\n+a\nclose\nopen text\n+b\nclose\n" USED
	    "stop end\n" },
	{ "text only in the response",
	    BEGIN EVENT("response.completed", "\"response\":{\"output\":[{"
	    "\"type\":\"message\",\"content\":[{\"type\":\"output_text\","
	    "\"text\":\"a\"}]}],\"usage\":null}"),
	    "open text\n+a\nclose\nstop end\n" },
	{ "half a pair in each delta",
	    BEGIN TEXT("0", "0", "a\\ud83d") TEXT("0", "0", "\\ude00b") END,
	    "open text\n+a\\ud83d\\ude00b\nclose\n" USED "stop end\n" },
	{ "no types but in the names",
	    "event: response.created\ndata: {\"response\":{\"id\":\"resp_1\","
	    "\"model\":\"m\"}}\n\n"
	    "event: response.output_text.delta\ndata: {\"delta\":\"a\"}\n\n"
	    "event: response.completed\ndata: {\"response\":{}}\n\n",
	    "open text\n+a\nclose\nstop end\n" },
	{ "thinking in two sections, sealed",
	    BEGIN ADDED("0", "\"type\":\"reasoning\",\"summary\":[]")
	    SUMMARY("0", "0", "A") SUMMARY("0", "0", "a")
	    SUMMARY("0", "1", "B")
	    EVENT("response.reasoning_summary_text.done", "\"output_index\":0,"
	    "\"summary_index\":1,\"text\":\"B\"")
	    EVENT("response.reasoning_summary_text.done", "\"output_index\":0,"
	    "\"summary_index\":2,\"text\":\"C\"")
	    DONE("0", "\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[{"
	    "\"text\":\"Aa\"},{\"text\":\"B\"},{\"text\":\"C\"},{\"text\":"
	    "\"D\"}],\"encrypted_content\":\"E\"")
	    TEXT("1", "0", "x") END,
	    "open think\n+Aa\\n\\nB\\n\\nC\\n\\nD\nsign E 2\nclose\n"
	    "open text\n+x\nclose\n" USED "stop end\n" },
	{ "thinking of which nothing can be read",
	    BEGIN DONE("0", "\"type\":\"reasoning\",\"id\":\"rs_1\","
	    "\"summary\":[],\"encrypted_content\":\"E\"") END,
	    "open think\nsign E 2\nclose\n" USED "stop end\n" },
	{ "thinking of which nothing is left",
	    BEGIN ADDED("0", "\"type\":\"reasoning\"")
	    DONE("0", "\"type\":\"reasoning\",\"summary\":[]")
	    TEXT("1", "0", "x") END,
	    "open text\n+x\nclose\n" USED "stop end\n" },
	{ "a thought in short and in full",
	    BEGIN SUMMARY("0", "0", "A") RAW("0", "all of it")
	    DONE("0", "\"type\":\"reasoning\",\"content\":[{\"text\":"
	    "\"all of it\"}]") END,
	    "open think\n+A\nclose\n" USED "stop end\n" },
	{ "a thought that ends behind the text",
	    BEGIN RAW("0", "R") TEXT("1", "0", "x") TEXT("1", "0", "y")
	    PART_DONE("1", "0", "xy")
	    DONE("0", "\"type\":\"reasoning\",\"id\":\"rs_1\",\"content\":[{"
	    "\"text\":\"R\"}],\"encrypted_content\":\"E\"") END,
	    "open think\n+R\nclose\nopen text\n+xy\nclose\n"
	    "open think\nsign E 2\nclose\n" USED "stop end\n" },
	{ "a call",
	    BEGIN ADDED("0", CALL("c1", "f")) ARGS("0", "{\\\"a\\\"")
	    ARGS("0", ":1}")
	    EVENT("response.function_call_arguments.done", "\"output_index\":0,"
	    "\"arguments\":\"{\\\"a\\\":1}\"")
	    DONE("0", CALLED("c1", "f", "{\\\"a\\\":1}")) END,
	    "open call c1 f\n+{\\\"a\\\":1}\nclose\n" USED "stop tool\n" },
	{ "a call that comes whole, and one without arguments",
	    BEGIN DONE("0", CALLED("c1", "f", "{\\\"a\\\":1}"))
	    DONE("1", CALL("c2", "g")) END,
	    "open call c1 f\n+{\\\"a\\\":1}\nclose\nopen call c2 g\n+{}\n"
	    "close\n" USED "stop tool\n" },
	{ "arguments in front of the call",
	    BEGIN ARGS("0", "{\\\"a\\\":") ARGS("0", "1}")
	    DONE("0", CALLED("c1", "f", "")) END,
	    "open call c1 f\n+{\\\"a\\\":1}\nclose\n" USED "stop tool\n" },
	{ "interleaved calls, and text between them",
	    BEGIN ADDED("0", CALL("a", "f")) ADDED("1", CALL("b", "g"))
	    ARGS("1", "{\\\"y\\\":") ARGS("0", "{\\\"x\\\":")
	    TEXT("2", "0", "note") ARGS("0", "1}")
	    DONE("0", CALLED("a", "f", "")) ARGS("1", "2}")
	    DONE("1", CALLED("b", "g", "")) PART_DONE("2", "0", "note") END,
	    "open call a f\n+{\\\"x\\\":1}\nclose\n"
	    "open call b g\n+{\\\"y\\\":2}\nclose\n"
	    "open text\n+note\nclose\n" USED "stop tool\n" },
	{ "interleaved calls whose ends are missing",
	    BEGIN ADDED("0", CALL("a", "f")) ADDED("1", CALL("b", "g"))
	    ARGS("1", "{}") ARGS("0", "{\\\"x\\\":1}") END,
	    "open call a f\n+{\\\"x\\\":1}\nclose\n"
	    "open call b g\n+{}\nclose\n" USED "stop tool\n" },
	{ "two messages, a piece of each in turn",
	    BEGIN TEXT("0", "0", "a") TEXT("1", "0", "b") TEXT("0", "0", "c")
	    TEXT("1", "0", "d") PART_DONE("1", "0", "bd")
	    PART_DONE("0", "0", "ac") END,
	    "open text\n+a\nclose\nopen text\n+bd\nclose\nopen text\n+c\n"
	    "close\n" USED "stop end\n" },
	{ "two calls of one id, and one without",
	    BEGIN DONE("0", CALLED("a", "f", "{}"))
	    DONE("1", CALLED("a", "f", "{}"))
	    DONE("2", CALLED("", "f", "{}")) END,
	    "open call a f\n+{}\nclose\n"
	    "open call call_677444d8d10d52b94e3dd462 f\n+{}\nclose\n"
	    "open call call_e3a0dc178ad451f2ed849fe0 f\n+{}\nclose\n"
	    USED "stop tool\n" },
	{ "a name in a space of names",
	    BEGIN DONE("0", CALLED("a", "f", "{}") ",\"namespace\":\"ns\"")
	    DONE("1", CALLED("b", "ns__g", "{}") ",\"namespace\":\"ns\"") END,
	    "open call a ns__f\n+{}\nclose\nopen call b ns__g\n+{}\nclose\n"
	    USED "stop tool\n" },
	{ "a call of free text",
	    BEGIN ADDED("0", "\"type\":\"custom_tool_call\",\"call_id\":\"a\","
	    "\"name\":\"f\"")
	    EVENT("response.custom_tool_call_input.delta", "\"output_index\":0,"
	    "\"delta\":\"{x\"")
	    EVENT("response.custom_tool_call_input.done", "\"output_index\":0,"
	    "\"input\":\"{x\"") END,
	    "open call custom a f\n+{x\nclose\n" USED "stop tool\n" },
	{ "calls with an object in their item",
	    BEGIN DONE("0", "\"type\":\"local_shell_call\",\"call_id\":\"a\","
	    "\"action\":{\"command\":[\"ls\", \"-l\"]}")
	    DONE("1", "\"type\":\"tool_search_call\",\"call_id\":\"b\","
	    "\"execution\":\"client\",\"arguments\":{\"q\":1}")
	    DONE("2", "\"type\":\"tool_search_call\",\"call_id\":\"c\","
	    "\"execution\":\"server\",\"arguments\":{\"q\":1}") END,
	    "open call a local_shell\n"
	    "+{\\\"command\\\":[\\\"ls\\\",\\\"-l\\\"]}\nclose\n"
	    "open call b tool_search\n+{\\\"q\\\":1}\nclose\n"
	    "open opaque\nclose\n" USED "stop tool\n" },
	{ "a refusal",
	    BEGIN EVENT("response.refusal.delta", "\"output_index\":0,"
	    "\"content_index\":0,\"delta\":\"N\"")
	    EVENT("response.refusal.delta", "\"output_index\":0,"
	    "\"content_index\":0,\"delta\":\"o\"")
	    EVENT("response.refusal.done", "\"output_index\":0,"
	    "\"content_index\":0,\"refusal\":\"No\"") END,
	    "open text refusal\n+No\nclose\n" USED
	    "stop refusal because No\n" },
	{ "citations, whose places count from the beginning of all text",
	    BEGIN TEXT("0", "0", "\\u00e4bc") PART_DONE("0", "0", "")
	    TEXT("1", "0", "de")
	    EVENT("response.output_text.annotation.added", "\"output_index\":1,"
	    "\"content_index\":0,\"annotation\":{\"type\":\"url_citation\","
	    "\"start_index\":0,\"end_index\":2,\"url\":\"u\"}")
	    EVENT("response.output_text.annotation.added", "\"output_index\":1,"
	    "\"content_index\":0,\"annotation\":{\"type\":\"file_path\"}")
	    END,
	    "open text\n+\\u00e4bc\nclose\nopen text\n+de\n"
	    "cite {\"type\":\"url_citation\",\"url_citation\":{"
	    "\"start_index\":3,\"end_index\":5,\"url\":\"u\"}}\nclose\n" USED
	    "stop end\n" },
	{ "probabilities",
	    BEGIN EVENT("response.output_text.delta", "\"output_index\":0,"
	    "\"content_index\":0,\"delta\":\"a\",\"logprobs\":[ {\"token\":"
	    "\"a\"} ]") TEXT("0", "0", "b") END,
	    "open text\n+a\nlogprobs [{\"token\":\"a\"}]\n+b\nclose\n" USED
	    "stop end\n" },
	{ "what only its vendor understands, a picture, what nobody knows",
	    BEGIN EVENT("response.web_search_call.searching",
	    "\"output_index\":0")
	    DONE("0", "\"type\":\"web_search_call\",\"id\":\"ws_1\"")
	    DONE("1", "\"type\":\"image_generation_call\",\"result\":\"QUJD\"")
	    EVENT("response.novelty", "\"a\":1") END,
	    "open opaque\nclose\nopen image\nclose\n" USED "stop end\n" },
	{ "the limit was reached",
	    BEGIN TEXT("0", "0", "a")
	    EVENT("response.incomplete", "\"response\":{\"incomplete_details\":"
	    "{\"reason\":\"max_output_tokens\"}}"),
	    "open text\n+a\nclose\nstop length\n" },
	{ "cut by a policy, amid a call",
	    BEGIN ADDED("0", CALL("a", "f")) ARGS("0", "{\\\"x\\\":")
	    EVENT("response.incomplete", "\"response\":{\"incomplete_details\":"
	    "{\"reason\":\"content_filter\"}}"),
	    "open call a f\n+{\\\"x\\\":\nclose\nstop filter\n" },
	{ "an answer that pauses, and one that ends for other reasons",
	    BEGIN EVENT("response.incomplete", "\"response\":{"
	    "\"incomplete_details\":{\"reason\":\"steered\"}}") END,
	    "stop pause\n" },
	{ "a failure",
	    BEGIN TEXT("0", "0", "a")
	    EVENT("response.failed", "\"response\":{\"error\":{\"code\":"
	    "\"rate_limit_exceeded\",\"message\":\"Slow.\"},\"usage\":{"
	    "\"input_tokens\":1}}"),
	    "open text\n+a\nusage 1 -1 -1 -1 -1\nfail rate_limit Slow.\n" },
	{ "a failure without a reason",
	    BEGIN EVENT("response.failed", "\"response\":{}"),
	    "fail server The provider broke off its answer without "
	    "saying why.\n" },
	{ "an error, and the failure behind it",
	    BEGIN EVENT("error", "\"error\":{\"type\":\"x\",\"code\":"
	    "\"insufficient_quota\",\"message\":\"No money.\"}")
	    EVENT("response.failed", "\"response\":{\"error\":{\"code\":\"y\","
	    "\"message\":\"Else.\"}}"),
	    "fail quota No money.\n" },
	{ "a flat error",
	    BEGIN EVENT("error", "\"code\":\"context_length_exceeded\","
	    "\"message\":\"too long\",\"param\":null"),
	    "fail context_length too long\n" },
	{ "too much to do", BEGIN EVENT("error", "\"code\":"
	    "\"server_is_overloaded\",\"message\":\"Later.\""),
	    "fail overloaded Later.\n" },
	{ "cancelled", BEGIN EVENT("response.cancelled", "\"response\":{}"),
	    "fail canceled The provider's answer was cancelled.\n" },
	{ "the end is missing", BEGIN TEXT("0", "0", "x") "data: [DONE]\n\n",
	    "open text\n+x\nfail truncated Upstream closed the stream before "
	    "the response was complete.\n" },
	{ "signs of life", BEGIN EVENT("keepalive", "\"sequence_number\":1")
	    TEXT("0", "0", "x") END "data: nonsense\n\n",
	    "ping\nopen text\n+x\nclose\n" USED "stop end\n" },
	{ "an event that is no JSON", BEGIN "data: nonsense\n\n",
	    "fail bad_answer Upstream sent an event that is not a JSON "
	    "object.\n" },
};

static void
read_stream(const struct stream *s, size_t cut)
{
	struct slice text = slice_of(s->text);
	struct slice lines;
	struct answer a;

	answer_init(&a, &protocol_responses, NULL, false);
	answer_feed(&a, slice_sub(text, 0, cut));
	answer_feed(&a, slice_skip(text, cut));
	answer_end(&a);
	lines = buf_slice(&a.dump.lines);
	CHECK(slice_starts(lines, SLICE("begin resp_1 m\n")));
	if (!slice_is(slice_skip(lines, 15), s->events))
		printf("%s, cut at %zu:\n", s->name, cut);
	CHECK_SLICE(slice_skip(lines, 15), s->events);
	CHECK(!referee_verdict(&a.referee));
	answer_free(&a);
}

static void
whole_streams(void)
{
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
		read_stream(&streams[i], strlen(streams[i].text));
}

static void
cut_anywhere(void)
{
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
		for (size_t at = 0; at < strlen(streams[i].text); at++)
			read_stream(&streams[i], at);
}

/* ---- whole bodies ---- */

static const struct stream bodies[] = {
	{ "all kinds of items",
	    "{\"id\":\"r\",\"object\":\"response\",\"model\":\"m\","
	    "\"status\":\"completed\",\"service_tier\":\"flex\",\"output\":[{"
	    "\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[{\"text\":"
	    "\"A\"},{\"text\":\"B\"}],\"encrypted_content\":\"E\"},{"
	    "\"type\":\"message\",\"content\":[{\"type\":\"output_text\","
	    "\"text\":\"x\",\"annotations\":[{\"type\":\"url_citation\","
	    "\"url\":\"u\"}],\"logprobs\":[{\"token\":\"x\"}]}]},{"
	    CALLED("c", "f", "{}") "}],\"usage\":{\"input_tokens\":9,"
	    "\"input_tokens_details\":{\"cached_tokens\":4,"
	    "\"cache_write_tokens\":2},\"output_tokens\":5,"
	    "\"output_tokens_details\":{\"reasoning_tokens\":3}}}",
	    "begin r m\nopen think\n+A\\n\\nB\nsign E 2\nclose\nopen text\n+x\n"
	    "cite {\"type\":\"url_citation\",\"url_citation\":{\"url\":\"u\"}}"
	    "\nlogprobs [{\"token\":\"x\"}]\nclose\nopen call c f\n+{}\nclose\n"
	    "usage 9 4 2 5 3\nstop tool\n" },
	{ "a refusal that was filtered",
	    "{\"id\":\"r\",\"object\":\"response\",\"status\":\"incomplete\","
	    "\"incomplete_details\":{\"reason\":\"content_filter\"},"
	    "\"model\":\"g\",\"output\":[{\"type\":\"message\",\"content\":[{"
	    "\"type\":\"refusal\",\"refusal\":\"no\"}]}]}",
	    "begin r g\nopen text refusal\n+no\nclose\n"
	    "stop filter because no\n" },
	{ "a failure with a status that says it went well",
	    "{\"id\":\"r\",\"object\":\"response\",\"status\":\"failed\","
	    "\"error\":{\"code\":\"server_error\",\"message\":\"Broke.\"},"
	    "\"output\":[]}", "fail server Broke.\n" },
	{ "a job that runs on",
	    "{\"id\":\"r\",\"object\":\"response\",\"status\":\"queued\","
	    "\"output\":[]}", "fail bad_answer The provider answered before "
	    "its answer was complete.\n" },
	{ "something else", "{\"choices\":[]}",
	    "fail bad_answer Upstream returned no response.\n" },
	{ "no JSON", "<html>",
	    "fail bad_answer Upstream sent an answer that is not JSON.\n" },
};

static void
whole_bodies(void)
{
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct answer a;

		answer_init(&a, &protocol_responses, NULL, true);
		answer_whole(&a, slice_of(bodies[i].text));
		CHECK_SLICE(buf_slice(&a.dump.lines), bodies[i].events);
		CHECK(!referee_verdict(&a.referee));
		answer_free(&a);
	}
}

/* ---- with the request at hand ---- */

static void
free_text_as_function(void)
{
	static const char text[] = BEGIN ADDED("0", CALL("a", "f"))
	    ARGS("0", "{\\\"input\\\":\\\"l1") ARGS("0", "\\\\nl2\\\"}") END;
	struct ir_tool tool = { .kind = IR_CUSTOM, .name = SLICE("f") };
	struct ir_request request = { .tools = &tool };
	struct answer a;

	answer_init(&a, &protocol_responses, NULL, false);
	a.talk.request = &request;
	answer_feed(&a, slice_of(text));
	answer_end(&a);
	CHECK_SLICE(buf_slice(&a.dump.lines),
	    "begin resp_1 m\nopen call custom a f\n"
	    "+l1\\nl2\nclose\n" USED "stop tool\n");
	answer_free(&a);
}

static void
stop_sequences(void)
{
	static const char text[] = BEGIN TEXT("0", "0", "abc")
	    TEXT("0", "0", "deX") TEXT("0", "0", "tail") END;
	struct ir_text stop = { .text = SLICE("cde") };
	struct ir_request request = { .stop = &stop };
	struct answer a = { 0 };

	answer_init(&a, &protocol_responses, NULL, false);
	a.talk.request = &request;
	a.source = protocol_responses.source(&a.talk, &a.referee.sink);
	answer_feed(&a, slice_of(text));
	CHECK(a.source->done && a.source->cut);
	CHECK_SLICE(buf_slice(&a.dump.lines),
	    "begin resp_1 m\nopen text\n+ab\nclose\n"
	    "stop sequence at cde\n");
	answer_free(&a);
}

/* The usual events take no memory that stays. */
static void
no_memory_per_delta(void)
{
	struct answer a;
	size_t before;

	answer_init(&a, &protocol_responses, NULL, false);
	answer_feed(&a, slice_of(BEGIN TEXT("0", "0", "a")));
	before = a.arena.total;
	for (int i = 0; i < 5000; i++)
		answer_feed(&a, slice_of(TEXT("0", "0", "more")));
	CHECK(a.arena.total == before);
	answer_free(&a);
}

TESTS(
	{ "whole streams", whole_streams },
	{ "cut anywhere", cut_anywhere },
	{ "whole bodies", whole_bodies },
	{ "free text as function", free_text_as_function },
	{ "stop sequences", stop_sequences },
	{ "no memory per delta", no_memory_per_delta })
