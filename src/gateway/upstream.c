/* One attempt: a connection, the request on it, the head of the answer. */
#include "gateway/exchange.h"

#include "base/clock.h"
#include "base/memory.h"
#include "gateway/choose.h"
#include "gateway/through.h"
#include "gateway/tokens.h"
#include "json/text.h"
#include "proto/estimate.h"
#include "proto/quirk_edit.h"

enum {
	FILL_MAX = 64 * 1024,		/* read ahead of what was taken */
	HEAD_MAX = 64 * 1024,
	STRICT_MAX = 4096,		/* what strict mode says of losses */
	STALE_MS = 10000,		/* to find out that it was closed */
};

/* ---- the request's body ---- */

/*
 * The same protocol on both sides: the client's bytes with a few spans
 * replaced.
 */
static bool
encode_same(struct exchange *ex)
{
	struct talk *talk = &ex->talk;
	struct splice splice = { .text = ex->json.text };

	if (!talk->provider->pass(talk, json_root(&ex->json), &splice))
		return false;
	if (splice.failed)
		return fail_set(&talk->fail, &ex->arena, FAIL_INVALID, NULL,
		    "The request names the same member too often.");
	splice_write(&splice, &ex->attempt.request);
	return true;
}

/*
 * Decoding is done anew for each target: encoders settle the tree to their
 * needs.
 */
static bool
encode_other(struct exchange *ex)
{
	struct talk *talk = &ex->talk;

	talk->request = NULL;
	if (!talk->client->decode(talk, json_root(&ex->json)))
		return false;
	learn_tree(&ex->retry.lessons, talk);
	talk->may_stream = !talk->stream;
	/* a Messages stream begins with the number of input tokens */
	if (talk->client->id == PROTO_MESSAGES && talk->stream)
		talk->input_estimate = estimate_request(talk);
	return talk->provider->encode(talk, &ex->attempt.request);
}

/*
 * In strict mode whatever would be lost refuses the request, by its name and
 * with the reason.
 */
static bool
strict_enough(struct exchange *ex)
{
	const struct target *t = ex->attempt.target;
	struct buf text = { 0 };

	if (!ex->strict || !ex->talk.losses.count)
		return true;
	buf_text(&text, "Strict mode: ");
	buf_append(&text, t->provider->name);
	buf_byte(&text, '/');
	buf_append(&text, t->model);
	buf_text(&text, " cannot take this request unchanged: ");
	loss_explain(&ex->talk.losses, &text, STRICT_MAX);
	buf_text(&text, ". Remove these members, or do without strict mode.");
	fail_say(&ex->talk.fail, &ex->arena, FAIL_INVALID, NULL,
	    buf_slice(&text));
	buf_free(&text);
	return false;
}

/* Small ones have a block of the loop, large ones at once what they need. */
static bool
request_memory(struct exchange *ex)
{
	struct buf *request = &ex->attempt.request;
	size_t expected = ex->reader.body.len + ex->reader.body.len / 16;

	if (expected < LOOP_BLOCK)
		return loop_block(ex->worker->loop, request);
	return buf_reserve(request, expected + LOOP_BLOCK) != NULL;
}

static const struct protocol *
choose_protocol(struct exchange *ex, const struct target *t)
{
	struct route_wish wish = { .absent = retry_absent(ex, t->provider) };

	if (ex->purpose == FOR_COUNT)
		return tokens_protocol(t, ex->client_protocol);
	route_wish(&wish, ex->client_protocol, json_root(&ex->json),
	    &ex->talk.quirks);
	return route_protocol(t, ex->client_protocol, &wish);
}

bool
upstream_prepare(struct exchange *ex)
{
	const struct target *t = &ex->route.targets[ex->cursor];
	struct attempt *a = &ex->attempt;
	struct talk *talk = &ex->talk;
	bool fits;

	*a = (struct attempt){ .target = t, .dial.owner = ex };
	route_quirks(t, &talk->quirks);
	talk->provider = choose_protocol(ex, t);
	if (!talk->provider)
		return fail_set(&talk->fail, &ex->arena, FAIL_SERVER, NULL,
		    "Provider %.*s has none of the addresses that it is "
		    "configured with.", SLICE_FMT(t->provider->name));
	a->endpoint = &t->provider->at[talk->provider->id];
	/* a conversation that was put together here has items, and ids, that
	 * the provider never saw: it is written anew */
	a->same = talk->provider == ex->client_protocol && !talk->recalled;
	talk->answers = 1;
	talk->losses = (struct losses){ .way = LOSS_WAY(
	    ex->client_protocol->id, talk->provider->id) };
	talk->own_key = t->provider->key_count > 0;
	talk->models_taken = choose_takes_models(ex, t);
	talk->options = &t->provider->options;
	talk->model = text_escape(&ex->arena, t->model);
	retry_recall(ex);
	talk->usage_wanted = talk_options(talk)->meter_usage;
	talk->usage_added = talk->usage_owed = talk->streamed = false;
	talk->body = json_root(&ex->json);
	talk->input_estimate = 0;
	if (!request_memory(ex))
		return fail_set(&talk->fail, &ex->arena, FAIL_MEMORY, NULL,
		    FAIL_NO_MEMORY);
	if (!(a->same ? encode_same(ex) : encode_other(ex)))
		return false;
	fits = !a->request.failed && !ex->arena.failed &&
	    !ex->scratch.failed &&
	    quirk_edit_rules(talk, &a->request) &&
	    learn_body(&ex->retry.lessons, talk, a->same, &a->request);
	if (!strict_enough(ex))
		return false;
	if (!fits)
		return fail_set(&talk->fail, &ex->arena, FAIL_MEMORY, NULL,
		    memory_short() ? FAIL_NO_MEMORY : "The request needs more "
		    "memory than limits.body_mb allows it.");
	return true;
}

