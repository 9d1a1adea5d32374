#include "net/sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/*
 * When the kernel asks a silent peer whether it is still there, seconds: sooner
 * than most that translate addresses forget a connection.  It gives up after
 * SOCK_PATIENCE_MS, and never over a gap shorter than a step.
 */
enum { KEEPALIVE_IDLE_S = 20, KEEPALIVE_STEP_S = 10, KEEPALIVE_TRIES = 4 };

static bool
parse_unix(struct slice path, struct sock_address *a, const char **why)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&a->storage;

	if (!path.len) {
		*why = "unix: wants a path";
		return false;
	}
	un->sun_family = AF_UNIX;
	if (!slice_to_cstr(path, un->sun_path, sizeof un->sun_path)) {
		*why = "the path of the socket is too long";
		return false;
	}
	a->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    path.len + 1);
	return true;
}

static void
set_v6(struct sock_address *a, const struct in6_addr *ip, uint16_t port)
{
	struct sockaddr_in6 *to = (struct sockaddr_in6 *)&a->storage;

	to->sin6_family = AF_INET6;
	to->sin6_addr = *ip;
	to->sin6_port = htons(port);
	a->len = sizeof *to;
}

static void
set_v4(struct sock_address *a, struct in_addr ip, uint16_t port)
{
	struct sockaddr_in *to = (struct sockaddr_in *)&a->storage;

	to->sin_family = AF_INET;
	to->sin_addr = ip;
	to->sin_port = htons(port);
	a->len = sizeof *to;
}

bool
sock_parse_ip(struct slice text, uint16_t port, struct sock_address *a)
{
	char host[INET6_ADDRSTRLEN];
	struct in6_addr v6;
	struct in_addr v4;

	*a = (struct sock_address){ .len = 0 };
	if (text.len > 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']')
		text = slice_sub(text, 1, text.len - 2);
	if (!slice_to_cstr(text, host, sizeof host))
		return false;
	if (inet_pton(AF_INET, host, &v4) == 1)
		set_v4(a, v4, port);
	else if (inet_pton(AF_INET6, host, &v6) == 1)
		set_v6(a, &v6, port);
	return a->len != 0;
}

bool
sock_parse(struct slice text, struct sock_address *a, const char **why)
{
	static const struct slice prefix = SLICE_INIT("unix:");
	size_t colon = slice_rchr(text, ':');
	struct slice host;
	uint64_t port;

	*a = (struct sock_address){ .len = 0 };
	if (slice_starts(text, prefix))
		return parse_unix(slice_skip(text, prefix.len), a, why);
	if (colon == SIZE_MAX ||
	    !slice_to_u64(slice_skip(text, colon + 1), 65535, &port)) {
		*why = "wants an address and a port, such as 127.0.0.1:4000";
		return false;
	}
	host = slice_sub(text, 0, colon);
	if (!host.len || slice_is(host, "*")) {
		set_v6(a, &in6addr_any, (uint16_t)port);
		return true;
	}
	if (slice_eq_ci(host, SLICE("localhost")))
		host = SLICE("127.0.0.1");
	/* Without brackets an IPv6 address seems to end in a port. */
	if ((host.ptr[0] != '[' && slice_chr(host, ':') != SIZE_MAX) ||
	    !sock_parse_ip(host, (uint16_t)port, a)) {
		*why = "the address must be an IP address ([...] for IPv6), "
		    "localhost, or nothing for all addresses";
		return false;
	}
	return true;
}

bool
sock_is_any_v4(const struct sock_address *a)
{
	const struct sockaddr_in *v4 = (const void *)&a->storage;

	return a->storage.ss_family == AF_INET &&
	    v4->sin_addr.s_addr == htonl(INADDR_ANY);
}

bool
sock_is_loopback(const struct sock_address *a)
{
	const struct sockaddr_in6 *v6 = (const void *)&a->storage;
	const struct sockaddr_in *v4 = (const void *)&a->storage;

	switch (a->storage.ss_family) {
	case AF_UNIX:
		return true;
	case AF_INET:
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	case AF_INET6:
		if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
			return v6->sin6_addr.s6_addr[12] == 127;
		return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
	}
	return false;
}

static void
name_v6(const struct sockaddr_in6 *v6, char *out, size_t size)
{
	char text[INET6_ADDRSTRLEN] = "?";
	struct in_addr v4;

	if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
		memcpy(&v4, v6->sin6_addr.s6_addr + 12, sizeof v4);
		inet_ntop(AF_INET, &v4, text, sizeof text);
		snprintf(out, size, "%s:%u", text, ntohs(v6->sin6_port));
		return;
	}
	inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
	snprintf(out, size, "[%s]:%u", text, ntohs(v6->sin6_port));
}

void
sock_name(const struct sock_address *a, char *out, size_t size)
{
	const struct sockaddr_in *v4 = (const void *)&a->storage;
	const struct sockaddr_un *un = (const void *)&a->storage;
	char text[INET_ADDRSTRLEN] = "?";

	switch (a->storage.ss_family) {
	case AF_INET:
		inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
		snprintf(out, size, "%s:%u", text, ntohs(v4->sin_port));
		return;
	case AF_INET6:
		name_v6((const void *)&a->storage, out, size);
		return;
	case AF_UNIX:
		/* A client's end has no name: then the path is empty. */
		snprintf(out, size, "unix:%.*s", (int)sizeof un->sun_path,
		    a->len > offsetof(struct sockaddr_un, sun_path) ?
		    un->sun_path : "");
		return;
	}
	snprintf(out, size, "?");
}

