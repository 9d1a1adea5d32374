/*
 * What is only carried keeps its bytes: schemas and arguments, whatever is in
 * them, from one protocol to the other and back; and what was sent once is the
 * beginning of what is sent later.  Providers' prompt caches live on it.
 */
#include "test.h"

#include "json_random.h"
#include "json/text.h"
#include "json/write.h"
#include "proto/gather.h"
#include "proto/proto.h"

enum { TIMES = 400, DEPTH = 4, MESSAGES = 14 };

struct way {
	struct arena	 arena, scratch;
	struct talk	 talk;
	struct buf	 out;
};

static const char *model = "claude-opus-4-8";

static void
way_init(struct way *w, const struct protocol *client,
    const struct protocol *provider)
{
	*w = (struct way){ 0 };
	w->talk = (struct talk){
		.arena = &w->arena, .scratch = &w->scratch,
		.client = client, .provider = provider,
		.model = slice_of(model), .request_id = SLICE("req_test"),
	};
	quirks_find(&w->talk.quirks, provider == &protocol_messages ?
	    DIALECT_ANTHROPIC : DIALECT_OPENAI, w->talk.model);
}

static void
way_free(struct way *w)
{
	buf_free(&w->out);
	arena_reset(&w->arena);
	arena_reset(&w->scratch);
}

static struct jval
parse(struct way *w, struct slice text)
{
	struct json *doc = arena_alloc(&w->arena, sizeof *doc);
	struct json_fault fault;
	bool fine = doc && json_parse(doc, &w->arena,
	    arena_dup(&w->arena, text), 0, &fault);

	if (!fine)
		printf("%.*s\n", SLICE_FMT(text));
	CHECK(fine);
	return json_root(doc);
}

/* The request as the provider gets it. */
static struct jval
translate(struct way *w, struct slice body)
{
	CHECK(w->talk.client->decode(&w->talk, parse(w, body)));
	CHECK(w->talk.provider->encode(&w->talk, &w->out));
	return parse(w, buf_slice(&w->out));
}

/* ---- random trees ---- */

static void
put_odd_number(struct buf *b)
{
	static const char *const odd[] = {
		"1e400", "1.0", "-0", "12345678901234567890", "0.1e-999",
		"1E+2", "-0.0", "100000000000000000000000000000000000000.50",
	};

	buf_text(b, odd[random_below(sizeof odd / sizeof *odd)]);
}

/* An object with what parsers like to spoil: the same key twice, order. */
static void
put_object(struct buf *b, const char *begin)
{
	unsigned n = random_below(6);

	buf_byte(b, '{');
	buf_text(b, begin);
	buf_fmt(b, "%s\"z\":", *begin ? "," : "");
	put_odd_number(b);
	for (unsigned i = 0; i < n; i++) {
		buf_byte(b, ',');
		random_blanks(b);
		if (random_below(3))
			random_string(b);
		else
			buf_text(b, "\"a\"");
		buf_byte(b, ':');
		random_value(b, DEPTH);
	}
	buf_text(b, ",\"\\u0061\":{\"a\":1,\"a\":2}}");
}

/* As it must arrive: no white space, no half of a surrogate pair. */
static struct slice
wanted(struct way *w, const struct buf *raw)
{
	struct buf out = { 0 };
	struct writer writer = { .out = &out };

	write_min(&writer, buf_slice(raw));
	return text_mend(&w->arena, gather(&w->arena, &out));
}

static void
check_same(struct slice got, struct slice want)
{
	CHECK_BYTES(got.ptr, got.len, want.ptr, want.len);
}

/* ---- requests ---- */

static struct jval
first(struct jval list)
{
	return jval_first(list);
}

/* The first tool's schema and the first call's arguments. */
static void
check_messages(struct way *w, struct jval body, struct slice schema,
    struct slice args)
{
	struct jval turn = jval_next(first(jval_get(body, "messages")));

	(void)w;
	check_same(jval_raw(jval_get(first(jval_get(body, "tools")),
	    "input_schema")), schema);
	check_same(jval_raw(jval_get(first(jval_get(turn, "content")),
	    "input")), args);
}

static void
check_chat(struct way *w, struct jval body, struct slice schema,
    struct slice args)
{
	struct jval turn = jval_next(first(jval_get(body, "messages")));
	struct jval call = first(jval_get(turn, "tool_calls"));

	check_same(jval_raw(jval_get2(first(jval_get(body, "tools")),
	    "function", "parameters")), schema);
	check_same(text_unescape(&w->arena, jval_text(jval_get2(call,
	    "function", "arguments"))), args);
}

