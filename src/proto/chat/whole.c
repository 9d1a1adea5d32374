/*
 * The writer of whole Chat answers: gathers what each member of the message
 * will hold and prints one body at STOP.  After FAIL nothing is printed.
 *
 * `details`, `cites`, `calls` and `foreign` are JSON arrays without brackets.
 */
#include "json/write.h"
#include "proto/chat/chat.h"
#include "proto/chat/shape.h"
#include "proto/choices.h"
#include "proto/gather.h"

struct whole {
	struct sink	 sink;		/* first: what the source holds */
	struct talk	*talk;
	struct buf	*out;
	struct shape	 shape;
	struct slice	 id, model, tier;
	struct gather	 content, refusal, reasoning;
	struct gather	 details, cites, calls, logprobs;
	struct gather	 images;
	struct gather	 foreign;	/* blocks that Chat has no word for */
	struct slice	 signature, item;	/* of the open block */
	struct slice	 text_signature;	/* Google's */
	size_t		 before;	/* length of details in front of it */
	bool		 break_due;	/* reasoning goes on in another block */
};

static void
add(struct whole *s, struct gather *g, struct slice text)
{
	gather_add(g, s->talk->arena, text);
}

static void
add_text(struct whole *s, struct gather *g, const char *text)
{
	gather_add(g, s->talk->arena, slice_of(text));
}

/* The rest of an entry of details: where it belongs, and its end. */
static void
add_place(struct whole *s, struct slice id)
{
	add_text(s, &s->details, id.len ? ",\"id\":\"" : ",\"id\":null");
	add(s, &s->details, id);
	add_text(s, &s->details, id.len ? "\"" : "");
	add(s, &s->details, shape_place(&s->shape));
	add_text(s, &s->details, "}");
}

static void
begin_entry(struct whole *s, struct gather *list, const char *text)
{
	if (list->len)
		add_text(s, list, ",");
	add_text(s, list, text);
}

/* The elements of an array of them. */
static void
add_logprobs(struct whole *s, struct slice raw)
{
	begin_entry(s, &s->logprobs, "");
	add(s, &s->logprobs, slice_sub(raw, 1, raw.len - 2));
}

/* ---- calls ---- */

static void
open_call(struct whole *s, const struct ir_event *ev)
{
	begin_entry(s, &s->calls, "");
	s->signature = (struct slice){ 0 };
	if (s->shape.legacy) {
		add_text(s, &s->calls, "{\"name\":\"");
		add(s, &s->calls, ev->name);
		add_text(s, &s->calls, "\",\"arguments\":\"");
		return;
	}
	add_text(s, &s->calls, "{\"id\":\"");
	add(s, &s->calls, shape_call_id(&s->shape, ev->id));
	add_text(s, &s->calls, ev->custom ?
	    "\",\"type\":\"custom\",\"custom\":{\"name\":\"" :
	    "\",\"type\":\"function\",\"function\":{\"name\":\"");
	add(s, &s->calls, ev->name);
	add_text(s, &s->calls, ev->custom ? "\",\"input\":\"" :
	    "\",\"arguments\":\"");
}

static void
close_call(struct whole *s)
{
	if (!s->shape.said_any && !s->shape.custom)
		add_text(s, &s->calls, "{}");
	add_text(s, &s->calls, "\"}");
	if (s->shape.legacy)
		return;
	/* where Google's own Chat has it */
	if (s->signature.len && s->shape.vendor == IR_GOOGLE) {
		add_text(s, &s->calls, ",\"extra_content\":{\"google\":{"
		    "\"thought_signature\":\"");
		add(s, &s->calls, s->signature);
		add_text(s, &s->calls, "\"}}");
	}
	add_text(s, &s->calls, "}");
}

/* ---- reasoning ---- */

static void
open_think(struct whole *s)
{
	s->break_due = s->reasoning.len > 0;
	s->signature = s->item = (struct slice){ 0 };
	s->before = s->details.len;
	begin_entry(s, &s->details,
	    "{\"type\":\"reasoning.text\",\"text\":\"");
}

static void
think_delta(struct whole *s, struct slice text)
{
	if (s->break_due)
		add_text(s, &s->reasoning, "\\n\\n");
	s->break_due = false;
	add(s, &s->reasoning, text);
	add(s, &s->details, text);
}

