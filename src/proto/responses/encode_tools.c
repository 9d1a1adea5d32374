/*
 * Tools and the choice among them.
 */
#include "json/text.h"
#include "proto/loss_place.h"
#include "proto/names.h"
#include "proto/refuse.h"
#include "proto/responses/encode.h"
#include "proto/schema.h"

/* What a free-form tool takes where every tool takes an object. */
static const char free_form[] = "{\"type\":\"object\",\"properties\":"
    "{\"input\":{\"type\":\"string\"}},\"required\":[\"input\"]}";

static const char no_arguments[] = "{\"type\":\"object\",\"properties\":{}}";

static bool
is_openai(const struct encoder *e)
{
	return e->quirks->dialect == DIALECT_OPENAI ||
	    e->quirks->dialect == DIALECT_OPENAI_REASONING;
}

static bool
is_search(const struct ir_tool *tool)
{
	return slice_starts(tool->type, SLICE("web_search")) ||
	    slice_is(tool->type, "google_search");
}

/* Is it one that this very provider's clients send? */
static bool
is_own(const struct encoder *e, const struct ir_tool *tool)
{
	return tool->raw.len && responses_is_own(e);
}

/* Can the provider search in its place? */
static bool
is_replaced(const struct encoder *e, const struct ir_tool *tool)
{
	if (!is_search(tool) || (!is_openai(e) &&
	    e->quirks->dialect != DIALECT_XAI))
		return false;
	return tool->vendor == IR_OPENAI ||
	    talk_options(e->talk)->server_search;
}

/* Of those that may be called, where nobody can be told of a choice. */
static bool
is_allowed(const struct encoder *e, const struct ir_tool *tool)
{
	const struct ir_text *t = e->request->choice_names;
	bool some = e->request->choice == IR_CHOICE_ALLOWED_AUTO ||
	    e->request->choice == IR_CHOICE_ALLOWED_ANY;

	if (!some || e->quirks->custom_ok ||
	    talk_options(e->talk)->allowed_tools == ALLOWED_KEEP)
		return true;
	while (t && !slice_eq(t->text, tool->name))
		t = t->next;
	return t != NULL;
}

static bool
is_sent(const struct encoder *e, const struct ir_tool *tool)
{
	if (tool->found && is_own(e, tool))
		return false;
	return tool->kind == IR_HOSTED ?
	    is_own(e, tool) || is_replaced(e, tool) : is_allowed(e, tool);
}

/* ---- what is left out ---- */

/* A vendor's own tool: let it go if the request makes sense without it. */
static bool
drop_tool(struct encoder *e, const struct ir_tool *tool, bool others)
{
	bool search = is_search(tool) && tool->vendor == IR_OPENAI;

	if (refuse_needs(tool) ||
	    (!others && !search && !refuse_offered(e->talk)) ||
	    (e->request->choice == IR_CHOICE_ONE &&
	    slice_eq(e->request->choice_name, tool->name)))
		return refuse_hosted(e->talk, tool);
	loss_add(&e->talk->losses, e->arena, LOSS_DROPPED, "tools[%u]",
	    (unsigned)tool->index);
	return true;
}

/* ---- what is sent ---- */

/* A schema that breaks the rules of strictness would be refused. */
static bool
may_be_strict(struct encoder *e, const struct ir_tool *tool)
{
	struct json doc;
	struct json_fault fault;

	if (tool->strict != TRI_YES)
		return false;
	if (e->quirks->strict_ok && tool->schema.len &&
	    json_parse(&doc, e->arena, tool->schema, 0, &fault) &&
	    schema_is_strict(json_root(&doc)))
		return true;
	loss_place_tool(&e->talk->losses, e->arena, LOSS_DROPPED, e->request,
	    tool, "strict");
	return false;
}

/* The format of a free-form tool; Chat puts a grammar one level down. */
static struct jval
format_of(struct encoder *e, const struct ir_tool *tool,
    struct jval *grammar)
{
	struct json *doc = arena_alloc(e->arena, sizeof *doc);
	struct json_fault fault;
	struct jval format;

	*grammar = (struct jval){ 0 };
	if (!doc || !tool->format.len ||
	    !json_parse(doc, e->arena, tool->format, 0, &fault))
		return (struct jval){ 0 };
	format = json_root(doc);
	if (jval_text_is(jval_get(format, "type"), "grammar")) {
		*grammar = jval_get(format, "grammar");
		if (!jval_is(*grammar, JSON_OBJECT))
			*grammar = format;
	}
	return format;
}

