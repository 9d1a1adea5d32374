/*
 * Responses: turns are a flat list of items; tools may stand in namespaces,
 * and among the items.
 */
#include "echo/hear.h"
#include "echo/prompt_form.h"

/* ---- what was said ---- */

static bool
is_output(struct jval item)
{
	static const char *const types[] = {
		"function_call_output", "custom_tool_call_output",
	};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (jval_text_is(jval_get(item, "type"), types[i]))
			return true;
	return false;
}

void
prompt_listen_responses(struct prompt *a, struct buf *heard,
    struct buf *results)
{
	struct jval user = { 0 };

	if (!jval_is(a->input, JSON_ARRAY)) {
		hear_content(heard, a->input);
		return;
	}
	for (struct jval item = jval_first(a->input); !jval_at_end(item);
	    item = jval_next(item)) {
		a->answered = is_output(item);
		if (!a->answered)
			buf_clear(results);
		else
			hear_result(results, jval_get(item, "output"), false);
		if (jval_text_is(jval_get(item, "role"), "user"))
			user = item;
	}
	hear_content(heard, jval_get(user, "content"));
}

/* ---- tools ---- */

static void
add_tool(struct prompt *a, struct jval tool, struct slice space)
{
	struct jval type = jval_get(tool, "type");

	if (jval_text_is(type, "function") || jval_text_is(type, "custom"))
		a->tools[a->tool_count++] = (struct prompt_tool){
			.name = jval_get_text(tool, "name"),
			.space = space,
			.schema = jval_get(tool, "parameters"),
			.custom = jval_text_is(type, "custom"),
		};
}

static size_t
count_tools(struct jval tools)
{
	size_t n = 0;

	for (struct jval t = jval_first(tools); !jval_at_end(t);
	    t = jval_next(t))
		n += 1 + jval_count(jval_get(t, "tools"));
	return n;
}

static void
add_tools(struct prompt *a, struct jval tools)
{
	for (struct jval t = jval_first(tools); !jval_at_end(t);
	    t = jval_next(t)) {
		struct jval within = jval_get(t, "tools");

		add_tool(a, t, (struct slice){ 0 });
		for (struct jval c = jval_first(within); !jval_at_end(c);
		    c = jval_next(c))
			add_tool(a, c, jval_get_text(t, "name"));
	}
}

/* The tools of the request, and those that came later. */
static void
read_tools(struct prompt *a, struct arena *arena)
{
	struct jval tools = jval_get(a->root, "tools");
	bool listed = jval_is(a->input, JSON_ARRAY);
	size_t n = count_tools(tools);

	for (struct jval item = listed ? jval_first(a->input)
	    : (struct jval){ 0 }; listed && !jval_at_end(item);
	    item = jval_next(item))
		n += count_tools(jval_get(item, "tools"));
	a->tools = arena_array(arena, n + 1, sizeof *a->tools);
	if (!a->tools)
		return;
	add_tools(a, tools);
	for (struct jval item = listed ? jval_first(a->input)
	    : (struct jval){ 0 }; listed && !jval_at_end(item);
	    item = jval_next(item))
		add_tools(a, jval_get(item, "tools"));
}

static enum choice
choice_of(struct jval mode)
{
	if (jval_text_is(mode, "none"))
		return CHOICE_NONE;
	return jval_text_is(mode, "required") ? CHOICE_ANY : CHOICE_AUTO;
}

static void
read_choice(struct prompt *a)
{
	struct jval choice = jval_get(a->root, "tool_choice");
	struct jval type = jval_get(choice, "type");

	a->serial = jval_is(jval_get(a->root, "parallel_tool_calls"),
	    JSON_FALSE);
	a->choice = choice_of(choice);
	if (jval_text_is(type, "allowed_tools")) {
		a->choice = choice_of(jval_get(choice, "mode"));
		prompt_keep_tools(a, jval_get(choice, "tools"), "name");
	} else if (jval_text_is(type, "function") ||
	    jval_text_is(type, "custom")) {
		a->choice = CHOICE_ONE;
		a->chosen = jval_get_text(choice, "name");
	}
}

void
prompt_wishes_responses(struct prompt *a, struct arena *arena)
{
	struct jval reasoning = jval_get(a->root, "reasoning");
	struct jval effort = jval_get(reasoning, "effort");

	read_tools(a, arena);
	read_choice(a);
	if (!jval_u64(jval_get(a->root, "max_output_tokens"), &a->max_tokens))
		a->max_tokens = 0;
	a->summary = jval_ok(jval_get(reasoning, "summary")) ||
	    jval_ok(jval_get(reasoning, "generate_summary"));
	a->reason = (a->summary || jval_ok(effort)) &&
	    !jval_text_is(effort, "none");
}
