/*
 * The reader goes over each byte of `in` once, wherever the stream is cut:
 *
 *	in   event: a LF  data: 1 LF  dat
 *	           ^name        ^data ^line ^scanned
 *
 * Lines before `line` are done with: what they said stands in name, data and
 * lines.  As long as they said nothing that must be kept they are dropped at
 * once, so comments never fill the buffer.  Between two events name, data,
 * lines and dropped are zero.  An event that was given out stays in front of
 * `in` as `used` bytes until the next call.
 */
#include "wire/sse.h"

#include <string.h>

#include "wire/bytes.h"

enum { JOINED_KEEP = 64 << 10 };	/* memory kept for the next event */

static const char byte_order_mark[3] = "\xef\xbb\xbf";

/* All but the place in `in` and what is known about its last line end. */
static void
forget_event(struct sse_reader *r)
{
	r->name = r->data = (struct sse_span){ 0 };
	r->lines = r->dropped = 0;
	r->line = r->scanned = 0;
	if (r->joined.cap > JOINED_KEEP)
		buf_free(&r->joined);
	buf_clear(&r->joined);
}

/* False: a mark may still be coming. */
static bool
skip_mark(struct sse_reader *r, struct buf *in)
{
	struct slice text = buf_slice(in);
	size_t n = sizeof byte_order_mark;

	if (r->begun)
		return true;
	if (text.len < n)
		n = text.len;
	if (n && memcmp(text.ptr, byte_order_mark, n) == 0) {
		if (n < sizeof byte_order_mark)
			return false;
		buf_take(in, n);
	}
	r->begun = text.len;
	return true;
}

/* The value of the field if the line has that name: what follows its colon. */
static bool
take_field(struct slice text, struct sse_span line, struct slice name,
    struct sse_span *value)
{
	const char *from = text.ptr + line.at;
	size_t n = name.len;

	if (line.len < n || memcmp(from, name.ptr, n) != 0)
		return false;
	if (line.len > n && from[n++] != ':')
		return false;
	if (line.len > n && from[n] == ' ')
		n++;
	*value = (struct sse_span){ line.at + n, line.len - n };
	return true;
}

static struct slice
span(struct slice text, struct sse_span s)
{
	return slice_sub(text, s.at, s.len);
}

static void
add_data(struct sse_reader *r, struct slice text, struct sse_span value)
{
	if (r->lines == 0)
		r->data = value;
	if (r->lines == 1)
		buf_append(&r->joined, span(text, r->data));
	if (r->lines >= 1) {
		buf_byte(&r->joined, '\n');
		buf_append(&r->joined, span(text, value));
	}
	r->lines++;
}

static void
add_line(struct sse_reader *r, struct slice text, struct sse_span line)
{
	struct sse_span value;

	if (take_field(text, line, SLICE("data"), &value))
		add_data(r, text, value);
	else if (take_field(text, line, SLICE("event"), &value))
		r->name = value;
}

/* The event is whole and ends at r->line.  False: it has no data. */
static bool
fire(struct sse_reader *r, struct buf *in, struct sse_event *ev)
{
	struct slice text = buf_slice(in);
	bool heard = r->lines;

	ev->name = span(text, r->name);
	ev->data = r->lines > 1 ? buf_slice(&r->joined) : span(text, r->data);
	r->used = r->line;
	return heard;
}

/* Give up what the last event was made of. */
static void
drop_used(struct sse_reader *r, struct buf *in)
{
	if (!r->used)
		return;
	buf_take(in, r->used);
	r->used = 0;
	forget_event(r);
}

/* Step over the LF of a CR LF. */
static void
finish_newline(struct sse_reader *r, struct slice text)
{
	if (!r->skip_lf || r->line >= text.len)
		return;
	if (text.ptr[r->line] == '\n')
		r->scanned = ++r->line;
	r->skip_lf = false;
}

/* Find the end of the open line and make it *line, without its end. */
static bool
next_line(struct sse_reader *r, struct slice text, struct sse_span *line)
{
	const char *at;

	finish_newline(r, text);
	if (r->scanned >= text.len)
		return false;
	at = bytes_line_end(text.ptr + r->scanned, text.ptr + text.len);
	r->scanned = (size_t)(at - text.ptr);
	if (r->scanned == text.len)
		return false;
	*line = (struct sse_span){ r->line, r->scanned - r->line };
	r->skip_lf = *at == '\r';
	r->line = ++r->scanned;
	finish_newline(r, text);
	return true;
}

/* Nothing of the lines before the open one must be kept. */
static void
drop_lines(struct sse_reader *r, struct buf *in)
{
	if (r->lines || r->name.len || !r->line)
		return;
	buf_take(in, r->line);
	r->dropped += r->line;
	r->scanned -= r->line;
	r->line = 0;
}

static bool
too_long(const struct sse_reader *r)
{
	return r->joined.failed || r->dropped + r->scanned > SSE_EVENT_MAX;
}

int
sse_next(struct sse_reader *r, struct buf *in, struct sse_event *ev)
{
	struct sse_span line;

	drop_used(r, in);
	if (!skip_mark(r, in))
		return 0;
	while (next_line(r, buf_slice(in), &line)) {
		if (too_long(r))
			return -1;
		if (line.len) {
			add_line(r, buf_slice(in), line);
			drop_lines(r, in);
		} else if (fire(r, in, ev)) {
			return 1;
		} else {
			drop_used(r, in);
		}
	}
	return too_long(r) ? -1 : 0;
}

int
sse_last(struct sse_reader *r, struct buf *in, struct sse_event *ev)
{
	int got = sse_next(r, in, ev);
	struct slice text = buf_slice(in);

	if (got)
		return got;
	r->begun = true;
	if (text.len > r->line)
		add_line(r, text,
		    (struct sse_span){ r->line, text.len - r->line });
	r->line = r->scanned = text.len;
	if (r->joined.failed)
		return -1;
	if (fire(r, in, ev))
		return 1;
	drop_used(r, in);
	return 0;
}

void
sse_free(struct sse_reader *r)
{
	buf_free(&r->joined);
	*r = (struct sse_reader){ 0 };
}

static bool
one_line(struct slice text)
{
	return !text.len || bytes_line_end(text.ptr, text.ptr + text.len) ==
	    text.ptr + text.len;
}

/* Take the first line off the front of *rest, without its end. */
static struct slice
cut_line(struct slice *rest)
{
	const char *end = rest->ptr + rest->len;
	const char *at = bytes_line_end(rest->ptr, end);
	struct slice line = { rest->ptr, (size_t)(at - rest->ptr) };

	if (at == end)
		*rest = (struct slice){ 0 };
	else
		*rest = slice_skip(*rest, line.len +
		    (end - at > 1 && at[0] == '\r' && at[1] == '\n' ? 2 : 1));
	return line;
}

void
sse_put(struct buf *out, struct slice name, struct slice data)
{
	sse_open(out, name);
	while (data.ptr) {
		buf_append(out, cut_line(&data));
		if (data.ptr)
			buf_append(out, SLICE("\ndata: "));
	}
	sse_close(out);
}

void
sse_open(struct buf *out, struct slice name)
{
	if (name.len && one_line(name)) {
		buf_append(out, SLICE("event: "));
		buf_append(out, name);
		buf_byte(out, '\n');
	}
	buf_append(out, SLICE("data: "));
}

void
sse_close(struct buf *out)
{
	buf_append(out, SLICE("\n\n"));
}

void
sse_comment(struct buf *out, struct slice text)
{
	buf_append(out, SLICE(": "));
	if (text.len)
		buf_append(out, cut_line(&text));
	buf_append(out, SLICE("\n\n"));
}
