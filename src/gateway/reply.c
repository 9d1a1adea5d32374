/* What is written to the client: heads of answers, errors, pages. */
#include "gateway/exchange.h"

#include "base/clock.h"
#include "gateway/cache.h"
#include "gateway/limit.h"
#include "proto/ratelimit.h"

enum { MEMORY_AGAIN_MS = 1000 };	/* when memory may be free again */

static const struct slice json_type = SLICE_INIT("application/json");

/*
 * Headers of a provider that are about its connection, its infrastructure, or
 * ours to say.
 */
static const struct slice kept_back[] = {
	SLICE_INIT("content-length"), SLICE_INIT("transfer-encoding"),
	SLICE_INIT("connection"), SLICE_INIT("keep-alive"),
	SLICE_INIT("content-type"),
	SLICE_INIT("proxy-authenticate"), SLICE_INIT("te"),
	SLICE_INIT("trailer"), SLICE_INIT("upgrade"), SLICE_INIT("date"),
	SLICE_INIT("server"), SLICE_INIT("via"), SLICE_INIT("set-cookie"),
	SLICE_INIT("alt-svc"), SLICE_INIT("strict-transport-security"),
	SLICE_INIT("x-request-id"), SLICE_INIT("request-id"),
	SLICE_INIT("openai-organization"), SLICE_INIT("openai-version"),
	SLICE_INIT("openai-processing-ms"),
	SLICE_INIT("anthropic-organization-id"),
	SLICE_INIT("anthropic-workspace-id"),
	SLICE_INIT("cache-control"), SLICE_INIT("x-accel-buffering"),
};

static bool
is_kept_back(struct slice name)
{
	if (slice_starts_ci(name, SLICE("cf-")) ||
	    slice_starts_ci(name, SLICE("x-dragoman-")) ||
	    slice_starts_ci(name, SLICE("access-control-")))
		return true;
	for (size_t i = 0; i < sizeof kept_back / sizeof *kept_back; i++)
		if (slice_eq_ci(name, kept_back[i]))
			return true;
	return false;
}

/* What scripts of other origins may read; browsers keep the rest from them. */
#define OPENAI_LIMIT(of)	", x-ratelimit-limit-" of \
	", x-ratelimit-remaining-" of ", x-ratelimit-reset-" of
#define ANTHROPIC_LIMIT(of)	", anthropic-ratelimit-" of "-limit" \
	", anthropic-ratelimit-" of "-remaining" \
	", anthropic-ratelimit-" of "-reset"
#define EXPOSED	"request-id, x-request-id, retry-after, retry-after-ms, " \
	"x-should-retry, x-dragoman-warnings, x-dragoman-target, " \
	"x-dragoman-attempts, x-dragoman-estimated, " \
	"x-dragoman-cost-usd, x-dragoman-cache, age, " \
	"x-dragoman-overhead-us, x-dragoman-upstream-request-id, " \
	"x-dragoman-saved-bytes" \
	OPENAI_LIMIT("requests") OPENAI_LIMIT("tokens") \
	ANTHROPIC_LIMIT("requests") ANTHROPIC_LIMIT("tokens") \
	ANTHROPIC_LIMIT("input-tokens") ANTHROPIC_LIMIT("output-tokens")

static void
put_cors(struct exchange *ex)
{
	struct slice origin = ex->worker->config->cors;

	if (!origin.len)
		return;
	answer_header(&ex->answer, SLICE("access-control-allow-origin"),
	    origin);
	answer_header(&ex->answer, SLICE("access-control-expose-headers"),
	    SLICE(EXPOSED));
}

static void
put_ids(struct exchange *ex)
{
	answer_header(&ex->answer, SLICE("x-request-id"), ex->request_id);
	answer_header(&ex->answer, SLICE("request-id"), ex->request_id);
}

