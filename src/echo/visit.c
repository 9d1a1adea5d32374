/*
 * Bytes go feed -> staged -> connection.  `staged` holds them framed as HTTP
 * wants them; from there they go out whole, or in the pieces and at the pace
 * that the script orders.
 *
 *	phase	next event	the timer, if armed, is
 *	READ	0		-
 *	DELAY	0		the delay before the head
 *	HEAD	0		between two pieces of the head
 *	BODY	0..count	before the first event, or between two
 *	CUT	the cut		as BODY; then the connection is closed
 *	END	count		as BODY
 *	HANG	0		-
 */
#include "echo/visit.h"

#include "base/log.h"
#include "echo/compose.h"

enum {
	HEAD_MAX = 64 * 1024,
	BODY_MAX = 64 << 20,
	PENDING_MAX = 256 * 1024,	/* more waits: stop staging */
	STAGED_MAX = 32 * 1024,		/* sent in one go, without a script */
	SLOW_MS = 2,			/* between two bytes of a slow head */
};

enum step { STEP_WAIT, STEP_GO, STEP_OVER };

static void
bury(struct loop_grave *grave)
{
	struct visit *v = container_of(grave, struct visit, grave);

	slab_put(&v->echo->visits, v);
}

/* Let go of all that the visit holds, and stop counting it. */
static void
release(struct visit *v)
{
	struct echo *e = v->echo;

	e->open -= v->counted;
	e->streams -= v->stream_counted;
	loop_cancel(e->loop, &v->timer);
	reader_free(&v->reader);
	feed_free(&v->feed);
	buf_free(&v->staged);
	arena_reset(&v->arena);
	v->grave.bury = bury;
	loop_bury(e->loop, &v->grave);
}

static enum step
finish(struct visit *v, bool keep)
{
	struct client *c = v->client;

	release(v);
	client_done(c, keep);
	return STEP_OVER;
}

static enum step
lose(struct visit *v)
{
	client_close(v->client);	/* calls drop() */
	return STEP_OVER;
}

static enum step
hold(struct visit *v, int64_t ms)
{
	if (!loop_after(v->echo->loop, &v->timer, ms))
		return lose(v);
	v->waiting = true;
	return STEP_WAIT;
}

/* ---- out ---- */

/* Move what is staged to the connection, in pieces; of 0 bytes: whole. */
static enum step
drain(struct visit *v, size_t piece, int64_t gap)
{
	struct conn *c = &v->client->conn;

	while (buf_len(&v->staged)) {
		struct slice s = buf_slice(&v->staged);

		if (conn_pending(c) > PENDING_MAX)
			return STEP_WAIT;
		if (piece)
			s = slice_sub(s, 0, piece);
		buf_append(conn_out(c), s);
		v->echo->bytes_out += s.len;
		buf_take(&v->staged, s.len);
		if (!conn_flush(c) || c->out.failed)
			return lose(v);
		if (gap > 0 && buf_len(&v->staged))
			return hold(v, gap);
	}
	return v->staged.failed ? lose(v) : STEP_GO;
}

static enum step
drain_body(struct visit *v)
{
	size_t piece = v->script.bytes > 0 ? (size_t)v->script.bytes : 0;

	return drain(v, piece, piece ? v->script.drip : -1);
}

static void
stage_head(struct visit *v)
{
	struct answer *a = &v->answer;
	struct http_head *head = v->reader.head;
	const struct reply *r = &v->reply;

	if (v->script.close && head) {
		/* To a client of HTTP/1.0 the end of the body is the close. */
		head->minor = 0;
		head->keep_alive = false;
	}
	answer_for(a, &v->staged, head);
	if (v->reader.status)
		a->keep = false;	/* what is left is not read */
	answer_begin(a, r->status);
	answer_header(a, SLICE("content-type"), r->type);
	if (r->id_header)
		answer_header(a, slice_of(r->id_header), r->id);
	if (v->script.retry >= 0 && r->status >= 400)
		answer_number(a, SLICE("retry-after"),
		    (uint64_t)v->script.retry);
	if (r->stream || v->script.close)
		answer_stream(a);
	else
		answer_length(a, buf_len(&v->feed.bytes) + r->hidden);
	if (head && slice_is(head->method, "HEAD"))
		feed_cut(&v->feed, 0);
}

/* ---- the steps of the phases ---- */

static void
enter(struct visit *v, enum phase to)
{
	v->phase = to;
}

static enum step
answer(struct visit *v)
{
	stage_head(v);
	enter(v, v->script.hang ? VISIT_HANG : VISIT_DELAY);
	return v->script.delay > 0 && !v->script.hang
	    ? hold(v, v->script.delay) : STEP_GO;
}

