/*
 * In the state HEAD all text so far is held: it is the beginning of an opening
 * fence.  INSIDE one, the held bytes are the blanks and backquotes that the
 * text ends with so far.  Where the fence is ABSENT nothing is held.
 */
#include "proto/messages/fence.h"

#include <string.h>

/* Escaped, as all text of the tree is. */
static const struct slice openings[] = {
	SLICE_INIT("```json\\n"), SLICE_INIT("```\\n"),
};

/* The length of the blank (one character, or an escape) in front of `s`. */
static size_t
blank_length(struct slice s)
{
	if (s.len && *s.ptr == ' ')
		return 1;
	if (s.len > 1 && *s.ptr == '\\' && strchr("nrt", s.ptr[1]))
		return 2;
	return 0;
}

static struct slice
skip_blanks(struct slice s)
{
	size_t n;

	while ((n = blank_length(s)) > 0)
		s = slice_skip(s, n);
	return s;
}

/* Decide, if that can be: what stands behind the opening goes on. */
static void
look_at_head(struct fence *f, struct slice *text)
{
	struct slice head = skip_blanks(*text);

	for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
		if (slice_starts(head, openings[i])) {
			f->state = FENCE_INSIDE;
			*text = slice_skip(head, openings[i].len);
			return;
		}
		if (slice_starts(openings[i], head) &&
		    text->len <= FENCE_HOLD)
			return;
	}
	f->state = FENCE_ABSENT;
}

/* Where the blanks and backquotes begin that `text` ends with. */
static size_t
tail_start(struct slice text)
{
	size_t start = 0;

	for (size_t i = 0; i < text.len; ) {
		struct slice rest = slice_skip(text, i);
		size_t n = blank_length(rest);

		if (!n && *rest.ptr != '`') {
			n = *rest.ptr == '\\' ? 2 : 1;
			start = i + n;
		}
		i += n ? n : 1;
	}
	return start < text.len ? start : text.len;
}

struct slice
fence_feed(struct fence *f, struct arena *arena, struct slice piece)
{
	const struct slice both[] = { { f->held, f->len }, piece };
	struct slice text = f->len ? arena_join(arena, both, 2) : piece;
	size_t keep;

	f->len = 0;
	if (f->state == FENCE_HEAD)
		look_at_head(f, &text);
	if (f->state == FENCE_ABSENT)
		return text;
	keep = f->state == FENCE_HEAD ? 0 : tail_start(text);
	if (text.len - keep > FENCE_HOLD)
		keep = text.len;	/* no fence is that long */
	f->len = text.len - keep;
	if (f->len)
		memcpy(f->held, text.ptr + keep, f->len);
	return slice_sub(text, 0, keep);
}

struct slice
fence_end(struct fence *f)
{
	struct slice rest = { f->held, f->len };
	size_t at = slice_find(rest, SLICE("```"));

	f->len = 0;
	if (f->state != FENCE_INSIDE)
		return rest;
	/* Behind the closing fence only blanks may stand. */
	if (at == SIZE_MAX || skip_blanks(slice_skip(rest, at + 3)).len)
		return rest;
	return slice_sub(rest, 0, skip_blanks(rest).ptr == rest.ptr + at ?
	    0 : at);
}
