/*
 * proto3 - JSON as Google's parser takes it, which is more than one spelling.
 *
 * Members are written in camelCase or snake_case; a list of one may stand
 * without its brackets; whole numbers may be strings, or have a fraction of
 * nothing; the words of an enum come in either case.
 */
#ifndef PROTO_GEMINI_PROTO3_H
#define PROTO_GEMINI_PROTO3_H

#include "json/json.h"

/* The member that is called `name` in camelCase; absent as jval_get() says. */
struct jval	proto3_get(struct jval obj, const char *name);
struct slice	proto3_get_text(struct jval obj, const char *name);
/* Is `key` a spelling of `name`? */
bool		proto3_is(struct jval key, const char *name);

/*
 * Walk a list, or the one item that stands for it:
 *	for (it = proto3_items(list); proto3_more(&it); proto3_next(&it))
 */
struct proto3_items {
	struct jval	 at;
	bool		 single;
};
struct proto3_items	proto3_items(struct jval list);
bool			proto3_more(const struct proto3_items *);
void			proto3_next(struct proto3_items *);

/* Is it a word, with case ignored?  `word` is in upper case. */
bool		proto3_word(struct jval, const char *word);

/* A number, or a string that holds one; empty if it is neither. */
struct slice	proto3_number(struct jval);

#endif
