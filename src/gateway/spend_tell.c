#include "gateway/spend.h"

#include "base/clock.h"
#include "json/text.h"

/* ---- /metrics ---- */

/* Names that differ have labels that do: nothing of them is left out. */
static void
put_label(struct buf *out, const char *name, struct slice value)
{
	buf_fmt(out, "%s=\"", name);
	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];

		if (c == '"' || c == '\\' || c == '\n')
			buf_byte(out, '\\');
		buf_byte(out, c == '\n' ? 'n' : c);
	}
	buf_byte(out, '"');
}

enum unit { UNIT_ONE, UNIT_MS, UNIT_NANO };	/* as seconds, dollars */

static const struct family {
	const char	*name, *type, *help;
	enum shared_kind kind;
	struct sample {
		const char	*suffix;	/* of the name */
		const char	*more;		/* labels; NULL: none */
		enum spend_count count;
		enum unit	 unit;
	} samples[6];			/* suffix NULL ends them */
} families[] = {
	{ "gen_ai_client_token_usage", "summary",
	  "Tokens of requests; in and out have their parts inside.",
	  SHARED_SPEND_MODEL, {
		{ "_sum", "gen_ai_token_type=\"input\"", SPEND_IN, 0 },
		{ "_count", "gen_ai_token_type=\"input\"", SPEND_REQUESTS, 0 },
		{ "_sum", "gen_ai_token_type=\"output\"", SPEND_OUT, 0 },
		{ "_count", "gen_ai_token_type=\"output\"", SPEND_REQUESTS, 0 },
	  } },
	{ "dragoman_token_parts_total", "counter",
	  "Tokens that are part of input or output.",
	  SHARED_SPEND_MODEL, {
		{ "", "type=\"cached\"", SPEND_CACHED, 0 },
		{ "", "type=\"cache_written\"", SPEND_WRITTEN, 0 },
		{ "", "type=\"reasoning\"", SPEND_REASONING, 0 },
	  } },
	{ "gen_ai_client_cost", "counter", "Dollars.",
	  SHARED_SPEND_MODEL, { { "", NULL, SPEND_COST, UNIT_NANO } } },
	{ "dragoman_cost_nano_usd_total", "counter", "Nano-dollars.",
	  SHARED_SPEND_MODEL, { { "", NULL, SPEND_COST, 0 } } },
	{ "dragoman_unpriced_requests_total", "counter",
	  "Requests whose cost is not known.",
	  SHARED_SPEND_MODEL, { { "", NULL, SPEND_UNPRICED, 0 } } },
	{ "dragoman_estimated_requests_total", "counter",
	  "Requests whose tokens are estimated.",
	  SHARED_SPEND_MODEL, { { "", NULL, SPEND_ESTIMATED, 0 } } },
	{ "dragoman_failed_requests_total", "counter",
	  "Requests that ended with a status from 400 on.",
	  SHARED_SPEND_MODEL, { { "", NULL, SPEND_ERRORS, 0 } } },
	{ "gen_ai_server_request_duration", "summary", "Seconds.",
	  SHARED_SPEND_MODEL, {
		{ "_sum", NULL, SPEND_MS, UNIT_MS },
		{ "_count", NULL, SPEND_REQUESTS, 0 },
	  } },
	{ "gen_ai_server_time_to_first_token", "summary", "Seconds.",
	  SHARED_SPEND_MODEL, {
		{ "_sum", NULL, SPEND_FIRST_MS, UNIT_MS },
		{ "_count", NULL, SPEND_FIRSTS, 0 },
	  } },
	{ "dragoman_key_requests_total", "counter",
	  "Requests by a client's key.",
	  SHARED_SPEND_KEY, { { "", NULL, SPEND_REQUESTS, 0 } } },
	{ "dragoman_key_tokens_total", "counter", "Tokens by a client's key.",
	  SHARED_SPEND_KEY, {
		{ "", "type=\"input\"", SPEND_IN, 0 },
		{ "", "type=\"output\"", SPEND_OUT, 0 },
	  } },
	{ "dragoman_key_cost_nano_usd_total", "counter",
	  "Nano-dollars by a client's key.",
	  SHARED_SPEND_KEY, { { "", NULL, SPEND_COST, 0 } } },
};

