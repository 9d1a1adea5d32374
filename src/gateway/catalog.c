#include "gateway/catalog.h"

#include "json/bind.h"

enum {
	CHAT = PROTO_CHAT, MESSAGES = PROTO_MESSAGES,
	RESPONSES = PROTO_RESPONSES, GEMINI = PROTO_GEMINI,
	YOUNG_RESPONSES = 1u << PROTO_RESPONSES,
};

static const struct counter vllm_counter = {
	.cut = "/v1", .path = "/tokenize", .member = "count",
};

static const struct counter kimi_counter = {
	.path = "/tokenizers/estimate-token-count",
	.outer = "data", .member = "total_tokens", .first = true,
};

/*
 * Base URLs end where protocol->path begins: "/chat/completions",
 * "/v1/messages".  A protocol that has no suffix is not spoken there; keys are
 * Bearer tokens unless the row says otherwise.
 */
static const struct preset presets[] = {
	{ .name = "openai", .env = "OPENAI", .dialect = DIALECT_OPENAI,
	  .root = "https://api.openai.com/v1",
	  .suffix = { [CHAT] = "", [RESPONSES] = "" },
	  .families = "gpt chatgpt o1 o3 o4 codex text-embedding-3 "
	      "text-embedding-ada dall-e whisper tts omni-moderation" },
	{ .name = "anthropic", .env = "ANTHROPIC",
	  .dialect = DIALECT_ANTHROPIC,
	  .root = "https://api.anthropic.com", .suffix = { [MESSAGES] = "" },
	  .credential = { [MESSAGES] = CREDENTIAL_X_API_KEY },
	  .families = "claude" },
	{ .name = "gemini", .also = "google", .env = "GEMINI GOOGLE",
	  .dialect = DIALECT_GEMINI,
	  .root = "https://generativelanguage.googleapis.com",
	  .suffix = { [CHAT] = "/v1beta/openai", [GEMINI] = "/v1beta" },
	  .credential = { [GEMINI] = CREDENTIAL_X_GOOG_API_KEY },
	  .families = "gemini gemma" },
	{ .name = "deepseek", .also = "deepseek-ai", .env = "DEEPSEEK",
	  .dialect = DIALECT_DEEPSEEK, .root = "https://api.deepseek.com",
	  .suffix = { [CHAT] = "/v1", [MESSAGES] = "/anthropic" },
	  .credential = { [MESSAGES] = CREDENTIAL_X_API_KEY },
	  .families = "deepseek" },
	{ .name = "xai", .also = "x-ai", .env = "XAI", .dialect = DIALECT_XAI,
	  .root = "https://api.x.ai",
	  .suffix = { [CHAT] = "/v1", [RESPONSES] = "/v1" },
	  .families = "grok" },
	{ .name = "qwen", .also = "dashscope alibaba",
	  .env = "DASHSCOPE QWEN", .dialect = DIALECT_QWEN,
	  .root = "https://dashscope-intl.aliyuncs.com",
	  .suffix = { [CHAT] = "/compatible-mode/v1",
		      [MESSAGES] = "/apps/anthropic" },
	  .credential = { [MESSAGES] = CREDENTIAL_X_API_KEY },
	  .families = "qwen qwq qvq" },
	{ .name = "kimi", .also = "moonshot moonshotai",
	  .env = "MOONSHOT KIMI", .dialect = DIALECT_KIMI,
	  .root = "https://api.moonshot.ai",
	  .suffix = { [CHAT] = "/v1", [MESSAGES] = "/anthropic" },
	  .families = "kimi moonshot", .counter = &kimi_counter },
	{ .name = "glm", .also = "zai z-ai zai-org zhipuai", .env = "ZAI",
	  .dialect = DIALECT_GLM, .root = "https://api.z.ai",
	  .suffix = { [CHAT] = "/api/paas/v4",
		      [MESSAGES] = "/api/anthropic" },
	  .families = "glm" },
	{ .name = "minimax", .also = "minimaxai", .env = "MINIMAX",
	  .dialect = DIALECT_MINIMAX, .root = "https://api.minimax.io",
	  .suffix = { [CHAT] = "/v1", [MESSAGES] = "/anthropic" },
	  .credential = { [MESSAGES] = CREDENTIAL_X_API_KEY },
	  .families = "minimax abab" },
	{ .name = "mistral", .also = "mistralai", .env = "MISTRAL",
	  .dialect = DIALECT_MISTRAL, .root = "https://api.mistral.ai",
	  .suffix = { [CHAT] = "/v1" },
	  .families = "mistral magistral codestral devstral ministral "
	      "pixtral open-mi" },
	{ .name = "groq", .env = "GROQ", .dialect = DIALECT_GROQ,
	  .root = "https://api.groq.com",
	  .suffix = { [CHAT] = "/openai/v1", [RESPONSES] = "/openai/v1" },
	  .own_only = YOUNG_RESPONSES, .families = "", .vendor_names = true },
	{ .name = "openrouter", .env = "OPENROUTER",
	  .dialect = DIALECT_OPENROUTER, .root = "https://openrouter.ai",
	  .suffix = { [CHAT] = "/api/v1", [MESSAGES] = "/api",
		      [RESPONSES] = "/api/v1" },
	  .own_only = YOUNG_RESPONSES,
	  .families = "", .vendor_names = true },
	{ .name = "together", .also = "together_ai togetherai",
	  .env = "TOGETHER", .dialect = DIALECT_GENERIC,
	  .root = "https://api.together.xyz", .suffix = { [CHAT] = "/v1" },
	  .families = "", .vendor_names = true },
	{ .name = "fireworks", .also = "fireworks_ai fireworks-ai",
	  .env = "FIREWORKS", .dialect = DIALECT_GENERIC,
	  .root = "https://api.fireworks.ai",
	  .suffix = { [CHAT] = "/inference/v1", [MESSAGES] = "/inference",
		      [RESPONSES] = "/inference/v1" },
	  .own_only = YOUNG_RESPONSES,
	  .families = "", .vendor_names = true, .counts_nothing = true },
	{ .name = "cerebras", .env = "CEREBRAS", .dialect = DIALECT_GENERIC,
	  .root = "https://api.cerebras.ai", .suffix = { [CHAT] = "/v1" },
	  .families = "" },
	{ .name = "azure", .env = "AZURE_OPENAI", .dialect = DIALECT_OPENAI,
	  .suffix = { [CHAT] = "", [RESPONSES] = "" },
	  .credential = { [CHAT] = CREDENTIAL_API_KEY,
			  [RESPONSES] = CREDENTIAL_API_KEY },
	  .families = "gpt chatgpt o1 o3 o4 codex", .open_catalog = true,
	  .deployments = true },
	{ .name = "ollama", .env = "OLLAMA", .dialect = DIALECT_OLLAMA,
	  .suffix = { [CHAT] = "/v1", [MESSAGES] = "",
		      [RESPONSES] = "/v1" },
	  .own_only = YOUNG_RESPONSES,
	  .families = "", .open_catalog = true, .counts_nothing = true },
	{ .name = "vllm", .env = "VLLM", .dialect = DIALECT_VLLM,
	  .suffix = { [CHAT] = "/v1", [MESSAGES] = "",
		      [RESPONSES] = "/v1" },
	  .own_only = YOUNG_RESPONSES,
	  .families = "", .open_catalog = true, .counter = &vllm_counter },
	{ .name = "sglang", .env = "SGLANG", .dialect = DIALECT_VLLM,
	  .suffix = { [CHAT] = "/v1", [MESSAGES] = "",
		      [RESPONSES] = "/v1" },
	  .own_only = YOUNG_RESPONSES,
	  .families = "", .open_catalog = true },
	{ .name = "llamacpp", .env = "LLAMACPP", .dialect = DIALECT_GENERIC,
	  .suffix = { [CHAT] = "/v1", [MESSAGES] = "",
		      [RESPONSES] = "/v1" },
	  .own_only = YOUNG_RESPONSES,
	  .families = "", .open_catalog = true },
	{ .name = "lmstudio", .env = "LMSTUDIO", .dialect = DIALECT_GENERIC,
	  .suffix = { [CHAT] = "/v1", [MESSAGES] = "",
		      [RESPONSES] = "/v1" },
	  .own_only = YOUNG_RESPONSES,
	  .families = "", .open_catalog = true },
};

