/*
 * fail_word - what the words and sentences of providers' errors mean: data.
 *
 * Each provider has codes and wordings of its own for the few errors that
 * clients act upon.  One table knows the words, one the sentences, one where a
 * sentence tells how many tokens there were and how many there may be.
 */
#ifndef PROTO_FAIL_WORD_H
#define PROTO_FAIL_WORD_H

#include "proto/fail.h"

/*
 * The kind that a type or code stands for; FAIL_NONE: it is not known.  Some
 * words are used for so many things that a status says more: with `weak` they
 * are looked for, too.
 */
enum fail_kind	fail_word_kind(struct slice word, bool weak);

/* The kind, given the sentence, plain: the same, or one that says more. */
enum fail_kind	fail_word_refine(enum fail_kind, struct slice sentence);

/*
 * The tokens of a request that was too long and the limit, as the sentence
 * tells them; 0: it does not.
 */
void		fail_word_tokens(struct slice sentence, uint64_t *used,
		    uint64_t *limit);

#endif
