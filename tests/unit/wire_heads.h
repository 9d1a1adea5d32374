/*
 * wire_heads - what the tests and fuzz programs of http1 share: are two heads
 * the same, and what does a parser say when its bytes come one by one?
 */
#ifndef TESTS_UNIT_WIRE_HEADS_H
#define TESTS_UNIT_WIRE_HEADS_H

#include "wire/http1.h"

enum heads_kind { HEADS_REQUEST, HEADS_RESPONSE, HEADS_TO_HEAD };

struct heads_result {
	int		 got;
	size_t		 used;
	struct http_head head;
	struct http_fault fault;
};

static inline bool
heads_same_slice(struct slice a, struct slice b)
{
	return a.len == b.len && (!a.len || a.ptr == b.ptr);
}

/* The same results, from the same memory. */
static inline bool
heads_same(const struct heads_result *x, const struct heads_result *y)
{
	const struct http_head *a = &x->head, *b = &y->head;

	if (x->got != y->got)
		return false;
	if (x->got < 0)
		return x->fault.status == y->fault.status &&
		    x->fault.why == y->fault.why;
	if (x->got == 0)
		return true;
	for (size_t i = 0; i < a->count && i < b->count; i++)
		if (!heads_same_slice(a->headers[i].name, b->headers[i].name) ||
		    !heads_same_slice(a->headers[i].value, b->headers[i].value))
			return false;
	return x->used == y->used && a->count == b->count &&
	    heads_same_slice(a->method, b->method) &&
	    heads_same_slice(a->target, b->target) &&
	    heads_same_slice(a->path, b->path) &&
	    heads_same_slice(a->query, b->query) &&
	    heads_same_slice(a->host, b->host) &&
	    heads_same_slice(a->reason, b->reason) &&
	    a->status == b->status && a->minor == b->minor &&
	    a->keep_alive == b->keep_alive && a->framing == b->framing &&
	    a->expect_continue == b->expect_continue &&
	    a->length == b->length;
}

/* One step over the first `len` bytes. */
static inline void
heads_step(enum heads_kind kind, const char *text, size_t len, size_t max,
    size_t *scanned, struct heads_result *r)
{
	struct slice in = { text, len };

	r->got = kind == HEADS_REQUEST ?
	    http1_parse_request(in, max, scanned, &r->head, &r->used,
		&r->fault) :
	    http1_parse_response(in, max, scanned, kind == HEADS_TO_HEAD,
		&r->head, &r->used, &r->fault);
}

static inline void
heads_whole(enum heads_kind kind, struct slice in, size_t max,
    struct heads_result *r)
{
	size_t scanned = 0;

	heads_step(kind, in.ptr, in.len, max, &scanned, r);
}

/* Fed by `step` bytes, until the parser has said something. */
static inline void
heads_drip(enum heads_kind kind, struct slice in, size_t max, size_t step,
    struct heads_result *r)
{
	size_t scanned = 0, len = 0;

	do {
		len = in.len - len < step ? in.len : len + step;
		heads_step(kind, in.ptr, len, max, &scanned, r);
	} while (!r->got && len < in.len);
}

#endif
