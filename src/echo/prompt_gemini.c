/*
 * Gemini: contents of parts.  Its own programs spell members in camelCase,
 * others in snake_case, and both are read.
 */
#include "echo/hear.h"
#include "echo/prompt_form.h"

enum { NAME_MAX_BYTES = 64 };

struct jval
prompt_get(struct jval obj, const char *camel)
{
	struct jval found = jval_get(obj, camel);
	char snake[NAME_MAX_BYTES];
	size_t n = 0;

	if (jval_ok(found))
		return found;
	for (const char *c = camel; *c && n + 2 < sizeof snake; c++) {
		if (*c < 'A' || *c > 'Z') {
			snake[n++] = *c;
		} else {
			snake[n++] = '_';
			snake[n++] = (char)(*c - 'A' + 'a');
		}
	}
	snake[n] = '\0';
	return jval_get(obj, snake);
}

/* ---- what was said ---- */

void
prompt_listen_gemini(struct prompt *a, struct buf *heard, struct buf *results)
{
	struct jval contents = jval_get(a->root, "contents");
	struct jval parts = { 0 };

	for (struct jval c = jval_first(contents); !jval_at_end(c);
	    c = jval_next(c))
		if (!jval_text_is(jval_get(c, "role"), "model"))
			parts = jval_get(c, "parts");
	hear_content(heard, parts);
	for (struct jval p = jval_first(parts); !jval_at_end(p);
	    p = jval_next(p)) {
		struct jval answer = prompt_get(p, "functionResponse");

		if (!jval_ok(answer))
			continue;
		a->answered = true;
		hear_response(results, answer);
	}
}

/* ---- tools ---- */

static size_t
count_tools(struct jval tools)
{
	size_t n = 0;

	for (struct jval t = jval_first(tools); !jval_at_end(t);
	    t = jval_next(t))
		n += jval_count(prompt_get(t, "functionDeclarations"));
	return n;
}

static void
read_tools(struct prompt *a, struct arena *arena)
{
	struct jval tools = jval_get(a->root, "tools");

	a->tools = arena_array(arena, count_tools(tools) + 1,
	    sizeof *a->tools);
	if (!a->tools)
		return;
	for (struct jval t = jval_first(tools); !jval_at_end(t);
	    t = jval_next(t)) {
		struct jval all = prompt_get(t, "functionDeclarations");

		for (struct jval f = jval_first(all); !jval_at_end(f);
		    f = jval_next(f)) {
			struct jval own = jval_get(f, "parameters");

			a->tools[a->tool_count++] = (struct prompt_tool){
				.name = jval_get_text(f, "name"),
				.schema = jval_ok(own) ? own
				    : prompt_get(f, "parametersJsonSchema"),
			};
		}
	}
}

static void
read_choice(struct prompt *a)
{
	struct jval calling = prompt_get(prompt_get(a->root, "toolConfig"),
	    "functionCallingConfig");
	struct jval names = prompt_get(calling, "allowedFunctionNames");
	struct slice mode = jval_get_text(calling, "mode");

	if (slice_eq_ci(mode, SLICE("none")))
		a->choice = CHOICE_NONE;
	if (slice_eq_ci(mode, SLICE("any")))
		a->choice = CHOICE_ANY;
	if (jval_count(names))
		prompt_keep_tools(a, names, NULL);
}

void
prompt_wishes_gemini(struct prompt *a, struct arena *arena)
{
	struct jval config = prompt_get(a->root, "generationConfig");
	struct jval thinking = prompt_get(config, "thinkingConfig");

	read_tools(a, arena);
	read_choice(a);
	if (!jval_u64(prompt_get(config, "maxOutputTokens"), &a->max_tokens))
		a->max_tokens = 0;
	a->stops = prompt_get(config, "stopSequences");
	a->reason = jval_is_true(prompt_get(thinking, "includeThoughts"));
}
