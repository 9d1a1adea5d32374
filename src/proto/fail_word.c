#include "proto/fail_word.h"

static const struct {
	const char	*word;
	enum fail_kind	 kind;
	bool		 weak;
} words[] = {
	{ "authentication_error", FAIL_AUTH, false },
	{ "invalid_api_key", FAIL_AUTH, false },
	{ "InvalidApiKey", FAIL_AUTH, false },
	{ "invalid_authentication_error", FAIL_AUTH, false },
	{ "UNAUTHENTICATED", FAIL_AUTH, false },
	{ "API_KEY_INVALID", FAIL_AUTH, false },
	{ "billing_error", FAIL_QUOTA, false },
	{ "insufficient_quota", FAIL_QUOTA, false },
	{ "billing_hard_limit_reached", FAIL_QUOTA, false },
	{ "billing_not_active", FAIL_QUOTA, false },
	{ "enforced_spend_limit_reached", FAIL_QUOTA, false },
	{ "exceeded_current_quota_error", FAIL_QUOTA, false },	/* Kimi */
	{ "Arrearage", FAIL_QUOTA, false },			/* Qwen */
	{ "AllocationQuota.FreeTierOnly", FAIL_QUOTA, false },
	{ "insufficient_balance_error", FAIL_QUOTA, false },	/* MiniMax */
	{ "1113", FAIL_QUOTA, false },				/* GLM */
	{ "permission_error", FAIL_PERMISSION, false },
	{ "PERMISSION_DENIED", FAIL_PERMISSION, false },
	{ "permission_denied_error", FAIL_PERMISSION, false },
	{ "not_found_error", FAIL_NOT_FOUND, false },
	{ "model_not_found", FAIL_NOT_FOUND, false },
	{ "ModelNotFound", FAIL_NOT_FOUND, false },
	{ "DeploymentNotFound", FAIL_NOT_FOUND, false },	/* Azure */
	{ "resource_not_found_error", FAIL_NOT_FOUND, false },	/* Kimi */
	{ "model_not_available", FAIL_NOT_FOUND, false },	/* Together */
	{ "model_decommissioned", FAIL_NOT_FOUND, false },	/* Groq */
	{ "invalid_model", FAIL_NOT_FOUND, false },		/* Mistral */
	{ "NOT_FOUND", FAIL_NOT_FOUND, false },
	{ "1211", FAIL_NOT_FOUND, false },			/* GLM */
	{ "timeout_error", FAIL_TIMEOUT, false },
	{ "DEADLINE_EXCEEDED", FAIL_TIMEOUT, false },
	{ "RequestTimeOut", FAIL_TIMEOUT, false },		/* Qwen */
	{ "conflict_error", FAIL_CONFLICT, false },
	{ "request_too_large", FAIL_TOO_LARGE, false },
	{ "context_length_exceeded", FAIL_CONTEXT, false },
	{ "model_context_window_exceeded", FAIL_CONTEXT, false },
	{ "string_above_max_length", FAIL_CONTEXT, false },
	{ "exceed_context_size_error", FAIL_CONTEXT, false },	/* llama.cpp */
	{ "1261", FAIL_CONTEXT, false },			/* GLM */
	{ "rate_limit_error", FAIL_RATE, false },
	{ "rate_limit_exceeded", FAIL_RATE, false },
	{ "rate_limit_reached_error", FAIL_RATE, false },	/* Kimi */
	{ "RateLimitReached", FAIL_RATE, false },		/* Azure */
	{ "RESOURCE_EXHAUSTED", FAIL_RATE, false },
	{ "content_filter", FAIL_FILTERED, false },
	{ "content_policy_violation", FAIL_FILTERED, false },
	{ "cyber_policy", FAIL_FILTERED, false },
	{ "image_content_policy_violation", FAIL_FILTERED, false },
	{ "invalid_prompt", FAIL_INVALID, false },
	{ "ResponsibleAIPolicyViolation", FAIL_FILTERED, false },
	{ "DataInspectionFailed", FAIL_FILTERED, false },	/* Qwen */
	{ "data_inspection_failed", FAIL_FILTERED, false },
	{ "1301", FAIL_FILTERED, false },			/* GLM */
	{ "overloaded_error", FAIL_OVERLOADED, false },
	{ "overloaded", FAIL_OVERLOADED, false },
	{ "engine_overloaded", FAIL_OVERLOADED, false },
	{ "engine_overloaded_error", FAIL_OVERLOADED, false },	/* Kimi */
	{ "service_unavailable", FAIL_OVERLOADED, false },
	{ "ServiceUnavailable", FAIL_OVERLOADED, false },
	{ "server_is_busy", FAIL_OVERLOADED, false },
	{ "server_is_overloaded", FAIL_OVERLOADED, false },
	{ "slow_down", FAIL_OVERLOADED, false },
	{ "capacity_exceeded", FAIL_OVERLOADED, false },	/* Groq */
	{ "queue_exceeded", FAIL_OVERLOADED, false },		/* Cerebras */
	{ "service_tier_capacity_exceeded", FAIL_OVERLOADED, false },
	{ "UNAVAILABLE", FAIL_OVERLOADED, false },
	{ "1305", FAIL_OVERLOADED, false },			/* GLM */
	{ "1312", FAIL_OVERLOADED, false },
	{ "invalid_request_error", FAIL_INVALID, true },
	{ "INVALID_ARGUMENT", FAIL_INVALID, true },
	{ "FAILED_PRECONDITION", FAIL_INVALID, true },
	{ "api_error", FAIL_SERVER, true },
	{ "server_error", FAIL_SERVER, true },
	{ "INTERNAL", FAIL_SERVER, true },
};

