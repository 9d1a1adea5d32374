/*
 * The writer of streamed Chat answers: one chunk per event, mostly.
 *
 * Client libraries put chunks together member by member, so a call's id, type
 * and name stand in its first chunk only, and every chunk has the same head.
 * `prefix` is that head up to the array of choices; `head` goes on up to the
 * delta, `tail` is what follows a delta that does not finish.  What is the
 * same in all chunks of a block is made when the block begins.
 */
#include "proto/chat/chat.h"
#include "proto/chat/shape.h"
#include "proto/chat/thoughts.h"
#include "proto/choices.h"
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
	struct thoughts	 thoughts;	/* to be told whole at the end */
	/* the open block */
	struct slice	 before, after;	/* CALL: what stands around a piece */
	struct slice	 place;		/* THINK: in reasoning_details */
	struct gather	 cites;		/* TEXT */
	struct slice	 tier;		/* as BEGIN told it */
	struct gather	 foreign;	/* blocks that Chat has no word for */
};

/* Every tail begins with it. */
static const struct slice no_logprobs = SLICE_INIT(",\"logprobs\":null");

/* A chunk whose delta is these three, one after the other. */
static void
put_chunk(struct stream *s, struct slice before, struct slice text,
    struct slice after)
{
	buf_append(s->out, s->head);
	buf_append(s->out, before);
	buf_append(s->out, text);
	buf_append(s->out, after);
	buf_append(s->out, s->tail);
}

static void
put_alone(struct stream *s, struct slice delta)
{
	put_chunk(s, delta, (struct slice){ 0 }, (struct slice){ 0 });
}

static void
on_begin(struct stream *s, const struct ir_event *ev)
{
	struct arena *arena = s->talk->arena;
	struct slice id = shape_id(s->talk, ev->id);
	struct slice model = shape_model(s->talk, ev->model);

	s->tier = arena_dup(arena, ev->tier);
	s->prefix = arena_fmt(arena, "data: {\"id\":\"%.*s\",\"object\":"
	    "\"chat.completion.chunk\",\"created\":%lld,\"model\":\"%.*s\","
	    "\"choices\":[", SLICE_FMT(id), (long long)s->talk->created_s,
	    SLICE_FMT(model));
	s->head = arena_fmt(arena, "%.*s{\"index\":%u,\"delta\":",
	    SLICE_FMT(s->prefix), s->talk->choice);
	s->tail = s->with_usage ?
	    SLICE(",\"logprobs\":null,\"finish_reason\":null}],"
	    "\"usage\":null}\n\n") :
	    SLICE(",\"logprobs\":null,\"finish_reason\":null}]}\n\n");
	put_alone(s, SLICE("{\"role\":\"assistant\",\"content\":\"\"}"));
}

/* ---- calls ---- */

static void
open_function(struct stream *s, struct slice name)
{
	put_chunk(s, SLICE("{\"function_call\":{\"name\":\""), name,
	    SLICE("\",\"arguments\":\"\"}}"));
	s->before = SLICE("{\"function_call\":{\"arguments\":\"");
	s->after = SLICE("\"}}");
}

static void
open_call(struct stream *s, const struct ir_event *ev)
{
	const char *type = ev->custom ? "custom" : "function";
	const char *piece = ev->custom ? "input" : "arguments";
	struct slice id = shape_call_id(&s->shape, ev->id);
	size_t index = s->shape.calls - 1;

	put_alone(s, arena_fmt(s->talk->scratch, "{\"tool_calls\":[{"
	    "\"index\":%zu,\"id\":\"%.*s\",\"type\":\"%s\",\"%s\":{"
	    "\"name\":\"%.*s\",\"%s\":\"\"}}]}", index, SLICE_FMT(id),
	    type, type, SLICE_FMT(ev->name), piece));
	s->before = arena_fmt(s->talk->arena, "{\"tool_calls\":[{"
	    "\"index\":%zu,\"%s\":{\"%s\":\"", index, type, piece);
	s->after = SLICE("\"}}]}");
}

/* ---- reasoning ---- */

