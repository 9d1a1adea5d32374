/*
 * The answer's body on its way from the provider to the client.
 *
 * Three forms of most:
 *
 *	told	the protocols differ: events go through source, meter and sink;
 *		a stream's sink writes into the client's connection, a whole
 *		answer's into ex->whole
 *	passed	they are the same: bytes are copied as they are, and a copy
 *		feeds the source, for the meter alone
 *	error	a status from 400 on: gathered, and read by fail_read()
 *
 * And two that nobody has to understand: a stream of one JSON array is passed
 * as it comes, with a copy for the source; and what only goes by (through.h),
 * without any.
 *
 * Whatever the form, the client sees nothing before the first event was good.
 * Bytes of a passed stream wait in attempt.held until then.  Each turn pulls
 * what is there, turns all of it into output and flushes once.
 */
#include "gateway/exchange.h"

#include "base/clock.h"
#include "gateway/cache.h"
#include "gateway/kept.h"
#include "gateway/refusal.h"
#include "gateway/through.h"
#include "gateway/tokens.h"
#include "proto/referee.h"
#include "proto/usage.h"

enum {
	FILL_MAX = 64 * 1024,
	PULL_MAX = 64 * 1024,	/* bytes taken in one turn: others wait too */
	HIGH_WATER = 64 * 1024,	/* unsent bytes at which we stop pulling */
	ERROR_MAX = 64 * 1024,
	TAIL_MS = 200,		/* for a body's framing to end after its last
				 * event */
};

enum pull { PULL_SOME, PULL_NONE, PULL_END, PULL_CUT, PULL_BAD };

/*
 * What keeps the client's side alive.  Before the first event even a ping is
 * out of place; a comment is not, but for Google's clients.
 */
static struct slice
keep_alive(const struct exchange *ex)
{
	if (ex->talk.as_array)
		return SLICE(" ");
	return ex->meter.begun || ex->client_protocol->id == PROTO_GEMINI
	    ? ex->client_protocol->keep_alive : SLICE(": ping\n\n");
}

/* ---- memory ---- */

/* Bytes are about to come: bufs that were given back get their memory again. */
static void
take_memory(struct exchange *ex)
{
	struct attempt *a = &ex->attempt;

	(void)conn_out(&ex->client->conn);
	if (!a->events.cap && !loop_block(ex->worker->loop, &a->events))
		a->events.failed = true;
}

/* A stream that waits for its next event holds no buffers. */
static void
give_memory(struct exchange *ex)
{
	struct attempt *a = &ex->attempt;

	conn_rest(&ex->client->conn);
	if (a->conn)
		conn_rest(a->conn);
	if (!buf_len(&a->events))
		loop_unblock(ex->worker->loop, &a->events);
	arena_reset(&ex->scratch);
}

/* ---- bytes ---- */

/* One piece of the body goes where its form wants it. */
static void
take_piece(struct exchange *ex, struct slice piece)
{
	struct attempt *a = &ex->attempt;

	if (ex->bill.spent)
		spent_feed(ex->bill.spent, piece);
	if (ex->committed && ex->purpose == FOR_PASS) {
		answer_piece(&ex->answer, piece);
		return;
	}
	if (attempt_refused(a) && buf_len(&a->events) + piece.len > ERROR_MAX)
		piece = slice_sub(piece, 0, ERROR_MAX - buf_len(&a->events));
	buf_append(&a->events, piece);
	if (a->array) {
		cache_saw(ex, piece);
		answer_piece(&ex->answer, piece);
	}
	if (!a->same || !a->sse || attempt_refused(a))
		return;
	relay_open(ex);			/* one for all that comes in a turn */
	passed_take(ex, piece);
}

static enum pull
at_end(struct attempt *a)
{
	switch (a->conn->end) {
	case CONN_OPEN:
		return PULL_NONE;
	case CONN_CLOSED:
		return body_end(&a->body) ? PULL_END : PULL_CUT;
	case CONN_CUT:
	case CONN_BROKEN:
		break;
	}
	return PULL_CUT;
}

/* Take what has come off the provider's connection. */
static enum pull
pull(struct exchange *ex)
{
	struct attempt *a = &ex->attempt;
	size_t taken = 0;

	while (taken < PULL_MAX) {
		struct slice piece;
		size_t used;
		int got = body_next(&a->body, buf_slice(&a->conn->in), &used,
		    &piece);

		if (got < 0)
			return PULL_BAD;
		if (got) {
			take_piece(ex, piece);
			taken += piece.len;
		}
		buf_take(&a->conn->in, used);
		if (a->body.done)
			return PULL_END;
		if (!got && !conn_fill(a->conn, FILL_MAX))
			return taken ? PULL_SOME : at_end(a);
	}
	return PULL_SOME;
}

