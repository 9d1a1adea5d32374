/*
 * Gemini: calls stand behind a turn of the user, and right behind them as many
 * answers; in the turn that is still going on the first call of each step has
 * the signature that came with it, with models that want it.
 */
#include "echo/check.h"

#include "echo/prompt_form.h"
#include "json/bind.h"
#include "json/text.h"

enum { NAME_MAX_CHARS = 128, STOPS_MAX = 5, SCHEMA_DEPTH_MAX = 32 };

struct look {			/* what is being looked at */
	struct fault	*fault;
	struct arena	*arena;
	const struct prompt *ask;
	size_t		 at, part;	/* indices of content and part */
	struct jval	 content;
	struct jval	 before;	/* the content before */
	struct jval	 current;	/* where the current turn begins */
};

/* Members of requests; any other is refused. */
static const struct field members[] = {
	{ .name = "contents" }, { .name = "systemInstruction" },
	{ .name = "system_instruction" }, { .name = "tools" },
	{ .name = "toolConfig" }, { .name = "tool_config" },
	{ .name = "generationConfig" }, { .name = "generation_config" },
	{ .name = "safetySettings" }, { .name = "safety_settings" },
	{ .name = "cachedContent" }, { .name = "cached_content" },
	{ .name = "model" }, { .name = "labels" }, { .name = "serviceTier" },
	{ .name = "store" }, { .name = "continuationToken" },
	{ .name = NULL }
};

/* Keywords of the older kind of schema; a newer one may have any. */
static const struct field keywords[] = {
	{ .name = "type" }, { .name = "format" }, { .name = "title" },
	{ .name = "description" }, { .name = "nullable" },
	{ .name = "enum" }, { .name = "items" }, { .name = "maxItems" },
	{ .name = "minItems" }, { .name = "properties" },
	{ .name = "required" }, { .name = "propertyOrdering" },
	{ .name = "minProperties" }, { .name = "maxProperties" },
	{ .name = "minLength" }, { .name = "maxLength" },
	{ .name = "pattern" }, { .name = "minimum" }, { .name = "maximum" },
	{ .name = "anyOf" }, { .name = "default" }, { .name = "example" },
	{ .name = NULL }
};

