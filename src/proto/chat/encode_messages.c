/*
 * The conversation: system prompt, turns of user and assistant, and results
 * of tools as messages of their own.
 */
#include "base/hash.h"
#include "json/text.h"
#include "proto/chat/encode.h"
#include "proto/names.h"
#include "proto/schema.h"
#include "proto/turns.h"

enum { MARKS_MAX = 4 };		/* cache marks that providers look at */

static const char paragraph[] = "\\n\\n";

/* ---- system ---- */

static void
open_message(struct encoder *e, const char *role)
{
	write_object(&e->w);
	write_member_plain(&e->w, "role", role);
}

static const char *
system_role(const struct encoder *e)
{
	return e->quirks->developer_role ? "developer" : "system";
}

/* A schema that the provider cannot be given goes into the prompt. */
static bool
add_format(struct encoder *e, struct atoms *atoms)
{
	struct slice schema;

	if (e->request->format != IR_FORMAT_SCHEMA ||
	    e->quirks->schema_format)
		return true;
	schema = schema_as_text(e->arena, e->request->format_schema);
	loss_add(&e->talk->losses, e->arena, LOSS_EMULATED, "response_format");
	return encode_add_text(e, atoms, arena_join(e->arena,
	    (const struct slice[]){
	    SLICE("Respond with a single JSON value that conforms to this "
	    "JSON Schema, and nothing else:\\n"), schema }, 2),
	    (struct slice){ 0 });
}

static bool
put_system(struct encoder *e)
{
	struct atoms atoms = { 0 };
	const struct ir_block *b;

	for (b = e->request->system; b; b = b->next)
		if (b->kind == IR_TEXT && !text_blank(b->text) &&
		    !encode_add_text(e, &atoms, b->text, b->cache))
			return false;
	if (!add_format(e, &atoms))
		return false;
	if (!atoms.first)
		return true;
	open_message(e, system_role(e));
	encode_content(e, &atoms, paragraph);
	write_end(&e->w);
	return true;
}

static bool
put_system_turn(struct encoder *e, const struct ir_turn *turn)
{
	struct atoms atoms = { 0 };
	const struct ir_block *b;

	for (b = turn->first; b; b = b->next)
		if (b->kind == IR_TEXT &&
		    !encode_add_text(e, &atoms, b->text, b->cache))
			return false;
	if (!atoms.first)
		return true;
	open_message(e, system_role(e));
	encode_content(e, &atoms, paragraph);
	write_end(&e->w);
	return true;
}

/* ---- user ---- */

/* An error is told in the text: Chat has no member for it. */
static void
tell_error(struct encoder *e, const struct ir_block *result,
    struct atoms *atoms)
{
	struct slice *text;

	if (!result->is_error || result->message == TURNS_MADE_UP)
		return;
	if (!atoms->first && !encode_add_text(e, atoms, SLICE(""),
	    (struct slice){ 0 }))
		return;
	text = &atoms->first->text;
	if (!slice_starts_ci(*text, SLICE("error")))
		*text = arena_join(e->arena, (const struct slice[]){
		    SLICE("Error: "), *text }, 2);
}

static bool
put_result(struct encoder *e, const struct ir_block *result,
    struct atoms *moved)
{
	struct atoms atoms = { 0 };

	if (!encode_flatten_result(e, result, &atoms, moved))
		return false;
	tell_error(e, result, &atoms);
	if (!atoms.first && e->quirks->no_empty_tool_content &&
	    !encode_add_text(e, &atoms, SLICE("(no output)"),
	    (struct slice){ 0 }))
		return false;
	if (atoms.last && encode_takes_mark(e, result->cache)) {
		atoms.last->cache = result->cache;
		atoms.marked = true;
	}
	open_message(e, "tool");
	write_member_text(&e->w, "tool_call_id",
	    name_id_chat(e->arena, e->quirks, result->id));
	encode_content(e, &atoms, "\\n");
	write_end(&e->w);
	return true;
}

static bool
put_user_turn(struct encoder *e, const struct ir_turn *turn)
{
	struct atoms atoms = { 0 };
	const struct ir_block *b;

	e->moved = 0;
	for (b = turn->first; b; b = b->next)
		if (b->kind == IR_RESULT && !put_result(e, b, &atoms))
			return false;
	for (b = turn->first; b; b = b->next)
		if (b->kind != IR_RESULT && !encode_flatten(e, b, &atoms))
			return false;
	if (!atoms.first)
		return true;
	open_message(e, "user");
	encode_content(e, &atoms, paragraph);
	write_end(&e->w);
	return true;
}

