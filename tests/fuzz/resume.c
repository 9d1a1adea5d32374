/*
 * An answer that pauses and goes on: each byte stands for an event, or for the
 * end of what was sent.  The events are one answer, and each request that makes
 * it go on is JSON that begins as the first one.
 */
#include "../unit/answer.h"
#include "base/check.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUEST "{\"model\":\"m\",\"messages\":[{\"role\":\"user\"," \
	"\"content\":\"x\"}]}"
#define START(at, block) \
	"{\"type\":\"content_block_start\",\"index\":" at \
	",\"content_block\":{\"type\":" block "}}"
#define DELTA(at, delta) \
	"{\"type\":\"content_block_delta\",\"index\":" at \
	",\"delta\":{\"type\":" delta "}}"
#define END(reason) \
	"{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":" reason \
	"},\"usage\":{\"output_tokens\":7}}"

static const char *const events[] = {
	"{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"model\":"
	    "\"m\",\"usage\":{\"input_tokens\":5,\"server_tool_use\":{"
	    "\"web_search_requests\":1}}}}",
	START("0", "\"text\",\"text\":\"\""),
	START("0", "\"thinking\",\"thinking\":\"\",\"signature\":\"\""),
	START("1", "\"server_tool_use\",\"id\":\"s\",\"name\":\"web_search\","
	    "\"input\":{}"),
	START("2", "\"web_search_tool_result\",\"tool_use_id\":\"s\","
	    "\"content\":[]"),
	START("3", "\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{}"),
	DELTA("0", "\"text_delta\",\"text\":\"a\\ud83d\""),
	DELTA("0", "\"text_delta\",\"text\":\"\\ude00b\""),
	DELTA("0", "\"thinking_delta\",\"thinking\":\"hm\""),
	DELTA("0", "\"signature_delta\",\"signature\":\"S\""),
	DELTA("0", "\"citations_delta\",\"citation\":{\"type\":"
	    "\"web_search_result_location\",\"url\":\"u\",\"title\":\"t\"}"),
	DELTA("1", "\"input_json_delta\",\"partial_json\":\"{\\\"q\\\":\""),
	DELTA("1", "\"input_json_delta\",\"partial_json\":\"1}\""),
	DELTA("3", "\"input_json_delta\",\"partial_json\":\"{}\""),
	"{\"type\":\"content_block_stop\",\"index\":0}",
	"{\"type\":\"content_block_stop\",\"index\":1}",
	"{\"type\":\"content_block_stop\",\"index\":2}",
	END("\"pause_turn\""), END("\"end_turn\""), END("\"tool_use\""),
	"{\"type\":\"message_stop\"}", "{\"type\":\"message_stop\"}",
	"{\"type\":\"ping\"}", "{\"type\":\"error\",\"error\":{}}",
};

enum { EVENTS = sizeof events / sizeof *events };

/* False: the answer is over. */
static bool
go_on(struct answer *a, struct slice sent)
{
	struct buf out = { 0 };
	struct json doc;
	struct json_fault fault;
	struct jval list;

	if (!a->source->done)
		return true;
	if (!a->source->paused)
		return false;
	CHECK(a->source->resume(a->source, sent, &out));
	CHECK(json_parse(&doc, &a->arena, buf_slice(&out), 0, &fault));
	list = jval_get(json_root(&doc), "messages");
	CHECK(jval_count(list) == 2);
	CHECK(jval_text_is(jval_get(jval_first(list), "content"), "x"));
	CHECK(jval_is(jval_get(jval_next(jval_first(list)), "content"),
	    JSON_ARRAY));
	buf_free(&out);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ir_tool search = { .kind = IR_HOSTED };
	struct ir_request request = { .tools = &search };
	struct answer a;
	bool going = true;

	if (!size || size > 1 << 10)
		return 0;
	answer_init(&a, &protocol_messages, &protocol_chat, data[0] & 1);
	a.talk.request = &request;
	a.source = protocol_messages.source(&a.talk, &a.referee.sink);
	for (size_t i = 1; i < size && going; i++) {
		struct slice event = slice_of(events[data[i] % EVENTS]);

		a.source->event(a.source, &(struct sse_event){
		    .data = event });
		arena_reset(&a.scratch);
		going = go_on(&a, slice_of(REQUEST));
	}
	if (going)
		a.source->end(a.source);
	CHECK(!referee_verdict(&a.referee) || a.source->paused);
	answer_free(&a);
	return 0;
}
