#include "gateway/admit.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "gateway/choose.h"
#include "gateway/kept.h"
#include "gateway/saving.h"
#include "gateway/through.h"
#include "gateway/tokens.h"
#include "json/text.h"
#include "wire/url.h"

/* Pages read nothing of a body; there may be one all the same. */
enum { PAGE_BODY_MAX = 64 * 1024 };

/* Until a client asks again that may have come too early. */
enum { AGAIN_MS = 50 };

/* Gemini's model stands in the path. */
static bool
take_model(struct exchange *ex, const struct address *address)
{
	struct slice model;

	if (!address->model.ptr)
		return true;
	if (!url_decode(&ex->arena, address->model, &model) ||
	    !utf8_ok(model))
		return false;
	ex->talk.client_model = text_escape(&ex->arena, model);
	ex->talk.stream = address->stream;
	ex->talk.as_array = address->as_array;
	ex->through.method = address->method;
	return true;
}

static bool
refuse(struct exchange *ex, enum fail_kind kind, unsigned status,
    const char *why)
{
	struct fail fail = { .retry_after_ms = -1 };

	fail_set(&fail, &ex->arena, kind, NULL, "%s", why);
	fail.status = status;
	if (kind == FAIL_NOT_FOUND)
		fail.code = SLICE("not_found");	/* an address, no model */
	reply_error(ex, &fail);
	return false;
}

/*
 * Clients that begin with a WebSocket go on with HTTP at once after a 426;
 * other statuses cost them seconds, or the turn.
 */
static bool
refuse_upgrade(struct exchange *ex)
{
	struct fail fail = { .retry_after_ms = -1 };

	fail_set(&fail, &ex->arena, FAIL_UNSUPPORTED, NULL, "WebSockets are "
	    "not spoken here; send the request with POST.");
	fail.status = 426;
	fail.code = SLICE("websocket_not_supported");
	ex->answer.keep = false;
	reply_error(ex, &fail);
	return false;
}

static bool
check_method(struct exchange *ex, const char *allow)
{
	struct slice method = ex->reader.head->method;
	struct slice fit = slice_of(ex->purpose == FOR_PAGE ? "GET, HEAD"
	    : allow);

	if (http1_has_token(fit, method))
		return true;
	ex->allow = fit;
	return refuse(ex, FAIL_METHOD, 405, ex->purpose == FOR_PAGE
	    ? "This address is read with GET."
	    : slice_is(ex->allow, "POST") ? "This address takes POST requests."
	    : "This address takes GET, POST and DELETE requests.");
}

/*
 * What a worker that was replaced does not know may stand in the configuration
 * of those that took its place: clients try again by themselves, and get there,
 * as this connection ends with the answer.
 */
static bool
refuse_for_now(struct exchange *ex, struct fail *fail)
{
	*fail = (struct fail){ .retry_after_ms = AGAIN_MS };
	return fail_set(fail, &ex->arena, FAIL_OVERLOADED, NULL,
	    "The configuration of this gateway has changed: try again.");
}

static bool
check_caller(struct exchange *ex)
{
	char peer[SOCK_NAME];
	const char *barred = NULL;
	struct fail fail;

	if (access_check(ex->worker->config, ex->reader.head, &ex->arena,
	    &ex->caller)) {
		if (ex->caller.key)
			barred = limit_barred(ex->caller.key);
		if (!barred)
			return true;
	}
	if (!barred && ex->caller.sent && ex->worker->server.draining) {
		(void)refuse_for_now(ex, &fail);
		reply_error(ex, &fail);
		return false;
	}
	sock_name(&ex->client->peer, peer, sizeof peer);
	log_begin(LOG_WARN, "authentication failed");
	log_text("id", ex->request_id);
	log_str("client", peer);
	log_end();
	if (barred)
		return refuse(ex, FAIL_AUTH, 401, barred);
	if (!ex->caller.sent)
		return refuse(ex, FAIL_AUTH, 401, ex->client_protocol->id ==
		    PROTO_MESSAGES ? "x-api-key header is required: send a "
		    "key of this gateway in it, or as Authorization: Bearer."
		    : "You didn't provide an API key. Send a key of this "
		    "gateway as Authorization: Bearer KEY.");
	return refuse(ex, FAIL_AUTH, 401, ex->client_protocol->id ==
	    PROTO_MESSAGES ? "invalid x-api-key" : "Incorrect API key "
	    "provided. Send a key of this gateway as Authorization: Bearer.");
}

/* At an entrance where the operator's pages need no key. */
static bool
at_operators(const struct exchange *ex)
{
	return ex->client->entrance && ex->client->entrance->operators;
}

/*
 * Is the gateway asked for by a name of this machine?  A site whose name was
 * made to point here would come by that name, and its page could read what the
 * browser of whoever visits it may (DNS rebinding).
 */
