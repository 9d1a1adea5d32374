/*
 * What becomes of requests: where the results stand in each protocol, what is
 * told by an earlier one, and that a beginning stays what it was.
 */
#include "test.h"

#include "json/json.h"
#include "json/text.h"
#include "proto/compress.h"

#define TEN(x)		x x x x x x x x x x
#define LONG(x)		TEN(TEN(x)) TEN(TEN(x)) TEN(TEN(x))
#define A		LONG("ab")		/* 600 bytes */
#define B		LONG("cd")
#define SAME(what)	"[Same as the result of " what "]"

static bool
compress(struct buf *out, enum protocol_id protocol, struct slice text,
    unsigned kinds)
{
	struct arena arena = { 0 };
	struct json doc;
	struct json_fault fault;
	struct compressed done = { 0 };
	int got;

	CHECK(json_parse(&doc, &arena, text, 0, &fault));
	got = compress_request(protocol, json_root(&doc), kinds, out, &done);
	CHECK(got >= 0);
	CHECK(got ? buf_len(out) + done.saved == text.len : !buf_len(out));
	arena_reset(&arena);
	return got;
}

/* `to` NULL: nothing is shortened. */
static void
check(enum protocol_id protocol, unsigned kinds, const char *from,
    const char *to)
{
	struct slice text = slice_of(from);
	char *copy = guard_page(text.ptr, text.len);
	struct buf out = { 0 };
	bool got = compress(&out, protocol,
	    (struct slice){ copy, text.len }, kinds);

	if (to)
		CHECK_BYTES(buf_slice(&out).ptr, buf_len(&out), to,
		    strlen(to));
	CHECK(got == (to != NULL));
	buf_free(&out);
	guard_page_free(copy, text.len);
}

/* ---- Chat ---- */

#define CHAT(items)	"{\"model\": \"m\", \"messages\": [" items "]}"
#define CHAT_CALL(id, args) \
	"{\"role\":\"assistant\",\"content\":\"x   \\n\",\"tool_calls\":[{" \
	"\"id\":\"" id "\",\"type\":\"function\",\"function\":{\"name\":" \
	"\"f\",\"arguments\":\"" args "\"}}]}"
#define CHAT_RESULT(id, content) \
	"{\"role\": \"tool\", \"tool_call_id\":\"" id "\", \"content\":" \
	content "}"

static void
chat(void)
{
	check(PROTO_CHAT, COMPRESS_ALL,
	    CHAT("{\"role\":\"user\",\"content\":\"a     \\n{ }\"},"
	    CHAT_CALL("1", "{ }") ","
	    CHAT_RESULT("1", "\"{\\n  \\\"a\\\" : 1\\n}\"") ","
	    CHAT_RESULT("2", "[{\"type\":\"text\",\"text\":\"abcdefghijk"
	    "      \\n\",\"cache_control\":{\"type\": \"ephemeral\"}}, "
	    "{\"type\":\"image_url\",\"image_url\":{\"url\":\"x     \"}}]")),
	    CHAT("{\"role\":\"user\",\"content\":\"a     \\n{ }\"},"
	    CHAT_CALL("1", "{ }") ","
	    CHAT_RESULT("1", "\"{\\\"a\\\":1}\"") ","
	    CHAT_RESULT("2", "[{\"type\":\"text\",\"text\":\"abcdefghijk"
	    "  \\n\",\"cache_control\":{\"type\": \"ephemeral\"}}, "
	    "{\"type\":\"image_url\",\"image_url\":{\"url\":\"x     \"}}]")));
	check(PROTO_CHAT, COMPRESS_ALL,
	    CHAT(CHAT_CALL("1", "{\\\"n\\\": 1}") ","
	    CHAT_RESULT("1", "\"" A "\"") "," CHAT_CALL("2", "{}") ","
	    CHAT_RESULT("2", "[{\"type\":\"text\",\"text\":\"" A "\"}]")),
	    CHAT(CHAT_CALL("1", "{\\\"n\\\": 1}") ","
	    CHAT_RESULT("1", "\"" A "\"") "," CHAT_CALL("2", "{}") ","
	    CHAT_RESULT("2", "[{\"type\":\"text\",\"text\":\""
	    SAME("call 1 above: f {\\\"n\\\": 1}") "\"}]")));
	/* the old form has no ids */
	check(PROTO_CHAT, COMPRESS_ALL,
	    CHAT("{\"role\":\"function\",\"name\":\"f\",\"content\":"
	    "\"[ 1, 2, 3, 4, 5 ]\"}"),
	    CHAT("{\"role\":\"function\",\"name\":\"f\",\"content\":"
	    "\"[1,2,3,4,5]\"}"));
	check(PROTO_CHAT, COMPRESS_ALL, "{\"messages\":[1,{},"
	    "{\"role\":\"tool\"},{\"role\":\"tool\",\"content\":[1,{}]}]}",
	    NULL);
	check(PROTO_CHAT, COMPRESS_ALL, "{\"messages\":{\"role\":\"tool\"}}",
	    NULL);
}

