/*
 * partial - arguments of a call that come in pieces, each with the JSON path
 * of the value it belongs to.
 */
#ifndef PROTO_GEMINI_PARTIAL_H
#define PROTO_GEMINI_PARTIAL_H

#include "json/write.h"
#include "proto/gather.h"

struct leaf;

struct partial {			/* start from all zeros */
	/* private */
	struct leaf	*first, *last;
	size_t		 count;
};

/* Take the items of partialArgs.  More than a call has, or paths that are
 * deeper, are left out. */
void	partial_add(struct partial *, struct arena *, struct jval list);
/* The object that they make up. */
void	partial_write(const struct partial *, struct writer *);

#endif
