#include "proto/chat/decode.h"

#include <stdio.h>

#include "json/text.h"

enum { MESSAGES_MAX = 100000 };

struct role {
	const char	*name;
	enum ir_role	 role;
	bool		(*read)(struct decoding *, struct ir_turn *,
			    struct jval message);
};

/* A mark on a whole message belongs to its last block. */
static void
mark_last(struct decoding *d, struct ir_turn *turn, struct jval message)
{
	struct slice mark = chat_cache(d, message);

	if (mark.len && turn->last && !turn->last->cache.len)
		turn->last->cache = mark;
}

static bool
read_user(struct decoding *d, struct ir_turn *turn, struct jval message)
{
	return chat_read_content(d, turn, jval_get(message, "content"));
}

/* A number, which some clients send, is an id as good as its text. */
static struct slice
read_id(struct decoding *d, struct jval id)
{
	return jval_is(id, JSON_NUMBER) ? jval_raw(id) : chat_text(d, id);
}

static bool
read_custom(struct decoding *d, struct ir_block *b, struct jval custom)
{
	struct jval input = jval_get(custom, "input");

	if (jval_ok(input) && !jval_is(input, JSON_STRING))
		return chat_bad(d, "tool_calls",
		    "has an input that is no string");
	b->custom = true;
	b->name = chat_name(d, jval_get(custom, "name"));
	b->args = chat_text(d, input);
	return true;
}

static void
lose_arguments(struct decoding *d, uint32_t i)
{
	char member[48];

	snprintf(member, sizeof member, "tool_calls[%u].function.arguments", i);
	chat_lost(d, LOSS_ADJUSTED, member);
}

static bool
read_call(struct decoding *d, struct ir_turn *turn, struct jval call,
    uint32_t i)
{
	struct jval type = jval_get(call, "type");
	struct jval function = jval_get(call, "function");
	struct jval custom = jval_get(call, "custom");
	struct ir_block *b = chat_block(d, turn, IR_CALL);
	char member[40];
	bool wrapped;

	snprintf(member, sizeof member, "tool_calls[%u]", i);
	if (!b)
		return false;
	b->part = i;
	b->cache = chat_cache(d, call);
	b->id = read_id(d, jval_get(call, "id"));
	if (!b->id.len)
		b->id = arena_fmt(d->arena, "call_%u_%u", d->message, i);
	if (jval_is(custom, JSON_OBJECT)) {
		if (!read_custom(d, b, custom))
			return false;
	} else if (jval_is(function, JSON_OBJECT)) {
		b->name = chat_name(d, jval_get(function, "name"));
		b->args = chat_arguments(d, jval_get(function, "arguments"),
		    &wrapped);
		if (wrapped)
			lose_arguments(d, i);
	} else if (jval_ok(type) && !jval_text_is(type, "function")) {
		return chat_bad(d, member, "is of an unknown type");
	}
	if (!b->name.len)
		return chat_bad(d, member, "must name a function");
	b->signature = jval_get_text(jval_get2(call, "extra_content",
	    "google"), "thought_signature");
	if (b->signature.len)
		b->vendor = IR_GOOGLE;
	return true;
}

static bool
read_calls(struct decoding *d, struct ir_turn *turn, struct jval message)
{
	struct jval calls = jval_get(message, "tool_calls"), v;
	struct jval legacy = jval_get(message, "function_call");
	struct ir_block *b;
	uint32_t i = 0;
	bool wrapped;

	if (jval_ok(calls) && !jval_is(calls, JSON_ARRAY))
		return chat_bad(d, "tool_calls", "must be an array");
	for (v = jval_first(calls); !jval_at_end(v); v = jval_next(v))
		if (!read_call(d, turn, v, i++))
			return false;
	if (!jval_is(legacy, JSON_OBJECT))
		return true;
	if (i) {
		chat_lost(d, LOSS_DROPPED, "function_call");
		return true;
	}
	b = chat_block(d, turn, IR_CALL);
	if (!b)
		return false;
	b->id = arena_fmt(d->arena, "call_%u_0", d->message);
	b->name = chat_name(d, jval_get(legacy, "name"));
	b->args = chat_arguments(d, jval_get(legacy, "arguments"), &wrapped);
	if (wrapped)
		chat_lost(d, LOSS_ADJUSTED, "function_call.arguments");
	return b->name.len ||
	    chat_bad(d, "function_call", "must name a function");
}

/* The text of a refusal, where it is all there is. */
static bool
read_refusal(struct decoding *d, struct ir_turn *turn, struct jval message)
{
	struct jval refusal = jval_get(message, "refusal");
	struct ir_block *b;

	if (!jval_is(refusal, JSON_STRING))
		return true;
	if (turn->first && !text_blank(turn->first->text)) {
		if (!text_blank(jval_text(refusal)))
			chat_lost(d, LOSS_DROPPED, "refusal");
		return true;
	}
	b = chat_block(d, turn, IR_TEXT);
	if (!b)
		return false;
	b->text = chat_text(d, refusal);
	b->refusal = true;
	return true;
}

/*
 * Google's signature beside the content is the first call's, or else the last
 * text's.
 */
