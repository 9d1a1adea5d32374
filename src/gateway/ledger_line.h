/*
 * ledger_line - one finished request as one line of JSON.
 *
 *	{"time":"2026-11-21T10:00:30.123Z","id":"req_...","key":"team-a",
 *	"protocol":"chat","model":"fast","provider":"openai",
 *	"target":"gpt-5-mini","status":200,"in":12,"out":3,"cached":0,
 *	"cache_written":0,"reasoning":0,"estimated":false,"cost_nano":9000,
 *	"first_ms":310,"ms":950,"attempts":1,"stop":"end","error":null,
 *	"cache":null,"stream":true}
 *
 * The members of a line always stand in this order, so that it can be read
 * without a parser.  What is not known is null.  Bytes alone: no file is
 * opened here.
 */
#ifndef GATEWAY_LEDGER_LINE_H
#define GATEWAY_LEDGER_LINE_H

#include "base/arena.h"
#include "base/buf.h"

enum {
	LEDGER_TEXT_MAX = 256,		/* of a name, in bytes; the rest of a
					 * longer one is left out */
	LEDGER_LINE_MAX = 16 * 1024,	/* no line is longer */
};

struct ledger_line {
	int64_t		unix_ms;	/* when it was over */
	struct slice	id;
	struct slice	key;		/* the client's, by its name */
	struct slice	protocol;	/* ... its words */
	struct slice	model;		/* as it asked */
	struct slice	provider, target;	/* who answered */
	int64_t		status;
	/* tokens; -1: not known */
	int64_t		in, out, cached, cache_written, reasoning;
	bool		estimated;
	int64_t		cost_nano;	/* nano-dollars; -1: not known */
	int64_t		first_ms;	/* to the first token; -1: none came */
	int64_t		ms;
	int64_t		attempts;
	struct slice	stop, error, cache;
	bool		stream;
};

/* Append it, its newline included; texts are plain, ptr NULL: null. */
void	ledger_line_write(struct buf *, const struct ledger_line *);

/*
 * Read `text`, a line without its newline.  Any object will do that has at
 * least a time; what it does not say is unknown.  Returns 1, or -1 if it is
 * broken.  Texts are escaped; they live as long as `text` and the arena, of
 * which lines that were written here need nothing.
 */
int	ledger_line_read(struct slice text, struct arena *,
	    struct ledger_line *);

#endif
