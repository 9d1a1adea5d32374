/*
 * mark - cache marks in a Messages body that is passed on.
 *
 * A provider reads tools, system and messages in that order, and keeps what
 * stands before a mark.  At the next request it looks for that at the marks
 * it finds then, and at some twenty blocks before each.  So there is one at
 * the end of the tools, one at the end of the system, and one at the end of
 * each of the last two turns of the user: where the request before this one
 * ended there is a mark, however much was added since.
 */
#ifndef PROTO_MESSAGES_MARK_H
#define PROTO_MESSAGES_MARK_H

#include "json/splice.h"

/* Nothing is done where the client has set a mark, wherever it stands. */
void	messages_mark(struct jval body, struct splice *);

#endif
