/*
 * refusal - a provider's answer with a status from 400 on.
 */
#ifndef GATEWAY_REFUSAL_H
#define GATEWAY_REFUSAL_H

#include "gateway/exchange.h"

/*
 * The body of it is there.  It is heeded (retry.h), or the attempt has failed,
 * or the client is told what the provider said.
 */
void	refusal_tell(struct exchange *);

#endif
