/*
 * segment - one block after another, made of pieces that come interleaved.
 *
 * A Chat stream may mix text, thinking and several tool calls as it likes;
 * events have one block open at a time.  The first call whose arguments are
 * not complete streams live, and what comes for other blocks meanwhile waits
 * in a queue until the call's JSON has closed.  Knows how calls are told
 * apart and where their arguments end; does not know chunks.
 */
#ifndef PROTO_CHAT_SEGMENT_H
#define PROTO_CHAT_SEGMENT_H

#include "proto/proto.h"

struct segments {		/* all zeros but `talk` and `to` */
	struct talk	*talk;
	struct sink	*to;
	struct slice	 answer_id;	/* for calls that come without an id */
	size_t		 calls_made;	/* calls that were opened or wait */
	size_t		 calls_begun;	/* ... and those of no name yet */
	bool		 reasoned;	/* thinking was told ... */
	bool		 detailed;	/* ... by reasoning_details */
	bool		 old_form;	/* the call is a function_call */
	bool		 too_many;	/* more than an answer has: give up */
	struct slice	 weights;	/* raw logprobs of the text that comes
					 * next; or absent */
	/* private */
	struct segment	*open;
	struct segment	*queue, *queue_last;
	struct segment	*calls;		/* the latest first */
	struct segment	*nascent;	/* a call whose name may still grow */
};

/*
 * A piece of text or thinking.  `part` tells blocks of one kind apart; -1
 * fits any.
 */
struct segment_text {
	enum ir_kind	 kind;		/* IR_TEXT or IR_THINK */
	enum ir_vendor	 vendor;	/* THINK: who thought it; or NOBODY */
	bool		 refusal;
	int64_t		 part;
	struct slice	 text;		/* escaped */
};

struct segment_sealed {
	struct slice	 data, id, format;	/* escaped */
	enum ir_vendor	 vendor;
};

/* One element of tool_calls; text is escaped, what is not there is absent. */
struct segment_call {
	bool		 indexed;	/* has `index` */
	bool		 whole;		/* all of the call, not a piece */
	bool		 custom;	/* free-form: `args` is no JSON */
	bool		 beside;	/* not the first of its array */
	int64_t		 index;
	struct slice	 id, name, args;
	struct slice	 signature;
	enum ir_vendor	 vendor;
};

void	segments_text(struct segments *, const struct segment_text *);
/* The signature of thinking block `part`, which is made if none is open. */
void	segments_sign(struct segments *, int64_t part, struct slice signature,
	    enum ir_vendor);
/* The signature of the text or thinking that is open, if any is. */
void	segments_sign_open(struct segments *, struct slice signature,
	    enum ir_vendor);
/* Thinking that only its maker can read; of OpenRouter's also its id and the
 * word for its format, or absent. */
void	segments_redacted(struct segments *, const struct segment_sealed *);
/* A picture: its type, and base64. */
void	segments_image(struct segments *, struct slice mime, struct slice data);
void	segments_call(struct segments *, const struct segment_call *);
/* A citation, if a text block is open. */
void	segments_cite(struct segments *, struct slice raw);

/* `weights` that no text has taken belong to the text that is open, if any. */
void	segments_weigh(struct segments *);

/* No more pieces come: all that waits is put, all is closed. */
void	segments_end(struct segments *);

#endif
