/* address: what a request line asks for, whatever prefix stands before it. */
#include "gateway_config.h"

#include "gateway/address.h"

struct row {
	const char	*method, *target, *header;	/* "name: value" */
	enum purpose	 purpose;
	enum protocol_id protocol;
	const char	*path, *model;
	bool		 stream, as_array;
};

static void
read_as(const struct row *want)
{
	char text[512];
	struct http_head head;
	struct http_fault fault;
	struct address got;
	size_t scanned = 0, used;
	int n = snprintf(text, sizeof text, "%s %s HTTP/1.1\r\nhost: x\r\n"
	    "%s%s\r\n", want->method, want->target,
	    want->header ? want->header : "", want->header ? "\r\n" : "");

	CHECK(http1_parse_request((struct slice){ text, (size_t)n }, 4096,
	    &scanned, &head, &used, &fault) == 1);
	address_read(&got, &head);
	if (got.purpose != want->purpose || got.protocol != want->protocol)
		printf("%s %s: purpose %d protocol %d\n", want->method,
		    want->target, got.purpose, got.protocol);
	CHECK(got.purpose == want->purpose);
	CHECK(got.protocol == want->protocol);
	CHECK(got.stream == want->stream);
	CHECK(got.as_array == want->as_array);
	CHECK(!got.model.ptr == !want->model);
	if (want->model)
		CHECK(slice_is(got.model, want->model));
	if (want->path)
		CHECK(slice_is(got.path, want->path));
}

static void
all(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		read_as(&rows[i]);
}

#define ALL(rows) all(rows, sizeof (rows) / sizeof *(rows))

static void
paths(void)
{
	static const struct row rows[] = {
		{ "POST", "/v1/chat/completions", NULL, FOR_ANSWER, PROTO_CHAT,
		  "/chat/completions", NULL, 0, 0 },
		{ "POST", "/v1/v1/chat/completions/", NULL, FOR_ANSWER,
		  PROTO_CHAT, "/chat/completions", NULL, 0, 0 },
		{ "POST", "/openai/v1/responses?x=1", NULL, FOR_ANSWER,
		  PROTO_RESPONSES, "/responses", NULL, 0, 0 },
		{ "POST", "/responses/input_tokens", NULL, FOR_COUNT,
		  PROTO_RESPONSES, NULL, NULL, 0, 0 },
		{ "POST", "/v1/messages/count_tokens", NULL, FOR_COUNT,
		  PROTO_MESSAGES, NULL, NULL, 0, 0 },
		{ "POST", "/v1x/responses", NULL, FOR_NOTHING, PROTO_CHAT,
		  "/v1x/responses", NULL, 0, 0 },
		{ "POST", "/apis/responses", NULL, FOR_NOTHING, PROTO_CHAT,
		  NULL, NULL, 0, 0 },
		{ "GET", "/", NULL, FOR_NOTHING, PROTO_CHAT, "/", NULL, 0, 0 },
		{ "GET", "/v1/responses", "upgrade: WebSocket", FOR_UPGRADE,
		  PROTO_RESPONSES, NULL, NULL, 0, 0 },
		{ "GET", "/v1/responses", NULL, FOR_ANSWER, PROTO_RESPONSES,
		  NULL, NULL, 0, 0 },
		{ "POST", "/v1/responses", "upgrade: h2c", FOR_ANSWER,
		  PROTO_RESPONSES, NULL, NULL, 0, 0 },
	};

	ALL(rows);
}

/* What is only passed on cannot climb out of its address. */
static void
passed(void)
{
	static const struct row rows[] = {
		{ "POST", "/v1/embeddings", NULL, FOR_PASS, PROTO_CHAT,
		  "/embeddings", NULL, 0, 0 },
		{ "GET", "/v1/files/file-1/content", NULL, FOR_PASS,
		  PROTO_CHAT, "/files/file-1/content", NULL, 0, 0 },
		{ "GET", "/v1/files", "anthropic-version: x", FOR_PASS,
		  PROTO_MESSAGES, "/files", NULL, 0, 0 },
		{ "POST", "/v1/images/edits", NULL, FOR_PASS, PROTO_CHAT,
		  NULL, NULL, 0, 0 },
		{ "GET", "/v1/responses/resp_1/input_items", NULL, FOR_KEPT,
		  PROTO_RESPONSES, NULL, NULL, 0, 0 },
		{ "POST", "/v1/responses/compact", NULL, FOR_PASS,
		  PROTO_RESPONSES, NULL, NULL, 0, 0 },
		{ "GET", "/v1/filesystem", NULL, FOR_NOTHING, PROTO_CHAT,
		  NULL, NULL, 0, 0 },
		{ "GET", "/v1/files/../organization", NULL, FOR_NOTHING,
		  PROTO_CHAT, NULL, NULL, 0, 0 },
		{ "GET", "/v1/files/x/..", NULL, FOR_NOTHING, PROTO_CHAT,
		  NULL, NULL, 0, 0 },
		{ "GET", "/v1/files/./x", NULL, FOR_NOTHING, PROTO_CHAT,
		  NULL, NULL, 0, 0 },
		{ "GET", "/v1/files/.%2E/x", NULL, FOR_NOTHING, PROTO_CHAT,
		  NULL, NULL, 0, 0 },
		{ "GET", "/v1/files/..%2fx", NULL, FOR_NOTHING, PROTO_CHAT,
		  NULL, NULL, 0, 0 },
		{ "GET", "/v1/files/..\\x", NULL, FOR_NOTHING, PROTO_CHAT,
		  NULL, NULL, 0, 0 },
		{ "GET", "/v1/responses/../files", NULL, FOR_NOTHING,
		  PROTO_CHAT, NULL, NULL, 0, 0 },
	};

	ALL(rows);
}