/* ---- events ---- */

static void
feed(struct exchange *ex, bool last)
{
	struct attempt *a = &ex->attempt;
	struct sse_event ev;
	int got;

	relay_open(ex);
	for (;;) {
		got = last ? sse_last(&a->reader, &a->events, &ev)
		    : sse_next(&a->reader, &a->events, &ev);
		if (got <= 0)
			break;
		arena_reset(&ex->scratch);
		ex->sound = buf_len(ex->answer.out);
		if (!a->source->done)
			a->source->event(a->source, &ev);
		if (relay_ran_out(ex))
			break;
	}
	if (got < 0)
		a->events.failed = true;
	if (last && !a->source->done && !a->events.failed) {
		arena_reset(&ex->scratch);
		ex->sound = buf_len(ex->answer.out);
		a->source->end(a->source);
		(void)relay_ran_out(ex);
	}
	relay_close(ex);
}

static void
feed_whole(struct exchange *ex)
{
	struct source *source = ex->attempt.source;

	arena_reset(&ex->scratch);
	ex->sound = buf_len(ex->answer.out);
	source->whole(source, buf_slice(&ex->attempt.events));
	(void)relay_ran_out(ex);
	relay_close(ex);
}

/* What was kept back of a passed stream, now that its source saw its end. */
static void
end_passed(struct exchange *ex)
{
	relay_open(ex);
	passed_end(ex);
	relay_close(ex);
}

/* ---- ends ---- */

void
relay_finish(struct exchange *ex)
{
	struct attempt *a = &ex->attempt;

#ifdef __SANITIZE_ADDRESS__
	if (ex->referee && !a->same && ex->meter.fail.kind == FAIL_NONE)
		CHECK(!referee_verdict(ex->referee));
#endif
	if (ex->trunk) {
		ex->ended = true;
		upstream_release(ex);
		exchange_enter(ex, EX_DONE);
		return;
	}
	failover_succeeded(ex);
	if (!a->same)
		kept_put(ex);
	if (ex->committed) {
		bill_settle(ex);
		answer_end(&ex->answer);
		ex->ended = true;
	} else {
		if (a->same) {
			/* the gathered body outlives the attempt */
			struct buf unused = ex->whole;

			ex->whole = a->events;
			a->events = unused;
		}
		ex->status = a->same ? a->head->status : 200;
		bill_settle(ex);
		reply_head(ex, ex->status, a->same
		    ? http1_get(a->head, SLICE("content-type"))
		    : SLICE("application/json"), (int64_t)buf_len(&ex->whole));
		conn_borrow(&ex->client->conn, buf_slice(&ex->whole));
		ex->ended = true;
	}
	if (ex->cache)
		cache_finish(ex);
	if (ex->through.open)		/* answered before it was all asked */
		ex->answer.keep = false;
	upstream_release(ex);
	exchange_enter(ex, EX_FLUSH);
}

static enum step
lost(struct exchange *ex, enum fail_kind kind, const char *what)
{
	struct fail fail = { .retry_after_ms = -1 };

	fail_set(&fail, &ex->arena, kind, NULL, "%s", what);
	ex->meter.fail = fail;
	exchange_attempt_failed(ex, &fail);
	return STEP_GO;
}

/* The answer is over, or goes on in another. */
static void
end_part(struct exchange *ex)
{
	const struct source *source = ex->attempt.source;

	if (!source || !source->paused)
		relay_finish(ex);
	else if (!retry_resume(ex))
		(void)lost(ex, FAIL_MEMORY, "There is no memory to go on with "
		    "an answer that paused.");
}

/*
 * Did the source find a failure that the client must be told of?  A passed
 * stream that has begun tells it in its own bytes, unless those are words of
 * another protocol's; and what we do not understand of an answer that is only
 * passed on is no failure.
 */
static bool
source_failed(const struct exchange *ex)
{
	const struct attempt *a = &ex->attempt;

	if (ex->meter.fail.kind == FAIL_NONE)
		return false;
	if (!a->same)
		return true;
	if (ex->meter.fail.kind == FAIL_BAD_ANSWER)
		return false;
	return !ex->committed || (a->source && a->source->unheard) ||
	    ex->meter.fail.kind == FAIL_TRUNCATED;
}

/*
 * An answer that is passed on need not be understood.  But a whole one is an
 * object with something in it, and of a stream one event at least is JSON:
 * others would only break the client.
 */
