/*
 * intake - the blocks of a Gemini answer that is being read.
 *
 * Parts come one by one; those that go on with a text or a thought are one
 * block.  It stays open until something else comes, as what is said of it -
 * signatures, citations - follows.
 */
#ifndef PROTO_GEMINI_INTAKE_H
#define PROTO_GEMINI_INTAKE_H

#include "base/map.h"
#include "proto/gemini/partial.h"
#include "proto/gemini/ruler.h"
#include "proto/proto.h"

struct intake {			/* all zeros but the first two */
	struct talk	*talk;
	struct sink	*to;
	size_t		 calls;		/* told so far */
	bool		 said;		/* something the user can see */
	bool		 told;		/* a block of any kind */
	size_t		 parts;		/* taken so far */
	/* Chat's logprobs.content of the text that comes next, or absent */
	struct slice	 odds;
	/* private */
	bool		 open;
	enum ir_kind	 kind;
	struct map	 ids;		/* of calls told */
	struct ruler	 ruler;
	/* a call that comes in pieces */
	bool		 calling;
	struct slice	 id, name, signature;
	struct partial	 args;
};

/* One part of the model's content. */
void	intake_part(struct intake *, struct jval part);
/* How likely the tokens of the parts that follow are: its logprobsResult. */
void	intake_odds(struct intake *, struct jval candidate);
/* The parts of a candidate were taken. */
void	intake_parts_end(struct intake *);
/* A candidate's groundingMetadata and citationMetadata, which may be absent. */
void	intake_cites(struct intake *, struct jval candidate);
/* Nothing more comes: what is open is closed. */
void	intake_end(struct intake *);

#endif
