/*
 * images - the pictures of a Chat answer, which OpenRouter puts beside its
 * content.
 */
#ifndef PROTO_CHAT_IMAGES_H
#define PROTO_CHAT_IMAGES_H

#include "proto/chat/segment.h"

/*
 * A delta's or a message's `images`, which are image_url parts; or absent.  Of
 * one that is not here in full there is only an address: it is named as lost,
 * as the gateway fetches nothing.
 */
void	images_put(struct segments *, struct jval images);

#endif
