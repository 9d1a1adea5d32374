/*
 * Responses requests: what holds whatever the conversation is, and that sealed
 * thoughts come back from clients of other protocols.  What single members
 * become is told by the golden cases.
 */
#include "test.h"

#include <string.h>

#include "answer.h"
#include "base/map.h"

static uint32_t state = 1;

static uint32_t
pick(uint32_t n)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % n;
}

/* One translation and all it leaves behind; `finish` gives it back. */
struct trip {
	struct arena	 arena, scratch;
	struct talk	 talk;
	struct buf	 out;
	struct json	 in_doc, doc;
	struct jval	 input;		/* of the request that came out */
};

static void
translate(struct trip *t, const struct protocol *client,
    enum quirk_dialect dialect, const char *model, struct slice body)
{
	struct json_fault fault;
	bool fine;

	*t = (struct trip){ 0 };
	t->talk = (struct talk){
		.arena = &t->arena, .scratch = &t->scratch,
		.client = client, .provider = &protocol_responses,
		.model = slice_of(model),
		.losses.way = LOSS_WAY(client->id, PROTO_RESPONSES),
	};
	quirks_find(&t->talk.quirks, dialect, t->talk.model);
	CHECK(json_parse(&t->in_doc, &t->arena, body, 0, &fault));
	fine = client->decode(&t->talk, json_root(&t->in_doc)) &&
	    protocol_responses.encode(&t->talk, &t->out);
	if (!fine)
		printf("%.*s\n%.*s\n", SLICE_FMT(t->talk.fail.message),
		    SLICE_FMT(body));
	CHECK(fine);
	CHECK(json_parse(&t->doc, &t->arena, buf_slice(&t->out), 0,
	    &fault));
	t->input = jval_get(json_root(&t->doc), "input");
}

static void
finish(struct trip *t)
{
	buf_free(&t->out);
	arena_reset(&t->arena);
	arena_reset(&t->scratch);
}

/* ---- what providers insist on ---- */

static bool
is_type(struct jval item, const char *type)
{
	return jval_text_is(jval_get(item, "type"), type);
}

static bool
is_call(struct jval item)
{
	return is_type(item, "function_call") ||
	    is_type(item, "custom_tool_call");
}

static bool
is_result(struct jval item)
{
	return is_type(item, "function_call_output") ||
	    is_type(item, "custom_tool_call_output");
}

static bool
is_plain_id(struct slice id)
{
	for (size_t i = 0; i < id.len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
		    "XYZ0123456789_-", id.ptr[i]))
			return false;
	return id.len && id.len <= 64;
}

/* How many items of that sort have the id? */
static unsigned
count(struct jval input, struct slice id, bool (*sort)(struct jval))
{
	unsigned n = 0;

	for (struct jval v = jval_first(input); !jval_at_end(v);
	    v = jval_next(v))
		n += sort(v) && slice_eq(jval_get_text(v, "call_id"), id);
	return n;
}

/* Which rule is broken at this item?  NULL: none. */
static const char *
broken_at(struct jval input, struct jval item, struct jval next,
    struct map *called, struct arena *arena)
{
	struct slice id = jval_get_text(item, "call_id");
	struct jval content = jval_get(item, "content");

	if (is_call(item)) {
		if (!is_plain_id(id))
			return "an odd id";
		if (count(input, id, is_call) != 1)
			return "an id twice";
		if (count(input, id, is_result) != 1)
			return "a call is not answered once";
		CHECK(map_put(called, arena, id, called));
	}
	if (is_result(item) && !map_get(called, id))
		return "a result in front of its call";
	if (is_type(item, "message") && !jval_count(content))
		return "an empty message";
	if (is_type(item, "reasoning") && !is_call(next) &&
	    !is_type(next, "reasoning") &&
	    !jval_text_is(jval_get(next, "role"), "assistant"))
		return "a thought that leads nowhere";
	return NULL;
}