/* Each kind is by itself. */
static void
kinds(void)
{
	static const char text[] =
	    CHAT(CHAT_CALL("1", "") "," CHAT_RESULT("1", "\"[ 1, 2, 3, 4 ]\"")
	    "," CHAT_CALL("2", "") ","
	    CHAT_RESULT("2", "\"" A "    \\n\"") ","
	    CHAT_CALL("3", "") "," CHAT_RESULT("3", "\"" A "    \\n\""));

	check(PROTO_CHAT, 0, text, NULL);
	check(PROTO_CHAT, COMPRESS_JSON, text,
	    CHAT(CHAT_CALL("1", "") "," CHAT_RESULT("1", "\"[1,2,3,4]\"")
	    "," CHAT_CALL("2", "") ","
	    CHAT_RESULT("2", "\"" A "    \\n\"") ","
	    CHAT_CALL("3", "") "," CHAT_RESULT("3", "\"" A "    \\n\"")));
	check(PROTO_CHAT, COMPRESS_BLANKS, text,
	    CHAT(CHAT_CALL("1", "") "," CHAT_RESULT("1", "\"[ 1, 2, 3, 4 ]\"")
	    "," CHAT_CALL("2", "") ","
	    CHAT_RESULT("2", "\"" A "  \\n\"") ","
	    CHAT_CALL("3", "") "," CHAT_RESULT("3", "\"" A "  \\n\"")));
	check(PROTO_CHAT, COMPRESS_REPEATS, text,
	    CHAT(CHAT_CALL("1", "") "," CHAT_RESULT("1", "\"[ 1, 2, 3, 4 ]\"")
	    "," CHAT_CALL("2", "") ","
	    CHAT_RESULT("2", "\"" A "    \\n\"") ","
	    CHAT_CALL("3", "") ","
	    CHAT_RESULT("3", "\"" SAME("call 2 above: f ") "\"")));
}

/* ---- Messages ---- */

#define MESSAGES(top, items) \
	"{\"model\":\"m\"," top "\"messages\":[" items "]}"
#define USE(id, input) \
	"{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\"," \
	"\"thinking\":\"a     \\n\",\"signature\":\"s     \"},{\"type\":" \
	"\"tool_use\",\"id\":\"" id "\",\"name\":\"f\",\"input\":" input "}]}"
#define RESULT(id, rest) \
	"{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\"," \
	"\"tool_use_id\":\"" id "\"," rest "}]}"

