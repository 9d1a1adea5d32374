/*
 * record - the line in the log that tells of a request when it is over.
 */
#ifndef GATEWAY_RECORD_H
#define GATEWAY_RECORD_H

#include "gateway/exchange.h"

/* Nothing is told of a request that was not even begun. */
void	record_request(const struct exchange *);

#endif
