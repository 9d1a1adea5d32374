#include "gateway/spend.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/spare.h"
#include "gateway/ledger_read.h"
#include "gateway/limit.h"
#include "json/text.h"

enum { DAY = 10, RESTORE_DAYS = 32, DAYS_MAX = 366 };

static const int64_t day_ms = 24 * 3600 * 1000;

struct restoring {
	struct shared		*shared;
	struct ledger_sum	 models, keys, days;
	/* by key and what of a budget's periods the line is in */
	struct ledger_sum	 periods;
	int64_t			 today_ms, month_ms;
};

/*
 * Days and months of budgets: one moment stands for each that differs.  What a
 * clock wrote that was ahead is of none that has begun.
 */
static int64_t
period(const struct restoring *r, int64_t ms)
{
	enum { LATER = 64 };		/* days: neither today nor this month */

	return ms >= r->today_ms + day_ms ? r->today_ms + LATER * day_ms
	    : ms >= r->today_ms ? r->today_ms
	    : ms >= r->month_ms ? r->month_ms : 0;
}

static void
take_line(void *arg, const struct ledger_line *line)
{
	struct restoring *r = arg;
	struct ledger_line early = *line;

	/* see spend_add(): which models were known is not told */
	if (line->status >= 400)
		early.target = SLICE("");
	ledger_sum_add(&r->models, &early);
	ledger_sum_add(&r->keys, line);
	if (line->unix_ms >= r->today_ms - DAYS_MAX * day_ms)
		ledger_sum_add(&r->days, line);
	early.unix_ms = period(r, line->unix_ms);
	ledger_sum_add(&r->periods, &early);
}

/* "provider/model" as two names; one without a provider was not asked. */
static void
split(struct slice provider, struct slice model, struct slice names[])
{
	names[0] = provider;
	names[1] = SLICE("");
	if (provider.len && slice_starts(model, provider) &&
	    slice_starts(slice_skip(model, provider.len), SLICE("/")))
		names[1] = slice_skip(model, provider.len + 1);
}

static void
put_groups(struct restoring *r, struct ledger_sum *s, enum shared_kind kind,
    enum sum_by by)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct sum_group *g = &s->groups[i];
		struct slice name = text_unescape(&s->arena, g->names[by]);
		struct slice names[SPEND_NAMES] = { name };

		if (by == SUM_MODEL)
			split(text_unescape(&s->arena,
			    g->names[SUM_PROVIDER]), name, names);
		if (g->others)
			names[0] = (struct slice){ 0 };
		else if (!names[0].ptr)
			names[0] = SLICE("");
		spend_put(r->shared, kind, names, &g->counts);
	}
}

static void
put_budgets(struct restoring *r)
{
	for (size_t i = 0; i < r->periods.count; i++) {
		const struct sum_group *g = &r->periods.groups[i];
		int64_t ms;

		if (g->names[SUM_KEY].ptr && g->counts.cost_nano &&
		    clock_read_stamp(g->names[SUM_DAY], &ms))
			limit_restore(r->shared, text_unescape(
			    &r->periods.arena, g->names[SUM_KEY]),
			    r->today_ms / 1000, ms,
			    (int64_t)g->counts.cost_nano);
	}
}

static void
free_sums(struct restoring *r)
{
	ledger_sum_free(&r->models);
	ledger_sum_free(&r->keys);
	ledger_sum_free(&r->days);
	ledger_sum_free(&r->periods);
	spare_trim(0);
}

/* As long as the clock is not set it is when the ledger was last written. */
static int64_t
now_ms(const char *path)
{
	int64_t ms = clock_wall_ms();
	struct stat st;

	if (ms < CLOCK_SET_S * 1000 && stat(path, &st) == 0 &&
	    st.st_mtim.tv_sec > ms / 1000)
		ms = (int64_t)st.st_mtim.tv_sec * 1000;
	return ms;
}

/* The first moment of this day, and of this month. */
static void
begin_periods(struct restoring *r, const char *path)
{
	char stamp[CLOCK_STAMP];

	clock_stamp(now_ms(path), stamp);
	CHECK(clock_read_stamp((struct slice){ stamp, DAY }, &r->today_ms));
	stamp[DAY - 2] = '0';
	stamp[DAY - 1] = '1';
	CHECK(clock_read_stamp((struct slice){ stamp, DAY }, &r->month_ms));
}

/* A budget of all time needs all of it. */
static bool
needs_all(const struct config *c)
{
	for (const struct access_key *k = c->keys; k; k = k->next)
		if (k->limits.budget_nano[BUDGET_TOTAL])
			return true;
	return false;
}

static void
read_ledger(struct restoring *r, const char *path, int64_t from_ms)
{
	struct ledger_reader reader = {
		.each = take_line, .arg = r, .from_ms = from_ms,
	};

	if (!ledger_read_each(&reader, path))
		log_error("the ledger %s cannot be read, and budgets begin "
		    "anew: %s", path, strerror(errno));
	if (r->models.failed || r->keys.failed || r->days.failed ||
	    r->periods.failed)
		log_error("the ledger %s is more than there is memory for, "
		    "and budgets begin anew", path);
	if (!reader.lines && !reader.broken)
		return;
	log_begin(LOG_INFO, "ledger read");
	log_str("path", path);
	log_num("requests", (int64_t)reader.lines);
	log_num("files", (int64_t)reader.files);
	log_num("broken", (int64_t)reader.broken);
	log_end();
}

void
spend_restore(struct shared *shared, const struct config *c)
{
	struct restoring r = {
		.shared = shared, .models.by = { [SUM_MODEL] = true,
		[SUM_PROVIDER] = true }, .keys.by[SUM_KEY] = true,
		.days.by[SUM_DAY] = true,
		.periods.by = { [SUM_KEY] = true, [SUM_DAY] = true },
	};

	struct spend unused;

	if (!shared || !c->ledger.path)
		return;
	/* (others) have their places before all are taken */
	spend_begin(&unused, shared);
	begin_periods(&r, c->ledger.path);
	read_ledger(&r, c->ledger.path, needs_all(c) ? 0
	    : r.today_ms - RESTORE_DAYS * day_ms);
	put_groups(&r, &r.models, SHARED_SPEND_MODEL, SUM_MODEL);
	put_groups(&r, &r.keys, SHARED_SPEND_KEY, SUM_KEY);
	put_groups(&r, &r.days, SHARED_SPEND_DAY, SUM_DAY);
	put_budgets(&r);
	free_sums(&r);
}
