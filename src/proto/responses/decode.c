/*
 * A Responses request: its top level.  Items are read by decode_items.c, what
 * they hold by decode_parts.c, thinking by decode_think.c, tools by
 * decode_tools.c.
 */
#include "proto/responses/decode.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "json/text.h"
#include "proto/extra.h"
#include "proto/loss_members.h"
#include "proto/number.h"
#include "proto/reason.h"
#include "proto/responses/responses.h"

enum { PARAM_MAX = 96 };

struct top {			/* the members that need a look */
	struct slice	 model, previous, user, safety;
	enum tri	 stream, background;
	struct jval	 input, conversation, prompt, tools, choice, text;
	struct jval	 reasoning, include, metadata;
	struct slice	 instructions;
};

#define AT(member)	offsetof(struct top, member)

static const struct field members[] = {
	{ "model",		FIELD_TEXT, AT(model), 0, 0 },
	{ "input",		FIELD_RAW, AT(input), 0, 0 },
	{ "instructions",	FIELD_TEXT, AT(instructions), 0, 0 },
	{ "stream",		FIELD_FLAG, AT(stream), 0, 0 },
	{ "background",		FIELD_FLAG, AT(background), 0, 0 },
	{ "conversation",	FIELD_RAW, AT(conversation), 0, 0 },
	{ "prompt",		FIELD_RAW, AT(prompt), 0, 0 },
	{ "previous_response_id", FIELD_TEXT, AT(previous), 0, 0 },
	{ "tools",		FIELD_RAW, AT(tools), 0, 0 },
	{ "tool_choice",	FIELD_RAW, AT(choice), 0, 0 },
	{ "text",		FIELD_RAW, AT(text), 0, 0 },
	{ "reasoning",		FIELD_RAW, AT(reasoning), 0, 0 },
	{ "include",		FIELD_RAW, AT(include), 0, 0 },
	{ "metadata",		FIELD_RAW, AT(metadata), 0, 0 },
	{ "user",		FIELD_TEXT, AT(user), 0, 0 },
	{ "safety_identifier",	FIELD_TEXT, AT(safety), 0, 0 },
	{ 0 },
};

#undef AT
#define AT(member)	offsetof(struct ir_request, member)

/* Those that go into the request as they are. */
static const struct field plain[] = {
	{ "max_output_tokens",	FIELD_NUM, AT(max_tokens), 0, 0 },
	{ "temperature",	FIELD_NUM, AT(temperature), 0, 0 },
	{ "top_p",		FIELD_NUM, AT(top_p), 0, 0 },
	{ "top_logprobs",	FIELD_NUM, AT(top_logprobs), 0, 0 },
	{ "parallel_tool_calls", FIELD_FLAG, AT(parallel), 0, 0 },
	{ "prompt_cache_key",	FIELD_TEXT, AT(cache_key), 0, 0 },
	{ "service_tier",	FIELD_TEXT, AT(tier), 0, 0 },
	{ 0 },
};

#undef AT

/* All that is read, and what has no effect on an answer of anybody else. */
static const char known[] =
    "model input instructions stream stream_options max_output_tokens "
    "max_tool_calls temperature top_p top_logprobs tools tool_choice "
    "parallel_tool_calls text reasoning include store previous_response_id "
    "conversation background prompt truncation context_management metadata "
    "user safety_identifier prompt_cache_key prompt_cache_options "
    "prompt_cache_retention service_tier client_metadata access_programs "
    "extra_body";

bool
responses_refuse(struct decoder *d, enum fail_kind kind, const char *code,
    const char *param, const char *fmt, ...)
{
	struct fail *f = &d->talk->fail;
	char text[512];
	va_list args;

	if (f->kind)
		return false;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	fail_set(f, d->arena, kind, param, "%s", text);
	if (code)
		f->code = slice_of(code);
	return false;
}

/* ---- what only OpenAI itself can do ---- */

