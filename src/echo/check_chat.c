/*
 * Chat: every tool call of an assistant's message is answered by the tool
 * messages right behind it, and tool messages stand nowhere else.
 */
#include "echo/check.h"

enum { ID_MAX = 40, NAME_MAX_CHARS = 64 };

struct look {			/* what is being looked at */
	struct fault	*fault;
	struct arena	*arena;
	size_t		 at;		/* index of the message */
	struct jval	 calls;		/* of the last assistant message */
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

/* ---- messages ---- */

static bool
check_call(struct look *l, struct jval call, size_t i)
{
	struct slice id = jval_get_text(call, "id");
	struct jval custom = jval_get(call, "custom");
	struct jval of = jval_ok(custom) ? custom : jval_get(call, "function");
	const char *body = jval_ok(custom) ? "input" : "arguments";
	struct slice path = arena_fmt(l->arena,
	    "messages[%zu].tool_calls[%zu]", l->at, i);

	if (id.len > ID_MAX)
		return refuse(l, arena_fmt(l->arena, "%.*s.id",
		    SLICE_FMT(path)), "string_above_max_length",
		    "Invalid '%.*s.id': string too long. Expected a string "
		    "with maximum length %d, but got a string with length %zu "
		    "instead.", SLICE_FMT(path), ID_MAX, id.len);
	if (!id.len || !jval_get_text(of, "name").len ||
	    !jval_is(jval_get(of, body), JSON_STRING))
		return refuse(l, path, "missing_required_parameter",
		    "Missing required parameter: '%.*s.%s'.", SLICE_FMT(path),
		    !id.len ? "id" : !jval_get_text(of, "name").len
		    ? "function.name" : "function.arguments");
	return true;
}

/* Is there a call among `calls` with this id? */
static bool
called(struct jval calls, struct slice id)
{
	for (struct jval c = jval_first(calls); !jval_at_end(c);
	    c = jval_next(c))
		if (slice_eq(jval_get_text(c, "id"), id))
			return true;
	return false;
}

static bool
check_tool_message(struct look *l, struct jval message)
{
	struct slice id = jval_get_text(message, "tool_call_id");
	struct slice path = arena_fmt(l->arena, "messages[%zu]", l->at);

	if (!jval_is(l->calls, JSON_ARRAY))
		return refuse(l, arena_fmt(l->arena, "messages.[%zu].role",
		    l->at), "", "Invalid parameter: messages with role 'tool' "
		    "must be a response to a preceeding message with "
		    "'tool_calls'.");
	if (!id.len)
		return refuse(l, path, "missing_required_parameter",
		    "Missing required parameter: '%.*s.tool_call_id'.",
		    SLICE_FMT(path));
	if (!called(l->calls, id))
		return refuse(l, path, "", "Invalid parameter: 'tool_call_id' "
		    "of '%.*s' not found in 'tool_calls' of previous message.",
		    SLICE_FMT(id));
	return true;
}

/* The tool messages from `at` on answer all of the calls. */
static bool
check_answered(struct look *l, struct jval at)
{
	for (struct jval c = jval_first(l->calls); !jval_at_end(c);
	    c = jval_next(c)) {
		struct slice id = jval_get_text(c, "id");
		bool found = false;

		for (struct jval m = at; !jval_at_end(m) && !found &&
		    jval_text_is(jval_get(m, "role"), "tool");
		    m = jval_next(m))
			found = slice_eq(jval_get_text(m, "tool_call_id"), id);
		if (!found)
			return refuse(l, arena_fmt(l->arena,
			    "messages.[%zu].role", l->at + 1), "",
			    "An assistant message with 'tool_calls' must be "
			    "followed by tool messages responding to each "
			    "'tool_call_id'. The following tool_call_ids did "
			    "not have response messages: %.*s", SLICE_FMT(id));
	}
	return true;
}

static bool
check_assistant(struct look *l, struct jval message)
{
	struct jval calls = jval_get(message, "tool_calls");
	size_t i = 0;

	if (!jval_is(calls, JSON_ARRAY)) {
		if (jval_ok(jval_get(message, "content")) ||
		    jval_ok(jval_get(message, "refusal")) ||
		    jval_ok(jval_get(message, "audio")))
			return true;
		return refuse(l, arena_fmt(l->arena, "messages.[%zu].content",
		    l->at), "", "Invalid value for 'content': expected a "
		    "string, got null.");
	}
	if (!jval_count(calls))
		return refuse(l, arena_fmt(l->arena, "messages[%zu].tool_calls",
		    l->at), "empty_array", "Invalid 'messages[%zu].tool_calls'"
		    ": empty array. Expected an array with minimum length 1, "
		    "but got an empty array instead.", l->at);
	for (struct jval c = jval_first(calls); !jval_at_end(c);
	    c = jval_next(c))
		if (!check_call(l, c, i++))
			return false;
	l->calls = calls;
	return check_answered(l, jval_next(message));
}

static bool
check_message(struct look *l, struct jval m)
{
	static const char *const roles[] = {
		"system", "developer", "user", "function",
	};
	struct jval role = jval_get(m, "role");

	if (jval_text_is(role, "tool"))
		return check_tool_message(l, m);
	l->calls = (struct jval){ 0 };
	if (jval_text_is(role, "assistant"))
		return check_assistant(l, m);
	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
		if (jval_text_is(role, roles[i])) {
			if (jval_ok(jval_get(m, "content")))
				return true;
			return refuse(l, arena_fmt(l->arena,
			    "messages.[%zu].content", l->at), "",
			    "Invalid value for 'content': expected a string, "
			    "got null.");
		}
	return refuse(l, arena_fmt(l->arena, "messages[%zu].role", l->at),
	    "invalid_value", "Invalid value: '%.*s'. Supported values are: "
	    "'system', 'assistant', 'user', 'function', 'tool', and "
	    "'developer'.", SLICE_FMT(jval_text(role)));
}

/* ---- tools ---- */

static bool
check_tools(struct look *l, struct jval tools)
{
	size_t i = 0;

	for (struct jval t = jval_first(tools); !jval_at_end(t);
	    t = jval_next(t), i++) {
		struct jval custom = jval_get(t, "custom");
		struct slice name = jval_get_text(jval_ok(custom) ? custom
		    : jval_get(t, "function"), "name");
		struct slice path = arena_fmt(l->arena,
		    "tools[%zu].function.name", i);

		if (!name.len)
			return refuse(l, path, "missing_required_parameter",
			    "Missing required parameter: '%.*s'.",
			    SLICE_FMT(path));
		if (!check_name(name, NAME_MAX_CHARS))
			return refuse(l, path, "invalid_value", "Invalid '%.*s'"
			    ": string does not match pattern. Expected a "
			    "string that matches the pattern "
			    "'^[a-zA-Z0-9_-]+$'.", SLICE_FMT(path));
	}
	return true;
}

bool
check_chat(const struct prompt *a, struct fault *fault, struct arena *arena)
{
	struct jval messages = jval_get(a->root, "messages");
	struct jval tools = jval_get(a->root, "tools");
	struct look l = { .fault = fault, .arena = arena };

	if (!a->name.len)
		return refuse(&l, (struct slice){ 0 }, "",
		    "you must provide a model parameter");
	if (!jval_is(messages, JSON_ARRAY))
		return refuse(&l, SLICE("messages"),
		    "missing_required_parameter",
		    "Missing required parameter: 'messages'.");
	if (!jval_count(messages))
		return refuse(&l, SLICE("messages"), "empty_array",
		    "Invalid 'messages': empty array. Expected an array with "
		    "minimum length 1, but got an empty array instead.");
	for (struct jval m = jval_first(messages); !jval_at_end(m);
	    m = jval_next(m), l.at++)
		if (!check_message(&l, m))
			return false;
	if (!jval_is(tools, JSON_ARRAY)) {
		if (jval_ok(jval_get(a->root, "tool_choice")))
			return refuse(&l, SLICE("tool_choice"), "",
			    "Invalid value for 'tool_choice': 'tool_choice' "
			    "is only allowed when 'tools' are specified.");
		return true;
	}
	return check_tools(&l, tools);
}
