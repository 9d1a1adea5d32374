/*
 * A Messages request: its top level, its system prompt and its messages.  The
 * content of messages is read by decode_blocks.c, tools by decode_tools.c.
 */
#include "proto/messages/decode.h"

#include <stddef.h>
#include <stdio.h>

#include "json/text.h"
#include "proto/extra.h"
#include "proto/loss_members.h"
#include "proto/messages/messages.h"
#include "proto/messages/pass.h"
#include "proto/reason.h"

static const struct field fields[] = {
	{ .name = "model", .type = FIELD_TEXT,
	    .offset = offsetof(struct top, model) },
	{ .name = "max_tokens", .type = FIELD_NUM,
	    .offset = offsetof(struct top, max_tokens) },
	{ .name = "temperature", .type = FIELD_NUM,
	    .offset = offsetof(struct top, temperature) },
	{ .name = "top_p", .type = FIELD_NUM,
	    .offset = offsetof(struct top, top_p) },
	{ .name = "top_k", .type = FIELD_NUM,
	    .offset = offsetof(struct top, top_k) },
	{ .name = "stream", .type = FIELD_FLAG,
	    .offset = offsetof(struct top, stream) },
	{ .name = "service_tier", .type = FIELD_TEXT,
	    .offset = offsetof(struct top, tier) },
	{ .name = "metadata", .type = FIELD_RAW,
	    .offset = offsetof(struct top, metadata) },
	{ .name = "output_config", .type = FIELD_RAW,
	    .offset = offsetof(struct top, output) },
	{ .name = "messages", .type = FIELD_RAW,
	    .offset = offsetof(struct top, messages) },
	{ .name = "system", .type = FIELD_RAW,
	    .offset = offsetof(struct top, system) },
	{ .name = "tools", .type = FIELD_RAW,
	    .offset = offsetof(struct top, tools) },
	{ .name = "tool_choice", .type = FIELD_RAW,
	    .offset = offsetof(struct top, choice) },
	{ .name = "stop_sequences", .type = FIELD_RAW,
	    .offset = offsetof(struct top, stop) },
	{ 0 },
};

bool
messages_refuse(struct decoder *d, const char *name,
    const char *what)
{
	return fail_set(&d->talk->fail, d->arena, FAIL_INVALID, name,
	    "%s", what);
}

/* ---- members that no other provider has ---- */

static bool
check_container(struct decoder *d, struct jval v)
{
	if (jval_count(jval_get(v, "skills")))
		return messages_refuse(d, "container",
		    "skills are not supported for this model");
	loss_add(&d->talk->losses, d->arena, LOSS_DROPPED, "container");
	return true;
}

static bool
check_servers(struct decoder *d, struct jval v)
{
	if (!jval_count(v))
		return true;
	return fail_set(&d->talk->fail, d->arena, FAIL_UNSUPPORTED,
	    NULL, "mcp_servers is not supported for model %.*s.",
	    SLICE_FMT(d->request->model));
}

static bool
check_compaction(struct decoder *d, struct jval v)
{
	(void)v;
	return fail_set(&d->talk->fail, d->arena, FAIL_UNSUPPORTED,
	    NULL, "compaction is not supported for model %.*s.",
	    SLICE_FMT(d->request->model));
}

static bool
check_thread(struct decoder *d, struct jval v)
{
	(void)v;
	return messages_refuse_thread(d->talk);
}

static const struct {
	const char	*name;
	bool		(*check)(struct decoder *, struct jval);
} checks[] = {
	{ "thread", check_thread },
	{ "container", check_container },
	{ "mcp_servers", check_servers },
	{ "compaction", check_compaction },
};

static bool
run_checks(struct decoder *d, struct jval body)
{
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
		struct jval v = jval_get(body, checks[i].name);

		if (jval_ok(v) && !checks[i].check(d, v))
			return false;
	}
	return true;
}

/* ---- system and messages ---- */

static bool
add_system(struct decoder *d, struct slice text, struct jval from)
{
	struct ir_block *block;

	/* Differs from request to request and would spoil every cache. */
	if (slice_starts(text, SLICE("x-anthropic-billing-header:")))
		return true;
	if (text_blank(text))
		return true;
	block = ir_block_new(&d->request->system, d->arena, IR_TEXT);
	if (!block)
		return false;
	block->text = text_mend(d->arena, text);
	block->cache = jval_raw(jval_get(from, "cache_control"));
	return true;
}

static bool
read_system(struct decoder *d, struct jval system)
{
	if (!jval_ok(system))
		return true;
	if (jval_is(system, JSON_STRING))
		return add_system(d, jval_text(system), (struct jval){ 0 });
	if (!jval_is(system, JSON_ARRAY))
		return messages_refuse(d, "system",
		    "must be a string or an array of text blocks");
	for (struct jval b = jval_first(system); !jval_at_end(b);
	    b = jval_next(b)) {
		struct jval text = jval_get(b, "text");

		if (!jval_is(text, JSON_STRING))
			return messages_refuse(d, "system",
			    "must hold text blocks only");
		if (!add_system(d, jval_text(text), b))
			return false;
	}
	return true;
}

/* System messages that open the conversation belong to the system prompt. */
static void
take_leading_system(struct ir_request *request)
{
	struct ir_turn *turn;
	struct ir_block *last = request->system;

	while ((turn = request->first) != NULL && turn->role == IR_SYSTEM) {
		if (last && last->tail)
			last = last->tail;
		if (!last)
			request->system = turn->first;
		else
			last->next = turn->first;
		if (turn->last)
			last = turn->last;
		request->first = turn->next;
	}
	if (!request->first)
		request->last = NULL;
	if (request->system)
		request->system->tail = last;
}

