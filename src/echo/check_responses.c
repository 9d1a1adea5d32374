/*
 * Responses: a list of items, each of a type that is known.  An output stands
 * behind its call and every call has one; a call that a thought led to comes
 * back with that thought, and thoughts are the ones that were sent.
 */
#include "echo/check.h"

#include "json/bind.h"
#include "json/text.h"

enum { CALL_ID_MAX = 64, NAME_MAX_CHARS = 64, TOKENS_MIN = 16,
	ANSWER_DIGITS = 25, CALL_DIGITS = 2 };

struct look {			/* what is being looked at */
	struct fault	*fault;
	struct arena	*arena;
	const struct prompt *ask;
	size_t		 at;		/* index of the item */
	struct jval	 item;
};

/* All members that a request may have; any other is refused. */
static const struct field members[] = {
	{ .name = "model" }, { .name = "input" }, { .name = "instructions" },
	{ .name = "stream" }, { .name = "stream_options" },
	{ .name = "max_output_tokens" }, { .name = "max_tool_calls" },
	{ .name = "temperature" }, { .name = "top_p" },
	{ .name = "top_logprobs" }, { .name = "tools" },
	{ .name = "tool_choice" }, { .name = "parallel_tool_calls" },
	{ .name = "text" }, { .name = "reasoning" }, { .name = "include" },
	{ .name = "store" }, { .name = "previous_response_id" },
	{ .name = "conversation" }, { .name = "background" },
	{ .name = "prompt" }, { .name = "truncation" },
	{ .name = "context_management" }, { .name = "metadata" },
	{ .name = "user" }, { .name = "safety_identifier" },
	{ .name = "prompt_cache_key" }, { .name = "prompt_cache_options" },
	{ .name = "prompt_cache_retention" }, { .name = "service_tier" },
	{ .name = "client_metadata" }, { .name = "access_programs" },
	{ .name = "moderation" }, { .name = "image" },
	{ .name = NULL }
};

static bool	refuse(struct look *, struct slice param, const char *code,
		    const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Always false. */
static bool
refuse(struct look *l, struct slice param, const char *code,
    const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	check_tell(l->fault, l->arena, fmt, args);
	va_end(args);
	l->fault->param = param;
	l->fault->code = slice_of(code);
	return false;
}

/* The place of the item's member. */
static struct slice
place(struct look *l, const char *member)
{
	return arena_fmt(l->arena, "input[%zu]%s%s", l->at,
	    *member ? "." : "", member);
}

static bool
miss(struct look *l, const char *member)
{
	struct slice path = place(l, member);

	return refuse(l, path, "missing_required_parameter",
	    "Missing required parameter: '%.*s'.", SLICE_FMT(path));
}

/* ---- messages ---- */

static const struct {
	const char	*type;
	bool		 assistant;	/* stands in whose messages? */
	const char	*member;	/* that must be there; NULL: any */
} parts[] = {
	{ "input_text", false, "text" }, { "input_image", false, NULL },
	{ "input_file", false, NULL }, { "input_audio", false, NULL },
	{ "output_text", true, "text" }, { "refusal", true, "refusal" },
};

static bool
check_part(struct look *l, struct jval part, size_t k, bool assistant)
{
	struct slice type = jval_get_text(part, "type");
	struct slice path = place(l, "content");

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (!slice_is(type, parts[i].type) ||
		    parts[i].assistant != assistant)
			continue;
		if (!parts[i].member || jval_is(jval_get(part,
		    parts[i].member), JSON_STRING))
			return true;
		path = arena_fmt(l->arena, "%.*s[%zu].%s", SLICE_FMT(path), k,
		    parts[i].member);
		return refuse(l, path, "missing_required_parameter",
		    "Missing required parameter: '%.*s'.", SLICE_FMT(path));
	}
	return refuse(l, arena_fmt(l->arena, "%.*s[%zu]", SLICE_FMT(path), k),
	    "invalid_value", "Invalid value: '%.*s'. Supported values are: %s",
	    SLICE_FMT(type), assistant ? "'output_text' and 'refusal'."
	    : "'input_text', 'input_image', 'input_audio', and 'input_file'.");
}