/* Chat to Messages and back to Chat. */
static void
requests_from_chat(void)
{
	random_start();
	for (unsigned i = 0; i < TIMES; i++) {
		struct buf schema = { 0 }, args = { 0 }, body = { 0 };
		struct way there, back;
		struct slice s, a;

		way_init(&there, &protocol_chat, &protocol_messages);
		way_init(&back, &protocol_messages, &protocol_chat);
		put_object(&schema, "\"type\":\"object\"");
		put_object(&args, "");
		s = wanted(&there, &schema);
		a = wanted(&there, &args);
		buf_fmt(&body, "{\"model\":\"m\",\"tools\":[{\"type\":"
		    "\"function\",\"function\":{\"name\":\"f\",\"parameters\":"
		    "%.*s}}],\"messages\":[{\"role\":\"user\",\"content\":"
		    "\"u\"},{\"role\":\"assistant\",\"tool_calls\":[{\"id\":"
		    "\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\","
		    "\"arguments\":\"%.*s\"}}]},{\"role\":\"tool\","
		    "\"tool_call_id\":\"c\",\"content\":\"r\"}]}",
		    SLICE_FMT(buf_slice(&schema)),
		    SLICE_FMT(text_escape(&there.arena, buf_slice(&args))));
		check_messages(&there, translate(&there, buf_slice(&body)),
		    s, a);
		check_chat(&back, translate(&back, buf_slice(&there.out)),
		    s, a);
		way_free(&there);
		way_free(&back);
		buf_free(&schema);
		buf_free(&args);
		buf_free(&body);
	}
}

/* Messages to Chat and back to Messages. */
static void
requests_from_messages(void)
{
	random_start();
	for (unsigned i = 0; i < TIMES; i++) {
		struct buf schema = { 0 }, args = { 0 }, body = { 0 };
		struct way there, back;
		struct slice s, a;

		way_init(&there, &protocol_messages, &protocol_chat);
		way_init(&back, &protocol_chat, &protocol_messages);
		put_object(&schema, "\"type\":\"object\"");
		put_object(&args, "");
		s = wanted(&there, &schema);
		a = wanted(&there, &args);
		buf_fmt(&body, "{\"model\":\"m\",\"max_tokens\":9,\"tools\":[{"
		    "\"name\":\"f\",\"input_schema\":%.*s}],\"messages\":[{"
		    "\"role\":\"user\",\"content\":\"u\"},{\"role\":"
		    "\"assistant\",\"content\":[{\"type\":\"tool_use\","
		    "\"id\":\"toolu_1\",\"name\":\"f\",\"input\":%.*s}]},{"
		    "\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
		    "\"tool_use_id\":\"toolu_1\",\"content\":\"r\"}]}]}",
		    SLICE_FMT(buf_slice(&schema)),
		    SLICE_FMT(buf_slice(&args)));
		check_chat(&there, translate(&there, buf_slice(&body)), s, a);
		check_messages(&back, translate(&back,
		    buf_slice(&there.out)), s, a);
		way_free(&there);
		way_free(&back);
		buf_free(&schema);
		buf_free(&args);
		buf_free(&body);
	}
}

/* ---- answers ---- */

static struct jval
tell(struct way *w, struct slice answer)
{
	struct sink *sink = w->talk.client->sink_whole(&w->talk, &w->out);
	struct source *source;

	CHECK(sink != NULL);
	source = w->talk.provider->source(&w->talk, sink);
	CHECK(source != NULL);
	source->whole(source, answer);
	CHECK(source->done);
	return parse(w, buf_slice(&w->out));
}

/* Arguments of a whole answer, to Chat and back to Messages. */
static void
answers(void)
{
	random_start();
	for (unsigned i = 0; i < TIMES; i++) {
		struct buf args = { 0 }, body = { 0 };
		struct way there, back;
		struct jval said;
		struct slice a;

		way_init(&there, &protocol_chat, &protocol_messages);
		way_init(&back, &protocol_messages, &protocol_chat);
		put_object(&args, "");
		a = wanted(&there, &args);
		buf_fmt(&body, "{\"type\":\"message\",\"id\":\"msg_1\","
		    "\"content\":[{\"type\":\"tool_use\",\"id\":\"toolu_1\","
		    "\"name\":\"f\",\"input\":%.*s}],\"stop_reason\":"
		    "\"tool_use\"}", SLICE_FMT(buf_slice(&args)));
		said = jval_get(first(jval_get(tell(&there,
		    buf_slice(&body)), "choices")), "message");
		check_same(text_unescape(&there.arena, jval_text(jval_get2(
		    first(jval_get(said, "tool_calls")), "function",
		    "arguments"))), a);
		said = tell(&back, buf_slice(&there.out));
		check_same(jval_raw(jval_get(first(jval_get(said, "content")),
		    "input")), a);
		way_free(&there);
		way_free(&back);
		buf_free(&args);
		buf_free(&body);
	}
}