static void
open_think(struct stream *s)
{
	s->break_due = s->reasoned;
	s->place = shape_place(&s->shape);
}

static void
put_reasoning(struct stream *s, struct slice name, struct slice text)
{
	buf_append(s->out, name);
	if (s->break_due)
		buf_append(s->out, SLICE("\\n\\n"));
	buf_append(s->out, text);
	buf_append(s->out, SLICE("\""));
}

/* Whose thinking it is must be known to tell where it belongs. */
static void
think_delta(struct stream *s, struct slice text)
{
	unsigned field = talk_options(s->talk)->reasoning_field;

	buf_append(s->out, s->head);
	if (field != REASONING_PLAIN)
		put_reasoning(s, SLICE("{\"reasoning_content\":\""), text);
	if (field != REASONING_CONTENT)
		put_reasoning(s, field == REASONING_BOTH ?
		    SLICE(",\"reasoning\":\"") : SLICE("{\"reasoning\":\""),
		    text);
	s->break_due = false;
	s->reasoned = true;
	if (s->shape.vendor != IR_NOBODY) {
		buf_append(s->out, SLICE(",\"reasoning_details\":["
		    "{\"type\":\"reasoning.text\",\"text\":\""));
		buf_append(s->out, text);
		buf_append(s->out, SLICE("\""));
		buf_append(s->out, s->place);
		buf_append(s->out, SLICE("}]}"));
	} else {
		buf_append(s->out, SLICE("}"));
	}
	buf_append(s->out, s->tail);
}

/* The one other entry of details: a signature, or thinking nobody can read. */
static void
put_detail(struct stream *s, struct slice before, struct slice text,
    struct slice after)
{
	struct slice place = shape_place(&s->shape);

	put_chunk(s, before, text, arena_fmt(s->talk->scratch,
	    "\"%.*s%.*s}]}", SLICE_FMT(after), SLICE_FMT(place)));
}

/* ---- other events ---- */

/* As OpenRouter has them beside the text. */
static void
put_image(struct stream *s, const struct ir_event *ev)
{
	put_chunk(s, arena_fmt(s->talk->scratch, "{\"images\":[{\"type\":"
	    "\"image_url\",\"image_url\":{\"url\":\"data:%.*s;base64,",
	    SLICE_FMT(ev->mime)), ev->text, SLICE("\"}}]}"));
}

static void
on_open(struct stream *s, const struct ir_event *ev)
{
	if (ev->kind == IR_OPAQUE)
		shape_keep_foreign(&s->shape, &s->foreign, ev->raw);
	if (s->shape.muted)
		return;
	if (ev->kind == IR_THINK)
		open_think(s);
	else if (ev->kind == IR_CALL && s->shape.legacy)
		open_function(s, ev->name);
	else if (ev->kind == IR_CALL)
		open_call(s, ev);
	else if (ev->kind == IR_IMAGE)
		put_image(s, ev);
	else if (ev->kind == IR_REDACTED)
		put_detail(s, SLICE("{\"reasoning_details\":[{\"type\":"
		    "\"reasoning.encrypted\",\"data\":\""), ev->text,
		    SLICE(",\"id\":null"));
}

static void
on_delta(struct stream *s, const struct ir_event *ev)
{
	if (s->shape.muted || !ev->text.len)
		return;
	if (s->shape.kind == IR_THINK)
		think_delta(s, ev->text);
	else if (s->shape.kind == IR_CALL)
		put_chunk(s, s->before, ev->text, s->after);
	else
		put_chunk(s, s->shape.refusal ? SLICE("{\"refusal\":\"") :
		    SLICE("{\"content\":\""), ev->text, SLICE("\"}"));
}

/*
 * A call's stands where Google's own Chat has it.  Clients that check what they
 * read want a function in every piece of a call.
 */
static void
put_call_signature(struct stream *s, struct slice signature)
{
	put_chunk(s, arena_fmt(s->talk->scratch, "{\"tool_calls\":[{\"index\":"
	    "%zu,\"function\":{\"arguments\":\"\"},\"extra_content\":"
	    "{\"google\":{\"thought_signature\":\"", s->shape.calls - 1),
	    signature, SLICE("\"}}}]}"));
}