static bool
check_content(struct look *l, struct jval content, bool assistant)
{
	size_t k = 0;

	if (jval_is(content, JSON_STRING))
		return true;
	if (!jval_is(content, JSON_ARRAY))
		return miss(l, "content");
	for (struct jval p = jval_first(content); !jval_at_end(p);
	    p = jval_next(p), k++)
		if (!check_part(l, p, k, assistant))
			return false;
	return true;
}

static bool
check_message(struct look *l)
{
	static const char *const roles[] = {
		"user", "system", "developer", "assistant",
	};
	struct jval role = jval_get(l->item, "role");

	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
		if (jval_text_is(role, roles[i]))
			return check_content(l, jval_get(l->item, "content"),
			    i == 3);
	return refuse(l, place(l, "role"), "invalid_value", "Invalid value: "
	    "'%.*s'. Supported values are: 'assistant', 'system', "
	    "'developer', and 'user'.", SLICE_FMT(jval_text(role)));
}

/* ---- calls and what they gave ---- */

/* Is there an item with this member, before or behind this one? */
static bool
stands(struct look *l, bool before, const char *type, const char *member,
    struct slice value)
{
	size_t at = 0;

	for (struct jval i = jval_first(l->ask->input); !jval_at_end(i);
	    i = jval_next(i), at++)
		if (at != l->at && (at < l->at) == before &&
		    jval_text_is(jval_get(i, "type"), type) &&
		    slice_eq(jval_get_text(i, member), value))
			return true;
	return false;
}

static bool
check_call_id(struct look *l)
{
	struct slice id = jval_get_text(l->item, "call_id");

	if (!id.len)
		return miss(l, "call_id");
	if (id.len <= CALL_ID_MAX)
		return true;
	return refuse(l, place(l, "call_id"), "string_above_max_length",
	    "Invalid 'input[%zu].call_id': string too long. Expected a string "
	    "with maximum length %d, but got a string with length %zu "
	    "instead.", l->at, CALL_ID_MAX, id.len);
}

/* An item that has an id has one of its kind. */
static bool
check_id(struct look *l, const char *prefix)
{
	struct slice id = jval_get_text(l->item, "id");

	if (!id.len || slice_starts(id, slice_of(prefix)))
		return true;
	return refuse(l, place(l, "id"), "invalid_value", "Invalid 'input"
	    "[%zu].id': '%.*s'. Expected an ID that begins with '%s'.", l->at,
	    SLICE_FMT(id), prefix);
}

/* The thought that led to this call, if it was one of ours that had one. */
static bool
check_thought_of(struct look *l, const char *prefix)
{
	struct slice id = jval_get_text(l->item, "id");
	struct slice answer = slice_sub(slice_skip(id, slice_of(prefix).len),
	    0, ANSWER_DIGITS);
	struct slice thought;

	/* ids of others are longer */
	if (id.len != slice_of(prefix).len + ANSWER_DIGITS + CALL_DIGITS ||
	    answer.ptr[0] != '1')
		return true;
	thought = arena_fmt(l->arena, "rs_%.*s00", SLICE_FMT(answer));
	if (stands(l, true, "reasoning", "id", thought))
		return true;
	return refuse(l, SLICE("input"), "", "Item '%.*s' of type '%.*s' was "
	    "provided without its required 'reasoning' item: '%.*s'.",
	    SLICE_FMT(id), SLICE_FMT(jval_get_text(l->item, "type")),
	    SLICE_FMT(thought));
}

