/*
 * parts - one block after another, made of a Responses stream's pieces.
 *
 * The pieces say which item, and which part of it, they belong to, and items
 * may interleave; events have one block open at a time.  A call that is not
 * done keeps its place, and what comes for others meanwhile waits in a queue.
 * Text and thinking make room for what comes next, because some providers say
 * only at the very end that they are done.  Knows no events of the protocol.
 */
#ifndef PROTO_RESPONSES_PARTS_H
#define PROTO_RESPONSES_PARTS_H

#include "json/text.h"
#include "proto/chat/argstream.h"
#include "proto/gather.h"
#include "proto/proto.h"

enum part_state { PART_FRESH, PART_QUEUED, PART_OPEN, PART_OVER };

/* Which of two tellings of a thought is told: a summary, or all of it. */
enum part_voice { VOICE_NONE, VOICE_SUMMARY, VOICE_RAW };

struct part {
	uint64_t	 item, place;	/* output_index; content_index, or 0 */
	enum ir_kind	 kind;
	bool		 refusal, custom;
	bool		 named;		/* CALL: id and name are known */
	bool		 said;		/* some text of it came */
	bool		 cited, weighed; /* so did annotations, logprobs */
	enum part_voice	 voice;		/* THINK */
	uint64_t	 section;	/* THINK: the one that came last */
	const char	*unwrap;	/* CALL: member to take out of its
					 * arguments */
	/* members of OPEN; copied if they must wait */
	struct slice	 id, name, mime, data, raw;
	enum ir_vendor	 vendor;
	size_t		 start;		/* code points of text before */
	/* private */
	enum part_state	 state;
	bool		 done;		/* nothing more comes */
	bool		 again;		/* it made room, and there is more */
	struct part	*next;		/* in the queue */
	struct part	*older;
	struct text_joint joint;
	struct argstream args;		/* CALL that is not free-form */
	struct gather	 waiting;
	struct slice	 signature, item_id;
};

struct parts {			/* all zeros but `talk` and `to` */
	struct talk	*talk;
	struct sink	*to;
	struct slice	 answer_id;	/* for calls that come without an id */
	size_t		 calls;		/* that were entered */
	size_t		 points;	/* code points of all text put */
	bool		 too_many;	/* more than an answer has: give up */
	/* private */
	size_t		 count;
	struct part	*all;		/* the latest first */
	struct part	*open;
	struct part	*queue, *queue_last;
};

/* That part, which is made if there is none.  NULL: no memory, or too_many. */
struct part	*parts_at(struct parts *, uint64_t item, enum ir_kind,
		    uint64_t place);
/* A piece of its text, escaped. */
void		 parts_say(struct parts *, struct part *, struct slice piece);
/* It begins, if it has not, even if no text has come. */
void		 parts_enter(struct parts *, struct part *);
/* The signature of a thought, and the provider's id of its item. */
void		 parts_sign(struct parts *, struct part *, struct slice
		    signature, struct slice item_id);
/* A citation or probabilities, raw, if the part is open. */
void		 parts_note(struct parts *, struct part *, enum ir_event_type,
		    struct slice raw);
void		 parts_done(struct parts *, struct part *);
/* All parts of that item are done. */
void		 parts_item_done(struct parts *, uint64_t item);
/* No more pieces come: all that waits is put, all is closed. */
void		 parts_end(struct parts *);

/* Is it open, so that a piece of it would go straight through? */
bool		 parts_live(const struct parts *, const struct part *);

#endif
