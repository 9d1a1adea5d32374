#include "proto/messages/tally.h"

/* Above it a count is nonsense, and sums of it must not overflow. */
static const uint64_t count_max = (uint64_t)1 << 53;

static void
take(uint64_t *count, struct jval value)
{
	uint64_t n;

	if (jval_u64(value, &n))
		*count = (n < count_max ? n : count_max) + 1;
}

void
tally_add(struct tally *t, struct jval usage)
{
	take(&t->input, jval_get(usage, "input_tokens"));
	take(&t->cache_write, jval_get(usage, "cache_creation_input_tokens"));
	take(&t->cache_read, jval_get(usage, "cache_read_input_tokens"));
	take(&t->output, jval_get(usage, "output_tokens"));
	take(&t->thinking,
	    jval_get2(usage, "output_tokens_details", "thinking_tokens"));
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
	struct ir_usage usage = {
		.in = -1,
		.cache_read = said(t->cache_read),
		.cache_write = said(t->cache_write),
		.out = said(t->output),
		.reasoning = said(t->thinking),
	};

	if (t->input || t->cache_read || t->cache_write)
		usage.in = part(t->input) + part(t->cache_read) +
		    part(t->cache_write);
	return usage;
}