static void
messages(void)
{
	check(PROTO_MESSAGES, COMPRESS_ALL,
	    MESSAGES("\"system\":\"a      \\n\",",
	    USE("a", "{ \"p\": \"x\" }") ","
	    RESULT("a", "\"content\":\"" A "\",\"cache_control\":"
	    "{\"type\":\"ephemeral\"}") "," USE("b", "{}") ","
	    RESULT("b", "\"cache_control\":{ },\"content\":\"" A "\"")),
	    MESSAGES("\"system\":\"a      \\n\",",
	    USE("a", "{ \"p\": \"x\" }") ","
	    RESULT("a", "\"content\":\"" A "\",\"cache_control\":"
	    "{\"type\":\"ephemeral\"}") "," USE("b", "{}") ","
	    RESULT("b", "\"cache_control\":{ },\"content\":\""
	    SAME("call a above: f {\\\"p\\\":\\\"x\\\"}") "\"")));
	check(PROTO_MESSAGES, COMPRESS_ALL,
	    MESSAGES("", USE("a", "{}") ","
	    RESULT("a", "\"content\":[{\"type\":\"text\",\"text\":\"[ ]"
	    "                \"},{\"type\":\"document\",\"source\":{\"data\":"
	    "\"[ ]              \"}},{\"type\":\"text\",\"text\":\"[         "
	    "        ]\",\"cache_control\":{ }}]")),
	    MESSAGES("", USE("a", "{}") ","
	    RESULT("a", "\"content\":[{\"type\":\"text\",\"text\":\"[]"
	    "\"},{\"type\":\"document\",\"source\":{\"data\":"
	    "\"[ ]              \"}},{\"type\":\"text\",\"text\":\"["
	    "]\",\"cache_control\":{ }}]")));
	/* what failed is told as it was */
	check(PROTO_MESSAGES, COMPRESS_ALL,
	    MESSAGES("", USE("a", "{}") ","
	    RESULT("a", "\"is_error\":true,\"content\":\"" A "     \"") ","
	    USE("b", "{}") ","
	    RESULT("b", "\"is_error\":true,\"content\":\"" A "     \"")),
	    NULL);
}

/* No result leans on one that the provider may have forgotten. */
static void
forgotten(void)
{
#define TWICE(top, between) \
	MESSAGES(top, USE("a", "{}") "," RESULT("a", "\"content\":\"" A "\"") \
	"," between USE("b", "{}") "," RESULT("b", "\"content\":\"" A "\""))
#define SUMMED \
	"{\"role\":\"assistant\",\"content\":[{\"type\":\"compaction\"," \
	"\"content\":\"s\"}]},"

	check(PROTO_MESSAGES, COMPRESS_ALL,
	    TWICE("\"context_management\":{\"edits\":[]},", ""), NULL);
	check(PROTO_MESSAGES, COMPRESS_ALL,
	    TWICE("\"transforms\":[\"middle-out\"],", ""), NULL);
	check(PROTO_MESSAGES, COMPRESS_ALL,
	    TWICE("\"plugins\":[{\"id\":\"context-compression\"}],", ""),
	    NULL);
	check(PROTO_MESSAGES, COMPRESS_ALL, TWICE("", SUMMED), NULL);
	check(PROTO_MESSAGES, COMPRESS_ALL,
	    MESSAGES("", SUMMED USE("a", "{}") ","
	    RESULT("a", "\"content\":\"" A "\"") "," USE("b", "{}") ","
	    RESULT("b", "\"content\":\"" A "\"")),
	    MESSAGES("", SUMMED USE("a", "{}") ","
	    RESULT("a", "\"content\":\"" A "\"") "," USE("b", "{}") ","
	    RESULT("b", "\"content\":\"" SAME("call a above: f {}") "\"")));
	check(PROTO_RESPONSES, COMPRESS_ALL, "{\"truncation\":\"auto\","
	    "\"input\":[{\"type\":\"function_call\",\"call_id\":\"1\","
	    "\"name\":\"f\",\"arguments\":\"\"},"
	    "{\"type\":\"function_call_output\",\"call_id\":\"1\","
	    "\"output\":\"" A "\"},"
	    "{\"type\":\"function_call\",\"call_id\":\"2\","
	    "\"name\":\"f\",\"arguments\":\"\"},"
	    "{\"type\":\"function_call_output\",\"call_id\":\"2\","
	    "\"output\":\"" A "\"}]}", NULL);
}

