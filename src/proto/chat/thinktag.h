/*
 * thinktag - thinking that a provider leaves in the text, between tags.
 *
 * Servers that know nothing of a model's manner hand out "<think>...</think>"
 * at the start of its answer.  Text goes through here in pieces and comes out
 * as thinking and text; what may be a part of a tag waits for the next piece.
 */
#ifndef PROTO_CHAT_THINKTAG_H
#define PROTO_CHAT_THINKTAG_H

#include "proto/gather.h"

enum thinktag_place {
	THINKTAG_START,		/* nothing but white space came */
	THINKTAG_INSIDE,
	THINKTAG_BEHIND,	/* line ends after the tag are skipped */
	THINKTAG_TEXT,
};

struct thinktag {		/* start from all zeros */
	/* private */
	enum thinktag_place place;
	struct gather	 held;		/* may be a part of a tag */
};

/*
 * Take escaped text.  `put` is called with pieces, escaped, that live until it
 * returns.
 */
void	thinktag_take(struct thinktag *, struct arena *, struct arena *scratch,
	    struct slice text, void (*put)(void *arg, bool thinking,
	    struct slice), void *arg);
/* No more comes: what was held is told. */
void	thinktag_end(struct thinktag *, void (*put)(void *arg, bool thinking,
	    struct slice), void *arg);

#endif
