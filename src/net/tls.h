/*
 * tls - TLS 1.2 through BearSSL's engine, as a client and as a server (RFC
 * 5246, RFC 6125).
 *
 * The engine does no I/O: net/conn moves the bytes.  A client always verifies
 * the server's certificate: chain, validity, host name, key strength.  There is
 * no way to ask for less.  A server asks for no certificate.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "base/buf.h"
#include "net/identity.h"
#include "net/trust.h"

struct tls;

/*
 * What a worker's engines share: bounded caches of sessions, those with servers
 * and those with clients, and memory that is used again.  It outlives the
 * engines.
 */
struct tls_sessions;

struct tls_sessions	*tls_sessions_new(size_t max) MUST_USE;
void			 tls_sessions_free(struct tls_sessions *);

/*
 * A client engine for `host` (never empty; an IP address must stand in the
 * certificate as an IP address).  `sessions` may be NULL.  Returns NULL and
 * sets *why to a sentence, or to NULL if memory ran out.
 */
struct tls	*tls_new(const struct trust *, struct tls_sessions *,
		    struct slice host, uint16_t port, const char **why)
		    MUST_USE;
/*
 * A server's engine.  The identity outlives it; clients may resume a session
 * that another engine of the same `sessions` made.  NULL: no memory.
 */
struct tls	*tls_serve(const struct identity *, struct tls_sessions *)
		    MUST_USE;
void		 tls_free(struct tls *);	/* NULL is harmless */

enum tls_state {
	TLS_SHAKING,		/* the handshake goes on */
	TLS_READY,
	TLS_CLOSED,		/* close_notify came */
	TLS_FAILED,		/* tls_why() */
};

/*
 * Move bytes as far as they go.  fd is the non-blocking socket; *readable and
 * *writable are cleared when it has, or takes, no more (a read that comes back
 * short says so too: set *readable again if an end is known to follow).  Plain
 * bytes are appended to `in` until it holds `max`, and taken from `out`, then
 * from *tail.  *eof is set when the socket ended; with room left in `in` no
 * plain bytes are left behind then.
 */
enum tls_state	 tls_pump(struct tls *, int fd, bool *readable, bool *writable,
		    bool *eof, struct buf *in, size_t max, struct buf *out,
		    struct slice *tail);
/* close_notify, at the next pump.  False: too early or too late for it. */
bool		 tls_shutdown(struct tls *);
const char	*tls_why(const struct tls *);	/* for a log and an operator */
/* As a client. */
bool		 tls_resumed(const struct tls *);
/* How many bytes are sealed and not yet written. */
size_t		 tls_unsent(const struct tls *);
/* Still shaking, or a record is half in or half out. */
bool		 tls_busy(const struct tls *);

#endif
