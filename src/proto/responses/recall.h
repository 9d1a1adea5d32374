/*
 * recall - conversations that clients of Responses leave to the server.
 *
 * They name an earlier response, or items of one, instead of sending them
 * again.  Here is what is kept of an answer, and how a body that refers to it
 * is made whole; where records are kept, and for how long, others decide.
 *
 * A record is a JSON object: "input", the items that came with the request,
 * without those it referred to by previous_response_id; and "response", the
 * object as it was sent, which names the response before it.
 */
#ifndef PROTO_RESPONSES_RECALL_H
#define PROTO_RESPONSES_RECALL_H

#include "proto/proto.h"

enum { RECALL_CHAIN_MAX = 1000, RECALL_BYTES_MAX = 32 << 20 };

/* Who has the records. */
struct recall {
	/*
	 * The record that holds the response or the item of that id (escaped
	 * text), copied to the arena.  False: there is none for this caller.
	 */
	bool	(*find)(void *arg, struct slice id, struct arena *,
	    struct slice *record);
	void	*arg;
};

enum recall_result {
	RECALL_NOTHING,		/* the body refers to nothing */
	RECALL_DONE,		/* `out` is the body that stands alone */
	RECALL_MISS,		/* talk->fail: what it refers to is not there */
	RECALL_FAILED,		/* talk->fail: no memory, or too long */
};

/* Does the client want the answer to this body kept?  It does, unless it says
 * that it does not. */
bool	recall_keeps(struct jval body);

/*
 * Resolve what the body refers to; `recall` may be NULL: nothing is there.
 * The body in `out` still names the previous response, for the answer to tell;
 * with talk->recalled, which is set, the decoder takes it for resolved.
 * Sets talk->own_input, which a record needs.
 */
enum recall_result	recall_resolve(struct talk *, struct jval body,
			    const struct recall *, struct buf *out);

/*
 * The record of an answer that was told, and the ids (escaped, in the arena)
 * by which it is to be found, the response's first.  Needs talk->keep before
 * the answer began.  False: nothing is to be kept, or no memory.
 */
bool	recall_record(struct talk *, struct buf *record,
	    const struct slice **ids, size_t *count) MUST_USE;

/* ---- what is told of a record ---- */

/* Is it of the response of that id (and not only of an item)? */
bool	recall_is(struct arena *, struct slice record, struct slice id);
/* The response object; lives in the record. */
struct slice	recall_response(struct arena *, struct slice record);
/* The list of its input items; as is usual, the latest comes first unless
 * `ascending`. */
void	recall_items(struct arena *, struct slice record, bool ascending,
	    struct buf *out);
/* That it was deleted. */
void	recall_deleted(struct slice id, struct buf *out);
/* talk->fail: no response has that id.  Returns false. */
bool	recall_missing(struct talk *, struct slice id);

#endif
