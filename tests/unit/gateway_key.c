/* Keys in the configuration: their limits, and what these may not be. */
#include "gateway_config.h"

#include "gateway/limit.h"

#define SHA \
	"\"sha256\": \"71d4340246a13bb23ab69269b75ca495c55af005b31b25a369dd4c" \
	"9dc4c78a68\""

/* Load a configuration whose only key has these members, or these defaults. */
static const struct access_key *
key_of(struct loaded *l, const char *members, const char *defaults)
{
	char text[1024];

	snprintf(text, sizeof text, "{ \"env\": false, \"keys\": [{ \"name\": "
	    "\"a\", " SHA "%s%s }], \"key_defaults\": { %s } }",
	    *members ? ", " : "", members, defaults);
	clearenv();
	load_good(l, text);
	CHECK(l->config.keys && !l->config.keys->next);
	return l->config.keys;
}

static void
no_key(const char *members, const char *words)
{
	struct loaded l;
	char text[1024];

	snprintf(text, sizeof text, "{ \"env\": false, \"keys\": [{ \"name\": "
	    "\"a\", " SHA ", %s }] }", members);
	clearenv();
	load(&l, text);
	CHECK(!l.good);
	CHECK(strstr(l.problem.text, ":1:"));
	if (!strstr(l.problem.text, words))
		CHECK_BYTES(l.problem.text, strlen(l.problem.text), words,
		    strlen(words));
	unload(&l);
	/* no better as a default, even if no key is there */
	snprintf(text, sizeof text, "{ \"key_defaults\": { %s } }", members);
	load(&l, text);
	CHECK(!l.good && strstr(l.problem.text, words));
	unload(&l);
}

static void
no_limits(void)
{
	static const struct key_limits none;
	struct loaded l;
	const struct access_key *k = key_of(&l, "", "");

	CHECK(!memcmp(&k->limits, &none, sizeof none));
	CHECK(!k->expires_s && !k->disabled && !k->models);
	unload(&l);
}

static void
all_limits(void)
{
	struct loaded l;
	const struct access_key *k = key_of(&l, "\"rpm\": 600, \"tpm\": "
	    "1000000000, \"concurrency\": 1, \"budget_usd\": 200, \"budgets\":"
	    " [{ \"usd\": 0.000000001, \"per\": \"day\" }, { \"usd\": "
	    "4000000, \"per\": \"total\" }], \"expires\": \"2028-02-29\", "
	    "\"disabled\": true, \"priced_only\": true", "");

	CHECK(k->limits.rpm == 600);
	CHECK(k->limits.tpm == 1000000000);
	CHECK(k->limits.concurrency == 1);
	CHECK(k->limits.budget_nano[BUDGET_MONTH] == 200000000000);
	CHECK(k->limits.budget_nano[BUDGET_DAY] == 1);
	CHECK(k->limits.budget_nano[BUDGET_TOTAL] == 4000000000000000);
	CHECK(k->expires_s == 1835481600);	/* the day's end */
	CHECK(k->disabled && k->limits.priced);
	unload(&l);
}

/* To the nano-dollar, and no floating point between. */
static void
money(void)
{
	static const struct {
		const char	*usd;
		int64_t		 nano;
	} rows[] = {
		{ "1", 1000000000 }, { "0.1", 100000000 },
		{ "12.50", 12500000000 }, { "0.000000001", 1 },
		{ "0.30", 300000000 }, { "1.000000000", 1000000000 },
		{ "1234567.123456789", 1234567123456789 },
		{ "3999999.999999999", 3999999999999999 },
	};
	char usd[LIMIT_USD];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct loaded l;
		char text[64];

		snprintf(text, sizeof text, "\"budget_usd\": %s", rows[i].usd);
		CHECK(key_of(&l, text, "")->limits.budget_nano[BUDGET_MONTH]
		    == rows[i].nano);
		unload(&l);
	}
	limit_usd(12500000000, usd);
	CHECK(!strcmp(usd, "12.50"));
	limit_usd(1, usd);
	CHECK(!strcmp(usd, "0.000000001"));
	limit_usd(INT64_MAX, usd);
	CHECK(!strcmp(usd, "9223372036.854775807"));
}

static void
moments(void)
{
	struct loaded l;

	CHECK(key_of(&l, "\"expires\": \"2026-11-21T18:00:00Z\"", "")
	    ->expires_s == 1795284000);
	unload(&l);
	CHECK(key_of(&l, "\"expires\": \"2026-11-20\"", "")->expires_s ==
	    1795284000 - 18 * 3600);
	unload(&l);
}