static const struct {
	const char	*name;
	enum ir_role	 role;
} roles[] = {
	{ "user", IR_USER }, { "assistant", IR_ASSISTANT },
	{ "system", IR_SYSTEM },
};

/* Does the user say something, or only hand in what tools found out? */
static bool
is_new_turn(struct jval content)
{
	if (!jval_is(content, JSON_ARRAY))
		return true;
	for (struct jval b = jval_first(content); !jval_at_end(b);
	    b = jval_next(b))
		if (!jval_text_is(jval_get(b, "type"), "tool_result"))
			return true;
	return false;
}

/* Effort may be set for one turn, by the system message behind its user's. */
static void
read_effort(struct decoder *d, enum ir_role role, struct jval v)
{
	enum ir_effort effort = reason_effort(jval_get_text(
	    jval_get(v, "output_config"), "effort"));

	if (role == IR_SYSTEM && effort != IR_EFFORT_UNSET)
		d->effort = effort;
	else if (role == IR_USER && is_new_turn(jval_get(v, "content")))
		d->effort = IR_EFFORT_UNSET;
}

/* Its words were for a turn that is over: they are shown no more. */
static bool
is_cleared(const struct decoder *d, struct jval v)
{
	return d->message < d->last_user &&
	    jval_text_is(jval_get(v, "clear_at"), "next_user_message");
}

static bool
read_turn(struct decoder *d, enum ir_role role, struct jval v)
{
	struct jval content = jval_get(v, "content");
	char path[48];

	read_effort(d, role, v);
	if (role == IR_SYSTEM && !jval_ok(content) &&
	    jval_ok(jval_get(v, "output_config")))
		return true;
	if (!jval_is(content, JSON_STRING) && !jval_is(content, JSON_ARRAY)) {
		snprintf(path, sizeof path, "messages[%u].content",
		    (unsigned)d->message);
		return messages_refuse(d, path, !jval_ok(content) ?
		    "Field required" :
		    "must be a string or an array of blocks");
	}
	if (!messages_read_content(d, role, content))
		return false;
	if (role == IR_SYSTEM && is_cleared(d, v))
		d->request->last->first = d->request->last->last = NULL;
	return true;
}

static bool
read_message(struct decoder *d, struct jval v)
{
	struct jval role = jval_get(v, "role");
	char path[48];

	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
		if (jval_text_is(role, roles[i].name))
			return read_turn(d, roles[i].role, v);
	snprintf(path, sizeof path, "messages[%u]", (unsigned)d->message);
	return messages_refuse(d, path,
	    "role must be user, assistant or system");
}

static uint32_t
find_last_user(struct jval messages)
{
	uint32_t i = 0, last = 0;

	for (struct jval m = jval_first(messages); !jval_at_end(m);
	    m = jval_next(m), i++)
		if (jval_text_is(jval_get(m, "role"), "user"))
			last = i;
	return last;
}

static bool
read_messages(struct decoder *d, struct jval messages)
{
	if (!jval_ok(messages))
		return messages_refuse(d, "messages", "Field required");
	if (!jval_is(messages, JSON_ARRAY) || !jval_count(messages))
		return messages_refuse(d, "messages",
		    "must be an array of at least one message");
	d->last_user = find_last_user(messages);
	for (struct jval m = jval_first(messages); !jval_at_end(m);
	    m = jval_next(m), d->message++)
		if (!read_message(d, m))
			return false;
	if (d->effort != IR_EFFORT_UNSET)
		d->request->reasoning.effort = d->effort;
	messages_forget_tools(d);
	take_leading_system(d->request);
	return true;
}

/* ---- the whole ---- */

static bool
bind(struct decoder *d, struct jval body, struct top *top)
{
	struct bind_problem problem = { 0 };
	struct ir_request *request = d->request;

	if (!json_bind(body, fields, top, &problem))
		return fail_set(&d->talk->fail, d->arena, FAIL_INVALID,
		    problem.name, "must be %s", problem.want);
	if (!top->model.len)		/* the first of `models` */
		top->model = d->talk->client_model;
	if (!top->model.len)
		return messages_refuse(d, "model", "Field required");
	request->body = body;
	request->model = d->talk->client_model = top->model;
	request->stream = d->talk->stream = top->stream == TRI_YES;
	request->temperature = top->temperature;
	request->top_p = top->top_p;
	request->top_k = top->top_k;
	request->user = jval_get_text(top->metadata, "user_id");
	request->cache = jval_raw(jval_get(body, "cache_control"));
	return true;
}

static bool
read_body(struct decoder *d, struct jval body)
{
	struct top top = { 0 };

	if (!bind(d, body, &top) || !run_checks(d, body) ||
	    !messages_read_form(d, body, &top))
		return false;
	return read_system(d, top.system) &&
	    messages_read_tools(d, top.tools) &&
	    messages_read_choice(d, top.choice) &&
	    read_messages(d, top.messages);
}

bool
messages_decode(struct talk *talk, struct jval body)
{
	struct decoder d = { .talk = talk, .arena = talk->arena };
	bool read;

	if (!jval_is(body, JSON_OBJECT))
		return fail_set(&talk->fail, talk->arena, FAIL_INVALID, NULL,
		    "The request body must be a JSON object.");
	d.request = arena_alloc(talk->arena, sizeof *d.request);
	body = extra_merge(talk->arena, body);
	read = d.request && jval_ok(body) && read_body(&d, body);
	if (!read || talk->arena->failed)
		return fail_set(&talk->fail, talk->arena, FAIL_MEMORY, NULL,
		    "Out of memory.");
	loss_members_messages(&talk->losses, talk->arena, body);
	talk->request = d.request;
	return true;
}
