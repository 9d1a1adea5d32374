/*
 * when - what a target wants of a request before it is asked: the member
 * "when" of the configuration.
 */
#ifndef GATEWAY_WHEN_H
#define GATEWAY_WHEN_H

#include "base/buf.h"
#include "json/bind.h"
#include "proto/ir.h"

struct exchange;

struct when_header {
	struct when_header	*next;
	struct slice		 name, value;	/* of which one * is any text */
};

struct when {			/* all zeros: always */
	/* bits of enum modality, one of which must be there */
	uint8_t			 input;
	enum tri		 tools, stream;
	/* of the input, as it is estimated, both included; 0: no bound */
	uint64_t		 min_tokens, max_tokens;
	struct when_header	*headers;	/* all of them */
	/* of client keys, one of them; one * in each is any text */
	struct ir_text		*keys;
};

/*
 * Does all of it hold?  Empty: yes; else the first member that does not, of a
 * header its name, which lives as long as the configuration.
 */
struct slice	when_misses(const struct when *, struct exchange *);

/* As it stands in the configuration, in one line. */
void	when_print(const struct when *, struct buf *out);

/* Does `text` fit the pattern, in which one * is any text? */
bool	when_fits(struct slice pattern, struct slice text);

#endif
