#include "proto/number.h"

/*
 * A number as digits and a point: 0.DIGITS * 10^point.  The digits are those
 * of `whole` and then `part`, without `lead` zeros in front and with the zeros
 * behind cut off, so equal numbers have equal digits and points.
 */
struct decimal {
	bool		 minus;
	struct slice	 whole, part;
	size_t		 lead, count;	/* count 0: the number is zero */
	int64_t		 point;
};

/* Beyond this no exponent changes how two numbers compare. */
enum { EXPONENT_MAX = 1 << 30 };

static int
digit(const struct decimal *d, size_t i)
{
	i += d->lead;
	return i < d->whole.len ? d->whole.ptr[i] - '0' :
	    d->part.ptr[i - d->whole.len] - '0';
}

static struct slice
take_digits(struct slice *s)
{
	size_t n = 0;
	struct slice taken;

	while (n < s->len && s->ptr[n] >= '0' && s->ptr[n] <= '9')
		n++;
	taken = slice_sub(*s, 0, n);
	*s = slice_skip(*s, n);
	return taken;
}

static bool
take(struct slice *s, char c)
{
	if (!s->len || *s->ptr != c)
		return false;
	*s = slice_skip(*s, 1);
	return true;
}

static int64_t
exponent(struct slice s)
{
	bool minus = take(&s, '-');
	int64_t n = 0;

	if (!minus)
		take(&s, '+');
	for (size_t i = 0; i < s.len && n < EXPONENT_MAX; i++)
		n = n * 10 + (s.ptr[i] - '0');
	return minus ? -n : n;
}

static struct decimal
read_decimal(struct slice s)
{
	struct decimal d = { .minus = take(&s, '-') };

	d.whole = take_digits(&s);
	if (take(&s, '.'))
		d.part = take_digits(&s);
	d.count = d.whole.len + d.part.len;
	d.point = (int64_t)d.whole.len;
	if (take(&s, 'e') || take(&s, 'E'))
		d.point += exponent(s);
	while (d.count && digit(&d, 0) == 0) {
		d.lead++;
		d.count--;
		d.point--;
	}
	while (d.count && digit(&d, d.count - 1) == 0)
		d.count--;
	return d;
}

/* Compare without signs; neither is zero. */
static int
cmp_size(const struct decimal *a, const struct decimal *b)
{
	if (a->point != b->point)
		return a->point < b->point ? -1 : 1;
	for (size_t i = 0; i < a->count && i < b->count; i++)
		if (digit(a, i) != digit(b, i))
			return digit(a, i) < digit(b, i) ? -1 : 1;
	return (a->count > b->count) - (a->count < b->count);
}

static int
sign(const struct decimal *d)
{
	return d->count == 0 ? 0 : d->minus ? -1 : 1;
}

int
number_cmp(struct slice a, struct slice b)
{
	struct decimal x = read_decimal(a), y = read_decimal(b);

	if (sign(&x) != sign(&y))
		return sign(&x) < sign(&y) ? -1 : 1;
	if (sign(&x) == 0)
		return 0;
	return x.minus ? cmp_size(&y, &x) : cmp_size(&x, &y);
}

int
number_vs(struct slice a, const char *b)
{
	return number_cmp(a, slice_of(b));
}

bool
number_u64(struct slice s, uint64_t *n)
{
	struct decimal d = read_decimal(s);
	uint64_t sum = 0;

	if (d.count == 0) {
		*n = 0;
		return true;
	}
	if (d.minus || d.point < (int64_t)d.count || d.point > 20)
		return false;
	for (size_t i = 0; i < (size_t)d.point; i++) {
		uint64_t next = i < d.count ? (uint64_t)digit(&d, i) : 0;

		if (sum > (UINT64_MAX - next) / 10)
			return false;
		sum = sum * 10 + next;
	}
	*n = sum;
	return true;
}
