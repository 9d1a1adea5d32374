#include "gateway/address.h"

#include "wire/url.h"

static const struct row {
	struct slice		 path;
	enum purpose		 purpose;
	enum protocol_id	 protocol;
	const char		*allow;		/* NULL: POST */
	bool			 below;		/* and whatever is under it */
} rows[] = {		/* of two that fit the later one counts */
	{ SLICE_INIT("/chat/completions"), FOR_ANSWER, PROTO_CHAT, NULL, 0 },
	{ SLICE_INIT("/messages"), FOR_ANSWER, PROTO_MESSAGES, NULL, 0 },
	{ SLICE_INIT("/messages/count_tokens"), FOR_COUNT, PROTO_MESSAGES,
	  NULL, 0 },
	{ SLICE_INIT("/responses"), FOR_KEPT, PROTO_RESPONSES,
	  "GET, POST, DELETE", 1 },
	{ SLICE_INIT("/responses"), FOR_ANSWER, PROTO_RESPONSES, NULL, 0 },
	{ SLICE_INIT("/responses/compact"), FOR_PASS, PROTO_RESPONSES,
	  NULL, 0 },
	{ SLICE_INIT("/responses/input_tokens"), FOR_COUNT, PROTO_RESPONSES,
	  NULL, 0 },
	{ SLICE_INIT("/completions"), FOR_PASS, PROTO_CHAT, NULL, 0 },
	{ SLICE_INIT("/embeddings"), FOR_PASS, PROTO_CHAT, NULL, 0 },
	{ SLICE_INIT("/images"), FOR_PASS, PROTO_CHAT, NULL, 1 },
	{ SLICE_INIT("/audio"), FOR_PASS, PROTO_CHAT, NULL, 1 },
	{ SLICE_INIT("/moderations"), FOR_PASS, PROTO_CHAT, NULL, 0 },
	{ SLICE_INIT("/rerank"), FOR_PASS, PROTO_CHAT, NULL, 0 },
	{ SLICE_INIT("/files"), FOR_PASS, PROTO_COUNT, "GET, POST, DELETE", 1 },
};

static const struct method {
	struct slice		 name;
	enum purpose		 purpose;
	bool			 stream;
} methods[] = {
	{ SLICE_INIT("generateContent"), FOR_ANSWER, false },
	{ SLICE_INIT("streamGenerateContent"), FOR_ANSWER, true },
	{ SLICE_INIT("countTokens"), FOR_COUNT, false },
	{ SLICE_INIT("embedContent"), FOR_PASS, false },
	{ SLICE_INIT("batchEmbedContents"), FOR_PASS, false },
};

/* What clients put before their addresses. */
static const struct slice prefixes[] = {
	SLICE_INIT("/anthropic"), SLICE_INIT("/openai"), SLICE_INIT("/api"),
	SLICE_INIT("/gemini"), SLICE_INIT("/genai"),
};

/* Versions; SDKs whose base URL already ends in one write it twice. */
static const struct slice versions[] = {
	SLICE_INIT("/v1"), SLICE_INIT("/v1beta"), SLICE_INIT("/v1alpha"),
	SLICE_INIT("/v1beta1"),
};

static bool
strip(struct slice *path, struct slice prefix)
{
	if (!slice_starts(*path, prefix) || (path->len > prefix.len &&
	    path->ptr[prefix.len] != '/'))
		return false;
	*path = slice_skip(*path, prefix.len);
	return true;
}

static bool
strip_any(struct slice *path, const struct slice *of, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strip(path, of[i]))
			return true;
	return false;
}

static struct slice
short_path(struct slice path)
{
	while (path.len > 1 && slice_ends(path, SLICE("/")))
		path = slice_sub(path, 0, path.len - 1);
	(void)strip_any(&path, prefixes, sizeof prefixes / sizeof *prefixes);
	while (strip_any(&path, versions, sizeof versions / sizeof *versions))
		;
	return path.len ? path : SLICE("/");
}

/* Is the caller one of Google's own clients? */
static bool
looks_gemini(const struct http_head *head)
{
	static const char *const own[] = {
		"/v1beta", "/v1alpha", "/gemini", "/genai",
	};

	for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
		struct slice path = head->path;

		if (strip(&path, slice_of(own[i])))
			return true;
	}
	return http1_get(head, SLICE("x-goog-api-key")).len ||
	    http1_get(head, SLICE("x-goog-api-client")).len ||
	    url_query_get(head->query, SLICE("key")).ptr ||
	    url_query_get(head->query, SLICE("pageSize")).ptr ||
	    url_query_get(head->query, SLICE("pageToken")).ptr;
}

