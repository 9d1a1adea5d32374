/*
 * worker - what one worker process has one of.
 */
#ifndef GATEWAY_WORKER_H
#define GATEWAY_WORKER_H

#include <signal.h>

#include "base/slab.h"
#include "gateway/config.h"
#include "gateway/health.h"
#include "gateway/ledger.h"
#include "gateway/master.h"
#include "gateway/retry.h"
#include "gateway/server.h"
#include "gateway/spend.h"
#include "net/pool.h"
#include "proto/memo.h"

struct worker {
	const struct plan	*plan;
	const struct config	*config;
	unsigned		 place;		/* see shared.h */
	struct loop		*loop;
	struct server		 server;
	struct dialer		 dialer;
	struct pool		 pool;
	struct slab		 exchanges;
	struct retry_memory	 learned;	/* of providers' models */
	struct memo		 memo;		/* of all answers */
	struct ledger		 ledger;	/* none: it is off */
	struct spend		 spend;
	struct health_cache	 health;
	/* of request ids: random, drawn at start */
	char			 id_stem[16];
	uint64_t		 next_id;
	struct loop_timer	 drain_timer;
	struct loop_timer	 trim_timer;	/* after large requests */
	bool			 trimming;	/* ... it runs */
	/* models whose price nobody knows, see limit_admit.c */
	uint64_t		 unpriced[4];
	bool			 terminated;	/* by a first SIGTERM */
};

/* A request id, "req_" and 24 characters, and a NUL. */
enum { WORKER_ID = 40 };
void	worker_new_id(struct worker *, char out[WORKER_ID]);

/* An exchange is over: large memory that it left behind goes after a while. */
void	worker_tidy(struct worker *);

/* The signal that says: others serve from now on, end when yours is done. */
enum { WORKER_RETIRE = SIGUSR1 };

/*
 * Serve on `fds` until SIGTERM has been heeded; returns the exit code.
 * `trust` may be NULL when no provider is reached over TLS.
 */
int	worker_run(const struct plan *, const struct config *,
	    const struct trust *, unsigned place, const int *fds,
	    size_t fd_count);

#endif
