/* How clients of Responses are told what went wrong. */
#include "test.h"

#include "proto/responses/responses.h"

static void
errors(void)
{
	static const struct {
		enum fail_kind	 kind;
		unsigned	 status;
		const char	*type, *code;
	} rows[] = {
		{ FAIL_INVALID, 400, "invalid_request_error", NULL },
		{ FAIL_UNSUPPORTED, 400, "invalid_request_error",
		    "unsupported_parameter" },
		{ FAIL_CONTEXT, 400, "invalid_request_error",
		    "context_length_exceeded" },
		{ FAIL_TOO_LARGE, 413, "invalid_request_error", NULL },
		{ FAIL_AUTH, 401, "invalid_request_error",
		    "invalid_api_key" },
		{ FAIL_PERMISSION, 403, "invalid_request_error", NULL },
		{ FAIL_RATE, 429, "rate_limit_error",
		    "rate_limit_exceeded" },
		{ FAIL_QUOTA, 429, "insufficient_quota",
		    "insufficient_quota" },
		{ FAIL_OVERLOADED, 503, "server_error",
		    "service_unavailable" },
		{ FAIL_TIMEOUT, 504, "server_error", "timeout" },
		{ FAIL_SERVER, 500, "server_error", NULL },
		{ FAIL_FILTERED, 400, "invalid_request_error",
		    "content_policy_violation" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fail fail = { .kind = rows[i].kind,
			.message = SLICE_INIT("said") };
		struct arena arena = { 0 };
		struct talk talk = { .arena = &arena };
		struct buf out = { 0 };
		struct json doc;
		struct json_fault fault;
		struct jval error;

		CHECK(responses_error(&talk, &fail, &out) ==
		    rows[i].status);
		CHECK(json_parse(&doc, &arena, buf_slice(&out), 0,
		    &fault));
		error = jval_get(json_root(&doc), "error");
		CHECK(jval_count(error) == 4);
		CHECK(jval_text_is(jval_get(error, "message"), "said"));
		CHECK(jval_text_is(jval_get(error, "type"), rows[i].type));
		CHECK(rows[i].code ? jval_text_is(jval_get(error, "code"),
		    rows[i].code) : !jval_ok(jval_get(error, "code")));
		buf_free(&out);
		arena_reset(&arena);
	}
}

/* What encoders name in Chat's words stands elsewhere in these bodies. */
static void
places(void)
{
	static const struct fail refused = {
		.kind = FAIL_UNSUPPORTED, .message = SLICE_INIT("no"),
		.param = SLICE_INIT("messages[1].content[0]"),
	}, told = {
		.kind = FAIL_INVALID, .status = 422,
		.message = SLICE_INIT("no"), .param = SLICE_INIT("messages"),
	};
	struct arena arena = { 0 };
	struct talk talk = { .arena = &arena, .provider = &protocol_chat };
	struct buf out = { 0 };

	CHECK(responses_error(&talk, &refused, &out) == 400);
	CHECK(slice_find(buf_slice(&out), SLICE("\"param\":"
	    "\"input[1].content[0]\"")) != SIZE_MAX);
	buf_clear(&out);
	CHECK(responses_error(&talk, &told, &out) == 422);
	CHECK(slice_find(buf_slice(&out), SLICE("\"param\":"
	    "\"messages\"")) != SIZE_MAX);
	buf_free(&out);
	arena_reset(&arena);
}

TESTS(
	{ "errors", errors },
	{ "places", places })
