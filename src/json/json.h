/*
 * json - a parsed text and the values in it.
 *
 * Values are small and passed by value; they point into the text, which is
 * never copied or changed.  Strings stay escaped and numbers stay spelled as
 * they came: see json/text.h for the few places that must look inside.
 */
#ifndef JSON_JSON_H
#define JSON_JSON_H

#include "base/arena.h"
#include "json/check.h"

enum json_type {
	JSON_NONE,		/* no such value */
	JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_NUMBER,
	JSON_TRUE, JSON_FALSE, JSON_NULL,
};

struct json_token;

struct json {
	struct slice		 text;
	/* private */
	struct json_token	*tokens;
	uint32_t		 count;
};

struct jval {			/* all zeros: absent */
	const struct json	*doc;
	uint32_t		 at;
};

/*
 * Check and parse `text`.  The tokens live in the arena; `text` must live as
 * long as they do, and values point to *json, which must stay where it is.
 * At most `max_tokens` (0: no limit).  False: *fault says why; a text too rich
 * in tokens and lack of memory are faults too.
 */
bool	json_parse(struct json *, struct arena *, struct slice text,
	    uint32_t max_tokens, struct json_fault *fault) MUST_USE;

struct jval	json_root(const struct json *);

enum json_type	jval_type(struct jval);			/* absent: JSON_NONE */
bool		jval_ok(struct jval);		/* there, and not null */
bool		jval_is(struct jval, enum json_type);
bool		jval_is_true(struct jval);

/* The value as it stands in the text: quotes and brackets included. */
struct slice	jval_raw(struct jval);
/* What stands between the quotes, still escaped; ptr NULL for other types. */
struct slice	jval_text(struct jval);
/* Is it a string whose unescaped text is `plain`? */
bool		jval_text_is(struct jval, const char *plain);
/* A number that is a non-negative integer without fraction or exponent. */
bool		jval_u64(struct jval, uint64_t *n);

size_t		jval_count(struct jval);	/* elements or members */

/*
 * Walk an array's elements, or an object's keys:
 *	for (k = jval_first(obj); jval_at_end(k) == false; k = jval_next(k))
 * jval_value() of a key is its value.  The walk is linear.
 */
struct jval	jval_first(struct jval container);
struct jval	jval_next(struct jval);
struct jval	jval_value(struct jval key);
bool		jval_at_end(struct jval);

/*
 * The member called `plain`; of duplicates the last.  Absent if there is none,
 * if `obj` is no object, or if the member is null: null means absent wherever
 * this program reads a protocol.  jval_get_null() tells null apart.
 */
struct jval	jval_get(struct jval obj, const char *plain);
struct jval	jval_get_null(struct jval obj, const char *plain);
/* Two and three levels down. */
struct jval	jval_get2(struct jval obj, const char *a, const char *b);
struct jval	jval_get3(struct jval obj, const char *a, const char *b,
		    const char *c);
/* The text of a string member, or empty. */
struct slice	jval_get_text(struct jval obj, const char *plain);

#endif