static enum step
step_read(struct visit *v)
{
	struct conn *c = &v->client->conn;

	switch (reader_run(&v->reader, c, &v->arena)) {
	case READER_MORE:
	case READER_SOME:	/* bodies are small: none drips */
		return STEP_WAIT;
	case READER_HEAD:
		if (v->reader.head->expect_continue && !buf_len(&c->in)) {
			buf_text(conn_out(c), "HTTP/1.1 100 Continue\r\n\r\n");
			(void)conn_flush(c);
		}
		return STEP_GO;
	case READER_DONE:
		v->echo->bytes_in += v->reader.head_len + v->reader.body.len;
		compose(v);
		return answer(v);
	case READER_BAD:
		compose_refusal(v, v->reader.status, v->reader.why);
		return answer(v);
	case READER_GONE:
		break;
	}
	return lose(v);
}

static enum step
step_delay(struct visit *v)
{
	enter(v, VISIT_HEAD);
	return STEP_GO;
}

static enum step
step_head(struct visit *v)
{
	enum step step;

	if (v->script.slowhead)
		step = drain(v, 1, v->script.drip > 0 ? v->script.drip
		    : SLOW_MS);
	else
		step = drain_body(v);
	if (step != STEP_GO)
		return step;
	enter(v, VISIT_BODY);
	return v->script.first > 0 ? hold(v, v->script.first) : STEP_GO;
}

static bool
at_cut(const struct visit *v)
{
	return v->reply.cut >= 0 && v->next >= (size_t)v->reply.cut;
}

/* Stage events: one if they are to come one by one, else as many as fit. */
static void
stage_events(struct visit *v)
{
	bool paced = v->script.drip > 0 || v->script.bytes > 0;

	do {
		answer_piece(&v->answer, feed_event(&v->feed, v->next++));
	} while (!paced && v->next < v->feed.count && !at_cut(v) &&
	    buf_len(&v->staged) < STAGED_MAX);
}

static enum step
step_body(struct visit *v)
{
	enum step step = drain_body(v);

	if (step != STEP_GO)
		return step;
	if (at_cut(v)) {
		enter(v, VISIT_CUT);
		return STEP_GO;
	}
	if (v->next == v->feed.count) {
		answer_end(&v->answer);
		enter(v, VISIT_END);
		return STEP_GO;
	}
	stage_events(v);
	step = drain_body(v);
	if (step != STEP_GO || v->script.drip <= 0 || v->next == v->feed.count)
		return step;
	return hold(v, v->script.drip);
}

/* All is with the kernel, or must be waited for. */
static enum step
flush(struct visit *v)
{
	enum step step = drain_body(v);

	if (step == STEP_GO && conn_pending(&v->client->conn))
		step = STEP_WAIT;
	return step;
}

static enum step
step_cut(struct visit *v)
{
	enum step step = flush(v);

	if (step != STEP_GO)
		return step;
	if (v->script.rst < 0)
		return finish(v, false);
	conn_reset(&v->client->conn);
	return lose(v);
}

static enum step
step_end(struct visit *v)
{
	enum step step = flush(v);

	if (step != STEP_GO)
		return step;
	v->echo->tokens_in += v->tokens_in;
	v->echo->tokens_out += v->tokens_out;
	return finish(v, v->answer.keep && !v->script.stale);
}

static enum step
step_hang(struct visit *v)
{
	(void)v;
	return STEP_WAIT;
}

/* ORDER phase */
static enum step (*const phases[])(struct visit *) = {
	[VISIT_READ] = step_read, [VISIT_DELAY] = step_delay,
	[VISIT_HEAD] = step_head, [VISIT_BODY] = step_body,
	[VISIT_CUT] = step_cut, [VISIT_END] = step_end,
	[VISIT_HANG] = step_hang,
};

/* ---- the service ---- */

/* The client went away before it had all that it was to get. */
static bool
abandoned(const struct visit *v)
{
	return v->phase != VISIT_READ && v->client->conn.hung_up &&
	    (conn_pending(&v->client->conn) || v->phase < VISIT_CUT ||
	     v->phase == VISIT_HANG);
}

static void
run(void *exchange)
{
	struct visit *v = exchange;
	enum step step = STEP_GO;

	while (step == STEP_GO) {
		if (abandoned(v)) {
			lose(v);
			return;
		}
		if (v->waiting)
			return;
		step = phases[v->phase](v);
	}
}

static void
on_timer(struct loop_timer *timer)
{
	struct visit *v = container_of(timer, struct visit, timer);

	v->waiting = false;
	run(v);
}

static void *
begin(struct client *c)
{
	struct echo *e = c->server->owner;
	struct visit *v = slab_get(&e->visits);

	if (!v)
		return NULL;
	v->echo = e;
	v->client = c;
	v->reader.head_max = HEAD_MAX;
	v->reader.body_max = BODY_MAX;
	v->timer.on = on_timer;
	script_init(&v->script);
	return v;
}

/* A cut that is a reset ends here too: that was no client's doing. */
static void
drop(void *exchange)
{
	struct visit *v = exchange;

	if (v->counted && v->phase != VISIT_CUT) {
		v->echo->aborted++;
		log_debug("echo: the client went away");
	}
	release(v);
}

const struct service visit_service = { begin, run, drop, NULL,
    "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n"
    "connection: close\r\n\r\n" };
