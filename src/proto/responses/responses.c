#include "proto/responses/responses.h"

#include "proto/names.h"
#include "proto/pass.h"

bool
responses_peek(struct talk *talk, struct jval body)
{
	return pass_peek(talk, body);
}

const struct protocol protocol_responses = {
	.id = PROTO_RESPONSES,
	.name = "responses",
	.path = "/responses",
	.path_count = "/responses/input_tokens",
	.count_member = "input_tokens",
	.vendor = IR_OPENAI,
	.decode = responses_decode,
	.encode = responses_encode,
	.pass = responses_pass,
	.peek = responses_peek,
	.source = responses_source,
	.sink_stream = responses_sink_stream,
	.sink_whole = responses_sink_whole,
	.error = responses_error,
	/* Agents wait on while events come, not while comments do. */
	.keep_alive = SLICE_INIT("event: keepalive\n"
	    "data: {\"type\":\"keepalive\",\"sequence_number\":0}\n\n"),
};
