/*
 * Chat requests for Messages providers: what holds whatever the conversation
 * is.  What single members become is told by the golden cases.
 */
#include "test.h"

#include "messages_rules.h"
#include "proto/chat/chat.h"
#include "proto/messages/messages.h"

/* One translation and all it leaves behind; `finish` gives it back. */
struct trip {
	struct arena	 arena, scratch;
	struct talk	 talk;
	struct buf	 out;
	bool		 fine;
};

static void
translate_with(struct trip *t, const struct options *options,
    const char *model, struct slice body)
{
	struct json *doc;
	struct json_fault fault;

	*t = (struct trip){ 0 };
	t->talk.provider = &protocol_messages;
	t->talk.options = options;
	t->talk.arena = &t->arena;
	t->talk.scratch = &t->scratch;
	t->talk.model = slice_of(model);
	quirks_find(&t->talk.quirks, DIALECT_ANTHROPIC, t->talk.model);
	doc = arena_alloc(&t->arena, sizeof *doc);
	CHECK(doc && json_parse(doc, &t->arena, body, 0, &fault));
	t->fine = chat_decode(&t->talk, json_root(doc)) &&
	    messages_encode(&t->talk, &t->out);
	CHECK(t->fine == (t->talk.fail.kind == FAIL_NONE));
}

static void
translate(struct trip *t, const char *model, struct slice body)
{
	translate_with(t, NULL, model, body);
}

static void
finish(struct trip *t)
{
	buf_free(&t->out);
	arena_reset(&t->arena);
	arena_reset(&t->scratch);
}

static void
check_rules(struct trip *t)
{
	struct json doc;
	struct json_fault fault;
	const char *broken;

	CHECK(json_parse(&doc, &t->arena, buf_slice(&t->out), 0, &fault));
	broken = messages_broken_rule(json_root(&doc), &t->talk.quirks);
	if (broken)
		printf("%.*s: %s\n%.*s\n", SLICE_FMT(t->talk.model), broken,
		    SLICE_FMT(buf_slice(&t->out)));
	CHECK(!broken);
}

/* --- conversations without sense ------------------------------------------ */

static uint32_t state = 1;

static uint32_t
pick(uint32_t n)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % n;
}

static const char *
one_of(const char *const *list, uint32_t n)
{
	return list[pick(n)];
}

#define ONE_OF(...) one_of((const char *const[]){ __VA_ARGS__ }, \
	sizeof (const char *const[]){ __VA_ARGS__ } / sizeof(char *))

static const char *
any_text(void)
{
	return ONE_OF("\"a\"", "\"\"", "\" \\n\"", "\"\\u00e4\\ud83d\"",
	    "null", "[]", "[{\"type\":\"text\",\"text\":\"p\"}]",
	    "[{\"type\":\"text\",\"text\":\"p\",\"cache_control\":{\"type\":"
	    "\"ephemeral\"}},{\"type\":\"text\",\"text\":\" \","
	    "\"prompt_cache_breakpoint\":{\"ttl\":\"12h\"}}]");
}

static const char *
any_id(void)
{
	return ONE_OF("a", "b", "c", "", "f.x:0", "a_2", "\\u0061");
}

static void
put_calls(struct buf *out)
{
	uint32_t n = pick(3);

	buf_text(out, ",\"tool_calls\":[");
	for (uint32_t i = 0; i <= n; i++)
		buf_fmt(out, "%s{\"id\":\"%s\",\"function\":{\"name\":\"%s\","
		    "\"arguments\":%s}}", i ? "," : "", any_id(),
		    ONE_OF("f", "g", "ns.h"),
		    ONE_OF("\"{}\"", "\"\"", "\"[1]\"", "\"{\\\"a\\\":\"",
		    "{\"a\":1}", "null"));
	buf_byte(out, ']');
}

static void
put_thinking(struct buf *out)
{
	buf_fmt(out, ",\"reasoning_details\":[{\"type\":\"reasoning.text\","
	    "\"text\":\"t\",\"signature\":\"%s\",\"index\":%u,"
	    "\"gw_text_offset\":%u,\"gw_tool_offset\":%u},{\"type\":"
	    "\"reasoning.encrypted\",\"data\":\"d\",\"index\":%u}]",
	    ONE_OF("s", "", "gw1.x.r.00000000."), pick(4), pick(3), pick(3),
	    pick(4));
}

