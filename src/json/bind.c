/*
 * Tables are short - the longest has some thirty fields - and members come in
 * any order, so a field is found by comparing names one after another.
 */
#include "json/bind.h"

#include <string.h>

#include "json/text.h"

static const struct field *
find(const struct field *f, struct jval key)
{
	struct slice name = jval_text(key);
	char first = name.len ? *name.ptr : '\0';

	for (; f->name; f++)
		if ((*f->name == first || first == '\\') &&
		    jval_text_is(key, f->name))
			return f;
	return NULL;
}

static bool
wrong(struct bind_problem *p, struct jval at, const char *want)
{
	*p = (struct bind_problem){ .at = at, .want = want };
	return false;
}

/* Hand every element over, of an object every key. */
static bool
bind_each(const struct field *f, struct jval v, void *at,
    struct bind_problem *p)
{
	size_t i = 0;

	if (!jval_is(v, JSON_ARRAY) && !jval_is(v, JSON_OBJECT))
		return wrong(p, v, "an array");
	for (struct jval e = jval_first(v); !jval_at_end(e); e = jval_next(e))
		if (!f->each(at, e, i++))
			return wrong(p, e, NULL);
	return true;
}

static bool
bind_flag(struct jval v, enum tri *flag, struct bind_problem *p)
{
	if (!jval_is(v, JSON_TRUE) && !jval_is(v, JSON_FALSE))
		return wrong(p, v, "true or false");
	*flag = jval_is_true(v) ? TRI_YES : TRI_NO;
	return true;
}

/* Store `v`, which is not null, in the field at `at`. */
static bool
store(const struct field *f, struct jval v, void *at, struct bind_problem *p)
{
	switch (f->type) {
	case FIELD_TEXT:
		if (!jval_is(v, JSON_STRING))
			return wrong(p, v, "a string");
		*(struct slice *)at = jval_text(v);
		return true;
	case FIELD_NUM:
		if (!jval_is(v, JSON_NUMBER))
			return wrong(p, v, "a number");
		*(struct slice *)at = jval_raw(v);
		return true;
	case FIELD_UINT:
		return jval_u64(v, at) || wrong(p, v, "a whole number");
	case FIELD_FLAG:
		return bind_flag(v, at, p);
	case FIELD_RAW:
		*(struct jval *)at = v;
		return true;
	case FIELD_OBJECT:
		return json_bind(v, f->fields, at, p);
	case FIELD_EACH:
		return bind_each(f, v, at, p);
	case FIELD_END:
		break;
	}
	return true;
}

/* Recursion goes as deep as the tables do, whatever the text holds. */
bool
json_bind(struct jval obj, const struct field *fields, void *into,
    struct bind_problem *problem)
{
	*problem = (struct bind_problem){ 0 };
	if (!jval_ok(obj))
		return true;
	if (!jval_is(obj, JSON_OBJECT))
		return wrong(problem, obj, "an object");
	for (struct jval k = jval_first(obj); !jval_at_end(k);
	    k = jval_next(k)) {
		const struct field *f = find(fields, k);
		struct jval v = jval_value(k);

		if (!f || !jval_ok(v))
			continue;
		if (!store(f, v, (char *)into + f->offset, problem)) {
			if (!problem->name)	/* the innermost is named */
				problem->name = f->name;
			return false;
		}
	}
	return true;
}

struct jval
json_unknown(struct jval obj, const struct field *fields, struct jval after)
{
	struct jval k = jval_at_end(after) ? jval_first(obj) : jval_next(after);

	if (!jval_is(obj, JSON_OBJECT))
		return (struct jval){ 0 };
	while (!jval_at_end(k) && find(fields, k))
		k = jval_next(k);
	return k;
}

const char *
json_nearest(const struct field *f, struct slice name)
{
	size_t best = name.len / 3 + 1;		/* farther is no slip */
	const char *nearest = NULL;

	for (; f->name; f++) {
		size_t d = slice_distance(name, slice_of(f->name));

		if (d < best || (d == best && !nearest)) {
			best = d;
			nearest = f->name;
		}
	}
	return nearest;
}
