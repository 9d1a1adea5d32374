#include "proto/messages/encode.h"

#include <string.h>

#include "base/map.h"
#include "json/text.h"
#include "proto/loss_place.h"
#include "proto/names.h"
#include "proto/schema.h"

static const char free_form[] = "{\"type\":\"object\",\"properties\":"
    "{\"input\":{\"type\":\"string\"}},\"required\":[\"input\"]}";
static const char no_arguments[] = "{\"type\":\"object\",\"properties\":{}}";

/* --- which tools ---------------------------------------------------------- */

static bool
has_allowed(const struct encoder *e)
{
	return e->request.choice == IR_CHOICE_ALLOWED_ANY ||
	    e->request.choice == IR_CHOICE_ALLOWED_AUTO;
}

static bool
is_allowed(const struct encoder *e, const struct ir_tool *tool)
{
	const struct ir_text *name = e->request.choice_names;

	if (!has_allowed(e) ||
	    talk_options(e->talk)->allowed_tools == ALLOWED_KEEP)
		return true;
	while (name && !slice_eq(name->text, tool->name))
		name = name->next;
	return name;
}

/* Of other vendors' own tools only their searches have a likeness here. */
static bool
is_foreign(const struct ir_tool *tool)
{
	return tool->kind == IR_HOSTED && tool->vendor != IR_ANTHROPIC &&
	    !slice_starts(tool->type, SLICE("web_search")) &&
	    !slice_is(tool->type, "google_search");
}

static bool
add_sent(struct encoder *e, struct ir_tool *tool)
{
	struct tool_plan *p = &e->tools;

	if (!is_allowed(e, tool))
		return true;
	if (is_foreign(tool)) {
		loss_add(&e->talk->losses, e->arena, LOSS_DROPPED, "tools[%u]",
		    (unsigned)tool->index);
		return true;
	}
	p->list[p->count].tool = tool;
	p->list[p->count].cache = tool->cache;
	p->count++;
	if (tool->kind == IR_HOSTED)
		return true;
	tool->sent_name = name_tool_messages(e->arena, tool->name);
	return tool->sent_name.len;
}

/* Calls in the history need tools, if only such that are no longer there. */
static bool
add_stubs(struct encoder *e)
{
	struct tool_plan *p = &e->tools;
	struct map seen = { 0 };
	size_t calls = 0;

	for (struct ir_turn *t = e->request.first; t; t = t->next)
		for (struct ir_block *b = t->first; b; b = b->next)
			calls += b->kind == IR_CALL;
	if (!calls)
		return true;
	p->list = arena_array(e->arena, calls, sizeof *p->list);
	if (!p->list)
		return false;
	p->stubs = true;
	messages_lost(e, LOSS_INSERTED, "tools");
	for (struct ir_turn *t = e->request.first; t; t = t->next)
		for (struct ir_block *b = t->first; b; b = b->next) {
			struct ir_tool *tool;

			if (b->kind != IR_CALL || map_get(&seen, b->name))
				continue;
			tool = arena_alloc(e->arena, sizeof *tool);
			if (!tool || !map_put(&seen, e->arena, b->name, tool))
				return false;
			tool->name = b->name;
			tool->description = SLICE("No longer available.");
			if (!add_sent(e, tool))
				return false;
		}
	return true;
}

/* --- the choice ----------------------------------------------------------- */

static const char *const choices[] = {	/* NULL: the default */
	[IR_CHOICE_UNSET] = NULL,
	[IR_CHOICE_AUTO] = NULL,
	[IR_CHOICE_NONE] = "none",
	[IR_CHOICE_ANY] = "any",
	[IR_CHOICE_ONE] = "tool",
	[IR_CHOICE_ALLOWED_AUTO] = NULL,
	[IR_CHOICE_ALLOWED_ANY] = "any",
};

static void
plan_choice(struct encoder *e)
{
	const struct ir_request *r = &e->request;
	struct tool_plan *p = &e->tools;

	if (!p->count)
		return;
	p->choice = p->stubs ? "none" : choices[r->choice];
	/* with all tools sent any of them may be called */
	if (has_allowed(e) &&
	    talk_options(e->talk)->allowed_tools == ALLOWED_KEEP)
		messages_lost(e, LOSS_ADJUSTED, "tool_choice");
	if (p->choice && !slice_is(SLICE("none"), p->choice) &&
	    !e->quirks->force) {
		p->choice = "auto";
		p->hint = talk_options(e->talk)->force_hint;
		messages_lost(e, LOSS_ADJUSTED, "tool_choice");
	}
	if (p->choice && !strcmp(p->choice, "none"))
		return;
	p->one_at_a_time = r->parallel == TRI_NO || r->legacy_functions;
	if (p->one_at_a_time && !p->choice)
		p->choice = "auto";
	if (p->choice && !strcmp(p->choice, "tool"))
		p->name = name_tool_messages(e->arena, r->choice_name);
}

