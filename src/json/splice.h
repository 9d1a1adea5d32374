/*
 * splice - a copy of a text in which some spans are replaced.
 *
 * How a request is passed on in its own protocol: all bytes stay as they came
 * but for the few spans that policy demands.
 */
#ifndef JSON_SPLICE_H
#define JSON_SPLICE_H

#include "base/buf.h"
#include "json/json.h"

enum { SPLICE_MAX = 64 };	/* spans without an arena */

enum span_kind { SPAN_VALUE, SPAN_ADD, SPAN_DROP, SPAN_DROP_LAST };

struct splice {			/* all zeros but `text` and `arena` */
	struct slice	 text;
	struct arena	*arena;		/* for more than SPLICE_MAX spans; NULL:
					 * there are no more */
	bool		 failed;	/* too many spans, two that overlap,
					 * or a member set in no object */
	/* private */
	struct span {
		size_t		 from, to;
		struct slice	 key, with;	/* borrowed until the write */
		enum span_kind	 kind;
	}		 few[SPLICE_MAX], *many;
	size_t		 count, cap;
};

/* Put `with` (JSON) in the place of `value`. */
void	splice_value(struct splice *, struct jval value, struct slice with);
/* Put `with` in front of an element: its text ends with the comma. */
void	splice_before(struct splice *, struct jval item, struct slice with);
/* ... behind one: it begins with the comma.  The element is not dropped. */
void	splice_after(struct splice *, struct jval item, struct slice with);
/* Take a member out, wherever it stands; nothing is done if it is absent. */
void	splice_remove(struct splice *, struct jval obj, const char *key);
/* Take one element out of an array, or one member by its key. */
void	splice_drop(struct splice *, struct jval container, struct jval item);
/*
 * Set a member: replaced where it stands (the last, if twice), or added at the
 * object's end.  Setting it again replaces what was set first.  `key` is plain
 * ASCII and lives until the write, as does `json`.
 */
void	splice_set(struct splice *, struct jval obj, const char *key,
	    struct slice json);

/* Is all of `value` replaced or taken out, by itself or with more? */
bool	splice_covers(const struct splice *, struct jval value);

/* Append the copy.  If the splice failed nothing is, and `out` fails too. */
void	splice_write(const struct splice *, struct buf *out);

#endif
