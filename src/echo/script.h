/*
 * script - directives to the mock provider: how the answer to one request is
 * to come, or to fail.
 *
 * They stand behind a '+' in the model name ("gpt-4o+delay=50+tools=2") or in
 * the header x-echo ("delay=50 tools=2").  script.c has the one table of them.
 */
#ifndef ECHO_SCRIPT_H
#define ECHO_SCRIPT_H

#include "base/buf.h"
#include "base/slice.h"

struct script {		/* script_init() starts it; a number -1: not given */
	/* time, in ms */
	int64_t		delay, first, drip;
	/* what goes wrong */
	int64_t		status, retry, fail, error, cut, rst;
	struct slice	code;
	bool		auth, hang, badjson, nodone, nousage, overflow;
	/* how the bytes come */
	int64_t		bytes;
	bool		slowhead, close, stale, crlf, comments, pings;
	bool		json, sse;
	/* what is said */
	int64_t		tools, text, events;
	bool		think, refuse;
	struct slice	replay, tag;
};

void	script_init(struct script *);

/*
 * Read directives separated by '+', commas or blanks.  False: *wrong is the
 * first that is none, or whose value is no good.
 */
bool	script_read(struct script *, struct slice text,
	    struct slice *wrong) MUST_USE;

/* The table as text, for --help. */
void	script_help(struct buf *out);

#endif
