/*
 * media - images and files inside requests: data URLs, base64, types.
 *
 * Never decodes more than it must: a picture of megabytes is looked through
 * once and then only carried.
 */
#ifndef PROTO_MEDIA_H
#define PROTO_MEDIA_H

#include "base/arena.h"
#include "proto/ir.h"

/* Base64 (escaped text) without blanks and escapes; false: it is not base64. */
bool		 media_base64(struct arena *, struct slice data,
		    struct slice *clean) MUST_USE;

/* The type that the first bytes show: png, jpeg, gif, webp, pdf; else empty. */
struct slice	 media_sniff(struct slice base64);

/* One of the four formats that all vision models take. */
bool		 media_is_image(struct slice mime);
/* Text of any kind, JSON, XML and CSV included. */
bool		 media_is_text(struct slice mime);

/*
 * Read an image's or a file's URL, escaped text: a data URL gives source DATA
 * with mime and base64 without blanks, http(s) gives source URL.  For images
 * the first bytes win over a type they contradict.  Returns NULL, or what is
 * wrong with it ("is not valid base64").
 */
const char	*media_of_url(struct arena *, struct slice url,
		    struct ir_media *);

/*
 * The same for base64 that may or may not stand in a data URL: without one the
 * type comes from the first bytes, and is empty when they say nothing.
 */
const char	*media_of_data(struct arena *, struct slice data,
		    struct ir_media *);

/* DATA of a text type becomes INLINE: escaped text.  False: it is not UTF-8. */
bool		 media_inline(struct arena *, struct ir_media *) MUST_USE;

#endif
