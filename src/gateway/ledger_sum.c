#include "gateway/ledger_sum.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "gateway/limit.h"

enum {
	ROOM_MIN = 64,
	NAME_MAX_LEN = 2 * LEDGER_TEXT_MAX * 6 + 1,
	DAY = 10,			/* 2026-11-21 */
};

static const char *const names[SUM_BYS] = {	/* ORDER sum_by */
	[SUM_MODEL] = "model", [SUM_KEY] = "key",
	[SUM_PROVIDER] = "provider", [SUM_DAY] = "day",
};

#define NUMBER(name, title, field) \
	{ name, title, offsetof(struct sum_counts, field) }

const struct sum_number sum_numbers[SUM_NUMBERS] = {
	NUMBER("requests", "requests", requests),
	NUMBER("errors", "errors", errors),
	NUMBER("tokens_in", "tokens in", in),
	NUMBER("tokens_cached", "cached", cached),
	NUMBER("tokens_cache_written", "written", cache_written),
	NUMBER("tokens_out", "tokens out", out),
	NUMBER("tokens_reasoning", "reasoning", reasoning),
	NUMBER("estimated", "estimated", estimated),
	NUMBER("unpriced", "unpriced", unpriced),
};

uint64_t
sum_number(const struct sum_counts *c, size_t i)
{
	return *(const uint64_t *)(const void *)((const char *)c +
	    sum_numbers[i].offset);
}

const char *
sum_by_name(enum sum_by by)
{
	return names[by];
}

/* ---- names ---- */

/* What a line is called in each way that is asked for. */
struct titles {
	struct slice	names[SUM_BYS];
	bool		others;
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
	t->others = !line;
	if (!line)
		return;
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

/* Room for twice as many, in new slots; the names stay where they are. */
static bool
grow(struct ledger_sum *s)
{
	size_t room = s->room ? 2 * s->room : ROOM_MIN;

	s->groups = arena_resize(&s->arena, s->groups,
	    s->room * sizeof *s->groups, room * sizeof *s->groups);
	s->slots = arena_array(&s->arena, 2 * room, sizeof *s->slots);
	if (!s->groups || !s->slots)
		return false;
	s->room = room;
	for (size_t i = 0; i < s->count; i++) {
		size_t at = (size_t)(s->groups[i].hash % (2 * room));

		while (s->slots[at])
			at = (at + 1) % (2 * room);
		if (!s->groups[i].others)
			s->slots[at] = (uint32_t)i + 1;
	}
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
		new_group(s)->others = true;
		s->others = s->count;
	}
	return &s->groups[s->others - 1];
}

/* The group of that name, made if it is new; NULL: no memory. */
static struct sum_group *
find(struct ledger_sum *s, const struct titles *t)
{
	uint64_t hash = 0;
	struct sum_group *g;
	size_t at;

	/* one place is left for (others) */
	if (s->count + 1 >= s->room && !grow(s))
		return NULL;
	for (unsigned i = 0; i < SUM_BYS; i++)
		hash = hash_text(hash, t->names[i]);
	for (at = (size_t)(hash % (2 * s->room)); s->slots[at];
	    at = (at + 1) % (2 * s->room)) {
		g = &s->groups[s->slots[at] - 1];
		if (g->hash == hash && same(g, t))
			return g;
	}
	if (s->count >= SUM_GROUPS || t->others)
		return others(s);
	g = new_group(s);
	g->hash = hash;
	for (unsigned i = 0; i < SUM_BYS; i++)
		g->names[i] = arena_dup(&s->arena, t->names[i]);
	s->slots[at] = (uint32_t)s->count;
	return g;
}

static uint64_t
tokens(int64_t n)
{
	return n > 0 ? (uint64_t)n : 0;
}

static void
add_counts(struct sum_counts *sum, const struct sum_counts *more)
{
	for (size_t i = 0; i < SUM_NUMBERS; i++)
		*(uint64_t *)(void *)((char *)sum + sum_numbers[i].offset) +=
		    sum_number(more, i);
	sum->cost_nano += more->cost_nano;
}

void
ledger_sum_merge(struct ledger_sum *s, const struct ledger_line *line,
    const struct sum_counts *counts)
{
	struct titles titles;
	struct sum_group *g;

	if (s->failed)
		return;
	entitle(s, line, &titles);
	g = find(s, &titles);
	s->failed = !g || s->arena.failed;
	if (s->failed)
		return;
	add_counts(&g->counts, counts);
	add_counts(&s->total, counts);
}

void
ledger_sum_add(struct ledger_sum *s, const struct ledger_line *line)
{
	struct sum_counts one = {
		.requests = 1, .errors = line->status >= 400,
		.in = tokens(line->in), .cached = tokens(line->cached),
		.cache_written = tokens(line->cache_written),
		.out = tokens(line->out),
		.reasoning = tokens(line->reasoning),
		.estimated = line->estimated,
		.unpriced = line->cost_nano < 0,
		.cost_nano = tokens(line->cost_nano),
	};

	ledger_sum_merge(s, line, &one);
}

void
ledger_sum_free(struct ledger_sum *s)
{
	arena_reset(&s->arena);
	s->slots = NULL;
	s->groups = NULL;
	s->count = s->room = s->others = 0;
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
	s->others = 0;
}

/* ---- writing ---- */

void
sum_write_counts(struct writer *w, const struct sum_counts *c)
{
	char usd[LIMIT_USD];

	for (size_t i = 0; i < SUM_NUMBERS; i++)
		write_member_u64(w, sum_numbers[i].name, sum_number(c, i));
	limit_usd((int64_t)c->cost_nano, usd);
	write_member_u64(w, "cost_nano_usd", c->cost_nano);
	write_member_plain(w, "cost_usd", usd);
}

static void
write_names(struct writer *w, const struct ledger_sum *s,
    const struct sum_group *g)
{
	for (unsigned by = 0; by < SUM_BYS; by++) {
		if (!s->by[by])
			continue;
		write_key(w, names[by]);
		if (g->names[by].ptr)
			write_text(w, g->names[by]);
		else if (g->others)
			write_plain(w, SUM_OTHERS);
		else
			write_null(w);
	}
}

void
sum_write_groups(struct writer *w, const struct ledger_sum *s)
{
	write_array(w);
	for (size_t i = 0; i < s->count; i++) {
		write_object(w);
		write_names(w, s, &s->groups[i]);
		sum_write_counts(w, &s->groups[i].counts);
		write_end(w);
	}
	write_end(w);
}
