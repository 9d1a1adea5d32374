#include "proto/chat/weights.h"

#include "json/text.h"
#include "json/write.h"
#include "proto/chat/missed.h"
#include "proto/gather.h"

/* Messages has no place for them. */
static bool
are_wanted(const struct talk *talk)
{
	const struct ir_request *r = talk->request;

	return r ? r->logprobs == TRI_YES : talk->client != talk->provider &&
	    talk->client && talk->client->id != PROTO_MESSAGES;
}

struct slice
weights_of(struct talk *talk, struct jval logprobs)
{
	struct jval list = jval_get(logprobs, "content");
	struct buf out = { 0 };
	struct writer w = { .out = &out };

	missed(talk, jval_get(logprobs, "refusal"),
	    "choices[0].logprobs.refusal");
	if (!jval_is(list, JSON_ARRAY) || !jval_count(list))
		return (struct slice){ 0 };
	if (!are_wanted(talk)) {
		missed(talk, list, "choices[0].logprobs");
		return (struct slice){ 0 };
	}
	write_min(&w, text_mend(talk->scratch, jval_raw(list)));
	return gather(talk->scratch, &out);
}
