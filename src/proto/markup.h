/*
 * markup - the few tags in which prompts tell what a protocol has no member
 * for: documents, search results, summaries.
 *
 * All text is escaped, in and out.
 */
#ifndef PROTO_MARKUP_H
#define PROTO_MARKUP_H

#include "base/arena.h"

/* One attribute; its value may be absent, and then so is the attribute. */
struct markup_attribute {
	const char	*name;		/* NULL ends the list */
	struct slice	 value;
};

/* <name a="..." b="...">, with entities for quotes and markup in the values. */
struct slice	markup_open(struct arena *, const char *name,
		    const struct markup_attribute *);
/* "</name>" */
struct slice	markup_close(struct arena *, const char *name);
/* <name>, a line end, the text, a line end, </name> */
struct slice	markup_wrap(struct arena *, const char *name,
		    struct slice text);

#endif
