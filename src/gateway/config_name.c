/*
 * What the configuration's names lead to: aliases that lead to others, names
 * with a star, prefixes.  Looked up when the whole configuration is known.
 */
#include "gateway/loader.h"

enum { NAME_MAX = 128 };	/* longer names have no other spelling */

/* With dashes in the place of dots; empty: it is too long. */
static struct slice
with_dashes(struct slice name, char out[NAME_MAX])
{
	if (name.len > NAME_MAX)
		return (struct slice){ 0 };
	for (size_t i = 0; i < name.len; i++)
		out[i] = name.ptr[i] == '.' ? '-' : name.ptr[i];
	return (struct slice){ out, name.len };
}

static bool
starts_alike(struct slice name, struct slice head)
{
	return name.len >= head.len && catalog_same_name(slice_sub(name, 0,
	    head.len), head);
}

/* Does the name fit one with a star, which stands for a letter at least? */
static bool
fits(const struct model *m, struct slice name, struct slice *star)
{
	size_t around = m->head.len + m->tail.len;

	if (name.len <= around || !starts_alike(name, m->head) ||
	    !catalog_same_name(slice_skip(name, name.len - m->tail.len),
	    m->tail))
		return false;
	*star = slice_sub(name, m->head.len, name.len - around);
	return true;
}

/* Does a provider's name, or what may stand for it, stand in front? */
static bool
has_vendor(const struct config *c, struct slice name)
{
	struct slice rest = name, prefix = slice_cut(&rest, '/');

	return rest.len && config_vendor(c, prefix);
}

/*
 * What names a provider is caught only by a name that shows a slash itself:
 * "*-mini" is meant for bare names.
 */
static const struct model *
wild_model(const struct config *c, struct slice name, bool rest,
    struct slice *star)
{
	bool vendor = has_vendor(c, name);

	for (const struct model *m = c->wild_models; m; m = m->next_wild) {
		bool bare = m->name.len == 1;

		if (bare ? rest : !vendor || model_has_slash(m))
			if (fits(m, name, star))
				return m;
	}
	return NULL;
}

const struct model *
config_model(const struct config *c, struct slice name, bool rest,
    struct slice *star)
{
	char text[NAME_MAX];
	const struct model *m;

	*star = (struct slice){ 0 };
	if (!c->models)
		return NULL;
	m = map_get(&c->model_names, name);
	if (!m && (c->dotted_models || slice_chr(name, '.') != SIZE_MAX))
		m = map_get(&c->model_dashes, with_dashes(name, text));
	if (m && !m->wild)
		return m;
	return c->wild_models ? wild_model(c, name, rest, star) : NULL;
}

/* ---- prefixes ---- */

bool
loader_prefix(void *into, struct jval key, size_t i)
{
	struct loader *l = into;
	struct prefix *p = arena_alloc(l->arena, sizeof *p);
	struct jval value = jval_value(key);

	(void)i;
	if (!p)
		return loader_fail(l, key, "out of memory");
	if (!jval_is(value, JSON_STRING))
		return loader_fail(l, value, "a prefix stands for a provider: "
		    "{ \"my-anthropic\": \"anthropic\" }");
	if (!loader_text(l, key, jval_text(key), &p->name) ||
	    !loader_text(l, value, jval_text(value), &p->spelled))
		return false;
	if (!p->name.len || slice_chr(p->name, '/') != SIZE_MAX)
		return loader_fail(l, key, "a prefix must not be empty or "
		    "hold \"/\"");
	for (const struct prefix *o = l->config->prefixes; o; o = o->next)
		if (slice_eq_ci(o->name, p->name))
			return loader_fail(l, key, "prefix \"%.*s\" stands "
			    "twice", SLICE_FMT(p->name));
	p->next = l->config->prefixes;
	l->config->prefixes = p;
	return true;
}

bool
loader_prefixes(struct loader *l)
{
	struct prefix *all = l->config->prefixes;
	struct jval at = jval_get(json_root(&l->doc), "prefixes");

	/* none of them leads to another */
	l->config->prefixes = NULL;
	for (struct prefix *p = all; p; p = p->next) {
		if (config_provider(l->config, p->name))
			return loader_fail(l, at, "prefix \"%.*s\" is a "
			    "provider's name", SLICE_FMT(p->name));
		if (!p->spelled.len)
			continue;
		p->provider = config_vendor(l->config, p->spelled);
		if (!p->provider)
			return loader_fail(l, at, "prefix \"%.*s\": no "
			    "provider is called \"%.*s\"",
			    SLICE_FMT(p->name), SLICE_FMT(p->spelled));
	}
	l->config->prefixes = all;
	return true;
}

/* ---- targets ---- */

/* The longest first; of equals the one that stands first. */
static void
add_wild(struct config *c, struct model *m)
{
	struct model **at = &c->wild_models;

	while (*at && (*at)->name.len >= m->name.len)
		at = &(*at)->next_wild;
	m->next_wild = *at;
	*at = m;
}

