#include "gateway/ledger_sum.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum {
	SLOTS = 2 * SUM_GROUPS,		/* a power of two */
	NAME_MAX_LEN = 2 * LEDGER_TEXT_MAX * 6 + 1,
	DAY = 10,			/* 2026-11-21 */
};

static const char *const names[SUM_BYS] = {	/* ORDER sum_by */
	[SUM_MODEL] = "model", [SUM_KEY] = "key",
	[SUM_PROVIDER] = "provider", [SUM_DAY] = "day",
};

const char *
sum_by_name(enum sum_by by)
{
	return names[by];
}

/* ---- names ---- */

/* What a line is called in each way that is asked for. */
struct titles {
	struct slice	names[SUM_BYS];
	char		model[NAME_MAX_LEN], day[CLOCK_STAMP];
};

static struct slice
model_of(const struct ledger_line *line, char *out)
{
	struct slice p = line->provider, t = line->target;

	if (!p.ptr || !t.ptr || p.len + t.len + 1 > NAME_MAX_LEN)
		return line->model;
	memcpy(out, p.ptr, p.len);
	out[p.len] = '/';
	memcpy(out + p.len + 1, t.ptr, t.len);
	return (struct slice){ out, p.len + 1 + t.len };
}

static void
entitle(const struct ledger_sum *s, const struct ledger_line *line,
    struct titles *t)
{
	memset(t->names, 0, sizeof t->names);
	if (s->by[SUM_MODEL])
		t->names[SUM_MODEL] = model_of(line, t->model);
	if (s->by[SUM_KEY])
		t->names[SUM_KEY] = line->key;
	if (s->by[SUM_PROVIDER])
		t->names[SUM_PROVIDER] = line->provider;
	if (s->by[SUM_DAY]) {
		clock_stamp(line->unix_ms, t->day);
		t->names[SUM_DAY] = (struct slice){ t->day, DAY };
	}
}

/* ---- groups ---- */

static uint64_t
hash_text(uint64_t hash, struct slice text)
{
	static const uint64_t prime = 0x9e3779b97f4a7c15u;
	uint64_t word = text.len;

	for (; text.len >= sizeof word;
	    text = slice_skip(text, sizeof word)) {
		memcpy(&word, text.ptr, sizeof word);
		hash = (hash ^ word) * prime;
		hash ^= hash >> 29;
	}
	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.ptr[i]) * prime;
	return (hash ^ hash >> 32) * prime;
}

static bool
same(const struct sum_group *g, const struct titles *t)
{
	for (unsigned i = 0; i < SUM_BYS; i++)
		if (!g->names[i].ptr != !t->names[i].ptr ||
		    !slice_eq(g->names[i], t->names[i]))
			return false;
	return true;
}

static struct sum_group *
new_group(struct ledger_sum *s)
{
	struct sum_group *g = &s->groups[s->count++];

	*g = (struct sum_group){ 0 };
	return g;
}

static struct sum_group *
others(struct ledger_sum *s)
{
	if (!s->others) {
		s->others = new_group(s);
		s->others->others = true;
	}
	return s->others;
}

/* The group of that name, made if it is new. */
static struct sum_group *
find(struct ledger_sum *s, const struct titles *t)
{
	uint64_t hash = 0;
	struct sum_group *g;
	size_t at;

	for (unsigned i = 0; i < SUM_BYS; i++)
		hash = hash_text(hash, t->names[i]);
	for (at = hash % SLOTS; s->slots[at]; at = (at + 1) % SLOTS)
		if (same(&s->groups[s->slots[at] - 1], t))
			return &s->groups[s->slots[at] - 1];
	if (s->count >= SUM_GROUPS)
		return others(s);
	g = new_group(s);
	for (unsigned i = 0; i < SUM_BYS; i++)
		g->names[i] = arena_dup(&s->arena, t->names[i]);
	s->slots[at] = (uint32_t)s->count;
	return g;
}

static void
add_tokens(uint64_t *sum, int64_t n)
{
	if (n > 0)
		*sum += (uint64_t)n;
}

static void
add_line(struct sum_counts *c, const struct ledger_line *line)
{
	c->requests++;
	c->errors += line->status >= 400;
	c->estimated += line->estimated;
	c->unpriced += line->cost_nano < 0;
	add_tokens(&c->in, line->in);
	add_tokens(&c->cached, line->cached);
	add_tokens(&c->cache_written, line->cache_written);
	add_tokens(&c->out, line->out);
	add_tokens(&c->reasoning, line->reasoning);
	add_tokens(&c->cost_nano, line->cost_nano);
}

void
ledger_sum_add(struct ledger_sum *s, const struct ledger_line *line)
{
	struct titles titles;

	if (!s->slots && !s->failed) {
		s->slots = arena_array(&s->arena, SLOTS, sizeof *s->slots);
		s->groups = arena_array(&s->arena, SUM_GROUPS + 1,
		    sizeof *s->groups);
		s->failed = !s->slots || !s->groups;
	}
	if (s->failed)
		return;
	entitle(s, line, &titles);
	add_line(&find(s, &titles)->counts, line);
	add_line(&s->total, line);
	s->failed = s->arena.failed;
}

void
ledger_sum_free(struct ledger_sum *s)
{
	arena_reset(&s->arena);
	s->slots = NULL;
	s->groups = s->others = NULL;
	s->count = 0;
}

/* ---- order ---- */

static int
larger_first(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b);
}

static int
by_cost(const void *one, const void *other)
{
	const struct sum_group *a = one, *b = other;
	int order = slice_cmp(a->names[SUM_DAY], b->names[SUM_DAY]);

	if (a->others != b->others)
		return a->others ? 1 : -1;
	if (!order)
		order = larger_first(a->counts.cost_nano,
		    b->counts.cost_nano);
	if (!order)
		order = larger_first(a->counts.in + a->counts.out,
		    b->counts.in + b->counts.out);
	for (unsigned i = 0; i < SUM_BYS && !order; i++)
		order = slice_cmp(a->names[i], b->names[i]);
	return order;
}

/* Places in `groups` change: no line can be added any more. */
void
ledger_sum_sort(struct ledger_sum *s)
{
	if (s->count)
		qsort(s->groups, s->count, sizeof *s->groups, by_cost);
	s->others = NULL;
}
