/*
 * The catalogue as the configuration has it: the models of active providers,
 * the operator's figures in the place of the program's, and their names.
 */
#include "gateway/loader.h"

/* ---- names ---- */

static struct slice
folded(struct arena *arena, struct slice name)
{
	char *at = arena_text(arena, name.len + 1);

	for (size_t i = 0; at && i < name.len; i++)
		at[i] = catalog_fold(name.ptr[i]);
	return at ? (struct slice){ at, name.len } : (struct slice){ 0 };
}

/* The first to have a name at all, or at its provider, keeps it. */
static bool
put_name(struct loader *l, const struct catalog_entry *e, struct slice name,
    struct slice sent)
{
	struct catalog_name *n = arena_alloc(l->arena, sizeof *n), *first;
	struct slice key = folded(l->arena, name);

	if (!n || !key.ptr)
		return false;
	*n = (struct catalog_name){ NULL, e->provider, e->row, sent };
	first = map_get(&l->config->catalog_names, key);
	if (!first)
		return map_put(&l->config->catalog_names, l->arena, key, n);
	while (first->provider != e->provider && first->next)
		first = first->next;
	if (first->provider != e->provider)
		first->next = n;
	return true;
}

/* What a date stands behind, where the id itself ends in "-0" or "-latest". */
static size_t
stem(struct slice id)
{
	if (slice_ends(id, SLICE("-0")))
		return id.len - 2;
	return slice_ends(id, SLICE("-latest")) ? id.len - 7 : 0;
}

static bool
put_id(struct loader *l, const struct catalog_entry *e)
{
	struct slice id = slice_of(e->row->id);
	size_t n = stem(id);

	return put_name(l, e, id, id) && (!n || put_name(l, e,
	    slice_sub(id, 0, n + 1), slice_sub(id, 0, n)));
}

static bool
put_others(struct loader *l, const struct catalog_entry *e)
{
	struct slice rest = slice_of(e->row->also);

	while (rest.len) {
		struct slice name = slice_cut(&rest, ' '), sent = name;

		if (slice_starts(name, SLICE("~"))) {
			name = slice_skip(name, 1);
			sent = slice_of(e->row->id);
		}
		if (!put_name(l, e, name, sent))
			return false;
	}
	return true;
}

/* Ids go before other names, so that no name hides a model. */
static bool
put_names(struct loader *l)
{
	const struct catalog_entry *e;

	for (e = l->config->catalog; e; e = e->next)
		if (!put_id(l, e))
			return false;
	for (e = l->config->catalog; e; e = e->next)
		if (!put_others(l, e))
			return false;
	return true;
}

/* ---- rows ---- */

static bool
has_preset(const struct provider *p, const struct catalog_model *m)
{
	return p->preset && slice_is(slice_of(p->preset->name), m->preset);
}

static struct catalog_entry **
put_entry(struct loader *l, struct catalog_entry **end,
    const struct provider *p, const struct catalog_model *m)
{
	struct catalog_entry *e = arena_alloc(l->arena, sizeof *e);

	if (!e)
		return end;
	*e = (struct catalog_entry){ NULL, p, m };
	*end = e;
	return &e->next;
}

/* In the order of the table, which decides between two of one name. */
static void
put_table(struct loader *l)
{
	struct catalog_entry **end = &l->config->catalog;
	struct catalog_walk walk = { 0 };
	struct catalog_model m, *kept;

	while (catalog_next(&walk, &m)) {
		kept = NULL;
		for (struct provider *p = l->config->providers; p;
		    p = p->next) {
			if (!has_preset(p, &m))
				continue;
			if (!kept)
				kept = arena_alloc(l->arena, sizeof *kept);
			if (!kept)
				return;
			*kept = m;
			end = put_entry(l, end, p, kept);
		}
	}
}

/* ---- the file's "catalog" ---- */

static struct catalog_entry *
known(struct loader *l, const struct provider *p, struct slice id)
{
	struct catalog_entry *e = l->config->catalog;

	while (e && (e->provider != p ||
	    !catalog_same_name(slice_of(e->row->id), id)))
		e = e->next;
	return e;
}

/* A model that the program does not know goes behind all others. */
static struct catalog_entry *
unheard(struct loader *l, const struct provider *p, struct slice id,
    struct catalog_model *m)
{
	struct catalog_entry **end = &l->config->catalog;

	while (*end)
		end = &(*end)->next;
	*m = (struct catalog_model){ .id = arena_cstr(l->arena, id),
	    .preset = p->preset ? p->preset->name : NULL, .price = PRICE_NONE };
	m->display = m->id;
	put_entry(l, end, p, m);
	return *end;
}

/* "provider/model": { what is known of it }; the figures are as of now. */
static bool
read_entry(struct loader *l, struct jval key)
{
	struct catalog_model *m = arena_alloc(l->arena, sizeof *m);
	struct slice id, prefix;
	const struct provider *p;
	struct catalog_entry *e;

	if (!m || !loader_text(l, key, jval_text(key), &id))
		return false;
	prefix = slice_cut(&id, '/');
	p = config_vendor(l->config, prefix);
	if (!p || !loader_is_name(id))
		return loader_fail(l, key, "a model of the catalogue is "
		    "spelled \"provider/model\", without blanks; its provider "
		    "must be configured or have its key in the environment");
	e = known(l, p, id);
	if (e && !e->row->as_of)
		return loader_fail(l, key, "\"%.*s\" stands twice",
		    SLICE_FMT(jval_text(key)));
	if (e)
		*m = *e->row;
	else
		e = unheard(l, p, id, m);
	if (!e)
		return false;
	m->as_of = 0;
	e->row = m;
	return loader_row(l, jval_value(key), m);
}

static bool
read_file(struct loader *l)
{
	struct jval list = jval_get(json_root(&l->doc), "catalog");

	if (!jval_ok(list))
		return true;
	if (!jval_is(list, JSON_OBJECT))
		return loader_fail(l, list, "\"catalog\" must be an object: "
		    "{ \"provider/model\": { ... } }");
	for (struct jval k = jval_first(list); !jval_at_end(k);
	    k = jval_next(k))
		if (!read_entry(l, k))
			return false;
	return true;
}

bool
loader_catalog(struct loader *l)
{
	put_table(l);
	if (!read_file(l))
		return loader_fail(l, (struct jval){ 0 }, "out of memory");
	if (!put_names(l) || l->arena->failed)
		return loader_fail(l, (struct jval){ 0 }, "out of memory");
	return true;
}
