/*
 * The tools of a Messages request and the choice among them.
 */
#include "proto/messages/decode.h"

#include <stdio.h>

#include "json/text.h"

/*
 * Tools whose schema Anthropic's models know by heart and the client runs: any
 * model can use them once it is told the schema.  A row fits types that begin
 * with `prefix` and do not come after `last`.
 */
static const struct known {
	const char	*prefix;
	const char	*last;		/* NULL: any */
	const char	*schema;
} known[] = {
	{ "bash_", NULL,
	    "{\"type\":\"object\",\"properties\":{"
	    "\"command\":{\"type\":\"string\"},"
	    "\"restart\":{\"type\":\"boolean\"}}}" },
#define EDIT_FIELDS \
	    "\"path\":{\"type\":\"string\"}," \
	    "\"file_text\":{\"type\":\"string\"}," \
	    "\"old_str\":{\"type\":\"string\"}," \
	    "\"new_str\":{\"type\":\"string\"}," \
	    "\"insert_line\":{\"type\":\"integer\"}," \
	    "\"insert_text\":{\"type\":\"string\"}," \
	    "\"view_range\":{\"type\":\"array\"," \
	    "\"items\":{\"type\":\"integer\"}}"
	{ "text_editor_", "text_editor_20250124",
	    "{\"type\":\"object\",\"properties\":{"
	    "\"command\":{\"type\":\"string\",\"enum\":[\"view\","
	    "\"create\",\"str_replace\",\"insert\",\"undo_edit\"]},"
	    EDIT_FIELDS "},\"required\":[\"command\",\"path\"]}" },
	{ "text_editor_", NULL,
	    "{\"type\":\"object\",\"properties\":{"
	    "\"command\":{\"type\":\"string\",\"enum\":[\"view\","
	    "\"create\",\"str_replace\",\"insert\"]},"
	    EDIT_FIELDS "},\"required\":[\"command\",\"path\"]}" },
	{ "memory_", NULL,
	    "{\"type\":\"object\",\"properties\":{"
	    "\"command\":{\"type\":\"string\",\"enum\":[\"view\","
	    "\"create\",\"str_replace\",\"insert\",\"delete\",\"rename\"]},"
	    EDIT_FIELDS ",\"old_path\":{\"type\":\"string\"},"
	    "\"new_path\":{\"type\":\"string\"}},"
	    "\"required\":[\"command\"]}" },
};

static const struct known *
find_known(struct slice type)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (slice_starts(type, slice_of(known[i].prefix)) &&
		    (!known[i].last ||
		    slice_cmp(type, slice_of(known[i].last)) <= 0))
			return &known[i];
	return NULL;
}

static bool
refuse(struct decoder *d, size_t i, const char *what)
{
	char path[32];

	snprintf(path, sizeof path, "tools[%zu]", i);
	return fail_set(&d->talk->fail, d->arena, FAIL_INVALID, path,
	    "%s", what);
}

/* May the model itself call it, and not only code that the vendor runs? */
static bool
is_direct(struct jval tool)
{
	struct jval callers = jval_get(tool, "allowed_callers");

	if (!jval_is(callers, JSON_ARRAY))
		return true;
	for (struct jval c = jval_first(callers); !jval_at_end(c);
	    c = jval_next(c))
		if (jval_text_is(c, "direct"))
			return true;
	return false;
}

static bool
read_function(struct decoder *d, struct ir_tool *tool, struct jval v)
{
	struct jval schema = jval_get(v, "input_schema");
	struct jval strict = jval_get(v, "strict");

	if (!tool->name.len)
		return refuse(d, tool->index, "name must be a string");
	if (jval_ok(schema) && !jval_is(schema, JSON_OBJECT))
		return refuse(d, tool->index,
		    "input_schema must be an object");
	tool->schema = text_mend(d->arena, jval_raw(schema));
	if (jval_ok(strict))
		tool->strict = jval_is_true(strict) ? TRI_YES : TRI_NO;
	return true;
}

bool
messages_read_tool(struct decoder *d, struct jval v, size_t index)
{
	struct slice type = jval_get_text(v, "type");
	const struct known *row = find_known(type);
	struct ir_tool *tool;

	if (!jval_is(v, JSON_OBJECT))
		return refuse(d, index, "must be an object");
	if (!is_direct(v)) {
		loss_add(&d->talk->losses, d->arena, LOSS_DROPPED,
		    "tools[%zu]", index);
		return true;
	}
	tool = ir_tool_add(d->request, d->arena);
	if (!tool)
		return false;
	tool->index = (uint32_t)index;
	tool->name = jval_get_text(v, "name");
	tool->description = text_mend(d->arena,
	    jval_get_text(v, "description"));
	tool->cache = jval_raw(jval_get(v, "cache_control"));
	tool->raw = jval_raw(v);
	tool->self = v;
	if (!type.len || slice_is(type, "custom"))
		return read_function(d, tool, v);
	if (row && tool->name.len) {
		tool->schema = slice_of(row->schema);
		return true;
	}
	tool->kind = IR_HOSTED;
	tool->vendor = IR_ANTHROPIC;
	tool->type = type;
	return true;
}

