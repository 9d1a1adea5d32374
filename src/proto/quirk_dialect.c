/*
 * The dialects of Chat: a row per dialect, and rows of models that differ from
 * their dialect.  What nobody documents is left to the provider, whose refusal
 * says more than a guess would.
 */
#include "proto/quirk_dialect.h"


static const size_t abilities[] = {		/* ORDER abilities */
	offsetof(struct quirks, forced_choice),
	offsetof(struct quirks, parallel_param),
	offsetof(struct quirks, vision),
	offsetof(struct quirks, pdf),
	offsetof(struct quirks, strict_ok),
	offsetof(struct quirks, schema_format),
	offsetof(struct quirks, stream_usage),
	offsetof(struct quirks, top_k_ok),
	offsetof(struct quirks, seed_ok),
	offsetof(struct quirks, penalties_ok),
	offsetof(struct quirks, stop_ok),
	offsetof(struct quirks, logprobs_ok),
	offsetof(struct quirks, sampling),
	offsetof(struct quirks, mid_system_chat),
	offsetof(struct quirks, developer_role),
	offsetof(struct quirks, tier_ok),
	offsetof(struct quirks, raw_ids),
	offsetof(struct quirks, no_empty_tool_content),
	offsetof(struct quirks, effort_alone),
	offsetof(struct quirks, effort_off_thinks),
	offsetof(struct quirks, always_thinks),
	offsetof(struct quirks, keep_thinking),
	offsetof(struct quirks, sampling_quiet),
	offsetof(struct quirks, thinks_or_forces),
	offsetof(struct quirks, tools_need_no_reasoning),
	offsetof(struct quirks, prefill_top),
	offsetof(struct quirks, prefill),
	offsetof(struct quirks, reasoning_details),
	offsetof(struct quirks, signed_calls),
	offsetof(struct quirks, sentinel_calls),
	offsetof(struct quirks, n_ok),
	offsetof(struct quirks, max_field_only),
	offsetof(struct quirks, no_developer),
	offsetof(struct quirks, system_first),
	offsetof(struct quirks, thinks_unasked),
	offsetof(struct quirks, efforts_only),
	offsetof(struct quirks, samples_at_rest),
	offsetof(struct quirks, choice_words),
	offsetof(struct quirks, forced_refused),
	offsetof(struct quirks, stops_counted),
	offsetof(struct quirks, no_object_format),
	offsetof(struct quirks, keep_extra),
	offsetof(struct quirks, no_names),
	offsetof(struct quirks, store_ok),
	offsetof(struct quirks, seals),
	offsetof(struct quirks, custom_ok),
};

static const char *const to_max[] =
    WORDS("low", "low", "medium", "high", "xhigh", "max");
static const char *const all_words[] =
    WORDS("minimal", "low", "medium", "high", "xhigh", "max");
static const char *const no_words[] =
    WORDS(NULL, NULL, NULL, NULL, NULL, NULL);

/* What only others than OpenAI take. */
#define FOREIGN	NO("top_k"), NO("min_p"), NO("top_a"), NO("repetition_penalty")

static const struct quirk_edit openai[] = { FOREIGN, { 0 } };

static const struct quirk_edit openai_reasoning[] = {
	FOREIGN, NO("frequency_penalty"), NO("presence_penalty"),
	NO("logit_bias"), NO("stop"),
	{ .kind = EDIT_DROP, .member = "temperature", .at_rest_fine = true },
	{ .kind = EDIT_DROP, .member = "top_p", .at_rest_fine = true },
	{ .kind = EDIT_DROP, .member = "logprobs", .at_rest_fine = true },
	{ .kind = EDIT_DROP, .member = "top_logprobs", .at_rest_fine = true },
	{ 0 },
};

static const struct quirk_edit gemini[] = {
	FOREIGN, NO("frequency_penalty"), NO("presence_penalty"),
	NO("logit_bias"), { 0 },
};

static const struct quirk_edit mistral[] = {
	FOREIGN, NO("logprobs"), NO("top_logprobs"), NO("logit_bias"),
	NO("user"), NO("store"), NO("service_tier"), NO("verbosity"),
	NO("safety_identifier"), NO("prompt_cache_key"),
	NO("prompt_cache_retention"), NO("modalities"),
	{ .kind = EDIT_RENAME, .member = "seed", .text = "random_seed" },
	{ .kind = EDIT_CLAMP, .member = "temperature", .high = "1.5" },
	{ 0 },
};

