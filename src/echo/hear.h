/*
 * hear - the content of a message as one plain text: what is written in it,
 * and a word for everything else (media type and size of an image).
 */
#ifndef ECHO_HEAR_H
#define ECHO_HEAR_H

#include "base/buf.h"
#include "json/json.h"

/* A string, or an array of parts or blocks of any protocol. */
void	hear_content(struct buf *out, struct jval content);

/* A sentence that quotes what a tool answered. */
void	hear_result(struct buf *out, struct jval content, bool failed);
/* The same of Gemini's functionResponse. */
void	hear_response(struct buf *out, struct jval response);

#endif
