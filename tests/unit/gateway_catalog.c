/* What models are called, what requests cost, and the operator's word on it. */
#include "gateway_config.h"

static const struct price_tier long_context[] = {
	{ 200000, { 6000000, 22500000, 600000, 7500000, 12000000 } },
	{ 500000, { 8000000, 30000000, 800000, PRICE_UNKNOWN,
	    PRICE_UNKNOWN } },
};

static const struct catalog_model sonnet = {
	.price = { 3000000, 15000000, 300000, 3750000, 6000000 },
	.tiers = long_context, .tier_count = 2,
}, mini = {			/* $0.25, $2, $0.025; writing costs nothing */
	.price = { 250000, 2000000, 25000, PRICE_UNKNOWN, PRICE_UNKNOWN },
}, secret = {
	.price = { PRICE_UNKNOWN, PRICE_UNKNOWN, PRICE_UNKNOWN,
	    PRICE_UNKNOWN, PRICE_UNKNOWN },
}, embeds = {
	.price = { 20000, PRICE_UNKNOWN, PRICE_UNKNOWN, PRICE_UNKNOWN,
	    PRICE_UNKNOWN },
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
	CHECK(cost(&(struct catalog_model){ .price = { 3625, 0, 0, 0, 0 } }, 1,
	    -1, -1, 0) == 3);
	CHECK(cost(&(struct catalog_model){ .price = { 3625, 0, 0, 0, 0 } }, 8,
	    -1, -1, 0) == 29);
}

/* What is written for an hour costs more than what is for minutes. */
static void
hours(void)
{
	struct ir_usage u = { .in = 1000, .cache_read = 100,
	    .cache_write = 500, .cache_write_long = 200, .out = 0 };

	/* 400 at $3, 100 at $0.30, 300 at $3.75, 200 at $6 */
	CHECK(catalog_cost(&sonnet, &u) == 1200000 + 30000 + 1125000 +
	    1200000);
	CHECK(catalog_cost(&mini, &u) == 900 * 250 + 100 * 25);
	u.cache_write_long = -1;
	CHECK(catalog_cost(&sonnet, &u) == 1200000 + 30000 + 1875000);
	u.cache_write_long = 800;	/* more than all that is written */
	CHECK(catalog_cost(&sonnet, &u) == 1200000 + 30000 + 3000000);
	/* what longer costs is not known: as the shortest */
	CHECK(catalog_cost(&(struct catalog_model){ .price = { 1000, 0, 0,
	    2000, PRICE_UNKNOWN } }, &u) == (400 + 500 * 2));
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
		    UINT32_MAX - 1, UINT32_MAX - 1 },
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

static void
dollars(void)
{
	static const struct {
		const char	*text;
		uint32_t	 want;
		const char	*back;
	} good[] = {
		{ "0", 0, "0" }, { "2", 2000000, "2" },
		{ "0.25", 250000, "0.25" }, { "0.000001", 1, "0.000001" },
		{ "10.50", 10500000, "10.5" }, { "0.003625", 3625,
		    "0.003625" }, { "4293.999999", 4293999999, "4293.999999" },
	};
	static const char *const bad[] = {
		"", ".", "1.", ".5", "-1", "+1", "1e2", "0.0000001", "4295",
		"4294.967295", "99999999999999999999", "1.2.3", " 1", "0x1",
	};
	char back[CATALOG_DOLLARS];
	uint32_t got = 7;

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		CHECK(catalog_dollars(slice_of(good[i].text), &got));
		CHECK(got == good[i].want);
		catalog_dollars_text(got, back);
		CHECK(!strcmp(back, good[i].back));
	}
	got = 7;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!catalog_dollars(slice_of(bad[i]), &got) && got == 7);
	catalog_dollars_text(UINT32_MAX, back);
	CHECK(!strcmp(back, "4294.967295"));
}

/* ---- the table ---- */