/* ---- assistant ---- */

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

	if (!find_kind(turn, IR_TEXT) && find_kind(turn, IR_CALL)) {
		write_member_null(&e->w, "content");
		return true;
	}
	for (b = turn->first; b; b = b->next) {
		if (b->kind == IR_TEXT &&
		    !encode_add_text(e, &atoms, b->text, b->cache))
			return false;
		if (b->kind >= IR_IMAGE)
			loss_add(&e->talk->losses, e->arena, LOSS_DROPPED,
			    "messages[%u].content[%u]", (unsigned)b->message,
			    (unsigned)b->part);
	}
	encode_content(e, &atoms, "");
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

static bool
is_signed(const struct ir_block *b)
{
	return b->vendor == IR_ANTHROPIC && (b->kind == IR_REDACTED ||
	    (b->kind == IR_THINK && b->signature.len));
}

/* OpenRouter hands Claude's own thinking back to Claude, if it gets it so. */
static void
put_details(struct encoder *e, const struct ir_turn *turn)
{
	const struct ir_block *b;
	uint64_t i = 0;

	for (b = turn->first; b; b = b->next) {
		bool text = b->kind == IR_THINK;

		if (!is_signed(b))
			continue;
		if (!i) {
			write_key(&e->w, "reasoning_details");
			write_array(&e->w);
		}
		write_object(&e->w);
		write_member_plain(&e->w, "type", text ? "reasoning.text" :
		    "reasoning.encrypted");
		write_member_text(&e->w, text ? "text" : "data", b->text);
		if (text)
			write_member_text(&e->w, "signature", b->signature);
		write_member_plain(&e->w, "format", "anthropic-claude-v1");
		write_member_u64(&e->w, "index", i++);
		write_end(&e->w);
	}
	if (i)
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
	write_key(&e->w, "extra_content");
	write_object(&e->w);
	write_key(&e->w, "google");
	write_object(&e->w);
	write_member_text(&e->w, "thought_signature", signature);
	write_end(&e->w);
	write_end(&e->w);
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
	encode_arguments(&e->w, args);
	write_end(&e->w);
	if (e->quirks->signed_calls)
		put_signature(e, call, first);
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
		loss_add(&e->talk->losses, e->arena, LOSS_ADJUSTED, "messages");
	else if (!q->prefill_top)
		write_member_bool(&e->w, q->prefill_field, true);
}

static bool
put_assistant_turn(struct encoder *e, const struct ir_turn *turn)
{
	if (!find_kind(turn, IR_TEXT) && !find_kind(turn, IR_CALL) &&
	    (!find_kind(turn, IR_THINK) || e->quirks->replay == REPLAY_NO))
		return true;
	open_message(e, "assistant");
	if (!put_said(e, turn))
		return false;
	put_thinking(e, turn);
	if (e->quirks->reasoning_details)
		put_details(e, turn);
	put_calls(e, turn);
	put_prefill(e, turn);
	write_end(&e->w);
	return true;
}

/* ---- the whole ---- */

static bool
carries_mark(const struct ir_block *b)
{
	return b->cache.len && b->kind != IR_CALL && b->kind != IR_THINK &&
	    b->kind != IR_REDACTED && b->kind != IR_OPAQUE;
}

/* Facts that must be known before the first message is written. */
static void
look_ahead(struct encoder *e)
{
	const struct ir_turn *turn;
	const struct ir_block *b;
	size_t marks = 0;

	for (b = e->request->system; b; b = b->next)
		marks += carries_mark(b);
	for (turn = e->request->first; turn; turn = turn->next) {
		if (turn->role == IR_USER)
			e->last_user = turn;
		for (b = turn->first; b; b = b->next) {
			e->called |= b->kind == IR_CALL;
			marks += carries_mark(b);
		}
	}
	if (e->quirks->cache == CACHE_BREAKPOINT && marks > MARKS_MAX)
		e->marks_early = marks - MARKS_MAX;
}

static bool
put_turn(struct encoder *e, const struct ir_turn *turn)
{
	e->turn = turn;
	switch (turn->role) {
	case IR_USER:
		return put_user_turn(e, turn);
	case IR_ASSISTANT:
		return put_assistant_turn(e, turn);
	case IR_SYSTEM:
		return put_system_turn(e, turn);
	}
	return true;
}

/* Something must be asked, even if nothing was. */
static void
put_dot(struct encoder *e)
{
	open_message(e, "user");
	write_member_plain(&e->w, "content", ".");
	write_end(&e->w);
}

bool
encode_messages(struct encoder *e)
{
	const struct ir_turn *turn;
	size_t before;

	look_ahead(e);
	write_key(&e->w, "messages");
	write_array(&e->w);
	if (!put_system(e))
		return false;
	before = buf_len(e->w.out);
	for (turn = e->request->first; turn; turn = turn->next)
		if (!put_turn(e, turn))
			return false;
	if (buf_len(e->w.out) == before)
		put_dot(e);
	write_end(&e->w);
	return true;
}
