#include "proto/compress_walk.h"

#include <string.h>

#include "proto/gemini/proto3.h"
#include "proto/pass.h"

enum {
	LIST_FIRST = 16,
	CALLS_BACK = 256,	/* as many calls may be open at once */
};

/* Room for one more at the end of a list; NULL: there is none. */
static void *
add(struct arena *arena, void **list, uint32_t *count, size_t *cap, size_t size)
{
	size_t grown = *cap ? 2 * *cap : LIST_FIRST;
	void *at = *list;

	if (*count == *cap) {
		at = at ? arena_resize(arena, at, *cap * size, grown * size) :
		    arena_array(arena, grown, size);
		if (!at)
			return NULL;
		*list = at;
		*cap = grown;
	}
	at = (char *)at + *count * size;
	memset(at, 0, size);
	++*count;
	return at;
}

/* A call of the function that `of` names, with its member `args`. */
static void
add_call(struct compress_walk *w, struct slice id, struct jval of,
    const char *args)
{
	void *list = w->calls;
	struct compress_call *to = add(w->arena, &list, &w->call_count,
	    &w->call_cap, sizeof *to);

	w->calls = list;
	if (!to)
		return;
	to->id = id;
	to->name = jval_get_text(of, "name");
	to->args = jval_get(of, args);
	to->turn = w->turn;
}

static uint32_t
add_text(struct compress_walk *w, struct jval value)
{
	void *list = w->texts;
	struct compress_text *to = add(w->arena, &list, &w->text_count,
	    &w->text_cap, sizeof *to);

	w->texts = list;
	if (!to)
		return COMPRESS_NONE;
	to->value = value;
	return w->text_count - 1;
}

/*
 * The latest call of that id; or, of a result that has none, the first open
 * one of that name in the latest turn.  Answered twice it is nobody's.
 */
static uint32_t
find_call(struct compress_walk *w, struct slice id, struct slice name)
{
	uint32_t i = w->call_count, found = COMPRESS_NONE;

	for (unsigned n = 0; i-- > 0 && n < CALLS_BACK; n++) {
		const struct compress_call *call = &w->calls[i];

		if (id.len && slice_eq(call->id, id)) {
			found = i;
			break;
		}
		if (id.len)
			continue;
		if (call->turn != w->calls[w->call_count - 1].turn)
			break;
		if (name.len && !call->answered && slice_eq(call->name, name))
			found = i;
	}
	if (found == COMPRESS_NONE || w->calls[found].answered)
		return COMPRESS_NONE;
	w->calls[found].answered = true;
	return found;
}

static void
add_result(struct compress_walk *w, uint32_t call, uint32_t text)
{
	void *list = w->results;
	struct compress_result *to = add(w->arena, &list, &w->result_count,
	    &w->result_cap, sizeof *to);

	w->results = list;
	if (to)
		*to = (struct compress_result){ call, text, w->epoch };
}

/* A string, or parts of which some are text. */
static void
read_content(struct compress_walk *w, uint32_t call, struct jval content)
{
	uint32_t text = COMPRESS_NONE;
	size_t parts = 0;

	if (jval_is(content, JSON_STRING))
		text = add_text(w, content);
	else if (jval_is(content, JSON_ARRAY))
		for (struct jval p = jval_first(content); !jval_at_end(p);
		    p = jval_next(p), parts++)
			if (pass_among("text input_text output_text",
			    jval_get_text(p, "type")) &&
			    jval_is(jval_get(p, "text"), JSON_STRING))
				text = add_text(w, jval_get(p, "text"));
	add_result(w, call, parts > 1 ? COMPRESS_NONE : text);
}

static struct jval
items(struct jval list)
{
	return jval_is(list, JSON_ARRAY) ? jval_first(list) :
	    (struct jval){ 0 };
}

/* ---- Chat ---- */

static void
read_chat(struct compress_walk *w, struct jval body)
{
	struct jval m, c;

	for (m = items(jval_get(body, "messages")); !jval_at_end(m);
	    m = jval_next(m)) {
		struct slice role = jval_get_text(m, "role");

		if (slice_is(role, "tool") || slice_is(role, "function")) {
			read_content(w, find_call(w, jval_get_text(m,
			    "tool_call_id"), SLICE("")),
			    jval_get(m, "content"));
			continue;
		}
		for (c = items(jval_get(m, "tool_calls")); !jval_at_end(c);
		    c = jval_next(c))
			add_call(w, jval_get_text(c, "id"),
			    jval_get(c, "function"), "arguments");
	}
}

