/*
 * Chat answers as events.  The streams are made after what real providers
 * send; each is also read with a cut at every byte.
 */
#include "test.h"

#include "answer.h"

#define CHUNK(delta) \
	"data: {\"id\":\"chatcmpl-1\",\"model\":\"m\",\"choices\":[{" \
	"\"index\":0,\"delta\":" delta ",\"finish_reason\":null}]}\n\n"
#define FINISH(reason) \
	"data: {\"id\":\"chatcmpl-1\",\"choices\":[{\"index\":0,\"delta\":{}," \
	"\"finish_reason\":\"" reason "\"}]}\n\n"
#define CALL(index, id, name, args) \
	CHUNK("{\"tool_calls\":[{\"index\":" index ",\"id\":\"" id "\"," \
	"\"function\":{\"name\":\"" name "\",\"arguments\":\"" args "\"}}]}")
#define ARGS(index, args) \
	CHUNK("{\"tool_calls\":[{\"index\":" index ",\"function\":{" \
	"\"arguments\":\"" args "\"}}]}")
#define DONE "data: [DONE]\n\n"

struct stream {
	const char	*name, *text, *events;
};

/* All begin with "begin chatcmpl-1 m\n", which is left out. */
static const struct stream streams[] = {
	{ "text", CHUNK("{\"role\":\"assistant\",\"content\":\"\"}")
	    CHUNK("{\"content\":\"He\"}") CHUNK("{\"content\":\"y\"}")
	    FINISH("stop") DONE,
	    "open text\n+Hey\nclose\nstop end\n" },
	{ "chunks alike, and some that only seem so",
	    CHUNK("{\"content\":\"a\"}") CHUNK("{\"content\":\"b\"}")
	    CHUNK("{\"content\":\"c\",\"reasoning\":\"d\"}")
	    CHUNK("{\"content\":\"\\ud83d\"}")
	    CHUNK("{\"content\":\"\\ude00\"}") FINISH("stop") DONE,
	    "open text\n+ab\nclose\nopen think\n+d\nclose\n"
	    "open text\n+c\\ud83d\\ude00\nclose\nstop end\n" },
	{ "finish twice, the second plain",
	    CHUNK("{\"content\":\"a\"}") FINISH("length") FINISH("stop") DONE,
	    "open text\n+a\nclose\nstop length\n" },
	{ "finish twice, the first plain",
	    CHUNK("{\"content\":\"a\"}") FINISH("stop") FINISH("length") DONE,
	    "open text\n+a\nclose\nstop length\n" },
	{ "an empty finish, then the end",
	    CHUNK("{\"content\":\"a\"}") FINISH("") DONE,
	    "open text\n+a\nclose\nstop end\n" },
	{ "no [DONE]", CHUNK("{\"content\":\"a\"}") FINISH("stop"),
	    "open text\n+a\nclose\nstop end\n" },
	{ "no finish and no [DONE]", CHUNK("{\"content\":\"a\"}"),
	    "open text\n+a\nfail truncated Upstream closed the stream before "
	    "the response was complete.\n" },
	{ "data behind [DONE]",
	    CHUNK("{\"content\":\"a\"}") FINISH("stop") DONE
	    CHUNK("{\"content\":\"b\"}") "data: nonsense\n\n",
	    "open text\n+a\nclose\nstop end\n" },
	{ "reasoning, text, a call without arguments, finish stop",
	    CHUNK("{\"reasoning_content\":\"be\"}")
	    CHUNK("{\"reasoning\":\"cause\",\"content\":null}")
	    CHUNK("{\"content\":\"a\"}") CALL("0", "x", "f", "")
	    FINISH("stop") DONE,
	    "open think\n+because\nclose\nopen text\n+a\nclose\n"
	    "open call x f\n+{}\nclose\nstop tool\n" },
	{ "both reasoning fields say the same",
	    CHUNK("{\"reasoning_content\":\"a\",\"reasoning\":\"a\"}")
	    FINISH("stop") DONE,
	    "open think\n+a\nclose\nstop end\n" },
	{ "thinking as parts",
	    CHUNK("{\"content\":[{\"type\":\"thinking\",\"thinking\":[{"
	    "\"type\":\"text\",\"text\":\"T\"}]},{\"type\":\"text\","
	    "\"text\":\"x\"}]}") CHUNK("{\"content\":\"y\"}")
	    FINISH("stop") DONE,
	    "open think\n+T\nclose\nopen text\n+xy\nclose\nstop end\n" },
	{ "reasoning details with a signature",
	    CHUNK("{\"reasoning\":\"This\",\"reasoning_details\":[{\"type\":"
	    "\"reasoning.text\",\"text\":\"This\",\"format\":"
	    "\"anthropic-claude-v1\",\"index\":0}]}")
	    CHUNK("{\"reasoning_details\":[{\"type\":\"reasoning.text\","
	    "\"signature\":\"Eq\",\"format\":\"anthropic-claude-v1\","
	    "\"index\":0}]}")
	    CHUNK("{\"reasoning_details\":[{\"type\":\"reasoning.encrypted\","
	    "\"data\":\"ZZ\",\"format\":\"openai-responses-v1\"}]}")
	    CHUNK("{\"content\":\"4\",\"reasoning_details\":[]}")
	    FINISH("stop") DONE,
	    "open think\n+This\nsign Eq 1\nclose\nopen redacted ZZ 2\nclose\n"
	    "open text\n+4\nclose\nstop end\n" },
	{ "two blocks of details",
	    CHUNK("{\"reasoning_details\":[{\"text\":\"a\",\"index\":0},"
	    "{\"text\":\"b\",\"index\":1},{\"summary\":\"c\",\"index\":1}]}")
	    FINISH("stop") DONE,
	    "open think\n+a\nclose\nopen think\n+bc\nclose\nstop end\n" },
	{ "a whole call, and finish beside it",
	    "data: {\"id\":\"chatcmpl-1\",\"model\":\"m\",\"choices\":[{"
	    "\"index\":0,\"delta\":{\"tool_calls\":[{\"id\":\"g6f\","
	    "\"index\":0,"
	    "\"function\":{\"name\":\"w\",\"arguments\":\"{\\\"a\\\": 1}\"}}]},"
	    "\"finish_reason\":\"tool_calls\"}]}\n\n" DONE,
	    "open call g6f w\n+{\\\"a\\\": 1}\nclose\nstop tool\n" },
	{ "interleaved calls",
	    CALL("0", "a", "f", "") CALL("1", "b", "g", "")
	    ARGS("1", "{\\\"y\\\":") ARGS("0", "{\\\"x\\\":1}")
	    ARGS("1", "2}") FINISH("tool_calls") DONE,
	    "open call a f\n+{\\\"x\\\":1}\nclose\n"
	    "open call b g\n+{\\\"y\\\":2}\nclose\nstop tool\n" },
	{ "three interleaved calls and text between",
	    CALL("0", "a", "f", "{\\\"p\\\":") CALL("1", "b", "g", "{\\\"q\\\"")
	    CHUNK("{\"content\":\"note\"}") CALL("2", "c", "h", "{}")
	    ARGS("0", "1}") ARGS("1", ":2}") FINISH("tool_calls") DONE,
	    "open call a f\n+{\\\"p\\\":1}\nclose\n"
	    "open call b g\n+{\\\"q\\\":2}\nclose\n"
	    "open text\n+note\nclose\nopen call c h\n+{}\nclose\nstop tool\n" },
	{ "every call has index 0",
	    CALL("0", "a", "f", "{\\\"x\\\":") CALL("0", "a", "f", "1}")
	    CALL("0", "b", "g", "{}") CALL("0", "c", "g", "")
	    ARGS("0", "{\\\"z\\\":3}") FINISH("tool_calls") DONE,
	    "open call a f\n+{\\\"x\\\":1}\nclose\nopen call b g\n+{}\nclose\n"
	    "open call c g\n+{\\\"z\\\":3}\nclose\nstop tool\n" },
	{ "indexes -1 and 5",
	    CALL("-1", "a", "f", "{}") CALL("5", "b", "g", "{\\\"x\\\":")
	    ARGS("5", "1}") FINISH("tool_calls") DONE,
	    "open call a f\n+{}\nclose\n"
	    "open call b g\n+{\\\"x\\\":1}\nclose\nstop tool\n" },
	{ "several calls in one delta, no index, one without id",
	    CHUNK("{\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"f\","
	    "\"arguments\":\"{}\"}},{\"function\":{\"name\":\"f\","
	    "\"arguments\":{\"x\" : [1, 2]}}},{\"id\":\"\",\"function\":{"
	    "\"name\":\"g\"}}]}") FINISH("tool_calls") DONE,
	    "open call a f\n+{}\nclose\n"
	    "open call toolu_466111c1346e870977aa171c f\n"
	    "+{\\\"x\\\":[1,2]}\nclose\n"
	    "open call toolu_3ae2db58aeb1e868caaea300 g\n+{}\nclose\n"
	    "stop tool\n" },
	{ "later id and name empty or repeated",
	    CALL("0", "a", "f", "") CALL("0", "", "", "{\\\"x\\\"")
	    CALL("0", "a", "f", ":1}") CALL("0", "", "", "")
	    FINISH("tool_calls") DONE,
	    "open call a f\n+{\\\"x\\\":1}\nclose\nstop tool\n" },
	{ "a name in pieces",
	    CALL("0", "a", "get_", "") CALL("0", "", "time", "")
	    ARGS("0", "{}") FINISH("tool_calls") DONE,
	    "open call a get_time\n+{}\nclose\nstop tool\n" },
	{ "a call without a name is none",
	    CALL("0", "a", "", "{}") CHUNK("{\"content\":\"x\"}")
	    FINISH("tool_calls") DONE,
	    "open text\n+x\nclose\nstop end\n" },
	{ "an empty object before the arguments",
	    CALL("0", "a", "f", "{}") ARGS("0", "{\\\"x\\\":1}")
	    CALL("1", "b", "g", "{}{\\\"y\\\":2}") FINISH("tool_calls") DONE,
	    "open call a f\n+{\\\"x\\\":1}\nclose\n"
	    "open call b g\n+{\\\"y\\\":2}\nclose\nstop tool\n" },
	{ "more behind the arguments",
	    CALL("0", "a", "f", "{}}") CALL("1", "b", "g",
	    "{\\\"y\\\":\\\"}\\\\u00e9\\\"} {\\\"z\\\":1}")
	    ARGS("1", "{\\\"w\\\":1}") FINISH("tool_calls") DONE,
	    "open call a f\n+{}\nclose\nopen call b g\n"
	    "+{\\\"y\\\":\\\"}\\\\u00e9\\\"}\nclose\nstop tool\n" },
	{ "arguments cut by the limit",
	    CALL("0", "a", "f", "{\\\"y\\\":\\\"z") FINISH("length") DONE,
	    "open call a f\n+{\\\"y\\\":\\\"z\nclose\nstop length\n" },
	{ "arguments in a string, and no JSON at all",
	    CALL("0", "a", "f", "\\\"{\\\\\\\"x\\\\\\\"")
	    ARGS("0", ":1}\\\"") CALL("1", "b", "g", "none")
	    FINISH("tool_calls") DONE,
	    "open call a f\n+{\\\"x\\\":1}\nclose\nopen call b g\n"
	    "+{\\\"_raw_arguments\\\":\\\"none\\\"}\nclose\nstop tool\n" },
	{ "a free-form tool",
	    CHUNK("{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"type\":"
	    "\"custom\",\"custom\":{\"name\":\"patch\",\"input\":\"*** \"}}]}")
	    CHUNK("{\"tool_calls\":[{\"index\":0,\"custom\":{\"input\":"
	    "\"End\"}}]}") FINISH("tool_calls") DONE,
	    "open call custom a patch\n+*** End\nclose\nstop tool\n" },
	{ "a function call from before there were tools",
	    CHUNK("{\"function_call\":{\"name\":\"f\",\"arguments\":\"\"}}")
	    CHUNK("{\"function_call\":{\"arguments\":\"{\\\"x\\\":1}\"}}")
	    FINISH("function_call") DONE,
	    "open call toolu_7e8f525436e2bc1c2573c755 f\n"
	    "+{\\\"x\\\":1}\nclose\nstop tool\n" },
	{ "a signed call",
	    CHUNK("{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{"
	    "\"name\":\"f\",\"arguments\":\"{}\"},\"extra_content\":{"
	    "\"google\":{\"thought_signature\":\"AV\"}}}]}")
	    FINISH("stop") DONE,
	    "open call a f\nsign AV 3\n+{}\nclose\nstop tool\n" },
	{ "a surrogate pair in two deltas, and half of one",
	    CHUNK("{\"content\":\"a\\ud83d\"}")
	    CHUNK("{\"content\":\"\\ude00b\\ud83d\"}") FINISH("stop") DONE,
	    "open text\n+a\\ud83d\\ude00b\\ufffd\nclose\nstop end\n" },
	{ "a surrogate pair in two pieces of arguments",
	    CALL("0", "a", "f", "{\\\"x\\\":\\\"\\ud83d")
	    ARGS("0", "\\ude00\\\"}") FINISH("tool_calls") DONE,
	    "open call a f\n+{\\\"x\\\":\\\"\\ud83d\\ude00\\\"}\nclose\n"
	    "stop tool\n" },
	{ "half of a surrogate pair behind the arguments",
	    CALL("0", "a", "f", "{\\\"x\\\":1}") ARGS("0", "\\ud83d")
	    CALL("1", "b", "g", "no\\ud83d") FINISH("tool_calls") DONE,
	    "open call a f\n+{\\\"x\\\":1}\nclose\nopen call b g\n"
	    "+{\\\"_raw_arguments\\\":\\\"no\xef\xbf\xbd\\\"}\nclose\n"
	    "stop tool\n" },
	{ "refusal",
	    CHUNK("{\"refusal\":\"I \"}") CHUNK("{\"refusal\":\"won't.\"}")
	    FINISH("stop") DONE,
	    "open text refusal\n+I won't.\nclose\n"
	    "stop refusal because I won't.\n" },
	{ "filtered", CHUNK("{\"content\":\"a\"}") FINISH("content_filter")
	    DONE, "open text\n+a\nclose\nstop filter\n" },
	{ "the stop sequence is named",
	    CHUNK("{\"content\":\"a\"}")
	    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":"
	    "\"stop\",\"stop_reason\":\"END\"}]}\n\n" DONE,
	    "open text\n+a\nclose\nstop sequence at END\n" },
	{ "the stop token is numbered",
	    CHUNK("{\"content\":\"a\"}")
	    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":"
	    "\"stop\",\"stop_reason\":154829}]}\n\n" DONE,
	    "open text\n+a\nclose\nstop end\n" },
	{ "nothing but an end", CHUNK("{}") FINISH("stop") DONE,
	    "stop end\n" },
	{ "other choices are not the answer",
	    CHUNK("{\"content\":\"a\"}")
	    "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"b\"},"
	    "\"finish_reason\":\"length\"}]}\n\n" FINISH("stop") DONE,
	    "open text\n+a\nclose\nstop end\n" },
	{ "a citation",
	    CHUNK("{\"content\":\"a\"}")
	    CHUNK("{\"annotations\":[{\"type\":\"url_citation\"}]}")
	    FINISH("stop") DONE,
	    "open text\n+a\ncite {\"type\":\"url_citation\"}\nclose\n"
	    "stop end\n" },
	{ "the last chunk holds the message too",
	    CHUNK("{\"content\":\"1 2\"}")
	    "data: {\"choices\":[{\"index\":0,\"message\":{\"content\":"
	    "\"1 2\"},\"delta\":{\"content\":\"\"},\"finish_reason\":\"stop\"}]"
	    "}\n\n",
	    "open text\n+1 2\nclose\nstop end\n" },
	{ "usage beside the choices, in one, and cumulative",
	    CHUNK("{\"content\":\"a\"}")
	    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":"
	    "\"length\",\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1,"
	    "\"cached_tokens\":4}}]}\n\n"
	    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,"
	    "\"completion_tokens\":2,\"prompt_tokens_details\":{"
	    "\"cached_tokens\":5,\"cache_write_tokens\":1},"
	    "\"completion_tokens_details\":{\"reasoning_tokens\":1}}}\n\n" DONE,
	    "open text\n+a\nusage 9 4 -1 1 -1\nusage 9 5 1 2 1\n"
	    "close\nstop length\n" },
	{ "reasoning outside of the completion",
	    CHUNK("{}") "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":"
	    "291,\"completion_tokens\":26,\"total_tokens\":513,"
	    "\"completion_tokens_details\":{\"reasoning_tokens\":196}}}\n\n"
	    FINISH("stop") DONE,
	    "usage 291 -1 -1 222 196\nstop end\n" },
	{ "an error as event",
	    CHUNK("{\"reasoning\":\"We\"}")
	    "event: error\ndata: {\"error\":{\"message\":\"Tool call refused\","
	    "\"type\":\"invalid_request_error\",\"status_code\":400}}\n\n",
	    "open think\n+We\nfail invalid Tool call refused\n" },
	{ "an error beside choices and usage",
	    CHUNK("{\"content\":\"a\"}")
	    "data: {\"id\":\"chatcmpl-1\",\"error\":{\"code\":429,\"message\":"
	    "\"rate\"},\"choices\":[{\"index\":0,\"delta\":{\"content\":\"b\"}"
	    "}],\"usage\":{\"prompt_tokens\":43,\"completion_tokens\":10}}\n\n"
	    DONE,
	    "open text\n+a\nusage 43 -1 -1 10 -1\nfail rate_limit rate\n" },
	{ "a reason that is a failure",
	    CHUNK("{\"content\":\"a\"}") FINISH("insufficient_system_resource")
	    DONE,
	    "open text\n+a\nfail overloaded The provider ran out of "
	    "resources.\n" },
	{ "an event that is no JSON",
	    CHUNK("{\"content\":\"a\"}") "data: {\"id\":\n\n",
	    "open text\n+a\nfail bad_answer Upstream sent an event that is not "
	    "a JSON object.\n" },
	{ "extra members and chunks that say nothing",
	    "data: {\"choices\":[],\"id\":\"x\",\"model\":\"\","
	    "\"prompt_filter_results\":[]}\n\n: PROCESSING\n\n"
	    CHUNK("{\"content\":\"a\",\"obfuscation\":\"xyz\",\"p\":1}")
	    "data: {\"timings\":{}}\n\ndata: \n\n" FINISH("stop") DONE,
	    "open text\n+a\nclose\nstop end\n" },
};

