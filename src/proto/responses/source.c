/*
 * Responses answers, whole and streamed, as events.
 *
 * A stream tells everything up to three times: in pieces, at the end of the
 * piece's part, and at the end of its item; some providers leave out any two of
 * these.  So a later telling counts only where none came before.  What an item
 * means is intake.c's business, in which order its parts are told parts.c's.  A
 * whole answer is a response whose items are done.
 */
#include "proto/chat/account.h"
#include "proto/responses/frame.h"
#include "proto/responses/intake.h"
#include "proto/responses/responses.h"
#include "proto/stopscan.h"

struct answer {
	struct source	 source;	/* first: it is what outsiders see */
	struct talk	*talk;
	struct intake	 intake;
	struct account	 account;	/* of which usage and tier are read */
	struct fail	 fail;
	struct stopscan	 scan;
	bool		 begun;
	struct frame	 frame;		/* of deltas of `framed` */
	struct part	*framed;
};

static void
put(struct answer *a, const struct ir_event *ev)
{
	a->source.to->put(a->source.to, ev);
}

/* ---- the end ---- */

static void
put_fail(struct answer *a)
{
	a->source.done = true;
	put(a, &(struct ir_event){ .type = IR_FAIL, .fail = &a->fail });
}

static void
give_up(struct answer *a, enum fail_kind kind, const char *what)
{
	(void)fail_set(&a->fail, a->talk->arena, kind, NULL, "%s", what);
	put_fail(a);
}

static void
fail_said(struct answer *a, struct slice body)
{
	fail_read(&a->fail, a->talk->arena, 0,
	    arena_dup(a->talk->arena, body));
	put_fail(a);
}

static void
put_usage(struct answer *a, struct jval response)
{
	account_usage(&a->account, a->talk->arena,
	    jval_get(response, "usage"));
	account_tier(&a->account, a->talk->arena,
	    jval_get(response, "service_tier"));
	if (a->account.usage_seen && a->begun)
		put(a, &(struct ir_event){
		    .type = IR_USAGE, .usage = a->account.usage });
	a->account.usage_seen = false;
}

static void
begin(struct answer *a, struct jval response)
{
	if (a->begun)
		return;
	a->begun = true;
	account_tier(&a->account, a->talk->arena,
	    jval_get(response, "service_tier"));
	a->intake.parts.answer_id = arena_dup(a->talk->arena,
	    jval_get_text(response, "id"));
	put(a, &(struct ir_event){
	    .type = IR_BEGIN,
	    .id = a->intake.parts.answer_id,
	    .model = jval_get_text(response, "model"),
	    .tier = a->account.tier,
	    .usage = ir_usage_none(),
	});
}

static const struct {
	const char	*word;
	enum ir_stop	 stop;
} reasons[] = {
	{ "max_output_tokens", IR_STOP_LENGTH },
	{ "max_tokens", IR_STOP_LENGTH },
	{ "length", IR_STOP_LENGTH },
	{ "content_filter", IR_STOP_FILTER },
	{ "steered", IR_STOP_PAUSE },
};

/* `incomplete`: it broke off, for the reason that the response gives. */
static void
finish(struct answer *a, struct jval response, bool incomplete)
{
	struct slice reason = jval_text(jval_get2(response,
	    "incomplete_details", "reason"));
	struct slice refusal = gather_text(&a->intake.refusal);
	struct ir_event ev = {
		.type = IR_STOP, .usage = ir_usage_none(),
		.stop = a->intake.parts.calls ? IR_STOP_TOOL : IR_STOP_END,
		.native = incomplete ? reason : (struct slice){ 0 },
		.tier = a->account.tier,
	};

	parts_end(&a->intake.parts);
	if (refusal.len && ev.stop == IR_STOP_END)
		ev.stop = IR_STOP_REFUSAL;
	if (incomplete)
		ev.stop = IR_STOP_OTHER;
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (incomplete && slice_is(reason, reasons[i].word))
			ev.stop = reasons[i].stop;
	if (ev.stop == IR_STOP_REFUSAL || ev.stop == IR_STOP_FILTER)
		ev.explanation = refusal;
	if (a->scan.over) {
		a->source.done = true;
		return;
	}
	if (a->talk->arena->failed || a->talk->scratch->failed) {
		give_up(a, FAIL_MEMORY, "The answer is too large.");
		return;
	}
	a->source.done = true;
	put(a, &ev);
}

