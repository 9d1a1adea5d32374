/*
 * server - listeners and client connections of one worker: accept, idle
 * time-outs, a bound on their number, draining.
 */
#ifndef GATEWAY_SERVER_H
#define GATEWAY_SERVER_H

#include "base/slab.h"
#include "gateway/client.h"

enum {
	SERVER_LISTENERS = 16,
	/* above max_clients, at one time: whoever is told to come again */
	SERVER_AWAY = 64,
};

struct listener {
	struct loop_watch	 watch;
	struct server		*server;
	const struct entrance	*entrance;	/* NULL: any, and plain */
	bool			 watched;
};

struct server {			/* server_init() starts it */
	struct loop		*loop;
	const struct service	*service;
	void			*owner;		/* the service's own */
	uint64_t		 max_clients;
	int64_t			 idle_ms;
	/* for TLS, where an entrance has it */
	struct tls_sessions	*sessions;
	int64_t			 handshake_ms;
	size_t			 count;		/* open connections */
	size_t			 away;		/* ... that are turned away */
	bool			 draining;
	int64_t			 patience_ms;	/* see server_drain() */
	/* called when draining and the last connection has gone */
	void			(*drained)(struct server *);
	/* private */
	struct listener		 listeners[SERVER_LISTENERS];
	size_t			 listener_count;
	struct list		 clients;
	struct slab		 slab;
	bool			 paused;	/* too many even for that */
	int64_t			 refused_ms;	/* when the log last said so */
};

void	server_init(struct server *, struct loop *, const struct service *,
	    void *owner, uint64_t max_clients, int64_t idle_ms);
/* The entrance outlives the server. */
bool	server_listen(struct server *, int fd,
	    const struct entrance *) MUST_USE;

/*
 * Accept no more; answers under way are finished.  What is idle is closed, or
 * may ask once more for `patience_ms`: a request that is on its way already
 * would be lost.  A second call may have less patience.
 */
void	server_drain(struct server *, int64_t patience_ms);
/* The time to drain is over: whoever still waits is told so. */
void	server_cut(struct server *);
/* Close everything now. */
void	server_stop(struct server *);

/* server.c to client.c and back */
void	server_lost(struct server *, struct client *);
void	client_start(struct client *, int fd, struct tls *);

#endif
