/*
 * Events as a Messages stream.
 *
 * The client's rules: one block open at a time, indexes without a gap, each
 * event with its name, one signature at the end of thinking, fragments of
 * arguments that make up JSON.  A block is begun when its first content
 * comes, because some must not begin at all:
 *
 *	NONE	no block is open
 *	BLANK	text, only white space so far: `held`; Messages refuses a
 *		block of nothing else when it comes back with the history
 *	DUE	a call whose signature may come and must stand before it
 *	TEXT, THINK, CALL	begun
 *	MUTE	a block that this client does not get
 */
#include "base/hash.h"
#include "json/text.h"
#include "proto/gather.h"
#include "proto/messages/messages.h"
#include "proto/messages/reply.h"
#include "proto/names.h"

enum { HELD_MAX = 1 << 12 };

enum state {
	STATE_NONE, STATE_BLANK, STATE_DUE, STATE_TEXT, STATE_THINK,
	STATE_CALL, STATE_MUTE,
};

struct stream_sink {
	struct sink	 sink;
	struct reply	 reply;
	struct talk	*talk;
	struct buf	*out;
	enum state	 state;
	bool		 begun;
	unsigned	 place;		/* index of the next block */
	/* the open block */
	struct gather	 held;		/* blanks, or thinking that is hidden */
	uint32_t	 crc;		/* of the thinking that was shown */
	struct slice	 signature;
	enum ir_vendor	 vendor;
	struct slice	 id, name;
	bool		 custom, sent;
};

/* ---- frames ---- */

static struct writer
open_event(struct stream_sink *s, struct slice name)
{
	struct writer w = { .out = s->out };

	sse_open(s->out, name);
	write_object(&w);
	write_key(&w, "type");
	write_text(&w, name);
	return w;
}

static void
close_event(struct stream_sink *s, struct writer *w)
{
	write_end(w);
	sse_close(s->out);
}

/* content_block_start as far as the block's members behind its type. */
static struct writer
open_start(struct stream_sink *s, const char *type)
{
	struct writer w = open_event(s, SLICE("content_block_start"));

	write_member_u64(&w, "index", s->place);
	write_key(&w, "content_block");
	write_object(&w);
	write_member_plain(&w, "type", type);
	return w;
}

static void
close_start(struct stream_sink *s, struct writer *w)
{
	write_end(w);
	close_event(s, w);
}

/*
 * The common case by far, and so put together by hand: `head` is what stands
 * between the index and the text.
 */
static void
put_delta(struct stream_sink *s, struct slice head, struct slice text)
{
	static const struct slice begin = SLICE_INIT(
	    "event: content_block_delta\n"
	    "data: {\"type\":\"content_block_delta\",\"index\":");

	buf_append(s->out, begin);
	buf_u64(s->out, s->place);
	buf_append(s->out, head);
	buf_append(s->out, text);
	buf_append(s->out, SLICE("\"}}\n\n"));
}

static void
put_text(struct stream_sink *s, struct slice text)
{
	put_delta(s, SLICE(",\"delta\":{\"type\":\"text_delta\","
	    "\"text\":\""), text);
}

static void
put_thinking(struct stream_sink *s, struct slice text)
{
	put_delta(s, SLICE(",\"delta\":{\"type\":\"thinking_delta\","
	    "\"thinking\":\""), text);
}

static void
put_args(struct stream_sink *s, struct slice text)
{
	put_delta(s, SLICE(",\"delta\":{\"type\":\"input_json_delta\","
	    "\"partial_json\":\""), text);
}

static void
put_stop(struct stream_sink *s)
{
	struct writer w = open_event(s, SLICE("content_block_stop"));

	write_member_u64(&w, "index", s->place);
	close_event(s, &w);
	s->place++;
}

static void
put_ping(struct stream_sink *s)
{
	struct writer w = open_event(s, SLICE("ping"));

	close_event(s, &w);
}

/* ---- blocks ---- */

static void
start_text(struct stream_sink *s)
{
	struct writer w = open_start(s, "text");

	write_member_plain(&w, "text", "");
	write_member_null(&w, "citations");
	close_start(s, &w);
	s->state = STATE_TEXT;
}