/* ---- conversations ---- */

static unsigned marks;			/* in this one */

static void
put_content(struct buf *b)
{
	if (random_below(2)) {
		random_string(b);
		return;
	}
	buf_text(b, "[{\"type\":\"text\",\"text\":\"p\"},{\"type\":\"text\","
	    "\"text\":");
	random_string(b);
	if (marks < 3 && random_below(4) == 0 && ++marks)
		buf_text(b, ",\"cache_control\":{\"type\":\"ephemeral\"}");
	buf_text(b, "}]");
}

static void
put_round(struct buf *b, unsigned id)
{
	unsigned n = 1 + random_below(3);

	buf_text(b, ",{\"role\":\"assistant\",\"content\":");
	random_string(b);
	buf_text(b, ",\"tool_calls\":[");
	for (unsigned i = 0; i < n; i++)
		buf_fmt(b, "%s{\"id\":\"c%u.%u\",\"type\":\"function\","
		    "\"function\":{\"name\":\"f\",\"arguments\":\"%s\"}}",
		    i ? "," : "", id, i, random_below(2) ? "{\\\"a\\\": 1.0}" :
		    "");
	buf_text(b, "]}");
	for (unsigned i = n; i-- > 0;) {
		buf_fmt(b, ",{\"role\":\"tool\",\"tool_call_id\":\"c%u.%u\","
		    "\"content\":", id, i);
		put_content(b);
		buf_byte(b, '}');
	}
}

/*
 * The answer to the request before, and what is said to it: a request may be
 * sent behind it.
 */
static void
put_step(struct buf *b, unsigned i)
{
	bool called = random_below(2);

	if (called) {
		put_round(b, i);
	} else {
		buf_text(b, ",{\"role\":\"assistant\",\"content\":\"a");
		random_text(b);
		buf_text(b, "\"}");
	}
	if (random_below(3) == 0)
		buf_text(b, ",{\"role\":\"system\",\"content\":\"S\"}");
	if (!called || random_below(2)) {
		buf_text(b, ",{\"role\":\"user\",\"content\":");
		put_content(b);
		buf_text(b, "},{\"role\":\"user\",\"content\":\"q\"}");
	}
	if (random_below(3) == 0)
		buf_text(b, ",{\"role\":\"developer\",\"content\":\"D\"}");
}

static void
converse(void)
{
	struct buf said = { 0 }, before = { 0 };

	marks = 0;
	for (unsigned i = 0; i < MESSAGES; i++) {
		struct buf body = { 0 };
		struct slice want, got;
		struct way w;

		way_init(&w, &protocol_chat, &protocol_messages);
		put_step(&said, i);
		buf_fmt(&body, "{\"model\":\"m\",\"prompt_cache_key\":\"k\","
		    "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
		    "\"f\"}}],\"messages\":[{\"role\":\"system\",\"content\":"
		    "\"Be.\"},{\"role\":\"user\",\"content\":\"u\"}%.*s]}",
		    SLICE_FMT(buf_slice(&said)));
		(void)translate(&w, buf_slice(&body));
		/* what the automatic mark says is none of the prompt */
		got = buf_slice(&w.out);
		got = slice_skip(got, slice_find(got, SLICE("\"tools\"")));
		/* without the brackets that close its last turn */
		want = buf_slice(&before);
		want.len -= want.len ? sizeof "]}]}" - 1 : 0;
		if (!slice_starts(got, want))
			printf("%.*s\nthen\n%.*s\n", SLICE_FMT(want),
			    SLICE_FMT(got));
		CHECK(slice_starts(got, want));
		buf_clear(&before);
		buf_append(&before, got);
		way_free(&w);
		buf_free(&body);
	}
	buf_free(&said);
	buf_free(&before);
}

/* The request of each turn begins like the one of the turn before. */
static void
prefixes(void)
{
	static const char *const models[] = {
		"claude-opus-4-8", "claude-opus-4-5", "claude-sonnet-5",
		"claude-opus-5-5",
	};

	random_start();
	for (unsigned i = 0; i < TIMES; i++) {
		model = models[i % 4];
		converse();
	}
	model = models[0];
}

TESTS(
	{ "requests from Chat", requests_from_chat },
	{ "requests from Messages", requests_from_messages },
	{ "answers", answers },
	{ "prefixes", prefixes })
