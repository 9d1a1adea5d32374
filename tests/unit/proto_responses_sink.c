/*
 * Events as Responses answers, streamed and whole.  A client reads the stream
 * as strictly as the official library does; what it has put together at the
 * end must be what the last event says.
 */
#include "test.h"

#include "json/text.h"
#include "proto/responses/responses.h"

enum { EVENTS = 12, ITEMS = 8 };

struct row {
	const char	*name;
	struct ir_event	 events[EVENTS]; /* the first that is BEGIN ends them */
	const char	*output;	/* with # for the digits of ids */
};

#define OPEN(k, ...) { .type = IR_OPEN, .kind = (k), __VA_ARGS__ }
#define CALL(i, n, ...) OPEN(IR_CALL, .id = SLICE_INIT(i), \
	.name = SLICE_INIT(n), __VA_ARGS__)
#define DELTA(t) { .type = IR_DELTA, .text = SLICE_INIT(t) }
#define SIGN(s, v) { .type = IR_SIGN, .vendor = (v), \
	.signature = SLICE_INIT(s) }
#define CITE(r) { .type = IR_CITE, .raw = SLICE_INIT(r) }
#define PROBS(r) { .type = IR_LOGPROBS, .raw = SLICE_INIT(r) }
#define CLOSE { .type = IR_CLOSE }

#define MESSAGE(parts) "{\"id\":\"msg_#\",\"type\":\"message\",\"status\":" \
	"\"completed\",\"role\":\"assistant\",\"content\":[" parts "]}"
#define PART(t) "{\"type\":\"output_text\",\"annotations\":[]," \
	"\"logprobs\":[],\"text\":\"" t "\"}"
#define REASONING(s, e) "{\"id\":\"rs_#\",\"type\":\"reasoning\",\"status\":" \
	"\"completed\",\"summary\":[" s "],\"encrypted_content\":" e "}"
#define SUMMARY(t) "{\"type\":\"summary_text\",\"text\":\"" t "\"}"
#define FUNCTION(a, i, n) "{\"id\":\"fc_#\",\"type\":\"function_call\"," \
	"\"status\":\"completed\",\"arguments\":\"" a "\",\"call_id\":\"" i \
	"\",\"name\":\"" n "\"}"
#define CUSTOM(a, i, n) "{\"id\":\"ctc_#\",\"type\":\"custom_tool_call\"," \
	"\"status\":\"completed\",\"input\":\"" a "\",\"call_id\":\"" i \
	"\",\"name\":\"" n "\"}"