/* In a namespace it has a name of its own. */
static void
put_name(struct encoder *e, const struct ir_tool *tool)
{
	write_member_text(&e->w, "name", tool->space.len && is_own(e, tool) ?
	    tool->local : name_tool_chat(e->arena, e->quirks, tool->name));
}

static void
put_custom(struct encoder *e, const struct ir_tool *tool)
{
	struct jval grammar, format = format_of(e, tool, &grammar);

	write_member_plain(&e->w, "type", "custom");
	put_name(e, tool);
	if (tool->description.len)
		write_member_text(&e->w, "description", tool->description);
	if (!jval_ok(format))
		return;
	write_key(&e->w, "format");
	write_object(&e->w);
	write_member_text(&e->w, "type", jval_get_text(format, "type"));
	if (jval_ok(grammar)) {
		write_member_text(&e->w, "syntax",
		    jval_get_text(grammar, "syntax"));
		write_member_text(&e->w, "definition",
		    jval_get_text(grammar, "definition"));
	}
	write_end(&e->w);
}

/* What the tool does, and what the provider has no other place for. */
static void
put_description(struct encoder *e, const struct ir_tool *tool)
{
	struct jval grammar = { 0 };
	bool first = !tool->description.len;

	if (tool->kind == IR_CUSTOM)
		(void)format_of(e, tool, &grammar);
	if (first && !jval_ok(grammar))
		return;
	write_key(&e->w, "description");
	write_text_begin(&e->w);
	write_text_piece(&e->w, tool->description);
	if (jval_ok(grammar)) {
		write_text_piece(&e->w, first ? SLICE("Format (") :
		    SLICE("\\n\\nFormat ("));
		write_text_piece(&e->w, jval_get_text(grammar, "syntax"));
		write_text_piece(&e->w, SLICE("):\\n"));
		write_text_piece(&e->w, jval_get_text(grammar, "definition"));
		loss_place_tool(&e->talk->losses, e->arena, LOSS_EMULATED,
		    e->request, tool, "format");
	}
	write_text_end(&e->w);
}

static void
put_function(struct encoder *e, const struct ir_tool *tool)
{
	struct slice schema = tool->schema.len ? tool->schema :
	    slice_of(no_arguments);

	write_member_plain(&e->w, "type", "function");
	put_name(e, tool);
	put_description(e, tool);
	write_key(&e->w, "parameters");
	write_min(&e->w, tool->kind == IR_CUSTOM ? slice_of(free_form) :
	    schema);
	/* Left out it would mean "if the schema allows it". */
	write_member_bool(&e->w, "strict", may_be_strict(e, tool));
}

/* The search of the provider's own in the place of another's. */
static void
put_search(struct encoder *e, const struct ir_tool *tool)
{
	struct jval domains = jval_get(tool->self, "allowed_domains");
	struct jval options = jval_get(e->request->body,
	    "web_search_options");
	struct jval place = jval_get(jval_ok(options) ? options : tool->self,
	    "user_location");
	struct slice size = jval_get_text(options, "search_context_size");

	write_member_plain(&e->w, "type", "web_search");
	if (jval_count(domains)) {
		write_key(&e->w, "filters");
		write_object(&e->w);
		write_key(&e->w, "allowed_domains");
		write_min(&e->w, text_mend(e->arena, jval_raw(domains)));
		write_end(&e->w);
	}
	if (size.len)
		write_member_text(&e->w, "search_context_size", size);
	/* Chat wraps it once more. */
	if (jval_ok(jval_get(place, "approximate")))
		place = jval_get(place, "approximate");
	if (jval_is(place, JSON_OBJECT)) {
		write_key(&e->w, "user_location");
		write_object(&e->w);
		write_member_plain(&e->w, "type", "approximate");
		for (struct jval k = jval_first(place); !jval_at_end(k);
		    k = jval_next(k)) {
			if (jval_text_is(k, "type"))
				continue;
			write_key_text(&e->w, jval_text(k));
			write_min(&e->w, text_mend(e->arena,
			    jval_raw(jval_value(k))));
		}
		write_end(&e->w);
	}
	if (tool->vendor != IR_OPENAI)
		loss_add(&e->talk->losses, e->arena, LOSS_EMULATED,
		    "tools[%u]", (unsigned)tool->index);
}

static void
put_tool(struct encoder *e, struct ir_tool *tool)
{
	struct slice name = name_tool_chat(e->arena, e->quirks, tool->name);

	if (is_own(e, tool) && (tool->kind == IR_HOSTED || tool->form)) {
		write_min(&e->w, text_mend(e->arena, tool->raw));
		return;
	}
	tool->sent_name = slice_eq(name, tool->name) ?
	    (struct slice){ 0 } : name;
	write_object(&e->w);
	if (tool->kind == IR_HOSTED)
		put_search(e, tool);
	else if (tool->kind == IR_CUSTOM && e->quirks->custom_ok)
		put_custom(e, tool);
	else
		put_function(e, tool);
	write_end(&e->w);
}

