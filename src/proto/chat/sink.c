/*
 * The writer of streamed Chat answers: one chunk per event, mostly.
 *
 * Client libraries put chunks together member by member, so a call's id, type
 * and name stand in its first chunk only, and every chunk has the same head.
 * `prefix` is that head up to the array of choices; `head` goes on up to the
 * delta, `tail` is what follows a delta that does not finish.
 */
#include "json/text.h"
#include "proto/chat/chat.h"
#include "proto/chat/shape.h"
#include "proto/gather.h"

struct stream {
	struct sink	 sink;		/* first: what the source holds */
	struct talk	*talk;
	struct buf	*out;
	struct shape	 shape;
	struct slice	 prefix, head, tail;
	bool		 with_usage;	/* ... in a chunk of its own */
	bool		 reasoned;	/* reasoning text was told before */
	bool		 break_due;	/* ... and more is another block's */
	struct gather	 cites;		/* of the open block */
};

/* ---- chunks ---- */

/* A delta of one text member is most of what there is to write. */
static void
put_text_delta(struct stream *s, const char *member, struct slice text)
{
	buf_append(s->out, s->head);
	buf_text(s->out, member);
	buf_append(s->out, text);
	buf_append(s->out, SLICE("\"}"));
	buf_append(s->out, s->tail);
}

static void
begin_chunk(struct stream *s, const char *delta)
{
	buf_append(s->out, s->head);
	buf_text(s->out, delta);
}

/* The same for the calls' array: {"tool_calls":[{"index":k, */
static void
begin_call_chunk(struct stream *s)
{
	begin_chunk(s, "{\"tool_calls\":[{\"index\":");
	buf_u64(s->out, s->shape.calls - 1);
	buf_byte(s->out, ',');
}

static void
end_chunk(struct stream *s, const char *delta)
{
	buf_text(s->out, delta);
	buf_append(s->out, s->tail);
}

/* ---- events ---- */

static void
on_begin(struct stream *s, const struct ir_event *ev)
{
	struct arena *arena = s->talk->arena;
	struct slice id = shape_id(s->talk, ev->id);
	struct slice model = shape_model(s->talk, ev->model);

	s->prefix = arena_fmt(arena, "data: {\"id\":\"%.*s\",\"object\":"
	    "\"chat.completion.chunk\",\"created\":%lld,\"model\":\"%.*s\","
	    "\"choices\":[", SLICE_FMT(id), (long long)s->talk->created_s,
	    SLICE_FMT(model));
	s->head = arena_fmt(arena, "%.*s{\"index\":0,\"delta\":",
	    SLICE_FMT(s->prefix));
	s->tail = s->with_usage ?
	    SLICE(",\"logprobs\":null,\"finish_reason\":null}],"
	    "\"usage\":null}\n\n") :
	    SLICE(",\"logprobs\":null,\"finish_reason\":null}]}\n\n");
	begin_chunk(s, "{\"role\":\"assistant\",\"content\":\"\"");
	end_chunk(s, "}");
}

static void
open_call(struct stream *s, const struct ir_event *ev)
{
	struct slice id = shape_call_id(&s->shape, ev->id);

	if (s->shape.legacy) {
		begin_chunk(s, "{\"function_call\":{\"name\":\"");
		buf_append(s->out, ev->name);
		end_chunk(s, "\",\"arguments\":\"\"}}");
		return;
	}
	begin_call_chunk(s);
	buf_text(s->out, "\"id\":\"");
	buf_append(s->out, id);
	buf_text(s->out, ev->custom ?
	    "\",\"type\":\"custom\",\"custom\":{\"name\":\"" :
	    "\",\"type\":\"function\",\"function\":{\"name\":\"");
	buf_append(s->out, ev->name);
	end_chunk(s, ev->custom ? "\",\"input\":\"\"}}]}" :
	    "\",\"arguments\":\"\"}}]}");
}

static void
on_open(struct stream *s, const struct ir_event *ev)
{
	if (ev->kind == IR_THINK)
		s->break_due = s->reasoned;
	if (s->shape.muted)
		return;
	if (ev->kind == IR_CALL)
		open_call(s, ev);
	if (ev->kind != IR_REDACTED)
		return;
	begin_chunk(s, "{\"reasoning_details\":["
	    "{\"type\":\"reasoning.encrypted\",\"data\":\"");
	buf_append(s->out, ev->text);
	buf_text(s->out, "\",\"id\":null");
	shape_put_place(&s->shape, s->out);
	end_chunk(s, "}]}");
}

static void
think_delta(struct stream *s, struct slice text)
{
	begin_chunk(s, "{\"reasoning_content\":\"");
	if (s->break_due)
		buf_text(s->out, "\\n\\n");
	s->break_due = false;
	s->reasoned = true;
	buf_append(s->out, text);
	buf_byte(s->out, '"');
	/* Whose thinking it is must be known to tell where it belongs. */
	if (s->shape.vendor != IR_NOBODY) {
		buf_text(s->out, ",\"reasoning_details\":["
		    "{\"type\":\"reasoning.text\",\"text\":\"");
		buf_append(s->out, text);
		buf_byte(s->out, '"');
		shape_put_place(&s->shape, s->out);
		buf_text(s->out, "}]");
	}
	end_chunk(s, "}");
}

