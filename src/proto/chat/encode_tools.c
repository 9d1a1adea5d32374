/*
 * Tools, the choice among them, and the arguments of calls.
 */
#include "base/map.h"
#include "json/text.h"
#include "proto/chat/encode.h"
#include "proto/loss_place.h"
#include "proto/names.h"
#include "proto/refuse.h"
#include "proto/schema.h"

/* What a free-form tool takes where every tool takes an object. */
static const char free_form[] = "{\"type\":\"object\",\"properties\":"
    "{\"input\":{\"type\":\"string\"}},\"required\":[\"input\"]}";

static const char no_arguments[] = "{\"type\":\"object\",\"properties\":{}}";

/* How providers that search the web by themselves are told to. */
static const struct search {
	enum quirk_dialect dialect;
	const char	*name;		/* of a member at the top ... */
	const char	*value;
	const char	*tool;		/* ... or a tool */
} searches[] = {
	{ DIALECT_OPENROUTER, "plugins", "[{\"id\":\"web\"}]", NULL },
	{ DIALECT_QWEN, "enable_search", "true", NULL },
	{ DIALECT_OPENAI, "web_search_options", "{}", NULL },
	{ DIALECT_GLM, NULL, NULL, "{\"type\":\"web_search\","
	    "\"web_search\":{\"enable\":true}}" },
};

static bool
is_usable(const struct ir_tool *tool)
{
	return tool->kind != IR_HOSTED;
}

/* The provider's own search in the place of Anthropic's; NULL: there is none,
 * or the operator does not want it. */
