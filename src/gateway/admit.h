/*
 * admit - the decisions before a request goes anywhere: address, method,
 * credential, body, model.
 */
#ifndef GATEWAY_ADMIT_H
#define GATEWAY_ADMIT_H

#include "gateway/exchange.h"

enum admitted { ADMIT_ROUTED, ADMIT_ANSWERED, ADMIT_REFUSED };

/*
 * The head is there: false if it was answered already (the body is not read
 * then).
 */
bool		admit_head(struct exchange *) MUST_USE;

/*
 * The body is there.  ROUTED: ex->route is set.  REFUSED: talk.fail says why.
 */
enum admitted	admit_body(struct exchange *) MUST_USE;

#endif