static void
check_rules(struct trip *t, struct slice body)
{
	struct map called = { 0 };
	const char *broken = NULL;
	struct jval v = jval_first(t->input), next;

	CHECK(jval_count(t->input) > 0);
	for (; !jval_at_end(v) && !broken; v = next) {
		next = jval_next(v);
		broken = broken_at(t->input, v, next, &called, &t->arena);
	}
	if (broken)
		printf("%s\n%.*s\n%.*s\n", broken, SLICE_FMT(body),
		    SLICE_FMT(buf_slice(&t->out)));
	CHECK(!broken);
}

/* ---- conversations without sense ---- */

static const char *const ids[] = {
	"call_1", "call_2", "toolu_3", "functions.f:0", "", "\\u00e4",
	"0123456789012345678901234567890123456789012345678901234567890123456",
};

static void
add_chat_message(struct buf *b)
{
	static const char *const texts[] = { "", " ", "a", "\\n", "b c" };
	const char *text = texts[pick(5)], *id = ids[pick(7)];

	switch (pick(6)) {
	case 0:
		buf_fmt(b, "{\"role\":\"system\",\"content\":\"%s\"}", text);
		break;
	case 1:
		buf_fmt(b, "{\"role\":\"assistant\",\"content\":\"%s\"}", text);
		break;
	case 2:
	case 3:
		buf_fmt(b, "{\"role\":\"assistant\",\"content\":null,"
		    "\"reasoning_details\":[{\"type\":\"reasoning.text\","
		    "\"text\":\"%s\",\"signature\":\"S\",\"format\":"
		    "\"openai-responses-v1\",\"index\":0}],\"tool_calls\":[{"
		    "\"id\":\"%s\",\"type\":\"function\",\"function\":{"
		    "\"name\":\"f\",\"arguments\":\"{\"}},{\"id\":\"%s\","
		    "\"type\":\"function\",\"function\":{\"name\":\"f\","
		    "\"arguments\":\"{}\"}}]}", text, id, ids[pick(7)]);
		break;
	case 4:
		buf_fmt(b, "{\"role\":\"tool\",\"tool_call_id\":\"%s\","
		    "\"content\":\"%s\"}", id, text);
		break;
	case 5:
		buf_fmt(b, "{\"role\":\"user\",\"content\":\"%s\"}", text);
		break;
	}
}

static void
rules_hold(void)
{
	for (unsigned i = 0; i < 3000; i++) {
		struct buf body = { 0 };
		struct trip t;

		buf_text(&body, "{\"model\":\"m\",\"messages\":[");
		for (uint32_t n = 1 + pick(9); n; n--) {
			add_chat_message(&body);
			buf_text(&body, n > 1 ? "," : "]}");
		}
		translate(&t, &protocol_chat, DIALECT_OPENAI, "gpt-5.5",
		    buf_slice(&body));
		check_rules(&t, buf_slice(&body));
		finish(&t);
		buf_free(&body);
	}
}

/* ---- sealed thoughts ---- */

/* A made-up answer, and in short what must come back of it. */
struct told {
	struct buf	 body, trace;
};

static void
add_thought(struct told *told, unsigned n)
{
	bool readable = pick(2);

	buf_fmt(&told->body, "{\"type\":\"reasoning\",\"id\":\"rs_%u\","
	    "\"summary\":[", n);
	if (readable)
		buf_fmt(&told->body, "{\"type\":\"summary_text\",\"text\":"
		    "\"plan \\\"\\u00e4 %u\"}", n);
	buf_fmt(&told->body, "],\"encrypted_content\":\"gAA%u==\"},", n);
	buf_fmt(&told->trace, "rs_%u gAA%u==\n", n, n);
}

static void
add_text(struct told *told, unsigned n)
{
	buf_fmt(&told->body, "{\"type\":\"message\",\"content\":[{\"type\":"
	    "\"output_text\",\"text\":\"w\\u00f6rd %u.\"}]},", n);
	buf_fmt(&told->trace, "w\\u00f6rd %u.\n", n);
}

