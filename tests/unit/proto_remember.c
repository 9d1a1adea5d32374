/*
 * Conversations of several tool rounds between Chat clients and a Messages
 * provider: whatever the client keeps of the thinking, the provider gets its
 * blocks back as they were and where they were, or none of them.
 *
 * Answers are random rows of blocks, told whole or as a stream; `want` is the
 * content as the provider made it, in the spelling of the encoder.
 */
#include "test.h"

#include "json_random.h"
#include "messages_rules.h"
#include "proto/memo.h"
#include "proto/remember.h"

enum client {
	KEEPS_ALL,		/* every member, every piece of a list */
	KEEPS_LAST,		/* of unknown members what came last: OpenAI's
				 * own library */
	KEEPS_SOME,		/* the same, with thinking_blocks left out */
	KEEPS_NONE,		/* text and calls alone */
	CLIENTS,
};

struct side {
	struct arena	 arena, scratch;
	struct talk	 talk;
	struct buf	 out;
};

/* What a client puts together of an answer; escaped text and raw JSON. */
struct message {
	struct buf	 content, calls, details, last_details, last_reasoning;
	struct buf	 blocks;
	unsigned	 count;		/* of calls */
};

static unsigned serial;			/* makes ids unique */
static const char *topic = "go";	/* what conversations begin with */

static void
message_free(struct message *m)
{
	buf_free(&m->content);
	buf_free(&m->calls);
	buf_free(&m->details);
	buf_free(&m->last_details);
	buf_free(&m->last_reasoning);
	buf_free(&m->blocks);
}

static void
side_init(struct side *s, struct memo *memo, const char *owner)
{
	*s = (struct side){ 0 };
	s->talk = (struct talk){
		.arena = &s->arena, .scratch = &s->scratch,
		.client = &protocol_chat, .provider = &protocol_messages,
		.model = SLICE("claude-opus-4-8"), .memo = memo,
		.memo_owner = slice_of(owner), .now_ms = 1,
		.request_id = SLICE("req_test"), .created_s = 1,
	};
	quirks_find(&s->talk.quirks, DIALECT_ANTHROPIC, s->talk.model);
}

static void
side_free(struct side *s)
{
	buf_free(&s->out);
	arena_reset(&s->arena);
	arena_reset(&s->scratch);
}

static struct jval
parse(struct arena *arena, struct slice text)
{
	struct json *doc = arena_alloc(arena, sizeof *doc);
	struct json_fault fault;
	bool fine = doc && json_parse(doc, arena, text, 0, &fault);

	CHECK(fine);
	return json_root(doc);
}

/* ---- the provider ---- */

static void
put_words(struct buf *b)
{
	static const char *const words[] = {
		"a ", "bc", "\\n", "\\\"", "\\u00e9", "\xc3\xa9",
		"\xf0\x9f\x98\x80", "\\ud83d\\ude00", "\\\\",
	};
	unsigned n = random_below(8);

	buf_byte(b, 't');
	while (n--)
		buf_text(b, words[random_below(sizeof words /
		    sizeof *words)]);
}

static void
put_block(struct buf *b, char kind)
{
	serial++;
	if (kind == 'h') {
		buf_text(b, "{\"type\":\"thinking\",\"thinking\":\"");
		if (random_below(4))
			put_words(b);
		buf_fmt(b, "\",\"signature\":\"sig%u==\"}", serial);
	} else if (kind == 'r') {
		buf_fmt(b, "{\"type\":\"redacted_thinking\",\"data\":"
		    "\"data%u/+\"}", serial);
	} else if (kind == 't') {
		buf_text(b, "{\"type\":\"text\",\"text\":\"");
		put_words(b);
		buf_text(b, "\"}");
	} else {
		buf_fmt(b, "{\"type\":\"tool_use\",\"id\":"
		    "\"toolu_01ABCDEF%08u\",\"name\":\"f\",\"input\":"
		    "{\"n\":%u.0}}", serial, serial);
	}
}

