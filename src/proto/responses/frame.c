#include "proto/responses/frame.h"

#include <string.h>

enum hole { HOLE_COUNTER, HOLE_DELTA, HOLE_PADDING };

struct span {
	struct slice	raw;
	enum hole	hole;
};

/* The holes that there are, in their order. */
static size_t
find_holes(struct jval event, struct jval delta, struct span *spans)
{
	const struct {
		struct jval	v;
		enum json_type	type;
	} found[] = {
		[HOLE_COUNTER] = { jval_get(event, "sequence_number"),
		    JSON_NUMBER },
		[HOLE_DELTA] = { delta, JSON_STRING },
		[HOLE_PADDING] = { jval_get(event, "obfuscation"),
		    JSON_STRING },
	};
	size_t n = 0;

	for (size_t i = 0; i < FRAME_HOLES; i++) {
		struct span span = { jval_raw(found[i].v), (enum hole)i };
		size_t at = n;

		if (!jval_is(found[i].v, found[i].type))
			continue;
		for (; at && spans[at - 1].raw.ptr > span.raw.ptr; at--)
			spans[at] = spans[at - 1];
		spans[at] = span;
		n++;
	}
	return n;
}

void
frame_learn(struct frame *f, struct jval event, struct jval delta)
{
	struct slice rest = jval_raw(event);
	struct span spans[FRAME_HOLES];
	size_t n = find_holes(event, delta, spans), used = 0;

	f->holes = 0;
	if (rest.len > FRAME_MAX)
		return;
	for (size_t i = 0; i <= n; i++) {
		size_t len = i < n ? (size_t)(spans[i].raw.ptr - rest.ptr) :
		    rest.len;

		memcpy(f->text + used, rest.ptr, len);
		used += len;
		f->len[i] = (uint16_t)len;
		if (i < n) {
			f->hole[i] = (uint8_t)spans[i].hole;
			rest = slice_skip(rest, len + spans[i].raw.len);
		}
	}
	f->holes = (uint8_t)n;
}

/* How many bytes at the front are a non-negative integer?  0: none. */
static size_t
counter(struct slice s)
{
	size_t n = 0;

	while (n < s.len && s.ptr[n] >= '0' && s.ptr[n] <= '9')
		n++;
	return n > 1 && s.ptr[0] == '0' ? 0 : n;
}

/* ... are a string of plain characters? */
static size_t
padding(struct slice s)
{
	size_t n = 1;

	if (!s.len || s.ptr[0] != '"')
		return 0;
	for (; n < s.len && s.ptr[n] != '"'; n++)
		if (s.ptr[n] == '\\' || s.ptr[n] < ' ' || s.ptr[n] > '~')
			return 0;
	return n < s.len ? n + 1 : 0;
}

/* ... are a string of any? */
static size_t
string(struct slice s)
{
	struct json_fault fault;
	uint32_t tokens;
	size_t n = 1;

	if (!s.len || s.ptr[0] != '"')
		return 0;
	while (n < s.len && s.ptr[n] != '"')
		n += s.ptr[n] == '\\' ? 2 : 1;
	if (n >= s.len || !json_check(slice_sub(s, 0, n + 1), 1, &tokens,
	    &fault) || tokens != 1)
		return 0;
	return n + 1;
}

bool
frame_fits(const struct frame *f, struct slice data, struct slice *text)
{
	static size_t (*const sizes[])(struct slice) = {
		[HOLE_COUNTER] = counter, [HOLE_DELTA] = string,
		[HOLE_PADDING] = padding,
	};
	const char *at = f->text;
	struct slice rest = data;

	if (!f->holes)
		return false;
	for (size_t i = 0; i <= f->holes; i++) {
		struct slice fixed = { at, f->len[i] };
		size_t n;

		if (!slice_starts(rest, fixed))
			return false;
		rest = slice_skip(rest, fixed.len);
		at += fixed.len;
		if (i == f->holes)
			break;
		n = sizes[f->hole[i]](rest);
		if (!n)
			return false;
		if (f->hole[i] == HOLE_DELTA)
			*text = slice_sub(rest, 1, n - 2);
		rest = slice_skip(rest, n);
	}
	return !rest.len;
}
