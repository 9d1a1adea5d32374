#include "echo/echo.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "echo/visit.h"
#include "net/sock.h"

enum {
	CLIENTS_MAX = 20000,
	IDLE_MS = 300 * 1000,
	VISITS_KEPT = 64,
	BACKLOG = 1024,
	LAST_MAX = 1 << 20,
};

static void
on_end(void *arg)
{
	struct echo *e = arg;

	server_stop(&e->server);
	loop_stop(e->loop);
}

/* ---- serving ---- */

static bool
start(struct echo *e, int fd)
{
	e->visits = (struct slab){
		.size = sizeof(struct visit), .keep = VISITS_KEPT };
	e->last.limit = LAST_MAX;
	e->loop = loop_new();
	if (!e->loop)
		return false;
	server_init(&e->server, e->loop, &visit_service, e, CLIENTS_MAX,
	    IDLE_MS);
	return server_listen(&e->server, fd, NULL) &&
	    loop_signal(e->loop, SIGTERM, on_end, e) &&
	    loop_signal(e->loop, SIGINT, on_end, e);
}

static int
serve(struct echo *e, int fd)
{
	if (!start(e, fd)) {
		log_error("echo: cannot start: %s", strerror(errno));
		return 1;
	}
	loop_run(e->loop);
	loop_turn(e->loop, 0);		/* the graves */
	slab_free(&e->visits);
	slab_free(&e->server.slab);
	buf_free(&e->last);
	arena_reset(&e->arena);
	archive_free(&e->archive);
	loop_free(e->loop);
	return 0;
}

int
echo_serve(int fd)
{
	struct echo e = { 0 };

	return serve(&e, fd);
}

/* ---- the command ---- */

static const char usage[] =
    "usage: dragoman echo [OPTIONS]\n"
    "\n"
    "A mock provider: POST /v1/chat/completions, /v1/messages, /v1/responses\n"
    "and /v1beta/models/MODEL:generateContent are answered with what the user\n"
    "said, whole or streamed.  GET /v1/models lists names, GET /echo/stats\n"
    "counts.\n"
    "\n"
    "  -l, --listen ADDRESS  default 127.0.0.1:4010; port 0: any free one\n"
    "  --replay FILE         answer everything with this .json or .sse file\n"
    "  --replay-dir DIR      where the directive replay=NAME looks\n"
    "  --record              GET /echo/last shows the last request, with its\n"
    "                        credential\n"
    "\n"
    "Directives stand in the model name (gpt-4o+delay=50+tools=2) or in the\n"
    "header x-echo (delay=50 tools=2):\n"
    "\n";

static int
help(void)
{
	struct buf out = { 0 };

	script_help(&out);
	printf("%s%.*s", usage, SLICE_FMT(buf_slice(&out)));
	buf_free(&out);
	return 0;
}

static int
wrong(const char *what, const char *why)
{
	fprintf(stderr, "dragoman echo: %s: %s; see --help\n", what, why);
	return 2;
}

struct options {
	const char	*listen;
	bool		 help;
};

/* 0, or an exit code after saying what is wrong. */
static int
read_options(int argc, char **argv, struct options *o, struct echo *e)
{
	const struct {
		const char	*name, *other;
		const char	**value;
		bool		*given;
	} rows[] = {
		{ "--listen", "-l", &o->listen, NULL },
		{ "--replay", NULL, &e->replay_file, NULL },
		{ "--replay-dir", NULL, &e->replay_dir, NULL },
		{ "--record", NULL, NULL, &e->recording },
		{ "--help", "-h", NULL, &o->help },
	};
	size_t n = sizeof rows / sizeof *rows;

	for (int i = 1; i < argc; i++) {
		size_t r = 0;

		while (r < n && strcmp(argv[i], rows[r].name) &&
		    (!rows[r].other || strcmp(argv[i], rows[r].other)))
			r++;
		if (r == n)
			return wrong(argv[i], "no such option");
		if (rows[r].given)
			*rows[r].given = true;
		else if (++i == argc)
			return wrong(argv[i - 1], "a value is missing");
		else
			*rows[r].value = argv[i];
	}
	return 0;
}

/* Say where we are, for programs that start us on port 0. */
static void
announce(int fd)
{
	struct sock_address at;
	char name[SOCK_NAME];

	sock_local(fd, &at);
	sock_name(&at, name, sizeof name);
	printf("listening on %s%s\n", at.storage.ss_family == AF_UNIX ? ""
	    : "http://", name);
	(void)fflush(stdout);
}

static void
setup_log(void)
{
	enum log_level level = LOG_INFO;
	enum log_form form = LOG_LOGFMT;
	const char *spec = getenv("DRAGOMAN_LOG");

	if (spec && !log_parse(slice_of(spec), &level, &form))
		log_warn("DRAGOMAN_LOG=%s is not understood", spec);
	log_setup(level, form);
}

int
echo_main(int argc, char **argv)
{
	struct options o = { .listen = "127.0.0.1:4010" };
	struct echo e = { 0 };
	struct sock_address address;
	const char *why;
	int fd, code = read_options(argc, argv, &o, &e);

	if (code)
		return code;
	if (o.help)
		return help();
	if (!sock_parse(slice_of(o.listen), &address, &why))
		return wrong(o.listen, why);
	if (e.replay_file && access(e.replay_file, R_OK))
		return wrong(e.replay_file, strerror(errno));
	setup_log();
	fd = sock_listen(&address, false, BACKLOG);
	if (fd < 0) {
		fprintf(stderr, "dragoman echo: cannot listen on %s: %s\n",
		    o.listen, strerror(errno));
		return 1;
	}
	announce(fd);
	return serve(&e, fd);
}