/*
 * Thinking stands anywhere, text in front of calls; a call is the last.  Texts
 * that only thinking keeps apart are one without it.
 */
static void
make_content(struct buf *want, bool one_text)
{
	bool closed = false;		/* to more text */
	unsigned n = random_below(6);
	char before = 0, kind;

	buf_byte(want, '[');
	for (unsigned i = 0; i <= n; i++) {
		kind = i == n ? 'c' : "hhrtc"[random_below(5)];
		if (kind == 't' && (closed || before == 't'))
			kind = 'h';
		closed |= kind == 'c' || (kind == 't' && one_text);
		if (before)
			buf_byte(want, ',');
		put_block(want, kind);
		before = kind;
	}
	buf_byte(want, ']');
}

static void
put_event(struct source *source, struct buf *data)
{
	struct sse_event ev = { .data = buf_slice(data) };

	source->event(source, &ev);
	buf_clear(data);
}

/* Where the first `n` of a text's characters or escapes end. */
static size_t
cut(struct slice text, unsigned n)
{
	size_t at = 0;

	while (n-- && at < text.len) {
		if (text.ptr[at] != '\\')
			at++;
		else
			at += text.ptr[at + 1] == 'u' ? 6 : 2;
		while (at < text.len && (text.ptr[at] & 0xc0) == 0x80)
			at++;
	}
	return at < text.len ? at : text.len;
}

static void
stream_deltas(struct source *source, const char *type, const char *member,
    struct slice text)
{
	struct buf data = { 0 };

	while (text.len) {
		size_t n = cut(text, 1 + random_below(4));

		buf_fmt(&data, "{\"type\":\"content_block_delta\",\"index\":0,"
		    "\"delta\":{\"type\":\"%s\",\"%s\":\"%.*s\"}}", type,
		    member, (int)n, text.ptr);
		put_event(source, &data);
		text = slice_skip(text, n);
	}
	buf_free(&data);
}

static void
stream_block(struct side *s, struct source *source, struct jval block)
{
	struct slice type = jval_get_text(block, "type");
	struct buf data = { 0 };

	buf_text(&data, "{\"type\":\"content_block_start\",\"index\":0,"
	    "\"content_block\":");
	if (slice_is(type, "tool_use"))
		buf_fmt(&data, "{\"type\":\"tool_use\",\"id\":\"%.*s\","
		    "\"name\":\"f\",\"input\":{}}",
		    SLICE_FMT(jval_get_text(block, "id")));
	else if (slice_is(type, "redacted_thinking"))
		buf_append(&data, jval_raw(block));
	else
		buf_fmt(&data, "{\"type\":\"%.*s\"}", SLICE_FMT(type));
	buf_byte(&data, '}');
	put_event(source, &data);
	stream_deltas(source, "text_delta", "text",
	    jval_get_text(block, "text"));
	stream_deltas(source, "thinking_delta", "thinking",
	    jval_get_text(block, "thinking"));
	if (jval_ok(jval_get(block, "signature"))) {
		buf_fmt(&data, "{\"type\":\"content_block_delta\",\"index\":0,"
		    "\"delta\":{\"type\":\"signature_delta\",\"signature\":"
		    "\"%.*s\"}}", SLICE_FMT(jval_get_text(block,
		    "signature")));
		put_event(source, &data);
	}
	if (jval_ok(jval_get(block, "input")))
		stream_deltas(source, "input_json_delta", "partial_json",
		    text_escape(&s->arena, jval_raw(jval_get(block,
		    "input"))));
	buf_text(&data, "{\"type\":\"content_block_stop\",\"index\":0}");
	put_event(source, &data);
	buf_free(&data);
}

static void
stream_answer(struct side *s, struct source *source, struct slice content)
{
	struct jval list = parse(&s->arena, content), block;
	struct buf data = { 0 };

	buf_text(&data, "{\"type\":\"message_start\",\"message\":{"
	    "\"id\":\"msg_1\",\"model\":\"m\"}}");
	put_event(source, &data);
	for (block = jval_first(list); !jval_at_end(block);
	    block = jval_next(block))
		stream_block(s, source, block);
	buf_text(&data, "{\"type\":\"message_delta\",\"delta\":{"
	    "\"stop_reason\":\"tool_use\"}}");
	put_event(source, &data);
	buf_text(&data, "{\"type\":\"message_stop\"}");
	put_event(source, &data);
	buf_free(&data);
}