enum { PRESETS = sizeof presets / sizeof *presets };

static const char *const credentials[CREDENTIAL_FORMS] = {
	[CREDENTIAL_BEARER] = "bearer", [CREDENTIAL_X_API_KEY] = "x-api-key",
	[CREDENTIAL_API_KEY] = "api-key",
	[CREDENTIAL_X_GOOG_API_KEY] = "x-goog-api-key",
};

static const struct catalog_model models[] = {
	{ "claude-fable-5-1", "anthropic", "Claude Fable 5.1", 1000, 128,
	  NULL },
	{ "claude-opus-5-5", "anthropic", "Claude Opus 5.5", 1000, 128, NULL },
	{ "claude-sonnet-5-5", "anthropic", "Claude Sonnet 5.5", 1000, 128,
	  NULL },
	{ "claude-haiku-5-5", "anthropic", "Claude Haiku 5.5", 0, 128, NULL },
	{ "claude-opus-5", "anthropic", "Claude Opus 5", 1000, 128, NULL },
	{ "claude-sonnet-5", "anthropic", "Claude Sonnet 5", 1000, 128, NULL },
	{ "claude-opus-4-8", "anthropic", "Claude Opus 4.8", 1000, 128, NULL },
	{ "claude-opus-4-7", "anthropic", "Claude Opus 4.7", 1000, 128, NULL },
	{ "claude-opus-4-6", "anthropic", "Claude Opus 4.6", 1000, 128, NULL },
	{ "claude-sonnet-4-6", "anthropic", "Claude Sonnet 4.6", 1000, 128,
	  NULL },
	{ "claude-opus-4-5", "anthropic", "Claude Opus 4.5", 200, 64,
	  "2025-11-24" },
	{ "claude-haiku-4-5", "anthropic", "Claude Haiku 4.5", 200, 64,
	  "2025-10-15" },
	{ "claude-sonnet-4-5", "anthropic", "Claude Sonnet 4.5", 200, 64,
	  "2025-09-29" },
	{ "claude-opus-4-1", "anthropic", "Claude Opus 4.1", 200, 32,
	  "2025-08-05" },
	{ "claude-opus-4-0", "anthropic", "Claude Opus 4", 200, 32,
	  "2025-05-22" },
	{ "claude-sonnet-4-0", "anthropic", "Claude Sonnet 4", 200, 64,
	  "2025-05-22" },
	{ "claude-3-7-sonnet-latest", "anthropic", "Claude Sonnet 3.7", 200, 64,
	  "2025-02-24" },
	{ "claude-3-5-haiku-latest", "anthropic", "Claude Haiku 3.5", 200, 8,
	  "2024-10-22" },
	{ "gpt-6", "openai", "GPT-6", 0, 0, NULL },
	{ "gpt-5.6", "openai", "GPT-5.6", 0, 0, NULL },
	{ "gpt-5.5", "openai", "GPT-5.5", 0, 0, NULL },
	{ "gpt-5.4", "openai", "GPT-5.4", 0, 0, NULL },
	{ "gpt-5.4-mini", "openai", "GPT-5.4 mini", 0, 0, NULL },
	{ "gpt-5.2", "openai", "GPT-5.2", 400, 128, "2025-12-11" },
	{ "gpt-5.1", "openai", "GPT-5.1", 400, 128, "2025-11-13" },
	{ "gpt-5", "openai", "GPT-5", 400, 128, "2025-08-07" },
	{ "gpt-5-mini", "openai", "GPT-5 mini", 400, 128, "2025-08-07" },
	{ "gpt-5-nano", "openai", "GPT-5 nano", 400, 128, "2025-08-07" },
	{ "gpt-4.1", "openai", "GPT-4.1", 1047, 32, "2025-04-14" },
	{ "gpt-4.1-mini", "openai", "GPT-4.1 mini", 1047, 32, "2025-04-14" },
	{ "gpt-4.1-nano", "openai", "GPT-4.1 nano", 1047, 32, "2025-04-14" },
	{ "gpt-4o", "openai", "GPT-4o", 128, 16, "2024-05-13" },
	{ "gpt-4o-mini", "openai", "GPT-4o mini", 128, 16, "2024-07-18" },
	{ "o4-mini", "openai", "o4-mini", 200, 100, "2025-04-16" },
	{ "o3", "openai", "o3", 200, 100, "2025-04-16" },
	{ "o3-mini", "openai", "o3-mini", 200, 100, "2025-01-31" },
	{ "deepseek-v4-pro", "deepseek", "DeepSeek V4 Pro", 0, 0, NULL },
	{ "deepseek-v4-flash", "deepseek", "DeepSeek V4 Flash", 0, 0, NULL },
	{ "deepseek-chat", "deepseek", "DeepSeek Chat", 128, 8, NULL },
	{ "deepseek-reasoner", "deepseek", "DeepSeek Reasoner", 128, 64, NULL },
	{ "gemini-3.8-flash", "gemini", "Gemini 3.8 Flash", 0, 0, NULL },
	{ "gemini-3.5-flash", "gemini", "Gemini 3.5 Flash", 0, 0, NULL },
	{ "gemini-3.5-flash-lite", "gemini", "Gemini 3.5 Flash-Lite", 0, 0,
	  NULL },
	{ "gemini-3.1-pro-preview", "gemini", "Gemini 3.1 Pro", 1048, 65,
	  NULL },
	{ "gemini-3-pro-preview", "gemini", "Gemini 3 Pro", 1048, 65,
	  "2025-11-18" },
	{ "gemini-3-flash-preview", "gemini", "Gemini 3 Flash", 1048, 65,
	  NULL },
	{ "gemini-2.5-pro", "gemini", "Gemini 2.5 Pro", 1048, 65,
	  "2025-06-17" },
	{ "gemini-2.5-flash", "gemini", "Gemini 2.5 Flash", 1048, 65,
	  "2025-06-17" },
	{ "gemini-2.5-flash-lite", "gemini", "Gemini 2.5 Flash-Lite", 1048, 65,
	  "2025-07-22" },
	{ "grok-4.7", "xai", "Grok 4.7", 0, 0, NULL },
	{ "grok-4.6", "xai", "Grok 4.6", 0, 0, NULL },
	{ "grok-4.3", "xai", "Grok 4.3", 0, 0, NULL },
	{ "grok-4", "xai", "Grok 4", 256, 0, "2025-07-09" },
	{ "grok-4-1-fast-reasoning", "xai", "Grok 4.1 Fast", 2000, 0, NULL },
	{ "grok-4-1-fast-non-reasoning", "xai",
	  "Grok 4.1 Fast (Non-Reasoning)", 2000, 0, NULL },
	{ "grok-code-fast-1", "xai", "Grok Code Fast 1", 256, 0,
	  "2025-08-28" },
	{ "grok-3", "xai", "Grok 3", 131, 0, NULL },
	{ "grok-3-mini", "xai", "Grok 3 Mini", 131, 0, NULL },
	{ "qwen3-max", "qwen", "Qwen3 Max", 262, 65, "2025-09-23" },
	{ "qwen3-plus", "qwen", "Qwen3 Plus", 0, 0, NULL },
	{ "qwen3-coder-plus", "qwen", "Qwen3 Coder Plus", 1000, 65, NULL },
	{ "qwen3-coder-flash", "qwen", "Qwen3 Coder Flash", 1000, 65, NULL },
	{ "qwen3-vl-plus", "qwen", "Qwen3 VL Plus", 262, 32, NULL },
	{ "qwen-max", "qwen", "Qwen Max", 32, 8, NULL },
	{ "qwen-plus", "qwen", "Qwen Plus", 1000, 32, NULL },
	{ "qwen-flash", "qwen", "Qwen Flash", 1000, 32, NULL },
	{ "kimi-k3", "kimi", "Kimi K3", 0, 0, NULL },
	{ "kimi-k2.6", "kimi", "Kimi K2.6", 262, 0, NULL },
	{ "kimi-k2.5", "kimi", "Kimi K2.5", 262, 0, NULL },
	{ "kimi-k2-thinking", "kimi", "Kimi K2 Thinking", 262, 0,
	  "2025-11-06" },
	{ "kimi-k2-0905-preview", "kimi", "Kimi K2 0905", 262, 0,
	  "2025-09-05" },
	{ "moonshot-v1-128k", "kimi", "Moonshot v1 128K", 131, 0, NULL },
	{ "glm-5.3", "glm", "GLM-5.3", 0, 0, NULL },
	{ "glm-5.2", "glm", "GLM-5.2", 0, 0, NULL },
	{ "glm-5", "glm", "GLM-5", 0, 0, NULL },
	{ "glm-4.7", "glm", "GLM-4.7", 200, 128, "2025-12-22" },
	{ "glm-4.6", "glm", "GLM-4.6", 200, 128, "2025-09-30" },
	{ "glm-4.5", "glm", "GLM-4.5", 128, 96, "2025-07-28" },
	{ "glm-4.5-air", "glm", "GLM-4.5-Air", 128, 96, "2025-07-28" },
	{ "glm-4.5-flash", "glm", "GLM-4.5-Flash", 128, 96, "2025-07-28" },
	{ "MiniMax-M3", "minimax", "MiniMax M3", 0, 0, NULL },
	{ "MiniMax-M2.7", "minimax", "MiniMax M2.7", 204, 0, NULL },
	{ "MiniMax-M2.7-highspeed", "minimax", "MiniMax M2.7 Highspeed", 204,
	  0, NULL },
	{ "MiniMax-M2.5", "minimax", "MiniMax M2.5", 204, 0, NULL },
	{ "MiniMax-M2.1", "minimax", "MiniMax M2.1", 204, 0, NULL },
	{ "MiniMax-M2", "minimax", "MiniMax M2", 204, 0, "2025-10-27" },
	{ "mistral-large-latest", "mistral", "Mistral Large", 0, 0, NULL },
	{ "mistral-medium-latest", "mistral", "Mistral Medium", 0, 0, NULL },
	{ "mistral-small-latest", "mistral", "Mistral Small", 0, 0, NULL },
	{ "magistral-medium-latest", "mistral", "Magistral Medium", 0, 0,
	  NULL },
	{ "codestral-latest", "mistral", "Codestral", 0, 0, NULL },
	{ "devstral-medium-latest", "mistral", "Devstral Medium", 0, 0,
	  NULL },
	{ "llama-3.3-70b-versatile", "groq", "Llama 3.3 70B", 131, 32, NULL },
	{ "llama-3.1-8b-instant", "groq", "Llama 3.1 8B", 131, 131, NULL },
	{ "openai/gpt-oss-120b", "groq", "gpt-oss-120b", 131, 65,
	  "2025-08-05" },
	{ "openai/gpt-oss-20b", "groq", "gpt-oss-20b", 131, 65,
	  "2025-08-05" },
	{ "gpt-oss-120b", "cerebras", "gpt-oss-120b", 131, 0, "2025-08-05" },
};

