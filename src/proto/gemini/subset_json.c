/*
 * JSON Schema as Google takes it: fewer keywords, references only to $defs.
 */
#include "proto/gemini/proto3.h"
#include "proto/gemini/subset.h"
#include "proto/number.h"

/* Copied as they stand. */
static const char *const kept[] = {
	"format", "title", "description", "minItems", "maxItems", "minimum",
	"maximum", "$id", "$anchor", "propertyOrdering",
};

static void	put_schema(struct nodes *, struct writer *, struct jval,
		    bool top);

/* References stand alone; those to elsewhere say nothing. */
static void
put_ref(struct writer *w, struct slice ref)
{
	static const struct slice old = SLICE_INIT("#/definitions/");

	write_object(w);
	if (slice_starts(ref, old)) {
		write_key(w, "$ref");
		write_text_begin(w);
		write_text_piece(w, SLICE("#/$defs/"));
		write_text_piece(w, slice_skip(ref, old.len));
		write_text_end(w);
	} else if (slice_starts(ref, SLICE("#/$defs/")) ||
	    slice_is(ref, "#")) {
		write_member_text(w, "$ref", ref);
	}
	write_end(w);
}

/* ---- types and enums ---- */

static void
put_types(struct writer *w, struct jval type, unsigned types)
{
	bool several = types & (types - 1);
	unsigned first, given = subset_types(type, &first);
	struct proto3_items it;

	if (!types)
		return;
	write_key(w, "type");
	if (!several) {
		write_plain(w, subset_word(types));
		return;
	}
	write_array(w);
	for (it = proto3_items(type); proto3_more(&it); proto3_next(&it)) {
		(void)subset_types(it.at, &first);
		if (first)
			write_plain(w, subset_word(first));
	}
	for (unsigned t = 1; t <= TYPE_NULL; t <<= 1)
		if (types & ~given & t)
			write_plain(w, subset_word(t));
	write_end(w);
}

static unsigned
infer(const struct node *node, const struct choice_of *c, bool top)
{
	if (c->flags)
		return TYPE_BOOLEAN;
	if (node->properties.given)
		return TYPE_OBJECT;
	if (jval_ok(node_get(node, "items")) ||
	    jval_ok(node_get(node, "prefixItems")))
		return TYPE_ARRAY;
	if (c->strings)
		return TYPE_STRING;
	return top ? TYPE_OBJECT : 0;
}

static void
put_enum(struct writer *w, const struct choice_of *c)
{
	struct jval v = { 0 };
	bool any = false;

	if (c->flags)
		return;
	while (jval_type(v = subset_next(c, v)) != JSON_NONE) {
		if (!jval_is(v, JSON_STRING) && !jval_is(v, JSON_NUMBER))
			continue;
		if (!any) {
			write_key(w, "enum");
			write_array(w);
		}
		any = true;
		write_min(w, jval_raw(v));
	}
	if (any)
		write_end(w);
}

/* ---- bounds ---- */

/* An integer that stands apart from the bound; other numbers as they are. */
static void
put_bound(struct writer *w, const struct node *node, const char *from,
    const char *name, int64_t step, bool integer)
{
	struct jval v = node_get(node, from);
	struct slice text = jval_raw(v);
	bool minus = slice_starts(text, SLICE("-"));
	uint64_t n;

	if (!jval_is(v, JSON_NUMBER) || jval_ok(node_get(node, name)))
		return;
	write_key(w, name);
	if (integer && number_u64(slice_skip(text, minus), &n) &&
	    n < INT64_MAX)
		write_i64(w, (minus ? -(int64_t)n : (int64_t)n) + step);
	else
		write_raw(w, text);
}

static void
put_kept(struct writer *w, const struct node *node)
{
	for (const struct member *m = node->all.first; m; m = m->next)
		for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
			if (slice_is(m->key, kept[i]) && jval_ok(m->v)) {
				write_key(w, kept[i]);
				write_min(w, jval_raw(m->v));
			}
}

/* ---- what is inside ---- */

static void
put_properties(struct nodes *n, struct writer *w, const struct node *node,
    bool always)
{
	if (!node->properties.given && !always)
		return;
	write_key(w, "properties");
	write_object(w);
	for (const struct member *m = node->properties.first; m; m = m->next) {
		write_key_text(w, m->key);
		put_schema(n, w, m->v, false);
	}
	write_end(w);
}

