/*
 * embed - Gemini's embedContent and batchEmbedContents, asked of a provider
 * that has OpenAI's /embeddings.
 *
 * The numbers of a vector are carried as they are spelled.  A task type, a
 * title and parts that are no text have no counterpart: they are named as lost,
 * or refused.
 */
#ifndef PROTO_GEMINI_EMBED_H
#define PROTO_GEMINI_EMBED_H

#include "proto/proto.h"

/* Write the body for talk->model.  False: talk->fail says what is wrong. */
bool	embed_request(struct talk *, struct jval body, struct buf *out)
	    MUST_USE;

/*
 * Write the answer as Gemini's client wants it; `batch`: it asked for several.
 * False: it is no answer of /embeddings.
 */
bool	embed_answer(struct jval answer, bool batch, struct buf *out) MUST_USE;

#endif
