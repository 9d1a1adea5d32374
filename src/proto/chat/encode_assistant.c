/*
 * What the assistant said, thought and called.
 */
#include "json/text.h"
#include "proto/chat/encode.h"
#include "proto/chat/reasoning.h"
#include "proto/chat/shape.h"
#include "proto/loss_place.h"
#include "proto/names.h"

static const struct ir_block *
find_kind(const struct ir_turn *turn, enum ir_kind kind)
{
	const struct ir_block *b = turn->first;

	while (b && b->kind != kind)
		b = b->next;
	return b;
}

/* Texts before and after calls become one: Chat has no place between calls. */
static bool
put_said(struct encoder *e, const struct ir_turn *turn)
{
	struct atoms atoms = { 0 };
	const struct ir_block *b;
	bool called = false;

	if (!find_kind(turn, IR_TEXT) && find_kind(turn, IR_CALL)) {
		write_member_null(&e->w, "content");
		return true;
	}
	for (b = turn->first; b; b = b->next) {
		if (b->kind == IR_TEXT && called && !text_blank(b->text))
			loss_place_block(&e->talk->losses, e->arena,
			    LOSS_REORDERED, b, "");
		called |= b->kind == IR_CALL;
		if (b->kind == IR_TEXT &&
		    !chat_add_text(e, &atoms, b->text, b->cache))
			return false;
		if (b->kind >= IR_IMAGE)
			loss_place_block(&e->talk->losses, e->arena,
			    LOSS_DROPPED, b, "");
	}
	chat_write_content(e, &atoms, "");
	return true;
}

/* The thinking of this turn, or what must stand for it where none is left. */
static void
put_thinking(struct encoder *e, const struct ir_turn *turn)
{
	const struct quirks *q = e->quirks;
	const struct ir_block *b;
	bool any = false;
	bool due = q->replay == REPLAY_TOOLS ? find_kind(turn, IR_CALL) != NULL
	    : q->replay == REPLAY_ALWAYS && e->called;

	if (q->replay == REPLAY_NO || !q->reason_field)
		return;
	for (b = turn->first; b; b = b->next) {
		if (b->kind != IR_THINK || !b->text.len)
			continue;
		if (!any) {
			write_key(&e->w, q->reason_field);
			write_text_begin(&e->w);
		} else {
			write_text_piece(&e->w, SLICE("\\n\\n"));
		}
		any = true;
		write_text_piece(&e->w, b->text);
	}
	if (any)
		write_text_end(&e->w);
	else if (due && q->replay_placeholder)
		write_member_plain(&e->w, q->reason_field,
		    q->replay_placeholder);
}

/* Thinking of which it is known who made it. */
static bool
is_detail(const struct ir_block *b)
{
	return b->vendor != IR_NOBODY && (b->kind == IR_REDACTED ||
	    (b->kind == IR_THINK && (b->signature.len || b->text.len)));
}

static void
put_detail(struct encoder *e, const struct ir_block *b, uint64_t i)
{
	bool text = b->kind == IR_THINK;
	bool summary = text && b->vendor == IR_OPENAI && !b->signature.len;

	write_object(&e->w);
	write_member_plain(&e->w, "type", summary ? "reasoning.summary" :
	    text ? "reasoning.text" : "reasoning.encrypted");
	write_member_text(&e->w, summary ? "summary" : text ? "text" : "data",
	    b->text);
	if (text && b->signature.len)
		write_member_text(&e->w, "signature", b->signature);
	if (!text && b->id.len)
		write_member_text(&e->w, "id", b->id);
	if (!text && b->name.len)
		write_member_text(&e->w, "format", b->name);
	else
		write_member_plain(&e->w, "format",
		    reasoning_format(b->vendor));
	write_member_u64(&e->w, "index", i);
	write_end(&e->w);
}

/* OpenRouter hands thinking back to its maker if it gets it so. */
static void
put_details(struct encoder *e, const struct ir_turn *turn)
{
	const struct ir_block *b;
	uint64_t i = 0;

	for (b = turn->first; b; b = b->next) {
		if (!is_detail(b))
			continue;
		if (!i) {
			write_key(&e->w, "reasoning_details");
			write_array(&e->w);
		}
		put_detail(e, b, i++);
	}
	if (i)
		write_end(&e->w);
}

/* A gateway of others that has Claude behind it? */
static bool
reaches_claude(const struct encoder *e)
{
	static const char *const names[] = {
		"claude", "anthropic", "opus", "sonnet", "haiku",
	};

	if (e->quirks->dialect != DIALECT_GENERIC ||
	    e->quirks->reasoning_details)
		return false;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (slice_find_ci(e->talk->model, slice_of(names[i])) !=
		    SIZE_MAX)
			return true;
	return false;
}