/* ---- a response: at the end of a stream, or alone ---- */

/* The error of a response that failed, as if it were a body of its own. */
static void
fail_response(struct answer *a, struct jval response)
{
	struct jval error = jval_get(response, "error");

	put_usage(a, response);
	if (jval_ok(error))
		fail_said(a, arena_fmt(a->talk->arena, "{\"error\":%.*s}",
		    SLICE_FMT(jval_raw(error))));
	else
		give_up(a, FAIL_SERVER, "The provider broke off its answer "
		    "without saying why.");
}

/* Items that no event told of. */
static void
read_output(struct answer *a, struct jval response)
{
	struct jval output = jval_get(response, "output");
	uint64_t n = 0;

	if (a->intake.seen || !jval_is(output, JSON_ARRAY))
		return;
	for (struct jval item = jval_first(output); !jval_at_end(item);
	    item = jval_next(item))
		intake_done(&a->intake, n++, item);
}

static void
end_completed(struct answer *a, struct jval response)
{
	begin(a, response);
	read_output(a, response);
	parts_end(&a->intake.parts);
	put_usage(a, response);
	finish(a, response, false);
}

static void
end_incomplete(struct answer *a, struct jval response)
{
	begin(a, response);
	read_output(a, response);
	parts_end(&a->intake.parts);
	put_usage(a, response);
	finish(a, response, true);
}

static void
end_cancelled(struct answer *a, struct jval response)
{
	put_usage(a, response);
	give_up(a, FAIL_CANCELED, "The provider's answer was cancelled.");
}

/* A job that runs on without us: nobody asked for one. */
static void
end_pending(struct answer *a, struct jval response)
{
	(void)response;
	give_up(a, FAIL_BAD_ANSWER, "The provider answered before its answer "
	    "was complete.");
}

/* By status, and by the event "response.STATUS" of a stream. */
static const struct {
	const char	*status;
	bool		 ends;		/* a stream */
	void		(*end)(struct answer *, struct jval response);
} statuses[] = {
	{ "completed", true, end_completed },
	{ "incomplete", true, end_incomplete },
	{ "failed", true, fail_response },
	{ "cancelled", true, end_cancelled },
	{ "canceled", true, end_cancelled },
	{ "queued", false, end_pending },
	{ "in_progress", false, end_pending },
};

enum { STATUSES = sizeof statuses / sizeof *statuses };

/* ---- the events of a stream ---- */

static void
on_begin(struct answer *a, struct jval data)
{
	begin(a, jval_get(data, "response"));
}

static void
on_ping(struct answer *a, struct jval data)
{
	(void)data;
	if (a->begun)
		put(a, &(struct ir_event){ .type = IR_PING });
}

static void
on_error(struct answer *a, struct jval data)
{
	fail_said(a, jval_raw(data));
}

static const struct {
	const char	*type;
	void		(*on)(struct answer *, struct jval data);
} events[] = {
	{ "response.created", on_begin },
	{ "response.in_progress", on_begin },
	{ "response.queued", on_begin },
	{ "keepalive", on_ping },
	{ "error", on_error },
};

/* What may have come of an event, whichever way it was read. */
static void
look_after(struct answer *a)
{
	if (a->source.done)
		return;
	if (a->scan.over)
		a->source.done = a->source.cut = true;
	else if (a->intake.parts.too_many)
		give_up(a, FAIL_BAD_ANSWER,
		    "The answer has too many parts.");
	else if (a->talk->arena->failed || a->talk->scratch->failed)
		give_up(a, FAIL_MEMORY, "The answer is too large.");
}

/* An event that has no item. */
static void
read_other(struct answer *a, struct slice type, struct jval data)
{
	size_t n = sizeof events / sizeof *events;

	for (size_t i = 0; i < n; i++)
		if (slice_is(type, events[i].type)) {
			events[i].on(a, data);
			return;
		}
	if (!slice_starts(type, SLICE("response."))) {
		if (!type.len && jval_ok(jval_get(data, "error")))
			on_error(a, data);
		return;
	}
	type = slice_skip(type, sizeof "response." - 1);
	for (size_t i = 0; i < STATUSES; i++)
		if (statuses[i].ends && slice_is(type, statuses[i].status)) {
			statuses[i].end(a, jval_get(data, "response"));
			return;
		}
}

