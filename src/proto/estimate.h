/*
 * estimate - how many tokens a text has, without a tokenizer.
 *
 * For answers to count_tokens that no provider gives, for the count that opens
 * a Messages stream, and for usage that a provider leaves out.  Linear in the
 * text; more text is never less.
 */
#ifndef PROTO_ESTIMATE_H
#define PROTO_ESTIMATE_H

#include "proto/ir.h"

struct talk;

/* Costs of texts, in fiftieths of a token; start from all zeros. */
struct tally {
	uint64_t	plain;		/* ASCII */
	uint64_t	foreign;	/* all else: tokenizers differ there */
};

/* Add an escaped text, wherever it was cut off. */
void		estimate_add(struct tally *, struct slice escaped);
/* Add JSON as the model is shown it: as spelled, but for blanks outside of
 * strings. */
void		estimate_add_json(struct tally *, struct slice json);
/* Hundredths of fiftieths as tokens, rounded up. */
uint64_t	estimate_tokens(uint64_t);

/* Tokens of the whole decoded request, for talk's model. */
uint64_t	estimate_request(const struct talk *);
/* Tokens of an answer of that text and so many calls, by talk's model. */
uint64_t	estimate_answer(const struct talk *, const struct tally *,
		    unsigned calls);

#endif