static void
add_call(struct told *told, unsigned n)
{
	buf_fmt(&told->body, "{\"type\":\"function_call\",\"call_id\":"
	    "\"call_%u\",\"name\":\"f\",\"arguments\":\"{\\\"n\\\":%u}\"},",
	    n, n);
	buf_fmt(&told->trace, "call_%u\n", n);
}

/* Text first, then calls, as Chat has it; each with or without a thought. */
static void
invent(struct told *told)
{
	unsigned n = 0;

	*told = (struct told){ 0 };
	buf_text(&told->body, "{\"id\":\"resp_1\",\"object\":\"response\","
	    "\"status\":\"completed\",\"model\":\"m\",\"output\":[");
	for (uint32_t texts = pick(2); texts; texts--) {
		if (pick(2))
			add_thought(told, n++);
		add_text(told, n++);
	}
	for (uint32_t calls = 1 + pick(3); calls; calls--) {
		if (pick(2))
			add_thought(told, n++);
		add_call(told, n++);
	}
	buf_trunc(&told->body, buf_len(&told->body) - 1);	/* a comma */
	buf_text(&told->body, "]}");
}

/* The client's next request, made of the answer that it got. */
static void
ask_again(const struct protocol *client, struct buf *got, struct buf *body)
{
	bool chat = client->id == PROTO_CHAT;
	struct arena arena = { 0 };
	struct json doc;
	struct json_fault fault;
	struct jval said;

	CHECK(json_parse(&doc, &arena, buf_slice(got), 0, &fault));
	buf_fmt(body, "{\"model\":\"m\",\"max_tokens\":99,\"messages\":[{"
	    "\"role\":\"user\",\"content\":\"q\"},");
	if (chat) {
		said = jval_get(jval_first(jval_get(json_root(&doc),
		    "choices")), "message");
		buf_append(body, jval_raw(said));
	} else {
		said = jval_get(json_root(&doc), "content");
		buf_fmt(body, "{\"role\":\"assistant\",\"content\":%.*s}",
		    SLICE_FMT(jval_raw(said)));
	}
	buf_text(body, ",{\"role\":\"user\",\"content\":\"go on\"}]}");
	arena_reset(&arena);
}

/* What a request says of the assistant, as in struct told. */
static void
trace(struct jval input, struct buf *lines)
{
	for (struct jval v = jval_first(input); !jval_at_end(v);
	    v = jval_next(v)) {
		if (is_type(v, "reasoning"))
			buf_fmt(lines, "%.*s %.*s\n",
			    SLICE_FMT(jval_get_text(v, "id")),
			    SLICE_FMT(jval_get_text(v, "encrypted_content")));
		else if (is_call(v))
			buf_fmt(lines, "%.*s\n",
			    SLICE_FMT(jval_get_text(v, "call_id")));
		else if (jval_text_is(jval_get(v, "role"), "assistant"))
			buf_fmt(lines, "%.*s\n", SLICE_FMT(jval_get_text(
			    jval_first(jval_get(v, "content")), "text")));
	}
}

static void
there_and_back(const struct protocol *client)
{
	struct ir_request request = { .reasoning = {
		.on = TRI_YES, .show = TRI_YES } };
	struct buf body = { 0 }, lines = { 0 };
	struct told told;
	struct answer a;
	struct trip t;

	invent(&told);
	answer_init(&a, &protocol_responses, client, true);
	a.talk.request = &request;
	quirks_find(&a.talk.quirks, DIALECT_OPENAI, SLICE("gpt-5.5"));
	a.dump.sink.next = client->sink_whole(&a.talk, &a.out);
	answer_whole(&a, buf_slice(&told.body));
	ask_again(client, &a.out, &body);
	translate(&t, client, DIALECT_OPENAI, "gpt-5.5", buf_slice(&body));
	trace(t.input, &lines);
	if (!slice_eq(buf_slice(&lines), buf_slice(&told.trace)))
		printf("%.*s\n%.*s\n", SLICE_FMT(buf_slice(&told.body)),
		    SLICE_FMT(buf_slice(&body)));
	CHECK_BYTES(buf_slice(&lines).ptr, buf_len(&lines),
	    buf_slice(&told.trace).ptr, buf_len(&told.trace));
	finish(&t);
	answer_free(&a);
	buf_free(&body);
	buf_free(&lines);
	buf_free(&told.body);
	buf_free(&told.trace);
}

