/* What the operator says of a model of the catalogue: limits, prices, names. */
#include <time.h>

#include "gateway/loader.h"

struct file_row {
	struct slice	name, released, retired;
	uint64_t	context, max_output;
	struct jval	price, tiers, input, output, protocols, also;
	enum tri	reasons;
};

#define ROW(member, type) \
	{ #member, type, offsetof(struct file_row, member), 0, 0 }

const struct field loader_row_fields[] = {
	ROW(name, FIELD_TEXT), ROW(context, FIELD_UINT),
	ROW(max_output, FIELD_UINT), ROW(input, FIELD_RAW),
	ROW(output, FIELD_RAW), ROW(reasons, FIELD_FLAG),
	ROW(price, FIELD_RAW), ROW(tiers, FIELD_RAW),
	ROW(protocols, FIELD_RAW), ROW(also, FIELD_RAW),
	ROW(released, FIELD_TEXT), ROW(retired, FIELD_TEXT),
	{ 0 },
};

struct file_price {
	struct slice	in, out, cached, cache_write, cache_write_long;
};

#define PRICE(member) \
	{ #member, FIELD_NUM, offsetof(struct file_price, member), 0, 0 }

const struct field loader_price_fields[] = {
	PRICE(in), PRICE(out), PRICE(cached), PRICE(cache_write),
	PRICE(cache_write_long), { 0 },
};

static bool
set_price(struct loader *l, struct jval at, struct slice text, uint32_t *to)
{
	if (!text.ptr || catalog_dollars(text, to))
		return true;
	return loader_fail(l, at, "%.*s is no price: dollars per million "
	    "tokens, below 4294, with at most six decimals",
	    SLICE_FMT(slice_sub(text, 0, 40)));
}

static bool
read_price(struct loader *l, struct jval obj, struct price *p)
{
	struct file_price f = { 0 };

	return loader_bind(l, obj, loader_price_fields, &f) &&
	    set_price(l, jval_get(obj, "in"), f.in, &p->in) &&
	    set_price(l, jval_get(obj, "out"), f.out, &p->out) &&
	    set_price(l, jval_get(obj, "cached"), f.cached, &p->cached) &&
	    set_price(l, jval_get(obj, "cache_write"), f.cache_write,
	    &p->cache_write) &&
	    set_price(l, jval_get(obj, "cache_write_long"),
	    f.cache_write_long, &p->cache_write_long);
}

struct file_tier {
	uint64_t	above;
	struct jval	price;
};

const struct field loader_tier_fields[] = {
	{ "above", FIELD_UINT, offsetof(struct file_tier, above), 0, 0 },
	{ "price", FIELD_RAW, offsetof(struct file_tier, price), 0, 0 },
	{ 0 },
};

static bool
read_tier(struct loader *l, struct jval at, uint32_t least,
    struct price_tier *tier)
{
	struct file_tier f = { 0 };

	*tier = (struct price_tier){ 0, PRICE_NONE };
	if (!loader_bind(l, at, loader_tier_fields, &f))
		return false;
	if (f.above <= least || f.above > UINT32_MAX)
		return loader_fail(l, at, "\"above\" must be a number of "
		    "tokens, and each tier's larger than the one's before");
	tier->above = (uint32_t)f.above;
	if (!jval_ok(f.price))
		return loader_fail(l, at, "a tier needs \"price\"");
	return read_price(l, f.price, &tier->price);
}

/* All of them; [] means that the price is the same for every length. */
static bool
read_tiers(struct loader *l, struct jval list, struct catalog_model *m)
{
	struct price_tier *tiers;
	uint32_t least = 0;
	struct jval v;

	if (!jval_ok(list))
		return true;
	if (!jval_is(list, JSON_ARRAY) ||
	    jval_count(list) > CATALOG_TIERS_MAX)
		return loader_fail(l, list, "\"tiers\" must be an array of at "
		    "most %d", CATALOG_TIERS_MAX);
	tiers = arena_array(l->arena, CATALOG_TIERS_MAX, sizeof *tiers);
	if (!tiers)
		return false;
	m->tiers = tiers;
	m->tier_count = 0;
	for (v = jval_first(list); !jval_at_end(v); v = jval_next(v)) {
		if (!read_tier(l, v, least, &tiers[m->tier_count]))
			return false;
		least = tiers[m->tier_count++].above;
	}
	return true;
}

static const char *
protocol_word(unsigned i)
{
	return protocol_by_id((enum protocol_id)i)->name;
}

/* An array of words, of which word(i) stands for the bit 1 << i. */
static bool
read_bits(struct loader *l, struct jval list, unsigned count,
    const char *(*word)(unsigned), uint8_t *bits)
{
	struct jval v;

	if (!jval_ok(list))
		return true;
	*bits = 0;
	for (v = jval_first(list); jval_is(list, JSON_ARRAY) &&
	    !jval_at_end(v); v = jval_next(v)) {
		unsigned i = 0;

		while (i < count && !jval_text_is(v, word(i)))
			i++;
		if (i == count)
			return loader_fail(l, v, "not known: one of \"%s\", "
			    "\"%s\", ... was expected", word(0), word(1));
		*bits |= (uint8_t)(1u << i);
	}
	return *bits || loader_fail(l, list, "an array of words was expected: "
	    "[\"%s\"]", word(0));
}

bool
loader_is_name(struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.ptr[i] <= ' ' || name.ptr[i] == 0x7f)
			return false;
	return name.len && name.len <= CATALOG_NAME_MAX;
}

/* Behind the names that are there. */
static bool
read_also(struct loader *l, struct jval list, struct catalog_model *m)
{
	struct slice also = slice_of(m->also), name;
	struct jval v;

	if (!jval_ok(list))
		return true;
	if (!jval_is(list, JSON_ARRAY))
		return loader_fail(l, list, "\"also\" must be an array of "
		    "names");
	for (v = jval_first(list); !jval_at_end(v); v = jval_next(v)) {
		if (!jval_is(v, JSON_STRING) ||
		    !loader_text(l, v, jval_text(v), &name) ||
		    !loader_is_name(name))
			return loader_fail(l, v, "a name must be a string of "
			    "at most %d letters, without blanks",
			    CATALOG_NAME_MAX);
		also = arena_join(l->arena, (struct slice[]){ also,
		    SLICE(" ~"), name }, 3);
	}
	m->also = arena_cstr(l->arena, slice_trim(also));
	return m->also != NULL;
}

static uint16_t
day_of(int year, int month, int day)
{
	struct tm t = { .tm_year = year - 1900, .tm_mon = month - 1,
	    .tm_mday = day };

	return (uint16_t)(timegm(&t) / 86400);
}

static bool
read_day(struct loader *l, struct jval at, struct slice text, uint16_t *day)
{
	struct slice rest = text;
	uint64_t y, m, d;

	if (!text.ptr)
		return true;
	if (text.len == 10 &&
	    slice_to_u64(slice_cut(&rest, '-'), 2100, &y) && y >= 1970 &&
	    slice_to_u64(slice_cut(&rest, '-'), 12, &m) && m &&
	    slice_to_u64(rest, 31, &d) && d) {
		*day = day_of((int)y, (int)m, (int)d);
		return true;
	}
	return loader_fail(l, at, "a day is spelled \"2026-11-30\"");
}

static bool
read_count(struct loader *l, struct jval at, uint64_t n, uint32_t *to)
{
	if (n == UINT64_MAX)
		return true;
	*to = (uint32_t)n;
	return n <= CATALOG_TOKENS_MAX || loader_fail(l, at,
	    "more than %d tokens", CATALOG_TOKENS_MAX);
}

bool
loader_row(struct loader *l, struct jval obj, struct catalog_model *m)
{
	struct file_row f = { .context = UINT64_MAX,
	    .max_output = UINT64_MAX };
	struct slice name;

	if (!loader_bind(l, obj, loader_row_fields, &f))
		return false;
	if (f.name.ptr) {
		if (!loader_text(l, obj, f.name, &name))
			return false;
		m->display = arena_cstr(l->arena, name);
	}
	if (f.reasons != TRI_UNSET)
		m->reasons = f.reasons == TRI_YES;
	return read_count(l, jval_get(obj, "context"), f.context,
	    &m->context) &&
	    read_count(l, jval_get(obj, "max_output"), f.max_output,
	    &m->max_output) &&
	    (!jval_ok(f.price) || read_price(l, f.price, &m->price)) &&
	    read_tiers(l, f.tiers, m) &&
	    read_bits(l, f.input, MODALITIES, catalog_modality, &m->input) &&
	    read_bits(l, f.output, MODALITIES, catalog_modality,
	    &m->output) &&
	    read_bits(l, f.protocols, PROTO_COUNT, protocol_word,
	    &m->protocols) && read_also(l, f.also, m) &&
	    read_day(l, jval_get(obj, "released"), f.released,
	    &m->released) &&
	    read_day(l, jval_get(obj, "retired"), f.retired, &m->retired);
}
