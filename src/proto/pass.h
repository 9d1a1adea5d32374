/*
 * pass - what all protocols do with a body that is only passed on.
 *
 * Members of a top-level "extra_body" count as members of the body where the
 * body itself lacks them: clients of a well-known library put them there.
 */
#ifndef PROTO_PASS_H
#define PROTO_PASS_H

#include "proto/proto.h"

/* Fill talk->client_model and talk->stream.  False: talk->fail is set. */
bool	pass_peek(struct talk *, struct jval body) MUST_USE;

/* Put talk->model in the place of the client's and merge extra_body.  False:
 * talk->fail is set. */
bool	pass_edit(struct talk *, struct jval body, struct splice *) MUST_USE;

/* The member of that name, in the body or in its extra_body. */
struct jval	pass_member(struct jval body, const char *name);

#endif
