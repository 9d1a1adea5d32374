/*
 * What providers' error bodies say, and what clients are told of it.
 */
#include "test.h"

#include "proto/fail.h"
#include "proto/mask.h"
#include "proto/proto.h"

/* Bodies made after what real providers send. */
static const struct {
	unsigned	 status;
	const char	*body;
	enum fail_kind	 kind;
	const char	*message;
} bodies[] = {
	{ 529, "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
	    "\"message\":\"Overloaded\"}}", FAIL_OVERLOADED, "Overloaded" },
	{ 0, "{\"type\":\"error\",\"error\":{\"type\":\"api_error\","
	    "\"message\":\"Internal server error\"}}", FAIL_SERVER,
	    "Internal server error" },
	{ 400, "{\"type\":\"error\",\"error\":{\"type\":"
	    "\"invalid_request_error\",\"message\":\"prompt is too long: 9 "
	    "tokens > 8 maximum\"}}", FAIL_CONTEXT,
	    "prompt is too long: 9 tokens > 8 maximum" },
	{ 400, "{\"type\":\"error\",\"error\":{\"type\":"
	    "\"invalid_request_error\",\"message\":\"Your credit balance is "
	    "too low\"}}", FAIL_QUOTA, "Your credit balance is too low" },
	{ 429, "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\","
	    "\"message\":\"m\",\"details\":{\"error_code\":"
	    "\"enforced_spend_limit_reached\"}}}", FAIL_QUOTA, "m" },
	{ 401, "{\"error\":{\"message\":\"Incorrect API key provided: "
	    "sk-proj-abcd1234. You can find yours at https://a.example/keys."
	    "\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":"
	    "\"invalid_api_key\"}}", FAIL_AUTH, "Incorrect API key provided: "
	    "[key]. You can find yours at [address]." },
	{ 429, "{\"error\":{\"message\":\"You exceeded your current quota\","
	    "\"type\":\"insufficient_quota\",\"param\":null,\"code\":"
	    "\"insufficient_quota\"}}", FAIL_QUOTA,
	    "You exceeded your current quota" },
	{ 400, "{\"error\":{\"message\":\"m\",\"type\":"
	    "\"invalid_request_error\",\"code\":\"context_length_exceeded\"}}",
	    FAIL_CONTEXT, "m" },
	{ 404, "{\"error\":{\"code\":\"model_not_found\",\"message\":\"The "
	    "model `x` does not exist\",\"param\":null}}", FAIL_NOT_FOUND,
	    "The model `x` does not exist" },
	{ 404, "{\"code\":\"Some requested entity was not found\",\"error\":"
	    "\"The model grok-beta was deprecated\"}", FAIL_NOT_FOUND,
	    "The model grok-beta was deprecated" },
	{ 401, "{\"detail\":\"Invalid API Key\"}", FAIL_AUTH,
	    "Invalid API Key" },
	{ 422, "{\"detail\":[{\"loc\":[\"body\",\"n\"],\"msg\":\"field "
	    "required\",\"type\":\"missing\"}]}", FAIL_INVALID,
	    "field required" },
	{ 429, "[{\"error\":{\"code\":429,\"message\":\"Quota exceeded\","
	    "\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"@type\":"
	    "\"x.RetryInfo\",\"retryDelay\":\"48s\"}]}}]", FAIL_RATE,
	    "Quota exceeded" },
	{ 400, "{\"code\":\"InvalidParameter\",\"message\":\"bad "
	    "\\u00e9 \\\"x\\\"\",\"request_id\":\"r\"}", FAIL_INVALID,
	    "bad \xc3\xa9 \\\"x\\\"" },
	{ 200, "{\"error\":{\"code\":502,\"message\":\"Provider returned "
	    "error\"}}", FAIL_CONNECT, "Provider returned error" },
	{ 400, "{\"object\":\"error\",\"message\":\"This model's maximum "
	    "context length is 8 tokens\",\"type\":\"BadRequestError\","
	    "\"code\":400}", FAIL_CONTEXT,
	    "This model's maximum context length is 8 tokens" },
	{ 500, "{\"error\":{\"message\":\"The engine is currently overloaded\""
	    ",\"type\":\"engine_overloaded_error\"}}", FAIL_OVERLOADED,
	    "The engine is currently overloaded" },
	{ 400, "{\"error\":\"registry.example:latest not found\"}",
	    FAIL_INVALID, "registry.example:latest not found" },
	{ 502, "<html>bad gateway</html>", FAIL_CONNECT,
	    "Upstream returned HTTP 502." },
	{ 503, "", FAIL_OVERLOADED, "Upstream returned HTTP 503." },
	{ 503, " no healthy upstream\n", FAIL_OVERLOADED,
	    "no healthy upstream" },
	{ 400, "\"text alone\"", FAIL_INVALID, "text alone" },
	{ 418, "{\"error\":null}", FAIL_INVALID,
	    "Upstream returned HTTP 418." },
	{ 0, "{\"error\":{}}", FAIL_SERVER, "Upstream reported an error." },
	{ 500, "{\"error\":{\"message\":[1]", FAIL_SERVER,
	    "Upstream returned HTTP 500." },
	{ 500, "[]", FAIL_SERVER, "Upstream returned HTTP 500." },
	{ 500, "\xff\xfe", FAIL_SERVER, "Upstream returned HTTP 500." },
};

