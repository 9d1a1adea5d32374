#include "gateway/through.h"

#include "gateway/choose.h"
#include "json/text.h"
#include "proto/gemini/embed.h"
#include "proto/pass.h"
#include "wire/url.h"

enum {
	HIGH_WATER = 256 * 1024,	/* unsent bytes: we stop reading */
	FILL_MAX = 64 * 1024,
};

static bool
is_json(const struct http_head *head)
{
	struct slice type = http1_get(head, SLICE("content-type"));

	return !type.len || slice_eq_ci(slice_trim(slice_cut(&type, ';')),
	    SLICE("application/json"));
}

bool
through_drips(const struct http_head *head)
{
	return !is_json(head) && head->framing != HTTP_NO_BODY;
}

/* ---- the model ---- */

/* The form's field; a body of another kind has none. */
static int
form_model(struct exchange *ex, struct slice *model)
{
	struct slice boundary;

	if (!multipart_boundary(http1_get(ex->reader.head,
	    SLICE("content-type")), &boundary))
		return -1;
	return multipart_field(&ex->through.form, ex->reader.body, boundary,
	    "model", model);
}

/* May its key use some models only? */
static bool
restricted(const struct exchange *ex)
{
	return ex->caller.key && ex->caller.key->models;
}

bool
through_enough(struct exchange *ex)
{
	struct through *t = &ex->through;

	/* what follows may name another one, which was not asked for */
	if (restricted(ex) && !reader_whole(&ex->reader))
		return false;
	if (!t->looked)
		t->looked = form_model(ex, &t->named);
	return t->looked != 0;
}

/* Providers differ in which of two names they take. */
static bool
names_another(struct exchange *ex)
{
	struct slice other;

	return restricted(ex) && ex->through.looked == 1 &&
	    form_model(ex, &other) != -1;
}

static bool
parse(struct exchange *ex)
{
	struct json_fault fault;
	struct jval model;

	if (!ex->reader.body.len)
		return true;
	if (!json_parse(&ex->json, &ex->arena, ex->reader.body,
	    (uint32_t)ex->worker->config->limits.json_tokens, &fault))
		return fault.no_memory ? fail_set(&ex->talk.fail, &ex->arena,
		    FAIL_MEMORY, NULL, FAIL_NO_MEMORY) :
		    fail_set(&ex->talk.fail, &ex->arena, FAIL_INVALID, NULL,
		    "The body is not valid JSON: %s.", fault.why);
	if (jval_is(json_root(&ex->json), JSON_OBJECT) &&
	    !pass_once(&ex->talk, json_root(&ex->json)))
		return false;
	model = jval_get(json_root(&ex->json), "model");
	if (!jval_is(model, JSON_STRING))
		return true;
	ex->through.named = jval_raw(model);
	ex->talk.client_model = jval_text(model);
	ex->through.is_json = true;
	return true;
}

/* The model, plain; empty: the request names none. */
static bool
read_model(struct exchange *ex, struct slice *model)
{
	struct slice asked = url_query_get(ex->reader.head->query,
	    SLICE("model"));

	*model = (struct slice){ 0 };
	if (is_json(ex->reader.head) && !parse(ex))
		return false;
	if (!ex->talk.client_model.ptr && !ex->through.is_json) {
		(void)through_enough(ex);
		if (names_another(ex))
			return fail_set(&ex->talk.fail, &ex->arena,
			    FAIL_INVALID, "model", "The form names its model "
			    "twice, or does not end.");
		if (ex->through.looked != 1)
			ex->through.named = (struct slice){ 0 };
		ex->talk.client_model = text_escape(&ex->arena,
		    ex->through.named);
	}
	if (!ex->talk.client_model.len && asked.len &&
	    url_decode(&ex->arena, asked, &asked))
		ex->talk.client_model = text_escape(&ex->arena, asked);
	*model = text_unescape(&ex->arena, ex->talk.client_model);
	return true;
}

/* ---- where to ---- */

/* The address that serves such a request at the provider; NULL: none. */
static const struct endpoint *
endpoint_of(const struct exchange *ex, const struct provider *p)
{
	enum protocol_id id = ex->client_protocol->id;

	if (p->at[id].there)
		return &p->at[id];
	if (id == PROTO_CHAT && p->at[PROTO_RESPONSES].there)
		return &p->at[PROTO_RESPONSES];
	if (id == PROTO_GEMINI && p->at[PROTO_CHAT].there)
		return &p->at[PROTO_CHAT];
	return NULL;
}

