/*
 * The conversation as items: messages, calls, results and thoughts stand side
 * by side, in their order.
 */
#include "json/text.h"
#include "proto/gather.h"
#include "proto/loss_place.h"
#include "proto/names.h"
#include "proto/responses/encode.h"
#include "proto/responses/responses.h"
#include "proto/schema.h"

enum { MARKS_MAX = 4 };		/* cache marks that providers look at */

static void
lose_block(struct encoder *e, enum loss_action action,
    const struct ir_block *b)
{
	loss_place_block(&e->talk->losses, e->arena, action, b, "");
}

/* ---- instructions ---- */

/* A schema that the provider cannot be given goes into the prompt. */
static void
put_format(struct encoder *e, bool any)
{
	write_text_piece(&e->w, any ? SLICE("\\n\\n") : SLICE(""));
	write_text_piece(&e->w, SLICE("Respond with a single JSON value that "
	    "conforms to this JSON Schema, and nothing else:\\n"));
	write_text_piece(&e->w, schema_as_text(e->arena,
	    e->request->format_schema));
}

static void
put_instructions(struct encoder *e)
{
	bool in_words = responses_format_in_words(e), any = in_words;
	const struct ir_block *b;

	for (b = e->request->system; b; b = b->next)
		any |= b->kind == IR_TEXT && !text_blank(b->text);
	if (!any)
		return;
	write_key(&e->w, "instructions");
	write_text_begin(&e->w);
	any = false;
	for (b = e->request->system; b; b = b->next) {
		if (b->kind != IR_TEXT || text_blank(b->text))
			continue;
		if (any)
			write_text_piece(&e->w, SLICE("\\n\\n"));
		write_text_piece(&e->w, b->text);
		any = true;
	}
	if (in_words)
		put_format(e, any);
	write_text_end(&e->w);
}

/* ---- messages ---- */

/* As far as its parts; two write_end() close it. */
static void
open_message(struct encoder *e, struct slice role, struct slice phase)
{
	write_object(&e->w);
	write_member_plain(&e->w, "type", "message");
	write_member_text(&e->w, "role", role);
	if (phase.len)
		write_member_text(&e->w, "phase", phase);
	write_key(&e->w, "content");
	write_array(&e->w);
}

static void
close_message(struct encoder *e)
{
	write_end(&e->w);
	write_end(&e->w);
}

/* ---- calls and their results ---- */

static void
put_call(struct encoder *e, const struct ir_block *call)
{
	bool custom = call->custom && e->quirks->custom_ok;
	const struct ir_tool *tool = responses_is_own(e) ?
	    name_tool(e->request, call->name) : NULL;
	bool spaced = tool && tool->space.len;
	struct slice args = call->args;

	if (call->raw.len && responses_is_own(e)) {
		responses_write_item(e, call->raw);
		return;
	}
	write_object(&e->w);
	write_member_plain(&e->w, "type", custom ? "custom_tool_call" :
	    "function_call");
	write_member_text(&e->w, "call_id",
	    name_id_responses(e->arena, e->quirks, call->id));
	write_member_text(&e->w, "name", spaced ? tool->local :
	    name_tool_chat(e->arena, e->quirks, call->name));
	if (spaced)
		write_member_text(&e->w, "namespace", tool->space);
	if (call->custom && !custom)
		args = arena_join(e->arena, (const struct slice[]){
		    SLICE("{\"input\":\""), args, SLICE("\"}") }, 3);
	if (!custom)
		args = gather_escaped_json(e->arena, args);
	write_member_text(&e->w, custom ? "input" : "arguments", args);
	write_end(&e->w);
}

/* Was it the answer to a call of free text? */
static bool
answers_custom(const struct encoder *e, const struct ir_block *result)
{
	const struct ir_block *b = e->caller ? e->caller->first : NULL;

	while (b && (b->kind != IR_CALL || !slice_eq(b->id, result->id)))
		b = b->next;
	return b && b->custom && e->quirks->custom_ok;
}

static bool
put_result(struct encoder *e, const struct ir_block *result)
{
	const struct ir_block *content = result->content;

	if (result->raw.len && responses_is_own(e)) {
		responses_write_item(e, result->raw);
		return true;
	}
	write_object(&e->w);
	write_member_plain(&e->w, "type", answers_custom(e, result) ?
	    "custom_tool_call_output" : "function_call_output");
	write_member_text(&e->w, "call_id",
	    name_id_responses(e->arena, e->quirks, result->id));
	write_key(&e->w, "output");
	if (responses_needs_parts(content)) {
		write_array(&e->w);
		for (; content; content = content->next)
			if (!responses_write_part(e, content))
				return false;
		write_end(&e->w);
	} else if (!content && result->is_error) {
		write_plain(&e->w, "error");
	} else {
		responses_write_joined(e, content, "\\n");
	}
	write_end(&e->w);
	return true;
}

/* Texts that have a name are a developer's: it is their role. */
static struct slice
role_of(const struct ir_block *b)
{
	return b->kind == IR_TEXT && b->name.len ? b->name : SLICE("user");
}

static bool
put_user_turn(struct encoder *e, const struct ir_turn *turn)
{
	const struct ir_block *b = turn->first;

	for (; b && b->kind == IR_RESULT; b = b->next)
		if (!put_result(e, b))
			return false;
	while (b) {
		struct slice role = role_of(b);

		open_message(e, role, (struct slice){ 0 });
		for (; b && slice_eq(role_of(b), role); b = b->next)
			if (!responses_write_part(e, b))
				return false;
		close_message(e);
	}
	return true;
}