static void
row_is_sane(const struct catalog_model *m)
{
	CHECK(catalog_preset(slice_of(m->preset)));
	CHECK(*m->id && *m->display && strlen(m->id) <= 100);
	CHECK(m->as_of > 20000 && m->input < 32 && m->output < 32);
	CHECK(!m->max_output || m->max_output <= m->context);
	CHECK(!m->retired || m->retired > m->released);
	CHECK(m->tier_count <= CATALOG_TIERS_MAX);
	/* reading a cache costs no more, and longer input no less */
	if (m->price.cached != PRICE_UNKNOWN)
		CHECK(m->price.cached <= m->price.in);
	for (unsigned i = 0; i < m->tier_count; i++) {
		CHECK(m->tiers[i].above > (i ? m->tiers[i - 1].above : 0));
		CHECK(m->tiers[i].above < m->context);
		CHECK(m->tiers[i].price.in >= (i ? m->tiers[i - 1].price.in
		    : m->price.in));
	}
}

static void
table(void)
{
	static struct catalog_model models[1000];
	struct catalog_walk walk = { 0 };
	size_t n = 0, priced = 0;

	for (; catalog_next(&walk, &models[n]); n++) {
		CHECK(n < sizeof models / sizeof *models);
		row_is_sane(&models[n]);
		priced += models[n].price.in != PRICE_UNKNOWN;
		for (size_t k = 0; k < n; k++)
			CHECK(strcmp(models[n].preset, models[k].preset) ||
			    !catalog_same_name(slice_of(models[n].id),
			    slice_of(models[k].id)));
	}
	CHECK(!catalog_next(&walk, &models[n]));
	CHECK(n >= 120);
	CHECK(priced >= 120);
	CHECK(!catalog_preset(SLICE("")));
	CHECK(catalog_same_name(SLICE("A.b-1"), SLICE("a-B.1")));
	CHECK(!catalog_same_name(SLICE("a"), SLICE("ab")));
}

/* Every provider of the table, by its key in the environment. */
static void
load_all(struct loaded *l, const char *text)
{
	clearenv();
	load(l, text);
	CHECK_BYTES(l->problem.text, strlen(l->problem.text), "", 0);
	CHECK(l->good);
}

static const char everything[] = "{ \"providers\": {"
    " \"openai\": { \"key\": \"k\" }, \"anthropic\": { \"key\": \"k\" },"
    " \"gemini\": { \"key\": \"k\" }, \"xai\": { \"key\": \"k\" },"
    " \"groq\": { \"key\": \"k\" }, \"cerebras\": { \"key\": \"k\" },"
    " \"fireworks\": { \"key\": \"k\" },"
    " \"eu\": { \"preset\": \"openai\", \"key\": \"k\" } } }";

static const struct catalog_model *
row_of(const struct loaded *l, const char *p, const char *model)
{
	return catalog_of(&l->config, p ? provider(l, p) : NULL,
	    slice_of(model));
}

