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
 * Names that lead nowhere here are OpenRouter's affair, if the request goes
 * there and the key may use them there.
 */
static bool
left_to_openrouter(struct exchange *ex, struct slice name)
{
	const struct target *first = &ex->route.targets[0];
	struct target other = { .provider = first->provider, .model = name };

	return ex->route.count && is_openrouter(first) &&
	    (access_allows(ex->caller.key, name) ||
	    access_allows(ex->caller.key, route_name(&ex->arena, &other)));
}

/* Has it no place in the route, and yet is no mistake? */
static bool
may_be_missing(struct exchange *ex, struct slice name)
{
	return ex->talk.fail.kind == FAIL_UNSUPPORTED ||	/* its "when" */
	    left_to_openrouter(ex, name);
}

static bool
add_fallback(struct exchange *ex, struct jval v)
{
	struct route *r = &ex->route;
	struct slice name;

	if (!jval_text(v).len)
		return fail_set(&ex->talk.fail, &ex->arena, FAIL_INVALID,
		    "models", "must be an array of names of models");
	name = text_unescape(&ex->arena, jval_text(v));
	if (add(ex, name)) {
		r->own_names |= r->found != NULL;
		return true;
	}
	ex->talk.fail.param = SLICE("models");
	if (!may_be_missing(ex, name))
		return false;
	ex->talk.fail = (struct fail){ .retry_after_ms = -1 };
	return true;
}

static bool
add_fallbacks(struct exchange *ex, struct jval list)
{
	struct route *r = &ex->route;
	size_t own = r->count;

	if (jval_count(list) > CONFIG_TARGETS_MAX)
		return fail_set(&ex->talk.fail, &ex->arena, FAIL_INVALID,
		    "models", "must name at most %d models",
		    CONFIG_TARGETS_MAX);
	for (struct jval v = jval_first(list); !jval_at_end(v);
	    v = jval_next(v))
		if (!add_fallback(ex, v))
			return false;
	/* what only goes by is not changed, but the key must allow it */
	if (ex->purpose == FOR_PASS)
		r->count = own;
	else
		r->fallbacks = true;
	return true;
}

bool
choose_takes_models(const struct exchange *ex, const struct target *t)
{
	return ex->route.fallbacks && (!is_openrouter(t) ||
	    ex->route.own_names);
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
	struct jval more = { 0 };

	if (ex->client_protocol->id != PROTO_GEMINI)
		more = pass_member(json_root(&ex->json), "models");
	r->explain |= log_on(LOG_DEBUG);
	if (!add(ex, model)) {
		first = ex->talk.fail;
		if (first.kind != FAIL_UNSUPPORTED)
			return false;
	}
	r->model = r->found;
	if (jval_is(more, JSON_ARRAY) && !add_fallbacks(ex, more))
		return false;
	ex->talk.fail = first;
	if (r->count > 1)
		drop_unable(ex);
	if (log_on(LOG_DEBUG))
		log_passed(ex);
	return r->count > 0;
}
