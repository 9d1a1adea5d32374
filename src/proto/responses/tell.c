#include "proto/responses/tell.h"

static struct writer
begin(struct tell *t, const char *name)
{
	struct writer w = { .out = t->out };

	sse_open(t->out, slice_of(name));
	write_object(&w);
	write_member_plain(&w, "type", name);
	write_member_u64(&w, "sequence_number", t->number++);
	return w;
}

static void
end(struct tell *t, struct writer *w)
{
	write_end(w);
	sse_close(t->out);
}

void
tell_response(struct tell *t, const char *event, const struct outcome *r,
    const struct outcome_end *how)
{
	struct writer w;

	if (t->mute)
		return;
	w = begin(t, event);
	write_key(&w, "response");
	outcome_write(r, &w, how);
	end(t, &w);
}

void
tell_item(struct tell *t, const char *event, const struct item *item)
{
	struct writer w;

	if (t->mute)
		return;
	w = begin(t, event);
	write_member_u64(&w, "output_index", item->index);
	write_key(&w, "item");
	item_write(item, &w, t->talk->scratch);
	end(t, &w);
}

void
tell_keep_alive(struct tell *t)
{
	struct writer w;

	if (t->mute)
		return;
	w = begin(t, "keepalive");
	end(t, &w);
}

/* An event of an item and, where `place` is named, of a part of it. */
static struct writer
begin_of(struct tell *t, const char *name, const struct item *item,
    const char *place)
{
	struct writer w = begin(t, name);

	write_member_text(&w, "item_id", item->id);
	write_member_u64(&w, "output_index", item->index);
	if (place)
		write_member_u64(&w, place,
		    item->last ? item->last->index : 0);
	return w;
}

/*
 * Pieces are nearly all there is: what is the same in each is made once, when
 * what they belong to begins.
 */
static void
prepare(struct tell *t, const char *event, const struct item *item,
    const char *place)
{
	struct arena *arena = t->talk->arena;

	if (t->mute)
		return;
	t->head = arena_fmt(arena, "event: %s\ndata: {\"type\":\"%s\","
	    "\"sequence_number\":", event, event);
	if (place)
		t->middle = arena_fmt(arena, ",\"item_id\":\"%.*s\","
		    "\"output_index\":%u,\"%s\":%u,\"delta\":\"",
		    SLICE_FMT(item->id), item->index, place,
		    item->last ? item->last->index : 0);
	else
		t->middle = arena_fmt(arena, ",\"item_id\":\"%.*s\","
		    "\"output_index\":%u,\"delta\":\"", SLICE_FMT(item->id),
		    item->index);
	t->tail = SLICE("\"}\n\n");
}

void
tell_piece(struct tell *t, struct slice text, struct slice logprobs)
{
	if (t->mute)
		return;
	buf_append(t->out, t->head);
	buf_u64(t->out, t->number++);
	buf_append(t->out, t->middle);
	buf_append(t->out, text);
	if (logprobs.len) {
		buf_append(t->out, SLICE("\",\"logprobs\":["));
		buf_append(t->out, logprobs);
		buf_append(t->out, SLICE("]}\n\n"));
	} else {
		buf_append(t->out, t->tail);
	}
}

/* ---- messages ---- */

static void
tell_part(struct tell *t, const char *name, const struct item *item,
    bool begun)
{
	struct writer w = begin_of(t, name, item, "content_index");

	write_key(&w, "part");
	item_write_part(item->last, &w, begun);
	end(t, &w);
}

void
tell_part_begin(struct tell *t, const struct item *item)
{
	if (t->mute)
		return;
	tell_part(t, "response.content_part.added", item, true);
	prepare(t, item->last->refusal ? "response.refusal.delta" :
	    "response.output_text.delta", item, "content_index");
	if (!item->last->refusal)
		t->tail = SLICE("\",\"logprobs\":[]}\n\n");
}

void
tell_part_end(struct tell *t, const struct item *item)
{
	const struct part *part = item->last;
	struct writer w;

	if (t->mute)
		return;
	w = begin_of(t, part->refusal ? "response.refusal.done" :
	    "response.output_text.done", item, "content_index");
	write_member_text(&w, part->refusal ? "refusal" : "text",
	    gather_text(&part->text));
	if (!part->refusal) {
		write_key(&w, "logprobs");
		write_array(&w);
		if (part->logprobs.len)
			write_raw(&w, gather_text(&part->logprobs));
		write_end(&w);
	}
	end(t, &w);
	tell_part(t, "response.content_part.done", item, false);
}

void
tell_cite(struct tell *t, const struct item *item, struct slice cite)
{
	struct writer w;

	if (t->mute)
		return;
	w = begin_of(t, "response.output_text.annotation.added", item,
	    "content_index");
	write_member_u64(&w, "annotation_index", item->last->cite_count);
	write_member_raw(&w, "annotation", cite);
	end(t, &w);
}

/* ---- reasoning ---- */

static void
tell_summary(struct tell *t, const char *name, const struct item *item,
    struct slice text)
{
	struct writer w = begin_of(t, name, item, "summary_index");

	write_key(&w, "part");
	write_object(&w);
	write_member_plain(&w, "type", "summary_text");
	write_member_text(&w, "text", text);
	write_end(&w);
	end(t, &w);
}

void
tell_summary_begin(struct tell *t, const struct item *item)
{
	if (t->mute)
		return;
	tell_summary(t, "response.reasoning_summary_part.added", item,
	    SLICE(""));
	prepare(t, "response.reasoning_summary_text.delta", item,
	    "summary_index");
}

void
tell_summary_end(struct tell *t, const struct item *item)
{
	struct writer w;

	if (t->mute)
		return;
	w = begin_of(t, "response.reasoning_summary_text.done", item,
	    "summary_index");
	write_member_text(&w, "text", gather_text(&item->text));
	end(t, &w);
	tell_summary(t, "response.reasoning_summary_part.done", item,
	    gather_text(&item->text));
}

/* ---- calls ---- */

void
tell_arguments_begin(struct tell *t, const struct item *item)
{
	prepare(t, "response.function_call_arguments.delta", item, NULL);
}

void
tell_arguments_end(struct tell *t, const struct item *item)
{
	struct writer w;

	if (t->mute)
		return;
	if (!item->text.len)
		tell_piece(t, item_input(item), (struct slice){ 0 });
	w = begin_of(t, "response.function_call_arguments.done", item, NULL);
	write_member_text(&w, "name", item->name);
	write_member_text(&w, "arguments", item_input(item));
	end(t, &w);
}

void
tell_input(struct tell *t, const struct item *item)
{
	struct writer w;

	if (t->mute)
		return;
	prepare(t, "response.custom_tool_call_input.delta", item, NULL);
	tell_piece(t, item_input(item), (struct slice){ 0 });
	w = begin_of(t, "response.custom_tool_call_input.done", item, NULL);
	write_member_text(&w, "input", item_input(item));
	end(t, &w);
}
