/*
 * skeleton - what the check leaves of a text for the tokenizer.
 *
 * The tokenizer goes byte by byte, the check does not.  So the check copies
 * the text with all long strings emptied, and notes what it left out:
 *
 *	{"role":"user","content":"Once upon a time ..."}
 *	{"role":"user","content":""}			one cut
 *
 * Private to this room.
 */
#ifndef JSON_SKELETON_H
#define JSON_SKELETON_H

#include "base/arena.h"
#include "json/check.h"

struct skeleton_cut {
	uint32_t	at;	/* where the empty string stands in the copy */
	uint32_t	len;	/* how many bytes it lost */
};

struct skeleton {		/* all zeros but arena, max_tokens */
	struct arena		*arena;		/* for all below */
	uint32_t		 max_tokens;
	char			*text;
	size_t			 len;
	struct skeleton_cut	*cuts;		/* ascending */
	uint32_t		 count;
	/* private */
	uint32_t		 cap;
};

/*
 * json_check() that fills *sk as well.  A text with more than max_tokens
 * tokens is a fault; so is lack of memory.
 */
bool	skeleton_check(struct skeleton *sk, struct slice text,
	    uint32_t *tokens, struct json_fault *fault) MUST_USE;

#endif
