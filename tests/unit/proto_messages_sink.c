/* Events as Messages answers, streamed and whole; its errors. */
#include "test.h"

#include "json/text.h"
#include "proto/messages/messages.h"

struct row {
	const char	*name;
	struct ir_event	 events[10];	/* the first that is BEGIN ends them */
	const char	*stream;	/* content events, without frames */
	const char	*content;	/* of the whole answer */
};

#define OPEN(k, ...) { .type = IR_OPEN, .kind = (k), __VA_ARGS__ }
#define CALL(i, n, ...) OPEN(IR_CALL, .id = SLICE_INIT(i), \
	.name = SLICE_INIT(n), __VA_ARGS__)
#define DELTA(t) { .type = IR_DELTA, .text = SLICE_INIT(t) }
#define SIGN(s, v) { .type = IR_SIGN, .vendor = (v), \
	.signature = SLICE_INIT(s) }
#define CLOSE { .type = IR_CLOSE }

#define START(i, block) "{\"type\":\"content_block_start\",\"index\":" i \
	",\"content_block\":{" block "}}\n"
#define PIECE(i, delta) "{\"type\":\"content_block_delta\",\"index\":" i \
	",\"delta\":{\"type\":" delta "}}\n"
#define END(i) "{\"type\":\"content_block_stop\",\"index\":" i "}\n"
#define TOOL(i, n) "\"type\":\"tool_use\",\"id\":\"" i "\",\"name\":\"" n \
	"\",\"input\":{},\"caller\":{\"type\":\"direct\"}"
#define TOOL_IN(i, n, in) "{\"type\":\"tool_use\",\"id\":\"" i \
	"\",\"name\":\"" n "\",\"input\":" in \
	",\"caller\":{\"type\":\"direct\"}}"
#define THINKING "\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\""
#define TEXT "\"type\":\"text\",\"text\":\"\",\"citations\":null"
#define SIGNED(s) "\"signature_delta\",\"signature\":\"" s "\""

