#include "proto/schema.h"

#include <string.h>

#include "base/map.h"
#include "json/text.h"
#include "json/write.h"
#include "proto/gather.h"

/* What a keyword holds, which says how to go through it. */
enum keyword {
	OTHER,			/* not in the subset: told in the description */
	KEEP,			/* copied */
	SILENT,			/* says nothing of the value */
	DESCRIPTION,
	CLOSED,			/* additionalProperties */
	FORMAT, MIN_ITEMS,	/* some values only */
	ONE,			/* a schema */
	LIST,			/* an array of schemas */
	MAP,			/* an object of schemas */
};

static const struct {
	const char	*name;
	enum keyword	 kind;
	const char	*of;	/* the only type it concerns; NULL: all */
} keywords[] = {
	{ "type", KEEP, NULL },
	{ "enum", KEEP, NULL },
	{ "const", KEEP, NULL },
	{ "$ref", KEEP, NULL },
	{ "title", KEEP, NULL },
	{ "default", KEEP, NULL },
	{ "required", KEEP, "object" },
	{ "description", DESCRIPTION, NULL },
	{ "$schema", SILENT, NULL },
	{ "$id", SILENT, NULL },
	{ "$comment", SILENT, NULL },
	{ "additionalProperties", CLOSED, "object" },
	{ "format", FORMAT, "string" },
	{ "minItems", MIN_ITEMS, "array" },
	{ "items", ONE, "array" },
	{ "anyOf", LIST, NULL },
	{ "oneOf", LIST, NULL },
	{ "allOf", LIST, NULL },
	{ "properties", MAP, "object" },
	{ "$defs", MAP, NULL },
	{ "definitions", MAP, NULL },
};

enum { KEYWORDS = sizeof keywords / sizeof *keywords };

/* The row of a keyword; KEYWORDS if there is none. */
static size_t
row_of(struct jval key)
{
	size_t i = 0;

	while (i < KEYWORDS && !jval_text_is(key, keywords[i].name))
		i++;
	return i;
}

static enum keyword
kind_of(struct jval key)
{
	size_t row = row_of(key);

	return row < KEYWORDS ? keywords[row].kind : OTHER;
}

static bool
is_type(struct jval schema, const char *type)
{
	return jval_text_is(jval_get(schema, "type"), type);
}

/* --- references inside one schema ----------------------------------------- */

struct jval
schema_resolve(struct jval root, struct slice ref)
{
	static const char *const places[] = { "$defs", "definitions" };

	for (size_t i = 0; i < 2; i++) {
		struct jval defs = jval_get(root, places[i]), k;
		struct slice path = ref;

		if (!slice_starts(path, SLICE("#/")))
			break;
		path = slice_skip(path, 2);
		if (!slice_is(slice_cut(&path, '/'), places[i]) || !path.ptr)
			continue;
		for (k = jval_first(defs); !jval_at_end(k); k = jval_next(k))
			if (slice_eq(jval_text(k), path))
				return jval_value(k);
	}
	return (struct jval){ 0 };
}

/* Looks for references that come back to where they began. */
struct hunt {
	struct arena	*arena;
	struct jval	 root;
	struct map	 seen;		/* by reference: on the way, or done */
};

enum {
	REF_DEPTH = 64,		/* nesting and references together */
	SHAPE_DEPTH = 24,	/* each writes up to four levels */
};

static char on_the_way, done;

static bool	comes_back(struct hunt *, struct jval, unsigned depth);

static bool
ref_comes_back(struct hunt *h, struct slice ref, unsigned depth)
{
	void *state = map_get(&h->seen, ref);
	struct jval target = schema_resolve(h->root, ref);

	if (state)
		return state == &on_the_way;
	if (!jval_ok(target) ||
	    !map_put(&h->seen, h->arena, ref, &on_the_way) ||
	    comes_back(h, target, depth + 1))
		return true;
	return !map_put(&h->seen, h->arena, ref, &done);
}

/* Also true if a reference leads nowhere, or it all goes too deep. */
static bool
comes_back(struct hunt *h, struct jval v, unsigned depth)
{
	bool object = jval_is(v, JSON_OBJECT);
	struct slice ref = jval_get_text(v, "$ref");
	struct jval k;

	if (depth > REF_DEPTH || (ref.ptr && ref_comes_back(h, ref, depth)))
		return true;
	if (!object && !jval_is(v, JSON_ARRAY))
		return false;
	for (k = jval_first(v); !jval_at_end(k); k = jval_next(k)) {
		if (object && (jval_text_is(k, "$defs") ||
		    jval_text_is(k, "definitions")))
			continue;	/* reached by reference */
		if (comes_back(h, object ? jval_value(k) : k, depth + 1))
			return true;
	}
	return false;
}

/* --- the subset of the grammar compiler ----------------------------------- */

struct shaping {
	struct arena	*arena;
	struct writer	 w;
	bool		 unfit, looser;
};

static void	shape(struct shaping *, struct jval, unsigned depth);

