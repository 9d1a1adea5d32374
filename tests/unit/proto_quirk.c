/* The tables of models and dialects, by what they say of known names. */
#include "test.h"

#include "proto/ir.h"
#include "proto/quirk.h"
#include "proto/quirk_field.h"

static void
keys(void)
{
	static const char *const pairs[][2] = {
		{ "claude-opus-4.7", "claude-opus-4-7" },
		{ "anthropic/claude-opus-4.7", "claude-opus-4-7" },
		{ "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
		    "claude-sonnet-4-5" },
		{ "claude-sonnet-4@20250514", "claude-sonnet-4" },
		{ "Claude-3-7-Sonnet-Latest", "claude-3-7-sonnet" },
		{ "claude-sonnet-4-5[1m]", "claude-sonnet-4-5" },
		{ "claude-3.7-sonnet:thinking", "claude-3-7-sonnet" },
		{ "gpt-5-2025-08-07", "gpt-5" },
		{ "deepseek-v3", "deepseek-v3" },
		{ "qwen3:8b", "qwen3" },
		{ "-latest", "-latest" },
		{ "20250101", "20250101" },
		{ "", "" },
	};
	char room[32];

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct slice key = quirk_model_key(slice_of(pairs[i][0]),
		    room, sizeof room);

		CHECK_BYTES(key.ptr, key.len, pairs[i][1],
		    strlen(pairs[i][1]));
	}
	CHECK(quirk_model_key(SLICE("abcdef"), room, 3).len == 3);
}

static const struct {
	const char	*model;
	unsigned	 think;
	bool		 on, samples, forces, prefills, mid, schemas;
	uint64_t	 output;
} rows[] = {
	{ "claude-mythos-5-1", THINK_ADAPTIVE,
	    1, 0, 0, 0, 1, 1, 128000 },
	{ "claude-fable-5-7", THINK_ADAPTIVE,
	    1, 0, 0, 0, 1, 1, 128000 },
	{ "claude-fable-5", THINK_ADAPTIVE,
	    1, 0, 1, 0, 1, 1, 128000 },
	{ "claude-mythos-preview", THINK_ADAPTIVE | THINK_ENABLED,
	    1, 0, 1, 0, 0, 1, 128000 },
	{ "claude-opus-5-5", THINK_ADAPTIVE,
	    1, 0, 0, 0, 1, 1, 128000 },
	{ "claude-sonnet-5-5", THINK_ADAPTIVE | THINK_BETWEEN,
	    1, 0, 0, 0, 1, 1, 128000 },
	{ "claude-haiku-5-5", THINK_ADAPTIVE | THINK_DISABLED,
	    1, 0, 1, 0, 1, 1, 128000 },
	{ "claude-sonnet-5", THINK_ADAPTIVE | THINK_DISABLED,
	    1, 0, 1, 0, 0, 1, 128000 },
	{ "claude-opus-4-8", THINK_ADAPTIVE | THINK_DISABLED,
	    0, 0, 1, 0, 1, 1, 128000 },
	{ "claude-opus-4-7", THINK_ADAPTIVE | THINK_DISABLED,
	    0, 0, 1, 0, 0, 1, 128000 },
	{ "claude-sonnet-4-6",
	    THINK_ADAPTIVE | THINK_ENABLED | THINK_DISABLED,
	    0, 1, 1, 0, 0, 1, 128000 },
	{ "claude-opus-4-5-20251101", THINK_ENABLED | THINK_DISABLED,
	    0, 1, 1, 1, 0, 1, 64000 },
	{ "claude-haiku-4-5", THINK_ENABLED | THINK_DISABLED,
	    0, 1, 1, 1, 0, 1, 64000 },
	{ "claude-opus-4-1", THINK_ENABLED | THINK_DISABLED,
	    0, 1, 1, 1, 0, 0, 32000 },
	{ "claude-3-7-sonnet-latest", THINK_ENABLED | THINK_DISABLED,
	    0, 1, 1, 1, 0, 0, 64000 },
	{ "claude-3-5-haiku-20241022", THINK_DISABLED,
	    0, 1, 1, 1, 0, 0, 8192 },
	{ "claude-3-haiku-20240307", THINK_DISABLED,
	    0, 1, 1, 1, 0, 0, 4096 },
	{ "claude-opus-9", THINK_ADAPTIVE,
	    1, 0, 0, 0, 0, 1, 32000 },
	{ "somebody-else", THINK_ADAPTIVE, 1, 0, 0, 0, 0, 1, 32000 },
};

