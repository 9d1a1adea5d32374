/*
 * dial - from a target to an open connection: name, addresses that race (RFC
 * 8305), connect, proxy CONNECT (RFC 9110 9.3.6), TLS handshake.
 */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include "net/conn.h"
#include "net/resolve.h"
#include "net/tls.h"

/* Read-only; lives as long as the configuration. */
struct dial_target {
	struct slice	 host;		/* name or IP address */
	uint16_t	 port;
	bool		 tls;
	/* the HTTP proxy to go through: empty host, none */
	struct slice	 proxy_host;
	uint16_t	 proxy_port;
	struct slice	 proxy_authorization;	/* header value or empty */
};

struct dialer {			/* what a worker has one of */
	struct loop		*loop;
	struct resolver		*resolver;
	const struct trust	*trust;		/* NULL: no https target */
	struct tls_sessions	*sessions;
};

enum dial_result {
	DIAL_OK,
	DIAL_NAME,		/* the name has no address */
	DIAL_REFUSED,		/* by every address, or by the proxy */
	DIAL_TIMEOUT,
	DIAL_TLS,		/* handshake or certificate */
	DIAL_MEMORY,
};

struct dial_try {			/* one address */
	/* private */
	struct loop_watch	 watch;
	struct dial		*dial;
	bool			 begun;		/* and not over */
};

struct dial {				/* start from all zeros */
	/*
	 * On DIAL_OK `conn` is open, with no wake() yet, and is the caller's;
	 * else it is closed, and `why` is a sentence.
	 */
	void	(*done)(struct dial *, enum dial_result, const char *why);
	struct conn	*conn;		/* the caller's memory, zeroed */
	void		*owner;
	/* private */
	struct dialer	*dialer;
	const struct dial_target *target;
	struct resolve_query	 query;
	struct resolve_answer	 answer;
	struct dial_try		 tries[RESOLVE_MAX];	/* place for place */
	size_t			 next;		/* address to begin with */
	size_t			 under_way;
	bool			 asked_twice;	/* for the name */
	int64_t			 deadline_ms;
	struct loop_timer	 timer;
	unsigned		 step;
	char			 why[160];
};

/*
 * Begin.  All of it must be over after `timeout_ms`; an address that is silent
 * does not keep the next from being tried.  done() is called exactly once,
 * maybe before dial_start() returns, unless dial_cancel() came first.
 */
void	dial_start(struct dial *, struct dialer *, const struct dial_target *,
	    struct conn *conn, int64_t timeout_ms);
/* Idempotent; closes what was begun. */
void	dial_cancel(struct dial *);

#endif
