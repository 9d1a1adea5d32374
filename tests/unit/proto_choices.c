/*
 * Several answers told as one: whatever the order in which their events come,
 * each choice is told as if it were alone, and what is said once is said once.
 */
#include "test.h"

#include "answer.h"
#include "json/json.h"
#include "proto/choices.h"

#define EV(type, rest) \
	"event: " type "\ndata: {\"type\":\"" type "\"" rest "}\n\n"
#define START(in, cached) \
	EV("message_start", ",\"message\":{\"id\":\"msg_1\",\"model\":\"m\"," \
	"\"usage\":{\"input_tokens\":" in ",\"cache_read_input_tokens\":" \
	cached ",\"output_tokens\":1,\"service_tier\":\"standard\"}}")
#define OPEN(index, block) \
	EV("content_block_start", ",\"index\":" index \
	",\"content_block\":{" block "}")
#define DELTA(index, delta) \
	EV("content_block_delta", ",\"index\":" index ",\"delta\":{" delta "}")
#define CLOSE(index)	EV("content_block_stop", ",\"index\":" index)
#define SAY(text)	DELTA("0", "\"type\":\"text_delta\",\"text\":\"" \
	text "\"")
#define END(reason, out) \
	EV("message_delta", ",\"delta\":{\"stop_reason\":\"" reason \
	"\"},\"usage\":{\"output_tokens\":" out "}") EV("message_stop", "")
#define SEARCHED(n) \
	",\"server_tool_use\":{\"web_search_requests\":" n "}"

enum { ANSWERS = 3, ROUNDS = 200 };

static const char *const texts[ANSWERS] = {
	START("5", "3") OPEN("0", "\"type\":\"text\",\"text\":\"\"")
	SAY("One") SAY(" and") SAY(" only") CLOSE("0")
	END("end_turn", "7" SEARCHED("1")),

	START("5", "0")
	OPEN("0", "\"type\":\"thinking\",\"thinking\":\"\"")
	DELTA("0", "\"type\":\"thinking_delta\",\"thinking\":\"Hm\"")
	DELTA("0", "\"type\":\"signature_delta\",\"signature\":\"S\"")
	CLOSE("0")
	OPEN("1", "\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"f\","
	"\"input\":{}")
	DELTA("1", "\"type\":\"input_json_delta\",\"partial_json\":\"{}\"")
	CLOSE("1") END("tool_use", "20"),

	START("6", "1") OPEN("0", "\"type\":\"text\",\"text\":\"\"")
	SAY("Cut") CLOSE("0") END("max_tokens", "1" SEARCHED("2")),
};

/* Three answers whose sinks write one. */
struct choir {
	struct arena	 arena;
	struct choices	 choices;
	struct buf	 merged;
	struct ir_request request;
	struct options	 options;
	struct answer	 answers[ANSWERS];
	struct slice	 left[ANSWERS];	/* of their text */
	size_t		 count;
};

static void
choir_init(struct choir *c, size_t from, size_t count, bool whole)
{
	*c = (struct choir){ .request.include_usage = true,
	    .options = options_default, .count = count };
	c->options.usage_ext = true;
	CHECK(choices_init(&c->choices, &c->arena, (unsigned)count,
	    &c->merged));
	for (size_t i = 0; i < count; i++) {
		struct answer *a = &c->answers[i];

		answer_init(a, &protocol_messages, NULL, whole);
		a->talk.client = &protocol_chat;
		a->talk.request = &c->request;
		a->talk.choices = &c->choices;
		a->talk.options = &c->options;
		a->talk.choice = (unsigned)(from + i);
		a->dump.sink.next = whole
		    ? protocol_chat.sink_whole(&a->talk, &a->out)
		    : protocol_chat.sink_stream(&a->talk, &c->merged);
		c->left[i] = slice_of(texts[from + i]);
	}
}

static void
choir_free(struct choir *c)
{
	for (size_t i = 0; i < c->count; i++)
		answer_free(&c->answers[i]);
	buf_free(&c->merged);
	arena_reset(&c->arena);
}