static void
put_losses(struct exchange *ex)
{
	struct buf text = { .limit = 2 * LOSS_HEADER_MAX };

	if (!ex->talk.losses.count)
		return;
	loss_print(&ex->talk.losses, &text);
	answer_header(&ex->answer, SLICE("x-dragoman-warnings"),
	    buf_slice(&text));
	buf_free(&text);
}

/* Which target answered, after how many tries. */
static void
put_route(struct exchange *ex)
{
	const struct target *t;

	if (ex->cursor >= ex->route.count)
		return;
	t = &ex->route.targets[ex->cursor];
	answer_header(&ex->answer, SLICE("x-dragoman-target"),
	    arena_join(&ex->arena, (struct slice[]){ t->provider->name,
	    SLICE("/"), t->model }, 3));
	answer_header(&ex->answer, SLICE("x-dragoman-attempts"),
	    failover_told(ex, ex->status));
	if (ex->saved_bytes)
		answer_number(&ex->answer, SLICE("x-dragoman-saved-bytes"),
		    ex->saved_bytes);
	put_losses(ex);
}

/* Has the caller's key limits of its own that hold for this request? */
static bool
limited(const struct exchange *ex)
{
	const struct access_key *key = ex->caller.key;

	return key && key->record && (key->limits.rpm || key->limits.tpm) &&
	    (ex->purpose == FOR_ANSWER || ex->purpose == FOR_PASS);
}

/*
 * The provider's limits, in the client's vocabulary; but those that the
 * caller's key has are told instead: more is not his to use.
 */
static void
put_ratelimits(struct exchange *ex)
{
	const struct http_head *head = ex->attempt.head;
	struct ratelimits limits = { 0 };
	struct ratelimit_header out[RATELIMIT_HEADERS];
	int64_t now_ms = clock_wall_ms();
	size_t n;

	if (!head && !limited(ex))
		return;
	for (size_t i = 0; head && i < head->count; i++)
		(void)ratelimit_read(&limits, head->headers[i].name,
		    head->headers[i].value, now_ms);
	if (limited(ex))
		limit_tell(ex, &limits);
	n = ratelimit_write(&limits, ex->client_protocol->id, &ex->arena,
	    now_ms, out);
	for (size_t i = 0; i < n; i++)
		answer_header(&ex->answer, slice_of(out[i].name),
		    out[i].value);
}

static void
put_provider_headers(struct exchange *ex)
{
	const struct http_head *head = ex->attempt.head;
	struct ratelimits unused;
	struct slice id;

	if (!head || !ex->attempt.same || limited(ex))
		put_ratelimits(ex);
	if (!head)
		return;
	id = http1_get(head, SLICE("x-request-id"));
	if (!id.len)
		id = http1_get(head, SLICE("request-id"));
	if (id.len)
		answer_header(&ex->answer,
		    SLICE("x-dragoman-upstream-request-id"), id);
	for (size_t i = 0; ex->attempt.same && i < head->count; i++) {
		const struct http_header *h = &head->headers[i];

		if (!is_kept_back(h->name) && !(limited(ex) &&
		    ratelimit_read(&unused, h->name, h->value, 0)))
			answer_header(&ex->answer, h->name, h->value);
	}
}

static void
put_overhead(struct exchange *ex)
{
	int64_t us = ex->own_us + clock_us() - ex->step_us;

	answer_number(&ex->answer, SLICE("x-dragoman-overhead-us"),
	    us > 0 ? (uint64_t)us : 0);
}

/* What the answer cost, in dollars, exactly; a stream's is not known yet. */
static void
put_cost(struct exchange *ex)
{
	char usd[LIMIT_USD];

	if (!ex->bill.settled || ex->bill.cost_nano < 0 || ex->status >= 400)
		return;
	limit_usd(ex->bill.cost_nano, usd);
	answer_header(&ex->answer, SLICE("x-dragoman-cost-usd"),
	    slice_of(usd));
}

/* While the worker drains no connection takes another request: say so. */
static void
begin(struct exchange *ex, unsigned status)
{
	if (ex->worker->server.draining)
		ex->answer.keep = false;
	answer_begin(&ex->answer, status);
}

