/*
 * calls - tool calls in Chat answers, in all the forms they come in.
 */
#ifndef PROTO_CHAT_CALLS_H
#define PROTO_CHAT_CALLS_H

#include "proto/chat/segment.h"

struct calls {			/* of one delta or message; absent: not there */
	struct jval	 list;		/* tool_calls */
	struct jval	 function;	/* function_call, the old form */
	struct jval	 extra;		/* Gemini's extra_content beside them */
};

/* Hand the calls over.  Those of a `whole` answer have whole arguments. */
void	calls_put(struct segments *, const struct calls *, bool whole);

#endif