static const struct quirk_edit groq[] = {
	FOREIGN, NO("logprobs"), NO("top_logprobs"), NO("logit_bias"), { 0 },
};

static const struct quirk_edit cerebras[] = {
	NO("frequency_penalty"), NO("presence_penalty"), NO("logit_bias"),
	NO("prompt_cache_key"), { 0 },
};

static const struct quirk_edit cool[] = {
	{ .kind = EDIT_CLAMP, .member = "temperature", .high = "1" }, { 0 },
};

struct row {
	const char	*name;
	const char	*also;		/* other names, space-separated */
	uint64_t	 can;
	enum quirk_reason reason;
	const char	*own;		/* reason_own */
	const char	*reason_field;
	enum quirk_replay replay;
	const char	*placeholder;
	const char *const *efforts;
	const char	*off;
	const char	*max_field;	/* NULL: max_tokens */
	const char	*user_field;
	enum quirk_cache cache;
	const char	*prefill_field;
	const char	*refused;	/* message_refused */
	const char	*schema;	/* schema_refused */
	const struct quirk_edit *edits;
	/* 0: 4, any, 64, any */
	uint8_t		 stop_max, stop_bytes, id_max, id_exact;
};

static const struct row rows[] = {		/* ORDER dialect */
	[DIALECT_GENERIC] = {
		.name = "generic", .can = USUAL | STORE, .user_field = "user",
	},
	[DIALECT_OPENAI] = {
		.name = "openai", .also = "azure",
		.can = USUAL | PDF | STRICT | MID_SYSTEM | TIER | COUNTED |
		    STORE | CUSTOM,
		.max_field = "max_completion_tokens", .id_max = 40,
		.user_field = "safety_identifier", .edits = openai,
	},
	[DIALECT_OPENAI_REASONING] = {
		.name = "openai_reasoning",
		.can = (USUAL | PDF | STRICT | MID_SYSTEM | TIER | DEVELOPER |
		    EFFORT_ALONE | MAX_ONLY | STORE | SEALS | CUSTOM) &
		    ~(SAMPLING | STOP | PENALTY | LOGPROBS),
		.reason = REASON_EFFORT, .own = "reasoning_effort",
		.efforts = to_max, .off = "none",
		.max_field = "max_completion_tokens", .id_max = 40,
		.user_field = "safety_identifier", .edits = openai_reasoning,
	},
	[DIALECT_DEEPSEEK] = {
		.name = "deepseek",
		.can = (USUAL | MID_SYSTEM | EFFORT_ALONE | MAX_ONLY |
		    NO_DEVELOPER | OR_FORCES | COUNTED) &
		    ~(SCHEMA | SEED | VISION | MANY),
		.reason = REASON_THINKING, .own = "thinking reasoning_effort",
		.efforts = quirk_low_high_max,
		.reason_field = "reasoning_content", .replay = REPLAY_ALWAYS,
		.placeholder = " ", .stop_max = 16,
	},
	[DIALECT_KIMI] = {
		.name = "kimi", .also = "moonshot moonshotai",
		.can = (USUAL | MID_SYSTEM | RAW_IDS | QUIET | NO_DEVELOPER |
		    UNASKED | OR_FORCES | COUNTED) &
		    ~(SEED | SAMPLING | LOGPROBS | MANY),
		.reason = REASON_THINKING, .own = "thinking",
		.reason_field = "reasoning_content", .replay = REPLAY_TOOLS,
		.placeholder = " ", .prefill_field = "partial", .stop_max = 5,
		.stop_bytes = 32, .edits = quirk_kimi_fixed,
	},
	[DIALECT_QWEN] = {
		.name = "qwen", .also = "dashscope alibaba aliyun bailian",
		.can = (USUAL | TOP_K | OR_FORCES | NO_DEVELOPER) & ~MANY,
		.reason = REASON_ENABLE_THINKING,
		.own = "enable_thinking thinking_budget preserve_thinking "
		    "reasoning_effort",
		.reason_field = "reasoning_content",
	},
	[DIALECT_GLM] = {
		.name = "glm", .also = "zai z-ai zhipu zhipuai bigmodel",
		.can = (USUAL | MID_SYSTEM | KEEP | MAX_ONLY | NO_DEVELOPER |
		    NO_FORCE) & ~(FORCE | PARALLEL | SCHEMA | USAGE | SEED |
		    PENALTY | LOGPROBS | VISION | MANY),
		.reason = REASON_THINKING, .own = "thinking reasoning_effort",
		.reason_field = "reasoning_content", .replay = REPLAY_TOOLS,
		.edits = cool,
	},
	[DIALECT_XAI] = {
		.name = "xai", .also = "x-ai grok",
		.can = USUAL | STRICT | MID_SYSTEM | STORE | SEALS,
		.reason_field = "reasoning_content", .user_field = "user",
	},
	[DIALECT_OPENROUTER] = {
		.name = "openrouter",
		.can = (USUAL | PDF | STRICT | TOP_K | MID_SYSTEM |
		    EFFORT_ALONE | PREFILL | DETAILS | STORE | SEALS) & ~MANY,
		.reason = REASON_OPENROUTER,
		.own = "reasoning reasoning_effort include_reasoning",
		.efforts = all_words,
		.reason_field = "reasoning", .replay = REPLAY_ALWAYS,
		.cache = CACHE_COPY, .user_field = "user",
	},
	[DIALECT_GEMINI] = {
		.name = "gemini", .also = "google",
		.can = (USUAL | PDF | NO_EMPTY | EFFORT_ALONE | SIGNED |
		    SENTINEL | KEEP_EXTRA) & ~(PENALTY | LOGPROBS | MANY),
		.reason = REASON_EFFORT, .own = "reasoning_effort",
		.efforts = quirk_minimal_to_high,
		.off = "none", .stop_max = 5, .edits = gemini,
		/* Google turns the rest into its own schemas by itself */
		.schema = "$ref $defs definitions patternProperties enum",
	},
	[DIALECT_MISTRAL] = {
		.name = "mistral", .also = "mistralai",
		.can = (USUAL | NO_EMPTY | MAX_ONLY | NO_DEVELOPER) &
		    ~(SEED | LOGPROBS),
		.own = "reasoning_effort", .refused = "reasoning_content "
		    "reasoning refusal annotations audio",
		.id_exact = 9, .prefill_field = "prefix", .edits = mistral,
	},
	[DIALECT_VLLM] = {
		.name = "vllm",
		.can = USUAL | TOP_K | PREFILL_TOP | STORE,
		.reason = REASON_TEMPLATE, .reason_field = "reasoning",
		.own = "chat_template_kwargs reasoning_effort "
		    "include_reasoning",
		.prefill_field = "continue_final_message", .stop_max = 64,
	},
	[DIALECT_OLLAMA] = {
		.name = "ollama",
		.can = (USUAL | TOP_K | EFFORT_ALONE | MAX_ONLY) &
		    ~(FORCE | PARALLEL | LOGPROBS | MANY),
		.reason = REASON_EFFORT_OLLAMA,
		.own = "reasoning_effort reasoning", .efforts = quirk_to_high,
		.off = "none", .reason_field = "reasoning", .stop_max = 16,
	},
	[DIALECT_GROQ] = {
		.name = "groq",
		.can = (USUAL | NO_NAMES) & ~(LOGPROBS | MANY),
		.own = "reasoning_effort include_reasoning reasoning_format",
		.refused = "reasoning_content refusal annotations audio",
		.reason_field = "reasoning", .user_field = "user",
		.edits = groq,
	},
	[DIALECT_MINIMAX] = {
		.name = "minimax", .can = USUAL & ~(SEED | LOGPROBS | MANY),
		.reason_field = "reasoning_content", .edits = cool,
	},
	/* Messages: what Chat's rows say is never asked. */
	[DIALECT_ANTHROPIC] = {
		.name = "anthropic", .also = "claude",
		.can = FORCE | PARALLEL | VISION | PDF | STRICT,
		.stop_max = UINT8_MAX,
	},
	[DIALECT_SGLANG] = {
		.name = "sglang",
		.can = USUAL | TOP_K | PREFILL_TOP,
		.reason = REASON_TEMPLATE, .reason_field = "reasoning_content",
		.own = "chat_template_kwargs reasoning_effort",
		.prefill_field = "continue_final_message", .stop_max = 64,
	},
	[DIALECT_LMSTUDIO] = {
		.name = "lmstudio", .also = "lm-studio lm_studio",
		.can = (USUAL | TOP_K | CHOICE_WORDS | NO_OBJECT | STORE) &
		    ~MANY,
		.reason_field = "reasoning_content",
	},
	[DIALECT_TOGETHER] = {
		.name = "together", .also = "togetherai together_ai",
		.can = USUAL | TOP_K, .reason_field = "reasoning",
	},
	[DIALECT_FIREWORKS] = {
		.name = "fireworks", .also = "fireworks-ai fireworks_ai",
		.can = USUAL | TOP_K, .reason_field = "reasoning_content",
		.user_field = "user",
	},
	[DIALECT_CEREBRAS] = {
		.name = "cerebras",
		.can = (USUAL | STRICT) & ~(PENALTY | MANY),
		.own = "reasoning_effort", .reason_field = "reasoning",
		.refused = "reasoning_content", .user_field = "user",
		.edits = cerebras,
	},
	[DIALECT_PERPLEXITY] = {
		.name = "perplexity", .also = "pplx",
		.can = (USUAL | FIRST_SYSTEM | NO_DEVELOPER | MAX_ONLY) &
		    ~(SEED | LOGPROBS | MANY),
	},
};