static const struct row cases[] = {
	{ "blanks wait for words",
	    { OPEN(IR_TEXT), DELTA("\\n"), DELTA(" "), DELTA("a"), CLOSE },
	    START("0", TEXT) PIECE("0", "\"text_delta\",\"text\":\"\\n a\"")
	    END("0"),
	    "{\"type\":\"text\",\"text\":\"\\n a\",\"citations\":null}" },
	{ "blanks alone are no block",
	    { OPEN(IR_TEXT), DELTA("\\n"), CLOSE, CALL("x", "f"), CLOSE },
	    START("0", TOOL("x", "f"))
	    PIECE("0", "\"input_json_delta\",\"partial_json\":\"{}\"")
	    END("0"), TOOL_IN("x", "f", "{}") },
	{ "thinking signed by its own vendor",
	    { OPEN(IR_THINK), DELTA("t"), SIGN("Eq", IR_ANTHROPIC), CLOSE },
	    START("0", THINKING)
	    PIECE("0", "\"thinking_delta\",\"thinking\":\"t\"")
	    PIECE("0", SIGNED("Eq")) END("0"),
	    "{\"type\":\"thinking\",\"thinking\":\"t\",\"signature\":\"Eq\"}" },
	{ "thinking signed by another",
	    { OPEN(IR_THINK), DELTA("be"), DELTA("cause"),
	    SIGN("AV", IR_GOOGLE), CLOSE },
	    START("0", THINKING)
	    PIECE("0", "\"thinking_delta\",\"thinking\":\"be\"")
	    PIECE("0", "\"thinking_delta\",\"thinking\":\"cause\"")
	    PIECE("0", SIGNED("gw1.g.r.ef8494f9.AV")) END("0"),
	    "{\"type\":\"thinking\",\"thinking\":\"because\",\"signature\":"
	    "\"gw1.g.r.ef8494f9.AV\"}" },
	{ "the sum is that of the unescaped text",
	    { OPEN(IR_THINK), DELTA("\\u0062ecause"), CLOSE },
	    START("0", THINKING)
	    PIECE("0", "\"thinking_delta\",\"thinking\":\"\\u0062ecause\"")
	    PIECE("0", SIGNED("gw1.x.r.ef8494f9.")) END("0"),
	    "{\"type\":\"thinking\",\"thinking\":\"\\u0062ecause\","
	    "\"signature\":\"gw1.x.r.ef8494f9.\"}" },
	{ "redacted, its own and another's",
	    { OPEN(IR_REDACTED, .text = SLICE_INIT("D"),
	    .vendor = IR_ANTHROPIC), CLOSE,
	    OPEN(IR_REDACTED, .text = SLICE_INIT("rs_1:E"),
	    .vendor = IR_OPENAI), CLOSE },
	    START("0", "\"type\":\"redacted_thinking\",\"data\":\"D\"") END("0")
	    START("1", "\"type\":\"redacted_thinking\",\"data\":"
	    "\"gw1.o.d.00000000.rs_1:E\"") END("1"),
	    "{\"type\":\"redacted_thinking\",\"data\":\"D\"},"
	    "{\"type\":\"redacted_thinking\",\"data\":"
	    "\"gw1.o.d.00000000.rs_1:E\"}" },
	{ "a signed call",
	    { CALL("x", "f"), SIGN("AV", IR_GOOGLE), DELTA("{\\\"a\\\":1}"),
	    CLOSE },
	    START("0", "\"type\":\"redacted_thinking\",\"data\":"
	    "\"gw1.g.m.00000000.eyJ4IjoiQVYifQ\"") END("0")
	    START("1", TOOL("x", "f")) PIECE("1",
	    "\"input_json_delta\",\"partial_json\":\"{\\\"a\\\":1}\"") END("1"),
	    "{\"type\":\"redacted_thinking\",\"data\":"
	    "\"gw1.g.m.00000000.eyJ4IjoiQVYifQ\"},"
	    TOOL_IN("x", "f", "{\"a\":1}") },
	{ "a call that was cut",
	    { CALL("a.b", "f"), DELTA("{\\\"a\\\":1,\\\"b"), CLOSE },
	    START("0", TOOL("gw_YS5i", "f")) PIECE("0",
	    "\"input_json_delta\",\"partial_json\":\"{\\\"a\\\":1,\\\"b\"")
	    END("0"), TOOL_IN("gw_YS5i", "f", "{\"a\":1}") },
	{ "free-form input",
	    { CALL("x", "p", .custom = true), DELTA("say \\\"hi\\\""),
	    DELTA("\\n"), CLOSE },
	    START("0", TOOL("x", "p"))
	    PIECE("0", "\"input_json_delta\",\"partial_json\":"
	    "\"{\\\"input\\\":\\\"\"")
	    PIECE("0", "\"input_json_delta\",\"partial_json\":"
	    "\"say \\\\\\\"hi\\\\\\\"\"")
	    PIECE("0", "\"input_json_delta\",\"partial_json\":\"\\\\n\"")
	    PIECE("0", "\"input_json_delta\",\"partial_json\":\"\\\"}\"")
	    END("0"), TOOL_IN("x", "p", "{\"input\":\"say \\\"hi\\\"\\n\"}") },
	{ "another vendor's opaque block, and its own",
	    { OPEN(IR_OPAQUE, .raw = SLICE_INIT("{\"type\":\"o\"}"),
	    .vendor = IR_OPENAI), CLOSE,
	    OPEN(IR_OPAQUE, .raw = SLICE_INIT("{ \"type\" : \"s\" }"),
	    .vendor = IR_ANTHROPIC), CLOSE },
	    START("0", "\"type\":\"s\"") END("0"), "{\"type\":\"s\"}" },
};

