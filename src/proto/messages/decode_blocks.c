/*
 * The content blocks of a Messages request: a table of types, and where each
 * may stand.
 */
#include "proto/messages/decode.h"

#include <stdio.h>

#include "json/text.h"
#include "proto/gather.h"
#include "proto/loss_place.h"
#include "proto/markup.h"

enum place {			/* bits of struct type.places */
	IN_MESSAGE = 1, IN_RESULT = 2, IN_DOCUMENT = 4, ANYWHERE = 7,
};

/* Where blocks go: into a turn, or a list inside a block. */
struct target {
	enum place	 place;
	struct ir_turn	*turn;
	struct ir_block	**list;
	uint32_t	 inside;	/* as struct ir_block has it */
};

bool
messages_refuse_block(struct decoder *d, const char *what)
{
	char path[64];

	snprintf(path, sizeof path, "messages[%u].content[%u]",
	    (unsigned)d->message, (unsigned)d->part);
	return fail_set(&d->talk->fail, d->arena, FAIL_INVALID, path,
	    "%s", what);
}

/* Lose the block being read, or its `member`. */
static void
lose(struct decoder *d, const struct target *in, const char *member)
{
	const struct ir_block place = {
		.message = d->message, .part = d->part, .inside = in->inside,
	};

	loss_place_block(&d->talk->losses, d->arena, LOSS_DROPPED, &place,
	    member);
}

static struct ir_block *
add(struct decoder *d, struct target *to, enum ir_kind kind)
{
	struct ir_block *block = to->turn ?
	    ir_block_add(to->turn, d->arena, kind) :
	    ir_block_new(to->list, d->arena, kind);

	if (block) {
		block->message = d->message;
		block->part = d->part;
		block->inside = to->inside;
	}
	return block;
}

static bool
add_text(struct decoder *d, struct target *to, struct slice text,
    struct jval from)
{
	struct ir_block *block = add(d, to, IR_TEXT);

	if (!block)
		return false;
	block->text = text_mend(d->arena, text);
	block->cache = jval_raw(jval_get(from, "cache_control"));
	return true;
}

static bool
read_text(struct decoder *d, struct target *to, struct jval v)
{
	struct jval text = jval_get(v, "text");

	if (!jval_is(text, JSON_STRING))
		return messages_refuse_block(d, "text must be a string");
	return add_text(d, to, jval_text(text), v);
}

/* `how` says what of it is to be kept. */
static bool
read_thought(struct decoder *d, struct target *to, struct jval v,
    enum ir_kind kind,
    bool (*how)(struct decoder *, struct jval, struct ir_block *))
{
	struct ir_block thought = { 0 }, *kept;

	if (!how(d, v, &thought))
		return true;
	kept = add(d, to, kind);
	if (!kept)
		return false;
	kept->text = thought.text;
	kept->signature = thought.signature;
	kept->vendor = thought.vendor;
	kept->id = thought.id;
	kept->item = thought.item;
	kept->name = thought.name;
	return true;
}

static bool
read_thinking(struct decoder *d, struct target *to, struct jval v)
{
	return read_thought(d, to, v, IR_THINK, messages_read_thinking);
}

static bool
read_redacted(struct decoder *d, struct target *to, struct jval v)
{
	return read_thought(d, to, v, IR_REDACTED, messages_read_redacted);
}

/* Of an input that is no object, which no provider takes, one is made. */
static struct slice
call_args(struct decoder *d, struct jval input)
{
	struct slice raw = text_mend(d->arena, jval_raw(input));

	if (jval_is(input, JSON_OBJECT))
		return raw;
	if (!jval_ok(input))
		return SLICE("{}");
	loss_add(&d->talk->losses, d->arena, LOSS_ADJUSTED,
	    "messages[%u].content[%u].input", (unsigned)d->message,
	    (unsigned)d->part);
	return arena_join(d->arena, (const struct slice[]){
	    SLICE("{\"value\":"), raw, SLICE("}") }, 3);
}

static bool
read_call(struct decoder *d, struct target *to, struct jval v)
{
	struct slice name = jval_get_text(v, "name");
	struct jval caller = jval_get2(v, "caller", "type");
	struct ir_block *call;

	if (!name.len)
		return messages_refuse_block(d,
		    "name must be the name of a tool");
	call = add(d, to, IR_CALL);
	if (!call)
		return false;
	if (jval_ok(caller) && !jval_text_is(caller, "direct"))
		lose(d, to, "caller");
	call->name = name;
	call->id = jval_get_text(v, "id");
	if (!call->id.len)
		call->id = arena_fmt(d->arena, "call_%u_%u",
		    (unsigned)d->message, (unsigned)d->part);
	call->args = call_args(d, jval_get(v, "input"));
	call->cache = jval_raw(jval_get(v, "cache_control"));
	call->signature = messages_call_signature(d, call->id);
	if (call->signature.len)
		call->vendor = IR_GOOGLE;
	return true;
}

