/* Facts that a Messages request leaves for the gateway and the sinks. */
#include "test.h"

#include "json/json.h"
#include "proto/names.h"
#include "proto/proto.h"

struct asked {
	struct arena	 arena;
	struct json	 doc;
	struct talk	 talk;
	bool		 ok;
};

static void
ask(struct asked *a, bool count_only, const char *body)
{
	struct json_fault fault;

	*a = (struct asked){ .talk = { .count_only = count_only } };
	a->talk.arena = &a->arena;
	CHECK(json_parse(&a->doc, &a->arena, slice_of(body), 0, &fault));
	a->ok = protocol_messages.decode(&a->talk, json_root(&a->doc));
	a->talk.model = a->talk.client_model;
	quirks_find(&a->talk.quirks, DIALECT_OPENAI, a->talk.model);
}

static void
forget(struct asked *a)
{
	arena_reset(&a->arena);
}

#define HI "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]"

static void
limits(void)
{
	struct asked a;

	ask(&a, false, "{\"model\":\"m\",\"max_tokens\":0," HI "}");
	CHECK(a.ok && a.talk.prewarm);
	forget(&a);
	ask(&a, false, "{\"model\":\"m\",\"max_tokens\":1,\"stream\":true," HI
	    "}");
	CHECK(a.ok && !a.talk.prewarm && a.talk.stream);
	CHECK(slice_is(a.talk.client_model, "m"));
	forget(&a);
	ask(&a, true, "{\"model\":\"m\"," HI "}");
	CHECK(a.ok && !a.talk.prewarm && !a.talk.request->max_tokens.len);
	forget(&a);
	ask(&a, true, "{\"model\":\"m\",\"max_tokens\":0," HI "}");
	CHECK(a.ok && !a.talk.prewarm);
	forget(&a);
	ask(&a, false, "{\"model\":\"m\"," HI "}");
	CHECK(!a.ok && slice_is(a.talk.fail.param, "max_tokens"));
	CHECK(!a.talk.request);
	forget(&a);
}

static void
wrong_types(void)
{
	static const char *const bodies[] = {
		"[]", "\"x\"", "{\"max_tokens\":1," HI "}",
		"{\"model\":1,\"max_tokens\":1," HI "}",
		"{\"model\":\"m\",\"max_tokens\":1}",
		"{\"model\":\"m\",\"max_tokens\":1,\"messages\":{}}",
		"{\"model\":\"m\",\"max_tokens\":1,\"messages\":[1]}",
		"{\"model\":\"m\",\"max_tokens\":-1," HI "}",
		"{\"model\":\"m\",\"max_tokens\":1,\"stream\":1," HI "}",
		"{\"model\":\"m\",\"max_tokens\":1,\"top_p\":\"1\"," HI "}",
		"{\"model\":\"m\",\"max_tokens\":1,\"system\":1," HI "}",
		"{\"model\":\"m\",\"max_tokens\":1,\"system\":[1]," HI "}",
		"{\"model\":\"m\",\"max_tokens\":1,\"tools\":{}," HI "}",
		"{\"model\":\"m\",\"max_tokens\":1,\"tools\":[1]," HI "}",
		"{\"model\":\"m\",\"max_tokens\":1,\"tools\":[{}]," HI "}",
		"{\"model\":\"m\",\"max_tokens\":1,\"tools\":[{\"name\":\"f\","
		    "\"input_schema\":[]}]," HI "}",
		"{\"model\":\"m\",\"max_tokens\":1,\"tool_choice\":\"auto\","
		    HI "}",
		"{\"model\":\"m\",\"max_tokens\":1,\"tool_choice\":"
		    "{\"type\":\"tool\"}," HI "}",
		"{\"model\":\"m\",\"max_tokens\":1,\"stop_sequences\":\"a\","
		    HI "}",
		"{\"model\":\"m\",\"max_tokens\":1,\"stop_sequences\":[1],"
		    HI "}",
		"{\"model\":\"m\",\"max_tokens\":1,\"output_config\":"
		    "{\"format\":{\"type\":\"json_schema\"}}," HI "}",
		"{\"model\":\"m\",\"max_tokens\":1,\"messages\":[{\"role\":"
		    "\"user\",\"content\":[{\"type\":\"text\"}]}]}",
		"{\"model\":\"m\",\"max_tokens\":1,\"messages\":[{\"role\":"
		    "\"user\",\"content\":[{\"type\":\"image\",\"source\":"
		    "{\"type\":\"base64\",\"data\":\"\\\"\"}}]}]}",
		"{\"model\":\"m\",\"max_tokens\":1,\"messages\":[{\"role\":"
		    "\"assistant\",\"content\":[{\"type\":\"tool_use\"}]}]}",
	};
	struct asked a;

	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		ask(&a, false, bodies[i]);
		CHECK(!a.ok && a.talk.fail.kind == FAIL_INVALID);
		CHECK(a.talk.fail.message.len);
		forget(&a);
	}
}

