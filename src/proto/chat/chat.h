/*
 * chat - the Chat Completions protocol: what its files share.
 *
 * decode.c reads requests, encode*.c write them, source.c reads answers and
 * sink.c, whole.c and tail.c write them; chat.c binds them into protocol_chat.
 * The contracts are those of struct protocol.
 */
#ifndef PROTO_CHAT_CHAT_H
#define PROTO_CHAT_CHAT_H

#include "proto/proto.h"

bool		 chat_decode(struct talk *, struct jval body) MUST_USE;
bool		 chat_encode(struct talk *, struct buf *out) MUST_USE;
bool		 chat_pass(struct talk *, struct jval body, struct splice *)
			MUST_USE;
bool		 chat_peek(struct talk *, struct jval body) MUST_USE;
struct source	*chat_source(struct talk *, struct sink *to) MUST_USE;
struct sink	*chat_sink_stream(struct talk *, struct buf *out) MUST_USE;
struct sink	*chat_sink_whole(struct talk *, struct buf *out) MUST_USE;
struct sink	*chat_sink_usage(struct talk *, struct buf *out) MUST_USE;
unsigned	 chat_error(const struct talk *, const struct fail *,
			struct buf *out);

#endif
