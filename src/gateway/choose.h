/*
 * choose - the targets of one request: of the model that it names, and of those
 * that it names besides.
 */
#ifndef GATEWAY_CHOOSE_H
#define GATEWAY_CHOOSE_H

#include "gateway/exchange.h"

/*
 * Fill ex->route for the model (plain), in the order in which targets are
 * tried.  The body must be parsed, and talk.stream be known.  False: talk.fail
 * says why there is none.
 *
 * Targets are put in order here and nowhere else, by these rules:
 *
 *  1. as the operator lists them, or by weight (pick.c), without those whose
 *     "when" does not hold or which the key may not use;
 *  2. then those of the body's `models`, in its order (OpenRouter's member);
 *  3. without those that the catalogue knows to lack something, if one is left
 *     that does not: else the provider says no in its own words;
 *
 * Those whose circuit is open, or which asked to be left alone, are asked last:
 * failover.h sees to it when their turn comes.
 */
bool	choose_targets(struct exchange *, struct slice model) MUST_USE;

/*
 * Is the body's `models` to be taken out for that target?  The fallbacks are
 * tried here; OpenRouter alone knows the member, and may have it if the key may
 * use all of them there and none is a name of the operator's own.
 */
bool	choose_takes_models(struct exchange *, const struct target *);

#endif