static void
put_message(struct buf *out)
{
	const char *role = ONE_OF("user", "user", "assistant", "assistant",
	    "tool", "tool", "tool", "system", "developer", "function");
	bool result = *role == 't' || *role == 'f';

	buf_fmt(out, "{\"role\":\"%s\",\"content\":%s", role,
	    *role == 's' || *role == 'd' ? ONE_OF("\"s\"", "\"\"") :
	    any_text());
	if (result && pick(8))
		buf_fmt(out, ",\"tool_call_id\":\"%s\"", any_id());
	if (*role == 'f')
		buf_text(out, ",\"name\":\"g\"");
	if (*role == 'a' && pick(2))
		put_calls(out);
	if (*role == 'a' && !pick(3))
		put_thinking(out);
	buf_byte(out, '}');
}

static void
put_request(struct buf *out)
{
	uint32_t n = pick(12);

	buf_text(out, "{\"model\":\"m\",\"messages\":[");
	for (uint32_t i = 0; i <= n; i++) {
		if (i)
			buf_byte(out, ',');
		put_message(out);
	}
	buf_byte(out, ']');
	if (pick(2))
		buf_text(out, ",\"tools\":[{\"function\":{\"name\":\"f\"}},"
		    "{\"function\":{\"name\":\"ns.h\"},\"cache_control\":"
		    "{\"type\":\"ephemeral\"}}]");
	if (!pick(3))
		buf_fmt(out, ",\"tool_choice\":%s", ONE_OF("\"required\"",
		    "\"none\"", "\"auto\"", "{\"type\":\"allowed_tools\","
		    "\"mode\":\"required\",\"tools\":[{\"type\":\"function\","
		    "\"name\":\"f\"}]}"));
	if (!pick(3))
		buf_fmt(out, ",\"reasoning_effort\":\"%s\"", ONE_OF("none",
		    "low", "max"));
	if (!pick(4))
		buf_fmt(out, ",\"max_tokens\":%u,\"temperature\":0.5",
		    1 + pick(5000));
	if (!pick(4))
		buf_text(out, ",\"prompt_cache_key\":\"k\"");
	if (!pick(4))
		buf_text(out, ",\"parallel_tool_calls\":false");
	buf_byte(out, '}');
}

static const char *const models[] = {
	"claude-opus-5-5", "claude-sonnet-5-5", "claude-opus-5",
	"claude-sonnet-5", "claude-opus-4-8", "claude-sonnet-4-6",
	"claude-opus-4-5", "claude-sonnet-4-5", "claude-3-5-haiku",
	"claude-fable-5",
};

enum { MODELS = sizeof models / sizeof *models, ROUNDS = 4000 };

static void
rules_hold(void)
{
	for (uint32_t i = 0; i < ROUNDS; i++) {
		struct buf body = { 0 };
		struct trip t;

		put_request(&body);
		translate(&t, models[i % MODELS], buf_slice(&body));
		if (t.fine)
			check_rules(&t);
		else		/* the one thing here that may be refused */
			CHECK(slice_is(t.talk.fail.param, "tool_choice"));
		finish(&t);
		buf_free(&body);
	}
}

/* Encoding changes nothing that a second encoding, for another model, sees. */
static void
tree_survives(void)
{
	for (uint32_t i = 0; i < ROUNDS / 4; i++) {
		struct buf body = { 0 }, again = { 0 };
		struct trip first, other;

		put_request(&body);
		translate(&first, models[i % MODELS], buf_slice(&body));
		translate(&other, models[(i + 1) % MODELS],
		    buf_slice(&body));
		if (first.fine && other.fine) {
			first.talk.model = other.talk.model;
			first.talk.quirks = other.talk.quirks;
			CHECK(messages_encode(&first.talk, &again));
			CHECK_BYTES(again.data, buf_len(&again),
			    other.out.data, buf_len(&other.out));
		}
		finish(&first);
		finish(&other);
		buf_free(&again);
		buf_free(&body);
	}
}

/* --- conversations that go on --------------------------------------------- */

