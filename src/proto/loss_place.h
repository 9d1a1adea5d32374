/*
 * loss_place - where in the client's body a tool or a block stood, as the path
 * of what was lost of it.
 */
#ifndef PROTO_LOSS_PLACE_H
#define PROTO_LOSS_PLACE_H

#include "proto/ir.h"
#include "proto/loss.h"

/*
 * "messages[2].content[1]", "messages[2].tool_calls[0]" or "messages[2]", and
 * behind it ".member" unless member is "".  A block that no client sent is
 * "messages".
 */
void	loss_place_block(struct losses *, struct arena *, enum loss_action,
	    const struct ir_block *, const char *member);

/*
 * A member of a tool as it is called in a Chat function: "strict".  In the path
 * it stands where the client put it: "tools[3].function.strict".  "": the tool.
 */
void	loss_place_tool(struct losses *, struct arena *, enum loss_action,
	    const struct ir_request *, const struct ir_tool *,
	    const char *member);

#endif