static bool
is_nonsense(struct exchange *ex)
{
	struct attempt *a = &ex->attempt;
	struct json json;
	struct json_fault fault;

	if (!a->same || a->array || ex->committed ||
	    ex->meter.fail.kind != FAIL_BAD_ANSWER)
		return false;
	if (a->sse)
		return !ex->meter.begun;
	return !json_parse(&json, &ex->arena, buf_slice(&a->events), 0,
	    &fault) || !jval_is(json_root(&json), JSON_OBJECT) ||
	    !jval_count(json_root(&json));
}

/* The body has ended in good order: what became of the answer? */
static enum step
conclude(struct exchange *ex)
{
	struct attempt *a = &ex->attempt;
	bool understood = false;	/* the stream, but for its last event */

	if (attempt_refused(a)) {
		refusal_tell(ex);
		return STEP_GO;
	}
	if (a->source && a->sse) {
		understood = ex->meter.fail.kind == FAIL_NONE;
		feed(ex, true);
	} else if (a->source) {
		feed_whole(ex);
	}
	if (a->same && a->sse)
		end_passed(ex);
	if (a->events.failed || ex->whole.failed)
		return lost(ex, FAIL_BAD_ANSWER, "The provider's answer is "
		    "larger than limits.answer_mb allows.");
	if (ex->purpose == FOR_COUNT && !tokens_read(ex))
		return lost(ex, FAIL_BAD_ANSWER,
		    "The provider's answer is no count of tokens.");
	if (ex->through.embeds && !through_read(ex))
		return lost(ex, FAIL_BAD_ANSWER,
		    "The provider's answer holds no vectors.");
	if (source_failed(ex) || is_nonsense(ex)) {
		struct fail fail = ex->meter.fail;

		exchange_attempt_failed(ex, &fail);
		return STEP_GO;
	}
	if (a->same && understood && ex->meter.fail.kind == FAIL_BAD_ANSWER)
		return lost(ex, FAIL_TRUNCATED, "Upstream closed the stream "
		    "in the middle of an event.");
	if (a->same && a->sse)
		relay_commit(ex);	/* a stream without one good event */
	end_part(ex);
	return STEP_GO;
}

/* A stream goes on: hand over the events that are whole. */
static enum step
advance(struct exchange *ex)
{
	struct attempt *a = &ex->attempt;

	if (a->source && a->sse && !attempt_refused(a))
		feed(ex, false);
	if (a->tailed && a->source->done)
		end_passed(ex);
	if (ex->committed && ex->meter.stopped)	/* its client knows it, too */
		bill_settle(ex);
	if (a->events.failed || a->held.failed)
		return lost(ex, FAIL_BAD_ANSWER, "The provider's answer is "
		    "larger than limits.answer_mb allows.");
	if (source_failed(ex)) {
		struct fail fail = ex->meter.fail;

		exchange_attempt_failed(ex, &fail);
		return STEP_GO;
	}
	if (a->source && a->source->cut) {
		end_part(ex);
		return STEP_GO;
	}
	if (a->source && a->source->ending && !a->ending_ms) {
		a->ending_ms = clock_ms();
		loop_after(ex->worker->loop, &ex->timer,
		    (int64_t)ex->worker->config->limits.usage_wait_ms);
	}
	if (a->source && a->source->done && a->sse && !a->done) {
		/* only the framing's end is missing: it decides whether the
		 * connection can be used again, and is not waited for long */
		a->done = true;
		loop_after(ex->worker->loop, &ex->timer, TAIL_MS);
	}
	return STEP_WAIT;
}

/*
 * Is only the usage missing of what is told?  Of what is passed on the provider
 * has the last word, but in Gemini there is none.
 */
static bool
said_all(const struct exchange *ex)
{
	const struct attempt *a = &ex->attempt;

	return a->source && a->source->ending && !a->source->done &&
	    (!a->same || ex->client_protocol->id == PROTO_GEMINI);
}

static bool
may_pull(struct exchange *ex)
{
	struct conn *c = &ex->client->conn;

	if (conn_pending(c) >= HIGH_WATER)
		(void)conn_flush(c);
	return conn_pending(c) < HIGH_WATER;
}