/* Whose thinking it is must be known to tell where it belongs. */
static void
close_think(struct whole *s)
{
	if (s->shape.vendor == IR_NOBODY) {
		s->details.len = s->before;
		return;
	}
	add_text(s, &s->details, "\"");
	if (s->signature.len) {
		add_text(s, &s->details, ",\"signature\":\"");
		add(s, &s->details, s->signature);
		add_text(s, &s->details, "\"");
	}
	add_place(s, s->item);
}

static void
add_redacted(struct whole *s, struct slice data)
{
	begin_entry(s, &s->details,
	    "{\"type\":\"reasoning.encrypted\",\"data\":\"");
	add(s, &s->details, data);
	add_text(s, &s->details, "\"");
	add_place(s, (struct slice){ 0 });
}

/* As OpenRouter has them beside the text. */
static void
add_image(struct whole *s, const struct ir_event *ev)
{
	begin_entry(s, &s->images, "{\"type\":\"image_url\",\"image_url\":"
	    "{\"url\":\"data:");
	add(s, &s->images, ev->mime);
	add_text(s, &s->images, ";base64,");
	add(s, &s->images, ev->text);
	add_text(s, &s->images, "\"}}");
}

/* ---- the body ---- */

static void
member(struct writer *w, const char *key, const struct gather *text)
{
	if (text->len)
		write_member_text(w, key, gather_text(text));
}

static void
member_list(struct writer *w, const char *key, const struct gather *items)
{
	if (!items->len)
		return;
	write_key(w, key);
	write_array(w);
	write_raw(w, gather_text(items));
	write_end(w);
}

/* Null where a call or a refusal stands in its place, else a text. */
static void
put_content(struct whole *s, struct writer *w)
{
	if (!s->content.len && (s->calls.len || s->refusal.len))
		write_member_null(w, "content");
	else
		write_member_text(w, "content", gather_text(&s->content));
}

static void
put_message(struct whole *s, const struct ir_event *stop, struct writer *w)
{
	unsigned field = talk_options(s->talk)->reasoning_field;
	struct slice foreign = shape_foreign(&s->shape, &s->foreign, stop);

	write_key(w, "message");
	write_object(w);
	write_member_plain(w, "role", "assistant");
	put_content(s, w);
	if (s->refusal.len)
		member(w, "refusal", &s->refusal);
	else
		write_member_null(w, "refusal");
	if (field != REASONING_PLAIN)
		member(w, "reasoning_content", &s->reasoning);
	if (field != REASONING_CONTENT)
		member(w, "reasoning", &s->reasoning);
	member_list(w, "reasoning_details", &s->details);
	member_list(w, "annotations", &s->cites);
	member_list(w, "images", &s->images);
	if (!s->shape.legacy)
		member_list(w, "tool_calls", &s->calls);
	else if (s->calls.len)
		write_member_raw(w, "function_call", gather_text(&s->calls));
	if (foreign.len)
		write_member_raw(w, "provider_specific_fields", foreign);
	if (s->text_signature.len)
		shape_put_google(w, s->text_signature);
	write_end(w);
}

static void
put_choice(struct whole *s, const struct ir_event *stop, struct writer *w)
{
	write_object(w);
	write_member_u64(w, "index", s->talk->choice);
	put_message(s, stop, w);
	write_key(w, "logprobs");
	if (s->logprobs.len) {
		write_object(w);
		member_list(w, "content", &s->logprobs);
		write_member_null(w, "refusal");
		write_end(w);
	} else {
		write_null(w);
	}
	shape_put_finish(&s->shape, stop, w);
	write_end(w);
}

static void
put_body(struct whole *s, const struct ir_event *stop, struct slice tier,
    struct buf *out)
{
	const struct choices *all = s->talk->choices;
	struct writer w = { .out = out };

