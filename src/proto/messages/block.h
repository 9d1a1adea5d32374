/*
 * block - the content block of a Messages answer that is being read.
 *
 * Begun, fed and closed by the source, it puts events.  What must wait is held
 * here: half a surrogate pair, what may be part of a Markdown fence, the
 * arguments of a call that are to be unwrapped, citations.
 */
#ifndef PROTO_MESSAGES_BLOCK_H
#define PROTO_MESSAGES_BLOCK_H

#include "json/text.h"
#include "proto/gather.h"
#include "proto/messages/cite.h"
#include "proto/messages/fence.h"
#include "proto/proto.h"

struct block_reader {		/* all zeros but the first three */
	struct talk	*talk;
	struct sink	*to;
	bool		 fenced;	/* text is to be bare JSON */
	size_t		 calls;		/* blocks that were calls, so far */
	bool		 open;
	/* private */
	enum ir_kind	 kind;
	uint64_t	 index;		/* the provider's number of the block */
	bool		 said_any;	/* a piece of it has been put */
	size_t		 points;	/* code points of all text */
	size_t		 start;		/* ... in front of it */
	struct text_joint joint;
	struct fence	 fence;
	struct cites	 cites;
	struct slice	 input;		/* CALL: arguments if no piece comes */
	const char	*unwrap;	/* CALL: member to take out of them */
	bool		 custom;
	struct gather	 args;		/* CALL to unwrap, OPAQUE that is held:
					 * what came so far */
	struct gather	 late;		/* text that came amid a call */
	struct slice	 raw;		/* OPAQUE: held until it is whole */
};

/* A block begins with what `block` holds already; an open one is closed. */
void	block_begin(struct block_reader *, uint64_t index, struct jval block);

/* A piece of text or thinking, whether or not such a block was begun. */
void	block_say(struct block_reader *, enum ir_kind, struct slice piece);
/* A piece of arguments, a signature, a citation: of the open block, if it
 * can have such. */
void	block_args(struct block_reader *, struct slice piece);
void	block_sign(struct block_reader *, struct slice signature);
void	block_cite(struct block_reader *, struct jval citation);

/* The block of that number, or any, ends; harmless if it is not open. */
void	block_end(struct block_reader *, uint64_t index);
void	block_close(struct block_reader *);

#endif