/* The caller may say which; else there must be but one. */
static bool
only_provider(struct exchange *ex)
{
	struct slice said = http1_get(ex->reader.head,
	    SLICE("x-dragoman-provider"));
	const struct provider *p, *found = NULL;

	for (p = ex->worker->config->providers; p; p = p->next) {
		if (!endpoint_of(ex, p) ||
		    (said.len && !slice_eq(said, p->name)))
			continue;
		if (found)
			return fail_set(&ex->talk.fail, &ex->arena,
			    FAIL_INVALID, NULL, "The request names no model, "
			    "and several providers have this address: name "
			    "one in the header x-dragoman-provider, such as "
			    "%.*s.", SLICE_FMT(found->name));
		found = p;
	}
	if (!found)
		return fail_set(&ex->talk.fail, &ex->arena, FAIL_NOT_FOUND,
		    NULL, "No provider is configured that has this address%s"
		    ".", said.len ? " and the name in x-dragoman-provider"
		    : "");
	if (!access_allows(ex->caller.key, arena_join(&ex->arena,
	    (struct slice[]){ found->name, SLICE("/") }, 2)))
		return fail_set(&ex->talk.fail, &ex->arena, FAIL_PERMISSION,
		    NULL, "The key '%.*s' may not use provider %.*s without "
		    "naming a model.", SLICE_FMT(ex->caller.key->name),
		    SLICE_FMT(found->name));
	ex->route.targets[0] = (struct target){ .provider = found };
	ex->route.count = 1;
	return true;
}

enum admitted
through_admit(struct exchange *ex)
{
	struct slice model;

	ex->talk.client = ex->talk.provider = ex->client_protocol;
	if (!read_model(ex, &model))
		return ADMIT_REFUSED;
	if (!model.len)
		return only_provider(ex) ? ADMIT_ROUTED : ADMIT_REFUSED;
	return choose_targets(ex, model) ? ADMIT_ROUTED : ADMIT_REFUSED;
}

/* ---- the request ---- */

/* The body so far, with the target's own name for the model. */
static void
write_body(struct exchange *ex)
{
	struct slice body = ex->reader.body, named = ex->through.named;
	struct slice model = ex->attempt.target->model;
	struct buf *out = &ex->attempt.request;
	size_t at = named.ptr ? (size_t)(named.ptr - body.ptr) : 0;

	if (!named.ptr || !model.len) {
		buf_append(out, body);
		ex->through.grown = 0;
		return;
	}
	buf_append(out, slice_sub(body, 0, at));
	if (ex->through.is_json) {
		buf_byte(out, '"');
		buf_append(out, text_escape(&ex->arena, model));
		buf_byte(out, '"');
	} else {
		buf_append(out, model);
	}
	buf_append(out, slice_skip(body, at + named.len));
	ex->through.grown = (int64_t)buf_len(out) - (int64_t)body.len;
}

/* Vectors for a client of Gemini, of a provider that does not speak it. */
static bool
write_embedding(struct exchange *ex)
{
	struct talk *talk = &ex->talk;

	ex->attempt.same = false;
	talk->provider = &protocol_chat;
	talk->model = text_escape(&ex->arena, ex->attempt.target->model);
	talk->losses = (struct losses){
		.way = LOSS_WAY(PROTO_GEMINI, PROTO_CHAT) };
	return embed_request(talk, json_root(&ex->json),
	    &ex->attempt.request);
}

bool
through_read(struct exchange *ex)
{
	struct json answer;
	struct json_fault fault;

	return json_parse(&answer, &ex->arena,
	    buf_slice(&ex->attempt.events), 0, &fault) &&
	    embed_answer(json_root(&answer), slice_starts(
	    ex->through.method, SLICE("batch")), &ex->whole);
}

bool
through_prepare(struct exchange *ex)
{
	const struct target *t = &ex->route.targets[ex->cursor];
	const struct endpoint *endpoint = endpoint_of(ex, t->provider);
	struct attempt *a = &ex->attempt;

	*a = (struct attempt){ .target = t, .endpoint = endpoint,
	    .dial.owner = ex, .same = true };
	ex->talk.own_key = t->provider->key_count > 0;
	ex->talk.answers = 1;
	if (!endpoint)
		return fail_set(&ex->talk.fail, &ex->arena, FAIL_UNSUPPORTED,
		    NULL, "Provider %.*s has no such address.",
		    SLICE_FMT(t->provider->name));
	a->request.limit = ex->reader.body.len + t->model.len * 6 + 256;
	ex->through.embeds = ex->client_protocol->id == PROTO_GEMINI &&
	    !t->provider->at[PROTO_GEMINI].there;
	if (!ex->through.embeds)
		write_body(ex);
	else if (!write_embedding(ex))
		return false;
	ex->through.open = ex->reader.drip && !reader_whole(&ex->reader);
	if (ex->through.open)		/* it can be sent only once */
		ex->route.count = ex->cursor + 1;
	return !a->request.failed || fail_set(&ex->talk.fail, &ex->arena,
	    FAIL_MEMORY, NULL, FAIL_NO_MEMORY);
}

