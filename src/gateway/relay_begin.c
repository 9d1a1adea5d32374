/* How an answer begins: in which form it is told, when its head goes out. */
#include "gateway/exchange.h"

#include "base/clock.h"
#include "gateway/cache.h"
#include "gateway/fan.h"
#include "gateway/through.h"
#include "proto/referee.h"
#include "proto/remember.h"
#include "proto/usage.h"

enum {
	ERROR_MAX = 64 * 1024,	/* of an error's body */
};

/* ---- the head of the client's answer ---- */

void
relay_open(struct exchange *ex)
{
	if (ex->committed && !ex->chunk_open && !ex->ended) {
		ex->chunk = answer_open(&ex->answer);
		ex->chunk_open = true;
	}
}

void
relay_close(struct exchange *ex)
{
	if (ex->cache)
		cache_saw(ex, ex->chunk_open ? answer_said(&ex->answer,
		    ex->chunk) : SLICE(""));
	if (ex->chunk_open)
		answer_close(&ex->answer, ex->chunk);
	ex->chunk_open = false;
}

/*
 * An event for which memory ran out is told in part, or wrongly: none of it
 * goes to the client, and the answer ends there.
 */
bool
relay_ran_out(struct exchange *ex)
{
	if (ex->attempt.same || (!ex->arena.failed && !ex->scratch.failed))
		return false;
	if (ex->committed && buf_len(ex->answer.out) > ex->sound)
		buf_trunc(ex->answer.out, ex->sound);
	ex->attempt.events.failed = true;
	ex->arena.failed = ex->scratch.failed = false;	/* to say so */
	return true;
}

void
relay_commit(void *owner)
{
	struct exchange *ex = owner;
	struct attempt *a = &ex->attempt;

	if (ex->committed ||
	    !(a->same ? a->sse || a->array : ex->talk.stream))
		return;
	if (ex->failover.visit.probe)
		failover_succeeded(ex);
	if (ex->trunk)
		fan_commit(ex);
	else
		reply_head(ex, a->same ? a->head->status : 200, a->same
		    ? http1_get(a->head, SLICE("content-type"))
		    : ex->talk.as_array
		    ? SLICE("application/json; charset=UTF-8")
		    : SLICE("text/event-stream; charset=utf-8"), -1);
	if (a->same) {
		cache_saw(ex, buf_slice(&a->held));
		answer_piece(&ex->answer, buf_slice(&a->held));
		buf_clear(&a->held);
		loop_unblock(ex->worker->loop, &a->held);
	} else {
		relay_open(ex);
	}
	ex->sound = buf_len(ex->answer.out);
}

/* ---- beginning ---- */

/* In builds with sanitizers the referee watches every answer. */
static struct sink *
watched(struct exchange *ex, struct sink *to)
{
#ifdef __SANITIZE_ADDRESS__
	struct referee *r = arena_alloc(&ex->arena, sizeof *r);

	if (!r)
		return to;
	referee_init(r, to);
	ex->referee = r;
	return &r->sink;
#else
	(void)ex;
	return to;
#endif
}

struct sink *
relay_sink(struct exchange *ex)
{
	struct talk *talk = &ex->talk;

	if (talk->stream)
		return talk->client->sink_stream(talk, ex->answer.out);
	if (!ex->whole.cap && !loop_block(ex->worker->loop, &ex->whole))
		return NULL;
	return talk->client->sink_whole(talk, &ex->whole);
}

/*
 * The client of a passed answer asked for a stream and gets a whole answer, or
 * the other way round: it is told in the form that was asked for.
 */
static void
mend_form(struct exchange *ex)
{
	struct attempt *a = &ex->attempt;
	struct talk *talk = &ex->talk;
	bool json = slice_starts_ci(http1_get(a->head, SLICE("content-type")),
	    SLICE("application/json"));

	if (!a->same || a->array || !(talk->stream ? json : a->sse))
		return;
	a->same = false;
	if (!talk->client->decode(talk, json_root(&ex->json)))
		talk->request = NULL;
	talk->fail = (struct fail){ .retry_after_ms = -1 };
	loss_add(&talk->losses, &ex->arena, LOSS_EMULATED, "stream");
}

static void
begin_answer(struct exchange *ex)
{
	struct attempt *a = &ex->attempt;
	struct talk *talk = &ex->talk;
	struct sink *to;

	if (ex->purpose == FOR_COUNT)
		return;			/* no answer of a model: bytes only */
	mend_form(ex);
	talk->request_id = ex->request_id;
	if (!talk->choices)
		talk->created_s = clock_wall_s();
	ex->sink = a->same ? NULL : relay_sink(ex);
	meter_init(&ex->meter, &ex->arena, a->same ? passed_sink(ex) :
	    ex->sink, relay_commit, ex);
	to = remember_sink(talk, &ex->meter.sink);
	ex->bill.counter = usage_sink(talk, to);
	a->source = talk->provider->source(talk,
	    watched(ex, ex->bill.counter));
	if (!a->source || (!a->same && !ex->sink))
		a->events.failed = true;
}

void
relay_begin(struct exchange *ex)
{
	struct attempt *a = &ex->attempt;
	uint64_t answer_mb = ex->worker->config->limits.answer_mb;

	if (ex->trunk)
		fan_heard(ex);
	a->sse = slice_starts_ci(http1_get(a->head, SLICE("content-type")),
	    SLICE("text/event-stream"));
	a->events.limit = attempt_refused(a) ? ERROR_MAX
	    : (size_t)answer_mb << 20;
	a->held.limit = a->partial.limit = a->events.limit;
	if (attempt_refused(a))
		return;
	if (ex->purpose == FOR_PASS) {
		through_begin(ex);
		return;
	}
	retry_accepted(ex);
	a->array = a->same && ex->talk.as_array && !a->sse;
	if (!a->source)			/* else it goes on in this one */
		begin_answer(ex);
	if (a->array)
		relay_commit(ex);
	if (!conn_pending(a->conn) && !(a->source && a->source->resume)) {
		/* another target would get a request of its own; one that was
		 * refused, or whose answer pauses, is sent again in parts */
		if (ex->trunk)
			fan_sent(ex);
		buf_clear(&a->request);
		loop_unblock(ex->worker->loop, &a->request);
	}
}
