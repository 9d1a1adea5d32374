/*
 * Tools as function declarations, and Google's own beside them.
 */
#include "proto/gemini/encode.h"

#include "json/text.h"
#include "proto/loss_place.h"
#include "proto/names.h"

static const char free_form[] = "{\"type\":\"object\",\"properties\":"
    "{\"input\":{\"type\":\"string\"}},\"required\":[\"input\"]}";

/*
 * What Google runs, by the beginning of the name that others have for it, or
 * of the one that a Gemini client's had in the tree.
 */
static const struct {
	const char	*type, *member;
} hosted[] = {
	{ "web_search", "googleSearch" },
	{ "code_execution", "codeExecution" },
	{ "code_interpreter", "codeExecution" },
	{ "web_fetch", "urlContext" }, { "url_context", "urlContext" },
	{ "google_maps", "googleMaps" }, { "file_search", "fileSearch" },
	{ "computer_use", "computerUse" }, { "mcp_servers", "mcpServers" },
	{ "enterprise_web_search", "enterpriseWebSearch" },
	{ "retrieval", "retrieval" },
};
enum { FOREIGN = 5 };		/* rows that are not Google's alone */

static const char *
member_of(const struct ir_tool *tool)
{
	size_t n = tool->vendor == IR_GOOGLE ?
	    sizeof hosted / sizeof *hosted : FOREIGN;

	for (size_t i = 0; i < n; i++)
		if (slice_starts(tool->type, slice_of(hosted[i].type)))
			return hosted[i].member;
	return NULL;
}

/* Names begin with a letter or '_'. */
struct slice
gemini_tool_name(struct encoder *e, struct slice name)
{
	struct slice fit = name_tool_chat(e->arena, e->quirks, name);
	char c = fit.len ? *fit.ptr : 'a';

	if ((c < '0' || c > '9') && c != '-')
		return fit;
	fit = arena_join(e->arena, (const struct slice[]){
	    SLICE("_"), fit }, 2);
	return slice_sub(fit, 0, e->quirks->name_max);
}

/* ---- declarations ---- */

static bool
is_allowed(const struct encoder *e, const struct ir_tool *tool)
{
	const struct ir_text *name = e->request->choice_names;

	if (e->request->choice != IR_CHOICE_ALLOWED_AUTO)
		return true;
	while (name && !slice_eq(name->text, tool->name))
		name = name->next;
	return name;
}

static void
put_description(struct encoder *e, const struct ir_tool *tool)
{
	struct jval format = jval_get(tool->self, "format"), grammar;
	struct slice definition;

	if (!jval_ok(format))
		format = jval_get2(tool->self, "custom", "format");
	grammar = jval_get(format, "grammar");
	if (!jval_ok(grammar))
		grammar = format;
	definition = tool->kind == IR_CUSTOM ?
	    jval_get_text(grammar, "definition") : (struct slice){ 0 };
	if (!tool->description.len && !definition.len)
		return;
	write_key(&e->w, "description");
	write_text_begin(&e->w);
	write_text_piece(&e->w, tool->description);
	if (definition.len) {
		loss_place_tool(&e->talk->losses, e->arena, LOSS_EMULATED,
		    e->request, tool, "format");
		write_text_piece(&e->w, SLICE("\\n\\nFormat ("));
		write_text_piece(&e->w, jval_get_text(grammar, "syntax"));
		write_text_piece(&e->w, SLICE("):\\n"));
		write_text_piece(&e->w, definition);
	}
	write_text_end(&e->w);
}

static bool
put_schema(struct encoder *e, const struct ir_tool *tool)
{
	bool old = e->family.generation && e->family.generation < FAMILY_URLS;
	struct slice text = tool->kind == IR_CUSTOM ? slice_of(free_form) :
	    tool->schema;
	struct json *doc = arena_alloc(e->arena, sizeof *doc);
	struct json_fault fault;
	struct slice fit;

	if (!doc)
		return false;
	if (!text.len || !json_parse(doc, e->arena, text, 0, &fault) ||
	    gemini_is_hollow(json_root(doc)))
		return !e->arena->failed;
	fit = gemini_fit_schema(e->arena, json_root(doc), old);
	if (fit.len)
		write_member_raw(&e->w, old ? "parameters" :
		    "parametersJsonSchema", fit);
	return !e->arena->failed;
}

