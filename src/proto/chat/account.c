#include "proto/chat/account.h"

#include "proto/number.h"

/* Finish reasons; one that is not here ends the answer as if none had come. */
static const struct {
	const char	*name;
	enum ir_stop	 stop;
	enum fail_kind	 broken;
} reasons[] = {
	{ "stop", IR_STOP_END, FAIL_NONE },
	{ "eos", IR_STOP_END, FAIL_NONE },
	{ "end_turn", IR_STOP_END, FAIL_NONE },
	{ "stop_sequence", IR_STOP_END, FAIL_NONE },
	{ "tool_calls", IR_STOP_TOOL, FAIL_NONE },
	{ "function_call", IR_STOP_TOOL, FAIL_NONE },
	{ "tool_use", IR_STOP_TOOL, FAIL_NONE },
	{ "length", IR_STOP_LENGTH, FAIL_NONE },
	{ "max_tokens", IR_STOP_LENGTH, FAIL_NONE },
	{ "model_context_window_exceeded", IR_STOP_CONTEXT, FAIL_NONE },
	{ "model_length", IR_STOP_CONTEXT, FAIL_NONE },
	{ "max_output_tokens", IR_STOP_LENGTH, FAIL_NONE },
	{ "content_filter", IR_STOP_FILTER, FAIL_NONE },
	{ "sensitive", IR_STOP_FILTER, FAIL_NONE },
	{ "safety", IR_STOP_FILTER, FAIL_NONE },
	{ "recitation", IR_STOP_FILTER, FAIL_NONE },
	{ "prohibited_content", IR_STOP_FILTER, FAIL_NONE },
	{ "blocklist", IR_STOP_FILTER, FAIL_NONE },
	{ "spii", IR_STOP_FILTER, FAIL_NONE },
	{ "model_armor", IR_STOP_FILTER, FAIL_NONE },
	{ "refusal", IR_STOP_REFUSAL, FAIL_NONE },
	{ "pause_turn", IR_STOP_PAUSE, FAIL_NONE },
	{ "function_call_filter", IR_STOP_BAD_TOOL, FAIL_NONE },
	{ "malformed_function_call", IR_STOP_BAD_TOOL, FAIL_NONE },
	{ "unexpected_tool_call", IR_STOP_BAD_TOOL, FAIL_NONE },
	{ "insufficient_system_resource", IR_STOP_OTHER, FAIL_OVERLOADED },
	{ "network_error", IR_STOP_OTHER, FAIL_BAD_ANSWER },
	{ "error", IR_STOP_OTHER, FAIL_BAD_ANSWER },
};

/*
 * Where each count stands, by vendor: the first that is there is taken.  A
 * second name is a member of the object that the first one names.
 */
static const struct place {
	const char	*name, *member;
} in_places[] = {
	{ "prompt_tokens", NULL },
	{ "input_tokens", NULL },
	{ 0 },
}, out_places[] = {
	{ "completion_tokens", NULL },
	{ "output_tokens", NULL },
	{ 0 },
}, read_places[] = {
	{ "prompt_tokens_details", "cached_tokens" },
	{ "input_tokens_details", "cached_tokens" },
	{ "prompt_cache_hit_tokens", NULL },	/* DeepSeek */
	{ "cached_tokens", NULL },		/* Kimi */
	{ "cache_read_input_tokens", NULL },
	{ 0 },
}, write_places[] = {
	{ "prompt_tokens_details", "cache_write_tokens" },
	{ "input_tokens_details", "cache_write_tokens" },
	{ "prompt_tokens_details", "cache_creation_tokens" },
	{ "cache_creation_input_tokens", NULL },
	{ 0 },
}, reasoning_places[] = {
	{ "completion_tokens_details", "reasoning_tokens" },
	{ "output_tokens_details", "reasoning_tokens" },
	{ 0 },
}, total_places[] = {
	{ "total_tokens", NULL },
	{ 0 },
};

