#include "proto/chat/decode.h"

#include <stdio.h>

#include "base/map.h"
#include "json/text.h"
#include "proto/loss_place.h"
#include "proto/names.h"

enum {
	WHERE_MAX = 48,
	TOOLS_MAX = 4096,	/* names are looked for one by one */
	SCHEMA_DEPTH = JSON_DEPTH_MAX - 16,	/* it stands in a body */
};

/* Refuse for tools[i] or its member. */
static bool
bad_tool(struct decoding *d, const struct ir_tool *tool, const char *member,
    const char *what)
{
	char path[WHERE_MAX];

	snprintf(path, sizeof path, "%s[%u]%s%s",
	    d->request->legacy_functions ? "functions" : "tools", tool->index,
	    *member ? "." : "", member);
	return chat_bad(d, path, what);
}

/* A schema that came as the text of one. */
static struct jval
parse_text(struct decoding *d, struct jval text)
{
	struct json *doc = arena_alloc(d->arena, sizeof *doc);
	struct slice plain = text_unescape(d->arena, jval_text(text));
	struct json_fault fault;
	uint32_t tokens;

	if (!doc || !json_check(plain, SCHEMA_DEPTH, &tokens, &fault) ||
	    !json_parse(doc, d->arena, plain, 0, &fault))
		return (struct jval){ 0 };
	return json_root(doc);
}

static bool
set_schema(struct decoding *d, struct ir_tool *tool, struct jval schema)
{
	if (jval_is(schema, JSON_STRING) && jval_text(schema).len)
		schema = parse_text(d, schema);
	else if (jval_is(schema, JSON_STRING))
		schema = (struct jval){ 0 };
	if (!jval_ok(schema))
		return true;
	if (!jval_is(schema, JSON_OBJECT))
		return bad_tool(d, tool, "parameters", "must be an object");
	tool->schema = jval_raw(schema);
	tool->parsed = schema;
	return true;
}

static enum tri
tri_of(struct jval v)
{
	return jval_is(v, JSON_TRUE) ? TRI_YES :
	    jval_is(v, JSON_FALSE) ? TRI_NO : TRI_UNSET;
}

/* Where `from` is an object in the tool, nobody looks at what is beside it. */
static void
name_beside(struct decoding *d, const struct ir_tool *tool, struct jval from)
{
	static const char *const members[] = {
		"name", "description", "parameters", "strict", "format",
	};

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (from.at != tool->self.at &&
		    jval_ok(jval_get(tool->self, members[i])))
			loss_add(&d->talk->losses, d->arena, LOSS_DROPPED,
			    "tools[%u].%s", tool->index, members[i]);
}

static bool
read_description(struct decoding *d, struct ir_tool *tool, struct jval from)
{
	struct jval description = jval_get(from, "description");
	struct jval strict = jval_get(from, "strict");

	name_beside(d, tool, from);
	if (jval_is(strict, JSON_STRING) || jval_is(strict, JSON_NUMBER))
		loss_place_tool(&d->talk->losses, d->arena, LOSS_DROPPED,
		    d->request, tool, "strict");
	tool->description = chat_text(d, description);
	return !jval_ok(description) || jval_is(description, JSON_STRING) ||
	    bad_tool(d, tool, "description", "must be a string");
}

/* `from` holds name, description, parameters and strict. */
static bool
read_function(struct decoding *d, struct ir_tool *tool, struct jval from)
{
	tool->kind = IR_FUNCTION;
	tool->name = chat_name(d, jval_get(from, "name"));
	tool->strict = tri_of(jval_get(from, "strict"));
	return read_description(d, tool, from) &&
	    set_schema(d, tool, jval_get(from, "parameters"));
}

static bool
read_custom(struct decoding *d, struct ir_tool *tool, struct jval from)
{
	tool->kind = IR_CUSTOM;
	tool->name = chat_name(d, jval_get(from, "name"));
	tool->format = jval_ok(jval_get(from, "format")) ?
	    jval_raw(jval_get(from, "format")) : (struct slice){ 0 };
	return read_description(d, tool, from);
}

/* A tool in the manner of Messages. */
static bool
read_foreign(struct decoding *d, struct ir_tool *tool)
{
	tool->kind = IR_FUNCTION;
	tool->name = chat_name(d, jval_get(tool->self, "name"));
	tool->strict = tri_of(jval_get(tool->self, "strict"));
	return read_description(d, tool, tool->self) &&
	    set_schema(d, tool, jval_get(tool->self, "input_schema"));
}

/* "web_search_20250305": a type with a date is one of Anthropic's own tools. */
static bool
is_dated(struct slice type)
{
	size_t line = slice_rchr(type, '_');
	uint64_t date;

	return line != SIZE_MAX && type.len - line == 9 &&
	    slice_to_u64(slice_skip(type, line + 1), 99999999, &date);
}

