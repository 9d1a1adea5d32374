/*
 * lookup - getaddrinfo() on a few helper threads.
 *
 * The caller has numbered places, and puts one name at a time into each.  An
 * eventfd becomes readable when there are answers.
 */
#ifndef NET_LOOKUP_H
#define NET_LOOKUP_H

#include "net/resolve.h"

enum {
	LOOKUP_PLACES = 64,
	LOOKUP_NAME_MAX = 253,		/* RFC 1035 2.3.4, as text */
};

struct lookup;

struct lookup_job {
	char		  host[LOOKUP_NAME_MAX + 1];
	struct sock_address addresses[RESOLVE_MAX];
	size_t		  count;	/* 0: see `error` */
	int		  error;	/* of getaddrinfo() */
	/* private */
	struct lookup_job *next;
};

struct lookup	*lookup_new(void) MUST_USE;
/* Threads that still ask go on, and their answers to nobody. */
void		 lookup_free(struct lookup *);
int		 lookup_event(const struct lookup *);	/* the eventfd */

/*
 * Ask for `host` (no longer than LOOKUP_NAME_MAX), whose answer will stand at
 * this place, which must not be asking.  False: no thread could be started.
 */
bool	lookup_ask(struct lookup *, size_t place, struct slice host) MUST_USE;

/*
 * The place of one that was answered, or LOOKUP_PLACES.  Its job lives until
 * the place is asked again.
 */
size_t	lookup_answered(struct lookup *, const struct lookup_job **);

#endif