	write_object(&w);
	write_member_text(&w, "id", s->id);
	write_member_plain(&w, "object", "chat.completion");
	write_key(&w, "created");
	write_i64(&w, s->talk->created_s);
	write_member_text(&w, "model", s->model);
	write_key(&w, "choices");
	write_array(&w);
	for (unsigned i = 0; all && i < all->count; i++)
		write_raw(&w, all->told[i]);
	if (!all)
		put_choice(s, stop, &w);
	write_end(&w);
	shape_put_usage(&s->shape, &w);
	if (tier.len)
		write_member_text(&w, "service_tier",
		    shape_tier(&s->shape, tier));
	write_end(&w);
}

/* One of several answers: its part waits in its own buf for the others. */
static bool
join(struct whole *s, const struct ir_event *stop, struct slice *tier)
{
	struct choices *all = s->talk->choices;
	struct writer w = { .out = s->out };

	put_choice(s, stop, &w);
	all->told[s->talk->choice] = buf_slice(s->out);
	if (!all->tier.len)
		all->tier = arena_dup(s->talk->arena, *tier);
	*tier = all->tier;
	return choices_end(all, &s->shape.usage, &s->shape.server_usage);
}

static void
on_stop(struct whole *s, const struct ir_event *ev)
{
	struct choices *all = s->talk->choices;
	struct slice tier = ev->tier.len ? ev->tier : s->tier;

	add(s, &s->refusal, shape_refusal(&s->shape, ev));
	if (!all)
		put_body(s, ev, tier, s->out);
	else if (join(s, ev, &tier))
		put_body(s, ev, tier, all->out);
}

/* ---- events ---- */

static void
on_begin(struct whole *s, const struct ir_event *ev)
{
	s->id = shape_id(s->talk, ev->id);
	s->model = shape_model(s->talk, ev->model);
	s->tier = arena_dup(s->talk->arena, ev->tier);
}

static void
on_open(struct whole *s, const struct ir_event *ev)
{
	if (ev->kind == IR_OPAQUE)
		shape_keep_foreign(&s->shape, &s->foreign, ev->raw);
	if (s->shape.muted)
		return;
	if (ev->kind == IR_CALL)
		open_call(s, ev);
	else if (ev->kind == IR_THINK)
		open_think(s);
	else if (ev->kind == IR_IMAGE)
		add_image(s, ev);
	else if (ev->kind == IR_REDACTED)
		add_redacted(s, ev->text);
}

static void
on_delta(struct whole *s, const struct ir_event *ev)
{
	if (s->shape.muted)
		return;
	if (s->shape.kind == IR_THINK)
		think_delta(s, ev->text);
	else if (s->shape.kind == IR_CALL)
		add(s, &s->calls, ev->text);
	else
		add(s, s->shape.refusal ? &s->refusal : &s->content,
		    ev->text);
}

static void
on_close(struct whole *s)
{
	if (s->shape.muted)
		return;
	if (s->shape.kind == IR_THINK)
		close_think(s);
	else if (s->shape.kind == IR_CALL)
		close_call(s);
}

static void
whole_put(struct sink *sink, const struct ir_event *ev)
{
	struct whole *s = (struct whole *)sink;

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
		s->signature = arena_dup(s->talk->arena, ev->signature);
		s->item = arena_dup(s->talk->arena, ev->id);
		if (s->shape.kind == IR_TEXT && ev->vendor == IR_GOOGLE)
			s->text_signature = s->signature;
		else if (s->shape.kind == IR_TEXT)
			shape_missed_signature(&s->shape);
		break;
	case IR_CITE:
		begin_entry(s, &s->cites, "");
		add(s, &s->cites, ev->raw);
		break;
	case IR_LOGPROBS:
		add_logprobs(s, ev->raw);
		break;
	case IR_CLOSE:
		on_close(s);
		break;
	case IR_STOP:
		on_stop(s, ev);
		break;
	case IR_USAGE:
	case IR_PING:
	case IR_FAIL:
		break;
	}
	shape_check(&s->shape, s->out);
	if (sink->next)
		sink->next->put(sink->next, ev);
}

struct sink *
chat_sink_whole(struct talk *talk, struct buf *out)
{
	struct whole *s = arena_alloc(talk->arena, sizeof *s);

	if (!s)
		return NULL;
	s->sink.put = whole_put;
	s->talk = talk;
	s->out = out;
	shape_init(&s->shape, talk);
	return &s->sink;
}
