/*
 * responses - OpenAI's Responses protocol: what its files share.
 *
 * decode*.c reads requests, encode*.c write them, source.c reads answers and
 * sink.c writes them; responses.c binds them into protocol_responses.  The
 * contracts are those of struct protocol.
 */
#ifndef PROTO_RESPONSES_RESPONSES_H
#define PROTO_RESPONSES_RESPONSES_H

#include "json/write.h"
#include "proto/proto.h"

bool		 responses_decode(struct talk *, struct jval body) MUST_USE;
bool		 responses_encode(struct talk *, struct buf *out) MUST_USE;
bool		 responses_pass(struct talk *, struct jval body,
			struct splice *) MUST_USE;
/* What the model's quirks call for.  False: talk->fail is set. */
bool		 responses_pass_quirks(struct talk *, struct jval body,
			struct splice *) MUST_USE;
bool		 responses_peek(struct talk *, struct jval body) MUST_USE;
struct source	*responses_source(struct talk *, struct sink *to) MUST_USE;
struct sink	*responses_sink_stream(struct talk *, struct buf *out) MUST_USE;
struct sink	*responses_sink_whole(struct talk *, struct buf *out) MUST_USE;
/* Who can read the sealed thoughts of that provider. */
enum ir_vendor	 responses_vendor(const struct quirks *);
unsigned	 responses_error(const struct talk *, const struct fail *,
			struct buf *out);
/* "code" and "message" of an error inside of an answer. */
void		 responses_fail_members(const struct fail *, struct writer *);

#endif
