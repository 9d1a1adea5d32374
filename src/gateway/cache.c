#include "gateway/cache.h"

#include <string.h>

#include "base/clock.h"
#include "gateway/cache_key.h"
#include "gateway/cache_record.h"
#include "gateway/count.h"
#include "gateway/flight.h"
#include "gateway/kept.h"

enum {
	LOOK_MS = 2, LOOK_MAX_MS = 50,	/* followers look so often */
	GATHER_MIN = 16 << 10,		/* bytes for an answer to begin with */
};

static const char *const words[] = {	/* ORDER count_cache */
	[COUNT_HIT] = "hit", [COUNT_MISS] = "miss",
	[COUNT_REFRESH] = "refresh", [COUNT_BYPASS] = "bypass",
};

struct caching {		/* in the exchange's arena */
	enum count_cache how;
	int64_t		 ttl_s;
	uint8_t		 scope[SHA256_LEN];
	uint8_t		 request[SHA256_LEN];	/* without a target */
	uint8_t		 key[SHA256_LEN];	/* ... with the one asked */
	/* what was joined, and under which key */
	struct flight	 flight;
	uint8_t		 flown[SHA256_LEN];
	bool		 leads;			/* ... and not yet ended */
	bool		 alone;			/* it waits for nobody */
	int64_t		 since_ms;		/* when it began to wait */
	/* the answer, on its way to the client and into the store */
	struct cache_record record;
	struct buf	 bytes;
	bool		 gathers;		/* it may be kept */
};

static struct store *
store(const struct exchange *ex)
{
	return ex->worker->plan->cache;
}

static struct flights *
flights(const struct exchange *ex)
{
	return ex->worker->plan->flights;
}

static const struct cache_limits *
limits(const struct exchange *ex)
{
	return &ex->worker->config->cache;
}

/* Not by the wall clock, which may jump: answers do not outlive a boot. */
static int64_t
uptime_s(void)
{
	return clock_ms() / 1000;
}

static struct slice
sum_slice(const uint8_t sum[SHA256_LEN])
{
	return (struct slice){ (const char *)sum, SHA256_LEN };
}

/* ---- memory that processes share ---- */

/*
 * Another size is another store: workers that drain keep theirs, and what is in
 * it is lost.
 */
bool
cache_open(struct plan *plan, const struct config *c)
{
	struct store_limits want = {
		.bytes = (size_t)c->cache.max_mb << 20,
		.record_max = ((size_t)c->cache.entry_kb << 10) +
		    CACHE_RECORD_EXTRA,
		.ttl_s = CONFIG_MS_MAX / 1000,	/* records have their own */
		.share = (unsigned)c->cache.share,
	};
	const char *why = "";

	if (store_has(plan->cache, &want))
		return true;
	store_close(plan->cache);
	plan->cache = NULL;
	if (!want.bytes)
		return true;
	plan->cache = store_open(&want, NULL, &why);
	if (!plan->flights)
		plan->flights = flight_new();
	if (plan->cache && plan->flights)
		return true;
	log_error("there is no memory for \"cache\"");
	return false;
}

/* ---- whether ---- */

/* Does it say more than what is so without it? */
static bool
says(struct jval at, const char *outer, const char *member)
{
	struct jval v = *outer ? jval_get2(at, outer, member)
	    : jval_get(at, member);

	return jval_ok(v) && !jval_is(v, JSON_FALSE) &&
	    !slice_is(jval_raw(v), "1");
}

/*
 * What is made later, or goes on from what others may have changed meanwhile;
 * and several answers, whose ends nobody here looks at one by one.
 */
static bool
unfit(const struct exchange *ex)
{
	static const struct {
		enum protocol_id id;
		const char	*outer, *member;
	} members[] = {
		{ PROTO_CHAT, "", "n" },
		{ PROTO_RESPONSES, "", "background" },
		{ PROTO_RESPONSES, "", "conversation" },
		{ PROTO_GEMINI, "generationConfig", "candidateCount" },
		{ PROTO_GEMINI, "generation_config", "candidate_count" },
		{ PROTO_GEMINI, "generationConfig", "candidate_count" },
		{ PROTO_GEMINI, "generation_config", "candidateCount" },
	};
	struct jval body = json_root(&ex->json);

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (members[i].id == ex->client_protocol->id &&
		    says(body, members[i].outer, members[i].member))
			return true;
	return false;
}