static void
put_value(struct buf *out, uint64_t n, enum unit unit)
{
	switch (unit) {
	case UNIT_ONE:
		buf_fmt(out, " %llu\n", (unsigned long long)n);
		break;
	case UNIT_MS:
		buf_fmt(out, " %llu.%03llu\n", (unsigned long long)n / 1000,
		    (unsigned long long)n % 1000);
		break;
	case UNIT_NANO:
		buf_fmt(out, " %llu.%09llu\n",
		    (unsigned long long)n / 1000000000,
		    (unsigned long long)n % 1000000000);
		break;
	}
}

static void
put_names(struct buf *out, const struct spend_view *v)
{
	static const char *const model_labels[SPEND_NAMES] = {
		"gen_ai_provider_name", "gen_ai_response_model",
		"gen_ai_request_model",
	};

	if (v->kind == SHARED_SPEND_KEY) {
		put_label(out, "key", v->names[0]);
		return;
	}
	for (unsigned i = 0; i < SPEND_NAMES; i++) {
		if (i)
			buf_byte(out, ',');
		put_label(out, model_labels[i], v->names[i]);
	}
}

struct printing {
	struct buf		*out;
	const struct family	*family;
};

static void
print_record(void *arg, const struct spend_view *v)
{
	const struct printing *p = arg;
	const struct sample *s = p->family->samples;

	if (!v->now[SPEND_REQUESTS])
		return;
	for (; s->suffix; s++) {
		buf_fmt(p->out, "%s%s{", p->family->name, s->suffix);
		put_names(p->out, v);
		if (s->more)
			buf_fmt(p->out, ",%s", s->more);
		buf_byte(p->out, '}');
		put_value(p->out, v->now[s->count], s->unit);
	}
}

void
spend_print(struct shared *shared, struct buf *out)
{
	for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
		struct printing p = { out, &families[i] };

		buf_fmt(out, "# HELP %s %s\n# TYPE %s %s\n",
		    families[i].name, families[i].help, families[i].name,
		    families[i].type);
		spend_each(shared, families[i].kind, print_record, &p);
	}
}

/* ---- /usage.json ---- */

static struct slice
escape(struct ledger_sum *s, struct slice name)
{
	return name.len ? text_escape(&s->arena, name) : (struct slice){ 0 };
}

static uint64_t
all(const struct spend_view *v, enum spend_count count)
{
	return v->now[count] + v->before[count];
}

static void
add_record(void *arg, const struct spend_view *v)
{
	struct ledger_sum *sum = arg;
	struct ledger_line line = { 0 };
	struct sum_counts c = {
		.requests = all(v, SPEND_REQUESTS),
		.errors = all(v, SPEND_ERRORS), .in = all(v, SPEND_IN),
		.cached = all(v, SPEND_CACHED),
		.cache_written = all(v, SPEND_WRITTEN),
		.out = all(v, SPEND_OUT),
		.reasoning = all(v, SPEND_REASONING),
		.estimated = all(v, SPEND_ESTIMATED),
		.unpriced = all(v, SPEND_UNPRICED),
		.cost_nano = all(v, SPEND_COST),
	};

	if (v->kind == SHARED_SPEND_KEY) {
		line.key = escape(sum, v->names[0]);
	} else if (v->kind == SHARED_SPEND_MODEL) {
		line.provider = escape(sum, v->names[0]);
		line.target = escape(sum, v->names[1]);
	} else if (!clock_read_stamp(v->names[0], &line.unix_ms)) {
		return;
	}
	ledger_sum_merge(sum, v->others ? NULL : &line, &c);
}

bool
spend_write(struct shared *shared, struct writer *out)
{
	static const struct {
		const char	*title;
		enum shared_kind kind;
		enum sum_by	 by;
	} arrays[] = {
		{ "models", SHARED_SPEND_MODEL, SUM_MODEL },
		{ "providers", SHARED_SPEND_MODEL, SUM_PROVIDER },
		{ "keys", SHARED_SPEND_KEY, SUM_KEY },
		{ "days", SHARED_SPEND_DAY, SUM_DAY },
	};
	bool good = true;

	for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
		struct ledger_sum sum = { 0 };

		sum.by[arrays[i].by] = true;
		spend_each(shared, arrays[i].kind, add_record, &sum);
		ledger_sum_sort(&sum);
		good &= !sum.failed;
		if (!i) {
			write_key(out, "total");
			write_object(out);
			sum_write_counts(out, &sum.total);
			write_end(out);
		}
		write_key(out, arrays[i].title);
		sum_write_groups(out, &sum);
		ledger_sum_free(&sum);
	}
	return good && !out->out->failed;
}
