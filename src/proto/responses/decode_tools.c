/*
 * The tools of a Responses request and the choice among them.
 *
 * Tools come at the top level and in items; those of a namespace are called by
 * both names together, which is undone when they are called.  A tool that is
 * declared twice is the one that was first.
 */
#include <stdio.h>

#include "json/text.h"
#include "proto/names.h"
#include "proto/responses/decode.h"

enum { PATH_LEN = 64, TOOLS_MAX = 4096 };

/* Where the tool stands that is being read. */
struct place {
	struct decoder	*d;
	bool		 late;		/* in an item */
	unsigned	 i;
	struct slice	 space;
};

static bool
bad_tool(const struct place *p, enum fail_kind kind, const char *code,
    const char *member, const char *what)
{
	char path[PATH_LEN];

	if (p->late)
		snprintf(path, sizeof path, "input[%u].tools[%u].%s",
		    p->d->item, p->i, member);
	else
		snprintf(path, sizeof path, "tools[%u].%s", p->i, member);
	return responses_refuse(p->d, kind, code, path, "%s", what);
}

static void
lose_tool(const struct place *p)
{
	if (p->late)
		loss_add(&p->d->talk->losses, p->d->arena, LOSS_DROPPED,
		    "input[%u].tools[%u]", p->d->item, p->i);
	else
		loss_add(&p->d->talk->losses, p->d->arena, LOSS_DROPPED,
		    "tools[%u]", p->i);
}

struct slice
responses_full_name(struct decoder *d, struct slice space, struct slice name)
{
	struct slice both;

	if (!space.len)
		return name;
	both = arena_join(d->arena, (struct slice[]){ space, SLICE("__") }, 2);
	if (slice_starts(name, both))
		return name;
	return arena_join(d->arena, (struct slice[]){ both, name }, 2);
}

/* ---- one tool ---- */

/* A tool of that name, or NULL: it is there already, or there is no memory. */
static struct ir_tool *
add(const struct place *p, struct jval v, struct slice name)
{
	struct decoder *d = p->d;
	struct slice full;
	struct ir_tool *tool;

	name = text_mend(d->arena, name);
	full = responses_full_name(d, p->space, name);
	if (name_tool(d->request, full))
		return NULL;
	tool = ir_tool_add(d->request, d->arena);
	if (!tool)
		return NULL;
	tool->index = p->i;
	tool->name = full;
	tool->self = v;
	tool->raw = jval_raw(v);
	tool->description = text_mend(d->arena,
	    jval_get_text(v, "description"));
	if (p->space.len) {
		tool->space = p->space;
		tool->local = name;
	}
	return tool;
}

static bool
set_schema(const struct place *p, struct ir_tool *tool, struct jval schema)
{
	if (!jval_ok(schema)) {
		tool->schema = SLICE("{\"type\":\"object\","
		    "\"properties\":{}}");
		return true;
	}
	if (!jval_is(schema, JSON_OBJECT))
		return bad_tool(p, FAIL_INVALID, "invalid_type", "parameters",
		    "A tool's parameters must be an object.");
	tool->schema = text_mend(p->d->arena, jval_raw(schema));
	tool->parsed = tool->schema.ptr == jval_raw(schema).ptr ? schema :
	    (struct jval){ 0 };
	return true;
}

static bool
read_function(const struct place *p, struct jval v)
{
	struct jval nested = jval_get(v, "function");
	struct jval from = jval_is(nested, JSON_OBJECT) ? nested : v;
	struct slice name = jval_get_text(from, "name");
	struct ir_tool *tool;

	if (!name.len)
		return bad_tool(p, FAIL_INVALID, "missing_required_parameter",
		    "name", "A tool must have a name.");
	tool = add(p, v, name);
	if (!tool)
		return !p->d->arena->failed;
	tool->description = text_mend(p->d->arena,
	    jval_get_text(from, "description"));
	if (jval_ok(jval_get(from, "strict")))
		tool->strict = jval_is_true(jval_get(from, "strict")) ?
		    TRI_YES : TRI_NO;
	return set_schema(p, tool, jval_get(from, "parameters"));
}

static bool
read_custom(const struct place *p, struct jval v)
{
	struct slice name = jval_get_text(v, "name");
	struct ir_tool *tool;

	if (!name.len)
		return bad_tool(p, FAIL_INVALID, "missing_required_parameter",
		    "name", "A tool must have a name.");
	tool = add(p, v, name);
	if (!tool)
		return !p->d->arena->failed;
	tool->kind = IR_CUSTOM;
	tool->format = jval_raw(jval_get(v, "format"));
	return true;
}

/*
 * Tools whose schema OpenAI's models know by heart and the client runs: any
 * model can use them once it is told the schema.
 */
