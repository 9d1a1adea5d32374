/*
 * The dialects of Chat: a row per dialect, and rows of models that differ from
 * their dialect.  What nobody documents is left to the provider, whose refusal
 * says more than a guess would.
 */
#include "proto/quirk_dialect.h"

#include <stddef.h>
#include <string.h>

#include "proto/ir.h"

/* What most of them can do, a bit per bool of struct quirks. */
enum {				/* ORDER abilities */
	FORCE = 1 << 0, PARALLEL = 1 << 1, VISION = 1 << 2, PDF = 1 << 3,
	STRICT = 1 << 4, SCHEMA = 1 << 5, USAGE = 1 << 6, TOP_K = 1 << 7,
	SEED = 1 << 8, PENALTY = 1 << 9, STOP = 1 << 10, LOGPROBS = 1 << 11,
	SAMPLING = 1 << 12, MID_SYSTEM = 1 << 13, DEVELOPER = 1 << 14,
	TIER = 1 << 15, RAW_IDS = 1 << 16, NO_EMPTY = 1 << 17,
	EFFORT_ALONE = 1 << 18, OFF_THINKS = 1 << 19, ALWAYS = 1 << 20,
	KEEP = 1 << 21, QUIET = 1 << 22, OR_FORCES = 1 << 23,
	NO_TOOL_REASON = 1 << 24, PREFILL_TOP = 1 << 25, PREFILL = 1 << 26,
	DETAILS = 1 << 27, SIGNED = 1 << 28, SENTINEL = 1 << 29,
	MANY = 1 << 30,
	USUAL = FORCE | PARALLEL | VISION | SCHEMA | USAGE | SEED | PENALTY |
	    STOP | LOGPROBS | SAMPLING | MANY,
};

static const size_t abilities[] = {
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
};

/* The words for each level of effort, where not all six are known. */
#define WORDS(minimal, low, medium, high, xhigh, max) { \
	[IR_EFFORT_MINIMAL] = minimal, [IR_EFFORT_LOW] = low, \
	[IR_EFFORT_MEDIUM] = medium, [IR_EFFORT_HIGH] = high, \
	[IR_EFFORT_XHIGH] = xhigh, [IR_EFFORT_MAX] = max }

static const char *const to_max[] =
    WORDS("low", "low", "medium", "high", "xhigh", "max");
static const char *const to_xhigh[] =
    WORDS("low", "low", "medium", "high", "xhigh", "xhigh");
static const char *const to_high[] =
    WORDS("low", "low", "medium", "high", "high", "high");
static const char *const minimal_to_high[] =
    WORDS("minimal", "low", "medium", "high", "high", "high");
static const char *const low_high_max[] =
    WORDS("low", "low", "high", "high", "high", "max");
static const char *const all_words[] =
    WORDS("minimal", "low", "medium", "high", "xhigh", "max");
static const char *const only_max[] =
    WORDS(NULL, NULL, NULL, NULL, NULL, "max");
static const char *const no_words[] =
    WORDS(NULL, NULL, NULL, NULL, NULL, NULL);

struct row {
	const char	*name;
	const char	*also;		/* other names, space-separated */
	unsigned	 can;
	enum quirk_reason reason;
	const char	*reason_field;
	enum quirk_replay replay;
	const char	*placeholder;
	const char *const *efforts;
	const char	*off;
	const char	*max_field;	/* NULL: max_tokens */
	const char	*user_field;
	enum quirk_cache cache;
	const char	*prefill_field;
	uint8_t		 stop_max, id_max, id_exact;	/* 0: 4, 64, any */
};