bool
messages_is_forced(const struct encoder *e)
{
	return e->tools.choice && (!strcmp(e->tools.choice, "any") ||
	    !strcmp(e->tools.choice, "tool"));
}

bool
messages_plan_tools(struct encoder *e)
{
	struct tool_plan *p = &e->tools;

	if (e->request.tool_count) {
		p->list = arena_array(e->arena, e->request.tool_count,
		    sizeof *p->list);
		if (!p->list)
			return false;
	}
	for (struct ir_tool *t = e->request.tools; t; t = t->next)
		if (!add_sent(e, t))
			return false;
	if (!p->count && !add_stubs(e))
		return false;
	plan_choice(e);
	return true;
}

void
messages_write_choice(struct encoder *e)
{
	const struct tool_plan *p = &e->tools;

	if (!p->choice)
		return;
	write_key(&e->w, "tool_choice");
	write_object(&e->w);
	write_member_plain(&e->w, "type", p->choice);
	if (p->name.len)
		write_member_text(&e->w, "name", p->name);
	if (p->one_at_a_time)
		write_member_bool(&e->w, "disable_parallel_tool_use", true);
	write_end(&e->w);
}

/* --- writing them --------------------------------------------------------- */

/* Members that Messages adds to a tool, where a client sent them along. */
static const struct {
	const char	*name;
	bool		 list;		/* an array, else a boolean */
} extras[] = {
	{ "defer_loading", false },
	{ "eager_input_streaming", false },
	{ "input_examples", true },
	{ "allowed_callers", true },
};

static void
write_extras(struct encoder *e, struct jval tool)
{
	/* OpenAI's clients search by themselves, and nothing that they send is
	 * to be put off: the first is not for them. */
	size_t i = e->talk->client && e->talk->client->id == PROTO_RESPONSES;

	for (; i < sizeof extras / sizeof *extras; i++) {
		struct jval v = jval_get(tool, extras[i].name);

		if (extras[i].list ? jval_is(v, JSON_ARRAY) :
		    jval_is(v, JSON_TRUE) || jval_is(v, JSON_FALSE))
			write_member_raw(&e->w, extras[i].name, jval_raw(v));
	}
}

static void
write_mark(struct encoder *e, struct slice mark)
{
	if (mark.len)
		write_member_raw(&e->w, "cache_control", mark);
}

static void
write_head(struct encoder *e, const struct ir_tool *tool, struct slice note)
{
	write_member_text(&e->w, "name", tool->sent_name);
	if (!tool->description.len && !note.len)
		return;
	write_key(&e->w, "description");
	write_text_begin(&e->w);
	write_text_piece(&e->w, tool->description);
	if (tool->description.len && note.len)
		write_text_piece(&e->w, SLICE("\\n\\n"));
	write_text_piece(&e->w, note);
	write_text_end(&e->w);
}

static struct jval
schema_of(struct encoder *e, const struct ir_tool *tool)
{
	struct json *doc;
	struct json_fault fault;

	if (jval_ok(tool->parsed) || !tool->schema.len)
		return tool->parsed;
	doc = arena_alloc(e->arena, sizeof *doc);
	if (!doc || !json_parse(doc, e->arena, tool->schema, 0, &fault))
		return (struct jval){ 0 };
	return json_root(doc);
}

static void
write_schema(struct encoder *e, struct slice schema)
{
	write_key(&e->w, "input_schema");
	write_min(&e->w, text_mend(e->arena, schema));
}

static void
tool_lost(struct encoder *e, enum loss_action action,
    const struct ir_tool *tool, const char *member)
{
	loss_place_tool(&e->talk->losses, e->arena, action, &e->request, tool,
	    member);
}

/* What the client calls the schema of a tool. */
static const char *
schema_member(const struct ir_tool *tool)
{
	return jval_ok(jval_get(tool->self, "input_schema")) ?
	    "input_schema" : "parameters";
}

/* Strict only where the whole schema can be kept to. */
static bool
fits_strictly(struct encoder *e, const struct ir_tool *tool,
    struct jval schema, struct slice *strict)
{
	return tool->strict == TRI_YES && e->quirks->schema_output &&
	    schema_for_format(e->arena, schema, strict) == SCHEMA_EXACT;
}

