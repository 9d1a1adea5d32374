/*
 * wait - how long an exchange waits, in milliseconds.
 */
#ifndef GATEWAY_WAIT_H
#define GATEWAY_WAIT_H

#include "gateway/exchange.h"

/* For the provider's answer to begin. */
uint64_t	wait_first_ms(const struct exchange *);

/* How often a relay looks at the clock: as often as its shortest limit asks. */
uint64_t	wait_relay_ms(const struct exchange *);

#endif
