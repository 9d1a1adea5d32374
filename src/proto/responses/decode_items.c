/*
 * The items of a Responses request: messages, calls and their results, and
 * what else happened in the conversation.  Blocks of one role side by side
 * make one turn.
 */
#include "proto/responses/decode.h"

#include <stdio.h>

#include "json/text.h"
#include "json/write.h"
#include "proto/args.h"
#include "proto/gather.h"

enum { PATH_LEN = 96 };

bool
responses_refuse_item(struct decoder *d, enum fail_kind kind,
    const char *code, const char *member, const char *what)
{
	char path[PATH_LEN];

	snprintf(path, sizeof path, "input[%u]%s%s", d->item,
	    *member && *member != '[' ? "." : "", member);
	return responses_refuse(d, kind, code, path, "%s", what);
}

void
responses_lost(struct decoder *d, enum loss_action action,
    const char *member)
{
	loss_add(&d->talk->losses, d->arena, action, "input[%u]%s%s", d->item,
	    *member ? "." : "", member);
}

/* ---- turns ---- */

/* Signatures that nothing followed belong to what stands last. */
static void
end_turn(struct decoder *d)
{
	struct ir_turn *turn = d->request->last;

	if (d->text_signature.len && turn && turn->last &&
	    turn->role == IR_ASSISTANT && turn->last->kind == IR_TEXT)
		responses_sign_text(d, turn->last);
	d->call_signature = d->text_signature = (struct slice){ 0 };
	d->signatures = (struct jval){ 0 };
}

struct ir_turn *
responses_turn(struct decoder *d, enum ir_role role)
{
	struct ir_turn *turn = d->request->last;

	if (turn && turn->role == role)
		return turn;
	end_turn(d);
	turn = ir_turn_add(d->request, d->arena, role);
	if (turn)
		turn->message = d->item;
	return turn;
}

struct ir_block *
responses_block(struct decoder *d, enum ir_role role, enum ir_kind kind)
{
	struct ir_turn *turn = responses_turn(d, role);
	struct ir_block *b = turn ? ir_block_add(turn, d->arena, kind) : NULL;

	if (!b)
		return NULL;
	b->message = d->item;
	b->part = d->part;
	d->begun = true;
	return b;
}

/* ---- messages ---- */

static bool
read_message(struct decoder *d, struct jval v)
{
	struct jval role = jval_get(v, "role");
	struct jval content = jval_get(v, "content");
	enum ir_role who = IR_SYSTEM;
	struct ir_block **list = NULL;
	struct ir_block *before = NULL, *b;
	struct slice phase = jval_get_text(v, "phase");

	if (jval_text_is(role, "user"))
		who = IR_USER;
	else if (jval_text_is(role, "assistant"))
		who = IR_ASSISTANT;
	else if (!jval_text_is(role, "system") &&
	    !jval_text_is(role, "developer"))
		return responses_refuse_item(d, FAIL_INVALID, "invalid_value",
		    "role", "Invalid value: a message's role must be 'user', "
		    "'assistant', 'system' or 'developer'.");
	if (who == IR_SYSTEM && !d->begun)
		list = &d->request->system;
	if (d->request->last && d->request->last->role == who)
		before = d->request->last->last;
	if (!responses_read_content(d, who, list, content, "content"))
		return false;
	if (who != IR_ASSISTANT || !phase.len || !d->request->last)
		return true;
	for (b = before ? before->next : d->request->last->first; b;
	    b = b->next)
		b->phase = phase;
	return true;
}

/* ---- calls ---- */

static struct slice
call_id_of(struct jval v)
{
	struct slice id = jval_get_text(v, "call_id");

	return id.len ? id : jval_get_text(v, "id");
}

static struct ir_block *
add_call(struct decoder *d, struct jval v, struct slice name)
{
	struct ir_block *b = responses_block(d, IR_ASSISTANT, IR_CALL);

	if (!b)
		return NULL;
	b->id = text_mend(d->arena, call_id_of(v));
	b->name = name;
	responses_sign_call(d, b);
	return b;
}

/* What a call is named outside of its namespace. */
static struct slice
name_of(struct decoder *d, struct jval v)
{
	return responses_full_name(d, jval_get_text(v, "namespace"),
	    text_mend(d->arena, jval_get_text(v, "name")));
}

