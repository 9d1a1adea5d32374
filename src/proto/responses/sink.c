/*
 * Events as a Responses answer, streamed or whole.
 */
#include "proto/responses/items.h"
#include "proto/responses/responses.h"

static void
take_open(struct items *s, const struct ir_event *ev)
{
	struct arena *arena = s->talk->arena;

	s->open = ev->kind == IR_TEXT || ev->kind == IR_THINK ||
	    ev->kind == IR_CALL;
	s->kind = ev->kind;
	s->blocks++;
	s->vendor = s->signer = ev->vendor;
	s->signature = (struct slice){ 0 };
	s->crc = 0;
	s->refusal = ev->refusal;
	s->refused |= ev->refusal;
	s->custom = ev->custom;
	gather_clear(&s->odds);
	if (s->open) {
		s->id = arena_dup(arena, ev->id);
		s->name = arena_dup(arena, ev->name);
	} else if (ev->kind == IR_REDACTED) {
		items_add_redacted(s, ev);
	} else if (ev->kind == IR_IMAGE) {
		items_add_image(s, ev);
	} else if (ev->kind == IR_OPAQUE) {
		items_add_opaque(s, ev);
	} else {
		items_lose(s);
	}
}

/* The open block's item, begun if it had to wait; false: there is none. */
static bool
wake(struct items *s)
{
	if (!s->open)
		return false;
	if (s->state == STATE_OPEN)
		return true;
	if (s->kind == IR_TEXT)
		items_begin_text(s);
	else if (s->kind == IR_THINK)
		items_begin_thinking(s);
	else
		items_begin_call(s);
	return s->state == STATE_OPEN;
}

static void
take_delta(struct items *s, struct slice text)
{
	if (!text.len || !wake(s))
		return;
	if (s->kind == IR_TEXT)
		items_take_text(s, text);
	else if (s->kind == IR_THINK)
		items_take_thinking(s, text);
	else
		items_take_input(s, text);
}

static void
take_sign(struct items *s, const struct ir_event *ev)
{
	if (!s->open)
		return;
	s->signature = arena_dup(s->talk->arena, ev->signature);
	s->signer = ev->vendor;
	if (ev->id.len && s->kind == IR_THINK && s->state != STATE_OPEN)
		s->id = arena_dup(s->talk->arena, ev->id);
}

static void
take_close(struct items *s)
{
	bool had = s->open;

	/* A call without arguments, and thinking that cannot be read. */
	if (s->kind == IR_CALL || (s->kind == IR_THINK && s->signature.len))
		had = wake(s);
	s->open = false;
	if (!had || s->state != STATE_OPEN) {
		/* A signature without a text. */
		if (had && s->kind == IR_TEXT && s->signature.len) {
			items_finish(s, false);
			items_carry(s, 't');
		}
		return;
	}
	s->state = STATE_CLOSED;
	if (s->kind == IR_TEXT)
		items_end_text(s);
	else if (s->kind == IR_THINK)
		items_end_thinking(s);
	else
		items_end_call(s);
}

static void
take_begin(struct items *s, const struct ir_event *ev)
{
	static const struct outcome_end none;

	s->begun = true;
	outcome_begin(&s->outcome, ev);
	tell_response(&s->tell, "response.created", &s->outcome, &none);
	tell_response(&s->tell, "response.in_progress", &s->outcome, &none);
}

static void
end_with(struct items *s, const struct outcome_end *end)
{
	struct writer w = { .out = s->out };

	if (s->stream)
		tell_response(&s->tell, end->event, &s->outcome, end);
	else
		outcome_write(&s->outcome, &w, end);
}

/* Words that came with the reason, and not as a text of their own. */
static void
tell_refusal(struct items *s, struct slice words)
{
	const struct ir_event open = {
		.type = IR_OPEN, .kind = IR_TEXT, .refusal = true,
	};

	if (!words.len || s->refused)
		return;
	take_open(s, &open);
	take_delta(s, words);
	take_close(s);
}

static void
take_stop(struct items *s, const struct ir_event *ev)
{
	struct outcome_end end = outcome_end_of(ev);

	tell_refusal(s, ev->explanation);
	ir_usage_merge(&s->outcome.usage, &ev->usage);
	if (ev->tier.len)
		s->outcome.tier = arena_dup(s->talk->arena, ev->tier);
	items_finish(s, end.cut);
	end_with(s, &end);
}

/*
 * Nothing is closed: what is not whole must not be taken for it.  A whole
 * answer that fails is told by its status.
 */
static void
take_fail(struct items *s, const struct fail *fail)
{
	struct outcome_end end = outcome_failed(fail);

	if (!s->stream)
		return;
	if (!s->begun)
		take_begin(s, NULL);
	if (s->state == STATE_OPEN || s->state == STATE_CLOSED)
		items_last(s)->status = ITEM_INCOMPLETE;
	end_with(s, &end);
}

static void
items_put(struct sink *sink, const struct ir_event *ev)
{
	struct items *s = (struct items *)sink;

	switch (ev->type) {
	case IR_BEGIN:
		take_begin(s, ev);
		break;
	case IR_OPEN:
		take_open(s, ev);
		break;
	case IR_DELTA:
		take_delta(s, ev->text);
		break;
	case IR_SIGN:
		take_sign(s, ev);
		break;
	case IR_CITE:
		if (s->kind == IR_TEXT && wake(s))
			items_take_cite(s, ev->raw);
		break;
	case IR_LOGPROBS:
		items_take_logprobs(s, ev->raw);
		break;
	case IR_CLOSE:
		take_close(s);
		break;
	case IR_USAGE:
		ir_usage_merge(&s->outcome.usage, &ev->usage);
		break;
	case IR_PING:
		if (s->begun)
			tell_keep_alive(&s->tell);
		break;
	case IR_STOP:
		take_stop(s, ev);
		break;
	case IR_FAIL:
		take_fail(s, ev->fail);
		break;
	}
	if (s->talk->arena->failed || s->talk->scratch->failed)
		s->out->failed = true;
}

static struct sink *
new_sink(struct talk *talk, struct buf *out, bool stream)
{
	struct items *s = arena_alloc(talk->arena, sizeof *s);

	if (!s)
		return NULL;
	s->sink.put = items_put;
	s->talk = talk;
	s->out = out;
	s->stream = stream;
	s->tell = (struct tell){ .talk = talk, .out = out, .mute = !stream };
	outcome_init(&s->outcome, talk, stream);
	return &s->sink;
}

struct sink *
responses_sink_stream(struct talk *talk, struct buf *out)
{
	return new_sink(talk, out, true);
}

struct sink *
responses_sink_whole(struct talk *talk, struct buf *out)
{
	return new_sink(talk, out, false);
}
