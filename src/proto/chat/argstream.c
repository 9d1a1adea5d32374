#include "proto/chat/argstream.h"

#include "json/text.h"
#include "proto/args.h"

static const struct slice no_args = SLICE_INIT("{}");

static bool
opens_object(struct slice plain)
{
	plain = slice_trim(plain);
	return plain.len && plain.ptr[0] == '{';
}

/* A new object may begin only where none was, or an empty one. */
static bool
may_begin(struct argstream *a, struct slice plain)
{
	if (!a->scan.complete)
		return true;
	if (!a->hollow || !opens_object(plain))
		return false;
	a->hollow = false;
	a->scan = (struct scan){ 0 };
	return true;
}

struct slice
argstream_take(struct argstream *a, struct arena *arena,
    struct arena *scratch, struct slice text)
{
	static const struct slice nothing;
	struct slice plain = text_unescape(scratch, text), head;
	size_t len = plain.len;

	if (!a->sent && slice_blank(plain))
		return nothing;
	for (;;) {
		if (!may_begin(a, plain))
			return nothing;
		a->odd |= !a->sent && !opens_object(plain);
		head = slice_sub(plain, 0, scan_feed(&a->scan, plain));
		if (!a->scan.complete || a->sent || a->odd ||
		    !slice_eq(slice_trim(head), no_args))
			break;
		a->hollow = true;
		plain = slice_skip(plain, head.len);
		if (slice_blank(plain))
			return nothing;
	}
	a->sent = true;
	if (a->odd) {
		gather_add(&a->held, arena, text);
		return nothing;
	}
	return head.len == len ? text : text_escape(scratch, head);
}

struct slice
argstream_end(struct argstream *a, struct arena *scratch)
{
	struct slice plain;

	if (a->odd) {
		plain = text_unescape(scratch, gather_text(&a->held));
		return text_escape(scratch, args_object(scratch, plain));
	}
	return a->sent ? (struct slice){ 0 } : no_args;
}

bool
argstream_complete(const struct argstream *a)
{
	return a->scan.complete;
}
