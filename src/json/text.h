/*
 * text - the inside of JSON strings: escaping and unescaping.
 *
 * "Escaped" text is what stands between the quotes.  Lone surrogates, which
 * \u escapes can spell and UTF-8 cannot, become U+FFFD when text is unescaped.
 */
#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"

/*
 * Unescape; the result is `escaped` itself when nothing in it is escaped, else
 * in the arena.  Empty with arena->failed set when memory ran out.
 */
struct slice	text_unescape(struct arena *, struct slice escaped);
void		text_unescape_to(struct buf *, struct slice escaped);

/*
 * Escape what RFC 8259 demands: the quote, the backslash and bytes below 0x20.
 * Bytes that are not UTF-8 become U+FFFD, so that the result is always JSON.
 */
void		text_escape_to(struct buf *, struct slice plain);
struct slice	text_escape(struct arena *, struct slice plain);

/* Is the unescaped form of `escaped` equal to `plain`? */
bool		text_is(struct slice escaped, struct slice plain);
/* Has it no character but JSON white space, spelled raw or as escapes? */
bool		text_blank(struct slice escaped);
/* The number of Unicode code points it stands for. */
size_t		text_length(struct slice escaped);

/*
 * Lone surrogate escapes of a complete string: the same slice if it has none,
 * else a copy in which each is \ufffd.
 */
struct slice	text_mend(struct arena *, struct slice escaped);

/*
 * The same for a string that comes in pieces, each of them a complete JSON
 * string, where a pair may be split over two of them.  Returns the text to
 * pass on now; a high surrogate at the end of the piece is held back and
 * comes with the next one.
 */
struct text_joint {		/* all zeros: nothing held */
	char	high[6];	/* "\ud83d" */
	uint8_t	len;
};
struct slice	text_join(struct text_joint *, struct arena *,
		    struct slice piece);
/* The string is over: what was still held, as \ufffd, or empty. */
struct slice	text_join_end(struct text_joint *);

#endif
