/*
 * learn_edit - lessons that change a finished body, as splices.
 */
#ifndef PROTO_LEARN_EDIT_H
#define PROTO_LEARN_EDIT_H

#include "proto/learn.h"

struct learn_edit {		/* learn_edit_begin() starts it */
	struct talk	*talk;
	/* private */
	struct json	 doc;
	struct jval	 body;
	struct splice	 splice;
};

/* The body, a JSON object, is about to be changed.  False: no memory. */
bool	learn_edit_begin(struct learn_edit *, const struct buf *body) MUST_USE;
/* Put the changed body in its place.  False: no memory. */
bool	learn_edit_end(struct learn_edit *, struct buf *body) MUST_USE;

/* Each changes what is there to be changed, and names it in the losses. */
void	learn_drop_sampling(struct learn_edit *, const struct lesson *);
void	learn_clamp(struct learn_edit *, const struct lesson *);
void	learn_no_effort(struct learn_edit *, const struct lesson *);
void	learn_fill_reasoning(struct learn_edit *, const struct lesson *);
void	learn_unsign(struct learn_edit *, const struct lesson *);
void	learn_drop_member(struct learn_edit *, const struct lesson *);

#endif
