/*
 * candidate - what a Gemini answer holds, in whichever form it is written.
 *
 * Follows the events, keeps what must wait - arguments, signatures, citations,
 * usage, thinking that belongs to the next call - and writes these members.
 * Rows of objects and parts are the sink's.
 */
#ifndef PROTO_GEMINI_CANDIDATE_H
#define PROTO_GEMINI_CANDIDATE_H

#include "json/write.h"
#include "proto/gather.h"
#include "proto/gemini/ruler.h"
#include "proto/proto.h"

enum { CANDIDATE_CITES = 256 };	/* more are left out */

struct candidate {			/* candidate_init() starts it */
	struct talk	*talk;
	bool		 show_thoughts;
	struct slice	 foot;		/* modelVersion and what follows */
	/* the open block */
	enum ir_kind	 kind;
	/* private */
	struct ir_usage	 usage;
	bool		 keeps;		/* thinking may be asked back */
	bool		 said_text;
	enum ir_vendor	 vendor;
	struct slice	 id, name, item, signature;
	bool		 custom;
	struct gather	 text;		/* CALL: arguments; THINK, if kept */
	size_t		 calls;
	struct slice	 bad_call;	/* name of one without arguments */
	/* thinking since the last call, as items of a JSON array */
	struct gather	 bundle;
	enum ir_vendor	 bundle_vendor;
	uint64_t	 text_bytes;	/* said since then */
	/* citations: offsets in them are of characters, in answers of bytes */
	struct gather	 chunks, supports;
	size_t		 cites;
	struct ruler	 ruler;
	struct gather	 chosen, top;	/* log probabilities */
};

void	candidate_init(struct candidate *, struct talk *);
/* Follow an event: to be called for each, before it is told. */
void	candidate_follow(struct candidate *, const struct ir_event *);
/* BEGIN came: `foot` is known from now on. */
void	candidate_begin(struct candidate *, const struct ir_event *);

/* Is the text of the open block told? */
bool	candidate_shows(const struct candidate *);
/* Google's signature of the open block of text or thinking, or empty. */
struct slice	candidate_text_signature(const struct candidate *);
/* The open call as a part; empty: its arguments are no JSON. */
struct slice	candidate_call(struct candidate *);
/* A part of Google's as it came, without blanks. */
struct slice	candidate_opaque(struct candidate *, struct slice raw);
/* The open block has been told. */
void	candidate_close(struct candidate *);

/* promptFeedback, if Google refused the prompt.  False: it did not. */
bool	candidate_put_feedback(const struct candidate *, struct writer *,
	    const struct ir_event *stop);
/* finishReason and finishMessage. */
void	candidate_put_finish(const struct candidate *, struct writer *,
	    const struct ir_event *stop);
/* groundingMetadata and logprobsResult, if there are any. */
void	candidate_put_cites(const struct candidate *, struct writer *);
/* usageMetadata, if anything is known of it. */
void	candidate_put_usage(const struct candidate *, struct writer *);

/* Keep a url_citation of Chat, or an array of its log probabilities. */
void	candidate_cite(struct candidate *, struct slice raw);
void	candidate_weigh(struct candidate *, struct slice raw);

#endif
