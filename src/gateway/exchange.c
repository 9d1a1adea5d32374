/*
 * The phases of an exchange, and the decisions between them.
 *
 * Nothing here moves bytes: reader, upstream, relay and reply do.  A step runs
 * until it must wait or its phase is over; exchange_run() is called for every
 * event of either connection and of the timer, and is not re-entered.
 */
#include "gateway/exchange.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"
#include "gateway/admit.h"
#include "gateway/cache.h"
#include "gateway/count.h"
#include "gateway/fan.h"
#include "gateway/record.h"
#include "gateway/through.h"
#include "gateway/tokens.h"
#include "gateway/wait.h"

#define BIT(phase)	(1u << (phase))

enum { CLIENT_CLOSED = 499 };	/* in the log: nobody was there to be told */

enum step
exchange_abandon(struct exchange *ex, const char *why)
{
	log_debug("exchange=%s abandoned: %s", ex->id, why);
	upstream_drop(ex);
	if (ex->trunk)			/* which finds out for all of them */
		ex->client->conn.hung_up = true;
	if (!ex->committed)
		ex->status = CLIENT_CLOSED;
	ex->answer.keep = false;
	exchange_enter(ex, EX_DONE);
	return STEP_GO;
}

/* What is left of a body must not be taken for another request. */
static bool
took_all(const struct exchange *ex)
{
	return !ex->reader.drip || reader_whole(&ex->reader);
}

enum step
exchange_refuse(struct exchange *ex, const struct fail *fail)
{
	if (!took_all(ex))
		ex->answer.keep = false;
	if (!tokens_replace(ex, fail))
		reply_error(ex, fail);
	else if (!tokens_here(ex))
		reply_error(ex, &ex->talk.fail);
	exchange_enter(ex, EX_FLUSH);
	return STEP_GO;
}

enum step
exchange_refuse_http(struct exchange *ex, unsigned status, const char *why)
{
	struct fail fail = { .retry_after_ms = -1 };

	fail_set(&fail, &ex->arena, status == 413 || status == 431
	    ? FAIL_TOO_LARGE : status == 503 ? FAIL_MEMORY : FAIL_INVALID,
	    NULL, "%s", why);
	fail.status = status;
	ex->answer.keep = false;
	return exchange_refuse(ex, &fail);
}

static enum step
step_read(struct exchange *ex)
{
	const struct limits *limits = &ex->worker->config->limits;
	struct conn *c = &ex->client->conn;

	switch (reader_run(&ex->reader, c, &ex->arena)) {
	case READER_MORE:
		loop_settle(ex->worker->loop, &c->in);
		loop_settle(ex->worker->loop, &c->out);
		return STEP_WAIT;
	case READER_HEAD:
		answer_for(&ex->answer, conn_out(c), ex->reader.head);
		exchange_enter(ex, EX_READ);
		loop_after(ex->worker->loop, &ex->timer,
		    (int64_t)(limits->body_ms + ex->reader.head->length / 16));
		/* of a request that is refused here no body is read: say so */
		if (ex->reader.head->framing != HTTP_NO_BODY)
			ex->answer.keep = false;
		if (!admit_head(ex)) {
			exchange_enter(ex, EX_FLUSH);
			return STEP_GO;
		}
		ex->answer.keep = ex->reader.head->keep_alive;
		if (ex->reader.head->expect_continue && !buf_len(&c->in)) {
			buf_text(conn_out(c), "HTTP/1.1 100 Continue\r\n\r\n");
			(void)conn_flush(c);
		}
		return STEP_GO;
	case READER_SOME:
		if (!through_enough(ex))
			return STEP_GO;
		exchange_enter(ex, EX_ADMIT);
		return STEP_GO;
	case READER_DONE:
		exchange_enter(ex, EX_ADMIT);
		return STEP_GO;
	case READER_BAD:
		answer_for(&ex->answer, conn_out(c), ex->reader.head);
		return exchange_refuse_http(ex, ex->reader.status,
		    ex->reader.why);
	case READER_GONE:
		break;
	}
	return exchange_abandon(ex,
	    "the client closed before its request was whole");
}

