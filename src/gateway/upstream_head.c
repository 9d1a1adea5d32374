/*
 * The head of the request to a provider: its address, the credential in the
 * form that the endpoint wants, and what of the client's headers goes along.
 */
#include "gateway/exchange.h"

#include "base/seal.h"
#include "gateway/through.h"
#include "gateway/tokens.h"
#include "version.h"

/* What a caller's headers may tell a provider that speaks his protocol. */
static const struct {
	struct slice	name;
	bool		own_account;	/* only with the caller's own
					 * credential */
} passed_headers[] = {
	{ SLICE_INIT("anthropic-version"), false },
	{ SLICE_INIT("anthropic-workspace-id"), false },
	{ SLICE_INIT("anthropic-user-profile-id"), false },
	{ SLICE_INIT("openai-beta"), true },
	{ SLICE_INIT("openai-organization"), true },
	{ SLICE_INIT("openai-project"), true },
};

static void
put_passed(struct exchange *ex, struct buf *out)
{
	for (size_t i = 0; i < sizeof passed_headers / sizeof *passed_headers;
	    i++) {
		struct slice value = http1_get(ex->reader.head,
		    passed_headers[i].name);

		if (value.len && !(passed_headers[i].own_account &&
		    ex->talk.own_key))
			http1_put_header(out, passed_headers[i].name, value);
	}
}

bool
upstream_passes(struct slice name)
{
	for (size_t i = 0; i < sizeof passed_headers / sizeof *passed_headers;
	    i++)
		if (slice_eq_ci(name, passed_headers[i].name))
			return true;
	return slice_eq_ci(name, SLICE("anthropic-beta"));
}

/* ---- anthropic-beta ---- */

/*
 * What a Chat client may switch on by this header: betas of requests and of
 * the answer's length, not those that put into an answer what Chat has no word
 * for.  Beginnings; a date follows.
 */
static const struct slice chat_betas[] = {
	SLICE_INIT("context-1m-"), SLICE_INIT("effort-"),
	SLICE_INIT("extended-cache-ttl-"),
	SLICE_INIT("fine-grained-tool-streaming-"),
	SLICE_INIT("interleaved-thinking-"), SLICE_INIT("output-128k-"),
	SLICE_INIT("prompt-caching-"), SLICE_INIT("structured-outputs-"),
	SLICE_INIT("token-efficient-tools-"),
};

static bool
chat_may(struct slice beta)
{
	for (size_t i = 0; i < sizeof chat_betas / sizeof *chat_betas; i++)
		if (slice_starts_ci(beta, chat_betas[i]))
			return true;
	return false;
}

/* Add each of `list` that `betas` does not hold yet. */
static void
add_betas(struct exchange *ex, struct slice *betas, struct slice list,
    bool (*may)(struct slice))
{
	while (list.ptr) {
		struct slice beta = slice_trim(slice_cut(&list, ','));

		if (!beta.len || (may && !may(beta)) ||
		    http1_has_token(*betas, beta))
			continue;
		*betas = betas->len ? arena_join(&ex->arena, (struct slice[]){
		    *betas, SLICE(","), beta }, 3) : beta;
	}
}

/* Vendors that answer Messages without being Anthropic know none of them. */
static bool
knows_betas(enum quirk_dialect dialect)
{
	return dialect == DIALECT_ANTHROPIC || dialect == DIALECT_GENERIC ||
	    dialect == DIALECT_OPENROUTER;
}

static void
put_beta(struct exchange *ex, struct buf *out, bool oauth)
{
	const struct http_head *head = ex->reader.head;
	bool same = ex->attempt.same;
	struct slice betas = { 0 };

	if (!knows_betas(ex->attempt.target->provider->dialect))
		return;
	if (!same)
		add_betas(ex, &betas, ex->talk.beta, NULL);
	for (size_t i = 0; i < head->count; i++)
		if (slice_eq_ci(head->headers[i].name,
		    SLICE("anthropic-beta")))
			add_betas(ex, &betas, head->headers[i].value,
			    same ? NULL : chat_may);
	if (oauth)
		add_betas(ex, &betas, SLICE("oauth-2025-04-20"), NULL);
	if (betas.len)
		http1_put_header(out, SLICE("anthropic-beta"), betas);
}

/* ---- the credential ---- */

/*
 * Tokens travel as Bearer where keys have a header of their own: Anthropic's
 * of OAuth, and those of a directory (JSON Web Tokens), which Azure takes.
 */
static enum credential_form
form_of(struct slice key, enum credential_form usual)
{
	if (usual == CREDENTIAL_X_API_KEY &&
	    slice_starts(key, SLICE("sk-ant-oat")))
		return CREDENTIAL_BEARER;
	if (usual == CREDENTIAL_API_KEY && slice_starts(key, SLICE("eyJ")))
		return CREDENTIAL_BEARER;
	return usual;
}

