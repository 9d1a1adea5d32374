/*
 * Chunks are powers of two, so that a freed one fits the next user:
 *
 *	top -> chunk -> chunk ...	newest first
 *	at..end				the free rest of the chunk in use
 *
 * A request too big for the steps gets a chunk of its own, which stands second
 * in the list: the rest of the chunk in use is not lost.
 *
 * Freed chunks wait in base/spare for the next arena.
 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/poison.h"
#include "base/seal.h"
#include "base/spare.h"

/* With the sanitizer a gap that nobody may touch follows each allocation. */
#ifdef POISONING
enum { GAP = 16 };
#else
enum { GAP = 0 };
#endif

enum {
	ALIGN = 16,			/* of every type there is */
	STEP_MIN = 4096,		/* size of the first chunk */
	STEP_MAX = 65536,		/* of all but the first few */
};

struct arena_chunk {
	struct arena_chunk	*next;
	size_t			 size;	/* all of it, this head included */
};

enum { HEAD = (sizeof(struct arena_chunk) + ALIGN - 1) / ALIGN * ALIGN };

static size_t
align_up(size_t n, size_t to)
{
	return (n + to - 1) & ~(to - 1);
}

static struct arena_chunk *
chunk_new(size_t size)
{
	struct arena_chunk *c = spare_get(size);

	if (!c)
		return NULL;
	c->size = size;
	POISON((char *)c + HEAD, size - HEAD);
	return c;
}

/* A size for a chunk of at least `need` bytes, within the limit, or 0. */
static size_t
chunk_size(const struct arena *a, size_t need)
{
	size_t size = STEP_MIN, left = SIZE_MAX;

	if (a->limit)
		left = a->limit > a->total ? a->limit - a->total : 0;
	while (size < STEP_MAX && size <= a->total / 2)
		size *= 2;
	if (size < need)
		size = spare_size(need);
	if (size > left)
		size = need;
	return size <= left ? size : 0;
}

/* Add a chunk; its memory is in use from here on if it leaves more free. */
static char *
add_chunk(struct arena *a, size_t size)
{
	size_t chunk = chunk_size(a, HEAD + size);
	struct arena_chunk *c = chunk ? chunk_new(chunk) : NULL;
	char *data;

	if (!c) {
		a->failed = true;
		return NULL;
	}
	data = (char *)c + HEAD;
	a->total += chunk;
	if (a->top && chunk - HEAD - size < (size_t)(a->end - a->at)) {
		c->next = a->top->next;
		a->top->next = c;
		return data;
	}
	c->next = a->top;
	a->top = c;
	a->at = data + size;
	a->end = (char *)c + chunk;
	return data;
}

static void *
take(struct arena *a, size_t size, size_t align)
{
	char *at;
	size_t pad = align_up((uintptr_t)a->at, align) - (uintptr_t)a->at;

	if (a->failed)
		return NULL;
	if (size > SIZE_MAX / 2) {
		a->failed = true;
		return NULL;
	}
	if (a->top && pad + size + GAP <= (size_t)(a->end - a->at)) {
		at = a->at + pad;
		a->at = at + size + GAP;
	} else {
		at = add_chunk(a, size + GAP);
	}
	if (at)
		UNPOISON(at, size);
	return at;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	void *at = take(a, size, ALIGN);

	return at ? memset(at, 0, size) : NULL;
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(n, size, &all)) {
		a->failed = true;
		return NULL;
	}
	return arena_alloc(a, all);
}

char *
arena_text(struct arena *a, size_t size)
{
	return take(a, size, 1);
}

void *
arena_resize(struct arena *a, void *at, size_t old, size_t size)
{
	char *from = at, *to;

	if (a->failed)
		return NULL;
	if (from && from + old + GAP == a->at &&
	    size <= (size_t)(a->end - from) - GAP) {
		UNPOISON(from, size);
		POISON(from + size, (size_t)(a->end - from) - size);
		a->at = from + size + GAP;
		return from;
	}
	if (from && size <= old)
		return from;
	to = take(a, size, ALIGN);
	if (to && old)
		memcpy(to, from, old < size ? old : size);
	return to;
}

struct slice
arena_dup(struct arena *a, struct slice s)
{
	char *copy;

	if (!s.len)
		return (struct slice){ s.ptr ? "" : NULL, 0 };
	copy = arena_text(a, s.len);
	if (!copy)
		return (struct slice){ 0 };
	memcpy(copy, s.ptr, s.len);
	return (struct slice){ copy, s.len };
}

char *
arena_cstr(struct arena *a, struct slice s)
{
	char *copy = arena_text(a, s.len + 1);

	if (!copy)
		return NULL;
	if (s.len)
		memcpy(copy, s.ptr, s.len);
	copy[s.len] = '\0';
	return copy;
}

struct slice
arena_fmt(struct arena *a, const char *fmt, ...)
{
	va_list args, again;
	char *text;
	int len;

	va_start(args, fmt);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	text = len < 0 ? NULL : arena_text(a, (size_t)len + 1);
	if (text)
		vsnprintf(text, (size_t)len + 1, fmt, again);
	va_end(again);
	return (struct slice){ text, text ? (size_t)len : 0 };
}

struct slice
arena_join(struct arena *a, const struct slice *pieces, size_t n)
{
	size_t len = 0;
	char *text, *at;

	for (size_t i = 0; i < n; i++)
		len += pieces[i].len;
	text = at = arena_text(a, len);
	if (!text)
		return (struct slice){ 0 };
	for (size_t i = 0; i < n; i++) {
		if (pieces[i].len)
			memcpy(at, pieces[i].ptr, pieces[i].len);
		at += pieces[i].len;
	}
	return (struct slice){ text, len };
}

void
arena_reset(struct arena *a)
{
	while (a->top) {
		struct arena_chunk *c = a->top;

		a->top = c->next;
		if (a->secret) {
			UNPOISON((char *)c + HEAD, c->size - HEAD);
			seal_wipe((char *)c + HEAD, c->size - HEAD);
		}
		spare_put(c, c->size);
	}
	*a = (struct arena){ .limit = a->limit, .secret = a->secret };
}

bool
arena_hold(const struct arena *a)
{
	bool held = true;

	for (struct arena_chunk *c = a->top; c; c = c->next)
		held &= seal_memory(c, c->size);
	return held;
}