/* The provider says `content`; what the client sees of it is in s->out. */
static void
answer(struct side *s, struct slice content, bool stream)
{
	struct sink *sink = stream ?
	    protocol_chat.sink_stream(&s->talk, &s->out) :
	    protocol_chat.sink_whole(&s->talk, &s->out);
	struct source *source;
	struct buf body = { 0 };

	CHECK(sink != NULL);
	source = protocol_messages.source(&s->talk,
	    remember_sink(&s->talk, sink));
	CHECK(source != NULL);
	if (stream) {
		stream_answer(s, source, content);
	} else {
		buf_fmt(&body, "{\"type\":\"message\",\"id\":\"msg_1\","
		    "\"content\":%.*s,\"stop_reason\":\"tool_use\"}",
		    SLICE_FMT(content));
		source->whole(source, buf_slice(&body));
	}
	CHECK(source->done);
	buf_free(&body);
}

/* ---- the client ---- */

static void
add_items(struct buf *to, struct jval list)
{
	for (struct jval v = jval_first(list); !jval_at_end(v);
	    v = jval_next(v)) {
		buf_text(to, buf_len(to) ? "," : "");
		buf_append(to, jval_raw(v));
	}
}

static void
replace(struct buf *to, struct slice text)
{
	buf_clear(to);
	buf_append(to, text);
}

static void
take_calls(struct message *m, struct jval calls)
{
	for (struct jval c = jval_first(calls); !jval_at_end(c);
	    c = jval_next(c)) {
		struct jval id = jval_get(c, "id");

		if (jval_ok(id)) {
			buf_fmt(&m->calls, "%s{\"id\":\"%.*s\",\"type\":"
			    "\"function\",\"function\":{\"name\":\"f\","
			    "\"arguments\":\"", m->count++ ? "\"}}," : "",
			    SLICE_FMT(jval_text(id)));
		}
		buf_append(&m->calls, jval_text(jval_get2(c, "function",
		    "arguments")));
	}
}

/* A message, or a delta of one. */
static void
take(struct message *m, struct jval v)
{
	struct jval details = jval_get(v, "reasoning_details");
	struct jval text = jval_get(v, "reasoning_content");
	struct jval blocks = jval_get(v, "thinking_blocks");

	buf_append(&m->content, jval_get_text(v, "content"));
	take_calls(m, jval_get(v, "tool_calls"));
	add_items(&m->details, details);
	if (jval_ok(details)) {
		buf_clear(&m->last_details);
		add_items(&m->last_details, details);
	}
	if (jval_ok(text))
		replace(&m->last_reasoning, jval_text(text));
	if (jval_ok(blocks))
		replace(&m->blocks, jval_raw(blocks));
}

static void
read_answer(struct side *s, struct message *m, bool stream)
{
	struct slice out = buf_slice(&s->out), line;

	if (!stream) {
		take(m, jval_get(jval_first(jval_get(parse(&s->arena, out),
		    "choices")), "message"));
	}
	while (stream && out.ptr) {
		line = slice_cut(&out, '\n');
		if (!slice_starts(line, SLICE("data: {")))
			continue;
		take(m, jval_get(jval_first(jval_get(parse(&s->arena,
		    slice_skip(line, 6)), "choices")), "delta"));
	}
	CHECK(m->count > 0);
	buf_text(&m->calls, "\"}}");
}

static void
put_list(struct buf *body, const char *name, const struct buf *items)
{
	if (buf_len(items))
		buf_fmt(body, ",\"%s\":[%.*s]", name,
		    SLICE_FMT(buf_slice(items)));
}

/* The message as this client sends it back, and results for its calls. */
static void
put_history(struct side *s, struct buf *body, const struct message *m,
    enum client client)
{
	struct buf list = { 0 };
	struct jval calls, c;

