#include "gateway/spend.h"

#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"

enum { NAME_LEN = 128, DAY = 10 };

/* By model: provider, its model, the model asked for; else one name. */
struct record {
	/* its names stand: whoever finds it first writes them, all the same */
	_Atomic uint32_t	named;
	char			names[SPEND_NAMES][NAME_LEN];
	_Atomic uint64_t	now[SPEND_COUNTS];	/* since the start */
	_Atomic uint64_t	before[SPEND_COUNTS];	/* ... and before it */
};

struct names {
	struct slice	text[SPEND_NAMES];
};

static const enum shared_kind kinds[] = {
	SHARED_SPEND_MODEL, SHARED_SPEND_KEY, SHARED_SPEND_DAY,
};

static uint64_t
value(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static void
add(_Atomic uint64_t *counter, int64_t n)
{
	if (n > 0)
		atomic_fetch_add_explicit(counter, (uint64_t)n,
		    memory_order_relaxed);
}

/* ---- records ---- */

/* What a record holds of a name: whole characters, up to a NUL. */
static struct slice
cut_name(struct slice name)
{
	size_t end = NAME_LEN - 1;

	name = slice_sub(name, 0, slice_chr(name, '\0'));
	if (name.len <= end)
		return name;
	while (end && ((unsigned char)name.ptr[end] & 0xc0) == 0x80)
		end--;
	return slice_sub(name, 0, end);
}

static struct names
cut(struct slice a, struct slice b, struct slice c)
{
	return (struct names){ { cut_name(a), cut_name(b), cut_name(c) } };
}

static void
write_names(struct record *r, const struct names *n)
{
	if (atomic_load(&r->named))
		return;
	for (unsigned i = 0; i < SPEND_NAMES; i++)
		(void)slice_to_cstr(n->text[i], r->names[i], NAME_LEN);
	atomic_store(&r->named, 1);
}

static struct record *
record(struct shared *shared, enum shared_kind kind, const struct names *n)
{
	char text[SPEND_NAMES * NAME_LEN];
	struct record *r;
	size_t len = 0;

	CHECK(sizeof *r <= shared_size(kind));
	for (unsigned i = 0; i < SPEND_NAMES; i++) {
		memcpy(text + len, n->text[i].ptr ? n->text[i].ptr : "",
		    n->text[i].len);
		len += n->text[i].len;
		text[len++] = '\0';
	}
	r = shared_record(shared, kind, (struct slice){ text, len });
	if (r)
		write_names(r, n);
	return r;
}

static struct record *
others(struct shared *shared, enum shared_kind kind)
{
	struct names n = cut(SLICE(SUM_OTHERS), SLICE(SUM_OTHERS),
	    SLICE(SUM_OTHERS));

	return kind == SHARED_SPEND_DAY ? NULL : record(shared, kind, &n);
}

static uint64_t
hash_names(enum shared_kind kind, const struct names *n)
{
	uint64_t hash = kind;

	for (unsigned i = 0; i < SPEND_NAMES; i++)
		for (size_t c = 0; c <= n->text[i].len; c++)
			hash = (hash ^ (c < n->text[i].len ?
			    (unsigned char)n->text[i].ptr[c] : 0x100u)) *
			    0x100000001b3u;
	return hash ^ hash >> 32;
}

static bool
is_called(const struct record *r, const struct names *n)
{
	for (unsigned i = 0; i < SPEND_NAMES; i++)
		if (!slice_is(n->text[i], r->names[i]))
			return false;
	return true;
}

/* As record(), but that what was found before costs no hash of its name. */
static struct record *
find(struct spend *s, enum shared_kind kind, const struct names *n)
{
	uint64_t hash = hash_names(kind, n);
	size_t at = hash % SPEND_KNOWN;
	struct record *r = s->known[at].record;

	if (r && s->known[at].hash == hash && is_called(r, n))
		return r;
	r = record(s->shared, kind, n);
	if (!r)
		return others(s->shared, kind);
	s->known[at].hash = hash;
	s->known[at].record = r;
	return r;
}

/* ---- counting ---- */

static void
count(struct record *r, const struct ledger_line *line)
{
	_Atomic uint64_t *now;

	if (!r)
		return;
	now = r->now;
	add(&now[SPEND_REQUESTS], 1);
	add(&now[SPEND_ERRORS], line->status >= 400);
	add(&now[SPEND_IN], line->in);
	add(&now[SPEND_CACHED], line->cached);
	add(&now[SPEND_WRITTEN], line->cache_written);
	add(&now[SPEND_OUT], line->out);
	add(&now[SPEND_REASONING], line->reasoning);
	add(&now[SPEND_ESTIMATED], line->estimated);
	add(&now[SPEND_UNPRICED], line->cost_nano < 0);
	add(&now[SPEND_COST], line->cost_nano);
	add(&now[SPEND_MS], line->ms);
	add(&now[SPEND_FIRSTS], line->first_ms >= 0);
	add(&now[SPEND_FIRST_MS], line->first_ms);
}

void
spend_begin(struct spend *s, struct shared *shared)
{
	*s = (struct spend){ .shared = shared };
	for (size_t i = 0; shared && i < sizeof kinds / sizeof *kinds; i++)
		(void)others(shared, kinds[i]);
}

void
spend_add(struct spend *s, const struct ledger_line *line, bool known)
{
	struct names n;
	char day[CLOCK_STAMP];

	if (!s->shared)
		return;
	if (line->provider.ptr && (known || line->status < 400))
		n = cut(line->provider, line->target, line->model);
	else
		n = cut(line->provider, SLICE(""), SLICE(""));
	count(find(s, SHARED_SPEND_MODEL, &n), line);
	n = cut(line->key, SLICE(""), SLICE(""));
	count(find(s, SHARED_SPEND_KEY, &n), line);
	clock_stamp(line->unix_ms, day);
	n = cut((struct slice){ day, DAY }, SLICE(""), SLICE(""));
	count(find(s, SHARED_SPEND_DAY, &n), line);
}

void
spend_put(struct shared *shared, enum shared_kind kind,
    const struct slice names[SPEND_NAMES], const struct sum_counts *c)
{
	struct names n = cut(names[0], names[1], names[2]);
	struct record *r = names[0].ptr ? record(shared, kind, &n) : NULL;

	if (!r)
		r = others(shared, kind);
	if (!r)
		return;
	for (size_t i = 0; i < SUM_NUMBERS; i++)
		add(&r->before[i], (int64_t)sum_number(c, i));
	add(&r->before[SPEND_COST], (int64_t)c->cost_nano);
}

/* ---- looking ---- */

struct walk {
	enum shared_kind kind;
	void	(*each)(void *, const struct spend_view *);
	void	*arg;
};

static void
look(void *arg, void *of_shared)
{
	const struct walk *w = arg;
	const struct record *r = of_shared;
	struct spend_view view = { .kind = w->kind };

	if (!atomic_load(&r->named))
		return;
	for (unsigned i = 0; i < SPEND_NAMES; i++)
		view.names[i] = slice_of(r->names[i]);
	view.others = slice_is(view.names[0], SUM_OTHERS);
	for (unsigned i = 0; i < SPEND_COUNTS; i++) {
		view.now[i] = value(&r->now[i]);
		view.before[i] = value(&r->before[i]);
	}
	if (view.now[SPEND_REQUESTS] || view.before[SPEND_REQUESTS])
		w->each(w->arg, &view);
}

void
spend_each(struct shared *shared, enum shared_kind kind,
    void (*each)(void *, const struct spend_view *), void *arg)
{
	struct walk w = { kind, each, arg };

	shared_each(shared, kind, look, &w);
}
