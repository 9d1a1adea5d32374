/*
 * args - the arguments of a tool call, as models really write them.
 *
 * They should be a JSON object.  Models and gateways also send nothing, an
 * object inside a string, an object with a bracket too many, one that was cut
 * short, or text that is no JSON at all.
 */
#ifndef PROTO_ARGS_H
#define PROTO_ARGS_H

#include "base/arena.h"
#include "json/check.h"

/* How deep arguments may be nested: they stand in a body. */
enum { ARGS_DEPTH_MAX = JSON_DEPTH_MAX - 16 };

/*
 * The object that `plain` (unescaped text) stands for; always valid JSON:
 *	nothing, blanks, or null	{}
 *	an object			as it is
 *	a string that holds an object	that object
 *	another value			{"value":...}
 *	an object and then more		the object; {} before one is skipped
 *	the beginning of an object	what is complete in it
 *	else				{"_raw_arguments":"..."}
 * A string that has not ended is never closed: a command that was cut must not
 * run.  The result is `plain`, a part of it, or in the arena; {} when that is
 * out of memory.
 */
struct slice	args_object(struct arena *, struct slice plain);

#endif
