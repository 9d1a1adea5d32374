/*
 * `ends[i]` is the offset in `bytes` behind event i: nothing is taken from the
 * front of `bytes`, so that offsets stay true.
 */
#include "echo/feed.h"

#include "wire/sse.h"

enum { BROKEN_EVENT = 1 };	/* badjson: the first says too little */

static size_t
last_end(const struct feed *f)
{
	return f->count ? f->ends[f->count - 1] : 0;
}

void
feed_mark(struct feed *f)
{
	size_t size = sizeof *f->ends;

	if (f->count == f->cap) {
		size_t cap = f->cap ? f->cap * 2 : 32;
		size_t *ends = arena_resize(f->arena, f->ends, f->cap * size,
		    cap * size);

		if (!ends)
			return;
		f->ends = ends;
		f->cap = cap;
	}
	f->ends[f->count++] = buf_len(&f->bytes);
}

void
feed_open(struct feed *f, struct slice name)
{
	if (f->array) {
		buf_text(&f->bytes, f->count ? ",\r\n" : "[");
		f->begun = buf_len(&f->bytes);
		return;
	}
	if (f->script->comments)
		sse_comment(&f->bytes, SLICE("echo is processing"));
	if (f->script->pings)
		buf_append(&f->bytes, f->ping);
	sse_open(&f->bytes, name);
	f->begun = buf_len(&f->bytes);
}

/* Write every line end since `from` as CR LF. */
static void
lengthen_lines(struct feed *f, size_t from)
{
	struct slice event = slice_skip(buf_slice(&f->bytes), from);
	struct slice copy = arena_dup(f->arena, event);

	buf_trunc(&f->bytes, from);
	for (size_t i = 0; i < copy.len; i++) {
		if (copy.ptr[i] == '\n')
			buf_byte(&f->bytes, '\r');
		buf_byte(&f->bytes, copy.ptr[i]);
	}
}

void
feed_close(struct feed *f)
{
	size_t len = buf_len(&f->bytes);

	if (f->bytes.failed)
		return;
	if (f->script->badjson && f->count == BROKEN_EVENT && len > f->begun)
		buf_trunc(&f->bytes, len - 1);
	if (!f->array)
		sse_close(&f->bytes);
	if (!f->array && (f->crlf || f->script->crlf) && !feed_failed(f))
		lengthen_lines(f, last_end(f));
	feed_mark(f);
}

void
feed_end(struct feed *f)
{
	if (!f->array)
		return;
	buf_byte(&f->bytes, ']');
	feed_mark(f);
}

void
feed_put(struct feed *f, struct slice name, struct slice data)
{
	feed_open(f, name);
	buf_append(&f->bytes, data);
	feed_close(f);
}

/* Is the last line of `s` blank? */
static bool
ends_event(struct slice s)
{
	return slice_ends(s, SLICE("\n\n")) || slice_ends(s, SLICE("\n\r\n"));
}

void
feed_recorded(struct feed *f, struct slice bytes, bool stream)
{
	size_t from = 0;

	for (size_t i = 1; stream && i < bytes.len; i++) {
		if (!ends_event(slice_sub(bytes, 0, i + 1)))
			continue;
		buf_append(&f->bytes, slice_sub(bytes, from, i + 1 - from));
		feed_mark(f);
		from = i + 1;
	}
	if (from == bytes.len)
		return;
	buf_append(&f->bytes, slice_skip(bytes, from));
	feed_mark(f);
}

struct slice
feed_event(const struct feed *f, size_t i)
{
	size_t from = i ? f->ends[i - 1] : 0;

	return slice_sub(buf_slice(&f->bytes), from, f->ends[i] - from);
}

void
feed_cut(struct feed *f, size_t n)
{
	if (n >= f->count)
		return;
	f->count = n;
	buf_trunc(&f->bytes, last_end(f));
}

void
feed_trim(struct feed *f, size_t len)
{
	if (!f->count)
		return;
	CHECK(len <= buf_len(&f->bytes));
	buf_trunc(&f->bytes, len);
	f->ends[f->count - 1] = len;
}

bool
feed_failed(const struct feed *f)
{
	return f->bytes.failed || f->arena->failed;
}

void
feed_free(struct feed *f)
{
	buf_free(&f->bytes);
	f->count = 0;
}