void
reply_head(struct exchange *ex, unsigned status, struct slice type,
    int64_t length)
{
	ex->status = status;
	begin(ex, status);
	if (type.len)
		answer_header(&ex->answer, SLICE("content-type"), type);
	if (length < 0) {
		answer_header(&ex->answer, SLICE("cache-control"),
		    SLICE("no-cache"));
		answer_header(&ex->answer, SLICE("x-accel-buffering"),
		    SLICE("no"));
	}
	put_ids(ex);
	put_route(ex);
	if (ex->cache)
		cache_head(ex, status, type, length);
	put_provider_headers(ex);
	put_overhead(ex);
	put_cost(ex);
	/* what a stream costs is not known yet */
	if (length >= 0 && !ex->attempt.same && ex->meter.usage.estimated)
		answer_header(&ex->answer, SLICE("x-dragoman-estimated"),
		    SLICE("usage"));
	put_cors(ex);
	ex->committed = true;
	if (length < 0)
		answer_stream(&ex->answer);
	else
		answer_length(&ex->answer, (uint64_t)length);
}

void
reply_body(struct exchange *ex, unsigned status, struct slice type,
    struct slice body)
{
	ex->status = status;
	begin(ex, status);
	answer_header(&ex->answer, SLICE("content-type"), type);
	if (ex->policy.len) {
		answer_header(&ex->answer, SLICE("content-security-policy"),
		    ex->policy);
		answer_header(&ex->answer, SLICE("x-content-type-options"),
		    SLICE("nosniff"));
	}
	put_ids(ex);
	if (ex->estimated)
		answer_header(&ex->answer, SLICE("x-dragoman-estimated"),
		    SLICE("input_tokens"));
	put_cors(ex);
	ex->committed = ex->ended = true;
	answer_whole(&ex->answer, body);
}

void
reply_verbatim(struct exchange *ex, struct slice body)
{
	const struct http_head *head = ex->attempt.head;

	ex->status = head->status;
	bill_settle(ex);
	reply_head(ex, head->status, http1_get(head, SLICE("content-type")),
	    (int64_t)body.len);
	buf_append(ex->answer.out, body);
	ex->ended = true;
}

static void
put_retry(struct exchange *ex, const struct fail *fail)
{
	if (fail->retry_after_ms >= 0) {
		answer_number(&ex->answer, SLICE("retry-after"),
		    (uint64_t)(fail->retry_after_ms + 999) / 1000);
		answer_number(&ex->answer, SLICE("retry-after-ms"),
		    (uint64_t)fail->retry_after_ms);
	}
	if (fail->no_retry)
		answer_header(&ex->answer, SLICE("x-should-retry"),
		    SLICE("false"));
	put_ratelimits(ex);
	if (!ex->attempt.head)
		return;
	if (!fail->no_retry && slice_is(http1_get(ex->attempt.head,
	    SLICE("x-should-retry")), "true"))
		answer_header(&ex->answer, SLICE("x-should-retry"),
		    SLICE("true"));
}

/* Whose words the client reads; its head alone may have to say it. */
static const struct protocol *
spoken(const struct exchange *ex)
{
	struct address address;

	if (ex->client_protocol)
		return ex->client_protocol;
	if (!ex->reader.head)
		return protocol_by_id(PROTO_CHAT);
	address_read(&address, ex->reader.head);
	return protocol_by_id(address.protocol);
}

