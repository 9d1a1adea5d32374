/*
 * schema - what the JSON schema of a configuration says beyond the tables of
 * its members: their meaning, and what a value is made of.
 */
#ifndef TABLES_SCHEMA_H
#define TABLES_SCHEMA_H

#include "json/bind.h"

/* A kind of object; the first is the whole file. */
struct schema_object {
	const char		*name;
	const struct field	*fields;	/* NULL: those of "cache" */
	const char		*rest;	/* more of its schema, or "" */
	const char		*says;
};

/* A member of such an object: "object.member". */
struct schema_member {
	const char	*name;
	/*
	 * its schema as JSON without the braces, or '@' and the name of a
	 * list that the program has; NULL: the type of the field is all
	 */
	const char	*is;
	const char	*says;
};

extern const struct schema_object schema_objects[];
extern const struct schema_member schema_members[];

#endif
