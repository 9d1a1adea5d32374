/*
 * refuse - what encoders refuse, and what their errors owe to whom, said by
 * all of them in the same words.
 */
#ifndef PROTO_REFUSE_H
#define PROTO_REFUSE_H

#include "proto/proto.h"

/*
 * Media of the last turn cannot be given to the model; `instead` says what its
 * sender could do.  (What stands further back nobody can take back: words take
 * its place.)  Returns false; talk->fail is set.
 */
bool	refuse_media(struct talk *, const struct ir_block *, const char *word,
	    const char *instead);

/* A tool that its vendor runs.  Returns false; talk->fail is set. */
bool	refuse_hosted(struct talk *, const struct ir_tool *);
/* Does it act on a screen?  An answer without it would be an invention. */
bool	refuse_needs(const struct ir_tool *);
/* Does the client offer its vendor's tools with whatever it asks? */
bool	refuse_offered(const struct talk *);

/*
 * Did the provider refuse the gateway's own credentials?  That is no fault of
 * the caller, who must not be asked for a key it does not have.
 */
bool	refuse_is_ours(const struct talk *, const struct fail *);

#endif
