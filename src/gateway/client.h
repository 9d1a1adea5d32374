/*
 * client - one client connection over the many requests that it may carry.
 *
 * A service (the gateway's exchange, or the echo provider) is called when the
 * first bytes of a request are there, and whenever the connection has news;
 * it says client_done() when the answer is out.  Requests that a client sends
 * ahead wait in the connection's buffer and are begun one after another.
 */
#ifndef GATEWAY_CLIENT_H
#define GATEWAY_CLIENT_H

#include "base/list.h"
#include "net/conn.h"
#include "net/sock.h"

struct entrance;
struct server;

struct client {
	struct conn		 conn;
	struct server		*server;
	/* the service's; NULL between requests */
	void			*exchange;
	struct sock_address	 peer;
	/* where it came in; NULL: the server has but one kind */
	const struct entrance	*entrance;
	/* private */
	struct list		 link;
	struct loop_timer	 timer;		/* idle, or lingering */
	struct loop_grave	 grave;
	bool			 shaking, running, lingering, closed;
	bool			 away;		/* there are too many */
};

/* What a server does with its connections. */
struct service {
	/*
	 * A request begins: the exchange that answers it, or NULL (the
	 * connection is closed).
	 */
	void	*(*begin)(struct client *);
	/* Bytes, room or an end: go on.  May call client_done(). */
	void	 (*run)(void *exchange);
	/* The connection is lost or the server stops: let go of everything. */
	void	 (*drop)(void *exchange);
	/*
	 * The server is about to stop: tell the client, as far as it still can
	 * be told, and end.  NULL: there is nothing to say.
	 */
	void	 (*cut)(void *exchange);
	/* A whole answer for who comes when there are too many. */
	const char *full;
};

/*
 * The exchange is over and its answer flushed; the service has let go of it.
 * With `keep` the connection takes its next request, else it is closed in good
 * order: FIN first, and what the client still sends is read and dropped for a
 * moment, so that a reset does not destroy the answer on its way.
 */
void	client_done(struct client *, bool keep);

/*
 * Close at once; from within a service only after it has let go of its
 * exchange.
 */
void	client_close(struct client *);

#endif
