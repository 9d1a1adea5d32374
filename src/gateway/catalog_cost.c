/* What a request costs, by the row of its model. */
#include "gateway/catalog.h"

#include <stdio.h>

#include "base/check.h"

static int64_t
at_most(int64_t n, int64_t max)
{
	return n < 0 ? 0 : n > max ? max : n;
}

const struct price *
catalog_price(const struct catalog_model *m, int64_t in)
{
	const struct price *p = &m->price;

	for (unsigned i = 0; i < m->tier_count && in > m->tiers[i].above; i++)
		p = &m->tiers[i].price;
	return p;
}

/*
 * Adds what so many tokens cost.  `other` is the price if `each` is not known.
 * False: neither is, and there are such tokens.
 */
static bool
add(int64_t *sum, int64_t tokens, uint32_t each, uint32_t other)
{
	if (each == PRICE_UNKNOWN)
		each = other;
	if (!tokens)
		return true;
	*sum += tokens * (each == PRICE_UNKNOWN ? 0 : each);
	return each != PRICE_UNKNOWN;
}

/*
 * No sum overflows: the input's parts are together no more than the input, so
 * each side is at most 2^30 tokens of less than 2^32 each.
 */
int64_t
catalog_cost(const struct catalog_model *m, const struct ir_usage *u)
{
	int64_t sum = 0, in, out, read, write, longer;
	const struct price *p;

	if (!m || (u->in < 0 && u->out < 0))
		return -1;
	in = at_most(u->in, CATALOG_TOKENS_MAX);
	out = at_most(u->out, CATALOG_TOKENS_MAX);
	read = at_most(u->cache_read, in);
	write = at_most(u->cache_write, in - read);
	longer = at_most(u->cache_write_long, write);
	p = catalog_price(m, in);
	if (!add(&sum, in - read - write, p->in, PRICE_UNKNOWN) ||
	    !add(&sum, read, p->cached, p->in) ||
	    !add(&sum, write - longer, p->cache_write, p->in) ||
	    !add(&sum, longer, p->cache_write_long,
	    p->cache_write == PRICE_UNKNOWN ? p->in : p->cache_write) ||
	    !add(&sum, out, p->out, PRICE_UNKNOWN))
		return -1;
	return sum / 1000;
}

enum { DECIMALS = 6, DOLLAR = 1000000 };

bool
catalog_dollars(struct slice text, uint32_t *millionths)
{
	struct slice rest = text, whole = slice_cut(&rest, '.');
	uint64_t dollars, part = 0;
	size_t zeros = rest.ptr ? DECIMALS - rest.len : 0;

	if (!slice_to_u64(whole, UINT32_MAX / DOLLAR, &dollars) ||
	    (rest.ptr && (rest.len > DECIMALS ||
	    !slice_to_u64(rest, DOLLAR, &part))))
		return false;
	while (zeros--)
		part *= 10;
	dollars = dollars * DOLLAR + part;
	if (dollars >= PRICE_UNKNOWN)
		return false;
	*millionths = (uint32_t)dollars;
	return true;
}

void
catalog_dollars_text(uint32_t millionths, char *out)
{
	int n = snprintf(out, CATALOG_DOLLARS, "%u.%06u", millionths / DOLLAR,
	    millionths % DOLLAR);

	CHECK(n > 0 && n < CATALOG_DOLLARS);
	while (out[n - 1] == '0')
		n--;
	if (out[n - 1] == '.')
		n--;
	out[n] = '\0';
}