/* Each goes through all tools; more of them are ignored. */
enum { CHANGES_MAX = 100 };

struct removal {
	struct removal	*older;
	struct slice	 name;
	uint32_t	 message;	/* that took the tool away */
	bool		 undone;
};

/* Is the tool called behind that message? */
static bool
is_called_after(const struct ir_request *request, const struct removal *r)
{
	const struct ir_turn *turn;
	const struct ir_block *b;

	for (turn = request->first; turn; turn = turn->next)
		for (b = turn->first; b; b = b->next)
			if (b->kind == IR_CALL && b->message > r->message &&
			    slice_eq(b->name, r->name))
				return true;
	return false;
}

static void
forget(struct ir_request *request, struct slice name)
{
	struct ir_tool *kept = NULL, *next;
	struct ir_tool *tool = request->tools;

	request->tools = NULL;
	request->tool_count = 0;
	for (; tool; tool = next) {
		next = tool->next;
		if (slice_eq(tool->name, name))
			continue;
		tool->next = NULL;
		if (kept)
			kept->next = tool;
		else
			request->tools = tool;
		kept = tool;
		request->tool_count++;
	}
	if (request->tools)
		request->tools->tail = kept;
}

bool
messages_remove_tool(struct decoder *d, struct slice name)
{
	struct removal *r;

	if (d->tool_changes++ >= CHANGES_MAX)
		return true;
	r = arena_alloc(d->arena, sizeof *r);
	if (!r)
		return false;
	*r = (struct removal){ d->removals, name, d->message, false };
	d->removals = r;
	return true;
}

void
messages_restore_tool(struct decoder *d, struct slice name)
{
	for (struct removal *r = d->removals; r; r = r->older)
		r->undone |= slice_eq(r->name, name);
}

bool
messages_bring_tool(struct decoder *d, struct jval tool)
{
	struct slice name = jval_get_text(tool, "name");

	messages_restore_tool(d, name);
	if (d->tool_changes++ < CHANGES_MAX)
		forget(d->request, name);
	return messages_read_tool(d, tool, d->request->tool_count);
}

void
messages_forget_tools(struct decoder *d)
{
	for (struct removal *r = d->removals; r; r = r->older)
		if (!r->undone && !is_called_after(d->request, r))
			forget(d->request, r->name);
}

bool
messages_read_tools(struct decoder *d, struct jval tools)
{
	size_t i = 0;

	if (!jval_ok(tools))
		return true;
	if (!jval_is(tools, JSON_ARRAY))
		return fail_set(&d->talk->fail, d->arena, FAIL_INVALID,
		    "tools", "must be an array");
	for (struct jval t = jval_first(tools); !jval_at_end(t);
	    t = jval_next(t))
		if (!messages_read_tool(d, t, i++))
			return false;
	return true;
}

static const struct {
	const char	*type;
	enum ir_choice	 choice;
} choices[] = {
	{ "auto", IR_CHOICE_AUTO },
	{ "any", IR_CHOICE_ANY },
	{ "tool", IR_CHOICE_ONE },
	{ "none", IR_CHOICE_NONE },
};

static enum ir_choice
find_choice(struct jval type)
{
	for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
		if (jval_text_is(type, choices[i].type))
			return choices[i].choice;
	return IR_CHOICE_UNSET;
}

bool
messages_read_choice(struct decoder *d, struct jval v)
{
	struct ir_request *request = d->request;

	if (!jval_ok(v))
		return true;
	request->choice = find_choice(jval_get(v, "type"));
	if (request->choice == IR_CHOICE_UNSET)
		return fail_set(&d->talk->fail, d->arena, FAIL_INVALID,
		    "tool_choice", "type must be auto, any, tool or none");
	request->choice_name = jval_get_text(v, "name");
	if (request->choice == IR_CHOICE_ONE && !request->choice_name.len)
		return fail_set(&d->talk->fail, d->arena, FAIL_INVALID,
		    "tool_choice", "name must name a tool");
	if (jval_is_true(jval_get(v, "disable_parallel_tool_use")))
		request->parallel = TRI_NO;
	return true;
}
