#include "proto/responses/call.h"

#include "proto/names.h"

static const struct call_type {
	const char	*type;
	const char	*args;		/* a string, or an object */
	const char	*name;		/* NULL: it says so itself */
	bool		 custom;
} call_types[] = {
	{ "function_call", "arguments", NULL, false },
	{ "custom_tool_call", "input", NULL, true },
	{ "tool_search_call", "arguments", "tool_search", false },
	{ "local_shell_call", "action", "local_shell", false },
	{ "shell_call", "action", "shell", false },
	{ "apply_patch_call", "operation", "apply_patch", false },
};

/* xAI tells of the tools that it runs as if they were the client's. */
static bool
runs_itself(const struct talk *talk, struct jval item)
{
	const struct ir_tool *tool;

	if (talk->quirks.dialect != DIALECT_XAI || !talk->request ||
	    !jval_text_is(jval_get(item, "type"), "custom_tool_call"))
		return false;
	tool = name_tool(talk->request, name_restore(talk->request,
	    jval_get_text(item, "name")));
	return !tool || tool->kind != IR_CUSTOM;
}

const struct call_type *
call_type_of(const struct talk *talk, struct jval item)
{
	struct jval type = jval_get(item, "type");

	if (runs_itself(talk, item))
		return NULL;
	if (jval_text_is(jval_get(item, "execution"), "server"))
		return NULL;	/* the provider runs it */
	for (size_t i = 0; i < sizeof call_types / sizeof *call_types; i++)
		if (jval_text_is(type, call_types[i].type))
			return &call_types[i];
	return NULL;
}

/* The client's name of the tool; some have a space of names around it. */
static struct slice
call_name(struct intake *t, struct jval item, const struct call_type *type)
{
	struct arena *arena = t->talk->arena;
	struct slice name = type->name ? slice_of(type->name) :
	    jval_get_text(item, "name");
	struct slice space = jval_get_text(item, "namespace");

	if (space.len && name.len) {
		space = arena_join(arena, (const struct slice[]){
		    space, SLICE("__") }, 2);
		if (!slice_starts(name, space))
			name = arena_join(arena, (const struct slice[]){
			    space, name }, 2);
	}
	return arena_dup(arena, name_restore(t->talk->request, name));
}

void
call_begin(struct intake *t, uint64_t index, struct jval item,
    const struct call_type *type)
{
	struct part *part = parts_at(&t->parts, index, IR_CALL, 0);
	const struct ir_tool *tool;

	if (!part || part->named)
		return;
	part->name = call_name(t, item, type);
	if (!part->name.len)
		return;
	part->named = true;
	part->id = jval_get_text(item, "call_id");
	if (!part->id.len)
		part->id = jval_get_text(item, "id");
	tool = name_tool(t->talk->request, part->name);
	part->custom = type->custom || (tool && tool->kind == IR_CUSTOM);
	if (part->custom && !type->custom)
		part->unwrap = "input";
	parts_enter(&t->parts, part);
}

void
call_end(struct intake *t, uint64_t index, struct jval item,
    const struct call_type *type)
{
	struct part *part = parts_at(&t->parts, index, IR_CALL, 0);
	struct jval args = jval_get(item, type->args);
	struct slice text = jval_text(args);

	call_begin(t, index, item, type);
	if (!part)
		return;
	if (jval_ok(args) && !jval_is(args, JSON_STRING))
		text = gather_escaped_json(t->talk->scratch, text_mend(
		    t->talk->scratch, jval_raw(args)));
	if (!part->said)
		parts_say(&t->parts, part, text);
	parts_done(&t->parts, part);
}
