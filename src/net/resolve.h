/*
 * resolve - host names to addresses, without holding up the loop.
 *
 * getaddrinfo() runs on a few helper threads with small stacks; a slow name
 * holds up nobody else.  Answers, and failures for a shorter time, are kept.
 * /etc/resolv.conf and /etc/hosts are read anew for each that is asked.
 */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include "net/loop.h"
#include "net/sock.h"

enum { RESOLVE_MAX = 8 };	/* addresses kept per name, kinds in turn */

struct resolver;

struct resolve_answer {
	struct sock_address	 addresses[RESOLVE_MAX];
	size_t			 count;		/* 0: failed */
	const char		*why;
};

struct resolve_query {			/* start from all zeros but `done` */
	void	(*done)(struct resolve_query *, const struct resolve_answer *);
	/* private */
	struct resolve_query *next;
	struct resolve_name *name;	/* waits for it; NULL: for nothing */
	uint16_t  port;
};

struct resolver	*resolver_new(struct loop *) MUST_USE;
/* Not from within a done(); queries that still wait are forgotten. */
void		 resolver_free(struct resolver *);

/*
 * Ask.  IP addresses, "localhost" and names below it (127.0.0.1, ::1), and
 * cached names are answered at once: done() is called before resolve_start()
 * returns.  False: too many queries; done() is not called.
 */
bool	resolve_start(struct resolver *, struct resolve_query *,
	    struct slice host, uint16_t port) MUST_USE;
/* Idempotent. */
void	resolve_cancel(struct resolver *, struct resolve_query *);

/*
 * None of its addresses is of any use: who comes next asks anew.  False:
 * nothing was kept, or it was asked for just now.
 */
bool	resolve_forget(struct resolver *, struct slice host);
/* That one was: who comes next begins with it. */
void	resolve_prefer(struct resolver *, struct slice host,
	    const struct sock_address *);

#endif