static int64_t
count(struct jval usage, const struct place *places)
{
	uint64_t n;

	for (; places->name; places++) {
		struct jval v = jval_get(usage, places->name);

		if (places->member)
			v = jval_get(v, places->member);
		/* 12.0 is what some make of 12 */
		if (jval_is(v, JSON_NUMBER) &&
		    number_u64(jval_raw(v), &n) && n <= INT32_MAX)
			return (int64_t)n;
	}
	return -1;
}

void
account_init(struct account *a)
{
	*a = (struct account){ .usage = ir_usage_none() };
}

void
account_usage(struct account *a, struct arena *arena, struct jval usage)
{
	int64_t total;
	struct ir_usage u;

	if (!jval_is(usage, JSON_OBJECT))
		return;
	total = count(usage, total_places);
	u = (struct ir_usage){
		.in = count(usage, in_places),
		.cache_read = count(usage, read_places),
		.cache_write = count(usage, write_places),
		.out = count(usage, out_places),
		.reasoning = count(usage, reasoning_places),
	};
	/* Some models of xAI leave their reasoning out of the completion. */
	if (u.reasoning > 0 && u.in >= 0 && u.out >= 0 &&
	    total == u.in + u.out + u.reasoning)
		u.out += u.reasoning;
	ir_usage_merge(&a->usage, &u);
	a->usage_seen = true;
	account_tier(a, arena, jval_get(usage, "service_tier"));
}

void
account_tier(struct account *a, struct arena *arena, struct jval tier)
{
	struct slice text = jval_text(tier);

	if (text.len && !slice_eq(text, a->tier))
		a->tier = arena_dup(arena, text);
}

/* Where `text` stands in `reasons`; one behind its end: nowhere. */
static size_t
find_reason(struct slice text)
{
	/* Gemini says more behind a colon: "content_filter: SAFETY". */
	struct slice word = slice_trim(slice_sub(text, 0,
	    slice_chr(text, ':')));
	size_t i = 0;

	while (i < sizeof reasons / sizeof *reasons &&
	    !slice_eq_ci(word, slice_of(reasons[i].name)))
		i++;
	return i;
}

/*
 * A later reason replaces an earlier one only if that was a plain end or
 * none: providers that say it twice say "stop" once too often.
 */
void
account_finish(struct account *a, struct arena *arena, struct jval reason,
    struct jval sequence)
{
	struct slice text = jval_text(reason);
	size_t i;

	if (!text.len || (a->finished && a->stop != IR_STOP_END))
		return;
	i = find_reason(text);
	a->finished = true;
	a->stop = IR_STOP_OTHER;
	a->broken = FAIL_NONE;
	if (i < sizeof reasons / sizeof *reasons) {
		a->stop = reasons[i].stop;
		a->broken = reasons[i].broken;
	}
	a->native = arena_dup(arena, text);
	/* vLLM: the text that was matched, or the number of a token. */
	if (a->stop == IR_STOP_END && jval_text(sequence).len)
		a->sequence = arena_dup(arena, jval_text(sequence));
}

struct ir_event
account_stop(const struct account *a, bool called)
{
	struct ir_event ev = {
		.type = IR_STOP,
		.stop = a->finished ? a->stop : IR_STOP_OTHER,
		.native = a->native,
		.tier = a->tier,
		.usage = ir_usage_none(),
	};
	struct slice refusal = gather_text(&a->refusal);

	switch (ev.stop) {
	case IR_STOP_END:
	case IR_STOP_OTHER:
	case IR_STOP_TOOL:
		ev.stop = called ? IR_STOP_TOOL : IR_STOP_END;
		if (!called && a->sequence.len) {
			ev.stop = IR_STOP_SEQUENCE;
			ev.sequence = a->sequence;
		} else if (!called && refusal.len) {
			ev.stop = IR_STOP_REFUSAL;
			ev.explanation = refusal;
		}
		break;
	case IR_STOP_FILTER:
	case IR_STOP_REFUSAL:
		ev.explanation = refusal;
		break;
	case IR_STOP_LENGTH:
	case IR_STOP_SEQUENCE:
	case IR_STOP_BAD_TOOL:
	case IR_STOP_PAUSE:
	case IR_STOP_CONTEXT:
		break;
	}
	return ev;
}
