/* Circuits, keys that are left alone, and the budget; time is what we say. */
#include "test.h"

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/health.h"
#include "gateway/window.h"

static const int64_t start_ms = 1000000;

static const struct circuit rules = {
	.failures = 3, .rate_percent = 50, .requests = 10, .window_s = 8,
	.open_ms = 1000, .open_max_ms = 3000, .probe_ms = 5000,
};

static const struct provider openai = {
	.name = SLICE_INIT("openai"),
	.keys = (struct slice[]){ SLICE_INIT("key-one"),
	    SLICE_INIT("key-two") },
	.key_count = 2,
};

static const struct target in_config[] = {
	{ .provider = &openai, .model = SLICE_INIT("gpt-5") },
	{ .provider = &openai, .model = SLICE_INIT("gpt-5-mini") },
};
static struct model_target targets[] = {
	{ .target = { .provider = &openai, .model = SLICE_INIT("gpt-5") } },
	{ .target = { .provider = &openai,
	    .model = SLICE_INIT("gpt-5-mini") } },
};
static struct model model = { .targets = targets, .target_count = 2 };
static const struct config config = { .models = &model };
static const struct config nothing;

static struct health_record *
record(struct shared *s)
{
	return health_find(s, NULL, &config, &in_config[0]).record;
}

static bool
succeed(struct health_record *r, int64_t now_ms)
{
	struct health_visit v;

	CHECK(health_visit(r, &rules, 0, now_ms, &v));
	return health_succeeded(&v, &rules, now_ms);
}

/* True: that opened it. */
static bool
fail(struct health_record *r, int64_t now_ms)
{
	struct health_visit v;

	(void)health_visit(r, &rules, 0, now_ms, &v);
	return health_failed(&v, &rules, now_ms);
}

static void
in_a_row(void)
{
	struct health_record *r = record(shared_new());
	struct health_visit v;

	CHECK(!fail(r, start_ms) && !fail(r, start_ms));
	CHECK(!succeed(r, start_ms));
	CHECK(!fail(r, start_ms) && !fail(r, start_ms));
	CHECK(health_state(r, start_ms) == HEALTH_CLOSED);
	CHECK(fail(r, start_ms));
	CHECK(health_state(r, start_ms) == HEALTH_OPEN);
	CHECK(!health_well(r, start_ms));
	CHECK(!health_visit(r, &rules, 0, start_ms + 999, &v) && v.forced);
	/* those that were on their way say nothing new */
	CHECK(!health_failed(&v, &rules, start_ms));
	CHECK(health_state(r, start_ms + 999) == HEALTH_OPEN);
	CHECK(health_state(r, start_ms + 1000) == HEALTH_HALF_OPEN);
}

/* One probe at a time; what becomes of it is what becomes of the circuit. */
static void
probes(void)
{
	struct health_record *r = record(shared_new());
	struct health_visit probe, v;
	int64_t now_ms = start_ms;

	for (int i = 0; i < 3; i++)
		fail(r, now_ms);
	now_ms += 1000;
	CHECK(health_well(r, now_ms));
	CHECK(health_visit(r, &rules, 7, now_ms, &probe) && !probe.forced);
	CHECK(!health_visit(r, &rules, 8, now_ms, &v) && v.forced);
	CHECK(!health_well(r, now_ms));
	CHECK(health_state(r, now_ms) == HEALTH_HALF_OPEN);
	CHECK(health_failed(&probe, &rules, now_ms));	/* twice as long */
	CHECK(health_state(r, now_ms + 1999) == HEALTH_OPEN);
	now_ms += 2000;
	CHECK(health_visit(r, &rules, 7, now_ms, &probe));
	CHECK(health_failed(&probe, &rules, now_ms));	/* but so long */
	CHECK(health_state(r, now_ms + 2999) == HEALTH_OPEN);
	now_ms += 3000;
	CHECK(health_visit(r, &rules, 7, now_ms, &probe));
	CHECK(health_succeeded(&probe, &rules, now_ms));
	CHECK(health_state(r, now_ms) == HEALTH_CLOSED);
	/* and it begins anew */
	CHECK(!fail(r, now_ms) && !fail(r, now_ms) && fail(r, now_ms));
	CHECK(health_state(r, now_ms + 1000) == HEALTH_HALF_OPEN);
}

