/*
 * The conversation: system prompt, what the user says, and results of tools as
 * messages of their own.
 */
#include "json/text.h"
#include "proto/chat/encode.h"
#include "proto/loss_place.h"
#include "proto/names.h"
#include "proto/schema.h"
#include "proto/turns.h"

enum { MARKS_MAX = 4 };		/* cache marks that providers look at */

static const char paragraph[] = "\\n\\n";

/* ---- system ---- */

void
chat_open_message(struct encoder *e, const char *role)
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
	loss_add(&e->talk->losses, e->arena, LOSS_EMULATED, "%s",
	    chat_format_path(e));
	return chat_add_text(e, atoms, arena_join(e->arena,
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
		    !chat_add_text(e, &atoms, b->text, b->cache))
			return false;
	if (!add_format(e, &atoms))
		return false;
	if (!atoms.first)
		return true;
	chat_open_message(e, system_role(e));
	chat_write_content(e, &atoms, paragraph);
	write_end(&e->w);
	return true;
}

static bool
put_system_turn(struct encoder *e, const struct ir_turn *turn)
{
	struct atoms atoms = { 0 };
	const struct ir_block *b;

	for (b = turn->first; b; b = b->next)
		if (b->kind != IR_TEXT)
			loss_place_block(&e->talk->losses, e->arena,
			    LOSS_DROPPED, b, "");
		else if (!chat_add_text(e, &atoms, b->text, b->cache))
			return false;
	if (!atoms.first)
		return true;
	chat_open_message(e, system_role(e));
	chat_write_content(e, &atoms, paragraph);
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
	if (!atoms->first && !chat_add_text(e, atoms, SLICE(""),
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

	if (!chat_flatten_result(e, result, &atoms, moved))
		return false;
	tell_error(e, result, &atoms);
	if (!atoms.first && e->quirks->no_empty_tool_content &&
	    !chat_add_text(e, &atoms, SLICE("(no output)"),
	    (struct slice){ 0 }))
		return false;
	if (atoms.last && chat_takes_mark(e, result->cache)) {
		atoms.last->cache = result->cache;
		atoms.marked = true;
	}
	chat_open_message(e, "tool");
	write_member_text(&e->w, "tool_call_id",
	    name_id_chat(e->arena, e->quirks, result->id));
	chat_write_content(e, &atoms, "\\n");
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
		if (b->kind != IR_RESULT && !chat_flatten(e, b, &atoms))
			return false;
	if (!atoms.first)
		return true;
	chat_open_message(e, "user");
	chat_write_content(e, &atoms, paragraph);
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
		return chat_write_assistant(e, turn);
	case IR_SYSTEM:
		return put_system_turn(e, turn);
	}
	return true;
}

/* Something must be asked, even if nothing was. */
static void
put_dot(struct encoder *e)
{
	loss_add(&e->talk->losses, e->arena, LOSS_INSERTED, "messages");
	chat_open_message(e, "user");
	write_member_plain(&e->w, "content", ".");
	write_end(&e->w);
}

bool
chat_write_messages(struct encoder *e)
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