/* The next event of that answer, if there is one. */
static bool
sing(struct choir *c, size_t i)
{
	size_t end = slice_find(c->left[i], SLICE("\n\n"));

	if (end == SIZE_MAX)
		return false;
	answer_feed(&c->answers[i], slice_sub(c->left[i], 0, end + 2));
	c->left[i] = slice_skip(c->left[i], end + 2);
	return true;
}

/* All of it, in an order that `seed` decides. */
static void
sing_all(struct choir *c, uint32_t seed)
{
	size_t going = c->count;

	while (going) {
		size_t i;

		seed = seed * 1664525 + 1013904223;
		i = (seed >> 16) % c->count;
		going = 0;
		if (!sing(c, i))
			while (i < c->count * 2 && !sing(c, i % c->count))
				i++;
		for (i = 0; i < c->count; i++)
			going += c->left[i].len > 0;
	}
	for (size_t i = 0; i < c->count; i++) {
		CHECK(!referee_verdict(&c->answers[i].referee));
		CHECK(!c->answers[i].arena.failed);
	}
	CHECK(!c->merged.failed);
}

/* The chunks of choice `index`, and of no choice for -1. */
static void
chunks_of(struct slice all, int index, struct buf *out)
{
	char mark[40];
	size_t end;

	if (index < 0)
		snprintf(mark, sizeof mark, "\"choices\":[]");
	else
		snprintf(mark, sizeof mark, "\"choices\":[{\"index\":%d,",
		    index);
	for (; (end = slice_find(all, SLICE("\n\n"))) != SIZE_MAX;
	    all = slice_skip(all, end + 2))
		if (slice_find(slice_sub(all, 0, end), slice_of(mark)) !=
		    SIZE_MAX)
			buf_append(out, slice_sub(all, 0, end + 2));
}

static void
same_chunks(struct slice merged, size_t index)
{
	struct buf alone = { 0 }, among = { 0 };
	struct choir c;

	choir_init(&c, index, 1, false);
	sing_all(&c, 0);
	chunks_of(buf_slice(&c.merged), (int)index, &alone);
	chunks_of(merged, (int)index, &among);
	CHECK(buf_len(&alone) > 0);
	CHECK_BYTES(buf_slice(&among).ptr, buf_len(&among),
	    buf_slice(&alone).ptr, buf_len(&alone));
	buf_free(&alone);
	buf_free(&among);
	choir_free(&c);
}

#define SUM "\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":28," \
	"\"total_tokens\":48,\"prompt_tokens_details\":{\"cached_tokens\":4"

/* Streams come interleaved in any way. */
static void
streams(void)
{
	for (uint32_t seed = 1; seed <= ROUNDS; seed++) {
		struct buf once = { 0 };
		struct choir c;
		struct slice all;

		choir_init(&c, 0, ANSWERS, false);
		sing_all(&c, seed);
		all = buf_slice(&c.merged);
		for (size_t i = 0; i < ANSWERS; i++)
			same_chunks(all, i);
		chunks_of(all, -1, &once);
		CHECK(slice_find(buf_slice(&once), SLICE(SUM)) != SIZE_MAX);
		CHECK(slice_find(buf_slice(&once), SLICE(SEARCHED("3"))) !=
		    SIZE_MAX);
		/* once, and last of all */
		buf_text(&once, "data: [DONE]\n\n");
		CHECK(slice_ends(all, buf_slice(&once)));
		CHECK(slice_find(all, SLICE("[DONE]")) == all.len - 8);
		buf_free(&once);
		choir_free(&c);
	}
}

/* A choice of a whole answer, as it stands in the body. */
static struct slice
choice_at(struct arena *arena, struct slice body, size_t n)
{
	struct json doc;
	struct json_fault fault;
	struct jval choice;

	CHECK(json_parse(&doc, arena, body, 0, &fault));
	choice = jval_first(jval_get(json_root(&doc), "choices"));
	while (n--)
		choice = jval_next(choice);
	CHECK(!jval_at_end(choice));
	return jval_raw(choice);
}

