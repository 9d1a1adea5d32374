/*
 * master - forks the workers, replaces those that die, passes signals on.
 */
#ifndef GATEWAY_MASTER_H
#define GATEWAY_MASTER_H

#include "gateway/config.h"
#include "gateway/page.h"

/* What the program hands to its processes; lives until they end. */
struct plan {
	/* configuration; NULL: $DRAGOMAN_CONFIG or none */
	const char		*file;
	const struct page	*pages;
	struct count		*count;		/* or NULL */
	struct shared		*shared;	/* or NULL */
	/* what clients refer to; the master opens it; NULL: nothing is kept */
	struct store		*store;
	/* answers that are given again, and who asks for one; the master opens
	 * them; NULL: none are */
	struct store		*cache;
	struct flights		*flights;
	/*
	 * the provider of the demo, on a listening descriptor, in a process of
	 * its own; NULL: no demo
	 */
	int			(*demo)(int fd);
};

/*
 * Serve until SIGTERM or SIGINT has been heeded; returns the exit code.
 * When its files change, or on SIGHUP, the configuration is read anew: if it is
 * good, new workers begin with it and the old ones finish what they have; if
 * not, the old stays and the log is loud. In the demo its provider runs beside
 * the workers and stands behind every model.
 */
int	master_run(const struct plan *);

#endif
