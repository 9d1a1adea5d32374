#include "proto/proto.h"

static const struct protocol *const protocols[PROTO_COUNT] = {
	[PROTO_CHAT] = &protocol_chat,
	[PROTO_MESSAGES] = &protocol_messages,
	[PROTO_RESPONSES] = &protocol_responses,
	[PROTO_GEMINI] = &protocol_gemini,
};

bool
talk_marks_cache(const struct talk *talk)
{
	return talk->mark_cache && !talk->count_only &&
	    talk->provider->id == PROTO_MESSAGES &&
	    (talk->quirks.dialect == DIALECT_ANTHROPIC ||
	    talk->quirks.cache == CACHE_COPY);
}

const struct protocol *
protocol_by_id(enum protocol_id id)
{
	CHECK((unsigned)id < PROTO_COUNT);
	return protocols[id];
}

const struct protocol *
protocol_by_name(struct slice name)
{
	for (size_t i = 0; i < PROTO_COUNT; i++)
		if (slice_is(name, protocols[i]->name))
			return protocols[i];
	return NULL;
}
