/*
 * usage - what an answer cost, where its provider does not say, and sums.
 *
 * Clients make a conversation shorter when its usage says that it is long, so
 * a count that nobody counted must be near the truth and say what it is:
 *
 * - An estimate is of this request and this answer alone.  Nothing is carried
 *   over from one to the next: a conversation that was made shorter counts for
 *   less at once.
 * - Counts of a provider are never changed.  Only what it leaves out is
 *   estimated, or says is nothing although there is something.
 * - Whoever is told an estimate is told so: ir_usage.estimated becomes a member
 *   `estimated` of the usage in a body or an event, and a header of a whole
 *   answer.  Clients of Responses are told none instead: some of them shorten
 *   their history by it again and again, and none of them needs it.
 * - Cached and thinking tokens are not estimated, nor is an answer that failed.
 *
 * The operator's option `estimate_usage` turns it off.
 */
#ifndef PROTO_USAGE_H
#define PROTO_USAGE_H

#include "proto/proto.h"

/*
 * The head of a chain of sinks: it follows the answer, and puts a last USAGE in
 * front of STOP if the provider told none, or only a part of it.  Lives in
 * talk->arena.  `next` itself where nothing is to be estimated.
 */
struct sink	*usage_sink(struct talk *, struct sink *next);

/*
 * The answer that `chain` follows (NULL: none) broke off: what the provider did
 * not tell until then of its usage goes into *used as an estimate.
 */
void		 usage_so_far(struct sink *chain, struct ir_usage *used);

/*
 * Tokens of the request; 0: it is not known.  Counted once, into
 * talk->input_estimate: from talk->request or, where that was only passed on,
 * from talk->body.
 */
uint64_t	usage_input(struct talk *);

/*
 * The sum of two objects of counts (of tools that the provider runs), either of
 * which may be absent.  Numbers are added, and what only one has is kept.  In
 * the arena.
 */
struct slice	usage_add_tools(struct arena *, struct slice, struct slice);

#endif