	buf_fmt(body, ",{\"role\":\"assistant\",\"content\":\"%.*s\","
	    "\"tool_calls\":[%.*s]", SLICE_FMT(buf_slice(&m->content)),
	    SLICE_FMT(buf_slice(&m->calls)));
	if (client == KEEPS_ALL)
		put_list(body, "reasoning_details", &m->details);
	if (client == KEEPS_LAST || client == KEEPS_SOME) {
		put_list(body, "reasoning_details", &m->last_details);
		buf_fmt(body, ",\"reasoning_content\":\"%.*s\"",
		    SLICE_FMT(buf_slice(&m->last_reasoning)));
	}
	if (client == KEEPS_LAST && buf_len(&m->blocks))
		buf_fmt(body, ",\"thinking_blocks\":%.*s",
		    SLICE_FMT(buf_slice(&m->blocks)));
	buf_byte(body, '}');
	buf_fmt(&list, "[%.*s]", SLICE_FMT(buf_slice(&m->calls)));
	calls = parse(&s->arena, arena_dup(&s->arena, buf_slice(&list)));
	for (c = jval_first(calls); !jval_at_end(c); c = jval_next(c))
		buf_fmt(body, ",{\"role\":\"tool\",\"tool_call_id\":"
		    "\"%.*s\",\"content\":\"r\"}",
		    SLICE_FMT(jval_get_text(c, "id")));
	buf_free(&list);
}

/* ---- a conversation ---- */

enum { ROUNDS = 4 };

/* Send the history; the assistant turns the provider gets are *turns. */
static struct jval
request(struct side *s, const struct buf *history)
{
	struct buf body = { 0 };
	struct jval root;
	const char *broken;

	buf_fmt(&body, "{\"model\":\"m\",\"reasoning_effort\":\"high\","
	    "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
	    "\"f\"}}],\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}"
	    "%.*s]}", topic, SLICE_FMT(buf_slice(history)));
	root = parse(&s->arena, arena_dup(&s->arena, buf_slice(&body)));
	CHECK(protocol_chat.decode(&s->talk, root));
	CHECK(protocol_messages.encode(&s->talk, &s->out));
	root = parse(&s->arena, arena_dup(&s->arena, buf_slice(&s->out)));
	broken = messages_broken_rule(root, &s->talk.quirks);
	if (broken)
		printf("%s\n%.*s\n", broken, SLICE_FMT(buf_slice(&s->out)));
	CHECK(!broken);
	buf_clear(&s->out);
	buf_free(&body);
	return jval_get(root, "messages");
}

/* The content without its thinking. */
static void
without_thinking(struct side *s, struct buf *content)
{
	struct jval list = parse(&s->arena, arena_dup(&s->arena,
	    buf_slice(content))), v;
	struct buf out = { 0 };

	for (v = jval_first(list); !jval_at_end(v); v = jval_next(v)) {
		struct slice type = jval_get_text(v, "type");

		if (slice_is(type, "thinking") ||
		    slice_is(type, "redacted_thinking"))
			continue;
		buf_text(&out, buf_len(&out) ? "," : "[");
		buf_append(&out, jval_raw(v));
	}
	buf_byte(&out, ']');
	buf_free(content);
	*content = out;
}

/* Each assistant turn must be what the provider once said. */
static void
check_turns(struct jval messages, const struct buf *want, unsigned rounds)
{
	unsigned i = 0;

	for (struct jval m = jval_first(messages); !jval_at_end(m);
	    m = jval_next(m)) {
		struct slice got;

		if (!jval_text_is(jval_get(m, "role"), "assistant"))
			continue;
		CHECK(i < rounds);
		got = jval_raw(jval_get(m, "content"));
		CHECK_BYTES(got.ptr, got.len, buf_slice(&want[i]).ptr,
		    buf_len(&want[i]));
		i++;
	}
	CHECK(i == rounds);
}