static void
all_bodies(void)
{
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct arena arena = { 0 };
		struct fail f = { 0 };
		size_t len = strlen(bodies[i].body);
		char *body = guard_page(bodies[i].body, len);

		fail_read(&f, &arena, bodies[i].status,
		    (struct slice){ body, len });
		if (f.kind != bodies[i].kind)
			printf("%s: %s\n", bodies[i].body, fail_name(f.kind));
		CHECK(f.kind == bodies[i].kind);
		CHECK_BYTES(f.message.ptr, f.message.len, bodies[i].message,
		    strlen(bodies[i].message));
		guard_page_free(body, len);
		arena_reset(&arena);
	}
}

/* Cut off anywhere a body still says that, and what, failed. */
static void
cut_bodies(void)
{
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
		for (size_t n = 0; n < strlen(bodies[i].body); n++) {
			struct arena arena = { 0 };
			struct fail f = { 0 };
			char *body = guard_page(bodies[i].body, n);

			fail_read(&f, &arena, 500, (struct slice){ body, n });
			CHECK(f.kind == FAIL_SERVER && f.message.len);
			guard_page_free(body, n);
			arena_reset(&arena);
		}
}

static const struct {
	const char	*text;
	int64_t		 ms;
} delays[] = {
	{ "57.3s", 57300 }, { "1.5s", 1500 }, { "2s", 2000 }, { "2", 2000 },
	{ "0.0501s", 51 }, { "0s", 0 }, { "1.0000001s", 1001 },
	{ "s", -1 }, { "", -1 }, { "-1s", -1 }, { "99999999s", -1 },
};

static void
companions(void)
{
	struct arena arena = { 0 };
	struct fail f = { 0 };

	fail_read(&f, &arena, 429, SLICE("{\"error\":{\"message\":\"m\","
	    "\"type\":\"t\",\"code\":\"insufficient_quota\",\"param\":"
	    "\"a.b\",\"details\":[{\"retryDelay\":\"1.5s\"}]}}"));
	CHECK(f.status == 429 && f.no_retry);
	CHECK(f.retry_after_ms == 1500);
	CHECK(slice_is(f.type, "t") && slice_is(f.param, "a.b"));
	CHECK(slice_is(f.code, "insufficient_quota"));
	CHECK(slice_is(f.details, "[{\"retryDelay\":\"1.5s\"}]"));

	/* Google's delays, to the millisecond. */
	for (size_t i = 0; i < sizeof delays / sizeof *delays; i++) {
		f = (struct fail){ 0 };
		fail_read(&f, &arena, 429, arena_fmt(&arena, "{\"error\":{"
		    "\"code\":429,\"message\":\"m\",\"details\":[{\"x\":1},"
		    "{\"retryDelay\":\"%s\"}]}}", delays[i].text));
		CHECK(f.retry_after_ms == delays[i].ms);
	}
	arena_reset(&arena);
}

static void
first_stays(void)
{
	struct arena arena = { 0 };
	struct fail f = { 0 };

	fail_read(&f, &arena, 429, SLICE("{\"error\":{\"message\":\"m\","
	    "\"code\":\"insufficient_quota\"}}"));
	CHECK(f.kind == FAIL_QUOTA);
	fail_read(&f, &arena, 500, SLICE("x"));
	CHECK(f.kind == FAIL_QUOTA);
	CHECK(!fail_set(&f, &arena, FAIL_INVALID, "p", "other"));
	CHECK(f.kind == FAIL_QUOTA);

	f = (struct fail){ 0 };
	CHECK(!fail_set(&f, &arena, FAIL_INVALID, "n", "a \"%d\"", 7));
	CHECK(f.kind == FAIL_INVALID && f.retry_after_ms == -1);
	CHECK(slice_is(f.message, "a \\\"7\\\""));
	CHECK(slice_is(f.param, "n") && !f.code.ptr);
	arena_reset(&arena);
}

