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

/*
 * By the client's protocol, the one that loses least first.  Chat goes before
 * younger ones that as many speak, but not as well.
 */
static const uint8_t nearest[PROTO_COUNT][PROTO_COUNT] = {
	[PROTO_CHAT] = { PROTO_CHAT, PROTO_RESPONSES, PROTO_GEMINI,
	    PROTO_MESSAGES },
	[PROTO_MESSAGES] = { PROTO_MESSAGES, PROTO_GEMINI, PROTO_CHAT,
	    PROTO_RESPONSES },
	[PROTO_RESPONSES] = { PROTO_RESPONSES, PROTO_GEMINI, PROTO_CHAT,
	    PROTO_MESSAGES },
	[PROTO_GEMINI] = { PROTO_GEMINI, PROTO_CHAT, PROTO_RESPONSES,
	    PROTO_MESSAGES },
};

/* Is the address there, and in use for clients of that protocol? */
static bool
has(const struct provider *p, enum protocol_id id, enum protocol_id client,
    const struct route_wish *wish)
{
	unsigned bit = 1u << id;

	return p->at[id].there && !(wish->absent & bit) &&
	    (id == client || !p->preset || !(p->preset->own_only & bit));
}

const struct protocol *
route_protocol(const struct target *t, const struct protocol *client,
    const struct route_wish *wish)
{
	const struct provider *p = t->provider;
	bool same = has(p, client->id, client->id, wish);
	bool chat = client->id == PROTO_CHAT;

	if (has(p, PROTO_RESPONSES, client->id, wish) &&
	    (wish->chat_refuses || (wish->thinks && !chat && !same)))
		return protocol_by_id(PROTO_RESPONSES);
	if (same && !t->translate)
		return client;
	for (int i = 0; i < PROTO_COUNT; i++) {
		enum protocol_id id = nearest[client->id][i];

		if (id != client->id && has(p, id, client->id, wish))
			return protocol_by_id(id);
	}
	return same ? client : NULL;
}
