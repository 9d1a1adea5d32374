/*
 * referee - a sink in the middle that checks the grammar of events (see ir.h).
 *
 * It stands in every chain of tests, fuzzers, `translate` and debug builds.
 */
#ifndef PROTO_REFEREE_H
#define PROTO_REFEREE_H

#include "proto/ir.h"

struct referee {		/* referee_init() starts it */
	struct sink	 sink;		/* put events in here */
	const char	*fault;		/* the first breach; NULL: none */
	/* private */
	bool		 begun, open, over;
	enum ir_kind	 kind;
};

void		 referee_init(struct referee *, struct sink *next);
/* The answer is over: the first breach, "not finished" included, or NULL. */
const char	*referee_verdict(const struct referee *);

#endif
