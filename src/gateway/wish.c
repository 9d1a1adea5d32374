/* What of a request decides in which protocol a provider is asked. */
#include "gateway/route.h"

static bool
is_word(struct jval object, const char *name, const char *word)
{
	return slice_is(jval_get_text(object, name), word);
}

/* In any of the spellings that Chat bodies have. */
static bool
chat_thinks(struct jval body)
{
	struct jval own = jval_get(body, "reasoning");
	struct slice effort = jval_get_text(body, "reasoning_effort");

	if (effort.len)
		return !slice_is(effort, "none");
	if (jval_is(own, JSON_OBJECT))
		return !is_word(own, "effort", "none") &&
		    !slice_is(jval_raw(jval_get(own, "enabled")), "false");
	return is_word(jval_get(body, "thinking"), "type", "enabled");
}

static bool
messages_thinks(struct jval body)
{
	struct jval own = jval_get(body, "thinking");

	return is_word(own, "type", "enabled") ||
	    is_word(own, "type", "adaptive");
}

static bool
responses_thinks(struct jval body)
{
	struct jval own = jval_get(body, "reasoning");

	return jval_is(own, JSON_OBJECT) && !is_word(own, "effort", "none");
}

static struct jval
either(struct jval object, const char *camel, const char *snake)
{
	struct jval v = jval_get(object, camel);

	return jval_ok(v) ? v : jval_get(object, snake);
}

static bool
gemini_thinks(struct jval body)
{
	struct jval own = either(either(body, "generationConfig",
	    "generation_config"), "thinkingConfig", "thinking_config");

	return jval_is_true(either(own, "includeThoughts",
	    "include_thoughts"));
}

static bool (*const thinks[PROTO_COUNT])(struct jval) = {
	[PROTO_CHAT] = chat_thinks, [PROTO_MESSAGES] = messages_thinks,
	[PROTO_RESPONSES] = responses_thinks, [PROTO_GEMINI] = gemini_thinks,
};

void
route_wish(struct route_wish *wish, const struct protocol *client,
    struct jval body, const struct quirks *quirks)
{
	bool asked = thinks[client->id](body);

	wish->thinks = asked && quirks->reason != REASON_NONE;
	wish->chat_refuses = quirks->responses_only || (asked &&
	    quirks->tools_need_no_reasoning &&
	    jval_count(jval_get(body, "tools")));
}