static bool
read_hosted(struct decoding *d, struct ir_tool *tool, enum ir_vendor vendor,
    struct slice type)
{
	tool->kind = IR_HOSTED;
	tool->vendor = vendor;
	tool->type = type;
	tool->name = chat_name(d, jval_get(tool->self, "name"));
	if (!tool->name.len)
		tool->name = type;
	return true;
}

static bool
read_tool(struct decoding *d, struct ir_tool *tool)
{
	struct jval v = tool->self;
	struct jval type = jval_get(v, "type");
	struct jval function = jval_get(v, "function");
	struct jval custom = jval_get(v, "custom");
	bool foreign = talk_options(d->talk)->anthropic_parts;

	if (!jval_is(v, JSON_OBJECT))
		return bad_tool(d, tool, "", "must be an object");
	if (foreign && jval_is(jval_get(v, "input_schema"), JSON_OBJECT))
		return read_foreign(d, tool);
	if (jval_text_is(type, "custom"))
		return read_custom(d, tool, jval_ok(custom) ? custom : v);
	if (!jval_ok(type) || jval_text_is(type, "function"))
		return read_function(d, tool, jval_ok(function) ? function : v);
	if (foreign && is_dated(jval_text(type)))
		return read_hosted(d, tool, IR_ANTHROPIC, jval_text(type));
	return bad_tool(d, tool, "type",
	    "is none that this model can be given: use function or custom");
}

static bool
read_list(struct decoding *d, struct jval list, const char *name, bool legacy)
{
	struct map seen = { 0 };
	struct jval v;
	uint32_t i = 0;

	if (!jval_ok(list))
		return true;
	if (!jval_is(list, JSON_ARRAY) || jval_count(list) > TOOLS_MAX)
		return chat_bad(d, name, "must be an array of not more than "
		    "4096 tools");
	d->request->legacy_functions = legacy;
	for (v = jval_first(list); !jval_at_end(v); v = jval_next(v)) {
		struct ir_tool *tool = ir_tool_add(d->request, d->arena);

		if (!tool)
			return false;
		tool->index = i++;
		tool->self = v;
		tool->raw = jval_raw(v);
		d->tool = tool->index;
		tool->cache = chat_cache(d, v);
		d->tool = NOWHERE;
		if (!(legacy ? read_function(d, tool, v) : read_tool(d, tool)))
			return false;
		if (!tool->name.len)
			return bad_tool(d, tool, legacy ? "name" :
			    "function.name", "must be a string");
		if (map_get(&seen, tool->name))
			return bad_tool(d, tool, legacy ? "name" :
			    "function.name", "is the name of another tool too");
		if (!map_put(&seen, d->arena, tool->name, tool))
			return false;
	}
	return true;
}

/* Chat's own search becomes a tool that the provider runs, where it can. */
static bool
read_search(struct decoding *d, struct jval options)
{
	struct ir_tool *tool;

	if (!jval_is(options, JSON_OBJECT))
		return true;
	if (name_tool(d->request, SLICE("web_search")) ||
	    !talk_options(d->talk)->web_search) {
		loss_add(&d->talk->losses, d->arena, LOSS_DROPPED,
		    "web_search_options");
		return true;
	}
	tool = ir_tool_add(d->request, d->arena);
	if (!tool)
		return false;
	tool->self = options;
	tool->raw = jval_raw(options);
	tool->index = (uint32_t)d->request->tool_count - 1;
	return read_hosted(d, tool, IR_OPENAI, SLICE("web_search"));
}

bool
chat_read_tools(struct decoding *d, struct jval body)
{
	struct jval tools = jval_get(body, "tools");
	struct jval functions = jval_get(body, "functions");

	if (!jval_count(tools) && jval_ok(functions)) {
		if (!read_list(d, functions, "functions", true))
			return false;
	} else if (!read_list(d, tools, "tools", false)) {
		return false;
	} else if (jval_count(functions)) {
		chat_lost(d, LOSS_DROPPED, "functions");
	}
	return read_search(d, jval_get(body, "web_search_options"));
}

/* --- tool_choice ---------------------------------------------------------- */

static const struct {
	const char	*word;
	enum ir_choice	 choice;
} words[] = {
	{ "auto",	IR_CHOICE_AUTO },
	{ "none",	IR_CHOICE_NONE },
	{ "required",	IR_CHOICE_ANY },
	{ "any",	IR_CHOICE_ANY },
};

static enum ir_choice
choice_of(struct jval word)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (jval_text_is(word, words[i].word))
			return words[i].choice;
	return IR_CHOICE_UNSET;
}

