/*
 * A circuit is one word: | until: 48 bits, ms | the probe's place, and 1 |.
 *
 *	0		closed
 *	until > now	open; with a place: half-open, and that process tries it
 *	until <= now	half-open, and nobody tries it yet (or for too long)
 *
 * Whoever changes it names the word that it saw, so that of all who see that a
 * probe is due one sends it.  The rest are counts that may be off by what
 * happens at the same moment.
 */
#include "gateway/health.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "gateway/window.h"

enum {
	PLACE_BITS = 16,
	RECORD_NAME = 159,
	TRIPS_MAX = 16,			/* doublings of the time it is open */
	BUDGET_MS = 10000,
};

enum { COUNT_GOOD, COUNT_BAD };		/* of a window */

struct health_record {
	_Atomic uint64_t	 word;
	/* how it answered; of the budget's: requests, and more than that; of a
	 * provider's: answers, and requests that others lost */
	struct window		 window;
	_Atomic int64_t		 cool_until_ms;
	/* some of its keys are to be left alone until then */
	_Atomic int64_t		 keys_until_ms;
	_Atomic uint32_t	 in_a_row;	/* failures */
	_Atomic uint32_t	 trips;		/* openings since it answered */
	/* for the operator; 0: it has none */
	_Atomic uint32_t	 name_len;
	char			 name[RECORD_NAME + 1];
};

struct key_record {
	_Atomic int64_t		 until_ms;
};

/* ---- which record ---- */

/* NULL too where the name is too long to be told from others. */
static struct health_record *
record_of(struct shared *shared, struct slice name)
{
	struct health_record *r = name.len > RECORD_NAME ? NULL
	    : shared_record(shared, SHARED_TARGET, name);

	CHECK(sizeof *r <= shared_size(SHARED_TARGET));
	return r;
}

/* All who write it write the same. */
static void
give_name(struct health_record *r, struct slice name)
{
	if (!r || atomic_load(&r->name_len))
		return;
	memcpy(r->name, name.ptr, name.len);
	atomic_store(&r->name_len, (uint32_t)name.len);
}

static bool
configured(const struct config *c, const struct target *t)
{
	for (const struct model *m = c->models; m; m = m->next)
		for (size_t i = 0; i < m->target_count; i++)
			if (m->targets[i].target.provider == t->provider &&
			    slice_eq(m->targets[i].target.model, t->model))
				return true;
	return false;
}

static struct health_target
look_up(struct shared *shared, const struct config *config,
    const struct target *t)
{
	struct slice provider = t->provider->name;
	struct health_target found = { 0 };
	char text[RECORD_NAME + 1];
	int n;

	if (t->row || configured(config, t)) {
		n = snprintf(text, sizeof text, "%.*s/%.*s",
		    SLICE_FMT(provider), SLICE_FMT(t->model));
		if (n > 0 && (size_t)n < sizeof text) {
			found.record = record_of(shared, slice_of(text));
			give_name(found.record, slice_of(text));
		}
		found.known = found.record != NULL;
	}
	if (!found.record) {
		found.record = record_of(shared, provider);
		give_name(found.record, provider);
	}
	n = snprintf(text, sizeof text, "%.*s#", SLICE_FMT(provider));
	if (n > 0 && (size_t)n < sizeof text)
		found.wide = record_of(shared, slice_of(text));
	return found;
}

/* FNV-1a: where to look in the cache, which compares what it finds. */
static struct health_slot *
slot_of(struct health_cache *cache, const struct target *t)
{
	uint32_t hash = 2166136261u ^ (uint32_t)(uintptr_t)t->provider;

	for (size_t i = 0; i < t->model.len; i++)
		hash = (hash ^ (unsigned char)t->model.ptr[i]) * 16777619u;
	return &cache->slots[(hash ^ hash >> 16) % HEALTH_SLOTS];
}