static const struct search *
search_for(const struct encoder *e, const struct ir_tool *tool)
{
	size_t n = sizeof searches / sizeof *searches;
	enum quirk_dialect dialect = e->quirks->dialect;

	if (!talk_options(e->talk)->server_search ||
	    !slice_starts(tool->type, SLICE("web_search_")) ||
	    (dialect == DIALECT_OPENAI &&
	    slice_find(e->talk->model, SLICE("search")) == SIZE_MAX))
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (searches[i].dialect == dialect)
			return &searches[i];
	return NULL;
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

/* A vendor's own tool: let it go if the request makes sense without it. */
static bool
drop_tool(struct encoder *e, const struct ir_tool *tool, bool others)
{
	if (refuse_needs(tool) || (!others && !refuse_offered(e->talk)) ||
	    (e->request->choice == IR_CHOICE_ONE &&
	    slice_eq(e->request->choice_name, tool->name)))
		return refuse_hosted(e->talk, tool);
	loss_add(&e->talk->losses, e->arena, LOSS_DROPPED, "tools[%u]",
	    (unsigned)tool->index);
	return true;
}

/* The tool's schema as this provider takes it. */
static struct slice
fit_schema(struct encoder *e, const struct ir_tool *tool)
{
	const char *member = e->talk->client &&
	    e->talk->client->id == PROTO_MESSAGES ? "input_schema" :
	    "parameters";
	struct slice fit = tool->schema;
	struct json doc;
	struct json_fault fault;

	if (!e->quirks->schema_refused ||
	    !json_parse(&doc, e->arena, tool->schema, 0, &fault))
		return fit;
	if (!schema_trim(e->arena, json_root(&doc), e->quirks->schema_refused,
	    &fit))
		loss_place_tool(&e->talk->losses, e->arena, LOSS_ADJUSTED,
		    e->request, tool, member);
	return fit;
}

/* A schema that breaks the rules of strictness would be refused. */
static void
put_strict(struct encoder *e, const struct ir_tool *tool)
{
	struct json doc;
	struct json_fault fault;

	if (tool->strict != TRI_YES)
		return;
	if (e->quirks->strict_ok && tool->schema.len &&
	    json_parse(&doc, e->arena, tool->schema, 0, &fault) &&
	    schema_is_strict(json_root(&doc)))
		write_member_bool(&e->w, "strict", true);
	else
		loss_add(&e->talk->losses, e->arena, LOSS_DROPPED,
		    "tools[%u].strict", (unsigned)tool->index);
}

/* The tool's description, and examples of its input if they are wanted. */
static void
put_description(struct encoder *e, const struct ir_tool *tool)
{
	struct jval examples = talk_options(e->talk)->input_examples ?
	    jval_get(tool->self, "input_examples") : (struct jval){ 0 };
	struct slice grammar = schema_grammar(e->arena,
	    jval_get(tool->self, "format"));

	if (!tool->description.len && !jval_count(examples) && !grammar.len)
		return;
	write_key(&e->w, "description");
	write_text_begin(&e->w);
	write_text_piece(&e->w, tool->description);
	if (grammar.len) {
		loss_add(&e->talk->losses, e->arena, LOSS_EMULATED,
		    "tools[%u].format", (unsigned)tool->index);
		if (tool->description.len)
			write_text_piece(&e->w, SLICE("\\n\\n"));
		write_text_piece(&e->w, grammar);
	}
	if (jval_count(examples))
		write_text_piece(&e->w, tool->description.len ?
		    SLICE("\\n\\nExamples of its input:") :
		    SLICE("Examples of its input:"));
	for (struct jval x = jval_first(examples); !jval_at_end(x);
	    x = jval_next(x)) {
		write_text_piece(&e->w, SLICE("\\n"));
		write_text_piece(&e->w, schema_as_text(e->arena,
		    text_mend(e->arena, jval_raw(x))));
	}
	write_text_end(&e->w);
}

static void
open_function(struct encoder *e)
{
	write_object(&e->w);
	write_member_plain(&e->w, "type", "function");
	write_key(&e->w, "function");
	write_object(&e->w);
}

static void
close_function(struct encoder *e)
{
	write_end(&e->w);
	write_end(&e->w);
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
	else if (schema.len)
		schema = fit_schema(e, tool);
	else
		schema = slice_of(no_arguments);
	open_function(e);
	write_member_text(&e->w, "name", name);
	put_description(e, tool);
	write_key(&e->w, "parameters");
	write_min(&e->w, schema);
	put_strict(e, tool);
	write_end(&e->w);
	chat_write_mark(e, tool->cache);
	write_end(&e->w);
}

/* A hosted tool, if the provider has its like.  False: it has not. */
static bool
put_search(struct encoder *e, const struct ir_tool *tool, bool in_list)
{
	const struct search *search = search_for(e, tool);

	if (!search)
		return false;
	if (in_list) {
		if (search->tool)
			write_raw(&e->w, slice_of(search->tool));
		return true;
	}
	if (search->name && !jval_ok(jval_get(e->request->body,
	    search->name)))
		write_member_raw(&e->w, search->name,
		    slice_of(search->value));
	loss_add(&e->talk->losses, e->arena, LOSS_EMULATED, "tools[%u]",
	    (unsigned)tool->index);
	return true;
}

/*
 * Some providers refuse calls in the history of tools that they are not told
 * of: each is named, with nothing but its name, and none may be called.
 */
static bool
put_stubs(struct encoder *e)
{
	const struct ir_turn *turn;
	const struct ir_block *b;
	struct map named = { 0 };

	if (!e->called || !talk_options(e->talk)->stub_tools)
		return true;
	write_key(&e->w, "tools");
	write_array(&e->w);
	for (turn = e->request->first; turn; turn = turn->next)
		for (b = turn->first; b; b = b->next) {
			if (b->kind != IR_CALL || map_get(&named, b->name))
				continue;
			if (!map_put(&named, e->arena, b->name, &named))
				return false;
			open_function(e);
			write_member_text(&e->w, "name", name_tool_chat(
			    e->arena, e->quirks, b->name));
			write_member_raw(&e->w, "parameters",
			    slice_of(no_arguments));
			close_function(e);
		}
	write_end(&e->w);
	write_member_plain(&e->w, "tool_choice", "none");
	loss_add(&e->talk->losses, e->arena, LOSS_INSERTED, "tools");
	return true;
}

/* ---- the choice ---- */

static void
put_choice_one(struct encoder *e)
{
	write_key(&e->w, "tool_choice");
	open_function(e);
	write_member_text(&e->w, "name", name_tool_chat(e->arena, e->quirks,
	    e->request->choice_name));
	close_function(e);
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
		loss_add(&e->talk->losses, e->arena, LOSS_DROPPED, "%s",
		    jval_is_true(jval_get2(e->request->body, "tool_choice",
		    "disable_parallel_tool_use")) ?
		    "tool_choice.disable_parallel_tool_use" :
		    "parallel_tool_calls");
}

/* A search of the provider's own cannot be forced. */
static void
tell_unforced(struct encoder *e)
{
	if (e->request->choice == IR_CHOICE_ANY ||
	    e->request->choice == IR_CHOICE_ONE)
		loss_add(&e->talk->losses, e->arena, LOSS_ADJUSTED,
		    "tool_choice");
}

/* Is there anything for the member `tools`? */
static bool
has_list(const struct encoder *e)
{
	const struct ir_tool *tool = e->request->tools;
	const struct search *search;

	while (tool && !is_usable(tool)) {
		search = search_for(e, tool);
		if (search && search->tool)
			return true;
		tool = tool->next;
	}
	return tool != NULL;
}

static void
put_list(struct encoder *e)
{
	struct ir_tool *tool;

	write_key(&e->w, "tools");
	write_array(&e->w);
	for (tool = e->request->tools; tool; tool = tool->next)
		if (is_usable(tool))
			put_tool(e, tool);
		else
			(void)put_search(e, tool, true);
	write_end(&e->w);
}

bool
chat_write_tools(struct encoder *e)
{
	const struct ir_tool *tool;
	bool any = chat_has_functions(e), list = has_list(e);

	if (list)
		put_list(e);
	for (tool = e->request->tools; tool; tool = tool->next)
		if (!is_usable(tool) && !put_search(e, tool, false) &&
		    !drop_tool(e, tool, list))
			return false;
	if (!any && e->request->tools) {
		tell_unforced(e);
		return true;
	}
	if (!any)
		return put_stubs(e);
	put_choice(e);
	put_parallel(e);
	/* GLM gathers arguments unless it is told not to. */
	if (e->quirks->dialect == DIALECT_GLM && e->request->stream)
		write_member_bool(&e->w, "tool_stream", true);
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