struct slice
upstream_body(const struct exchange *ex)
{
	/* one body for all of them, but for an answer that goes on */
	if (ex->trunk && !buf_len(&ex->attempt.request))
		ex = ex->trunk;
	return buf_slice(&ex->attempt.request);
}

/* ---- the connection ---- */

static void
on_wake(struct conn *conn)
{
	exchange_run(conn->owner);
}

static void
on_dialed(struct dial *dial, enum dial_result result, const char *why)
{
	struct exchange *ex = dial->owner;

	ex->attempt.dialing = false;
	ex->attempt.dialed = result;
	ex->attempt.why = why;
	exchange_run(ex);
}

/* There is nothing to do for a while: of what waits little is kept. */
static void
rest(struct exchange *ex)
{
	conn_rest(&ex->client->conn);
	loop_settle(ex->worker->loop, &ex->attempt.request);
}

void
upstream_connect(struct exchange *ex, bool fresh)
{
	struct worker *w = ex->worker;
	struct attempt *a = &ex->attempt;
	uint64_t wait_ms = w->config->limits.connect_ms;
	uint64_t left = failover_left_ms(ex, clock_ms());

	if (!ex->committed && left < wait_ms)
		wait_ms = left ? left : 1;
	a->conn = fresh ? NULL : pool_get(&w->pool, &a->endpoint->dial,
	    !ex->through.open);
	a->pooled = a->conn != NULL;
	if (!a->conn) {
		a->conn = pool_new_conn(&w->pool);
		if (!a->conn) {
			a->dialed = DIAL_MEMORY;
			a->why = "out of memory";
			return;
		}
		a->dialing = true;
		a->dial = (struct dial){ .owner = ex, .done = on_dialed };
		dial_start(&a->dial, &w->dialer, &a->endpoint->dial, a->conn,
		    (int64_t)wait_ms);
		rest(ex);
	}
}

/* ---- the request goes out ---- */

void
upstream_send(struct exchange *ex)
{
	struct attempt *a = &ex->attempt;

	a->conn->owner = ex;
	a->conn->wake = on_wake;
	upstream_head(ex, conn_out(a->conn));
	if (ex->purpose == FOR_PASS)
		through_send(ex);
	else
		conn_borrow(a->conn, upstream_body(ex));
	ex->bill.sent = ex->purpose == FOR_ANSWER;
	(void)conn_flush(a->conn);
	if (conn_pending(a->conn)) {
		conn_rest(&ex->client->conn);
		return;
	}
	conn_rest(a->conn);
	rest(ex);
}

/* ---- the answer's head ---- */

bool
upstream_encoded(const struct http_head *head)
{
	struct slice coding = http1_get(head, SLICE("content-encoding"));

	return coding.len && !slice_eq_ci(coding, SLICE("identity"));
}

static enum step
fail_attempt(struct exchange *ex, enum fail_kind kind, const char *what)
{
	struct fail fail = { .retry_after_ms = -1 };

	fail_set(&fail, &ex->arena, kind, NULL, "%s", what);
	exchange_attempt_failed(ex, &fail);
	return STEP_GO;
}

/* What became of the dial; STEP_WAIT: the connection is open. */
enum step
upstream_dialed(struct exchange *ex)
{
	static const enum fail_kind kinds[] = {	/* ORDER dial_result */
		[DIAL_OK] = FAIL_NONE, [DIAL_NAME] = FAIL_CONNECT,
		[DIAL_REFUSED] = FAIL_CONNECT, [DIAL_TIMEOUT] = FAIL_TIMEOUT,
		[DIAL_TLS] = FAIL_CONNECT, [DIAL_MEMORY] = FAIL_MEMORY,
	};
	const struct attempt *a = &ex->attempt;
	struct slice what;

	if (a->dialed == DIAL_OK)
		return STEP_WAIT;
	what = arena_fmt(&ex->arena, "Cannot reach provider %.*s: %s.%c",
	    SLICE_FMT(a->target->provider->name), a->why, 0);
	return fail_attempt(ex, kinds[a->dialed], what.ptr ? what.ptr
	    : "Cannot reach the provider.");
}