static struct slice
read_arguments(struct decoder *d, struct jval v, const char *member)
{
	struct slice plain, args;

	if (jval_is(v, JSON_OBJECT))
		return text_mend(d->arena, jval_raw(v));
	plain = text_unescape(d->arena, jval_text(v));
	args = args_object(d->arena, plain);
	if (!slice_eq(slice_trim(plain), args) && !slice_blank(plain))
		responses_lost(d, LOSS_ADJUSTED, member);
	return text_mend(d->arena, args);
}

static bool
read_call(struct decoder *d, struct jval v)
{
	struct slice name = name_of(d, v);
	struct ir_block *b;

	if (!name.len)
		return responses_refuse_item(d, FAIL_INVALID,
		    "missing_required_parameter", "name",
		    "A call must name its function.");
	b = add_call(d, v, name);
	if (b)
		b->args = read_arguments(d, jval_get(v, "arguments"),
		    "arguments");
	return b;
}

static bool
read_custom_call(struct decoder *d, struct jval v)
{
	struct slice name = name_of(d, v);
	struct ir_block *b;

	if (!name.len)
		return responses_refuse_item(d, FAIL_INVALID,
		    "missing_required_parameter", "name",
		    "A call must name its tool.");
	b = add_call(d, v, name);
	if (!b)
		return false;
	b->custom = true;
	b->args = text_mend(d->arena, jval_get_text(v, "input"));
	if (!b->args.ptr)
		b->args = SLICE("");
	return true;
}

/* Calls of tools that have items of their own: what they were given. */
static const struct given {
	const char	*type, *name, *member;
} given[] = {
	{ "tool_search_call", "tool_search", "arguments" },
	{ "local_shell_call", "local_shell", "action" },
	{ "shell_call", "shell", "action" },
	{ "apply_patch_call", "apply_patch", "operation" },
};

static bool
read_known_call(struct decoder *d, struct jval v)
{
	const struct given *g = given;
	struct ir_block *b;

	while (!jval_text_is(jval_get(v, "type"), g->type))
		g++;
	b = add_call(d, v, slice_of(g->name));
	if (!b)
		return false;
	b->args = read_arguments(d, jval_get(v, g->member), g->member);
	b->raw = jval_raw(v);
	return true;
}

/* ---- results ---- */

/* Is it a result as functions have it? */
static bool
is_common(struct jval type)
{
	return jval_text_is(type, "function_call_output") ||
	    jval_text_is(type, "custom_tool_call_output");
}

static struct ir_block *
add_result(struct decoder *d, struct jval v)
{
	struct ir_block *b = responses_block(d, IR_USER, IR_RESULT);

	if (!b)
		return NULL;
	b->id = text_mend(d->arena, jval_get_text(v, "call_id"));
	b->name = name_of(d, v);
	if (!is_common(jval_get(v, "type")))
		b->raw = jval_raw(v);
	return b;
}

static bool
add_words(struct decoder *d, struct ir_block *result, struct slice escaped)
{
	struct ir_block *b;

	if (!escaped.len)
		return true;
	b = ir_block_new(&result->content, d->arena, IR_TEXT);
	if (!b)
		return false;
	b->text = text_mend(d->arena, escaped);
	b->message = d->item;
	b->inside = 1;
	return true;
}

static bool
read_result(struct decoder *d, struct jval v)
{
	struct ir_block *b = add_result(d, v);
	struct jval output = jval_get(v, "output");

	if (!b)
		return false;
	/* For local_shell the item's own id is that of the call. */
	if (!b->id.len && !b->name.len)
		b->id = text_mend(d->arena, jval_get_text(v, "id"));
	b->is_error = jval_text_is(jval_get(v, "type"),
	    "apply_patch_call_output") &&
	    jval_text_is(jval_get(v, "status"), "failed");
	if (!jval_ok(output))
		return true;
	return responses_read_content(d, IR_USER, &b->content, output,
	    "output");
}

static bool
read_shell_result(struct decoder *d, struct jval v)
{
	struct ir_block *b = add_result(d, v);
	struct jval output = jval_get(v, "output");

	if (!b)
		return false;
	if (jval_is(output, JSON_STRING) || !jval_ok(output))
		return add_words(d, b, jval_text(output));
	return add_words(d, b, gather_escaped_json(d->arena,
	    jval_raw(output)));
}

