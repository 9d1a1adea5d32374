/*
 * subset - what both of Google's schema dialects have in common, for the two
 * files that write them.
 */
#ifndef PROTO_GEMINI_SUBSET_H
#define PROTO_GEMINI_SUBSET_H

#include "json/write.h"
#include "proto/gemini/node.h"

/* Bits, in the order of words in subset.c. */
enum {
	TYPE_STRING = 1, TYPE_NUMBER = 2, TYPE_INTEGER = 4, TYPE_BOOLEAN = 8,
	TYPE_ARRAY = 16, TYPE_OBJECT = 32, TYPE_NULL = 64, TYPES = 7,
};

/* The types that `type` names, in either case; the first of them in *first. */
unsigned	 subset_types(struct jval type, unsigned *first);
/* The lower-case word of one type. */
const char	*subset_word(unsigned type);

/* What an enum may hold: bits of what it does hold. */
struct choice_of {
	bool		 given;
	struct jval	 one;		/* const */
	struct jval	 list;		/* enum */
	size_t		 count;
	bool		 null;		/* one of them is null */
	bool		 strings;	/* all others are strings */
	bool		 flags;		/* ... are true or false */
	bool		 numbers;	/* the first of them is one */
};
struct choice_of	subset_choice(const struct node *);
/* Walk what may be chosen: from absent to absent. */
struct jval		subset_next(const struct choice_of *, struct jval);

/* The two dialects: one schema and all that is in it. */
void	subset_put_json(struct nodes *, struct writer *, struct jval);
void	subset_put_openapi(struct nodes *, struct writer *, struct jval);

#endif
