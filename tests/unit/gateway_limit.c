/* Limits of client keys: buckets, budgets, and what a dead process leaves. */
#include "gateway_limit.h"

#include "base/clock.h"

static void
nothing_is_limited(void)
{
	struct scene s;
	struct limit_hold hold;

	set(&s);
	for (unsigned i = 0; i < 1000; i++)
		CHECK(take(&s, &hold));
	CHECK(look(&s).in_flight == 1000);
}

static void
requests_of_a_minute(void)
{
	static const uint64_t rates[] = { 1, 2, 3, 6, 7, 11, 60, 61, 599,
	    1000, 7001, 49999 };

	for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
		struct scene s;

		set(&s);
		s.limits->rpm = rates[i];
		CHECK(look(&s).requests == (int64_t)rates[i]);
		CHECK(burst(&s) == rates[i]);
		CHECK(s.no.why == LIMIT_REQUESTS);
		CHECK(s.no.wait_ms > 0);
		CHECK(s.no.wait_ms <= 60000 / (int64_t)rates[i] + 1);
		CHECK(look(&s).requests == 0);
		/* after the wait one fits, and no more */
		s.ask.now_us += s.no.wait_ms * 1000;
		if (rates[i] < 1000)
			CHECK(burst(&s) == 1);
		/* a minute later all */
		s.ask.now_us += 60 * (int64_t)SECOND;
		CHECK(look(&s).requests == (int64_t)rates[i]);
		CHECK(burst(&s) == rates[i]);
	}
}

/* Over an hour no more than the rate comes in, but for the first minute's. */
static void
steady(void)
{
	struct scene s;
	unsigned n = 0;

	set(&s);
	s.limits->rpm = 10;
	for (unsigned i = 0; i < 3600; i++) {
		n += burst(&s);
		s.ask.now_us += SECOND;
	}
	CHECK(n == 10 + 599);
	/* idle for a day: what is saved up is a minute's */
	s.ask.now_us += 86400 * (int64_t)SECOND;
	CHECK(burst(&s) == 10);
}

static void
what_remains(void)
{
	struct scene s;
	struct limit_hold hold;

	set(&s);
	s.limits->rpm = 7;
	for (int64_t i = 7; i > 0; i--) {
		CHECK(look(&s).requests == i);
		CHECK(take(&s, &hold));
		CHECK(look(&s).requests_ms > 0);
	}
	CHECK(look(&s).requests == 0);
	CHECK(look(&s).requests_ms == 60000);
	s.ask.now_us += 30 * (int64_t)SECOND;
	CHECK(look(&s).requests == 3);
	CHECK(look(&s).requests_ms == 30000);
}

static void
tokens_are_settled(void)
{
	struct scene s;
	struct limit_hold a, b;

	set(&s);
	s.limits->tpm = 1000;
	s.ask.input = 100;
	s.ask.output = 500;
	CHECK(take(&s, &a));
	CHECK(a.tokens == 600);
	CHECK(look(&s).tokens == 400);
	CHECK(!take(&s, &b));
	CHECK(s.no.why == LIMIT_TOKENS);
	CHECK(s.no.wait_ms == 12000);	/* for 200 of 1000 a minute */
	used(&s, &a, 150, 0);
	CHECK(look(&s).tokens == 850);
	CHECK(take(&s, &b));
	used(&s, &b, 700, 0);		/* more than was thought */
	CHECK(look(&s).tokens == 150);
	/* nobody else is there: what is left is enough */
	CHECK(take(&s, &a));
	CHECK(!take(&s, &b));
	used(&s, &a, 200, 0);
	/* all is used, and more */
	CHECK(look(&s).tokens == 0);
	CHECK(!take(&s, &b));
	s.ask.now_us += 3 * (int64_t)SECOND;
	CHECK(!take(&s, &b));		/* that was its debt */
	s.ask.now_us += SECOND;
	CHECK(take(&s, &b));
}

