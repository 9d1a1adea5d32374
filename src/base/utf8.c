#include "base/utf8.h"

/*
 * The least and the greatest second byte after `first`.  The narrower ranges
 * keep out what is spelled too long (after e0, f0), the surrogates (ed) and
 * what lies past the last code point (f4); c0, c1 and f5 on begin nothing.
 */
static void
second_byte(uint8_t first, uint8_t *low, uint8_t *high)
{
	*low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	*high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
}

int
utf8_next(struct slice s)
{
	uint8_t first = s.len ? (uint8_t)s.ptr[0] : 0, low, high;
	size_t len;

	if (!s.len)
		return 0;
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return -1;
	len = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	second_byte(first, &low, &high);
	for (size_t i = 1; i < len; i++) {
		uint8_t c;

		if (i == s.len)
			return 0;
		c = (uint8_t)s.ptr[i];
		if (c < low || c > high)
			return -1;
		low = 0x80;
		high = 0xbf;
	}
	return (int)len;
}

bool
utf8_ok(struct slice s)
{
	while (s.len) {
		int len = utf8_next(s);

		if (len <= 0)
			return false;
		s = slice_skip(s, (size_t)len);
	}
	return true;
}

size_t
utf8_put(uint32_t c, char out[4])
{
	/* What the first byte of so many says above its share of `c`. */
	static const uint8_t marks[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = len; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(marks[len] | c);
	return len;
}
