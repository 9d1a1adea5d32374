/*
 * A Messages request: its top level, its system prompt and its messages.  The
 * content of messages is read by decode_blocks.c, tools by decode_tools.c.
 */
#include "proto/messages/decode.h"

#include <stddef.h>
#include <stdio.h>

#include "json/bind.h"
#include "json/text.h"
#include "proto/extra.h"
#include "proto/messages/messages.h"
#include "proto/reason.h"

struct top {			/* the members that every request may have */
	struct slice	 model;
	struct slice	 max_tokens, temperature, top_p, top_k;
	enum tri	 stream;
	struct slice	 tier, speed;
	struct jval	 metadata, output;
	struct jval	 messages, system, tools, choice, stop;
};

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
	{ .name = "speed", .type = FIELD_TEXT,
	    .offset = offsetof(struct top, speed) },
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

static bool
refuse(struct decoder *d, const char *name, const char *what)
{
	return fail_set(&d->talk->fail, d->arena, FAIL_INVALID, name,
	    "%s", what);
}

/* ---- members that Chat has and clients send along ---- */

static const struct extension {
	const char	*name;
	enum json_type	 type;
	size_t		 offset;	/* of a slice in struct ir_request */
} extensions[] = {
	{ "seed", JSON_NUMBER, offsetof(struct ir_request, seed) },
	{ "frequency_penalty", JSON_NUMBER,
	    offsetof(struct ir_request, frequency_penalty) },
	{ "presence_penalty", JSON_NUMBER,
	    offsetof(struct ir_request, presence_penalty) },
	{ "verbosity", JSON_STRING, offsetof(struct ir_request, verbosity) },
	{ "prompt_cache_key", JSON_STRING,
	    offsetof(struct ir_request, cache_key) },
};

static void
read_extensions(struct decoder *d, struct jval body)
{
	struct ir_reasoning *reasoning = &d->request->reasoning;
	struct slice effort = jval_get_text(body, "reasoning_effort");

	for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++) {
		const struct extension *x = &extensions[i];
		struct jval v = jval_get(body, x->name);

		if (jval_is(v, x->type))
			*(struct slice *)((char *)d->request + x->offset) =
			    x->type == JSON_STRING ? jval_text(v) :
			    jval_raw(v);
	}
	if (reasoning->effort == IR_EFFORT_UNSET)
		reasoning->effort = reason_effort(effort);
	if (reasoning->on == TRI_UNSET && slice_is(effort, "none"))
		reasoning->on = TRI_NO;
}

/* ---- members that no other provider has ---- */

