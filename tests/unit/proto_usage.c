/*
 * Usage that a provider leaves out: what is estimated, what is believed, and
 * that whoever is told an estimate is told so.
 */
#include "test.h"

#include "json/json.h"
#include "proto/estimate.h"
#include "proto/usage.h"

#define NONE		{ -1, -1, -1, -1, -1, false, -1 }
#define WORDS		"The quick brown fox jumps over the lazy dog. "

struct bench {
	struct sink	 sink;		/* sees what comes out */
	struct arena	 arena, scratch;
	struct ir_request request;
	struct options	 options;
	struct talk	 talk;
	struct sink	*head;
	struct ir_usage	 usage;		/* as a sink would know it at STOP */
	struct ir_usage	 at_stop;
	unsigned	 events, stops;
};

static void
see(struct sink *sink, const struct ir_event *ev)
{
	struct bench *b = (struct bench *)sink;

	b->events++;
	CHECK(!b->stops);
	if (ev->type == IR_BEGIN || ev->type == IR_USAGE)
		ir_usage_merge(&b->usage, &ev->usage);
	if (ev->type == IR_STOP) {
		b->at_stop = b->usage;
		b->stops++;
	}
}

/* A request of a few words; `stream`: its answer comes in pieces. */
static void
bench_init(struct bench *b, bool stream)
{
	struct ir_turn *turn;
	struct ir_block *block;

	*b = (struct bench){ .sink.put = see, .usage = ir_usage_none(),
	    .options = options_default };
	b->talk = (struct talk){ .arena = &b->arena, .scratch = &b->scratch,
	    .request = &b->request, .options = &b->options,
	    .model = SLICE("gpt-5"), .stream = stream };
	turn = ir_turn_add(&b->request, &b->arena, IR_USER);
	CHECK(turn);
	block = ir_block_add(turn, &b->arena, IR_TEXT);
	CHECK(block);
	block->text = SLICE(WORDS WORDS);
	b->head = usage_sink(&b->talk, &b->sink);
}

static void
bench_free(struct bench *b)
{
	arena_reset(&b->arena);
	arena_reset(&b->scratch);
}

static void
put(struct bench *b, struct ir_event ev)
{
	b->head->put(b->head, &ev);
}

static void
say(struct bench *b, const char *text)
{
	put(b, (struct ir_event){ .type = IR_DELTA, .text = slice_of(text) });
}

/* An answer of nine words and what is said of its cost; what it cost. */
static struct ir_usage
answer(struct ir_usage begin, const struct ir_usage *later)
{
	struct bench b;

	bench_init(&b, true);
	put(&b, (struct ir_event){ .type = IR_BEGIN, .usage = begin });
	put(&b, (struct ir_event){ .type = IR_OPEN, .kind = IR_TEXT });
	say(&b, WORDS);
	put(&b, (struct ir_event){ .type = IR_CLOSE });
	if (later)
		put(&b, (struct ir_event){ .type = IR_USAGE,
		    .usage = *later });
	put(&b, (struct ir_event){ .type = IR_STOP });
	CHECK(b.stops == 1);
	bench_free(&b);
	return b.at_stop;
}

static bool
near(int64_t n, int64_t want)
{
	return n * 4 >= want * 3 && n * 4 <= want * 5;
}

static void
unsaid(void)
{
	struct ir_usage none = NONE, got = answer(none, NULL);

	CHECK(got.estimated);
	CHECK(near(got.in, 27) && near(got.out, 10));
	CHECK(got.cache_read == -1 && got.cache_write == -1 &&
	    got.reasoning == -1);
}

static void
said(void)
{
	struct ir_usage none = NONE, all = { 5, 1, 2, 3, 1, false, -1 };
	struct ir_usage begun = { 5, 1, 2, 1, -1, false, -1 };
	struct ir_usage ended = { 5, 1, 2, 3, 1, false, -1 };
	struct ir_usage got = answer(none, &all);

	CHECK(!got.estimated && got.in == 5 && got.out == 3);
	got = answer(begun, &ended);
	CHECK(!got.estimated && got.in == 5 && got.out == 3);
}

/* What was said stays; the count at the beginning of an answer is not its
 * end's. */
