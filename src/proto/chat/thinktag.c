#include "proto/chat/thinktag.h"

#include <string.h>

static const struct slice opening = SLICE_INIT("<think>");
static const struct slice closing = SLICE_INIT("</think>");

/* Escapes that some servers write for the characters of a tag. */
static const struct {
	const char	*escape;
	char		 plain;
} escapes[] = {
	{ "\\u003c", '<' }, { "\\u003C", '<' }, { "\\u003e", '>' },
	{ "\\u003E", '>' }, { "\\/", '/' },
};

static char
unescaped(struct slice rest, size_t *len)
{
	for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++)
		if (slice_starts(rest, slice_of(escapes[i].escape))) {
			*len = strlen(escapes[i].escape);
			return escapes[i].plain;
		}
	return 0;
}

/* The text with tags in one spelling; all else stays escaped as it is. */
static struct slice
plain_tags(struct arena *scratch, struct slice text)
{
	char *out = arena_text(scratch, text.len + 1);
	size_t n = 0;

	if (!out || slice_chr(text, '\\') == SIZE_MAX)
		return text;
	for (size_t i = 0; i < text.len;) {
		size_t len = 0;
		char c = text.ptr[i] == '\\' ?
		    unescaped(slice_skip(text, i), &len) : 0;

		if (c) {
			out[n++] = c;
			i += len;
			continue;
		}
		if (text.ptr[i] == '\\' && i + 1 < text.len)
			out[n++] = text.ptr[i++];
		out[n++] = text.ptr[i++];
	}
	return (struct slice){ out, n };
}

/* How many bytes of white space are in front?  Escaped ones, too. */
static size_t
blanks(struct slice s, bool lines_only)
{
	size_t n = 0;

	while (n < s.len) {
		char c = s.ptr[n], next = n + 1 < s.len ? s.ptr[n + 1] : 0;

		if (c == '\\' && (next == 'n' || next == 'r' ||
		    (next == 't' && !lines_only)))
			n += 2;
		else if (c == ' ' && !lines_only)
			n++;
		else
			break;
	}
	return n;
}

/* How many bytes at the end of `text` may be the beginning of `tag`? */
static size_t
overlap(struct slice text, struct slice tag)
{
	size_t n = tag.len - 1 < text.len ? tag.len - 1 : text.len;

	while (n && !slice_ends(text, slice_sub(tag, 0, n)))
		n--;
	return n;
}

struct taking {
	struct thinktag	*tag;
	struct arena	*arena;
	void		(*put)(void *arg, bool thinking, struct slice);
	void		*arg;
};

static void
hold(struct taking *t, struct slice text)
{
	gather_add(&t->tag->held, t->arena, text);
}

/* Each takes what it can of the text and returns the rest for the next. */
static struct slice
at_start(struct taking *t, struct slice text)
{
	size_t n = blanks(text, false);
	struct slice rest = slice_skip(text, n);

	if (slice_starts(rest, opening)) {
		t->tag->place = THINKTAG_INSIDE;
		return slice_skip(rest, opening.len);
	}
	if (rest.len < opening.len &&
	    slice_starts(opening, rest)) {
		hold(t, text);
		return SLICE("");
	}
	t->tag->place = THINKTAG_TEXT;
	return text;
}

static struct slice
inside(struct taking *t, struct slice text)
{
	size_t at = slice_find(text, closing), keep;

	if (at != SIZE_MAX) {
		t->put(t->arg, true, slice_sub(text, 0, at));
		t->tag->place = THINKTAG_BEHIND;
		return slice_skip(text, at + closing.len);
	}
	keep = overlap(text, closing);
	t->put(t->arg, true, slice_sub(text, 0, text.len - keep));
	hold(t, slice_skip(text, text.len - keep));
	return SLICE("");
}

static struct slice
behind(struct taking *t, struct slice text)
{
	struct slice rest = slice_skip(text, blanks(text, true));

	if (rest.len)
		t->tag->place = THINKTAG_TEXT;
	return rest;
}

void
thinktag_take(struct thinktag *tag, struct arena *arena, struct arena *scratch,
    struct slice text, void (*put)(void *arg, bool thinking, struct slice),
    void *arg)
{
	struct taking t = { tag, arena, put, arg };

	if (tag->place != THINKTAG_TEXT) {
		struct slice both[2] = { gather_text(&tag->held),
		    plain_tags(scratch, text) };

		text = arena_join(scratch, both, 2);
		gather_clear(&tag->held);
	}
	if (tag->place == THINKTAG_START)
		text = at_start(&t, text);
	if (tag->place == THINKTAG_INSIDE && text.len)
		text = inside(&t, text);
	if (tag->place == THINKTAG_BEHIND)
		text = behind(&t, text);
	if (tag->place == THINKTAG_TEXT && text.len)
		put(arg, false, text);
}

void
thinktag_end(struct thinktag *tag,
    void (*put)(void *arg, bool thinking, struct slice), void *arg)
{
	struct slice held = gather_text(&tag->held);

	if (held.len)
		put(arg, tag->place == THINKTAG_INSIDE, held);
	gather_clear(&tag->held);
}