static bool
gather_names(struct loader *l)
{
	struct config *c = l->config;

	for (struct model *m = c->models; m; m = m->next) {
		char *text = arena_text(l->arena, NAME_MAX);
		struct slice other;

		if (m->wild)
			add_wild(c, m);
		c->dotted_models |= slice_chr(m->name, '.') != SIZE_MAX;
		if (!text || !map_put(&c->model_names, l->arena, m->name, m))
			return false;
		other = with_dashes(m->name, text);
		if (!m->wild && other.len && !map_get(&c->model_dashes, other)
		    && !map_put(&c->model_dashes, l->arena, other, m))
			return false;
	}
	return true;
}

/* A name with a star leads to another such name, or to a provider's. */
static const struct model *
other_model(const struct config *c, struct model_target *t)
{
	if (slice_chr(t->target.model, '*') != SIZE_MAX)
		return map_get(&c->model_names, t->target.model);
	return config_model(c, t->target.model, false, &t->star);
}

/* Where the target of that number stands in the file. */
static struct jval
target_at(struct jval key, size_t i)
{
	struct jval v = jval_value(key);

	if (jval_is(v, JSON_OBJECT))
		v = jval_get(v, "targets");
	if (jval_is(v, JSON_ARRAY))
		for (v = jval_first(v); i; i--)
			v = jval_next(v);
	return v;
}

static bool
no_target(struct loader *l, struct jval at, const struct model *m,
    struct slice spelled)
{
	struct slice rest = spelled, name = slice_cut(&rest, '/');

	if (rest.len)
		return loader_fail(l, at, "model \"%.*s\": no provider is "
		    "called \"%.*s\"; configure it, or set its key in the "
		    "environment", SLICE_FMT(m->name), SLICE_FMT(name));
	return loader_fail(l, at, "model \"%.*s\": no model is called "
	    "\"%.*s\" here; a target is spelled \"provider/model\"",
	    SLICE_FMT(m->name), SLICE_FMT(spelled));
}

/* A provider's name before the slash comes first. */
static bool
resolve_target(struct loader *l, struct jval at, const struct model *m,
    struct model_target *t)
{
	struct slice rest = t->target.model, name = slice_cut(&rest, '/');
	struct target *to = &t->target;

	to->provider = rest.len ? config_vendor(l->config, name) : NULL;
	if (!to->provider) {
		t->other = other_model(l->config, t);
		return t->other || no_target(l, at, m, to->model);
	}
	to->model = rest;
	if (slice_chr(rest, '*') == SIZE_MAX)
		to->row = catalog_of(l->config, to->provider, rest);
	to->translate = m->translate == TRI_UNSET ? to->provider->translate
	    : m->translate == TRI_YES;
	return true;
}

/*
 * How many targets there are behind the name, at most CONFIG_TARGETS_MAX + 1.
 * Calls itself for names that it leads to; those that it came by are in
 * `path`.  0: it leads back to one, or through too many.
 */
static size_t
count_targets(const struct model *m,
    const struct model *path[CONFIG_NESTED_MAX], size_t depth)
{
	size_t sum = 0;

	for (size_t i = 0; i < depth; i++)
		if (path[i] == m)
			return 0;
	if (depth == CONFIG_NESTED_MAX)
		return 0;
	path[depth] = m;
	for (size_t i = 0; i < m->target_count &&
	    sum <= CONFIG_TARGETS_MAX; i++) {
		const struct model *other = m->targets[i].other;
		size_t n = other ? count_targets(other, path, depth + 1) : 1;

		if (!n)
			return 0;
		sum += n;
	}
	return sum;
}

bool
loader_names(struct loader *l)
{
	struct jval first = jval_first(jval_get(json_root(&l->doc),
	    "models"));
	const struct model *path[CONFIG_NESTED_MAX];
	struct jval key = first;

	if (!gather_names(l))
		return loader_fail(l, key, "out of memory");
	for (struct model *m = l->config->models; m; m = m->next) {
		for (size_t i = 0; i < m->target_count; i++)
			if (!resolve_target(l, target_at(key, i), m,
			    &m->targets[i]))
				return false;
		key = jval_next(key);
	}
	key = first;
	for (const struct model *m = l->config->models; m; m = m->next) {
		size_t n = count_targets(m, path, 0);

		if (!n)
			return loader_fail(l, key, "model \"%.*s\" leads back "
			    "to itself, or through more than %d names",
			    SLICE_FMT(m->name), CONFIG_NESTED_MAX);
		if (n > CONFIG_TARGETS_MAX)
			return loader_fail(l, key, "model \"%.*s\" leads to "
			    "more than %d targets", SLICE_FMT(m->name),
			    CONFIG_TARGETS_MAX);
		key = jval_next(key);
	}
	return true;
}
