/*
 * The tools of a Gemini request and which of them may be called.
 */
#include "proto/gemini/decode.h"

#include <stdio.h>

#include "json/text.h"
#include "proto/loss_name.h"
#include "proto/names.h"

/* What becomes of a tool that Google runs, where another vendor answers. */
enum fate { SEARCH, FORGONE, REFUSED };

static const struct {
	const char	*name;
	const char	*type;		/* struct ir_tool's, and its name */
	enum fate	 fate;
} hosted[] = {
	{ "googleSearch", "web_search", SEARCH },
	{ "googleSearchRetrieval", "web_search", SEARCH },
	{ "codeExecution", "code_execution", FORGONE },
	{ "urlContext", "url_context", FORGONE },
	{ "googleMaps", "google_maps", REFUSED },
	{ "fileSearch", "file_search", REFUSED },
	{ "computerUse", "computer_use", REFUSED },
	{ "mcpServers", "mcp_servers", REFUSED },
	{ "enterpriseWebSearch", "enterprise_web_search", REFUSED },
	{ "retrieval", "retrieval", REFUSED },
};

enum { PATH_MAX_LEN = 80 };

struct place {			/* of what is being read, in `tools` */
	unsigned	 tool, function;
};

static bool
refuse(struct decoding *d, const struct place *at, const char *what)
{
	char path[PATH_MAX_LEN];

	snprintf(path, sizeof path, "tools[%u].functionDeclarations[%u]",
	    at->tool, at->function);
	return gemini_refuse(d, FAIL_INVALID, path, what);
}

static bool
set_schema(struct decoding *d, struct ir_tool *tool, struct jval v)
{
	struct jval schema = proto3_get(v, "parametersJsonSchema");

	if (!jval_ok(schema))
		schema = jval_get(v, "parameters");
	tool->schema = jval_is(schema, JSON_OBJECT) ?
	    gemini_plain_schema(d->arena, schema) :
	    SLICE("{\"type\":\"object\",\"properties\":{}}");
	return tool->schema.len;
}

/* Of two functions of one name the first one counts. */
static bool
read_function(struct decoding *d, struct jval v, const struct place *at)
{
	struct slice name = jval_get_text(v, "name");
	struct ir_tool *tool;

	if (!name.len)
		return refuse(d, at, "name must name the function");
	gemini_name_unknown(d, v, "name description parameters "
	    "parametersJsonSchema response responseJsonSchema behavior",
	    "tools[%u].functionDeclarations[%u]", at->tool, at->function);
	if (name_tool(d->request, name)) {
		loss_add(&d->talk->losses, d->arena, LOSS_DROPPED,
		    "tools[%u].functionDeclarations[%u]", at->tool,
		    at->function);
		return true;
	}
	tool = ir_tool_add(d->request, d->arena);
	if (!tool)
		return false;
	tool->index = loss_name_index(at->tool, at->function);
	tool->name = name;
	tool->description = text_mend(d->arena,
	    jval_get_text(v, "description"));
	tool->raw = jval_raw(v);
	tool->self = v;
	return set_schema(d, tool, v);
}

static bool
add_hosted(struct decoding *d, const char *type, struct jval v,
    unsigned index)
{
	struct ir_tool *tool = ir_tool_add(d->request, d->arena);

	if (!tool)
		return false;
	tool->index = loss_name_index(index, LOSS_NAME_ALONE);
	tool->kind = IR_HOSTED;
	tool->vendor = IR_GOOGLE;
	tool->name = tool->type = slice_of(type);
	tool->self = v;
	tool->raw = jval_raw(v);
	return true;
}

static bool
read_hosted(struct decoding *d, struct jval tool, size_t row,
    const struct place *at)
{
	struct jval v = proto3_get(tool, hosted[row].name);
	char path[PATH_MAX_LEN];

	if (!jval_ok(v))
		return true;
	snprintf(path, sizeof path, "tools[%u].%s", at->tool,
	    hosted[row].name);
	if (d->native || (hosted[row].fate == SEARCH &&
	    !name_tool(d->request, SLICE("web_search"))))
		return add_hosted(d, hosted[row].type, v, at->tool);
	if (hosted[row].fate == REFUSED)
		return gemini_refuse(d, FAIL_UNSUPPORTED, path,
		    "only Google can run this tool, and another provider "
		    "answers this request");
	loss_add(&d->talk->losses, d->arena, LOSS_DROPPED, "%s", path);
	return true;
}

static bool
read_tool(struct decoding *d, struct jval v, struct place *at)
{
	struct proto3_items it =
	    proto3_items(proto3_get(v, "functionDeclarations"));

	gemini_name_unknown(d, v, "functionDeclarations googleSearch "
	    "googleSearchRetrieval codeExecution urlContext googleMaps "
	    "fileSearch computerUse mcpServers enterpriseWebSearch retrieval",
	    "tools[%u]", at->tool);
	for (at->function = 0; proto3_more(&it);
	    proto3_next(&it), at->function++)
		if (!read_function(d, it.at, at))
			return false;
	for (size_t i = 0; i < sizeof hosted / sizeof *hosted; i++)
		if (!read_hosted(d, v, i, at))
			return false;
	return true;
}

bool
gemini_read_tools(struct decoding *d, struct jval tools)
{
	struct place at = { 0 };
	struct proto3_items it;

	for (it = proto3_items(tools); proto3_more(&it);
	    proto3_next(&it), at.tool++)
		if (!read_tool(d, it.at, &at))
			return false;
	return true;
}

/* ---- the choice ---- */

static void
set_choice(struct ir_request *r, struct jval mode)
{
	bool several = r->choice_names && r->choice_names->next;

	if (proto3_word(mode, "NONE")) {
		r->choice = IR_CHOICE_NONE;
	} else if (proto3_word(mode, "ANY") && r->choice_names) {
		r->choice = several ? IR_CHOICE_ALLOWED_ANY : IR_CHOICE_ONE;
		r->choice_name = r->choice_names->text;
	} else if (proto3_word(mode, "ANY")) {
		r->choice = IR_CHOICE_ANY;
	} else if (proto3_word(mode, "VALIDATED") && r->choice_names) {
		r->choice = IR_CHOICE_ALLOWED_AUTO;
	} else {
		r->choice = IR_CHOICE_AUTO;
	}
}

bool
gemini_read_choice(struct decoding *d, struct jval config)
{
	struct jval calling = proto3_get(config, "functionCallingConfig");
	struct jval mode = jval_get(calling, "mode");
	struct ir_request *r = d->request;
	struct proto3_items it;

	if (!jval_ok(config))
		return true;
	gemini_name_unknown(d, config, "functionCallingConfig "
	    "retrievalConfig includeServerSideToolInvocations", "toolConfig");
	gemini_name_unknown(d, calling, "mode allowedFunctionNames "
	    "streamFunctionCallArguments",
	    "toolConfig.functionCallingConfig");
	if (!r->tools)
		return true;
	for (it = proto3_items(proto3_get(calling, "allowedFunctionNames"));
	    proto3_more(&it); proto3_next(&it))
		if (jval_text(it.at).len && !ir_text_add(&r->choice_names,
		    d->arena, jval_text(it.at)))
			return false;
	set_choice(r, mode);
	for (struct ir_tool *t = r->tools; t; t = t->next)
		if (proto3_word(mode, "VALIDATED") && t->kind == IR_FUNCTION)
			t->strict = TRI_YES;
	return true;
}