static bool
refuse_stateful(struct decoder *d, const char *name, const char *instead)
{
	return responses_refuse(d, FAIL_UNSUPPORTED, "unsupported_parameter",
	    name, "Unsupported parameter: '%s' is not supported by this "
	    "gateway. %s", name, instead);
}

static bool
check_state(struct decoder *d, const struct top *top)
{
	if (jval_ok(top->conversation) && top->previous.len)
		return responses_refuse(d, FAIL_INVALID,
		    "mutually_exclusive_parameters", "previous_response_id",
		    "'previous_response_id' and 'conversation' cannot be used "
		    "together.");
	if (d->kin)
		return true;
	if (top->background == TRI_YES)
		return refuse_stateful(d, "background",
		    "Send a normal or streaming request instead.");
	if (jval_ok(top->conversation))
		return refuse_stateful(d, "conversation",
		    "Send all of the conversation as 'input' instead.");
	if (jval_ok(top->prompt))
		return refuse_stateful(d, "prompt",
		    "Send its text as 'instructions' and 'input' instead.");
	if (top->previous.len && !d->talk->recalled)
		return responses_refuse(d, FAIL_INVALID,
		    "previous_response_not_found", "previous_response_id",
		    "Previous response with id '%.*s' not found.",
		    SLICE_FMT(top->previous));
	return true;
}

/* ---- the answer's form ---- */

static enum tri
tri_of(struct jval v)
{
	return jval_is(v, JSON_TRUE) ? TRI_YES :
	    jval_is(v, JSON_FALSE) ? TRI_NO : TRI_UNSET;
}

static bool
read_schema(struct decoder *d, struct jval format)
{
	struct ir_request *r = d->request;
	struct jval nested = jval_get(format, "json_schema");
	struct jval schema;

	if (jval_is(nested, JSON_OBJECT))	/* in Chat's manner */
		format = nested;
	schema = jval_get(format, "schema");
	if (!jval_is(schema, JSON_OBJECT))
		return responses_refuse(d, FAIL_INVALID,
		    "missing_required_parameter", "text.format.schema",
		    "Missing required parameter: 'text.format.schema'.");
	r->format = IR_FORMAT_SCHEMA;
	r->format_name = text_mend(d->arena, jval_get_text(format, "name"));
	r->format_schema = text_mend(d->arena, jval_raw(schema));
	r->format_strict = tri_of(jval_get(format, "strict"));
	return true;
}

static bool
read_form(struct decoder *d, struct jval text)
{
	struct jval format = jval_get(text, "format");
	struct jval type = jval_get(format, "type");
	struct slice verbosity = jval_get_text(text, "verbosity");

	if (verbosity.len)
		d->request->verbosity = verbosity;
	if (!jval_ok(format))
		return true;
	if (jval_text_is(type, "json_schema"))
		return read_schema(d, format);
	d->request->format = jval_text_is(type, "text") ? IR_FORMAT_TEXT :
	    jval_text_is(type, "json_object") ? IR_FORMAT_JSON :
	    IR_FORMAT_UNSET;
	return d->request->format != IR_FORMAT_UNSET ||
	    responses_refuse(d, FAIL_INVALID, "invalid_value",
	    "text.format.type", "Invalid value: 'text.format.type' must be "
	    "'text', 'json_object' or 'json_schema'.");
}

static bool
read_reasoning(struct decoder *d, struct jval v)
{
	struct ir_reasoning *r = &d->request->reasoning;
	struct slice effort = jval_get_text(v, "effort");
	enum ir_effort level = reason_effort(effort);

	if (jval_ok(jval_get(v, "summary")) ||
	    jval_ok(jval_get(v, "generate_summary")))
		r->show = TRI_YES;
	if (!effort.len)
		return true;
	r->on = slice_is(effort, "none") ? TRI_NO : TRI_YES;
	r->effort = level;
	return level != IR_EFFORT_UNSET || r->on == TRI_NO ||
	    responses_refuse(d, FAIL_INVALID, "invalid_value",
	    "reasoning.effort", "Invalid value: '%.*s'. Supported values are: "
	    "'none', 'minimal', 'low', 'medium', 'high', 'xhigh' and 'max'.",
	    SLICE_FMT(slice_sub(effort, 0, 64)));
}

