#include "gateway/bill.h"

#include "gateway/fan.h"
#include "proto/usage.h"

void
bill_begin(struct exchange *ex)
{
	ex->bill.due = ex->purpose == FOR_ANSWER || ex->purpose == FOR_PASS;
}

void
bill_forget(struct exchange *ex)
{
	ex->bill.counter = NULL;
	ex->bill.spent = NULL;
	ex->meter.usage = ir_usage_none();
}

/* What was used of a provider; all -1: it is not known. */
static struct ir_usage
used(struct exchange *ex)
{
	static const struct ir_usage nothing = { 0, 0, 0, 0, 0, false };
	struct ir_usage usage = ex->meter.usage;

	if (!ex->bill.due || ex->bill.cache == BILL_HIT || ex->talk.prewarm)
		return nothing;
	if (ex->bill.spent)
		return spent_usage(ex->bill.spent, &ex->arena);
	if (!ex->meter.stopped)
		usage_so_far(ex->bill.counter, &usage);
	fan_usage(ex, &usage);
	if (ex->status >= 400 && usage.in < 0 && usage.out < 0)
		return nothing;
	return usage;
}

static bool
is_nothing(const struct ir_usage *usage)
{
	return !usage->in && !usage->out;
}

/* In nano-dollars; -1: not known. */
static int64_t
cost(const struct exchange *ex)
{
	return is_nothing(&ex->meter.usage) ? 0 : -1;
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
}
