/*
 * quirk_edit - edits of the top-level members of a body, as a list of struct
 * quirk_edit says them.
 */
#ifndef PROTO_QUIRK_EDIT_H
#define PROTO_QUIRK_EDIT_H

#include "proto/proto.h"

/*
 * Add to `splice` what the list says of the members of `body`.  `resting`: the
 * model will not think.  Names what is lost; a value that changes nothing is
 * not.  False: talk->fail is set, as a member is refused.
 */
bool	quirk_edit(struct talk *, struct jval body, const struct quirk_edit *,
	    bool resting, struct splice *) MUST_USE;

/* Will the provider's own list, not the operator's, take that member out? */
bool	quirk_edit_drops(const struct quirks *, const char *member,
	    bool resting);

/*
 * Do to a finished body what the operator's rules for talk->model say.
 * `body` is replaced.  False: talk->fail is set.
 */
bool	quirk_edit_rules(struct talk *, struct buf *body) MUST_USE;

#endif
