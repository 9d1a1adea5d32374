/*
 * pick - which of a model's targets are asked for a request, and in what order.
 *
 * In the order of the file, or by weight: one is drawn by the beginning of the
 * conversation, so that a conversation stays where its prompts are cached, and
 * the others follow, the heaviest first.
 */
#ifndef GATEWAY_PICK_H
#define GATEWAY_PICK_H

#include "gateway/route.h"

struct picker {
	const struct config	*config;
	const struct access_key	*key;
	struct arena		*arena;
	struct exchange		*ex;	/* NULL: all conditions hold */
	struct route		*route;
	/* the key may use whatever the name leads to */
	bool			 allowed;
	/* what was passed over, by reason */
	unsigned		 forbidden, unfit;
};

/* Add the targets of the model; its star, if it has one, stands for `star`. */
void	pick_model(struct picker *, const struct model *, struct slice star);
/* Add one target, unless the key may not use it or it is there. */
void	pick_target(struct picker *, const struct target *);

/*
 * What the catalogue knows the target to lack for the request: "input" or
 * "context"; NULL: nothing.  The operator's quirks have the last word.
 */
const char	*pick_lacks(const struct target *, struct exchange *);

#endif
