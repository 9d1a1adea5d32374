#include "proto/responses/item.h"

#include "json/text.h"
#include "proto/args.h"

static const struct {			/* ORDER item */
	const char	*type, *prefix;
} types[ITEM_TYPES] = {
	[ITEM_MESSAGE] = { "message", "msg_" },
	[ITEM_REASONING] = { "reasoning", "rs_" },
	[ITEM_FUNCTION] = { "function_call", "fc_" },
	[ITEM_CUSTOM] = { "custom_tool_call", "ctc_" },
	[ITEM_TOOL_SEARCH] = { "tool_search_call", "tsc_" },
	[ITEM_LOCAL_SHELL] = { "local_shell_call", "lsh_" },
	[ITEM_SHELL] = { "shell_call", "sh_" },
	[ITEM_APPLY_PATCH] = { "apply_patch_call", "apc_" },
	[ITEM_IMAGE] = { "image_generation_call", "ig_" },
	[ITEM_RAW] = { "", "" },
};

static const char *const statuses[] = {
	[ITEM_IN_PROGRESS] = "in_progress",
	[ITEM_COMPLETED] = "completed",
	[ITEM_INCOMPLETE] = "incomplete",
};

const char *
item_prefix(enum item_type type)
{
	return types[type].prefix;
}

enum item_type
item_of_tool(const struct ir_tool *tool, bool custom)
{
	static const enum item_type forms[] = {
		[IR_FORM_PLAIN] = ITEM_FUNCTION,
		[IR_FORM_TOOL_SEARCH] = ITEM_TOOL_SEARCH,
		[IR_FORM_LOCAL_SHELL] = ITEM_LOCAL_SHELL,
		[IR_FORM_SHELL] = ITEM_SHELL,
		[IR_FORM_APPLY_PATCH] = ITEM_APPLY_PATCH,
	};

	if (tool && tool->kind == IR_CUSTOM)
		return ITEM_CUSTOM;
	if (!tool || tool->form == IR_FORM_PLAIN)
		return custom ? ITEM_CUSTOM : ITEM_FUNCTION;
	return forms[tool->form];
}

struct slice
item_input(const struct item *item)
{
	struct slice text = gather_text(&item->text);

	if (item->type == ITEM_FUNCTION && text_blank(text))
		return SLICE("{}");
	return text;
}

bool
item_is_whole(const struct item *item, struct arena *scratch)
{
	struct slice text = text_unescape(scratch, item_input(item));
	struct json_fault fault;
	uint32_t tokens;

	return item->type != ITEM_CUSTOM &&
	    json_check(text, ARGS_DEPTH_MAX, &tokens, &fault);
}

void
item_write_part(const struct part *part, struct writer *w, bool begun)
{
	struct slice none = SLICE("");

	write_object(w);
	write_member_plain(w, "type",
	    part->refusal ? "refusal" : "output_text");
	if (part->refusal) {
		write_member_text(w, "refusal",
		    begun ? none : gather_text(&part->text));
		write_end(w);
		return;
	}
	write_key(w, "annotations");
	write_array(w);
	if (!begun && part->cites.len)
		write_raw(w, gather_text(&part->cites));
	write_end(w);
	write_key(w, "logprobs");
	write_array(w);
	if (!begun && part->logprobs.len)
		write_raw(w, gather_text(&part->logprobs));
	write_end(w);
	write_member_text(w, "text", begun ? none : gather_text(&part->text));
	write_end(w);
}

static void
write_message(const struct item *item, struct writer *w)
{
	write_member_plain(w, "role", "assistant");
	write_key(w, "content");
	write_array(w);
	if (item->status != ITEM_IN_PROGRESS)
		for (const struct part *p = item->first; p; p = p->next)
			item_write_part(p, w, false);
	write_end(w);
	if (item->phase.len)
		write_member_text(w, "phase", item->phase);
}

static void
write_reasoning(const struct item *item, struct writer *w)
{
	struct slice text = gather_text(&item->text);

	write_key(w, "summary");
	write_array(w);
	if (item->status != ITEM_IN_PROGRESS && text.len) {
		write_object(w);
		write_member_plain(w, "type", "summary_text");
		write_member_text(w, "text", text);
		write_end(w);
	}
	write_end(w);
	if (item->status == ITEM_IN_PROGRESS)
		return;
	if (item->sealed.len)
		write_member_text(w, "encrypted_content", item->sealed);
	else
		write_member_null(w, "encrypted_content");
}