bool
exchange_ask(struct exchange *ex)
{
	failover_key(ex);
	if (ex->through.open)
		failover_last(ex);
	if (ex->talk.prewarm) {
		relay_nothing(ex);
	} else if (ex->talk.answers > 1) {
		if (!fan_begin(ex))
			return fail_set(&ex->talk.fail, &ex->arena,
			    FAIL_MEMORY, NULL,
			    FAIL_NO_MEMORY);
		exchange_enter(ex, EX_FAN);
	} else {
		/* what can be sent only once wants no connection that the
		 * provider may have closed */
		upstream_connect(ex, ex->through.open);
		exchange_enter(ex, EX_DIAL);
	}
	return true;
}

static bool
prepare(struct exchange *ex)
{
	return ex->purpose == FOR_PASS ? through_prepare(ex)
	    : upstream_prepare(ex);
}

enum step
exchange_try(struct exchange *ex)
{
	for (; ex->cursor < ex->route.count; ex->cursor++) {
		failover_choose(ex);
		if (cache_answers(ex))
			return STEP_GO;
		ex->talk.fail = (struct fail){ .retry_after_ms = -1 };
		ex->meter.fail = (struct fail){ 0 };
		ex->attempts++;
		if (prepare(ex) && exchange_ask(ex))
			return STEP_GO;
		failover_note(ex, &ex->talk.fail);
		failover_let_go(ex);
		upstream_drop(ex);
		if (!fail_elsewhere(ex->talk.fail.kind) &&
		    ex->talk.fail.kind != FAIL_UNSUPPORTED)
			break;
	}
	return exchange_refuse(ex, &ex->talk.fail);
}

/* The route is known: may the caller's key go on? */
static enum step
go_on(struct exchange *ex)
{
	switch (limit_admit(ex)) {
	case LIMIT_YES:
		cache_begin(ex);
		failover_begin(ex);
		return exchange_try(ex);
	case LIMIT_LATER:
		if (ex->phase != EX_HOLD)
			exchange_enter(ex, EX_HOLD);
		return STEP_WAIT;
	case LIMIT_NO:
		break;
	}
	return exchange_refuse(ex, &ex->talk.fail);
}

static enum step
step_admit(struct exchange *ex)
{
	bill_begin(ex);
	switch (admit_body(ex)) {
	case ADMIT_ROUTED:
		return go_on(ex);
	case ADMIT_ANSWERED:
		exchange_enter(ex, EX_FLUSH);
		return STEP_GO;
	case ADMIT_REFUSED:
		break;
	}
	return exchange_refuse(ex, &ex->talk.fail);
}

static enum step
step_hold(struct exchange *ex)
{
	if (ex->client->conn.hung_up)
		return exchange_abandon(ex, "the client hung up");
	return go_on(ex);
}

static enum step
step_follow(struct exchange *ex)
{
	if (ex->client->conn.hung_up)
		return exchange_abandon(ex, "the client hung up");
	if (cache_follow(ex) == STEP_WAIT)
		return STEP_WAIT;
	return ex->phase == EX_FOLLOW ? exchange_try(ex) : STEP_GO;
}

static enum step
step_dial(struct exchange *ex)
{
	if (ex->client->conn.hung_up)
		return exchange_abandon(ex, "the client hung up");
	if (ex->attempt.dialing)
		return STEP_WAIT;
	if (upstream_dialed(ex) == STEP_GO)
		return STEP_GO;
	upstream_send(ex);
	exchange_enter(ex, EX_AWAIT);
	return STEP_GO;
}

/*
 * Has the client gone, or its body broken off?  Else what has come of the body
 * goes on its way.
 */
