/*
 * The errors that clients act upon, in the words of each provider: what kind
 * they are, and that each client's own way of looking for them finds them when
 * they are told again.
 */
#include "test.h"

#include "proto/fail.h"
#include "proto/fail_word.h"
#include "proto/proto.h"

/* A sentence in the usual error object, or a whole body if it begins so. */
static struct slice
body_of(struct arena *arena, const char *text)
{
	if (*text == '{' || *text == '[')
		return slice_of(text);
	return arena_fmt(arena, "{\"error\":{\"message\":\"%s\",\"type\":"
	    "\"invalid_request_error\",\"param\":null,\"code\":null}}", text);
}

static struct slice
tell(struct arena *arena, enum protocol_id client, const struct fail *f,
    struct buf *out)
{
	struct talk talk = { .arena = arena,
	    .client = protocol_by_id(client), .provider = protocol_by_id(
	    client == PROTO_CHAT ? PROTO_MESSAGES : PROTO_CHAT) };

	buf_clear(out);
	talk.client->error(&talk, f, out);
	return buf_slice(out);
}

static bool
holds(struct slice text, const char *part)
{
	return slice_find(text, slice_of(part)) != SIZE_MAX;
}

/* ---- longer than the context ---- */

static const struct {
	unsigned	 status;
	const char	*body;
	uint64_t	 used, limit;	/* 0: it does not say */
} overflows[] = {
	/* Anthropic */
	{ 400, "prompt is too long: 213462 tokens > 200000 maximum",
	    213462, 200000 },
	{ 400, "input length and `max_tokens` exceed context limit: 188240 + "
	    "21333 > 200000, decrease input length or `max_tokens` and try "
	    "again", 188240, 200000 },
	/* OpenAI, Azure */
	{ 400, "This model's maximum context length is 128000 tokens. However,"
	    " your messages resulted in 130000 tokens. Please reduce the length"
	    " of the messages.", 130000, 128000 },
	{ 400, "This model's maximum context length is 8192 tokens, however you"
	    " requested 10346 tokens (10000 in your prompt; 346 for the "
	    "completion).", 10346, 8192 },
	{ 400, "Your input exceeds the context window of this model. Please "
	    "adjust your input and try again.", 0, 0 },
	{ 400, "Input tokens exceed the configured limit of 272000 tokens. Your"
	    " messages resulted in 300123 tokens.", 300123, 272000 },
	{ 400, "{\"error\":{\"message\":\"m\",\"type\":"
	    "\"invalid_request_error\",\"param\":\"messages\",\"code\":"
	    "\"context_length_exceeded\"}}", 0, 0 },
	/* DeepSeek */
	{ 400, "This model's maximum context length is 131072 tokens. However,"
	    " you requested 140000 tokens (136000 in the messages, 4000 in the"
	    " completion). Please reduce the length of the messages or "
	    "completion.", 140000, 131072 },
	/* xAI */
	{ 400, "{\"code\":\"Client specified an invalid argument\",\"error\":"
	    "\"This model's maximum prompt length is 131072 but the request "
	    "contains 537812 tokens.\"}", 537812, 131072 },
	/* Qwen */
	{ 400, "{\"code\":\"InvalidParameter\",\"message\":\"Range of input "
	    "length should be [1, 129024]\",\"request_id\":\"r\"}",
	    0, 129024 },
	{ 400, "{\"error\":{\"code\":\"invalid_parameter_error\",\"param\":"
	    "null,\"message\":\"<400> InternalError.Algo.InvalidParameter: "
	    "Range of input length should be [1, 30720]\",\"type\":"
	    "\"invalid_request_error\"}}", 0, 30720 },
	/* Kimi */
	{ 400, "Invalid request: Your request exceeded model token limit: "
	    "262144 (requested: 291351)", 291351, 262144 },
	/* GLM */
	{ 400, "{\"error\":{\"code\":\"1261\",\"message\":\"Prompt exceeds max"
	    " length\"}}", 0, 0 },
	/* MiniMax */
	{ 400, "invalid params, context window exceeds limit (2013)", 0, 0 },
	{ 0, "{\"base_resp\":{\"status_code\":2013,\"status_msg\":\"invalid "
	    "params, context window exceeds limit\"}}", 0, 0 },
	/* Mistral */
	{ 400, "{\"object\":\"error\",\"message\":\"Prompt contains 140000 "
	    "tokens and 0 draft tokens, too large for model with 131072 maximum"
	    " context length\",\"type\":\"invalid_request_prompt\",\"param\":"
	    "null,\"code\":\"3051\"}", 140000, 131072 },
	/* Groq, Cerebras */
	{ 400, "Please reduce the length of the messages or completion.",
	    0, 0 },
	{ 400, "{\"message\":\"Please reduce the length of the messages or "
	    "completion. Current length is 9012 while limit is 8192\",\"type\":"
	    "\"invalid_request_error\",\"param\":\"messages\",\"code\":"
	    "\"context_length_exceeded\"}", 9012, 8192 },
	/* OpenRouter: its own, and what it quotes */
	{ 400, "This endpoint's maximum context length is 131072 tokens. "
	    "However, you requested about 200000 tokens (199000 of text input,"
	    " 1000 in the output).", 200000, 131072 },
	{ 400, "{\"error\":{\"message\":\"Provider returned error\",\"code\":"
	    "400,\"metadata\":{\"raw\":\"{\\\"error\\\":{\\\"message\\\":"
	    "\\\"This model's maximum context length is 32768 tokens. However,"
	    " you requested 40000 tokens\\\",\\\"code\\\":400}}\","
	    "\"provider_name\":\"x\"}}}", 40000, 32768 },
	/* Together, SGLang */
	{ 422, "The input (140000 tokens) is longer than the model's context "
	    "length (131072 tokens).", 140000, 131072 },
	{ 422, "`inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000"
	    " `inputs` tokens and 512 `max_new_tokens`", 9000, 8193 },
	{ 400, "Input length (265330 tokens) exceeds the maximum allowed length"
	    " (262144 tokens). Use a shorter input or enable "
	    "--allow-auto-truncate.", 265330, 262144 },
	{ 400, "Requested token count exceeds the model's maximum context "
	    "length of 131072 tokens. You requested a total of 140000 tokens.",
	    140000, 131072 },
	/* Fireworks */
	{ 400, "The prompt is too long: 140000, model maximum context length: "
	    "131071", 140000, 131071 },
	/* Gemini */
	{ 400, "[{\"error\":{\"code\":400,\"message\":\"The input token count "
	    "(1196265) exceeds the maximum number of tokens allowed (1048575)."
	    "\",\"status\":\"INVALID_ARGUMENT\"}}]", 1196265, 1048575 },
	/* Ollama */
	{ 400, "{\"error\":\"prompt too long; exceeded max context length by "
	    "5000 tokens\"}", 0, 0 },
	{ 500, "{\"error\":{\"message\":\"the input length exceeds the context "
	    "length\",\"type\":\"api_error\"}}", 0, 0 },
	/* vLLM */
	{ 400, "{\"object\":\"error\",\"message\":\"The decoder prompt (length "
	    "9000) is longer than the maximum model length of 8192. Make sure "
	    "that `max_model_len` is no smaller than the number of text "
	    "tokens.\",\"type\":\"BadRequestError\",\"code\":400}",
	    9000, 8192 },
	/* llama.cpp */
	{ 400, "{\"error\":{\"code\":400,\"message\":\"the request exceeds the "
	    "available context size, try increasing it\",\"type\":"
	    "\"exceed_context_size_error\",\"n_prompt_tokens\":9876,\"n_ctx\":"
	    "4096}}", 9876, 4096 },
	{ 400, "request (9876 tokens) exceeds the available context size (4096"
	    " tokens), try increasing it", 9876, 4096 },
	/* LM Studio */
	{ 400, "{\"error\":\"The number of tokens to keep from the initial "
	    "prompt is greater than the context length (n_keep: 9000>= n_ctx: "
	    "4096). Try to load the model with a larger context length\"}",
	    9000, 4096 },
	{ 400, "{\"error\":\"Trying to keep the first 9000 tokens when context "
	    "the overflows. However, the model is loaded with context length of"
	    " only 4096 tokens, which is not enough.\"}", 9000, 4096 },
	{ 400, "{\"error\":\"Context size has been exceeded.\"}", 0, 0 },
	/* Bedrock, behind gateways */
	{ 400, "Input is too long for requested model.", 0, 0 },
};

