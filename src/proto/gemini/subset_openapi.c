/*
 * OpenAPI's schemas as older models of Google take them: types in upper case,
 * one each, nothing by reference.
 */
#include "proto/gather.h"
#include "proto/gemini/subset.h"

enum { DEPTH_MAX = 40 };

struct opening {
	struct nodes	*nodes;
	struct writer	*w;
	struct slice	 refs[NODE_REFS];	/* we are inside of */
	size_t		 ref_count;
	unsigned	 depth;
};

/* How one schema is to be written. */
struct how {
	bool		 top;
	bool		 nullable;
	unsigned	 type;		/* not 0: one of its types */
};

static void	put_schema(struct opening *, struct jval, struct how);
static void	put_node(struct opening *, struct node *, struct how);

static void
put_upper(struct writer *w, unsigned type)
{
	static const char *const words[TYPES] = {	/* ORDER TYPE_ */
		"STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT",
		"NULL",
	};
	unsigned i = 0;

	while (i < TYPES - 1 && !(type & 1u << i))
		i++;
	write_member_plain(w, "type", words[i]);
}

static void
put_text(struct opening *o, const struct node *node, const char *name)
{
	struct jval v = node_get(node, name);

	if (jval_is(v, JSON_STRING))
		write_member_text(o->w, name, jval_text(v));
}

static void
put_nullable(struct opening *o, bool nullable)
{
	if (nullable)
		write_member_bool(o->w, "nullable", true);
}

/* What cannot be told but that it is an object. */
static void
put_any(struct opening *o, const struct node *node)
{
	write_object(o->w);
	put_upper(o->w, TYPE_OBJECT);
	if (node)
		put_text(o, node, "description");
	write_end(o->w);
}

/* ---- references ---- */

static bool
is_inside(const struct opening *o, struct slice ref)
{
	for (size_t i = 0; i < o->ref_count; i++)
		if (slice_eq(o->refs[i], ref))
			return true;
	return o->ref_count == NODE_REFS;
}

static void
put_referred(struct opening *o, struct node *node, struct slice ref,
    struct how how)
{
	struct jval target = node_resolve(o->nodes, ref);
	struct node read = { 0 };

	if (!jval_ok(target) || is_inside(o, ref) ||
	    !node_read(o->nodes, target, &read)) {
		put_any(o, node);
		return;
	}
	node_drop(node, "$ref");
	if (!node_override(o->nodes, &read, node)) {
		put_any(o, node);
		return;
	}
	o->refs[o->ref_count++] = ref;
	put_node(o, &read, how);
	o->ref_count--;
}

/* ---- one of several ---- */

static bool
is_null(struct jval v)
{
	return jval_text_is(jval_get(v, "type"), "null");
}

/* The only branch that is not null is told as the schema itself. */
static void
put_branch(struct opening *o, struct node *node, struct jval branch,
    struct how how)
{
	struct node read = { 0 };

	node_drop(node, "anyOf");
	node_drop(node, "oneOf");
	if (!jval_is(branch, JSON_OBJECT) ||
	    !node_read(o->nodes, branch, &read) ||
	    !node_override(o->nodes, node, &read))
		put_any(o, node);
	else
		put_node(o, node, how);
}

static void
put_branches(struct opening *o, struct node *node, struct jval list,
    struct how how)
{
	struct jval v, only = { 0 };
	size_t rest = 0;

	for (v = jval_first(list); !jval_at_end(v); v = jval_next(v)) {
		if (is_null(v)) {
			how.nullable = true;
			continue;
		}
		rest++;
		only = v;
	}
	if (rest == 1) {
		put_branch(o, node, only, how);
		return;
	}
	write_object(o->w);
	write_key(o->w, "anyOf");
	write_array(o->w);
	for (v = jval_first(list); !jval_at_end(v); v = jval_next(v))
		if (!is_null(v))
			put_schema(o, v, (struct how){ 0 });
	write_end(o->w);
	put_text(o, node, "description");
	put_text(o, node, "title");
	put_nullable(o, how.nullable);
	write_end(o->w);
}

