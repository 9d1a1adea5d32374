#include "proto/messages/reply.h"

#include "base/hash.h"
#include "json/text.h"
#include "proto/names.h"
#include "proto/usage.h"

enum { ID_MAX = 120 };

static const char *const stop_reasons[] = {	/* ORDER stop */
	[IR_STOP_END] = "end_turn",
	[IR_STOP_TOOL] = "tool_use",
	[IR_STOP_LENGTH] = "max_tokens",
	[IR_STOP_SEQUENCE] = "stop_sequence",
	[IR_STOP_FILTER] = "refusal",
	[IR_STOP_REFUSAL] = "refusal",
	[IR_STOP_BAD_TOOL] = "end_turn",
	[IR_STOP_PAUSE] = "pause_turn",
	[IR_STOP_CONTEXT] = "model_context_window_exceeded",
	[IR_STOP_OTHER] = "end_turn",
};

/*
 * Old clients read content[0].text: thinking goes only to those that asked
 * for it, or where the provider wants it back with the next turn.
 */
static enum reply_thinking
thinking_for(const struct talk *talk)
{
	const struct ir_request *request = talk->request;
	bool own = talk->provider && talk->provider->vendor == IR_ANTHROPIC;
	bool asked;

	if (!request)
		return REPLY_SHOWN;
	if (talk_options(talk)->emit_thinking == THINKING_NEVER && !own)
		return REPLY_DROPPED;
	asked = request->reasoning.on == TRI_YES || own ||
	    talk_options(talk)->emit_thinking == THINKING_ALWAYS;
	if (asked)
		return request->reasoning.show == TRI_NO && !own ?
		    REPLY_HIDDEN : REPLY_SHOWN;
	return talk->quirks.replay == REPLAY_NO ? REPLY_DROPPED :
	    REPLY_HIDDEN;
}

void
reply_init(struct reply *r, struct talk *talk)
{
	*r = (struct reply){
		.talk = talk,
		.thinking = thinking_for(talk),
		.usage = ir_usage_none(),
	};
}

/* msg_ and the letters and digits of the provider's id, or else of ours. */
static struct slice
message_id(struct talk *talk, struct slice id)
{
	static const struct slice prefixes[] = {
		SLICE_INIT("chatcmpl-"), SLICE_INIT("chatcmpl_"),
		SLICE_INIT("msg_"), SLICE_INIT("req_"),
	};
	char out[ID_MAX] = "msg_";
	size_t len = 4;

	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (slice_starts(id, prefixes[i]))
			id = slice_skip(id, prefixes[i].len);
	for (size_t i = 0; i < id.len && len < sizeof out; i++) {
		char c = id.ptr[i];

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z'))
			out[len++] = c;
	}
	return arena_dup(talk->arena, (struct slice){ out, len });
}

void
reply_begin(struct reply *r, const struct ir_event *ev)
{
	struct talk *talk = r->talk;

	r->id = message_id(talk, ev->id);
	if (r->id.len <= 4)
		r->id = message_id(talk, talk->request_id);
	r->model = talk->client_model.len && (!ev->model.len ||
	    talk_options(talk)->model_echo == ECHO_CLIENT) ?
	    talk->client_model : arena_dup(talk->arena, ev->model);
	r->tier = arena_dup(talk->arena, ev->tier);
	ir_usage_merge(&r->usage, &ev->usage);
}

void
reply_missed(const struct reply *r, const char *path)
{
	loss_add(&r->talk->losses, r->talk->arena, LOSS_DROPPED,
	    "answer.%s", path);
}

void
reply_missed_block(const struct reply *r, const struct ir_event *ev)
{
	bool thought = ev->kind == IR_THINK || ev->kind == IR_REDACTED;

	if (thought && r->thinking == REPLY_DROPPED)
		reply_missed(r, "thinking");
	else if (ev->kind == IR_IMAGE)
		reply_missed(r, "images");
	else if (ev->kind == IR_AUDIO)
		reply_missed(r, "audio");
	else if (ev->kind == IR_OPAQUE && ev->vendor != IR_ANTHROPIC)
		reply_missed(r, "items");
}