struct slice
through_target(struct exchange *ex)
{
	struct slice query = ex->reader.head->query;
	struct slice version = ex->attempt.target->provider->api_version;
	bool messages = ex->client_protocol->id == PROTO_MESSAGES;
	struct slice path = ex->path;

	if (ex->through.embeds)
		path = SLICE("/embeddings");
	else if (ex->through.method.len)
		path = arena_join(&ex->arena, (struct slice[]){
		    SLICE("/models/"), url_encode(&ex->arena,
		    ex->attempt.target->model, "/"), SLICE(":"),
		    ex->through.method }, 4);
	if (version.len)
		query = version;
	else if (ex->through.embeds || url_query_get(query, SLICE("key")).ptr)
		query = (struct slice){ 0 };
	return arena_join(&ex->arena, (struct slice[]){
	    ex->attempt.endpoint->base, messages ? SLICE("/v1") : SLICE(""),
	    path, query.len ? SLICE("?") : SLICE(""), query }, 5);
}

void
through_headers(struct exchange *ex, struct buf *out)
{
	const struct http_head *head = ex->reader.head;
	struct slice type = http1_get(head, SLICE("content-type"));
	struct slice accept = http1_get(head, SLICE("accept"));

	if (type.len)
		http1_put_header(out, SLICE("content-type"), type);
	else if (ex->reader.body.len)
		http1_put_header(out, SLICE("content-type"),
		    SLICE("application/json"));
	if (ex->through.open && head->framing == HTTP_CHUNKED)
		http1_put_header(out, SLICE("transfer-encoding"),
		    SLICE("chunked"));
	else if (ex->through.open)
		http1_put_number(out, SLICE("content-length"), (uint64_t)
		    ((int64_t)head->length + ex->through.grown));
	else if (head->framing != HTTP_NO_BODY)
		http1_put_number(out, SLICE("content-length"),
		    buf_len(&ex->attempt.request));
	http1_put_header(out, SLICE("accept"), accept.len ? accept
	    : SLICE("*/*"));
}

static void
put_piece(struct exchange *ex, struct slice piece)
{
	struct buf *out = conn_out(ex->attempt.conn);

	if (ex->reader.head->framing == HTTP_CHUNKED)
		body_put_chunk(out, piece);
	else
		buf_append(out, piece);
}

void
through_send(struct exchange *ex)
{
	struct conn *to = ex->attempt.conn;

	if (!ex->through.open) {
		conn_borrow(to, buf_slice(&ex->attempt.request));
		return;
	}
	put_piece(ex, buf_slice(&ex->attempt.request));
	buf_free(&ex->attempt.request);
	reader_free(&ex->reader);
}

bool
through_pump(struct exchange *ex)
{
	struct conn *from = &ex->client->conn, *to = ex->attempt.conn;
	struct slice piece;
	size_t used;
	int got;

	for (;;) {
		if (conn_pending(to) >= HIGH_WATER && (!conn_flush(to) ||
		    conn_pending(to) >= HIGH_WATER))
			return true;	/* it takes no more for now */
		got = reader_next(&ex->reader, from, &used, &piece);
		if (got < 0)
			return false;
		if (got)
			put_piece(ex, piece);
		buf_take(&from->in, used);
		if (reader_whole(&ex->reader))
			break;
		if (!got && !conn_fill(from, FILL_MAX)) {
			(void)conn_flush(to);
			return from->end == CONN_OPEN;
		}
	}
	if (ex->reader.head->framing == HTTP_CHUNKED)
		body_put_last(conn_out(to));
	(void)conn_flush(to);
	conn_rest(from);
	ex->through.open = false;
	return true;
}

/* ---- the answer ---- */

/* JSON, or a stream of it, may tell what was used. */
static void
look_for_usage(struct exchange *ex)
{
	const struct http_head *head = ex->attempt.head;
	struct slice type = http1_get(head, SLICE("content-type"));

	if ((slice_starts_ci(type, SLICE("application/json")) ||
	    slice_starts_ci(type, SLICE("text/event-stream"))) &&
	    !upstream_encoded(head))
		ex->bill.spent = arena_alloc(&ex->arena,
		    sizeof *ex->bill.spent);
}

void
through_begin(struct exchange *ex)
{
	const struct http_head *head = ex->attempt.head;

	look_for_usage(ex);
	if (ex->through.embeds)
		return;			/* it is read first */
	reply_head(ex, head->status, http1_get(head, SLICE("content-type")),
	    head->framing == HTTP_LENGTH ? (int64_t)head->length : -1);
}
