/*
 * gemini - Google's Gemini protocol: what its files share.
 *
 * decode*.c reads requests, encode*.c write them, source.c reads answers and
 * sink.c writes them; gemini.c binds them into protocol_gemini.  The
 * contracts are those of struct protocol.
 */
#ifndef PROTO_GEMINI_GEMINI_H
#define PROTO_GEMINI_GEMINI_H

#include "proto/proto.h"

bool		 gemini_decode(struct talk *, struct jval body) MUST_USE;
bool		 gemini_encode(struct talk *, struct buf *out) MUST_USE;
bool		 gemini_pass(struct talk *, struct jval body,
			struct splice *) MUST_USE;
bool		 gemini_peek(struct talk *, struct jval body) MUST_USE;
struct source	*gemini_source(struct talk *, struct sink *to) MUST_USE;
struct sink	*gemini_sink_stream(struct talk *, struct buf *out) MUST_USE;
struct sink	*gemini_sink_whole(struct talk *, struct buf *out) MUST_USE;
unsigned	 gemini_error(const struct talk *, const struct fail *,
			struct buf *out);

/* The error as an object, also where gemini_error() would make a list of it. */
unsigned	 gemini_put_error(const struct talk *, const struct fail *,
			struct buf *out);

/* Does a thoughtSignature hold an envelope of ours?  They come in base64. */
bool		 gemini_is_wrapped(struct slice signature);

/* The mime type that the end of an address tells; or empty. */
struct slice	 gemini_guess_mime(struct slice url);

#endif