static void
thoughts_through_chat(void)
{
	for (unsigned i = 0; i < 500; i++)
		there_and_back(&protocol_chat);
}

static void
thoughts_through_messages(void)
{
	for (unsigned i = 0; i < 500; i++)
		there_and_back(&protocol_messages);
}

/* ---- forms that OpenAI alone has ---- */

static const char own_body[] =
	    "{\"model\":\"m\",\"store\":false,\"input\":[{\"type\":\""
	    "additional_tools\",\"role\":\"developer\",\"tools\":[{\""
	    "type\":\"namespace\",\"name\":\"git\",\"description\":\""
	    "Version control.\",\"tools\":[{\"type\":\"function\",\"n"
	    "ame\":\"log\",\"parameters\":{\"type\":\"object\",\"prop"
	    "erties\":{}}},{\"type\":\"custom\",\"name\":\"commit\","
	    "\"format\":{\"type\":\"text\"}}]}]},{\"role\":\"user\","
	    "\"content\":\"x\"},{\"type\":\"local_shell_call\",\"id\""
	    ":\"lsh_1\",\"call_id\":\"c1\",\"status\":\"completed\","
	    "\"action\":{\"type\":\"exec\",\"command\":[\"ls\"],\"env"
	    "\":{}}},{\"type\":\"local_shell_call_output\",\"id\":\"c"
	    "1\",\"output\":\"a\"},{\"type\":\"shell_call\",\"id\":\""
	    "sh_1\",\"call_id\":\"c2\",\"status\":\"completed\",\"act"
	    "ion\":{\"commands\":[\"ls\"],\"timeout_ms\":1.0e3}},{\"t"
	    "ype\":\"shell_call_output\",\"call_id\":\"c2\",\"output"
	    "\":[{\"stdout\":\"a\",\"stderr\":\"\",\"outcome\":{\"typ"
	    "e\":\"exit\",\"exit_code\":0}}]},{\"type\":\"apply_patch"
	    "_call\",\"id\":\"apc_1\",\"call_id\":\"c3\",\"status\":"
	    "\"completed\",\"operation\":{\"type\":\"delete_file\",\""
	    "path\":\"a\"}},{\"type\":\"apply_patch_call_output\",\"c"
	    "all_id\":\"c3\",\"status\":\"failed\",\"output\":\"no\"}"
	    ",{\"type\":\"tool_search_call\",\"id\":\"tsc_1\",\"call_"
	    "id\":\"c4\",\"execution\":\"client\",\"status\":\"comple"
	    "ted\",\"arguments\":{\"query\":\"w\"}},{\"type\":\"tool_"
	    "search_output\",\"call_id\":\"c4\",\"execution\":\"clien"
	    "t\",\"status\":\"completed\",\"tools\":[{\"type\":\"name"
	    "space\",\"name\":\"sky\",\"description\":\"Weather.\",\""
	    "tools\":[{\"type\":\"function\",\"name\":\"now\",\"defer"
	    "_loading\":true,\"parameters\":{\"type\":\"object\",\"pr"
	    "operties\":{}}}]}]},{\"type\":\"function_call\",\"id\":"
	    "\"fc_1\",\"call_id\":\"c5\",\"name\":\"log\",\"namespace"
	    "\":\"git\",\"arguments\":\"{}\"},{\"type\":\"function_ca"
	    "ll_output\",\"call_id\":\"c5\",\"output\":\"b\"},{\"type"
	    "\":\"custom_tool_call\",\"id\":\"ctc_1\",\"call_id\":\"c"
	    "6\",\"name\":\"commit\",\"namespace\":\"git\",\"input\":"
	    "\"m\"},{\"type\":\"custom_tool_call_output\",\"call_id\""
	    ":\"c6\",\"output\":\"ok\"},{\"role\":\"user\",\"content"
	    "\":\"on\"}],\"tools\":[{\"type\":\"local_shell\"},{\"typ"
	    "e\":\"shell\",\"environment\":{\"type\":\"local\"}},{\"t"
	    "ype\":\"apply_patch\"},{\"type\":\"tool_search\",\"execu"
	    "tion\":\"client\",\"description\":\"Find.\",\"parameters"
	    "\":{\"type\":\"object\",\"properties\":{\"query\":{\"typ"
	    "e\":\"string\"}}}},{\"type\":\"web_search\"}],\"tool_cho"
	    "ice\":{\"type\":\"function\",\"name\":\"log\",\"namespac"
	    "e\":\"git\"}}";

