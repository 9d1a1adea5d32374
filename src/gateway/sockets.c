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
	case EAFNOSUPPORT:
		return ": this machine has no IPv6; listen on 0.0.0.0 or "
		    "127.0.0.1";
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
	if (fd >= 0 && !local) {
		bool only_v6 = address->only_v6;

		sock_local(fd, address);
		address->only_v6 = only_v6;
	}
	return fd;
}

/* [::] is all of IPv4, too, unless that stands beside it at the same port. */
static bool
is_only_v6(const struct config *c, const struct sock_address *a)
{
	struct sock_address other;
	const char *why;
	size_t i = 0;

	while (i < c->listen_count &&
	    !(sock_parse(c->listen[i].address, &other, &why) &&
	    sock_is_any_v4(&other) && sock_port(&other) == sock_port(a)))
		i++;
	return i < c->listen_count && sock_port(a) &&
	    a->storage.ss_family == AF_INET6;
}

/* Those of all workers at the i-th address. */
static bool
open_all(struct sockets *s, const struct config *c, size_t i, size_t workers)
{
	const struct entrance *e = &c->listen[i];
	struct sock_address address;
	const char *why = "";

	if (!sock_parse(e->address, &address, &why)) {
		log_error("listen address \"%.*s\": %s",
		    SLICE_FMT(e->address), why);
		return false;
	}
	address.mode = e->mode;
	address.only_v6 = is_only_v6(c, &address);
	for (size_t w = 0; w < workers; w++) {
		s->fd[w][i] = open_one(s, w, i, workers, &address);
		if (s->fd[w][i] >= 0)
			continue;
		log_error("cannot listen on %.*s: %s%s",
		    SLICE_FMT(e->address), strerror(errno),
		    listen_advice(errno));
		return false;
	}
	return true;
}

bool
sockets_open(struct sockets *s, const struct config *c, size_t workers)
{
	for (size_t i = 0; i < c->listen_count; i++)
		if (!open_all(s, c, i, workers))
			return false;
	return true;
}

/* A Unix socket stands in all rows, and is closed once. */
static void
close_all(struct sockets *s, size_t i)
{
	for (size_t w = SOCKETS_WORKERS; w-- > 0;) {
		if (s->fd[w][i] >= 0 && (!w || s->fd[w][i] != s->fd[0][i]))
			close(s->fd[w][i]);
		s->fd[w][i] = -1;
	}
}

void
sockets_close(struct sockets *s)
{
	for (size_t i = 0; i < CONFIG_LISTEN_MAX; i++)
		close_all(s, i);
}

static void
remove_file(const struct entrance *e, bool ours)
{
	struct sock_address address;
	const char *why;

	if (sock_parse(e->address, &address, &why))
		sock_remove(&address, ours);
}

static bool
same(const struct entrance *a, const struct entrance *b)
{
	return a->mode == b->mode && a->operators == b->operators &&
	    slice_eq(a->address, b->address);
}

/*
 * Where `c` has the i-th address of `other`, or the end: the second of two that
 * look the same (port 0) is not the first.
 */
static size_t
find(const struct config *c, const struct config *other, size_t i)
{
	size_t nth = 0, at = 0;

	for (size_t j = 0; j < i; j++)
		nth += same(&other->listen[j], &other->listen[i]);
	while (at < c->listen_count &&
	    (!same(&c->listen[at], &other->listen[i]) || nth-- > 0))
		at++;
	return at;
}

static void
copy(struct sockets *to, size_t i, const struct sockets *from, size_t j)
{
	for (size_t w = 0; w < SOCKETS_WORKERS; w++)
		to->fd[w][i] = from->fd[w][j];
}

bool
sockets_change(struct sockets *s, const struct config *old,
    const struct config *fresh, size_t workers)
{
	struct sockets next;
	bool good = true;
	size_t i, j;

	sockets_init(&next);
	for (i = 0; good && i < fresh->listen_count; i++) {
		j = find(old, fresh, i);
		if (j < old->listen_count)
			copy(&next, i, s, j);
		else
			good = open_all(&next, fresh, i, workers);
	}
	/* of the two sets one has sockets that are of no use */
	for (j = 0; good && j < old->listen_count; j++)
		if (find(fresh, old, j) == fresh->listen_count) {
			close_all(s, j);
			remove_file(&old->listen[j], true);
		}
	while (!good && i-- > 0)
		if (find(old, fresh, i) == old->listen_count)
			close_all(&next, i);
	if (good)
		*s = next;
	return good;
}

void
sockets_remove(const struct config *c)
{
	for (size_t i = 0; i < c->listen_count; i++)
		remove_file(&c->listen[i], false);
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