static void
start_thinking(struct stream_sink *s)
{
	struct writer w = open_start(s, "thinking");

	write_member_plain(&w, "thinking", "");
	write_member_plain(&w, "signature", "");
	close_start(s, &w);
	s->state = STATE_THINK;
}

static void
start_call(struct stream_sink *s)
{
	struct writer w = open_start(s, "tool_use");

	write_member_text(&w, "id", s->id);
	write_member_text(&w, "name", s->name);
	write_member_raw(&w, "input", SLICE("{}"));
	write_member_raw(&w, "caller", SLICE("{\"type\":\"direct\"}"));
	close_start(s, &w);
	s->state = STATE_CALL;
	if (s->custom)
		put_args(s, SLICE("{\\\"input\\\":\\\""));
}

/* A block that comes whole with its start. */
static void
put_redacted(struct stream_sink *s, struct slice data)
{
	struct writer w = open_start(s, "redacted_thinking");

	write_member_text(&w, "data", data);
	close_start(s, &w);
	put_stop(s);
}

static void
put_opaque(struct stream_sink *s, struct slice raw)
{
	struct writer w = open_event(s, SLICE("content_block_start"));

	write_member_u64(&w, "index", s->place);
	write_key(&w, "content_block");
	write_min(&w, raw);
	close_event(s, &w);
	put_stop(s);
}

static void
open_call(struct stream_sink *s, const struct ir_event *ev)
{
	struct arena *arena = s->talk->arena;

	s->id = arena_dup(arena, name_id_messages(arena, ev->id));
	s->name = ev->name;
	if (s->talk->request)
		s->name = name_restore(s->talk->request, ev->name);
	s->name = arena_dup(arena, s->name);
	s->custom = ev->custom;
	s->state = STATE_DUE;
}

static void
take_open(struct stream_sink *s, const struct ir_event *ev)
{
	bool dropped = s->reply.thinking == REPLY_DROPPED;

	gather_clear(&s->held);
	s->signature = (struct slice){ 0 };
	s->vendor = ev->vendor;
	s->crc = 0;
	s->sent = false;
	s->state = STATE_MUTE;
	if (ev->kind == IR_TEXT)
		s->state = STATE_BLANK;
	else if (ev->kind == IR_CALL)
		open_call(s, ev);
	else if (ev->kind == IR_THINK && !dropped)
		start_thinking(s);
	else if (ev->kind == IR_REDACTED && !dropped)
		put_redacted(s, reply_redacted(&s->reply, ev));
	else if (ev->kind == IR_OPAQUE && ev->vendor == IR_ANTHROPIC)
		put_opaque(s, ev->raw);
	else
		reply_missed_block(&s->reply, ev);
}

/* White space waits for something else to stand beside. */
static void
take_blank(struct stream_sink *s, struct slice text)
{
	struct slice both[2];

	if (text_blank(text) &&
	    gather_text(&s->held).len + text.len <= HELD_MAX) {
		gather_add(&s->held, s->talk->arena, text);
		return;
	}
	both[0] = gather_text(&s->held);
	both[1] = text;
	start_text(s);
	put_text(s, both[0].len ? arena_join(s->talk->scratch, both, 2) :
	    text);
}

static void
take_delta(struct stream_sink *s, struct slice text)
{
	struct arena *scratch = s->talk->scratch;

	switch (s->state) {
	case STATE_TEXT:
		put_text(s, text);
		break;
	case STATE_BLANK:
		take_blank(s, text);
		break;
	case STATE_THINK:
		if (s->reply.thinking == REPLY_HIDDEN) {
			gather_add(&s->held, s->talk->arena, text);
			break;
		}
		s->crc = crc32_add(s->crc, text_unescape(scratch, text));
		put_thinking(s, text);
		break;
	case STATE_DUE:
		start_call(s);
		/* fallthrough */
	case STATE_CALL:
		/* Free-form text is a string inside of JSON inside of one. */
		put_args(s, s->custom ? text_escape(scratch, text) : text);
		s->sent = true;
		break;
	case STATE_NONE:
	case STATE_MUTE:
		break;
	}
}