static void
call_delta(struct stream *s, struct slice text)
{
	if (s->shape.legacy) {
		begin_chunk(s, "{\"function_call\":{\"arguments\":\"");
		buf_append(s->out, text);
		end_chunk(s, "\"}}");
		return;
	}
	begin_call_chunk(s);
	buf_text(s->out, s->shape.custom ? "\"custom\":{\"input\":\"" :
	    "\"function\":{\"arguments\":\"");
	buf_append(s->out, text);
	end_chunk(s, "\"}}]}");
}

static void
on_delta(struct stream *s, const struct ir_event *ev)
{
	if (s->shape.muted || !ev->text.len)
		return;
	if (s->shape.kind == IR_THINK)
		think_delta(s, ev->text);
	else if (s->shape.kind == IR_CALL)
		call_delta(s, ev->text);
	else
		put_text_delta(s, s->shape.refusal ? "{\"refusal\":\"" :
		    "{\"content\":\"", ev->text);
}

static void
on_sign(struct stream *s, const struct ir_event *ev)
{
	if (s->shape.muted || s->shape.kind != IR_THINK)
		return;
	begin_chunk(s, "{\"reasoning_details\":[{\"type\":\"reasoning.text\","
	    "\"text\":\"\",\"signature\":\"");
	buf_append(s->out, ev->signature);
	buf_byte(s->out, '"');
	shape_put_place(&s->shape, s->out);
	end_chunk(s, "}]}");
}

static void
on_cite(struct stream *s, const struct ir_event *ev)
{
	struct arena *arena = s->talk->arena;

	gather_add(&s->cites, arena, s->cites.len ? SLICE(",") : SLICE("["));
	gather_add(&s->cites, arena, ev->raw);
}

static void
on_close(struct stream *s)
{
	/* Arguments are valid JSON even if there are none. */
	if (s->shape.kind == IR_CALL && !s->shape.said_any &&
	    !s->shape.muted && !s->shape.custom)
		call_delta(s, SLICE("{}"));
	if (!s->cites.len)
		return;
	begin_chunk(s, "{\"annotations\":");
	buf_append(s->out, gather_text(&s->cites));
	end_chunk(s, "]}");
	gather_clear(&s->cites);
}

/* Null in every chunk but the last, for those who asked for it. */
static void
end_last_chunk(struct stream *s)
{
	buf_text(s->out, s->with_usage ? "}],\"usage\":null}\n\n" :
	    "}]}\n\n");
}

static void
on_stop(struct stream *s, const struct ir_event *ev)
{
	struct slice refusal = shape_refusal(&s->shape, ev);
	struct writer choice = { .out = s->out }, chunk = { .out = s->out };

	if (refusal.len)
		put_text_delta(s, "{\"refusal\":\"", refusal);
	begin_chunk(s, "{},\"logprobs\":null,");
	shape_put_finish(&s->shape, ev, &choice);
	end_last_chunk(s);
	if (s->with_usage && shape_has_usage(&s->shape)) {
		buf_append(s->out, s->prefix);
		buf_text(s->out, "],");
		shape_put_usage(&s->shape, &chunk);
		buf_text(s->out, "}\n\n");
	}
	buf_text(s->out, "data: [DONE]\n\n");
}

/*
 * No [DONE] behind it: a client that does not look at errors would take the
 * answer for complete.
 */
static void
on_fail(struct stream *s, const struct ir_event *ev)
{
	buf_text(s->out, "data: ");
	(void)chat_error(s->talk, ev->fail, s->out);
	buf_text(s->out, "\n\n");
}

static void
stream_put(struct sink *sink, const struct ir_event *ev)
{
	struct stream *s = (struct stream *)sink;

	shape_follow(&s->shape, ev);
	switch (ev->type) {
	case IR_BEGIN:
		on_begin(s, ev);
		break;
	case IR_OPEN:
		on_open(s, ev);
		break;
	case IR_DELTA:
		on_delta(s, ev);
		break;
	case IR_SIGN:
		on_sign(s, ev);
		break;
	case IR_CITE:
		on_cite(s, ev);
		break;
	case IR_CLOSE:
		on_close(s);
		break;
	case IR_USAGE:
		break;
	case IR_PING:
		buf_text(s->out, ": ping\n\n");
		break;
	case IR_STOP:
		on_stop(s, ev);
		break;
	case IR_FAIL:
		on_fail(s, ev);
		break;
	}
	if (sink->next)
		sink->next->put(sink->next, ev);
}

struct sink *
chat_sink_stream(struct talk *talk, struct buf *out)
{
	struct stream *s = arena_alloc(talk->arena, sizeof *s);

	if (!s)
		return NULL;
	s->sink.put = stream_put;
	s->talk = talk;
	s->out = out;
	s->with_usage = talk->request && talk->request->include_usage;
	shape_init(&s->shape, talk);
	return &s->sink;
}