#define IF(kind)	(1u << FAIL_##kind)
#define BAD		(IF(INVALID) | IF(TOO_LARGE) | IF(SERVER))
#define DENIED		(IF(INVALID) | IF(PERMISSION))

/*
 * Sentences that tell more than the kinds in `from`, whatever their case; the
 * first that is found counts.  Behind each: who writes so.
 */
static const struct {
	unsigned	 from;		/* a bit for each kind */
	const char	*text;
	enum fail_kind	 kind;
} wordings[] = {
	/* longer than the context */
	{ BAD, "prompt is too long", FAIL_CONTEXT },	/* Anthropic, others */
	{ BAD, "prompt too long", FAIL_CONTEXT },		/* Ollama */
	{ BAD, "exceed context limit", FAIL_CONTEXT },		/* Anthropic */
	{ BAD, "context window", FAIL_CONTEXT },	/* OpenAI, MiniMax */
	{ BAD, "maximum context length", FAIL_CONTEXT }, /* OpenAI, vLLM, ... */
	{ BAD, "exceed the configured limit", FAIL_CONTEXT },	/* OpenAI */
	{ BAD, "maximum prompt length", FAIL_CONTEXT },		/* xAI */
	{ BAD, "maximum model length", FAIL_CONTEXT },		/* vLLM */
	{ BAD, "model's context length", FAIL_CONTEXT }, /* Together, SGLang */
	{ BAD, "maximum allowed length", FAIL_CONTEXT },	/* SGLang */
	{ BAD, "maximum allowed input length", FAIL_CONTEXT },
	{ BAD, "exceeded model token limit", FAIL_CONTEXT },	/* Kimi */
	{ BAD, "reduce the length of the messages", FAIL_CONTEXT }, /* Groq,
							Cerebras */
	{ BAD, "range of input length should be", FAIL_CONTEXT }, /* Qwen */
	{ BAD, "input token count", FAIL_CONTEXT },		/* Gemini */
	{ BAD, "available context size", FAIL_CONTEXT },	/* llama.cpp */
	{ BAD, "context size has been exceeded", FAIL_CONTEXT }, /* LM Studio */
	{ BAD, "greater than the context length", FAIL_CONTEXT },
	{ BAD, "context length of only", FAIL_CONTEXT },
	{ BAD, "exceeds the context length", FAIL_CONTEXT },	/* Ollama */
	{ BAD, "prompt exceeds max length", FAIL_CONTEXT },	/* GLM */
	{ BAD, "max_new_tokens` must be", FAIL_CONTEXT },	/* Together */
	{ BAD, "exceeds the model's", FAIL_CONTEXT },
	{ BAD, "too many tokens", FAIL_CONTEXT },
	{ BAD, "input is too long", FAIL_CONTEXT },		/* Bedrock */
	/* it will never be let in, however long the wait */
	{ IF(RATE), "request too large for model", FAIL_TOO_LARGE }, /* Groq */
	/* no money */
	{ DENIED, "credit balance", FAIL_QUOTA },		/* Anthropic */
	{ DENIED, "usage limits", FAIL_QUOTA },
	{ DENIED | IF(RATE), "insufficient balance", FAIL_QUOTA }, /* DeepSeek,
							GLM, MiniMax */
	{ DENIED | IF(RATE), "insufficient credits", FAIL_QUOTA }, /*
							OpenRouter */
	{ DENIED, "more credits", FAIL_QUOTA },
	{ DENIED, "have any credits", FAIL_QUOTA },		/* xAI */
	{ DENIED | IF(RATE), "spending limit", FAIL_QUOTA },
	{ DENIED, "account is in good standing", FAIL_QUOTA },	/* Qwen */
	{ DENIED | IF(RATE), "credit limit exceeded", FAIL_QUOTA }, /*
							Together */
	/* a policy */
	{ DENIED, "content exists risk", FAIL_FILTERED },	/* DeepSeek */
	{ DENIED, "content filtering policy", FAIL_FILTERED },	/* Anthropic */
	{ DENIED, "content management policy", FAIL_FILTERED },	/* Azure */
	{ DENIED, "considered high risk", FAIL_FILTERED },	/* Kimi */
	{ DENIED, "violates usage guidelines", FAIL_FILTERED },	/* xAI */
	{ DENIED, "your input was flagged", FAIL_FILTERED },	/* OpenRouter */
	{ DENIED, "new_sensitive", FAIL_FILTERED },		/* MiniMax */
	{ DENIED, "inappropriate content", FAIL_FILTERED },	/* Qwen */
	/* no such model */
	{ IF(INVALID), "model not exist", FAIL_NOT_FOUND },	/* DeepSeek */
	{ IF(INVALID), "model not found", FAIL_NOT_FOUND },	/* xAI */
	{ IF(INVALID), "unknown model", FAIL_NOT_FOUND }, /* GLM, MiniMax */
	{ IF(INVALID), "not a valid model id", FAIL_NOT_FOUND }, /*
							OpenRouter */
	{ IF(INVALID), "invalid model:", FAIL_NOT_FOUND },	/* Mistral */
	/* a key */
	{ IF(INVALID), "api key not valid", FAIL_AUTH },	/* Gemini */
	{ IF(INVALID), "incorrect api key", FAIL_AUTH },	/* xAI */
	/* too much to do */
	{ IF(SERVER) | IF(RATE), "overloaded", FAIL_OVERLOADED },
	{ IF(SERVER) | IF(RATE), "server is busy", FAIL_OVERLOADED },
	{ IF(SERVER) | IF(RATE), "service is too busy", FAIL_OVERLOADED },
	{ IF(SERVER) | IF(RATE), "at capacity", FAIL_OVERLOADED },
	{ IF(SERVER) | IF(RATE), "over capacity", FAIL_OVERLOADED },
	{ IF(RATE), "tier capacity exceeded", FAIL_OVERLOADED }, /* Mistral */
	{ IF(RATE), "experiencing high traffic", FAIL_OVERLOADED },
	{ IF(RATE), "system capacity limits", FAIL_OVERLOADED },
};

