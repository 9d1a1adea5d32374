/*
 * kept - answers of Responses that their clients refer to later, instead of
 * sending the conversation again.
 *
 * Providers that speak Responses keep their own; for all others the gateway
 * does, in the store that its workers share.
 */
#ifndef GATEWAY_KEPT_H
#define GATEWAY_KEPT_H

#include "gateway/admit.h"

/*
 * Put into the body, ex->json, what it refers to.  What nobody here knows is
 * left to a provider that may.  False: talk->fail says why.
 */
bool		kept_resolve(struct exchange *) MUST_USE;

/* Is the answer with that id kept for whoever asks? */
bool		kept_has(struct exchange *, struct slice id);

/* The answer was told: keep it, if its client wants that. */
void		kept_put(struct exchange *);

/*
 * /responses/{id} and what is below it.  ROUTED: a provider may know it, and
 * the request only goes by.
 */
enum admitted	kept_answer(struct exchange *) MUST_USE;

#endif
