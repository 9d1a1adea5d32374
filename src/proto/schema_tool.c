/*
 * Tools' parameters.  Messages takes any schema whose root is an object and
 * no choice between several; what other roots mean is kept as well as can be.
 */
#include "proto/schema.h"

#include "base/map.h"
#include "json/text.h"
#include "json/write.h"
#include "proto/gather.h"

static const char *const combinators[] = { "allOf", "anyOf", "oneOf" };

static bool
is_combinator(struct jval key)
{
	return jval_text_is(key, "allOf") || jval_text_is(key, "anyOf") ||
	    jval_text_is(key, "oneOf");
}

static bool
has_combinator(struct jval schema)
{
	for (size_t i = 0; i < 3; i++)
		if (jval_ok(jval_get(schema, combinators[i])))
			return true;
	return false;
}

/* Is an object among the types this schema allows, as far as it says? */
static bool
allows_object(struct jval schema)
{
	struct jval type = jval_get(schema, "type"), v;

	if (!jval_is(type, JSON_ARRAY))
		return !jval_ok(type) || jval_text_is(type, "object");
	for (v = jval_first(type); !jval_at_end(v); v = jval_next(v))
		if (jval_text_is(v, "object"))
			return true;
	return false;
}

/* The branch itself, or what it refers to. */
static struct jval
branch_of(struct jval root, struct jval branch)
{
	struct slice ref = jval_get_text(branch, "$ref");

	return ref.ptr ? schema_resolve(root, ref) : branch;
}

/* Must all arguments be an object? */
static bool
is_object_root(struct jval root)
{
	struct jval list, v;

	if (!allows_object(root))
		return false;
	for (size_t i = 0; i < 3; i++) {
		list = jval_get(root, combinators[i]);
		for (v = jval_first(list); !jval_at_end(v); v = jval_next(v))
			if (!jval_ok(jval_get(root, "type")) &&
			    !allows_object(branch_of(root, v)))
				return false;
	}
	return true;
}

static char present;		/* what a map used as a set points to */

/* The items of `list` that `seen` does not hold yet: keys with their values
 * of an object, or texts of an array. */
static bool
write_unseen(struct writer *w, struct arena *arena, struct map *seen,
    struct jval list)
{
	bool object = jval_is(list, JSON_OBJECT);
	struct jval k;

	if (!object && !jval_is(list, JSON_ARRAY))
		return true;
	for (k = jval_first(list); !jval_at_end(k); k = jval_next(k)) {
		if (map_get(seen, jval_text(k)) || !jval_is(k, JSON_STRING))
			continue;
		if (!map_put(seen, arena, jval_text(k), &present))
			return false;
		if (object) {
			write_key_text(w, jval_text(k));
			write_min(w, jval_raw(jval_value(k)));
		} else {
			write_text(w, jval_text(k));
		}
	}
	return true;
}

/* `member` of the root, and of the branches of the first `n` combinators. */
static bool
write_union(struct writer *w, struct arena *arena, struct jval root,
    const char *member, size_t n)
{
	struct map seen = { 0 };
	bool fine = write_unseen(w, arena, &seen, jval_get(root, member));

	for (size_t i = 0; i < n; i++) {
		struct jval list = jval_get(root, combinators[i]), v;

		for (v = jval_first(list); !jval_at_end(v); v = jval_next(v))
			fine = fine && write_unseen(w, arena, &seen,
			    jval_get(branch_of(root, v), member));
	}
	return fine;
}

/* Is anything required by the root or by a branch of allOf? */
static bool
requires(struct jval root)
{
	struct jval list = jval_get(root, "allOf"), v;

	if (jval_ok(jval_get(root, "required")))
		return true;
	for (v = jval_first(list); !jval_at_end(v); v = jval_next(v))
		if (jval_ok(jval_get(branch_of(root, v), "required")))
			return true;
	return false;
}

