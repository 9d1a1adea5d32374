#include "gateway/route.h"

#include <stdarg.h>
#include <stdio.h>

#include "gateway/pick.h"

/* A name, and the one target that it leads to. */
struct lookup {
	const struct config	*config;
	struct arena		*arena;
	struct slice		 name;
	struct target		 target;
};

static void
found(struct lookup *l, const struct provider *p, struct slice model,
    const struct catalog_model *row)
{
	l->target = (struct target){ p, model, p->translate, row };
}

/* A name of the catalogue: the first provider that has it, or `p` alone. */
static bool
from_catalog(struct lookup *l, const struct provider *p, struct slice name)
{
	struct slice suffix;
	const struct catalog_name *n = catalog_find(l->config, p, name,
	    &suffix);

	if (!n)
		return false;
	found(l, n->provider, suffix.len ? arena_join(l->arena,
	    (struct slice[]){ n->sent, suffix }, 2) : n->sent, n->row);
	return true;
}

/*
 * A provider's name, its vendor's or a configured prefix before a name that it
 * may know.
 */
static bool
from_prefix(struct lookup *l)
{
	struct slice rest = l->name, prefix = slice_cut(&rest, '/');
	const struct provider *p = rest.len ? config_vendor(l->config, prefix)
	    : NULL;

	if (!p)
		return false;
	if (!l->config->prefixes || !from_catalog(l, p, rest))
		found(l, p, rest, NULL);
	return true;
}

static bool
in_family(const struct preset *preset, struct slice name)
{
	struct slice rest = preset ? slice_of(preset->families)
	    : (struct slice){ 0 };

	while (rest.len) {
		struct slice family = slice_cut(&rest, ' ');

		if (family.len && slice_starts_ci(name, family))
			return true;
	}
	return false;
}

/* May the provider know models that the catalogue does not? */
static bool
may_know(const struct provider *p, struct slice name)
{
	return p->open_catalog || (p->preset && p->preset->vendor_names &&
	    slice_chr(name, '/') != SIZE_MAX);
}

/*
 * A provider at an address of the operator's choosing may know more models than
 * we do.  The one whose family fits is asked, or the only one there is.
 */
static bool
from_open(struct lookup *l)
{
	const struct provider *only = NULL, *kin = NULL;
	size_t count = 0;

	for (const struct provider *p = l->config->providers; p;
	    p = p->next) {
		if (!may_know(p, l->name))
			continue;
		only = p;
		count++;
		if (!kin && in_family(p->preset, l->name))
			kin = p;
	}
	if (!kin && count != 1)
		return false;
	found(l, kin ? kin : only, l->name, NULL);
	return true;
}

/* ---- all names ---- */

void
route_quirks(const struct target *t, struct quirks *q)
{
	quirks_find(q, t->provider->dialect, t->model);
	quirks_override(q, t->provider->quirks, t->model);
}

void
route_each_model(const struct config *c, const struct access_key *key,
    struct arena *arena, void (*each)(void *, struct slice, struct slice,
    const struct catalog_model *), void *arg)
{
	struct slice suffix;

	for (const struct model *m = c->models; m; m = m->next)
		if (!m->wild && access_allows(key, m->name))
			each(arg, m->name, SLICE("dragoman"), NULL);
	for (const struct catalog_entry *e = c->catalog; e; e = e->next) {
		struct slice id = slice_of(e->row->id), full, owner =
		    slice_of(e->row->preset);
		const struct catalog_name *n = catalog_find(c, NULL, id,
		    &suffix);

		/* it stands for who answers to it */
		if (n->row != e->row || n->provider != e->provider ||
		    map_get(&c->model_names, id))
			continue;
		if (!owner.len)
			owner = e->provider->name;
		full = arena_join(arena, (struct slice[]){ owner, SLICE("/"),
		    id }, 3);
		if (access_allows(key, id) || access_allows(key, full))
			each(arg, id, owner, e->row);
	}
}

/* ---- the nearest name, for those who misspelled it ---- */

struct nearest {
	struct slice	name, best;
	size_t		distance;
};

static void
consider(void *arg, struct slice id, struct slice owner,
    const struct catalog_model *row)
{
	struct nearest *n = arg;
	size_t d = slice_distance(n->name, id);

	(void)owner;
	(void)row;
	if (d < n->distance) {
		n->distance = d;
		n->best = id;
	}
}

static bool
unknown(const struct config *c, const struct access_key *key,
    struct slice name, struct arena *arena, struct fail *fail)
{
	struct nearest n = { .name = name, .distance = SIZE_MAX };
	struct slice rest = name;