/* What a name leads to: "provider id sent+suffix". */
static void
names(void)
{
	static const struct {
		const char	*name, *want;
	} rows[] = {
		{ "claude-sonnet-4.5", "anthropic claude-sonnet-4-5 "
		    "claude-sonnet-4-5+" },
		{ "claude-sonnet-4-5-20250929", "anthropic claude-sonnet-4-5 "
		    "claude-sonnet-4-5+-20250929" },
		/* a name that the provider does not know */
		{ "claude-4-5-sonnet", "anthropic claude-sonnet-4-5 "
		    "claude-sonnet-4-5+" },
		{ "Claude-4.5-Sonnet-20250929", "anthropic claude-sonnet-4-5 "
		    "claude-sonnet-4-5+-20250929" },
		{ "claude-opus-4-20250514", "anthropic claude-opus-4-0 "
		    "claude-opus-4+-20250514" },
		{ "claude-opus-4", "anthropic claude-opus-4-0 "
		    "claude-opus-4-0+" },
		{ "claude-3-7-sonnet-20250219", "anthropic "
		    "claude-3-7-sonnet-latest claude-3-7-sonnet+-20250219" },
		/* and one that it knows */
		{ "gemini-flash-latest", "gemini gemini-3.8-flash "
		    "gemini-flash-latest+" },
		{ "grok-4.20", "xai grok-4.20-0309-reasoning grok-4.20+" },
		{ "gpt-4o-2024-08-06", "openai gpt-4o gpt-4o+-2024-08-06" },
		/* the first provider that has it; ids before other names */
		{ "openai/gpt-oss-120b", "groq openai/gpt-oss-120b "
		    "openai/gpt-oss-120b+" },
		{ "gpt-oss-120b", "cerebras gpt-oss-120b gpt-oss-120b+" },
		{ "gpt-4o-2024-0806", "" }, { "gpt-4o-19990806", "" },
		{ "gpt-4o-", "" }, { "-latest", "" }, { "", "" },
		{ "20250101", "" }, { "-20250101", "" },
	};
	struct loaded l;
	char longest[300];
	struct slice suffix;

	load_all(&l, everything);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct catalog_name *n = catalog_find(&l.config, NULL,
		    slice_of(rows[i].name), &suffix);
		char got[200] = "";

		if (n)
			snprintf(got, sizeof got, "%.*s %s %.*s+%.*s",
			    SLICE_FMT(n->provider->name), n->row->id,
			    SLICE_FMT(n->sent), SLICE_FMT(suffix));
		CHECK_BYTES(got, strlen(got), rows[i].want,
		    strlen(rows[i].want));
	}
	for (size_t n = 0; n < sizeof longest; n++) {
		longest[n] = 'a';
		CHECK(!catalog_find(&l.config, NULL, (struct slice){ longest,
		    n }, &suffix));
	}
	CHECK(row_of(&l, "fireworks", "gpt-oss-120b") !=
	    row_of(&l, "cerebras", "gpt-oss-120b"));
	CHECK(row_of(&l, "eu", "gpt-5") == row_of(&l, "openai", "gpt-5"));
	CHECK(!row_of(&l, "xai", "gpt-5") && !row_of(&l, NULL, "kimi-k3-x"));
	unload(&l);
}

/* Hand-computed: the price lists of several vendors. */
static void
list_prices(void)
{
	static const struct {
		const char	*provider, *model;
		int64_t		 in, read, write, out, want;
	} rows[] = {
		/* $3 + $15 a million */
		{ "anthropic", "claude-sonnet-4-5", 1000, 0, 0, 1000,
		    3000000 + 15000000 },
		/* 100 new, 10000 read at a tenth, 2000 written at 1.25 */
		{ "anthropic", "claude-opus-4-5", 12100, 10000, 2000, 50,
		    500000 + 5000000 + 12500000 + 1250000 },
		/* a short one, and a long one: five times as much */
		{ "anthropic", "claude-haiku-5-5", 100000, -1, -1, 100,
		    10000000 + 50000 },
		{ "anthropic", "claude-haiku-5-5", 100001, -1, -1, 100,
		    50000500 + 250000 },
		/* $1.25, $0.125, $10 */
		{ "openai", "gpt-5", 2000, 1500, -1, 300,
		    625000 + 187500 + 3000000 },
		{ "openai", "gpt-5.4", 300000, 0, 0, 1000,
		    1500000000 + 22500000 },
		/* above 200k all of it costs $2.50 and $15 */
		{ "gemini", "gemini-2.5-pro", 200000, 0, 0, 10,
		    250000000 + 100000 },
		{ "gemini", "gemini-2.5-pro", 200001, 1, 0, 10,
		    500000000 + 250 + 150000 },
		{ "xai", "grok-4.7", 1000, 0, 0, 1000, 2000000 + 6000000 },
		{ "groq", "llama-3.1-8b-instant", 1000, -1, -1, 1000,
		    50000 + 80000 },
		{ "openai", "text-embedding-3-small", 1000, -1, -1, -1,
		    20000 },
		{ "openai", "gpt-6", 1000, -1, -1, 10, -1 },
	};
	struct loaded l;

	load_all(&l, everything);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		CHECK(cost(row_of(&l, rows[i].provider, rows[i].model),
		    rows[i].in, rows[i].read, rows[i].write, rows[i].out) ==
		    rows[i].want);
	unload(&l);
}

