/*
 * Models that differ from their dialect, and what they refuse in bodies that
 * are only passed on.
 */
#include "proto/quirk_dialect.h"

#include <string.h>

static const char *const to_xhigh[] =
    WORDS("low", "low", "medium", "high", "xhigh", "xhigh");
static const char *const only_max[] =
    WORDS(NULL, NULL, NULL, NULL, NULL, "max");

const char *const quirk_to_high[] =
    WORDS("low", "low", "medium", "high", "high", "high");
const char *const quirk_minimal_to_high[] =
    WORDS("minimal", "low", "medium", "high", "high", "high");
const char *const quirk_low_high_max[] =
    WORDS("low", "low", "high", "high", "high", "max");

const struct quirk_edit quirk_kimi_fixed[] = {
	{ .kind = EDIT_DROP, .member = "temperature", .quiet = true },
	{ .kind = EDIT_DROP, .member = "top_p", .at_rest_fine = true },
	NO("presence_penalty"), NO("frequency_penalty"), { 0 },
};

static const struct quirk_edit no_parallel[] = {
	NO("parallel_tool_calls"), { 0 },
};

static const struct quirk_edit no_logprobs[] = {
	NO("logprobs"), NO("top_logprobs"), { 0 },
};

static const struct quirk_edit to_one[] = {
	{ .kind = EDIT_CLAMP, .member = "temperature", .high = "1" }, { 0 },
};

#define NO_STOP	NO("stop"), NO("presence_penalty"), NO("frequency_penalty")

static const struct quirk_edit no_stop[] = { NO_STOP, { 0 } };

static const struct quirk_edit no_effort[] = { NO("reasoning_effort"), { 0 } };

static const struct quirk_edit no_stop_effort[] = {
	NO_STOP, NO("reasoning_effort"), { 0 },
};

/* A model of many hosts: it always thinks, more or less. */
#define GPT_OSS	\
	.told = true, .reason = REASON_EFFORT, .efforts = quirk_to_high, \
	.off = "low", .add = OFF_THINKS | EFFORT_ALONE

/*
 * Models that differ.  The first row that fits counts: the key begins with
 * `prefix` and goes on with nothing, '-' or, after a letter, anything; and it
 * holds `within`.
 */
