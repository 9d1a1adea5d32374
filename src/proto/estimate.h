/*
 * estimate - how many tokens a text has, without a tokenizer.
 *
 * Counts by classes of characters, in thousandths of a token; for answers to
 * count_tokens that no provider gives, and for usage that one leaves out.
 */
#ifndef PROTO_ESTIMATE_H
#define PROTO_ESTIMATE_H

#include "proto/ir.h"

struct talk;

/* Thousandths of tokens of escaped text. */
uint64_t	estimate_text(struct slice escaped);
/* Tokens of the whole decoded request, for talk's model. */
uint64_t	estimate_request(const struct talk *);

#endif
