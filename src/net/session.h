/*
 * session - TLS sessions that a server may resume (RFC 5246 7.3), by the host
 * name and port they were made with.  A bounded number; the one unused for
 * longest makes room.
 */
#ifndef NET_SESSION_H
#define NET_SESSION_H

#include <bearssl/inc/bearssl.h>

#include "base/arena.h"

struct session;

struct session_cache {
	/* private */
	struct session	*all;
	size_t		 max;
	struct arena	 arena;
};

bool	session_init(struct session_cache *, size_t max) MUST_USE;
void	session_free(struct session_cache *);	/* its secrets are wiped */

/* One to offer, or NULL.  Lives until the next call. */
const br_ssl_session_parameters *session_find(struct session_cache *,
	    const char *host, uint16_t port);
/*
 * `host` is no longer than VERIFY_HOST_MAX.  A session without an id is none,
 * and takes the place of the one before it.
 */
void	session_keep(struct session_cache *, const char *host, uint16_t port,
	    const br_ssl_session_parameters *);
void	session_forget(struct session_cache *, const char *host, uint16_t port);

#endif
