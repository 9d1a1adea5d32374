#include "proto/chat/chat.h"

#include "proto/chat/pass.h"
#include "proto/choices.h"
#include "proto/pass.h"

/*
 * A stream's usage is told only to who asks, and the meter needs it.  If the
 * client did not ask we do, and the answer's extra chunk is not for it.
 */
static void
ask_usage(struct talk *talk, struct jval body, struct splice *splice)
{
	struct jval options = jval_get(body, "stream_options");

	if (jval_is_true(jval_get(options, "include_usage")))
		return;
	if (jval_is(options, JSON_OBJECT))
		splice_set(splice, options, "include_usage", SLICE("true"));
	else if (!jval_ok(options))
		splice_set(splice, body, "stream_options",
		    SLICE("{\"include_usage\":true}"));
	else
		return;
	talk->usage_added = true;
}

/*
 * Of several answers in one stream only the first is read here: what all of
 * them cost cannot be told then.
 */
static bool
asked_usage(const struct talk *talk, struct jval body)
{
	struct jval n = pass_member(body, "n");

	return talk->stream && jval_is_true(jval_get(
	    pass_member(body, "stream_options"), "include_usage")) &&
	    (!jval_ok(n) || slice_is(jval_raw(n), "1"));
}

/*
 * Where a provider makes one answer at a time, several are put together by our
 * own sink.  Of the request that is only passed on it must know what it needs.
 */
static bool
plan_answers(struct talk *talk, struct jval body, struct splice *splice)
{
	struct ir_request *r;
	struct jval n;

	talk->answers = 1;
	if (talk->quirks.n_ok)
		return true;
	n = pass_member(body, "n");
	if (!jval_is(n, JSON_NUMBER))
		return true;
	if (!choices_plan(talk, jval_raw(n)))
		return false;
	if (talk->answers == 1)
		return true;
	splice_remove(splice, body, "n");
	r = arena_alloc(talk->arena, sizeof *r);
	if (!r)
		return fail_set(&talk->fail, talk->arena, FAIL_MEMORY, NULL,
		    "Out of memory.");
	r->include_usage = jval_is_true(jval_get(
	    pass_member(body, "stream_options"), "include_usage"));
	r->logprobs = jval_is_true(pass_member(body, "logprobs")) ? TRI_YES :
	    TRI_UNSET;
	r->legacy_functions = jval_ok(pass_member(body, "functions")) &&
	    !jval_count(pass_member(body, "tools"));
	r->body = body;
	talk->request = r;
	return true;
}

bool
chat_pass(struct talk *talk, struct jval body, struct splice *splice)
{
	if (!pass_begin(talk, &body, splice) ||
	    !plan_answers(talk, body, splice))
		return false;
	talk->usage_owed = asked_usage(talk, body);
	if (talk->usage_wanted && talk->stream && talk->quirks.stream_usage)
		ask_usage(talk, body, splice);
	return (!talk_options(talk)->same_quirks ||
	    chat_pass_quirks(talk, body, splice)) &&
	    pass_end(talk, body, splice);
}

bool
chat_peek(struct talk *talk, struct jval body)
{
	return pass_peek(talk, body);
}

const struct protocol protocol_chat = {
	.id = PROTO_CHAT,
	.name = "chat",
	.path = "/chat/completions",
	.vendor = IR_OPENAI,
	.decode = chat_decode,
	.encode = chat_encode,
	.pass = chat_pass,
	.peek = chat_peek,
	.source = chat_source,
	.sink_stream = chat_sink_stream,
	.sink_whole = chat_sink_whole,
	.sink_usage = chat_sink_usage,
	.error = chat_error,
	.keep_alive = SLICE_INIT(": ping\n\n"),
};