static void
methods_of_models(void)
{
	static const struct row rows[] = {
		{ "POST", "/v1beta/models/gemini-3-pro:generateContent", NULL,
		  FOR_ANSWER, PROTO_GEMINI, NULL, "gemini-3-pro", 0, 0 },
		{ "POST", "/v1/models/m:streamGenerateContent?alt=sse", NULL,
		  FOR_ANSWER, PROTO_GEMINI, NULL, "m", 1, 0 },
		{ "POST", "/v1/models/m:streamGenerateContent", NULL,
		  FOR_ANSWER, PROTO_GEMINI, NULL, "m", 1, 1 },
		{ "POST", "/gemini/v1beta/models/a/b:c:countTokens", NULL,
		  FOR_COUNT, PROTO_GEMINI, NULL, "a/b:c", 0, 0 },
		{ "POST", "/v1/projects/p/locations/l/publishers/google/models/"
		  "g:generateContent", NULL, FOR_ANSWER, PROTO_GEMINI, NULL,
		  "g", 0, 0 },
		{ "POST", "/v1beta/models/models/g:generateContent", NULL,
		  FOR_ANSWER, PROTO_GEMINI, NULL, "g", 0, 0 },
		{ "POST", "/v1beta/models/m%2Fn:generateContent", NULL,
		  FOR_ANSWER, PROTO_GEMINI, NULL, "m%2Fn", 0, 0 },
		{ "POST", "/v1beta/models/m:predict", NULL, FOR_NOTHING,
		  PROTO_GEMINI, NULL, "m", 0, 0 },
		{ "POST", "/v1beta/models/:generateContent", NULL, FOR_NOTHING,
		  PROTO_GEMINI, NULL, NULL, 0, 0 },
		{ "POST", "/v1beta/models/m:x/generateContent", NULL,
		  FOR_NOTHING, PROTO_GEMINI, NULL, NULL, 0, 0 },
		{ "POST", "/v1beta/tunedModels/m:generateContent", NULL,
		  FOR_NOTHING, PROTO_GEMINI, NULL, NULL, 0, 0 },
	};

	ALL(rows);
}

static void
shapes(void)
{
	static const struct row rows[] = {
		{ "GET", "/v1/models", NULL, FOR_NOTHING, PROTO_CHAT,
		  "/models", NULL, 0, 0 },
		{ "GET", "/v1/models", "anthropic-version: 2023-06-01",
		  FOR_NOTHING, PROTO_MESSAGES, "/models", NULL, 0, 0 },
		{ "GET", "/anthropic/v1/models", "x-goog-api-key: k",
		  FOR_NOTHING, PROTO_MESSAGES, "/models", NULL, 0, 0 },
		{ "GET", "/v1/models", "x-goog-api-key: k", FOR_NOTHING,
		  PROTO_GEMINI, "/models", NULL, 0, 0 },
		{ "GET", "/v1/models?key=k", NULL, FOR_NOTHING, PROTO_GEMINI,
		  "/models", NULL, 0, 0 },
		{ "GET", "/v1/models?pageSize=3", NULL, FOR_NOTHING,
		  PROTO_GEMINI, "/models", NULL, 0, 0 },
		{ "GET", "/v1beta/models", NULL, FOR_NOTHING, PROTO_GEMINI,
		  "/models", NULL, 0, 0 },
		{ "GET", "/v1beta/models/gpt-5", NULL, FOR_NOTHING,
		  PROTO_GEMINI, "/models/gpt-5", NULL, 0, 0 },
	};

	ALL(rows);
}

TESTS(
	{ "paths", paths },
	{ "what is passed on", passed },
	{ "methods of models", methods_of_models },
	{ "whose shapes", shapes })