static void
read_extra(struct decoding *d, struct ir_turn *turn, struct jval message)
{
	struct jval extra = jval_get(message, "extra_content");
	struct slice signature = jval_text(jval_get2(extra, "google",
	    "thought_signature"));
	struct ir_block *bearer = NULL;

	for (struct ir_block *b = turn->first; b; b = b->next)
		if (b->kind == IR_TEXT || b->kind == IR_CALL) {
			bearer = b;
			if (b->kind == IR_CALL)
				break;
		}
	if (!signature.len || !bearer) {
		if (jval_ok(extra))
			chat_lost(d, LOSS_DROPPED, "extra_content");
		return;
	}
	if (bearer->signature.len)
		return;			/* it has been told there, too */
	bearer->signature = signature;
	bearer->vendor = IR_GOOGLE;
}

static bool
read_assistant(struct decoding *d, struct ir_turn *turn, struct jval message)
{
	if (!chat_read_content(d, turn, jval_get(message, "content")) ||
	    !read_refusal(d, turn, message))
		return false;
	if (jval_is(jval_get(message, "audio"), JSON_OBJECT))
		chat_lost(d, LOSS_DROPPED, "audio");
	if (!read_calls(d, turn, message))
		return false;
	read_extra(d, turn, message);
	return chat_read_thinking(d, turn, message);
}

static bool
read_tool(struct decoding *d, struct ir_turn *turn, struct jval message)
{
	struct ir_block *b = chat_block(d, turn, IR_RESULT);
	struct jval error = jval_get(message, "is_error");

	if (!b)
		return false;
	b->id = read_id(d, jval_get(message, "tool_call_id"));
	if (jval_is(error, JSON_STRING) || jval_is(error, JSON_NUMBER))
		chat_lost(d, LOSS_DROPPED, "is_error");
	b->is_error = jval_is_true(error) ||
	    jval_text_is(jval_get(message, "status"), "error");
	return chat_read_result(d, b, jval_get(message, "content"));
}

/* Legacy: the result of a function names the function, not the call. */
static bool
read_function(struct decoding *d, struct ir_turn *turn, struct jval message)
{
	if (!read_tool(d, turn, message))
		return false;
	turn->last->name = chat_name(d, jval_get(message, "name"));
	return true;
}

static bool
read_instructions(struct decoding *d, struct ir_turn *turn,
    struct jval message)
{
	return chat_read_system(d, turn, jval_get(message, "content"));
}

static const struct role roles[] = {
	{ "user",	IR_USER,	read_user },
	{ "assistant",	IR_ASSISTANT,	read_assistant },
	{ "tool",	IR_USER,	read_tool },
	{ "system",	IR_SYSTEM,	read_instructions },
	{ "developer",	IR_SYSTEM,	read_instructions },
	{ "function",	IR_USER,	read_function },
};

static const struct role *
find_role(struct jval message)
{
	struct jval role = jval_get(message, "role");

	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
		if (jval_text_is(role, roles[i].name))
			return &roles[i];
	return NULL;
}

/* Blocks of an instruction that stands before everything else. */
static void
hoist(struct ir_request *request, struct ir_turn *turn, struct ir_block **end)
{
	if (!turn->first)
		return;
	if (*end)
		(*end)->next = turn->first;
	else
		request->system = turn->first;
	*end = turn->last;
}

/* A member `system`, which the protocol does not know but people send. */
static bool
read_top_system(struct decoding *d, struct ir_block **end)
{
	struct jval system = jval_get(d->request->body, "system");
	struct ir_turn turn = { 0 };

	if (!jval_ok(system))
		return true;
	if (!chat_read_system(d, &turn, system))
		return false;
	hoist(d->request, &turn, end);
	return true;
}

/* The name of who speaks, in front of what he says. */
static bool
prefix_name(struct decoding *d, struct ir_turn *turn, struct jval message)
{
	struct slice pieces[] = {
		chat_text(d, jval_get(message, "name")), SLICE(": "), { 0 },
	};
	struct ir_block *b = turn->first;

	while (b && b->kind != IR_TEXT)
		b = b->next;
	if (talk_options(d->talk)->name_mode != NAME_PREFIX ||
	    !pieces[0].len || !b || text_blank(b->text))
		return true;
	pieces[2] = b->text;
	b->text = arena_join(d->arena, pieces, 3);
	return b->text.len;
}

static bool
read_message(struct decoding *d, struct jval message, struct ir_block **system)
{
	const struct role *role = find_role(message);
	struct ir_turn leading = { .role = IR_SYSTEM }, *turn = &leading;

	if (!role)
		return chat_bad(d, "", "must be an object with a role of "
		    "system, developer, user, assistant or tool");
	if (role->role != IR_SYSTEM || d->request->first)
		turn = ir_turn_add(d->request, d->arena, role->role);
	if (!turn)
		return false;
	turn->message = d->message;
	if (!role->read(d, turn, message) || !prefix_name(d, turn, message))
		return false;
	d->part = NOWHERE;
	mark_last(d, turn, message);
	if (turn == &leading)
		hoist(d->request, turn, system);
	return true;
}

bool
chat_read_messages(struct decoding *d, struct jval list)
{
	struct ir_block *system = NULL;
	struct jval v;
	uint32_t i = 0;

	if (!jval_is(list, JSON_ARRAY) || !jval_count(list))
		return chat_bad(d, "messages",
		    "must be an array of at least one message");
	if (jval_count(list) > MESSAGES_MAX)
		return chat_bad(d, "messages", "holds too many messages");
	if (!read_top_system(d, &system))
		return false;
	for (v = jval_first(list); !jval_at_end(v); v = jval_next(v)) {
		d->message = i++;
		d->part = NOWHERE;
		if (!read_message(d, v, &system))
			return false;
	}
	d->message = NOWHERE;
	return true;
}
