/*
 * odds - how likely the tokens of an answer were, from Google's form to Chat's.
 */
#ifndef PROTO_GEMINI_ODDS_H
#define PROTO_GEMINI_ODDS_H

#include "base/arena.h"
#include "json/json.h"

/*
 * A candidate's logprobsResult as Chat's logprobs.content, an array.  Empty:
 * it says nothing of any token.
 */
struct slice	odds_read(struct arena *, struct jval result);

#endif
