/*
 * messages - the Messages protocol: what its files share.
 *
 * decode.c reads requests, encode*.c write them, source.c reads answers and
 * sink.c writes them; messages.c binds them into protocol_messages.  The
 * contracts are those of struct protocol.
 */
#ifndef PROTO_MESSAGES_MESSAGES_H
#define PROTO_MESSAGES_MESSAGES_H

#include "proto/proto.h"

bool		 messages_decode(struct talk *, struct jval body) MUST_USE;
bool		 messages_encode(struct talk *, struct buf *out) MUST_USE;
bool		 messages_pass(struct talk *, struct jval body, struct splice *)
			MUST_USE;
bool		 messages_peek(struct talk *, struct jval body) MUST_USE;
struct source	*messages_source(struct talk *, struct sink *to) MUST_USE;
struct sink	*messages_sink_stream(struct talk *, struct buf *out) MUST_USE;
struct sink	*messages_sink_whole(struct talk *, struct buf *out) MUST_USE;
unsigned	 messages_error(const struct talk *, const struct fail *,
			struct buf *out);

#endif