static const struct row cases[] = {
	{ "two texts are parts of one message",
	    { OPEN(IR_TEXT), DELTA("He"), DELTA("llo"), CLOSE,
	    OPEN(IR_TEXT), DELTA("\\n"), CLOSE },
	    MESSAGE(PART("Hello") "," PART("\\n")) },
	{ "a refusal",
	    { OPEN(IR_TEXT, .refusal = true), DELTA("no"), CLOSE },
	    MESSAGE("{\"type\":\"refusal\",\"refusal\":\"no\"}") },
	{ "nothing is no item", { OPEN(IR_TEXT), CLOSE, OPEN(IR_THINK), CLOSE,
	    OPEN(IR_TEXT), DELTA(""), CLOSE }, "" },
	{ "a phase begins a message",
	    { OPEN(IR_TEXT, .name = SLICE_INIT("commentary")), DELTA("a"),
	    CLOSE, OPEN(IR_TEXT), DELTA("b"), CLOSE },
	    "{\"id\":\"msg_#\",\"type\":\"message\",\"status\":\"completed\","
	    "\"role\":\"assistant\",\"content\":[" PART("a") "],\"phase\":"
	    "\"commentary\"}," MESSAGE(PART("b")) },
	{ "thinking of another vendor, and a call",
	    { OPEN(IR_THINK), DELTA("be"), DELTA("cause"),
	    SIGN("SIG", IR_ANTHROPIC), CLOSE, CALL("t1", "f"),
	    DELTA("{\\\"a\\\":"), DELTA("1}"), CLOSE },
	    REASONING(SUMMARY("because"), "\"gw1.a.r.ef8494f9.SIG\"") ","
	    FUNCTION("{\\\"a\\\":1}", "t1", "f") },
	{ "OpenAI's own thinking",
	    { OPEN(IR_THINK, .vendor = IR_OPENAI, .id = SLICE_INIT("rs_9")),
	    DELTA("t"), SIGN("gAAA", IR_OPENAI), CLOSE },
	    "{\"id\":\"rs_9\",\"type\":\"reasoning\",\"status\":\"completed\","
	    "\"summary\":[" SUMMARY("t") "],\"encrypted_content\":\"gAAA\"}" },
	{ "thinking that nobody signed",
	    { OPEN(IR_THINK), DELTA("t"), CLOSE, OPEN(IR_TEXT), DELTA("a"),
	    CLOSE }, REASONING(SUMMARY("t"), "null") ","
	    MESSAGE(PART("a")) },
	{ "thinking that cannot be read",
	    { OPEN(IR_REDACTED, .vendor = IR_ANTHROPIC,
	    .text = SLICE_INIT("D")), CLOSE },
	    REASONING("", "\"gw1.a.d.00000000.D\"") },
	{ "a call's signature stands in front",
	    { CALL("c1", "f"), SIGN("U0lH", IR_GOOGLE), DELTA("{}"), CLOSE },
	    REASONING("", "\"gw1.g.f.00000000.U0lH\"") ","
	    FUNCTION("{}", "c1", "f") },
	{ "... or, too late, behind",
	    { CALL("c1", "f"), DELTA("{}"), SIGN("AV", IR_GOOGLE), CLOSE },
	    FUNCTION("{}", "c1", "f") ","
	    REASONING("", "\"gw1.g.m.00000000.eyJjMSI6IkFWIn0\"") },
	{ "a text's signature",
	    { OPEN(IR_TEXT), SIGN("AV", IR_GOOGLE), DELTA("a"), CLOSE,
	    OPEN(IR_TEXT), DELTA("b"), SIGN("AW", IR_GOOGLE), CLOSE,
	    CALL("c", "f"), CLOSE },
	    REASONING("", "\"gw1.g.t.00000000.AV\"") ","
	    MESSAGE(PART("a") "," PART("b")) ","
	    REASONING("", "\"gw1.g.t.00000000.AW\"") ","
	    FUNCTION("{}", "c", "f") },
	{ "free-form input, and one that is wrapped",
	    { CALL("c1", "p", .custom = true), DELTA("l1\\nl2"), CLOSE,
	    CALL("c2", "p"), DELTA("{\\\"input\\\":\\\"x\\\\\\\"y\\\"}"),
	    CLOSE },
	    CUSTOM("l1\\nl2", "c1", "p") "," CUSTOM("x\\\"y", "c2", "p") },
	{ "a tool of a namespace, ids that are none",
	    { CALL("a.b", "ns__g"), CLOSE, CALL("", "f"), CLOSE },
	    "{\"id\":\"fc_#\",\"type\":\"function_call\",\"status\":"
	    "\"completed\",\"arguments\":\"{}\",\"call_id\":\"gw_YS5i\","
	    "\"name\":\"g\",\"namespace\":\"ns\"},"
	    FUNCTION("{}", "call_#", "f") },
	{ "tools known by heart",
	    { CALL("c1", "shell"), DELTA("{\\\"commands\\\":[\\\"ls\\\"]}"),
	    CLOSE, CALL("c2", "local_shell"), DELTA("nonsense"), CLOSE },
	    "{\"id\":\"sh_#\",\"type\":\"shell_call\",\"status\":"
	    "\"completed\",\"action\":{\"commands\":[\"ls\"],\"timeout_ms\":"
	    "null,\"max_output_length\":null},\"environment\":null,"
	    "\"call_id\":\"c1\"},"
	    "{\"id\":\"lsh_#\",\"type\":\"local_shell_call\",\"status\":"
	    "\"completed\",\"action\":{\"type\":\"exec\",\"command\":[],"
	    "\"env\":{},\"timeout_ms\":null,\"working_directory\":null},"
	    "\"call_id\":\"c2\"}" },
	{ "an image, and what only one vendor knows",
	    { OPEN(IR_IMAGE, .mime = SLICE_INIT("image/png"),
	    .text = SLICE_INIT("QUJD")), CLOSE,
	    OPEN(IR_OPAQUE, .vendor = IR_OPENAI, .raw = SLICE_INIT(
	    "{ \"id\":\"ws_1\", \"type\":\"web_search_call\"}")), CLOSE,
	    OPEN(IR_OPAQUE, .vendor = IR_GOOGLE, .raw = SLICE_INIT("{}")),
	    CLOSE },
	    "{\"id\":\"ig_#\",\"type\":\"image_generation_call\",\"status\":"
	    "\"completed\",\"result\":\"QUJD\"},{\"id\":\"ws_1\",\"type\":"
	    "\"web_search_call\"}" },
	{ "places are those in the part",
	    { OPEN(IR_TEXT), DELTA("\\u00e9\xc3\xa9"), CLOSE, OPEN(IR_TEXT),
	    DELTA("cd"), CITE("{\"url_citation\":{\"url\":\"u\","
	    "\"start_index\":2,\"end_index\":4}}"), CLOSE },
	    MESSAGE(PART("\\u00e9\xc3\xa9") ",{\"type\":\"output_text\","
	    "\"annotations\":[{\"type\":\"url_citation\",\"url\":\"u\","
	    "\"title\":\"\",\"start_index\":0,\"end_index\":2}],"
	    "\"logprobs\":[],\"text\":\"cd\"}") },
	{ "logprobs in front of their text and behind",
	    { OPEN(IR_TEXT), PROBS("[{\"token\":\"a\"}]"), DELTA("a"),
	    DELTA("b"), PROBS("[ {\"token\":\"b\"} ]"), CLOSE },
	    MESSAGE("{\"type\":\"output_text\",\"annotations\":[],"
	    "\"logprobs\":[{\"token\":\"a\"},{\"token\":\"b\"}],"
	    "\"text\":\"ab\"}") },
};

