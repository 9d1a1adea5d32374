/* A member of the configuration's "models": a name of the operator's own. */
#include "gateway/loader.h"

struct file_target {
	struct slice	model;
};

static const struct field target_fields[] = {
	{ "model", FIELD_TEXT, offsetof(struct file_target, model), 0, 0 },
	{ 0 },
};

/*
 * "provider/model": split at the first slash; the provider must be configured.
 */
static bool
add_target(struct loader *l, struct jval at, struct slice escaped)
{
	struct slice rest, name;
	struct target *t;

	if (!loader_text(l, at, escaped, &rest))
		return false;
	if (l->model->target_count == CONFIG_TARGETS_MAX)
		return loader_fail(l, at, "more than %d targets",
		    CONFIG_TARGETS_MAX);
	name = slice_cut(&rest, '/');
	if (!rest.len)
		return loader_fail(l, at, "a target is spelled "
		    "\"provider/model\"");
	t = &l->model->targets[l->model->target_count++];
	/*
	 * the provider is looked up when all are known: see targets_resolve()
	 */
	t->model = arena_join(l->arena, (struct slice[]){ name,
	    SLICE("/"), rest }, 3);
	return true;
}

static bool
each_target(void *into, struct jval value, size_t i)
{
	struct loader *l = into;
	struct file_target f = { 0 };

	(void)i;
	if (jval_is(value, JSON_STRING))
		return add_target(l, value, jval_text(value));
	if (!loader_bind(l, value, target_fields, &f))
		return false;
	if (!f.model.ptr)
		return loader_fail(l, value, "a target needs \"model\"");
	return add_target(l, value, f.model);
}

struct file_model {
	struct jval	targets, cache, compress, prompt_cache;
	uint64_t	first_token_timeout_ms, retries;
	enum tri	strict, translate;
};

static const struct field model_fields[] = {
	{ "targets", FIELD_RAW, offsetof(struct file_model, targets), 0, 0 },
	{ "first_token_timeout_ms", FIELD_UINT,
	  offsetof(struct file_model, first_token_timeout_ms), 0, 0 },
	{ "cache", FIELD_RAW, offsetof(struct file_model, cache), 0, 0 },
	{ "retries", FIELD_UINT, offsetof(struct file_model, retries), 0, 0 },
	{ "strict", FIELD_FLAG, offsetof(struct file_model, strict), 0, 0 },
	{ "translate", FIELD_FLAG, offsetof(struct file_model, translate),
	  0, 0 },
	{ "compress", FIELD_RAW, offsetof(struct file_model, compress), 0, 0 },
	{ "prompt_cache", FIELD_RAW, offsetof(struct file_model, prompt_cache),
	  0, 0 },
	{ 0 },
};

static bool
model_there(const struct config *c, struct slice name)
{
	for (const struct model *m = c->models; m; m = m->next)
		if (slice_eq(m->name, name))
			return true;
	return false;
}

bool
loader_model(void *into, struct jval key, size_t i)
{
	struct loader *l = into;
	struct file_model f = { .retries = UINT64_MAX };	/* not said */
	struct model **end = &l->config->models;
	struct model *m = arena_alloc(l->arena, sizeof *m);
	struct jval v;

	(void)i;
	if (!loader_bind(l, jval_value(key), model_fields, &f))
		return false;
	if (!m || !(m->targets = arena_array(l->arena, CONFIG_TARGETS_MAX,
	    sizeof *m->targets)))
		return loader_fail(l, key, "out of memory");
	if (!loader_text(l, key, jval_text(key), &m->name))
		return false;
	if (f.first_token_timeout_ms > CONFIG_MS_MAX)
		return loader_fail(l, key, "\"first_token_timeout_ms\" must "
		    "be at most %d", CONFIG_MS_MAX);
	if (f.retries != UINT64_MAX && f.retries > CONFIG_RETRIES_MAX)
		return loader_fail(l, key, "\"retries\" must be at most %d",
		    CONFIG_RETRIES_MAX);
	if (model_there(l->config, m->name))
		return loader_fail(l, key, "model \"%.*s\" stands twice",
		    SLICE_FMT(m->name));
	m->first_token_timeout_ms = f.first_token_timeout_ms;
	if (!loader_model_cache(l, f.cache, m))
		return false;
	m->retries = f.retries;
	m->strict = f.strict;
	m->translate = f.translate;
	if (!loader_saving(l, f.compress, f.prompt_cache, &m->saving))
		return false;
	l->model = m;
	if (!jval_is(f.targets, JSON_ARRAY) || !jval_count(f.targets))
		return loader_fail(l, key, "model \"%.*s\" needs \"targets\": "
		    "[\"provider/model\", ...]", SLICE_FMT(m->name));
	for (v = jval_first(f.targets); !jval_at_end(v); v = jval_next(v))
		if (!each_target(l, v, 0))
			return false;
	while (*end)
		end = &(*end)->next;
	*end = m;
	return true;
}