static bool
check_call(struct look *l, bool custom)
{
	const char *prefix = custom ? "ctc" : "fc";
	const char *body = custom ? "input" : "arguments";
	struct slice id = jval_get_text(l->item, "call_id");

	if (!check_call_id(l) || !check_id(l, prefix) ||
	    !check_thought_of(l, custom ? "ctc_" : "fc_"))
		return false;
	if (!jval_get_text(l->item, "name").len)
		return miss(l, "name");
	if (!jval_is(jval_get(l->item, body), JSON_STRING))
		return miss(l, body);
	if (stands(l, false, custom ? "custom_tool_call_output"
	    : "function_call_output", "call_id", id))
		return true;
	return refuse(l, SLICE("input"), "", "No tool output found for "
	    "%s call %.*s.", custom ? "custom tool" : "function",
	    SLICE_FMT(id));
}

static bool
check_function_call(struct look *l)
{
	return check_call(l, false);
}

static bool
check_custom_call(struct look *l)
{
	return check_call(l, true);
}

static bool
check_result(struct look *l, bool custom)
{
	struct jval output = jval_get(l->item, "output");
	struct slice id = jval_get_text(l->item, "call_id");

	if (!check_call_id(l))
		return false;
	if (!jval_is(output, JSON_STRING) && !jval_is(output, JSON_ARRAY))
		return miss(l, "output");
	if (!stands(l, true, custom ? "custom_tool_call" : "function_call",
	    "call_id", id))
		return refuse(l, SLICE("input"), "", "No tool call found for "
		    "%s call output with call_id %.*s.", custom
		    ? "custom tool" : "function", SLICE_FMT(id));
	return jval_is(output, JSON_STRING) ||
	    check_content(l, output, false);
}

static bool
check_function_result(struct look *l)
{
	return check_result(l, false);
}

static bool
check_custom_result(struct look *l)
{
	return check_result(l, true);
}

/* ---- thoughts ---- */

static bool
check_reasoning(struct look *l)
{
	struct slice seal = jval_get_text(l->item, "encrypted_content");
	struct slice id = jval_get_text(l->item, "id");

	if (!check_id(l, "rs"))
		return false;
	if (!jval_is(jval_get(l->item, "summary"), JSON_ARRAY))
		return miss(l, "summary");
	if (seal.len && !speech_sealed(l->arena, text_unescape(l->arena, seal)))
		return refuse(l, (struct slice){ 0 },
		    "invalid_encrypted_content", "The encrypted content for "
		    "item %.*s could not be verified. Reason: Encrypted "
		    "content could not be decrypted or parsed.",
		    SLICE_FMT(id));
	if (!seal.len && jval_is(jval_get(l->ask->root, "store"), JSON_FALSE))
		return refuse(l, SLICE("input"), "", "Item with id '%.*s' not "
		    "found. Items are not persisted when `store` is set to "
		    "false. Try again with `store` set to true, or remove "
		    "this item from your input.", SLICE_FMT(id));
	if (!jval_at_end(jval_next(l->item)))
		return true;
	return refuse(l, SLICE("input"), "", "Item '%.*s' of type 'reasoning' "
	    "was provided without its required following item.",
	    SLICE_FMT(id));
}

/* ---- items ---- */

static const struct {
	const char	*type;
	bool		(*check)(struct look *);	/* NULL: none */
} items[] = {
	{ "message", check_message },
	{ "function_call", check_function_call },
	{ "function_call_output", check_function_result },
	{ "custom_tool_call", check_custom_call },
	{ "custom_tool_call_output", check_custom_result },
	{ "reasoning", check_reasoning },
	{ "additional_tools", NULL }, { "apply_patch_call", NULL },
	{ "apply_patch_call_output", NULL },
	{ "code_interpreter_call", NULL }, { "compaction", NULL },
	{ "compaction_trigger", NULL }, { "computer_call", NULL },
	{ "computer_call_output", NULL }, { "configuration_update", NULL },
	{ "file_search_call", NULL }, { "image_generation_call", NULL },
	{ "local_shell_call", NULL }, { "local_shell_call_output", NULL },
	{ "mcp_approval_request", NULL }, { "mcp_approval_response", NULL },
	{ "mcp_call", NULL }, { "mcp_list_tools", NULL },
	{ "shell_call", NULL }, { "shell_call_output", NULL },
	{ "tool_search_call", NULL }, { "tool_search_output", NULL },
	{ "web_search_call", NULL },
};

