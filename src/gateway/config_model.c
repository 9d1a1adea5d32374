/* The configuration's "models": names of the operator's own. */
#include "gateway/loader.h"

/* ---- one target ---- */

struct file_target {
	struct slice	model;
	uint64_t	weight;
	struct jval	when;
};

const struct field loader_target_fields[] = {
	{ "model", FIELD_TEXT, offsetof(struct file_target, model), 0, 0 },
	{ "weight", FIELD_UINT, offsetof(struct file_target, weight), 0, 0 },
	{ "when", FIELD_RAW, offsetof(struct file_target, when), 0, 0 },
	{ 0 },
};

/* What it leads to is looked up when all names are known. */
static bool
add_target(struct loader *l, struct jval at, const struct file_target *f)
{
	struct model *m = l->model;
	struct model_target *t = &m->targets[m->target_count++];
	struct slice name;

	if (!loader_text(l, at, f->model, &name))
		return false;
	if (!name.len)
		return loader_fail(l, at, "a target is spelled "
		    "\"provider/model\"");
	if (slice_chr(name, '*') != slice_rchr(name, '*'))
		return loader_fail(l, at, "one * is the most that can stand "
		    "in \"%.*s\"", SLICE_FMT(name));
	if (slice_chr(name, '*') != SIZE_MAX && !m->wild)
		return loader_fail(l, at, "the * in \"%.*s\" wants one in the "
		    "name \"%.*s\"", SLICE_FMT(name), SLICE_FMT(m->name));
	t->target.model = name;
	t->weight = 1;
	if (f->weight != UINT64_MAX) {
		if (f->weight > CONFIG_WEIGHT_MAX)
			return loader_fail(l, at, "\"weight\" must be at most "
			    "%d", CONFIG_WEIGHT_MAX);
		t->weight = (uint32_t)f->weight;
	}
	return loader_when(l, f->when, &t->when);
}

static bool
each_target(struct loader *l, struct jval value, bool *weighted)
{
	struct file_target f = { .weight = UINT64_MAX };	/* not said */

	if (jval_is(value, JSON_STRING))
		f.model = jval_text(value);
	else if (!loader_bind(l, value, loader_target_fields, &f))
		return false;
	if (!f.model.ptr)
		return loader_fail(l, value, "a target needs \"model\"");
	*weighted |= f.weight != UINT64_MAX;
	return add_target(l, value, &f);
}

/* ---- one name ---- */

struct file_model {
	struct jval	targets, cache, compress, prompt_cache;
	struct slice	pick;
	uint64_t	first_token_timeout_ms, retries;
	enum tri	strict, translate;
};

const struct field loader_model_fields[] = {
	{ "targets", FIELD_RAW, offsetof(struct file_model, targets), 0, 0 },
	{ "pick", FIELD_TEXT, offsetof(struct file_model, pick), 0, 0 },
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

/* Weights alone say how one is picked. */
static bool
take_pick(struct loader *l, struct jval key, const struct file_model *f,
    bool weighted)
{
	struct model *m = l->model;
	uint64_t sum = 0;

	m->pick = weighted ? PICK_WEIGHTED : PICK_ORDERED;
	if (f->pick.ptr && slice_is(f->pick, "weighted"))
		m->pick = PICK_WEIGHTED;
	else if (f->pick.ptr && !slice_is(f->pick, "ordered"))
		return loader_fail(l, key, "\"pick\" must be ordered or "
		    "weighted");
	else if (f->pick.ptr && weighted)
		return loader_fail(l, key, "model \"%.*s\": a \"weight\" is "
		    "without effect where \"pick\" is ordered",
		    SLICE_FMT(m->name));
	for (size_t i = 0; i < m->target_count; i++)
		sum += m->targets[i].weight;
	return sum || loader_fail(l, key, "model \"%.*s\": all its weights "
	    "are 0", SLICE_FMT(m->name));
}

static bool
take_targets(struct loader *l, struct jval key, const struct file_model *f)
{
	struct model *m = l->model;
	size_t count = jval_is(f->targets, JSON_STRING) ? 1
	    : jval_is(f->targets, JSON_ARRAY) ? jval_count(f->targets) : 0;
	bool weighted = false;

	if (!count)
		return loader_fail(l, key, "model \"%.*s\" needs \"targets\": "
		    "[\"provider/model\", ...]", SLICE_FMT(m->name));
	if (count > CONFIG_TARGETS_MAX)
		return loader_fail(l, key, "more than %d targets",
		    CONFIG_TARGETS_MAX);
	m->targets = arena_array(l->arena, count, sizeof *m->targets);
	if (!m->targets)
		return loader_fail(l, key, "out of memory");
	if (jval_is(f->targets, JSON_STRING) &&
	    !each_target(l, f->targets, &weighted))
		return false;
	for (struct jval v = jval_first(f->targets); !jval_at_end(v);
	    v = jval_next(v))
		if (!each_target(l, v, &weighted))
			return false;
	return take_pick(l, key, f, weighted);
}

static bool
take_name(struct loader *l, struct jval key, struct model *m)
{
	size_t star;

	if (!loader_text(l, key, jval_text(key), &m->name))
		return false;
	for (const struct model *o = l->config->models; o; o = o->next)
		if (slice_eq(o->name, m->name))
			return loader_fail(l, key, "model \"%.*s\" stands "
			    "twice", SLICE_FMT(m->name));
	star = slice_chr(m->name, '*');
	m->wild = star != SIZE_MAX;
	m->head = slice_sub(m->name, 0, star);
	m->tail = slice_skip(m->name, star + 1);
	if (slice_chr(m->tail, '*') != SIZE_MAX && m->wild)
		return loader_fail(l, key, "one * is the most that can stand "
		    "in \"%.*s\"", SLICE_FMT(m->name));
	return true;
}

bool
loader_model(void *into, struct jval key, size_t i)
{
	struct loader *l = into;
	struct jval value = jval_value(key);
	struct file_model f = { .retries = UINT64_MAX };	/* not said */
	struct model **end = &l->config->models;
	struct model *m = arena_alloc(l->arena, sizeof *m);

	(void)i;
	/* in short: the target alone */
	if (jval_is(value, JSON_STRING) || jval_is(value, JSON_ARRAY))
		f.targets = value;
	else if (!loader_bind(l, value, loader_model_fields, &f))
		return false;
	if (!m)
		return loader_fail(l, key, "out of memory");
	if (!take_name(l, key, m))
		return false;
	if (f.first_token_timeout_ms > CONFIG_MS_MAX)
		return loader_fail(l, key, "\"first_token_timeout_ms\" must "
		    "be at most %d", CONFIG_MS_MAX);
	if (f.retries != UINT64_MAX && f.retries > CONFIG_RETRIES_MAX)
		return loader_fail(l, key, "\"retries\" must be at most %d",
		    CONFIG_RETRIES_MAX);
	m->first_token_timeout_ms = f.first_token_timeout_ms;
	if (!loader_model_cache(l, f.cache, m))
		return false;
	m->retries = f.retries;
	m->strict = f.strict;
	m->translate = f.translate;
	if (!loader_saving(l, f.compress, f.prompt_cache, &m->saving))
		return false;
	l->model = m;
	if (!take_targets(l, key, &f))
		return false;
	while (*end)
		end = &(*end)->next;
	*end = m;
	return true;
}
