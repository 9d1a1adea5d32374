/*
 * Messages: turns alternate, and the results of an assistant's tool calls
 * stand first in the turn right behind it.  A thinking block that comes back
 * must be the one that was sent.
 */
#include "echo/check.h"

#include "json/bind.h"
#include "json/text.h"

enum { BUDGET_MIN = 1024, NAME_MAX_CHARS = 128 };

struct look {			/* what is being looked at */
	struct fault	*fault;
	struct arena	*arena;
	size_t		 at;		/* index of the message */
	size_t		 block;		/* and of the block in it */
	struct jval	 message;
	struct jval	 before;	/* content of the message before */
	bool		 amid;		/* role system may stand among them */
};

/* All members that a request may have; any other is refused. */
static const struct field members[] = {
	{ .name = "model" }, { .name = "messages" }, { .name = "max_tokens" },
	{ .name = "system" }, { .name = "stream" }, { .name = "metadata" },
	{ .name = "stop_sequences" }, { .name = "temperature" },
	{ .name = "top_p" }, { .name = "top_k" }, { .name = "tools" },
	{ .name = "tool_choice" }, { .name = "thinking" },
	{ .name = "service_tier" }, { .name = "container" },
	{ .name = "mcp_servers" }, { .name = "context_management" },
	{ .name = "output_config" }, { .name = "output_format" },
	{ .name = "inference_geo" }, { .name = "cache_control" },
	{ .name = "speed" }, { .name = "betas" },
	{ .name = NULL }
};

