/*
 * count - what all workers together did, in memory that they share.
 *
 * The master makes it before it forks; every worker adds without a lock, and
 * any of them can read it.  It begins at zero with the program.
 */
#ifndef GATEWAY_COUNT_H
#define GATEWAY_COUNT_H

#include "base/buf.h"
#include "proto/proto.h"

struct count;

/* NULL: no memory; all calls take that and count nothing.  Never freed. */
struct count	*count_new(void);

/* A request is over: its status, how many attempts it took, what it lost. */
void	count_request(struct count *, unsigned status, unsigned attempts);
/* The configuration was read anew; `good`: and is in force. */
void	count_reload(struct count *, bool good);
void	count_losses(struct count *, const struct losses *);

/* All that is not zero, in the text format of Prometheus. */
void	count_print(const struct count *, struct buf *out);

#endif
