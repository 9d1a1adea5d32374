/*
 * Google's schemas, which are OpenAPI's with types in upper case, or JSON
 * Schema's, or both at once, brought into JSON Schema.
 */
#include "json/text.h"
#include "json/write.h"
#include "proto/gather.h"
#include "proto/gemini/decode.h"
#include "proto/number.h"

enum holds {
	AS_IT_IS,
	NOTHING,		/* Google's own: left out */
	TYPE, FORMAT, ENUM,
	COUNT,			/* a number that may be a string */
	ONE, LIST, MAP,		/* a schema, an array, an object of them */
};

static const struct {
	const char	*name;
	enum holds	 holds;
} keywords[] = {
	{ "type", TYPE }, { "format", FORMAT }, { "enum", ENUM },
	{ "propertyOrdering", NOTHING }, { "example", NOTHING },
	{ "nullable", NOTHING },
	{ "minItems", COUNT }, { "maxItems", COUNT },
	{ "minLength", COUNT }, { "maxLength", COUNT },
	{ "minProperties", COUNT }, { "maxProperties", COUNT },
	{ "properties", MAP }, { "$defs", MAP }, { "definitions", MAP },
	{ "items", ONE }, { "additionalProperties", ONE }, { "not", ONE },
	{ "anyOf", LIST }, { "oneOf", LIST }, { "allOf", LIST },
	{ "prefixItems", LIST },
};

static enum holds
holds(struct jval key, const char **name)
{
	for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
		if (proto3_is(key, keywords[i].name)) {
			*name = keywords[i].name;
			return keywords[i].holds;
		}
	*name = NULL;
	return AS_IT_IS;
}

static void	put_schema(struct writer *, struct jval);

/* A word in lower case. */
static void
put_word(struct writer *w, struct jval v)
{
	write_text_begin(w);
	for (struct slice s = jval_text(v); s.len; s = slice_skip(s, 1)) {
		char c = *s.ptr;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c + 32);
		write_text_piece(w, (struct slice){ &c, 1 });
	}
	write_text_end(w);
}

static void
put_type(struct writer *w, struct jval type, bool nullable)
{
	if (proto3_word(type, "TYPE_UNSPECIFIED"))
		return;
	write_key(w, "type");
	if (jval_is(type, JSON_STRING) && !nullable) {
		put_word(w, type);
		return;
	}
	write_array(w);
	for (struct proto3_items it = proto3_items(type); proto3_more(&it);
	    proto3_next(&it)) {
		put_word(w, it.at);
		nullable &= !proto3_word(it.at, "NULL");
	}
	if (nullable)
		write_plain(w, "null");
	write_end(w);
}

/* Google's are strings, whatever the type. */
static void
put_enum(struct writer *w, struct jval list, bool numeric, bool nullable)
{
	write_key(w, "enum");
	write_array(w);
	for (struct proto3_items it = proto3_items(list); proto3_more(&it);
	    proto3_next(&it)) {
		struct slice number = proto3_number(it.at);

		nullable &= !jval_is(it.at, JSON_NULL);
		write_min(w, numeric && number.len ? number :
		    jval_raw(it.at));
	}
	if (nullable)
		write_null(w);
	write_end(w);
}

static void
put_count(struct writer *w, const char *name, struct jval v)
{
	struct slice number = proto3_number(v);

	if (number.len)
		write_member_raw(w, name, number);
}

static void
put_list(struct writer *w, const char *name, struct jval list, bool nullable)
{
	write_key(w, name);
	write_array(w);
	for (struct proto3_items it = proto3_items(list); proto3_more(&it);
	    proto3_next(&it))
		put_schema(w, it.at);
	if (nullable) {
		write_object(w);
		write_member_plain(w, "type", "null");
		write_end(w);
	}
	write_end(w);
}

static void
put_map(struct writer *w, const char *name, struct jval map)
{
	write_key(w, name);
	write_object(w);
	for (struct jval k = jval_first(map); !jval_at_end(k);
	    k = jval_next(k)) {
		write_key_text(w, jval_text(k));
		put_schema(w, jval_value(k));
	}
	write_end(w);
}

/* long: one case per kind of keyword */
static void
put_keyword(struct writer *w, struct jval schema, struct jval key)
{
	bool nullable = jval_is_true(jval_get(schema, "nullable"));
	struct jval v = jval_value(key), type = jval_get(schema, "type");
	bool typed = jval_is(type, JSON_STRING);
	const char *name;

	switch (holds(key, &name)) {
	case NOTHING:
		break;
	case TYPE:
		put_type(w, v, nullable);
		break;
	case FORMAT:
		if (!proto3_word(v, "ENUM"))
			write_member_raw(w, "format", jval_raw(v));
		break;
	case ENUM:
		put_enum(w, v, proto3_word(type, "INTEGER") ||
		    proto3_word(type, "NUMBER"), nullable);
		break;
	case COUNT:
		put_count(w, name, v);
		break;
	case ONE:
		write_key(w, name);
		put_schema(w, v);
		break;
	case LIST:
		put_list(w, name, v, nullable && !typed &&
		    proto3_is(key, "anyOf"));
		break;
	case MAP:
		put_map(w, name, v);
		break;
	case AS_IT_IS:
		write_key_text(w, jval_text(key));
		write_min(w, jval_raw(v));
		break;
	}
}

/* Goes as deep as its input, which the parser has bound. */
static void
put_schema(struct writer *w, struct jval v)
{
	if (!jval_is(v, JSON_OBJECT)) {
		write_min(w, jval_raw(v));
		return;
	}
	write_object(w);
	for (struct jval k = jval_first(v); !jval_at_end(k); k = jval_next(k))
		if (jval_ok(jval_value(k)))
			put_keyword(w, v, k);
	write_end(w);
}

struct slice
gemini_plain_schema(struct arena *arena, struct jval schema)
{
	struct buf out = { 0 };
	struct writer w = { .out = &out };

	put_schema(&w, schema);
	return text_mend(arena, gather(arena, &out));
}
