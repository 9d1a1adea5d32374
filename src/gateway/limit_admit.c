/* A request and the limits of its caller's key: in, out, and what is told. */
#include "gateway/limit.h"

#include "base/clock.h"
#include "base/hash.h"
#include "gateway/exchange.h"
#include "gateway/weigh.h"

static bool
has_budget(const struct key_limits *l)
{
	return l->budget_nano[BUDGET_DAY] || l->budget_nano[BUDGET_MONTH] ||
	    l->budget_nano[BUDGET_TOTAL];
}

/* Without a record no limit can be kept. */
static bool
admit_blindly(struct exchange *ex)
{
	const struct key_limits *l = &ex->caller.key->limits;

	if (!l->rpm && !l->tpm && !l->concurrency && !has_budget(l))
		return true;
	return fail_set(&ex->talk.fail, &ex->arena, FAIL_MEMORY, NULL,
	    "The gateway has no memory to keep the limits of key '%.*s'.",
	    SLICE_FMT(ex->caller.key->name));
}

static struct limit_ask
ask_of(const struct exchange *ex)
{
	return (struct limit_ask){
		.limits = &ex->caller.key->limits, .place = ex->worker->place,
		.now_us = clock_us(), .wall_s = clock_wall_s(),
	};
}

/* Said once for each model, more or less: a bit of its name's hash is kept. */
static void
warn_of_price(struct exchange *ex, const struct target *t)
{
	uint64_t *seen = ex->worker->unpriced;
	uint8_t sum[SHA256_LEN];

	sha256(t->model, sum);
	if (seen[sum[0] / 64] & UINT64_C(1) << sum[0] % 64)
		return;
	seen[sum[0] / 64] |= UINT64_C(1) << sum[0] % 64;
	log_begin(LOG_WARN, "no price is known of a model: budgets count it "
	    "as nothing; give it one in \"catalog\"");
	log_text("provider", t->provider->name);
	log_text("model", t->model);
	log_end();
}

static bool
refuse_unpriced(struct exchange *ex, const struct target *t)
{
	return fail_set(&ex->talk.fail, &ex->arena, FAIL_PERMISSION, NULL,
	    "The key '%.*s' may use only models whose price is known, and of "
	    "%.*s/%.*s none is: ask the operator of this gateway.",
	    SLICE_FMT(ex->caller.key->name), SLICE_FMT(t->provider->name),
	    SLICE_FMT(t->model));
}

/*
 * By the dearest of its targets: whichever it will be.  False: one has no
 * price, and the key may not use it.
 */
static bool
price(struct exchange *ex, int64_t input, int64_t output, int64_t *most)
{
	const struct key_limits *l = &ex->caller.key->limits;
	struct ir_usage usage = ir_usage_none();

	usage.in = input;
	usage.out = output;
	for (size_t i = 0; i < ex->route.count; i++) {
		const struct target *t = &ex->route.targets[i];
		int64_t nano = catalog_cost(t->row, &usage);

		if (nano < 0 && l->priced)
			return refuse_unpriced(ex, t);
		if (nano < 0 && t->model.len)
			warn_of_price(ex, t);
		if (nano > *most)
			*most = nano;
	}
	return true;
}

/* Tokens and money, where they are limited. */
static bool
estimate(struct exchange *ex, struct limit_ask *ask)
{
	const struct key_limits *l = ask->limits;
	bool money = has_budget(l) || l->priced;
	int64_t excess;

	if (!l->tpm && !money)
		return true;
	ask->input = weigh_request(ex);
	ask->output = ex->talk.prewarm ? 0 : weigh_output(ex);
	limit_expect(ex->caller.key->record, &ask->output, &excess);
	if (money && !price(ex, ask->input + excess, ask->output, &ask->nano))
		return false;
	/* not to the input: what is too large is so by itself */
	ask->output += excess;
	return true;
}

/* ---- refusals ---- */

static void
refuse_rate(struct exchange *ex, const struct limit_no *no,
    const struct limit_ask *ask)
{
	const struct access_key *key = ex->caller.key;
	const struct key_limits *l = ask->limits;
	struct fail *f = &ex->talk.fail;
	struct arena *a = &ex->arena;

	switch (no->why) {
	case LIMIT_REQUESTS:
		fail_set(f, a, FAIL_RATE, NULL, "The key '%.*s' may send %llu "
		    "requests a minute, and did: try again later.",
		    SLICE_FMT(key->name), (unsigned long long)l->rpm);
		break;
	case LIMIT_TOKENS:
		fail_set(f, a, FAIL_RATE, NULL, "The key '%.*s' may use %llu "
		    "tokens a minute, and this request may need %lld: try "
		    "again later, or allow it fewer tokens of output.",
		    SLICE_FMT(key->name), (unsigned long long)l->tpm,
		    (long long)(ask->input + ask->output));
		break;
	case LIMIT_TOO_LARGE:
		fail_set(f, a, FAIL_RATE, NULL, "The request is too large: "
		    "some %lld tokens of input, and the key '%.*s' may use "
		    "%llu tokens a minute. Shorten it.",
		    (long long)ask->input, SLICE_FMT(key->name),
		    (unsigned long long)l->tpm);
		f->no_retry = true;
		break;
	case LIMIT_CONCURRENCY:
		fail_set(f, a, FAIL_RATE, NULL, "The key '%.*s' may have %llu "
		    "requests under way at once, and has: try again when one "
		    "of them is over.", SLICE_FMT(key->name),
		    (unsigned long long)l->concurrency);
		break;
	case LIMIT_NOTHING:
	case LIMIT_SPENT:
	case LIMIT_RESERVED:
	case LIMIT_WHYS:
		break;
	}
	f->spent = no->why == LIMIT_TOKENS || no->why == LIMIT_TOO_LARGE
	    ? FAIL_SPENT_TOKENS : FAIL_SPENT_REQUESTS;
}

