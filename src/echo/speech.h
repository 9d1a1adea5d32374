/*
 * speech - what the mock provider is going to say, before it is put into the
 * words of a protocol.
 */
#ifndef ECHO_SPEECH_H
#define ECHO_SPEECH_H

#include "echo/prompt.h"
#include "echo/script.h"

enum finish {
	FINISH_STOP, FINISH_SEQUENCE, FINISH_LENGTH, FINISH_CALLS,
	FINISH_REFUSED,		/* the text says why, if there is one */
};

struct call {
	struct slice	id;
	struct slice	name;		/* escaped */
	struct slice	space;		/* Responses: its namespace; escaped */
	struct slice	arguments;	/* JSON; of a custom tool plain text */
	bool		custom;
};

struct speech {
	struct slice	 id;		/* of the answer, without a prefix */
	int64_t		 created;	/* Unix time */
	struct slice	 think, text;	/* plain */
	size_t		 pieces;	/* deltas that the text comes in */
	const struct call *calls;
	size_t		 call_count;
	enum finish	 finish;
	struct slice	 sequence;	/* FINISH_SEQUENCE: which; plain */
	uint64_t	 tokens_in, tokens_out;
	bool		 usage;		/* speak of them */
};

/* `number` makes its ids differ from those of other answers. */
void	speech_compose(struct speech *, const struct prompt *,
	    const struct script *, uint64_t number, struct arena *);

/*
 * The i-th of n pieces of a text, about equally long and cut between
 * characters; i < n.
 */
struct slice	speech_piece(struct slice text, size_t i, size_t n);

/* What stands in a thinking block as the proof that we wrote it. */
struct slice	speech_signature(struct arena *, struct slice think);

/*
 * The same where the thought itself does not come back: a text of base64 that
 * holds it.
 */
struct slice	speech_seal(struct arena *, struct slice think);
bool		speech_sealed(struct arena *, struct slice seal) MUST_USE;

#endif