static bool	read_blocks(struct decoder *, struct target *, struct jval);

static bool
read_result(struct decoder *d, struct target *to, struct jval v)
{
	struct jval content = jval_get(v, "content");
	struct ir_block *result = add(d, to, IR_RESULT);
	struct target inside = { .place = IN_RESULT };

	if (!result)
		return false;
	result->id = jval_get_text(v, "tool_use_id");
	result->is_error = jval_is_true(jval_get(v, "is_error"));
	result->cache = jval_raw(jval_get(v, "cache_control"));
	result->nocontent = !jval_ok(content);
	inside.list = &result->content;
	return result->nocontent || read_blocks(d, &inside, content);
}

static bool
read_image(struct decoder *d, struct target *to, struct jval v)
{
	struct ir_block *image = add(d, to, IR_IMAGE);

	if (!image)
		return false;
	image->cache = jval_raw(jval_get(v, "cache_control"));
	return messages_read_source(d, v, &image->media);
}

/* A document that is made of blocks. */
static bool
read_pages(struct decoder *d, struct jval content, struct ir_media *media)
{
	struct target inside = {
		.place = IN_DOCUMENT, .list = &media->content,
	};

	media->source = IR_INLINE;
	media->mime = SLICE("text/plain");
	if (jval_is(content, JSON_STRING)) {
		media->data = text_mend(d->arena, jval_text(content));
		return true;
	}
	return read_blocks(d, &inside, content);
}

static bool
read_document(struct decoder *d, struct target *to, struct jval v)
{
	struct jval source = jval_get(v, "source");
	struct ir_block *document = add(d, to, IR_DOCUMENT);
	struct ir_media *media;

	if (!document)
		return false;
	media = &document->media;
	document->cache = jval_raw(jval_get(v, "cache_control"));
	media->name = jval_get_text(v, "title");
	media->context = jval_get_text(v, "context");
	media->citations = jval_raw(jval_get(v, "citations"));
	if (jval_text_is(jval_get(source, "type"), "content"))
		return read_pages(d, jval_get(source, "content"), media);
	return messages_read_source(d, v, media);
}

/* No other protocol has search results: they become marked-up text. */
static bool
read_search_result(struct decoder *d, struct target *to, struct jval v)
{
	const struct markup_attribute attributes[] = {
		{ "source", jval_get_text(v, "source") },
		{ "title", jval_get_text(v, "title") },
		{ 0 },
	};
	struct jval content = jval_get(v, "content");
	struct gather text = { 0 };

	if (jval_is_true(jval_get2(v, "citations", "enabled")))
		lose(d, to, "citations");
	gather_add(&text, d->arena,
	    markup_open(d->arena, "search_result", attributes));
	for (struct jval b = jval_first(content); !jval_at_end(b);
	    b = jval_next(b))
		if (jval_get_text(b, "text").len) {
			gather_add(&text, d->arena, SLICE("\\n"));
			gather_add(&text, d->arena, jval_get_text(b, "text"));
		} else if (!jval_text_is(jval_get(b, "type"), "text")) {
			lose(d, to, "content");
		}
	gather_add(&text, d->arena, SLICE("\\n</search_result>"));
	return add_text(d, to, gather_text(&text), v);
}

static bool
read_reference(struct decoder *d, struct target *to, struct jval v)
{
	return add_text(d, to, arena_join(d->arena, (const struct slice[]){
	    SLICE("[tool: "), jval_get_text(v, "tool_name"), SLICE("]") }, 3),
	    v);
}

static bool
read_tool_addition(struct decoder *d, struct target *to, struct jval v)
{
	struct jval tool = jval_get(v, "tool");

	(void)to;
	if (jval_text_is(jval_get(tool, "type"), "tool_definition"))
		return messages_bring_tool(d, jval_get(tool, "definition"));
	/* A reference: the tool is among the request's tools already. */
	messages_restore_tool(d, jval_get_text(tool, "name"));
	return true;
}

static bool
read_tool_removal(struct decoder *d, struct target *to, struct jval v)
{
	(void)to;
	return messages_remove_tool(d,
	    jval_get_text(jval_get(v, "tool"), "name"));
}

/* What became of the tools in the time that a summary stands for. */
static bool
read_tool_changes(struct decoder *d, struct target *to, struct jval changes)
{
	if (!jval_is(changes, JSON_ARRAY))
		return true;
	for (struct jval c = jval_first(changes); !jval_at_end(c);
	    c = jval_next(c)) {
		struct jval type = jval_get(c, "type");
		bool fine = true;

		if (jval_text_is(type, "tool_addition"))
			fine = read_tool_addition(d, to, c);
		else if (jval_text_is(type, "tool_removal"))
			fine = read_tool_removal(d, to, c);
		if (!fine)
			return false;
	}
	return true;
}