static void
put_list(struct nodes *n, struct writer *w, const char *name, struct jval list,
    bool nullable)
{
	if (!jval_is(list, JSON_ARRAY) || !jval_count(list))
		return;
	write_key(w, name);
	write_array(w);
	for (struct jval v = jval_first(list); !jval_at_end(v);
	    v = jval_next(v)) {
		put_schema(n, w, v, false);
		nullable &= !jval_text_is(jval_get(v, "type"), "null");
	}
	if (nullable)
		write_raw(w, SLICE("{\"type\":\"null\"}"));
	write_end(w);
}

static void
put_items(struct nodes *n, struct writer *w, const struct node *node)
{
	struct jval items = node_get(node, "items");
	struct jval tuple = node_get(node, "prefixItems");

	if (jval_is(items, JSON_OBJECT)) {
		write_key(w, "items");
		put_schema(n, w, items, false);
	}
	if (!jval_ok(tuple))
		tuple = items;
	put_list(n, w, "prefixItems", tuple, false);
}

static void
put_required(struct nodes *n, struct writer *w, const struct node *node)
{
	bool any = false;

	for (const struct member *m = node->required.first; m; m = m->next) {
		if (!node_has(n, node, m->key))
			continue;
		if (!any) {
			write_key(w, "required");
			write_array(w);
		}
		any = true;
		write_text(w, m->key);
	}
	if (any)
		write_end(w);
}

static void
put_rest(struct nodes *n, struct writer *w, const struct node *node)
{
	struct jval more = node_get(node, "additionalProperties");

	if (!jval_ok(more))
		return;
	write_key(w, "additionalProperties");
	if (jval_is(more, JSON_OBJECT))
		put_schema(n, w, more, false);
	else
		write_bool(w, jval_is_true(more));
}

static void
put_definitions(struct nodes *n, struct writer *w, const struct node *node)
{
	static const char *const places[] = { "definitions", "$defs" };
	bool any = false;

	for (size_t i = 0; i < 2; i++) {
		struct jval defs = node_get(node, places[i]), k;

		if (!jval_is(defs, JSON_OBJECT) || !jval_count(defs))
			continue;
		if (!any) {
			write_key(w, "$defs");
			write_object(w);
		}
		any = true;
		for (k = jval_first(defs); !jval_at_end(k); k = jval_next(k)) {
			write_key_text(w, jval_text(k));
			put_schema(n, w, jval_value(k), false);
		}
	}
	if (any)
		write_end(w);
}

/* ---- the whole ---- */

static void
put_node(struct nodes *n, struct writer *w, const struct node *node, bool top)
{
	struct choice_of choice = subset_choice(node);
	struct jval type = node_get(node, "type"), any;
	unsigned first, types = subset_types(type, &first);
	bool nullable = jval_is_true(node_get(node, "nullable")) ||
	    choice.null;

	if (!types)
		types = infer(node, &choice, top);
	if (nullable && types)
		types |= TYPE_NULL;
	any = node_get(node, "anyOf");
	if (!jval_is(any, JSON_ARRAY))
		any = node_get(node, "oneOf");
	write_object(w);
	put_types(w, type, types);
	put_enum(w, &choice);
	put_kept(w, node);
	put_bound(w, node, "exclusiveMinimum", "minimum", 1,
	    types & TYPE_INTEGER);
	put_bound(w, node, "exclusiveMaximum", "maximum", -1,
	    types & TYPE_INTEGER);
	put_properties(n, w, node, top && types == TYPE_OBJECT);
	put_items(n, w, node);
	put_list(n, w, "anyOf", any, nullable && !types);
	put_rest(n, w, node);
	put_required(n, w, node);
	put_definitions(n, w, node);
	write_end(w);
}

/* Goes as deep as its input, as references are not followed but in allOf,
 * whose steps are counted. */
static void
put_schema(struct nodes *n, struct writer *w, struct jval v, bool top)
{
	struct jval ref = jval_get(v, "$ref");
	struct node node = { 0 };

	if (jval_is(ref, JSON_STRING))
		put_ref(w, jval_text(ref));
	else if (!jval_is(v, JSON_OBJECT) || w->depth >= JSON_DEPTH_MAX - 4 ||
	    !node_step(n) || !node_read(n, v, &node))
		write_raw(w, SLICE("{}"));
	else
		put_node(n, w, &node, top);
}

void
subset_put_json(struct nodes *n, struct writer *w, struct jval v)
{
	put_schema(n, w, v, true);
}