static bool
asked_by_own_name(const struct http_head *head)
{
	struct slice host = http1_get(head, SLICE("host"));
	size_t colon = slice_rchr(host, ':');
	struct sock_address address;

	if (colon != SIZE_MAX && !slice_ends(host, SLICE("]")))
		host = slice_sub(host, 0, colon);
	return slice_chr(host, '.') == SIZE_MAX ||
	    slice_ends(host, SLICE(".localhost")) ||
	    sock_parse_ip(host, 0, &address);
}

/*
 * What the operator alone may see: from this machine, but not through a proxy
 * on it, or with his key.
 */
static bool
check_operator(struct exchange *ex)
{
	const struct http_head *head = ex->reader.head;

	if (at_operators(ex) ||
	    access_is_admin(ex->worker->config, head, &ex->arena) ||
	    (sock_is_loopback(&ex->client->peer) && asked_by_own_name(head) &&
	    !http1_get(head, SLICE("x-forwarded-for")).len &&
	    !http1_get(head, SLICE("forwarded")).len))
		return true;
	return refuse(ex, FAIL_AUTH, 401, "This page is for the operator: "
	    "send a key of DRAGOMAN_ADMIN_KEY as Authorization: Bearer.");
}

/*
 * A page in a browser can send requests to this machine that its user never
 * meant.  It cannot know a client key; where none is asked for, pages are let
 * in only from the origin that the configuration names.
 */
static bool
check_origin(struct exchange *ex)
{
	const struct config *c = ex->worker->config;
	struct slice origin = http1_get(ex->reader.head, SLICE("origin"));

	if (!origin.len || c->keys || slice_is(c->cors, "*") ||
	    slice_eq(origin, c->cors))
		return true;
	return refuse(ex, FAIL_PERMISSION, 403, "Requests from web pages are "
	    "not let in: set \"cors\" in the configuration to their origin, "
	    "or ask for client keys.");
}

/* What is under way needs room to go on: nothing begins when it is scarce. */
static bool
check_room(struct exchange *ex)
{
	return !memory_above(MEMORY_SCARCE) || refuse(ex, FAIL_MEMORY, 503,
	    FAIL_NO_MEMORY);
}

static bool
check_media(struct exchange *ex)
{
	struct slice type = http1_get(ex->reader.head, SLICE("content-type"));
	struct slice coding = http1_get(ex->reader.head,
	    SLICE("content-encoding"));

	if (coding.len && !slice_eq_ci(coding, SLICE("identity")))
		return refuse(ex, FAIL_INVALID, 415,
		    "Send the body without content-encoding.");
	if (ex->purpose == FOR_PASS) {
		ex->reader.drip = through_drips(ex->reader.head);
		return true;
	}
	if (!type.len || slice_eq_ci(slice_trim(slice_cut(&type, ';')),
	    SLICE("application/json")))
		return true;
	return refuse(ex, FAIL_INVALID,
	    ex->client_protocol->id == PROTO_MESSAGES ? 400 : 415,
	    "Send the body as content-type: application/json.");
}

/* The caller's own id if it is fit to be repeated in headers and logs. */
static void
take_request_id(struct exchange *ex)
{
	struct slice id = http1_get(ex->reader.head, SLICE("x-request-id"));

	if (!id.len || id.len > 128)
		return;
	for (size_t i = 0; i < id.len; i++)
		if (id.ptr[i] <= ' ' || id.ptr[i] > '~' || id.ptr[i] == '"' ||
		    id.ptr[i] == '\\')
			return;
	ex->request_id = id;
}

bool
admit_head(struct exchange *ex)
{
	const struct http_head *head = ex->reader.head;
	struct address address;

	take_request_id(ex);
	address_read(&address, head);
	ex->path = address.path;
	ex->client_protocol = protocol_by_id(address.protocol);
	ex->page = page_find(ex->worker->plan->pages, ex->path);
	/* /models/x:y is no page if it is a method of a model */
	if (address.model.ptr)
		ex->page = NULL;
	ex->purpose = ex->page ? FOR_PAGE : address.purpose;
	ex->strict = slice_is(http1_get(head, SLICE("x-dragoman-strict")),
	    "1");
	if (slice_is(head->method, "OPTIONS") &&
	    ex->worker->config->cors.len) {
		reply_preflight(ex);
		return false;
	}
	if (at_operators(ex) && ex->purpose != FOR_PAGE)
		return refuse(ex, FAIL_NOT_FOUND, 404, "At this address there "
		    "are the operator's pages alone.");
	if (ex->purpose == FOR_NOTHING)
		return refuse(ex, FAIL_NOT_FOUND, 404,
		    address_unknown(&address));
	if (ex->purpose == FOR_UPGRADE)
		return refuse_upgrade(ex);
	if (!check_method(ex, address.allow))
		return false;
	if (!take_model(ex, &address))
		return refuse(ex, FAIL_INVALID, 400, "The model's name in the "
		    "path is not percent-encoded as it must be.");
	if (ex->purpose == FOR_PAGE && ex->reader.body_max > PAGE_BODY_MAX) {
		ex->reader.body_max = PAGE_BODY_MAX;
		if (head->length > PAGE_BODY_MAX)
			return refuse(ex, FAIL_TOO_LARGE, 413,
			    "This address takes no body.");
	}
	if (ex->page && ex->page->whom == PAGE_ALL)
		return true;
	if (ex->page && ex->page->whom == PAGE_OPERATORS)
		return check_origin(ex) && check_operator(ex);
	return check_origin(ex) && check_caller(ex) &&
	    (ex->purpose == FOR_PAGE || (check_media(ex) && check_room(ex)));
}