/* What is pointed at must be what a model would take for it. */
static void
meant(void)
{
#define ROUND(id, input, text) \
	USE(id, input) "," RESULT(id, "\"content\":\"" text "\"")
#define TO_A	SAME("call a above: f {}")
#define TO_C	SAME("call c above: f {}")

	/* the same call was answered otherwise since: told whole, once */
	check(PROTO_MESSAGES, COMPRESS_ALL, MESSAGES("",
	    ROUND("a", "{}", A) "," ROUND("b", "{}", B) ","
	    ROUND("c", "{}", A) "," ROUND("d", "{}", A)),
	    MESSAGES("",
	    ROUND("a", "{}", A) "," ROUND("b", "{}", B) ","
	    ROUND("c", "{}", A) "," ROUND("d", "{}", TO_C)));
	/* ... by something short, or with an error */
	check(PROTO_MESSAGES, COMPRESS_ALL, MESSAGES("",
	    ROUND("a", "{}", A) "," ROUND("b", "{}", "none") ","
	    ROUND("c", "{}", A)), NULL);
	check(PROTO_MESSAGES, COMPRESS_ALL, MESSAGES("",
	    ROUND("a", "{}", A) "," USE("b", "{}") ","
	    RESULT("b", "\"is_error\":true,\"content\":\"\"") ","
	    ROUND("c", "{}", A)), NULL);
	/* another call was: that does no harm */
	check(PROTO_MESSAGES, COMPRESS_ALL, MESSAGES("",
	    ROUND("a", "{}", A) "," ROUND("b", "{\"x\":1}", B) ","
	    ROUND("c", "{}", A)),
	    MESSAGES("",
	    ROUND("a", "{}", A) "," ROUND("b", "{\"x\":1}", B) ","
	    ROUND("c", "{}", TO_A)));
	/* calls that cannot be named, results of none, or of one twice */
	check(PROTO_MESSAGES, COMPRESS_ALL, MESSAGES("",
	    ROUND("a", "{\"p\":\"" TEN(TEN("xyz")) "\"}", A) ","
	    ROUND("b", "{\"p\":\"" TEN(TEN("xyz")) "\"}", A)), NULL);
	check(PROTO_MESSAGES, COMPRESS_ALL, MESSAGES("",
	    RESULT("a", "\"content\":\"" A "\"") "," ROUND("a", "{}", A) ","
	    RESULT("a", "\"content\":\"" A "\"")), NULL);
	/* not worth it */
	check(PROTO_MESSAGES, COMPRESS_ALL, MESSAGES("",
	    ROUND("a", "{}", TEN(TEN("abcd"))) ","
	    ROUND("b", "{}", TEN(TEN("abcd")))), NULL);
	/* parts beside a text are no part of what came before */
	check(PROTO_MESSAGES, COMPRESS_ALL, MESSAGES("",
	    ROUND("a", "{}", A) "," USE("b", "{}") ","
	    RESULT("b", "\"content\":[{\"type\":\"text\",\"text\":\"" A "\"},"
	    "{\"type\":\"image\"}]")), NULL);
}

/* ---- Responses and Gemini ---- */

static void
responses(void)
{
#define INPUT(first, second) \
	"{\"input\":[{\"type\":\"function_call\",\"call_id\":\"1\"," \
	"\"name\":\"f\",\"arguments\":\"{ }\"}," \
	"{\"type\":\"custom_tool_call\",\"call_id\":\"2\",\"name\":\"g\"," \
	"\"input\":\"a      \\n\"}," \
	"{\"type\":\"function_call_output\",\"call_id\":\"1\",\"output\":" \
	first "},{\"type\":\"custom_tool_call_output\",\"call_id\":\"2\"," \
	"\"output\":" second "},{\"type\":\"local_shell_call_output\"," \
	"\"output\":\"{                   }\"}]}"

	check(PROTO_RESPONSES, COMPRESS_ALL,
	    INPUT("\"" A "\"", "[{\"type\":\"input_text\",\"text\":\"" A
	    "\"}]"), INPUT("\"" A "\"", "[{\"type\":\"input_text\",\"text\":\""
	    SAME("call 1 above: f { }") "\"}]"));
	check(PROTO_RESPONSES, COMPRESS_ALL,
	    INPUT("\"[               1]\"", "\"line\\n\\n\\n\\n\\n\\n\""),
	    INPUT("\"[1]\"", "\"line\\n\\n\\n\\n\""));
	check(PROTO_RESPONSES, COMPRESS_ALL,
	    "{\"input\":\"a             \\n\"}", NULL);
}

