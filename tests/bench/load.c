/*
 * load - closed-loop HTTP load: so many connections, each sends its next
 * request when the answer to the last is whole.  Prints answers, errors and
 * bytes of bodies.
 *
 *	load ADDRESS PATH BODY-FILE CONNECTIONS SECONDS
 *
 * Part of tests/bench/gateway.sh; built of the project's own rooms.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/list.h"
#include "gateway/config_text.h"
#include "net/conn.h"
#include "net/sock.h"
#include "wire/body.h"

enum { CONNECTIONS_MAX = 4096, FILL = 64 * 1024 };

struct load {
	struct loop		*loop;
	struct sock_address	 address;
	struct slice		 request;	/* head and body */
	uint64_t		 answers, bytes, errors;
	struct loop_timer	 end;
	bool			 over;
};

struct line {			/* one connection */
	struct conn	 conn;
	struct load	*load;
	struct body	 body;
	size_t		 scanned;
	bool		 in_body, bad;
};

static void
send_request(struct line *line)
{
	buf_append(conn_out(&line->conn), line->load->request);
	(void)conn_flush(&line->conn);
}

/* The head, once it is there: 1; 0: not yet; -1: no HTTP. */
static int
take_head(struct line *line)
{
	struct http_head head;
	struct http_fault fault;
	size_t used;
	int got = http1_parse_response(buf_slice(&line->conn.in), FILL,
	    &line->scanned, false, &head, &used, &fault);

	if (got <= 0)
		return got;
	line->bad = head.status != 200;
	body_begin(&line->body, &head);
	buf_take(&line->conn.in, used);
	line->scanned = 0;
	line->in_body = true;
	return 1;
}

/* As take_head(), for the rest of an answer. */
static int
take_body(struct line *line)
{
	for (;;) {
		struct slice piece;
		size_t used;
		int got = body_next(&line->body, buf_slice(&line->conn.in),
		    &used, &piece);

		if (got > 0)
			line->load->bytes += piece.len;
		buf_take(&line->conn.in, used);
		if (got < 0 || line->body.done)
			return got < 0 ? -1 : 1;
		if (!got)
			return 0;
	}
}

static void
on_wake(struct conn *conn)
{
	struct line *line = conn->owner;
	struct load *load = line->load;
	int got = 0;

	while (!load->over && (got > 0 || conn_fill(conn, FILL) || got > 0)) {
		got = line->in_body ? take_body(line) : take_head(line);
		if (got <= 0 || !line->in_body || !line->body.done)
			continue;
		load->answers++;
		load->errors += line->bad;
		line->in_body = false;
		send_request(line);
		got = 0;
	}
	if (got < 0 || conn->end != CONN_OPEN) {
		load->errors++;
		conn_close(conn);
	}
}

static void
on_end(struct loop_timer *timer)
{
	struct load *load = container_of(timer, struct load, end);

	load->over = true;
	loop_stop(load->loop);
}

static bool
open_line(struct load *load, struct line *line)
{
	int fd = sock_connect(&load->address);

	if (fd < 0)
		return false;
	line->load = load;
	line->conn.wake = on_wake;
	line->conn.owner = line;
	if (!conn_open(&line->conn, load->loop, fd, NULL))
		return false;
	buf_append(conn_out(&line->conn), load->request);
	return true;
}

static bool
read_request(struct load *load, struct arena *arena, char **argv)
{
	struct slice body;
	const char *why = "";

	if (!sock_parse(slice_of(argv[1]), &load->address, &why) ||
	    !config_text_read(arena, argv[3], &body, &why)) {
		fprintf(stderr, "load: %s\n", why);
		return false;
	}
	load->request = arena_fmt(arena, "POST %s HTTP/1.1\r\nhost: %s\r\n"
	    "content-type: application/json\r\ncontent-length: %zu\r\n\r\n"
	    "%.*s", argv[2], argv[1], body.len, SLICE_FMT(body));
	return load->request.len > 0;
}

int
main(int argc, char **argv)
{
	struct load load = { .end.on = on_end };
	struct arena arena = { 0 };
	uint64_t lines = 0, seconds = 0;
	struct line *all;

	if (argc != 6 || !slice_to_u64(slice_of(argv[4]), CONNECTIONS_MAX,
	    &lines) || !slice_to_u64(slice_of(argv[5]), 3600, &seconds)) {
		fprintf(stderr, "usage: load ADDRESS PATH BODY-FILE "
		    "CONNECTIONS SECONDS\n");
		return 2;
	}
	load.loop = loop_new();
	all = arena_array(&arena, (size_t)lines, sizeof *all);
	if (!load.loop || !all || !read_request(&load, &arena, argv))
		return 1;
	for (size_t i = 0; i < lines; i++)
		if (!open_line(&load, &all[i]))
			load.errors++;
	clock_update();
	loop_after(load.loop, &load.end, (int64_t)seconds * 1000);
	loop_run(load.loop);
	printf("%llu %llu %llu\n", (unsigned long long)load.answers,
	    (unsigned long long)load.errors,
	    (unsigned long long)load.bytes);
	return 0;
}