static const struct ir_event stops[] = {
	{ .type = IR_STOP, .stop = IR_STOP_END,
	    .usage = { 10, 4, 0, 5, 1, false } },
	{ .type = IR_STOP, .stop = IR_STOP_LENGTH,
	    .usage = { -1, -1, -1, -1, -1, false } },
	{ .type = IR_STOP, .stop = IR_STOP_FILTER,
	    .usage = { -1, -1, -1, 5, -1, false } },
	{ .type = IR_STOP, .stop = IR_STOP_BAD_TOOL,
	    .usage = { -1, -1, -1, -1, -1, false } },
};

/* ---- the client ---- */

struct item {
	struct slice	 id, type, raw;	/* raw when it is done */
	struct buf	 text;		/* deltas of its open part */
	bool		 in_part, done;
	unsigned	 parts;
};

struct client {
	struct arena	 arena;
	struct sse_reader reader;
	uint64_t	 number;
	struct slice	 id;		/* of the response */
	struct item	 items[ITEMS];
	unsigned	 count;
	const char	*ended;
	struct jval	 response;	/* of the last event */
};

static struct item *
item_of(struct client *c, struct jval ev)
{
	uint64_t i = ITEMS;

	CHECK(jval_u64(jval_get(ev, "output_index"), &i) && i < c->count);
	CHECK(slice_eq(jval_get_text(ev, "item_id"), c->items[i].id));
	CHECK(!c->items[i].done);
	return &c->items[i];
}

static void
hear_response(struct client *c, struct slice type, struct jval ev)
{
	static const char *const ends[] = {
		"response.completed", "response.incomplete", "response.failed",
	};
	struct jval r = jval_get(ev, "response");

	CHECK(jval_get_text(r, "id").len);
	if (slice_is(type, "response.created")) {
		CHECK(c->number == 1);
		c->id = jval_get_text(r, "id");
	}
	CHECK(slice_eq(c->id, jval_get_text(r, "id")));
	CHECK(jval_is(jval_get(r, "output"), JSON_ARRAY));
	for (size_t i = 0; i < 3; i++)
		if (slice_is(type, ends[i])) {
			c->ended = ends[i];
			c->response = r;
			CHECK(slice_is(jval_get_text(r, "status"),
			    ends[i] + sizeof "response"));
		}
}

