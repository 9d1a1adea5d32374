/*
 * ledger - what requests cost, a line each, in a file that outlives us.
 *
 * A worker gathers its lines and writes them together: at once, and through to
 * the disk, where the operator wants no answer to end before (sync "always");
 * else within a second.  A disk that takes nothing stops no request: lines wait
 * in memory, are tried again each second, and beyond a bound they are lost and
 * counted.
 */
#ifndef GATEWAY_LEDGER_H
#define GATEWAY_LEDGER_H

#include <limits.h>

#include "gateway/config.h"
#include "gateway/ledger_file.h"
#include "gateway/ledger_line.h"
#include "net/loop.h"

struct shared;
struct ledger_count;

struct ledger {			/* ledger_begin() starts it */
	/* private */
	const struct ledger_options *options;
	struct ledger_count	*count;		/* of all workers; or NULL */
	unsigned		 place;		/* this one's, see shared.h */
	struct ledger_file	 file;
	struct loop		*loop;
	struct loop_timer	 timer;
	bool			 armed;		/* ... it runs */
	bool			 busy;		/* others wrote when we would */
	struct buf		 lines;		/* not written yet */
	uint64_t		 waiting;	/* how many these are */
	int64_t			 said_ms;	/* of trouble, last; 0: never */
};

struct ledger_claim {		/* start from all zeros */
	/* private */
	bool			 held;
	struct ledger_file	 file;
	char			 path[PATH_MAX];
};

/*
 * The master's, before its workers begin: claim the file, and end a torn line;
 * without one, give up what was claimed before.  False: the log says why not,
 * and the claim is as it was.
 */
bool	ledger_claim(struct ledger_claim *,
	    const struct ledger_options *) MUST_USE;

/* A worker's; the options outlive it. */
void	ledger_begin(struct ledger *, const struct ledger_options *,
	    struct shared *, unsigned place, struct loop *);

/* Is there one? */
bool	ledger_on(const struct ledger *);

/* Book a request; under "always" it is on the disk, or the disk is no good. */
void	ledger_put(struct ledger *, const struct ledger_line *);

/* The worker ends: what waits is written now, or lost.  Idempotent. */
void	ledger_end(struct ledger *);

/* The process at that place died: what waited in it is lost. */
void	ledger_bury(struct shared *, unsigned place);

/* Lines, lost lines and lag, in the text format of Prometheus. */
void	ledger_print(struct shared *, struct buf *out);

#endif
