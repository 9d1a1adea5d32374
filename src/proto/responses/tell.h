/*
 * tell - the events of a Responses stream.
 *
 * Each has its name twice and a number of its own; what belongs to an item
 * names the item.  A teller that is mute writes nothing: a whole answer is
 * told at its end.
 */
#ifndef PROTO_RESPONSES_TELL_H
#define PROTO_RESPONSES_TELL_H

#include "proto/responses/outcome.h"

struct tell {			/* all zeros but talk, out */
	struct talk	*talk;
	struct buf	*out;
	bool		 mute;
	uint64_t	 number;	/* of the next event */
	/* what stands around a piece of the open part */
	struct slice	 head, middle, tail;
};

/* The response as it is, in an event of that name. */
void	tell_response(struct tell *, const char *event, const struct outcome *,
	    const struct outcome_end *);
void	tell_item(struct tell *, const char *event, const struct item *);
void	tell_keep_alive(struct tell *);

/* Parts of messages: one begins, ends. */
void	tell_part_begin(struct tell *, const struct item *);
void	tell_part_end(struct tell *, const struct item *);
void	tell_cite(struct tell *, const struct item *, struct slice cite);

/* The summary of reasoning begins, ends. */
void	tell_summary_begin(struct tell *, const struct item *);
void	tell_summary_end(struct tell *, const struct item *);

/* A function's arguments are going to come in pieces. */
void	tell_arguments_begin(struct tell *, const struct item *);
void	tell_arguments_end(struct tell *, const struct item *);
/* All of a custom tool's input. */
void	tell_input(struct tell *, const struct item *);

/* A piece of what began last; `logprobs`: elements of an array. */
void	tell_piece(struct tell *, struct slice text, struct slice logprobs);

#endif
