/*
 * extra - `extra_body`: the Python SDK's argument, which people put into raw
 * JSON as if it were a member.
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

#endif
