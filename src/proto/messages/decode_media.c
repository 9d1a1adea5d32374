/*
 * Where images and documents of a Messages request come from.
 */
#include "json/text.h"
#include "proto/media.h"
#include "proto/messages/decode.h"

static struct slice
lower(struct arena *arena, struct slice s)
{
	struct slice copy = arena_dup(arena, s);

	for (size_t i = 0; i < copy.len; i++)
		if (copy.ptr[i] >= 'A' && copy.ptr[i] <= 'Z')
			((char *)(uintptr_t)copy.ptr)[i] =
			    (char)(copy.ptr[i] + 32);
	return copy;
}

/* Base64 is nearly always clean and may be large: look only for escapes. */
static bool
read_base64(struct decoder *d, struct jval source, struct ir_media *media)
{
	struct slice data = jval_get_text(source, "data");

	media->source = IR_DATA;
	media->data = data;
	media->mime = lower(d->arena, jval_get_text(source, "media_type"));
	if (slice_chr(data, '\\') != SIZE_MAX &&
	    !media_base64(d->arena, data, &media->data))
		return messages_refuse_block(d, "source.data must be base64");
	if (!media->data.len)
		return messages_refuse_block(d,
		    "source.data must not be empty");
	if (!media->mime.len)
		media->mime = media_sniff(media->data);
	if (media_is_text(media->mime) && !media_inline(d->arena, media))
		return messages_refuse_block(d,
		    "source.data must be UTF-8 text");
	return true;
}

bool
messages_read_source(struct decoder *d, struct jval v, struct ir_media *media)
{
	struct jval source = jval_get(v, "source");
	struct jval type = jval_get(source, "type");

	if (jval_text_is(type, "base64"))
		return read_base64(d, source, media);
	if (jval_text_is(type, "url")) {
		media->source = IR_URL;
		media->data = jval_get_text(source, "url");
	} else if (jval_text_is(type, "file")) {
		media->source = IR_FILE_ID;
		media->data = jval_get_text(source, "file_id");
	} else if (jval_text_is(type, "text")) {
		media->source = IR_INLINE;
		media->mime = SLICE("text/plain");
		if (!jval_is(jval_get(source, "data"), JSON_STRING))
			return messages_refuse_block(d,
			    "source.data must be a string");
		media->data = text_mend(d->arena,
		    jval_get_text(source, "data"));
		return true;
	} else {
		return messages_refuse_block(d, "source.type is not known");
	}
	return media->data.len ? true :
	    messages_refuse_block(d, "source must name what it stands for");
}