static bool
check_item(struct look *l)
{
	struct slice type = jval_get_text(l->item, "type");

	if (!type.len && jval_ok(jval_get(l->item, "role")))
		return check_message(l);
	for (size_t i = 0; i < sizeof items / sizeof *items; i++)
		if (slice_is(type, items[i].type))
			return !items[i].check || items[i].check(l);
	return refuse(l, place(l, ""), "invalid_value", "Invalid value: "
	    "'%.*s'. It is no type of an input item.", SLICE_FMT(type));
}

/* ---- tools ---- */

static bool
check_tool(struct look *l, struct jval tool, struct slice path)
{
	struct slice type = jval_get_text(tool, "type");
	struct slice name = jval_get_text(tool, "name");

	if (!type.len)
		return refuse(l, path, "missing_required_parameter",
		    "Missing required parameter: '%.*s.type'.",
		    SLICE_FMT(path));
	if (!slice_is(type, "function") && !slice_is(type, "custom"))
		return true;	/* a group, or one that the provider runs */
	path = arena_fmt(l->arena, "%.*s.name", SLICE_FMT(path));
	if (!name.len)
		return refuse(l, path, "missing_required_parameter",
		    "Missing required parameter: '%.*s'.", SLICE_FMT(path));
	if (check_name(name, NAME_MAX_CHARS))
		return true;
	return refuse(l, path, "invalid_value", "Invalid '%.*s': string does "
	    "not match pattern. Expected a string that matches the pattern "
	    "'^[a-zA-Z0-9_-]+$'.", SLICE_FMT(path));
}

static bool
check_tools(struct look *l, struct jval tools)
{
	size_t i = 0;

	for (struct jval t = jval_first(tools); !jval_at_end(t);
	    t = jval_next(t), i++)
		if (!check_tool(l, t, arena_fmt(l->arena, "tools[%zu]", i)))
			return false;
	return true;
}

/* ---- the rest ---- */

static bool
check_members(struct look *l)
{
	struct jval root = l->ask->root;
	struct jval extra = json_unknown(root, members, (struct jval){ 0 });
	struct jval max = jval_get(root, "max_output_tokens");
	struct jval format = jval_get2(root, "text", "format");
	uint64_t n;

	if (!l->ask->name.len)
		return refuse(l, SLICE("model"), "missing_required_parameter",
		    "Missing required parameter: 'model'.");
	if (!jval_at_end(extra))
		return refuse(l, jval_text(extra), "unknown_parameter",
		    "Unknown parameter: '%.*s'.", SLICE_FMT(jval_text(extra)));
	if (jval_ok(max) && (!jval_u64(max, &n) || n < TOKENS_MIN))
		return refuse(l, SLICE("max_output_tokens"),
		    "integer_below_min_value", "Invalid 'max_output_tokens': "
		    "integer below minimum value. Expected a value >= %d, but "
		    "got %.*s instead.", TOKENS_MIN,
		    SLICE_FMT(jval_raw(max)));
	if (jval_text_is(jval_get(format, "type"), "json_schema") &&
	    !jval_get_text(format, "name").len)
		return refuse(l, SLICE("text.format.name"),
		    "missing_required_parameter",
		    "Missing required parameter: 'text.format.name'.");
	return true;
}

bool
check_responses(const struct prompt *a, struct fault *fault,
    struct arena *arena)
{
	struct look l = { .fault = fault, .arena = arena, .ask = a };

	if (!check_members(&l))
		return false;
	if (jval_is(a->input, JSON_ARRAY)) {
		for (l.item = jval_first(a->input); !jval_at_end(l.item);
		    l.item = jval_next(l.item), l.at++)
			if (!check_item(&l))
				return false;
	} else if (!jval_is(a->input, JSON_STRING)) {
		return refuse(&l, SLICE("input"), "missing_required_parameter",
		    "Missing required parameter: 'input'.");
	}
	return check_tools(&l, jval_get(a->root, "tools"));
}
