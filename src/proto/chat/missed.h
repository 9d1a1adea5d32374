/*
 * missed - what an answer of Chat says that the client is not told.
 *
 * Events have no place for it, or not yet.  Each thing is a loss of its own,
 * named by its path in the answer behind "answer.".
 */
#ifndef PROTO_CHAT_MISSED_H
#define PROTO_CHAT_MISSED_H

#include "proto/proto.h"

/*
 * Name the member at `path`, whose value that is; nothing if it says nothing,
 * or the answer is only passed on.
 */
void	missed(struct talk *, struct jval value, const char *path);
/* The same for element `at` of the list at `path`. */
void	missed_at(struct talk *, struct jval value, const char *path,
	    unsigned at);
/* The counts in `usage` that are not zero and have no place elsewhere. */
void	missed_usage(struct talk *, struct jval usage);

#endif