static bool
format_is_known(struct jval v)
{
	static const char *const formats[] = {
		"date-time", "time", "date", "duration", "email", "hostname",
		"uri", "ipv4", "ipv6", "uuid",
	};

	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (jval_text_is(v, formats[i]))
			return true;
	return false;
}

/* Can the subset not say this member of `node`? */
static bool
must_be_told(struct jval node, struct jval key)
{
	struct jval v = jval_value(key);

	switch (kind_of(key)) {
	case OTHER:
		return true;
	case FORMAT:
		return !format_is_known(v) ||
		    (!is_type(node, "string") &&
		    !jval_is(jval_get(node, "type"), JSON_ARRAY));
	case MIN_ITEMS:
		return !slice_is(jval_raw(v), "0") &&
		    !slice_is(jval_raw(v), "1");
	case ONE:
	case LIST:
	case MAP:
		return jval_is(v, JSON_ARRAY) != (kind_of(key) == LIST);
	case KEEP:
	case SILENT:
	case DESCRIPTION:
	case CLOSED:
		break;
	}
	return false;
}

/* "{minimum: 1, pattern: "^a"}", escaped; empty if nothing must be told. */
static struct slice
told(struct shaping *s, struct jval node)
{
	struct buf out = { 0 };
	struct writer value = { .out = &out };
	struct jval k;

	for (k = jval_first(node); !jval_at_end(k); k = jval_next(k)) {
		if (!must_be_told(node, k))
			continue;
		buf_text(&out, buf_len(&out) ? ", " : "{");
		text_unescape_to(&out, jval_text(k));
		buf_text(&out, ": ");
		value.comma = false;
		write_min(&value, jval_raw(jval_value(k)));
	}
	if (!buf_len(&out))
		return (struct slice){ 0 };
	s->looser = true;
	buf_byte(&out, '}');
	return text_escape(s->arena, gather(s->arena, &out));
}

static void
write_description(struct writer *w, struct slice text, struct slice note)
{
	write_key(w, "description");
	write_text_begin(w);
	write_text_piece(w, text);
	if (text.len && note.len)
		write_text_piece(w, SLICE("\\n\\n"));
	write_text_piece(w, note);
	write_text_end(w);
}

static void
shape_list(struct shaping *s, struct jval list, unsigned depth)
{
	struct jval v;

	write_array(&s->w);
	for (v = jval_first(list); !jval_at_end(v); v = jval_next(v))
		shape(s, v, depth);
	write_end(&s->w);
}

static void
shape_map(struct shaping *s, struct jval map, unsigned depth)
{
	struct jval k;

	write_object(&s->w);
	for (k = jval_first(map); !jval_at_end(k); k = jval_next(k)) {
		write_key_text(&s->w, jval_text(k));
		shape(s, jval_value(k), depth);
	}
	write_end(&s->w);
}

static void
shape_member(struct shaping *s, struct jval key, struct slice note,
    unsigned depth)
{
	struct jval v = jval_value(key);
	enum keyword kind = kind_of(key);

	switch (kind) {
	case OTHER:
	case SILENT:
		break;
	case CLOSED:		/* a map of any keys cannot be closed */
		if (jval_is(v, JSON_OBJECT) && jval_count(v))
			s->unfit = true;
		break;
	case DESCRIPTION:
		write_description(&s->w, jval_text(v), note);
		break;
	case KEEP:
	case FORMAT:
	case MIN_ITEMS:
		write_key_text(&s->w, jval_text(key));
		write_min(&s->w, jval_raw(v));
		break;
	case ONE:
		write_key_text(&s->w, jval_text(key));
		shape(s, v, depth);
		break;
	case LIST:
		write_key(&s->w, jval_text_is(key, "allOf") ?
		    "allOf" : "anyOf");
		shape_list(s, v, depth);
		break;
	case MAP:
		write_key_text(&s->w, jval_text(key));
		shape_map(s, v, depth);
		break;
	}
}

/* The members that concern values of `type`; NULL: those that concern all. */
static void
shape_members_of(struct shaping *s, struct jval node, const char *type,
    struct slice note, unsigned depth)
{
	struct jval k;

	for (k = jval_first(node); !jval_at_end(k); k = jval_next(k)) {
		size_t row = row_of(k);
		const char *of = row < KEYWORDS ? keywords[row].of : NULL;

		if (must_be_told(node, k) || jval_text_is(k, "type"))
			continue;
		if (!of == !type && (!of || !strcmp(of, type)))
			shape_member(s, k, note, depth);
	}
}

static void
shape_branch(struct shaping *s, struct jval node, struct jval type,
    unsigned depth)
{
	static const char *const types[] = { "object", "array", "string" };

	write_object(&s->w);
	write_member_raw(&s->w, "type", jval_raw(type));
	for (size_t i = 0; i < 3; i++)
		if (jval_text_is(type, types[i]))
			shape_members_of(s, node, types[i],
			    (struct slice){ 0 }, depth);
	if (jval_text_is(type, "object"))
		write_member_bool(&s->w, "additionalProperties", false);
	write_end(&s->w);
}