static void
hear_item(struct client *c, bool added, struct jval ev)
{
	struct jval v = jval_get(ev, "item");
	uint64_t i = ITEMS;

	CHECK(jval_u64(jval_get(ev, "output_index"), &i) && i < ITEMS);
	CHECK(jval_get_text(v, "id").len);
	if (added) {
		CHECK(i == c->count++);
		c->items[i].id = jval_get_text(v, "id");
		c->items[i].type = jval_get_text(v, "type");
		for (unsigned k = 0; k < i; k++)
			CHECK(!slice_eq(c->items[k].id, c->items[i].id));
		return;
	}
	CHECK(i < c->count && !c->items[i].done && !c->items[i].in_part);
	CHECK(slice_eq(c->items[i].id, jval_get_text(v, "id")));
	CHECK(slice_eq(c->items[i].type, jval_get_text(v, "type")));
	c->items[i].raw = jval_raw(v);
	c->items[i].done = true;
}

static void
hear_delta(struct client *c, struct slice type, struct jval ev)
{
	struct item *item = item_of(c, ev);
	bool part = !slice_starts(type, SLICE("response.function")) &&
	    !slice_starts(type, SLICE("response.custom"));

	CHECK(!part || item->in_part);
	CHECK(jval_get_text(ev, "delta").len);
	buf_append(&item->text, jval_get_text(ev, "delta"));
}

/* The whole text is that of the pieces. */
static void
hear_done(struct client *c, struct jval ev)
{
	static const char *const names[] = {
		"text", "refusal", "arguments", "input",
	};
	struct item *item = item_of(c, ev);
	bool found = false;

	for (size_t i = 0; i < 4; i++)
		if (jval_is(jval_get(ev, names[i]), JSON_STRING)) {
			found = true;
			CHECK(slice_eq(jval_get_text(ev, names[i]),
			    buf_slice(&item->text)));
		}
	CHECK(found);
	buf_clear(&item->text);
}

static void
hear_part(struct client *c, bool added, struct jval ev)
{
	struct item *item = item_of(c, ev);
	uint64_t i = ITEMS;

	CHECK(item->in_part != added && jval_ok(jval_get(ev, "part")));
	CHECK(jval_u64(jval_get(ev, "content_index"), &i) ||
	    jval_u64(jval_get(ev, "summary_index"), &i));
	CHECK(i == item->parts);
	item->in_part = added;
	item->parts += !added;
}

static void
hear(struct client *c, const struct sse_event *sse)
{
	struct json *doc = arena_alloc(&c->arena, sizeof *doc);
	struct json_fault fault;
	struct jval ev;
	struct slice type;
	uint64_t n;

	CHECK(json_parse(doc, &c->arena, arena_dup(&c->arena, sse->data), 0,
	    &fault));
	ev = json_root(doc);
	type = jval_get_text(ev, "type");
	CHECK(slice_eq(type, sse->name) && !c->ended);
	CHECK(jval_u64(jval_get(ev, "sequence_number"), &n));
	CHECK(n == c->number++);
	CHECK(n || slice_is(type, "response.created"));
	if (jval_ok(jval_get(ev, "response")))
		hear_response(c, type, ev);
	else if (slice_starts(type, SLICE("response.output_item.")))
		hear_item(c, slice_ends(type, SLICE("added")), ev);
	else if (slice_ends(type, SLICE("annotation.added")))
		CHECK(item_of(c, ev)->in_part);
	else if (slice_ends(type, SLICE("part.added")) ||
	    slice_ends(type, SLICE("part.done")))
		hear_part(c, slice_ends(type, SLICE("added")), ev);
	else if (slice_ends(type, SLICE(".delta")))
		hear_delta(c, type, ev);
	else if (slice_ends(type, SLICE(".done")))
		hear_done(c, ev);
	else
		CHECK(slice_is(type, "keepalive"));
}

