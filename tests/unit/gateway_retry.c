/* The memory of what refusals taught: whose it is, how long, how much. */
#include "test.h"

#include "gateway/retry.h"

static const int64_t day_ms = 24 * 60 * 60 * 1000;

static void
remember(struct retry_memory *m, const struct provider *p, const char *model,
    const char *member, int64_t now_ms)
{
	struct lesson l = { .rule = 1 };

	snprintf(l.member, sizeof l.member, "%s", member);
	retry_remember(m, p, slice_of(model), &l, now_ms);
}

static size_t
known(struct retry_memory *m, const struct provider *p, const char *model,
    int64_t now_ms, struct lessons *out)
{
	retry_find(m, p, slice_of(model), now_ms, out);
	return out->count;
}

static void
whose(void)
{
	static struct retry_memory m;
	static const struct provider a, b;
	struct lessons out;

	CHECK(known(&m, &a, "m", 0, &out) == 0);
	remember(&m, &a, "m", "one", 5);
	remember(&m, &a, "m", "two", 6);
	remember(&m, &a, "m", "one", 7);	/* known already */
	CHECK(known(&m, &a, "m", 8, &out) == 2);
	CHECK(!strcmp(out.item[0].member, "one"));
	CHECK(!strcmp(out.item[1].member, "two"));
	CHECK(known(&m, &b, "m", 8, &out) == 0);
	CHECK(known(&m, &a, "n", 8, &out) == 0);
	CHECK(known(&m, &a, "", 8, &out) == 0);
}

static void
a_day(void)
{
	static struct retry_memory m;
	static const struct provider a;
	struct lessons out;

	remember(&m, &a, "m", "one", 5);
	CHECK(known(&m, &a, "m", 4 + day_ms, &out) == 1);
	CHECK(known(&m, &a, "m", 5 + day_ms, &out) == 0);
	remember(&m, &a, "m", "one", 6 + day_ms);
	CHECK(known(&m, &a, "m", 7 + day_ms, &out) == 1);
}

/* A flood of models that nobody asks for again does not wash out those that
 * are used. */
static void
bounded(void)
{
	static struct retry_memory m;
	static const struct provider a;
	struct lessons out;
	char name[16];

	remember(&m, &a, "used", "one", 0);
	for (int i = 0; i < 3 * RETRY_FACTS; i++) {
		CHECK(known(&m, &a, "used", i, &out) == 1);
		snprintf(name, sizeof name, "m%d", i);
		remember(&m, &a, name, "one", i);
		CHECK(m.count <= RETRY_FACTS);
	}
	CHECK(known(&m, &a, "m0", 0, &out) == 0);
	/* of one model, no more than there is room for */
	for (int i = 0; i < LEARN_MAX + 3; i++) {
		snprintf(name, sizeof name, "p%d", i);
		remember(&m, &a, "many", name, 1);
	}
	CHECK(known(&m, &a, "many", 2, &out) == LEARN_MAX);
}

TESTS(
	{ "whose it is", whose },
	{ "a day", a_day },
	{ "bounded", bounded })
