/*
 * thoughts - the signed thinking of a streamed answer, kept to be told whole.
 *
 * A provider takes thinking back only as it was.  Of members that a client
 * library does not know it keeps what the last chunk said of them, so pieces
 * of reasoning_details come back as the last piece.  Therefore the end of a
 * stream tells all of it once more, in one chunk, as thinking_blocks.
 */
#ifndef PROTO_CHAT_THOUGHTS_H
#define PROTO_CHAT_THOUGHTS_H

#include "proto/chat/shape.h"
#include "proto/gather.h"

/* More is not kept: then the pieces are all there is. */
enum { THOUGHTS_MAX = 1 << 20 };

struct thoughts {		/* start from all zeros */
	/* private */
	struct gather	 kept;		/* blocks, with commas between */
	size_t		 begun;		/* where the open one begins */
	bool		 open, too_long;
};

/* Follow an event: to be called for each, after shape_follow(). */
void		thoughts_follow(struct thoughts *, const struct shape *,
		    const struct ir_event *);
/* The items of a JSON array; empty: there are none. */
struct slice	thoughts_list(const struct thoughts *);

#endif
