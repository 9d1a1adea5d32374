/* Usage is found in answers that nobody reads, wherever they are cut. */
#include "test.h"

#include "gateway/spent.h"

static struct ir_usage
look(struct slice text, size_t cut)
{
	struct spent s = { 0 };
	struct arena arena = { 0 };
	struct ir_usage usage;

	spent_feed(&s, slice_sub(text, 0, cut));
	spent_feed(&s, slice_skip(text, cut));
	usage = spent_usage(&s, &arena);
	arena_reset(&arena);
	return usage;
}

static void
check(struct slice text, int64_t in, int64_t out)
{
	for (size_t cut = 0; cut <= text.len; cut++) {
		struct ir_usage usage = look(text, cut);

		CHECK(usage.in == in && usage.out == out);
		CHECK(!usage.estimated);
	}
}

static void
anywhere(void)
{
	check(SLICE("{\"data\":[{\"embedding\":[0.1,-2e5]}],\"model\":\"m\","
	    "\"usage\":{\"prompt_tokens\":7,\"total_tokens\":7}}"), 7, -1);
	check(SLICE("{ \"usage\" : { \"input_tokens\": 5, \"output_tokens\": "
	    "9, \"input_tokens_details\": {\"cached_tokens\": 2} }, "
	    "\"data\": [\"}\"] }\n"), 5, 9);
	check(SLICE("{\"usage\":{\"total_tokens\":4}}"), 4, -1);
	check(SLICE("{\"usageMetadata\":{\"promptTokenCount\":3,"
	    "\"candidatesTokenCount\":1}}"), 3, 1);
}

/* Of a stream the last that is told counts. */
static void
streamed(void)
{
	check(SLICE("data: {\"text\":\"a\",\"usage\":null}\n\n: ping\n\n"
	    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,"
	    "\"completion_tokens\":1}}\n\ndata: {\"choices\":[],\"usage\":"
	    "{\"prompt_tokens\":1,\"completion_tokens\":6}}\n\n"
	    "data: [DONE]\n\n"), 1, 6);
}

/* What stands in texts, deeper down, or is a value, is no usage. */
static void
elsewhere(void)
{
	check(SLICE("{\"text\":\"\\\"usage\\\":{\\\"prompt_tokens\\\":9}\"}"),
	    -1, -1);
	check(SLICE("{\"a\":{\"usage\":{\"prompt_tokens\":9}}}"), -1, -1);
	check(SLICE("[{\"usage\":{\"prompt_tokens\":9}}]"), -1, -1);
	check(SLICE("{\"a\":\"usage\",\"b\":{\"prompt_tokens\":9}}"), -1, -1);
	check(SLICE("{\"usage\":[{\"prompt_tokens\":9}]}"), -1, -1);
	check(SLICE("{\"usage\":{\"prompt_tokens\":-9}}"), -1, -1);
	check(SLICE("{\"usage\":{\"prompt_tokens\":9"), -1, -1);
	check(SLICE("{\"usage\":{\"prompt_tokens\" 9}}"), -1, -1);
	check(SLICE("no JSON, \"usage\":{\"prompt_tokens\":9}"), -1, -1);
}

/* A usage that is longer than any is let go, and nothing behind it is lost. */
static void
too_long(void)
{
	struct spent s = { 0 };
	struct arena arena = { 0 };

	spent_feed(&s, SLICE("{\"usage\":{\"x\":\""));
	for (int i = 0; i < SPENT_MAX; i++)
		spent_feed(&s, SLICE("xx"));
	spent_feed(&s, SLICE("\"}}\n"));
	CHECK(spent_usage(&s, &arena).in == -1);
	spent_feed(&s, SLICE("{\"usage\":{\"prompt_tokens\":2}}"));
	CHECK(spent_usage(&s, &arena).in == 2);
	arena_reset(&arena);
}

TESTS(
	{ "anywhere", anywhere },
	{ "streamed", streamed },
	{ "elsewhere", elsewhere },
	{ "too long", too_long })
