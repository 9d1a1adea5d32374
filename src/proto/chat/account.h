/*
 * account - what a Chat answer says of its end and of its cost.
 *
 * Knows the words and the places: usage beside the choices, inside one, on
 * every chunk or never; finish reasons that come twice, empty or not at all.
 */
#ifndef PROTO_CHAT_ACCOUNT_H
#define PROTO_CHAT_ACCOUNT_H

#include "proto/gather.h"
#include "proto/proto.h"

struct account {		/* account_init() starts it */
	struct ir_usage	 usage;
	bool		 usage_seen;	/* the reader unsets it */
	bool		 finished;	/* a reason came */
	enum ir_stop	 stop;
	enum fail_kind	 broken;	/* the reason is a failure */
	struct slice	 native;	/* the reason as spelled */
	struct slice	 sequence;
	struct slice	 tier;
	struct gather	 refusal;	/* its text so far */
};

void	account_init(struct account *);
/* Take a usage object, if it is one. */
void	account_usage(struct account *, struct arena *, struct jval usage);
/* Take `finish_reason` of a choice, and vLLM's `stop_reason` beside it. */
void	account_finish(struct account *, struct arena *, struct jval reason,
	    struct jval sequence);
void	account_tier(struct account *, struct arena *, struct jval tier);
/* The STOP event, given whether the answer called a tool. */
struct ir_event	account_stop(const struct account *, bool called);

#endif
