/*
 * saving - what the configuration has spared of a request, and of its price:
 * compression, and cache marks.
 */
#ifndef GATEWAY_SAVING_H
#define GATEWAY_SAVING_H

#include "gateway/exchange.h"

/*
 * What holds for requests to `model` (NULL: one that has no name of the
 * operator's): bits of compress_kind, and whether they are to have marks.
 */
unsigned	saving_kinds(const struct config *, const struct model *);
bool		saving_marks(const struct config *, const struct model *);

/*
 * The request was routed and not sent: shorten its body, and note whether it
 * is to have cache marks.  Values in the old body are of no use after that;
 * texts are.  Where there is no memory the body stays as it is.
 */
void	saving_apply(struct exchange *);

#endif
