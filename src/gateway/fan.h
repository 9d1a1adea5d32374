/*
 * fan - one request asked several times at once, where a provider makes one
 * answer at a time and the client wants more (Chat's `n`).
 *
 * The client's exchange is the trunk.  Each answer is a branch: an exchange
 * with arenas, attempt, meter and timer of its own, which dials, awaits and
 * relays like any other, but whose sink writes its part of the trunk's answer.
 * The request's body is the trunk's, and shared.  The trunk waits in EX_FAN
 * and decides for all: a branch that fails is the failure of the attempt.
 */
#ifndef GATEWAY_FAN_H
#define GATEWAY_FAN_H

#include "gateway/exchange.h"

/* The trunk's attempt is prepared: begin all branches.  False: no memory. */
bool		fan_begin(struct exchange *trunk) MUST_USE;

/* Let every branch go on as far as it can; is the answer whole, or lost? */
enum step	fan_run(struct exchange *trunk);

/* Keep the client's side alive. */
void		fan_tick(struct exchange *trunk);

/*
 * End what is under way, and add up what it cost.  The branches stay, for
 * what they read is still needed.  Idempotent; without branches nothing is
 * done.
 */
void		fan_stop(struct exchange *trunk);
void		fan_free(struct exchange *trunk);

/*
 * What the branches under way have used so far, added to *sum; nothing once
 * fan_stop() has done so.
 */
void		fan_usage(const struct exchange *trunk, struct ir_usage *sum);
/* The sum of what each has cost, in nano-dollars; -1: not known. */
int64_t		fan_cost(const struct exchange *trunk,
		    const struct catalog_model *);
/* Has every branch said its last word? */
bool		fan_told(const struct exchange *trunk);

/*
 * Of a branch: the head of its answer is there; it needs the request no more;
 * its first event was good.
 */
void		fan_heard(struct exchange *branch);
void		fan_sent(struct exchange *branch);
void		fan_commit(struct exchange *branch);

#endif