static bool
is_signed(const struct ir_block *b)
{
	return b->vendor == IR_ANTHROPIC && (b->kind == IR_REDACTED ||
	    (b->kind == IR_THINK && b->signature.len));
}

/* It hands thinking back if it gets it as it told it. */
static void
put_blocks(struct encoder *e, const struct ir_turn *turn)
{
	bool any = false;

	if (!reaches_claude(e))
		return;
	for (const struct ir_block *b = turn->first; b; b = b->next) {
		if (!is_signed(b))
			continue;
		if (!any) {
			write_key(&e->w, "thinking_blocks");
			write_array(&e->w);
		}
		any = true;
		write_object(&e->w);
		if (b->kind == IR_THINK) {
			write_member_plain(&e->w, "type", "thinking");
			write_member_text(&e->w, "thinking", b->text);
			write_member_text(&e->w, "signature", b->signature);
		} else {
			write_member_plain(&e->w, "type", "redacted_thinking");
			write_member_text(&e->w, "data", b->text);
		}
		write_end(&e->w);
	}
	if (any)
		write_end(&e->w);
}

/* Gemini wants its signature back with the first call of every step. */
static void
put_signature(struct encoder *e, const struct ir_block *call, bool first)
{
	struct slice signature = call->vendor == IR_GOOGLE ?
	    call->signature : (struct slice){ 0 };

	if (!signature.len && first && e->quirks->sentinel_calls)
		signature = SLICE("skip_thought_signature_validator");
	if (!signature.len)
		return;
	shape_put_google(&e->w, signature);
}

/* A text's stands beside it; the last is the one that counts. */
static void
put_text_signature(struct encoder *e, const struct ir_turn *turn)
{
	struct slice signature = { 0 };

	for (const struct ir_block *b = turn->first; b; b = b->next)
		if (b->kind == IR_TEXT && b->vendor == IR_GOOGLE)
			signature = b->signature;
	if (signature.len)
		shape_put_google(&e->w, signature);
}

static void
put_call(struct encoder *e, const struct ir_block *call, bool first)
{
	struct slice args = call->args;

	if (call->custom)
		args = arena_join(e->arena, (const struct slice[]){
		    SLICE("{\"input\":\""), args, SLICE("\"}") }, 3);
	write_object(&e->w);
	write_member_text(&e->w, "id",
	    name_id_chat(e->arena, e->quirks, call->id));
	write_member_plain(&e->w, "type", "function");
	write_key(&e->w, "function");
	write_object(&e->w);
	write_member_text(&e->w, "name",
	    name_tool_chat(e->arena, e->quirks, call->name));
	write_key(&e->w, "arguments");
	chat_write_arguments(&e->w, args);
	write_end(&e->w);
	if (e->quirks->signed_calls)
		put_signature(e, call, first);
	chat_write_mark(e, call->cache);
	write_end(&e->w);
}

static void
put_calls(struct encoder *e, const struct ir_turn *turn)
{
	const struct ir_block *first = find_kind(turn, IR_CALL), *b;

	if (!first)
		return;
	write_key(&e->w, "tool_calls");
	write_array(&e->w);
	for (b = first; b; b = b->next)
		if (b->kind == IR_CALL)
			put_call(e, b, b == first);
	write_end(&e->w);
}

/* The answer is begun already: some providers go on from there if told. */
static void
put_prefill(struct encoder *e, const struct ir_turn *turn)
{
	const struct quirks *q = e->quirks;

	if (turn->next || find_kind(turn, IR_CALL) || q->prefill)
		return;
	if (!q->prefill_field)
		loss_add(&e->talk->losses, e->arena, LOSS_ADJUSTED,
		    "messages[%u]", turn->message);
	else if (!q->prefill_top)
		write_member_bool(&e->w, q->prefill_field, true);
}

bool
chat_is_silent(const struct encoder *e, const struct ir_turn *turn)
{
	const struct quirks *q = e->quirks;
	const struct ir_block *b;

	for (b = turn->first; b; b = b->next)
		if (b->kind == IR_CALL ||
		    (b->kind == IR_TEXT && !text_blank(b->text)) ||
		    (b->kind == IR_THINK && b->text.len &&
		    q->replay != REPLAY_NO) ||
		    (q->reasoning_details && is_detail(b)))
			return false;
	return true;
}

bool
chat_write_assistant(struct encoder *e, const struct ir_turn *turn)
{
	if (chat_is_silent(e, turn))
		return true;
	chat_open_message(e, "assistant");
	if (!put_said(e, turn))
		return false;
	put_thinking(e, turn);
	if (e->quirks->reasoning_details)
		put_details(e, turn);
	put_blocks(e, turn);
	put_calls(e, turn);
	if (e->quirks->signed_calls)
		put_text_signature(e, turn);
	put_prefill(e, turn);
	write_end(&e->w);
	return true;
}
