/*
 * tls_server - `openssl s_server` on loopback for the tests of TLS, a client
 * that dials it, and a folder for both that is gone in the end.
 */
#ifndef TESTS_UNIT_TLS_SERVER_H
#define TESTS_UNIT_TLS_SERVER_H

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "net/dial.h"
#include "test.h"

static char	folder[] = "/tmp/net_tls.XXXXXX";

/* Run a shell script in the folder; its words are only shown if it fails. */
static inline void
shell(const char *script)
{
	pid_t pid = fork();
	int status = -1;

	CHECK(pid >= 0);
	if (pid == 0) {
		int fd = open("log", O_WRONLY | O_CREAT | O_TRUNC, 0600);

		if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
			_exit(126);
		execl("/bin/sh", "sh", "-eu", "-c", script, (char *)NULL);
		_exit(127);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	if (status != 0) {
		pid = fork();
		if (pid == 0)
			execlp("cat", "cat", "log", (char *)NULL);
		waitpid(pid, NULL, 0);
	}
	CHECK(status == 0);
}

/* --- the server */

struct server {
	pid_t		pid;
	int		in, out;	/* our ends of its stdin and stdout */
	uint16_t	port;
};

/* The port stands behind the last colon of "ACCEPT 127.0.0.1:40001". */
static inline uint16_t
read_port(int fd)
{
	char text[4096];
	size_t len = 0;

	while (len < sizeof text - 1) {
		ssize_t n = read(fd, text + len, 1);
		char *line;

		CHECK(n == 1);
		text[++len] = '\0';
		line = strstr(text, "ACCEPT ");
		if (line && text[len - 1] == '\n')
			return (uint16_t)strtoul(strrchr(line, ':') + 1, NULL,
			    10);
	}
	return 0;
}

/* `args` are words behind "openssl s_server", one blank between. */
static inline struct server
serve(const char *args)
{
	struct server s = { 0 };
	char words[512], *argv[64] = { "openssl", "s_server", "-accept",
	    "127.0.0.1:0" };
	int in[2], out[2], n = 4;

	snprintf(words, sizeof words, "%s", args);
	for (char *w = words; w && n < 63; n++) {
		argv[n] = w;
		w = strchr(w, ' ');
		if (w)
			*w++ = '\0';
	}
	CHECK(pipe(in) == 0 && pipe(out) == 0);
	s.pid = fork();
	CHECK(s.pid >= 0);
	if (s.pid == 0) {
		int quiet = open("server.log", O_WRONLY | O_CREAT | O_TRUNC,
		    0600);

		prctl(PR_SET_PDEATHSIG, SIGKILL);	/* if a test fails */
		if (dup2(in[0], 0) < 0 || dup2(out[1], 1) < 0 ||
		    dup2(quiet, 2) < 0)
			_exit(126);
		close(in[1]);
		close(out[0]);
		execvp("openssl", argv);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	s.in = in[1];
	s.out = out[0];
	s.port = read_port(s.out);
	CHECK(s.port != 0);
	return s;
}

static inline void
stop(struct server *s)
{
	if (!s->pid)
		return;
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	close(s->in);
	close(s->out);
	s->pid = 0;
}

/* --- the client */

struct client {
	struct loop	*loop;
	struct arena	 arena;
	struct dialer	 dialer;
	struct dial	 dial;
	struct dial_target target;
	struct conn	 conn;
	bool		 done;
	enum dial_result result;
	char		 why[200];
};

static inline void
on_dialed(struct dial *d, enum dial_result result, const char *why)
{
	struct client *c = d->owner;

	CHECK(!c->done);
	c->done = true;
	c->result = result;
	snprintf(c->why, sizeof c->why, "%s", why ? why : "");
}

static inline void
start(struct client *c, const char *trust)
{
	char why[256] = "";

	*c = (struct client){ .loop = loop_new() };
	CHECK(c->loop);
	c->dialer.loop = c->loop;
	c->dialer.resolver = resolver_new(c->loop);
	c->dialer.trust = trust_load(&c->arena, trust, why, sizeof why);
	if (!c->dialer.trust)
		printf("%s\n", why);
	c->dialer.sessions = tls_sessions_new(4);
	CHECK(c->dialer.resolver && c->dialer.trust && c->dialer.sessions);
}

static inline void
dial(struct client *c, const char *host, uint16_t port)
{
	c->target = (struct dial_target){ .host = slice_of(host), .port = port,
	    .tls = true };
	c->dial = (struct dial){ .done = on_dialed, .owner = c };
	c->dial.conn = &c->conn;
	c->done = false;
	dial_start(&c->dial, &c->dialer, &c->target, &c->conn, 10000);
	for (int i = 0; i < 2000 && !c->done; i++)
		loop_turn(c->loop, 50);
	CHECK(c->done);
}

static inline void
finish(struct client *c)
{
	conn_close(&c->conn);
	resolver_free(c->dialer.resolver);
	tls_sessions_free(c->dialer.sessions);
	arena_reset(&c->arena);
	loop_free(c->loop);
}

/* Turn until `in` holds `n` bytes, or the connection ends. */
static inline void
gather(struct client *c, size_t n)
{
	for (int i = 0; i < 5000; i++) {
		while (conn_fill(&c->conn, n))
			;
		if (buf_len(&c->conn.in) >= n || c->conn.end != CONN_OPEN)
			return;
		loop_turn(c->loop, 20);
	}
	CHECK(!"the bytes came");
}

static inline void
say(struct client *c, const char *text)
{
	buf_text(conn_out(&c->conn), text);
	CHECK(conn_flush(&c->conn));
}

static inline void
ask(struct client *c, const char *text, const char *answer)
{
	say(c, text);
	gather(c, strlen(answer));
	CHECK_BYTES(c->conn.in.data + c->conn.in.start, buf_len(&c->conn.in),
	    answer, strlen(answer));
	buf_take(&c->conn.in, buf_len(&c->conn.in));
}

#endif
