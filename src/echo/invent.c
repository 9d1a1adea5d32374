#include "echo/invent.h"

#include "json/write.h"

enum { DEPTH_MAX = 8 };		/* deeper objects stay empty */

static void	invent(struct writer *, struct jval schema, unsigned depth);

static void
invent_object(struct writer *w, struct jval schema, unsigned depth)
{
	struct jval required = jval_get(schema, "required");
	struct jval properties = jval_get(schema, "properties");

	write_object(w);
	if (depth < DEPTH_MAX && jval_is(required, JSON_ARRAY))
		for (struct jval r = jval_first(required); !jval_at_end(r);
		    r = jval_next(r)) {
			struct jval of = { 0 };

			if (!jval_is(r, JSON_STRING))
				continue;
			for (struct jval k = jval_first(properties);
			    !jval_at_end(k); k = jval_next(k))
				if (slice_eq(jval_text(k), jval_text(r)))
					of = jval_value(k);
			write_key_text(w, jval_text(r));
			invent(w, of, depth + 1);
		}
	write_end(w);
}

/* The schema itself, or the first that it leaves the choice of. */
static struct jval
choose(struct jval schema)
{
	static const char *const unions[] = { "anyOf", "oneOf", "allOf" };

	for (size_t i = 0; i < sizeof unions / sizeof *unions; i++) {
		struct jval of = jval_get(schema, unions[i]);

		if (jval_is(of, JSON_ARRAY) && jval_count(of))
			return jval_first(of);
	}
	return schema;
}

static void
invent_typed(struct writer *w, struct jval schema, unsigned depth)
{
	struct jval of = jval_get(schema, "type");
	struct slice type;

	if (jval_is(of, JSON_ARRAY))
		of = jval_count(of) ? jval_first(of) : (struct jval){ 0 };
	type = jval_text(of);		/* Gemini shouts: "OBJECT" */
	if (slice_eq_ci(type, SLICE("object")) ||
	    (!type.len && jval_ok(jval_get(schema, "properties")))) {
		invent_object(w, schema, depth);
	} else if (slice_eq_ci(type, SLICE("array"))) {
		write_array(w);
		write_end(w);
	} else if (slice_eq_ci(type, SLICE("number")) ||
	    slice_eq_ci(type, SLICE("integer"))) {
		write_u64(w, 1);
	} else if (slice_eq_ci(type, SLICE("boolean"))) {
		write_bool(w, true);
	} else if (slice_eq_ci(type, SLICE("null"))) {
		write_null(w);
	} else {
		write_plain(w, "x");
	}
}

/* Depth is bounded: invent_object() asks for no members below DEPTH_MAX. */
static void
invent(struct writer *w, struct jval schema, unsigned depth)
{
	struct jval of = choose(schema);
	struct jval values = jval_get(of, "enum");

	if (jval_ok(jval_get(of, "const")))
		write_min(w, jval_raw(jval_get(of, "const")));
	else if (jval_is(values, JSON_ARRAY) && jval_count(values))
		write_min(w, jval_raw(jval_first(values)));
	else
		invent_typed(w, of, depth);
}

struct slice
invent_arguments(struct arena *arena, struct jval schema)
{
	struct buf out = { 0 };
	struct writer w = { .out = &out };
	struct slice made;

	invent_object(&w, choose(schema), 0);
	made = arena_dup(arena, buf_slice(&out));
	arena->failed |= out.failed;
	buf_free(&out);
	return made;
}