static void
claude_rows(void)
{
	struct quirks q;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		printf("\t%s\n", rows[i].model);
		quirks_find(&q, DIALECT_ANTHROPIC, slice_of(rows[i].model));
		CHECK(q.think == rows[i].think);
		CHECK(q.think_default == rows[i].on);
		CHECK(q.sampling == rows[i].samples);
		CHECK(q.force == rows[i].forces);
		CHECK(q.prefill == rows[i].prefills);
		CHECK(q.mid_system == rows[i].mid);
		CHECK(q.schema_output == rows[i].schemas);
		CHECK(q.max_output == rows[i].output);
		CHECK(q.default_output <= 32000 &&
		    q.default_output <= q.max_output);
	}
	quirks_find(&q, DIALECT_ANTHROPIC, SLICE("claude-opus-4-5"));
	CHECK(q.efforts == (1 << IR_EFFORT_LOW | 1 << IR_EFFORT_MEDIUM |
	    1 << IR_EFFORT_HIGH));
	CHECK(q.effort_with_budget && q.think_shown);
	quirks_find(&q, DIALECT_ANTHROPIC, SLICE("claude-sonnet-4-5"));
	CHECK(q.efforts == 0);
}

static const char *
effort(const struct quirks *q, enum ir_effort e)
{
	return q->efforts_sent[e] ? q->efforts_sent[e] : "";
}

static void
openai_models(void)
{
	struct quirks q;

	quirks_find(&q, DIALECT_OPENAI, SLICE("gpt-4.1"));
	CHECK(q.dialect == DIALECT_OPENAI && q.sampling && q.stop_ok);
	CHECK(!strcmp(q.max_field, "max_completion_tokens"));
	CHECK(q.id_max == 40 && q.name_max == 64 && !q.developer_role);
	quirks_find(&q, DIALECT_OPENAI, SLICE("gpt-5"));
	CHECK(q.dialect == DIALECT_OPENAI_REASONING && !q.sampling);
	CHECK(!q.stop_ok && q.developer_role && !q.tools_need_no_reasoning);
	CHECK(!strcmp(q.effort_off, "minimal"));
	CHECK(!strcmp(effort(&q, IR_EFFORT_MAX), "high"));
	quirks_find(&q, DIALECT_OPENAI, SLICE("gpt-5-chat-latest"));
	CHECK(q.dialect == DIALECT_OPENAI);
	quirks_find(&q, DIALECT_OPENAI, SLICE("gpt-5.4-mini-2026-03-01"));
	CHECK(q.tools_need_no_reasoning && !strcmp(q.effort_off, "none"));
	quirks_find(&q, DIALECT_OPENAI, SLICE("gpt-5.45"));
	CHECK(!q.tools_need_no_reasoning);
	quirks_find(&q, DIALECT_OPENAI, SLICE("gpt-6"));
	CHECK(!strcmp(effort(&q, IR_EFFORT_MAX), "max"));
	CHECK(q.cache == CACHE_BREAKPOINT);
	quirks_find(&q, DIALECT_OPENAI, SLICE("o4-mini"));
	CHECK(!strcmp(q.effort_off, "low") && q.effort_off_thinks);
	CHECK(!q.parallel_param);
	quirks_find(&q, DIALECT_OPENAI, SLICE("omni-moderation"));
	CHECK(q.dialect == DIALECT_OPENAI);
}

