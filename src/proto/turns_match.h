/*
 * turns_match - finds the call that each tool result answers.
 *
 * The first of the two walks of turns_settle(): results leave their turns and
 * gather at the round of calls they belong to; what has no call becomes text.
 */
#ifndef PROTO_TURNS_MATCH_H
#define PROTO_TURNS_MATCH_H

#include "base/map.h"
#include "proto/ir.h"
#include "proto/loss.h"

struct round;

struct call {
	struct ir_block	*block;
	struct round	*round;
	struct call	*next;		/* of the round */
	struct call	*later;		/* of the conversation */
	struct call	*older_id, *older_name;
	bool		 answered;
};

/* An assistant turn with its calls, and their results as they arrived. */
struct round {
	struct round	*next;		/* for whoever keeps a list of them */
	struct call	*calls, *calls_last;
	struct ir_block	*results, *results_last;
	uint32_t	 era;
};

struct matching {		/* start from all zeros but the first two */
	struct arena	*arena;
	struct losses	*losses;
	/* private */
	struct map	 ids, names;	/* text -> label */
	struct call	*oldest, *newest; /* none before oldest is open */
	uint32_t	 era;		/* changes from user to assistant */
	bool		 after_user;	/* the turn before was a user's */
	bool		 content;	/* this era's user has said something */
};

/*
 * Take the next turn of the conversation.  Its blank texts go, its calls and
 * their results go to rounds: `round` is its own, all zeros.  A user turn that
 * is empty now, but not for want of words, gets the message TURNS_MADE_UP.
 * False: no memory.
 */
bool	turns_match(struct matching *, struct ir_turn *, struct round *)
	    MUST_USE;

/* Append a block, or each block of a list, to what *first and *last hold. */
void	turns_link(struct ir_block **first, struct ir_block **last,
	    struct ir_block *);
void	turns_link_all(struct ir_block **first, struct ir_block **last,
	    struct ir_block *list);

#endif