static const char *const talk_so_far[] = {
	"{\"role\":\"system\",\"content\":\"S\"}",
	"{\"role\":\"user\",\"content\":\"one\"}",
	"{\"role\":\"assistant\",\"content\":\"B\",\"tool_calls\":[{\"id\":"
	    "\"x.1\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}},"
	    "{\"id\":\"x.2\",\"function\":{\"name\":\"f\",\"arguments\":"
	    "\"oops\"}}],\"reasoning_details\":[{\"type\":\"reasoning.text\","
	    "\"text\":\"t\",\"signature\":\"s\",\"index\":0}]}",
	"{\"role\":\"tool\",\"tool_call_id\":\"x.2\",\"content\":\"2\"}",
	"{\"role\":\"tool\",\"tool_call_id\":\"x.1\",\"content\":\"\"}",
	"{\"role\":\"user\",\"content\":\"and\"}",
	"{\"role\":\"developer\",\"content\":\"D\"}",
	"{\"role\":\"assistant\",\"content\":\"C\"}",
	"{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":"
	    "{\"url\":\"data:image/png;base64,iVBORw0K\"}}]}",
	"{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":"
	    "\"x.1\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}",
	"{\"role\":\"tool\",\"tool_call_id\":\"x.1\",\"content\":\"3\"}",
	"{\"role\":\"assistant\",\"content\":\"E\"}",
	"{\"role\":\"system\",\"content\":\"F\"}",
	"{\"role\":\"assistant\",\"content\":\"G\"}",
	"{\"role\":\"user\",\"content\":\"H\"}",
};

static void
put_first(struct buf *out, size_t n)
{
	buf_text(out, "{\"model\":\"m\",\"max_tokens\":50,\"tools\":[{"
	    "\"function\":{\"name\":\"f\"}}],\"reasoning_effort\":\"low\","
	    "\"messages\":[");
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_byte(out, ',');
		buf_text(out, talk_so_far[i]);
	}
	buf_text(out, "]}");
}

/* From "messages" on, if the thinking before it depends on the history. */
static struct slice
stable_part(const struct trip *t)
{
	struct slice out = buf_slice(&t->out);

	return t->talk.quirks.bound_thinking ?
	    slice_skip(out, slice_find(out, SLICE("\"messages\""))) : out;
}

/* Providers' caches live on this: a longer one begins like the shorter. */
static void
prefix_is_stable(void)
{
	static const size_t stops[] = { 2, 7, 9, 11, 13, 15 };

	for (size_t m = 0; m < MODELS; m++) {
		struct buf last = { 0 };

		for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
			struct buf body = { 0 };
			struct slice head;
			struct trip t;

			put_first(&body, stops[i]);
			translate(&t, models[m], buf_slice(&body));
			CHECK(t.fine);
			/* without the brackets that close it */
			head = slice_sub(buf_slice(&last), 0,
			    buf_len(&last) > 2 ? buf_len(&last) - 2 : 0);
			CHECK(slice_starts(stable_part(&t), head));
			buf_clear(&last);
			buf_append(&last, stable_part(&t));
			finish(&t);
			buf_free(&body);
		}
		buf_free(&last);
	}
}

/* --- what the gateway must do besides ------------------------------------- */

static void
beside_the_body(void)
{
	struct trip t;

	translate(&t, "claude-opus-5-5", SLICE("{\"model\":\"m\",\"messages\":["
	    "{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\","
	    "\"content\":\"b\",\"thinking_blocks\":[{\"type\":\"thinking\","
	    "\"thinking\":\"\",\"signature\":\"s\"}]},{\"role\":\"user\","
	    "\"content\":\"c\"}]}"));
	CHECK(slice_is(t.talk.beta, "thinking-binding-controls-2026-08-01"));
	CHECK(!t.talk.unfence);
	finish(&t);
	translate(&t, "claude-opus-5-5", SLICE("{\"model\":\"m\",\"stream\":"
	    "true,\"response_format\":{\"type\":\"json_object\"},"
	    "\"functions\":[{\"name\":\"a.b\",\"parameters\":{\"type\":"
	    "\"string\"}}],\"messages\":[{\"role\":\"user\",\"content\":"
	    "\"a\"}]}"));
	CHECK(t.talk.unfence && t.talk.stream && !t.talk.beta.len);
	CHECK(t.talk.request->legacy_functions);
	CHECK(t.talk.request->tools->wrapped);
	CHECK(slice_starts(t.talk.request->tools->sent_name, SLICE("a_b_")));
	finish(&t);
}

/* --- hostile requests: time grows with the bytes, not with their square --- */

enum { MANY = 50000 };

