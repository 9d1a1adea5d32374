/*
 * node - one schema of a JSON Schema, with what allOf adds to it merged in.
 *
 * Google knows no allOf, so whoever brings a schema into one of its subsets
 * sees the members, properties and required names that all parts have
 * together.
 */
#ifndef PROTO_GEMINI_NODE_H
#define PROTO_GEMINI_NODE_H

#include "base/arena.h"
#include "json/json.h"

/* What one schema may cost: of references a few make endless many. */
enum { NODE_STEPS = 5000000, NODE_REFS = 8 };

struct member {
	struct member	*next;
	struct slice	 key;		/* escaped */
	struct jval	 v;
};

struct members {		/* start from all zeros */
	struct member	*first, *last;
	bool		 given;		/* it was there, even if empty */
};

struct node {			/* start from all zeros */
	struct members	 all;		/* but for the next two and allOf */
	struct members	 properties;
	struct members	 required;	/* key: the name */
};

struct nodes {			/* all zeros but the first two */
	struct arena	*arena;
	struct jval	 root;
	/* private */
	size_t		 steps;
};

/* Read a schema, which is an object.  False: no memory, or too many steps. */
bool		node_read(struct nodes *, struct jval, struct node *) MUST_USE;
/* Take over members of `over`, in the place of those of the same name. */
bool		node_override(struct nodes *, struct node *,
		    const struct node *over) MUST_USE;
/* One more step; false: there were too many. */
bool		node_step(struct nodes *) MUST_USE;

/* The member of that name, not null; or absent. */
struct jval	node_get(const struct node *, const char *name);
void		node_drop(struct node *, const char *name);
/* Is there a property of that name? */
bool		node_has(struct nodes *, const struct node *,
		    struct slice property);
/* What "#/a/b" means in the root; absent if that is no object. */
struct jval	node_resolve(const struct nodes *, struct slice ref);

#endif
