/*
 * Text comes from checked JSON nearly always, but not from every caller: bytes
 * that no JSON string holds are carried along as they are, and nothing is read
 * or written outside of what is there.
 *
 * All work is done in runs: what stands before a backslash is copied, compared
 * or counted at once, then one escape is looked at.
 */
#include "json/text.h"

#include <string.h>

#include "json/plain.h"

enum {
	UNIT = 6,			/* the length of \uXXXX */
	REPLACEMENT = 0xfffd,
};

static const char mended[UNIT] = { '\\', 'u', 'f', 'f', 'f', 'd' };

static bool
high_surrogate(uint32_t c)
{
	return c >= 0xd800 && c < 0xdc00;
}

static bool
low_surrogate(uint32_t c)
{
	return c >= 0xdc00 && c < 0xe000;
}

/* The \uXXXX in front of `s`, or -1 if something else stands there. */
static int32_t
unit(struct slice s)
{
	int32_t c = 0;

	if (s.len < UNIT || s.ptr[0] != '\\' || s.ptr[1] != 'u')
		return -1;
	for (int i = 2; i < UNIT; i++) {
		char d = (char)(s.ptr[i] | 0x20);

		if (s.ptr[i] >= '0' && s.ptr[i] <= '9')
			c = c << 4 | (s.ptr[i] - '0');
		else if (d >= 'a' && d <= 'f')
			c = c << 4 | (d - 'a' + 10);
		else
			return -1;
	}
	return c;
}

/* The code point of \n and its like; of \" \\ \/ the byte itself. */
static uint32_t
short_escape(char c)
{
	switch (c) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return (uint8_t)c;
	}
}

/*
 * Take the escape in front of *s off and return its code point; *lone says
 * whether it was half of a pair.  *s begins with a backslash.  Text that was
 * not checked may end after it: then the backslash stands for itself.
 */
static uint32_t
take_escape(struct slice *s, bool *lone)
{
	int32_t c = unit(*s), low;
	bool simple = s->len > 1 && (uint8_t)s->ptr[1] < 0x80;

	*lone = false;
	if (c < 0) {
		char second = simple ? s->ptr[1] : '\\';

		*s = slice_skip(*s, simple ? 2 : 1);
		return short_escape(second);
	}
	*s = slice_skip(*s, UNIT);
	low = high_surrogate((uint32_t)c) ? unit(*s) : -1;
	if (low >= 0 && low_surrogate((uint32_t)low)) {
		*s = slice_skip(*s, UNIT);
		return 0x10000 + ((uint32_t)(c - 0xd800) << 10) +
		    (uint32_t)(low - 0xdc00);
	}
	*lone = high_surrogate((uint32_t)c) || low_surrogate((uint32_t)c);
	return *lone ? REPLACEMENT : (uint32_t)c;
}

/* Take all up to the first backslash off the front of *s. */
static struct slice
take_run(struct slice *s)
{
	size_t at = slice_chr(*s, '\\');
	struct slice run = slice_sub(*s, 0, at);

	*s = slice_skip(*s, at);
	return run;
}

/* Unescape to `out`, which has s.len bytes: escapes only make longer. */
static size_t
unescape(char *out, struct slice s)
{
	char *at = out;
	bool lone;

	while (s.len) {
		struct slice run = take_run(&s);

		if (run.len)
			memcpy(at, run.ptr, run.len);
		at += run.len;
		if (s.len)
			at += utf8_put(take_escape(&s, &lone), at);
	}
	return (size_t)(at - out);
}

struct slice
text_unescape(struct arena *a, struct slice escaped)
{
	char *text;

	if (slice_chr(escaped, '\\') == SIZE_MAX)
		return escaped;
	text = arena_text(a, escaped.len);
	if (!text)
		return (struct slice){ 0 };
	return (struct slice){ text, unescape(text, escaped) };
}

void
text_unescape_to(struct buf *b, struct slice escaped)
{
	char *out;

	if (!escaped.len)
		return;
	out = buf_reserve(b, escaped.len);
	if (out)
		buf_commit(b, unescape(out, escaped));
}

/* The escape of `c`, which is one that must be escaped. */
static void
put_escape(struct buf *b, char c)
{
	static const char short_forms[] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
		['\r'] = 'r', ['"'] = '"', ['\\'] = '\\',
	};
	static const char hex[] = "0123456789abcdef";
	char text[UNIT] = { '\\', short_forms[(uint8_t)c] };

	if (text[1]) {
		buf_append(b, (struct slice){ text, 2 });
		return;
	}
	memcpy(text, "\\u00", 4);
	text[4] = hex[(uint8_t)c >> 4];
	text[5] = hex[c & 15];
	buf_append(b, (struct slice){ text, UNIT });
}

void
text_escape_to(struct buf *b, struct slice plain)
{
	const char *run = plain.ptr, *at = run;
	const char *end = plain.len ? run + plain.len : run;

	while ((at = plain_end(at, end)) < end) {
		int len = utf8_next((struct slice){ at, (size_t)(end - at) });

		if (len > 1) {
			at += len;	/* goes with the run */
			continue;
		}
		buf_append(b, (struct slice){ run, (size_t)(at - run) });
		if (len == 1)
			put_escape(b, *at);
		else
			buf_text(b, UTF8_REPLACEMENT);
		run = ++at;
	}
	buf_append(b, (struct slice){ run, (size_t)(end - run) });
}

