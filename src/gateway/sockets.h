/*
 * sockets - the listening sockets of all workers, opened before the first fork.
 *
 * Each worker has one of its own for each TCP address (SO_REUSEPORT), so that
 * the kernel shares out the connections; a Unix socket is one for all.
 */
#ifndef GATEWAY_SOCKETS_H
#define GATEWAY_SOCKETS_H

#include "gateway/config.h"

enum { SOCKETS_WORKERS = 64, SOCKETS_BACKLOG = 4096 };

struct sockets {
	/* by worker and address; -1: none */
	int	fd[SOCKETS_WORKERS][CONFIG_LISTEN_MAX];
};

void	sockets_init(struct sockets *);
/*
 * Open those of that many workers.  False: the log says what is wrong and what
 * to do; some may be open.
 */
bool	sockets_open(struct sockets *, const struct config *,
	    size_t workers) MUST_USE;
void	sockets_close(struct sockets *);
/*
 * From the addresses of one configuration to those of another: what both have
 * stays open, and no connection to it is lost.  False: the log says why, and
 * all is as it was.
 */
bool	sockets_change(struct sockets *, const struct config *old,
	    const struct config *fresh, size_t workers) MUST_USE;
/* When all processes have closed them: the files of Unix sockets go. */
void	sockets_remove(const struct config *);

/*
 * In a worker after its fork: close all but its own.  While a listening socket
 * is open anywhere the kernel takes connections for it, and once its worker
 * drains nobody would answer them.
 */
void	sockets_keep(struct sockets *, size_t worker);

#endif
