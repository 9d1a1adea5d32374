/*
 * answer - runs a provider's answer through a source, for tests and fuzzers.
 *
 * The chain is source -> referee -> dump -> the sink under test, if any.  The
 * dump writes events as short lines, adjacent deltas joined, so that two
 * readings of one answer can be compared.
 */
#ifndef TESTS_UNIT_ANSWER_H
#define TESTS_UNIT_ANSWER_H

#include "json/scan.h"
#include "json/text.h"
#include "proto/fail.h"
#include "proto/proto.h"
#include "proto/referee.h"

struct dump {
	struct sink	 sink;
	struct buf	 lines;
	bool		 apart;		/* one line per delta */
	bool		 in_delta;
	/* the arguments of the open call, unless they are free-form */
	bool		 in_args;
	struct scan	 args;
	bool		 overrun;	/* they went on behind their end */
};

struct answer {
	struct arena	 arena, scratch;
	struct talk	 talk;
	struct referee	 referee;
	struct dump	 dump;
	struct buf	 in, out;
	struct sse_reader reader;
	struct source	*source;
};

static const char *const kind_names[] = {
	[IR_TEXT] = "text", [IR_THINK] = "think",
	[IR_REDACTED] = "redacted", [IR_CALL] = "call",
	[IR_OPAQUE] = "opaque", [IR_IMAGE] = "image", [IR_AUDIO] = "audio",
};

static const char *const stop_names[] = {
	[IR_STOP_END] = "end", [IR_STOP_TOOL] = "tool",
	[IR_STOP_LENGTH] = "length", [IR_STOP_SEQUENCE] = "sequence",
	[IR_STOP_FILTER] = "filter", [IR_STOP_REFUSAL] = "refusal",
	[IR_STOP_BAD_TOOL] = "bad_tool", [IR_STOP_PAUSE] = "pause",
	[IR_STOP_CONTEXT] = "context", [IR_STOP_OTHER] = "other",
};

static inline void
dump_open(struct buf *b, const struct ir_event *ev)
{
	buf_fmt(b, "open %s%s%s", kind_names[ev->kind],
	    ev->refusal ? " refusal" : "", ev->custom ? " custom" : "");
	if (ev->kind == IR_CALL)
		buf_fmt(b, " %.*s %.*s", SLICE_FMT(ev->id),
		    SLICE_FMT(ev->name));
	if (ev->kind == IR_REDACTED)
		buf_fmt(b, " %.*s %d", SLICE_FMT(ev->text), ev->vendor);
	buf_byte(b, '\n');
}

static inline void
dump_stop(struct buf *b, const struct ir_event *ev)
{
	buf_fmt(b, "stop %s", stop_names[ev->stop]);
	if (ev->sequence.ptr)
		buf_fmt(b, " at %.*s", SLICE_FMT(ev->sequence));
	if (ev->explanation.len)
		buf_fmt(b, " because %.*s", SLICE_FMT(ev->explanation));
	buf_byte(b, '\n');
}

static inline void
dump_event(struct dump *d, const struct ir_event *ev)
{
	struct buf *b = &d->lines;

	switch (ev->type) {
	case IR_BEGIN:
		buf_fmt(b, "begin %.*s %.*s\n", SLICE_FMT(ev->id),
		    SLICE_FMT(ev->model));
		break;
	case IR_OPEN:
		dump_open(b, ev);
		break;
	case IR_DELTA:
		buf_text(b, d->in_delta ? "" : "+");
		buf_append(b, ev->text);
		buf_text(b, d->apart ? "\n" : "");
		break;
	case IR_SIGN:
		buf_fmt(b, "sign %.*s %d\n", SLICE_FMT(ev->signature),
		    ev->vendor);
		break;
	case IR_CITE:
		buf_fmt(b, "cite %.*s\n", SLICE_FMT(ev->raw));
		break;
	case IR_LOGPROBS:
		buf_fmt(b, "logprobs %.*s\n", SLICE_FMT(ev->raw));
		break;
	case IR_CLOSE:
		buf_text(b, "close\n");
		break;
	case IR_USAGE:
		buf_fmt(b, "usage %d %d %d %d %d\n", (int)ev->usage.in,
		    (int)ev->usage.cache_read, (int)ev->usage.cache_write,
		    (int)ev->usage.out, (int)ev->usage.reasoning);
		break;
	case IR_PING:
		buf_text(b, "ping\n");
		break;
	case IR_STOP:
		dump_stop(b, ev);
		break;
	case IR_FAIL:
		buf_fmt(b, "fail %s %.*s\n", fail_name(ev->fail->kind),
		    SLICE_FMT(ev->fail->message));
		break;
	}
}

static inline void
dump_args(struct dump *d, const struct ir_event *ev)
{
	struct buf plain = { 0 };

	if (ev->type == IR_OPEN) {
		d->in_args = ev->kind == IR_CALL && !ev->custom;
		d->args = (struct scan){ 0 };
	}
	if (ev->type != IR_DELTA || !d->in_args)
		return;
	text_unescape_to(&plain, ev->text);
	d->overrun |= scan_feed(&d->args, buf_slice(&plain)) <
	    buf_len(&plain);
	buf_free(&plain);
}

static inline void
dump_put(struct sink *sink, const struct ir_event *ev)
{
	struct dump *d = (struct dump *)sink;
	bool delta = ev->type == IR_DELTA && !d->apart;

	if (d->in_delta && !delta)
		buf_byte(&d->lines, '\n');
	dump_event(d, ev);
	dump_args(d, ev);
	d->in_delta = delta;
	if (d->sink.next)
		d->sink.next->put(d->sink.next, ev);
}

/* What the operator decided for the answers to come; NULL: the defaults. */
static const struct options *answer_options;

/* Ready to read an answer of `provider`; `client` NULL: no sink behind. */
static inline void
answer_init(struct answer *a, const struct protocol *provider,
    const struct protocol *client, bool whole)
{
	*a = (struct answer){ .dump.sink.put = dump_put };
	a->talk = (struct talk){
		.arena = &a->arena,
		.scratch = &a->scratch,
		.provider = provider,
		.client = client,
		.request_id = SLICE("req_test"),
		.created_s = 1700000000,
		.stream = !whole,
		.options = answer_options,
	};
	if (client && whole)
		a->dump.sink.next = client->sink_whole(&a->talk, &a->out);
	else if (client)
		a->dump.sink.next = client->sink_stream(&a->talk, &a->out);
	referee_init(&a->referee, &a->dump.sink);
	a->source = provider->source(&a->talk, &a->referee.sink);
}

/* Bytes arrive from the provider. */
static inline void
answer_feed(struct answer *a, struct slice bytes)
{
	struct sse_event ev;

	buf_append(&a->in, bytes);
	while (sse_next(&a->reader, &a->in, &ev) == 1) {
		a->source->event(a->source, &ev);
		arena_reset(&a->scratch);
	}
}

/* The provider has closed. */
static inline void
answer_end(struct answer *a)
{
	struct sse_event ev;

	while (sse_last(&a->reader, &a->in, &ev) == 1) {
		a->source->event(a->source, &ev);
		arena_reset(&a->scratch);
	}
	a->source->end(a->source);
	arena_reset(&a->scratch);
}

static inline void
answer_whole(struct answer *a, struct slice body)
{
	a->source->whole(a->source, body);
	arena_reset(&a->scratch);
}

static inline void
answer_free(struct answer *a)
{
	sse_free(&a->reader);
	buf_free(&a->in);
	buf_free(&a->out);
	buf_free(&a->dump.lines);
	arena_reset(&a->arena);
	arena_reset(&a->scratch);
}

#endif
