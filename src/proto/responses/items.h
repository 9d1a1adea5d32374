/*
 * items - a Responses answer as it grows, streamed or whole: both grow the same
 * items, and a stream tells each step.
 *
 * Texts side by side are parts of one message.  An item begins when its first
 * content comes, and its end is told when the next one begins or the answer
 * ends: only then it is known whether it is whole.  The last item of the reply
 * is open:
 *
 *	NONE	no item is
 *	OPEN	its content is coming
 *	CLOSED	its block is closed; a message may get one more part
 */
#ifndef PROTO_RESPONSES_ITEMS_H
#define PROTO_RESPONSES_ITEMS_H

#include "proto/responses/tell.h"

enum items_state { STATE_NONE, STATE_OPEN, STATE_CLOSED };

struct items {
	struct sink	 sink;		/* first: what the source holds */
	struct outcome	 outcome;
	struct tell	 tell;
	struct talk	*talk;
	struct buf	*out;
	bool		 begun, stream;
	enum items_state state;		/* of the last item */
	size_t		 points;	/* code points of the text so far */
	/* the open block */
	bool		 open;		/* ... is there, and is told */
	enum ir_kind	 kind;
	enum ir_vendor	 vendor;
	bool		 refusal, custom;
	bool		 refused;	/* some text was a refusal */
	struct slice	 id, name;
	uint32_t	 crc;		/* of thinking */
	struct slice	 signature;
	enum ir_vendor	 signer;
	unsigned	 blocks;	/* so far, with the open */
	struct gather	 odds;		/* logprobs that came ahead of text */
	/* of a text that had begun: told when its message is */
	struct slice	 late;
};

/* ---- items.c ---- */

struct item	*items_last(struct items *);
/* A new last item, open; NULL: no memory. */
struct item	*items_add(struct items *, enum item_type) MUST_USE;
/* ... which is whole already; it may be NULL. */
void		 items_add_whole(struct items *, struct item *);
/* Reasoning that only its maker can read. */
void		 items_add_sealed(struct items *, struct slice sealed);
/* The last item is over; `cut`: the answer ended before it may have. */
void		 items_finish(struct items *, bool cut);

/* The open block has no place in such an answer. */
void		 items_lose(struct items *);

/* In an envelope, unless it is in one. */
struct slice	 items_seal(struct items *, enum ir_vendor, char kind,
		    uint32_t crc, struct slice raw);
/* The signature of the open block as an item in front of what it signs ... */
void		 items_carry(struct items *, char kind);
/* ... or of a call, when that is told. */
void		 items_carry_behind(struct items *, struct slice call_id);

/* ---- items_block.c: blocks begin, grow, end, or come whole ---- */

void		 items_begin_text(struct items *);
void		 items_take_text(struct items *, struct slice);
void		 items_end_text(struct items *);
void		 items_begin_thinking(struct items *);
void		 items_take_thinking(struct items *, struct slice);
void		 items_end_thinking(struct items *);
void		 items_begin_call(struct items *);
void		 items_take_input(struct items *, struct slice);
void		 items_end_call(struct items *);
void		 items_add_redacted(struct items *, const struct ir_event *);
void		 items_add_image(struct items *, const struct ir_event *);
void		 items_add_opaque(struct items *, const struct ir_event *);
/* Of the open text: a citation, elements of Chat's logprobs. */
void		 items_take_cite(struct items *, struct slice raw);
void		 items_take_logprobs(struct items *, struct slice raw);

#endif
