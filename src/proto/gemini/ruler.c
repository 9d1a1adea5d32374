#include "proto/gemini/ruler.h"

#include "base/utf8.h"
#include "json/text.h"

static bool
is_plain(struct slice text)
{
	unsigned char seen = 0;

	for (size_t i = 0; i < text.len; i++)
		seen |= (unsigned char)text.ptr[i];
	return seen < 0x80 && slice_chr(text, '\\') == SIZE_MAX;
}

void
ruler_add(struct ruler *r, struct arena *arena, struct slice text)
{
	if (!r->wide.len && is_plain(text))
		r->ascii += text.len;
	else
		gather_add(&r->wide, arena, text);
}

struct mark {
	uint64_t	 byte, point;
};

/* As far as one of the two reaches its limit. */
static struct mark
walk(const struct ruler *r, struct arena *scratch, uint64_t max_byte,
    uint64_t max_point)
{
	struct mark at = { r->ascii, r->ascii };
	struct slice rest = text_unescape(scratch, gather_text(&r->wide));

	while (rest.len && at.byte < max_byte && at.point < max_point) {
		int len = utf8_next(rest);
		size_t step = len > 0 ? (size_t)len : 1;

		rest = slice_skip(rest, step);
		at.byte += step;
		at.point++;
	}
	return at;
}

uint64_t
ruler_byte(const struct ruler *r, struct arena *scratch, uint64_t point)
{
	return point <= r->ascii ? point :
	    walk(r, scratch, UINT64_MAX, point).byte;
}

uint64_t
ruler_point(const struct ruler *r, struct arena *scratch, uint64_t byte)
{
	return byte <= r->ascii ? byte :
	    walk(r, scratch, byte, UINT64_MAX).point;
}
