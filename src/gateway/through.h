/*
 * through - addresses that only go by: embeddings, images, audio, files.
 *
 * Nobody here reads what they say.  Of the request the model's name is looked
 * up, in JSON or in a form, and replaced; the answer passes as it comes,
 * whatever it is.  A body that is no JSON is not gathered: as soon as the model
 * is known what has come of it goes on to the provider, and the rest follows
 * piece by piece.
 */
#ifndef GATEWAY_THROUGH_H
#define GATEWAY_THROUGH_H

#include "gateway/admit.h"

/* The head is there: is the body to be handed out as it comes? */
bool		through_drips(const struct http_head *);

/* Is enough of a dripping body there to know where it goes? */
bool		through_enough(struct exchange *);

/* As admit_body(). */
enum admitted	through_admit(struct exchange *) MUST_USE;

/* As upstream_prepare(). */
bool		through_prepare(struct exchange *) MUST_USE;

/* The request's path and query at the provider. */
struct slice	through_target(struct exchange *);

/* Headers of the body, and `accept`, as the client sent them. */
void		through_headers(struct exchange *, struct buf *out);

/* What is there of the body goes out. */
void		through_send(struct exchange *);

/*
 * Move what has come of the rest.  True: as much as can be; false: the client
 * sent something else than a body, or went away, and ex->reader says what.
 */
bool		through_pump(struct exchange *) MUST_USE;

/* The answer's head is there and goes out at once, if it is passed on. */
void		through_begin(struct exchange *);
/*
 * An answer that is not passed on is whole: into ex->whole, in the client's
 * words.  False: it makes no sense.
 */
bool		through_read(struct exchange *) MUST_USE;

#endif
