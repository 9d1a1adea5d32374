#include "gateway/choose.h"

#include "gateway/modality.h"
#include "gateway/pick.h"
#include "json/text.h"
#include "proto/pass.h"

uint8_t
route_input(struct exchange *ex)
{
	struct route *r = &ex->route;

	if (!r->input)
		r->input = ex->purpose == FOR_PASS ? MODALITY_TEXT
		    : modality_of(ex->client_protocol->id,
		    json_root(&ex->json));
	return r->input;
}

static bool
add(struct exchange *ex, struct slice model)
{
	return route_add(ex->worker->config, ex->caller.key, model,
	    &ex->arena, ex, &ex->route, &ex->talk.fail);
}

/* ---- the caller's own fallbacks ---- */

static bool
is_openrouter(const struct target *t)
{
	return t->provider->dialect == DIALECT_OPENROUTER;
}

/*
 * Hardly any body has the member, and none is to pay for looking.  A name
 * that is escaped is longer by five letters at least.
 */
static bool
may_name_models(struct jval body)
{
	enum { PLAIN = sizeof "models" - 1, OUTER = sizeof "extra_body" - 1 };

	for (struct jval k = jval_first(body); !jval_at_end(k);
	    k = jval_next(k)) {
		struct slice name = jval_text(k);

		if ((name.len == PLAIN && *name.ptr == 'm') ||
		    (name.len == OUTER && *name.ptr == 'e') ||
		    (name.len > OUTER && slice_chr(name, '\\') != SIZE_MAX))
			return true;
	}
	return false;
}

static struct jval
caller_models(const struct exchange *ex)
{
	struct jval body = json_root(&ex->json), list = { 0 };

	if (ex->client_protocol->id != PROTO_GEMINI &&
	    jval_is(body, JSON_OBJECT) && may_name_models(body))
		list = pass_member(body, "models");
	return jval_is(list, JSON_ARRAY) ? list : (struct jval){ 0 };
}

/* Names that lead nowhere are no mistake: another gateway may know them. */
static bool
add_fallback(struct exchange *ex, struct jval v)
{
	struct route *r = &ex->route;
	struct fail *fail = &ex->talk.fail;
	struct slice name;

	if (!jval_text(v).len)
		return fail_set(fail, &ex->arena, FAIL_INVALID, "models",
		    "must be an array of names of models");
	name = text_unescape(&ex->arena, jval_text(v));
	r->found = NULL;
	if (!add(ex, name)) {
		fail->param = SLICE("models");
		if (fail->kind != FAIL_UNSUPPORTED &&
		    fail->kind != FAIL_NOT_FOUND)
			return false;
		if (r->explain)
			route_pass_over(r, &ex->arena, name, "%s",
			    r->found ? "no condition holds"
			    : "nobody knows it");
		*fail = (struct fail){ .retry_after_ms = -1 };
	}
	r->own_names |= r->found != NULL;
	return true;
}

bool
choose_takes_models(struct exchange *ex, const struct target *t)
{
	const struct access_key *key = ex->caller.key;
	struct jval v;

	if (ex->client_protocol->id == PROTO_GEMINI)
		return true;		/* which has no such member */
	if (!is_openrouter(t) || ex->route.own_names)
		return ex->route.fallbacks;
	if (!key || !key->models)
		return false;
	v = caller_models(ex);
	if (!jval_is(v, JSON_ARRAY))
		return true;
	for (v = jval_first(v); !jval_at_end(v); v = jval_next(v)) {
		struct slice name = text_unescape(&ex->arena, jval_text(v));
		struct target other = { .provider = t->provider,
		    .model = name };

		if (!access_allows(key, name) && !access_allows(key,
		    route_name(&ex->arena, &other)))
			return true;
	}
	return false;
}

/* What only goes by keeps the member, and must be allowed to have it. */
static bool
may_keep_models(struct exchange *ex)
{
	const struct route *r = &ex->route;

	for (size_t i = 0; i < r->count; i++)
		if (is_openrouter(&r->targets[i]) &&
		    choose_takes_models(ex, &r->targets[i]))
			return fail_set(&ex->talk.fail, &ex->arena,
			    FAIL_PERMISSION, "models", "The key may not use "
			    "all of these models.");
	return true;
}

static bool
add_fallbacks(struct exchange *ex, struct jval list)
{
	struct route *r = &ex->route;
	size_t own = r->count;
	bool passed = ex->purpose == FOR_PASS;

	if (jval_count(list) > CONFIG_TARGETS_MAX)
		return fail_set(&ex->talk.fail, &ex->arena, FAIL_INVALID,
		    "models", "must name at most %d models",
		    CONFIG_TARGETS_MAX);
	r->fallbacks = true;
	for (struct jval v = jval_first(list); !jval_at_end(v);
	    v = jval_next(v))
		if (!add_fallback(ex, v))
			return false;
	if (!passed)
		return true;
	r->count = own;
	if (!may_keep_models(ex))
		return false;
	r->fallbacks = false;
	return true;
}

/* ---- what cannot take the request ---- */

/*
 * Without those that lack something, unless all do: the first that does is
 * then asked all the same.
 */
static void
drop_unable(struct exchange *ex)
{
	struct route *r = &ex->route;
	const char *lacks[CONFIG_TARGETS_MAX];
	size_t able = 0, kept = 0;

	for (size_t i = 0; i < r->count; i++) {
		lacks[i] = pick_lacks(&r->targets[i], ex);
		able += !lacks[i];
	}
	if (able == r->count || !able)
		return;
	for (size_t i = 0; i < r->count; i++) {
		if (!lacks[i])
			r->targets[kept++] = r->targets[i];
		else if (r->explain)
			route_pass_over(r, &ex->arena, route_name(&ex->arena,
			    &r->targets[i]), *lacks[i] == 'i'
			    ? "it does not read such input"
			    : "its context is too small");
	}
	r->count = kept;
}

static void
log_passed(const struct exchange *ex)
{
	for (const struct route_passed *p = ex->route.passed; p; p = p->next) {
		log_begin(LOG_DEBUG, "target passed over");
		log_text("id", ex->request_id);
		log_text("target", p->target);
		log_text("why", p->why);
		log_end();
	}
}

bool
choose_targets(struct exchange *ex, struct slice model)
{
	struct route *r = &ex->route;
	struct fail first = { .retry_after_ms = -1 };
	struct jval more = caller_models(ex);

	r->explain |= log_on(LOG_DEBUG);
	if (!add(ex, model)) {
		first = ex->talk.fail;
		if (first.kind != FAIL_UNSUPPORTED)
			return false;
	}
	r->model = r->found;
	if (jval_count(more) && !add_fallbacks(ex, more))
		return false;
	ex->talk.fail = first;
	if (r->count > 1)
		drop_unable(ex);
	if (log_on(LOG_DEBUG))
		log_passed(ex);
	return r->count > 0;
}