/* Every token is counted, whatever was thought of it. */
static void
tokens_to_the_last(void)
{
	struct scene s;
	struct limit_hold hold;
	unsigned n = 0;

	set(&s);
	s.limits->tpm = 1000;
	s.ask.input = 30;
	s.ask.output = 64000;
	for (; take(&s, &hold); n++)
		used(&s, &hold, 100, 0);
	CHECK(n == 10);
	CHECK(s.no.why == LIMIT_TOKENS);
	CHECK(s.no.wait_ms >= 1000);
	s.ask.input = 1001;
	s.ask.output = 0;
	CHECK(!take(&s, &hold));
	CHECK(s.no.why == LIMIT_TOO_LARGE && s.no.wait_ms == -1);
	CHECK(look(&s).in_flight == 0);
}

static void
at_once(void)
{
	struct scene s;
	struct limit_hold holds[4];

	set(&s);
	s.limits->concurrency = 3;
	s.limits->rpm = 100;
	for (unsigned i = 0; i < 3; i++)
		CHECK(take(&s, &holds[i]));
	CHECK(!take(&s, &holds[3]));
	CHECK(s.no.why == LIMIT_CONCURRENCY && s.no.wait_ms == 1000);
	CHECK(look(&s).requests == 97);		/* it took none */
	used(&s, &holds[1], 0, 0);
	CHECK(take(&s, &holds[3]));
	CHECK(!take(&s, &holds[1]));
	CHECK(look(&s).in_flight == 3);
}

static void
money(void)
{
	struct scene s;
	struct limit_hold a, b, c;

	set(&s);
	s.limits->budget_nano[BUDGET_DAY] = usd;
	s.ask.nano = usd * 4 / 10;
	CHECK(take(&s, &a));
	CHECK(take(&s, &b));
	CHECK(!take(&s, &c));		/* 0.8 are held */
	CHECK(s.no.why == LIMIT_RESERVED && s.no.per == BUDGET_DAY);
	CHECK(look(&s).reserved_nano == usd * 8 / 10);
	used(&s, &a, 0, usd / 10);
	CHECK(take(&s, &c));		/* 0.1 is spent, 0.4 + 0.4 held */
	used(&s, &b, 0, usd / 10);
	used(&s, &c, 0, usd * 7 / 10);	/* 0.9 */
	CHECK(look(&s).spent_nano[BUDGET_DAY] == usd * 9 / 10);
	CHECK(look(&s).reserved_nano == 0);
	CHECK(take(&s, &a));		/* what is left, for one alone */
	CHECK(!take(&s, &b));
	CHECK(s.no.why == LIMIT_RESERVED);
	used(&s, &a, 0, usd / 10);
	CHECK(!take(&s, &a));
	CHECK(s.no.why == LIMIT_SPENT && s.no.per == BUDGET_DAY);
	CHECK(s.no.wait_ms == 6 * 3600 * 1000);
	CHECK(look(&s).in_flight == 0);
	/* midnight */
	s.ask.wall_s += 6 * 3600 - 1;
	CHECK(!take(&s, &a));
	CHECK(s.no.wait_ms == 1000);
	s.ask.wall_s++;
	CHECK(look(&s).spent_nano[BUDGET_DAY] == 0);
	CHECK(look(&s).spent_nano[BUDGET_MONTH] == usd);
	CHECK(take(&s, &a));
}

/* One who is late by a moment does not bring yesterday back. */
static void
midnight(void)
{
	struct scene s;
	struct limit_hold early, late;

	set(&s);
	s.limits->budget_nano[BUDGET_DAY] = usd;
	s.ask.wall_s = 1796083200 - 1;		/* the last of November */
	CHECK(take(&s, &early) && take(&s, &late));
	s.ask.wall_s++;
	used(&s, &early, 0, usd / 2);
	s.ask.wall_s--;
	used(&s, &late, 0, usd / 2);
	CHECK(!take(&s, &early));
	s.ask.wall_s++;
	CHECK(!take(&s, &early));
	CHECK(look(&s).spent_nano[BUDGET_DAY] == usd);
	CHECK(look(&s).spent_nano[BUDGET_MONTH] == usd);
	s.ask.wall_s += 86400;
	CHECK(look(&s).spent_nano[BUDGET_DAY] == 0);
	CHECK(take(&s, &early));
	/* a clock that was years ahead leaves nothing that counts */
	used(&s, &early, 0, usd);
	s.ask.wall_s -= (int64_t)300 * 86400;
	CHECK(take(&s, &early));
}

