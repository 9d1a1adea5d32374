/*
 * bind - tables that tie an object's members to a struct's fields.
 *
 * One table serves both directions: json_bind() fills a struct from an
 * object, write_fields() (json/write.h) prints the scalar fields back.
 */
#ifndef JSON_BIND_H
#define JSON_BIND_H

#include "json/json.h"

enum field_type {
	FIELD_END,
	FIELD_TEXT,		/* struct slice: a string, still escaped */
	FIELD_NUM,		/* struct slice: a number as spelled */
	FIELD_UINT,		/* uint64_t: a non-negative integer */
	FIELD_FLAG,		/* enum tri */
	FIELD_RAW,		/* struct jval: any value, untouched */
	FIELD_OBJECT,		/* bound by .fields into the struct at offset */
	FIELD_EACH,		/* .each for every element, or key */
};

enum tri { TRI_UNSET, TRI_YES, TRI_NO };

struct field {
	const char		*name;		/* NULL ends the table */
	enum field_type		 type;
	size_t			 offset;
	const struct field	*fields;	/* FIELD_OBJECT */
	/* FIELD_EACH: false stops and is reported as a problem at `value`. */
	bool	(*each)(void *into, struct jval value, size_t i);
};

struct bind_problem {			/* all zeros: none */
	struct jval	 at;		/* the value or key that is wrong */
	const char	*name;		/* of the field */
	const char	*want;		/* "a string"; NULL: an .each refused */
};

/*
 * Fill `into` from the members of `obj`.  Absent and null members leave their
 * field as it was; unknown members are skipped.  False: *problem says which
 * member has the wrong type.
 */
bool	json_bind(struct jval obj, const struct field *, void *into,
	    struct bind_problem *problem) MUST_USE;

/*
 * The first key of `obj` behind the key `after` (all zeros: of all its keys)
 * that the table does not name; at the end if there is none.
 */
struct jval	json_unknown(struct jval obj, const struct field *,
		    struct jval after);

/* The name in the table that `name` may be a slip of, or NULL. */
const char	*json_nearest(const struct field *, struct slice name);

#endif
