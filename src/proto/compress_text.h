/*
 * compress_text - one text without blanks that carry no meaning.
 *
 * Texts are escaped, and stay so: all that is left is spelled as it came.
 * Each returns the text itself if there is nothing to leave out, or if memory
 * ran out (the arena says), else a shorter one in the arena.
 */
#ifndef PROTO_COMPRESS_TEXT_H
#define PROTO_COMPRESS_TEXT_H

#include "base/arena.h"

enum {
	COMPRESS_SPACES_KEPT = 2,	/* a hard break of Markdown */
	COMPRESS_LINES_KEPT = 3,	/* of empty lines in a row */
};

/*
 * If the whole text is one JSON object or array: without the white space
 * outside its strings.  *is_json says whether it is.
 */
struct slice	compress_text_json(struct arena *, struct slice escaped,
		    bool *is_json);

/*
 * Of three and more spaces at the end of a line two stay, so that a hard break
 * stays one; of a line of them none.  Of four and more empty lines in a row
 * three stay.  Tabs stay: they may part empty columns.
 */
struct slice	compress_text_blanks(struct arena *, struct slice escaped);

#endif
