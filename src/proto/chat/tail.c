/*
 * The one chunk that is added to a stream that is only passed on: usage that
 * its client asked for and its provider did not tell.
 */
#include "proto/chat/chat.h"
#include "proto/chat/shape.h"

struct tail {
	struct sink	 sink;		/* first: what the source holds */
	struct buf	*out;
	struct shape	 shape;
	struct slice	 id, model;	/* as the provider told them */
};

static void
put_chunk(struct tail *t)
{
	const struct talk *talk = t->shape.talk;
	struct writer w = { .out = t->out };

	if (!t->shape.usage.estimated)
		return;
	buf_text(t->out, "data: ");
	write_object(&w);
	/* a chunk without an id is not looked at */
	write_member_text(&w, "id", t->id.len ? t->id :
	    shape_id(talk, t->id));
	write_member_plain(&w, "object", "chat.completion.chunk");
	write_key(&w, "created");
	write_i64(&w, talk->created_s);
	write_member_text(&w, "model", t->model.len ? t->model :
	    talk->client_model);
	write_member_raw(&w, "choices", SLICE("[]"));
	shape_put_usage(&t->shape, &w);
	write_end(&w);
	buf_text(t->out, "\n\n");
}

static void
tail_put(struct sink *sink, const struct ir_event *ev)
{
	struct tail *t = (struct tail *)sink;
	struct arena *arena = t->shape.talk->arena;

	if (ev->type == IR_BEGIN) {
		t->id = arena_dup(arena, ev->id);
		t->model = arena_dup(arena, ev->model);
	}
	if (ev->type == IR_BEGIN || ev->type == IR_USAGE)
		ir_usage_merge(&t->shape.usage, &ev->usage);
	if (ev->type == IR_STOP)
		put_chunk(t);
}

struct sink *
chat_sink_usage(struct talk *talk, struct buf *out)
{
	struct tail *t = arena_alloc(talk->arena, sizeof *t);

	if (!t)
		return NULL;
	t->sink.put = tail_put;
	t->out = out;
	shape_init(&t->shape, talk);
	return &t->sink;
}
