/*
 * The live bytes stand at data[start..end).  When the room behind the end is
 * short, they move to the front if the dead bytes there are at least half as
 * many as the live ones, so that each byte moved was paid for by a byte taken;
 * otherwise the memory grows by doubling.  With a limit, half as much again as
 * the limit is always enough for that, and is the most that is ever asked for.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/spare.h"

enum {
	CAP_MIN = 256,
	LARGE = MEMORY_LARGE,	/* from here on memory is kept in base/spare */
};

/* The capacity to grow to for `need` live bytes.  need <= limit. */
static size_t
next_cap(const struct buf *b, size_t need)
{
	size_t cap = b->cap ? b->cap : CAP_MIN;

	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	if (cap == b->cap)
		cap = cap > SIZE_MAX / 2 ? cap : cap * 2;
	if (b->limit && cap / 3 > b->limit / 2)
		cap = b->limit + b->limit / 2 + 1;
	return cap;
}

static void
compact(struct buf *b)
{
	size_t len = buf_len(b);

	if (len)
		memmove(b->data, b->data + b->start, len);
	b->start = 0;
	b->end = len;
}

static void
release(struct buf *b)
{
	if (b->cap >= LARGE)
		spare_put(b->data, b->cap);
	else
		memory_put(b->data, b->cap);
}

/* As realloc(), where large memory comes from base/spare and goes there. */
static char *
resize(struct buf *b, size_t cap)
{
	char *data;

	if (cap < LARGE)
		return memory_resize(b->data, b->cap, cap);
	data = spare_get(cap);
	if (!data)
		return NULL;
	if (b->end)
		memcpy(data, b->data, b->end);
	release(b);
	return data;
}

static bool
grow(struct buf *b, size_t need)
{
	size_t cap = next_cap(b, need);
	char *data;

	if (cap >= LARGE)
		cap = spare_size(cap);
	compact(b);		/* dead bytes need not be copied along */
	data = resize(b, cap);
	if (!data)
		return false;
	b->data = data;
	b->cap = cap;
	return true;
}

/* make_room() where there is none, or not enough is allowed. */
static bool
find_room(struct buf *b, size_t want)
{
	size_t len = buf_len(b);

	if (b->failed)
		return false;
	/* Half of what can be addressed is the end of all doubling. */
	if (want > SIZE_MAX / 2 - len ||
	    (b->limit && (len > b->limit || want > b->limit - len))) {
		b->failed = true;
		return false;
	}
	if (b->cap - len >= want && b->start >= len / 2)
		compact(b);
	else if (!grow(b, len + want))
		b->failed = true;
	return !b->failed;
}

/* Room for `want` > 0 more bytes; remembers failure. */
static inline bool
make_room(struct buf *b, size_t want)
{
	return (want <= b->cap - b->end && !b->failed &&
	    (!b->limit || buf_len(b) + want <= b->limit)) ||
	    find_room(b, want);
}

struct slice
buf_slice(const struct buf *b)
{
	if (b->start == b->end)
		return (struct slice){ 0 };
	return (struct slice){ b->data + b->start, b->end - b->start };
}

size_t
buf_len(const struct buf *b)
{
	return b->end - b->start;
}

void
buf_append(struct buf *b, struct slice s)
{
	if (!s.len || !make_room(b, s.len))
		return;
	memcpy(b->data + b->end, s.ptr, s.len);
	b->end += s.len;
}

void
buf_text(struct buf *b, const char *text)
{
	buf_append(b, slice_of(text));
}

void
buf_byte(struct buf *b, char c)
{
	if (!make_room(b, 1))
		return;
	b->data[b->end++] = c;
}

void
buf_u64(struct buf *b, uint64_t n)
{
	char digits[20];
	size_t at = sizeof digits;

	do
		digits[--at] = (char)('0' + n % 10);
	while (n /= 10);
	buf_append(b, (struct slice){ digits + at, sizeof digits - at });
}

void
buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list args, again;
	int len;

	va_start(args, fmt);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	/* One byte more for the NUL, which is not kept. */
	if (len > 0 && make_room(b, (size_t)len + 1)) {
		vsnprintf(b->data + b->end, (size_t)len + 1, fmt, again);
		b->end += (size_t)len;
	}
	va_end(again);
}

char *
buf_reserve(struct buf *b, size_t want)
{
	return make_room(b, want ? want : 1) ? b->data + b->end : NULL;
}

void
buf_commit(struct buf *b, size_t filled)
{
	CHECK(filled <= b->cap - b->end);
	b->end += filled;
}

size_t
buf_room(const struct buf *b)
{
	size_t room = b->cap - b->end, len = buf_len(b);

	if (!b->limit)
		return room;
	if (len >= b->limit)
		return 0;
	return room < b->limit - len ? room : b->limit - len;
}

void
buf_take(struct buf *b, size_t n)
{
	CHECK(n <= buf_len(b));
	b->start += n;
	if (b->start == b->end)
		b->start = b->end = 0;
}

void
buf_trunc(struct buf *b, size_t len)
{
	CHECK(len <= buf_len(b));
	b->end = b->start + len;
}

void
buf_clear(struct buf *b)
{
	b->start = b->end = 0;
	b->failed = false;
}

void
buf_free(struct buf *b)
{
	release(b);
	*b = (struct buf){ .limit = b->limit };
}