static bool
check_container(struct decoder *d, struct jval v)
{
	if (jval_count(jval_get(v, "skills")))
		return refuse(d, "container",
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

/*
 * A thread begun is only a conversation without memory, which clients find out
 * when they go on with it: told so in this way they send the history again.
 */
static bool
check_thread(struct decoder *d, struct jval v)
{
	if (!jval_text_is(jval_get(v, "type"), "continue")) {
		loss_add(&d->talk->losses, d->arena, LOSS_DROPPED, "thread");
		return true;
	}
	fail_set(&d->talk->fail, d->arena, FAIL_NOT_FOUND, "thread",
	    "no such thread is stored here; send the whole conversation");
	d->talk->fail.details = SLICE("{\"error_code\":\"thread_not_found\"}");
	return false;
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

/* ---- the answer's form and length ---- */

static bool
read_limit(struct decoder *d, struct slice max_tokens)
{
	uint64_t n;

	d->request->max_tokens = max_tokens;
	if (!max_tokens.len)
		return d->talk->count_only ||
		    refuse(d, "max_tokens", "Field required");
	if (!slice_to_u64(max_tokens, INT64_MAX, &n))
		return refuse(d, "max_tokens",
		    "must be an integer that is not negative");
	d->talk->prewarm = !n && !d->talk->count_only;
	return true;
}

static bool
read_stops(struct decoder *d, struct jval stops)
{
	if (!jval_ok(stops))
		return true;
	if (!jval_is(stops, JSON_ARRAY))
		return refuse(d, "stop_sequences", "must be an array");
	for (struct jval s = jval_first(stops); !jval_at_end(s);
	    s = jval_next(s)) {
		if (!jval_is(s, JSON_STRING))
			return refuse(d, "stop_sequences",
			    "must be an array of strings");
		if (jval_text(s).len && !ir_text_add(&d->request->stop,
		    d->arena, text_mend(d->arena, jval_text(s))))
			return false;
	}
	return true;
}

/* In Chat's spelling, for clients that send it along. */
static void
read_response_format(struct ir_request *request, struct jval v)
{
	struct jval schema = jval_get(v, "json_schema");
	struct jval strict = jval_get(schema, "strict");

	if (jval_text_is(jval_get(v, "type"), "json_object"))
		request->format = IR_FORMAT_JSON;
	if (!jval_text_is(jval_get(v, "type"), "json_schema") ||
	    !jval_is(jval_get(schema, "schema"), JSON_OBJECT))
		return;
	request->format = IR_FORMAT_SCHEMA;
	request->format_name = jval_get_text(schema, "name");
	request->format_schema = jval_raw(jval_get(schema, "schema"));
	if (jval_ok(strict))
		request->format_strict = jval_is_true(strict) ?
		    TRI_YES : TRI_NO;
}

static bool
read_format(struct decoder *d, struct jval body, struct jval output)
{
	struct jval format = jval_get(output, "format");
	struct jval schema;

	if (!jval_ok(format))
		format = jval_get(body, "output_format");
	if (!jval_ok(format)) {
		read_response_format(d->request,
		    jval_get(body, "response_format"));
		return true;
	}
	schema = jval_get(format, "schema");
	if (!jval_text_is(jval_get(format, "type"), "json_schema") ||
	    !jval_is(schema, JSON_OBJECT))
		return refuse(d, "output_config.format",
		    "must be of type json_schema, with a schema");
	d->request->format = IR_FORMAT_SCHEMA;
	d->request->format_schema = text_mend(d->arena, jval_raw(schema));
	return true;
}

/* The tiers' names in the tree are Chat's; "auto" is the same as none. */
static void
read_tier(struct decoder *d, const struct top *top)
{
	if (slice_is(top->tier, "standard_only"))
		d->request->tier = SLICE("default");
	if (slice_is(top->speed, "fast"))
		loss_add(&d->talk->losses, d->arena, LOSS_DROPPED, "speed");
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
		return refuse(d, "system",
		    "must be a string or an array of text blocks");
	for (struct jval b = jval_first(system); !jval_at_end(b);
	    b = jval_next(b)) {
		struct jval text = jval_get(b, "text");

		if (!jval_is(text, JSON_STRING))
			return refuse(d, "system",
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

static bool
read_message(struct decoder *d, struct jval v)
{
	struct jval role = jval_get(v, "role");
	struct jval content = jval_get(v, "content");
	char path[48];

	snprintf(path, sizeof path, "messages[%u].content",
	    (unsigned)d->message);
	if (!jval_is(content, JSON_STRING) && !jval_is(content, JSON_ARRAY))
		return refuse(d, path, !jval_ok(content) ? "Field required"
		    : "must be a string or an array of blocks");
	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
		if (jval_text_is(role, roles[i].name))
			return decode_content(d, roles[i].role, content);
	snprintf(path, sizeof path, "messages[%u]", (unsigned)d->message);
	return refuse(d, path,
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
		return refuse(d, "messages", "Field required");
	if (!jval_is(messages, JSON_ARRAY) || !jval_count(messages))
		return refuse(d, "messages",
		    "must be an array of at least one message");
	d->last_user = find_last_user(messages);
	for (struct jval m = jval_first(messages); !jval_at_end(m);
	    m = jval_next(m), d->message++)
		if (!read_message(d, m))
			return false;
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
	if (!top->model.len)
		return refuse(d, "model", "Field required");
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
	    !read_limit(d, top.max_tokens) || !read_stops(d, top.stop))
		return false;
	reason_read_messages(&d->request->reasoning, d->arena,
	    &d->talk->losses, body);
	read_extensions(d, body);
	read_tier(d, &top);
	return read_format(d, body, top.output) &&
	    read_system(d, top.system) && decode_tools(d, top.tools) &&
	    decode_choice(d, top.choice) && read_messages(d, top.messages);
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
	talk->request = d.request;
	return true;
}