static const struct row rows[] = {		/* ORDER dialect */
	[DIALECT_GENERIC] = {
		.name = "generic", .can = USUAL, .user_field = "user",
	},
	[DIALECT_OPENAI] = {
		.name = "openai", .also = "azure",
		.can = USUAL | PDF | STRICT | MID_SYSTEM | TIER,
		.max_field = "max_completion_tokens", .id_max = 40,
		.user_field = "safety_identifier",
	},
	[DIALECT_OPENAI_REASONING] = {
		.name = "openai_reasoning",
		.can = (USUAL | PDF | STRICT | MID_SYSTEM | TIER | DEVELOPER |
		    EFFORT_ALONE) & ~(SAMPLING | STOP | PENALTY | LOGPROBS),
		.reason = REASON_EFFORT, .efforts = to_max, .off = "none",
		.max_field = "max_completion_tokens", .id_max = 40,
		.user_field = "safety_identifier",
	},
	[DIALECT_DEEPSEEK] = {
		.name = "deepseek",
		.can = (USUAL | MID_SYSTEM | EFFORT_ALONE) &
		    ~(SCHEMA | SEED | VISION | MANY),
		.reason = REASON_THINKING, .efforts = low_high_max,
		.reason_field = "reasoning_content", .replay = REPLAY_ALWAYS,
		.placeholder = " ", .stop_max = 16,
	},
	[DIALECT_KIMI] = {
		.name = "kimi", .also = "moonshot moonshotai",
		.can = (USUAL | MID_SYSTEM | RAW_IDS | QUIET) &
		    ~(SEED | SAMPLING | LOGPROBS | MANY),
		.reason = REASON_THINKING,
		.reason_field = "reasoning_content", .replay = REPLAY_TOOLS,
		.placeholder = " ", .prefill_field = "partial", .stop_max = 5,
	},
	[DIALECT_QWEN] = {
		.name = "qwen", .also = "dashscope alibaba aliyun bailian",
		.can = (USUAL | TOP_K | OR_FORCES) & ~MANY,
		.reason = REASON_ENABLE_THINKING,
		.reason_field = "reasoning_content",
	},
	[DIALECT_GLM] = {
		.name = "glm", .also = "zai z-ai zhipu zhipuai bigmodel",
		.can = (USUAL | MID_SYSTEM | KEEP) & ~(FORCE | PARALLEL |
		    SCHEMA | USAGE | SEED | PENALTY | LOGPROBS | VISION |
		    MANY),
		.reason = REASON_THINKING,
		.reason_field = "reasoning_content", .replay = REPLAY_TOOLS,
	},
	[DIALECT_XAI] = {
		.name = "xai", .also = "x-ai grok",
		.can = USUAL | STRICT | MID_SYSTEM,
		.reason_field = "reasoning_content", .user_field = "user",
	},
	[DIALECT_OPENROUTER] = {
		.name = "openrouter",
		.can = (USUAL | PDF | STRICT | TOP_K | MID_SYSTEM |
		    EFFORT_ALONE | PREFILL | DETAILS) & ~MANY,
		.reason = REASON_OPENROUTER, .efforts = all_words,
		.reason_field = "reasoning", .replay = REPLAY_ALWAYS,
		.cache = CACHE_COPY, .user_field = "user",
	},
	[DIALECT_GEMINI] = {
		.name = "gemini", .also = "google",
		.can = (USUAL | PDF | NO_EMPTY | EFFORT_ALONE | SIGNED |
		    SENTINEL) & ~(PENALTY | LOGPROBS | MANY),
		.reason = REASON_EFFORT, .efforts = minimal_to_high,
		.off = "none", .stop_max = 5,
	},
	[DIALECT_MISTRAL] = {
		.name = "mistral", .also = "mistralai",
		.can = (USUAL | NO_EMPTY) & ~(SEED | LOGPROBS),
		.id_exact = 9, .prefill_field = "prefix",
	},
	[DIALECT_VLLM] = {
		.name = "vllm", .also = "sglang",
		.can = USUAL | TOP_K | PREFILL_TOP,
		.reason = REASON_TEMPLATE, .reason_field = "reasoning",
		.prefill_field = "continue_final_message", .stop_max = 64,
	},
	[DIALECT_OLLAMA] = {
		.name = "ollama",
		.can = (USUAL | TOP_K | EFFORT_ALONE) &
		    ~(FORCE | PARALLEL | LOGPROBS | MANY),
		.reason = REASON_EFFORT_OLLAMA, .efforts = to_high,
		.off = "none", .reason_field = "reasoning", .stop_max = 16,
	},
	[DIALECT_GROQ] = {
		.name = "groq", .can = USUAL & ~(LOGPROBS | MANY),
		.reason_field = "reasoning", .user_field = "user",
	},
	[DIALECT_MINIMAX] = {
		.name = "minimax", .can = USUAL & ~(SEED | LOGPROBS | MANY),
		.reason_field = "reasoning_content",
	},
	/* Messages: what Chat's rows say is never asked. */
	[DIALECT_ANTHROPIC] = {
		.name = "anthropic", .also = "claude",
		.can = FORCE | PARALLEL | VISION | PDF | STRICT,
		.stop_max = UINT8_MAX,
	},
};