enum { STREAMS = sizeof streams / sizeof *streams };

static void
check_events(const struct stream *st, const struct answer *a)
{
	static const char begin[] = "begin chatcmpl-1 m\n";
	struct slice got = buf_slice(&a->dump.lines);

	if (a->referee.fault || !a->referee.over)
		printf("%s: %s\n", st->name, a->referee.fault ?
		    a->referee.fault : "not over");
	CHECK(!referee_verdict(&a->referee));
	CHECK(!a->dump.overrun);
	CHECK(slice_starts(got, slice_of(begin)));
	got = slice_skip(got, sizeof begin - 1);
	if (!slice_is(got, st->events))
		printf("in \"%s\":\n", st->name);
	CHECK_BYTES(got.ptr, got.len, st->events, strlen(st->events));
}

static void
reads(const struct stream *st, size_t cut, size_t step)
{
	struct slice text = slice_of(st->text);
	struct answer a;

	answer_init(&a, &protocol_chat, NULL, false);
	answer_feed(&a, slice_sub(text, 0, cut));
	for (; cut < text.len; cut += step)
		answer_feed(&a, slice_sub(text, cut, step));
	answer_end(&a);
	check_events(st, &a);
	answer_free(&a);
}

static void
as_it_comes(void)
{
	for (size_t i = 0; i < STREAMS; i++)
		reads(&streams[i], 0, SIZE_MAX / 2);
}

