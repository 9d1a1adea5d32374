/*
 * Any bytes as a Chat or Messages request for Google: what is accepted comes
 * out as JSON, in which every call is answered by the content behind it, once
 * and in order.  The first byte chooses the client and the model.
 */
#include "base/check.h"
#include "json/json.h"
#include "proto/proto.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const models[] = {
	"gemini-3.5-flash", "gemini-2.5-pro", "gemini-2.0-flash", "gemma-3",
};

/* The part that answers the call, or its successor. */
static struct jval
check_call(struct jval call, struct jval answer)
{
	struct jval response = jval_get(answer, "functionResponse");

	CHECK(jval_ok(response));
	CHECK(slice_eq(jval_get_text(call, "id"),
	    jval_get_text(response, "id")));
	CHECK(slice_eq(jval_get_text(call, "name"),
	    jval_get_text(response, "name")));
	return jval_next(answer);
}

static void
check_content(struct jval content, struct jval next)
{
	bool model = jval_text_is(jval_get(content, "role"), "model");
	struct jval part = jval_first(jval_get(content, "parts")), answer;

	CHECK(!jval_at_end(part));
	if (!model)
		return;
	answer = jval_at_end(next) ? (struct jval){ 0 } :
	    jval_first(jval_get(next, "parts"));
	for (; !jval_at_end(part); part = jval_next(part))
		if (jval_ok(jval_get(part, "functionCall")))
			answer = check_call(jval_get(part, "functionCall"),
			    answer);
}

static void
check_output(struct arena *arena, struct slice out)
{
	struct json doc;
	struct json_fault fault;
	struct jval c, before = { 0 };

	CHECK(json_parse(&doc, arena, out, 0, &fault));
	c = jval_first(jval_get(json_root(&doc), "contents"));
	CHECK(!jval_at_end(c));
	for (; !jval_at_end(c); before = c, c = jval_next(c)) {
		CHECK(!slice_eq(jval_get_text(c, "role"),
		    jval_get_text(before, "role")));
		check_content(c, jval_next(c));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct talk talk = { .arena = &arena, .scratch = &arena };
	struct buf out = { 0 };
	struct json doc;
	struct json_fault fault;

	if (!size)
		return 0;
	talk.client = data[0] & 1 ? &protocol_chat : &protocol_messages;
	talk.provider = &protocol_gemini;
	talk.losses.way = LOSS_WAY(talk.client->id, PROTO_GEMINI);
	talk.model = slice_of(models[data[0] / 2 % 4]);
	quirks_find(&talk.quirks, DIALECT_GEMINI, talk.model);
	if (json_parse(&doc, &arena, (struct slice){ (const char *)data + 1,
	    size - 1 }, 0, &fault) &&
	    talk.client->decode(&talk, json_root(&doc))) {
		if (protocol_gemini.encode(&talk, &out))
			check_output(&arena, buf_slice(&out));
		else
			CHECK(talk.fail.kind != FAIL_NONE && !buf_len(&out));
	}
	buf_free(&out);
	arena_reset(&arena);
	return 0;
}