static void
refuse_budget(struct exchange *ex, const struct limit_no *no,
    const struct limit_ask *ask)
{
	struct slice name = ex->caller.key->name;
	int64_t renews = limit_renews(no->per, ask->wall_s);
	struct fail *f = &ex->talk.fail;
	char when[CLOCK_STAMP];

	if (no->why == LIMIT_RESERVED) {
		fail_set(f, &ex->arena, FAIL_RATE, NULL, "What is left of the "
		    "budget of key '%.*s' is held by requests under way: try "
		    "again when they are over.", SLICE_FMT(name));
		f->spent = FAIL_SPENT_REQUESTS;
		return;
	}
	if (renews < 0) {
		fail_set(f, &ex->arena, FAIL_QUOTA, NULL, "The budget of key "
		    "'%.*s' is used up: ask the operator of this gateway for "
		    "more.", SLICE_FMT(name));
	} else {
		clock_stamp(renews * 1000, when);
		fail_set(f, &ex->arena, FAIL_QUOTA, NULL, "The budget of key "
		    "'%.*s' for this %s is used up: wait until %.19sZ, or ask "
		    "the operator of this gateway for more.", SLICE_FMT(name),
		    limit_per_name(no->per), when);
	}
	f->no_retry = true;
}

/*
 * What others hold is mostly more than they use: a moment later there may be
 * enough.  Too long a wait is one for the client's own clock.
 */
static bool
waits(struct exchange *ex)
{
	int64_t most = (int64_t)ex->worker->config->limits.budget_wait_ms;

	return most && (ex->phase != EX_HOLD ||
	    clock_ms() - ex->phase_ms < most);
}

enum limit_said
limit_admit(struct exchange *ex)
{
	const struct access_key *key = ex->caller.key;
	struct limit_ask ask;
	struct limit_no no;

	if (!key || (ex->purpose != FOR_ANSWER && ex->purpose != FOR_PASS))
		return LIMIT_YES;
	if (!key->record)
		return admit_blindly(ex) ? LIMIT_YES : LIMIT_NO;
	ask = ask_of(ex);
	if (!estimate(ex, &ask))
		return LIMIT_NO;
	if (limit_take(key->record, &ask, &ex->limit, &no))
		return LIMIT_YES;
	if (no.why == LIMIT_RESERVED && waits(ex))
		return LIMIT_LATER;
	limit_refused(key->record, no.why);
	if (no.why == LIMIT_SPENT || no.why == LIMIT_RESERVED)
		refuse_budget(ex, &no, &ask);
	else
		refuse_rate(ex, &no, &ask);
	ex->talk.fail.retry_after_ms = no.wait_ms;
	return LIMIT_NO;
}

/* ---- the end ---- */

/* Whatever a provider says that it counted. */
static int64_t
sane(int64_t tokens)
{
	return tokens < 0 ? 0 : tokens < CATALOG_TOKENS_MAX ? tokens
	    : CATALOG_TOKENS_MAX;
}

/*
 * What it used, as far as anybody knows; where nobody does, it was what was
 * expected of its input, unless it failed.
 */
void
limit_settle(struct exchange *ex)
{
	const struct ir_usage *usage = &ex->meter.usage;
	struct limit_ask ask;

	if (!ex->limit.counted)
		return;
	ask = ask_of(ex);
	if (usage->in >= 0 || usage->out >= 0) {
		ask.input = sane(usage->in);
		ask.output = sane(usage->out);
	} else if (ex->status < 400 && ask.limits->tpm) {
		ask.input = weigh_request(ex);
	}
	ask.nano = ex->bill.cost_nano;
	limit_used(ex->caller.key->record, &ask, &ex->limit);
}

/* ---- what is told ---- */

static void
tell(struct exchange *ex, struct ratelimit *limit, uint64_t most,
    int64_t left, int64_t reset_ms)
{
	if (!most)
		return;
	*limit = (struct ratelimit){
		.limit = arena_fmt(&ex->arena, "%llu",
		    (unsigned long long)most),
		.remaining = arena_fmt(&ex->arena, "%lld", (long long)left),
		.reset_ms = clock_wall_ms() + reset_ms,
	};
}

void
limit_tell(struct exchange *ex, struct ratelimits *limits)
{
	const struct access_key *key = ex->caller.key;
	const struct key_limits *l = &key->limits;
	struct limit_state now;

	limit_look(key->record, l, clock_us(), clock_wall_s(), &now);
	tell(ex, &limits->of[RATELIMIT_REQUESTS], l->rpm, now.requests,
	    now.requests_ms);
	tell(ex, &limits->of[RATELIMIT_TOKENS], l->tpm, now.tokens,
	    now.tokens_ms);
}
