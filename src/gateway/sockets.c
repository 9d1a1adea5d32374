#include "gateway/sockets.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "net/sock.h"

void
sockets_init(struct sockets *s)
{
	memset(s->fd, -1, sizeof s->fd);
}

/*
 * Workers share a port by SO_REUSEPORT, and so would another gateway that
 * already has it: each would get some of the connections.
 */
static bool
port_is_free(const struct sock_address *address)
{
	int fd = sock_listen(address, false, SOCKETS_BACKLOG);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* What the operator can do about it; "" if the reason says all. */
static const char *
listen_advice(int error)
{
	switch (error) {
	case EADDRINUSE:
		return ": something else serves there; end it, or choose "
		    "another address by DRAGOMAN_LISTEN or \"listen\"";
	case EACCES:
		return ": ports below 1024 need the right to bind them; choose "
		    "a higher one by DRAGOMAN_LISTEN or \"listen\"";
	case EADDRNOTAVAIL:
		return ": no interface of this machine has that address";
	default:
		return "";
	}
}

/* The socket of one worker at the address, which port 0 makes definite. */
static int
open_one(struct sockets *s, size_t w, size_t i, size_t workers,
    struct sock_address *address)
{
	bool local = address->storage.ss_family == AF_UNIX;
	int fd = -1;

	if (w && local)
		return s->fd[0][i];
	if (w || workers == 1 || local || port_is_free(address))
		fd = sock_listen(address, workers > 1, SOCKETS_BACKLOG);
	if (fd >= 0 && !local)
		sock_local(fd, address);
	return fd;
}

bool
sockets_open(struct sockets *s, const struct config *c, size_t workers)
{
	for (size_t i = 0; i < c->listen_count; i++) {
		struct sock_address address;
		const char *why = "";

		if (!sock_parse(c->listen[i], &address, &why)) {
			log_error("listen address \"%.*s\": %s",
			    SLICE_FMT(c->listen[i]), why);
			return false;
		}
		for (size_t w = 0; w < workers; w++) {
			s->fd[w][i] = open_one(s, w, i, workers, &address);
			if (s->fd[w][i] >= 0)
				continue;
			log_error("cannot listen on %.*s: %s%s",
			    SLICE_FMT(c->listen[i]), strerror(errno),
			    listen_advice(errno));
			return false;
		}
	}
	return true;
}

/* A Unix socket stands in all rows, and is closed once. */
void
sockets_close(struct sockets *s)
{
	for (size_t w = SOCKETS_WORKERS; w-- > 0;)
		for (size_t i = 0; i < CONFIG_LISTEN_MAX; i++) {
			if (s->fd[w][i] >= 0 &&
			    (!w || s->fd[w][i] != s->fd[0][i]))
				close(s->fd[w][i]);
			s->fd[w][i] = -1;
		}
}

void
sockets_keep(struct sockets *s, size_t worker)
{
	for (size_t w = 0; w < SOCKETS_WORKERS; w++)
		for (size_t i = 0; i < CONFIG_LISTEN_MAX; i++)
			if (s->fd[w][i] >= 0 &&
			    s->fd[w][i] != s->fd[worker][i])
				close(s->fd[w][i]);
}