/* False: nobody asks for it. */
static bool
wanted(const struct exchange *ex, enum count_cache *how)
{
	const struct model *m = ex->route.model;
	enum tri model = m ? m->cache : TRI_UNSET;
	struct slice said = http1_get(ex->reader.head,
	    SLICE("x-dragoman-cache"));
	bool refresh = slice_is(said, "refresh");

	if (model == TRI_NO || slice_is(said, "off") ||
	    !(refresh || slice_is(said, "on") || model == TRI_YES ||
	    (limits(ex)->on == TRI_YES)))
		return false;
	*how = unfit(ex) ? COUNT_BYPASS : refresh ? COUNT_REFRESH
	    : COUNT_MISS;
	return true;
}

void
cache_begin(struct exchange *ex)
{
	const struct model *m = ex->route.model;
	enum count_cache how;
	struct caching *c;

	if (!store(ex) || ex->purpose != FOR_ANSWER || !wanted(ex, &how))
		return;
	c = arena_alloc(&ex->arena, sizeof *c);
	if (!c)
		return;
	ex->cache = c;
	c->how = how;
	c->ttl_s = (int64_t)(m && m->cache_ttl_s ? m->cache_ttl_s
	    : limits(ex)->ttl_s);
	if (how == COUNT_BYPASS)
		return;
	ex->bill.cache = BILL_MISS;
	cache_key_scope(&ex->caller, c->scope);
	cache_key_request(ex, c->scope, c->request);
}

/* ---- flights ---- */

/* Under which those who waited for it find the answer. */
static struct slice
flight_id(struct exchange *ex, const struct caching *c)
{
	struct slice parts[] = { sum_slice(c->flown), {
	    (const char *)&c->flight.mark, sizeof c->flight.mark } };

	return arena_join(&ex->arena, parts, 2);
}

static void
land(struct exchange *ex, bool open)
{
	struct caching *c = ex->cache;

	if (c->leads)
		flight_end(flights(ex), &c->flight, open);
	c->leads = false;
}

/* The answer is not for others: nor do they wait for it any longer. */
static void
give_up(struct exchange *ex)
{
	struct caching *c = ex->cache;

	c->gathers = false;
	buf_free(&c->bytes);
	land(ex, true);
}

/* ---- answers that are there ---- */

/* The target that answered, among those of the route. */
static bool
find_target(struct exchange *ex, struct slice name)
{
	struct slice model = name, provider = slice_cut(&model, '/');

	for (size_t i = 0; i < ex->route.count; i++) {
		const struct target *t = &ex->route.targets[i];

		if (slice_eq(t->provider->name, provider) &&
		    slice_eq(t->model, model)) {
			ex->cursor = i;
			return true;
		}
	}
	return false;
}

static void
tell(struct exchange *ex)
{
	const struct cache_record *r = &ex->cache->record;
	struct conn *to = &ex->client->conn;

	failover_let_go(ex);
	upstream_drop(ex);
	/* nothing that an earlier attempt left is this answer's */
	ex->attempt = (struct attempt){ 0 };
	ex->talk.losses = (struct losses){ 0 };
	ex->meter = (struct meter){ .usage = ir_usage_none(), .stopped = true,
	    .stop = (enum ir_stop)r->stop };
	ex->saved_bytes = ex->saved_tokens = 0;
	ex->cache->how = COUNT_HIT;
	ex->status = 200;
	ex->bill.cache = BILL_HIT;
	bill_settle(ex);
	(void)conn_out(to);
	reply_head(ex, 200, r->type, r->stream ? -1 : (int64_t)r->body.len);
	conn_borrow(to, answer_rest(&ex->answer, r->body, r->framed));
	ex->ended = true;
	exchange_enter(ex, EX_FLUSH);
}

/* The answer of a target that was not the first: followers look elsewhere. */
static void
leave(struct exchange *ex, struct slice record, int64_t now_s)
{
	struct caching *c = ex->cache;
	struct slice ids[] = { sum_slice(c->key), flight_id(ex, c) };

	(void)store_put(store(ex), sum_slice(c->scope), ids, 2, record,
	    now_s);
}

/* Is a record of that id there, and still good?  Then it is told. */
static bool
replay(struct exchange *ex, struct slice id)
{
	struct caching *c = ex->cache;
	struct cache_record *r = &c->record;
	int64_t now_s = uptime_s();
	struct slice text;

	if (!store_find(store(ex), sum_slice(c->scope), id, now_s, &ex->arena,
	    &text))
		return false;
	if (!cache_record_read(text, r) || r->until_s <= now_s ||
	    (r->kept.len && !kept_has(ex, r->kept))) {
		(void)store_delete(store(ex), sum_slice(c->scope), id, now_s);
		return false;
	}
	if (!find_target(ex, r->target))
		return false;
	if (c->leads && memcmp(c->flown, c->key, sizeof c->key))
		leave(ex, text, now_s);
	tell(ex);
	return true;
}

