/*
 * A Chat request from the tree: the top level.
 */
#include "proto/chat/encode.h"

#include "proto/chat/chat.h"
#include "proto/number.h"
#include "proto/remember.h"
#include "proto/schema.h"
#include "proto/turns.h"

static void
lose(struct encoder *e, enum loss_action action, const char *name)
{
	loss_add(&e->talk->losses, e->arena, action, "%s", name);
}

static void
put_number(struct encoder *e, const char *name, struct slice number)
{
	if (number.len)
		write_member_raw(&e->w, name, number);
}

static void
put_limit(struct encoder *e)
{
	struct slice limit = e->request->max_tokens;
	uint64_t n;

	if (e->quirks->max_output && slice_to_u64(limit, UINT64_MAX, &n) &&
	    n > e->quirks->max_output) {
		lose(e, LOSS_CLAMPED, "max_tokens");
		write_member_u64(&e->w, e->quirks->max_field,
		    e->quirks->max_output);
		return;
	}
	put_number(e, e->quirks->max_field, limit);
}

/* A value that changes nothing is no loss. */
static void
drop_sampling(struct encoder *e, const char *name, bool neutral)
{
	if (!neutral)
		lose(e, LOSS_DROPPED, name);
}

/* `neutral`: the value that says nothing, or NULL. */
static void
put_or_drop(struct encoder *e, const char *name, struct slice number,
    bool taken, const char *neutral)
{
	if (taken)
		put_number(e, name, number);
	else if (number.len)
		drop_sampling(e, name, neutral &&
		    number_vs(number, neutral) == 0);
}

/* Who speaks Responses says how many, or asks to include them. */
static const char *
logprobs_path(const struct ir_request *r)
{
	if (jval_ok(jval_get(r->body, "logprobs")))
		return "logprobs";
	if (jval_ok(jval_get(r->body, "top_logprobs")))
		return "top_logprobs";
	return jval_ok(jval_get(r->body, "include")) ? "include" : "logprobs";
}

static void
put_logprobs(struct encoder *e)
{
	const struct ir_request *r = e->request;

	if (r->logprobs != TRI_YES)
		return;
	if (!e->quirks->logprobs_ok) {
		lose(e, LOSS_DROPPED, logprobs_path(r));
		return;
	}
	write_member_bool(&e->w, "logprobs", true);
	put_number(e, "top_logprobs", r->top_logprobs);
}

static void
put_sampling(struct encoder *e)
{
	const struct ir_request *r = e->request;
	const struct quirks *q = e->quirks;

	if (q->sampling) {
		put_number(e, "temperature", r->temperature);
		put_number(e, "top_p", r->top_p);
	} else {
		if (r->temperature.len)
			drop_sampling(e, "temperature", q->sampling_quiet ||
			    number_vs(r->temperature, "1") == 0);
		if (r->top_p.len)
			drop_sampling(e, "top_p",
			    number_vs(r->top_p, "0.99") >= 0);
	}
	if (q->top_k_ok)
		put_number(e, "top_k", r->top_k);
	put_or_drop(e, "seed", r->seed, q->seed_ok, NULL);
	put_or_drop(e, "frequency_penalty", r->frequency_penalty,
	    q->penalties_ok, "0");
	put_or_drop(e, "presence_penalty", r->presence_penalty,
	    q->penalties_ok, "0");
}

/* Those that the provider does not take are looked for in its answer. */
static void
put_stops(struct encoder *e)
{
	const struct ir_text *stop = e->request->stop;
	unsigned n = 0;

	if (stop && e->quirks->stop_ok) {
		write_key(&e->w, "stop");
		write_array(&e->w);
		for (; stop && n < e->quirks->stop_max; stop = stop->next, n++)
			write_text(&e->w, stop->text);
		write_end(&e->w);
	}
}

static void
put_stream(struct encoder *e)
{
	if (!e->request->stream)
		return;
	write_member_bool(&e->w, "stream", true);
	if (e->quirks->stream_usage)
		write_member_raw(&e->w, "stream_options",
		    SLICE("{\"include_usage\":true}"));
}

/* Else the provider would refuse it. */
static bool
may_be_strict(struct encoder *e)
{
	struct json doc;
	struct json_fault fault;

	return json_parse(&doc, e->arena, e->request->format_schema, 0,
	    &fault) && schema_is_strict(json_root(&doc));
}