/* A probe whose client left, whose worker died, or that takes too long. */
static void
lost_probes(void)
{
	struct shared *s = shared_new();
	struct health_record *r = record(s);
	struct health_visit probe, late, v;
	int64_t now_ms = start_ms + 1000;

	for (int i = 0; i < 3; i++)
		fail(r, start_ms);
	CHECK(health_visit(r, &rules, 7, now_ms, &probe));
	health_let_go(&probe, now_ms);
	health_let_go(&probe, now_ms);
	CHECK(health_visit(r, &rules, 7, now_ms, &probe));
	health_bury(s, 6, now_ms);
	CHECK(!health_visit(r, &rules, 8, now_ms, &v));
	health_bury(s, 7, now_ms);
	CHECK(health_visit(r, &rules, 8, now_ms, &late));
	CHECK(!health_visit(r, &rules, 9, now_ms + 4999, &v));
	CHECK(health_visit(r, &rules, 9, now_ms + 5000, &probe));
	/* the one that was late takes nothing away from the other */
	health_let_go(&late, now_ms + 5000);
	CHECK(!health_visit(r, &rules, 8, now_ms + 5000, &v));
	CHECK(health_succeeded(&probe, &rules, now_ms + 5000));
	CHECK(health_state(r, now_ms + 5000) == HEALTH_CLOSED);
}

/* All are open, one was asked all the same, and it answered. */
static void
forced(void)
{
	struct health_record *r = record(shared_new());
	struct health_visit v;

	for (int i = 0; i < 3; i++)
		fail(r, start_ms);
	CHECK(!health_visit(r, &rules, 0, start_ms, &v));
	CHECK(health_succeeded(&v, &rules, start_ms));
	CHECK(health_well(r, start_ms));
	health_cool(r, start_ms + 50);
	health_cool(r, start_ms + 20);		/* the later one stays */
	CHECK(health_cooled(r, start_ms + 49) == start_ms + 50);
	CHECK(!health_visit(r, &rules, 0, start_ms + 49, &v) && v.forced);
	CHECK(health_state(r, start_ms + 49) == HEALTH_CLOSED);
	CHECK(!health_succeeded(&v, &rules, start_ms + 49));
	CHECK(health_well(r, start_ms + 49));
}

static void
rate(void)
{
	struct health_record *r = record(shared_new());
	int64_t now_ms = start_ms;

	/* half of them, and never three in a row; too few to be judged yet */
	for (int i = 0; i < 4; i++) {
		CHECK(!succeed(r, now_ms));
		CHECK(!fail(r, now_ms));
	}
	CHECK(!succeed(r, now_ms));
	CHECK(fail(r, now_ms));
	CHECK(health_state(r, now_ms) == HEALTH_OPEN);
	/* what is long ago does not count, nor what was before it closed */
	r = record(shared_new());
	for (int i = 0; i < 9; i++) {
		now_ms += 2000;
		CHECK(!succeed(r, now_ms));
		CHECK(!fail(r, now_ms));
	}
	CHECK(health_state(r, now_ms) == HEALTH_CLOSED);
}

