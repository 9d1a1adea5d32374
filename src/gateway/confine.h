/*
 * confine - what each process of the gateway keeps of its rights.
 *
 * The master may read files and make Unix sockets, for a configuration can name
 * any, and writes the ledger.  A worker resolves names, writes the ledger and
 * serves the sockets that it was given; nothing else is open to it.  See
 * base/seal.h for the means.
 */
#ifndef GATEWAY_CONFINE_H
#define GATEWAY_CONFINE_H

#include "gateway/config.h"

/*
 * After listening sockets are open, before the first fork.  Says in the log
 * what is in force, and warns of what this kernel lacks.
 */
void	confine_master(const struct config *);

/*
 * The file that name servers stand in.  A worker can read what is in the folder
 * to which it leads when that worker begins.
 */
extern const char confine_names[];

/* In the child, before it starts threads. */
void	confine_worker(const struct config *);

#endif
