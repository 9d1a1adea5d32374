/*
 * Any bytes as a body that is only passed on, as Chat and as Messages, to
 * each dialect's most peculiar models: it stays JSON, names the provider's
 * model, and passing it on once more changes nothing.  With cache marks, too,
 * it stays JSON.
 */
#include "base/check.h"
#include "json/json.h"
#include "proto/proto.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
	const char	*model;
	enum quirk_dialect dialect;
} targets[] = {
	{ "m", DIALECT_GENERIC }, { "gpt-4o", DIALECT_OPENAI },
	{ "o3", DIALECT_OPENAI }, { "gpt-5.4", DIALECT_OPENAI },
	{ "deepseek-v4", DIALECT_DEEPSEEK }, { "kimi-k2.6", DIALECT_KIMI },
	{ "kimi-k3", DIALECT_KIMI }, { "qwen3", DIALECT_QWEN },
	{ "glm-4.6", DIALECT_GLM }, { "glm-5.3", DIALECT_GLM },
	{ "grok-4", DIALECT_XAI }, { "a/b", DIALECT_OPENROUTER },
	{ "gemini-3-pro", DIALECT_GEMINI }, { "mistral", DIALECT_MISTRAL },
	{ "m", DIALECT_VLLM }, { "m", DIALECT_OLLAMA },
	{ "gpt-oss-20b", DIALECT_GROQ }, { "m", DIALECT_MINIMAX },
	{ "m", DIALECT_LMSTUDIO }, { "m", DIALECT_CEREBRAS },
	{ "m", DIALECT_PERPLEXITY },
	{ "claude-opus-5", DIALECT_ANTHROPIC },
	{ "claude-opus-5-5", DIALECT_ANTHROPIC },
	{ "claude-sonnet-4-5", DIALECT_ANTHROPIC },
	{ "claude-3-haiku", DIALECT_ANTHROPIC },
};

/* False: it was refused. */
static bool
pass(const struct protocol *protocol, size_t i, struct slice text,
    bool marked, struct buf *out)
{
	struct arena arena = { 0 };
	struct talk talk = {
		.arena = &arena, .usage_wanted = true,
		.provider = protocol, .mark_cache = marked,
		.model = slice_of(targets[i].model),
	};
	struct splice splice = { .text = text };
	struct json doc;
	struct json_fault fault;
	bool passed = false;

	quirks_find(&talk.quirks, targets[i].dialect, talk.model);
	if (json_parse(&doc, &arena, text, 0, &fault) &&
	    protocol->peek(&talk, json_root(&doc)) &&
	    protocol->pass(&talk, json_root(&doc), &splice)) {
		CHECK(!splice.failed);
		splice_write(&splice, out);
		passed = true;
	}
	arena_reset(&arena);
	return passed;
}

static void
check_twice(const struct protocol *protocol, size_t i, struct slice text)
{
	struct arena arena = { 0 };
	struct buf once = { 0 }, twice = { 0 };
	struct json doc;
	struct json_fault fault;

	if (pass(protocol, i, text, true, &once))
		CHECK(json_parse(&doc, &arena, buf_slice(&once), 0, &fault));
	buf_clear(&once);
	if (pass(protocol, i, text, false, &once)) {
		CHECK(json_parse(&doc, &arena, buf_slice(&once), 0, &fault));
		CHECK(jval_text_is(jval_get(json_root(&doc), "model"),
		    targets[i].model));
		CHECK(pass(protocol, i, buf_slice(&once), false, &twice));
		CHECK(slice_eq(buf_slice(&once), buf_slice(&twice)));
	}
	buf_free(&once);
	buf_free(&twice);
	arena_reset(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };

	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
		check_twice(targets[i].dialect == DIALECT_ANTHROPIC ?
		    &protocol_messages : &protocol_chat, i, text);
	return 0;
}