	slice_cut(&rest, '/');
	if (rest.len)
		n.name = rest;
	route_each_model(c, key, arena, consider, &n);
	if (!c->providers)
		return fail_set(fail, arena, FAIL_NOT_FOUND, "model",
		    "The model '%.*s' does not exist: no provider is "
		    "configured. Set a key such as OPENAI_API_KEY.",
		    SLICE_FMT(slice_sub(name, 0, 200)));
	/* what shares less than half its letters is no help */
	if (n.distance <= n.name.len / 2)
		return fail_set(fail, arena, FAIL_NOT_FOUND, "model",
		    "The model '%.*s' does not exist. The nearest known one "
		    "is '%.*s'; GET /v1/models lists them all.",
		    SLICE_FMT(slice_sub(name, 0, 200)), SLICE_FMT(n.best));
	return fail_set(fail, arena, FAIL_NOT_FOUND, "model",
	    "The model '%.*s' does not exist. Name one as provider/model; "
	    "GET /v1/models lists those that are known.",
	    SLICE_FMT(slice_sub(name, 0, 200)));
}

/* ---- one name ---- */

/* Without a prefix that stands for nothing, unless the whole is a name. */
static struct slice
without_prefix(const struct config *c, struct slice name)
{
	struct slice rest = name, before = slice_cut(&rest, '/');

	if (!rest.len || map_get(&c->model_names, name))
		return name;
	for (const struct prefix *p = c->prefixes; p; p = p->next)
		if (!p->provider && slice_eq_ci(p->name, before))
			return rest;
	return name;
}

/*
 * Whoever may use all of a provider's models may not thereby use what a name
 * with a star makes of theirs.
 */
static bool
may_use(const struct access_key *key, const struct model *m,
    struct slice name)
{
	return access_allows(key, name) && (!m || !m->wild ||
	    model_has_slash(m) || slice_chr(name, '/') == SIZE_MAX);
}

static bool
forbidden(const struct access_key *key, struct slice name,
    struct arena *arena, struct fail *fail)
{
	return fail_set(fail, arena, FAIL_PERMISSION, "model",
	    "The key '%.*s' may not use the model '%.*s'.",
	    SLICE_FMT(key->name), SLICE_FMT(slice_sub(name, 0, 200)));
}

static bool
unfit(struct slice name, struct arena *arena, struct fail *fail)
{
	return fail_set(fail, arena, FAIL_UNSUPPORTED, "model",
	    "No target of the model '%.*s' is meant for a request like this "
	    "one: the operator's conditions decide.",
	    SLICE_FMT(slice_sub(name, 0, 200)));
}

bool
route_add(const struct config *c, const struct access_key *key,
    struct slice asked, struct arena *arena, struct exchange *ex,
    struct route *r, struct fail *fail)
{
	struct lookup l = { .config = c, .arena = arena,
	    .name = c->prefixes ? without_prefix(c, asked) : asked };
	struct picker p = { .config = c, .key = key, .arena = arena,
	    .ex = ex, .route = r };
	struct slice star;
	const struct model *m = config_model(c, l.name, false, &star);
	size_t before = r->count;

	if (!m && !from_catalog(&l, NULL, l.name) && !from_prefix(&l)) {
		m = config_model(c, l.name, true, &star);
		/* the nearest name is sought once, not for each fallback */
		if (!m && !from_open(&l))
			return r->fallbacks ? fail_set(fail, arena,
			    FAIL_NOT_FOUND, "model", "No such model.")
			    : unknown(c, key, l.name, arena, fail);
	}
	p.allowed = may_use(key, m, l.name);
	if (m && !m->wild && !p.allowed)
		return forbidden(key, asked, arena, fail);
	if (m)
		pick_model(&p, m, star);
	else
		pick_target(&p, &l.target);
	r->found = m;
	if (r->count > before || !(p.forbidden || p.unfit))
		return true;
	return p.forbidden ? forbidden(key, asked, arena, fail)
	    : unfit(asked, arena, fail);
}

bool
route_find(const struct config *c, const struct access_key *key,
    struct slice name, struct arena *arena, struct route *r,
    struct fail *fail)
{
	r->count = 0;
	r->model = NULL;
	if (!route_add(c, key, name, arena, NULL, r, fail))
		return false;
	r->model = r->found;
	return true;
}

/* ---- what it is known by ---- */

struct slice
route_name(struct arena *arena, const struct target *t)
{
	return arena_join(arena, (struct slice[]){ t->provider->name,
	    SLICE("/"), t->model }, 3);
}

void
route_pass_over(struct route *r, struct arena *arena, struct slice target,
    const char *why, ...)
{
	struct route_passed **end = &r->passed;
	struct route_passed *passed = arena_alloc(arena, sizeof *passed);
	char text[256];
	va_list args;

	if (!passed)
		return;
	va_start(args, why);
	vsnprintf(text, sizeof text, why, args);
	va_end(args);
	passed->target = target;
	passed->why = arena_dup(arena, slice_of(text));
	while (*end)
		end = &(*end)->next;
	*end = passed;
}