/* A clock that begins in 1970 at boot says nothing of days. */
static void
not_set(void)
{
	struct scene s;
	struct limit_hold hold;

	set(&s);
	s.limits->budget_nano[BUDGET_DAY] = usd;
	CHECK(take(&s, &hold));
	used(&s, &hold, 0, usd);
	CHECK(!take(&s, &hold));
	s.ask.wall_s = 10;
	CHECK(!take(&s, &hold));
	CHECK(look(&s).spent_nano[BUDGET_DAY] == usd);
	s.ask.wall_s = today;
	CHECK(!take(&s, &hold));
	s.ask.wall_s += 86400;
	CHECK(take(&s, &hold));
	used(&s, &hold, 0, usd / 2);
	s.ask.wall_s = 86400 * 5;
	CHECK(take(&s, &hold));
	used(&s, &hold, 0, usd / 2);
	CHECK(!take(&s, &hold));
}

static int64_t
output(const struct scene *s, int64_t allowed, int64_t excess)
{
	int64_t more;

	limit_expect(s->r, &allowed, &more);
	CHECK(more == excess);
	return allowed;
}

/* What answers were like says more than what requests allow. */
static void
expected(void)
{
	struct scene s;
	struct limit_hold hold = { 0 };
	int64_t last;

	set(&s);
	CHECK(output(&s, 32000, 0) == 32000);
	s.ask.output = 500;
	limit_used(s.r, &s.ask, &hold);
	CHECK(output(&s, 32000, 0) == 500);
	CHECK(output(&s, 100, 0) == 100);
	s.ask.output = 4000;		/* a longer one counts at once */
	limit_used(s.r, &s.ask, &hold);
	CHECK(output(&s, 32000, 0) == 4000);
	s.ask.output = 0;			/* no answer says nothing */
	limit_used(s.r, &s.ask, &hold);
	CHECK(output(&s, 32000, 0) == 4000);
	s.ask.output = 10;		/* a shorter one after a while */
	for (last = 4000; last > 10; last = output(&s, 32000, 0)) {
		limit_used(s.r, &s.ask, &hold);
		CHECK(output(&s, 32000, 0) < last);
	}
	CHECK(last == 10);
	/* an input that was longer than it seemed */
	s.ask.input = 100;
	CHECK(take(&s, &hold));
	used(&s, &hold, 130, 0);
	CHECK(output(&s, 32000, 30) == 10);
	CHECK(take(&s, &hold));
	used(&s, &hold, 90, 0);
	CHECK(output(&s, 32000, 28) == 10);
}

/* To the nano-dollar: as many as it is worth, and not one more. */
static void
money_to_the_last(void)
{
	struct scene s;
	struct limit_hold hold;
	unsigned n = 0;

	set(&s);
	s.limits->budget_nano[BUDGET_TOTAL] = 7 * 12345;
	s.ask.nano = usd;		/* far too much is expected */
	for (; take(&s, &hold); n++)
		used(&s, &hold, 0, 12345);
	CHECK(n == 7);
	CHECK(s.no.why == LIMIT_SPENT && s.no.wait_ms == -1);
	s.limits->budget_nano[BUDGET_TOTAL]++;
	CHECK(take(&s, &hold));
	s.ask.wall_s += (int64_t)50 * 366 * 86400;
	CHECK(look(&s).spent_nano[BUDGET_TOTAL] == 7 * 12345);
}

/* The one that is nearer its end decides; the later renewal is no help. */
static void
several_budgets(void)
{
	struct scene s;
	struct limit_hold hold;

	set(&s);
	s.limits->budget_nano[BUDGET_DAY] = 2 * usd;
	s.limits->budget_nano[BUDGET_MONTH] = 3 * usd;
	s.ask.nano = usd;
	CHECK(burst(&s) == 2);
	CHECK(s.no.per == BUDGET_DAY);
	s.ask.wall_s += 86400;
	CHECK(burst(&s) == 1);
	CHECK(s.no.per == BUDGET_MONTH);
	s.ask.wall_s += 9 * 86400;		/* December */
	CHECK(take(&s, &hold));
}

