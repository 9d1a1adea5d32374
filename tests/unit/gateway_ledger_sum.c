/* Sums of the ledger: by one thing or several, within a bound. */
#include "test.h"

#include "gateway/ledger_sum.h"

static struct ledger_line
line_of(const char *provider, const char *model, const char *key, int64_t n)
{
	return (struct ledger_line){
		.unix_ms = n * 86400000, .provider = slice_of(provider),
		.target = slice_of(model), .model = SLICE("asked"),
		.key = slice_of(key), .status = 200, .in = n, .out = 2 * n,
		.cached = -1, .cost_nano = 10 * n,
	};
}

static void
by_model(void)
{
	struct ledger_sum s = { .by[SUM_MODEL] = true };
	struct ledger_line a = line_of("openai", "gpt-5", "k", 1);
	struct ledger_line b = line_of("xai", "grok-4", "k", 5);
	struct ledger_line none = line_of(NULL, NULL, "k", 0);

	none.status = 404;
	none.cost_nano = -1;
	ledger_sum_add(&s, &a);
	ledger_sum_add(&s, &b);
	ledger_sum_add(&s, &a);
	ledger_sum_add(&s, &none);
	ledger_sum_sort(&s);
	CHECK(s.count == 3 && !s.failed);
	/* the dearest first */
	CHECK(slice_is(s.groups[0].names[SUM_MODEL], "xai/grok-4"));
	CHECK(slice_is(s.groups[1].names[SUM_MODEL], "openai/gpt-5"));
	CHECK(slice_is(s.groups[2].names[SUM_MODEL], "asked"));
	CHECK(!s.groups[0].names[SUM_KEY].ptr);
	CHECK(s.groups[1].counts.requests == 2 && s.groups[1].counts.in == 2);
	CHECK(s.groups[1].counts.out == 4 && !s.groups[1].counts.cached);
	CHECK(s.groups[1].counts.cost_nano == 20);
	CHECK(s.groups[2].counts.errors == 1 &&
	    s.groups[2].counts.unpriced == 1);
	CHECK(s.total.requests == 4 && s.total.cost_nano == 70);
	ledger_sum_free(&s);
	ledger_sum_free(&s);
}

/* Days stand in the order of time; names that are alike stay apart. */
static void
by_several(void)
{
	struct ledger_sum s = { .by = { [SUM_DAY] = true, [SUM_KEY] = true,
	    [SUM_PROVIDER] = true } };
	struct ledger_line lines[] = {
		line_of("b", "x", "a", 2), line_of("a", "x", "b", 2),
		line_of("ab", "x", "", 1), line_of("ab", "x", NULL, 1),
		line_of("b", "y", "a", 2),
	};

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		ledger_sum_add(&s, &lines[i]);
	ledger_sum_sort(&s);
	CHECK(s.count == 4);
	CHECK(slice_is(s.groups[0].names[SUM_DAY], "1970-01-02"));
	CHECK(slice_is(s.groups[1].names[SUM_DAY], "1970-01-02"));
	CHECK(slice_is(s.groups[2].names[SUM_KEY], "a"));
	CHECK(s.groups[2].counts.requests == 2);
	CHECK(slice_is(s.groups[3].names[SUM_KEY], "b"));
	ledger_sum_free(&s);
}

static void
bounded(void)
{
	struct ledger_sum s = { .by[SUM_KEY] = true };
	uint64_t requests = 0;

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < SUM_GROUPS + 1000; i++) {
			char key[16];
			struct ledger_line line;

			snprintf(key, sizeof key, "%d", i);
			line = line_of("p", "m", key, 1);
			ledger_sum_add(&s, &line);
		}
	}
	CHECK(s.count == SUM_GROUPS + 1 && !s.failed);
	ledger_sum_sort(&s);
	for (size_t i = 0; i < s.count; i++) {
		const struct sum_group *g = &s.groups[i];

		CHECK(g->others == (i == s.count - 1));
		CHECK(g->counts.requests == (g->others ? 2000 : 2));
		requests += g->counts.requests;
	}
	CHECK(requests == s.total.requests);
	ledger_sum_free(&s);
}

static void
written(void)
{
	static const char want[] = "[{\"key\":\"a\\\"\",\"requests\":1,"
	    "\"errors\":0,\"tokens_in\":3,\"tokens_cached\":0,"
	    "\"tokens_cache_written\":0,\"tokens_out\":6,"
	    "\"tokens_reasoning\":0,\"estimated\":0,\"unpriced\":0,"
	    "\"cost_nano_usd\":30,\"cost_usd\":\"0.00000003\"},"
	    "{\"key\":\"(others)\",\"requests\":7,\"errors\":0,"
	    "\"tokens_in\":0,\"tokens_cached\":0,"
	    "\"tokens_cache_written\":0,\"tokens_out\":0,"
	    "\"tokens_reasoning\":0,\"estimated\":0,\"unpriced\":0,"
	    "\"cost_nano_usd\":1000000000,\"cost_usd\":\"1.00\"}]";
	struct ledger_sum s = { .by[SUM_KEY] = true };
	struct ledger_line line = line_of("p", "m", "a\\\"", 3);
	struct sum_counts more = { .requests = 7, .cost_nano = 1000000000 };
	struct buf out = { 0 };
	struct writer w = { .out = &out };

	ledger_sum_add(&s, &line);
	ledger_sum_merge(&s, NULL, &more);
	ledger_sum_sort(&s);
	sum_write_groups(&w, &s);
	CHECK_BYTES(out.data + out.start, buf_len(&out), want,
	    sizeof want - 1);
	buf_free(&out);
	ledger_sum_free(&s);
}

TESTS(
	{ "by model", by_model },
	{ "by several", by_several },
	{ "bounded", bounded },
	{ "written", written })
