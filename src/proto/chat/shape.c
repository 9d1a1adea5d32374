#include "proto/chat/shape.h"

#include "base/hash.h"
#include "proto/place.h"

enum {
	CALL_ID_DIGITS = 24,
	CALLS_APART = 1 << 20,	/* more than one answer has */
};

static const char *const finishes[] = {
	[IR_STOP_END] = "stop",
	[IR_STOP_TOOL] = "tool_calls",
	[IR_STOP_LENGTH] = "length",
	[IR_STOP_SEQUENCE] = "stop",
	[IR_STOP_FILTER] = "content_filter",
	[IR_STOP_REFUSAL] = "content_filter",
	[IR_STOP_BAD_TOOL] = "stop",
	[IR_STOP_PAUSE] = "stop",
	[IR_STOP_CONTEXT] = "length",
	[IR_STOP_OTHER] = "stop",
};

/* How the entries of reasoning_details name their makers. */
static const char *const formats[] = {
	[IR_NOBODY] = "unknown",
	[IR_ANTHROPIC] = "anthropic-claude-v1",
	[IR_OPENAI] = "openai-responses-v1",
	[IR_GOOGLE] = "google-gemini-v1",
	[IR_OTHER] = "unknown",
};

void
shape_init(struct shape *shape, struct talk *talk)
{
	const struct ir_request *request = talk->request;

	*shape = (struct shape){
		.talk = talk,
		.legacy = request && request->legacy_functions,
		.hidden = request && request->reasoning.show == TRI_NO,
		.usage = ir_usage_none(),
	};
}

/* The block that is open goes no further. */
static void
name_block(const struct shape *s, const struct ir_event *ev)
{
	if (ev->kind == IR_OPAQUE && talk_options(s->talk)->server_blocks)
		return;
	loss_add(&s->talk->losses, s->talk->arena, LOSS_DROPPED,
	    "answer.content[%zu]", s->blocks - 1);
}

static void
follow_open(struct shape *s, const struct ir_event *ev)
{
	s->blocks++;
	s->kind = ev->kind;
	s->custom = ev->custom;
	s->refusal = ev->refusal;
	s->refused |= ev->refusal;
	s->said_any = false;
	s->vendor = ev->vendor;
	s->text_before = s->text_len;
	s->calls_before = s->calls;
	s->muted = ev->kind == IR_OPAQUE || ev->kind == IR_AUDIO;
	if (ev->kind == IR_CALL) {
		s->muted = s->legacy && s->calls;
		s->calls++;
	}
	if (s->muted)
		name_block(s, ev);
	/* The client said that it does not want to see it. */
	if (ev->kind == IR_THINK || ev->kind == IR_REDACTED)
		s->muted = s->hidden;
}

/* What the provider's tools cost, where it cost something. */
static void
follow_tools(struct shape *s, struct slice raw)
{
	size_t i = 0;

	if (talk_options(s->talk)->usage_ext) {
		s->server_usage = arena_dup(s->talk->arena, raw);
		return;
	}
	while (i < raw.len && (raw.ptr[i] < '1' || raw.ptr[i] > '9'))
		i++;
	if (i < raw.len)
		loss_add(&s->talk->losses, s->talk->arena, LOSS_DROPPED,
		    "answer.usage.server_tool_use");
}

void
shape_follow(struct shape *s, const struct ir_event *ev)
{
	switch (ev->type) {
	case IR_USAGE:
		if (ev->raw.len)
			follow_tools(s, ev->raw);
		/* fallthrough */
	case IR_BEGIN:
		ir_usage_merge(&s->usage, &ev->usage);
		break;
	case IR_OPEN:
		follow_open(s, ev);
		break;
	case IR_DELTA:
		s->said_any |= ev->text.len > 0;
		if (s->kind == IR_TEXT && !s->refusal)
			s->text_len += place_bytes(ev->text);
		break;
	case IR_SIGN:
		s->vendor = ev->vendor;
		break;
	case IR_CITE:
	case IR_LOGPROBS:
	case IR_CLOSE:
	case IR_PING:
	case IR_STOP:
	case IR_FAIL:
		break;
	}
}

void
shape_check(const struct shape *s, struct buf *out)
{
	if (s->talk->arena->failed || s->talk->scratch->failed)
		out->failed = true;
}

struct slice
shape_id(const struct talk *talk, struct slice id)
{
	if (talk->choices)		/* none of their ids is that of all */
		id.len = 0;
	if (slice_starts(id, SLICE("chatcmpl")))
		return arena_dup(talk->arena, id);
	if (slice_starts(id, SLICE("msg_")))
		id = slice_skip(id, 4);
	if (!id.len)
		id = talk->request_id;
	return arena_fmt(talk->arena, "chatcmpl-%.*s", SLICE_FMT(id));
}

struct slice
shape_model(const struct talk *talk, struct slice from_provider)
{
	if (talk->client_model.len && (!from_provider.len ||
	    talk_options(talk)->model_echo == ECHO_CLIENT))
		return talk->client_model;
	return arena_dup(talk->arena, from_provider);
}

struct slice
shape_call_id(const struct shape *s, struct slice id)
{
	struct arena *scratch = s->talk->scratch;
	struct slice seed;

	if (id.len)
		return id;
	seed = arena_fmt(scratch, "%.*s/%zu", SLICE_FMT(s->talk->request_id),
	    s->calls + s->talk->choice * CALLS_APART);
	seed = sha256_hex(scratch, seed, CALL_ID_DIGITS);
	return arena_fmt(scratch, "call_%.*s", SLICE_FMT(seed));
}

