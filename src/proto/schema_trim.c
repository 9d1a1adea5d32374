/*
 * A schema without the keywords that its reader refuses.  What can be said in
 * other words is: references are written out, a constant is an enum of one.
 */
#include "json/write.h"
#include "proto/gather.h"
#include "proto/pass.h"
#include "proto/schema.h"

enum {
	DEPTH_MAX = 48,		/* of what is written */
	REFS_MAX = 5,		/* references inside one another */
	BYTES_MAX = 256 << 10,	/* a few references may make a lot */
};

struct trim {
	struct jval	 root;
	const char	*refused;
	struct writer	 w;
	unsigned	 depth, refs;
	bool		 changed, looser;
};

/* Keywords that hold schemas; others are as they came. */
static const struct keyword {
	const char	*name;
	bool		 named;		/* an object of schemas */
} keywords[] = {
	{ "properties", true }, { "$defs", true }, { "definitions", true },
	{ "patternProperties", true }, { "dependentSchemas", true },
	{ "items", false }, { "anyOf", false }, { "oneOf", false },
	{ "allOf", false }, { "prefixItems", false },
	{ "additionalProperties", false }, { "not", false },
	{ "if", false }, { "then", false }, { "else", false },
	{ "contains", false }, { "propertyNames", false },
};

static bool
is_refused(const struct trim *t, const char *word)
{
	return pass_among(t->refused, slice_of(word));
}

static void	put(struct trim *, struct jval);

static void
put_list(struct trim *t, struct jval list)
{
	write_array(&t->w);
	for (struct jval v = jval_first(list); !jval_at_end(v);
	    v = jval_next(v))
		put(t, v);
	write_end(&t->w);
}

static void
put_named(struct trim *t, struct jval map)
{
	write_object(&t->w);
	for (struct jval k = jval_first(map); !jval_at_end(k);
	    k = jval_next(k)) {
		write_key_text(&t->w, jval_text(k));
		put(t, jval_value(k));
	}
	write_end(&t->w);
}

/* Of an enum the texts; nothing if there is none. */
static void
put_texts(struct trim *t, struct jval list)
{
	bool any = false;

	for (struct jval v = jval_first(list); !jval_at_end(v);
	    v = jval_next(v)) {
		if (!jval_is(v, JSON_STRING)) {
			t->changed = t->looser = true;
			continue;
		}
		if (!any) {
			write_key(&t->w, "enum");
			write_array(&t->w);
		}
		any = true;
		write_text(&t->w, jval_text(v));
	}
	if (any)
		write_end(&t->w);
}

/* A keyword that is refused.  False: this one may stay as it is. */
static bool
put_refused(struct trim *t, struct jval key, struct jval v)
{
	if (!pass_among(t->refused, jval_text(key)))
		return false;
	if (jval_text_is(key, "enum")) {
		put_texts(t, v);
		return true;
	}
	t->changed = true;
	if (jval_text_is(key, "oneOf") && jval_is(v, JSON_ARRAY)) {
		write_key(&t->w, "anyOf");
		put_list(t, v);
	} else if (jval_text_is(key, "const") && jval_is(v, JSON_STRING)) {
		write_key(&t->w, "enum");
		write_array(&t->w);
		write_text(&t->w, jval_text(v));
		write_end(&t->w);
	} else if (!jval_text_is(key, "$ref") && !jval_text_is(key, "$defs") &&
	    !jval_text_is(key, "definitions")) {
		t->looser = true;
	}
	return true;
}

static void
put_member(struct trim *t, struct jval key)
{
	size_t n = sizeof keywords / sizeof *keywords, i = 0;
	struct jval v = jval_value(key);

	if (put_refused(t, key, v))
		return;
	while (i < n && !jval_text_is(key, keywords[i].name))
		i++;
	write_key_text(&t->w, jval_text(key));
	if (i < n && keywords[i].named && jval_is(v, JSON_OBJECT))
		put_named(t, v);
	else if (i < n && !keywords[i].named && jval_is(v, JSON_ARRAY))
		put_list(t, v);
	else if (i < n && !keywords[i].named)
		put(t, v);
	else
		write_min(&t->w, jval_raw(v));
}

/* What it refers to, if that is to be written in its place. */
static struct jval
target_of(struct trim *t, struct jval v)
{
	struct jval ref = jval_get(v, "$ref");
	struct jval to = { 0 };

	if (!jval_is(ref, JSON_STRING) || !is_refused(t, "$ref"))
		return to;
	if (t->refs < REFS_MAX)
		to = schema_resolve(t->root, jval_text(ref));
	if (!jval_is(to, JSON_OBJECT))
		t->changed = t->looser = true;
	return to;
}

/* Is it a member of one of those? */
static bool
stands(const struct jval *chain, unsigned n, struct jval key)
{
	struct jval k;

	while (n--)
		for (k = jval_first(chain[n]); !jval_at_end(k);
		    k = jval_next(k))
			if (slice_eq(jval_text(k), jval_text(key)))
				return true;
	return false;
}

/* A schema, and what it refers to: what is said nearer by counts. */
static void
put_schema(struct trim *t, struct jval v)
{
	struct jval chain[REFS_MAX + 1], k;
	unsigned refs = t->refs, n = 0;

	write_object(&t->w);
	while (jval_is(v, JSON_OBJECT)) {
		for (k = jval_first(v); !jval_at_end(k); k = jval_next(k))
			if (!n || !stands(chain, n, k))
				put_member(t, k);
			else if (jval_text_is(k, "properties") ||
			    jval_text_is(k, "required"))
				t->looser = true;
		chain[n++] = v;
		v = target_of(t, v);
		t->refs++;
	}
	t->refs = refs;
	write_end(&t->w);
}

static void
put(struct trim *t, struct jval v)
{
	if (!jval_is(v, JSON_OBJECT)) {
		write_min(&t->w, jval_raw(v));
		return;
	}
	if (t->depth == DEPTH_MAX || buf_len(t->w.out) > BYTES_MAX) {
		t->changed = t->looser = true;
		write_raw(&t->w, SLICE("{}"));
		return;
	}
	t->depth++;
	put_schema(t, v);
	t->depth--;
}

bool
schema_trim(struct arena *arena, struct jval schema, const char *refused,
    struct slice *out)
{
	struct buf text = { 0 };
	struct trim t = { .root = schema, .refused = refused,
	    .w = { .out = &text } };

	put(&t, schema);
	*out = t.changed ? gather(arena, &text) : jval_raw(schema);
	buf_free(&text);
	return !t.looser;
}
