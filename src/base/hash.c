/*
 * What is small enough to stand here.  None of it is a secret's last defence
 * but equal_ct(), which says how it is.
 */
#include "base/hash.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/sha256.h"

static const char hex_digits[] = "0123456789abcdef";
static const char base64_std[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64_url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void
sha256(struct slice s, uint8_t out[SHA256_LEN])
{
	struct sha256 sum;

	sha256_init(&sum);
	sha256_add(&sum, s);
	sha256_end(&sum, out);
}

void
sha256_list(const struct slice *texts, size_t n, uint8_t out[SHA256_LEN])
{
	struct sha256 sum;

	sha256_init(&sum);
	for (size_t i = 0; i < n; i++) {
		char len[sizeof(uint64_t)];

		for (size_t b = 0; b < sizeof len; b++)
			len[b] = (char)(uint8_t)((uint64_t)texts[i].len >>
			    8 * b);
		sha256_add(&sum, (struct slice){ len, sizeof len });
		sha256_add(&sum, texts[i]);
	}
	sha256_end(&sum, out);
}

struct slice
sha256_hex(struct arena *a, struct slice s, size_t digits)
{
	uint8_t sum[SHA256_LEN];
	char hex[SHA256_HEX];

	CHECK(digits <= SHA256_HEX);
	sha256(s, sum);
	hex_encode(sum, SHA256_LEN, hex);
	return arena_dup(a, (struct slice){ hex, digits });
}

uint32_t
crc32_add(uint32_t before, struct slice s)
{
	/* One entry per half byte of the reflected polynomial 0xedb88320. */
	static const uint32_t half[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
		0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
		0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	uint32_t crc = ~before;

	for (size_t i = 0; i < s.len; i++) {
		crc ^= (uint8_t)s.ptr[i];
		crc = crc >> 4 ^ half[crc & 15];
		crc = crc >> 4 ^ half[crc & 15];
	}
	return ~crc;
}

uint32_t
crc32(struct slice s)
{
	return crc32_add(0, s);
}

void
hex_encode(const uint8_t *bytes, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++) {
		*out++ = hex_digits[bytes[i] >> 4];
		*out++ = hex_digits[bytes[i] & 15];
	}
}

/* The value of a hex digit of either case, or -1. */
static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
hex_decode(struct slice hex, uint8_t *out, size_t n)
{
	if (hex.len % 2 || hex.len / 2 != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = hex_value(hex.ptr[2 * i]);
		int low = hex_value(hex.ptr[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* Encode with `alphabet`, which decides about padding too. */
static struct slice
encode(struct arena *a, struct slice s, const char *alphabet)
{
	char *text = s.len < SIZE_MAX / 4 * 3 - 4 ?
	    arena_text(a, s.len / 3 * 4 + 4) : NULL;
	char *at = text;

	if (!text)
		return (struct slice){ 0 };
	for (size_t i = 0; i < s.len; i += 3) {
		size_t n = s.len - i < 3 ? s.len - i : 3;
		uint32_t bits = 0;

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (k < n ? (uint8_t)s.ptr[i + k] : 0);
		/* n bytes take n + 1 digits, from the top of 24 bits. */
		for (size_t k = 0; k <= n; k++, bits <<= 6)
			*at++ = alphabet[bits >> 18 & 63];
		for (size_t k = n; k < 3 && alphabet == base64_std; k++)
			*at++ = '=';
	}
	return (struct slice){ text, (size_t)(at - text) };
}

struct slice
base64_encode(struct arena *a, struct slice s)
{
	return encode(a, s, base64_std);
}

struct slice
base64url_encode(struct arena *a, struct slice s)
{
	return encode(a, s, base64_url);
}

int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

bool
base64_decode(struct arena *a, struct slice s, struct slice *out)
{
	/* Blanks only make the text shorter than this. */
	char *text = arena_text(a, s.len / 4 * 3 + 3), *at = text;
	size_t digits = 0, padding = 0;
	uint32_t bits = 0;

	if (!text)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		int value = base64_value(s.ptr[i]);

		if (slice_blank(slice_sub(s, i, 1)))
			continue;
		if (s.ptr[i] == '=') {
			padding++;
			continue;
		}
		if (value < 0 || padding)
			return false;
		bits = bits << 6 | (uint32_t)value;
		if (digits++ % 4)	/* eight more bits are there */
			*at++ = (char)(bits >> (6 - 2 * ((digits - 1) % 4)));
	}
	/* One digit cannot spell a byte; padding, if any, fills up to four. */
	if (digits % 4 == 1 || padding > 2 ||
	    (padding && (digits + padding) % 4))
		return false;
	*out = (struct slice){ text, (size_t)(at - text) };
	return true;
}

void
random_bytes(void *out, size_t n)
{
	uint8_t *at = out;

	while (n) {
		ssize_t got = getrandom(at, n, 0);

		CHECK(got > 0 || errno == EINTR);
		if (got > 0) {
			at += got;
			n -= (size_t)got;
		}
	}
}

void
random_base62(char *out, size_t n)
{
	enum { FAIR = 256 / 62 * 62 };	/* larger bytes would favour some */

	while (n) {
		uint8_t bytes[64];

		random_bytes(bytes, sizeof bytes);
		for (size_t i = 0; i < sizeof bytes && n; i++) {
			if (bytes[i] >= FAIR)
				continue;
			*out++ = base64_std[bytes[i] % 62];
			n--;
		}
	}
}

bool
equal_ct(const void *a, const void *b, size_t n)
{
	const volatile uint8_t *x = a, *y = b;
	uint8_t differ = 0;

	for (size_t i = 0; i < n; i++)
		differ = (uint8_t)(differ | (x[i] ^ y[i]));
	return differ == 0;
}
