#include "gateway/bill.h"

#include "base/clock.h"
#include "gateway/count.h"
#include "gateway/fan.h"
#include "json/text.h"
#include "proto/usage.h"

void
bill_begin(struct exchange *ex)
{
	ex->bill.due = ex->purpose == FOR_ANSWER || ex->purpose == FOR_PASS;
	if (ex->bill.due)
		count_enter(ex->worker->plan->count, ex->worker->place);
}

void
bill_forget(struct exchange *ex)
{
	ex->bill.sent = false;
	ex->bill.counter = NULL;
	ex->bill.spent = NULL;
	ex->meter.usage = ir_usage_none();
}

/* What was used of a provider; all -1: it is not known. */
static struct ir_usage
used(struct exchange *ex)
{
	static const struct ir_usage nothing = { 0 };
	struct ir_usage usage = ex->meter.usage;

	if (!ex->bill.due || ex->bill.cache == BILL_HIT || ex->talk.prewarm)
		return nothing;
	if (ex->bill.spent)
		return spent_usage(ex->bill.spent, &ex->arena);
	if (!ex->meter.stopped)
		usage_so_far(ex->bill.counter, &usage);
	fan_usage(ex, &usage);
	/* who hangs up before a word of the answer has still had it read */
	if (ex->bill.gone && ex->bill.sent && usage.in < 0) {
		usage.in = weigh_request(ex);
		usage.out = 0;
		usage.estimated = true;
	}
	if (ex->status >= 400 && usage.in < 0 && usage.out < 0)
		return nothing;
	return usage;
}

static bool
is_nothing(const struct ir_usage *usage)
{
	return !usage->in && !usage->out;
}

/* Who answered, or was asked last; NULL: nobody. */
static const struct target *
asked(const struct exchange *ex)
{
	return ex->cursor < ex->route.count && ex->attempts
	    ? &ex->route.targets[ex->cursor] : NULL;
}

/* In nano-dollars; -1: not known. */
static int64_t
cost(const struct exchange *ex)
{
	const struct target *t = asked(ex);

	if (is_nothing(&ex->meter.usage))
		return 0;
	if (!t)
		return -1;
	/* each was a request of its own, and prices may depend on its size */
	if (ex->fan && ex->talk.answers > 1)
		return fan_cost(ex, t->row);
	return catalog_cost(t->row, &ex->meter.usage);
}

/* What became of it, where that is no end of the model's. */
static const char *
trouble(const struct exchange *ex)
{
	const struct meter *m = &ex->meter;

	if (m->fail.kind != FAIL_NONE)
		return fail_name(m->fail.kind);
	return ex->bill.gone ? "hung_up" : NULL;
}

static int64_t
ms_since(const struct exchange *ex, int64_t us)
{
	return us > ex->began_us ? (us - ex->began_us) / 1000 : 0;
}

static void
book(struct exchange *ex)
{
	static const char *const caches[] = {	/* ORDER bill_cache */
		[BILL_UNCACHED] = NULL, [BILL_MISS] = "miss",
		[BILL_HIT] = "hit",
	};
	const struct meter *m = &ex->meter;
	const struct target *t = asked(ex);
	const struct access_key *key = ex->caller.key;
	struct ledger_line line = {
		.unix_ms = clock_wall_ms(), .id = ex->request_id,
		.protocol = slice_of(ex->client_protocol->name),
		.model = text_unescape(&ex->arena, ex->talk.client_model),
		.status = ex->status, .in = m->usage.in, .out = m->usage.out,
		.cached = m->usage.cache_read,
		.cache_written = m->usage.cache_write,
		.reasoning = m->usage.reasoning,
		.estimated = m->usage.estimated,
		.cost_nano = ex->bill.cost_nano,
		.first_ms = m->first_us ? ms_since(ex, m->first_us) : -1,
		.ms = ms_since(ex, clock_us()), .attempts = ex->attempts,
		.stop = m->stopped ? slice_of(meter_stop_name(m->stop))
		    : (struct slice){ 0 },
		.error = slice_of(trouble(ex)),
		.cache = slice_of(caches[ex->bill.cache]),
		.stream = ex->talk.stream,
	};

	if (key)
		line.key = key->name;
	if (t)
		line.provider = t->provider->name;
	if (t && t->model.len)
		line.target = t->model;
	spend_add(&ex->worker->spend, &line, t &&
	    (t->row || ex->route.model));
	ledger_put(&ex->worker->ledger, &line);
}

void
bill_settle(struct exchange *ex)
{
	struct bill *bill = &ex->bill;

	if (ex->trunk) {
		if (fan_told(ex->trunk))
			bill_settle(ex->trunk);
		return;
	}
	if (bill->settled)
		return;
	if (bill->due)
		ex->meter.usage = used(ex);
	bill->cost_nano = cost(ex);
	bill->settled = true;
	limit_settle(ex);
	if (bill->due)
		book(ex);
}

void
bill_close(struct exchange *ex)
{
	ex->bill.gone = !ex->ended;
	bill_settle(ex);
	if (ex->bill.due)
		count_leave(ex->worker->plan->count, ex->worker->place);
}