struct health_target
health_find(struct shared *shared, struct health_cache *cache,
    const struct config *config, const struct target *t)
{
	struct health_slot *slot;

	if (!cache || t->model.len > HEALTH_NAME)
		return look_up(shared, config, t);
	slot = slot_of(cache, t);
	if (slot->provider == t->provider && slice_eq(t->model,
	    (struct slice){ slot->model, slot->len }))
		return slot->found;
	*slot = (struct health_slot){ .provider = t->provider,
	    .len = t->model.len, .found = look_up(shared, config, t) };
	if (t->model.len)
		memcpy(slot->model, t->model.ptr, t->model.len);
	return slot->found;
}

/* ---- circuits ---- */

static uint64_t
word_of(int64_t until_ms, unsigned owner)
{
	return (uint64_t)until_ms << PLACE_BITS | owner;
}

static int64_t
until(uint64_t word)
{
	return (int64_t)(word >> PLACE_BITS);
}

static unsigned
owner_of(uint64_t word)
{
	return word & ((1u << PLACE_BITS) - 1);
}

enum health_state
health_state(const struct health_record *r, int64_t now_ms)
{
	uint64_t word = r ? atomic_load(&r->word) : 0;

	if (!word)
		return HEALTH_CLOSED;
	return owner_of(word) || until(word) <= now_ms ? HEALTH_HALF_OPEN
	    : HEALTH_OPEN;
}

int64_t
health_cooled(const struct health_record *r, int64_t now_ms)
{
	int64_t until_ms = r ? atomic_load(&r->cool_until_ms) : 0;

	return until_ms > now_ms ? until_ms : 0;
}

bool
health_well(const struct health_record *r, int64_t now_ms)
{
	return !r || (until(atomic_load(&r->word)) <= now_ms &&
	    !health_cooled(r, now_ms));
}

bool
health_visit(struct health_record *r, const struct circuit *c,
    unsigned place, int64_t now_ms, struct health_visit *v)
{
	uint64_t word, probe;

	*v = (struct health_visit){ .record = r };
	if (!r)
		return true;
	v->forced = health_cooled(r, now_ms) != 0;
	word = atomic_load(&r->word);
	if (v->forced || !word)
		return !v->forced;
	probe = word_of(now_ms + (int64_t)c->probe_ms, place + 1);
	if (until(word) <= now_ms &&
	    atomic_compare_exchange_strong(&r->word, &word, probe))
		v->probe = probe;
	v->forced = !v->probe;
	return !v->forced;
}

bool
health_succeeded(struct health_visit *v, const struct circuit *c,
    int64_t now_ms)
{
	struct health_record *r = v->record;
	bool special = v->forced || v->probe;

	if (!r)
		return false;
	if (atomic_load(&r->in_a_row))
		atomic_store(&r->in_a_row, 0);
	if (c->rate_percent)
		window_add(&r->window, now_ms,
		    (int64_t)c->window_s * 1000, COUNT_GOOD);
	v->forced = false;
	v->probe = 0;
	if (!special)
		return false;
	atomic_store(&r->cool_until_ms, 0);
	if (!atomic_exchange(&r->word, 0))
		return false;
	atomic_store(&r->trips, 0);
	window_clear(&r->window);
	return true;
}

static uint64_t
opened(struct health_record *r, const struct circuit *c, int64_t now_ms)
{
	uint32_t trips = atomic_fetch_add(&r->trips, 1);
	uint64_t ms = c->open_ms << (trips < TRIPS_MAX ? trips
	    : TRIPS_MAX);

	if (ms > c->open_max_ms)
		ms = c->open_max_ms;
	return word_of(now_ms + (int64_t)ms, 0);
}