struct bench {
	struct arena	 arena, scratch;
	struct talk	 talk;
	struct buf	 out;
};

static void
bench_init(struct bench *b)
{
	*b = (struct bench){ 0 };
	b->talk = (struct talk){
		.arena = &b->arena,
		.scratch = &b->scratch,
		.client_model = SLICE("m"),
		.request_id = SLICE("req_4711"),
	};
}

static void
bench_free(struct bench *b)
{
	buf_free(&b->out);
	arena_reset(&b->arena);
	arena_reset(&b->scratch);
}

static void
put(struct bench *b, struct sink *sink, const struct ir_event *ev)
{
	sink->put(sink, ev);
	arena_reset(&b->scratch);
}

static void
put_all(struct bench *b, struct sink *sink, const struct ir_event *events)
{
	static const struct ir_event begin = {
		.type = IR_BEGIN, .id = SLICE_INIT("chatcmpl-x-1"),
		.usage = { -1, -1, -1, -1, -1, false },
	};

	CHECK(sink != NULL);
	put(b, sink, &begin);
	for (size_t i = 0; i < 10 && events[i].type != IR_BEGIN; i++)
		put(b, sink, &events[i]);
}

/* The data of each event, a line each; its name must be its type. */
static struct buf
lines(struct buf *out)
{
	struct sse_reader reader = { 0 };
	struct sse_event ev;
	struct buf text = { 0 };

	while (sse_next(&reader, out, &ev) == 1) {
		struct slice type = slice_skip(ev.data, sizeof "{\"type\":");

		CHECK(ev.name.len && slice_starts(type, ev.name));
		buf_append(&text, ev.data);
		buf_byte(&text, '\n');
	}
	CHECK(buf_len(out) == 0);
	sse_free(&reader);
	return text;
}

static void
streamed(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bench b;
		struct buf got;
		struct slice rest;

		printf("  %s\n", cases[i].name);
		bench_init(&b);
		put_all(&b, messages_sink_stream(&b.talk, &b.out),
		    cases[i].events);
		got = lines(&b.out);
		rest = buf_slice(&got);
		CHECK(slice_find(slice_cut(&rest, '\n'),
		    SLICE("\"id\":\"msg_x1\"")) != SIZE_MAX);
		CHECK(slice_is(slice_cut(&rest, '\n'),
		    "{\"type\":\"ping\"}"));
		CHECK_BYTES(rest.ptr, rest.len, cases[i].stream,
		    strlen(cases[i].stream));
		buf_free(&got);
		bench_free(&b);
	}
}

static void
whole(void)
{
	static const struct ir_event usage = {
		.type = IR_USAGE, .usage = { 10, 3, 2, 5, 1, false },
	}, stop = {
		.type = IR_STOP, .stop = IR_STOP_END,
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bench b;
		struct sink *sink;
		struct buf want = { 0 };

		printf("  %s\n", cases[i].name);
		bench_init(&b);
		sink = messages_sink_whole(&b.talk, &b.out);
		put_all(&b, sink, cases[i].events);
		CHECK(buf_len(&b.out) == 0);
		put(&b, sink, &usage);
		put(&b, sink, &stop);
		buf_fmt(&want, "{\"id\":\"msg_x1\",\"type\":\"message\","
		    "\"role\":\"assistant\",\"model\":\"m\",\"content\":[%s],",
		    cases[i].content);
		buf_text(&want, "\"stop_reason\":\"end_turn\","
		    "\"stop_sequence\":null,\"stop_details\":null,"
		    "\"container\":null,\"diagnostics\":null,\"usage\":{"
		    "\"input_tokens\":5,\"output_tokens\":5,"
		    "\"cache_creation_input_tokens\":2,"
		    "\"cache_read_input_tokens\":3,\"cache_creation\":{"
		    "\"ephemeral_5m_input_tokens\":2,"
		    "\"ephemeral_1h_input_tokens\":0},"
		    "\"output_tokens_details\":{\"thinking_tokens\":1},"
		    "\"server_tool_use\":null,\"service_tier\":\"standard\","
		    "\"inference_geo\":null}}");
		CHECK_BYTES(b.out.data, buf_len(&b.out), want.data,
		    buf_len(&want));
		buf_free(&want);
		bench_free(&b);
	}
}