static bool
write_function(struct encoder *e, struct sent_tool *sent)
{
	struct ir_tool *tool = sent->tool;
	struct jval schema = schema_of(e, tool);
	struct schema_tool s;
	struct slice strict;

	if (!schema_for_tool(e->arena, schema, &s))
		return false;
	if (s.note.len)
		tool_lost(e, LOSS_ADJUSTED, tool, schema_member(tool));
	tool->wrapped = s.wrapped;
	write_head(e, tool, s.note);
	if (!s.note.len && !s.wrapped &&
	    fits_strictly(e, tool, schema, &strict)) {
		write_schema(e, strict);
		write_member_bool(&e->w, "strict", true);
	} else {
		if (tool->strict == TRI_YES)
			tool_lost(e, LOSS_DROPPED, tool, "strict");
		write_schema(e, s.json);
	}
	write_extras(e, tool->self);
	return true;
}

/* What a grammar demands of the input, in words. */
static struct slice
grammar_note(struct encoder *e, const struct ir_tool *tool)
{
	struct jval format = jval_get(tool->self, "format");
	struct slice words;

	if (!jval_ok(format))
		format = jval_get2(tool->self, "custom", "format");
	words = schema_grammar(e->arena, format);
	if (words.len)
		tool_lost(e, LOSS_EMULATED, tool, "format");
	return words;
}

static void
write_location(struct encoder *e, struct jval where)
{
	static const char *const members[] = {
		"city", "region", "country", "timezone",
	};

	if (!jval_is(where, JSON_OBJECT))
		return;
	write_key(&e->w, "user_location");
	write_object(&e->w);
	write_member_plain(&e->w, "type", "approximate");
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (jval_is(jval_get(where, members[i]), JSON_STRING))
			write_member_text(&e->w, members[i],
			    jval_get_text(where, members[i]));
	write_end(&e->w);
}

/* Where the search may look: only one of these is taken. */
static void
write_domains(struct encoder *e, struct jval filters)
{
	static const char *const members[] = {
		"allowed_domains", "blocked_domains",
	};

	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		struct jval list = jval_get(filters, members[i]);

		if (!jval_is(list, JSON_ARRAY) || !jval_count(list))
			continue;
		write_key(&e->w, members[i]);
		write_min(&e->w, text_mend(e->arena, jval_raw(list)));
		return;
	}
}

/* OpenAI's own search: how much it may bring says how often it may ask. */
static void
write_search(struct encoder *e, const struct ir_tool *tool)
{
	struct jval size = jval_get(tool->self, "search_context_size");
	struct jval place = jval_get(tool->self, "user_location");
	struct jval where = jval_get(place, "approximate");	/* Chat's */

	if (!jval_ok(where))
		where = place;
	write_member_plain(&e->w, "type", "web_search_20250305");
	write_member_plain(&e->w, "name", "web_search");
	write_member_u64(&e->w, "max_uses", jval_text_is(size, "low") ? 1 :
	    jval_text_is(size, "high") ? 10 : 5);
	write_location(e, where);
	write_domains(e, jval_get(tool->self, "filters"));
}

/* One of Anthropic's own, as the client spelled it. */
static void
write_own(struct encoder *e, const struct ir_tool *tool)
{
	struct jval k = jval_first(tool->self);

	for (; !jval_at_end(k); k = jval_next(k)) {
		if (jval_text_is(k, "cache_control"))
			continue;
		write_key_text(&e->w, jval_text(k));
		write_min(&e->w, jval_raw(jval_value(k)));
	}
}

static bool
write_tool(struct encoder *e, struct sent_tool *sent)
{
	struct ir_tool *tool = sent->tool;
	bool fine = true;

	write_object(&e->w);
	switch (tool->kind) {
	case IR_FUNCTION:
		if (e->tools.stubs) {
			write_head(e, tool, (struct slice){ 0 });
			write_schema(e, slice_of(no_arguments));
		} else {
			fine = write_function(e, sent);
		}
		break;
	case IR_CUSTOM:
		write_head(e, tool, grammar_note(e, tool));
		write_schema(e, slice_of(free_form));
		break;
	case IR_HOSTED:
		if (tool->vendor == IR_ANTHROPIC)
			write_own(e, tool);
		else
			write_search(e, tool);
		break;
	}
	write_mark(e, sent->cache);
	write_end(&e->w);
	return fine;
}

bool
messages_write_tools(struct encoder *e)
{
	bool fine = true;

	if (!e->tools.count)
		return true;
	write_key(&e->w, "tools");
	write_array(&e->w);
	for (size_t i = 0; i < e->tools.count; i++)
		fine = write_tool(e, &e->tools.list[i]) && fine;
	write_end(&e->w);
	return fine;
}