/* With this failure, are there too many? */
static bool
too_many(struct health_record *r, const struct circuit *c, int64_t now_ms)
{
	uint32_t row = atomic_fetch_add(&r->in_a_row, 1) + 1;
	int64_t span = (int64_t)c->window_s * 1000;
	struct window_sum sum;
	uint64_t all;

	if (c->failures && row >= c->failures)
		return true;
	if (!c->rate_percent)
		return false;
	window_add(&r->window, now_ms, span, COUNT_BAD);
	sum = window_sum(&r->window, now_ms, span);
	all = sum.of[COUNT_GOOD] + sum.of[COUNT_BAD];
	return all >= c->requests &&
	    sum.of[COUNT_BAD] * 100 >= all * c->rate_percent;
}

bool
health_failed(struct health_visit *v, const struct circuit *c,
    int64_t now_ms)
{
	struct health_record *r = v->record;
	uint64_t word = v->probe;

	*v = (struct health_visit){ 0 };
	if (!r)
		return false;
	/* those who went before it opened, or all the same, say nothing new */
	if (!word && (atomic_load(&r->word) || !too_many(r, c, now_ms)))
		return false;
	if (!atomic_compare_exchange_strong(&r->word, &word,
	    opened(r, c, now_ms)))
		return false;
	atomic_store(&r->in_a_row, 0);
	return true;
}

void
health_let_go(struct health_visit *v, int64_t now_ms)
{
	if (v->probe)
		(void)atomic_compare_exchange_strong(&v->record->word,
		    &v->probe, word_of(now_ms, 0));
	*v = (struct health_visit){ 0 };
}

static void
extend(_Atomic int64_t *until_ms, int64_t to_ms)
{
	int64_t old = atomic_load(until_ms);

	while (old < to_ms &&
	    !atomic_compare_exchange_weak(until_ms, &old, to_ms))
		;
}

void
health_cool(struct health_record *r, int64_t until_ms)
{
	if (r)
		extend(&r->cool_until_ms, until_ms);
}

struct death {
	unsigned	owner;
	int64_t		now_ms;
};

static void
bury(void *arg, void *record)
{
	const struct death *d = arg;
	struct health_record *r = record;
	uint64_t word = atomic_load(&r->word);

	if (owner_of(word) == d->owner)
		(void)atomic_compare_exchange_strong(&r->word, &word,
		    word_of(d->now_ms, 0));
}

void
health_bury(struct shared *shared, unsigned place, int64_t now_ms)
{
	shared_each(shared, SHARED_TARGET, bury,
	    &(struct death){ place + 1, now_ms });
}

/* ---- keys ---- */

/*
 * Keys are known by their hashes: one that was replaced in the configuration
 * begins anew.  What clients can name is one for each provider and key.
 */
static struct key_record *
key_record(struct shared *shared, const struct health_target *where,
    const struct target *t, size_t key, bool all)
{
	uint8_t hash[SHA256_LEN];
	char hex[16], text[512];
	int n;

	sha256(t->provider->keys[key], hash);
	hex_encode(hash, sizeof hex / 2, hex);
	n = snprintf(text, sizeof text, "%.*s#%.16s%s%.*s",
	    SLICE_FMT(t->provider->name), hex, all ? "" : "/",
	    all || !where->known ? 0 : (int)t->model.len, t->model.ptr);
	if (n < 0 || (size_t)n >= sizeof text)
		return NULL;
	return shared_record(shared, SHARED_PROVIDER_KEY, slice_of(text));
}

void
health_cool_key(struct shared *shared, const struct health_target *where,
    const struct target *t, size_t key, bool all, int64_t until_ms)
{
	struct health_record *r = all ? where->wide : where->record;
	struct key_record *k = key_record(shared, where, t, key, all);

	if (!k || !r)
		return;
	extend(&k->until_ms, until_ms);
	extend(&r->keys_until_ms, until_ms);
}

