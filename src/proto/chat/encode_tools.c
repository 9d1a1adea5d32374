/*
 * Tools, the choice among them, and the arguments of calls.
 */
#include "proto/chat/encode.h"
#include "proto/names.h"
#include "proto/schema.h"

/* Tools that act on a screen: an answer without them would be an invention. */
static const char *const never_dropped[] = {
	"computer_", "browser_toolset_",
};

/* What a free-form tool takes where every tool takes an object. */
static const char free_form[] = "{\"type\":\"object\",\"properties\":"
    "{\"input\":{\"type\":\"string\"}},\"required\":[\"input\"]}";

static const char no_arguments[] = "{\"type\":\"object\",\"properties\":{}}";

static bool
is_usable(const struct ir_tool *tool)
{
	return tool->kind != IR_HOSTED;
}

bool
chat_has_functions(const struct encoder *e)
{
	const struct ir_tool *tool;

	for (tool = e->request->tools; tool; tool = tool->next)
		if (is_usable(tool))
			return true;
	return false;
}

bool
chat_is_forced(const struct encoder *e)
{
	return e->quirks->forced_choice && chat_has_functions(e) &&
	    (e->request->choice == IR_CHOICE_ANY ||
	    e->request->choice == IR_CHOICE_ONE ||
	    e->request->choice == IR_CHOICE_ALLOWED_ANY);
}

/* ---- tools ---- */

static bool
refuse_tool(struct encoder *e, const struct ir_tool *tool)
{
	struct slice model = e->talk->client_model.len ?
	    e->talk->client_model : e->talk->model;

	return fail_set(&e->talk->fail, e->arena, FAIL_UNSUPPORTED, NULL,
	    "The tool type %.*s is not supported for model %.*s.",
	    SLICE_FMT(tool->type), SLICE_FMT(model));
}

/* A vendor's own tool: let it go if the request makes sense without it. */
static bool
drop_tool(struct encoder *e, const struct ir_tool *tool, bool others)
{
	size_t n = sizeof never_dropped / sizeof *never_dropped;

	for (size_t i = 0; i < n; i++)
		if (slice_starts(tool->type, slice_of(never_dropped[i])))
			return refuse_tool(e, tool);
	if (!others ||
	    (e->request->choice == IR_CHOICE_ONE &&
	    slice_eq(e->request->choice_name, tool->name)))
		return refuse_tool(e, tool);
	loss_add(&e->talk->losses, e->arena, LOSS_DROPPED, "tools[%u]",
	    (unsigned)tool->index);
	return true;
}

static bool
is_strict(struct encoder *e, const struct ir_tool *tool)
{
	struct json doc;
	struct json_fault fault;

	return tool->strict == TRI_YES && e->quirks->strict_ok &&
	    tool->schema.len &&
	    json_parse(&doc, e->arena, tool->schema, 0, &fault) &&
	    schema_is_strict(json_root(&doc));
}

static void
put_tool(struct encoder *e, struct ir_tool *tool)
{
	struct slice schema = tool->schema;
	struct slice name = name_tool_chat(e->arena, e->quirks, tool->name);

	tool->sent_name = slice_eq(name, tool->name) ?
	    (struct slice){ 0 } : name;
	if (tool->kind == IR_CUSTOM)
		schema = slice_of(free_form);
	else if (!schema.len)
		schema = slice_of(no_arguments);
	write_object(&e->w);
	write_member_plain(&e->w, "type", "function");
	write_key(&e->w, "function");
	write_object(&e->w);
	write_member_text(&e->w, "name", name);
	if (tool->description.len)
		write_member_text(&e->w, "description", tool->description);
	write_key(&e->w, "parameters");
	write_min(&e->w, schema);
	if (is_strict(e, tool))
		write_member_bool(&e->w, "strict", true);
	write_end(&e->w);
	write_end(&e->w);
}

/* ---- the choice ---- */

static void
put_choice_one(struct encoder *e)
{
	write_key(&e->w, "tool_choice");
	write_object(&e->w);
	write_member_plain(&e->w, "type", "function");
	write_key(&e->w, "function");
	write_object(&e->w);
	write_member_text(&e->w, "name", name_tool_chat(e->arena, e->quirks,
	    e->request->choice_name));
	write_end(&e->w);
	write_end(&e->w);
}

static const char *const choice_words[] = {	/* ORDER ir_choice */
	[IR_CHOICE_UNSET] = NULL,
	[IR_CHOICE_AUTO] = "auto",
	[IR_CHOICE_NONE] = "none",
	[IR_CHOICE_ANY] = "required",
	[IR_CHOICE_ONE] = "required",
	[IR_CHOICE_ALLOWED_AUTO] = "auto",
	[IR_CHOICE_ALLOWED_ANY] = "required",
};

static void
put_choice(struct encoder *e)
{
	const char *word = choice_words[e->request->choice];

	if (!word)
		return;
	if (word[0] == 'r' && !e->quirks->forced_choice) {
		loss_add(&e->talk->losses, e->arena, LOSS_ADJUSTED,
		    "tool_choice");
		word = "auto";
	}
	if (word[0] == 'r' && e->request->choice == IR_CHOICE_ONE)
		put_choice_one(e);
	else
		write_member_plain(&e->w, "tool_choice", word);
}

static void
put_parallel(struct encoder *e)
{
	if (e->request->parallel != TRI_NO)
		return;
	if (e->quirks->parallel_param)
		write_member_bool(&e->w, "parallel_tool_calls", false);
	else
		loss_add(&e->talk->losses, e->arena, LOSS_DROPPED,
		    "parallel_tool_calls");
}

bool
chat_write_tools(struct encoder *e)
{
	struct ir_tool *tool;
	bool any = chat_has_functions(e);

	if (any) {
		write_key(&e->w, "tools");
		write_array(&e->w);
	}
	for (tool = e->request->tools; tool; tool = tool->next) {
		if (is_usable(tool))
			put_tool(e, tool);
		else if (!drop_tool(e, tool, any))
			return false;
	}
	if (!any)
		return true;
	write_end(&e->w);
	put_choice(e);
	put_parallel(e);
	return true;
}

/* ---- arguments ---- */

/* How many bytes at the front of `json` go into the string as they are? */
static size_t
run(struct slice json, bool in_string)
{
	size_t n = 0;

	for (; n < json.len; n++) {
		char c = json.ptr[n];

		if (c == '"' || c == '\\')
			break;
		if (!in_string && (c == ' ' || c == '\t' || c == '\n' ||
		    c == '\r'))
			break;
	}
	return n;
}

void
chat_write_arguments(struct writer *w, struct slice json)
{
	bool in_string = false;

	write_text_begin(w);
	while (json.len) {
		size_t n = run(json, in_string);

		if (n) {
			write_text_piece(w, slice_sub(json, 0, n));
		} else if (*json.ptr == '"') {
			in_string = !in_string;
			write_text_piece(w, SLICE("\\\""));
			n = 1;
		} else if (*json.ptr == '\\' && json.len > 1) {
			/* an escape: its own backslash, then what it escapes */
			write_text_piece(w, SLICE("\\\\"));
			if (json.ptr[1] == '"' || json.ptr[1] == '\\')
				write_text_piece(w, SLICE("\\"));
			write_text_piece(w, slice_sub(json, 1, 1));
			n = 2;
		} else {
			n = 1;		/* white space */
		}
		json = slice_skip(json, n);
	}
	write_text_end(w);
}
