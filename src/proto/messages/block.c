#include "proto/messages/block.h"

#include "json/check.h"
#include "json/write.h"
#include "proto/args.h"
#include "proto/names.h"

enum { TOKENS_MAX = 1 << 20 };		/* in the arguments of one call */

static void
put(struct block_reader *b, struct ir_event *ev)
{
	ev->kind = b->kind;
	b->to->put(b->to, ev);
}

static void
put_delta(struct block_reader *b, struct slice text)
{
	struct ir_event ev = { .type = IR_DELTA, .text = text };

	if (!text.len)
		return;
	b->said_any = true;
	if (b->kind == IR_TEXT)
		b->points += text_length(text);
	put(b, &ev);
}

/* Only this protocol's own clients are told of the block's `member`. */
static void
missed(struct block_reader *b, const char *member)
{
	struct talk *talk = b->talk;

	if (talk->client != talk->provider)
		loss_add(&talk->losses, talk->arena, LOSS_DROPPED,
		    "answer.content[%u].%s", (unsigned)b->index, member);
}

/* ---- what is held until the block ends ---- */

/* What the arguments of a wrapped tool hold inside. */
static void
put_unwrapped(struct block_reader *b)
{
	struct arena *scratch = b->talk->scratch;
	struct slice args = b->args.len ? gather_text(&b->args) : b->input;
	struct json doc;
	struct json_fault fault;
	struct jval inner;

	b->args.len = 0;
	if (!json_parse(&doc, scratch, text_unescape(scratch, args),
	    TOKENS_MAX, &fault)) {
		/* Cut short.  What is left of a free text may look whole. */
		if (!b->custom)
			put_delta(b, args);
		return;
	}
	inner = jval_get(json_root(&doc), b->unwrap);
	if (b->custom && jval_is(inner, JSON_STRING))
		put_delta(b, text_mend(scratch, jval_text(inner)));
	else if (jval_ok(inner))
		put_delta(b, gather_escaped_json(scratch, jval_raw(inner)));
}

/* Text that waited for more. */
static void
put_held(struct block_reader *b)
{
	struct slice rest = text_join_end(&b->joint);

	if (b->kind == IR_TEXT && b->fenced) {
		put_delta(b, fence_feed(&b->fence, b->talk->scratch, rest));
		rest = fence_end(&b->fence);
	}
	put_delta(b, rest);
}

/* `block` with the input that came behind it, as far as it is JSON. */
static struct slice
with_input(struct block_reader *b, struct jval block)
{
	struct arena *scratch = b->talk->scratch;
	struct slice input = text_unescape(scratch, gather_text(&b->args));
	struct buf out = { 0 };
	struct writer w = { .out = &out };
	struct json_fault fault;
	uint32_t tokens;

	b->args.len = 0;
	if (!json_check(input, ARGS_DEPTH_MAX, &tokens, &fault))
		return jval_raw(block);
	write_object(&w);
	for (struct jval k = jval_first(block); !jval_at_end(k);
	    k = jval_next(k)) {
		write_key_text(&w, jval_text(k));
		write_min(&w, jval_text_is(k, "input") ? input :
		    jval_raw(jval_value(k)));
	}
	write_end(&w);
	return gather(scratch, &out);
}

/* A block that waited for its input. */
static void
put_foreign(struct block_reader *b)
{
	struct ir_event ev = { .type = IR_OPEN, .vendor = IR_ANTHROPIC };
	struct json doc;
	struct json_fault fault;

	ev.raw = b->raw;
	if (json_parse(&doc, b->talk->scratch, b->raw, TOKENS_MAX, &fault)) {
		ev.id = jval_get_text(json_root(&doc), "id");
		ev.name = jval_get_text(json_root(&doc), "type");
		ev.raw = with_input(b, json_root(&doc));
	}
	b->raw = (struct slice){ 0 };
	put(b, &ev);
}

/* Text that came amid a call stands behind it, in a block of its own. */
static void
put_late(struct block_reader *b)
{
	struct slice text = text_mend(b->talk->scratch, gather_text(&b->late));

	gather_clear(&b->late);
	b->kind = IR_TEXT;
	put(b, &(struct ir_event){ .type = IR_OPEN });
	put_delta(b, text);
	put(b, &(struct ir_event){ .type = IR_CLOSE });
}

void
block_close(struct block_reader *b)
{
	struct ir_event ev = { .type = IR_CLOSE };

	if (!b->open)
		return;
	if (b->raw.len)
		put_foreign(b);
	put_held(b);
	if (b->unwrap)
		put_unwrapped(b);
	else if (b->kind == IR_CALL && !b->said_any)
		put_delta(b, b->input);
	if (b->kind == IR_TEXT)
		cite_flush(&b->cites, b->talk->scratch, b->to, b->start,
		    b->points);
	put(b, &ev);
	b->open = false;
	if (b->late.len)
		put_late(b);
}

void
block_end(struct block_reader *b, uint64_t index)
{
	if (b->open && b->index == index)
		block_close(b);
}

/* ---- pieces ---- */

static void
open_block(struct block_reader *b, enum ir_kind kind, struct ir_event *ev)
{
	block_close(b);
	b->open = true;
	b->kind = kind;
	b->said_any = false;
	b->start = b->points;
	b->unwrap = NULL;
	b->custom = ev->custom;
	ev->type = IR_OPEN;
	if (kind == IR_THINK || kind == IR_REDACTED || kind == IR_OPAQUE)
		ev->vendor = IR_ANTHROPIC;
	put(b, ev);
}