/* Whose shapes does a caller expect whose address does not say it? */
static enum protocol_id
looks_like(const struct http_head *head)
{
	if (slice_starts(head->path, SLICE("/anthropic")))
		return PROTO_MESSAGES;
	if (looks_gemini(head))
		return PROTO_GEMINI;
	return http1_get(head, SLICE("anthropic-version")).len
	    ? PROTO_MESSAGES : PROTO_CHAT;
}

/* Where the last `text` begins; SIZE_MAX: nowhere. */
static size_t
find_last(struct slice in, struct slice text)
{
	size_t found = SIZE_MAX, from = 0, at;

	while ((at = slice_find(slice_skip(in, from), text)) != SIZE_MAX) {
		found = from + at;
		from = found + 1;
	}
	return found;
}

/*
 * …/models/{model}:{method}, whatever stands before it.  The model's name may
 * hold slashes and colons; of Vertex's publishers/… only the end counts.
 */
static bool
read_gemini(struct address *a, const struct http_head *head)
{
	size_t at = find_last(head->path, SLICE("/models/"));
	struct slice model = at == SIZE_MAX ? (struct slice){ 0 }
	    : slice_skip(head->path, at + sizeof "/models/" - 1);
	size_t colon = slice_rchr(model, ':');
	struct slice method, alt = url_query_get(head->query, SLICE("alt"));

	if (colon == SIZE_MAX || !colon)
		return false;
	method = slice_skip(model, colon + 1);
	if (slice_chr(method, '/') != SIZE_MAX)
		return false;
	a->protocol = PROTO_GEMINI;
	a->model = slice_sub(model, 0, colon);
	a->method = method;
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		if (!slice_eq(method, methods[i].name))
			continue;
		a->purpose = methods[i].purpose;
		a->stream = methods[i].stream;
		a->as_array = a->stream && !slice_is(alt, "sse");
	}
	return true;
}

/*
 * Could the provider take the path for another than it looks like?  Steps
 * upwards and hidden slashes have no place in one.
 */
static bool
is_sly(struct slice path)
{
	static const struct slice hidden[] = {
		SLICE_INIT("%2e"), SLICE_INIT("%2f"), SLICE_INIT("%5c"),
		SLICE_INIT("\\"),
	};

	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		if (slice_find_ci(path, hidden[i]) != SIZE_MAX)
			return true;
	while (path.ptr) {
		struct slice step = slice_cut(&path, '/');

		if (slice_is(step, ".") || slice_is(step, ".."))
			return true;
	}
	return false;
}

static bool
is_at(struct slice path, const struct row *row)
{
	return slice_eq(path, row->path) || (row->below &&
	    slice_starts(path, row->path) &&
	    path.ptr[row->path.len] == '/' && !is_sly(path));
}

void
address_read(struct address *a, const struct http_head *head)
{
	*a = (struct address){ .allow = "POST" };
	a->path = short_path(head->path);
	if (slice_is(head->method, "POST") && read_gemini(a, head))
		return;
	a->protocol = looks_like(head);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!is_at(a->path, &rows[i]))
			continue;
		a->purpose = rows[i].purpose;
		if (rows[i].protocol != PROTO_COUNT)
			a->protocol = rows[i].protocol;
		a->allow = rows[i].allow ? rows[i].allow : "POST";
	}
	if (a->protocol == PROTO_RESPONSES && slice_is(head->method, "GET") &&
	    slice_eq_ci(http1_get(head, SLICE("upgrade")), SLICE("websocket")))
		a->purpose = FOR_UPGRADE;
}

const char *
address_unknown(const struct address *a)
{
	if (a->protocol != PROTO_GEMINI)
		return "There is nothing at this address. Try "
		    "/v1/chat/completions, /v1/responses, /v1/messages, "
		    "/v1beta/models/MODEL:generateContent or /v1/models.";
	return "There is nothing at this address. Methods of models are "
	    "generateContent, streamGenerateContent, countTokens, "
	    "embedContent and batchEmbedContents; GET /v1beta/models lists "
	    "the models.";
}
