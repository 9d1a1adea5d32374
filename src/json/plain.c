#include "json/plain.h"

#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

static bool
special(char c)
{
	return (signed char)c < 0x20 || c == '"' || c == '\\';
}

#if defined(__x86_64__)

enum { STEP = 16 };

/* Bit i is set if byte i is special.  As signed, non-ASCII is below 0x20. */
static unsigned
specials(const char *at)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)at);
	__m128i low = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20));
	__m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
	__m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));

	return (unsigned)_mm_movemask_epi8(
	    _mm_or_si128(low, _mm_or_si128(quote, slash)));
}

/* Which byte the lowest bit of specials() stands for. */
static int
first_of(unsigned bits)
{
	return __builtin_ctz(bits);
}

#elif defined(__aarch64__)

enum { STEP = 16 };

/* Four bits for each byte, set if it is special, by a narrowing shift. */
static uint64_t
specials(const char *at)
{
	int8x16_t v = vld1q_s8((const int8_t *)at);
	uint8x16_t low = vcltq_s8(v, vdupq_n_s8(0x20));
	uint8x16_t quote = vceqq_s8(v, vdupq_n_s8('"'));
	uint8x16_t slash = vceqq_s8(v, vdupq_n_s8('\\'));
	uint8x16_t any = vorrq_u8(low, vorrq_u8(quote, slash));

	return vget_lane_u64(vreinterpret_u64_u8(
	    vshrn_n_u16(vreinterpretq_u16_u8(any), 4)), 0);
}

static int
first_of(uint64_t bits)
{
	return __builtin_ctzll(bits) / 4;
}

#else

enum { STEP = 8 };

#define EACH(byte)	((uint64_t)(byte) * 0x0101010101010101)

/*
 * The high bit of each special byte.  A borrow may also mark plain bytes, but
 * only above one that is rightly marked; first_of() decides by looking again.
 */
static uint64_t
specials(const char *at)
{
	uint64_t v, quote, slash;

	memcpy(&v, at, sizeof v);
	quote = v ^ EACH('"');
	slash = v ^ EACH('\\');
	return (v | (v - EACH(0x20)) | (quote - EACH(1)) | (slash - EACH(1))) &
	    EACH(0x80);
}

static int
first_of(uint64_t bits)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return __builtin_ctzll(bits) / 8;
#else
	return (void)bits, 0;	/* the loop over the rest finds it */
#endif
}

#endif

const char *
plain_end(const char *at, const char *end)
{
	while (end - at >= STEP) {
		__auto_type bits = specials(at);

		if (bits) {
			at += first_of(bits);
			break;
		}
		at += STEP;
	}
	while (at < end && !special(*at))
		at++;
	return at;
}