static void
cut_anywhere(void)
{
	for (size_t i = 0; i < STREAMS; i++)
		for (size_t cut = 0; cut < strlen(streams[i].text); cut++)
			reads(&streams[i], cut, SIZE_MAX / 2);
}

static void
byte_by_byte(void)
{
	for (size_t i = 0; i < STREAMS; i++)
		reads(&streams[i], 0, 1);
}

/* With CR LF, as some servers end their lines. */
static void
crlf(void)
{
	for (size_t i = 0; i < STREAMS; i++) {
		struct stream st = streams[i];
		struct buf text = { 0 };

		for (const char *p = st.text; *p; p++) {
			if (*p == '\n')
				buf_byte(&text, '\r');
			buf_byte(&text, *p);
		}
		buf_byte(&text, '\0');
		st.text = text.data;
		reads(&st, 0, 7);
		buf_free(&text);
	}
}

/* ---- whole answers ---- */

static const struct stream bodies[] = {
	{ "reasoning, content, refusal, calls",
	    "{\"id\":\"i\",\"model\":\"m\",\"choices\":[{\"message\":{"
	    "\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"f\","
	    "\"arguments\":\"{\\\"a\\\":1,\\\"b\\\":\\\"x\"}},{\"id\":\"a\","
	    "\"function\":{\"name\":\"g\"}}],\"refusal\":\"no\","
	    "\"content\":\"c\",\"reasoning\":\"r\"},\"finish_reason\":"
	    "\"tool_calls\"}],\"usage\":{\"prompt_tokens\":1,"
	    "\"completion_tokens\":2}}",
	    "begin i m\nusage 1 -1 -1 2 -1\nopen think\n+r\nclose\n"
	    "open text\n+c\nclose\n"
	    "open call a f\n+{\\\"a\\\":1}\nclose\n"
	    "open call toolu_cad38c8cc221350cee48b904 g\n"
	    "+{}\nclose\nstop tool\n" },
	{ "refused",
	    "{\"id\":\"i\",\"choices\":[{\"message\":{\"content\":null,"
	    "\"refusal\":\"No.\"},\"finish_reason\":\"stop\"}]}",
	    "begin i \nopen text refusal\n+No.\nclose\n"
	    "stop refusal because No.\n" },
	{ "no choices", "{\"id\":\"i\",\"choices\":[]}",
	    "fail bad_answer Upstream returned no choices.\n" },
	{ "two choices", "{\"id\":\"i\",\"choices\":[{\"message\":{"
	    "\"content\":\"a\"},\"finish_reason\":\"stop\"},{\"message\":{"
	    "\"content\":\"b\"},\"finish_reason\":\"length\"}]}",
	    "begin i \nopen text\n+a\nclose\nstop end\n" },
	{ "an error with status 200",
	    "{\"error\":{\"message\":\"m\",\"code\":503}}",
	    "fail overloaded m\n" },
	{ "an error in an array",
	    "[{\"error\":{\"message\":\"m\",\"status\":\"UNAVAILABLE\"}}]",
	    "fail overloaded m\n" },
	{ "not JSON", "<html>",
	    "fail bad_answer Upstream sent an answer that is not a JSON "
	    "object.\n" },
	{ "a failure as reason",
	    "{\"id\":\"i\",\"choices\":[{\"message\":{\"content\":\"c\"},"
	    "\"finish_reason\":\"network_error\"}]}",
	    "begin i \nopen text\n+c\nfail bad_answer The provider broke off "
	    "its answer with an error.\n" },
};

