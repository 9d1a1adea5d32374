/*
 * quick - the events that an answer mostly consists of, read without a parser.
 *
 * Providers write a delta always in the same way, so its text can be cut out
 * by comparing.  Whatever looks different, valid or not, goes the long way.
 */
#ifndef PROTO_MESSAGES_QUICK_H
#define PROTO_MESSAGES_QUICK_H

#include "proto/ir.h"

struct quick {
	enum ir_kind	 kind;		/* TEXT, THINK or CALL: arguments */
	struct slice	 text;		/* escaped, a valid JSON string */
};

/* Is `data` a content_block_delta in the usual spelling?  Fills *quick. */
bool	quick_delta(struct slice data, struct quick *quick);

#endif
