/*
 * extra - members of bodies that are not of the client's protocol.
 *
 * `extra_body` is the Python SDK's argument, which people put into raw JSON as
 * if it were a member; others are another protocol's.
 */
#ifndef PROTO_EXTRA_H
#define PROTO_EXTRA_H

#include "base/arena.h"
#include "json/json.h"

/*
 * The request with the members of its `extra_body` object merged into its top
 * level, where members of the body itself win; `body` as it is when it has
 * none.  Lives in the arena.  Absent: no memory.
 */
struct jval	extra_merge(struct arena *, struct jval body);

/*
 * Members at the top of a Messages body that clients put into Chat bodies, too;
 * NULL ends them.  They pass where the operator lets them.
 */
extern const char *const extra_anthropic[];
/* Is `key` one of them, or "betas", which becomes a header? */
bool	extra_is_anthropic(struct jval key);

/* Is it no loss that this member of Chat's, with that value, goes nowhere? */
bool	extra_is_hint(struct slice name, struct jval value);

#endif
