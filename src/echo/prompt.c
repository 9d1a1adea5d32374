#include "echo/prompt.h"

#include "echo/hear.h"
#include "echo/prompt_form.h"
#include "json/text.h"
#include "wire/url.h"

enum { BYTES_PER_TOKEN = 4, CHOICES_MAX = 16 };

/* ---- before it is checked ---- */

static void
name_model(struct prompt *a, struct slice model)
{
	struct slice rest = model;

	a->model = model;
	a->name = slice_cut(&rest, '+');
	a->directives = rest;
}

bool
prompt_read(struct prompt *a, struct arena *arena, enum dialect dialect,
    struct slice body, const char **why)
{
	struct json_fault fault;

	*a = (struct prompt){ .dialect = dialect, .n = 1 };
	if (!json_parse(&a->doc, arena, body, 0, &fault)) {
		*why = fault.why;
		return false;
	}
	a->root = json_root(&a->doc);
	if (!jval_is(a->root, JSON_OBJECT)) {
		*why = "the body is not an object";
		return false;
	}
	name_model(a, text_unescape(arena, jval_get_text(a->root, "model")));
	a->input = jval_get(a->root, "input");
	a->stream = jval_is_true(jval_get(a->root, "stream"));
	a->stream_usage = jval_is_true(jval_get2(a->root, "stream_options",
	    "include_usage"));
	return true;
}

bool
prompt_address(struct prompt *a, struct arena *arena, struct slice model,
    bool stream)
{
	struct slice plain;

	if (!url_decode(arena, model, &plain))
		return false;
	name_model(a, plain);
	a->stream = stream;
	return true;
}

/* ---- what was said ---- */

static void
listen_chat(struct prompt *a, struct buf *heard, struct buf *results)
{
	struct jval messages = jval_get(a->root, "messages");
	struct jval user = { 0 };

	for (struct jval m = jval_first(messages); !jval_at_end(m);
	    m = jval_next(m)) {
		struct jval role = jval_get(m, "role");

		/* Only tools that spoke last are answered. */
		a->answered = jval_text_is(role, "tool");
		if (!a->answered)
			buf_clear(results);
		else
			hear_result(results, jval_get(m, "content"), false);
		if (jval_text_is(role, "user"))
			user = m;
	}
	hear_content(heard, jval_get(user, "content"));
}

static void
listen_messages(struct prompt *a, struct buf *heard, struct buf *results)
{
	struct jval messages = jval_get(a->root, "messages");
	struct jval content, user = { 0 };
	bool last = false;

	for (struct jval m = jval_first(messages); !jval_at_end(m);
	    m = jval_next(m)) {
		struct jval role = jval_get(m, "role");

		if (jval_text_is(role, "system"))
			continue;
		last = jval_text_is(role, "user");
		if (last)
			user = m;
	}
	content = jval_get(user, "content");
	hear_content(heard, content);
	if (!last || !jval_is(content, JSON_ARRAY))
		return;
	for (struct jval b = jval_first(content); !jval_at_end(b);
	    b = jval_next(b)) {
		if (!jval_text_is(jval_get(b, "type"), "tool_result"))
			continue;
		a->answered = true;
		hear_result(results, jval_get(b, "content"),
		    jval_is_true(jval_get(b, "is_error")));
	}
}

/* ---- tools ---- */

void
prompt_keep_tools(struct prompt *a, struct jval names, const char *member)
{
	size_t kept = 0;

	for (size_t i = 0; i < a->tool_count; i++)
		for (struct jval n = jval_first(names); !jval_at_end(n);
		    n = jval_next(n)) {
			struct jval name = member ? jval_get(n, member) : n;

			if (!slice_eq(jval_text(name), a->tools[i].name))
				continue;
			a->tools[kept++] = a->tools[i];
			break;
		}
	a->tool_count = kept;
}

/* False: not a tool that a client runs. */
static bool
read_tool(const struct prompt *a, struct jval tool, struct prompt_tool *into)
{
	struct slice type = jval_get_text(tool, "type");
	struct jval of = tool;

	if (a->dialect == DIALECT_MESSAGES) {
		*into = (struct prompt_tool){
			.name = jval_get_text(tool, "name"),
			.schema = jval_get(tool, "input_schema"),
		};
		return !type.len || slice_is(type, "custom");
	}
	into->custom = slice_is(type, "custom");
	of = jval_get(tool, into->custom ? "custom" : "function");
	into->name = jval_get_text(of, "name");
	into->schema = jval_get(of, "parameters");
	return into->name.len;
}