/* What the answer needs to know of the tools is in the request that stays. */
static void
renamed_tools(void)
{
	struct asked a;
	struct buf out = { 0 };
	const struct ir_tool *tool;

	ask(&a, false, "{\"model\":\"m\",\"max_tokens\":1,\"tools\":[{\"name\":"
	    "\"short\"},{\"name\":\"a.b\"}],\"messages\":[{\"role\":"
	    "\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t\","
	    "\"name\":\"a.b\",\"input\":{}}]}]}");
	CHECK(a.ok && protocol_chat.encode(&a.talk, &out));
	tool = a.talk.request->tools;
	CHECK(!tool->sent_name.len && tool->next->sent_name.len);
	CHECK(slice_is(name_restore(a.talk.request, tool->next->sent_name),
	    "a.b"));
	/* the call in the history has the same new name */
	CHECK(slice_find(slice_skip(buf_slice(&out), slice_find(
	    buf_slice(&out), tool->next->sent_name) + 1),
	    tool->next->sent_name) != SIZE_MAX);
	buf_free(&out);
	forget(&a);
}

/* Another target may be tried: the tree is as it was decoded. */
static void
written_twice(void)
{
	struct asked a;
	struct buf once = { 0 }, twice = { 0 };

	ask(&a, false, "{\"model\":\"m\",\"max_tokens\":1,\"tools\":[{\"name\":"
	    "\"f\"}],\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
	    "\"tool_result\",\"tool_use_id\":\"x\",\"content\":\"lost\"}]},"
	    "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\","
	    "\"id\":\"t\",\"name\":\"f\",\"input\":{}}]},{\"role\":\"system\","
	    "\"content\":\"s\"}]}");
	CHECK(a.ok && protocol_chat.encode(&a.talk, &once));
	quirks_find(&a.talk.quirks, DIALECT_VLLM, a.talk.model);
	CHECK(protocol_chat.encode(&a.talk, &twice));
	buf_clear(&twice);
	quirks_find(&a.talk.quirks, DIALECT_OPENAI, a.talk.model);
	CHECK(protocol_chat.encode(&a.talk, &twice));
	CHECK_BYTES(buf_slice(&twice).ptr, buf_len(&twice),
	    buf_slice(&once).ptr, buf_len(&once));
	buf_free(&once);
	buf_free(&twice);
	forget(&a);
}

static void
thinking(void)
{
	struct asked a;

	ask(&a, false, "{\"model\":\"m\",\"max_tokens\":1,\"thinking\":"
	    "{\"type\":\"enabled\",\"budget_tokens\":5000,\"display\":"
	    "\"omitted\"},\"output_config\":{\"effort\":\"low\"}," HI "}");
	CHECK(a.ok && a.talk.request->reasoning.on == TRI_YES);
	CHECK(a.talk.request->reasoning.budget == 5000);
	CHECK(a.talk.request->reasoning.effort == IR_EFFORT_LOW);
	CHECK(a.talk.request->reasoning.show == TRI_NO);
	forget(&a);
	ask(&a, false, "{\"model\":\"m\",\"max_tokens\":1,"
	    "\"reasoning_effort\":\"none\"," HI "}");
	CHECK(a.ok && a.talk.request->reasoning.on == TRI_NO);
	forget(&a);
}

/* A request may lose more than anybody would read. */
static void
many_losses(void)
{
	struct asked a;
	struct buf body = { 0 };

	buf_text(&body, "{\"model\":\"m\",\"max_tokens\":1,\"messages\":["
	    "{\"role\":\"assistant\",\"content\":[");
	for (unsigned i = 0; i < 2 * LOSS_MAX; i++)
		buf_text(&body, "{\"type\":\"mcp_tool_use\"},");
	buf_text(&body, "{\"type\":\"text\",\"text\":\"a\"}]}]}");
	buf_byte(&body, 0);
	ask(&a, false, body.data);
	CHECK(a.ok && a.talk.losses.count == LOSS_MAX);
	forget(&a);
	buf_free(&body);
}

/* Every prefix of memory that runs out is told, never half a request. */
static void
no_memory(void)
{
	static const char body[] = "{\"model\":\"m\",\"max_tokens\":1,"
	    "\"tools\":[{\"name\":\"f\"}],\"system\":\"s\",\"messages\":["
	    "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\","
	    "\"id\":\"t\",\"name\":\"f\",\"input\":{}}]},{\"role\":\"user\","
	    "\"content\":\"a\"}]}";
	struct json doc;
	struct json_fault fault;
	struct arena parsed = { 0 };
	unsigned refused = 0;

	CHECK(json_parse(&doc, &parsed, slice_of(body), 0, &fault));
	for (size_t limit = 1; limit < 40000; limit += 997) {
		struct arena arena = { .limit = limit };
		struct talk talk = { .arena = &arena, .model = SLICE("m") };
		struct buf out = { 0 };

		quirks_find(&talk.quirks, DIALECT_GENERIC, talk.model);
		if (!protocol_messages.decode(&talk, json_root(&doc)) ||
		    !protocol_chat.encode(&talk, &out)) {
			CHECK(talk.fail.kind == FAIL_MEMORY);
			CHECK(!buf_len(&out));
			refused++;
		}
		buf_free(&out);
		arena_reset(&arena);
	}
	CHECK(refused > 0 && refused < 40);
	arena_reset(&parsed);
}

TESTS(
	{ "limits", limits },
	{ "wrong types are refused", wrong_types },
	{ "renamed tools are remembered", renamed_tools },
	{ "a request can be written twice", written_twice },
	{ "thinking", thinking },
	{ "many losses", many_losses },
	{ "memory runs out", no_memory })