static const struct known {
	const char	*type;
	enum ir_tool_form form;
	const char	*says, *schema;
} known[] = {
	{ "tool_search", IR_FORM_TOOL_SEARCH, "Find tools by what they do.",
	    "{\"type\":\"object\",\"properties\":{\"query\":{\"type\":"
	    "\"string\"}},\"required\":[\"query\"]}" },
	{ "local_shell", IR_FORM_LOCAL_SHELL, "Run a program.",
	    "{\"type\":\"object\",\"properties\":{\"command\":{\"type\":"
	    "\"array\",\"items\":{\"type\":\"string\"}},\"workdir\":{"
	    "\"type\":\"string\"},\"timeout_ms\":{\"type\":\"integer\"}},"
	    "\"required\":[\"command\"]}" },
	{ "shell", IR_FORM_SHELL, "Run commands in a shell.",
	    "{\"type\":\"object\",\"properties\":{\"commands\":{\"type\":"
	    "\"array\",\"items\":{\"type\":\"string\"}},\"timeout_ms\":{"
	    "\"type\":\"integer\"},\"max_output_length\":{\"type\":"
	    "\"integer\"}},\"required\":[\"commands\"]}" },
	{ "apply_patch", IR_FORM_APPLY_PATCH, "Create, update or delete a "
	    "file; diff is in the V4A format.",
	    "{\"type\":\"object\",\"properties\":{\"type\":{\"type\":"
	    "\"string\",\"enum\":[\"create_file\",\"update_file\","
	    "\"delete_file\"]},\"path\":{\"type\":\"string\"},\"diff\":{"
	    "\"type\":\"string\"}},\"required\":[\"type\",\"path\"]}" },
};

static const struct known *
find_known(struct jval type)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (jval_text_is(type, known[i].type))
			return &known[i];
	return NULL;
}

static bool
read_known(const struct place *p, struct jval v)
{
	const struct known *k = find_known(jval_get(v, "type"));
	struct jval schema = jval_get(v, "parameters");
	struct ir_tool *tool;

	tool = add(p, v, slice_of(k->type));
	if (!tool)
		return !p->d->arena->failed;
	tool->form = k->form;
	if (!tool->description.len)
		tool->description = slice_of(k->says);
	if (jval_is(schema, JSON_OBJECT))
		return set_schema(p, tool, schema);
	tool->schema = slice_of(k->schema);
	return true;
}

/* Run by OpenAI: others have the like of some, and lose the rest. */
static bool
read_hosted(const struct place *p, struct jval v)
{
	struct slice type = jval_get_text(v, "type");
	struct ir_tool *tool;

	if (slice_starts(type, SLICE("web_search")))
		type = SLICE("web_search");
	tool = add(p, v, type);
	if (!tool)
		return !p->d->arena->failed;
	tool->kind = IR_HOSTED;
	tool->vendor = IR_OPENAI;
	tool->type = type;
	return true;
}

/* Without it the answer would be the same, or nearly. */
static bool
drop(const struct place *p, struct jval v)
{
	if (p->d->kin)
		return read_hosted(p, v);
	lose_tool(p);
	return true;
}

static bool
read_search(const struct place *p, struct jval v)
{
	if (!jval_text_is(jval_get(v, "execution"), "client"))
		return drop(p, v);
	return read_known(p, v);
}

/* Somebody counts on it. */
static bool
refuse(const struct place *p, struct jval v)
{
	char text[PATH_LEN + 64];

	if (p->d->kin)
		return read_hosted(p, v);
	snprintf(text, sizeof text, "Tool type '%.*s' is not supported by "
	    "this gateway.", SLICE_FMT(slice_sub(jval_get_text(v, "type"), 0,
	    PATH_LEN)));
	return bad_tool(p, FAIL_UNSUPPORTED, "unsupported_tool", "type", text);
}

static const struct type {
	const char	*name;
	bool		(*read)(const struct place *, struct jval);
	bool		 begins;	/* its variants have longer names */
} types[] = {
	{ "function", read_function, false },
	{ "custom", read_custom, false },
	{ "tool_search", read_search, false },
	{ "programmatic_tool_calling", drop, false },
	{ "web_search", read_hosted, true },
	{ "image_generation", read_hosted, false },
	{ "local_shell", read_known, false },
	{ "shell", read_known, false },
	{ "apply_patch", read_known, false },
	{ "file_search", refuse, false },
	{ "code_interpreter", refuse, false },
	{ "mcp", refuse, false },
	{ "computer", refuse, true },
};

static bool
is_type(const struct type *t, struct slice name)
{
	return t->begins ? slice_starts(name, slice_of(t->name)) :
	    slice_is(name, t->name);
}

static bool
read_tool(const struct place *p, struct jval v)
{
	struct slice type = jval_get_text(v, "type");

	if (!jval_is(v, JSON_OBJECT))
		return bad_tool(p, FAIL_INVALID, "invalid_type", "type",
		    "A tool must be an object.");
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (is_type(&types[i], type))
			return types[i].read(p, v);
	if (p->d->kin)
		return read_hosted(p, v);
	return bad_tool(p, FAIL_INVALID, "invalid_value", "type",
	    "Invalid value: no tool has this type.");
}

