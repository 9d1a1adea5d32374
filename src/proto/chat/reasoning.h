/*
 * reasoning - thinking in Chat answers, in the spellings of many vendors.
 */
#ifndef PROTO_CHAT_REASONING_H
#define PROTO_CHAT_REASONING_H

#include "proto/chat/segment.h"

struct reasoning {		/* of one delta or message; absent: not there */
	struct jval	 content;	/* reasoning_content */
	struct jval	 text;		/* reasoning */
	struct jval	 details;	/* reasoning_details */
	struct jval	 blocks;	/* thinking_blocks: Anthropic's own */
};

/*
 * Hand the thinking over.  Details and blocks, which carry signatures, are
 * preferred to the plain text that stands beside them; of two plain texts the
 * first counts.  Blocks that say once more what was said are left out.
 */
void	reasoning_put(struct segments *, const struct reasoning *);

/* How reasoning_details spell who made an entry. */
const char	*reasoning_format(enum ir_vendor);

#endif