/* ... and a text's. */
static void
put_text_signature(struct stream *s, const struct ir_event *ev)
{
	if (ev->vendor != IR_GOOGLE)
		shape_missed_signature(&s->shape);
	else
		put_chunk(s, SLICE("{\"extra_content\":{\"google\":{"
		    "\"thought_signature\":\""), ev->signature,
		    SLICE("\"}}}"));
}

static void
on_sign(struct stream *s, const struct ir_event *ev)
{
	if (s->shape.kind == IR_TEXT)
		put_text_signature(s, ev);
	if (s->shape.kind == IR_CALL && ev->vendor == IR_GOOGLE &&
	    !s->shape.muted && !s->shape.legacy)
		put_call_signature(s, ev->signature);
	if (!s->shape.muted && s->shape.kind == IR_THINK)
		put_detail(s, SLICE("{\"reasoning_details\":[{\"type\":"
		    "\"reasoning.text\",\"text\":\"\",\"signature\":\""),
		    ev->signature, ev->id.len ? arena_fmt(s->talk->scratch,
		    ",\"id\":\"%.*s\"", SLICE_FMT(ev->id)) : SLICE(""));
}

static void
on_cite(struct stream *s, const struct ir_event *ev)
{
	struct arena *arena = s->talk->arena;

	gather_add(&s->cites, arena, s->cites.len ? SLICE(",") : SLICE("["));
	gather_add(&s->cites, arena, ev->raw);
}

/* They come behind the text that they are of, in a chunk of their own. */
static void
put_logprobs(struct stream *s, struct slice raw)
{
	buf_append(s->out, s->head);
	buf_text(s->out, "{},\"logprobs\":{\"content\":");
	buf_append(s->out, raw);
	buf_text(s->out, ",\"refusal\":null}");
	buf_append(s->out, slice_skip(s->tail, no_logprobs.len));
}

static void
on_close(struct stream *s)
{
	/* Arguments are valid JSON even if there are none. */
	if (s->shape.kind == IR_CALL && !s->shape.said_any &&
	    !s->shape.muted && !s->shape.custom)
		put_chunk(s, s->before, SLICE("{}"), s->after);
	if (s->cites.len)
		put_chunk(s, SLICE("{\"annotations\":"),
		    gather_text(&s->cites), SLICE("]}"));
	gather_clear(&s->cites);
}

static void
on_stop(struct stream *s, const struct ir_event *ev)
{
	struct slice refusal = shape_refusal(&s->shape, ev);
	struct slice thoughts = thoughts_list(&s->thoughts);
	struct slice foreign = shape_foreign(&s->shape, &s->foreign, ev);
	struct slice tier = shape_tier(&s->shape,
	    ev->tier.len ? ev->tier : s->tier);
	struct writer choice = { .out = s->out }, chunk = { .out = s->out };

	if (thoughts.len)
		put_chunk(s, SLICE("{\"thinking_blocks\":["), thoughts,
		    SLICE("]}"));
	if (foreign.len)
		put_chunk(s, SLICE("{\"provider_specific_fields\":"), foreign,
		    SLICE("}"));
	if (refusal.len)
		put_chunk(s, SLICE("{\"refusal\":\""), refusal,
		    SLICE("\"}"));
	buf_append(s->out, s->head);
	buf_text(s->out, "{},\"logprobs\":null,");
	shape_put_finish(&s->shape, ev, &choice);
	buf_text(s->out, "}]");
	if (tier.len)
		buf_append(s->out, arena_fmt(s->talk->scratch,
		    ",\"service_tier\":\"%.*s\"", SLICE_FMT(tier)));
	buf_text(s->out, s->with_usage ? ",\"usage\":null}\n\n" : "}\n\n");
	if (!choices_end(s->talk->choices, &s->shape.usage,
	    &s->shape.server_usage))
		return;
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
	thoughts_follow(&s->thoughts, &s->shape, ev);
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
	case IR_LOGPROBS:
		put_logprobs(s, ev->raw);
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
	shape_check(&s->shape, s->out);
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
