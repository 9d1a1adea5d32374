/*
 * The content blocks of a Messages request: a table of types, and where each
 * may stand.
 */
#include "proto/messages/decode.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "json/text.h"
#include "proto/markup.h"
#include "proto/media.h"
#include "proto/names.h"

enum place {			/* bits of struct type.places */
	IN_MESSAGE = 1, IN_RESULT = 2, IN_DOCUMENT = 4, ANYWHERE = 7,
};

/* Where blocks go: into a turn, or a list inside a block. */
struct target {
	enum place	 place;
	struct ir_turn	*turn;
	struct ir_block	**list;
};

bool
decode_refuse(struct decoder *d, const char *what)
{
	char path[64];

	snprintf(path, sizeof path, "messages[%u].content[%u]",
	    (unsigned)d->message, (unsigned)d->part);
	return fail_set(&d->talk->fail, d->arena, FAIL_INVALID, path,
	    "%s", what);
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
		return decode_refuse(d, "text must be a string");
	return add_text(d, to, jval_text(text), v);
}

/* Base64url back into escaped text; empty if it is neither. */
static struct slice
unhide(struct decoder *d, struct slice raw)
{
	struct slice plain;

	if (!base64_decode(d->arena, raw, &plain) || !utf8_ok(plain))
		return SLICE("");
	return text_escape(d->arena, plain);
}

/*
 * A signature that travelled in an envelope, on `block`.  False: the text is not
 * what was signed any more, and its maker would refuse the pair.
 */
static bool
open_envelope(struct decoder *d, struct ir_block *block,
    const struct envelope *e)
{
	switch (e->kind) {
	case 'h':
		block->text = unhide(d, e->raw);
		return true;
	case 'f':
		d->call_signature = e->raw;
		return block->text.len > 0;
	case 'r':
		if (!e->raw.len)
			return true;
		if (crc32(text_unescape(d->arena, block->text)) != e->crc)
			return false;
		block->signature = e->raw;
		block->vendor = e->vendor;
		return true;
	}
	return block->text.len > 0;
}

static bool
read_thinking(struct decoder *d, struct target *to, struct jval v)
{
	struct slice signature = jval_get_text(v, "signature");
	struct ir_block block = { .text = text_mend(d->arena,
	    jval_get_text(v, "thinking")) }, *kept;
	struct envelope e;

	if (envelope_read(signature, &e)) {
		if (!open_envelope(d, &block, &e))
			return true;
	} else if (signature.len && !envelope_is(signature)) {
		block.signature = signature;
		block.vendor = IR_ANTHROPIC;
	}
	if (!block.text.len && !block.signature.len)
		return true;
	kept = add(d, to, IR_THINK);
	if (!kept)
		return false;
	kept->text = block.text;
	kept->signature = block.signature;
	kept->vendor = block.vendor;
	return true;
}

/* A map of signatures by tool-call id, for the calls of this message. */
static void
read_signatures(struct decoder *d, struct slice raw)
{
	struct json *map = arena_alloc(d->arena, sizeof *map);
	struct json_fault fault;
	struct slice plain;

	if (map && base64_decode(d->arena, raw, &plain) &&
	    json_parse(map, d->arena, plain, 0, &fault))
		d->call_signatures = json_root(map);
}

static bool
read_redacted(struct decoder *d, struct target *to, struct jval v)
{
	struct slice data = jval_get_text(v, "data");
	struct envelope e = { .vendor = IR_ANTHROPIC, .kind = 'd',
		.raw = data };
	struct ir_block *block;

	if (envelope_is(data) && !envelope_read(data, &e))
		return true;
	if (e.kind == 'm')
		read_signatures(d, e.raw);
	if (e.kind != 'd' || !e.raw.len)
		return true;
	block = add(d, to, IR_REDACTED);
	if (!block)
		return false;
	block->text = e.raw;
	block->vendor = e.vendor;
	return true;
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
	loss_add(&d->talk->losses, d->arena, LOSS_ADJUSTED, "messages");
	return arena_join(d->arena, (const struct slice[]){
	    SLICE("{\"value\":"), raw, SLICE("}") }, 3);
}

static struct slice
take_signature(struct decoder *d, struct slice id)
{
	struct slice signature = d->call_signature;
	char *key = arena_cstr(d->arena, text_unescape(d->arena, id));

	d->call_signature = (struct slice){ 0 };
	if (!signature.len && key)
		signature = jval_get_text(d->call_signatures, key);
	return signature;
}