/* How many bytes text_escape_to() may need; not fewer than it does. */
static size_t
escaped_size(struct slice plain)
{
	const char *at = plain.ptr, *end = plain.len ? at + plain.len : at;
	size_t specials = 0;

	for (; (at = plain_end(at, end)) < end; at++)
		specials++;
	return plain.len + specials * (UNIT - 1);
}

struct slice
text_escape(struct arena *a, struct slice plain)
{
	size_t size = escaped_size(plain);
	/* The arena's memory, which this buf never outgrows. */
	struct buf b = { .data = arena_text(a, size), .cap = size };

	if (!b.data)
		return (struct slice){ 0 };
	text_escape_to(&b, plain);
	CHECK(b.cap == size);
	return buf_slice(&b);
}

/* text_is() when `escaped` holds escapes. */
static bool
same_unescaped(struct slice escaped, struct slice plain)
{
	char c[4];
	bool lone;

	while (escaped.len) {
		struct slice piece = take_run(&escaped);

		if (!slice_starts(plain, piece))
			return false;
		plain = slice_skip(plain, piece.len);
		if (!escaped.len)
			break;
		piece.ptr = c;
		piece.len = utf8_put(take_escape(&escaped, &lone), c);
		if (!slice_starts(plain, piece))
			return false;
		plain = slice_skip(plain, piece.len);
	}
	return !plain.len;
}

bool
text_is(struct slice escaped, struct slice plain)
{
	/* Most texts that are compared differ in their first byte. */
	if (escaped.len && plain.len && *escaped.ptr != *plain.ptr &&
	    *escaped.ptr != '\\')
		return false;
	/* Escapes make longer, by six times at most. */
	if (escaped.len == plain.len)
		return slice_eq(escaped, plain) &&
		    slice_chr(plain, '\\') == SIZE_MAX;
	if (escaped.len < plain.len || escaped.len / UNIT > plain.len)
		return false;
	return same_unescaped(escaped, plain);
}

bool
text_blank(struct slice escaped)
{
	bool lone;

	while (escaped.len) {
		uint32_t c;

		if (!slice_blank(take_run(&escaped)))
			return false;
		if (!escaped.len)
			break;
		c = take_escape(&escaped, &lone);
		if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
			return false;
	}
	return true;
}

/* Characters of UTF-8: all bytes but those that go on with one, by words. */
static size_t
characters(struct slice s)
{
	const uint64_t ones = UINT64_MAX / 255;
	size_t n = s.len, i = 0;
	uint64_t word;

	for (; i + sizeof word <= s.len; i += sizeof word) {
		memcpy(&word, s.ptr + i, sizeof word);
		word = (word & ~(word << 1)) >> 7 & ones;	/* 10xxxxxx */
		n -= (size_t)(word * ones >> 56);
	}
	for (; i < s.len; i++)
		n -= ((uint8_t)s.ptr[i] & 0xc0) == 0x80;
	return n;
}

size_t
text_length(struct slice escaped)
{
	size_t n = 0;
	bool lone;

	while (escaped.len) {
		n += characters(take_run(&escaped));
		if (escaped.len) {
			take_escape(&escaped, &lone);
			n++;
		}
	}
	return n;
}

/* Is the backslash at `at` escaped by one before it? */
static bool
is_escaped(struct slice s, size_t at)
{
	size_t slashes = 0;

	while (slashes < at && s.ptr[at - slashes - 1] == '\\')
		slashes++;
	return slashes % 2;
}

/*
 * Where in `s` a lone surrogate stands, from `from` on; s.len: nowhere.  Texts
 * are full of escapes, of which nearly none is one of half a character.
 */
static size_t
find_lone(struct slice s, size_t from)
{
	size_t at;

	while ((at = slice_pair(slice_skip(s, from), '\\', 'u')) != SIZE_MAX) {
		struct slice rest;
		bool lone;

		from += at;
		rest = slice_skip(s, from);
		if (rest.len < UNIT || (rest.ptr[2] | 0x20) != 'd' ||
		    is_escaped(s, from)) {
			from += 2;
			continue;
		}
		take_escape(&rest, &lone);
		if (lone)
			return from;
		from = s.len - rest.len;
	}
	return s.len;
}

struct slice
text_mend(struct arena *a, struct slice escaped)
{
	size_t at = find_lone(escaped, 0);
	char *copy;

	if (at == escaped.len)
		return escaped;
	copy = arena_text(a, escaped.len);
	if (!copy)
		return (struct slice){ 0 };
	memcpy(copy, escaped.ptr, escaped.len);
	for (; at < escaped.len; at = find_lone(escaped, at + UNIT))
		memcpy(copy + at, mended, UNIT);
	return (struct slice){ copy, escaped.len };
}

/* Does a high surrogate end `s`, which has nothing to pair it with? */
static bool
ends_high(struct slice s)
{
	size_t at = s.len < UNIT ? s.len : s.len - UNIT;
	int32_t c = unit(slice_skip(s, at));

	return c >= 0 && high_surrogate((uint32_t)c) && !is_escaped(s, at);
}

struct slice
text_join(struct text_joint *j, struct arena *a, struct slice piece)
{
	struct slice both[2] = { { j->high, j->len }, piece };

	if (!piece.len)
		return piece;
	if (j->len)
		piece = arena_join(a, both, 2);
	j->len = 0;
	if (ends_high(piece)) {
		piece.len -= UNIT;
		memcpy(j->high, piece.ptr + piece.len, UNIT);
		j->len = UNIT;
	}
	return text_mend(a, piece);
}

struct slice
text_join_end(struct text_joint *j)
{
	struct slice last = { mended, j->len };

	j->len = 0;
	return last.len ? last : (struct slice){ 0 };
}