/* 2,000 bytes are enough, and no character is cut in two. */
static void
long_message(void)
{
	struct arena arena = { 0 };
	struct fail f = { 0 };
	struct buf body = { 0 };

	buf_text(&body, "{\"message\":\"a");
	for (int i = 0; i < 3000; i++)
		buf_text(&body, "\xc3\xa9");
	buf_text(&body, "\"}");
	fail_read(&f, &arena, 400, buf_slice(&body));
	CHECK(f.message.len == 1999);
	buf_free(&body);
	arena_reset(&arena);
}

static void
masks(void)
{
	static const struct {
		const char *plain, *masked;
	} cases[] = {
		{ "key sk-ant-api03-AAAA_bb.", "key [key]." },
		{ "risk-free is no key", "risk-free is no key" },
		{ "sk-short", "sk-short" },
		{ "Authorization: Bearer abc.def-123 x",
		    "Authorization: Bearer [key] x" },
		{ "x-api-key: 0123456789", "x-api-key: [key]" },
		{ "invalid x-api-key", "invalid x-api-key" },
		{ "GET https://u:p@in.example:8080/v1?x=1, failed",
		    "GET [address], failed" },
		{ "a (http://h.example) b", "a ([address]) b" },
		{ "dial tcp 10.0.12.3:8000: refused",
		    "dial tcp [address]: refused" },
		{ "version 1.2.3 of 4.5", "version 1.2.3 of 4.5" },
		{ "1.2.3.4", "[address]" },
		{ "1.2.3.4567", "1.2.3.4567" },
		{ "http://", "http://" },
		{ "", "" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena arena = { 0 };
		size_t len = strlen(cases[i].plain);
		char *plain = guard_page(cases[i].plain, len);
		struct slice got = mask_secrets(&arena,
		    (struct slice){ plain, len });

		CHECK_BYTES(got.ptr, got.len, cases[i].masked,
		    strlen(cases[i].masked));
		guard_page_free(plain, len);
		arena_reset(&arena);
	}
}

static void
statuses(void)
{
	CHECK(fail_of_status(400) == FAIL_INVALID);
	CHECK(fail_of_status(402) == FAIL_QUOTA);
	CHECK(fail_of_status(408) == FAIL_TIMEOUT);
	CHECK(fail_of_status(413) == FAIL_TOO_LARGE);
	CHECK(fail_of_status(418) == FAIL_INVALID);
	CHECK(fail_of_status(500) == FAIL_SERVER);
	CHECK(fail_of_status(502) == FAIL_CONNECT);
	CHECK(fail_of_status(521) == FAIL_CONNECT);
	CHECK(fail_of_status(524) == FAIL_TIMEOUT);
	CHECK(fail_of_status(529) == FAIL_OVERLOADED);
	CHECK(fail_of_status(599) == FAIL_SERVER);
	CHECK(fail_elsewhere(FAIL_OVERLOADED) && !fail_elsewhere(FAIL_INVALID));
	for (int k = 0; k < FAIL_KINDS; k++)
		CHECK(fail_name((enum fail_kind)k));
}

/* What Chat clients are told of failures of an Anthropic provider. */
static const struct {
	unsigned	 status;
	const char	*type, *message;
	bool		 own_key;
	unsigned	 told;
	const char	*told_type, *code;
} told[] = {
	{ 400, "invalid_request_error", "m", false,
	    400, "invalid_request_error", NULL },
	{ 400, "invalid_request_error", "prompt is too long", false,
	    400, "invalid_request_error", "\"context_length_exceeded\"" },
	{ 401, "authentication_error", "m", false,
	    401, "invalid_request_error", "\"invalid_api_key\"" },
	{ 401, "authentication_error", "m", true,
	    502, "server_error", "\"upstream_auth_failed\"" },
	{ 402, "billing_error", "m", false,
	    402, "insufficient_quota", "\"insufficient_quota\"" },
	{ 402, "billing_error", "m", true,
	    502, "insufficient_quota", "\"insufficient_quota\"" },
	{ 403, "permission_error", "m", false,
	    403, "invalid_request_error", "\"permission_denied\"" },
	{ 404, "not_found_error", "model: x", false,
	    404, "invalid_request_error", "\"model_not_found\"" },
	{ 404, "not_found_error", "no such file", false,
	    404, "invalid_request_error", "\"not_found\"" },
	{ 408, "timeout_error", "m", false, 504, "server_error",
	    "\"timeout\"" },
	{ 409, "conflict_error", "m", false,
	    409, "invalid_request_error", "\"conflict\"" },
	{ 413, "request_too_large", "m", false,
	    413, "invalid_request_error", "\"request_too_large\"" },
	{ 422, "x", "m", false, 422, "invalid_request_error", NULL },
	{ 429, "rate_limit_error", "50,000 input tokens per minute", false,
	    429, "tokens", "\"rate_limit_exceeded\"" },
	{ 429, "rate_limit_error", "50 requests per minute", false,
	    429, "requests", "\"rate_limit_exceeded\"" },
	{ 500, "api_error", "m", false, 500, "server_error", NULL },
	{ 502, "api_error", "m", false,
	    502, "server_error", "\"upstream_unreachable\"" },
	{ 503, "api_error", "m", false,
	    503, "server_error", "\"service_unavailable\"" },
	{ 524, "api_error", "m", false, 504, "server_error", "\"timeout\"" },
	{ 529, "overloaded_error", "m", false,
	    503, "server_error", "\"overloaded\"" },
	{ 507, "api_error", "m", false, 507, "server_error", NULL },
};

static void
told_to_chat(void)
{
	for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
		struct arena arena = { 0 };
		struct talk talk = {
			.arena = &arena, .client = &protocol_chat,
			.provider = &protocol_messages,
			.own_key = told[i].own_key,
		};
		struct fail f = { 0 };
		struct buf body = { 0 }, out = { 0 }, want = { 0 };

		buf_fmt(&body, "{\"type\":\"error\",\"error\":{\"type\":"
		    "\"%s\",\"message\":\"%s\"}}", told[i].type,
		    told[i].message);
		fail_read(&f, &arena, told[i].status, buf_slice(&body));
		CHECK(protocol_chat.error(&talk, &f, &out) == told[i].told);
		buf_fmt(&want, "{\"error\":{\"message\":\"%s\",\"type\":"
		    "\"%s\",\"param\":null,\"code\":%s}}", told[i].message,
		    told[i].told_type, told[i].code ? told[i].code : "null");
		CHECK_BYTES(buf_slice(&out).ptr, buf_len(&out),
		    buf_slice(&want).ptr, buf_len(&want));
		buf_free(&body);
		buf_free(&out);
		buf_free(&want);
		arena_reset(&arena);
	}
}