static void
read_include(struct decoder *d, struct jval include)
{
	struct slice *top = &d->request->top_logprobs;
	bool asked = top->len && number_vs(*top, "0") != 0;

	if (jval_is(include, JSON_ARRAY))
		for (struct jval v = jval_first(include); !jval_at_end(v);
		    v = jval_next(v))
			asked |= jval_text_is(v,
			    "message.output_text.logprobs");
	if (asked)
		d->request->logprobs = TRI_YES;
	else
		*top = (struct slice){ 0 };	/* it says nothing */
}

/* ---- the whole ---- */

static bool
bind(struct decoder *d, struct jval body, struct top *top)
{
	struct bind_problem problem = { 0 };
	struct ir_request *r = d->request;

	if (!json_bind(body, members, top, &problem) ||
	    !json_bind(body, plain, r, &problem))
		return responses_refuse(d, FAIL_INVALID, "invalid_type",
		    problem.name, "Invalid type for '%s': expected %s.",
		    problem.name, problem.want);
	if (!top->model.len)		/* the first of `models` */
		top->model = d->talk->client_model;
	if (!top->model.len)
		return responses_refuse(d, FAIL_INVALID,
		    "missing_required_parameter", "model",
		    "Missing required parameter: 'model'.");
	r->body = body;
	r->model = d->talk->client_model = top->model;
	r->stream = d->talk->stream = top->stream == TRI_YES;
	r->user = top->safety.ptr ? top->safety : top->user;
	if (jval_is(top->metadata, JSON_OBJECT))
		r->metadata = jval_raw(top->metadata);
	if (slice_is(r->tier, "auto"))
		r->tier = (struct slice){ 0 };
	return true;
}

static bool
read_instructions(struct decoder *d, struct slice text)
{
	struct ir_block *b;

	if (!text.len)
		return true;
	b = ir_block_new(&d->request->system, d->arena, IR_TEXT);
	if (b)
		b->text = text_mend(d->arena, text);
	return b;
}

static bool
read_body(struct decoder *d, struct jval body)
{
	struct top top = { 0 };

	if (!bind(d, body, &top) || !check_state(d, &top) ||
	    !read_form(d, top.text) || !read_reasoning(d, top.reasoning))
		return false;
	if (!jval_ok(top.input) && !d->kin && !top.previous.len)
		return responses_refuse(d, FAIL_INVALID,
		    "missing_required_parameter", "input",
		    "Missing required parameter: 'input'.");
	read_include(d, top.include);
	if (!read_instructions(d, top.instructions) ||
	    !responses_read_tools(d, top.tools, false) ||
	    !responses_read_input(d, top.input) ||
	    !responses_read_choice(d, top.choice))
		return false;
	return read_form(d, d->text) && read_reasoning(d, d->reasoning);
}

bool
responses_decode(struct talk *talk, struct jval body)
{
	struct decoder d = { .talk = talk, .arena = talk->arena };
	bool read;

	if (!jval_is(body, JSON_OBJECT))
		return fail_set(&talk->fail, talk->arena, FAIL_INVALID, NULL,
		    "The request body must be a JSON object.");
	d.kin = talk->provider && talk->provider->id == PROTO_RESPONSES;
	d.request = arena_alloc(talk->arena, sizeof *d.request);
	body = extra_merge(talk->arena, body);
	read = d.request && jval_ok(body) && read_body(&d, body);
	if (!read || talk->arena->failed)
		return fail_set(&talk->fail, talk->arena, FAIL_MEMORY, NULL,
		    "Out of memory.");
	if (!d.kin) {
		loss_unknown(&talk->losses, talk->arena, body, known, "%s",
		    "");
		loss_members_responses(&talk->losses, talk->arena, body);
	}
	talk->request = d.request;
	return true;
}