/* Many processes see that a probe is due: one of them sends it. */
static void
one_of_many(void)
{
	enum { CHILDREN = 6, ROUNDS = 300 };
	struct shared *s = shared_new();
	struct health_record *r = record(s);
	_Atomic uint64_t *sent = shared_record(s, SHARED_CLIENT_KEY,
	    SLICE("sent"));

	for (int i = 0; i < 3; i++)
		fail(r, start_ms);
	for (unsigned c = 0; c < CHILDREN; c++)
		if (fork() == 0) {
			for (int64_t n = 1; n <= ROUNDS; n++) {
				int64_t now_ms = start_ms + n * 5000;
				struct health_visit v;

				if (health_visit(r, &rules, c, now_ms, &v))
					atomic_fetch_add(&sent[n], 1);
				/* nobody is a round ahead of the others */
				for (int i = 0; i < 9999999 &&
				    !atomic_load(&sent[n]); i++)
					sched_yield();
			}
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	for (int n = 1; n <= ROUNDS; n++)
		CHECK(sent[n] == 1);
}

/* Which record: clients cannot make new ones by the models that they name. */
static void
names(void)
{
	struct shared *s = shared_new();
	static struct health_cache cache;
	struct target unknown = { .provider = &openai };
	struct health_target a, b;
	struct buf out = { 0 };
	char text[HEALTH_NAME + 16];

	a = health_find(s, &cache, &config, &in_config[0]);
	b = health_find(s, &cache, &config, &in_config[1]);
	CHECK(a.known && b.known && a.record != b.record && a.wide == b.wide);
	CHECK(health_find(s, &cache, &config, &in_config[0]).record ==
	    a.record);
	CHECK(health_find(s, NULL, &config, &in_config[0]).record == a.record);
	for (int i = 0; i < 3000; i++) {
		snprintf(text, sizeof text, "m%d%s", i, i % 2 ? "" :
		    "-and-a-name-that-is-longer-than-the-cache-keeps");
		unknown.model = slice_of(text);
		b = health_find(s, &cache, &config, &unknown);
		CHECK(b.record && !b.known && b.record != a.record);
		CHECK(b.record == health_find(s, NULL, &nothing,
		    &in_config[1]).record);
	}
	for (int i = 0; i < 3; i++)
		fail(a.record, start_ms);
	health_print(s, start_ms, &out);
	CHECK(slice_find(buf_slice(&out), SLICE("dragoman_circuit_state{target="
	    "\"openai/gpt-5\"} 2\n")) != SIZE_MAX);
	CHECK(slice_find(buf_slice(&out), SLICE("{target=\"openai\"} 0\n")) !=
	    SIZE_MAX);
	CHECK(slice_find(buf_slice(&out), SLICE("m1")) == SIZE_MAX);
	buf_free(&out);
	/* without a mapping everybody is well */
	CHECK(!health_find(NULL, NULL, &config, &in_config[0]).record);
	CHECK(health_well(NULL, start_ms));
}

static void
ready(void)
{
	struct shared *s = shared_new();
	struct health_record *a, *b;

	CHECK(health_ready(s, &nothing, start_ms));
	CHECK(health_ready(s, &config, start_ms));
	a = record(s);
	b = health_find(s, NULL, &config, &in_config[1]).record;
	for (int i = 0; i < 3; i++)
		fail(a, start_ms);
	CHECK(health_ready(s, &config, start_ms));
	for (int i = 0; i < 3; i++)
		fail(b, start_ms);
	CHECK(!health_ready(s, &config, start_ms));
	/* whoever is told to stay away would never send the probe */
	CHECK(health_ready(s, &config, start_ms + 1000));
}

static void
keys(void)
{
	struct shared *s = shared_new();
	const struct target *t = &in_config[0], *u = &in_config[1];
	struct health_target a = health_find(s, NULL, &config, t);
	struct health_target b = health_find(s, NULL, &config, u);
	int64_t end = start_ms + 100;

	health_cool_key(s, &a, t, 0, false, end);
	CHECK(health_key_cooled(s, &a, t, 0, start_ms) == end);
	CHECK(!health_key_cooled(s, &a, t, 0, end));
	CHECK(!health_key_cooled(s, &a, t, 1, start_ms));
	CHECK(!health_key_cooled(s, &b, u, 0, start_ms));
	health_cool_key(s, &b, u, 1, true, end + 7);
	CHECK(health_key_cooled(s, &b, u, 1, start_ms) == end + 7);
	CHECK(health_key_cooled(s, &a, t, 1, start_ms) == end + 7);
	CHECK(!health_key_cooled(s, &b, u, 0, start_ms));
	health_warm_key(s, &a, t, 0);
	health_warm_key(s, &a, t, 1);
	CHECK(!health_key_cooled(s, &a, t, 0, start_ms));
	CHECK(!health_key_cooled(s, &b, u, 1, start_ms));
}

/* At most so many of a hundred, and some more, to all processes together. */
static void
budget(void)
{
	enum { CHILDREN = 4, EACH = 50 };
	static const struct limits limits = {
		.retry_budget_percent = 20, .retry_budget_least = 3,
	};
	struct shared *s = shared_new();
	static struct health_cache cache;
	_Atomic uint64_t *taken = shared_record(s, SHARED_CLIENT_KEY,
	    SLICE("taken"));

	for (int i = 0; i < 3; i++)
		CHECK(health_budget_take(s, &cache, &limits, start_ms));
	CHECK(!health_budget_take(s, &cache, &limits, start_ms));
	for (unsigned c = 0; c < CHILDREN; c++)
		if (fork() == 0) {
			for (int i = 0; i < EACH; i++) {
				health_budget_add(s, &cache, start_ms);
				*taken += health_budget_take(s, &cache,
				    &limits, start_ms);
			}
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	while (health_budget_take(s, &cache, &limits, start_ms))
		++*taken;
	CHECK(*taken == CHILDREN * EACH / 5);
	CHECK(!health_budget_take(s, &cache, &limits, start_ms + 7000));
	CHECK(health_budget_take(s, &cache, &limits, start_ms + 10000));
}

/* A burst moves over as fast as answers come, and no faster. */
static void
take_over(void)
{
	static const struct limits limits = { .retry_budget_least = 3 };
	struct shared *s = shared_new();
	static struct health_cache cache;
	struct health_record *wide = health_find(s, NULL, &config,
	    &in_config[0]).wide;
	int moved = 0;

	while (health_take_over(s, &cache, wide, &limits, start_ms))
		moved++;
	CHECK(moved == 4);
	for (int i = 0; i < 4; i++)
		health_answered(wide, start_ms);
	while (health_take_over(s, &cache, wide, &limits, start_ms))
		moved++;
	CHECK(moved == 4 + 8);
	/* what was lately counts, and what was before does not */
	CHECK(!health_take_over(s, &cache, wide, &limits, start_ms + 7000));
	CHECK(health_take_over(s, &cache, wide, &limits, start_ms + 10000));
	CHECK(health_take_over(s, &cache, NULL, &limits, start_ms));
}

/* The parts of a window: what is in it, and what is no more. */
static void
windows(void)
{
	struct window w = { 0 };
	int64_t now_ms = 4000;

	for (int i = 0; i < 40; i++, now_ms += 250)
		window_add(&w, now_ms, 4000, (unsigned)i % 2);
	now_ms -= 250;
	CHECK(window_sum(&w, now_ms, 4000).of[0] == 8);
	CHECK(window_sum(&w, now_ms, 4000).of[1] == 8);
	CHECK(window_sum(&w, now_ms + 1000, 4000).of[0] == 6);
	CHECK(window_sum(&w, now_ms + 3000, 4000).of[0] == 2);
	CHECK(window_sum(&w, now_ms + 4000, 4000).of[0] == 0);
	CHECK(window_sum(&w, now_ms + 400000, 4000).of[0] == 0);
	for (int i = 0; i < (1 << 20) + 5; i++)	/* it stays at its highest */
		window_add(&w, now_ms + 8000, 4000, 0);
	CHECK(window_sum(&w, now_ms + 8000, 4000).of[0] == (1 << 20) - 1);
	CHECK(window_sum(&w, now_ms + 8000, 4000).of[1] == 0);
	window_clear(&w);
	CHECK(window_sum(&w, now_ms + 8000, 4000).of[0] == 0);
}

TESTS(
	{ "in a row", in_a_row },
	{ "probes", probes },
	{ "lost probes", lost_probes },
	{ "forced", forced },
	{ "rate", rate },
	{ "one of many", one_of_many },
	{ "names", names },
	{ "ready", ready },
	{ "keys", keys },
	{ "budget", budget },
	{ "take over", take_over },
	{ "windows", windows })