static void
take_sign(struct stream_sink *s, const struct ir_event *ev)
{
	struct slice carrier;

	if (s->state == STATE_DUE) {
		carrier = reply_carrier(&s->reply, s->id, ev->signature,
		    ev->vendor);
		if (carrier.len)
			put_redacted(s, carrier);
		start_call(s);
	} else if (s->state == STATE_THINK || s->state == STATE_CALL) {
		s->signature = envelope_join_item(s->talk->arena, ev->id,
		    ev->signature);
		s->vendor = ev->vendor;
	} else if (s->state == STATE_TEXT || s->state == STATE_BLANK) {
		reply_missed(&s->reply, "signature");
	}
}

static void
close_thinking(struct stream_sink *s)
{
	put_delta(s, SLICE(",\"delta\":{\"type\":\"signature_delta\","
	    "\"signature\":\""), reply_signature(&s->reply, s->signature,
	    s->vendor, gather_text(&s->held), s->crc));
	put_stop(s);
}

static void
close_call(struct stream_sink *s)
{
	struct slice carrier;

	if (s->custom)
		put_args(s, SLICE("\\\"}"));
	else if (!s->sent)
		put_args(s, SLICE("{}"));
	put_stop(s);
	/* Signed when it was too late to stand before it. */
	carrier = reply_carrier(&s->reply, s->id, s->signature, s->vendor);
	if (carrier.len)
		put_redacted(s, carrier);
}

static void
take_close(struct stream_sink *s)
{
	if (s->state == STATE_DUE)
		start_call(s);
	if (s->state == STATE_TEXT)
		put_stop(s);
	else if (s->state == STATE_THINK)
		close_thinking(s);
	else if (s->state == STATE_CALL)
		close_call(s);
	s->state = STATE_NONE;
}

/* ---- the message ---- */

static void
take_begin(struct stream_sink *s, const struct ir_event *ev)
{
	struct writer w;

	s->begun = true;
	reply_begin(&s->reply, ev);
	w = open_event(s, SLICE("message_start"));
	write_key(&w, "message");
	reply_message(&s->reply, &w, NULL, NULL, NULL);
	close_event(s, &w);
	put_ping(s);
}

static void
take_stop(struct stream_sink *s, const struct ir_event *ev)
{
	struct writer w = open_event(s, SLICE("message_delta"));

	reply_end(&s->reply, &w, ev);
	close_event(s, &w);
	w = open_event(s, SLICE("message_stop"));
	close_event(s, &w);
}

/* No message_stop: it would make the answer look complete. */
static void
take_fail(struct stream_sink *s, const struct fail *fail)
{
	if (s->state == STATE_TEXT || s->state == STATE_THINK ||
	    s->state == STATE_CALL)
		put_stop(s);
	s->state = STATE_NONE;
	sse_open(s->out, SLICE("error"));
	messages_error(s->talk, fail, s->out);
	sse_close(s->out);
}

static void
stream_put(struct sink *sink, const struct ir_event *ev)
{
	struct stream_sink *s = (struct stream_sink *)sink;

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
	case IR_CITE:		/* Messages' own form cannot be made of it */
		reply_missed(&s->reply, "annotations");
		break;
	case IR_LOGPROBS:
		reply_missed(&s->reply, "logprobs");
		break;
	case IR_CLOSE:
		take_close(s);
		break;
	case IR_USAGE:
		reply_usage(&s->reply, ev);
		break;
	case IR_PING:
		if (s->begun)
			put_ping(s);
		break;
	case IR_STOP:
		take_stop(s, ev);
		break;
	case IR_FAIL:
		take_fail(s, ev->fail);
		break;
	}
}

struct sink *
messages_sink_stream(struct talk *talk, struct buf *out)
{
	struct stream_sink *s = arena_alloc(talk->arena, sizeof *s);

	if (!s)
		return NULL;
	s->sink.put = stream_put;
	s->talk = talk;
	s->out = out;
	reply_init(&s->reply, talk);
	return &s->sink;
}