static void
gemini(void)
{
#define CONTENTS(call, part, response) \
	"{\"contents\":[{\"role\":\"model\",\"parts\":[{\"" call "\":{" \
	"\"name\":\"f\",\"args\":{ \"n\": 1 }},\"thoughtSignature\":\"s\"}," \
	"{\"" call "\":{\"name\":\"f\",\"args\":{\"n\":2}}}]}," \
	"{\"role\":\"user\",\"parts\":[" \
	"{\"" part "\":{\"name\":\"f\",\"response\":" response("a") "}}," \
	"{\"" part "\":{\"name\":\"f\",\"response\":" response("b") "}}]}]}"
#define RESPONSE(response) \
	"{\"contents\":[{\"parts\":[{\"functionResponse\":{\"name\":\"f\"," \
	"\"response\":" response "}}]}]}"
#define TEXT_(n)	"{\"result\": \"" A "\"}"
#define OBJECT_(n)	"{\"x\": 1, \"y\": \"" A "\"}"
#define ERROR_(n)	"{\"error\": \"" A "     \"}"

	check(PROTO_GEMINI, COMPRESS_REPEATS,
	    CONTENTS("functionCall", "functionResponse", TEXT_),
	    "{\"contents\":[{\"role\":\"model\",\"parts\":[{\"functionCall\":"
	    "{\"name\":\"f\",\"args\":{ \"n\": 1 }},\"thoughtSignature\":"
	    "\"s\"},{\"functionCall\":{\"name\":\"f\",\"args\":{\"n\":2}}}]},"
	    "{\"role\":\"user\",\"parts\":[{\"functionResponse\":{\"name\":"
	    "\"f\",\"response\":{\"result\": \"" A "\"}}},"
	    "{\"functionResponse\":{\"name\":\"f\",\"response\":{\"result\": "
	    "\"" SAME("the call above: f {\\\"n\\\":1}") "\"}}}]}]}");
	check(PROTO_GEMINI, COMPRESS_ALL,
	    CONTENTS("function_call", "function_response", OBJECT_),
	    "{\"contents\":[{\"role\":\"model\",\"parts\":[{\"function_call\":"
	    "{\"name\":\"f\",\"args\":{ \"n\": 1 }},\"thoughtSignature\":"
	    "\"s\"},{\"function_call\":{\"name\":\"f\",\"args\":{\"n\":2}}}]},"
	    "{\"role\":\"user\",\"parts\":[{\"function_response\":{\"name\":"
	    "\"f\",\"response\":{\"x\":1,\"y\":\"" A "\"}}},"
	    "{\"function_response\":{\"name\":\"f\",\"response\":{\"output\":"
	    "\"" SAME("the call above: f {\\\"n\\\":1}") "\"}}}]}]}");
	check(PROTO_GEMINI, COMPRESS_ALL,
	    CONTENTS("functionCall", "functionResponse", ERROR_), NULL);
	/* several texts and a twin; what is deeper is no text of a tool's */
	check(PROTO_GEMINI, COMPRESS_ALL,
	    RESPONSE("{\"out\": \"a     \\n\", \"code\" : 1.0, \"out\":"
	    "\"{ \\\"a\\\": 1 }\",\"more\":{ \"x\": \"b     \"}}"),
	    RESPONSE("{\"out\":\"a  \\n\",\"code\":1.0,\"out\":"
	    "\"{\\\"a\\\":1}\",\"more\":{\"x\":\"b     \"}}"));
	check(PROTO_GEMINI, COMPRESS_REPEATS, RESPONSE("{ \"a\": 1 }"), NULL);
	/* one content, one part, without brackets */
	check(PROTO_GEMINI, COMPRESS_ALL, "{\"contents\":{\"parts\":{"
	    "\"functionResponse\":{\"name\":\"f\",\"response\":{\"output\":"
	    "\"[1,                 2]\"}}}}}", "{\"contents\":{\"parts\":{"
	    "\"functionResponse\":{\"name\":\"f\",\"response\":{\"output\":"
	    "\"[1,2]\"}}}}}");
}