/* All of a namespace, in the place of its first tool. */
static void
put_space(struct encoder *e, struct ir_tool *first)
{
	struct ir_tool *tool = e->request->tools;
	struct slice says = responses_space_says(e, first->space);

	while (tool != first && (!is_sent(e, tool) ||
	    !slice_eq(tool->space, first->space)))
		tool = tool->next;
	if (tool != first)
		return;
	write_object(&e->w);
	write_member_plain(&e->w, "type", "namespace");
	write_member_text(&e->w, "name", first->space);
	write_member_text(&e->w, "description", says.ptr ?
	    text_mend(e->arena, says) : SLICE(""));
	write_key(&e->w, "tools");
	write_array(&e->w);
	for (; tool; tool = tool->next)
		if (is_sent(e, tool) && slice_eq(tool->space, first->space))
			put_tool(e, tool);
	write_end(&e->w);
	write_end(&e->w);
}

static void
put_tools(struct encoder *e)
{
	struct ir_tool *tool;

	write_key(&e->w, "tools");
	write_array(&e->w);
	for (tool = e->request->tools; tool; tool = tool->next) {
		if (!is_sent(e, tool))
			continue;
		if (tool->space.len && is_own(e, tool))
			put_space(e, tool);
		else
			put_tool(e, tool);
	}
	write_end(&e->w);
}

/* ---- the choice ---- */

static void
put_named(struct encoder *e, struct slice name)
{
	const struct ir_tool *tool = name_tool(e->request, name);

	write_object(&e->w);
	if (tool && tool->kind == IR_HOSTED) {
		write_member_text(&e->w, "type", is_own(e, tool) ?
		    tool->type : SLICE("web_search"));
	} else if (tool && tool->form && is_own(e, tool)) {
		write_member_text(&e->w, "type", tool->name);
	} else if (tool && tool->space.len && is_own(e, tool)) {
		write_member_plain(&e->w, "type",
		    tool->kind == IR_CUSTOM ? "custom" : "function");
		write_member_text(&e->w, "name", tool->local);
		write_member_text(&e->w, "namespace", tool->space);
	} else {
		write_member_plain(&e->w, "type", tool &&
		    tool->kind == IR_CUSTOM && e->quirks->custom_ok ?
		    "custom" : "function");
		write_member_text(&e->w, "name",
		    name_tool_chat(e->arena, e->quirks, name));
	}
	write_end(&e->w);
}

static void
put_allowed(struct encoder *e, const char *mode)
{
	const struct ir_text *t;

	write_key(&e->w, "tool_choice");
	write_object(&e->w);
	write_member_plain(&e->w, "type", "allowed_tools");
	write_member_plain(&e->w, "mode", mode);
	write_key(&e->w, "tools");
	write_array(&e->w);
	for (t = e->request->choice_names; t; t = t->next)
		put_named(e, t->text);
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
	enum ir_choice choice = e->request->choice;
	const char *word = choice_words[choice];
	bool forced = word && word[0] == 'r';

	if (!word)
		return;
	if (forced && !e->quirks->forced_choice) {
		loss_add(&e->talk->losses, e->arena, LOSS_ADJUSTED,
		    "tool_choice");
		word = "auto";
		forced = false;
	}
	if ((choice == IR_CHOICE_ALLOWED_AUTO ||
	    choice == IR_CHOICE_ALLOWED_ANY) && e->quirks->custom_ok) {
		put_allowed(e, word);
	} else if (forced && choice == IR_CHOICE_ONE &&
	    !e->quirks->choice_words) {
		write_key(&e->w, "tool_choice");
		put_named(e, e->request->choice_name);
	} else {
		write_member_plain(&e->w, "tool_choice", word);
	}
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

bool
responses_write_tools(struct encoder *e)
{
	struct ir_tool *tool;
	bool any = false;

	for (tool = e->request->tools; tool; tool = tool->next)
		any |= is_sent(e, tool);
	if (any)
		put_tools(e);
	for (tool = e->request->tools; tool; tool = tool->next)
		if (tool->kind == IR_HOSTED && !is_sent(e, tool) &&
		    !drop_tool(e, tool, any))
			return false;
	if (!any)
		return true;
	put_choice(e);
	put_parallel(e);
	return true;
}
