#include "proto/gemini/node.h"

enum { MERGE_DEPTH = 16 };

bool
node_step(struct nodes *n)
{
	return n->steps++ < NODE_STEPS;
}

/* NULL, too, when there were too many steps. */
static struct member *
find(struct nodes *n, const struct members *list, struct slice key)
{
	struct member *m = list->first;

	while (m && !slice_eq(m->key, key))
		m = node_step(n) ? m->next : NULL;
	return m;
}

static bool
add(struct nodes *n, struct members *to, struct slice key, struct jval v)
{
	struct member *m = arena_alloc(n->arena, sizeof *m);

	if (!m || !node_step(n))
		return false;
	m->key = key;
	m->v = v;
	if (to->last)
		to->last->next = m;
	else
		to->first = m;
	to->last = m;
	to->given = true;
	return true;
}

/* Add or replace. */
static bool
set(struct nodes *n, struct members *to, struct slice key, struct jval v)
{
	struct member *m = find(n, to, key);

	if (!m)
		return add(n, to, key, v);
	m->v = v;
	return node_step(n);
}

static bool
add_missing(struct nodes *n, struct members *to, const struct members *from)
{
	for (const struct member *m = from->first; m; m = m->next) {
		if (!node_step(n))
			return false;
		if (!find(n, to, m->key) && !add(n, to, m->key, m->v))
			return false;
	}
	to->given |= from->given;
	return true;
}

static bool
read_properties(struct nodes *n, struct jval v, struct members *to)
{
	for (struct jval k = jval_first(v); !jval_at_end(k); k = jval_next(k))
		if (!set(n, to, jval_text(k), jval_value(k)))
			return false;
	to->given = true;
	return true;
}

static bool
read_required(struct nodes *n, struct jval v, struct members *to)
{
	for (struct jval k = jval_first(v); !jval_at_end(k); k = jval_next(k))
		if (jval_is(k, JSON_STRING) &&
		    !set(n, to, jval_text(k), (struct jval){ 0 }))
			return false;
	to->given = true;
	return true;
}

static bool
read_member(struct nodes *n, struct jval key, struct node *into)
{
	struct jval v = jval_value(key);

	if (jval_text_is(key, "properties") && jval_is(v, JSON_OBJECT))
		return read_properties(n, v, &into->properties);
	if (jval_text_is(key, "required") && jval_is(v, JSON_ARRAY))
		return read_required(n, v, &into->required);
	if (jval_text_is(key, "allOf"))
		return true;
	return set(n, &into->all, jval_text(key), v);
}

static bool	read_at(struct nodes *, struct jval, struct node *,
		    unsigned depth);

/* Properties of a part stand before those that were there. */
static bool
merge(struct nodes *n, struct node *into, struct node *part)
{
	struct members own = into->properties;

	if (!add_missing(n, &into->all, &part->all) ||
	    !add_missing(n, &into->required, &part->required))
		return false;
	if (!part->properties.given)
		return true;
	into->properties = part->properties;
	for (const struct member *m = own.first; m; m = m->next)
		if (!set(n, &into->properties, m->key, m->v))
			return false;
	return true;
}

static bool
read_part(struct nodes *n, struct jval part, struct node *into, unsigned depth)
{
	struct slice ref = jval_get_text(part, "$ref");
	struct node read = { 0 };

	if (ref.len)
		part = node_resolve(n, ref);
	if (!jval_is(part, JSON_OBJECT) || depth > MERGE_DEPTH)
		return true;
	return read_at(n, part, &read, depth + 1) && merge(n, into, &read);
}

static bool
read_at(struct nodes *n, struct jval v, struct node *into, unsigned depth)
{
	struct jval parts = jval_get(v, "allOf"), p;

	for (struct jval k = jval_first(v); !jval_at_end(k); k = jval_next(k))
		if (!read_member(n, k, into))
			return false;
	if (!jval_is(parts, JSON_ARRAY))
		return true;
	for (p = jval_first(parts); !jval_at_end(p); p = jval_next(p))
		if (!read_part(n, p, into, depth))
			return false;
	return true;
}

bool
node_read(struct nodes *n, struct jval v, struct node *into)
{
	return read_at(n, v, into, 0);
}

bool
node_override(struct nodes *n, struct node *node, const struct node *over)
{
	for (const struct member *m = over->all.first; m; m = m->next)
		if (!set(n, &node->all, m->key, m->v))
			return false;
	if (over->properties.given)
		node->properties = over->properties;
	if (over->required.given)
		node->required = over->required;
	return true;
}

struct jval
node_get(const struct node *node, const char *name)
{
	const struct member *m = node->all.first;

	while (m && !slice_is(m->key, name))
		m = m->next;
	return m && jval_ok(m->v) ? m->v : (struct jval){ 0 };
}

void
node_drop(struct node *node, const char *name)
{
	struct member *m = node->all.first;

	while (m && !slice_is(m->key, name))
		m = m->next;
	if (m)
		m->v = (struct jval){ 0 };
}

bool
node_has(struct nodes *n, const struct node *node, struct slice property)
{
	return find(n, &node->properties, property);
}

/* Is `step` of a JSON pointer the key?  RFC 6901: ~1 is '/', ~0 is '~'. */
static bool
is_step(struct slice step, struct slice key)
{
	size_t i = 0;

	for (size_t n = 0; n < step.len; n++, i++) {
		char c = step.ptr[n];

		if (c == '~' && n + 1 < step.len)
			c = step.ptr[++n] == '1' ? '/' : '~';
		if (i == key.len || key.ptr[i] != c)
			return false;
	}
	return i == key.len;
}

struct jval
node_resolve(const struct nodes *n, struct slice ref)
{
	struct jval at = n->root, k;
	struct slice rest = slice_skip(ref, 2);

	if (!slice_starts(ref, SLICE("#/")))
		return (struct jval){ 0 };
	while (rest.ptr && jval_is(at, JSON_OBJECT)) {
		struct slice step = slice_cut(&rest, '/');

		for (k = jval_first(at); !jval_at_end(k) &&
		    !is_step(step, jval_text(k)); k = jval_next(k))
			;
		at = jval_at_end(k) ? (struct jval){ 0 } : jval_value(k);
	}
	return jval_is(at, JSON_OBJECT) ? at : (struct jval){ 0 };
}