/* ---- the configuration ---- */

static void
overrides(void)
{
	struct loaded l;
	const struct catalog_model *m, *other;

	load_all(&l, "{ \"providers\": { \"openai\": { \"key\": \"k\" },"
	    " \"eu\": { \"preset\": \"openai\", \"key\": \"k\" },"
	    " \"local\": { \"chat\": \"http://h/v1\" } },"
	    " \"models\": { \"mine\": { \"targets\": [\"eu/gpt-5.4\"] } },"
	    " \"catalog\": {"
	    " \"eu/gpt-5.4\": { \"price\": { \"in\": 2.75, \"cached\": 0.2 },"
	    " \"tiers\": [], \"also\": [\"house\"] },"
	    " \"openai/gpt-5\": { \"context\": 1000, \"reasons\": false },"
	    " \"local/qwen3\": { \"name\": \"Qwen\", \"context\": 32768,"
	    " \"max_output\": 8192, \"input\": [\"text\", \"image\"],"
	    " \"price\": { \"in\": 0.25, \"out\": 2, \"cached\": 0.025 },"
	    " \"tiers\": [ { \"above\": 16000, \"price\": { \"in\": 0.5,"
	    " \"out\": 4 } } ], \"protocols\": [\"chat\"],"
	    " \"released\": \"2026-03-01\", \"retired\": \"2027-03-01\" } } }");
	m = row_of(&l, "eu", "gpt-5.4");
	other = row_of(&l, "openai", "gpt-5.4");
	CHECK(m != other && m->price.in == 2750000 && m->price.cached ==
	    200000 && m->price.out == other->price.out && !m->tier_count);
	CHECK(other->price.in == 2500000 && other->tier_count == 1);
	CHECK(!m->as_of && other->as_of && m->context == other->context);
	CHECK(row_of(&l, NULL, "house") == m);
	CHECK(row_of(&l, "eu", "house-20260101") == m);
	CHECK(l.config.models->targets[0].target.row == m);
	/* a single figure leaves the others alone */
	m = row_of(&l, "openai", "gpt-5-2025-08-07");
	CHECK(m->context == 1000 && !m->reasons && m->price.in == 1250000);
	CHECK(row_of(&l, "eu", "gpt-5")->context == 400000);
	m = row_of(&l, "local", "QWEN3");
	CHECK(!m->preset && m->context == 32768 && m->max_output == 8192);
	CHECK(m->input == (MODALITY_TEXT | MODALITY_IMAGE) && !m->output);
	CHECK(m->protocols == 1u << PROTO_CHAT && m->tier_count == 1);
	CHECK(m->released == 20513 && m->retired == 20878);
	CHECK(!strcmp(m->display, "Qwen"));
	CHECK(cost(m, 16000, 8000, -1, 100) == 2000000 + 200000 + 200000);
	/* a tier that does not say what reading costs: as its input */
	CHECK(cost(m, 20000, 8000, -1, 100) == 10000000 + 400000);
	unload(&l);
}

/* The file says `catalog`, in its second line. */
static void
mistaken(const char *catalog, const char *where, const char *words)
{
	char text[600];

	snprintf(text, sizeof text, "{ \"providers\": { \"x\": { \"chat\":"
	    " \"http://h\" } },\n\"catalog\": %s }", catalog);
	clearenv();
	refused(text, where, words);
}