static void
too_long(void)
{
	for (size_t i = 0; i < sizeof overflows / sizeof *overflows; i++) {
		struct arena arena = { 0 };
		struct fail f = { 0 };
		struct buf out = { 0 };
		struct slice said;

		fail_read(&f, &arena, overflows[i].status,
		    body_of(&arena, overflows[i].body));
		if (f.kind != FAIL_CONTEXT || f.used != overflows[i].used ||
		    f.limit != overflows[i].limit)
			printf("%s: %s, %llu of %llu\n", overflows[i].body,
			    fail_name(f.kind), (unsigned long long)f.used,
			    (unsigned long long)f.limit);
		CHECK(f.kind == FAIL_CONTEXT);
		CHECK(f.used == overflows[i].used);
		CHECK(f.limit == overflows[i].limit);

		said = tell(&arena, PROTO_MESSAGES, &f, &out);
		CHECK(holds(said, "\"message\":\"prompt is too long: "));
		if (f.used > f.limit && f.limit)
			CHECK(holds(said, arena_cstr(&arena,
			    arena_fmt(&arena, "%llu tokens > %llu maximum",
			    (unsigned long long)f.used,
			    (unsigned long long)f.limit))));
		said = tell(&arena, PROTO_CHAT, &f, &out);
		CHECK(holds(said, "\"code\":\"context_length_exceeded\""));
		CHECK(holds(said, "maximum context length") ||
		    holds(said, "prompt is too long") ||
		    holds(said, "context window"));
		buf_free(&out);
		arena_reset(&arena);
	}
}