const char *
chat_format_path(const struct encoder *e)
{
	if (jval_ok(jval_get2(e->request->body, "output_config", "format")))
		return "output_config.format";
	return jval_ok(jval_get(e->request->body, "output_format")) ?
	    "output_format" : "response_format";
}

/* The schema of the answer as this provider takes it. */
static struct slice
fit_schema(struct encoder *e)
{
	struct slice fit = e->request->format_schema;
	struct json doc;
	struct json_fault fault;

	if (e->quirks->schema_refused &&
	    json_parse(&doc, e->arena, fit, 0, &fault) &&
	    !schema_trim(e->arena, json_root(&doc), e->quirks->schema_refused,
	    &fit))
		lose(e, LOSS_ADJUSTED, chat_format_path(e));
	return fit;
}

static void
put_schema_format(struct encoder *e)
{
	const struct ir_request *r = e->request;
	bool strict = r->format_strict == TRI_YES;

	if (strict && !may_be_strict(e)) {
		strict = false;
		lose(e, LOSS_ADJUSTED, chat_format_path(e));
	}
	write_member_plain(&e->w, "type", "json_schema");
	write_key(&e->w, "json_schema");
	write_object(&e->w);
	write_member_text(&e->w, "name", r->format_name.len ?
	    r->format_name : SLICE("response"));
	write_key(&e->w, "schema");
	write_min(&e->w, fit_schema(e));
	write_member_bool(&e->w, "strict", strict);
	write_end(&e->w);
}

static void
put_format(struct encoder *e)
{
	enum ir_format format = e->request->format;

	if (format != IR_FORMAT_JSON && format != IR_FORMAT_SCHEMA)
		return;
	write_key(&e->w, "response_format");
	write_object(&e->w);
	if (format == IR_FORMAT_SCHEMA && e->quirks->schema_format)
		put_schema_format(e);
	else
		write_member_plain(&e->w, "type", "json_object");
	write_end(&e->w);
}

static void
put_prefill(struct encoder *e)
{
	const struct ir_turn *last = e->request->first;

	while (last && last->next)
		last = last->next;
	if (!e->quirks->prefill_top || !last || last->role != IR_ASSISTANT)
		return;
	write_member_bool(&e->w, "add_generation_prompt", false);
	write_member_bool(&e->w, e->quirks->prefill_field, true);
}

static bool
put_body(struct encoder *e)
{
	write_object(&e->w);
	write_member_text(&e->w, "model", e->talk->model);
	if (!chat_write_messages(e) || !chat_write_tools(e))
		return false;
	put_limit(e);
	put_sampling(e);
	put_logprobs(e);
	put_stops(e);
	put_stream(e);
	chat_write_reasoning(e);
	put_format(e);
	chat_write_extras(e);
	put_prefill(e);
	write_end(&e->w);
	return true;
}

/* Who only thought what nobody may hear did not speak: others then stand side
 * by side, and become one. */
static void
drop_silent(struct encoder *e)
{
	struct ir_turn **link = &e->request->first;
	struct ir_turn *turn, *last = NULL;

	while ((turn = *link) != NULL) {
		if (turn->role == IR_ASSISTANT && chat_is_silent(e, turn)) {
			*link = turn->next;
			continue;
		}
		last = turn;
		link = &turn->next;
	}
	e->request->last = last;
}

/* The turns in an order that providers take; the original stays as it is. */
static bool
settle(struct encoder *e)
{
	struct ir_turn *turn;

	if (!turns_copy(e->request, e->arena))
		return false;
	for (turn = e->request->first; turn; turn = turn->next)
		if (turn->role == IR_SYSTEM && !e->quirks->mid_system_chat &&
		    !turns_remind(turn, e->arena))
			return false;
	drop_silent(e);
	return turns_settle(e->request, e->arena, &e->talk->losses);
}

bool
chat_encode(struct talk *talk, struct buf *out)
{
	bool recalled = remember_recall(talk);
	struct ir_request copy = *talk->request;
	size_t before = buf_len(out);
	struct encoder e = {
		.talk = talk, .arena = talk->arena, .request = &copy,
		.quirks = &talk->quirks, .w = { .out = out },
	};

	if (recalled && settle(&e) && put_body(&e) &&
	    !talk->arena->failed && !out->failed)
		return true;
	buf_trunc(out, before);
	return fail_set(&talk->fail, talk->arena, FAIL_MEMORY, NULL,
	    "Out of memory.");
}
