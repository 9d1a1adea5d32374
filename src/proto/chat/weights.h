/*
 * weights - how probable the words of a Chat answer were.
 */
#ifndef PROTO_CHAT_WEIGHTS_H
#define PROTO_CHAT_WEIGHTS_H

#include "proto/proto.h"

/*
 * The array of a choice's `logprobs` as IR_LOGPROBS tells it, in scratch
 * memory; absent if there is none, or the client did not ask.  What is there
 * and goes nowhere is named.
 */
struct slice	weights_of(struct talk *, struct jval logprobs);

#endif
