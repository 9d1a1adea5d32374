/*
 * call - items of a Responses answer that ask the client to run something.
 *
 * Knows their types, where each has its arguments, and how the provider's names
 * become the client's.
 */
#ifndef PROTO_RESPONSES_CALL_H
#define PROTO_RESPONSES_CALL_H

#include "proto/responses/intake.h"

struct call_type;

/* NULL: the item is none. */
const struct call_type *call_type_of(const struct talk *,
	    struct jval item);

/* An item of that type begins, as far as it is known. */
void	call_begin(struct intake *, uint64_t index, struct jval item,
	    const struct call_type *);
/* ... is whole: what of it has not been told. */
void	call_end(struct intake *, uint64_t index, struct jval item,
	    const struct call_type *);

#endif
