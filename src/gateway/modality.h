/*
 * modality - of what kinds a request's input is: text, images, audio, video,
 * documents.
 *
 * Reads the client's body as it stands, in any of the protocols, without
 * decoding it.
 */
#ifndef GATEWAY_MODALITY_H
#define GATEWAY_MODALITY_H

#include "base/buf.h"
#include "gateway/catalog.h"
#include "json/json.h"

/*
 * Bits of enum modality.  MODALITY_TEXT is there only if nothing else is: of
 * every request some is text.
 */
uint8_t		 modality_of(enum protocol_id client, struct jval body);

/* The bit of that name: "text", "image", "audio", "video", "pdf"; 0: none. */
uint8_t		 modality_by_name(struct slice name);
/* Their names, with commas. */
void		 modality_print(uint8_t bits, struct buf *out);

#endif
