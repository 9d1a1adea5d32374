/*
 * pass - what all protocols do with a body that is only passed on.
 *
 * Members of a top-level "extra_body" count as members of the body where the
 * body itself lacks them: clients of a well-known library put them there.
 */
#ifndef PROTO_PASS_H
#define PROTO_PASS_H

#include "proto/proto.h"

/*
 * Fill talk->client_model, where `model` is missing by the first of `models`,
 * and talk->stream.  False: talk->fail is set.
 */
bool	pass_peek(struct talk *, struct jval body) MUST_USE;

/*
 * An object that names its model twice is refused, also in capitals: providers
 * differ in which one counts, and none but the one that was looked at was
 * allowed.  False: talk->fail is set.
 */
bool	pass_once(struct talk *, struct jval body) MUST_USE;

/*
 * What comes before all edits: the members of extra_body become members of the
 * body.  Then *body and splice->text are a copy.  False: talk->fail is set.
 */
bool	pass_begin(struct talk *, struct jval *body, struct splice *) MUST_USE;
/* ... and behind them: talk->model is put in the place of the client's. */
bool	pass_end(struct talk *, struct jval body, struct splice *) MUST_USE;

/* The member of that name, in the body or in its extra_body. */
struct jval	pass_member(struct jval body, const char *name);

/* Parse text that an edit made.  False: talk->fail is set. */
bool	pass_parse(struct talk *, struct slice text, struct jval *root)
	    MUST_USE;

/* Is `word` one of the words, set apart by spaces? */
bool	pass_among(const char *words, struct slice word);

#endif
