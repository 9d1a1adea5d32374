#include "proto/responses/outcome.h"

#include <stdio.h>

#include "base/hash.h"
#include "json/text.h"
#include "proto/names.h"
#include "proto/responses/responses.h"

enum { ID_DIGITS = 48, CALL_ID_DIGITS = 24, CALL_ID_MAX = 64,
	UNIQUE_MAX = 200 };	/* calls whose ids are compared */

void
outcome_init(struct outcome *r, struct talk *talk, bool brief)
{
	*r = (struct outcome){
		.talk = talk, .usage = ir_usage_none(), .brief = brief,
	};
}

/* The prefix and hex digits that only this answer has, at that place. */
static struct slice
make_id(const struct outcome *r, const char *prefix, unsigned place,
    size_t digits)
{
	struct arena *arena = r->talk->arena;
	struct slice seed = arena_fmt(r->talk->scratch, "%.*s/%u",
	    SLICE_FMT(r->seed), place);
	struct slice hex = sha256_hex(r->talk->scratch, seed, digits);

	return arena_fmt(arena, "%s%.*s", prefix, SLICE_FMT(hex));
}

void
outcome_begin(struct outcome *r, const struct ir_event *ev)
{
	struct talk *talk = r->talk;
	struct slice id = ev ? ev->id : (struct slice){ 0 };
	struct slice model = ev ? ev->model : (struct slice){ 0 };

	r->seed = arena_fmt(talk->arena, "%.*s/%.*s/%lld",
	    SLICE_FMT(talk->request_id), SLICE_FMT(id),
	    (long long)talk->created_s);
	r->id = make_id(r, "resp_", UINT32_MAX, ID_DIGITS);
	r->model = talk->client_model.len && (!model.len ||
	    talk_options(talk)->model_echo == ECHO_CLIENT) ?
	    talk->client_model : arena_dup(talk->arena, model);
	if (!ev)
		return;
	r->tier = arena_dup(talk->arena, ev->tier);
	ir_usage_merge(&r->usage, &ev->usage);
}

struct item *
outcome_add(struct outcome *r, enum item_type type)
{
	struct item *item = arena_alloc(r->talk->arena, sizeof *item);

	if (!item)
		return NULL;
	item->type = type;
	item->index = r->count++;
	item->id = make_id(r, item_prefix(type), item->index, ID_DIGITS);
	if (r->last)
		r->last->next = item;
	else
		r->first = item;
	r->last = item;
	return item;
}

static bool
is_taken(const struct outcome *r, struct slice id)
{
	unsigned n = 0;

	for (const struct item *i = r->first; i && n < UNIQUE_MAX;
	    i = i->next, n++)
		if (slice_eq(i->call_id, id))
			return true;
	return false;
}

struct slice
outcome_call_id(const struct outcome *r, struct slice id)
{
	if (id.len) {
		id = arena_dup(r->talk->arena,
		    name_id_messages(r->talk->scratch, id));
		if (!is_taken(r, id))
			return id;
	}
	return make_id(r, "call_", r->count, CALL_ID_DIGITS);
}

/* ---- the end ---- */

static const struct outcome_end ends[] = {	/* ORDER stop */
#define COMPLETED { "response.completed", "completed", NULL, NULL, false }
#define INCOMPLETE(why) { "response.incomplete", "incomplete", why, NULL, true }
	[IR_STOP_END] = COMPLETED,
	[IR_STOP_TOOL] = COMPLETED,
	[IR_STOP_LENGTH] = INCOMPLETE("max_output_tokens"),
	[IR_STOP_SEQUENCE] = COMPLETED,
	[IR_STOP_FILTER] = INCOMPLETE("content_filter"),
	[IR_STOP_REFUSAL] = COMPLETED,
	[IR_STOP_BAD_TOOL] = COMPLETED,
	[IR_STOP_PAUSE] = COMPLETED,
	[IR_STOP_CONTEXT] = INCOMPLETE("max_output_tokens"),
	[IR_STOP_OTHER] = COMPLETED,
};

static const struct fail bad_tool = {
	.kind = FAIL_BAD_ANSWER,
	.message = SLICE_INIT("The model wrote a tool call that is not valid."),
	.retry_after_ms = -1,
};

struct outcome_end
outcome_end_of(const struct ir_event *stop)
{
	if (stop->stop == IR_STOP_BAD_TOOL)
		return outcome_failed(&bad_tool);
	return ends[stop->stop];
}

struct outcome_end
outcome_failed(const struct fail *fail)
{
	return (struct outcome_end){
		"response.failed", "failed", NULL, fail, true
	};
}

/* ---- the object ---- */

static uint64_t
or_zero(int64_t count)
{
	return count > 0 ? (uint64_t)count : 0;
}

/*
 * All six numbers or none: agents refuse a part of them.  What nobody counted
 * is not made up: agents shorten their history by it.
 */
static void
write_usage(const struct outcome *r, struct writer *w, bool ended)
{
	const struct ir_usage *u = &r->usage;

	write_key(w, "usage");
	if (!ended || u->estimated || (u->in < 0 && u->out < 0)) {
		write_null(w);
		return;
	}
	write_object(w);
	write_member_u64(w, "input_tokens", or_zero(u->in));
	write_key(w, "input_tokens_details");
	write_object(w);
	write_member_u64(w, "cached_tokens", or_zero(u->cache_read));
	write_member_u64(w, "cache_write_tokens", or_zero(u->cache_write));
	write_end(w);
	write_member_u64(w, "output_tokens", or_zero(u->out));
	write_key(w, "output_tokens_details");
	write_object(w);
	write_member_u64(w, "reasoning_tokens", or_zero(u->reasoning));
	write_end(w);
	write_member_u64(w, "total_tokens", or_zero(u->in) + or_zero(u->out));
	write_end(w);
}

