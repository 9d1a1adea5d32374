/*
 * learn_wording - what the sentence of a refusal says beyond that it is one.
 */
#ifndef PROTO_LEARN_WORDING_H
#define PROTO_LEARN_WORDING_H

#include "proto/learn.h"

struct learn_wording {
	struct talk	*talk;
	const struct refusal *refusal;
	const struct lessons *known;
	struct slice	 text;		/* the sentence, plain */
};

/* Does the text hold one of the words between '|', in whatever case?  Of NULL
 * it holds one always. */
bool	learn_wording_holds(struct slice text, const char *words);

/*
 * Each fills in what its kind of lesson needs.  False: the wording does not
 * say it, or the request is nothing without it.
 */
/* number: the most tokens that the model makes */
bool	learn_wording_limit(struct lesson *, const struct learn_wording *);
/* number: the levels below that which was sent; 0 when they were tried */
bool	learn_wording_effort(struct lesson *, const struct learn_wording *);
/* that it is about the number of answers */
bool	learn_wording_answers(struct lesson *, const struct learn_wording *);
/* member: the one that the error names beside its sentence */
bool	learn_wording_param(struct lesson *, const struct learn_wording *);
/* member: stream_options, whichever part of it was named */
bool	learn_wording_stream(struct lesson *, const struct learn_wording *);
/* member: the one that is named in the sentence */
bool	learn_wording_named(struct lesson *, const struct learn_wording *);

#endif