static void
read_tools(struct prompt *a, struct arena *arena)
{
	struct jval tools = jval_get(a->root, "tools");

	a->tools = arena_array(arena, jval_count(tools) + 1, sizeof *a->tools);
	if (!a->tools || !jval_is(tools, JSON_ARRAY))
		return;
	for (struct jval t = jval_first(tools); !jval_at_end(t);
	    t = jval_next(t))
		if (read_tool(a, t, &a->tools[a->tool_count]))
			a->tool_count++;
}

/* Chat says "none" or names a function; Messages has an object with a type. */
static void
read_choice(struct prompt *a)
{
	static const struct {
		const char	*word;
		enum choice	 choice;
	} choices[] = {
		{ "none", CHOICE_NONE }, { "required", CHOICE_ANY },
		{ "any", CHOICE_ANY }, { "tool", CHOICE_ONE },
		{ "function", CHOICE_ONE }, { "custom", CHOICE_ONE },
	};
	struct jval choice = jval_get(a->root, "tool_choice");
	struct jval word = jval_is(choice, JSON_STRING) ? choice
	    : jval_get(choice, "type");

	for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
		if (jval_text_is(word, choices[i].word))
			a->choice = choices[i].choice;
	a->chosen = a->dialect == DIALECT_MESSAGES
	    ? jval_get_text(choice, "name")
	    : jval_get_text(jval_get(choice, jval_text_is(word, "custom")
	    ? "custom" : "function"), "name");
	a->serial = jval_is(jval_get(a->root, "parallel_tool_calls"),
	    JSON_FALSE) ||
	    jval_is_true(jval_get(choice, "disable_parallel_tool_use"));
}

/* ---- numbers ---- */

static void
read_limits(struct prompt *a)
{
	struct jval of = jval_get(a->root, "max_completion_tokens");

	a->stops = jval_get(a->root, a->dialect == DIALECT_CHAT
	    ? "stop" : "stop_sequences");
	if (a->dialect == DIALECT_MESSAGES || !jval_ok(of))
		of = jval_get(a->root, "max_tokens");
	if (!jval_u64(of, &a->max_tokens))
		a->max_tokens = 0;
	if (a->dialect == DIALECT_MESSAGES ||
	    !jval_u64(jval_get(a->root, "n"), &a->n) || !a->n)
		a->n = 1;
	if (a->n > CHOICES_MAX)
		a->n = CHOICES_MAX;
}

static uint64_t
estimate(const struct prompt *a)
{
	static const char *const members[] = {
		"messages", "system", "tools", "input", "instructions",
		"contents", "systemInstruction",
	};
	size_t bytes = 0;

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		bytes += jval_raw(jval_get(a->root, members[i])).len;
	return bytes / BYTES_PER_TOKEN + 1;
}

/* What Chat and Messages say in the same way. */
static void
read_wishes(struct prompt *a, struct arena *arena)
{
	struct jval thinking = jval_get2(a->root, "thinking", "type");

	read_tools(a, arena);
	read_choice(a);
	read_limits(a);
	a->reason = a->dialect == DIALECT_MESSAGES &&
	    jval_ok(thinking) && !jval_text_is(thinking, "disabled");
}

static const struct {
	void	(*listen)(struct prompt *, struct buf *heard,
		    struct buf *results);
	void	(*wishes)(struct prompt *, struct arena *);
} forms[] = {
	[DIALECT_CHAT] = { listen_chat, read_wishes },
	[DIALECT_MESSAGES] = { listen_messages, read_wishes },
	[DIALECT_RESPONSES] = {
		prompt_listen_responses, prompt_wishes_responses },
	[DIALECT_GEMINI] = { prompt_listen_gemini, prompt_wishes_gemini },
};

void
prompt_listen(struct prompt *a, struct arena *arena)
{
	struct buf heard = { 0 }, results = { 0 };

	forms[a->dialect].listen(a, &heard, &results);
	a->heard = arena_dup(arena, buf_slice(&heard));
	a->results = arena_dup(arena, buf_slice(&results));
	arena->failed |= heard.failed || results.failed;
	buf_free(&heard);
	buf_free(&results);
	forms[a->dialect].wishes(a, arena);
	a->tokens = estimate(a);
}