static void
converse(struct memo *memo, enum client client, bool stream, bool nothing)
{
	struct buf want[ROUNDS] = { 0 }, history = { 0 };
	struct side s;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct message m = { 0 };

		side_init(&s, memo, "key");
		check_turns(request(&s, &history), want, i);
		make_content(&want[i], nothing);
		answer(&s, buf_slice(&want[i]), stream);
		read_answer(&s, &m, stream);
		put_history(&s, &history, &m, client);
		if (nothing)
			without_thinking(&s, &want[i]);
		message_free(&m);
		side_free(&s);
	}
	side_init(&s, memo, "key");
	check_turns(request(&s, &history), want, ROUNDS);
	side_free(&s);
	for (unsigned i = 0; i < ROUNDS; i++)
		buf_free(&want[i]);
	buf_free(&history);
}

enum { TIMES = 60 };

/* Whatever the client drops comes back from memory. */
static void
with_memory(void)
{
	struct memo memo = { .limit = 4 << 20 };

	random_start();
	for (unsigned i = 0; i < TIMES * CLIENTS * 2; i++)
		converse(&memo, (enum client)(i / 2 % CLIENTS), i & 1, false);
	memo_free(&memo);
}

/* A client that keeps things needs no memory. */
static void
without_memory(void)
{
	random_start();
	for (unsigned i = 0; i < TIMES; i++) {
		converse(NULL, KEEPS_ALL, false, false);
		converse(NULL, KEEPS_ALL, true, false);
		converse(NULL, KEEPS_LAST, true, false);
	}
}

/* Nobody keeps anything: the request is one that the provider takes. */
static void
without_anything(void)
{
	random_start();
	for (unsigned i = 0; i < TIMES; i++)
		converse(NULL, KEEPS_NONE, i & 1, true);
}

/*
 * Ids that a model just counts stand in many conversations: thinking is found
 * again in its own alone.
 */
static void
counted_ids(void)
{
	static const char content[] = "[{\"type\":\"thinking\",\"thinking\":"
	    "\"t\",\"signature\":\"s\"},{\"type\":\"tool_use\",\"id\":\"f_0\","
	    "\"name\":\"f\",\"input\":{}}]";
	struct memo memo = { .limit = 64 << 20 };
	struct buf want = { 0 }, history = { 0 };
	struct message m = { 0 };
	struct side s;

	side_init(&s, &memo, "key");
	(void)request(&s, &history);
	answer(&s, slice_of(content), true);
	read_answer(&s, &m, true);
	put_history(&s, &history, &m, KEEPS_NONE);
	buf_text(&want, content);
	side_free(&s);
	side_init(&s, &memo, "key");
	check_turns(request(&s, &history), &want, 1);
	without_thinking(&s, &want);
	topic = "something else";
	side_free(&s);
	side_init(&s, &memo, "key");
	check_turns(request(&s, &history), &want, 1);
	topic = "go";
	side_free(&s);
	side_init(&s, &memo, "another key");
	check_turns(request(&s, &history), &want, 1);
	side_free(&s);
	message_free(&m);
	buf_free(&want);
	buf_free(&history);
	memo_free(&memo);
}

/* The operator wants nothing kept. */
static void
switched_off(void)
{
	struct options off = options_default;
	struct memo memo = { .limit = 64 << 20 };
	struct buf history = { 0 };
	struct side s;

	off.remember = false;
	side_init(&s, &memo, "key");
	s.talk.options = &off;
	(void)request(&s, &history);
	answer(&s, SLICE("[{\"type\":\"thinking\",\"thinking\":\"t\","
	    "\"signature\":\"s\"},{\"type\":\"tool_use\",\"id\":"
	    "\"toolu_01ABCDEFGHIJK\",\"name\":\"f\",\"input\":{}}]"), false);
	CHECK(!memo.young.map.count && !memo.old.map.count);
	side_free(&s);
	memo_free(&memo);
}

TESTS(
	{ "counted ids", counted_ids },
	{ "switched off", switched_off },
	{ "with memory", with_memory },
	{ "without memory", without_memory },
	{ "without anything", without_anything })