/* ---- other kinds ---- */

static const struct {
	unsigned	 status;
	const char	*body;
	enum fail_kind	 kind;
} others[] = {
	/* no money */
	{ 400, "Your credit balance is too low to access the Anthropic API.",
	    FAIL_QUOTA },
	{ 400, "You have reached your specified API usage limits. You will "
	    "regain access on 2026-12-01 at 00:00 UTC.", FAIL_QUOTA },
	{ 429, "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\","
	    "\"message\":\"m\",\"details\":{\"error_code\":"
	    "\"enforced_spend_limit_reached\"}}}", FAIL_QUOTA },
	{ 402, "Insufficient Balance", FAIL_QUOTA },
	{ 429, "{\"error\":{\"message\":\"Your account is suspended, please "
	    "check your plan and billing details\",\"type\":"
	    "\"exceeded_current_quota_error\"}}", FAIL_QUOTA },
	{ 429, "{\"error\":{\"code\":\"1113\",\"message\":\"Insufficient "
	    "balance or no resource package. Please recharge.\"}}",
	    FAIL_QUOTA },
	{ 400, "{\"code\":\"Arrearage\",\"message\":\"Access denied, please "
	    "make sure your account is in good standing.\"}", FAIL_QUOTA },
	{ 0, "{\"base_resp\":{\"status_code\":1008,\"status_msg\":"
	    "\"insufficient balance\"}}", FAIL_QUOTA },
	{ 402, "{\"error\":{\"message\":\"This request requires more credits, "
	    "or fewer max_tokens.\",\"code\":402}}", FAIL_QUOTA },
	{ 403, "{\"code\":\"The caller does not have permission to execute the"
	    " specified operation\",\"error\":\"Your newly created team doesn't"
	    " have any credits yet.\"}", FAIL_QUOTA },
	{ 412, "{\"error\":{\"object\":\"error\",\"type\":"
	    "\"invalid_request_error\",\"message\":\"Account x is suspended, "
	    "possibly due to reaching the monthly spending limit or failure to"
	    " pay past invoices.\"}}", FAIL_QUOTA },
	/* a rate, though it speaks of quota */
	{ 429, "[{\"error\":{\"code\":429,\"message\":\"You exceeded your "
	    "current quota\",\"status\":\"RESOURCE_EXHAUSTED\"}}]", FAIL_RATE },
	{ 429, "{\"message\":\"Requests per minute limit exceeded\",\"type\":"
	    "\"too_many_requests_error\",\"code\":\"request_quota_exceeded\"}",
	    FAIL_RATE },
	{ 429, "{\"error\":{\"code\":\"1302\",\"message\":\"High concurrency "
	    "usage of this API\"}}", FAIL_RATE },
	/* waiting will not help */
	{ 413, "{\"error\":{\"message\":\"Request too large for model `x` in "
	    "organization `o` on tokens per minute (TPM): Limit 6000, Requested"
	    " 8000\",\"type\":\"tokens\",\"code\":\"rate_limit_exceeded\"}}",
	    FAIL_TOO_LARGE },
	/* a policy */
	{ 400, "Content Exists Risk", FAIL_FILTERED },
	{ 400, "Output blocked by content filtering policy", FAIL_FILTERED },
	{ 400, "{\"error\":{\"code\":\"content_filter\",\"message\":\"The "
	    "response was filtered\",\"innererror\":{\"code\":"
	    "\"ResponsibleAIPolicyViolation\"}}}", FAIL_FILTERED },
	{ 400, "{\"error\":{\"message\":\"The request was rejected because it "
	    "was considered high risk\",\"type\":\"content_filter\"}}",
	    FAIL_FILTERED },
	{ 400, "{\"error\":{\"code\":\"data_inspection_failed\",\"message\":"
	    "\"Input data may contain inappropriate content.\"}}",
	    FAIL_FILTERED },
	{ 400, "{\"error\":{\"code\":\"1301\",\"message\":\"System detected "
	    "potentially unsafe content\"}}", FAIL_FILTERED },
	{ 403, "{\"code\":\"x\",\"error\":\"Content violates usage guidelines."
	    " Failed check: SAFETY_CHECK_TYPE_BIO\"}", FAIL_FILTERED },
	{ 403, "{\"error\":{\"message\":\"x requires moderation on x. Your "
	    "input was flagged for \\\"violence\\\".\",\"code\":403}}",
	    FAIL_FILTERED },
	{ 0, "{\"base_resp\":{\"status_code\":1026,\"status_msg\":\"input "
	    "new_sensitive\"}}", FAIL_FILTERED },
	/* too much to do */
	{ 529, "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
	    "\"message\":\"Overloaded\"}}", FAIL_OVERLOADED },
	{ 500, "That model is currently overloaded with other requests.",
	    FAIL_OVERLOADED },
	{ 429, "{\"error\":{\"message\":\"The engine is currently overloaded, "
	    "please try again later\",\"type\":\"engine_overloaded_error\"}}",
	    FAIL_OVERLOADED },
	{ 503, "Service is too busy. We advise users to temporarily switch.",
	    FAIL_OVERLOADED },
	{ 429, "{\"error\":{\"code\":\"1305\",\"message\":\"The service may be"
	    " temporarily overloaded, please try again later\"}}",
	    FAIL_OVERLOADED },
	{ 429, "{\"object\":\"error\",\"message\":\"Service tier capacity "
	    "exceeded for this model.\",\"type\":"
	    "\"service_tier_capacity_exceeded\",\"code\":\"3505\"}",
	    FAIL_OVERLOADED },
	{ 498, "{\"error\":{\"message\":\"Over capacity\",\"type\":"
	    "\"internal_server_error\",\"code\":\"capacity_exceeded\"}}",
	    FAIL_OVERLOADED },
	{ 429, "{\"message\":\"We're experiencing high traffic right now! "
	    "Please try again soon.\",\"type\":\"too_many_requests_error\","
	    "\"code\":\"queue_exceeded\"}", FAIL_OVERLOADED },
	{ 503, "[{\"error\":{\"code\":503,\"message\":\"The model is "
	    "overloaded.\",\"status\":\"UNAVAILABLE\"}}]", FAIL_OVERLOADED },
	/* no such model */
	{ 400, "Model Not Exist", FAIL_NOT_FOUND },
	{ 404, "{\"error\":{\"code\":\"DeploymentNotFound\",\"message\":\"The "
	    "API deployment for this resource does not exist.\"}}",
	    FAIL_NOT_FOUND },
	{ 404, "{\"error\":{\"message\":\"Not found the model x or Permission "
	    "denied\",\"type\":\"resource_not_found_error\"}}",
	    FAIL_NOT_FOUND },
	{ 400, "{\"error\":{\"code\":\"1211\",\"message\":\"Unknown Model, "
	    "please check the model code.\"}}", FAIL_NOT_FOUND },
	{ 400, "{\"error\":{\"message\":\"x is not a valid model ID\",\"code\""
	    ":400}}", FAIL_NOT_FOUND },
	{ 400, "{\"object\":\"error\",\"message\":\"Invalid model: x\","
	    "\"type\":\"invalid_model\",\"code\":\"1500\"}", FAIL_NOT_FOUND },
	{ 404, "{\"error\":{\"message\":\"model \\\"x\\\" not found, try "
	    "pulling it first\"}}", FAIL_NOT_FOUND },
	/* a key */
	{ 400, "[{\"error\":{\"code\":400,\"message\":\"API key not valid.\","
	    "\"status\":\"INVALID_ARGUMENT\",\"details\":[{\"reason\":"
	    "\"API_KEY_INVALID\"}]}}]", FAIL_AUTH },
	{ 400, "{\"code\":\"Client specified an invalid argument\",\"error\":"
	    "\"Incorrect API key provided: ab***yz.\"}", FAIL_AUTH },
	{ 0, "{\"base_resp\":{\"status_code\":1004,\"status_msg\":\"login "
	    "fail\"}}", FAIL_AUTH },
	/* and nothing of all that */
	{ 400, "temperature must be at most 2", FAIL_INVALID },
	{ 400, "max_tokens: 200000 > 64000, which is the maximum allowed "
	    "number of output tokens", FAIL_INVALID },
	{ 429, "Rate limit reached for gpt-4o on tokens per min (TPM): Limit "
	    "30000, Used 29000, Requested 4000.", FAIL_RATE },
	{ 500, "Internal server error", FAIL_SERVER },
};

