#include "proto/gemini/subset.h"

#include "proto/gather.h"
#include "proto/gemini/encode.h"
#include "proto/gemini/proto3.h"

enum { SCHEMA_MAX = 16 << 20 };	/* with all that references bring */

static const struct {
	const char	*lower, *upper;
} words[TYPES] = {			/* ORDER TYPE_ */
	{ "string", "STRING" }, { "number", "NUMBER" },
	{ "integer", "INTEGER" }, { "boolean", "BOOLEAN" },
	{ "array", "ARRAY" }, { "object", "OBJECT" }, { "null", "NULL" },
};

unsigned
subset_types(struct jval type, unsigned *first)
{
	unsigned found = 0;
	struct proto3_items it;

	*first = 0;
	for (it = proto3_items(type); proto3_more(&it); proto3_next(&it))
		for (unsigned i = 0; i < TYPES; i++) {
			if (!proto3_word(it.at, words[i].upper))
				continue;
			found |= 1u << i;
			if (!*first)
				*first = 1u << i;
		}
	return found;
}

const char *
subset_word(unsigned type)
{
	unsigned i = 0;

	while (i < TYPES - 1 && !(type & 1u << i))
		i++;
	return words[i].lower;
}

struct jval
subset_next(const struct choice_of *c, struct jval before)
{
	struct jval none = { 0 }, next;

	if (jval_type(before) == JSON_NONE)
		return jval_type(c->one) != JSON_NONE ? c->one :
		    jval_count(c->list) ? jval_first(c->list) : none;
	if (jval_type(c->one) != JSON_NONE)
		return none;
	next = jval_next(before);
	return jval_at_end(next) ? none : next;
}

struct choice_of
subset_choice(const struct node *node)
{
	struct choice_of c = { .one = node_get(node, "const"),
	    .strings = true, .flags = true };
	struct jval v = { 0 };

	if (!jval_ok(c.one) && jval_is(node_get(node, "enum"), JSON_ARRAY))
		c.list = node_get(node, "enum");
	c.given = jval_ok(c.one) || jval_ok(c.list);
	while (jval_type(v = subset_next(&c, v)) != JSON_NONE) {
		bool flag = jval_is(v, JSON_TRUE) || jval_is(v, JSON_FALSE);

		if (jval_is(v, JSON_NULL)) {
			c.null = true;
			continue;
		}
		if (!c.count++)
			c.numbers = jval_is(v, JSON_NUMBER);
		c.strings &= jval_is(v, JSON_STRING);
		c.flags &= flag;
	}
	c.strings &= c.count > 0;
	c.flags &= c.count > 0;
	return c;
}

struct slice
gemini_fit_schema(struct arena *arena, struct jval schema, bool old)
{
	struct nodes n = { .arena = arena, .root = schema };
	struct buf out = { .limit = SCHEMA_MAX };
	struct writer w = { .out = &out };

	if (!jval_is(schema, JSON_OBJECT))
		return (struct slice){ 0 };
	if (old)
		subset_put_openapi(&n, &w, schema);
	else
		subset_put_json(&n, &w, schema);
	return gather(arena, &out);
}

bool
gemini_is_hollow(struct jval schema)
{
	static const char *const says[] = {
		"allOf", "anyOf", "oneOf", "$ref", "items",
	};

	for (size_t i = 0; i < sizeof says / sizeof *says; i++)
		if (jval_ok(jval_get(schema, says[i])))
			return false;
	return !jval_count(jval_get(schema, "properties"));
}
