#include "gateway/reader.h"

#include <string.h>

#include "base/memory.h"
#include "base/seal.h"
#include "proto/fail.h"

enum { PIECE_MAX = 256 * 1024 };	/* of a chunked body, read at a time */

static enum reader_result
bad(struct reader *r, unsigned status, const char *why)
{
	r->status = status;
	r->why = why;
	return READER_BAD;
}

static enum reader_result
no_memory(struct reader *r)
{
	return bad(r, 503, FAIL_NO_MEMORY);
}

static enum reader_result
too_large(struct reader *r)
{
	return bad(r, 413, "the request body is larger than limits.body_mb "
	    "allows");
}

static enum reader_result
more(const struct conn *c)
{
	return c->end == CONN_OPEN ? READER_MORE : READER_GONE;
}

/* Some slices are literals: those stay. */
static void
move(struct slice *s, struct slice from, const char *to)
{
	uintptr_t at = (uintptr_t)s->ptr, start = (uintptr_t)from.ptr;

	if (at >= start && at <= start + from.len)
		s->ptr = to + (at - start);
}

/* Let the head's slices point to its copy at `to`. */
static void
rebase(struct http_head *head, struct slice from, const char *to)
{
	move(&head->method, from, to);
	move(&head->target, from, to);
	move(&head->reason, from, to);
	move(&head->path, from, to);
	move(&head->query, from, to);
	move(&head->host, from, to);
	for (size_t i = 0; i < head->count; i++) {
		move(&head->headers[i].name, from, to);
		move(&head->headers[i].value, from, to);
	}
}

static void
wipe(struct slice text)
{
	seal_wipe((void *)(uintptr_t)text.ptr, text.len);
}

struct http_head *
reader_keep(struct arena *arena, const struct http_head *head,
    struct slice text)
{
	size_t size = offsetof(struct http_head, headers) +
	    head->count * sizeof *head->headers;
	struct slice copy = arena_dup(arena, text);
	struct http_head *kept = arena_alloc(arena, size);

	if (!kept || !copy.ptr)
		return NULL;
	memcpy(kept, head, size);
	rebase(kept, text, copy.ptr);
	return kept;
}

static enum reader_result
keep_head(struct reader *r, struct conn *c, struct arena *arena,
    const struct http_head *head, size_t used)
{
	r->head = reader_keep(arena, head,
	    slice_sub(buf_slice(&c->in), 0, used));
	if (!r->head)
		return no_memory(r);
	buf_take(&c->in, used);
	r->head_len = used;
	body_begin(&r->framing, r->head);
	if (head->framing == HTTP_LENGTH && head->length > r->body_max)
		return too_large(r);
	return READER_HEAD;
}

static enum reader_result
read_head(struct reader *r, struct conn *c, struct arena *arena)
{
	struct http_head head;
	struct http_fault fault;
	size_t used;
	int got;

	for (;;) {
		got = http1_parse_request(buf_slice(&c->in), r->head_max,
		    &r->scanned, &head, &used, &fault);
		if (got > 0)
			return keep_head(r, c, arena, &head, used);
		if (got < 0)
			return bad(r, fault.status, fault.why);
		if (!conn_fill(c, r->head_max + LOOP_BLOCK))
			return more(c);
	}
}

/*
 * Is the body's memory to grow with what comes of it?  When much is in use a
 * length that was only told must not take it from others.
 */
static bool
grows(const struct reader *r)
{
	return r->drip || r->gathered.cap || (!r->memory &&
	    r->head->length > LOOP_BLOCK && memory_above(MEMORY_MUCH));
}

/* A body of known length: into memory of just that size. */
static enum reader_result
read_length(struct reader *r, struct conn *c, struct arena *arena)
{
	size_t length = (size_t)r->head->length;

	if (!r->memory) {
		r->memory = arena_text(arena, length);
		if (!r->memory)
			return no_memory(r);
	}
	while (r->filled < length) {
		size_t left = length - r->filled, n = buf_len(&c->in);

		if (n > left)
			n = left;
		if (n) {
			memcpy(r->memory + r->filled, buf_slice(&c->in).ptr, n);
			buf_take(&c->in, n);
		} else {
			n = conn_read(c, r->memory + r->filled, left);
			/* nothing goes past `in` when there is TLS */
			if (!n && conn_fill(c, PIECE_MAX))
				continue;
		}
		if (!n)
			return more(c);
		r->filled += n;
	}
	r->body = (struct slice){ r->memory, length };
	return READER_DONE;
}

static enum reader_result
read_gathered(struct reader *r, struct conn *c)
{
	size_t before = buf_len(&r->gathered);

	r->gathered.limit = r->body_max;
	for (;;) {
		struct slice piece;
		size_t used;
		int got = body_next(&r->framing, buf_slice(&c->in), &used,
		    &piece);

		if (got < 0)
			return bad(r, 400, r->framing.fault);
		if (got)
			buf_append(&r->gathered, piece);
		buf_take(&c->in, used);
		if (r->gathered.failed)
			return memory_short() ? no_memory(r) : too_large(r);
		r->body = buf_slice(&r->gathered);
		if (r->framing.done)
			return READER_DONE;
		if (!got && !conn_fill(c, PIECE_MAX))
			return r->drip && r->body.len > before ? READER_SOME
			    : more(c);
	}
}

int
reader_next(struct reader *r, struct conn *c, size_t *used,
    struct slice *piece)
{
	int got = body_next(&r->framing, buf_slice(&c->in), used, piece);

	if (got < 0)
		(void)bad(r, 400, r->framing.fault);
	if (got > 0 && (r->dripped += piece->len) > r->body_max) {
		(void)too_large(r);
		return -1;
	}
	return got;
}

bool
reader_whole(const struct reader *r)
{
	return r->framing.done;
}

enum reader_result
reader_run(struct reader *r, struct conn *c, struct arena *arena)
{
	if (!r->head)
		return read_head(r, c, arena);
	switch (r->head->framing) {
	case HTTP_LENGTH:
		if (grows(r))
			return read_gathered(r, c);
		return r->head->length ? read_length(r, c, arena)
		    : READER_DONE;
	case HTTP_CHUNKED:
		return read_gathered(r, c);
	case HTTP_NO_BODY:
	case HTTP_UNTIL_CLOSE:
		break;
	}
	return READER_DONE;
}

void
reader_wipe(struct reader *r)
{
	const struct http_head *head = r->head;

	if (!head)
		return;
	wipe(head->target);
	for (size_t i = 0; i < head->count; i++)
		wipe(head->headers[i].value);
}

void
reader_free(struct reader *r)
{
	buf_free(&r->gathered);
}