int64_t
health_key_cooled(struct shared *shared, const struct health_target *where,
    const struct target *t, size_t key, int64_t now_ms)
{
	const struct health_record *of[] = { where->record, where->wide };
	int64_t latest = 0;

	for (int all = 0; all < 2; all++) {
		struct key_record *k;
		int64_t until_ms;

		if (!of[all] || atomic_load(&of[all]->keys_until_ms) <= now_ms)
			continue;
		k = key_record(shared, where, t, key, all);
		until_ms = k ? atomic_load(&k->until_ms) : 0;
		if (until_ms > now_ms && until_ms > latest)
			latest = until_ms;
	}
	return latest;
}

void
health_warm_key(struct shared *shared, const struct health_target *where,
    const struct target *t, size_t key)
{
	for (int all = 0; all < 2; all++) {
		struct key_record *k = key_record(shared, where, t, key, all);

		if (k)
			atomic_store(&k->until_ms, 0);
	}
}

/* ---- the budget ---- */

/* It is a record without a name. */
static struct health_record *
budget(struct shared *shared, struct health_cache *cache)
{
	if (!cache->budget)
		cache->budget = record_of(shared, SLICE(""));
	return cache->budget;
}

void
health_budget_add(struct shared *shared, struct health_cache *cache,
    int64_t now_ms)
{
	struct health_record *r = budget(shared, cache);

	if (r)
		window_add(&r->window, now_ms, BUDGET_MS, 0);
}

bool
health_budget_take(struct shared *shared, struct health_cache *cache,
    const struct limits *m, int64_t now_ms)
{
	struct health_record *r = budget(shared, cache);

	return !r || window_take(&r->window, now_ms, BUDGET_MS,
	    m->retry_budget_percent, m->retry_budget_least);
}

void
health_answered(struct health_record *wide, int64_t now_ms)
{
	if (wide)
		window_add(&wide->window, now_ms, BUDGET_MS, 0);
}

bool
health_take_over(struct shared *shared, struct health_cache *cache,
    struct health_record *wide, const struct limits *m, int64_t now_ms)
{
	const struct health_record *r = budget(shared, cache);
	uint64_t least = m->retry_budget_least + 1;

	if (!wide || !r)
		return true;
	least += window_sum(&r->window, now_ms, BUDGET_MS).of[0] *
	    m->retry_budget_percent / 100;
	return window_take(&wide->window, now_ms, BUDGET_MS, 200, least);
}

/* ---- for pages ---- */

struct look {
	int64_t		 now_ms;
	struct buf	*out;		/* NULL: only count */
	size_t		 count, open;
};

static void
look(void *arg, void *record)
{
	struct look *l = arg;
	const struct health_record *r = record;
	size_t len = atomic_load(&r->name_len);
	enum health_state state = health_state(r, l->now_ms);

	if (!len)
		return;
	l->count++;
	l->open += state == HEALTH_OPEN;
	if (!l->out)
		return;
	buf_text(l->out, "dragoman_circuit_state{target=\"");
	for (size_t i = 0; i < len; i++) {
		if (r->name[i] == '"' || r->name[i] == '\\')
			buf_byte(l->out, '\\');
		buf_byte(l->out, r->name[i]);
	}
	buf_fmt(l->out, "\"} %d\n", state);
}

void
health_print(struct shared *shared, int64_t now_ms, struct buf *out)
{
	buf_text(out, "# HELP dragoman_circuit_state Circuits of targets: 0 "
	    "closed, 1 half-open, 2 open.\n"
	    "# TYPE dragoman_circuit_state gauge\n");
	shared_each(shared, SHARED_TARGET, look,
	    &(struct look){ .now_ms = now_ms, .out = out });
}

bool
health_ready(struct shared *shared, const struct config *c, int64_t now_ms)
{
	struct look all = { .now_ms = now_ms };

	/* those that nobody asked for yet have records, too */
	for (const struct model *m = c->models; m; m = m->next)
		for (size_t i = 0; i < m->target_count; i++)
			if (!m->wild && m->targets[i].target.provider)
				(void)health_find(shared, NULL, c,
				    &m->targets[i].target);
	shared_each(shared, SHARED_TARGET, look, &all);
	return !all.count || all.open < all.count;
}