/* Tools of a namespace are found by the names that they are called by. */
static void
list_found(struct decoder *d, struct buf *text, struct jval tools,
    struct slice space)
{
	for (struct jval t = jval_first(tools); !jval_at_end(t);
	    t = jval_next(t)) {
		struct slice name = jval_get_text(t, "name");
		struct jval inner = jval_get(t, "tools");

		if (!space.len && name.len && jval_is(inner, JSON_ARRAY)) {
			list_found(d, text, inner, name);
			continue;
		}
		buf_text(text, buf_len(text) ? ", " : "Found: ");
		buf_append(text, responses_full_name(d, space, name));
	}
}

/* What was found stays declared. */
static bool
read_search_result(struct decoder *d, struct jval v)
{
	struct ir_block *b = add_result(d, v);
	struct jval tools = jval_get(v, "tools");
	struct ir_tool *last = d->request->tools, *new;
	struct buf text = { 0 };

	if (!b)
		return false;
	last = last ? last->tail : NULL;
	if (jval_is(tools, JSON_ARRAY))
		list_found(d, &text, tools, (struct slice){ 0 });
	if (!buf_len(&text))
		buf_text(&text, "No tool was found.");
	if (!add_words(d, b, gather(d->arena, &text)) ||
	    !responses_read_tools(d, tools, true))
		return false;
	for (new = last ? last->next : d->request->tools; new;
	    new = new->next)
		new->found = true;
	return true;
}

/* ---- what servers did ---- */

static bool
read_dropped(struct decoder *d, struct jval v)
{
	(void)v;
	return !d->talk->fail.kind;
}

/* A tool of a server that OpenAI called: a call and its result. */
static bool
read_mcp_call(struct decoder *d, struct jval v)
{
	struct slice name = responses_full_name(d,
	    jval_get_text(v, "server_label"), jval_get_text(v, "name"));
	struct jval error = jval_get(v, "error");
	struct ir_block *call = add_call(d, v, name), *result;
	struct slice words = jval_get_text(v, "output");

	if (!call)
		return false;
	call->args = read_arguments(d, jval_get(v, "arguments"), "arguments");
	result = responses_block(d, IR_USER, IR_RESULT);
	if (!result)
		return false;
	result->id = call->id;
	result->is_error = jval_ok(error);
	if (jval_is(error, JSON_STRING))
		words = jval_text(error);
	else if (jval_ok(error))
		words = gather_escaped_json(d->arena, jval_raw(error));
	return add_words(d, result, words);
}

static bool
read_made_image(struct decoder *d, struct jval v)
{
	struct slice data = jval_get_text(v, "result");
	struct ir_block *b;

	if (!data.len)
		return true;
	b = responses_block(d, IR_ASSISTANT, IR_IMAGE);
	if (!b)
		return false;
	b->media.source = IR_DATA;
	b->media.mime = SLICE("image/png");
	b->media.data = data;
	return true;
}

/* Code that OpenAI ran, as words. */
static bool
read_code(struct decoder *d, struct jval v)
{
	struct ir_block *b = responses_block(d, IR_ASSISTANT, IR_TEXT);
	struct jval outputs = jval_get(v, "outputs"), o;
	struct buf text = { 0 };

	if (!b)
		return false;
	buf_text(&text, "```python\\n");
	buf_append(&text, jval_get_text(v, "code"));
	buf_text(&text, "\\n```");
	if (jval_is(outputs, JSON_ARRAY))
		for (o = jval_first(outputs); !jval_at_end(o);
		    o = jval_next(o))
			if (jval_get_text(o, "logs").len) {
				buf_text(&text, "\\n");
				buf_append(&text, jval_get_text(o, "logs"));
			}
	b->text = text_mend(d->arena, gather(d->arena, &text));
	return true;
}

/* ---- what is none of these ---- */

static bool
read_more_tools(struct decoder *d, struct jval v)
{
	return responses_read_tools(d, jval_get(v, "tools"), true);
}

static bool
read_update(struct decoder *d, struct jval v)
{
	if (jval_ok(jval_get(v, "reasoning")))
		d->reasoning = jval_get(v, "reasoning");
	if (jval_ok(jval_get(v, "text")))
		d->text = jval_get(v, "text");
	return true;
}

static bool
read_reference(struct decoder *d, struct jval v)
{
	char text[PATH_LEN * 4];

	snprintf(text, sizeof text, "Item with id '%.*s' not found. Items are "
	    "not persisted when `store` is set to false. Try again with "
	    "`store` set to true, or remove this item from your input.",
	    SLICE_FMT(slice_sub(jval_get_text(v, "id"), 0, PATH_LEN)));
	return responses_refuse(d, FAIL_NOT_FOUND, NULL, "input", "%s", text);
}

