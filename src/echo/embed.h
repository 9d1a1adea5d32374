/*
 * embed - texts as vectors, as OpenAI and Gemini answer them.  Equal texts have
 * equal vectors, and that is all that there is to them.
 */
#ifndef ECHO_EMBED_H
#define ECHO_EMBED_H

#include "echo/visit.h"

void	embed_openai(struct visit *);		/* POST /v1/embeddings */

/* Gemini's :embedContent and :batchEmbedContents. */
void	embed_one(struct visit *, struct slice model);
void	embed_many(struct visit *, struct slice model);

#endif