static bool
interrupted(struct exchange *ex, enum step *then)
{
	bool fine = !ex->client->conn.hung_up;

	if (fine && !ex->through.open)
		return false;
	if (fine && through_pump(ex)) {
		if (!ex->through.open && ex->phase == EX_AWAIT)
			exchange_enter(ex, EX_AWAIT);	/* time starts anew */
		return false;
	}
	upstream_drop(ex);
	*then = fine && ex->reader.status && !ex->committed
	    ? exchange_refuse_http(ex, ex->reader.status, ex->reader.why)
	    : exchange_abandon(ex, "the client hung up");
	return true;
}

static enum step
step_await(struct exchange *ex)
{
	enum step then;

	return interrupted(ex, &then) ? then : upstream_await(ex);
}

static enum step
step_relay(struct exchange *ex)
{
	enum step then;

	return interrupted(ex, &then) ? then : relay_run(ex);
}

static enum step
step_pause(struct exchange *ex)
{
	if (ex->client->conn.hung_up)
		return exchange_abandon(ex, "the client hung up");
	return STEP_WAIT;
}

static enum step
step_fan(struct exchange *ex)
{
	if (ex->client->conn.hung_up)
		return exchange_abandon(ex, "the client hung up");
	return fan_run(ex);
}

static enum step
step_flush(struct exchange *ex)
{
	struct conn *c = &ex->client->conn;

	if (!conn_flush(c))
		return exchange_abandon(ex,
		    "the client does not take its answer");
	if (conn_pending(c))
		return STEP_WAIT;
	exchange_enter(ex, EX_DONE);
	return STEP_GO;
}

enum timeout {
	T_NONE, T_HEAD, T_HOLD, T_FOLLOW, T_FIRST, T_RELAY, T_FAN, T_WRITE
};

/* The attempt was lost, and there is another. */
#define AGAIN	(BIT(EX_DIAL) | BIT(EX_FAN) | BIT(EX_PAUSE))

/*
 * The whole machine.  A row: what runs, what may follow, how long it may take.
 */
static const struct {
	const char	*name;
	enum step	(*run)(struct exchange *);
	unsigned	 next;
	enum timeout	 timeout;
} phases[EX_PHASES] = {
	[EX_READ] = { "read", step_read, BIT(EX_READ) | BIT(EX_ADMIT) |
	    BIT(EX_FLUSH) | BIT(EX_DONE), T_HEAD },
	[EX_ADMIT] = { "admit", step_admit, BIT(EX_HOLD) | BIT(EX_FOLLOW) |
	    BIT(EX_DIAL) | BIT(EX_FAN) | BIT(EX_FLUSH), T_NONE },
	[EX_HOLD] = { "hold", step_hold, BIT(EX_FOLLOW) | BIT(EX_DIAL) |
	    BIT(EX_FAN) | BIT(EX_FLUSH) | BIT(EX_DONE), T_HOLD },
	[EX_FOLLOW] = { "follow", step_follow, BIT(EX_FOLLOW) | BIT(EX_DIAL) |
	    BIT(EX_FAN) | BIT(EX_FLUSH) | BIT(EX_DONE), T_FOLLOW },
	[EX_DIAL] = { "dial", step_dial, BIT(EX_AWAIT) | AGAIN |
	    BIT(EX_FLUSH) | BIT(EX_DONE), T_NONE },
	[EX_AWAIT] = { "await", step_await, BIT(EX_AWAIT) | BIT(EX_RELAY) |
	    AGAIN | BIT(EX_FLUSH) | BIT(EX_DONE), T_FIRST },
	[EX_RELAY] = { "relay", step_relay, AGAIN | BIT(EX_FLUSH) |
	    BIT(EX_DONE), T_RELAY },
	/* the timer is set for as long as it is to last */
	[EX_PAUSE] = { "pause", step_pause, AGAIN | BIT(EX_FLUSH) |
	    BIT(EX_DONE), T_NONE },
	[EX_FAN] = { "fan", step_fan, AGAIN | BIT(EX_FLUSH) | BIT(EX_DONE),
	    T_FAN },
	[EX_FLUSH] = { "flush", step_flush, BIT(EX_DONE), T_WRITE },
	[EX_DONE] = { "done", NULL, 0, T_NONE },
};

