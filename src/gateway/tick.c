/* What becomes of an exchange that has waited for too long. */
#include "gateway/exchange.h"

#include "base/clock.h"
#include "gateway/fan.h"
#include "gateway/wait.h"

/* Has the client taken nothing of what waits for it for too long? */
static bool
client_stuck(struct exchange *ex)
{
	size_t pending = conn_pending(&ex->client->conn);

	if (!pending || pending != ex->pending) {
		ex->pending = pending;
		ex->moved_ms = clock_ms();
		return false;
	}
	return clock_ms() - ex->moved_ms >=
	    (int64_t)ex->worker->config->limits.write_ms;
}

static void
timed_out(struct exchange *ex, const char *what)
{
	struct fail fail = { .retry_after_ms = -1 };

	fail_set(&fail, &ex->arena, FAIL_TIMEOUT, NULL, "%s", what);
	exchange_attempt_failed(ex, &fail);
}

/*
 * A model with a deadline of its own for the first token wants another target
 * then: as long as there is one its client's stream is not begun.
 */
static bool
is_held(const struct exchange *ex)
{
	const struct model *m = ex->route.model;

	return !ex->committed && !ex->trunk && m &&
	    m->first_token_timeout_ms && ex->cursor + 1 < ex->route.count;
}

static void
relay_tick(struct exchange *ex)
{
	const struct limits *m = &ex->worker->config->limits;
	const struct attempt *a = &ex->attempt;
	int64_t now = clock_ms(), silent = now - a->heard_ms;
	int64_t quiet = a->kept_ms > a->heard_ms ? now - a->kept_ms : silent;

	if (relay_tail_over(ex))
		return;
	if (client_stuck(ex)) {
		(void)exchange_abandon(ex,
		    "the client does not take its answer");
		return;
	}
	if (ex->pending)
		;			/* we are not listening either */
	else if (!ex->committed && !ex->meter.begun &&
	    now - ex->phase_ms >= (int64_t)wait_first_ms(ex))
		timed_out(ex, "The provider sent no first token in time.");
	else if (silent >= (int64_t)m->silence_ms)
		timed_out(ex, "The provider fell silent in its answer.");
	else if ((ex->committed || m->commit_ms) && !is_held(ex) &&
	    quiet >= (int64_t)(ex->committed ? m->keep_alive_ms
	    : m->commit_ms))
		relay_keep_alive(ex);
	if (ex->phase == EX_RELAY)
		exchange_arm(ex);
}

/* In the middle of an answer that goes on the client waits, too. */
static void
await_tick(struct exchange *ex)
{
	if (ex->through.open) {
		upstream_drop(ex);
		(void)exchange_refuse_http(ex, 408,
		    "The request did not arrive in time.");
		return;
	}
	if (clock_ms() - ex->phase_ms >= (int64_t)wait_first_ms(ex)) {
		timed_out(ex, "The provider did not answer in time.");
		return;
	}
	relay_keep_waiting(ex);
	exchange_arm(ex);
}

void
tick_on_timer(struct loop_timer *timer)
{
	struct exchange *ex = container_of(timer, struct exchange, timer);

	/* a dial that fails at once calls back before its phase is entered */
	ex->running = true;
	switch (ex->phase) {
	case EX_READ:
		answer_for(&ex->answer, conn_out(&ex->client->conn),
		    ex->reader.head);
		(void)exchange_refuse_http(ex, 408,
		    "The request did not arrive in time.");
		break;
	case EX_HOLD:
	case EX_FOLLOW:
		exchange_arm(ex);
		break;
	case EX_AWAIT:
		await_tick(ex);
		break;
	case EX_RELAY:
		relay_tick(ex);
		break;
	case EX_PAUSE:
		failover_resume(ex);
		break;
	case EX_FAN:
		fan_tick(ex);
		exchange_arm(ex);
		break;
	case EX_FLUSH:
		if (client_stuck(ex))
			(void)exchange_abandon(ex, "the client takes nothing");
		else
			exchange_arm(ex);
		break;
	case EX_ADMIT:
	case EX_DIAL:
	case EX_DONE:
	case EX_PHASES:
		break;
	}
	ex->running = false;
	exchange_run(ex);
}
