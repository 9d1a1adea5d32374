/*
 * The words of each protocol: every body and every event is JSON, and what
 * the deltas of a stream add up to is what a whole answer says.
 */
#include "echo/speak.h"

#include "json/text.h"
#include "json/write.h"
#include "test.h"
#include "wire/sse.h"

#define QUOTED "say \\\"\\u00e9\\n\\\\ \\ud83d\\ude00 on"

static const char chat_body[] = "{\"model\":\"m\",\"stream_options\":"
    "{\"include_usage\":true},\"messages\":[{\"role\":\"user\",\"content\":\""
    QUOTED "\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
    "\"f\",\"parameters\":{\"required\":[\"a\\\"b\"]}}}]}";

static const char messages_body[] = "{\"model\":\"m\",\"max_tokens\":99,"
    "\"messages\":[{\"role\":\"user\",\"content\":\"" QUOTED "\"}],\"tools\":"
    "[{\"name\":\"f\",\"input_schema\":{\"required\":[\"a\\\"b\"]}}]}";

static const char responses_body[] = "{\"model\":\"m\",\"input\":[{\"role\":"
    "\"user\",\"content\":\"" QUOTED "\"}],\"tools\":[{\"type\":\"function\","
    "\"name\":\"f\",\"parameters\":{\"required\":[\"a\\\"b\"]}}]}";

static const char gemini_body[] = "{\"contents\":[{\"parts\":[{\"text\":\""
    QUOTED "\"}]}],\"tools\":[{\"functionDeclarations\":[{\"name\":\"f\","
    "\"parameters\":{\"required\":[\"a\\\"b\"]}}]}]}";

static const struct {
	const char	*body;
	const struct tongue *tongue;
} dialects[] = {
	[DIALECT_CHAT] = { chat_body, &speak_chat },
	[DIALECT_MESSAGES] = { messages_body, &speak_messages },
	[DIALECT_RESPONSES] = { responses_body, &speak_responses },
	[DIALECT_GEMINI] = { gemini_body, &speak_gemini },
};

struct stage {			/* all that one answer needs */
	struct arena	 arena;
	struct script	 script;
	struct prompt	 ask;
	struct speech	 speech;
	struct feed	 feed;
	const struct tongue *tongue;
};

static void
set(struct stage *g, enum dialect dialect, const char *directives)
{
	struct slice wrong, body = slice_of(dialects[dialect].body);
	const char *why;

	*g = (struct stage){ .tongue = dialects[dialect].tongue };
	g->feed.arena = &g->arena;
	g->feed.script = &g->script;
	g->feed.ping = g->tongue->ping;
	script_init(&g->script);
	CHECK(script_read(&g->script, slice_of(directives), &wrong));
	CHECK(prompt_read(&g->ask, &g->arena, dialect, body, &why));
	prompt_listen(&g->ask, &g->arena);
	speech_compose(&g->speech, &g->ask, &g->script, 1, &g->arena);
}

static void
strike(struct stage *g)
{
	CHECK(!feed_failed(&g->feed));
	feed_free(&g->feed);
	arena_reset(&g->arena);
}

static struct jval
parse(struct stage *g, struct slice text)
{
	struct json *doc = arena_alloc(&g->arena, sizeof *doc);
	struct json_fault fault;

	CHECK(doc && json_parse(doc, &g->arena, text, 0, &fault));
	return json_root(doc);
}

static void
gather(struct buf *out, struct jval text)
{
	text_unescape_to(out, jval_text(text));
}

/* Append what an event adds to text, thought and arguments. */
static void
add_chat(struct buf *out, struct jval event)
{
	struct jval choice = jval_first(jval_get(event, "choices"));
	struct jval delta = jval_get(choice, "delta");
	struct jval call = jval_first(jval_get(delta, "tool_calls"));

	gather(out, jval_get(delta, "reasoning_content"));
	gather(out, jval_get(delta, "content"));
	gather(out, jval_get2(call, "function", "name"));
	gather(out, jval_get2(call, "function", "arguments"));
}

static void
add_messages(struct buf *out, struct jval event)
{
	static const char *const keys[] = {
		"thinking", "signature", "text", "partial_json",
	};
	struct jval delta = jval_get(event, "delta");

	gather(out, jval_get2(event, "content_block", "name"));
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		gather(out, jval_get(delta, keys[i]));
}