/* Whole answers stand in the order of their index, whichever comes first. */
static void
wholes(void)
{
	for (uint32_t seed = 1; seed <= ROUNDS; seed++) {
		struct arena arena = { 0 };
		struct choir c;
		struct slice all;

		choir_init(&c, 0, ANSWERS, true);
		sing_all(&c, seed);
		all = buf_slice(&c.merged);
		CHECK(slice_find(all, SLICE(SUM)) != SIZE_MAX);
		CHECK(slice_find(all, SLICE(SEARCHED("3"))) != SIZE_MAX);
		CHECK(slice_starts(all,
		    SLICE("{\"id\":\"chatcmpl-req_test\"")));
		CHECK(slice_find(all, SLICE("\"service_tier\":\"default\"")) !=
		    SIZE_MAX);
		for (size_t i = 0; i < ANSWERS; i++) {
			struct slice is = choice_at(&arena, all, i), want;
			struct choir alone;

			choir_init(&alone, i, 1, true);
			/* where told[] has one place, it must be the first */
			alone.answers[0].talk.choice = 0;
			sing_all(&alone, 0);
			want = choice_at(&arena, buf_slice(&alone.merged), 0);
			want = slice_skip(want, 10);
			CHECK(is.ptr[9] == '0' + (char)i);
			is = slice_skip(is, 10);
			CHECK_BYTES(is.ptr, is.len, want.ptr, want.len);
			choir_free(&alone);
		}
		choir_free(&c);
		arena_reset(&arena);
	}
}

/* The end is not told while one of them goes on. */
static void
unfinished(void)
{
	for (int whole = 0; whole < 2; whole++) {
		struct choir c;

		choir_init(&c, 0, ANSWERS, whole);
		while (sing(&c, 0) || sing(&c, 2))
			;
		CHECK(slice_find(buf_slice(&c.merged), SLICE("[DONE]")) ==
		    SIZE_MAX);
		CHECK(slice_find(buf_slice(&c.merged), SLICE(SUM)) ==
		    SIZE_MAX);
		CHECK(!whole || !buf_len(&c.merged));
		choir_free(&c);
	}
}

static void
sums(void)
{
	struct ir_usage sum = ir_usage_none(), none = ir_usage_none();
	struct ir_usage some = { 1, -1, 2, 3, -1, false, -1 };

	ir_usage_add(&sum, &none);
	CHECK(sum.in == -1 && sum.out == -1 && !sum.estimated);
	ir_usage_add(&sum, &some);
	ir_usage_add(&sum, &none);
	some.estimated = true;
	ir_usage_add(&sum, &some);
	CHECK(sum.in == 2 && sum.out == 6 && sum.cache_write == 4);
	CHECK(sum.cache_read == -1 && sum.reasoning == -1 && sum.estimated);
}

static void
plans(void)
{
	static const struct {
		const char	*n;
		unsigned	 most, answers;	/* 0: refused */
		const char	*why;
	} rows[] = {
		{ "", 8, 1, NULL }, { "1", 8, 1, NULL }, { "1", 1, 1, NULL },
		{ "2", 8, 2, NULL }, { "8.0", 8, 8, NULL },
		{ "9", 8, 0, "at most 8" }, { "1e9", 8, 0, "at most 8" },
		{ "2", 1, 0, "n must be 1" }, { "2", 0, 0, "n must be 1" },
		{ "0", 8, 0, "from 1" }, { "-1", 8, 0, "from 1" },
		{ "1.5", 8, 0, "from 1" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct options options = { .n_max = rows[i].most };
		struct arena arena = { 0 };
		struct talk talk = { .arena = &arena, .options = &options };
		bool fine = choices_plan(&talk, slice_of(rows[i].n));

		CHECK(fine == (rows[i].answers > 0));
		CHECK(!fine || talk.answers == rows[i].answers);
		CHECK(fine || (talk.fail.kind == FAIL_UNSUPPORTED &&
		    slice_is(talk.fail.param, "n") && slice_find(
		    talk.fail.message, slice_of(rows[i].why)) != SIZE_MAX));
		arena_reset(&arena);
	}
}

TESTS(
	{ "how often to ask", plans },
	{ "sums", sums },
	{ "streams in any order", streams },
	{ "whole answers in any order", wholes },
	{ "unfinished", unfinished })
