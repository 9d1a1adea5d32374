/*
 * ledger_read - goes through a ledger, line by line.
 *
 * A reader gets bytes and tells lines; ledger_read_each() gets them from the
 * file and from those that it was called before.  A line that is broken is
 * counted and passed over, whatever broke it.
 */
#ifndef GATEWAY_LEDGER_READ_H
#define GATEWAY_LEDGER_READ_H

#include "gateway/ledger_line.h"

struct ledger_reader {		/* all zeros but what is public */
	/* is told each line; what it gets lives until it returns */
	void		(*each)(void *arg, const struct ledger_line *);
	void		*arg;
	/* [from, until) in Unix ms; until 0: no end */
	int64_t		 from_ms, until_ms;
	uint64_t	 lines;		/* that were told */
	uint64_t	 broken;
	uint64_t	 files;
	/* private */
	struct arena	 arena;
	bool		 endless;	/* inside of a line that is too long */
};

/*
 * Take the whole lines at the front of `bytes`; `last`: what follows them is a
 * line, too.  Returns how many bytes are done with: the rest comes again, with
 * more behind it.
 */
size_t	ledger_reader_feed(struct ledger_reader *, struct slice bytes,
	    bool last);
void	ledger_reader_free(struct ledger_reader *);	/* idempotent */

/*
 * Feed it the ledger at `path`: the old files that may hold something of the
 * time that is wanted, in their order, then the one in use.  False: errno says
 * why it could not be read; what was told until then stands.
 */
bool	ledger_read_each(struct ledger_reader *, const char *path) MUST_USE;

#endif