static void
write_error(const struct outcome_end *end, struct writer *w)
{
	write_key(w, "error");
	if (!end->fail) {
		write_null(w);
		return;
	}
	write_object(w);
	responses_fail_members(end->fail, w);
	write_end(w);
}

static void
write_output(const struct outcome *r, struct writer *w, bool ended)
{
	write_key(w, "output");
	write_array(w);
	if (ended)
		for (const struct item *i = r->first; i; i = i->next)
			item_write(i, w, r->talk->scratch);
	write_end(w);
}

/* What failed cannot be gone on with. */
static void
keep(const struct outcome *r, const struct buf *out, size_t from,
    const struct outcome_end *end)
{
	if (!r->talk->keep || !end->event || end->fail || out->failed)
		return;
	r->talk->kept_id = r->id;
	r->talk->kept = arena_dup(r->talk->arena,
	    slice_skip(buf_slice(out), from));
}

/* What the client said, or what holds where it said nothing. */
static void
echo(const struct outcome *r, struct writer *w, const char *key,
    const char *otherwise)
{
	struct ir_request *request = r->talk->request;
	struct jval v = request ? jval_get(request->body, key) :
	    (struct jval){ 0 };

	write_key(w, key);
	write_min(w, jval_ok(v) ? jval_raw(v) : slice_of(otherwise));
}

static void
write_reasoning(const struct outcome *r, struct writer *w)
{
	struct ir_request *request = r->talk->request;
	struct jval v = request ? jval_get(request->body, "reasoning") :
	    (struct jval){ 0 };
	struct jval effort = jval_get(v, "effort");
	struct jval summary = jval_get(v, "summary");

	write_key(w, "reasoning");
	write_object(w);
	write_key(w, "effort");
	write_min(w, jval_ok(effort) ? jval_raw(effort) : SLICE("null"));
	write_key(w, "summary");
	write_min(w, jval_ok(summary) ? jval_raw(summary) : SLICE("null"));
	write_end(w);
}

static void
write_text_form(const struct outcome *r, struct writer *w)
{
	struct ir_request *request = r->talk->request;
	struct jval v = request ? jval_get(request->body, "text") :
	    (struct jval){ 0 };

	write_key(w, "text");
	write_object(w);
	write_key(w, "format");
	write_min(w, jval_ok(jval_get(v, "format")) ?
	    jval_raw(jval_get(v, "format")) : SLICE("{\"type\":\"text\"}"));
	if (jval_ok(jval_get(v, "verbosity"))) {
		write_key(w, "verbosity");
		write_min(w, jval_raw(jval_get(v, "verbosity")));
	}
	write_end(w);
}

/* Anthropic's words for what OpenAI calls the default. */
static void
write_tier(const struct outcome *r, struct writer *w)
{
	struct slice tier = r->tier;

	if (!tier.len || slice_is(tier, "standard") || slice_is(tier, "batch"))
		tier = SLICE("default");
	write_member_text(w, "service_tier", tier);
}

static void
write_head(const struct outcome *r, struct writer *w,
    const struct outcome_end *end)
{
	bool done = end->event && !end->cut;

	write_object(w);
	write_member_text(w, "id", r->id);
	write_member_plain(w, "object", "response");
	write_key(w, "created_at");
	write_i64(w, r->talk->created_s);
	write_member_plain(w, "status",
	    end->status ? end->status : "in_progress");
	write_member_bool(w, "background", false);
	write_key(w, "completed_at");
	if (done)
		write_i64(w, r->talk->created_s);
	else
		write_null(w);
	write_error(end, w);
	write_key(w, "incomplete_details");
	if (end->reason) {
		write_object(w);
		write_member_plain(w, "reason", end->reason);
		write_end(w);
	} else {
		write_null(w);
	}
	if (r->brief)
		write_member_null(w, "instructions");
	else
		echo(r, w, "instructions", "null");
	echo(r, w, "max_output_tokens", "null");
	echo(r, w, "max_tool_calls", "null");
	write_member_text(w, "model", r->model);
}

void
outcome_write(const struct outcome *r, struct writer *w,
    const struct outcome_end *end)
{
	size_t from = buf_len(w->out);

	write_head(r, w, end);
	write_output(r, w, end->event != NULL);
	echo(r, w, "parallel_tool_calls", "true");
	echo(r, w, "previous_response_id", "null");
	echo(r, w, "prompt_cache_key", "null");
	write_reasoning(r, w);
	echo(r, w, "safety_identifier", "null");
	write_tier(r, w);
	write_member_bool(w, "store", r->talk->keep);
	echo(r, w, "temperature", "null");
	write_text_form(r, w);
	echo(r, w, "tool_choice", "\"auto\"");
	if (r->brief)
		write_member_raw(w, "tools", SLICE("[]"));
	else
		echo(r, w, "tools", "[]");
	echo(r, w, "top_logprobs", "0");
	echo(r, w, "top_p", "null");
	echo(r, w, "truncation", "\"disabled\"");
	write_usage(r, w, end->event != NULL);
	echo(r, w, "user", "null");
	echo(r, w, "metadata", "{}");
	write_end(w);
	keep(r, w->out, from, end);
}