/* ---- conversations that grow ---- */

static uint32_t
draw(uint32_t *state, uint32_t n)
{
	*state = *state * 1664525u + 1013904223u;
	return (*state >> 16) % n;
}

static const char *const results[] = {
	A, B, A "     \\n", "[ " A " ]", "{\\n  \\\"a\\\": [ \\\"" A
	"\\\" ] }", "none", "a    \\n\\n\\n\\n\\n\\nb", "[ 1, 2, 3, 4, 5 ]",
};

/* One turn of calls and one of their results. */
static void
put_round(struct buf *out, enum protocol_id protocol, uint32_t *state,
    unsigned round)
{
	static const struct {
		const char	*call, *between, *result, *end;
	} forms[PROTO_COUNT] = {
		[PROTO_CHAT] = { CHAT_CALL("%s", "%s"), ",",
		    CHAT_RESULT("%s", "\"%s\""), "" },
		[PROTO_MESSAGES] = { USE("%s", "{\"p\":\"%s\"}"), ",",
		    RESULT("%s", "\"content\":\"%s\""), "" },
		[PROTO_RESPONSES] = { "{\"type\":\"function_call\","
		    "\"call_id\":\"%s\",\"name\":\"f\",\"arguments\":\"%s\"}",
		    ",", "{\"type\":\"function_call_output\",\"call_id\":"
		    "\"%s\",\"output\":\"%s\"}", "" },
		[PROTO_GEMINI] = { "{\"parts\":[{\"functionCall\":{\"id\":"
		    "\"%s\",\"name\":\"f\",\"args\":{\"p\":\"%s\"}}}]}", ",",
		    "{\"parts\":[{\"functionResponse\":{\"id\":\"%s\","
		    "\"name\":\"f\",\"response\":{\"output\":\"%s\"}}}]}",
		    "" },
	};
	static const char *const args[] = { "a", "b", "c" };
	char id[16];

	/* some clients use an id anew */
	snprintf(id, sizeof id, "%u", draw(state, 2) ? round : 0);
	buf_fmt(out, forms[protocol].call, id, args[draw(state, 3)]);
	buf_text(out, forms[protocol].between);
	buf_fmt(out, forms[protocol].result, id, results[draw(state,
	    sizeof results / sizeof *results)]);
}

static void
check_growth(enum protocol_id protocol, uint32_t *state)
{
	static const char *const lists[PROTO_COUNT] = {
		"messages", "messages", "input", "contents",
	};
	struct buf said = { 0 }, body = { 0 }, before = { 0 }, out = { 0 };

	for (unsigned round = 0; round < 12; round++) {
		if (round)
			buf_byte(&said, ',');
		put_round(&said, protocol, state, round);
		buf_clear(&body);
		buf_fmt(&body, "{\"%s\":[", lists[protocol]);
		buf_append(&body, buf_slice(&said));
		buf_text(&body, "]}");
		buf_clear(&out);
		if (!compress(&out, protocol, buf_slice(&body), COMPRESS_ALL))
			buf_append(&out, buf_slice(&body));
		CHECK(slice_starts(buf_slice(&out), buf_slice(&before)));
		/* without what closes it */
		buf_clear(&before);
		buf_append(&before, slice_sub(buf_slice(&out), 0,
		    buf_len(&out) - 2));
		/* what was shortened has nothing to be shortened */
		buf_clear(&body);
		CHECK(!compress(&body, protocol, buf_slice(&out),
		    COMPRESS_ALL));
	}
	buf_free(&said);
	buf_free(&body);
	buf_free(&before);
	buf_free(&out);
}

