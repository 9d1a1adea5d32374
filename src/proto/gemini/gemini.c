#include "proto/gemini/gemini.h"

bool
gemini_decode(struct talk *talk, struct jval body)
{
	(void)body;
	return fail_set(&talk->fail, talk->arena, FAIL_UNSUPPORTED, NULL,
	    "Gemini is not spoken yet.");
}

bool
gemini_pass(struct talk *talk, struct jval body, struct splice *splice)
{
	(void)body;
	(void)splice;
	return fail_set(&talk->fail, talk->arena, FAIL_UNSUPPORTED, NULL,
	    "Gemini is not spoken yet.");
}

bool
gemini_peek(struct talk *talk, struct jval body)
{
	(void)body;
	return fail_set(&talk->fail, talk->arena, FAIL_UNSUPPORTED, NULL,
	    "Gemini is not spoken yet.");
}

struct sink *
gemini_sink_stream(struct talk *talk, struct buf *out)
{
	(void)talk;
	(void)out;
	return NULL;
}

struct sink *
gemini_sink_whole(struct talk *talk, struct buf *out)
{
	(void)talk;
	(void)out;
	return NULL;
}

unsigned
gemini_error(const struct talk *talk, const struct fail *fail, struct buf *out)
{
	return protocol_chat.error(talk, fail, out);
}

const struct protocol protocol_gemini = {
	.id = PROTO_GEMINI,
	.name = "gemini",
	.path = "/models/{model}:generateContent",
	.path_stream = "/models/{model}:streamGenerateContent?alt=sse",
	.vendor = IR_GOOGLE,
	.decode = gemini_decode,
	.encode = gemini_encode,
	.pass = gemini_pass,
	.peek = gemini_peek,
	.source = gemini_source,
	.sink_stream = gemini_sink_stream,
	.sink_whole = gemini_sink_whole,
	.error = gemini_error,
	.keep_alive = SLICE_INIT("\r\n"),
};