/* The connection ended before the head of an answer was whole. */
static enum step
ended_early(struct exchange *ex)
{
	struct attempt *a = &ex->attempt;
	bool unseen = !buf_len(&a->conn->in) && !a->scanned && !a->heard_ms;

	/*
	 * A pooled connection that the provider had closed when our request
	 * arrived, or to which no way leads any more: nothing was seen of an
	 * answer, so it is asked again, once, on a connection of its own.  What
	 * ends later may be well under way there.
	 */
	if (a->pooled && unseen && clock_ms() - ex->phase_ms < STALE_MS) {
		if (a->conn->end == CONN_BROKEN)
			pool_forget(&ex->worker->pool, &a->endpoint->dial);
		pool_drop(&ex->worker->pool, a->conn);
		a->conn = NULL;
		upstream_connect(ex, true);
		exchange_enter(ex, EX_DIAL);
		return STEP_GO;
	}
	return fail_attempt(ex, FAIL_CONNECT,
	    a->conn->end == CONN_BROKEN
	    ? "The connection to the provider broke before it answered."
	    : unseen ? "The provider closed the connection without an answer."
	    : "The provider closed the connection inside the head of its "
	    "answer.");
}

/* Interim answers (100, 103) are skipped.  1: a final head is in a->head. */
static int
read_head(struct exchange *ex, struct http_fault *fault)
{
	struct attempt *a = &ex->attempt;
	struct http_head head;
	size_t used;
	int got;

	for (;;) {
		got = http1_parse_response(buf_slice(&a->conn->in), HEAD_MAX,
		    &a->scanned, false, &head, &used, fault);
		if (got <= 0)
			return got;
		a->scanned = 0;
		if (head.status >= 200 || head.status == 101)
			break;
		buf_take(&a->conn->in, used);
		a->heard_ms = clock_ms();
	}
	/* its slices must outlive the bytes that come next */
	a->head = reader_keep(&ex->arena, &head,
	    slice_sub(buf_slice(&a->conn->in), 0, used));
	buf_take(&a->conn->in, used);
	return a->head ? 1 : -1;
}

/* What is HTTP and yet no answer to our request, or NULL. */
static const char *
not_an_answer(const struct http_head *head, bool passed)
{
	if (head->status >= 400)
		return NULL;		/* is told as it is */
	if (passed && head->status < 300)
		return NULL;		/* 202, 204: whatever it means */
	if (head->status != 200 && head->status != 201)
		return "The provider answered with a status that no answer "
		    "of a model has.";
	if (upstream_encoded(head))
		return "The provider compressed its answer although it was "
		    "asked not to.";
	if (slice_starts_ci(http1_get(head, SLICE("content-type")),
	    SLICE("text/html")))
		return "The provider answered with a web page: correct its "
		    "base URL.";
	if (slice_is(http1_get(head, SLICE("content-length")), "0"))
		return "The provider's answer is empty.";
	return NULL;
}

enum step
upstream_await(struct exchange *ex)
{
	struct attempt *a = &ex->attempt;
	struct http_fault fault = { .why = "no memory" };
	const char *wrong;
	int got;

	for (;;) {
		got = read_head(ex, &fault);
		if (got > 0)
			break;
		if (got < 0)
			return fail_attempt(ex, FAIL_BAD_ANSWER,
			    "The provider's answer is not HTTP.");
		if (conn_fill(a->conn, HEAD_MAX + FILL_MAX))
			continue;
		return a->conn->end == CONN_OPEN ? STEP_WAIT
		    : ended_early(ex);
	}
	if (a->head->status >= 300 && a->head->status < 400)
		return fail_attempt(ex, FAIL_BAD_ANSWER, "The provider "
		    "redirects requests elsewhere: correct its base URL.");
	wrong = not_an_answer(a->head, ex->purpose == FOR_PASS);
	if (wrong)
		return fail_attempt(ex, FAIL_BAD_ANSWER, wrong);
	body_begin(&a->body, a->head);
	a->heard_ms = clock_ms();
	relay_begin(ex);
	exchange_enter(ex, EX_RELAY);
	return STEP_GO;
}

/* ---- letting go ---- */

static void
free_bufs(struct exchange *ex)
{
	struct attempt *a = &ex->attempt;
	struct loop *loop = ex->worker->loop;

	buf_clear(&a->request);
	buf_clear(&a->events);
	buf_clear(&a->held);
	buf_free(&a->partial);
	buf_free(&a->tail);
	loop_unblock(loop, &a->request);
	loop_unblock(loop, &a->events);
	loop_unblock(loop, &a->held);
	sse_free(&a->reader);
}

void
upstream_release(struct exchange *ex)
{
	struct attempt *a = &ex->attempt;

	if (a->conn && a->body.done && a->head->keep_alive &&
	    !ex->through.open && conn_quiet(a->conn)) {
		pool_put(&ex->worker->pool, &a->endpoint->dial, a->conn);
		a->conn = NULL;
	}
	upstream_drop(ex);
}

void
upstream_drop(struct exchange *ex)
{
	struct attempt *a = &ex->attempt;

	if (a->dialing) {
		dial_cancel(&a->dial);
		a->dialing = false;
	}
	if (a->conn)
		pool_drop(&ex->worker->pool, a->conn);
	a->conn = NULL;
	free_bufs(ex);
}
