#include "proto/gemini/proto3.h"

/* Is `key` the camelCase `name`, or that with "_x" for each "X"? */
static bool
is_spelling(struct slice key, const char *name)
{
	size_t i = 0;

	for (; *name; name++) {
		char c = *name;

		if (i < key.len && key.ptr[i] == '_' && c >= 'A' && c <= 'Z') {
			c = (char)(c + 32);
			i++;
		}
		if (i == key.len || key.ptr[i++] != c)
			return false;
	}
	return i == key.len;
}

bool
proto3_is(struct jval key, const char *name)
{
	return is_spelling(jval_text(key), name);
}

struct jval
proto3_get(struct jval obj, const char *name)
{
	struct jval found = { 0 };

	if (!jval_is(obj, JSON_OBJECT))
		return found;
	for (struct jval k = jval_first(obj); !jval_at_end(k);
	    k = jval_next(k)) {
		struct slice key = jval_text(k);

		/* most keys differ in their first letter already */
		if (key.len && *key.ptr == *name && is_spelling(key, name) &&
		    jval_ok(jval_value(k)))
			found = jval_value(k);
	}
	return found;
}

struct slice
proto3_get_text(struct jval obj, const char *name)
{
	return jval_text(proto3_get(obj, name));
}

struct proto3_items
proto3_items(struct jval list)
{
	bool many = jval_is(list, JSON_ARRAY);

	return (struct proto3_items){ many ? jval_first(list) : list, !many };
}

bool
proto3_more(const struct proto3_items *it)
{
	return it->single ? jval_ok(it->at) : !jval_at_end(it->at);
}

void
proto3_next(struct proto3_items *it)
{
	if (it->single)
		it->at = (struct jval){ 0 };
	else
		it->at = jval_next(it->at);
}

bool
proto3_word(struct jval v, const char *word)
{
	return jval_is(v, JSON_STRING) &&
	    slice_eq_ci(jval_text(v), slice_of(word));
}

/* RFC 8259 6, for what stands in quotes. */
static bool
is_number(struct slice s)
{
	struct json_fault fault;
	uint32_t tokens;

	s = slice_skip(s, slice_starts(s, SLICE("-")));
	return s.len && *s.ptr >= '0' && *s.ptr <= '9' &&
	    json_check(s, 1, &tokens, &fault);
}

struct slice
proto3_number(struct jval v)
{
	if (jval_is(v, JSON_NUMBER))
		return jval_raw(v);
	if (jval_is(v, JSON_STRING) && is_number(jval_text(v)))
		return slice_trim(jval_text(v));
	return (struct slice){ 0 };
}
