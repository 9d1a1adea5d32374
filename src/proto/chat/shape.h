/*
 * shape - what streamed and whole Chat answers have in common.
 */
#ifndef PROTO_CHAT_SHAPE_H
#define PROTO_CHAT_SHAPE_H

#include "json/write.h"
#include "proto/gather.h"
#include "proto/proto.h"

/* Where in an answer we are, as far as both kinds of sink must know. */
struct shape {			/* shape_init() starts it */
	struct talk	*talk;
	/* of the client: */
	bool		 legacy;	/* it knows functions, not tools */
	bool		 hidden;	/* it wants no reasoning */
	/* of the answer: */
	size_t		 blocks;	/* begun so far, with the open */
	size_t		 calls;		/* ... that were calls */
	uint64_t	 text_len;	/* unescaped bytes of content so far */
	bool		 refused;	/* there was a refusal in the text */
	struct ir_usage	 usage;
	struct slice	 server_usage;	/* raw: of tools the provider runs */
	/* the open block */
	enum ir_kind	 kind;
	bool		 muted;		/* nothing of it is told */
	bool		 custom, refusal;
	bool		 said_any;
	enum ir_vendor	 vendor;
	uint64_t	 text_before;	/* bytes of content in front of it */
	size_t		 calls_before;
};

void	shape_init(struct shape *, struct talk *);
/* Follow an event: to be called for each, before it is told. */
void	shape_follow(struct shape *, const struct ir_event *);
/* Afterwards: if memory ran out, what was told is not whole: `out` fails. */
void	shape_check(const struct shape *, struct buf *out);

/* The id of the answer, made of the provider's. */
struct slice	shape_id(const struct talk *, struct slice id);
/* The model as the client spelled it; `from_provider` if that is unknown. */
struct slice	shape_model(const struct talk *, struct slice from_provider);
/* A raw block of the provider's, as an item of a list, if they are to be told
 * at all. */
void		shape_keep_foreign(const struct shape *, struct gather *list,
		    struct slice raw);
/* What STOP adds to the list, as an object; absent: there is nothing. */
struct slice	shape_foreign(const struct shape *, const struct gather *list,
		    const struct ir_event *stop);
/* extra_content, as Google's own Chat has it: a signature. */
void		shape_put_google(struct writer *, struct slice signature);
/* Chat has no place for a text's signature that is not Google's. */
void		shape_missed_signature(const struct shape *);
/* Our word for the service tier that a STOP, or a BEGIN, told. */
struct slice	shape_tier(const struct shape *, struct slice tier);
/* The id of the open call. */
struct slice	shape_call_id(const struct shape *, struct slice id);
/*
 * The text of the refusal that a STOP tells of; ptr NULL: it is none, or its
 * text has been told.
 */
struct slice	shape_refusal(const struct shape *, const struct ir_event *);

/* Members of a choice from "finish_reason" on. */
void	shape_put_finish(const struct shape *, const struct ir_event *stop,
	    struct writer *);
/* The member "usage", if anything is known of it. */
void	shape_put_usage(const struct shape *, struct writer *);
bool	shape_has_usage(const struct shape *);
/*
 * The members of an entry of reasoning_details that say whose it is and where
 * it belongs, with a comma in front.  In the talk's arena.
 */
struct slice	shape_place(const struct shape *);

#endif
