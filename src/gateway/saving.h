/*
 * saving - what the configuration has spared of a request, and of its price:
 * compression, and cache marks.
 */
#ifndef GATEWAY_SAVING_H
#define GATEWAY_SAVING_H

#include "gateway/exchange.h"

/*
 * The request was routed and not sent: shorten its body, and note whether it
 * is to have cache marks.  Values in the old body are of no use after that;
 * texts are.  Where there is no memory the body stays as it is.
 */
void	saving_apply(struct exchange *);

#endif