/* ---- the list ---- */

static bool
read_space(struct place p, struct jval v)
{
	struct jval tools = jval_get(v, "tools");

	p.space = text_mend(p.d->arena, jval_get_text(v, "name"));
	if (!p.space.len || !jval_is(tools, JSON_ARRAY))
		return bad_tool(&p, FAIL_INVALID, "invalid_value", "name",
		    "A namespace must have a name and tools.");
	for (struct jval t = jval_first(tools); !jval_at_end(t);
	    t = jval_next(t))
		if (!read_tool(&p, t))
			return false;
	return true;
}

bool
responses_read_tools(struct decoder *d, struct jval tools, bool late)
{
	struct place p = { .d = d, .late = late };

	if (!jval_ok(tools))
		return true;
	if (!jval_is(tools, JSON_ARRAY))
		return responses_refuse(d, FAIL_INVALID, "invalid_type",
		    "tools", "Invalid type for 'tools': expected an array.");
	for (struct jval t = jval_first(tools); !jval_at_end(t);
	    t = jval_next(t), p.i++) {
		/* Each is compared with all before it. */
		if (d->request->tool_count > TOOLS_MAX)
			return responses_refuse(d, FAIL_INVALID,
			    "invalid_value", "tools", "Too many tools.");
		if (jval_text_is(jval_get(t, "type"), "namespace") ?
		    !read_space(p, t) : !read_tool(&p, t))
			return false;
	}
	return true;
}

/* ---- the choice ---- */

/* The name of the tool that {type,name,namespace} means. */
static struct slice
chosen(struct decoder *d, struct jval v)
{
	struct jval type = jval_get(v, "type");
	struct slice name = jval_get_text(v, "name");

	if (name.len)
		return responses_full_name(d, jval_get_text(v, "namespace"),
		    text_mend(d->arena, name));
	if (slice_starts(jval_text(type), SLICE("web_search")))
		return SLICE("web_search");
	return jval_text(type);
}

static bool
choose_one(struct decoder *d, struct jval v)
{
	struct slice name = chosen(d, v);
	const struct ir_tool *tool = name_tool(d->request, name);

	d->request->choice = IR_CHOICE_ONE;
	d->request->choice_name = name;
	if (!tool)
		return responses_refuse(d, FAIL_INVALID, "invalid_value",
		    "tool_choice", "Tool choice '%.*s' not found in 'tools' "
		    "parameter.", SLICE_FMT(slice_sub(name, 0, 128)));
	return tool->kind != IR_HOSTED || d->kin || responses_refuse(d,
	    FAIL_UNSUPPORTED, "unsupported_tool", "tool_choice",
	    "Tool type '%.*s' is not supported by this gateway.",
	    SLICE_FMT(slice_sub(name, 0, 128)));
}

static bool
choose_allowed(struct decoder *d, struct jval v)
{
	struct jval tools = jval_get(v, "tools"), t;
	unsigned i = 0;

	d->request->choice = jval_text_is(jval_get(v, "mode"), "required") ?
	    IR_CHOICE_ALLOWED_ANY : IR_CHOICE_ALLOWED_AUTO;
	if (!jval_is(tools, JSON_ARRAY) || jval_count(tools) > TOOLS_MAX)
		return responses_refuse(d, FAIL_INVALID, "invalid_value",
		    "tool_choice.tools", "Invalid value: "
		    "'tool_choice.tools' must be an array of tools.");
	for (t = jval_first(tools); !jval_at_end(t); t = jval_next(t), i++) {
		struct slice name = chosen(d, t);

		if (!name_tool(d->request, name))
			loss_add(&d->talk->losses, d->arena, LOSS_DROPPED,
			    "tool_choice.tools[%u]", i);
		else if (!ir_text_add(&d->request->choice_names, d->arena,
		    name))
			return false;
	}
	return d->request->choice_names || responses_refuse(d, FAIL_INVALID,
	    "invalid_value", "tool_choice",
	    "'tool_choice' allows no tool of this request.");
}

bool
responses_read_choice(struct decoder *d, struct jval v)
{
	static const struct {
		const char	*word;
		enum ir_choice	 choice;
	} words[] = {
		{ "auto", IR_CHOICE_AUTO },
		{ "none", IR_CHOICE_NONE },
		{ "required", IR_CHOICE_ANY },
	};

	if (!jval_ok(v) || !d->request->tools)
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (jval_text_is(v, words[i].word)) {
			d->request->choice = words[i].choice;
			return true;
		}
	if (!jval_is(v, JSON_OBJECT))
		return responses_refuse(d, FAIL_INVALID, "invalid_value",
		    "tool_choice", "Invalid value: 'tool_choice' must be "
		    "'none', 'auto', 'required' or an object.");
	if (jval_text_is(jval_get(v, "type"), "allowed_tools"))
		return choose_allowed(d, v);
	return choose_one(d, v);
}
