/*
 * resume - the content of an answer as raw JSON, for the request that makes it
 * go on.
 *
 * A provider that runs tools of its own may stop in the middle of an answer
 * ("pause_turn") and wants to be sent back what it has said, unchanged, its
 * own tools' blocks included.  Clients of other protocols cannot do that; this
 * keeps the blocks in their stead.
 */
#ifndef PROTO_MESSAGES_RESUME_H
#define PROTO_MESSAGES_RESUME_H

#include "proto/gather.h"
#include "proto/proto.h"

enum { RESUME_MAX = 5, RESUME_BYTES = 8 << 20 };

struct resume;

/* Lives in talk->arena.  NULL: this answer cannot pause, or no memory. */
struct resume	*resume_new(struct talk *);

/* Take one event of a stream, or the blocks of a whole message. */
void	resume_event(struct resume *, struct jval data);
void	resume_message(struct resume *, struct jval message);

/*
 * May the answer go on once more?  Not after RESUME_MAX times, nor with more
 * than RESUME_BYTES of content, nor without any.
 */
bool	resume_may(const struct resume *);

/*
 * Append the request that does it: the first one `sent`, and what was said
 * since behind its messages.  False: no memory.
 */
bool	resume_write(struct resume *, struct slice sent, struct buf *out)
	    MUST_USE;

#endif