static void
wrong(void)
{
	static const char *const dates[] = {
		"2026-02-29", "2026-13-01", "2026-00-01", "2026-01-00",
		"2026-1-1", "tomorrow", "2026-01-01T24:00:00Z",
		"2026-01-01T12:60:00Z", "2026-01-01T12:00:00", "20260101",
		"2026-01-01T12:00:00+01:00", "1969-12-31", "",
		"2026-01-01 12:00:00Z", "2026-01-0x",
	};
	static const char *const sums[] = {
		"0", "0.0", "-1", "1e3", "1E3", "0.0000000001", "4000001",
		"4000000.000000001", "99999999999999999999",
	};
	char text[96];

	for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
		snprintf(text, sizeof text, "\"expires\": \"%s\"", dates[i]);
		no_key(text, "must be a date");
	}
	for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
		snprintf(text, sizeof text, "\"budget_usd\": %s", sums[i]);
		no_key(text, "dollars above 0");
		snprintf(text, sizeof text, "\"budgets\": [{ \"usd\": %s }]",
		    sums[i]);
		no_key(text, "dollars above 0");
	}
	no_key("\"rpm\": 0", "\"rpm\" must be from 1");
	no_key("\"tpm\": 1000000001", "\"tpm\" must be from 1");
	no_key("\"concurrency\": 0", "\"concurrency\" must be from 1");
	no_key("\"rpm\": \"5\"", "\"rpm\" must be");
	no_key("\"rpm\": 1.5", "\"rpm\" must be");
	no_key("\"budget_usd\": \"5\"", "\"budget_usd\" must be");
	no_key("\"per\": \"day\"", "needs a number");
	no_key("\"budget_usd\": 1, \"per\": \"week\"", "\"per\" must be");
	no_key("\"budgets\": {}", "must be an array");
	no_key("\"budgets\": [5]", "expected an object");
	no_key("\"budgets\": [{ \"dollars\": 5 }]", "unknown member");
	no_key("\"budget_usd\": 1, \"budgets\": [{ \"usd\": 2 }]",
	    "two budgets per month");
	no_key("\"expires\": 2026", "must be a date");
	no_key("\"disabled\": 1", "\"disabled\" must be");
	no_key("\"rpms\": 1", "did you mean \"rpm\"");
}

/* What a key says goes before the defaults; its budgets replace them all. */
static void
defaults(void)
{
	static const char all[] = "\"rpm\": 7, \"tpm\": 8, \"budget_usd\": 3, "
	    "\"budgets\": [{ \"usd\": 1, \"per\": \"day\" }], \"models\": "
	    "[\"fast\"], \"expires\": \"2026-01-01\"";
	struct loaded l;
	const struct access_key *k = key_of(&l, "", all);

	CHECK(k->limits.rpm == 7 && k->limits.tpm == 8);
	CHECK(k->limits.budget_nano[BUDGET_MONTH] == 3000000000);
	CHECK(k->limits.budget_nano[BUDGET_DAY] == 1000000000);
	CHECK(k->models && k->expires_s);
	unload(&l);
	k = key_of(&l, "\"rpm\": 9, \"models\": [\"slow\"]", all);
	CHECK(k->limits.rpm == 9 && k->limits.tpm == 8);
	CHECK(k->limits.budget_nano[BUDGET_DAY] == 1000000000);
	CHECK(slice_is(k->models->text, "slow") && !k->models->next);
	unload(&l);
	k = key_of(&l, "\"budget_usd\": 5, \"per\": \"total\"", all);
	CHECK(k->limits.budget_nano[BUDGET_TOTAL] == 5000000000);
	CHECK(!k->limits.budget_nano[BUDGET_DAY]);
	CHECK(!k->limits.budget_nano[BUDGET_MONTH]);
	unload(&l);
	k = key_of(&l, "\"budgets\": []", all);
	CHECK(!k->limits.budget_nano[BUDGET_MONTH]);
	CHECK(!k->limits.budget_nano[BUDGET_DAY]);
	unload(&l);
	clearenv();
	setenv("DRAGOMAN_KEY", "dg-one,dg-two", 1);
	load_good(&l, "{ \"key_defaults\": { \"rpm\": 7 } }");
	CHECK(l.config.keys->limits.rpm == 7);
	CHECK(l.config.keys->next->limits.rpm == 7);
	unload(&l);
	clearenv();
	load(&l, "{ \"key_defaults\": { \"name\": \"x\" } }");
	CHECK(!l.good && strstr(l.problem.text, "unknown member"));
	unload(&l);
}

TESTS(
	{ "no limits", no_limits },
	{ "all limits", all_limits },
	{ "money", money },
	{ "moments", moments },
	{ "wrong", wrong },
	{ "defaults", defaults })
