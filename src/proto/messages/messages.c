#include "proto/messages/messages.h"

#include "proto/messages/mark.h"
#include "proto/messages/pass.h"
#include "proto/names.h"
#include "proto/pass.h"

/*
 * Thinking of other vendors, that an earlier turn was answered with, and
 * thinking without a signature: Anthropic refuses both.
 */
static bool
foreign(struct jval block)
{
	struct slice mark;

	if (jval_text_is(jval_get(block, "type"), "thinking")) {
		mark = jval_get_text(block, "signature");
		return !mark.len || envelope_is(mark);
	}
	if (jval_text_is(jval_get(block, "type"), "redacted_thinking"))
		return envelope_is(jval_get_text(block, "data"));
	return false;
}

bool
messages_pass_empties(struct jval message)
{
	struct jval content = jval_get(message, "content"), b;

	if (!jval_is(content, JSON_ARRAY) || !jval_count(content))
		return false;
	for (b = jval_first(content); !jval_at_end(b); b = jval_next(b))
		if (!foreign(b))
			return false;
	return true;
}

void
messages_pass_foreign(struct jval messages, struct splice *splice)
{
	struct jval m, b, content;

	if (!jval_is(messages, JSON_ARRAY))
		return;
	for (m = jval_first(messages); !jval_at_end(m); m = jval_next(m)) {
		content = jval_get(m, "content");
		if (!jval_is(content, JSON_ARRAY))
			continue;
		if (messages_pass_empties(m)) {
			splice_drop(splice, messages, m);
			continue;
		}
		for (b = jval_first(content); !jval_at_end(b);
		    b = jval_next(b))
			if (foreign(b))
				splice_drop(splice, content, b);
	}
}

bool
messages_refuse_thread(struct talk *talk)
{
	fail_set(&talk->fail, talk->arena, FAIL_UNSUPPORTED, "thread",
	    "threads are not supported for model %.*s; send the whole "
	    "conversation without one", SLICE_FMT(talk->client_model));
	talk->fail.details = SLICE("{\"error_code\":"
	    "\"thread_unsupported_request\",\"unsupported\":[\"thread\"]}");
	return false;
}

bool
messages_pass(struct talk *talk, struct jval body, struct splice *splice)
{
	if (!pass_begin(talk, &body, splice))
		return false;
	/* only Anthropic keeps threads; some others would not even say so */
	if (talk->quirks.dialect != DIALECT_ANTHROPIC &&
	    jval_ok(jval_get(body, "thread")))
		return messages_refuse_thread(talk);
	messages_pass_foreign(jval_get(body, "messages"), splice);
	if (talk_options(talk)->same_quirks)
		messages_pass_quirks(talk, body, splice);
	if (talk_marks_cache(talk))
		messages_mark(body, splice);
	return pass_end(talk, body, splice);
}

bool
messages_peek(struct talk *talk, struct jval body)
{
	return pass_peek(talk, body);
}

const struct protocol protocol_messages = {
	.id = PROTO_MESSAGES,
	.name = "messages",
	.path = "/v1/messages",
	.path_count = "/v1/messages/count_tokens",
	.count_member = "input_tokens",
	.vendor = IR_ANTHROPIC,
	.decode = messages_decode,
	.encode = messages_encode,
	.pass = messages_pass,
	.peek = messages_peek,
	.source = messages_source,
	.sink_stream = messages_sink_stream,
	.sink_whole = messages_sink_whole,
	.error = messages_error,
	.keep_alive =
	    SLICE_INIT("event: ping\ndata: {\"type\":\"ping\"}\n\n"),
};