/* However far the answer is when it fails: what is open closes, and no more. */
static void
failing(void)
{
	static const struct fail fail = {
		.kind = FAIL_OVERLOADED, .message = SLICE_INIT("busy"),
	};
	static const struct ir_event bad = { .type = IR_FAIL, .fail = &fail };
	static const char error[] = "{\"type\":\"error\",\"error\":{\"type\":"
	    "\"overloaded_error\",\"message\":\"busy\"},\"request_id\":"
	    "\"req_4711\"}\n";

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
	for (size_t n = 0; n < 10 && cases[i].events[n].type; n++) {
		struct ir_event some[10] = { 0 };
		struct bench b;
		struct sink *sink;
		struct buf got;
		struct slice text;
		size_t starts = 0, ends = 0;

		memcpy(some, cases[i].events, n * sizeof *some);
		bench_init(&b);
		sink = messages_sink_stream(&b.talk, &b.out);
		put_all(&b, sink, some);
		put(&b, sink, &bad);
		got = lines(&b.out);
		text = buf_slice(&got);
		CHECK(slice_ends(text, slice_of(error)));
		while (text.len) {
			struct slice line = slice_cut(&text, '\n');

			starts += slice_starts(line,
			    SLICE("{\"type\":\"content_block_start"));
			ends += slice_starts(line,
			    SLICE("{\"type\":\"content_block_stop"));
		}
		CHECK(starts == ends);
		buf_free(&got);
		bench_free(&b);
	}
}

/* ---- errors ---- */

static const struct error_case {
	struct fail	 fail;
	bool		 own_key;
	unsigned	 status;
	const char	*error;		/* the inner object's members */
} errors[] = {
	{ { .kind = FAIL_INVALID, .param = SLICE_INIT("messages.0.content"),
	    .message = SLICE_INIT("Field required") }, false, 400,
	    "\"invalid_request_error\",\"message\":\"messages.0.content: "
	    "Field required\"" },
	{ { .kind = FAIL_AUTH, .status = 401, .message = SLICE_INIT("no") },
	    false, 401, "\"authentication_error\",\"message\":\"no\"" },
	{ { .kind = FAIL_AUTH, .status = 401, .message = SLICE_INIT("no") },
	    true, 502, "\"api_error\",\"message\":\"no\"" },
	{ { .kind = FAIL_AUTH, .message = SLICE_INIT("no") }, true, 401,
	    "\"authentication_error\",\"message\":\"no\"" },
	{ { .kind = FAIL_OVERLOADED, .status = 503,
	    .message = SLICE_INIT("busy") }, true, 529,
	    "\"overloaded_error\",\"message\":\"busy\"" },
	{ { .kind = FAIL_SERVER, .status = 521, .message = SLICE_INIT("x") },
	    false, 502, "\"api_error\",\"message\":\"x\"" },
	{ { .kind = FAIL_METHOD, .message = SLICE_INIT("POST, please") },
	    false, 405, "\"invalid_request_error\",\"message\":"
	    "\"POST, please\"" },
	{ { .kind = FAIL_NOT_FOUND, .message = SLICE_INIT("model: x"),
	    .details = SLICE_INIT("{ \"a\": [1,\n2] }") }, false, 404,
	    "\"not_found_error\",\"message\":\"model: x\",\"details\":"
	    "{\"a\":[1,2]}" },
	{ { .kind = FAIL_CONTEXT, .message = SLICE_INIT("This model's maximum "
	    "context length is 128000 tokens. However, your messages resulted "
	    "in 130,000 tokens.") }, false, 400,
	    "\"invalid_request_error\",\"message\":\"prompt is too long: "
	    "130000 tokens > 128000 maximum\"" },
	{ { .kind = FAIL_CONTEXT, .message = SLICE_INIT("gpt-4-2024\\u20131106 "
	    "holds 8192 tokens") }, false, 400,
	    "\"invalid_request_error\",\"message\":\"prompt is too long: "
	    "gpt-4-2024\\u20131106 holds 8192 tokens\"" },
	{ { .kind = FAIL_CONTEXT, .message = SLICE_INIT("prompt is too long: "
	    "9000 tokens > 8000 maximum") }, false, 400,
	    "\"invalid_request_error\",\"message\":\"prompt is too long: "
	    "9000 tokens > 8000 maximum\"" },
};