const struct preset *
catalog_presets(size_t *count)
{
	*count = PRESETS;
	return presets;
}

const struct catalog_model *
catalog_models(size_t *count)
{
	*count = sizeof models / sizeof *models;
	return models;
}

static bool
among(const char *words, struct slice name)
{
	struct slice rest = slice_of(words);

	while (rest.len)
		if (slice_eq_ci(slice_cut(&rest, ' '), name))
			return true;
	return false;
}

const struct preset *
catalog_preset(struct slice name)
{
	for (size_t i = 0; i < PRESETS; i++)
		if (slice_eq_ci(name, slice_of(presets[i].name)) ||
		    (name.len && among(presets[i].also, name)))
			return &presets[i];
	return NULL;
}

const char *
catalog_nearest_preset(struct slice name)
{
	struct field names[PRESETS + 1] = { { 0 } };

	for (size_t i = 0; i < PRESETS; i++)
		names[i].name = presets[i].name;
	return json_nearest(names, name);
}

const char *
credential_name(enum credential_form form)
{
	return credentials[form];
}

static char
fold(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c == '.' ? '-' : c;
}

bool
catalog_same_name(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (fold(a.ptr[i]) != fold(b.ptr[i]))
			return false;
	return true;
}

/* Is `s` a date as models' names carry it: 20250929 or 2025-09-29? */
static bool
is_date(struct slice s)
{
	size_t digits = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] >= '0' && s.ptr[i] <= '9')
			digits++;
		else if (s.ptr[i] != '-' || s.len != 10 || (i != 4 && i != 7))
			return false;
	}
	return digits == 8 && slice_starts(s, SLICE("20"));
}