/* A node of several types becomes a choice of nodes of one type each. */
static void
shape_union(struct shaping *s, struct jval node, struct slice note,
    unsigned depth)
{
	struct jval types = jval_get(node, "type"), t;

	if (jval_ok(jval_get(node, "anyOf")) ||
	    jval_ok(jval_get(node, "oneOf")))
		s->unfit = true;
	shape_members_of(s, node, NULL, note, depth);
	write_key(&s->w, "anyOf");
	write_array(&s->w);
	for (t = jval_first(types); !jval_at_end(t); t = jval_next(t))
		shape_branch(s, node, t, depth);
	write_end(&s->w);
}

static bool
says_what(struct jval node)
{
	static const char *const any[] = {
		"type", "anyOf", "oneOf", "allOf", "enum", "const", "$ref",
	};

	for (size_t i = 0; i < sizeof any / sizeof *any; i++)
		if (jval_type(jval_get_null(node, any[i])) != JSON_NONE)
			return true;
	return false;
}

static void
shape(struct shaping *s, struct jval node, unsigned depth)
{
	struct slice note;
	struct jval k;

	if (depth > SHAPE_DEPTH || !says_what(node) ||
	    (jval_ok(jval_get(node, "anyOf")) &&
	    jval_ok(jval_get(node, "oneOf"))))
		s->unfit = true;
	if (s->unfit) {
		write_null(&s->w);	/* thrown away, but well-formed */
		return;
	}
	note = told(s, node);
	write_object(&s->w);
	if (jval_is(jval_get(node, "type"), JSON_ARRAY)) {
		shape_union(s, node, note, depth + 1);
	} else {
		for (k = jval_first(node); !jval_at_end(k); k = jval_next(k))
			if (!must_be_told(node, k))
				shape_member(s, k, note, depth + 1);
		if (is_type(node, "object"))
			write_member_bool(&s->w, "additionalProperties", false);
	}
	if (note.len && !jval_ok(jval_get(node, "description")))
		write_description(&s->w, (struct slice){ 0 }, note);
	write_end(&s->w);
}

enum schema_fit
schema_for_format(struct arena *arena, struct jval schema, struct slice *out)
{
	struct buf text = { 0 };
	struct shaping s = { .arena = arena, .w = { .out = &text } };
	struct hunt h = { .arena = arena, .root = schema };

	if (!is_type(schema, "object") || comes_back(&h, schema, 0))
		return SCHEMA_UNFIT;
	shape(&s, schema, 0);
	*out = gather(arena, &text);
	return s.unfit || !out->len ? SCHEMA_UNFIT :
	    s.looser ? SCHEMA_LOOSER : SCHEMA_EXACT;
}

/* --- OpenAI's strict rules ------------------------------------------------ */

enum { STRICT_PROPERTIES = 512 };	/* more are not looked through */

static bool
all_required(struct jval node)
{
	struct jval properties = jval_get(node, "properties");
	struct jval required = jval_get(node, "required"), k, r;

	if (jval_count(properties) > STRICT_PROPERTIES ||
	    jval_count(required) > STRICT_PROPERTIES)
		return false;
	for (k = jval_first(properties); !jval_at_end(k); k = jval_next(k)) {
		r = jval_first(required);
		while (!jval_at_end(r) &&
		    !slice_eq(jval_text(r), jval_text(k)))
			r = jval_next(r);
		if (jval_at_end(r))
			return false;
	}
	return true;
}

/* Keywords that a strict schema must not have. */
static bool
is_unstrict(struct jval key)
{
	static const char *const words[] = {
		"oneOf", "allOf", "not", "if", "then", "else",
		"dependentRequired", "dependentSchemas", "patternProperties",
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (jval_text_is(key, words[i]))
			return true;
	return false;
}

static bool
is_strict(struct jval node, unsigned depth)
{
	struct jval k, v, closed;

	if (depth > REF_DEPTH || !jval_is(node, JSON_OBJECT))
		return false;
	closed = jval_get(node, "additionalProperties");
	if ((is_type(node, "object") ||
	    jval_ok(jval_get(node, "properties"))) &&
	    (!jval_is(closed, JSON_FALSE) || !all_required(node)))
		return false;
	for (k = jval_first(node); !jval_at_end(k); k = jval_next(k)) {
		enum keyword kind = kind_of(k);

		if (is_unstrict(k) || (kind == ONE &&
		    !is_strict(jval_value(k), depth + 1)))
			return false;
		if (kind != LIST && kind != MAP)
			continue;
		v = jval_first(jval_value(k));
		for (; !jval_at_end(v); v = jval_next(v))
			if (!is_strict(kind == MAP ? jval_value(v) : v,
			    depth + 1))
				return false;
	}
	return true;
}

bool
schema_is_strict(struct jval schema)
{
	return is_type(schema, "object") && is_strict(schema, 0);
}

struct slice
schema_as_text(struct arena *arena, struct slice schema)
{
	struct buf out = { 0 };
	struct writer w = { .out = &out };

	write_min(&w, schema);
	return text_escape(arena, gather(arena, &out));
}