static void
add_responses(struct buf *out, struct jval event)
{
	struct jval type = jval_get(event, "type");
	struct jval item = jval_get(event, "item");

	if (jval_text_is(type, "response.output_item.added"))
		gather(out, jval_get(item, "name"));
	if (jval_text_is(type, "response.output_item.done"))
		gather(out, jval_get(item, "encrypted_content"));
	gather(out, jval_get(event, "delta"));
}

static void
add_gemini(struct buf *out, struct jval event)
{
	struct jval parts = jval_get2(jval_first(jval_get(event,
	    "candidates")), "content", "parts");

	for (struct jval p = jval_first(parts); !jval_at_end(p);
	    p = jval_next(p)) {
		gather(out, jval_get(p, "text"));
		gather(out, jval_get2(p, "functionCall", "name"));
		buf_append(out, jval_raw(jval_get2(p, "functionCall",
		    "args")));
		gather(out, jval_get(p, "thoughtSignature"));
	}
}

static void (*const adders[])(struct buf *, struct jval event) = {
	[DIALECT_CHAT] = add_chat, [DIALECT_MESSAGES] = add_messages,
	[DIALECT_RESPONSES] = add_responses, [DIALECT_GEMINI] = add_gemini,
};

/* What a whole answer says, in the same order. */
static void
add_whole_chat(struct buf *out, struct jval body)
{
	struct jval message = jval_get(jval_first(jval_get(body, "choices")),
	    "message");
	struct jval list = jval_get(message, "tool_calls");

	gather(out, jval_get(message, "reasoning_content"));
	gather(out, jval_get(message, "content"));
	for (struct jval v = jval_first(list); !jval_at_end(v);
	    v = jval_next(v)) {
		gather(out, jval_get2(v, "function", "name"));
		gather(out, jval_get2(v, "function", "arguments"));
	}
}

static void
add_whole_messages(struct buf *out, struct jval body)
{
	struct jval list = jval_get(body, "content");

	for (struct jval v = jval_first(list); !jval_at_end(v);
	    v = jval_next(v)) {
		gather(out, jval_get(v, "thinking"));
		gather(out, jval_get(v, "signature"));
		gather(out, jval_get(v, "text"));
		gather(out, jval_get(v, "name"));
		buf_append(out, jval_raw(jval_get(v, "input")));
	}
}

static void
add_whole_responses(struct buf *out, struct jval body)
{
	struct jval list = jval_get(body, "output");

	for (struct jval v = jval_first(list); !jval_at_end(v);
	    v = jval_next(v)) {
		gather(out, jval_get(jval_first(jval_get(v, "summary")),
		    "text"));
		gather(out, jval_get(v, "encrypted_content"));
		gather(out, jval_get(jval_first(jval_get(v, "content")),
		    "text"));
		gather(out, jval_get(v, "name"));
		gather(out, jval_get(v, "arguments"));
	}
}

static void (*const whole_adders[])(struct buf *, struct jval body) = {
	[DIALECT_CHAT] = add_whole_chat,
	[DIALECT_MESSAGES] = add_whole_messages,
	[DIALECT_RESPONSES] = add_whole_responses,
	[DIALECT_GEMINI] = add_gemini,
};

/* Read the stream back with our own reader of event streams. */
static void
add_stream(struct stage *g, struct buf *out, enum dialect dialect)
{
	struct sse_reader reader = { 0 };
	struct sse_event ev;
	struct buf in = { 0 };
	size_t events = 0;

	buf_append(&in, buf_slice(&g->feed.bytes));
	while (sse_next(&reader, &in, &ev) == 1) {
		struct jval event;

		if (slice_is(ev.name, "ping") || slice_is(ev.name, "keepalive"))
			continue;
		events++;
		if (slice_is(ev.data, "[DONE]"))
			continue;
		event = parse(g, arena_dup(&g->arena, ev.data));
		adders[dialect](out, event);
		CHECK(text_is(jval_text(jval_get(event, "type")), ev.name));
	}
	CHECK(events == g->feed.count);
	CHECK(!buf_len(&in));
	sse_free(&reader);
	buf_free(&in);
}