/* ---- enums ---- */

/* What an enum of other things than strings holds is told in words. */
static void
put_description(struct opening *o, const struct node *node,
    const struct choice_of *c)
{
	struct slice text = jval_text(node_get(node, "description"));
	bool told = c->count && !c->strings;
	const char *before = "One of: ";
	struct jval v = { 0 };

	if (!text.ptr && !told)
		return;
	write_key(o->w, "description");
	write_text_begin(o->w);
	write_text_piece(o->w, text);
	if (text.len && told)
		write_text_piece(o->w, SLICE(" "));
	while (told && jval_type(v = subset_next(c, v)) != JSON_NONE) {
		if (jval_is(v, JSON_NULL))
			continue;
		write_text_piece(o->w, slice_of(before));
		write_text_piece(o->w, gather_escaped_json(o->nodes->arena,
		    jval_raw(v)));
		before = ", ";
	}
	write_text_end(o->w);
}

static void
put_enum(struct opening *o, const struct choice_of *c)
{
	struct jval v = { 0 };

	if (!c->strings)
		return;
	write_key(o->w, "enum");
	write_array(o->w);
	while (jval_type(v = subset_next(c, v)) != JSON_NONE)
		if (jval_is(v, JSON_STRING))
			write_text(o->w, jval_text(v));
	write_end(o->w);
}

/* ---- what a type has ---- */

static const struct {
	const char	*name;
	unsigned	 types;
	bool		 count;		/* an integer, told as a string */
	enum json_type	 holds;
} kept[] = {
	{ "minimum", TYPE_NUMBER | TYPE_INTEGER, false, JSON_NUMBER },
	{ "maximum", TYPE_NUMBER | TYPE_INTEGER, false, JSON_NUMBER },
	{ "minLength", TYPE_STRING, true, JSON_NUMBER },
	{ "maxLength", TYPE_STRING, true, JSON_NUMBER },
	{ "pattern", TYPE_STRING, false, JSON_STRING },
	{ "minItems", TYPE_ARRAY, true, JSON_NUMBER },
	{ "maxItems", TYPE_ARRAY, true, JSON_NUMBER },
};

static void
put_kept(struct opening *o, const struct node *node, unsigned type)
{
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
		struct jval v = node_get(node, kept[i].name);
		uint64_t n;

		if (!(kept[i].types & type) || !jval_is(v, kept[i].holds) ||
		    (kept[i].count && !jval_u64(v, &n)))
			continue;
		write_key(o->w, kept[i].name);
		if (kept[i].count)
			write_text(o->w, jval_raw(v));
		else
			write_raw(o->w, jval_raw(v));
	}
}

static void
put_format(struct opening *o, const struct node *node, unsigned type)
{
	static const struct {
		const char	*word;
		unsigned	 type;
	} formats[] = {
		{ "float", TYPE_NUMBER }, { "double", TYPE_NUMBER },
		{ "int32", TYPE_INTEGER }, { "int64", TYPE_INTEGER },
		{ "enum", TYPE_STRING }, { "date-time", TYPE_STRING },
	};
	struct jval v = node_get(node, "format");

	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (formats[i].type & type &&
		    jval_text_is(v, formats[i].word))
			write_member_plain(o->w, "format", formats[i].word);
}

static void
put_required(struct opening *o, const struct node *node)
{
	bool any = false;

	for (const struct member *m = node->required.first; m; m = m->next) {
		if (!node_has(o->nodes, node, m->key))
			continue;
		if (!any) {
			write_key(o->w, "required");
			write_array(o->w);
		}
		any = true;
		write_text(o->w, m->key);
	}
	if (any)
		write_end(o->w);
}

