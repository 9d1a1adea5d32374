/*
 * hash - SHA-256 (FIPS 180-4), CRC-32 (as zlib), base64 and hex (RFC 4648),
 * random bytes, and a comparison that takes the same time whatever it finds.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/arena.h"
#include "base/slice.h"

enum { SHA256_LEN = 32, SHA256_HEX = 64 };

void		sha256(struct slice, uint8_t out[SHA256_LEN]);
/* Of several texts, each with its length: where one ends matters. */
void		sha256_list(const struct slice *, size_t n,
		    uint8_t out[SHA256_LEN]);
/* Its first `digits` (<= SHA256_HEX) lower-case hex digits, in the arena. */
struct slice	sha256_hex(struct arena *, struct slice, size_t digits);
uint32_t	crc32(struct slice);
/* Go on with the sum of what came before; of nothing it is 0. */
uint32_t	crc32_add(uint32_t before, struct slice);

/* Writes 2n digits and no NUL. */
void	hex_encode(const uint8_t *bytes, size_t n, char *out);
/* False unless `hex` is exactly 2n digits, of either case. */
bool	hex_decode(struct slice hex, uint8_t *out, size_t n);

/* Standard alphabet with padding; url: its own alphabet, no padding. */
struct slice	base64_encode(struct arena *, struct slice);
struct slice	base64url_encode(struct arena *, struct slice);
/* The six bits of a digit of either alphabet, or -1. */
int		base64_value(char digit);
/*
 * Decode either alphabet; padding may be absent, white space is skipped.
 * False: not base64, or no memory (the arena says).
 */
bool	base64_decode(struct arena *, struct slice, struct slice *out) MUST_USE;

/* From getrandom(2), which cannot fail once the system is up. */
void	random_bytes(void *out, size_t n);
/* n characters of [0-9A-Za-z] from random bytes; out gets no NUL. */
void	random_base62(char *out, size_t n);

bool	equal_ct(const void *a, const void *b, size_t n);

#endif