static void
other_kinds(void)
{
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		struct arena arena = { 0 };
		struct fail f = { 0 };

		fail_read(&f, &arena, others[i].status,
		    body_of(&arena, others[i].body));
		if (f.kind != others[i].kind)
			printf("%s: %s\n", others[i].body, fail_name(f.kind));
		CHECK(f.kind == others[i].kind);
		arena_reset(&arena);
	}
}

/* A quoted error's own words are told, and where a complaint belongs. */
static void
inner_words(void)
{
	struct arena arena = { 0 };
	struct fail f = { 0 };

	fail_read(&f, &arena, 429, SLICE("{\"error\":{\"message\":\"Provider "
	    "returned error\",\"code\":429,\"metadata\":{\"raw\":\"x is "
	    "temporarily rate-limited upstream\"}}}"));
	CHECK(f.kind == FAIL_RATE);
	CHECK(slice_is(f.message, "x is temporarily rate-limited upstream"));
	f = (struct fail){ 0 };
	fail_read(&f, &arena, 422, SLICE("{\"object\":\"error\",\"message\":"
	    "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"messages\","
	    "0,\"content\"],\"msg\":\"Field required\"}]},\"type\":"
	    "\"invalid_request_error\"}"));
	CHECK(f.kind == FAIL_INVALID && slice_is(f.message, "Field required"));
	CHECK(slice_is(f.param, "messages[0].content"));
	arena_reset(&arena);
}

TESTS(
	{ "too long", too_long },
	{ "other kinds", other_kinds },
	{ "inner words", inner_words })
