/*
 * A part is | epoch: 24 bits | second count: 20 | first: 20 |.  The epoch says
 * which quarter the counts are of; they stay at their highest value.
 */
#include "gateway/window.h"

enum { COUNT_BITS = 20 };

static const uint64_t count_max = ((uint64_t)1 << COUNT_BITS) - 1;
static const uint64_t epoch_max = ((uint64_t)1 << 24) - 1;

static uint64_t
epoch_of(int64_t now_ms, int64_t span_ms)
{
	return (uint64_t)(now_ms / (span_ms / WINDOW_PARTS)) & epoch_max;
}

static uint64_t
count_in(uint64_t part, unsigned which)
{
	return part >> which * COUNT_BITS & count_max;
}

/* The part as it stands for that epoch: without the counts of another. */
static uint64_t
begun(uint64_t part, uint64_t epoch)
{
	return part >> 2 * COUNT_BITS == epoch ? part
	    : epoch << 2 * COUNT_BITS;
}

static uint64_t
one_more(uint64_t part, unsigned which)
{
	return count_in(part, which) == count_max ? part
	    : part + ((uint64_t)1 << which * COUNT_BITS);
}

void
window_add(struct window *w, int64_t now_ms, int64_t span_ms, unsigned which)
{
	uint64_t epoch = epoch_of(now_ms, span_ms);
	_Atomic uint64_t *part = &w->parts[epoch % WINDOW_PARTS];
	uint64_t old = atomic_load(part);

	while (!atomic_compare_exchange_weak(part, &old,
	    one_more(begun(old, epoch), which)))
		;
}

static void
add_part(struct window_sum *sum, uint64_t part, uint64_t epoch)
{
	if (((epoch - (part >> 2 * COUNT_BITS)) & epoch_max) >= WINDOW_PARTS)
		return;
	for (unsigned which = 0; which < WINDOW_COUNTS; which++)
		sum->of[which] += count_in(part, which);
}

struct window_sum
window_sum(const struct window *w, int64_t now_ms, int64_t span_ms)
{
	uint64_t epoch = epoch_of(now_ms, span_ms);
	struct window_sum sum = { { 0 } };

	for (unsigned i = 0; i < WINDOW_PARTS; i++)
		add_part(&sum, atomic_load(&w->parts[i]), epoch);
	return sum;
}

/*
 * What others add meanwhile to the part under way makes the exchange fail, and
 * the sum is made again: so nobody takes more than there is.
 */
bool
window_take(struct window *w, int64_t now_ms, int64_t span_ms,
    uint64_t percent, uint64_t least)
{
	uint64_t epoch = epoch_of(now_ms, span_ms);
	_Atomic uint64_t *part = &w->parts[epoch % WINDOW_PARTS];
	uint64_t old = atomic_load(part);

	do {
		struct window_sum sum = { { 0 } };

		add_part(&sum, old, epoch);
		for (unsigned i = 0; i < WINDOW_PARTS; i++)
			if (&w->parts[i] != part)
				add_part(&sum, atomic_load(&w->parts[i]),
				    epoch);
		if ((sum.of[1] + 1) * 100 > sum.of[0] * percent + least * 100)
			return false;
	} while (!atomic_compare_exchange_weak(part, &old,
	    one_more(begun(old, epoch), 1)));
	return true;
}

void
window_clear(struct window *w)
{
	for (unsigned i = 0; i < WINDOW_PARTS; i++)
		atomic_store(&w->parts[i], 0);
}