static void
read_event(struct answer *a, struct slice name, struct jval data)
{
	struct slice type = jval_get_text(data, "type");
	const struct intake_event *event;
	struct jval delta = { 0 };
	struct part *part;

	if (!type.len)
		type = name;
	event = intake_find(type);
	if (!event) {
		read_other(a, type, data);
		return;
	}
	begin(a, (struct jval){ 0 });
	part = intake_take(&a->intake, event, data, &delta);
	a->framed = part;
	if (part)
		frame_learn(&a->frame, data, delta);
}

static void
answer_event(struct source *source, const struct sse_event *sse)
{
	struct answer *a = (struct answer *)source;
	struct slice data = slice_trim(sse->data), text;
	struct json doc;
	struct json_fault fault;

	if (source->done || !data.len || slice_is(data, "[DONE]"))
		return;
	if (parts_live(&a->intake.parts, a->framed) &&
	    frame_fits(&a->frame, data, &text))
		parts_say(&a->intake.parts, a->framed, text);
	else if (json_parse(&doc, a->talk->scratch, data, 0, &fault) &&
	    jval_is(json_root(&doc), JSON_OBJECT))
		read_event(a, sse->name, json_root(&doc));
	else if (slice_is(sse->name, "error"))
		fail_said(a, data);
	else
		give_up(a, FAIL_BAD_ANSWER, "Upstream sent an event that is "
		    "not a JSON object.");
	look_after(a);
}

static void
answer_end(struct source *source)
{
	struct answer *a = (struct answer *)source;

	if (source->done)
		return;
	if (a->intake.seen && talk_options(a->talk)->lenient_eof)
		finish(a, (struct jval){ 0 }, false);
	else
		give_up(a, FAIL_TRUNCATED, "Upstream closed the stream before "
		    "the response was complete.");
}

/* ---- a whole body ---- */

static void
read_response(struct answer *a, struct jval response)
{
	struct jval status = jval_get(response, "status");
	size_t i = 0;

	while (i < STATUSES && !jval_text_is(status, statuses[i].status))
		i++;
	if (i < STATUSES)
		statuses[i].end(a, response);
	else
		end_completed(a, response);
}

static void
answer_whole(struct source *source, struct slice body)
{
	struct answer *a = (struct answer *)source;
	struct json doc;
	struct json_fault fault;
	struct jval root;

	if (source->done)
		return;
	if (!json_parse(&doc, a->talk->scratch, body, 0, &fault)) {
		give_up(a, FAIL_BAD_ANSWER,
		    "Upstream sent an answer that is not JSON.");
		return;
	}
	root = json_root(&doc);
	if (jval_ok(jval_get(root, "error")) ||
	    jval_text_is(jval_get(root, "type"), "error") ||
	    (!jval_ok(jval_get(root, "output")) && fail_is_told(root))) {
		put_usage(a, root);
		fail_said(a, body);
	} else if (jval_is(jval_get(root, "output"), JSON_ARRAY) ||
	    jval_text_is(jval_get(root, "object"), "response")) {
		read_response(a, root);
	} else {
		give_up(a, FAIL_BAD_ANSWER, "Upstream returned no response.");
	}
	look_after(a);
}

struct source *
responses_source(struct talk *talk, struct sink *to)
{
	const struct ir_text *stops = talk->request ? talk->request->stop :
	    NULL;
	struct answer *a = arena_alloc(talk->arena, sizeof *a);

	if (!a)
		return NULL;
	/* Nobody can be told of them in this protocol. */
	if (stops) {
		if (!stopscan_init(&a->scan, stops, talk->arena,
		    talk->scratch, to))
			return NULL;
		to = &a->scan.sink;
	}
	a->source = (struct source){
		.event = answer_event, .whole = answer_whole,
		.end = answer_end, .to = to,
	};
	a->talk = talk;
	a->intake.talk = talk;
	a->intake.parts = (struct parts){ .talk = talk, .to = to };
	account_init(&a->account);
	return &a->source;
}