/* Does `id` name `model`, a dated snapshot ("-20250929") or "-latest" of it? */
static bool
names(struct slice id, struct slice model)
{
	struct slice rest;

	if (id.len <= model.len)
		return catalog_same_name(id, model);
	if (!catalog_same_name(slice_sub(id, 0, model.len), model) ||
	    id.ptr[model.len] != '-')
		return false;
	rest = slice_skip(id, model.len + 1);
	return slice_is(rest, "latest") || is_date(rest);
}

/* What the names of its snapshots begin with: no "-0" and no "-latest". */
static struct slice
stem(struct slice model)
{
	if (slice_ends(model, SLICE("-0")))
		return slice_sub(model, 0, model.len - 2);
	if (slice_ends(model, SLICE("-latest")))
		return slice_sub(model, 0, model.len - 7);
	return model;
}

/* Is `id` a snapshot of a model that is known by its stem alone? */
static bool
is_snapshot(struct slice id, struct slice model)
{
	struct slice begin = stem(model);

	return begin.len < model.len && id.len > begin.len + 1 &&
	    catalog_same_name(slice_sub(id, 0, begin.len), begin) &&
	    id.ptr[begin.len] == '-' &&
	    is_date(slice_skip(id, begin.len + 1));
}

/* All that differ amid the model's name, nearly all, are passed by here. */
static bool
may_name(struct slice id, const char *model)
{
	size_t i = 0;

	while (i < id.len && model[i] && fold(id.ptr[i]) == fold(model[i]))
		i++;
	return !model[i] || (i < id.len && id.ptr[i] == '2');	/* a date */
}

const struct catalog_model *
catalog_find(struct slice id)
{
	for (size_t i = 0; i < sizeof models / sizeof *models; i++)
		if (may_name(id, models[i].id) &&
		    (names(id, slice_of(models[i].id)) ||
		    is_snapshot(id, slice_of(models[i].id))))
			return &models[i];
	return NULL;
}
