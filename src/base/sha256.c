#include "base/sha256.h"

#include <string.h>

#include <bearssl/inc/bearssl_hash.h>

static void
put_be(uint8_t *out, uint64_t n, size_t bytes)
{
	while (bytes--) {
		out[bytes] = (uint8_t)n;
		n >>= 8;
	}
}

static uint32_t
get_be(const uint8_t *in)
{
	return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 |
	    (uint32_t)in[2] << 8 | in[3];
}

/* ---- any CPU ---- */

static void
plain_blocks(uint32_t state[8], const uint8_t *data, size_t count)
{
	br_sha256_context plain;
	uint8_t text[32];

	for (size_t i = 0; i < 8; i++)
		put_be(text + 4 * i, state[i], 4);
	br_sha256_init(&plain);
	br_sha256_set_state(&plain, text, 0);
	br_sha256_update(&plain, data, count * SHA256_BLOCK);
	(void)br_sha256_state(&plain, text);
	for (size_t i = 0; i < 8; i++)
		state[i] = get_be(text + 4 * i);
}

/* ---- x86 with the SHA extensions ---- */

#ifdef __x86_64__

#include <cpuid.h>
#include <immintrin.h>

#define WITH_SHA __attribute__((target("sha,sse4.1")))

/* The fractional parts of the cube roots of the first 64 primes. */
static const uint32_t constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
	0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
	0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
	0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5,
	0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static bool
is_there(void)
{
	unsigned a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSE4_1))
		return false;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

/* Four words of the message schedule, from the sixteen before them. */
WITH_SHA static __m128i
schedule(const __m128i w[4], unsigned i)
{
	__m128i last = w[(i + 3) & 3];
	__m128i sum = _mm_sha256msg1_epu32(w[i & 3], w[(i + 1) & 3]);

	sum = _mm_add_epi32(sum, _mm_alignr_epi8(last, w[(i + 2) & 3], 4));
	return _mm_sha256msg2_epu32(sum, last);
}

/* The instructions want the state as the words ABEF and CDGH. */
WITH_SHA static void
fast_blocks(uint32_t state[8], const uint8_t *data, size_t count)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b,
	    0x0405060700010203);
	__m128i low = _mm_loadu_si128((const __m128i *)(const void *)state);
	__m128i high = _mm_loadu_si128(
	    (const __m128i *)(const void *)(state + 4));
	__m128i cdab = _mm_shuffle_epi32(low, 0xb1);
	__m128i efgh = _mm_shuffle_epi32(high, 0x1b);
	__m128i abef = _mm_alignr_epi8(cdab, efgh, 8);
	__m128i cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);

	for (; count--; data += SHA256_BLOCK) {
		__m128i abef_before = abef, cdgh_before = cdgh, w[4], sum;

		for (unsigned i = 0; i < 16; i++) {
			w[i & 3] = i < 4 ? _mm_shuffle_epi8(_mm_loadu_si128(
			    (const __m128i *)(const void *)(data + 16 * i)),
			    swap) : schedule(w, i);
			sum = _mm_add_epi32(w[i & 3], _mm_loadu_si128(
			    (const __m128i *)(const void *)
			    (constants + 4 * i)));
			cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
			sum = _mm_shuffle_epi32(sum, 0x0e);
			abef = _mm_sha256rnds2_epu32(abef, cdgh, sum);
		}
		abef = _mm_add_epi32(abef, abef_before);
		cdgh = _mm_add_epi32(cdgh, cdgh_before);
	}
	low = _mm_shuffle_epi32(abef, 0x1b);
	high = _mm_shuffle_epi32(cdgh, 0xb1);
	_mm_storeu_si128((__m128i *)(void *)state,
	    _mm_blend_epi16(low, high, 0xf0));
	_mm_storeu_si128((__m128i *)(void *)(state + 4),
	    _mm_alignr_epi8(high, low, 8));
}

#else

static bool
is_there(void)
{
	return false;
}

static void
fast_blocks(uint32_t state[8], const uint8_t *data, size_t count)
{
	plain_blocks(state, data, count);
}

#endif

/* ---- one for all ---- */

static enum { UNKNOWN, FAST, PLAIN } which;

void
sha256_plain(void)
{
	which = PLAIN;
}

static void
blocks(uint32_t state[8], const uint8_t *data, size_t count)
{
	if (which == UNKNOWN)
		which = is_there() ? FAST : PLAIN;
	if (which == FAST)
		fast_blocks(state, data, count);
	else
		plain_blocks(state, data, count);
}

void
sha256_init(struct sha256 *s)
{
	static const uint32_t begin[8] = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	};

	memcpy(s->state, begin, sizeof begin);
	s->len = 0;
}

void
sha256_add(struct sha256 *s, struct slice text)
{
	size_t have = s->len % SHA256_BLOCK, want = SHA256_BLOCK - have;
	struct slice piece = slice_sub(text, 0, want);

	if (!text.len)
		return;
	s->len += text.len;
	if (have) {
		memcpy(s->block + have, piece.ptr, piece.len);
		if (piece.len < want)
			return;
		blocks(s->state, s->block, 1);
		text = slice_skip(text, want);
	}
	if (text.len >= SHA256_BLOCK)
		blocks(s->state, (const uint8_t *)text.ptr,
		    text.len / SHA256_BLOCK);
	text = slice_skip(text, text.len / SHA256_BLOCK * SHA256_BLOCK);
	if (text.len)
		memcpy(s->block, text.ptr, text.len);
}

void
sha256_end(struct sha256 *s, uint8_t out[32])
{
	size_t have = s->len % SHA256_BLOCK;

	s->block[have++] = 0x80;
	if (have > SHA256_BLOCK - 8) {
		memset(s->block + have, 0, SHA256_BLOCK - have);
		blocks(s->state, s->block, 1);
		have = 0;
	}
	memset(s->block + have, 0, SHA256_BLOCK - 8 - have);
	put_be(s->block + SHA256_BLOCK - 8, s->len * 8, 8);
	blocks(s->state, s->block, 1);
	for (size_t i = 0; i < 8; i++)
		put_be(out + 4 * i, s->state[i], 4);
}
