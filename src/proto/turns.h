/*
 * turns - brings a conversation into the order that providers insist on.
 *
 * Clients send tool results late, twice or never, system messages anywhere,
 * and several messages of one role in a row; both Messages and Chat providers
 * refuse some of it.  Works on the tree in place.
 */
#ifndef PROTO_TURNS_H
#define PROTO_TURNS_H

#include "proto/ir.h"
#include "proto/loss.h"

/* ir_block.message of blocks that no client sent. */
#define TURNS_MADE_UP UINT32_MAX

/*
 * A copy of the turns, blocks one level deep: what is then done to the list
 * of turns, and to the members of their blocks, leaves the original alone.
 * False: no memory.
 */
bool	turns_copy(struct ir_request *, struct arena *) MUST_USE;

/*
 * Turn `turn`, a system turn, into a user turn whose texts say that they are a
 * <system-reminder>: for models that know no system message but the first.
 * False: no memory.
 */
bool	turns_remind(struct ir_turn *, struct arena *) MUST_USE;

/*
 * After it: no two user or two assistant turns stand side by side; in a user turn results
 * come first; every call is answered exactly once in the user turn right after its own (a
 * made-up error result where none was given); a result without a call has become text; call ids are
 * unique; blank text blocks are gone, and so are turns that this leaves empty.  System turns stand after the
 * user turn they were in or behind.  What was moved, made up or changed is named as `messages`.
 * False: no memory.
 */
bool	turns_settle(struct ir_request *, struct arena *, struct losses *) MUST_USE;

#endif