static void
half_said(void)
{
	struct ir_usage none = NONE, begun = { 500, 100, 2, 1, -1, false, -1 };
	struct ir_usage only_in = { 500, 7, -1, -1, -1, false, -1 };
	struct ir_usage only_out = { -1, -1, -1, 300, -1, false, -1 };
	struct ir_usage hidden = { 500, -1, -1, -1, 90, false, -1 };
	struct ir_usage got = answer(begun, NULL);

	CHECK(got.estimated && got.in == 500 && got.cache_read == 100);
	CHECK(near(got.out, 10));
	got = answer(none, &only_in);
	CHECK(got.estimated && got.in == 500 && got.cache_read == 7);
	CHECK(near(got.out, 10));
	got = answer(none, &only_out);
	CHECK(got.estimated && near(got.in, 27) && got.out == 300);
	got = answer(none, &hidden);
	CHECK(got.estimated && got.out == 90 && got.reasoning == 90);
}

/* Nobody answers a request of nothing, or with words that are nothing. */
static void
zeros(void)
{
	struct ir_usage none = NONE, zero = { 0, 0, 0, 0, 0, false, -1 };
	struct ir_usage got = answer(none, &zero);
	struct bench b;

	CHECK(got.estimated && near(got.in, 27) && near(got.out, 10));
	bench_init(&b, true);
	put(&b, (struct ir_event){ .type = IR_BEGIN, .usage = none });
	put(&b, (struct ir_event){ .type = IR_USAGE,
	    .usage = { 9, 0, 0, 0, 0, false, -1 } });
	put(&b, (struct ir_event){ .type = IR_STOP });
	CHECK(!b.at_stop.estimated && b.at_stop.out == 0);
	bench_free(&b);
}

/* What says nothing changes nothing. */
static void
merges(void)
{
	struct ir_usage usage = ir_usage_none(), none = ir_usage_none();
	struct ir_usage told = { 5, 1, 2, 3, 1, false, -1 };

	ir_usage_merge(&usage, &told);
	usage.estimated = true;
	ir_usage_merge(&usage, &none);
	CHECK(usage.estimated && usage.in == 5 && usage.out == 3);
	ir_usage_merge(&usage, &told);
	CHECK(!usage.estimated);
}

static void
failed(void)
{
	struct bench b;
	struct fail fail = { .kind = FAIL_SERVER };

	bench_init(&b, true);
	put(&b, (struct ir_event){ .type = IR_BEGIN,
	    .usage = ir_usage_none() });
	put(&b, (struct ir_event){ .type = IR_FAIL, .fail = &fail });
	CHECK(b.events == 2 && b.usage.in == -1 && b.usage.out == -1);
	bench_free(&b);
}

static void
turned_off(void)
{
	struct bench b;

	bench_init(&b, true);
	b.options.estimate_usage = false;
	CHECK(usage_sink(&b.talk, &b.sink) == &b.sink);
	bench_free(&b);
}

/* However it comes, a long answer costs about what its text costs. */
static void
long_answers(void)
{
	static const char *const pieces[] = {
		"{\\\"path\\\":\\\"src/", "a word", " and another one, ",
		"x == y ? 1 : 2;\\n", " 1,234.5 ", "\xe4\xbd\xa0\xe5\xa5\xbd",
	};
	enum { KINDS = sizeof pieces / sizeof *pieces, ROUNDS = 400 };
	struct ir_usage got[2];
	struct tally all = { 0 };
	struct ir_usage none = NONE;
	uint64_t want;

	for (unsigned stream = 0; stream < 2; stream++) {
		struct bench b;

		bench_init(&b, stream);
		put(&b, (struct ir_event){ .type = IR_BEGIN, .usage = none });
		for (unsigned i = 0; i < ROUNDS * KINDS; i++) {
			const char *piece = pieces[i * 7 / 3 % KINDS];

			say(&b, piece);
			if (!stream)
				estimate_add(&all, slice_of(piece));
		}
		put(&b, (struct ir_event){ .type = IR_STOP });
		got[stream] = b.at_stop;
		bench_free(&b);
	}
	want = (all.plain + all.foreign) / 50;
	for (unsigned stream = 0; stream < 2; stream++)
		CHECK(got[stream].out * 10 >= (int64_t)want * 9 &&
		    got[stream].out * 10 <= (int64_t)want * 11);
}

