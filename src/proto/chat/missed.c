#include "proto/chat/missed.h"

static const char *const counts[][2] = {
	{ "prompt_tokens_details", "audio_tokens" },
	{ "completion_tokens_details", "audio_tokens" },
	{ "completion_tokens_details", "accepted_prediction_tokens" },
	{ "completion_tokens_details", "rejected_prediction_tokens" },
};

/* Is it something, and the client another protocol's? */
static bool
is_missed(const struct talk *talk, struct jval value)
{
	bool list = jval_is(value, JSON_ARRAY) || jval_is(value, JSON_OBJECT);

	return jval_ok(value) && talk->client != talk->provider &&
	    (!list || jval_count(value));
}

void
missed(struct talk *talk, struct jval value, const char *path)
{
	if (is_missed(talk, value))
		loss_add(&talk->losses, talk->arena, LOSS_DROPPED,
		    "answer.%s", path);
}

void
missed_at(struct talk *talk, struct jval value, const char *path, unsigned at)
{
	if (is_missed(talk, value))
		loss_add(&talk->losses, talk->arena, LOSS_DROPPED,
		    "answer.%s[%u]", path, at);
}

void
missed_usage(struct talk *talk, struct jval usage)
{
	uint64_t n;

	if (!is_missed(talk, usage))
		return;
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		if (jval_u64(jval_get2(usage, counts[i][0], counts[i][1]),
		    &n) && n)
			loss_add(&talk->losses, talk->arena, LOSS_DROPPED,
			    "answer.usage.%s.%s", counts[i][0], counts[i][1]);
}