static bool	refuse(struct look *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Always false. */
static bool
refuse(struct look *l, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	check_tell(l->fault, l->arena, fmt, args);
	va_end(args);
	return false;
}

/* ---- schemas ---- */

static bool	check_schema(struct look *, struct jval schema,
		    struct slice path, unsigned depth);

/* Depth is bounded: check_schema() stops at SCHEMA_DEPTH_MAX. */
static bool
check_inner(struct look *l, struct jval schema, struct slice path,
    unsigned depth)
{
	struct jval properties = jval_get(schema, "properties");
	struct jval any = jval_get(schema, "anyOf");
	struct jval items = jval_get(schema, "items");
	size_t i = 0;

	for (struct jval k = jval_first(properties); !jval_at_end(k);
	    k = jval_next(k), i++)
		if (!check_schema(l, jval_value(k), arena_fmt(l->arena,
		    "%.*s.properties[%zu].value", SLICE_FMT(path), i), depth))
			return false;
	i = 0;
	for (struct jval s = jval_first(any); !jval_at_end(s);
	    s = jval_next(s), i++)
		if (!check_schema(l, s, arena_fmt(l->arena, "%.*s.any_of[%zu]",
		    SLICE_FMT(path), i), depth))
			return false;
	return !jval_ok(items) || check_schema(l, items, arena_fmt(l->arena,
	    "%.*s.items", SLICE_FMT(path)), depth);
}

static bool
check_schema(struct look *l, struct jval schema, struct slice path,
    unsigned depth)
{
	struct jval extra = json_unknown(schema, keywords,
	    (struct jval){ 0 });
	struct jval type = jval_get(schema, "type");

	if (depth == SCHEMA_DEPTH_MAX)
		return refuse(l, "The schema at '%.*s' is too deep.",
		    SLICE_FMT(path));
	if (!jval_at_end(extra))
		return refuse(l, "Invalid JSON payload received. Unknown name "
		    "\"%.*s\" at '%.*s': Cannot find field.",
		    SLICE_FMT(jval_text(extra)), SLICE_FMT(path));
	if (jval_ok(type) && !jval_is(type, JSON_STRING))
		return refuse(l, "Invalid value at '%.*s.type' (Type), Proto "
		    "field is not repeating, cannot start list.",
		    SLICE_FMT(path));
	return check_inner(l, schema, path, depth + 1);
}

/* ---- tools ---- */

static bool
good_name(struct slice name)
{
	char first = name.len ? name.ptr[0] : '0';

	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] != '.' && name.ptr[i] != ':' &&
		    !check_name(slice_sub(name, i, 1), 1))
			return false;
	return name.len <= NAME_MAX_CHARS && (first == '_' ||
	    (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z'));
}

static bool
check_function(struct look *l, struct jval f, struct slice path)
{
	struct jval own = jval_get(f, "parameters");
	struct jval json = prompt_get(f, "parametersJsonSchema");

	if (!good_name(jval_get_text(f, "name")))
		return refuse(l, "* GenerateContentRequest.%.*s.name: Invalid "
		    "function name. Must start with a letter or an underscore."
		    " Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), "
		    "dots (.), colons (:), or dashes (-), with a maximum "
		    "length of %d.", SLICE_FMT(path), NAME_MAX_CHARS);
	if (jval_ok(own) && jval_ok(json))
		return refuse(l, "* GenerateContentRequest.%.*s: only one of "
		    "parameters and parameters_json_schema may be set.",
		    SLICE_FMT(path));
	return !jval_ok(own) || check_schema(l, own, arena_fmt(l->arena,
	    "%.*s.parameters", SLICE_FMT(path)), 0);
}

static bool
check_tools(struct look *l)
{
	struct jval tools = jval_get(l->ask->root, "tools");
	size_t i = 0;

	for (struct jval t = jval_first(tools); !jval_at_end(t);
	    t = jval_next(t), i++) {
		struct jval all = prompt_get(t, "functionDeclarations");
		size_t k = 0;

		for (struct jval f = jval_first(all); !jval_at_end(f);
		    f = jval_next(f), k++)
			if (!check_function(l, f, arena_fmt(l->arena,
			    "tools[%zu].function_declarations[%zu]", i, k)))
				return false;
	}
	return true;
}

/* ---- parts ---- */

static const char *const kinds[] = {
	"text", "inlineData", "fileData", "functionCall", "functionResponse",
	"executableCode", "codeExecutionResult", "toolCall", "toolResponse",
};

static size_t
count_of(struct jval content, const char *kind)
{
	struct jval parts = jval_get(content, "parts");
	size_t n = 0;

	for (struct jval p = jval_first(parts); !jval_at_end(p);
	    p = jval_next(p))
		n += jval_ok(prompt_get(p, kind));
	return n;
}

static bool
check_signature(struct look *l, struct jval part)
{
	static const char *const sentinels[] = {
		"skip_thought_signature_validator",
		"context_engineering_is_the_way_to_go",
	};
	struct jval signature = prompt_get(part, "thoughtSignature");

	if (!jval_ok(signature))
		return true;
	for (size_t i = 0; i < sizeof sentinels / sizeof *sentinels; i++)
		if (jval_text_is(signature, sentinels[i]))
			return true;
	return speech_sealed(l->arena,
	    text_unescape(l->arena, jval_text(signature))) ||
	    refuse(l, "Corrupted thought signature.");
}

static bool
check_part(struct look *l, struct jval part)
{
	struct jval call = prompt_get(part, "functionCall");
	struct jval answer = prompt_get(part, "functionResponse");
	size_t n = 0;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		n += jval_ok(prompt_get(part, kinds[i]));
	if (n != 1)
		return refuse(l, "* GenerateContentRequest.contents[%zu].parts"
		    "[%zu].data: required oneof field 'data' must have one "
		    "initialized field", l->at, l->part);
	if ((jval_ok(call) && !jval_get_text(call, "name").len) ||
	    (jval_ok(answer) && !jval_get_text(answer, "name").len))
		return refuse(l, "* GenerateContentRequest.contents[%zu].parts"
		    "[%zu].%s.name: Name cannot be empty.", l->at, l->part,
		    jval_ok(call) ? "function_call" : "function_response");
	if (jval_ok(answer) &&
	    !jval_is(jval_get(answer, "response"), JSON_OBJECT))
		return refuse(l, "Invalid value at 'contents[%zu].parts[%zu]."
		    "function_response.response' (Struct).", l->at, l->part);
	return check_signature(l, part);
}

/* ---- contents ---- */

static bool
wants_signatures(struct slice model)
{
	return slice_starts(model, SLICE("gemini-3"));
}

/* The first call of a step of the current turn is signed. */
static bool
check_step(struct look *l)
{
	struct jval parts = jval_get(l->content, "parts");

	if (!wants_signatures(l->ask->name) || !jval_ok(l->current) ||
	    l->content.at < l->current.at)
		return true;
	for (struct jval p = jval_first(parts); !jval_at_end(p);
	    p = jval_next(p)) {
		struct jval call = prompt_get(p, "functionCall");

		if (!jval_ok(call))
			continue;
		return jval_ok(prompt_get(p, "thoughtSignature")) ||
		    refuse(l, "Function call is missing a thought_signature "
		    "in functionCall parts. This is required for tools to "
		    "work correctly. Function call `%.*s`, position %zu.",
		    SLICE_FMT(jval_get_text(call, "name")), l->at);
	}
	return true;
}

/* Does a call of the content before have this name, and this id if any? */
static bool
was_called(struct look *l, struct jval answer)
{
	struct jval parts = jval_get(l->before, "parts");
	struct slice id = jval_get_text(answer, "id");

	for (struct jval p = jval_first(parts); !jval_at_end(p);
	    p = jval_next(p)) {
		struct jval call = prompt_get(p, "functionCall");
		struct slice own = jval_get_text(call, "id");

		if (jval_ok(call) && slice_eq(jval_get_text(call, "name"),
		    jval_get_text(answer, "name")) &&
		    (!id.len || !own.len || slice_eq(own, id)))
			return true;
	}
	return false;
}

static bool
check_answers(struct look *l)
{
	size_t calls = count_of(l->before, "functionCall");
	size_t answers = count_of(l->content, "functionResponse");
	struct jval parts = jval_get(l->content, "parts");

	if (answers && !calls)
		return refuse(l, "Please ensure that function response turn "
		    "comes immediately after a function call turn.");
	if (answers != calls)
		return refuse(l, "Please ensure that the number of function "
		    "response parts is equal to the number of function call "
		    "parts of the function call turn.");
	for (struct jval p = jval_first(parts); !jval_at_end(p);
	    p = jval_next(p)) {
		struct jval answer = prompt_get(p, "functionResponse");

		if (jval_ok(answer) && !was_called(l, answer))
			return refuse(l, "Please ensure that function "
			    "responses have the names and the ids of the "
			    "function calls before them: %.*s.",
			    SLICE_FMT(jval_get_text(answer, "name")));
	}
	return true;
}

static bool
check_content(struct look *l)
{
	struct jval role = jval_get(l->content, "role");
	struct jval parts = jval_get(l->content, "parts");
	bool model = jval_text_is(role, "model");
	bool behind_user = jval_ok(l->before) &&
	    !jval_text_is(jval_get(l->before, "role"), "model");

	if (jval_ok(role) && !model && !jval_text_is(role, "user") &&
	    !jval_text_is(role, "function"))
		return refuse(l, "Please use a valid role: user, model.");
	if (!jval_is(parts, JSON_ARRAY) || !jval_count(parts))
		return refuse(l, "* GenerateContentRequest.contents[%zu].parts"
		    ": contents.parts must not be empty.", l->at);
	l->part = 0;
	for (struct jval p = jval_first(parts); !jval_at_end(p);
	    p = jval_next(p), l->part++)
		if (!check_part(l, p))
			return false;
	if (!model)
		return check_answers(l);
	if (count_of(l->content, "functionCall") && !behind_user)
		return refuse(l, "Please ensure that function call turn comes "
		    "immediately after a user turn or after a function "
		    "response turn.");
	return check_step(l);
}

/* ---- the rest ---- */

static bool
check_config(struct look *l)
{
	struct jval config = prompt_get(l->ask->root, "generationConfig");
	struct jval thinking = prompt_get(config, "thinkingConfig");
	struct jval schema = prompt_get(config, "responseSchema");
	struct jval count = prompt_get(config, "candidateCount");
	uint64_t n = 1;

	if (jval_ok(prompt_get(thinking, "thinkingLevel")) &&
	    jval_ok(prompt_get(thinking, "thinkingBudget")))
		return refuse(l, "You can only set only one of thinking budget"
		    " and thinking level.");
	if (jval_count(prompt_get(config, "stopSequences")) > STOPS_MAX)
		return refuse(l, "* GenerateContentRequest.generation_config."
		    "stop_sequences: must not have more than %d.", STOPS_MAX);
	if (jval_ok(count) && jval_u64(count, &n) && n > 1)
		return refuse(l, "Multiple candidates is not enabled for this "
		    "model");
	return !jval_ok(schema) || check_schema(l, schema,
	    SLICE("generation_config.response_schema"), 0);
}

/* The last content in which the user says something by himself. */
static struct jval
current_turn(struct jval contents)
{
	struct jval last = { 0 };

	for (struct jval c = jval_first(contents); !jval_at_end(c);
	    c = jval_next(c))
		if (!jval_text_is(jval_get(c, "role"), "model") &&
		    !count_of(c, "functionResponse"))
			last = c;
	return last;
}

bool
check_gemini(const struct prompt *a, struct fault *fault, struct arena *arena)
{
	struct jval contents = jval_get(a->root, "contents");
	struct jval extra = json_unknown(a->root, members,
	    (struct jval){ 0 });
	struct look l = { .fault = fault, .arena = arena, .ask = a };

	if (!jval_at_end(extra))
		return refuse(&l, "Invalid JSON payload received. Unknown name"
		    " \"%.*s\": Cannot find field.",
		    SLICE_FMT(jval_text(extra)));
	if (!jval_is(contents, JSON_ARRAY) || !jval_count(contents))
		return refuse(&l, "* GenerateContentRequest.contents: contents"
		    " is not specified");
	l.current = current_turn(contents);
	for (l.content = jval_first(contents); !jval_at_end(l.content);
	    l.content = jval_next(l.content), l.at++) {
		if (!check_content(&l))
			return false;
		l.before = l.content;
	}
	return check_config(&l) && check_tools(&l);
}
