/*
 * mask - takes secrets out of sentences that strangers wrote.
 *
 * Providers quote keys and internal addresses in their error messages; the
 * client, who may own neither, must not read them.
 */
#ifndef PROTO_MASK_H
#define PROTO_MASK_H

#include "base/arena.h"

/*
 * `plain` with "[key]" and "[address]" in place of keys, URLs and IPv4
 * addresses; `plain` itself if there are none, else a copy in the arena.
 */
struct slice	mask_secrets(struct arena *, struct slice plain);

#endif