static void
renewals(void)
{
	static const struct {
		enum budget_per	 per;
		int64_t		 now, then;
	} rows[] = {
		{ BUDGET_DAY, today, 1795305600 },
		{ BUDGET_DAY, 1795305600 - 1, 1795305600 },
		{ BUDGET_DAY, 1795305600, 1795305600 + 86400 },
		{ BUDGET_MONTH, today, 1796083200 },	/* 1 December */
		{ BUDGET_MONTH, 1796083200, 1798761600 },	/* 2027 */
		/* 29 February 2028 */
		{ BUDGET_MONTH, 1835395200, 1835481600 },
		{ BUDGET_TOTAL, today, -1 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		CHECK(limit_renews(rows[i].per, rows[i].now) == rows[i].then);
	for (unsigned per = 0; per < BUDGETS; per++)
		CHECK(limit_per(slice_of(limit_per_name(per))) == per);
	CHECK(limit_per(SLICE("week")) == BUDGETS);
}

/* Sums end at what a record can hold; they do not begin again. */
static void
overflow(void)
{
	struct scene s;
	struct limit_hold hold;

	set(&s);
	s.limits->budget_nano[BUDGET_MONTH] = 4000000 * usd;
	for (unsigned i = 0; i < 10; i++) {
		s.ask.nano = 0;
		if (take(&s, &hold))
			used(&s, &hold, 0, 1000000 * usd);
	}
	CHECK(look(&s).spent_nano[BUDGET_MONTH] == 4000000 * usd);
	CHECK(!take(&s, &hold) && s.no.why == LIMIT_SPENT);
	s.limits->budget_nano[BUDGET_MONTH] = 0;
	CHECK(take(&s, &hold));
	used(&s, &hold, 0, INT64_MAX);
	CHECK(look(&s).spent_nano[BUDGET_MONTH] == (1LL << 52) - 1);
	/* the largest limits and requests that there may be */
	set(&s);
	s.limits->tpm = s.limits->rpm = LIMIT_MAX;
	s.ask.input = s.ask.output = 1 << 29;
	CHECK(look(&s).tokens == LIMIT_MAX);
	CHECK(take(&s, &hold));
	used(&s, &hold, 1 << 30, 0);
	CHECK(look(&s).tokens == 0);
	CHECK(look(&s).requests >= LIMIT_MAX - 100);
	s.limits->tpm = 1;
	s.ask.input = 1;
	s.ask.now_us += 120 * (int64_t)SECOND;
	CHECK(burst(&s) == 1);
}

/* What a refused request took is given back, whichever limit refused it. */
static void
nothing_or_all(void)
{
	struct scene s;
	struct limit_hold a, b;
	struct limit_state before, after;

	set(&s);
	s.limits->rpm = 10;
	s.limits->tpm = 1000;
	s.limits->concurrency = 5;
	s.limits->budget_nano[BUDGET_DAY] = 10;
	s.ask.input = 100;
	s.ask.nano = 8;
	CHECK(take(&s, &a));
	before = look(&s);
	CHECK(!take(&s, &b));
	CHECK(s.no.why == LIMIT_RESERVED);
	after = look(&s);
	CHECK(!memcmp(&before, &after, sizeof after));
	s.ask.nano = 1;
	s.ask.input = 950;
	CHECK(!take(&s, &b));
	CHECK(s.no.why == LIMIT_TOKENS);
	after = look(&s);
	CHECK(!memcmp(&before, &after, sizeof after));
	limit_refused(s.r, s.no.why);
	CHECK(look(&s).refused[LIMIT_TOKENS] == 1);
	CHECK(!b.counted && !b.tokens && !b.nano);
}

/* What the dead had under way is free again; what others have is not. */
static void
forgotten(void)
{
	struct scene s;
	struct limit_hold mine, theirs, more;

	set(&s);
	s.limits->concurrency = 2;
	s.limits->budget_nano[BUDGET_TOTAL] = 10;
	s.ask.nano = 5;
	CHECK(take(&s, &mine));
	s.ask.place = SHARED_PLACES - 1;
	CHECK(take(&s, &theirs));
	CHECK(!take(&s, &more));
	limit_forget(s.shared, 3);
	CHECK(look(&s).in_flight == 1 && look(&s).reserved_nano == 5);
	CHECK(take(&s, &more));
	limit_forget(s.shared, 3);		/* nothing is left there */
	CHECK(look(&s).in_flight == 2);
	used(&s, &more, 0, 1);
	used(&s, &theirs, 0, 1);
	CHECK(look(&s).in_flight == 0 && look(&s).reserved_nano == 0);
	CHECK(look(&s).spent_nano[BUDGET_TOTAL] == 2);
}

static void
restored(void)
{
	struct shared *shared = shared_new();
	struct access_key key = { .name = SLICE_INIT("old") };
	struct config config = { .keys = &key };
	int64_t now = clock_wall_s();
	struct limit_state state;

	limit_restore(shared, key.name, now, now * 1000, 5);
	limit_restore(shared, key.name, now, (now - 40 * 86400) * 1000, 70);
	limit_restore(shared, key.name, now, now * 1000, -1);
	limit_publish(&config, shared);
	limit_look(key.record, &key.limits, clock_us(), now, &state);
	/* the day may end between the two clocks */
	CHECK(state.spent_nano[BUDGET_DAY] == 5 ||
	    clock_wall_s() / 86400 != now / 86400);
	CHECK(state.spent_nano[BUDGET_TOTAL] == 75);
	limit_restore(NULL, key.name, now, now * 1000, 5);
}

/* A reload counts for those who still have the configuration of before. */
static void
revoked(void)
{
	struct scene s;
	struct access_key fresh;
	struct config next = { .keys = &fresh };
	struct limit_hold hold;

	set(&s);
	s.limits->rpm = 10;
	CHECK(!limit_barred(&s.key));
	CHECK(take(&s, &hold));
	fresh = s.key;
	fresh.record = NULL;
	limit_publish(&next, s.shared);
	CHECK(fresh.record == s.r);	/* and with it what was used */
	CHECK(!limit_barred(&s.key) && !limit_barred(&fresh));
	fresh.sha256[0] = 8;		/* another key of that name */
	limit_publish(&next, s.shared);
	CHECK(limit_barred(&s.key) && !limit_barred(&fresh));
	fresh.name = SLICE("team-b");
	limit_publish(&next, s.shared);
	CHECK(limit_barred(&s.key) && !limit_barred(&fresh));
	CHECK(fresh.record != s.r);
	limit_publish(&s.config, s.shared);
	CHECK(!limit_barred(&s.key) && limit_barred(&fresh));
	s.key.disabled = true;
	CHECK(strstr(limit_barred(&s.key), "disabled"));
	s.key.disabled = false;
	s.key.expires_s = clock_wall_s() + 1000;
	CHECK(!limit_barred(&s.key));
	s.key.expires_s -= 1000;
	CHECK(strstr(limit_barred(&s.key), "expired"));
}

TESTS(
	{ "nothing is limited", nothing_is_limited },
	{ "requests of a minute", requests_of_a_minute },
	{ "steady", steady },
	{ "what remains", what_remains },
	{ "tokens are settled", tokens_are_settled },
	{ "tokens to the last", tokens_to_the_last },
	{ "at once", at_once },
	{ "money", money },
	{ "midnight", midnight },
	{ "a clock that is not set", not_set },
	{ "expected", expected },
	{ "money to the last", money_to_the_last },
	{ "several budgets", several_budgets },
	{ "renewals", renewals },
	{ "overflow", overflow },
	{ "nothing or all", nothing_or_all },
	{ "forgotten", forgotten },
	{ "restored", restored },
	{ "revoked", revoked })