/* ---- with the body ---- */

static enum admitted
answer_page(struct exchange *ex)
{
	struct page_request request = {
		.config = ex->worker->config, .key = ex->caller.key,
		.arena = &ex->arena, .path = ex->path,
		.query = ex->reader.head->query,
		.shape = ex->client_protocol->id,
		.draining = ex->worker->server.draining,
		.count = ex->worker->plan->count,
		.cache = ex->worker->plan->cache,
		.shared = ex->worker->plan->shared,
	};
	struct page_answer page = { .fail.retry_after_ms = -1 };

	ex->page->make(&request, &page);
	if (page.fail.kind != FAIL_NONE) {
		ex->talk.fail = page.fail;
		buf_free(&page.body);
		return ADMIT_REFUSED;
	}
	ex->policy = page.policy;
	reply_body(ex, page.status, page.type, buf_slice(&page.body));
	buf_free(&page.body);
	return ADMIT_ANSWERED;
}

static bool
parse(struct exchange *ex)
{
	struct json_fault fault;
	unsigned line, column;

	if (!ex->reader.body.len)
		return fail_set(&ex->talk.fail, &ex->arena, FAIL_INVALID, NULL,
		    "The request has no body; send a JSON object.");
	if (!json_parse(&ex->json, &ex->arena, ex->reader.body,
	    (uint32_t)ex->worker->config->limits.json_tokens, &fault)) {
		if (fault.no_memory)
			return fail_set(&ex->talk.fail, &ex->arena,
			    FAIL_MEMORY, NULL, FAIL_NO_MEMORY);
		json_where(ex->reader.body, fault.at, &line, &column);
		return fail_set(&ex->talk.fail, &ex->arena, FAIL_INVALID, NULL,
		    "The body is not valid JSON: %s at line %u, column %u.",
		    fault.why, line, column);
	}
	if (jval_is(json_root(&ex->json), JSON_OBJECT))
		return true;
	return fail_set(&ex->talk.fail, &ex->arena, FAIL_INVALID, NULL,
	    "The body must be a JSON object.");
}

static bool
find_route(struct exchange *ex)
{
	struct talk *talk = &ex->talk;
	struct slice model;

	talk->client = ex->client_protocol;
	talk->count_only = ex->purpose == FOR_COUNT;
	talk->memo = ex->worker->memo.limit ? &ex->worker->memo : NULL;
	talk->memo_owner = ex->caller.key ? ex->caller.key->name
	    : ex->caller.credential;
	talk->now_ms = clock_ms();
	if (!talk->client->peek(talk, json_root(&ex->json)))
		return false;
	model = text_unescape(&ex->arena, talk->client_model);
	if (!choose_targets(ex, model))
		return ex->worker->server.draining &&
		    (talk->fail.kind == FAIL_NOT_FOUND ||
		    talk->fail.kind == FAIL_PERMISSION) &&
		    refuse_for_now(ex, &talk->fail);
	if (ex->route.model && ex->route.model->strict != TRI_UNSET)
		ex->strict |= ex->route.model->strict == TRI_YES;
	else
		ex->strict |= ex->worker->config->strict;
	return true;
}

/*
 * A conversation that was put together here is longer than what was looked at,
 * and may hold what its last turn does not; where it began it stays.
 */
static bool
choose_again(struct exchange *ex)
{
	if (!ex->talk.recalled)
		return true;
	ex->route = (struct route){ .explain = ex->route.explain };
	ex->weight = (struct weight){ 0 };
	return choose_targets(ex, text_unescape(&ex->arena,
	    ex->talk.client_model));
}

/* The first target counts, or it is estimated for its model here. */
static enum admitted
count(struct exchange *ex)
{
	ex->route.count = 1;
	if (tokens_protocol(&ex->route.targets[0], ex->client_protocol))
		return ADMIT_ROUTED;
	return tokens_here(ex) ? ADMIT_ANSWERED : ADMIT_REFUSED;
}

enum admitted
admit_body(struct exchange *ex)
{
	if (ex->purpose == FOR_PAGE)
		return answer_page(ex);
	if (ex->purpose == FOR_PASS)
		return through_admit(ex);
	if (ex->purpose == FOR_KEPT)
		return kept_answer(ex);
	if (!parse(ex) || !find_route(ex) || !kept_resolve(ex) ||
	    !choose_again(ex))
		return ADMIT_REFUSED;
	saving_apply(ex);
	if (ex->purpose == FOR_COUNT)
		return count(ex);
	return ADMIT_ROUTED;
}
