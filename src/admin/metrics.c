/* GET /metrics, for Prometheus. */
#include "admin/admin.h"
#include "base/clock.h"
#include "gateway/cache.h"
#include "gateway/count.h"
#include "gateway/health.h"
#include "gateway/ledger.h"
#include "gateway/limit.h"
#include "gateway/shared.h"
#include "gateway/spend.h"

/* ---- client keys ---- */

enum gauge { REQUESTS, TOKENS, IN_FLIGHT, BUDGET, SPENT, REFUSED };

static const struct {
	enum gauge	 what;
	const char	*name, *help;
} gauges[] = {
	{ IN_FLIGHT, "in_flight", "Requests of a client key under way." },
	{ REQUESTS, "requests_remaining",
	  "Requests that a client key may still send at once." },
	{ TOKENS, "tokens_remaining",
	  "Tokens that a client key may still use at once." },
	{ BUDGET, "budget_usd", "What a client key may spend." },
	{ SPENT, "spent_usd", "What it has spent of that." },
	{ REFUSED, "refusals_total", "Requests over a limit of their key." },
};

/* "{key="NAME"": whatever stands in a name stays in its label. */
static void
put_label(struct buf *out, struct slice name)
{
	buf_text(out, "{key=\"");
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (c == '"' || c == '\\')
			buf_byte(out, '\\');
		buf_byte(out, (unsigned char)c < ' ' ? ' ' : c);
	}
	buf_byte(out, '"');
}

static void
put_count(struct buf *out, const char *gauge, struct slice key, int64_t n)
{
	buf_fmt(out, "dragoman_key_%s", gauge);
	put_label(out, key);
	buf_fmt(out, "} %lld\n", (long long)n);
}

static void
put_money(struct buf *out, const char *gauge, const struct access_key *k,
    const int64_t nano[BUDGETS])
{
	char usd[LIMIT_USD];

	for (unsigned per = 0; per < BUDGETS; per++) {
		if (!k->limits.budget_nano[per])
			continue;
		limit_usd(nano[per], usd);
		buf_fmt(out, "dragoman_key_%s", gauge);
		put_label(out, k->name);
		buf_fmt(out, ",per=\"%s\"} %s\n", limit_per_name(per), usd);
	}
}

static void
put_refusals(struct buf *out, const char *counter, struct slice key,
    const uint64_t refused[LIMIT_WHYS])
{
	for (unsigned why = 0; why < LIMIT_WHYS; why++) {
		if (!refused[why])
			continue;
		buf_fmt(out, "dragoman_key_%s", counter);
		put_label(out, key);
		buf_fmt(out, ",why=\"%s\"} %llu\n", limit_why_name(why),
		    (unsigned long long)refused[why]);
	}
}

static void
put_gauge(struct buf *out, enum gauge what, const char *name,
    const struct access_key *k)
{
	struct limit_state now;

	limit_look(k->record, &k->limits, clock_us(), clock_wall_s(), &now);
	switch (what) {
	case REQUESTS:
		if (k->limits.rpm)
			put_count(out, name, k->name, now.requests);
		break;
	case TOKENS:
		if (k->limits.tpm)
			put_count(out, name, k->name, now.tokens);
		break;
	case IN_FLIGHT:
		put_count(out, name, k->name, now.in_flight);
		break;
	case BUDGET:
		put_money(out, name, k, k->limits.budget_nano);
		break;
	case SPENT:
		put_money(out, name, k, now.spent_nano);
		break;
	case REFUSED:
		put_refusals(out, name, k->name, now.refused);
		break;
	}
}

static void
put_keys(struct buf *out, const struct access_key *keys)
{
	for (size_t i = 0; keys && i < sizeof gauges / sizeof *gauges; i++) {
		buf_fmt(out, "# HELP dragoman_key_%s %s\n"
		    "# TYPE dragoman_key_%s %s\n", gauges[i].name,
		    gauges[i].help, gauges[i].name,
		    gauges[i].what == REFUSED ? "counter" : "gauge");
		for (const struct access_key *k = keys; k; k = k->next)
			if (k->record)
				put_gauge(out, gauges[i].what, gauges[i].name,
				    k);
	}
}

static void
put_memory(struct buf *out, const struct page_request *request)
{
	buf_fmt(out, "# HELP dragoman_memory_bytes Memory of connections and "
	    "requests, where it is limited.\n"
	    "# TYPE dragoman_memory_bytes gauge\n"
	    "dragoman_memory_bytes %llu\n"
	    "# HELP dragoman_memory_limit_bytes What it may be.\n"
	    "# TYPE dragoman_memory_limit_bytes gauge\n"
	    "dragoman_memory_limit_bytes %llu\n", (unsigned long long)
	    memory_taken(shared_memory(request->shared)),
	    (unsigned long long)request->config->memory);
}

void
admin_metrics(const struct page_request *request, struct page_answer *answer)
{
	answer->status = 200;
	answer->type = SLICE("text/plain; version=0.0.4; charset=utf-8");
	count_print(request->count, &answer->body);
	if (request->config->memory)
		put_memory(&answer->body, request);
	put_keys(&answer->body, request->config->keys);
	cache_print(request->cache, request->count, &answer->body);
	spend_print(request->shared, &answer->body);
	if (request->config->ledger.path)
		ledger_print(request->shared, &answer->body);
	health_print(request->shared, clock_ms(), &answer->body);
}