/* The summary stands for all that was said before it. */
static bool
read_compaction(struct decoder *d, struct target *to, struct jval v)
{
	struct jval content = jval_get(v, "content");
	struct ir_request *request = d->request;
	enum ir_role role = to->turn->role;
	struct ir_turn *summary;

	if (!read_tool_changes(d, to, jval_get(v, "tool_changes")))
		return false;
	if (!jval_text(content).len) {
		/* Only Anthropic can read it; what it sums up is still here. */
		if (jval_get_text(v, "encrypted_content").len)
			lose(d, to, "");
		return true;
	}
	request->first = request->last = NULL;
	summary = ir_turn_add(request, d->arena, IR_USER);
	if (!summary)
		return false;
	summary->message = d->message;
	to->turn = summary;
	if (!add_text(d, to, markup_wrap(d->arena, "conversation_summary",
	    jval_text(content)), v))
		return false;
	to->turn = ir_turn_add(request, d->arena, role);
	if (!to->turn)
		return false;
	to->turn->message = d->message;
	return true;
}

static const struct type {
	const char	*name;
	unsigned	 places;
	bool		(*read)(struct decoder *, struct target *,
			    struct jval);
} types[] = {
	{ "text", ANYWHERE, read_text },
	{ "tool_use", IN_MESSAGE, read_call },
	{ "tool_result", IN_MESSAGE, read_result },
	{ "thinking", IN_MESSAGE, read_thinking },
	{ "redacted_thinking", IN_MESSAGE, read_redacted },
	{ "image", ANYWHERE, read_image },
	{ "document", IN_MESSAGE | IN_RESULT, read_document },
	{ "search_result", IN_MESSAGE | IN_RESULT, read_search_result },
	{ "tool_reference", IN_RESULT, read_reference },
	{ "compaction", IN_MESSAGE, read_compaction },
	{ "tool_addition", IN_MESSAGE, read_tool_addition },
	{ "tool_removal", IN_MESSAGE, read_tool_removal },
};

/* Traces of tools that Anthropic ran; the text after them tells the outcome. */
static bool
is_server_block(struct slice type)
{
	return slice_ends(type, SLICE("_tool_result")) ||
	    slice_starts(type, SLICE("mcp_")) ||
	    slice_starts(type, SLICE("advisor_")) ||
	    slice_is(type, "server_tool_use") ||
	    slice_is(type, "container_upload") ||
	    slice_is(type, "fallback") || slice_is(type, "browser_state");
}

static bool
read_unknown(struct decoder *d, struct target *to, struct slice type)
{
	lose(d, to, "");
	if (to->place != IN_MESSAGE)
		return add_text(d, to, arena_join(d->arena,
		    (const struct slice[]){ SLICE("["), type,
		    SLICE(" omitted]") }, 3), (struct jval){ 0 });
	/* where tokens are counted, what nobody knows counts for nothing */
	if (is_server_block(type) || d->message != d->last_user ||
	    d->talk->count_only)
		return true;
	return messages_refuse_block(d,
	    "content of this type is not supported");
}

static bool
read_block(struct decoder *d, struct target *to, struct jval v)
{
	struct jval type = jval_get(v, "type");

	if (!jval_is(v, JSON_OBJECT) || !jval_text(type).len)
		return messages_refuse_block(d,
		    "must be an object with a type");
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (types[i].places & to->place &&
		    jval_text_is(type, types[i].name))
			return types[i].read(d, to, v);
	return read_unknown(d, to, jval_text(type));
}

static bool
read_blocks(struct decoder *d, struct target *to, struct jval content)
{
	uint32_t i = 0;

	if (jval_is(content, JSON_STRING))
		return add_text(d, to, jval_text(content), (struct jval){ 0 });
	if (!jval_is(content, JSON_ARRAY))
		return messages_refuse_block(d,
		    "content must be a string or an array of blocks");
	for (struct jval b = jval_first(content); !jval_at_end(b);
	    b = jval_next(b)) {
		if (to->place == IN_MESSAGE)
			d->part = i++;
		else
			to->inside = ++i;
		if (!read_block(d, to, b))
			return false;
	}
	return true;
}

bool
messages_read_content(struct decoder *d, enum ir_role role, struct jval content)
{
	struct target to = { .place = IN_MESSAGE };

	d->part = 0;
	d->call_signatures = (struct jval){ 0 };
	d->call_signature = (struct slice){ 0 };
	to.turn = ir_turn_add(d->request, d->arena, role);
	if (!to.turn)
		return false;
	to.turn->message = d->message;
	return read_blocks(d, &to, content);
}