void
reply_usage(struct reply *r, const struct ir_event *ev)
{
	ir_usage_merge(&r->usage, &ev->usage);
	if (ev->raw.len)
		r->tools = arena_dup(r->talk->arena, ev->raw);
}

/* ---- usage ---- */

static uint64_t
or_zero(int64_t count)
{
	return count > 0 ? (uint64_t)count : 0;
}

/* What was neither read from the cache nor written to it. */
static uint64_t
plain_input(const struct reply *r, bool ended)
{
	const struct ir_usage *u = &r->usage;
	uint64_t cached = or_zero(u->cache_read) + or_zero(u->cache_write);

	if (u->in <= 0 && !ended)
		return talk_options(r->talk)->start_usage ?
		    usage_input(r->talk) : 0;
	return or_zero(u->in) > cached ? or_zero(u->in) - cached : 0;
}

static void
put_details(const struct reply *r, struct writer *w)
{
	write_key(w, "output_tokens_details");
	if (r->usage.reasoning < 0) {
		write_null(w);
		return;
	}
	write_object(w);
	write_member_u64(w, "thinking_tokens", or_zero(r->usage.reasoning));
	write_end(w);
}

static void
put_tools(const struct reply *r, struct writer *w)
{
	write_key(w, "server_tool_use");
	if (r->tools.len)
		write_min(w, r->tools);
	else
		write_null(w);
}

/*
 * The flag is the end's alone: client libraries keep what the beginning said,
 * and its counts are known to be no more than a first guess.
 */
static void
put_estimated(const struct reply *r, struct writer *w)
{
	if (r->usage.estimated)
		write_member_raw(w, "estimated", SLICE("true"));
}

/* What was served: in OpenAI's words, of which Anthropic has few. */
static const char *
tier_of(const struct reply *r)
{
	static const char *const standard[] = {
		"standard", "default", "auto", "on_demand",
	};
	bool known = !r->tier.len;

	if (slice_is(r->tier, "priority"))
		return "priority";
	for (size_t i = 0; i < sizeof standard / sizeof *standard; i++)
		known |= slice_is(r->tier, standard[i]);
	if (!known)
		loss_add(&r->talk->losses, r->talk->arena, LOSS_ADJUSTED,
		    "answer.service_tier");
	return "standard";
}

/* The usage of a message object; before the end one token is the custom. */
static void
put_usage(const struct reply *r, struct writer *w, bool ended)
{
	uint64_t out = ended || r->usage.out > 0 ? or_zero(r->usage.out) : 1;

	write_object(w);
	write_member_u64(w, "input_tokens", plain_input(r, ended));
	write_member_u64(w, "output_tokens", out);
	write_member_u64(w, "cache_creation_input_tokens",
	    or_zero(r->usage.cache_write));
	write_member_u64(w, "cache_read_input_tokens",
	    or_zero(r->usage.cache_read));
	write_key(w, "cache_creation");
	write_object(w);
	write_member_u64(w, "ephemeral_5m_input_tokens",
	    or_zero(r->usage.cache_write));
	write_member_u64(w, "ephemeral_1h_input_tokens", 0);
	write_end(w);
	put_details(r, w);
	put_tools(r, w);
	write_member_plain(w, "service_tier", tier_of(r));
	write_member_null(w, "inference_geo");
	if (ended)
		put_estimated(r, w);
	write_end(w);
}

/* ---- the end ---- */

/* stop_reason and what belongs to it; all null while there is no stop. */
static void
put_stop(struct writer *w, const struct ir_event *stop)
{
	bool refused = stop && (stop->stop == IR_STOP_REFUSAL ||
	    stop->stop == IR_STOP_FILTER);

	if (stop)
		write_member_plain(w, "stop_reason",
		    stop_reasons[stop->stop]);
	else
		write_member_null(w, "stop_reason");
	if (stop && stop->stop == IR_STOP_SEQUENCE && stop->sequence.ptr)
		write_member_text(w, "stop_sequence", stop->sequence);
	else
		write_member_null(w, "stop_sequence");
	if (!refused) {
		write_member_null(w, "stop_details");
		return;
	}
	write_key(w, "stop_details");
	write_object(w);
	write_member_plain(w, "type", "refusal");
	write_member_null(w, "category");
	if (stop->explanation.len)
		write_member_text(w, "explanation", stop->explanation);
	else
		write_member_null(w, "explanation");
	write_end(w);
}