static void
calls(void)
{
	struct ir_usage none = NONE;
	int64_t before = 0;

	for (unsigned n = 0; n < 3; n++) {
		struct bench b;

		bench_init(&b, true);
		put(&b, (struct ir_event){ .type = IR_BEGIN, .usage = none });
		for (unsigned i = 0; i < n; i++) {
			put(&b, (struct ir_event){ .type = IR_OPEN,
			    .kind = IR_CALL, .name = SLICE("read_file") });
			say(&b, "{\\\"path\\\":\\\"a.c\\\"}");
			put(&b, (struct ir_event){ .type = IR_CLOSE });
		}
		put(&b, (struct ir_event){ .type = IR_STOP });
		CHECK(n ? b.at_stop.out > before + 6 : !b.at_stop.out);
		before = b.at_stop.out;
		bench_free(&b);
	}
}

/* A request that was only passed on is read when it must be. */
static void
passed_on(void)
{
	static const char text[] = "{\"model\":\"gpt-5\",\"messages\":["
	    "{\"role\":\"user\",\"content\":\"" WORDS WORDS "\"}]}";
	struct ir_request stub = { .include_usage = true };
	struct bench b;
	struct json doc;
	struct json_fault fault;
	uint64_t tokens;

	bench_init(&b, true);
	tokens = usage_input(&b.talk);
	CHECK(near((int64_t)tokens, 27));
	CHECK(json_parse(&doc, &b.arena, slice_of(text), 0, &fault));
	b.talk.client = &protocol_chat;
	for (unsigned i = 0; i < 2; i++) {
		b.talk.request = i ? &stub : NULL;
		b.talk.body = (struct jval){ 0 };
		b.talk.input_estimate = 0;
		CHECK(usage_input(&b.talk) == 0);
		b.talk.body = json_root(&doc);
		CHECK(usage_input(&b.talk) == tokens);
		CHECK(b.talk.input_estimate == tokens);
		CHECK(b.talk.request == (i ? &stub : NULL));
	}
	/* one that cannot be read says nothing, and leaves no trace */
	CHECK(json_parse(&doc, &b.arena, SLICE("{\"model\":1}"), 0, &fault));
	b.talk.body = json_root(&doc);
	b.talk.input_estimate = 0;
	CHECK(usage_input(&b.talk) == 0);
	CHECK(b.talk.fail.kind == FAIL_NONE && !b.talk.losses.count);
	bench_free(&b);
}

static void
sums(void)
{
	static const struct {
		const char	*a, *b, *sum;
	} cases[] = {
		{ "", "", "" },
		{ "{\"x\":1}", "", "{\"x\":1}" },
		{ "", "{\"x\": 1}", "{\"x\": 1}" },
		{ "{\"x\":1}", "{\"x\":41}", "{\"x\":42}" },
		{ "{\"x\":1,\"y\":2}", "{\"y\":3,\"z\":4}",
		    "{\"x\":1,\"y\":5,\"z\":4}" },
		{ "{\"x\":null}", "{\"x\":3}", "{\"x\":3}" },
		{ "{\"x\":3}", "{\"x\":null}", "{\"x\":3}" },
		{ "{\"x\":\"a\"}", "{\"x\":3}", "{\"x\":\"a\"}" },
		{ "{}", "{\"x\":{\"y\":1}}", "{\"x\":{\"y\":1}}" },
		{ "{\"x\":1}", "{}", "{\"x\":1}" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena arena = { 0 };
		struct slice sum = usage_add_tools(&arena,
		    slice_of(cases[i].a), slice_of(cases[i].b));

		CHECK_BYTES(sum.ptr, sum.len, cases[i].sum,
		    strlen(cases[i].sum));
		arena_reset(&arena);
	}
}

TESTS(
	{ "usage that is not said is estimated", unsaid },
	{ "usage that is said is believed", said },
	{ "only what is missing is estimated", half_said },
	{ "nothing is no usage where there is something", zeros },
	{ "what is said later", merges },
	{ "a failure costs nothing that is known", failed },
	{ "it can be turned off", turned_off },
	{ "long answers", long_answers },
	{ "calls", calls },
	{ "a request that was passed on", passed_on },
	{ "sums of tools", sums })