static void
both_ways_the_same(void)
{
	static const char *const directives[] = {
		"", "think", "tools=1", "think+tools=3", "events=40", "text=99",
		"text=0", "crlf+think", "comments+pings", "crlf+comments+pings",
	};

	for (size_t i = 0; i < sizeof directives / sizeof *directives; i++)
		for (int d = DIALECT_CHAT; d <= DIALECT_GEMINI; d++) {
			enum dialect dialect = (enum dialect)d;
			struct buf whole = { 0 }, streamed = { 0 };
			struct stage g;

			set(&g, dialect, directives[i]);
			g.tongue->whole(&g.feed, &g.ask, &g.speech);
			whole_adders[dialect](&whole,
			    parse(&g, buf_slice(&g.feed.bytes)));
			buf_clear(&g.feed.bytes);
			g.tongue->stream(&g.feed, &g.ask, &g.speech);
			add_stream(&g, &streamed, dialect);
			CHECK_BYTES(buf_slice(&streamed).ptr,
			    buf_len(&streamed), buf_slice(&whole).ptr,
			    buf_len(&whole));
			CHECK(i != 0 || slice_find(buf_slice(&whole),
			    SLICE("You said: say \"\xc3\xa9\n\\ \xf0\x9f\x98"
			    "\x80 on")) != SIZE_MAX);
			buf_free(&whole);
			buf_free(&streamed);
			strike(&g);
		}
}

static void
faults(void)
{
	for (unsigned status = 400; status < 600; status++)
		for (int d = DIALECT_CHAT; d <= DIALECT_GEMINI; d++) {
			struct fault fault = { .status = status,
			    .message = speak_sentence(status),
			    .id = SLICE("req_1") };
			struct stage g;
			struct jval body;

			set(&g, (enum dialect)d, "");
			g.tongue->fault(&g.feed, &fault);
			body = parse(&g, buf_slice(&g.feed.bytes));
			CHECK(text_is(jval_text(jval_get2(body, "error",
			    "message")), fault.message));
			CHECK(jval_is(jval_get2(body, "error",
			    d == DIALECT_GEMINI ? "status" : "type"),
			    JSON_STRING));
			CHECK(jval_text_is(jval_get(body, "type"), "error") ==
			    (d == DIALECT_MESSAGES));
			strike(&g);
		}
}

/* Gemini without alt=sse: events are the elements of one array. */
static void
arrays(void)
{
	static const char *const directives[] = { "", "tools=3", "think" };
	struct fault fault = { .status = 500, .message = SLICE("no") };

	for (size_t i = 0; i < sizeof directives / sizeof *directives; i++) {
		struct stage g;
		size_t events;

		set(&g, DIALECT_GEMINI, directives[i]);
		g.feed.array = true;
		g.tongue->stream(&g.feed, &g.ask, &g.speech);
		events = g.feed.count - 1;	/* the last is the bracket */
		CHECK(jval_count(parse(&g, buf_slice(&g.feed.bytes))) ==
		    events);
		for (size_t n = events; n--;) {
			feed_cut(&g.feed, n);
			g.tongue->stream_fault(&g.feed, &fault);
			CHECK(jval_count(parse(&g, arena_dup(&g.arena,
			    buf_slice(&g.feed.bytes)))) == n + 1);
		}
		buf_clear(&g.feed.bytes);
		g.tongue->fault(&g.feed, &fault);
		CHECK(jval_count(parse(&g, buf_slice(&g.feed.bytes))) == 1);
		strike(&g);
	}
}

/* Recordings are split at blank lines, and are the same put together. */
static void
recordings(void)
{
	static const char text[] = "data: 1\n\n: c\r\n\r\n\n\ndata: 2";
	static const char *const want[] = {
		"data: 1\n\n", ": c\r\n\r\n", "\n", "\n", "data: 2",
	};
	struct stage g;

	set(&g, DIALECT_CHAT, "crlf");
	feed_recorded(&g.feed, SLICE("data: 1\n\n: c\r\n\r\n\n\ndata: 2"),
	    true);
	for (size_t i = 0; i < g.feed.count; i++) {
		struct slice ev = feed_event(&g.feed, i);

		CHECK(i < sizeof want / sizeof *want);
		CHECK_BYTES(ev.ptr, ev.len, want[i], strlen(want[i]));
	}
	CHECK_BYTES(buf_slice(&g.feed.bytes).ptr, buf_len(&g.feed.bytes), text,
	    sizeof text - 1);
	feed_cut(&g.feed, 1);
	CHECK(g.feed.count == 1 && buf_len(&g.feed.bytes) == 9);
	feed_trim(&g.feed, 3);
	CHECK(feed_event(&g.feed, 0).len == 3);
	strike(&g);
}

TESTS(
	{ "whole and streamed say the same", both_ways_the_same },
	{ "errors", faults },
	{ "streams of one array", arrays },
	{ "recordings", recordings })