static void
put_credential(struct exchange *ex, struct buf *out)
{
	struct slice key = ex->attempt.key;
	enum credential_form usual = ex->attempt.endpoint->credential;
	enum credential_form form = form_of(key, usual);
	struct slice bearer;

	if (ex->talk.provider->id == PROTO_MESSAGES)
		put_beta(ex, out, usual == CREDENTIAL_X_API_KEY &&
		    form == CREDENTIAL_BEARER);
	if (!key.len)
		return;
	switch (form) {
	case CREDENTIAL_BEARER:
		bearer = arena_join(&ex->arena, (struct slice[]){
		    SLICE("Bearer "), key }, 2);
		http1_put_header(out, SLICE("authorization"), bearer);
		seal_wipe((void *)(uintptr_t)bearer.ptr, bearer.len);
		break;
	case CREDENTIAL_X_API_KEY:
		http1_put_header(out, SLICE("x-api-key"), key);
		break;
	case CREDENTIAL_API_KEY:
		http1_put_header(out, SLICE("api-key"), key);
		break;
	case CREDENTIAL_X_GOOG_API_KEY:
		http1_put_header(out, SLICE("x-goog-api-key"), key);
		break;
	case CREDENTIAL_FORMS:
		break;
	}
}

/* ---- the address ---- */

/*
 * The client's own query goes to a provider of the same protocol - but for a
 * key, and not beside an API version of ours.
 */
static struct slice
query(const struct exchange *ex)
{
	struct slice version = ex->attempt.target->provider->api_version;
	struct slice given = ex->reader.head->query;

	if (version.len)
		return version;
	/* Gemini's own parameters are the key and the form of the answer */
	if (!ex->attempt.same || url_query_get(given, SLICE("key")).ptr ||
	    ex->talk.provider->id == PROTO_GEMINI)
		return SLICE("");
	return given;
}

/* Where a provider of Chat counts: beside its base URL, or under it. */
static struct slice
counter_path(struct exchange *ex, const struct counter *counter)
{
	struct slice base = ex->attempt.endpoint->base;
	struct slice cut = slice_of(counter->cut);

	if (slice_ends(base, cut))
		base.len -= cut.len;
	return arena_join(&ex->arena, (struct slice[]){ base,
	    slice_of(counter->path) }, 2);
}

/* The protocol's path with the model in it. */
static struct slice
method_path(struct exchange *ex)
{
	const struct protocol *p = ex->talk.provider;
	bool stream = ex->talk.stream || ex->talk.streamed;
	struct slice path = slice_of(ex->purpose == FOR_COUNT
	    ? p->path_count : stream && p->path_stream ? p->path_stream
	    : p->path);
	size_t at = slice_find(path, SLICE("{model}"));
	struct slice model = ex->attempt.target->model;

	if (at == SIZE_MAX)
		return path;
	if (ex->attempt.same && ex->talk.as_array)
		path = slice_cut(&path, '?');	/* in the client's form */
	if (slice_starts(model, SLICE("models/")))
		model = slice_skip(model, sizeof "models/" - 1);
	return arena_join(&ex->arena, (struct slice[]){
	    slice_sub(path, 0, at), url_encode(&ex->arena, model, "/"),
	    slice_skip(path, at + sizeof "{model}" - 1) }, 3);
}

static void
put_target(struct exchange *ex, struct buf *out)
{
	const struct attempt *a = &ex->attempt;
	bool deployed = a->endpoint->deployments;
	bool counts = ex->purpose == FOR_COUNT;
	const struct counter *counter = counts && !a->same ?
	    tokens_counter(a->target) : NULL;
	struct slice path = method_path(ex), asked = query(ex);
	struct slice pieces[] = {
		a->endpoint->base,
		deployed ? SLICE("/openai/deployments/") : SLICE(""),
		deployed ? url_encode(&ex->arena, a->target->model, "")
		    : SLICE(""),
		path,
		!asked.len ? SLICE("") : slice_chr(path, '?') == SIZE_MAX
		    ? SLICE("?") : SLICE("&"), asked,
	};

	if (ex->purpose == FOR_PASS) {
		http1_put_request(out, ex->reader.head->method,
		    through_target(ex));
		return;
	}
	if (counter) {
		http1_put_request(out, SLICE("POST"),
		    counter_path(ex, counter));
		return;
	}

	http1_put_request(out, SLICE("POST"), arena_join(&ex->arena, pieces,
	    sizeof pieces / sizeof *pieces));
}

static void
put_body_headers(struct exchange *ex, struct buf *out)
{
	bool stream = ex->talk.stream || ex->talk.streamed;

	http1_put_header(out, SLICE("content-type"),
	    SLICE("application/json"));
	http1_put_number(out, SLICE("content-length"),
	    upstream_body(ex).len);
	http1_put_header(out, SLICE("accept"), stream
	    ? SLICE("text/event-stream") : SLICE("application/json"));
}

void
upstream_head(struct exchange *ex, struct buf *out)
{
	const struct attempt *a = &ex->attempt;
	struct slice trace = http1_get(ex->reader.head, SLICE("traceparent"));

	put_target(ex, out);
	http1_put_header(out, SLICE("host"), a->endpoint->host_header);
	if (ex->purpose == FOR_PASS)
		through_headers(ex, out);
	else
		put_body_headers(ex, out);
	http1_put_header(out, SLICE("accept-encoding"), SLICE("identity"));
	http1_put_header(out, SLICE("user-agent"),
	    SLICE("dragoman/" VERSION));
	if (a->same)
		put_passed(ex, out);
	if (ex->talk.provider->id == PROTO_MESSAGES && (!a->same ||
	    !http1_get(ex->reader.head, SLICE("anthropic-version")).len))
		http1_put_header(out, SLICE("anthropic-version"),
		    SLICE("2023-06-01"));
	put_credential(ex, out);
	if (trace.len)
		http1_put_header(out, SLICE("traceparent"), trace);
	http1_put_end(out);
}