void
reply_error(struct exchange *ex, const struct fail *fail)
{
	const struct protocol *p = spoken(ex);
	struct buf body = { 0 };
	struct fail told = *fail;

	if (told.kind == FAIL_MEMORY && told.retry_after_ms < 0)
		told.retry_after_ms = MEMORY_AGAIN_MS;
	ex->talk.request_id = ex->request_id;
	ex->meter.fail = told;
	ex->status = p->error(&ex->talk, &told, &body);
	/* our own refusals say what they mean; a provider's are translated */
	if (!ex->attempts && fail->status)
		ex->status = fail->status;
	bill_settle(ex);
	begin(ex, ex->status);
	answer_header(&ex->answer, SLICE("content-type"), json_type);
	put_ids(ex);
	if (ex->attempts)		/* else no target was asked */
		put_route(ex);
	put_overhead(ex);
	put_retry(ex, &told);
	put_cors(ex);
	if (ex->allow.len)
		answer_header(&ex->answer, SLICE("allow"), ex->allow);
	if (ex->status == 401)
		answer_header(&ex->answer, SLICE("www-authenticate"),
		    SLICE("Bearer"));
	ex->committed = ex->ended = true;
	answer_whole(&ex->answer, buf_slice(&body));
	buf_free(&body);
}

void
reply_preflight(struct exchange *ex)
{
	struct slice asked = http1_get(ex->reader.head,
	    SLICE("access-control-request-headers"));

	ex->status = 204;
	begin(ex, 204);
	put_ids(ex);
	put_cors(ex);
	answer_header(&ex->answer, SLICE("access-control-allow-methods"),
	    SLICE("GET, POST, OPTIONS"));
	if (asked.len)
		answer_header(&ex->answer,
		    SLICE("access-control-allow-headers"), asked);
	answer_header(&ex->answer, SLICE("access-control-max-age"),
	    SLICE("86400"));
	ex->committed = ex->ended = true;
	answer_whole(&ex->answer, SLICE(""));
}

/* Dates that it tells are of its own clock, and ours may be wrong. */
static int64_t
its_now_ms(const struct http_head *head)
{
	int64_t ms = ratelimit_date_ms(http1_get(head, SLICE("date")));

	return ms ? ms : clock_wall_ms();
}

/*
 * RFC 9110 10.2.3; the SDKs' own retry-after-ms is finer and comes first.
 * Without either the moment counts at which an exhausted limit is full again.
 */
void
reply_read_retry(const struct http_head *head, struct fail *fail)
{
	struct ratelimits limits = { 0 };
	int64_t now_ms = its_now_ms(head), after_ms;
	unsigned wait_s;

	if (slice_is(http1_get(head, SLICE("x-should-retry")), "false"))
		fail->no_retry = true;
	for (size_t i = 0; i < head->count; i++)
		(void)ratelimit_read(&limits, head->headers[i].name,
		    head->headers[i].value, now_ms);
	if (ratelimit_no_tokens(&limits))
		fail->spent = FAIL_SPENT_TOKENS;
	else if (ratelimit_no_requests(&limits))
		fail->spent = FAIL_SPENT_REQUESTS;
	after_ms = ratelimit_retry_ms(http1_get(head,
	    SLICE("retry-after-ms")), true, now_ms);
	if (after_ms < 0)
		after_ms = ratelimit_retry_ms(http1_get(head,
		    SLICE("retry-after")), false, now_ms);
	if (after_ms >= 0) {
		fail->retry_after_ms = after_ms;
		return;
	}
	if (fail->kind != FAIL_RATE && fail->kind != FAIL_OVERLOADED)
		return;
	wait_s = ratelimit_wait_s(&limits, now_ms);
	if (wait_s)
		fail->retry_after_ms = (int64_t)wait_s * 1000;
}

bool
reply_is_retold(const struct exchange *ex, const struct fail *fail)
{
	bool chat = ex->client_protocol->id == PROTO_CHAT;

	if (!ex->attempt.same)
		return true;
	if (fail->kind != FAIL_CONTEXT ||
	    (chat && (slice_is(fail->code, "context_length_exceeded") ||
	    slice_is(fail->code, "string_above_max_length"))))
		return false;
	return slice_find_ci(fail->message, chat ? SLICE("maximum context "
	    "length") : SLICE("prompt is too long")) == SIZE_MAX;
}