/*
 * One leads.  What its predecessor left may have come after we looked.
 */
static bool
join(struct exchange *ex)
{
	struct caching *c = ex->cache;

	if (limits(ex)->single_flight != TRI_YES || c->alone || c->leads)
		return false;
	memcpy(c->flown, c->key, sizeof c->flown);
	switch (flight_join(flights(ex), c->key, ex->worker->place,
	    &c->flight)) {
	case FLIGHT_ALONE:
		break;
	case FLIGHT_LEADS:
		c->leads = true;
		return replay(ex, sum_slice(c->key));
	case FLIGHT_FOLLOWS:
		if (!c->since_ms)
			c->since_ms = clock_ms();
		failover_let_go(ex);
		conn_rest(&ex->client->conn);
		exchange_enter(ex, EX_FOLLOW);
		return true;
	}
	c->alone = true;
	return false;
}

bool
cache_answers(struct exchange *ex)
{
	struct caching *c = ex->cache;

	if (!c || c->how == COUNT_BYPASS)
		return false;
	cache_key_target(c->request, &ex->route.targets[ex->cursor], c->key);
	return c->how != COUNT_REFRESH &&
	    (replay(ex, sum_slice(c->key)) || join(ex));
}

enum step
cache_follow(struct exchange *ex)
{
	struct caching *c = ex->cache;

	switch (flight_look(flights(ex), &c->flight)) {
	case FLIGHT_ON:
		if (clock_ms() - c->since_ms < (int64_t)limits(ex)->wait_ms)
			return STEP_WAIT;
		c->alone = true;
		break;
	case FLIGHT_OPEN:
		c->alone = true;
		break;
	case FLIGHT_LANDED:
		if (replay(ex, flight_id(ex, c)))
			count_cache(ex->worker->plan->count, COUNT_SHARED);
		break;
	}
	return STEP_GO;
}

uint64_t
cache_wait_ms(const struct exchange *ex)
{
	const struct caching *c = ex->cache;
	int64_t ms = (clock_ms() - c->since_ms) / 8;

	return ms < LOOK_MS ? LOOK_MS : ms > LOOK_MAX_MS ? LOOK_MAX_MS
	    : (uint64_t)ms;
}

/* ---- answers that come ---- */

static struct slice
warnings(struct exchange *ex)
{
	struct buf text = { .limit = 2 * LOSS_HEADER_MAX };
	struct slice copy;

	if (!ex->talk.losses.count)
		return SLICE("");
	loss_print(&ex->talk.losses, &text);
	copy = arena_dup(&ex->arena, buf_slice(&text));
	buf_free(&text);
	return copy;
}

static void
put_headers(struct exchange *ex)
{
	const struct caching *c = ex->cache;
	const struct cache_record *r = &c->record;
	int64_t age_s = uptime_s() - r->born_s;

	answer_header(&ex->answer, SLICE("x-dragoman-cache"),
	    slice_of(words[c->how]));
	if (c->how != COUNT_HIT)
		return;
	answer_number(&ex->answer, SLICE("age"),
	    age_s > 0 ? (uint64_t)age_s : 0);
	if (r->warnings.len)
		answer_header(&ex->answer, SLICE("x-dragoman-warnings"),
		    r->warnings);
	if (r->estimated)
		answer_header(&ex->answer, SLICE("x-dragoman-estimated"),
		    SLICE("usage"));
}

void
cache_head(struct exchange *ex, unsigned status, struct slice type,
    int64_t length)
{
	struct caching *c = ex->cache;
	const struct target *t;

	if (!c)
		return;
	put_headers(ex);
	if (c->how == COUNT_HIT || c->how == COUNT_BYPASS || status != 200)
		return;
	t = &ex->route.targets[ex->cursor];
	c->record = (struct cache_record){
		.stream = length < 0, .type = arena_dup(&ex->arena, type),
		.target = arena_join(&ex->arena, (struct slice[]){
		    t->provider->name, SLICE("/"), t->model }, 3),
		.warnings = warnings(ex),
		.estimated = length >= 0 && !ex->attempt.same &&
		    ex->meter.usage.estimated,
	};
	/* memory that is kept for the next: less would come and go */
	if (!buf_reserve(&c->bytes, GATHER_MIN))
		return;
	cache_record_begin(&c->bytes, (size_t)limits(ex)->entry_kb << 10);
	/* what goes out without chunks is not seen */
	c->gathers = !ex->fan && (length >= 0 ||
	    answer_chunks(&ex->answer));
}