/* All items are in the end, as they were when they were done. */
static void
check_end(struct client *c)
{
	struct jval output = jval_get(c->response, "output"), v;
	unsigned i = 0;

	CHECK(c->ended && jval_count(output) == c->count);
	for (v = jval_first(output); i < c->count; v = jval_next(v), i++) {
		CHECK(slice_eq(jval_get_text(v, "id"), c->items[i].id));
		CHECK(slice_eq(jval_get_text(v, "type"), c->items[i].type));
		if (c->items[i].done)
			CHECK(slice_eq(jval_raw(v), c->items[i].raw));
		else
			CHECK(jval_text_is(jval_get(v, "status"),
			    "incomplete") && slice_is(slice_of(c->ended),
			    "response.failed"));
	}
	for (i = 0; i < ITEMS; i++)
		buf_free(&c->items[i].text);
}

/* ---- the sink ---- */

struct bench {
	struct arena	 arena, scratch;
	struct ir_request request;
	struct talk	 talk;
	struct buf	 out;
	struct sink	*sink;
	struct client	 client;
};

static void
add_tool(struct bench *b, const char *name, enum ir_tool_form form,
    enum ir_tool_kind kind)
{
	struct ir_tool *tool = ir_tool_add(&b->request, &b->arena);

	CHECK(tool);
	tool->name = slice_of(name);
	tool->form = form;
	tool->kind = kind;
	if (slice_starts(tool->name, SLICE("ns__"))) {
		tool->space = SLICE("ns");
		tool->local = slice_skip(tool->name, 4);
	}
}

static void
begin(struct bench *b, bool stream)
{
	*b = (struct bench){ 0 };
	b->talk = (struct talk){
		.arena = &b->arena, .scratch = &b->scratch,
		.client_model = SLICE("m"), .request_id = SLICE("req_4711"),
		.request = &b->request, .keep = true,
	};
	add_tool(b, "f", IR_FORM_PLAIN, IR_FUNCTION);
	add_tool(b, "p", IR_FORM_PLAIN, IR_CUSTOM);
	add_tool(b, "ns__g", IR_FORM_PLAIN, IR_FUNCTION);
	add_tool(b, "shell", IR_FORM_SHELL, IR_FUNCTION);
	add_tool(b, "local_shell", IR_FORM_LOCAL_SHELL, IR_FUNCTION);
	b->sink = stream ? responses_sink_stream(&b->talk, &b->out) :
	    responses_sink_whole(&b->talk, &b->out);
	CHECK(b->sink);
}

/* Put an event; the client hears what comes of it at once. */
static void
put(struct bench *b, const struct ir_event *ev, bool stream)
{
	struct sse_event sse;

	b->sink->put(b->sink, ev);
	arena_reset(&b->scratch);
	while (stream && sse_next(&b->client.reader, &b->out, &sse) == 1)
		hear(&b->client, &sse);
}

static const struct ir_event first = {
	.type = IR_BEGIN, .id = SLICE_INIT("up1"),
	.usage = { -1, -1, -1, -1, -1, false },
};

/* The first n events and then the last one. */
static void
play(struct bench *b, const struct row *row, size_t n,
    const struct ir_event *last, bool stream)
{
	begin(b, stream);
	put(b, &first, stream);
	for (size_t i = 0; i < n && row->events[i].type != IR_BEGIN; i++)
		put(b, &row->events[i], stream);
	put(b, last, stream);
	CHECK(!b->out.failed);
}

static void
end(struct bench *b)
{
	buf_free(&b->out);
	sse_free(&b->client.reader);
	arena_reset(&b->client.arena);
	arena_reset(&b->arena);
	arena_reset(&b->scratch);
}

/* The array with each run of 24 or 48 hex digits as one #. */
static void
put_output(struct buf *out, struct slice raw)
{
	while (raw.len) {
		size_t n = 0;

		while (n < raw.len && ((raw.ptr[n] >= '0' &&
		    raw.ptr[n] <= '9') || (raw.ptr[n] >= 'a' &&
		    raw.ptr[n] <= 'f')))
			n++;
		if (n == 48 || n == 24)
			buf_byte(out, '#');
		else
			buf_append(out, slice_sub(raw, 0, n ? n : 1));
		raw = slice_skip(raw, n ? n : 1);
	}
}

static void
check_output(struct slice raw, const char *want)
{
	struct buf got = { 0 }, all = { 0 };

	put_output(&got, raw);
	buf_fmt(&all, "[%s]", want);
	CHECK_BYTES(got.data, buf_len(&got), all.data, buf_len(&all));
	buf_free(&got);
	buf_free(&all);
}

