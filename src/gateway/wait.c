#include "gateway/wait.h"

enum { COUNT_MS = 10000 };

uint64_t
wait_first_ms(const struct exchange *ex)
{
	const struct limits *limits = &ex->worker->config->limits;
	const struct model *m = ex->route.model;
	uint64_t ms = limits->first_token_ms;
	uint64_t left = failover_left_ms(ex, ex->phase_ms);

	if (ex->through.open)		/* the request is not whole yet */
		return limits->body_ms + ex->reader.head->length / 16;
	if (m && m->first_token_timeout_ms)
		ms = m->first_token_timeout_ms;
	if (!ex->committed && left < ms)
		ms = left ? left : 1;
	/* an estimate now is worth more than a count some time later */
	return ex->purpose == FOR_COUNT && ms > COUNT_MS ? COUNT_MS : ms;
}

uint64_t
wait_relay_ms(const struct exchange *ex)
{
	const struct limits *m = &ex->worker->config->limits;
	uint64_t tick = m->keep_alive_ms;

	if (m->silence_ms < tick)
		tick = m->silence_ms;
	if (m->write_ms < tick)
		tick = m->write_ms;
	if (!ex->committed && !ex->meter.begun && wait_first_ms(ex) < tick)
		tick = wait_first_ms(ex);
	if (ex->attempt.ending_ms && m->usage_wait_ms < tick)
		tick = m->usage_wait_ms;
	if (!ex->committed && m->commit_ms && m->commit_ms < tick)
		tick = m->commit_ms;
	return tick;
}
