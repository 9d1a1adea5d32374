/*
 * plain - the fast way over the plain bytes of JSON strings.
 *
 * Strings are nearly all of what passes through, and images are megabytes of
 * them: sixteen bytes are looked at in one step where the CPU can.
 */
#ifndef JSON_PLAIN_H
#define JSON_PLAIN_H

#include <stdint.h>

/*
 * The first byte in [at, end) that is a quote, a backslash, below 0x20 or not
 * ASCII; `end` if there is none.  Nothing outside of [at, end) is read.
 */
const char	*plain_end(const char *at, const char *end);

#endif
