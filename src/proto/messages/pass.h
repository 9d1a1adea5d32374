/*
 * pass - edits of a Messages body that is only passed on.
 */
#ifndef PROTO_MESSAGES_PASS_H
#define PROTO_MESSAGES_PASS_H

#include "proto/proto.h"

/*
 * What this very Claude model refuses; nothing if it is not known, or is
 * somebody else's.
 */
void	messages_pass_quirks(struct talk *, struct jval body, struct splice *);

/*
 * Nothing is stored of a thread.  Refused in just this form, by its details,
 * the client's library goes on without one and sends the whole conversation.
 * False: talk->fail is set.
 */
bool	messages_refuse_thread(struct talk *);

/* Thinking that the provider did not make is taken out. */
void	messages_pass_foreign(struct jval messages, struct splice *);
/* Would nothing be left of the message? */
bool	messages_pass_empties(struct jval message);

#endif
