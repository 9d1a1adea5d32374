/* What is known of a model, as JSON: beside what each SDK looks for. */
#include <stdio.h>

#include "base/clock.h"
#include "gateway/catalog.h"
#include "json/write.h"

static void
put_dollars(struct writer *w, const char *key, uint32_t millionths)
{
	char text[CATALOG_DOLLARS];

	if (millionths == PRICE_UNKNOWN)
		return;
	catalog_dollars_text(millionths, text);
	write_member_raw(w, key, slice_of(text));
}

static void
put_price(struct writer *w, const struct price *p)
{
	put_dollars(w, "in", p->in);
	put_dollars(w, "out", p->out);
	put_dollars(w, "cached", p->cached);
	put_dollars(w, "cache_write", p->cache_write);
	put_dollars(w, "cache_write_long", p->cache_write_long);
}

/* As in the configuration: dollars per million tokens. */
static void
put_prices(struct writer *w, const struct catalog_model *m)
{
	write_key(w, "x_price");
	if (m->price.in == PRICE_UNKNOWN && m->price.out == PRICE_UNKNOWN) {
		write_null(w);
		return;
	}
	write_object(w);
	put_price(w, &m->price);
	write_end(w);
	if (!m->tier_count)
		return;
	write_key(w, "x_tiers");
	write_array(w);
	for (unsigned i = 0; i < m->tier_count; i++) {
		write_object(w);
		write_member_u64(w, "above", m->tiers[i].above);
		write_key(w, "price");
		write_object(w);
		put_price(w, &m->tiers[i].price);
		write_end(w);
		write_end(w);
	}
	write_end(w);
}

static void
put_modalities(struct writer *w, const char *key, unsigned bits)
{
	if (!bits)
		return;
	write_key(w, key);
	write_array(w);
	for (unsigned i = 0; i < MODALITIES; i++)
		if (bits & (1u << i))
			write_plain(w, catalog_modality(i));
	write_end(w);
}

void
catalog_write_day(struct writer *w, const char *key, uint16_t day)
{
	char stamp[CLOCK_STAMP];

	clock_stamp((int64_t)day * 86400 * 1000, stamp);
	stamp[sizeof "2026-11-30" - 1] = '\0';
	if (day)
		write_member_plain(w, key, stamp);
	else
		write_member_null(w, key);
}

static void
put_names(struct writer *w, struct slice rest)
{
	if (!rest.len)
		return;
	write_key(w, "x_also");
	write_array(w);
	while (rest.len) {
		struct slice name = slice_cut(&rest, ' ');

		write_string(w, slice_skip(name,
		    slice_starts(name, SLICE("~"))));
	}
	write_end(w);
}

void
catalog_write(struct writer *w, const struct catalog_model *m,
    unsigned protocols)
{
	write_key(w, "x_protocols");
	write_array(w);
	for (int id = 0; id < PROTO_COUNT; id++)
		if (protocols & (1u << id))
			write_plain(w, protocol_by_id(
			    (enum protocol_id)id)->name);
	write_end(w);
	put_modalities(w, "x_input", m->input);
	put_modalities(w, "x_output", m->output);
	if (m->input)
		write_member_bool(w, "x_reasons", m->reasons);
	put_prices(w, m);
	put_names(w, slice_of(m->also));
	catalog_write_day(w, "x_released", m->released);
	catalog_write_day(w, "x_retired", m->retired);
	catalog_write_day(w, "x_as_of", m->as_of);
}