static bool
put_function(struct encoder *e, struct ir_tool *tool)
{
	tool->sent_name = gemini_tool_name(e, tool->name);
	write_object(&e->w);
	write_member_text(&e->w, "name", tool->sent_name);
	put_description(e, tool);
	if (!put_schema(e, tool))
		return false;
	write_end(&e->w);
	return tool->sent_name.len;
}

static bool
put_functions(struct encoder *e)
{
	size_t n = 0;

	for (struct ir_tool *t = e->request->tools; t; t = t->next)
		n += t->kind != IR_HOSTED && is_allowed(e, t);
	if (!n)
		return true;
	write_object(&e->w);
	write_key(&e->w, "functionDeclarations");
	write_array(&e->w);
	for (struct ir_tool *t = e->request->tools; t; t = t->next)
		if (t->kind != IR_HOSTED && is_allowed(e, t) &&
		    !put_function(e, t))
			return false;
	write_end(&e->w);
	write_end(&e->w);
	return true;
}

/* Where tools of both kinds are refused, the client's own count for more. */
static bool
is_had(const struct encoder *e, const struct ir_tool *tool)
{
	return member_of(tool) && (!e->functions ||
	    e->family.generation >= FAMILY_MIXES);
}

static void
put_hosted(struct encoder *e, const struct ir_tool *tool)
{
	const char *member = member_of(tool);

	if (!is_had(e, tool)) {
		loss_place_tool(&e->talk->losses, e->arena, LOSS_DROPPED,
		    e->request, tool, "");
		return;
	}
	if (tool->vendor != IR_GOOGLE)
		loss_place_tool(&e->talk->losses, e->arena, LOSS_EMULATED,
		    e->request, tool, "");
	write_object(&e->w);
	write_key(&e->w, member);
	if (tool->vendor == IR_GOOGLE && jval_ok(tool->self))
		write_min(&e->w, jval_raw(tool->self));
	else
		write_raw(&e->w, SLICE("{}"));
	write_end(&e->w);
}

/* ---- the choice ---- */

static void
put_mode(struct encoder *e, const char *mode)
{
	const struct ir_request *r = e->request;
	const struct ir_text *name = r->choice_names;

	write_key(&e->w, "toolConfig");
	write_object(&e->w);
	write_key(&e->w, "functionCallingConfig");
	write_object(&e->w);
	write_member_plain(&e->w, "mode", mode);
	if (r->choice == IR_CHOICE_ONE || r->choice == IR_CHOICE_ALLOWED_ANY) {
		write_key(&e->w, "allowedFunctionNames");
		write_array(&e->w);
		if (r->choice == IR_CHOICE_ONE)
			write_text(&e->w, gemini_tool_name(e,
			    r->choice_name));
		else
			for (; name; name = name->next)
				write_text(&e->w,
				    gemini_tool_name(e, name->text));
		write_end(&e->w);
	}
	write_end(&e->w);
	write_end(&e->w);
}

static void
put_choice(struct encoder *e)
{
	if (!e->functions)
		return;
	switch (e->request->choice) {
	case IR_CHOICE_NONE:
		put_mode(e, "NONE");
		break;
	case IR_CHOICE_ANY:
	case IR_CHOICE_ONE:
	case IR_CHOICE_ALLOWED_ANY:
		put_mode(e, "ANY");
		break;
	case IR_CHOICE_UNSET:
	case IR_CHOICE_AUTO:
	case IR_CHOICE_ALLOWED_AUTO:
		break;
	}
}

bool
gemini_write_tools(struct encoder *e)
{
	bool any = false;

	for (struct ir_tool *t = e->request->tools; t; t = t->next)
		any |= t->kind == IR_HOSTED ? is_had(e, t) : is_allowed(e, t);
	if (!e->request->tools)
		return true;
	if (any) {
		write_key(&e->w, "tools");
		write_array(&e->w);
	}
	if (any && !put_functions(e))
		return false;
	for (struct ir_tool *t = e->request->tools; t; t = t->next)
		if (t->kind == IR_HOSTED)
			put_hosted(e, t);
	if (any)
		write_end(&e->w);
	put_choice(e);
	return true;
}
