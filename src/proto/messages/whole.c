/*
 * Events as one Messages answer, put out at its end.
 *
 * Blocks are kept as the events describe them and written at STOP, when
 * the members that stand before them are known.
 */
#include "base/hash.h"
#include "json/text.h"
#include "proto/args.h"
#include "proto/gather.h"
#include "proto/messages/messages.h"
#include "proto/messages/reply.h"
#include "proto/names.h"

struct whole_block {
	struct whole_block *next;
	enum ir_kind	 kind;
	struct gather	 text;		/* of a call: its arguments */
	struct slice	 signature, data, id, name;
	enum ir_vendor	 vendor;
	bool		 custom;
};

struct whole_sink {
	struct sink	 sink;
	struct reply	 reply;
	struct talk	*talk;
	struct buf	*out;
	struct whole_block *first, *last;
};

static void
take_open(struct whole_sink *s, const struct ir_event *ev)
{
	struct arena *arena = s->talk->arena;
	struct whole_block *b = arena_alloc(arena, sizeof *b);

	if (!b)
		return;
	reply_missed_block(&s->reply, ev);
	b->kind = ev->kind;
	b->custom = ev->custom;
	b->vendor = ev->vendor;
	b->data = arena_dup(arena, ev->kind == IR_REDACTED ?
	    reply_redacted(&s->reply, ev) : ev->raw);
	if (ev->kind == IR_CALL) {
		b->id = arena_dup(arena, name_id_messages(arena, ev->id));
		b->name = arena_dup(arena, s->talk->request ?
		    name_restore(s->talk->request, ev->name) : ev->name);
	}
	if (s->last)
		s->last->next = b;
	else
		s->first = b;
	s->last = b;
}

/* ---- writing ---- */

static void
write_type(struct writer *w, const char *type)
{
	write_object(w);
	write_member_plain(w, "type", type);
}

static void
write_words(struct writer *w, struct slice text)
{
	/* Messages refuses it when it comes back with the history. */
	if (text_blank(text))
		return;
	write_type(w, "text");
	write_member_text(w, "text", text);
	write_member_null(w, "citations");
	write_end(w);
}

static void
write_thinking(struct whole_sink *s, struct writer *w,
    const struct whole_block *b)
{
	bool shown = s->reply.thinking == REPLY_SHOWN;
	struct slice text = gather_text(&b->text);
	struct slice seen = shown ? text : (struct slice){ 0 };
	uint32_t crc = crc32(text_unescape(s->talk->scratch, seen));

	write_type(w, "thinking");
	write_member_text(w, "thinking", seen);
	write_member_text(w, "signature", reply_signature(&s->reply,
	    b->signature, b->vendor, text, crc));
	write_end(w);
}

static void
write_redacted(struct writer *w, struct slice data)
{
	write_type(w, "redacted_thinking");
	write_member_text(w, "data", data);
	write_end(w);
}

static void
write_call(struct whole_sink *s, struct writer *w,
    const struct whole_block *b)
{
	struct arena *scratch = s->talk->scratch;
	struct slice carrier = reply_carrier(&s->reply, b->id, b->signature,
	    b->vendor);
	struct slice text = gather_text(&b->text);

	if (carrier.len)
		write_redacted(w, carrier);
	write_type(w, "tool_use");
	write_member_text(w, "id", b->id);
	write_member_text(w, "name", b->name);
	write_key(w, "input");
	if (b->custom) {
		write_object(w);
		write_member_text(w, "input", text);
		write_end(w);
	} else {
		write_min(w, args_object(scratch,
		    text_unescape(scratch, text)));
	}
	write_member_raw(w, "caller", SLICE("{\"type\":\"direct\"}"));
	write_end(w);
}

static void
write_content(struct writer *w, void *arg)
{
	struct whole_sink *s = arg;
	bool dropped = s->reply.thinking == REPLY_DROPPED;

	for (const struct whole_block *b = s->first; b; b = b->next) {
		if (b->kind == IR_TEXT)
			write_words(w, gather_text(&b->text));
		else if (b->kind == IR_CALL)
			write_call(s, w, b);
		else if (b->kind == IR_THINK && !dropped)
			write_thinking(s, w, b);
		else if (b->kind == IR_REDACTED && !dropped)
			write_redacted(w, b->data);
		else if (b->kind == IR_OPAQUE && b->vendor == IR_ANTHROPIC)
			write_min(w, b->data);
	}
}

/* ---- the message ---- */

static void
whole_put(struct sink *sink, const struct ir_event *ev)
{
	struct whole_sink *s = (struct whole_sink *)sink;
	struct writer w = { .out = s->out };

	switch (ev->type) {
	case IR_BEGIN:
		reply_begin(&s->reply, ev);
		break;
	case IR_OPEN:
		take_open(s, ev);
		break;
	case IR_DELTA:
		if (s->last)
			gather_add(&s->last->text, s->talk->arena, ev->text);
		break;
	case IR_SIGN:
		if (s->last) {
			s->last->signature = envelope_join_item(
			    s->talk->arena, ev->id, ev->signature);
			s->last->vendor = ev->vendor;
			if (s->last->kind == IR_TEXT)
				reply_missed(&s->reply, "signature");
		}
		break;
	case IR_USAGE:
		reply_usage(&s->reply, ev);
		break;
	case IR_STOP:
		reply_message(&s->reply, &w, ev, write_content, s);
		break;
	case IR_CITE:
		reply_missed(&s->reply, "annotations");
		break;
	case IR_LOGPROBS:
		reply_missed(&s->reply, "logprobs");
		break;
	case IR_CLOSE:
	case IR_PING:
	case IR_FAIL:		/* told by status and messages_error() */
		break;
	}
}

struct sink *
messages_sink_whole(struct talk *talk, struct buf *out)
{
	struct whole_sink *s = arena_alloc(talk->arena, sizeof *s);

	if (!s)
		return NULL;
	s->sink.put = whole_put;
	s->talk = talk;
	s->out = out;
	reply_init(&s->reply, talk);
	return &s->sink;
}
