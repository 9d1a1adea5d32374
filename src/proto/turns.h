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

/* ir_block.message of blocks that no client sent, or not as a user's. */
#define TURNS_MADE_UP	UINT32_MAX
#define TURNS_REMINDER	(UINT32_MAX - 1)

/*
 * A copy of the turns, blocks one level deep: what is then done to the list
 * of turns, and to the members of their blocks, leaves the original alone.
 * False: no memory.
 */
bool	turns_copy(struct ir_request *, struct arena *) MUST_USE;

/*
 * Make a system turn a user turn whose texts say that they are a
 * <system-reminder>: for models that know no system message but the first.
 * False: no memory.
 */
bool	turns_remind(struct ir_turn *, struct arena *) MUST_USE;

/*
 * After it:
 * - no two user or two assistant turns stand side by side, and none is empty;
 * - in a user turn results come first;
 * - every call is answered exactly once in the user turn right after its own,
 *   by a made-up error result where none was given; a result without a call
 *   has become text;
 * - call ids are unique, and results carry the id of their call.  A result
 *   without id went to the newest open call of its name or, without a name,
 *   to the oldest open call;
 * - blank text blocks are gone, a user turn of nothing else holds ".";
 * - system turns stand behind the user turn they were before, in or after; one
 *   at the end may stand behind an assistant turn or alone.
 * The conversation may still begin or end with an assistant turn, or be empty.
 * What was made up is named as `messages`, what was moved or changed by its
 * place.
 * False: no memory.
 */
bool	turns_settle(struct ir_request *, struct arena *, struct losses *)
	    MUST_USE;

#endif