static void
expect_chat(const struct talk *talk, const struct fail *f, unsigned status,
    const char *body)
{
	struct buf out = { 0 };

	CHECK(protocol_chat.error(talk, f, &out) == status);
	CHECK_BYTES(buf_slice(&out).ptr, buf_len(&out), body, strlen(body));
	buf_free(&out);
}

/* A Chat provider's words stay; what the gateway refuses has its own. */
static void
own_words(void)
{
	struct arena arena = { 0 };
	struct talk talk = {
		.arena = &arena, .client = &protocol_chat,
		.provider = &protocol_chat,
	};
	struct fail f = { 0 };

	fail_read(&f, &arena, 429, SLICE("{\"error\":{\"message\":\"m\","
	    "\"type\":\"insufficient_quota\",\"param\":null,\"code\":"
	    "\"insufficient_quota\"}}"));
	expect_chat(&talk, &f, 429, "{\"error\":{\"message\":\"m\",\"type\":"
	    "\"insufficient_quota\",\"param\":null,\"code\":"
	    "\"insufficient_quota\"}}");

	f = (struct fail){ 0 };
	(void)fail_set(&f, &arena, FAIL_INVALID, "messages[0]", "No.");
	expect_chat(&talk, &f, 400, "{\"error\":{\"message\":"
	    "\"messages[0]: No.\","
	    "\"type\":\"invalid_request_error\",\"param\":\"messages[0]\","
	    "\"code\":\"invalid_value\"}}");
	f.code = SLICE("unsupported_content");
	expect_chat(&talk, &f, 400, "{\"error\":{\"message\":"
	    "\"messages[0]: No.\","
	    "\"type\":\"invalid_request_error\",\"param\":\"messages[0]\","
	    "\"code\":\"unsupported_content\"}}");

	/* Before a provider was chosen. */
	talk.provider = NULL;
	f = (struct fail){ 0 };
	(void)fail_set(&f, &arena, FAIL_METHOD, NULL, "Use POST.");
	expect_chat(&talk, &f, 405, "{\"error\":{\"message\":\"Use POST.\","
	    "\"type\":\"invalid_request_error\",\"param\":null,"
	    "\"code\":\"method_not_allowed\"}}");
	arena_reset(&arena);
}

TESTS(
	{ "bodies", all_bodies },
	{ "cut bodies", cut_bodies },
	{ "companions", companions },
	{ "the first stays", first_stays },
	{ "long message", long_message },
	{ "masks", masks },
	{ "statuses", statuses },
	{ "told to Chat clients", told_to_chat },
	{ "own words", own_words })
