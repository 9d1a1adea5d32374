#include "proto/referee.h"

#include "base/check.h"
#include "proto/fail.h"

/*
 * Which block kinds an event may belong to; BIT(kind) of the open block.
 * REDACTED and OPAQUE come whole with OPEN.
 */
#define BIT(kind)	(1u << (kind))

static const unsigned inside[] = {
	[IR_DELTA] = BIT(IR_TEXT) | BIT(IR_THINK) | BIT(IR_CALL),
	[IR_SIGN] = BIT(IR_THINK) | BIT(IR_CALL) | BIT(IR_TEXT),
	[IR_CITE] = BIT(IR_TEXT),
	[IR_LOGPROBS] = BIT(IR_TEXT),
	[IR_CLOSE] = BIT(IR_TEXT) | BIT(IR_THINK) | BIT(IR_CALL) |
	    BIT(IR_REDACTED) | BIT(IR_OPAQUE) | BIT(IR_IMAGE) | BIT(IR_AUDIO),
	[IR_FAIL] = 0,
};

/* Is this what may stand between the quotes of a JSON string? */
static bool
is_escaped(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"' || (unsigned char)text.ptr[i] < 0x20)
			return false;
		if (text.ptr[i] == '\\' && ++i == text.len)
			return false;
	}
	return true;
}

static const char *
judge_open(const struct referee *r, const struct ir_event *ev)
{
	if (r->open)
		return "OPEN while a block is open";
	if (!(inside[IR_CLOSE] & BIT(ev->kind)))
		return "OPEN of a kind that answers do not have";
	if (ev->kind == IR_CALL && !ev->name.len)
		return "OPEN of a call without a name";
	if (ev->kind == IR_OPAQUE && !ev->raw.len)
		return "OPEN of an opaque block without its JSON";
	if ((ev->kind == IR_IMAGE || ev->kind == IR_AUDIO) && !ev->mime.len)
		return "OPEN of media without its type";
	return NULL;
}

static const char *
judge_inside(const struct referee *r, const struct ir_event *ev)
{
	if (!r->open)
		return "part of a block outside any block";
	if (!(inside[ev->type] & BIT(r->kind)))
		return "part of a block of another kind";
	if (ev->type == IR_DELTA && !is_escaped(ev->text))
		return "DELTA whose text is not escaped";
	if (ev->type == IR_CITE && !ev->raw.len)
		return "CITE of nothing";
	if (ev->type == IR_LOGPROBS && !ev->raw.len)
		return "LOGPROBS of nothing";
	return NULL;
}

/* What is wrong with `ev` at this place, or NULL. */
static const char *
judge(const struct referee *r, const struct ir_event *ev)
{
	if (r->over)
		return "an event after the end";
	if (ev->type == IR_FAIL)
		return ev->fail && ev->fail->kind ? NULL :
		    "FAIL that says nothing";
	if (!r->begun)
		return ev->type == IR_BEGIN ? NULL : "an event before BEGIN";

	switch (ev->type) {
	case IR_BEGIN:
		return "BEGIN twice";
	case IR_OPEN:
		return judge_open(r, ev);
	case IR_DELTA:
	case IR_SIGN:
	case IR_CITE:
	case IR_LOGPROBS:
	case IR_CLOSE:
		return judge_inside(r, ev);
	case IR_STOP:
		return r->open ? "STOP while a block is open" : NULL;
	case IR_USAGE:
	case IR_PING:
	case IR_FAIL:
		return NULL;
	}
	return "an event of no known type";
}

static void
referee_put(struct sink *sink, const struct ir_event *ev)
{
	struct referee *r = (struct referee *)sink;
	const char *fault = judge(r, ev);

	if (fault && !r->fault)
		r->fault = fault;
	if (ev->type == IR_BEGIN)
		r->begun = true;
	if (ev->type == IR_OPEN) {
		r->open = true;
		r->kind = ev->kind;
	}
	if (ev->type == IR_CLOSE)
		r->open = false;
	if (ev->type == IR_STOP || ev->type == IR_FAIL)
		r->over = true;
	if (r->sink.next)
		r->sink.next->put(r->sink.next, ev);
}

void
referee_init(struct referee *r, struct sink *next)
{
	*r = (struct referee){ .sink = { referee_put, next } };
}

const char *
referee_verdict(const struct referee *r)
{
	if (r->fault)
		return r->fault;
	return r->over ? NULL : "the answer has no end";
}
