/*
 * Gemini answers: read wherever the network cuts them, and told in every form;
 * errors as Google's clients look for them.
 */
#include <string.h>

#include "answer.h"
#include "test.h"
#include "proto/gemini/gemini.h"

static const char stream[] =
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"hm\","
    "\"thought\":true}]}}],\"responseId\":\"r\",\"modelVersion\":\"g\"}\r\n\r\n"
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\\u00e9\"},"
    "{\"text\":\"\",\"thoughtSignature\":\"U0lH\"}]}}]}\r\n\r\n"
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{"
    "\"id\":\"c\",\"name\":\"f\",\"args\":{\"x\" : 1}},\"thoughtSignature\":"
    "\"U0lI\"}]},\"finishReason\":\"STOP\"}]}\r\n\r\n"
    "data: {\"usageMetadata\":{\"promptTokenCount\":4,"
    "\"toolUsePromptTokenCount\":1,\"candidatesTokenCount\":2,"
    "\"thoughtsTokenCount\":7,\"totalTokenCount\":14}}\r\n\r\n";

static void
cut_anywhere(void)
{
	struct answer once, cut;
	size_t len = sizeof stream - 1;

	answer_init(&once, &protocol_gemini, NULL, false);
	answer_feed(&once, (struct slice){ stream, len });
	answer_end(&once);
	CHECK(!referee_verdict(&once.referee));
	for (size_t at = 0; at <= len; at++) {
		answer_init(&cut, &protocol_gemini, NULL, false);
		answer_feed(&cut, (struct slice){ stream, at });
		answer_feed(&cut, (struct slice){ stream + at, len - at });
		answer_end(&cut);
		CHECK(slice_eq(buf_slice(&once.dump.lines),
		    buf_slice(&cut.dump.lines)));
		answer_free(&cut);
	}
	answer_free(&once);
}

/* A stream that stops anywhere before its end is never a good answer. */
static void
cut_short(void)
{
	size_t told = (size_t)(strstr(stream, "data: {\"candidates\":[{"
	    "\"content\":{\"parts\":[{\"functionCall\"") - stream);

	for (size_t at = 0; at <= told; at++) {
		struct answer a;

		answer_init(&a, &protocol_gemini, &protocol_gemini, false);
		answer_feed(&a, (struct slice){ stream, at });
		answer_end(&a);
		CHECK(slice_find(buf_slice(&a.out),
		    SLICE("\"error\":{\"code\":502")) != SIZE_MAX);
		CHECK(slice_find(buf_slice(&a.out),
		    SLICE("\"finishReason\":")) == SIZE_MAX);
		answer_free(&a);
	}
}

/* Nothing but data lines and blank lines: some clients choke on all else. */
static void
only_data(void)
{
	struct answer a;
	struct slice rest;

	answer_init(&a, &protocol_gemini, &protocol_gemini, false);
	a.referee.sink.put(&a.referee.sink,
	    &(struct ir_event){ .type = IR_BEGIN, .usage = ir_usage_none() });
	a.referee.sink.put(&a.referee.sink,
	    &(struct ir_event){ .type = IR_PING });
	a.referee.sink.put(&a.referee.sink, &(struct ir_event){
	    .type = IR_STOP, .usage = ir_usage_none() });
	rest = buf_slice(&a.out);
	CHECK(slice_starts(rest, SLICE("\r\ndata: {")));
	while (rest.ptr) {
		struct slice line = slice_cut(&rest, '\n');

		CHECK(!line.len || slice_is(line, "\r") ||
		    slice_starts(line, SLICE("data: {")));
	}
	answer_free(&a);
}

static void
errors(void)
{
	static const struct {
		struct fail	 fail;
		unsigned	 status;
		const char	*body;
	} cases[] = {
		{ { .kind = FAIL_RATE, .message = SLICE_INIT(
		    "Rate limit reached."), .retry_after_ms = 1200 }, 429,
		    "{\"error\":{\"code\":429,\"message\":\"Rate limit reached."
		    " Please retry in 1.2s.\",\"status\":\"RESOURCE_EXHAUSTED\""
		    ",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc."
		    "RetryInfo\",\"retryDelay\":\"1.2s\"}]}}" },
		{ { .kind = FAIL_OVERLOADED, .message = SLICE_INIT("Busy."),
		    .retry_after_ms = 2000 }, 503,
		    "{\"error\":{\"code\":503,\"message\":\"Busy.\",\"status\":"
		    "\"UNAVAILABLE\",\"details\":[{\"@type\":\"type.googleapis."
		    "com/google.rpc.RetryInfo\",\"retryDelay\":\"2s\"}]}}" },
		{ { .kind = FAIL_INVALID, .message = SLICE_INIT("is bad"),
		    .param = SLICE_INIT("contents[0]"),
		    .retry_after_ms = -1 }, 400,
		    "{\"error\":{\"code\":400,\"message\":\"contents[0]: is bad"
		    "\",\"status\":\"INVALID_ARGUMENT\"}}" },
	};
	struct talk talk = { .client = &protocol_gemini };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = { 0 };

		CHECK(gemini_error(&talk, &cases[i].fail, &out) ==
		    cases[i].status);
		CHECK_BYTES(buf_slice(&out).ptr, buf_len(&out),
		    cases[i].body, strlen(cases[i].body));
		buf_free(&out);
	}
}

TESTS(
	{ "cut anywhere", cut_anywhere },
	{ "cut short", cut_short },
	{ "only data lines", only_data },
	{ "errors", errors })
