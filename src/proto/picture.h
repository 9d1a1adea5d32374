/*
 * picture - how large is an image or a PDF, from its base64, without decoding
 * more of it than its head (images) or keeping any of it (PDF).
 */
#ifndef PROTO_PICTURE_H
#define PROTO_PICTURE_H

#include "base/slice.h"

/* Width and height of a PNG, JPEG, GIF or WebP.  False: not found in it. */
bool		picture_size(struct slice base64, uint32_t *width,
		    uint32_t *height);

/* The tokens a model spends on a picture of that size. */
uint64_t	picture_tokens(uint32_t width, uint32_t height);

/* The pages of a PDF, at least 1; by its length if they cannot be seen. */
uint64_t	picture_pages(struct slice base64);

#endif
