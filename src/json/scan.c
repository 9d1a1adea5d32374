/*
 * The scanner counts brackets and nothing else: tool arguments are text that a
 * model made up, and whether they are JSON is for somebody else to find out.
 * Mending does look: only a beginning of JSON can be mended into JSON.
 */
#include "json/scan.h"

#include "json/check.h"

/* One byte inside a string. */
static void
feed_string(struct scan *s, char c)
{
	if (s->escape) {
		s->escape = false;
	} else if (c == '\\') {
		s->escape = true;
	} else if (c == '"') {
		s->string = false;
		s->complete = s->depth == 0;
	}
}

/* One byte between strings. */
static void
feed_outside(struct scan *s, char c)
{
	switch (c) {
	case ' ':
	case '\t':
	case '\n':
	case '\r':
		return;
	case '"':
		s->string = true;
		break;
	case '{':
	case '[':
		s->depth++;
		break;
	case '}':
	case ']':
		/* One too many is not JSON; it closes nothing. */
		if (s->depth)
			s->complete = --s->depth == 0;
		break;
	}
	s->begun = true;
}

size_t
scan_feed(struct scan *s, struct slice plain)
{
	size_t i = 0;

	while (i < plain.len && !s->complete) {
		char c = plain.ptr[i++];

		if (s->string)
			feed_string(s, c);
		else
			feed_outside(s, c);
	}
	return i;
}

bool
scan_mend(struct slice text, struct buf *out)
{
	struct slice solid = slice_trim(text);
	struct json_prefix p;

	if (solid.len && *solid.ptr != '{')
		return false;
	if (json_check_prefix(text, &p) < 0)
		return false;
	if (!p.len) {
		buf_text(out, "{}");
		return true;
	}
	buf_append(out, slice_sub(text, 0, p.len));
	while (p.depth--)
		buf_byte(out, p.arrays[p.depth / 64] >> p.depth % 64 & 1 ?
		    ']' : '}');
	return true;
}