static void
put_inside(struct opening *o, const struct node *node, unsigned type)
{
	struct jval order = node_get(node, "propertyOrdering");
	const struct member *m = node->properties.first;

	if (type == TYPE_ARRAY) {
		write_key(o->w, "items");
		if (jval_is(node_get(node, "items"), JSON_OBJECT))
			put_schema(o, node_get(node, "items"),
			    (struct how){ 0 });
		else
			write_raw(o->w, SLICE("{\"type\":\"STRING\"}"));
	}
	if (type != TYPE_OBJECT || !m)
		return;
	write_key(o->w, "properties");
	write_object(o->w);
	for (; m; m = m->next) {
		write_key_text(o->w, m->key);
		put_schema(o, m->v, (struct how){ 0 });
	}
	write_end(o->w);
	put_required(o, node);
	if (jval_is(order, JSON_ARRAY))
		write_member_raw(o->w, "propertyOrdering", jval_raw(order));
}

/* ---- the whole ---- */

static unsigned
infer(const struct node *node, const struct choice_of *c, bool top)
{
	if (c->strings)
		return TYPE_STRING;
	if (c->count)
		return c->flags ? TYPE_BOOLEAN :
		    c->numbers ? TYPE_NUMBER : TYPE_STRING;
	if (node->properties.given)
		return TYPE_OBJECT;
	if (jval_ok(node_get(node, "items")))
		return TYPE_ARRAY;
	return top ? TYPE_OBJECT : TYPE_STRING;
}

/* Each of its types as a branch. */
static void
put_union(struct opening *o, struct node *node, unsigned types,
    const struct choice_of *c, struct how how)
{
	write_object(o->w);
	write_key(o->w, "anyOf");
	write_array(o->w);
	for (unsigned t = 1; t < TYPE_NULL; t <<= 1)
		if (types & t) {
			struct node one = *node;

			put_node(o, &one, (struct how){ .type = t });
		}
	write_end(o->w);
	put_description(o, node, c);
	put_nullable(o, how.nullable);
	write_end(o->w);
}

static void
put_single(struct opening *o, struct node *node, unsigned type,
    const struct choice_of *c, struct how how)
{
	write_object(o->w);
	put_upper(o->w, type);
	if (!how.type) {
		put_description(o, node, c);
		put_text(o, node, "title");
	}
	put_nullable(o, how.nullable);
	if (type == TYPE_STRING)
		put_enum(o, c);
	put_format(o, node, type);
	put_kept(o, node, type);
	put_inside(o, node, type);
	write_end(o->w);
}

static void
put_node(struct opening *o, struct node *node, struct how how)
{
	struct slice ref = jval_text(node_get(node, "$ref"));
	struct jval any = node_get(node, "anyOf");
	struct choice_of choice;
	unsigned first, types;

	if (ref.ptr) {
		put_referred(o, node, ref, how);
		return;
	}
	how.nullable |= !how.type && jval_is_true(node_get(node, "nullable"));
	if (!jval_is(any, JSON_ARRAY))
		any = node_get(node, "oneOf");
	if (jval_is(any, JSON_ARRAY) && jval_count(any)) {
		put_branches(o, node, any, how);
		return;
	}
	choice = subset_choice(node);
	types = how.type ? how.type :
	    subset_types(node_get(node, "type"), &first);
	how.nullable |= !how.type && (choice.null || types & TYPE_NULL);
	types &= ~(unsigned)TYPE_NULL;
	if (!types)
		types = infer(node, &choice, how.top);
	if (types & (types - 1))
		put_union(o, node, types, &choice, how);
	else
		put_single(o, node, types, &choice, how);
}

/* Deeper than any schema that a model could fill in is told as an object. */
static void
put_schema(struct opening *o, struct jval v, struct how how)
{
	struct node node = { 0 };

	if (!jval_is(v, JSON_OBJECT)) {
		write_raw(o->w, SLICE("{\"type\":\"STRING\"}"));
		return;
	}
	if (o->depth == DEPTH_MAX || !node_step(o->nodes) ||
	    !node_read(o->nodes, v, &node)) {
		put_any(o, NULL);
		return;
	}
	o->depth++;
	put_node(o, &node, how);
	o->depth--;
}

void
subset_put_openapi(struct nodes *n, struct writer *w, struct jval v)
{
	struct opening o = { .nodes = n, .w = w };

	put_schema(&o, v, (struct how){ .top = true });
}
