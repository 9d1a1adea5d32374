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

const struct preset *
catalog_presets(size_t *count)
{
	*count = PRESETS;
	return presets;
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