static void
other_models(void)
{
	struct quirks q;

	quirks_find(&q, DIALECT_KIMI, SLICE("kimi-k2.6"));
	CHECK(q.reason == REASON_THINKING && q.raw_ids && q.sampling_quiet);
	CHECK(!q.sampling && !strcmp(q.replay_placeholder, " "));
	quirks_find(&q, DIALECT_KIMI, SLICE("kimi-k3"));
	CHECK(q.reason == REASON_EFFORT && q.always_thinks);
	CHECK(!strcmp(effort(&q, IR_EFFORT_MAX), "max"));
	CHECK(!strcmp(effort(&q, IR_EFFORT_HIGH), ""));
	quirks_find(&q, DIALECT_KIMI, SLICE("kimi-k2-0905-preview"));
	CHECK(q.reason == REASON_NONE && q.sampling);
	quirks_find(&q, DIALECT_GLM, SLICE("glm-5.3"));
	CHECK(q.reason == REASON_EFFORT && !q.stream_usage);
	CHECK(!strcmp(effort(&q, IR_EFFORT_MEDIUM), "high"));
	quirks_find(&q, DIALECT_GLM, SLICE("glm-4.6"));
	CHECK(q.reason == REASON_THINKING && q.keep_thinking && !q.vision);
	quirks_find(&q, DIALECT_GLM, SLICE("glm-4.6v"));
	CHECK(q.vision);
	quirks_find(&q, DIALECT_XAI, SLICE("grok-4-1-fast"));
	CHECK(q.reason == REASON_NONE && !q.stop_ok);
	quirks_find(&q, DIALECT_XAI, SLICE("grok-4.3"));
	CHECK(q.reason == REASON_EFFORT && !q.penalties_ok);
	quirks_find(&q, DIALECT_XAI, SLICE("grok-4-fast-non-reasoning"));
	CHECK(q.reason == REASON_NONE && q.stop_ok);
	quirks_find(&q, DIALECT_GEMINI, SLICE("gemini-2.5-flash"));
	CHECK(!strcmp(q.effort_off, "none") && !q.effort_off_thinks);
	quirks_find(&q, DIALECT_GEMINI, SLICE("gemini-3-pro"));
	CHECK(!strcmp(q.effort_off, "low") && q.effort_off_thinks);
	quirks_find(&q, DIALECT_MISTRAL, SLICE("mistral-large"));
	CHECK(q.id_exact == 9);
}

/* Who gives several answers to one request. */
static void
several_answers(void)
{
	static const struct {
		enum quirk_dialect dialect;
		const char *model;
		bool many;
	} models[] = {
		{ DIALECT_GENERIC, "m", true },
		{ DIALECT_OPENAI, "gpt-4o", true },
		{ DIALECT_OPENAI, "o3", true },
		{ DIALECT_OPENAI, "o1-mini", false },
		{ DIALECT_VLLM, "m", true },
		{ DIALECT_MISTRAL, "mistral-large", true },
		{ DIALECT_GROQ, "llama-3.3-70b", false },
		{ DIALECT_OLLAMA, "llama3", false },
		{ DIALECT_DEEPSEEK, "deepseek-chat", false },
		{ DIALECT_KIMI, "kimi-k2-0905-preview", true },
		{ DIALECT_KIMI, "kimi-k2.5", false },
		{ DIALECT_GEMINI, "gemini-2.5-flash", true },
		{ DIALECT_GEMINI, "gemini-3-pro-preview", false },
	};
	struct quirks q;

	for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
		quirks_find(&q, models[i].dialect, slice_of(models[i].model));
		CHECK(q.n_ok == models[i].many);
	}
}

static void
dialects(void)
{
	CHECK(quirk_dialect_by_name(SLICE("openai")) == DIALECT_OPENAI);
	CHECK(quirk_dialect_by_name(SLICE("MoonShot")) == DIALECT_KIMI);
	CHECK(quirk_dialect_by_name(SLICE("LM-Studio")) == DIALECT_LMSTUDIO);
	CHECK(quirk_dialect_by_name(SLICE("z-ai")) == DIALECT_GLM);
	CHECK(quirk_dialect_by_name(SLICE("unheard")) == DIALECT_GENERIC);
	CHECK(quirk_dialect_by_name(SLICE("")) == DIALECT_GENERIC);
	for (unsigned d = 0; d < DIALECTS; d++) {
		const char *name = quirk_dialect_name((enum quirk_dialect)d);

		CHECK(quirk_dialect_by_name(slice_of(name)) == d);
	}
}