#define TEN	"aaaaaaaaaa"
#define HUNDRED	TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static void
mistakes(void)
{
	mistaken("[]", "2:12", "must be an object");
	mistaken("{ \"m\": {} }", "2:14", "provider/model");
	mistaken("{ \"y/m\": {} }", "2:14", "its provider ");
	mistaken("{ \"x/\": {} }", "2:14", "provider/model");
	mistaken("{ \"x/a b\": {} }", "2:14", "provider/model");
	mistaken("{ \"x/a\\u0000\": {} }", "2:14", "provider/model");
	mistaken("{ \"x/\\u0007\": {} }", "2:14", "provider/model");
	mistaken("{ \"x/" HUNDRED HUNDRED "\": {} }", "2:14", "provider/model");
	mistaken("{ \"x/m\": { \"also\": [\"" HUNDRED HUNDRED "\"] } }", "2:32",
	    "at most 128");
	mistaken("{ \"x/m\": { \"also\": [\"\\n\"] } }", "2:32",
	    "without blanks");
	mistaken("{ \"x/m\": {}, \"x/M\": {} }", "2:25", "stands twice");
	mistaken("{ \"x/m\": [] }", "2:21", "an object");
	mistaken("{ \"x/m\": { \"contxt\": 1 } }", "2:23",
	    "did you mean \"context\"?");
	mistaken("{ \"x/m\": { \"context\": -1 } }", "2:34",
	    "a whole number");
	mistaken("{ \"x/m\": { \"context\": 9999999999 } }", "2:34",
	    "more than 1073741824 tokens");
	mistaken("{ \"x/m\": { \"price\": { \"in\": 0.0000001 } } }", "2:40",
	    "0.0000001 is no price");
	mistaken("{ \"x/m\": { \"price\": { \"in\": 1e3 } } }", "2:40",
	    "1e3 is no price");
	mistaken("{ \"x/m\": { \"price\": { \"in\": -1 } } }", "2:40",
	    "-1 is no price");
	mistaken("{ \"x/m\": { \"price\": { \"input\": 1 } } }", "2:34",
	    "unknown member");
	mistaken("{ \"x/m\": { \"price\": 1 } }", "2:32", "an object");
	mistaken("{ \"x/m\": { \"tiers\": {} } }", "2:32", "an array");
	mistaken("{ \"x/m\": { \"tiers\": [ {}, {}, {}, {}, {} ] } }",
	    "2:32", "at most 4");
	mistaken("{ \"x/m\": { \"tiers\": [ { \"above\": 5, \"price\": {} },"
	    " { \"above\": 5, \"price\": {} } ] } }", "2:63",
	    "each tier's larger");
	mistaken("{ \"x/m\": { \"tiers\": [ { \"above\": 5 } ] } }", "2:34",
	    "needs \"price\"");
	mistaken("{ \"x/m\": { \"input\": [\"smell\"] } }", "2:33",
	    "\"text\", \"image\"");
	mistaken("{ \"x/m\": { \"input\": \"text\" } }", "2:32",
	    "an array of words");
	mistaken("{ \"x/m\": { \"input\": [] } }", "2:32",
	    "an array of words");
	mistaken("{ \"x/m\": { \"also\": [\"a b\"] } }", "2:32",
	    "without blanks");
	mistaken("{ \"x/m\": { \"also\": \"a\" } }", "2:31", "an array");
	mistaken("{ \"x/m\": { \"retired\": \"2026-13-01\" } }", "2:34",
	    "2026-11-30");
	mistaken("{ \"x/m\": { \"released\": \"soon\" } }", "2:35",
	    "2026-11-30");
}

TESTS(
	{ "costs", costs },
	{ "hours", hours },
	{ "unknown", unknown },
	{ "tiers", tiers },
	{ "absurd", absurd },
	{ "dollars", dollars },
	{ "the table", table },
	{ "names", names },
	{ "list prices", list_prices },
	{ "overrides", overrides },
	{ "mistakes", mistakes })
