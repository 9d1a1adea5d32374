/*
 * place - puts thinking back between the text and the calls of a turn.
 *
 * Chat has one text and one list of calls per message, and keeps thinking
 * apart; each block of it says how many bytes of text and how many calls stood
 * in front of it.
 */
#ifndef PROTO_PLACE_H
#define PROTO_PLACE_H

#include "proto/ir.h"

/* Do their offsets lie in the turn's text, in order, between characters? */
bool	place_fits(const struct ir_turn *, struct ir_block *const *thoughts,
	    size_t count);

/*
 * Put each block exactly where it stood; texts are split there.  They must
 * fit.  False: no memory.
 */
bool	place_thoughts(struct arena *, struct ir_turn *,
	    struct ir_block *const *thoughts, size_t count) MUST_USE;

/* How many bytes of UTF-8 escaped text stands for. */
uint64_t	place_bytes(struct slice escaped);

#endif