uint16_t
sock_port(const struct sock_address *a)
{
	const struct sockaddr_in6 *v6 = (const void *)&a->storage;
	const struct sockaddr_in *v4 = (const void *)&a->storage;

	switch (a->storage.ss_family) {
	case AF_INET:
		return ntohs(v4->sin_port);
	case AF_INET6:
		return ntohs(v6->sin6_port);
	}
	return 0;
}

void
sock_set_port(struct sock_address *a, uint16_t port)
{
	struct sockaddr_in6 *v6 = (void *)&a->storage;
	struct sockaddr_in *v4 = (void *)&a->storage;

	if (a->storage.ss_family == AF_INET)
		v4->sin_port = htons(port);
	else if (a->storage.ss_family == AF_INET6)
		v6->sin6_port = htons(port);
}

static void
set_option(int fd, int level, int option, int value)
{
	/* Each is a help, none is a condition: the socket works without. */
	(void)setsockopt(fd, level, option, &value, sizeof value);
}

static int
close_fd(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
	return -1;
}

/*
 * A socket file that a dead process left behind stands in the way; one that
 * still answers belongs to somebody.
 */
static bool
clear_path(const struct sock_address *a)
{
	const struct sockaddr_un *un = (const void *)&a->storage;
	struct stat st;
	int fd, error;

	if (lstat(un->sun_path, &st) < 0)
		return errno == ENOENT;
	if (!S_ISSOCK(st.st_mode)) {
		errno = EEXIST;
		return false;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	error = connect(fd, (const struct sockaddr *)&a->storage, a->len) < 0 ?
	    errno : 0;
	close(fd);
	if (error != ECONNREFUSED) {
		errno = EADDRINUSE;
		return false;
	}
	return unlink(un->sun_path) == 0;
}

/* All addresses, where IPv6 is not there or switched off, as in containers. */
static bool
fall_back_to_v4(struct sock_address *a)
{
	const struct sockaddr_in6 *v6 = (const void *)&a->storage;
	struct in_addr any = { htonl(INADDR_ANY) };
	uint16_t port = sock_port(a);

	if ((errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL) ||
	    a->storage.ss_family != AF_INET6 || a->only_v6 ||
	    !IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr))
		return false;
	*a = (struct sock_address){ .len = 0 };
	set_v4(a, any, port);
	return true;
}

static int
stream_socket(const struct sock_address *a)
{
	return socket(a->storage.ss_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* Before anybody can connect, which is when it listens. */
static bool
set_mode(const struct sock_address *a)
{
	const struct sockaddr_un *un = (const void *)&a->storage;

	return !a->mode || a->storage.ss_family != AF_UNIX ||
	    chmod(un->sun_path, a->mode) == 0;
}

static int
listen_on(const struct sock_address *a, bool reuse_port, int backlog)
{
	bool is_unix = a->storage.ss_family == AF_UNIX;
	int fd;

	if (is_unix && !clear_path(a))
		return -1;
	fd = stream_socket(a);
	if (fd < 0)
		return -1;
	if (!is_unix) {
		set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
		/* What is accepted inherits this. */
		set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
		if (reuse_port)
			set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	}
	if (a->storage.ss_family == AF_INET6)
		set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, a->only_v6);
	if (bind(fd, (const struct sockaddr *)&a->storage, a->len) < 0 ||
	    !set_mode(a) || listen(fd, backlog) < 0)
		return close_fd(fd);
	return fd;
}

int
sock_listen(const struct sock_address *wanted, bool reuse_port, int backlog)
{
	struct sock_address a = *wanted;
	int fd = listen_on(&a, reuse_port, backlog);

	if (fd < 0 && fall_back_to_v4(&a))
		fd = listen_on(&a, reuse_port, backlog);
	return fd;
}

int
sock_accept(int listener, struct sock_address *peer)
{
	peer->len = sizeof peer->storage;
	return accept4(listener, (struct sockaddr *)&peer->storage, &peer->len,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
}

void
sock_remove(const struct sock_address *a, bool ours)
{
	const struct sockaddr_un *un = (const void *)&a->storage;

	if (a->storage.ss_family != AF_UNIX)
		return;
	if (ours)
		(void)unlink(un->sun_path);
	else
		(void)clear_path(a);
}

static int
connect_to(const struct sock_address *a)
{
	int fd = stream_socket(a);

	if (fd < 0)
		return -1;
	if (a->storage.ss_family != AF_UNIX) {
		set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
		set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
		set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
		set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_STEP_S);
		set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_TRIES);
		sock_patience(fd, SOCK_PATIENCE_MS);
	}
	if (connect(fd, (const struct sockaddr *)&a->storage, a->len) < 0 &&
	    errno != EINPROGRESS)
		return close_fd(fd);
	return fd;
}

void
sock_patience(int fd, int ms)
{
	set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, ms);
}

int
sock_connect(const struct sock_address *wanted)
{
	struct sock_address a = *wanted;
	int fd = connect_to(&a);

	/* It listens on all; ::1 may not be one of them. */
	if (fd < 0 && fall_back_to_v4(&a))
		fd = connect_to(&a);
	return fd;
}

int
sock_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof error;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return errno;
	return error;
}

void
sock_local(int fd, struct sock_address *a)
{
	*a = (struct sock_address){ .len = sizeof a->storage };
	if (getsockname(fd, (struct sockaddr *)&a->storage, &a->len) < 0)
		a->len = 0;
}