static void
told(void)
{
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		struct bench b;
		struct buf want = { 0 };

		bench_init(&b);
		b.talk.own_key = errors[i].own_key;
		CHECK(messages_error(&b.talk, &errors[i].fail, &b.out) ==
		    errors[i].status);
		buf_fmt(&want, "{\"type\":\"error\",\"error\":{\"type\":%s},"
		    "\"request_id\":\"req_4711\"}", errors[i].error);
		CHECK_BYTES(b.out.data, buf_len(&b.out), want.data,
		    buf_len(&want));
		buf_free(&want);
		bench_free(&b);
	}
}

/* Every kind has a status that client libraries know. */
static void
all_kinds(void)
{
	for (unsigned k = FAIL_NONE; k < FAIL_KINDS; k++) {
		struct bench b;
		struct fail fail = { .kind = (enum fail_kind)k };
		unsigned status;

		bench_init(&b);
		status = messages_error(&b.talk, &fail, &b.out);
		CHECK(status >= 400 && status <= 529);
		bench_free(&b);
	}
}

/* ---- thinking that was not asked for ---- */

static void
thinking_policy(void)
{
	static const struct {
		struct ir_reasoning asked;
		enum quirk_replay replay;
		const char	*stream;
	} rows[] = {
		{ { .on = TRI_UNSET }, REPLAY_NO, "" },
		{ { .on = TRI_NO }, REPLAY_NO, "" },
		{ { .on = TRI_UNSET }, REPLAY_ALWAYS, START("0", THINKING)
		    PIECE("0", SIGNED("gw1.x.h.00000000.dA")) END("0") },
		{ { .on = TRI_YES, .show = TRI_NO }, REPLAY_NO,
		    START("0", THINKING)
		    PIECE("0", SIGNED("gw1.x.h.00000000.dA")) END("0") },
		{ { .on = TRI_YES }, REPLAY_NO, START("0", THINKING)
		    PIECE("0", "\"thinking_delta\",\"thinking\":\"t\"")
		    PIECE("0", SIGNED("gw1.x.r.856a5aa8.")) END("0") },
	};
	static const struct ir_event events[10] = {
		OPEN(IR_THINK), DELTA("t"), CLOSE,
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct ir_request request = { .reasoning = rows[i].asked };
		struct bench b;
		struct buf got;
		struct slice rest;

		bench_init(&b);
		b.talk.request = &request;
		b.talk.quirks.replay = rows[i].replay;
		put_all(&b, messages_sink_stream(&b.talk, &b.out), events);
		got = lines(&b.out);
		rest = buf_slice(&got);
		slice_cut(&rest, '\n');
		slice_cut(&rest, '\n');
		CHECK_BYTES(rest.ptr, rest.len, rows[i].stream,
		    strlen(rows[i].stream));
		buf_free(&got);
		bench_free(&b);
	}
}

TESTS(
	{ "streamed", streamed },
	{ "whole", whole },
	{ "failing", failing },
	{ "told", told },
	{ "all kinds", all_kinds },
	{ "thinking policy", thinking_policy })