_Static_assert(sizeof rows / sizeof *rows == DIALECTS, "a row per dialect");

/*
 * Models that differ.  The first row that fits counts: the key begins with
 * `prefix` and goes on with nothing, '-' or, after a letter, anything; and it
 * holds `within`.
 */
static const struct model {
	enum quirk_dialect dialect;
	const char	*prefix;
	const char	*within;
	unsigned	 add, drop;	/* abilities */
	enum quirk_reason reason;	/* taken if `told` */
	bool		 told;
	const char *const *efforts;	/* NULL: the dialect's */
	const char	*off;		/* NULL: the dialect's */
	enum quirk_cache cache;		/* CACHE_NONE: the dialect's */
} models[] = {
	{ DIALECT_OPENAI_REASONING, "gpt-6", .add = NO_TOOL_REASON,
	    .cache = CACHE_BREAKPOINT },
	{ DIALECT_OPENAI_REASONING, "gpt-5-6", .add = NO_TOOL_REASON,
	    .efforts = to_xhigh, .cache = CACHE_BREAKPOINT },
	{ DIALECT_OPENAI_REASONING, "gpt-5-4", .add = NO_TOOL_REASON,
	    .efforts = to_xhigh },
	{ DIALECT_OPENAI_REASONING, "gpt-5-5", .efforts = to_xhigh },
	{ DIALECT_OPENAI_REASONING, "gpt-5-3", .efforts = to_xhigh },
	{ DIALECT_OPENAI_REASONING, "gpt-5-2", .efforts = to_xhigh },
	{ DIALECT_OPENAI_REASONING, "gpt-5-1", .efforts = to_high },
	{ DIALECT_OPENAI_REASONING, "gpt-5", .efforts = minimal_to_high,
	    .off = "minimal" },
	{ DIALECT_OPENAI_REASONING, "o1-mini", .told = true,
	    .reason = REASON_NONE, .drop = PARALLEL | DEVELOPER | MANY,
	    .add = ALWAYS },
	{ DIALECT_OPENAI_REASONING, "o", .efforts = to_high, .off = "low",
	    .add = OFF_THINKS, .drop = PARALLEL },
	{ DIALECT_DEEPSEEK, "", "vl", .add = VISION },
	{ DIALECT_DEEPSEEK, "", "ocr", .add = VISION },
	{ DIALECT_KIMI, "kimi-k3", .told = true, .reason = REASON_EFFORT,
	    .efforts = only_max, .add = ALWAYS },
	{ DIALECT_KIMI, "kimi-k2-5", .add = 0 },
	{ DIALECT_KIMI, "kimi-k2-6", .add = 0 },
	{ DIALECT_KIMI, "kimi-k2-thinking", .told = true,
	    .reason = REASON_NONE, .add = ALWAYS, .drop = SCHEMA | VISION },
	{ DIALECT_KIMI, "kimi-k2", .told = true, .reason = REASON_NONE,
	    .add = SAMPLING | MANY, .drop = SCHEMA | VISION },
	{ DIALECT_KIMI, "moonshot", .told = true, .reason = REASON_NONE,
	    .add = SAMPLING | MANY, .drop = SCHEMA },
	{ DIALECT_GLM, "glm-5-3", .told = true, .reason = REASON_EFFORT,
	    .efforts = low_high_max, .off = "low",
	    .add = OFF_THINKS | EFFORT_ALONE },
	{ DIALECT_GLM, "", "v", .add = VISION },
	{ DIALECT_XAI, "grok", "non-reasoning", .add = 0 },
	{ DIALECT_XAI, "grok-2", .add = 0 },
	{ DIALECT_XAI, "grok-3-mini", .drop = PENALTY | STOP, .told = true,
	    .reason = REASON_EFFORT, .efforts = to_high, .off = "low",
	    .add = OFF_THINKS },
	{ DIALECT_XAI, "grok-3", .add = 0 },
	{ DIALECT_XAI, "grok-4-fast", .drop = PENALTY | STOP },
	{ DIALECT_XAI, "grok-4-1", .drop = PENALTY | STOP },
	{ DIALECT_XAI, "grok-4-0709", .drop = PENALTY | STOP },
	{ DIALECT_XAI, "grok-4-latest", .drop = PENALTY | STOP },
	{ DIALECT_XAI, "grok-code", .drop = PENALTY | STOP },
	{ DIALECT_XAI, "", .drop = PENALTY | STOP, .told = true,
	    .reason = REASON_EFFORT, .efforts = to_high, .off = "none",
	    .add = EFFORT_ALONE },
	{ DIALECT_GEMINI, "gemini-1", .told = true, .reason = REASON_NONE,
	    .add = MANY, .drop = SENTINEL },
	{ DIALECT_GEMINI, "gemini-2", .add = MANY, .drop = SENTINEL },
	{ DIALECT_GEMINI, "", .off = "low", .add = OFF_THINKS },
};