/* Encoders index and print without asking: every dialect fills these. */
static void
nothing_missing(void)
{
	static const char *const models[] = {
		"", "m", "gpt-5", "o1-mini", "o3", "kimi-k3", "glm-5.3",
		"grok-4.3", "grok-2", "gemini-1.5-pro", "claude-opus-5",
	};
	struct quirks q;

	for (unsigned d = 0; d < DIALECTS; d++)
		for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
			quirks_find(&q, (enum quirk_dialect)d,
			    slice_of(models[i]));
			CHECK(q.max_field && q.efforts_sent);
			CHECK(q.name_max >= 64 && q.stop_max);
			CHECK(q.id_max || q.id_exact);
			CHECK(q.replay == REPLAY_NO || q.reason_field);
			CHECK(!q.prefill_top || q.prefill_field);
		}
}

static void
patterns(void)
{
	static const struct {
		const char	*pattern, *model;
		bool		 fits;
	} cases[] = {
		{ NULL, "m", true }, { "*", "", true }, { "a", "A", true },
		{ "a", "ab", false }, { "a*", "ab", true },
		{ "*b", "ab", true }, { "*b", "abc", false },
		{ "a*c*e", "abcde", true }, { "a*c*e", "abdde", false },
		{ "*ab", "aab", true }, { "", "a", false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct quirk_rule r = { .models = cases[i].pattern };

		CHECK(quirk_rule_fits(&r, slice_of(cases[i].model)) ==
		    cases[i].fits);
	}
}

/* Each field has a name of its own, and can be read, set and told. */
static void
fields(void)
{
	static const char *const samples[] = {
		[FIELD_IS_FLAG] = "true", [FIELD_IS_BYTE] = "77",
		[FIELD_IS_NUMBER] = "12345", [FIELD_IS_TEXT] = "\"x y\"",
		[FIELD_IS_WORD] = NULL, [FIELD_IS_BITS] = "[\"enabled\"]",
		[FIELD_IS_EFFORTS] = "[\"low\",\"max\"]",
	};
	size_t count;
	const struct quirk_field *f = quirk_fields(&count), *end = f + count;
	const char *near;

	for (; f < end; f++) {
		struct arena arena = { 0 };
		struct json doc;
		struct json_fault fault;
		struct quirk_setting set;
		struct quirks q;
		char word[64], text[128];
		struct slice first = slice_of(f->words), got;

		CHECK(quirk_field_find(slice_of(f->name), &near) == f);
		got = slice_cut(&first, ' ');
		if (f->type == FIELD_IS_WORD)
			snprintf(word, sizeof word, "\"%.*s\"",
			    SLICE_FMT(got));
		else
			snprintf(word, sizeof word, "%s", samples[f->type]);
		CHECK(json_parse(&doc, &arena, slice_of(word), 0, &fault));
		CHECK(!quirk_field_read(&arena, f, json_root(&doc), &set));
		quirks_find(&q, DIALECT_GENERIC, SLICE(""));
		quirk_field_set(&q, &set);
		got = quirk_field_text(&q, f, text, sizeof text);
		switch (f->type) {
		case FIELD_IS_WORD:
			CHECK(slice_eq(got, slice_sub(slice_of(word), 1,
			    strlen(word) - 2)));
			break;
		case FIELD_IS_BITS:
			CHECK(slice_is(got, "enabled"));
			break;
		case FIELD_IS_EFFORTS:
			CHECK(slice_is(got, "low+max"));
			break;
		default:
			CHECK(slice_is(got, word));
		}
		arena_reset(&arena);
	}
	CHECK(!quirk_field_find(SLICE("visoin"), &near));
	CHECK(!strcmp(near, "vision"));
}

TESTS(
	{ "names with stars", patterns },
	{ "fields by name", fields },
	{ "names become keys", keys },
	{ "Claude's models", claude_rows },
	{ "OpenAI's models", openai_models },
	{ "models of others", other_models },
	{ "several answers at once", several_answers },
	{ "dialects by name", dialects },
	{ "every dialect is complete", nothing_missing })