static void
whole(void)
{
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct answer a;

		answer_init(&a, &protocol_chat, NULL, false);
		answer_whole(&a, slice_of(bodies[i].text));
		printf("  %s\n", bodies[i].name);
		CHECK(!referee_verdict(&a.referee));
		CHECK_BYTES(a.dump.lines.data, buf_len(&a.dump.lines),
		    bodies[i].events, strlen(bodies[i].events));
		answer_free(&a);
	}
}

/* Many calls at once, each piece by piece in turn: nothing is lost or mixed. */
static void
many_calls(void)
{
	enum { CALLS = 200, PIECES = 20 };
	struct answer a;
	struct buf text = { 0 };
	struct slice rest;

	for (int i = 0; i < CALLS; i++)
		buf_fmt(&text, CALL("%d", "id%d", "f", "{\\\"n\\\":\\\""),
		    i, i);
	for (int p = 0; p < PIECES; p++)
		for (int i = 0; i < CALLS; i++)
			buf_fmt(&text, ARGS("%d", "%d."), i, i);
	for (int i = CALLS - 1; i >= 0; i--)
		buf_fmt(&text, ARGS("%d", "\\\"}"), i);
	buf_text(&text, FINISH("tool_calls") DONE);
	answer_init(&a, &protocol_chat, NULL, false);
	answer_feed(&a, buf_slice(&text));
	answer_end(&a);
	CHECK(!referee_verdict(&a.referee));
	rest = buf_slice(&a.dump.lines);
	slice_cut(&rest, '\n');
	for (int i = 0; i < CALLS; i++) {
		struct buf want = { 0 };

		buf_fmt(&want, "open call id%d f\n+{\\\"n\\\":\\\"", i);
		for (int p = 0; p < PIECES; p++)
			buf_fmt(&want, "%d.", i);
		buf_text(&want, "\\\"}\nclose\n");
		CHECK(slice_starts(rest, buf_slice(&want)));
		rest = slice_skip(rest, buf_len(&want));
		buf_free(&want);
	}
	buf_free(&text);
	answer_free(&a);
}

