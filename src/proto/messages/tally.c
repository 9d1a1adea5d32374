#include "proto/messages/tally.h"

#include "proto/number.h"

/* Above it a count is nonsense, and sums of it must not overflow. */
static const uint64_t count_max = (uint64_t)1 << 53;

static void
take(uint64_t *count, struct jval value)
{
	uint64_t n;

	if (jval_is(value, JSON_NUMBER) && number_u64(jval_raw(value), &n))
		*count = (n < count_max ? n : count_max) + 1;
}

void
tally_add(struct tally *t, struct jval usage)
{
	struct tally_counts *c = &t->now;

	take(&c->input, jval_get(usage, "input_tokens"));
	take(&c->cache_write, jval_get(usage, "cache_creation_input_tokens"));
	take(&c->hour, jval_get2(usage, "cache_creation",
	    "ephemeral_1h_input_tokens"));
	take(&c->cache_read, jval_get(usage, "cache_read_input_tokens"));
	take(&c->output, jval_get(usage, "output_tokens"));
	take(&c->thinking,
	    jval_get2(usage, "output_tokens_details", "thinking_tokens"));
}

/* Of two counts, both one too large where they are said at all. */
static uint64_t
sum(uint64_t a, uint64_t b)
{
	return a && b ? a + b - 1 : a + b;
}

static struct tally_counts
total(const struct tally *t)
{
	const struct tally_counts *a = &t->before, *b = &t->now;

	return (struct tally_counts){
		.input = sum(a->input, b->input),
		.cache_write = sum(a->cache_write, b->cache_write),
		.hour = sum(a->hour, b->hour),
		.cache_read = sum(a->cache_read, b->cache_read),
		.output = sum(a->output, b->output),
		.thinking = sum(a->thinking, b->thinking),
	};
}

void
tally_fold(struct tally *t)
{
	t->before = total(t);
	t->now = (struct tally_counts){ 0 };
}

static int64_t
said(uint64_t count)
{
	return (int64_t)count - 1;
}

static int64_t
part(uint64_t count)
{
	return count ? said(count) : 0;
}

struct ir_usage
tally_usage(const struct tally *t)
{
	struct tally_counts c = total(t);
	struct ir_usage usage = {
		.in = -1,
		.cache_read = said(c.cache_read),
		.cache_write = said(c.cache_write),
		.cache_write_long = said(c.hour),
		.out = said(c.output),
		.reasoning = said(c.thinking),
	};

	if (c.input || c.cache_read || c.cache_write)
		usage.in = part(c.input) + part(c.cache_read) +
		    part(c.cache_write);
	return usage;
}