static bool
read_call(struct decoder *d, struct target *to, struct jval v)
{
	struct slice name = jval_get_text(v, "name");
	struct ir_block *call;

	if (!name.len)
		return decode_refuse(d, "name must be the name of a tool");
	call = add(d, to, IR_CALL);
	if (!call)
		return false;
	call->name = name;
	call->id = jval_get_text(v, "id");
	if (!call->id.len)
		call->id = arena_fmt(d->arena, "call_%u_%u",
		    (unsigned)d->message, (unsigned)d->part);
	call->args = call_args(d, jval_get(v, "input"));
	call->cache = jval_raw(jval_get(v, "cache_control"));
	call->signature = take_signature(d, call->id);
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

static struct slice
lower(struct arena *arena, struct slice s)
{
	struct slice copy = arena_dup(arena, s);

	for (size_t i = 0; i < copy.len; i++)
		if (copy.ptr[i] >= 'A' && copy.ptr[i] <= 'Z')
			((char *)(uintptr_t)copy.ptr)[i] =
			    (char)(copy.ptr[i] + 32);
	return copy;
}

/* Base64 is nearly always clean, and may be megabytes: look only for escapes. */
static bool
read_base64(struct decoder *d, struct jval source, struct ir_media *media)
{
	struct slice data = jval_get_text(source, "data");

	media->source = IR_DATA;
	media->data = data;
	media->mime = lower(d->arena, jval_get_text(source, "media_type"));
	if (slice_chr(data, '\\') != SIZE_MAX &&
	    !media_base64(d->arena, data, &media->data))
		return decode_refuse(d, "source.data must be base64");
	if (!media->data.len)
		return decode_refuse(d, "source.data must not be empty");
	if (!media->mime.len)
		media->mime = media_sniff(media->data);
	return true;
}

static bool
read_source(struct decoder *d, struct jval v, struct ir_media *media)
{
	struct jval source = jval_get(v, "source");
	struct jval type = jval_get(source, "type");

	if (jval_text_is(type, "base64"))
		return read_base64(d, source, media);
	if (jval_text_is(type, "url")) {
		media->source = IR_URL;
		media->data = jval_get_text(source, "url");
	} else if (jval_text_is(type, "file")) {
		media->source = IR_FILE_ID;
		media->data = jval_get_text(source, "file_id");
	} else if (jval_text_is(type, "text")) {
		media->source = IR_INLINE;
		media->mime = SLICE("text/plain");
		media->data = text_mend(d->arena,
		    jval_get_text(source, "data"));
		return true;
	} else {
		return decode_refuse(d, "source.type is not known");
	}
	return media->data.len ? true :
	    decode_refuse(d, "source must name what it stands for");
}

static bool
read_image(struct decoder *d, struct target *to, struct jval v)
{
	struct ir_block *image = add(d, to, IR_IMAGE);

	if (!image)
		return false;
	image->cache = jval_raw(jval_get(v, "cache_control"));
	return read_source(d, v, &image->media);
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
	if (!read_source(d, v, media))
		return false;
	if (media->source == IR_DATA && media_is_text(media->mime) &&
	    !media_inline(d->arena, media))
		return decode_refuse(d, "source.data must be UTF-8 text");
	return true;
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
	struct slice text = markup_open(d->arena, "search_result", attributes);

	for (struct jval b = jval_first(content); !jval_at_end(b);
	    b = jval_next(b))
		if (jval_get_text(b, "text").len)
			text = arena_join(d->arena, (const struct slice[]){
			    text, SLICE("\\n"), jval_get_text(b, "text") }, 3);
	text = arena_join(d->arena, (const struct slice[]){
	    text, SLICE("\\n</search_result>") }, 2);
	return add_text(d, to, text, v);
}

static bool
read_reference(struct decoder *d, struct target *to, struct jval v)
{
	return add_text(d, to, arena_join(d->arena, (const struct slice[]){
	    SLICE("[tool: "), jval_get_text(v, "tool_name"), SLICE("]") }, 3),
	    v);
}

/* The summary stands for all that was said before it. */
static bool
read_compaction(struct decoder *d, struct target *to, struct jval v)
{
	struct jval content = jval_get(v, "content");
	struct ir_request *request = d->request;
	enum ir_role role = to->turn->role;
	struct ir_turn *summary;

	if (!jval_text(content).len)
		return true;
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

static bool
read_tool_addition(struct decoder *d, struct target *to, struct jval v)
{
	struct jval tool = jval_get(v, "tool");

	(void)to;
	if (jval_text_is(jval_get(tool, "type"), "tool_definition"))
		return decode_tool(d, jval_get(tool, "definition"),
		    d->request->tool_count);
	/* A reference: the tool is among the request's tools already. */
	return true;
}

static bool
read_tool_removal(struct decoder *d, struct target *to, struct jval v)
{
	(void)to;
	decode_tool_removal(d,
	    jval_get_text(jval_get(v, "tool"), "name"));
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
	loss_add(&d->talk->losses, d->arena, LOSS_DROPPED,
	    "messages[%u].content[%u]", (unsigned)d->message,
	    (unsigned)d->part);
	if (to->place != IN_MESSAGE)
		return add_text(d, to, arena_join(d->arena,
		    (const struct slice[]){ SLICE("["), type,
		    SLICE(" omitted]") }, 3), (struct jval){ 0 });
	if (is_server_block(type) || d->message != d->last_user)
		return true;
	return decode_refuse(d, "content of this type is not supported");
}

static bool
read_block(struct decoder *d, struct target *to, struct jval v)
{
	struct jval type = jval_get(v, "type");

	if (!jval_is(v, JSON_OBJECT) || !jval_text(type).len)
		return decode_refuse(d, "must be an object with a type");
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
		return decode_refuse(d,
		    "content must be a string or an array of blocks");
	for (struct jval b = jval_first(content); !jval_at_end(b);
	    b = jval_next(b)) {
		if (to->place == IN_MESSAGE)
			d->part = i++;
		if (!read_block(d, to, b))
			return false;
	}
	return true;
}

bool
decode_content(struct decoder *d, enum ir_role role, struct jval content)
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