/* Pieces of text and arguments cost no memory that would stay. */
static void
steady(void)
{
	static const char text[] = CHUNK("{\"content\":\"a\\u00e9\"}");
	static const char args[] = ARGS("0", "1,");
	struct answer a;
	const char *at;

	answer_init(&a, &protocol_chat, &protocol_messages, false);
	answer_feed(&a, slice_of(text));
	at = a.arena.at;
	for (int i = 0; i < 1000; i++)
		answer_feed(&a, slice_of(text));
	CHECK(a.arena.at == at);
	answer_feed(&a, slice_of(CALL("0", "a", "f", "{\\\"x\\\":[")));
	at = a.arena.at;
	for (int i = 0; i < 1000; i++)
		answer_feed(&a, slice_of(args));
	CHECK(a.arena.at == at);
	answer_free(&a);
}

/* A provider that calls without end is given up. */
static void
too_many_calls(void)
{
	static const char end[] =
	    "fail bad_answer The answer calls too many tools.\n";
	struct answer a;

	answer_init(&a, &protocol_chat, NULL, false);
	for (int i = 0; i < 10000; i++) {
		struct buf text = { 0 };

		buf_fmt(&text, CALL("%d", "", "%s", "{}"), i,
		    i % 2 ? "" : "f");
		answer_feed(&a, buf_slice(&text));
		buf_free(&text);
	}
	answer_end(&a);
	CHECK(!referee_verdict(&a.referee));
	CHECK(slice_ends(buf_slice(&a.dump.lines), slice_of(end)));
	answer_free(&a);
}

TESTS(
	{ "as it comes", as_it_comes },
	{ "cut anywhere", cut_anywhere },
	{ "byte by byte", byte_by_byte },
	{ "CR LF", crlf },
	{ "whole", whole },
	{ "many calls", many_calls },
	{ "steady", steady },
	{ "too many calls", too_many_calls })