/* ---- thoughts ---- */

/* What only its maker can read; absent: nothing that goes back. */
static struct slice
sealed(const struct encoder *e, const struct ir_block *b)
{
	if (b->vendor != responses_vendor(e->quirks))
		return (struct slice){ 0 };
	return b->kind == IR_REDACTED ? b->text : b->kind == IR_THINK ?
	    b->signature : (struct slice){ 0 };
}

/* Some want to read again what they thought, though nobody signed it. */
static bool
goes_back_plain(const struct encoder *e, const struct ir_block *b)
{
	return b->kind == IR_THINK && b->text.len &&
	    e->quirks->replay != REPLAY_NO && !e->quirks->seals;
}

/* A thought at the end of a turn, with nothing it led to, is refused. */
static bool
leads_on(const struct ir_block *b)
{
	while (b && b->kind != IR_TEXT && b->kind != IR_CALL)
		b = b->next;
	return b != NULL;
}

static void
put_section(struct encoder *e, const char *list, const char *type,
    struct slice text)
{
	write_key(&e->w, list);
	write_array(&e->w);
	if (text.len) {
		write_object(&e->w);
		write_member_plain(&e->w, "type", type);
		write_member_text(&e->w, "text", text);
		write_end(&e->w);
	}
	write_end(&e->w);
}

static void
put_thought(struct encoder *e, const struct ir_block *b)
{
	struct slice seal = sealed(e, b);
	struct slice id = b->kind == IR_REDACTED ? b->id : b->item;
	bool summary = seal.len && b->kind == IR_THINK;

	if (!leads_on(b->next) || (!seal.len && !goes_back_plain(e, b)))
		return;
	write_object(&e->w);
	write_member_plain(&e->w, "type", "reasoning");
	if (seal.len && id.len)
		write_member_text(&e->w, "id", id);
	put_section(e, "summary", "summary_text", summary ? b->text :
	    (struct slice){ 0 });
	if (seal.len)
		write_member_text(&e->w, "encrypted_content", seal);
	else
		put_section(e, "content", "reasoning_text", b->text);
	write_end(&e->w);
}

/* ---- the assistant ---- */

static void
put_said(struct encoder *e, const struct ir_block *b)
{
	write_object(&e->w);
	write_member_plain(&e->w, "type", b->refusal ? "refusal" :
	    "output_text");
	write_member_text(&e->w, b->refusal ? "refusal" : "text", b->text);
	write_end(&e->w);
}

/* A row of texts of one phase is one message; returns its last. */
static const struct ir_block *
put_saying(struct encoder *e, const struct ir_block *b)
{
	open_message(e, SLICE("assistant"), b->phase);
	put_said(e, b);
	while (b->next && b->next->kind == IR_TEXT &&
	    slice_eq(b->next->phase, b->phase)) {
		b = b->next;
		put_said(e, b);
	}
	close_message(e);
	return b;
}

static void
put_assistant_turn(struct encoder *e, const struct ir_turn *turn)
{
	const struct ir_block *b;

	for (b = turn->first; b; b = b->next)
		switch (b->kind) {
		case IR_TEXT:
			b = put_saying(e, b);
			break;
		case IR_CALL:
			put_call(e, b);
			break;
		case IR_THINK:
		case IR_REDACTED:
			put_thought(e, b);
			break;
		case IR_IMAGE:
		case IR_DOCUMENT:
		case IR_AUDIO:
		case IR_VIDEO:
		case IR_OPAQUE:
			lose_block(e, LOSS_DROPPED, b);
			break;
		case IR_RESULT:
			break;
		}
	e->caller = turn;
	/* Nobody goes on with an answer that is begun. */
	if (!turn->next && turn->last && turn->last->kind == IR_TEXT)
		loss_add(&e->talk->losses, e->arena, LOSS_ADJUSTED,
		    "messages[%u]", turn->message);
}

/* ---- the whole ---- */

/* Facts that must be known before the first item is written. */
static void
look_ahead(struct encoder *e)
{
	const struct ir_turn *turn;
	const struct ir_block *b;
	size_t marks = 0;

	for (turn = e->request->first; turn; turn = turn->next) {
		if (turn->role == IR_USER)
			e->last_user = turn;
		for (b = turn->first; b; b = b->next)
			marks += b->cache.len && turn->role != IR_ASSISTANT &&
			    b->kind != IR_RESULT;
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
		put_assistant_turn(e, turn);
		return true;
	case IR_SYSTEM:		/* there is none left */
		break;
	}
	return true;
}

/* Something must be asked, even if nothing was. */
static void
put_dot(struct encoder *e)
{
	loss_add(&e->talk->losses, e->arena, LOSS_INSERTED, "messages");
	write_object(&e->w);
	write_member_plain(&e->w, "role", "user");
	write_member_plain(&e->w, "content", ".");
	write_end(&e->w);
}

bool
responses_write_input(struct encoder *e)
{
	const struct ir_turn *turn;
	size_t before;

	look_ahead(e);
	put_instructions(e);
	write_key(&e->w, "input");
	write_array(&e->w);
	before = buf_len(e->w.out);
	for (turn = e->request->first; turn; turn = turn->next)
		if (!put_turn(e, turn))
			return false;
	if (buf_len(e->w.out) == before)
		put_dot(e);
	write_end(&e->w);
	return true;
}
