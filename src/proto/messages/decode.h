/*
 * decode - what the files that read a Messages request share.
 */
#ifndef PROTO_MESSAGES_DECODE_H
#define PROTO_MESSAGES_DECODE_H

#include "proto/proto.h"

struct decoder {
	struct talk	*talk;
	struct arena	*arena;
	struct ir_request *request;
	uint32_t	 message, part;	/* being read; for naming */
	uint32_t	 last_user;	/* the last message of the user */
	/* of the message being read */
	struct jval	 call_signatures; /* an object: by tool-call id */
	struct slice	 call_signature;	/* for the next call */
};

/* Read a message's content into turns of `role`.  False: talk->fail is set,
 * or the arena is out of memory. */
bool	decode_content(struct decoder *, enum ir_role, struct jval content)
	    MUST_USE;

/* Read `tools` and `tool_choice`, either of which may be absent. */
bool	decode_tools(struct decoder *, struct jval tools) MUST_USE;
bool	decode_choice(struct decoder *, struct jval choice) MUST_USE;
/* Read tools[index], or one that a message brings. */
bool	decode_tool(struct decoder *, struct jval tool, size_t index) MUST_USE;
/* Forget the tool of that name unless a call in the history names it. */
void	decode_tool_removal(struct decoder *, struct slice name);

/* Refuse the request because of the content block being read; returns false. */
bool	decode_refuse(struct decoder *, const char *what);

#endif
