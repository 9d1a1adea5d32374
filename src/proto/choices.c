#include "proto/choices.h"

#include "proto/number.h"
#include "proto/usage.h"

bool
choices_plan(struct talk *talk, struct slice n)
{
	unsigned most = talk_options(talk)->n_max;
	uint64_t count = 1;

	talk->answers = 1;
	if (n.len && (!number_u64(n, &count) || !count))
		return fail_set(&talk->fail, talk->arena, FAIL_UNSUPPORTED,
		    "n", "n must be a whole number from 1.");
	if (count == 1)
		return true;
	if (most < 2)
		return fail_set(&talk->fail, talk->arena, FAIL_UNSUPPORTED,
		    "n", "n must be 1: this model gives one answer at a "
		    "time.");
	if (count > most)
		return fail_set(&talk->fail, talk->arena, FAIL_UNSUPPORTED,
		    "n", "n must be at most %u: this model gives one answer "
		    "at a time, and is asked no more often for one request.",
		    most);
	talk->answers = (unsigned)count;
	return true;
}

bool
choices_init(struct choices *c, struct arena *arena, unsigned count,
    struct buf *out)
{
	*c = (struct choices){
		.count = count, .out = out, .arena = arena,
		.usage = ir_usage_none(),
		.told = arena_array(arena, count, sizeof *c->told),
	};
	return c->told != NULL;
}

bool
choices_end(struct choices *c, struct ir_usage *usage, struct slice *tools)
{
	if (!c)
		return true;
	ir_usage_add(&c->usage, usage);
	*usage = c->usage;
	c->tools = usage_add_tools(c->arena, c->tools, *tools);
	*tools = c->tools;
	return ++c->ended == c->count;
}
