/*
 * Both walk over the escaped text and copy it in runs; what is left out ends
 * a run.  Escapes are taken as a whole, so that an escaped backslash before an
 * "n" is never mistaken for a line break.
 */
#include "proto/compress_text.h"

#include <string.h>

#include "json/check.h"
#include "json/text.h"

struct cutter {
	struct arena	*arena;
	struct slice	 text;
	char		*out;		/* NULL: nothing was cut yet */
	size_t		 len;		/* of what is in it */
	size_t		 done;		/* of the text: copied or cut */
};

/* Leave out the bytes from `from` to `to`; cuts come in order. */
static void
cut(struct cutter *c, size_t from, size_t to)
{
	size_t n = from - c->done;

	if (from == to || c->arena->failed)
		return;
	if (!c->out)
		c->out = arena_text(c->arena, c->text.len);
	if (!c->out)
		return;
	if (n)
		memcpy(c->out + c->len, c->text.ptr + c->done, n);
	c->len += n;
	c->done = to;
}

static struct slice
finish(struct cutter *c)
{
	size_t n = c->text.len - c->done;

	if (!c->out || c->arena->failed)
		return c->text;
	if (n)
		memcpy(c->out + c->len, c->text.ptr + c->done, n);
	c->len += n;
	c->out = arena_resize(c->arena, c->out, c->text.len, c->len);
	return c->out ? (struct slice){ c->out, c->len } : c->text;
}

/* ---- escapes ---- */

enum { UNIT = 6 };			/* the length of \uXXXX */

/*
 * The byte of ASCII that stands at `at`, escaped or not, or 0 for another
 * character; *next is where the one after it begins.
 */
static char
take(struct slice s, size_t at, size_t *next)
{
	static const char names[] = "n\nt\tr\rb\bf\f";
	const char *name;
	uint32_t code = 0;

	*next = at + 1;
	if (s.ptr[at] != '\\')
		return s.ptr[at] & (char)0x80 ? 0 : s.ptr[at];
	if (s.len - at < 2)
		return 0;
	*next = at + 2;
	if (s.ptr[at + 1] != 'u') {
		name = memchr(names, s.ptr[at + 1], sizeof names - 1);
		return name && (name - names) % 2 == 0 ? name[1] :
		    s.ptr[at + 1];
	}
	*next = s.len - at < UNIT ? s.len : at + UNIT;
	for (size_t i = at + 2; i < *next; i++) {
		char d = (char)(s.ptr[i] | 0x20);

		code = code << 4 | (uint32_t)(d >= 'a' ? d - 'a' + 10 :
		    d - '0');
	}
	return code < 0x80 ? (char)code : 0;
}

static bool
blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* ---- JSON ---- */

/* Behind the quote that ends the string whose first character is at `at`. */
static size_t
string_end(struct slice s, size_t at)
{
	while (at < s.len) {
		size_t skip = slice_chr(slice_skip(s, at), '\\');
		char c;

		if (skip == SIZE_MAX)
			return s.len;
		c = take(s, at + skip, &at);
		if (c == '"')
			return at;
		if (c == '\\' && at < s.len)
			(void)take(s, at, &at);
	}
	return at;
}

/* Does it begin as an object or an array? */
static bool
begins_well(struct slice s)
{
	size_t at = 0, next;
	char c;

	for (; at < s.len; at = next) {
		c = take(s, at, &next);
		if (!blank(c))
			return c == '{' || c == '[';
	}
	return false;
}

static bool
valid(struct arena *arena, struct slice escaped)
{
	struct slice plain = text_unescape(arena, escaped);
	struct json_fault fault;
	uint32_t tokens;

	return !arena->failed && json_check(plain, JSON_DEPTH_MAX, &tokens,
	    &fault);
}

struct slice
compress_text_json(struct arena *arena, struct slice escaped, bool *is_json)
{
	struct cutter c = { .arena = arena, .text = escaped };
	size_t at = 0, next, from;
	char is;

	*is_json = begins_well(escaped) && valid(arena, escaped);
	if (!*is_json)
		return escaped;
	while (at < escaped.len) {
		for (from = at; at < escaped.len; at = next) {
			is = take(escaped, at, &next);
			if (!blank(is))
				break;
		}
		cut(&c, from, at);
		if (at < escaped.len)
			at = is == '"' ? string_end(escaped, next) : next;
	}
	return finish(&c);
}

/* ---- lines ---- */

struct lines {
	struct cutter	 cutter;
	size_t		 start;		/* of the line */
	unsigned	 empty;		/* lines in a row, before it */
};

/* The line goes up to `end`, and the next one starts at `next`. */
static void
end_line(struct lines *l, size_t end, size_t next)
{
	const char *text = l->cutter.text.ptr;
	size_t solid = end;

	while (solid > l->start && text[solid - 1] == ' ')
		solid--;
	l->empty = solid == l->start ? l->empty + 1 : 0;
	if (l->empty > COMPRESS_LINES_KEPT)
		cut(&l->cutter, l->start, next);
	else if (end - solid > COMPRESS_SPACES_KEPT)
		cut(&l->cutter, l->empty ? solid :
		    solid + COMPRESS_SPACES_KEPT, end);
	l->start = next;
}

struct slice
compress_text_blanks(struct arena *arena, struct slice escaped)
{
	struct lines l = { .cutter = { .arena = arena, .text = escaped } };
	size_t at = 0, next, skip, returned = SIZE_MAX;
	char c;

	for (; at < escaped.len; at = next) {
		skip = slice_chr(slice_skip(escaped, at), '\\');
		if (skip == SIZE_MAX)
			break;
		at += skip;
		c = take(escaped, at, &next);
		if (c == '\n')
			end_line(&l, returned == at ? at - 2 : at, next);
		/* a line may end with both, each of two bytes */
		returned = c == '\r' && next - at == 2 ? next : SIZE_MAX;
	}
	if (l.start < escaped.len)
		end_line(&l, escaped.len, escaped.len);
	return finish(&l.cutter);
}
