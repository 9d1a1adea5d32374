/*
 * Any bytes as a Messages request for a Chat provider: what is accepted comes
 * out as JSON in which every tool call is answered by the messages behind it,
 * and the same again when it is written once more.
 * The first byte chooses the dialect.
 */
#include "base/check.h"
#include "json/json.h"
#include "proto/estimate.h"
#include "proto/proto.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const models[] = {
	"m", "gpt-5.6", "gpt-6", "kimi-k3", "glm-5.3", "gemini-3-pro",
	"grok-4.3", "o3",
};

/* Skip the results behind an assistant's message; each must be due, once. */
static struct jval
check_answers(struct jval message, struct jval calls)
{
	struct jval next = jval_next(message), call;

	for (call = jval_first(calls); !jval_at_end(call);
	    call = jval_next(call)) {
		CHECK(!jval_at_end(next));
		CHECK(jval_text_is(jval_get(next, "role"), "tool"));
		next = jval_next(next);
	}
	for (call = jval_first(calls); !jval_at_end(call);
	    call = jval_next(call)) {
		struct slice id = jval_get_text(call, "id");
		struct jval result = jval_next(message);
		unsigned found = 0;

		for (; !jval_at_end(result) &&
		    jval_text_is(jval_get(result, "role"), "tool");
		    result = jval_next(result))
			found += slice_eq(id,
			    jval_get_text(result, "tool_call_id"));
		CHECK(id.len && found >= 1);
	}
	return next;
}

static void
check_messages(struct jval messages)
{
	struct jval m = jval_first(messages);

	CHECK(!jval_at_end(m));
	while (!jval_at_end(m)) {
		CHECK(!jval_text_is(jval_get(m, "role"), "tool"));
		CHECK(jval_text(jval_get(m, "role")).len);
		m = check_answers(m, jval_get(m, "tool_calls"));
	}
}

static void
check_output(struct arena *arena, struct slice out)
{
	struct json doc;
	struct json_fault fault;

	CHECK(json_parse(&doc, arena, out, 0, &fault));
	check_messages(jval_get(json_root(&doc), "messages"));
}

static void
translate(struct talk *talk, struct jval body)
{
	struct buf out = { 0 }, again = { 0 };

	if (!protocol_messages.decode(talk, body)) {
		CHECK(talk->fail.kind != FAIL_NONE);
		return;
	}
	estimate_request(talk);
	if (protocol_chat.encode(talk, &out)) {
		check_output(talk->arena, buf_slice(&out));
		CHECK(protocol_chat.encode(talk, &again));
		CHECK(slice_eq(buf_slice(&out), buf_slice(&again)));
	} else {
		CHECK(talk->fail.kind != FAIL_NONE && !buf_len(&out));
	}
	buf_free(&out);
	buf_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct talk talk = { .arena = &arena, .scratch = &arena };
	struct json doc;
	struct json_fault fault;
	struct slice text;
	const char *model;

	if (!size)
		return 0;
	model = models[data[0] / DIALECTS % (sizeof models / sizeof *models)];
	text = (struct slice){ (const char *)data + 1, size - 1 };
	quirks_find(&talk.quirks,
	    (enum quirk_dialect)(data[0] % DIALECTS), slice_of(model));
	talk.model = slice_of(model);
	if (json_parse(&doc, &arena, text, 0, &fault))
		translate(&talk, json_root(&doc));
	arena_reset(&arena);
	return 0;
}