/* What of it OpenAI is told as it came, and anybody else is not. */
static const char *const own_pieces[] = {
	"{\"type\":\"local_shell\"}",
	"{\"type\":\"shell\",\"environment\":{\"type\":\"local\"}}",
	"{\"type\":\"apply_patch\"}",
	"{\"type\":\"tool_search\",\"execution\":\"client\"",
	"{\"type\":\"namespace\",\"name\":\"git\",\"description\":"
	    "\"Version control.\",\"tools\":[{\"type\":\"function\","
	    "\"name\":\"log\"",
	"{\"type\":\"custom\",\"name\":\"commit\"",
	"{\"type\":\"local_shell_call\",\"id\":\"lsh_1\","
	    "\"call_id\":\"c1\"",
	"{\"type\":\"local_shell_call_output\",\"id\":\"c1\"",
	"{\"type\":\"shell_call\",\"call_id\":\"c2\"",
	"{\"type\":\"shell_call_output\",\"call_id\":\"c2\","
	    "\"output\":[{\"stdout\":\"a\"",
	"{\"type\":\"apply_patch_call\",\"call_id\":\"c3\"",
	"{\"type\":\"apply_patch_call_output\",\"call_id\":\"c3\","
	    "\"status\":\"failed\",\"output\":\"no\"}",
	"{\"type\":\"tool_search_call\",\"call_id\":\"c4\"",
	"\"tools\":[{\"type\":\"namespace\",\"name\":\"sky\"",
	"\"name\":\"log\",\"namespace\":\"git\",\"arguments\"",
	"\"name\":\"commit\",\"namespace\":\"git\",\"input\":\"m\"",
	"\"tool_choice\":{\"type\":\"function\",\"name\":\"log\","
	    "\"namespace\":\"git\"}",
};

static void
own_forms(void)
{
	for (unsigned own = 0; own < 2; own++) {
		struct trip t;

		translate(&t, &protocol_responses, own ? DIALECT_OPENAI :
		    DIALECT_XAI, own ? "gpt-5.6" : "grok-4.3",
		    slice_of(own_body));
		for (size_t i = 0; i < sizeof own_pieces /
		    sizeof *own_pieces; i++)
			CHECK((slice_find(buf_slice(&t.out),
			    slice_of(own_pieces[i])) != SIZE_MAX) == own);
		/* What was found is declared where it was found, or at all. */
		CHECK((slice_find(buf_slice(&t.out),
		    SLICE("sky__now")) == SIZE_MAX) == own);
		if (own)
			CHECK(!t.talk.losses.first);
		finish(&t);
	}
}

TESTS(
	{ "rules hold", rules_hold },
	{ "thoughts through Chat", thoughts_through_chat },
	{ "thoughts through Messages", thoughts_through_messages },
	{ "forms of OpenAI's own", own_forms })