struct slice
shape_refusal(const struct shape *s, const struct ir_event *stop)
{
	if (stop->stop != IR_STOP_REFUSAL || s->refused)
		return (struct slice){ 0 };
	if (stop->explanation.len)
		return stop->explanation;
	return SLICE("The model declined to answer.");
}

/* What was told decides as much as what the provider says of it. */
static const char *
finish_word(const struct shape *s, const struct ir_event *stop)
{
	const char *word = finishes[stop->stop];
	bool ended = stop->stop == IR_STOP_END ||
	    stop->stop == IR_STOP_OTHER || stop->stop == IR_STOP_TOOL;

	/* A refusal told as text is a normal end in this protocol. */
	if (stop->stop == IR_STOP_REFUSAL && s->refused)
		return "stop";
	if (!ended)
		return word;
	if (!s->calls)
		return "stop";
	return s->legacy ? "function_call" : "tool_calls";
}

void
shape_put_finish(const struct shape *s, const struct ir_event *stop,
    struct writer *w)
{
	write_member_plain(w, "finish_reason", finish_word(s, stop));
	if (stop->native.len)
		write_member_text(w, "native_finish_reason", stop->native);
	if (stop->sequence.ptr)
		write_member_text(w, "stop_reason", stop->sequence);
}

bool
shape_has_usage(const struct shape *s)
{
	return s->usage.in >= 0 || s->usage.out >= 0;
}

static uint64_t
count(int64_t tokens)
{
	return tokens < 0 ? 0 : (uint64_t)tokens;
}

/* Anthropic's own counts, as it names them. */
static void
put_own_usage(const struct shape *s, struct writer *w)
{
	write_member_u64(w, "cache_creation_input_tokens",
	    count(s->usage.cache_write));
	write_member_u64(w, "cache_read_input_tokens",
	    count(s->usage.cache_read));
	if (!s->server_usage.len)
		return;
	write_key(w, "server_tool_use");
	write_min(w, s->server_usage);
}

void
shape_put_usage(const struct shape *s, struct writer *w)
{
	uint64_t in = count(s->usage.in), spent = count(s->usage.out);

	if (!shape_has_usage(s))
		return;
	write_key(w, "usage");
	write_object(w);
	write_member_u64(w, "prompt_tokens", in);
	write_member_u64(w, "completion_tokens", spent);
	write_member_u64(w, "total_tokens", in + spent);
	write_key(w, "prompt_tokens_details");
	write_object(w);
	write_member_u64(w, "cached_tokens", count(s->usage.cache_read));
	write_member_u64(w, "cache_write_tokens",
	    count(s->usage.cache_write));
	write_member_u64(w, "audio_tokens", 0);
	write_end(w);
	write_key(w, "completion_tokens_details");
	write_object(w);
	write_member_u64(w, "reasoning_tokens", count(s->usage.reasoning));
	write_member_u64(w, "audio_tokens", 0);
	write_member_u64(w, "accepted_prediction_tokens", 0);
	write_member_u64(w, "rejected_prediction_tokens", 0);
	write_end(w);
	if (talk_options(s->talk)->usage_ext)
		put_own_usage(s, w);
	if (s->usage.estimated)
		write_member_raw(w, "estimated", SLICE("true"));
	write_end(w);
}

void
shape_keep_foreign(const struct shape *s, struct gather *list,
    struct slice raw)
{
	struct buf out = { 0 };
	struct writer w = { .out = &out };

	if (!talk_options(s->talk)->server_blocks || !raw.len)
		return;
	if (list->len)
		gather_add(list, s->talk->arena, SLICE(","));
	write_min(&w, raw);
	gather_add(list, s->talk->arena, gather(s->talk->scratch, &out));
}

struct slice
shape_foreign(const struct shape *s, const struct gather *list,
    const struct ir_event *stop)
{
	struct arena *scratch = s->talk->scratch;
	struct slice members = stop->raw;

	if (!list->len)
		return members;
	members = members.len ? slice_skip(members, 1) : SLICE("}");
	return arena_join(scratch, (struct slice[]){
	    SLICE("{\"blocks\":["), gather_text(list),
	    stop->raw.len ? SLICE("],") : SLICE("]"), members }, 4);
}

void
shape_put_google(struct writer *w, struct slice signature)
{
	write_key(w, "extra_content");
	write_object(w);
	write_key(w, "google");
	write_object(w);
	write_member_text(w, "thought_signature", signature);
	write_end(w);
	write_end(w);
}

void
shape_missed_signature(const struct shape *s)
{
	loss_add(&s->talk->losses, s->talk->arena, LOSS_DROPPED,
	    "answer.signature");
}

/* Anthropic's words for what OpenAI calls the default. */
struct slice
shape_tier(const struct shape *s, struct slice tier)
{
	if (slice_is(tier, "batch"))
		loss_add(&s->talk->losses, s->talk->arena, LOSS_ADJUSTED,
		    "answer.usage.service_tier");
	else if (!slice_is(tier, "standard"))
		return tier;
	return SLICE("default");
}

struct slice
shape_place(const struct shape *s)
{
	return arena_fmt(s->talk->arena, ",\"format\":\"%s\","
	    "\"index\":%zu,\"gw_text_offset\":%llu,\"gw_tool_offset\":%zu",
	    formats[s->vendor], s->blocks - 1,
	    (unsigned long long)s->text_before, s->calls_before);
}