static void
add_piece(struct block_reader *b, struct slice piece)
{
	struct arena *scratch = b->talk->scratch;

	piece = text_join(&b->joint, scratch, piece);
	if (b->kind == IR_TEXT && b->fenced)
		piece = fence_feed(&b->fence, scratch, piece);
	put_delta(b, piece);
}

void
block_say(struct block_reader *b, enum ir_kind kind, struct slice piece)
{
	struct ir_event ev = { 0 };

	if (!piece.len)
		return;
	if (b->open && b->kind == IR_CALL && kind == IR_TEXT) {
		gather_add(&b->late, b->talk->arena, piece);
		return;
	}
	if (!b->open || b->kind != kind)
		open_block(b, kind, &ev);
	add_piece(b, piece);
}

void
block_args(struct block_reader *b, struct slice piece)
{
	if (!b->open || (b->kind != IR_CALL && !b->raw.len))
		return;
	if (b->unwrap || b->raw.len)
		gather_add(&b->args, b->talk->arena, piece);
	else
		add_piece(b, piece);
}

void
block_sign(struct block_reader *b, struct slice signature)
{
	struct ir_event ev = {
		.type = IR_SIGN, .signature = signature,
		.vendor = IR_ANTHROPIC,
	};

	if (signature.len && b->open && b->kind == IR_THINK)
		put(b, &ev);
}

void
block_cite(struct block_reader *b, struct jval citation)
{
	if (b->open && b->kind == IR_TEXT &&
	    !cite_add(&b->cites, b->talk->arena, citation))
		missed(b, "citations");
}

/* ---- how blocks of each type begin ---- */

static void
begin_text(struct block_reader *b, struct jval block)
{
	struct jval citations = jval_get(block, "citations");
	struct ir_event ev = { 0 };

	open_block(b, IR_TEXT, &ev);
	block_say(b, IR_TEXT, jval_get_text(block, "text"));
	if (!jval_is(citations, JSON_ARRAY))
		return;
	for (struct jval c = jval_first(citations); !jval_at_end(c);
	    c = jval_next(c))
		block_cite(b, c);
}

static void
begin_thinking(struct block_reader *b, struct jval block)
{
	struct ir_event ev = { 0 };

	open_block(b, IR_THINK, &ev);
	block_say(b, IR_THINK, jval_get_text(block, "thinking"));
	block_sign(b, jval_get_text(block, "signature"));
}

static void
begin_redacted(struct block_reader *b, struct jval block)
{
	struct ir_event ev = { .text = jval_get_text(block, "data") };

	open_block(b, IR_REDACTED, &ev);
}

/* Are blocks of the vendor's told with the input that comes behind them? */
static bool
wants_whole(const struct talk *talk)
{
	return talk_options(talk)->server_blocks ||
	    (talk->client && talk->client->id == PROTO_RESPONSES);
}

/*
 * A block that only Anthropic's own clients understand.  If they are to be told
 * as they are it must be whole; else it is enough to know that it was there.
 */
static void
begin_opaque(struct block_reader *b, struct jval block)
{
	struct ir_event ev = {
		.id = jval_get_text(block, "id"),
		.name = jval_get_text(block, "type"),
		.raw = jval_raw(block),
	};

	if (!wants_whole(b->talk)) {
		open_block(b, IR_OPAQUE, &ev);
		return;
	}
	block_close(b);
	b->open = true;
	b->kind = IR_OPAQUE;
	b->unwrap = NULL;
	b->raw = arena_dup(b->talk->arena, ev.raw);
}

/* The arguments that a call begins with: streams leave them empty. */
static struct slice
input_of(struct block_reader *b, struct jval block)
{
	struct jval input = jval_get(block, "input");

	if (!jval_ok(input) ||
	    (jval_is(input, JSON_OBJECT) && !jval_count(input)))
		return SLICE("{}");
	return gather_escaped_json(b->talk->arena,
	    text_mend(b->talk->scratch, jval_raw(input)));
}

static void
begin_call(struct block_reader *b, struct jval block)
{
	const struct ir_request *request = b->talk->request;
	const struct ir_tool *tool = NULL;
	struct jval caller = jval_get2(block, "caller", "type");
	struct ir_event ev = {
		.id = jval_get_text(block, "id"),
		.name = jval_get_text(block, "name"),
	};

	if (!ev.name.len) {
		begin_opaque(b, block);
		return;
	}
	if (request) {
		ev.name = name_restore(request, ev.name);
		tool = name_tool(request, ev.name);
	}
	ev.custom = tool && tool->kind == IR_CUSTOM;
	open_block(b, IR_CALL, &ev);
	b->calls++;
	b->input = input_of(b, block);
	/* A program of the provider made it, and waits for the result. */
	if (jval_ok(caller) && !jval_text_is(caller, "direct"))
		missed(b, "caller");
	if (ev.custom)
		b->unwrap = "input";
	else if (tool && tool->wrapped)
		b->unwrap = "value";
}

static const struct {
	const char	*type;
	void		(*begin)(struct block_reader *, struct jval block);
} types[] = {
	{ "text", begin_text },
	{ "thinking", begin_thinking },
	{ "redacted_thinking", begin_redacted },
	{ "tool_use", begin_call },
};

void
block_begin(struct block_reader *b, uint64_t index, struct jval block)
{
	struct jval type = jval_get(block, "type");
	size_t i = 0;

	while (i < sizeof types / sizeof *types &&
	    !jval_text_is(type, types[i].type))
		i++;
	b->index = index;
	if (i < sizeof types / sizeof *types)
		types[i].begin(b, block);
	else if (jval_is(block, JSON_OBJECT))
		begin_opaque(b, block);
}