void
exchange_arm(struct exchange *ex)
{
	const struct limits *m = &ex->worker->config->limits;
	uint64_t ms = 0;

	switch (phases[ex->phase].timeout) {
	case T_NONE:
		loop_cancel(ex->worker->loop, &ex->timer);
		return;
	case T_HEAD:
		ms = m->head_ms;
		break;
	case T_HOLD:
		ms = LIMIT_HOLD_MS;
		break;
	case T_FOLLOW:
		ms = cache_wait_ms(ex);
		break;
	case T_FIRST:
		ms = wait_first_ms(ex);
		if (ex->committed && m->keep_alive_ms < ms)
			ms = m->keep_alive_ms;
		break;
	case T_RELAY:
		ms = wait_relay_ms(ex);
		break;
	case T_FAN:
		ms = m->keep_alive_ms;
		break;
	case T_WRITE:
		ms = m->write_ms;
		break;
	}
	loop_after(ex->worker->loop, &ex->timer, (int64_t)ms);
}

void
exchange_enter(struct exchange *ex, enum phase to)
{
	CHECK(phases[ex->phase].next & BIT(to));
	if (log_on(LOG_DEBUG))
		log_debug("exchange=%s %s -> %s", ex->id,
		    phases[ex->phase].name, phases[to].name);
	ex->phase = to;
	if (to == EX_FLUSH && ex->cache)
		cache_over(ex);
	ex->phase_ms = clock_ms();
	ex->moved_ms = ex->phase_ms;
	ex->pending = conn_pending(&ex->client->conn);
	exchange_arm(ex);
}

/* Without memory nothing works; no provider is to blame for that. */
static bool
may_be_ours(const struct fail *fail)
{
	return memory_short() && !fail->status && (fail->kind == FAIL_CONNECT ||
	    fail->kind == FAIL_TRUNCATED || fail->kind == FAIL_BAD_ANSWER);
}

void
exchange_attempt_failed(struct exchange *ex, const struct fail *fail)
{
	struct fail kept = *fail;

	if (may_be_ours(fail)) {
		kept = (struct fail){ .retry_after_ms = -1 };
		fail_set(&kept, &ex->arena, FAIL_MEMORY, NULL, FAIL_NO_MEMORY);
	}
	if (ex->trunk) {		/* which decides for all of them */
		ex->meter.fail = kept;
		upstream_drop(ex);
		exchange_enter(ex, EX_DONE);
		return;
	}
	if (!ex->committed) {
		if (failover_next(ex, &kept))
			return;
		upstream_drop(ex);
		(void)exchange_refuse(ex, &kept);
		return;
	}
	ex->meter.fail = kept;
	failover_blame(ex, &kept);
	log_begin(LOG_WARN, "answer broke off");
	log_text("id", ex->request_id);
	log_text("provider", ex->attempt.target->provider->name);
	log_str("error", fail_name(kept.kind));
	log_text("why", kept.message);
	log_end();
	if (ex->purpose == FOR_PASS || ex->attempt.array) {
		/* bytes of any kind: that they end too early is all to tell */
		(void)exchange_abandon(ex, "the provider's answer broke off");
		return;
	}
	relay_fail(ex, &kept);
	upstream_drop(ex);
	exchange_enter(ex, EX_FLUSH);
}

/* ---- life ---- */

void
exchange_free(struct exchange *ex)
{
	struct worker *w = ex->worker;

	upstream_drop(ex);
	loop_cancel(w->loop, &ex->timer);
	cache_free(ex);
	reader_free(&ex->reader);
	buf_clear(&ex->whole);
	loop_unblock(w->loop, &ex->whole);
	arena_reset(&ex->arena);
	arena_reset(&ex->scratch);
	slab_put(&w->exchanges, ex);
}

