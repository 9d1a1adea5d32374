#include "proto/chat/images.h"

#include "proto/chat/missed.h"
#include "proto/media.h"

static const char path[] = "choices[0].message.images";

void
images_put(struct segments *s, struct jval images)
{
	unsigned at = 0;

	if (!jval_is(images, JSON_ARRAY)) {
		missed(s->talk, images, path);
		return;
	}
	for (struct jval v = jval_first(images); !jval_at_end(v);
	    v = jval_next(v), at++) {
		struct slice url = jval_text(jval_get2(v, "image_url", "url"));
		struct ir_media media = { 0 };

		if (!media_of_url(s->talk->scratch, url, &media) &&
		    media.source == IR_DATA && media_is_image(media.mime))
			segments_image(s, media.mime, media.data);
		else
			missed_at(s->talk, v, path, at);
	}
}
