/*
 * cgroup - what the control groups that we are in grant, of version 1 or 2.
 *
 * A container sees its own group as the root of /sys/fs/cgroup; elsewhere the
 * way to it stands in /proc/self/cgroup, and each group on that way counts.
 */
#ifndef GATEWAY_CGROUP_H
#define GATEWAY_CGROUP_H

#include <stdint.h>

/* 0: no bound, or none that can be read. */
uint64_t cgroup_cpus(void);		/* rounded up */
uint64_t cgroup_memory(void);		/* bytes */

#endif
