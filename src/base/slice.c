/*
 * An empty slice may have no pointer, and C allows neither NULL + 0 nor
 * memcpy(NULL, NULL, 0): so each function looks at a length before it touches
 * a pointer, and slice_skip() is the only one that moves it.
 */
#include "base/slice.h"

#include <string.h>

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool
same_ci(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

/* By words: memcmp() of a small libc goes byte by byte. */
static bool
same(const char *a, const char *b, size_t n)
{
	uint64_t x, y;

	size_t i = 0;

	for (; i + sizeof x <= n; i += sizeof x) {
		memcpy(&x, a + i, sizeof x);
		memcpy(&y, b + i, sizeof y);
		if (x != y)
			return false;
	}
	while (i < n && a[i] == b[i])
		i++;
	return i == n;
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice
slice_of(const char *text)
{
	return (struct slice){ text, text ? strlen(text) : 0 };
}

bool
slice_eq(struct slice a, struct slice b)
{
	return a.len == b.len && same(a.ptr, b.ptr, a.len);
}

bool
slice_eq_ci(struct slice a, struct slice b)
{
	return a.len == b.len && same_ci(a.ptr, b.ptr, a.len);
}

/* Without strlen(): most texts that are compared differ in their first byte. */
bool
slice_is(struct slice s, const char *text)
{
	size_t i = 0;

	if (!text)
		return !s.len;
	while (i < s.len && text[i] && s.ptr[i] == text[i])
		i++;
	return i == s.len && !text[i];
}

bool
slice_starts(struct slice s, struct slice prefix)
{
	return s.len >= prefix.len &&
	    same(s.ptr, prefix.ptr, prefix.len);
}

bool
slice_starts_ci(struct slice s, struct slice prefix)
{
	return s.len >= prefix.len && same_ci(s.ptr, prefix.ptr, prefix.len);
}

bool
slice_ends(struct slice s, struct slice suffix)
{
	return s.len >= suffix.len &&
	    slice_eq(slice_skip(s, s.len - suffix.len), suffix);
}

int
slice_cmp(struct slice a, struct slice b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = n ? memcmp(a.ptr, b.ptr, n) : 0;	/* NULL is not for it */

	if (order)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

struct slice
slice_sub(struct slice s, size_t from, size_t len)
{
	s = slice_skip(s, from);
	if (s.len > len)
		s.len = len;
	return s;
}

struct slice
slice_skip(struct slice s, size_t n)
{
	if (n > s.len)
		n = s.len;
	if (n) {		/* NULL + 0 is undefined in C */
		s.ptr += n;
		s.len -= n;
	}
	return s;
}

size_t
slice_chr(struct slice s, char c)
{
	const uint64_t ones = UINT64_MAX / 255;	/* 0x01 in each byte */
	uint64_t word, sought = ones * (uint8_t)c;
	size_t i = 0;

	/* Most texts are short: memchr() would spend its time on alignment. */
	for (; i + sizeof word <= s.len; i += sizeof word) {
		memcpy(&word, s.ptr + i, sizeof word);
		word ^= sought;
		if ((word - ones) & ~word & ones << 7)
			break;		/* one of its bytes is zero */
	}
	while (i < s.len && s.ptr[i] != c)
		i++;
	return i < s.len ? i : SIZE_MAX;
}

/* Sixteen bytes that the compiler compares at once, on any machine. */
typedef char vector __attribute__((vector_size(16)));

size_t
slice_pair(struct slice s, char first, char second)
{
	uint64_t found[2];
	vector here, next;
	size_t i = 0;

	for (; i + sizeof here < s.len; i += sizeof here) {
		memcpy(&here, s.ptr + i, sizeof here);
		memcpy(&next, s.ptr + i + 1, sizeof next);
		here = (vector)((here == first) & (next == second));
		memcpy(found, &here, sizeof found);
		if (found[0] | found[1])
			break;
	}
	while (i + 1 < s.len && (s.ptr[i] != first || s.ptr[i + 1] != second))
		i++;
	return i + 1 < s.len ? i : SIZE_MAX;
}

size_t
slice_rchr(struct slice s, char c)
{
	for (size_t i = s.len; i-- > 0;)
		if (s.ptr[i] == c)
			return i;
	return SIZE_MAX;
}

size_t
slice_find(struct slice s, struct slice needle)
{
	const char *at;

	if (!needle.len)
		return 0;
	at = s.len ? memmem(s.ptr, s.len, needle.ptr, needle.len) : NULL;
	return at ? (size_t)(at - s.ptr) : SIZE_MAX;
}

size_t
slice_find_ci(struct slice s, struct slice needle)
{
	/* Plain search: the needles are words of our own, the texts short. */
	for (size_t i = 0; s.len - i >= needle.len; i++) {
		if (same_ci(slice_skip(s, i).ptr, needle.ptr, needle.len))
			return i;
		if (i == s.len)
			break;
	}
	return SIZE_MAX;
}

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

size_t
slice_distance(struct slice a, struct slice b)
{
	size_t row[SLICE_NEAR_MAX + 1];	/* from a[0..i) to b[0..k) */

	if (a.len > SLICE_NEAR_MAX || b.len > SLICE_NEAR_MAX)
		return SIZE_MAX;
	for (size_t k = 0; k <= b.len; k++)
		row[k] = k;
	for (size_t i = 0; i < a.len; i++) {
		size_t before = row[0]++;	/* row[k] of the last round */

		for (size_t k = 0; k < b.len; k++) {
			size_t change = before + (a.ptr[i] != b.ptr[k]);

			before = row[k + 1];
			row[k + 1] = least(change, before + 1, row[k] + 1);
		}
	}
	return row[b.len];
}

struct slice
slice_cut(struct slice *rest, char sep)
{
	struct slice piece = *rest;
	size_t at = slice_chr(piece, sep);

	if (at == SIZE_MAX) {
		*rest = (struct slice){ 0 };
		return piece;
	}
	piece.len = at;
	*rest = slice_skip(*rest, at + 1);
	return piece;
}

struct slice
slice_trim(struct slice s)
{
	while (s.len && blank(s.ptr[s.len - 1]))
		s.len--;
	while (s.len && blank(*s.ptr))
		s = slice_skip(s, 1);
	return s;
}

bool
slice_blank(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!blank(s.ptr[i]))
			return false;
	return true;
}

bool
slice_to_u64(struct slice s, uint64_t max, uint64_t *n)
{
	uint64_t sum = 0;

	if (!s.len)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned digit = (unsigned)s.ptr[i] - '0';

		/* Compared before the step, so that nothing overflows. */
		if (digit > 9 || sum > max / 10)
			return false;
		sum *= 10;
		if (digit > max - sum)
			return false;
		sum += digit;
	}
	*n = sum;
	return true;
}

bool
slice_to_cstr(struct slice s, char *out, size_t size)
{
	size_t len = s.len < size ? s.len : size ? size - 1 : 0;

	if (!size)
		return false;
	if (len)
		memcpy(out, s.ptr, len);
	out[len] = '\0';
	return len == s.len && slice_chr(s, '\0') == SIZE_MAX;
}
