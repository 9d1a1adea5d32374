/*
 * Events as a Gemini answer: a stream of objects, each a part or two, or one
 * object with all of them.  A stream is either SSE or, without alt=sse, one
 * JSON array.
 *
 * Official clients read these streams with parsers of their own: nothing may
 * stand in them but "data: " lines, each followed by a blank line, and blank
 * lines.  A call is one part, so its arguments wait until they are whole.
 */
#include "proto/gemini/candidate.h"
#include "proto/gemini/gemini.h"

enum form { FORM_EVENTS, FORM_ARRAY, FORM_WHOLE };

struct gemini_sink {
	struct sink	 sink;		/* first: what the source holds */
	struct candidate told;
	struct talk	*talk;
	struct buf	*out;
	enum form	 form;
	bool		 begun;		/* something of the array was put */
	struct slice	 head, tail;	/* around the parts of a chunk */
	struct gather	 parts;		/* WHOLE: so far */
	struct gather	 held;		/* ... and the open block's text */
};

/* ---- chunks ---- */

static void
open_chunk(struct gemini_sink *s)
{
	if (s->form == FORM_EVENTS)
		buf_append(s->out, SLICE("data: "));
	else if (s->form == FORM_ARRAY)
		buf_append(s->out, s->begun ? SLICE(",\r\n") : SLICE("["));
	s->begun = true;
}

static void
close_chunk(struct gemini_sink *s)
{
	if (s->form == FORM_EVENTS)
		buf_append(s->out, SLICE("\r\n\r\n"));
}

/* One part, in three pieces. */
static void
put_part(struct gemini_sink *s, struct slice before, struct slice text,
    struct slice after)
{
	const struct slice pieces[] = { before, text, after };

	if (s->form == FORM_WHOLE && s->parts.len)
		gather_add(&s->parts, s->talk->arena, SLICE(","));
	if (s->form != FORM_WHOLE) {
		open_chunk(s);
		buf_append(s->out, s->head);
	}
	for (size_t i = 0; i < 3; i++)
		if (s->form == FORM_WHOLE)
			gather_add(&s->parts, s->talk->arena, pieces[i]);
		else
			buf_append(s->out, pieces[i]);
	if (s->form != FORM_WHOLE) {
		buf_append(s->out, s->tail);
		close_chunk(s);
	}
}

static void
put_text(struct gemini_sink *s, struct slice text, struct slice signature)
{
	bool thought = s->told.kind == IR_THINK && s->told.show_thoughts;
	struct slice after = thought ? SLICE("\",\"thought\":true}") :
	    SLICE("\"}");

	if (signature.len)
		after = arena_fmt(s->talk->scratch,
		    "\"%s,\"thoughtSignature\":\"%.*s\"}",
		    thought ? ",\"thought\":true" : "", SLICE_FMT(signature));
	put_part(s, SLICE("{\"text\":\""), text, after);
}

/* ---- events ---- */

static void
take_begin(struct gemini_sink *s, const struct ir_event *ev)
{
	candidate_begin(&s->told, ev);
	s->head = SLICE("{\"candidates\":[{\"content\":{\"parts\":[");
	s->tail = arena_join(s->talk->arena, (const struct slice[]){
	    SLICE("],\"role\":\"model\"},\"index\":0}],"), s->told.foot }, 2);
}

static void
take_open(struct gemini_sink *s, const struct ir_event *ev)
{
	gather_clear(&s->held);
	if (ev->kind == IR_IMAGE || ev->kind == IR_AUDIO)
		put_part(s, arena_fmt(s->talk->scratch, "{\"inlineData\":{"
		    "\"mimeType\":\"%.*s\",\"data\":\"", SLICE_FMT(ev->mime)),
		    ev->text, SLICE("\"}}"));
	else if (ev->kind == IR_OPAQUE && ev->vendor == IR_GOOGLE)
		put_part(s, candidate_opaque(&s->told, ev->raw),
		    (struct slice){ 0 }, (struct slice){ 0 });
}