/* The object that the model wrote, as a value: these clients parse no text. */
static struct jval
parse_input(const struct item *item, struct json *doc, struct arena *scratch)
{
	struct slice text = args_object(scratch,
	    text_unescape(scratch, item_input(item)));
	struct json_fault fault;

	if (!json_parse(doc, scratch, text, 0, &fault))
		return (struct jval){ 0 };
	return json_root(doc);
}

static void
write_object_of(const char *key, const struct item *item, struct writer *w,
    struct arena *scratch)
{
	struct json doc;
	struct jval v = { 0 };

	if (item->status != ITEM_IN_PROGRESS)
		v = parse_input(item, &doc, scratch);
	write_key(w, key);
	write_min(w, jval_ok(v) ? jval_raw(v) : SLICE("{}"));
}

static void
write_or(struct writer *w, const char *key, struct jval v, const char *other)
{
	write_key(w, key);
	write_min(w, jval_ok(v) ? jval_raw(v) : slice_of(other));
}

static void
write_local_shell(const struct item *item, struct writer *w,
    struct arena *scratch)
{
	struct json doc;
	struct jval v = { 0 }, where;

	if (item->status != ITEM_IN_PROGRESS)
		v = parse_input(item, &doc, scratch);
	where = jval_get(v, "working_directory");
	if (!jval_ok(where))
		where = jval_get(v, "workdir");
	write_key(w, "action");
	write_object(w);
	write_member_plain(w, "type", "exec");
	write_or(w, "command", jval_get(v, "command"), "[]");
	write_or(w, "env", jval_get(v, "env"), "{}");
	write_or(w, "timeout_ms", jval_get(v, "timeout_ms"), "null");
	write_or(w, "working_directory", where, "null");
	write_end(w);
}

static void
write_shell(const struct item *item, struct writer *w, struct arena *scratch)
{
	struct json doc;
	struct jval v = { 0 };

	if (item->status != ITEM_IN_PROGRESS)
		v = parse_input(item, &doc, scratch);
	write_key(w, "action");
	write_object(w);
	write_or(w, "commands", jval_get(v, "commands"), "[]");
	write_or(w, "timeout_ms", jval_get(v, "timeout_ms"), "null");
	write_or(w, "max_output_length", jval_get(v, "max_output_length"),
	    "null");
	write_end(w);
	write_member_null(w, "environment");
}

static void
write_named(const char *key, const struct item *item, struct writer *w)
{
	struct slice begun = SLICE("");

	write_member_text(w, key, item->status == ITEM_IN_PROGRESS ? begun :
	    item_input(item));
	write_member_text(w, "call_id", item->call_id);
	write_member_text(w, "name", item->name);
	if (item->space.len)
		write_member_text(w, "namespace", item->space);
}

static void
write_rest(const struct item *item, struct writer *w, struct arena *scratch)
{
	switch (item->type) {
	case ITEM_MESSAGE:
		write_message(item, w);
		return;
	case ITEM_REASONING:
		write_reasoning(item, w);
		return;
	case ITEM_FUNCTION:
		write_named("arguments", item, w);
		return;
	case ITEM_CUSTOM:
		write_named("input", item, w);
		return;
	case ITEM_TOOL_SEARCH:
		write_member_plain(w, "execution", "client");
		write_object_of("arguments", item, w, scratch);
		break;
	case ITEM_LOCAL_SHELL:
		write_local_shell(item, w, scratch);
		break;
	case ITEM_SHELL:
		write_shell(item, w, scratch);
		break;
	case ITEM_APPLY_PATCH:
		write_object_of("operation", item, w, scratch);
		break;
	case ITEM_IMAGE:
		if (item->status == ITEM_IN_PROGRESS)
			write_member_null(w, "result");
		else
			write_member_text(w, "result", item->raw);
		return;
	case ITEM_RAW:
	case ITEM_TYPES:
		return;
	}
	write_member_text(w, "call_id", item->call_id);
}

void
item_write(const struct item *item, struct writer *w, struct arena *scratch)
{
	if (item->type == ITEM_RAW) {
		write_min(w, item->raw);
		return;
	}
	write_object(w);
	write_member_text(w, "id", item->id);
	write_member_plain(w, "type", types[item->type].type);
	write_member_plain(w, "status", statuses[item->status]);
	write_rest(item, w, scratch);
	write_end(w);
}
