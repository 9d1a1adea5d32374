/*
 * process - what the system grants a process, and what that gives up.
 */
#ifndef GATEWAY_PROCESS_H
#define GATEWAY_PROCESS_H

#include <stddef.h>
#include <stdint.h>

/* The CPUs that we may use: by affinity, and by the cgroup's quota. */
size_t	process_cpus(void);

/*
 * The bytes that all processes together may have: what the cgroup grants, or
 * half of what the machine has, whichever is less; 0: unknown.
 */
uint64_t process_memory(void);

/*
 * Before the first fork: standard descriptors are open, there may be as many
 * others as the system lets us have, no core is dumped and no privilege is
 * gained.
 */
void	process_prepare(void);

#endif