static bool	refuse(struct look *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Always false. */
static bool
refuse(struct look *l, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	check_tell(l->fault, l->arena, fmt, args);
	va_end(args);
	return false;
}

/* ---- blocks ---- */

static bool
check_text(struct look *l, struct jval block)
{
	struct jval text = jval_get(block, "text");

	if (!jval_is(text, JSON_STRING))
		return refuse(l, "messages.%zu.content.%zu.text.text: "
		    "Field required", l->at, l->block);
	if (!jval_text(text).len)
		return refuse(l, "messages: text content blocks must be "
		    "non-empty");
	return true;
}

static bool
check_tool_use(struct look *l, struct jval block)
{
	struct slice id = jval_get_text(block, "id");

	if (!check_name(id, SIZE_MAX))
		return refuse(l, "messages.%zu.content.%zu.tool_use.id: String"
		    " should match pattern '^[a-zA-Z0-9_-]+$'",
		    l->at, l->block);
	if (!jval_get_text(block, "name").len)
		return refuse(l, "messages.%zu.content.%zu.tool_use.name: "
		    "Field required", l->at, l->block);
	if (!jval_is(jval_get(block, "input"), JSON_OBJECT))
		return refuse(l, "messages.%zu.content.%zu.tool_use.input: "
		    "Input should be a valid dictionary", l->at, l->block);
	return true;
}

/* Has an array of blocks one of this type, whose `key` is `id`? */
static bool
holds(struct jval content, const char *type, const char *key, struct slice id)
{
	if (!jval_is(content, JSON_ARRAY))
		return false;
	for (struct jval b = jval_first(content); !jval_at_end(b);
	    b = jval_next(b))
		if (jval_text_is(jval_get(b, "type"), type) &&
		    slice_eq(jval_get_text(b, key), id))
			return true;
	return false;
}

static bool
check_tool_result(struct look *l, struct jval block)
{
	struct slice id = jval_get_text(block, "tool_use_id");

	if (!check_name(id, SIZE_MAX))
		return refuse(l, "messages.%zu.content.%zu.tool_result."
		    "tool_use_id: String should match pattern "
		    "'^[a-zA-Z0-9_-]+$'", l->at, l->block);
	if (!holds(l->before, "tool_use", "id", id))
		return refuse(l, "messages.%zu.content.%zu: unexpected "
		    "`tool_use_id` found in `tool_result` blocks: %.*s. Each "
		    "`tool_result` block must have a corresponding `tool_use` "
		    "block in the previous message.", l->at, l->block,
		    SLICE_FMT(id));
	return true;
}

static bool
check_thinking(struct look *l, struct jval block)
{
	struct slice think = text_unescape(l->arena,
	    jval_get_text(block, "thinking"));
	struct slice signature = text_unescape(l->arena,
	    jval_get_text(block, "signature"));

	if (slice_eq(signature, speech_signature(l->arena, think)))
		return true;
	return refuse(l, "messages.%zu.content.%zu: Invalid `signature` in "
	    "`thinking` block", l->at, l->block);
}

static bool
check_source(struct look *l, struct jval block)
{
	struct jval source = jval_get(block, "source");
	struct slice type = jval_get_text(source, "type");

	if (!type.len)
		return refuse(l, "messages.%zu.content.%zu.%.*s.source: Field "
		    "required", l->at, l->block,
		    SLICE_FMT(jval_get_text(block, "type")));
	if (slice_is(type, "base64") &&
	    (!jval_get_text(source, "media_type").len ||
	     !jval_get_text(source, "data").len))
		return refuse(l, "messages.%zu.content.%zu.%.*s.source.base64"
		    ": Field required", l->at, l->block,
		    SLICE_FMT(jval_get_text(block, "type")));
	return true;
}

/* In whose turn a block may stand, and what is looked at in it. */
static const struct {
	const char	*type;
	bool		 user, assistant;
	bool		(*check)(struct look *, struct jval block);
} blocks[] = {
	{ "tool_result", true, false, check_tool_result },
	{ "image", true, false, check_source },
	{ "document", true, false, check_source },
	{ "search_result", true, false, NULL },
	{ "container_upload", true, false, NULL },
	{ "text", true, true, check_text },
	{ "tool_use", false, true, check_tool_use },
	{ "thinking", false, true, check_thinking },
	{ "redacted_thinking", false, true, NULL },
	{ "server_tool_use", false, true, NULL },
	{ "web_search_tool_result", false, true, NULL },
	{ "web_fetch_tool_result", false, true, NULL },
	{ "code_execution_tool_result", false, true, NULL },
	{ "mcp_tool_use", false, true, NULL },
	{ "mcp_tool_result", false, true, NULL },
};

static bool
check_block(struct look *l, struct jval block, bool user)
{
	struct slice type = jval_get_text(block, "type");

	for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
		if (slice_is(type, blocks[i].type) &&
		    (user ? blocks[i].user : blocks[i].assistant))
			return !blocks[i].check || blocks[i].check(l, block);
	return refuse(l, "messages.%zu.content.%zu: Input tag '%.*s' found "
	    "using 'type' does not match any of the expected tags", l->at,
	    l->block, SLICE_FMT(type));
}

/* ---- turns ---- */

static bool
check_content(struct look *l, bool user)
{
	struct jval content = jval_get(l->message, "content");
	bool last = jval_at_end(jval_next(l->message));

	if (!jval_is(content, JSON_STRING) && !jval_is(content, JSON_ARRAY))
		return refuse(l, "messages.%zu.content: %s", l->at,
		    jval_ok(content) ? "Input should be a valid list"
		    : "Field required");
	if (jval_is(content, JSON_STRING) ? !jval_text(content).len
	    : !jval_count(content))
		return (!user && last) || refuse(l, "messages.%zu: all "
		    "messages must have non-empty content except for the "
		    "optional final assistant message", l->at);
	if (jval_is(content, JSON_STRING))
		return true;
	l->block = 0;
	for (struct jval b = jval_first(content); !jval_at_end(b);
	    b = jval_next(b), l->block++)
		if (!check_block(l, b, user))
			return false;
	return true;
}

/* Does every call of the message before have its result, before all else? */
static bool
check_results(struct look *l)
{
	struct jval content = jval_get(l->message, "content");
	bool other = false, late = false;

	if (!jval_is(l->before, JSON_ARRAY))
		return true;
	if (jval_is(content, JSON_ARRAY))
		for (struct jval b = jval_first(content); !jval_at_end(b);
		    b = jval_next(b)) {
			bool result = jval_text_is(jval_get(b, "type"),
			    "tool_result");

			late |= result && other;
			other |= !result;
		}
	for (struct jval b = jval_first(l->before); !jval_at_end(b);
	    b = jval_next(b)) {
		struct slice id = jval_get_text(b, "id");

		if (jval_text_is(jval_get(b, "type"), "tool_use") && (late ||
		    !holds(content, "tool_result", "tool_use_id", id)))
			return refuse(l, "messages.%zu: `tool_use` ids were "
			    "found without `tool_result` blocks immediately "
			    "after: %.*s. Each `tool_use` block must have a "
			    "corresponding `tool_result` block in the next "
			    "message.", l->at - 1, SLICE_FMT(id));
	}
	return true;
}

static bool
check_turn(struct look *l, bool *was_user)
{
	struct jval role = jval_get(l->message, "role");
	bool user = jval_text_is(role, "user");

	if (l->at && l->amid && jval_text_is(role, "system"))
		return true;
	if (!user && !jval_text_is(role, "assistant"))
		return refuse(l, "messages: Unexpected role \"%.*s\". The "
		    "Messages API accepts a top-level `system` parameter, not "
		    "\"system\" as an input message role.",
		    SLICE_FMT(jval_text(role)));
	if (!l->at && !user)
		return refuse(l, "messages: first message must use the "
		    "\"user\" role");
	if (l->at && user == *was_user)
		return refuse(l, "messages: roles must alternate between "
		    "\"user\" and \"assistant\", but found multiple \"%s\" "
		    "roles in a row", user ? "user" : "assistant");
	*was_user = user;
	if ((user && !check_results(l)) || !check_content(l, user))
		return false;
	l->before = jval_get(l->message, "content");
	return true;
}

/* ---- the rest ---- */

static bool
check_tools(struct look *l, struct jval tools)
{
	size_t i = 0;

	if (!jval_is(tools, JSON_ARRAY))
		return true;
	for (struct jval t = jval_first(tools); !jval_at_end(t);
	    t = jval_next(t), i++) {
		struct slice type = jval_get_text(t, "type");
		struct slice name = jval_get_text(t, "name");

		if (type.len && !slice_is(type, "custom"))
			continue;	/* one that the provider runs */
		if (!check_name(name, NAME_MAX_CHARS))
			return refuse(l, "tools.%zu.custom.name: String should "
			    "match pattern '^[a-zA-Z0-9_-]{1,128}$'", i);
		if (!jval_text_is(jval_get2(t, "input_schema", "type"),
		    "object"))
			return refuse(l, "tools.%zu.custom.input_schema.type: "
			    "%s", i, jval_ok(jval_get(t, "input_schema"))
			    ? "Input should be 'object'" : "Field required");
	}
	return true;
}

static bool
check_thought(struct look *l, const struct prompt *a, uint64_t max_tokens)
{
	struct jval thinking = jval_get(a->root, "thinking");
	struct jval choice = jval_get2(a->root, "tool_choice", "type");
	uint64_t budget;

	if (!jval_text_is(jval_get(thinking, "type"), "enabled"))
		return true;
	if (!jval_u64(jval_get(thinking, "budget_tokens"), &budget))
		return refuse(l, "thinking.enabled.budget_tokens: Field "
		    "required");
	if (budget < BUDGET_MIN)
		return refuse(l, "thinking.enabled.budget_tokens: Input should "
		    "be greater than or equal to %d", BUDGET_MIN);
	if (budget >= max_tokens)
		return refuse(l, "`max_tokens` must be greater than "
		    "`thinking.budget_tokens`.");
	if (jval_text_is(choice, "any") || jval_text_is(choice, "tool"))
		return refuse(l, "Thinking may not be enabled when tool_choice "
		    "forces tool use.");
	return true;
}

/* A number as spelled, between 0 and 1?  "1e0" is nobody's way to say 1. */
static bool
zero_to_one(struct slice number)
{
	if (slice_starts(number, SLICE("0")))
		return true;
	if (!slice_starts(number, SLICE("1")))
		return false;
	for (size_t i = 1; i < number.len; i++)
		if (number.ptr[i] != (i == 1 ? '.' : '0'))
			return false;
	return true;
}

static bool
check_members(struct look *l, const struct prompt *a)
{
	struct jval extra = json_unknown(a->root, members,
	    (struct jval){ 0 });
	struct jval temperature = jval_get(a->root, "temperature");
	uint64_t max_tokens;

	if (!a->name.len)
		return refuse(l, "model: Field required");
	if (!jval_ok(jval_get(a->root, "max_tokens")))
		return refuse(l, "max_tokens: Field required");
	if (!jval_u64(jval_get(a->root, "max_tokens"), &max_tokens))
		return refuse(l, "max_tokens: Input should be a valid integer");
	if (!max_tokens)
		return refuse(l, "max_tokens: Input should be greater than or "
		    "equal to 1");
	if (!jval_at_end(extra))
		return refuse(l, "%.*s: Extra inputs are not permitted",
		    SLICE_FMT(jval_text(extra)));
	if (jval_ok(temperature) && (!jval_is(temperature, JSON_NUMBER) ||
	    !zero_to_one(jval_raw(temperature))))
		return refuse(l, "temperature: range: 0..1");
	return check_thought(l, a, max_tokens);
}

/* Models that take instructions among the turns. */
static bool
takes_amid(struct slice model)
{
	return slice_starts(model, SLICE("claude-opus-4-8")) ||
	    slice_starts(model, SLICE("claude-opus-5"));
}

bool
check_messages(const struct prompt *a, struct fault *fault, struct arena *arena)
{
	struct jval messages = jval_get(a->root, "messages");
	struct look l = { .fault = fault, .arena = arena,
		.amid = takes_amid(a->name) };
	bool was_user = false;

	if (!check_members(&l, a))
		return false;
	if (!jval_is(messages, JSON_ARRAY))
		return refuse(&l, "messages: Field required");
	if (!jval_count(messages))
		return refuse(&l, "messages: at least one message is required");
	for (l.message = jval_first(messages); !jval_at_end(l.message);
	    l.message = jval_next(l.message), l.at++)
		if (!check_turn(&l, &was_user))
			return false;
	return check_tools(&l, jval_get(a->root, "tools"));
}