static void
let_go(struct exchange *ex)
{
	struct worker *w = ex->worker;

	fan_stop(ex);
	failover_let_go(ex);
	bill_close(ex);
	record_request(ex);
	count_request(w->plan->count, ex->status, ex->attempts);
	count_losses(w->plan->count, &ex->talk.losses);
	fan_free(ex);
	reader_wipe(&ex->reader);
	exchange_free(ex);
	worker_tidy(w);
}

void
exchange_run(struct exchange *ex)
{
	struct client *client = ex->client;
	bool keep;

	if (ex->running)
		return;
	ex->step_us = clock_us();
	ex->running = true;
	while (ex->phase != EX_DONE)
		if (phases[ex->phase].run(ex) == STEP_WAIT)
			break;
	ex->running = false;
	ex->own_us += clock_us() - ex->step_us;
	if (ex->phase != EX_DONE)
		return;
	if (ex->trunk) {
		exchange_run(ex->trunk);	/* which may let go of it */
		return;
	}
	keep = ex->answer.keep && took_all(ex);
	client->exchange = NULL;
	let_go(ex);
	client_done(client, keep);
}

static void *
begin(struct client *client)
{
	struct worker *w = client->server->owner;
	const struct limits *m = &w->config->limits;
	struct exchange *ex = slab_get(&w->exchanges);

	if (!ex)
		return NULL;
	ex->client = client;
	ex->worker = w;
	ex->began_us = clock_us();
	ex->timer.on = tick_on_timer;
	ex->reader.head_max = (size_t)m->head_kb << 10;
	ex->reader.body_max = (size_t)m->body_mb << 20;
	ex->arena.limit = ((size_t)m->body_mb << 20) * 8 + (16u << 20);
	ex->meter.usage = ir_usage_none();
	worker_new_id(w, ex->id);
	ex->request_id = slice_of(ex->id);
	ex->talk.arena = &ex->arena;
	ex->talk.scratch = &ex->scratch;
	ex->talk.options = &w->config->options;
	ex->talk.fail.retry_after_ms = -1;
	answer_for(&ex->answer, conn_out(&client->conn), NULL);
	exchange_enter(ex, EX_READ);
	return ex;
}

static void
run(void *exchange)
{
	exchange_run(exchange);
}

static void
drop(void *exchange)
{
	struct exchange *ex = exchange;

	if (!ex->committed)
		ex->status = ex->reader.head ? CLIENT_CLOSED : 0;
	let_go(ex);
}

/* Whoever comes again will find another worker, or another gateway. */
static void
cut(void *exchange)
{
	struct exchange *ex = exchange;
	struct fail fail = { .retry_after_ms = -1 };

	if (ex->phase == EX_FLUSH || ex->phase == EX_DONE)
		return;
	ex->running = true;
	fail_set(&fail, &ex->arena, FAIL_OVERLOADED, NULL,
	    "The gateway is shutting down; try again.");
	fail.retry_after_ms = 1000;
	fan_stop(ex);
	(void)conn_out(&ex->client->conn);
	if (ex->phase == EX_READ || ex->phase == EX_HOLD ||
	    ex->phase == EX_FOLLOW) {
		answer_for(&ex->answer, conn_out(&ex->client->conn),
		    ex->reader.head);
		(void)exchange_refuse(ex, &fail);
	} else {
		failover_let_go(ex);	/* the target did nothing wrong */
		failover_last(ex);
		exchange_attempt_failed(ex, &fail);
	}
	ex->running = false;
	exchange_run(ex);
}

/* An error as every protocol's clients read it; who asks is not known yet. */
static const char full[] =
    "HTTP/1.1 503 Service Unavailable\r\n"
    "content-type: application/json\r\n"
    "content-length: 165\r\n"
    "retry-after: 1\r\n"
    "connection: close\r\n"
    "\r\n"
    "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
    "\"code\":\"too_many_connections\",\"status\":\"UNAVAILABLE\",\"message\":"
    "\"Too many connections are open here; try again.\"}}\n";

const struct service exchange_service = { begin, run, drop, cut, full };