/* OpenAI's models that think: o1, o3 ..., gpt-5 and later, but for the chat
 * versions of gpt-5. */
static bool
openai_thinks(struct slice key)
{
	if (key.len >= 2 && key.ptr[0] == 'o' && key.ptr[1] >= '1' &&
	    key.ptr[1] <= '9')
		return true;
	if (slice_starts(key, SLICE("gpt-5-chat")))
		return false;
	return slice_starts(key, SLICE("gpt-")) && key.len > 4 &&
	    key.ptr[4] >= '5' && key.ptr[4] <= '9' &&
	    (key.len == 5 || key.ptr[5] == '-');
}

static bool
fits(const struct model *m, enum quirk_dialect dialect, struct slice key)
{
	size_t n = strlen(m->prefix);

	if (m->dialect != dialect || !slice_starts(key, slice_of(m->prefix)))
		return false;
	if (n > 1 && key.len > n && key.ptr[n] != '-' &&
	    m->prefix[n - 1] >= '0' && m->prefix[n - 1] <= '9')
		return false;
	return !m->within ||
	    slice_find(key, slice_of(m->within)) != SIZE_MAX;
}

static void
unfold(struct quirks *q, unsigned can)
{
	for (size_t i = 0; i < sizeof abilities / sizeof *abilities; i++)
		*(bool *)((char *)q + abilities[i]) = can & 1u << i;
}

static void
take_model(struct quirks *q, const struct model *m)
{
	if (m->told)
		q->reason = m->reason;
	if (m->efforts)
		q->efforts_sent = m->efforts;
	if (m->off)
		q->effort_off = m->off;
	if (m->cache)
		q->cache = m->cache;
}

void
quirks_dialect(struct quirks *q, enum quirk_dialect dialect, struct slice key)
{
	const struct model *m = models;
	const struct model *end = models + sizeof models / sizeof *models;
	const struct row *row;

	if (dialect == DIALECT_OPENAI && openai_thinks(key))
		dialect = DIALECT_OPENAI_REASONING;
	row = &rows[dialect];
	*q = (struct quirks){
		.dialect = dialect,
		.max_field = row->max_field ? row->max_field : "max_tokens",
		.reason = row->reason,
		.reason_field = row->reason_field,
		.replay = row->replay,
		.replay_placeholder = row->placeholder,
		.efforts_sent = row->efforts ? row->efforts : no_words,
		.effort_off = row->off,
		.user_field = row->user_field,
		.cache = row->cache,
		.prefill_field = row->prefill_field,
		.stop_max = row->stop_max ? row->stop_max : 4,
		.id_max = row->id_max ? row->id_max : 64,
		.id_exact = row->id_exact,
		.name_max = 64,
	};
	while (m < end && !fits(m, dialect, key))
		m++;
	unfold(q, m < end ? (row->can | m->add) & ~m->drop : row->can);
	if (m < end)
		take_model(q, m);
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