/* ---- Messages ---- */

static void
read_block(struct compress_walk *w, struct jval b)
{
	struct slice type = jval_get_text(b, "type");

	if (slice_is(type, "tool_use")) {
		add_call(w, jval_get_text(b, "id"), b, "input");
	} else if (slice_is(type, "tool_result")) {
		uint32_t call = find_call(w, jval_get_text(b, "tool_use_id"),
		    SLICE(""));

		if (jval_is_true(jval_get(b, "is_error")))
			add_result(w, call, COMPRESS_NONE);
		else
			read_content(w, call, jval_get(b, "content"));
	} else if (slice_is(type, "compaction")) {
		w->epoch++;
	}
}

static void
read_messages(struct compress_walk *w, struct jval body)
{
	struct jval m, b;

	for (m = items(jval_get(body, "messages")); !jval_at_end(m);
	    m = jval_next(m))
		for (b = items(jval_get(m, "content")); !jval_at_end(b);
		    b = jval_next(b))
			read_block(w, b);
}

/* ---- Responses ---- */

static void
read_item(struct compress_walk *w, struct jval item)
{
	static const char outputs[] = "function_call_output "
	    "custom_tool_call_output";
	struct slice type = jval_get_text(item, "type");
	struct slice id = jval_get_text(item, "call_id");

	if (slice_is(type, "function_call"))
		add_call(w, id, item, "arguments");
	else if (slice_is(type, "custom_tool_call"))
		add_call(w, id, item, "input");
	else if (pass_among(outputs, type))
		read_content(w, find_call(w, id, SLICE("")),
		    jval_get(item, "output"));
	else if (slice_is(type, "compaction"))
		w->epoch++;
}

static void
read_responses(struct compress_walk *w, struct jval body)
{
	struct jval item;

	for (item = items(jval_get(body, "input")); !jval_at_end(item);
	    item = jval_next(item))
		read_item(w, item);
}

/* ---- Gemini ---- */

/* Results are objects; of one with nothing but a text that is what counts. */
static void
read_response(struct compress_walk *w, uint32_t call, struct jval part)
{
	struct jval response = proto3_get(part, "response");
	struct jval only = jval_first(response), value = response;
	bool more = jval_ok(proto3_get(part, "parts"));
	uint32_t text = COMPRESS_NONE;

	if (jval_is(response, JSON_OBJECT) &&
	    !jval_ok(jval_get(response, "error"))) {
		if (jval_count(response) == 1 &&
		    jval_is(jval_value(only), JSON_STRING))
			value = jval_value(only);
		text = add_text(w, value);
	}
	add_result(w, call, more ? COMPRESS_NONE : text);
}

static void
read_part(struct compress_walk *w, struct jval part)
{
	struct jval call = proto3_get(part, "functionCall");
	struct jval result = proto3_get(part, "functionResponse");

	if (jval_ok(call))
		add_call(w, jval_get_text(call, "id"), call, "args");
	if (jval_ok(result))
		read_response(w, find_call(w, jval_get_text(result, "id"),
		    jval_get_text(result, "name")), result);
}

static void
read_gemini(struct compress_walk *w, struct jval body)
{
	struct proto3_items content, part;

	for (content = proto3_items(proto3_get(body, "contents"));
	    proto3_more(&content); proto3_next(&content)) {
		w->turn++;
		for (part = proto3_items(proto3_get(content.at, "parts"));
		    proto3_more(&part); proto3_next(&part))
			read_part(w, part.at);
	}
}

/* Members by which clients let a provider shorten the conversation itself. */
static bool
forgets(struct jval body)
{
	static const char *const names[] = {
		"context_management", "transforms", "truncate_prompt_tokens",
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (jval_ok(pass_member(body, names[i])))
			return true;
	return slice_is(jval_get_text(body, "truncation"), "auto") ||
	    slice_find(jval_raw(pass_member(body, "plugins")),
	    SLICE("\"context-compression\"")) != SIZE_MAX;
}

void
compress_walk(struct compress_walk *walk, struct arena *arena,
    enum protocol_id protocol, struct jval body)
{
	static void (*const readers[PROTO_COUNT])(struct compress_walk *,
	    struct jval) = {
		[PROTO_CHAT] = read_chat, [PROTO_MESSAGES] = read_messages,
		[PROTO_RESPONSES] = read_responses,
		[PROTO_GEMINI] = read_gemini,
	};

	*walk = (struct compress_walk){ .arena = arena,
	    .forgets = forgets(body) };
	readers[protocol](walk, body);
}
