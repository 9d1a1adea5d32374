#include "proto/picture.h"

#include <string.h>

#include "base/hash.h"

enum {
	EDGE_MAX = 1568,		/* longer ones are scaled down */
	PIXELS_PER_TOKEN = 750,
	TOKENS_MAX = 1600,
	BYTES_PER_PAGE = 50000,
	SEGMENTS_MAX = 1000,		/* of a JPEG, looked through */
};

/* The byte at `at` of what the base64 stands for; -1: there is none. */
static int
byte(struct slice base64, size_t at)
{
	size_t group = at / 3 * 4, skip = at % 3;
	int high, low;

	if (group >= base64.len || base64.len - group < skip + 2)
		return -1;
	high = base64_value(base64.ptr[group + skip]);
	low = base64_value(base64.ptr[group + skip + 1]);
	if (high < 0 || low < 0)
		return -1;
	return (high << (2 * (skip + 1)) | low >> (4 - 2 * skip)) & 0xff;
}

/* A number of n bytes, the first being the highest; 0 where there is none. */
static uint32_t
big(struct slice base64, size_t at, size_t n)
{
	uint32_t value = 0;

	for (size_t i = 0; i < n; i++) {
		int b = byte(base64, at + i);

		if (b < 0)
			return 0;
		value = value << 8 | (uint32_t)b;
	}
	return value;
}

/* ... the first being the lowest. */
static uint32_t
little(struct slice base64, size_t at, size_t n)
{
	uint32_t value = 0;

	for (size_t i = n; i-- > 0; ) {
		int b = byte(base64, at + i);

		if (b < 0)
			return 0;
		value = value << 8 | (uint32_t)b;
	}
	return value;
}

/* Is it a marker of a frame header?  All of 0xc0-0xcf but DHT, JPG and DAC. */
static bool
is_frame(uint32_t marker)
{
	return marker >= 0xffc0 && marker <= 0xffcf && marker != 0xffc4 &&
	    marker != 0xffc8 && marker != 0xffcc;
}

/* Segments: a marker, a length that counts itself, the rest. */
static void
jpeg_size(struct slice s, uint32_t *width, uint32_t *height)
{
	size_t at = 2;

	for (unsigned i = 0; i < SEGMENTS_MAX; i++) {
		uint32_t marker = big(s, at, 2);

		if (is_frame(marker)) {
			*height = big(s, at + 5, 2);
			*width = big(s, at + 7, 2);
			return;
		}
		if (marker < 0xff00)
			return;
		at += 2 + big(s, at + 2, 2);
	}
}

static void
webp_size(struct slice s, uint32_t *width, uint32_t *height)
{
	uint32_t bits;

	switch (big(s, 12, 4)) {
	case 0x56503820:			/* "VP8 " */
		*width = little(s, 26, 2) & 0x3fff;
		*height = little(s, 28, 2) & 0x3fff;
		break;
	case 0x5650384c:			/* "VP8L" */
		bits = little(s, 21, 4);
		*width = (bits & 0x3fff) + 1;
		*height = (bits >> 14 & 0x3fff) + 1;
		break;
	case 0x56503858:			/* "VP8X" */
		*width = little(s, 24, 3) + 1;
		*height = little(s, 27, 3) + 1;
		break;
	}
}

bool
picture_size(struct slice s, uint32_t *width, uint32_t *height)
{
	uint32_t magic = big(s, 0, 4);

	*width = *height = 0;
	if (magic == 0x89504e47) {		/* PNG: the IHDR comes first */
		*width = big(s, 16, 4);
		*height = big(s, 20, 4);
	} else if (magic == 0x47494638) {	/* GIF8 */
		*width = little(s, 6, 2);
		*height = little(s, 8, 2);
	} else if (magic == 0x52494646) {	/* RIFF */
		webp_size(s, width, height);
	} else if (magic >> 8 == 0xffd8ff) {
		jpeg_size(s, width, height);
	}
	return *width && *height;
}

uint64_t
picture_tokens(uint32_t width, uint32_t height)
{
	uint64_t w = width, h = height, edge = w > h ? w : h, tokens;

	if (edge > EDGE_MAX) {
		w = w * EDGE_MAX / edge;
		h = h * EDGE_MAX / edge;
	}
	tokens = (w * h + PIXELS_PER_TOKEN - 1) / PIXELS_PER_TOKEN;
	return tokens < TOKENS_MAX ? tokens : TOKENS_MAX;
}

/* Pages name themselves "/Type /Page", their tree "/Type /Pages". */
uint64_t
picture_pages(struct slice base64)
{
	static const char mark[] = "/Type/Page";
	uint64_t pages = 0, by_length;
	size_t n = base64.len / 4 * 3, matched = 0;

	for (size_t i = 0; i < n; i++) {
		int c = byte(base64, i);

		if (matched == sizeof mark - 1) {
			pages += c != 's';
			matched = 0;
		}
		if (c == mark[matched])
			matched++;
		else if (c != ' ' || matched != 5)
			matched = c == mark[0];
	}
	by_length = n / BYTES_PER_PAGE;
	if (pages)
		return pages;
	return by_length ? by_length : 1;
}