static void
growing(void)
{
	uint32_t state = 11;

	for (unsigned round = 0; round < 150; round++)
		for (unsigned p = 0; p < PROTO_COUNT; p++)
			check_growth(p, &state);
}

/* ---- a model that reads it ---- */

struct reading {
	struct arena	 arena;
	struct json	 was, is;
	/* what the latest call of these arguments said, by the first letter */
	struct slice	 latest[3];
	unsigned	 told;
};

/* All it knows of ids is nothing: it goes by name and arguments alone. */
static void
read_pair(struct reading *r, struct jval call, struct jval was, struct jval is)
{
	static const char stem[] = " above: f ";
	struct slice text = jval_get_text(is, "content"), args;
	size_t at = slice_find(text, slice_of(stem));

	args = jval_text(jval_get2(jval_first(jval_get(call, "tool_calls")),
	    "function", "arguments"));
	CHECK(args.len == 1);
	if (at != SIZE_MAX) {
		text = r->latest[text.ptr[at + sizeof stem - 1] - 'a'];
		r->told++;
	}
	r->latest[args.ptr[0] - 'a'] = text;
	CHECK_BYTES(text.ptr, text.len, jval_get_text(was, "content").ptr,
	    jval_get_text(was, "content").len);
}

static void
nothing_lost(void)
{
	uint32_t state = 5;
	unsigned told = 0;

	for (unsigned n = 0; n < 300; n++) {
		struct reading r = { 0 };
		struct buf body = { 0 }, out = { 0 };
		struct json_fault fault;
		struct jval a, b;

		buf_text(&body, "{\"messages\":[");
		for (unsigned round = 0; round < 20; round++) {
			if (round)
				buf_byte(&body, ',');
			put_round(&body, PROTO_CHAT, &state, round);
		}
		buf_text(&body, "]}");
		if (!compress(&out, PROTO_CHAT, buf_slice(&body),
		    COMPRESS_REPEATS))
			buf_append(&out, buf_slice(&body));
		CHECK(json_parse(&r.was, &r.arena, buf_slice(&body), 0,
		    &fault));
		CHECK(json_parse(&r.is, &r.arena, buf_slice(&out), 0,
		    &fault));
		a = jval_first(jval_get(json_root(&r.was), "messages"));
		b = jval_first(jval_get(json_root(&r.is), "messages"));
		while (!jval_at_end(a)) {
			struct jval call = b;

			a = jval_next(a);
			b = jval_next(b);
			read_pair(&r, call, a, b);
			a = jval_next(a);
			b = jval_next(b);
		}
		told += r.told;
		buf_free(&body);
		buf_free(&out);
		arena_reset(&r.arena);
	}
	CHECK(told > 300);
}

/* Texts that are alike for long, very many of them: no search of all pairs. */
static void
many(void)
{
	struct buf body = { 0 }, out = { 0 };

	buf_text(&body, "{\"messages\":[");
	for (unsigned i = 0; i < 20000; i++) {
		buf_fmt(&body, "%s{\"role\":\"assistant\",\"tool_calls\":[{"
		    "\"id\":\"0\",\"function\":{\"name\":\"f\",\"arguments\":"
		    "\"%u\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"0\","
		    "\"content\":\"" A "%05u\"}", i ? "," : "", i, i / 2);
	}
	buf_text(&body, "]}");
	CHECK(compress(&out, PROTO_CHAT, buf_slice(&body), COMPRESS_ALL));
	CHECK(buf_len(&out) < buf_len(&body) * 2 / 3);
	buf_free(&body);
	buf_free(&out);
}

TESTS(
	{ "Chat", chat },
	{ "each kind by itself", kinds },
	{ "Messages", messages },
	{ "what a provider forgets", forgotten },
	{ "what a reference means", meant },
	{ "Responses", responses },
	{ "Gemini", gemini },
	{ "a beginning stays as it was", growing },
	{ "nothing is lost", nothing_lost },
	{ "very many results", many })