/* The members of `obj` that `wanted` chooses, each as it stands. */
static void
write_members(struct writer *w, struct jval obj, bool (*wanted)(struct jval))
{
	struct jval k;

	for (k = jval_first(obj); !jval_at_end(k); k = jval_next(k)) {
		if (!wanted(k))
			continue;
		write_key_text(w, jval_text(k));
		write_min(w, jval_raw(jval_value(k)));
	}
}

static bool
is_definitions(struct jval key)
{
	return jval_text_is(key, "$defs") || jval_text_is(key, "definitions");
}

static bool
is_no_definitions(struct jval key)
{
	return !is_definitions(key);
}

static bool
is_no_type(struct jval key)
{
	return !jval_text_is(key, "type");
}

static bool
is_not_merged(struct jval key)
{
	return !is_combinator(key) && is_no_type(key) &&
	    !jval_text_is(key, "properties") && !jval_text_is(key, "required");
}

/*
 * All properties that any branch knows, required only where every branch
 * agrees: looser than the original, which the note tells in full.
 */
static bool
write_merged(struct writer *w, struct arena *arena, struct jval root)
{
	bool fine;

	write_object(w);
	write_member_plain(w, "type", "object");
	write_key(w, "properties");
	write_object(w);
	fine = write_union(w, arena, root, "properties", 3);
	write_end(w);
	if (requires(root)) {
		write_key(w, "required");
		write_array(w);
		fine = fine && write_union(w, arena, root, "required", 1);
		write_end(w);
	}
	write_members(w, root, is_not_merged);
	write_end(w);
	return fine;
}

static struct slice
combinators_as_text(struct arena *arena, struct jval root)
{
	struct buf out = { 0 };
	struct writer w = { .out = &out };

	buf_text(&out, "Input must also satisfy: ");
	write_object(&w);
	write_members(&w, root, is_combinator);
	write_end(&w);
	return text_escape(arena, gather(arena, &out));
}

/* The schema becomes a property; its definitions stay where references look. */
static void
write_wrapped(struct writer *w, struct jval root)
{
	write_object(w);
	write_member_plain(w, "type", "object");
	write_key(w, "properties");
	write_object(w);
	write_key(w, "value");
	write_object(w);
	write_members(w, root, is_no_definitions);
	write_end(w);
	write_end(w);
	write_member_raw(w, "required", SLICE("[\"value\"]"));
	write_members(w, root, is_definitions);
	write_end(w);
}

/* The schema with "type":"object" in front of its other members. */
static void
write_typed(struct writer *w, struct jval root)
{
	write_object(w);
	write_member_plain(w, "type", "object");
	write_members(w, root, is_no_type);
	write_end(w);
}

bool
schema_for_tool(struct arena *arena, struct jval schema,
    struct schema_tool *tool)
{
	struct buf out = { 0 };
	struct writer w = { .out = &out };
	bool fine = true;

	*tool = (struct schema_tool){ 0 };
	if (!jval_is(schema, JSON_OBJECT) || !jval_count(schema)) {
		tool->json = SLICE("{\"type\":\"object\",\"properties\":{}}");
		return true;
	}
	if (jval_text_is(jval_get(schema, "type"), "object") &&
	    !has_combinator(schema)) {
		tool->json = jval_raw(schema);	/* as nearly all are */
		return true;
	}
	if (!is_object_root(schema)) {
		tool->wrapped = true;
		write_wrapped(&w, schema);
	} else if (has_combinator(schema)) {
		tool->note = combinators_as_text(arena, schema);
		fine = write_merged(&w, arena, schema);
	} else {
		write_typed(&w, schema);
	}
	tool->json = gather(arena, &out);
	return fine && !arena->failed;
}

struct slice
schema_grammar(struct arena *arena, struct jval format)
{
	struct jval grammar = jval_get(format, "grammar");
	struct slice definition;

	if (!jval_ok(grammar))		/* Responses' manner */
		grammar = format;
	definition = jval_get_text(grammar, "definition");
	if (!definition.len)
		return (struct slice){ 0 };
	return arena_join(arena, (struct slice[]){
	    SLICE("The input must match this "),
	    jval_get_text(grammar, "syntax"), SLICE(" grammar:\\n"),
	    definition }, 4);
}
