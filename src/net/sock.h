/*
 * sock - sockets: listening, accepting, connecting, their options and names.
 */
#ifndef NET_SOCK_H
#define NET_SOCK_H

#include <sys/socket.h>
#include <sys/types.h>

#include "base/check.h"
#include "base/slice.h"

enum { SOCK_NAME = 128 };	/* room for an address as text */

struct sock_address {
	struct sockaddr_storage	 storage;
	socklen_t		 len;
	/* of the file of a Unix socket to listen on; 0: as the umask says */
	mode_t			 mode;
	bool			 only_v6;	/* when it listens on [::] */
};

/*
 * "127.0.0.1:4000", "[::1]:4000", ":4000" (all addresses), "localhost:4000",
 * "unix:/run/x.sock".  Numbers only but for localhost: no resolver is asked.
 * False: *why says what is wrong.
 */
bool	sock_parse(struct slice text, struct sock_address *, const char **why)
	    MUST_USE;
/* "192.0.2.7", "::1" or "[::1]" and nothing else; false: not an IP address. */
bool	sock_parse_ip(struct slice text, uint16_t port, struct sock_address *)
	    MUST_USE;
/* 0.0.0.0 */
bool	sock_is_any_v4(const struct sock_address *);
/* A unix socket counts as such. */
bool	sock_is_loopback(const struct sock_address *);
void	sock_name(const struct sock_address *, char *out, size_t size);
uint16_t sock_port(const struct sock_address *);
void	sock_set_port(struct sock_address *, uint16_t port);

/* All return a non-blocking close-on-exec descriptor, or -1 with errno set. */
int	sock_listen(const struct sock_address *, bool reuse_port, int backlog)
	    MUST_USE;
int	sock_accept(int listener, struct sock_address *peer) MUST_USE;
/*
 * Remove the file of a Unix socket; unless it is `ours`, only if nobody
 * listens there.
 */
void	sock_remove(const struct sock_address *, bool ours);
/* In progress when it returns. */
int	sock_connect(const struct sock_address *) MUST_USE;

/*
 * How long the peer may leave unsaid that it has got what was sent; then the
 * connection ends with ETIMEDOUT.  sock_connect() begins with SOCK_PATIENCE_MS.
 */
enum { SOCK_PATIENCE_MS = 30000 };
void	sock_patience(int fd, int ms);

/* What became of a connect: 0, or the errno. */
int	sock_error(int fd);
/* The address it is bound to; len is 0 if that cannot be said. */
void	sock_local(int fd, struct sock_address *);

#endif