enum step
relay_run(struct exchange *ex)
{
	struct attempt *a = &ex->attempt;

	take_memory(ex);
	while (may_pull(ex)) {
		enum pull got = pull(ex);

		if (got != PULL_NONE)
			a->heard_ms = clock_ms();
		switch (got) {
		case PULL_SOME:
			if (advance(ex) == STEP_GO)
				return STEP_GO;
			break;
		case PULL_NONE:
			if (conn_flush(&ex->client->conn)) {
				give_memory(ex);
				return STEP_WAIT;
			}
			ex->client->conn.hung_up = true;
			return STEP_GO;
		case PULL_END:
			return conclude(ex);
		case PULL_CUT:
			if (attempt_refused(a) || (a->source && a->sse &&
			    (a->source->done || said_all(ex))))
				return conclude(ex);
			if (advance(ex) == STEP_GO)
				return STEP_GO;
			return lost(ex, FAIL_TRUNCATED, "Upstream closed the "
			    "stream before the response was complete.");
		case PULL_BAD:
			if (advance(ex) == STEP_GO)
				return STEP_GO;
			return lost(ex, FAIL_BAD_ANSWER,
			    "The framing of the provider's answer is broken.");
		}
	}
	return STEP_WAIT;
}

void
relay_nothing(struct exchange *ex)
{
	struct ir_event ev = {
		.type = IR_BEGIN, .id = ex->request_id,
		.model = ex->talk.client_model, .usage = ir_usage_none(),
	};
	struct sink *to = &ex->meter.sink;

	ex->talk.request_id = ex->request_id;
	ex->talk.created_s = clock_wall_s();
	ex->sink = relay_sink(ex);
	meter_init(&ex->meter, &ex->arena, ex->sink, relay_commit, ex);
	ev.usage.in = (int64_t)usage_input(&ex->talk);
	ev.usage.out = 0;
	ev.usage.estimated = true;
	to->put(to, &ev);
	ev.type = IR_STOP;
	ev.stop = IR_STOP_LENGTH;
	to->put(to, &ev);
	relay_close(ex);
	relay_finish(ex);
}

/* Events of Responses are counted: the sink knows how many there were. */
static bool
numbered(const struct exchange *ex)
{
	return ex->client_protocol->id == PROTO_RESPONSES && ex->sink &&
	    ex->committed && ex->meter.begun && !ex->attempt.done &&
	    !ex->trunk;
}

static void
ping(struct exchange *ex)
{
	struct ir_event ev = { .type = IR_PING };

	relay_open(ex);
	ex->sink->put(ex->sink, &ev);
	relay_close(ex);
}

void
relay_keep_alive(struct exchange *ex)
{
	struct attempt *a = &ex->attempt;

	if (attempt_refused(a) || !ex->talk.stream || !a->sse)
		return;
	if (!ex->committed)
		relay_commit(ex);
	relay_close(ex);		/* opened for events, which have not
					 * come */
	if (numbered(ex))
		ping(ex);
	else if (ex->committed && !a->done && !ex->trunk &&
	    (!a->same || a->at_boundary))
		answer_piece(&ex->answer, keep_alive(ex));
	a->kept_ms = clock_ms();
	(void)conn_flush(&ex->client->conn);
}

void
relay_keep_waiting(struct exchange *ex)
{
	if (!ex->committed || ex->trunk)
		return;
	(void)conn_out(&ex->client->conn);
	answer_piece(&ex->answer, keep_alive(ex));
	(void)conn_flush(&ex->client->conn);
}

bool
relay_tail_over(struct exchange *ex)
{
	struct attempt *a = &ex->attempt;

	if (said_all(ex) && clock_ms() - (a->same ? a->heard_ms : a->ending_ms)
	    >= (int64_t)ex->worker->config->limits.usage_wait_ms) {
		relay_open(ex);
		arena_reset(&ex->scratch);
		a->source->end(a->source);
		relay_close(ex);
		a->done = true;
	}
	if (!a->done)
		return false;
	if (source_failed(ex)) {
		struct fail fail = ex->meter.fail;

		exchange_attempt_failed(ex, &fail);
	} else {
		end_part(ex);
	}
	return true;
}

void
relay_fail(struct exchange *ex, const struct fail *fail)
{
	struct ir_event ev = { .type = IR_FAIL, .fail = fail };
	const struct attempt *a = &ex->attempt;
	struct sink *sink = ex->sink;

	if (!sink)
		sink = ex->client_protocol->sink_stream(&ex->talk,
		    ex->answer.out);
	bill_settle(ex);
	relay_open(ex);
	if (a->same && !a->at_boundary)	/* an event was begun and not ended */
		buf_text(ex->answer.out, "\n\n");
	if (sink)
		sink->put(sink, &ev);
	relay_close(ex);
	answer_end(&ex->answer);
	ex->ended = true;
}
