/*
 * loss_members - names the members of a client's request that a translation
 * does not read, wherever in the body they stand.
 *
 * Each protocol has a table of the objects in its requests and of the members
 * that are read, or that have no effect on the answer.  Members of the body
 * itself are the decoders' to name, and sub-trees that travel as they are
 * (schemas, arguments) are not looked into.
 */
#ifndef PROTO_LOSS_MEMBERS_H
#define PROTO_LOSS_MEMBERS_H

#include "proto/loss.h"

/* Does nothing unless the request goes to another protocol. */
void	loss_members_chat(struct losses *, struct arena *, struct jval body);
void	loss_members_messages(struct losses *, struct arena *,
	    struct jval body);
void	loss_members_responses(struct losses *, struct arena *,
	    struct jval body);

/* Is this member at the top of a Messages body read, or without any effect
 * elsewhere?  Of others an encoder may know better. */
bool	loss_members_top(struct slice name);

#endif