/*
 * What stands right before a count of tokens.  Of each of the two the first
 * that is found counts; a count below 100 counts something else.
 */
static const char *const before_used[] = {
	"requested about ", "requested a total of ", "you requested ",
	"requested: ", "resulted in ", "your request has ", "contains ",
	"token count (", "the input (", "input length (", "(length ",
	"request (", "current length is ", "too long: ", "n_keep: ",
	"input length ", "the first ", "token count of ", "prompt has ",
	"given: ", "exceed context limit: ",
};

static const char *const before_limit[] = {
	"maximum context length is ", "maximum prompt length is ",
	"maximum model length of ", "maximum context length: ",
	"maximum context length of ", "model token limit: ",
	"tokens allowed (", "tokens allowed ", "context length (",
	"context size (", "allowed length (", "input length of ",
	"limit is ", "for model with ", "configured limit of ",
	"length of only ", "n_ctx: ", "should be [1, ", "must be <= ",
	"context size is ", "the limit of ", " > ",
};

enum fail_kind
fail_word_kind(struct slice word, bool weak)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if ((weak || !words[i].weak) && slice_is(word, words[i].word))
			return words[i].kind;
	return FAIL_NONE;
}

enum fail_kind
fail_word_refine(enum fail_kind kind, struct slice sentence)
{
	for (size_t i = 0; i < sizeof wordings / sizeof *wordings; i++)
		if ((wordings[i].from & 1u << kind) && slice_find_ci(sentence,
		    slice_of(wordings[i].text)) != SIZE_MAX)
			return wordings[i].kind;
	return kind;
}

/* The count that the text begins with, commas inside allowed; 0: none. */
static uint64_t
count_at(struct slice text)
{
	uint64_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c >= '0' && c <= '9' && n < UINT32_MAX)
			n = n * 10 + (uint64_t)(c - '0');
		else if (c != ',')
			break;
	}
	return n < 100 ? 0 : n;
}

static uint64_t
count_behind(struct slice sentence, const char *const *before, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct slice mark = slice_of(before[i]);
		size_t at = slice_find_ci(sentence, mark);
		uint64_t n = at == SIZE_MAX ? 0 :
		    count_at(slice_skip(sentence, at + mark.len));

		if (n)
			return n;
	}
	return 0;
}

void
fail_word_tokens(struct slice sentence, uint64_t *used, uint64_t *limit)
{
	*used = count_behind(sentence, before_used,
	    sizeof before_used / sizeof *before_used);
	*limit = count_behind(sentence, before_limit,
	    sizeof before_limit / sizeof *before_limit);
}