static void
translate_many(const char *head, const char *item, const char *tail)
{
	struct buf body = { 0 };
	struct trip t;

	buf_text(&body, head);
	for (unsigned i = 0; i < MANY; i++) {
		if (i)
			buf_byte(&body, ',');
		buf_text(&body, item);
	}
	buf_text(&body, tail);
	translate(&t, "claude-opus-4-8", buf_slice(&body));
	CHECK(t.fine);
	finish(&t);
	buf_free(&body);
}

#define ASK "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":" \
	"\"a\"},"

static void
many_of_a_kind(void)
{
	translate_many(ASK "{\"role\":\"assistant\",\"tool_calls\":[",
	    "{\"id\":\"a\",\"function\":{\"name\":\"f\"}}", "]}]}");
	translate_many(ASK, "{\"role\":\"tool\",\"content\":\"b\"}", "]}");
	translate_many(ASK, "{\"role\":\"system\",\"content\":\"b\"}", "]}");
	translate_many(ASK "{\"role\":\"tool\",\"content\":[",
	    "{\"type\":\"text\",\"text\":\"b\"}", "]}]}");
	translate_many(ASK "{\"role\":\"assistant\",\"content\":\"b\","
	    "\"reasoning_details\":[", "{\"type\":\"reasoning.text\",\"text\":"
	    "\"t\",\"signature\":\"s\",\"index\":1}", "]}]}");
	translate_many(ASK "{\"role\":\"assistant\",\"content\":\"b\","
	    "\"thinking_blocks\":[", "{\"type\":\"thinking\",\"thinking\":"
	    "\"t\",\"signature\":\"s\"}", "]}]}");
	translate_many("{\"model\":\"m\",\"stop\":[", "\"a\"",
	    "],\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}");
	translate_many(ASK "{\"role\":\"user\",\"content\":[",
	    "{\"type\":\"text\",\"text\":\"b\",\"cache_control\":{\"type\":"
	    "\"ephemeral\"}}", "]}]}");
}

/* --- betas ---------------------------------------------------------------- */

#define TOOL "\"tools\":[{\"type\":\"function\",\"function\":{" \
	"\"name\":\"f\"}}],"
#define BEGIN "{\"model\":\"m\",\"reasoning_effort\":\"high\"," \
	"\"betas\":[\"one\",\"t:w\\r\\no\",\"two\",3],"
#define HELLO "\"messages\":[{\"role\":\"user\",\"content\":\"u\"}]}"
#define THOUGHT "\"messages\":[{\"role\":\"user\",\"content\":\"u\"}," \
	"{\"role\":\"assistant\",\"content\":\"a\",\"thinking_blocks\":[" \
	"{\"type\":\"thinking\",\"thinking\":\"t\",\"signature\":\"s\"}]}," \
	"{\"role\":\"user\",\"content\":\"u\"}]}"
#define BETWEEN "interleaved-thinking-2025-05-14"
#define BOUND "thinking-binding-controls-2026-08-01"

/* What the body needs said in a header, and nothing else. */
static void
betas(void)
{
	static const struct {
		const char	*model, *body, *want;
		bool		 interleaved, own;
	} cases[] = {
		{ "claude-sonnet-4-5", BEGIN TOOL HELLO, "", false, false },
		{ "claude-sonnet-4-5", BEGIN TOOL HELLO, BETWEEN, true, false },
		{ "claude-sonnet-4-5", BEGIN HELLO, "", true, false },
		{ "claude-opus-4-8", BEGIN TOOL HELLO, "", true, false },
		{ "claude-opus-4-8", BEGIN HELLO, "one,two", false, true },
		{ "claude-sonnet-4-5", BEGIN TOOL HELLO, BETWEEN ",one,two",
		    true, true },
		{ "claude-opus-5-5", BEGIN THOUGHT, BOUND, false, false },
		{ "claude-opus-5-5", BEGIN HELLO, "", false, false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct options options = options_default;
		struct slice want = slice_of(cases[i].want);
		struct trip t;

		options.interleaved = cases[i].interleaved;
		options.anthropic_top = cases[i].own;
		translate_with(&t, &options, cases[i].model,
		    slice_of(cases[i].body));
		CHECK(t.fine);
		CHECK_BYTES(t.talk.beta.ptr, t.talk.beta.len, want.ptr,
		    want.len);
		finish(&t);
	}
}

TESTS(
	{ "betas", betas },
	{ "rules hold", rules_hold },
	{ "the tree survives", tree_survives },
	{ "the prefix is stable", prefix_is_stable },
	{ "beside the body", beside_the_body },
	{ "many of a kind", many_of_a_kind })
