/*
 * process - what the system grants a process, and what that gives up.
 */
#ifndef GATEWAY_PROCESS_H
#define GATEWAY_PROCESS_H

#include <stddef.h>

/* The CPUs that we may use: by affinity, and by the cgroup's quota. */
size_t	process_cpus(void);

/*
 * Before the first fork: standard descriptors are open, there may be as many
 * others as the system lets us have, no core is dumped and no privilege is
 * gained.
 */
void	process_prepare(void);

#endif