static bool
refuse_vendors(struct decoder *d, struct jval v)
{
	char text[PATH_LEN + 64];

	snprintf(text, sizeof text, "Items of type '%.*s' are not supported "
	    "by this gateway.", SLICE_FMT(slice_sub(jval_get_text(v, "type"),
	    0, PATH_LEN)));
	return responses_refuse_item(d, FAIL_UNSUPPORTED, "unsupported_item",
	    "type", text);
}

static const struct {
	const char	*type;
	bool		(*read)(struct decoder *, struct jval);
} types[] = {
	{ "message", read_message },
	{ "function_call", read_call },
	{ "function_call_output", read_result },
	{ "custom_tool_call", read_custom_call },
	{ "custom_tool_call_output", read_result },
	{ "reasoning", responses_read_reasoning },
	{ "item_reference", read_reference },
	{ "additional_tools", read_more_tools },
	{ "tool_search_call", read_known_call },
	{ "tool_search_output", read_search_result },
	{ "configuration_update", read_update },
	{ "local_shell_call", read_known_call },
	{ "local_shell_call_output", read_result },
	{ "shell_call", read_known_call },
	{ "shell_call_output", read_shell_result },
	{ "apply_patch_call", read_known_call },
	{ "apply_patch_call_output", read_result },
	{ "web_search_call", read_dropped },
	{ "file_search_call", read_dropped },
	{ "mcp_list_tools", read_dropped },
	{ "mcp_call", read_mcp_call },
	{ "image_generation_call", read_made_image },
	{ "code_interpreter_call", read_code },
	{ "computer_call", refuse_vendors },
	{ "computer_call_output", refuse_vendors },
	{ "mcp_approval_request", refuse_vendors },
	{ "mcp_approval_response", refuse_vendors },
	{ "program", refuse_vendors },
	{ "program_output", refuse_vendors },
	{ "compaction", responses_read_reasoning },
	{ "compaction_trigger", refuse_vendors },
};

/* An item that only OpenAI understands, on its way there. */
static bool
keep_opaque(struct decoder *d, struct jval v)
{
	enum ir_role role = slice_ends(jval_get_text(v, "type"),
	    SLICE("_output")) || jval_text_is(jval_get(v, "type"),
	    "mcp_approval_response") ? IR_USER : IR_ASSISTANT;
	struct ir_block *b = responses_block(d, role, IR_OPAQUE);

	if (!b)
		return false;
	b->vendor = IR_OPENAI;
	b->name = jval_get_text(v, "type");
	b->raw = jval_raw(v);
	return true;
}

static bool
read_item(struct decoder *d, struct jval v)
{
	struct jval type = jval_get(v, "type");
	size_t i = 0, n = sizeof types / sizeof *types;

	d->part = 0;
	if (!jval_is(v, JSON_OBJECT))
		return responses_refuse_item(d, FAIL_INVALID, "invalid_type",
		    "", "An item must be an object.");
	if (!jval_ok(type))
		return jval_ok(jval_get(v, "role")) ? read_message(d, v) :
		    jval_ok(jval_get(v, "id")) ? read_reference(d, v) :
		    responses_refuse_item(d, FAIL_INVALID,
		    "missing_required_parameter", "type",
		    "An item must have a type.");
	while (i < n && !jval_text_is(type, types[i].type))
		i++;
	if (d->kin && (i == n || types[i].read == read_dropped ||
	    types[i].read == refuse_vendors))
		return keep_opaque(d, v);
	if (i == n)
		return responses_refuse_item(d, FAIL_INVALID, "invalid_value",
		    "type", "Invalid value: no item has this type.");
	return types[i].read(d, v);
}

bool
responses_read_input(struct decoder *d, struct jval input)
{
	if (!jval_ok(input))
		return true;
	if (jval_is(input, JSON_STRING))
		return responses_read_content(d, IR_USER, NULL, input,
		    "content");
	if (!jval_is(input, JSON_ARRAY))
		return responses_refuse(d, FAIL_INVALID, "invalid_type",
		    "input", "Invalid type for 'input': expected a string or "
		    "an array of items.");
	for (struct jval v = jval_first(input); !jval_at_end(v);
	    v = jval_next(v), d->item++)
		if (!read_item(d, v))
			return false;
	end_turn(d);
	return true;
}
