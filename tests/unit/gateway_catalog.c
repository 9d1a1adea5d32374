/* What models are called, and what requests cost. */
#include "test.h"

#include "gateway/catalog.h"

static const struct price_tier long_context[] = {
	{ 200000, { 6000000, 22500000, 600000, 7500000 } },
	{ 500000, { 8000000, 30000000, 800000, PRICE_UNKNOWN } },
};

static const struct catalog_model sonnet = {
	.price = { 3000000, 15000000, 300000, 3750000 },
	.tiers = long_context, .tier_count = 2,
}, mini = {			/* $0.25, $2, $0.025; writing costs nothing */
	.price = { 250000, 2000000, 25000, PRICE_UNKNOWN },
}, secret = {
	.price = { PRICE_UNKNOWN, PRICE_UNKNOWN, PRICE_UNKNOWN,
	    PRICE_UNKNOWN },
}, embeds = {
	.price = { 20000, PRICE_UNKNOWN, PRICE_UNKNOWN, PRICE_UNKNOWN },
};

static int64_t
cost(const struct catalog_model *m, int64_t in, int64_t read, int64_t write,
    int64_t out)
{
	return catalog_cost(m, &(struct ir_usage){ .in = in, .out = out,
	    .cache_read = read, .cache_write = write, .reasoning = -1 });
}

static void
costs(void)
{
	/* 1000 at $3 and 500 at $15 a million: $0.003 + $0.0075 */
	CHECK(cost(&sonnet, 1000, -1, -1, 500) == 10500000);
	/* 100 at $3, 800 at $0.30, 100 at $3.75; 10 at $15 */
	CHECK(cost(&sonnet, 1000, 800, 100, 10) ==
	    300000 + 240000 + 375000 + 150000);
	/* what writing costs is not known: as the input */
	CHECK(cost(&mini, 1000, 400, 100, 0) ==
	    600 * 250 + 400 * 25);
	/* nanodollars, rounded down: 1 at $0.025 is 25, 1 at $0.02 is 20 */
	CHECK(cost(&mini, 1, 1, -1, 0) == 25);
	CHECK(cost(&embeds, 1, -1, -1, -1) == 20);
	CHECK(cost(&(struct catalog_model){ .price = { 3625, 0, 0, 0 } }, 1,
	    -1, -1, 0) == 3);
	CHECK(cost(&(struct catalog_model){ .price = { 3625, 0, 0, 0 } }, 8,
	    -1, -1, 0) == 29);
}

static void
unknown(void)
{
	CHECK(cost(NULL, 1, -1, -1, 1) == -1);
	CHECK(cost(&sonnet, -1, -1, -1, -1) == -1);
	CHECK(cost(&sonnet, 0, 0, 0, 0) == 0);
	CHECK(cost(&sonnet, 1000, -1, -1, -1) == 3000000);
	CHECK(cost(&sonnet, -1, -1, -1, 1000) == 15000000);
	CHECK(cost(&secret, 1, -1, -1, 0) == -1);
	CHECK(cost(&secret, 0, -1, -1, 1) == -1);
	CHECK(cost(&secret, 0, -1, -1, 0) == 0);
	CHECK(cost(&embeds, 1, -1, -1, 1) == -1);
}

static void
tiers(void)
{
	CHECK(catalog_price(&sonnet, 0)->in == 3000000);
	CHECK(catalog_price(&sonnet, 200000)->in == 3000000);
	CHECK(catalog_price(&sonnet, 200001)->in == 6000000);
	CHECK(catalog_price(&sonnet, 500000)->in == 6000000);
	CHECK(catalog_price(&sonnet, 500001)->in == 8000000);
	/* the whole request is dearer, what it reads from the cache counts */
	CHECK(cost(&sonnet, 200000, 100000, 0, 1000) ==
	    100000LL * 3000 + 100000LL * 300 + 15000000);
	CHECK(cost(&sonnet, 200001, 100000, 0, 1000) ==
	    100001LL * 6000 + 100000LL * 600 + 22500000);
	CHECK(cost(&sonnet, 600000, 0, 100000, 0) ==
	    600000LL * 8000);
}

/* Providers may say anything. */
static void
absurd(void)
{
	static const struct catalog_model dear = {
		.price = { UINT32_MAX - 1, UINT32_MAX - 1, UINT32_MAX - 1,
		    UINT32_MAX - 1 },
	};
	int64_t most = CATALOG_TOKENS_MAX;

	CHECK(cost(&mini, 10, 100, 100, 0) == 10 * 25);
	CHECK(cost(&mini, 10, 6, 100, 0) == 6 * 25 + 4 * 250);
	CHECK(cost(&dear, most, -1, -1, most) ==
	    (most * (UINT32_MAX - 1LL) + most * (UINT32_MAX - 1LL)) / 1000);
	CHECK(cost(&dear, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX) ==
	    cost(&dear, most, -1, -1, most));
	CHECK(cost(&mini, INT64_MIN, INT64_MIN, INT64_MIN, 5) == 10000);
}

TESTS(
	{ "costs", costs },
	{ "unknown", unknown },
	{ "tiers", tiers },
	{ "absurd", absurd })