static void
take_delta(struct gemini_sink *s, struct slice text)
{
	if (!candidate_shows(&s->told) || !text.len)
		return;
	if (s->form == FORM_WHOLE)
		gather_add(&s->held, s->talk->arena, text);
	else
		put_text(s, text, (struct slice){ 0 });
}

/* A stream tells a signature at once: its text has been told. */
static void
take_sign(struct gemini_sink *s)
{
	struct slice signature = candidate_text_signature(&s->told);

	if (s->form != FORM_WHOLE && signature.len)
		put_text(s, SLICE(""), signature);
}

static void
take_close(struct gemini_sink *s)
{
	struct slice signature = candidate_text_signature(&s->told), call;

	if (s->told.kind == IR_CALL) {
		call = candidate_call(&s->told);
		if (call.len)
			put_part(s, call, (struct slice){ 0 },
			    (struct slice){ 0 });
	} else if (s->form == FORM_WHOLE && (s->held.len || signature.len)) {
		put_text(s, gather_text(&s->held), signature);
	}
	candidate_close(&s->told);
}

static void
put_candidate(struct gemini_sink *s, struct writer *w,
    const struct ir_event *stop)
{
	write_key(w, "candidates");
	write_array(w);
	write_object(w);
	write_key(w, "content");
	write_object(w);
	write_key(w, "parts");
	write_array(w);
	write_raw(w, s->parts.len ? gather_text(&s->parts) :
	    SLICE("{\"text\":\"\"}"));
	write_end(w);
	write_member_plain(w, "role", "model");
	write_end(w);
	candidate_put_finish(&s->told, w, stop);
	write_member_u64(w, "index", 0);
	candidate_put_cites(&s->told, w);
	write_end(w);
	write_end(w);
}

static void
take_stop(struct gemini_sink *s, const struct ir_event *ev)
{
	struct writer w = { .out = s->out };

	open_chunk(s);
	write_object(&w);
	if (!candidate_put_feedback(&s->told, &w, ev))
		put_candidate(s, &w, ev);
	candidate_put_usage(&s->told, &w);
	buf_byte(s->out, ',');
	buf_append(s->out, s->told.foot);
	if (s->form == FORM_ARRAY)
		buf_byte(s->out, ']');
	close_chunk(s);
}

static void
take_fail(struct gemini_sink *s, const struct fail *fail)
{
	if (s->form == FORM_WHOLE)
		return;		/* told by status and gemini_error() */
	open_chunk(s);
	gemini_put_error(s->talk, fail, s->out);
	if (s->form == FORM_ARRAY)
		buf_byte(s->out, ']');
	close_chunk(s);
}

static void
sink_put(struct sink *sink, const struct ir_event *ev)
{
	struct gemini_sink *s = (struct gemini_sink *)sink;

	candidate_follow(&s->told, ev);
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
		take_sign(s);
		break;
	case IR_CLOSE:
		take_close(s);
		break;
	case IR_CITE:
	case IR_LOGPROBS:
	case IR_USAGE:
		break;
	case IR_PING:
		if (s->form != FORM_WHOLE)
			buf_append(s->out, SLICE("\r\n"));
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
	if (sink->next)
		sink->next->put(sink->next, ev);
}

static struct sink *
make(struct talk *talk, struct buf *out, enum form form)
{
	struct gemini_sink *s = arena_alloc(talk->arena, sizeof *s);

	if (!s)
		return NULL;
	s->sink.put = sink_put;
	s->talk = talk;
	s->out = out;
	s->form = form;
	candidate_init(&s->told, talk);
	return &s->sink;
}

struct sink *
gemini_sink_stream(struct talk *talk, struct buf *out)
{
	return make(talk, out, talk->as_array ? FORM_ARRAY : FORM_EVENTS);
}

struct sink *
gemini_sink_whole(struct talk *talk, struct buf *out)
{
	return make(talk, out, FORM_WHOLE);
}