/* The name in {function:{name}}, {custom:{name}} or {name}. */
static struct slice
chosen_name(struct decoding *d, struct jval v)
{
	static const char *const shells[] = { "function", "custom" };

	for (size_t i = 0; i < 2; i++)
		if (jval_is(jval_get(v, shells[i]), JSON_OBJECT))
			v = jval_get(v, shells[i]);
	return chat_name(d, jval_get(v, "name"));
}

static bool
choose_one(struct decoding *d, const char *member, struct slice name)
{
	if (!name_tool(d->request, name))
		return chat_bad(d, member, "names no tool of this request");
	d->request->choice = IR_CHOICE_ONE;
	d->request->choice_name = name;
	return true;
}

static bool
choose_allowed(struct decoding *d, struct jval v)
{
	struct jval allowed = jval_get(v, "allowed_tools"), tools, t;
	struct jval mode;
	const char *shell = ".allowed_tools";
	unsigned i = 0;

	if (!jval_is(allowed, JSON_OBJECT)) {
		allowed = v;
		shell = "";
	}
	mode = jval_get(allowed, "mode");
	tools = jval_get(allowed, "tools");
	if (jval_count(tools) > TOOLS_MAX)
		return chat_bad(d, "tool_choice", "lists too many tools");
	d->request->choice = jval_text_is(mode, "required") ?
	    IR_CHOICE_ALLOWED_ANY : IR_CHOICE_ALLOWED_AUTO;
	for (t = jval_first(tools); !jval_at_end(t); t = jval_next(t), i++) {
		struct slice name = chosen_name(d, t);

		if (!name_tool(d->request, name))
			loss_add(&d->talk->losses, d->arena, LOSS_DROPPED,
			    "tool_choice%s.tools[%u]", shell, i);
		else if (!ir_text_add(&d->request->choice_names, d->arena,
		    name))
			return false;
	}
	return d->request->choice_names ||
	    chat_bad(d, "tool_choice", "allows no tool of this request");
}

static bool
choose_object(struct decoding *d, struct jval v)
{
	struct jval type = jval_get(v, "type");

	if (jval_text_is(type, "allowed_tools"))
		return choose_allowed(d, v);
	if (jval_text_is(type, "function") || jval_text_is(type, "custom") ||
	    jval_text_is(type, "tool"))
		return choose_one(d, "tool_choice", chosen_name(d, v));
	d->request->choice = choice_of(type);	/* Messages' manner */
	return d->request->choice != IR_CHOICE_UNSET ||
	    chat_bad(d, "tool_choice", "is of an unknown kind");
}

bool
chat_read_choice(struct decoding *d, struct jval body)
{
	struct jval choice = jval_get(body, "tool_choice");
	struct jval legacy = jval_get(body, "function_call");
	const char *member = "tool_choice";

	if (!jval_ok(choice) && jval_ok(legacy)) {
		choice = legacy;
		member = "function_call";
	}
	if (!jval_ok(choice) || !d->request->tools)
		return true;
	if (jval_is(choice, JSON_STRING)) {
		d->request->choice = choice_of(choice);
		return d->request->choice != IR_CHOICE_UNSET || chat_bad(d,
		    member, "must be auto, none, required or an object");
	}
	if (!jval_is(choice, JSON_OBJECT))
		return chat_bad(d, member, "must be a string or an object");
	if (*member == 'f')
		return choose_one(d, member, chosen_name(d, choice));
	return choose_object(d, choice);
}

/* --- response_format ------------------------------------------------------ */

bool
chat_read_format(struct decoding *d, struct jval format)
{
	struct ir_request *r = d->request;
	struct jval type = jval_get(format, "type");
	struct jval spec = jval_get(format, "json_schema");
	struct jval schema = jval_get(spec, "schema");

	if (!jval_ok(format))
		return true;
	if (jval_text_is(type, "text")) {
		r->format = IR_FORMAT_TEXT;
		return true;
	}
	if (jval_text_is(type, "json_object")) {
		r->format = IR_FORMAT_JSON;
		return true;
	}
	if (!jval_text_is(type, "json_schema"))
		return chat_bad(d, "response_format.type",
		    "must be text, json_object or json_schema");
	if (!jval_is(schema, JSON_OBJECT))
		return chat_bad(d, "response_format.json_schema.schema",
		    "must be an object");
	r->format = IR_FORMAT_SCHEMA;
	r->format_name = chat_name(d, jval_get(spec, "name"));
	r->format_schema = chat_mend(d, jval_raw(schema));
	r->format_strict = tri_of(jval_get(spec, "strict"));
	return true;
}