void
reply_message(const struct reply *r, struct writer *w,
    const struct ir_event *stop,
    void (*content)(struct writer *, void *arg), void *arg)
{
	write_object(w);
	write_member_text(w, "id", r->id);
	write_member_plain(w, "type", "message");
	write_member_plain(w, "role", "assistant");
	write_member_text(w, "model", r->model);
	write_key(w, "content");
	write_array(w);
	if (content)
		content(w, arg);
	write_end(w);
	put_stop(w, stop);
	write_member_null(w, "container");
	write_member_null(w, "diagnostics");
	write_key(w, "usage");
	put_usage(r, w, stop != NULL);
	write_end(w);
}

void
reply_end(const struct reply *r, struct writer *w,
    const struct ir_event *stop)
{
	write_key(w, "delta");
	write_object(w);
	put_stop(w, stop);
	write_member_null(w, "container");
	write_end(w);
	write_key(w, "usage");
	write_object(w);
	write_member_u64(w, "input_tokens", plain_input(r, true));
	write_member_u64(w, "cache_creation_input_tokens",
	    or_zero(r->usage.cache_write));
	write_member_u64(w, "cache_read_input_tokens",
	    or_zero(r->usage.cache_read));
	write_member_u64(w, "output_tokens", or_zero(r->usage.out));
	put_details(r, w);
	put_tools(r, w);
	put_estimated(r, w);
	write_end(w);
}

/* ---- signatures ---- */

struct slice
reply_signature(const struct reply *r, struct slice signature,
    enum ir_vendor vendor, struct slice hidden, uint32_t crc)
{
	struct arena *scratch = r->talk->scratch;
	enum ir_vendor maker = vendor == IR_NOBODY ||
	    vendor == IR_ANTHROPIC ? IR_OTHER : vendor;

	if (signature.len && (vendor == IR_ANTHROPIC ||
	    envelope_is(signature)))
		return signature;
	if (signature.len)
		return envelope_make(scratch, vendor, 'r', crc, signature);
	if (r->thinking == REPLY_HIDDEN)
		return envelope_make(scratch, maker, 'h', 0,
		    base64url_encode(scratch,
		    text_unescape(scratch, hidden)));
	return envelope_make(scratch, maker, 'r', crc, (struct slice){ 0 });
}

struct slice
reply_redacted(const struct reply *r, const struct ir_event *ev)
{
	struct arena *scratch = r->talk->scratch;
	struct slice entry;

	if (ev->vendor == IR_ANTHROPIC || envelope_is(ev->text))
		return ev->text;
	if (!ev->id.len && !ev->name.len)
		return envelope_make(scratch, ev->vendor, 'd', 0, ev->text);
	entry = arena_fmt(scratch, "{\"id\":\"%.*s\",\"format\":\"%.*s\","
	    "\"data\":\"%.*s\"}", SLICE_FMT(ev->id), SLICE_FMT(ev->name),
	    SLICE_FMT(ev->text));
	return envelope_make(scratch, ev->vendor, 'e', 0,
	    base64url_encode(scratch, entry));
}

struct slice
reply_carrier(const struct reply *r, struct slice call_id,
    struct slice signature, enum ir_vendor vendor)
{
	struct arena *scratch = r->talk->scratch;
	struct slice map;

	if (!signature.len)
		return (struct slice){ 0 };
	map = arena_fmt(scratch, "{\"%.*s\":\"%.*s\"}", SLICE_FMT(call_id),
	    SLICE_FMT(signature));
	return envelope_make(scratch, vendor, 'm', 0,
	    base64url_encode(scratch, map));
}