static const struct quirk_model models[] = {
	{ DIALECT_OPENAI, "gpt-4", .own = "" },
	{ DIALECT_OPENAI, "gpt-4o", .own = "" },
	{ DIALECT_OPENAI, "gpt-3-5", .own = "" },
	{ DIALECT_OPENAI, "chatgpt-4o", .own = "" },
	{ DIALECT_OPENAI_REASONING, "gpt-6",
	    .add = NO_TOOL_REASON | AT_REST,
	    .cache = CACHE_BREAKPOINT },
	{ DIALECT_OPENAI_REASONING, "gpt-5-6",
	    .add = NO_TOOL_REASON | AT_REST | EFFORTS_ONLY,
	    .efforts = to_xhigh, .cache = CACHE_BREAKPOINT },
	{ DIALECT_OPENAI_REASONING, "gpt-5-4",
	    .add = NO_TOOL_REASON | AT_REST | EFFORTS_ONLY,
	    .efforts = to_xhigh },
	{ DIALECT_OPENAI_REASONING, "gpt-5-5",
	    .add = AT_REST | EFFORTS_ONLY, .efforts = to_xhigh },
	{ DIALECT_OPENAI_REASONING, "gpt-5-3",
	    .add = AT_REST | EFFORTS_ONLY, .efforts = to_xhigh },
	{ DIALECT_OPENAI_REASONING, "gpt-5-2",
	    .add = AT_REST | EFFORTS_ONLY, .efforts = to_xhigh },
	/* its codex-max knows xhigh: which word fits is left to the provider */
	{ DIALECT_OPENAI_REASONING, "gpt-5-1", .add = AT_REST,
	    .efforts = quirk_to_high },
	{ DIALECT_OPENAI_REASONING, "gpt-5",
	    .add = EFFORTS_ONLY, .efforts = quirk_minimal_to_high,
	    .off = "minimal" },
	{ DIALECT_OPENAI_REASONING, "o1-mini", .told = true,
	    .reason = REASON_NONE, .drop = PARALLEL | DEVELOPER | MANY,
	    .add = ALWAYS, .own = "", .edits = no_parallel },
	{ DIALECT_OPENAI_REASONING, "o", .efforts = quirk_to_high,
	    .off = "low", .add = OFF_THINKS | EFFORTS_ONLY,
	    .drop = PARALLEL, .edits = no_parallel },
	{ DIALECT_DEEPSEEK, "deepseek-v4", .add = UNASKED },
	{ DIALECT_DEEPSEEK, "deepseek-reasoner", .add = NO_FORCE | UNASKED,
	    .drop = FORCE, .edits = no_logprobs },
	{ DIALECT_DEEPSEEK, "", "vl", .add = VISION },
	{ DIALECT_DEEPSEEK, "", "ocr", .add = VISION },
	{ DIALECT_KIMI, "kimi-k3", .told = true, .reason = REASON_EFFORT,
	    .efforts = only_max, .own = "reasoning_effort", .add = ALWAYS,
	    .drop = OR_FORCES },
	{ DIALECT_KIMI, "kimi-k2-5", .add = 0 },
	{ DIALECT_KIMI, "kimi-k2-6", .add = 0 },
	{ DIALECT_KIMI, "kimi-k2-thinking", .told = true,
	    .reason = REASON_NONE, .add = ALWAYS,
	    .drop = SCHEMA | VISION | OR_FORCES, .own_edits = true },
	{ DIALECT_KIMI, "kimi-k2", .told = true, .reason = REASON_NONE,
	    .add = SAMPLING | MANY,
	    .drop = SCHEMA | VISION | UNASKED | OR_FORCES,
	    .edits = to_one, .own_edits = true },
	{ DIALECT_KIMI, "moonshot", .told = true, .reason = REASON_NONE,
	    .add = SAMPLING | MANY, .drop = SCHEMA | UNASKED | OR_FORCES,
	    .edits = to_one, .own_edits = true },
	{ DIALECT_GLM, "glm-5-3", .told = true, .reason = REASON_EFFORT,
	    .efforts = quirk_low_high_max, .off = "low",
	    .add = OFF_THINKS | EFFORT_ALONE },
	/* effort came with 5.2 */
	{ DIALECT_GLM, "glm-4", "v", .add = VISION, .own = "thinking" },
	{ DIALECT_GLM, "glm-4", .own = "thinking" },
	{ DIALECT_GLM, "", "v", .add = VISION },
	{ DIALECT_XAI, "grok", "non-reasoning", .edits = no_effort },
	{ DIALECT_XAI, "grok-2", .edits = no_effort },
	{ DIALECT_XAI, "grok-3-mini", .drop = PENALTY | STOP, .told = true,
	    .reason = REASON_EFFORT, .efforts = quirk_to_high, .off = "low",
	    .own = "reasoning_effort", .add = OFF_THINKS, .edits = no_stop },
	{ DIALECT_XAI, "grok-3", .edits = no_effort },
	{ DIALECT_XAI, "grok-4-fast", .drop = PENALTY | STOP,
	    .edits = no_stop_effort },
	{ DIALECT_XAI, "grok-4-1", .drop = PENALTY | STOP,
	    .edits = no_stop_effort },
	{ DIALECT_XAI, "grok-4-0709", .drop = PENALTY | STOP,
	    .edits = no_stop_effort },
	{ DIALECT_XAI, "grok-4-latest", .drop = PENALTY | STOP,
	    .edits = no_stop_effort },
	{ DIALECT_XAI, "grok-code", .drop = PENALTY | STOP,
	    .edits = no_stop_effort },
	{ DIALECT_XAI, "", .drop = PENALTY | STOP, .told = true,
	    .reason = REASON_EFFORT, .efforts = quirk_to_high, .off = "none",
	    .own = "reasoning_effort", .add = EFFORT_ALONE | EFFORTS_ONLY,
	    .edits = no_stop },
	{ DIALECT_GEMINI, "gemini-1", .told = true, .reason = REASON_NONE,
	    .add = MANY, .drop = SENTINEL },
	{ DIALECT_GEMINI, "gemini-2", .add = MANY, .drop = SENTINEL },
	{ DIALECT_GEMINI, "", .off = "low", .add = OFF_THINKS },
	{ DIALECT_GROQ, "gpt-oss", GPT_OSS,
	    .own = "reasoning_effort include_reasoning reasoning_format" },
	{ DIALECT_CEREBRAS, "gpt-oss", GPT_OSS, .own = "reasoning_effort" },
	{ DIALECT_TOGETHER, "gpt-oss", GPT_OSS, .own = "reasoning_effort" },
	{ DIALECT_FIREWORKS, "gpt-oss", GPT_OSS, .own = "reasoning_effort" },
	/* Kimi reads its ids, "functions.name:0", whoever serves it. */
	{ DIALECT_GENERIC, "kimi", .add = RAW_IDS },
	{ DIALECT_GROQ, "kimi", .add = RAW_IDS },
	{ DIALECT_OPENROUTER, "kimi", .add = RAW_IDS },
	{ DIALECT_TOGETHER, "kimi", .add = RAW_IDS },
	{ DIALECT_FIREWORKS, "kimi", .add = RAW_IDS },
	{ DIALECT_VLLM, "kimi", .add = RAW_IDS },
};

/* OpenAI's models that think: o1, o3 ..., gpt-5 and later, but for the chat
 * versions of gpt-5. */
bool
quirk_model_thinks(struct slice key)
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

bool
quirk_model_responses(struct slice key)
{
	static const char *const words[] = {
		"codex", "-pro", "deep-research", "computer-use",
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (slice_find(key, slice_of(words[i])) != SIZE_MAX)
			return true;
	return false;
}

static bool
fits(const struct quirk_model *m, enum quirk_dialect dialect, struct slice key)
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

const struct quirk_model *
quirk_model_find(enum quirk_dialect dialect, struct slice key)
{
	const struct quirk_model *end = models + sizeof models / sizeof *models;

	for (const struct quirk_model *m = models; m < end; m++)
		if (fits(m, dialect, key))
			return m;
	return NULL;
}
