/*
 * number - decimal numbers as text: compared without ever becoming binary.
 *
 * Requests carry numbers as their sender spelled them and providers want them
 * so; only a few rules ("at most 1") need to know how large one is.  All
 * functions take a JSON number (RFC 8259 6), exponents of any size included.
 */
#ifndef PROTO_NUMBER_H
#define PROTO_NUMBER_H

#include "base/slice.h"

/* Is a less than (-1), equal to (0) or greater than (1) b? */
int	number_cmp(struct slice a, struct slice b);

/* The same against a literal: number_vs(temperature, "1") > 0. */
int	number_vs(struct slice a, const char *b);

/*
 * Is it an integer in value (10, 10.0, 1e1), not negative, and does it fit?
 * Then *n is it.
 */
bool	number_u64(struct slice, uint64_t *n);

#endif
