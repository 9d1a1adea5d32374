#include "gateway/catalog.h"

#include <string.h>

/*
 * Base URLs end where protocol->path begins: "/chat/completions",
 * "/v1/messages".
 */
static const struct preset presets[] = {
	{ .name = "openai", .env = "OPENAI", .dialect = DIALECT_OPENAI,
	  .base = { [PROTO_CHAT] = "https://api.openai.com/v1" },
	  .suffix = { [PROTO_CHAT] = "" },
	  .families = "gpt chatgpt o1 o3 o4 codex" },
	{ .name = "anthropic", .env = "ANTHROPIC",
	  .dialect = DIALECT_ANTHROPIC,
	  .base = { [PROTO_MESSAGES] = "https://api.anthropic.com" },
	  .suffix = { [PROTO_MESSAGES] = "" },
	  .families = "claude" },
	{ .name = "deepseek", .env = "DEEPSEEK", .dialect = DIALECT_DEEPSEEK,
	  .base = { [PROTO_CHAT] = "https://api.deepseek.com/v1",
		    [PROTO_MESSAGES] = "https://api.deepseek.com/anthropic" },
	  .suffix = { [PROTO_CHAT] = "/v1",
		      [PROTO_MESSAGES] = "/anthropic" },
	  .families = "deepseek" },
	{ .name = "ollama", .env = "OLLAMA", .dialect = DIALECT_OLLAMA,
	  .suffix = { [PROTO_CHAT] = "/v1", [PROTO_MESSAGES] = "" },
	  .families = "", .open_catalog = true },
	{ .name = "vllm", .env = "VLLM", .dialect = DIALECT_VLLM,
	  .suffix = { [PROTO_CHAT] = "/v1", [PROTO_MESSAGES] = "" },
	  .families = "", .open_catalog = true },
	{ .name = "llamacpp", .env = "LLAMACPP", .dialect = DIALECT_GENERIC,
	  .suffix = { [PROTO_CHAT] = "/v1", [PROTO_MESSAGES] = "" },
	  .families = "", .open_catalog = true },
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
	{ "deepseek-v4-flash", "deepseek", "DeepSeek V4 Flash", 0, 0, NULL },
	{ "deepseek-chat", "deepseek", "DeepSeek Chat", 128, 8, NULL },
	{ "deepseek-reasoner", "deepseek", "DeepSeek Reasoner", 128, 64, NULL },
};

const struct preset *
catalog_presets(size_t *count)
{
	*count = sizeof presets / sizeof *presets;
	return presets;
}

const struct catalog_model *
catalog_models(size_t *count)
{
	*count = sizeof models / sizeof *models;
	return models;
}

const struct preset *
catalog_preset(struct slice name)
{
	for (size_t i = 0; i < sizeof presets / sizeof *presets; i++)
		if (slice_eq_ci(name, slice_of(presets[i].name)))
			return &presets[i];
	return NULL;
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

const struct catalog_model *
catalog_find(struct slice id)
{
	for (size_t i = 0; i < sizeof models / sizeof *models && id.len; i++)
		if (fold(*id.ptr) == fold(*models[i].id) &&
		    (names(id, slice_of(models[i].id)) ||
		    is_snapshot(id, slice_of(models[i].id))))
			return &models[i];
	return NULL;
}
