/*
 * loss_name - what is lost, as clients of Gemini call it.
 *
 * Encoders name members as Chat or Messages have them; clients of Gemini know
 * them by other names and in other places.
 */
#ifndef PROTO_LOSS_NAME_H
#define PROTO_LOSS_NAME_H

#include <stddef.h>
#include <stdint.h>

/* The index of a tool that stands in a list inside of `tools`: of both lists,
 * as one number.  LOSS_NAME_ALONE: it stands in `tools` itself. */
enum { LOSS_NAME_ALONE = 0xffff };
uint32_t	loss_name_index(uint32_t tool, uint32_t function);

/* Change the path, which has room for `size` bytes, if it has another name. */
void		loss_name_gemini(char *path, size_t size);

#endif