void
cache_saw(struct exchange *ex, struct slice bytes)
{
	struct caching *c = ex->cache;

	if (!c || !c->gathers)
		return;
	buf_append(&c->bytes, bytes);
	if (c->bytes.failed ||
	    (ex->meter.called && limits(ex)->tools != TRI_YES))
		give_up(ex);
}

/* Did the model end by itself, and say what may be said again? */
static bool
may_be_kept(const struct exchange *ex)
{
	const struct meter *m = &ex->meter;
	bool tools = limits(ex)->tools == TRI_YES;

	if (m->fail.kind != FAIL_NONE || !m->stopped || m->declined ||
	    (m->called && !tools))
		return false;
	return m->stop == IR_STOP_END || m->stop == IR_STOP_SEQUENCE ||
	    (m->stop == IR_STOP_TOOL && tools);
}

static bool
put(struct exchange *ex)
{
	struct caching *c = ex->cache;
	struct slice owner = sum_slice(c->scope), ids[2];
	int64_t now_s = uptime_s();
	size_t count = 1;

	c->record.born_s = now_s;
	c->record.until_s = now_s + c->ttl_s;
	c->record.stop = (uint8_t)ex->meter.stop;
	if (ex->talk.keep)
		c->record.kept = ex->talk.kept_id;
	ids[0] = sum_slice(c->key);
	if (c->leads)
		ids[count++] = flight_id(ex, c);
	(void)store_delete(store(ex), owner, ids[0], now_s);
	return cache_record_end(&c->bytes, &c->record) &&
	    store_put(store(ex), owner, ids, count, buf_slice(&c->bytes),
	    now_s);
}

void
cache_finish(struct exchange *ex)
{
	struct caching *c = ex->cache;
	bool kept;

	if (!c || !c->gathers)
		return;
	if (!c->record.stream)
		buf_append(&c->bytes, buf_slice(&ex->whole));
	kept = !c->bytes.failed && may_be_kept(ex) && put(ex);
	if (kept)
		count_cache(ex->worker->plan->count, COUNT_STORED);
	c->gathers = false;
	buf_free(&c->bytes);
	land(ex, !kept);
}

void
cache_over(struct exchange *ex)
{
	land(ex, false);
}

void
cache_free(struct exchange *ex)
{
	struct caching *c = ex->cache;

	if (!c)
		return;
	count_cache(ex->worker->plan->count, c->how);
	land(ex, false);
	buf_free(&c->bytes);
	ex->cache = NULL;
}

/* ---- for those who tell ---- */

static void
print(struct buf *out, const char *name, const char *type, const char *help,
    uint64_t n)
{
	buf_fmt(out, "# HELP dragoman_cache_%s %s\n# TYPE dragoman_cache_%s "
	    "%s\ndragoman_cache_%s %llu\n", name, help, name, type, name,
	    (unsigned long long)n);
}

void
cache_print(struct store *s, const struct count *count, struct buf *out)
{
	struct store_figures f;

	if (!s)
		return;
	store_count(s, &f);
	buf_text(out, "# HELP dragoman_cache_requests_total Requests that "
	    "were to use the cache.\n"
	    "# TYPE dragoman_cache_requests_total counter\n");
	for (int i = COUNT_HIT; i <= COUNT_BYPASS; i++)
		buf_fmt(out, "dragoman_cache_requests_total{result=\"%s\"} "
		    "%llu\n", words[i], (unsigned long long)
		    count_cached(count, (enum count_cache)i));
	print(out, "shared_total", "counter", "Hits that waited for an equal "
	    "request.", count_cached(count, COUNT_SHARED));
	print(out, "stores_total", "counter", "Answers that were kept.",
	    count_cached(count, COUNT_STORED));
	print(out, "evictions_total", "counter", "Answers that made room for "
	    "others.", f.evicted);
	print(out, "entries", "gauge", "Answers that are kept now.",
	    f.records);
	print(out, "bytes", "gauge", "Memory that they take.", f.bytes);
}

const char *
cache_word(const struct exchange *ex)
{
	return ex->cache ? words[ex->cache->how] : NULL;
}