_Static_assert(sizeof rows / sizeof *rows == DIALECTS, "a row per dialect");

static void
unfold(struct quirks *q, uint64_t can)
{
	for (size_t i = 0; i < sizeof abilities / sizeof *abilities; i++)
		*(bool *)((char *)q + abilities[i]) = can >> i & 1;
}

static void
take_model(struct quirks *q, const struct quirk_model *m)
{
	if (m->told)
		q->reason = m->reason;
	if (m->efforts)
		q->efforts_sent = m->efforts;
	if (m->off)
		q->effort_off = m->off;
	if (m->own)
		q->reason_own = m->own;
	else if (m->told && m->reason == REASON_NONE)
		q->reason_own = NULL;
	if (m->cache)
		q->cache = m->cache;
	q->edits[1] = m->edits;
	if (m->own_edits)
		q->edits[0] = NULL;
}

void
quirks_dialect(struct quirks *q, enum quirk_dialect dialect, struct slice key)
{
	const struct quirk_model *m;
	const struct row *row;

	if (dialect == DIALECT_OPENAI && quirk_model_thinks(key))
		dialect = DIALECT_OPENAI_REASONING;
	row = &rows[dialect];
	m = quirk_model_find(dialect, key);
	*q = (struct quirks){
		.dialect = dialect,
		.max_field = row->max_field ? row->max_field : "max_tokens",
		.reason = row->reason,
		.reason_own = row->own,
		.reason_field = row->reason_field,
		.replay = row->replay,
		.replay_placeholder = row->placeholder,
		.efforts_sent = row->efforts ? row->efforts : no_words,
		.effort_off = row->off,
		.user_field = row->user_field,
		.cache = row->cache,
		.prefill_field = row->prefill_field,
		.message_refused = row->refused,
		.schema_refused = row->schema,
		.edits = { row->edits },
		.stop_max = row->stop_max ? row->stop_max : 4,
		.stop_bytes = row->stop_bytes,
		.id_max = row->id_max ? row->id_max : 64,
		.id_exact = row->id_exact,
		.name_max = 64,
	};
	unfold(q, m ? (row->can | m->add) & ~m->drop : row->can);
	if (m)
		take_model(q, m);
	/* whoever serves them as theirs */
	q->seals |= dialect == DIALECT_GENERIC && quirk_model_thinks(key);
	q->responses_only = (dialect == DIALECT_OPENAI ||
	    dialect == DIALECT_OPENAI_REASONING) &&
	    quirk_model_responses(key);
}

/* Is `name` one of the space-separated words? */
static bool
among(const char *words, struct slice name)
{
	struct slice rest = slice_of(words);

	while (rest.ptr)
		if (slice_eq_ci(slice_cut(&rest, ' '), name))
			return true;
	return false;
}

enum quirk_dialect
quirk_dialect_by_name(struct slice name)
{
	if (!name.len)
		return DIALECT_GENERIC;
	for (unsigned d = 0; d < DIALECTS; d++)
		if (slice_eq_ci(slice_of(rows[d].name), name) ||
		    among(rows[d].also, name))
			return (enum quirk_dialect)d;
	return DIALECT_GENERIC;
}

const char *
quirk_dialect_name(enum quirk_dialect dialect)
{
	return rows[dialect].name;
}
