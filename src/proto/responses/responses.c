#include "proto/responses/responses.h"

bool
responses_decode(struct talk *talk, struct jval body)
{
	(void)body;
	return fail_set(&talk->fail, talk->arena, FAIL_UNSUPPORTED, NULL,
	    "Responses is not spoken yet.");
}

bool
responses_pass(struct talk *talk, struct jval body,
    struct splice *splice)
{
	(void)body;
	(void)splice;
	return fail_set(&talk->fail, talk->arena, FAIL_UNSUPPORTED, NULL,
	    "Responses is not spoken yet.");
}

bool
responses_peek(struct talk *talk, struct jval body)
{
	(void)body;
	return fail_set(&talk->fail, talk->arena, FAIL_UNSUPPORTED, NULL,
	    "Responses is not spoken yet.");
}

struct sink *
responses_sink_stream(struct talk *talk, struct buf *out)
{
	(void)talk;
	(void)out;
	return NULL;
}

struct sink *
responses_sink_whole(struct talk *talk, struct buf *out)
{
	(void)talk;
	(void)out;
	return NULL;
}

unsigned
responses_error(const struct talk *talk, const struct fail *fail,
    struct buf *out)
{
	return protocol_chat.error(talk, fail, out);
}

const struct protocol protocol_responses = {
	.id = PROTO_RESPONSES,
	.name = "responses",
	.path = "/responses",
	.vendor = IR_OPENAI,
	.decode = responses_decode,
	.encode = responses_encode,
	.pass = responses_pass,
	.peek = responses_peek,
	.source = responses_source,
	.sink_stream = responses_sink_stream,
	.sink_whole = responses_sink_whole,
	.error = responses_error,
	.keep_alive = SLICE_INIT(": ping\n\n"),
};
