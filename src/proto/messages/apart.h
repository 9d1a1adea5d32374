/*
 * apart - blocks of a Messages stream whose events come mixed.
 *
 * The protocol lets several blocks be open, and tells their events apart by
 * an index; events of the tree have one block open at a time.  So whatever
 * belongs to a block that begins while another is open is held back, as it
 * came, until that one has ended.
 */
#ifndef PROTO_MESSAGES_APART_H
#define PROTO_MESSAGES_APART_H

#include "proto/ir.h"

enum { APART_BLOCKS = 16 };	/* that wait; more are not told apart */

struct apart_event {
	struct apart_event *next;
	struct slice	 data;		/* the arena's */
};

struct apart {			/* start from all zeros */
	struct apart_event *first;	/* NULL: nothing waits */
	/* private */
	struct apart_event *last;
	uint64_t	 blocks[APART_BLOCKS];
	unsigned	 count;
};

/*
 * Must this event of block `index` wait?  `begins`: it is the block's first;
 * `open`: another block is open.
 */
bool	apart_waits(const struct apart *, uint64_t index, bool begins,
	    bool open);
/* Hold it; without memory the arena has failed. */
void	apart_hold(struct apart *, struct arena *, uint64_t index,
	    struct slice data);
/* All that waits, oldest first; then nothing does. */
struct apart_event	*apart_take(struct apart *);

#endif
