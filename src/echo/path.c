#include "echo/path.h"

#include "echo/compose.h"
#include "echo/embed.h"
#include "echo/pages.h"
#include "echo/prompt_form.h"
#include "wire/url.h"

static void
take_chat(struct visit *v)
{
	struct prompt *a = compose_prompt(v, DIALECT_CHAT);

	if (a)
		compose_answer(v, a);
}

static void
take_messages(struct visit *v)
{
	struct prompt *a = compose_prompt(v, DIALECT_MESSAGES);

	if (a)
		compose_answer(v, a);
}

static void
take_responses(struct visit *v)
{
	struct prompt *a = compose_prompt(v, DIALECT_RESPONSES);

	if (a)
		compose_answer(v, a);
}

static void
count_tokens(struct visit *v, struct prompt *a, const char *fmt)
{
	prompt_listen(a, &v->arena);
	buf_text(&v->feed.bytes, fmt);
	buf_u64(&v->feed.bytes, a->tokens);
	buf_byte(&v->feed.bytes, '}');
	feed_mark(&v->feed);
}

static void
take_count(struct visit *v)
{
	struct prompt *a = compose_prompt(v, DIALECT_MESSAGES);

	if (a)
		count_tokens(v, a, "{\"input_tokens\":");
}

static void
take_input_tokens(struct visit *v)
{
	struct prompt *a = compose_prompt(v, DIALECT_RESPONSES);

	if (a)
		count_tokens(v, a, "{\"object\":\"response.input_tokens\","
		    "\"input_tokens\":");
}

/* ---- Gemini: …/models/{model}:{method} ---- */

static void
take_named(struct visit *v, struct slice model, bool stream)
{
	struct prompt *a = compose_prompt(v, DIALECT_GEMINI);

	if (a && !prompt_address(a, &v->arena, model, stream))
		compose_status(v, DIALECT_GEMINI, 400, (struct slice){ 0 });
	else if (a)
		compose_answer(v, a);
}

static void
take_generate(struct visit *v, struct slice model)
{
	take_named(v, model, false);
}

static void
take_stream(struct visit *v, struct slice model)
{
	v->feed.array = !slice_is(url_query_get(v->reader.head->query,
	    SLICE("alt")), "sse");
	v->feed.crlf = true;
	take_named(v, model, true);
}

/* The request, or what it would be in {"generateContentRequest": ...}. */
static void
take_count_gemini(struct visit *v, struct slice model)
{
	struct prompt *a = compose_prompt(v, DIALECT_GEMINI);
	struct jval inner;

	(void)model;
	if (!a)
		return;
	inner = prompt_get(a->root, "generateContentRequest");
	if (jval_ok(inner))
		a->root = inner;
	count_tokens(v, a, "{\"totalTokens\":");
}

static const struct {
	struct slice	name;
	void		(*take)(struct visit *, struct slice model);
} methods[] = {
	{ SLICE_INIT(":generateContent"), take_generate },
	{ SLICE_INIT(":streamGenerateContent"), take_stream },
	{ SLICE_INIT(":countTokens"), take_count_gemini },
	{ SLICE_INIT(":embedContent"), embed_one },
	{ SLICE_INIT(":batchEmbedContents"), embed_many },
};

/* False: the address is none of a model of Gemini's. */
static bool
route_model(struct visit *v)
{
	static const struct slice models = SLICE_INIT("/models/");
	const struct http_head *head = v->reader.head;
	size_t at = slice_find(head->path, models);
	struct slice model = at == SIZE_MAX ? (struct slice){ 0 }
	    : slice_skip(head->path, at + models.len);

	if (!slice_is(head->method, "POST"))
		return false;
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		if (!slice_ends(model, methods[i].name))
			continue;
		if (v->echo->recording)
			page_keep(v);
		methods[i].take(v, slice_sub(model, 0,
		    model.len - methods[i].name.len));
		return true;
	}
	return false;
}

static const struct {
	const char	*path;		/* also without its /v1 */
	const char	*method;
	enum dialect	 dialect;	/* of its errors */
	bool		 quiet;		/* no request to a provider: not kept */
	void		(*take)(struct visit *);
} paths[] = {
	{ "/v1/chat/completions", "POST", DIALECT_CHAT, false, take_chat },
	{ "/v1/messages", "POST", DIALECT_MESSAGES, false, take_messages },
	{ "/v1/messages/count_tokens", "POST", DIALECT_MESSAGES, false,
	  take_count },
	{ "/v1/responses", "POST", DIALECT_RESPONSES, false, take_responses },
	{ "/v1/responses/input_tokens", "POST", DIALECT_RESPONSES, false,
	  take_input_tokens },
	{ "/v1/embeddings", "POST", DIALECT_CHAT, false, embed_openai },
	{ "/v1/models", "GET", DIALECT_CHAT, true, page_models },
	{ "/v1beta/models", "GET", DIALECT_GEMINI, true, page_models },
	{ "/echo/stats", "GET", DIALECT_CHAT, true, page_stats },
	{ "/echo/last", "GET", DIALECT_CHAT, true, page_last },
	{ "/", "GET", DIALECT_CHAT, true, page_hello },
};

static bool
same_path(struct slice path, const char *row)
{
	struct slice full = slice_of(row);

	return slice_eq(path, full) || (slice_starts(full, SLICE("/v1/")) &&
	    slice_eq(path, slice_skip(full, 3)));
}

void
path_take(struct visit *v)
{
	const struct http_head *head = v->reader.head;
	bool to_head = slice_is(head->method, "HEAD");

	if (route_model(v))
		return;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		if (!same_path(head->path, paths[i].path))
			continue;
		if (slice_is(head->method, paths[i].method) ||
		    (to_head && paths[i].quiet)) {
			if (v->echo->recording && !paths[i].quiet)
				page_keep(v);
			paths[i].take(v);
			return;
		}
		compose_status(v, paths[i].dialect, 405, arena_fmt(&v->arena,
		    "Not allowed to %.*s on %s.", SLICE_FMT(head->method),
		    paths[i].path));
		return;
	}
	compose_status(v, slice_starts(head->path, SLICE("/v1beta/"))
	    ? DIALECT_GEMINI : http1_get(head, SLICE("anthropic-version")).len
	    ? DIALECT_MESSAGES : DIALECT_CHAT, 404, arena_fmt(&v->arena,
	    "Invalid URL (%.*s %.*s)", SLICE_FMT(head->method),
	    SLICE_FMT(head->path)));
}
