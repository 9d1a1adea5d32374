/*
 * For images without a shell: ask the gateway whether it is ready.
 *
 * The one place that blocks on a socket: a process that does nothing else.
 */
#include "command/command.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/sock.h"
#include "wire/http1.h"
#include "wire/url.h"

enum { TIMEOUT_MS = 3000 };

static const char help[] =
"usage: dragoman healthcheck [URL]\n"
"\n"
"Exit code 0 if the gateway at URL is ready, 1 if not.  Without URL it is\n"
"the first address of DRAGOMAN_LISTEN, else PORT (127.0.0.1:4000), path\n"
"/readyz.  URL is http://ADDRESS:PORT[/PATH]; ADDRESS is a number or\n"
"localhost.\n";

/* Where to connect: a wildcard address is reached over loopback. */
static bool
find_address(const char *arg, struct sock_address *address, struct buf *path,
    const char **why)
{
	struct slice text = slice_of(getenv("DRAGOMAN_LISTEN"));
	struct buf where = { 0 };
	struct url url;
	bool good;

	buf_text(path, "/readyz");
	if (arg) {
		if (!url_parse(&url, slice_of(arg), why))
			return false;
		if (url.tls) {
			*why = "the gateway itself speaks http, not https";
			return false;
		}
		if (url.path.len) {
			buf_clear(path);
			buf_append(path, url.path);
		}
		buf_fmt(&where, slice_chr(url.host, ':') == SIZE_MAX
		    ? "%.*s:%u" : "[%.*s]:%u", SLICE_FMT(url.host),
		    (unsigned)url.port);
		text = buf_slice(&where);
	} else if (text.len) {
		text = slice_trim(slice_cut(&text, ','));
	} else if (getenv("PORT")) {
		buf_fmt(&where, "127.0.0.1:%s", getenv("PORT"));
		text = buf_slice(&where);
	} else {
		text = SLICE("127.0.0.1:4000");
	}
	good = sock_parse(text, address, why);
	buf_free(&where);
	return good;
}

static bool
wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, TIMEOUT_MS) == 1;
}

/* The status of the answer, or 0. */
static unsigned
ask(int fd, struct slice path)
{
	char line[1024];
	struct http_head head;
	struct http_fault fault;
	size_t used, scanned = 0;
	ssize_t n;
	int len = snprintf(line, sizeof line, "GET %.*s HTTP/1.1\r\n"
	    "host: localhost\r\nconnection: close\r\n\r\n", SLICE_FMT(path));

	if (len < 0 || (size_t)len >= sizeof line || !wait_for(fd, POLLOUT) ||
	    sock_error(fd) ||
	    send(fd, line, (size_t)len, MSG_NOSIGNAL) != len ||
	    !wait_for(fd, POLLIN))
		return 0;
	n = recv(fd, line, sizeof line, 0);
	if (n <= 0 || http1_parse_response((struct slice){ line, (size_t)n },
	    sizeof line, &scanned, false, &head, &used, &fault) != 1)
		return 0;
	return head.status;
}

int
healthcheck_main(int argc, char **argv)
{
	const struct option_row rows[] = { { 0 } };
	int words = command_options(argc, argv, rows, help), fd;
	struct sock_address address;
	struct buf path = { 0 };
	const char *why = "";
	unsigned status = 0;

	if (words == -2)
		return 0;
	if (words < 0 || words > 1) {
		fprintf(stderr, "usage: dragoman healthcheck [URL]\n");
		return 2;
	}
	if (!find_address(words ? argv[1] : NULL, &address, &path, &why)) {
		fprintf(stderr, "dragoman healthcheck: %s\n", why);
		buf_free(&path);
		return 2;
	}
	fd = sock_connect(&address);
	if (fd >= 0) {
		status = ask(fd, buf_slice(&path));
		close(fd);
	}
	buf_free(&path);
	if (status == 200)
		return 0;
	if (status)
		fprintf(stderr, "not ready: status %u\n", status);
	else
		fprintf(stderr, "not ready: no answer\n");
	return 1;
}