static void
streamed(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bench b;

		printf("  %s\n", cases[i].name);
		play(&b, &cases[i], EVENTS, &stops[0], true);
		check_end(&b.client);
		CHECK(slice_is(slice_of(b.client.ended),
		    "response.completed"));
		check_output(jval_raw(jval_get(b.client.response, "output")),
		    cases[i].output);
		CHECK(slice_eq(b.talk.kept, jval_raw(b.client.response)));
		end(&b);
	}
}

/* Both forms say the same, and ids do not depend on the form. */
static void
whole(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t k = 0; k < sizeof stops / sizeof *stops; k++) {
			struct bench b, s;

			play(&b, &cases[i], EVENTS, &stops[k], false);
			play(&s, &cases[i], EVENTS, &stops[k], true);
			check_end(&s.client);
			CHECK(slice_eq(buf_slice(&b.out),
			    jval_raw(s.client.response)));
			end(&b);
			end(&s);
		}
}

/* It may end anywhere, and is never taken for whole. */
static void
cut(void)
{
	struct fail fail = { .kind = FAIL_TRUNCATED, .retry_after_ms = -1,
		.message = SLICE_INIT("cut") };
	struct ir_event failed = { .type = IR_FAIL, .fail = &fail };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t n = 0; n < EVENTS; n++) {
			struct bench b;

			play(&b, &cases[i], n, &failed, true);
			check_end(&b.client);
			CHECK(slice_is(slice_of(b.client.ended),
			    "response.failed"));
			CHECK(slice_is(jval_get_text(jval_get(
			    b.client.response, "error"), "message"), "cut"));
			CHECK(!b.talk.kept_id.len);
			end(&b);
			if (n && cases[i].events[n - 1].type != IR_CLOSE)
				continue;
			play(&b, &cases[i], n, &stops[1], true);
			check_end(&b.client);
			end(&b);
		}
}

static void
failed_first(void)
{
	struct fail fail = { .kind = FAIL_RATE, .retry_after_ms = 1500,
		.message = SLICE_INIT("Rate limit reached.") };
	struct ir_event failed = { .type = IR_FAIL, .fail = &fail };
	struct bench b;
	struct jval error;

	begin(&b, true);
	put(&b, &failed, true);
	check_end(&b.client);
	error = jval_get(b.client.response, "error");
	CHECK(jval_text_is(jval_get(error, "code"), "rate_limit_exceeded"));
	CHECK(jval_text_is(jval_get(error, "message"),
	    "Rate limit reached. Please try again in 1.5s."));
	end(&b);
	begin(&b, false);
	put(&b, &first, false);
	put(&b, &failed, false);
	CHECK(!buf_len(&b.out));
	end(&b);
}

/* Tokens: all numbers or none. */
static void
counted(void)
{
	static const struct ir_event usage = { .type = IR_USAGE,
		.usage = { 10, 4, -1, 5, -1, false } };
	static const struct ir_event ping = { .type = IR_PING };
	static const char all[] = "\"usage\":{\"input_tokens\":10,"
	    "\"input_tokens_details\":{\"cached_tokens\":4,"
	    "\"cache_write_tokens\":0},\"output_tokens\":5,"
	    "\"output_tokens_details\":{\"reasoning_tokens\":0},"
	    "\"total_tokens\":15}";
	struct bench b;

	begin(&b, true);
	put(&b, &ping, true);
	CHECK(!b.client.number);
	put(&b, &first, true);
	put(&b, &usage, true);
	put(&b, &ping, true);
	CHECK(b.client.number == 3);
	put(&b, &stops[1], true);
	CHECK(slice_find(jval_raw(b.client.response), slice_of(all)) !=
	    SIZE_MAX);
	end(&b);
	play(&b, &cases[0], 0, &stops[1], true);
	CHECK(slice_find(jval_raw(b.client.response),
	    SLICE("\"usage\":null")) != SIZE_MAX);
	end(&b);
}

TESTS(
	{ "streamed", streamed },
	{ "whole", whole },
	{ "cut", cut },
	{ "failed first", failed_first },
	{ "counted", counted })
