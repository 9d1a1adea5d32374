/*
 * Chat answers, whole and in chunks, as events.
 *
 * A chunk is read in the order reasoning, content, tool calls, end; which
 * block a piece belongs to is segment.c's business, what the end means and
 * what it cost is account.c's.  A whole answer is one chunk whose `message`
 * stands in the place of `delta`.
 */
#include "proto/chat/account.h"
#include "proto/chat/calls.h"
#include "proto/chat/chat.h"
#include "proto/chat/images.h"
#include "proto/chat/missed.h"
#include "proto/chat/mould.h"
#include "proto/chat/reasoning.h"
#include "proto/chat/segment.h"
#include "proto/chat/thinktag.h"
#include "proto/chat/weights.h"
#include "proto/stopscan.h"

struct chat_source {
	struct source	 source;	/* first: it is what outsiders see */
	struct talk	*talk;
	struct segments	 segments;
	struct account	 account;
	struct fail	 fail;
	struct stopscan	 scan;
	struct thinktag	 tag;
	bool		 begun;		/* BEGIN was put: there is a choice */
	bool		 whole;		/* not a stream */
	bool		 has_text;	/* some content came */
	struct mould	 mould;		/* of chunks with nothing but text */
	struct jval	 plain;		/* the text of such a one; or absent */
	struct slice	 broken;	/* how the choice says it broke */
	bool		 placed;	/* `place` is known */
	uint64_t	 place;		/* of the choice that is the answer */
};

struct chunk {
	struct jval	 id, model, object, choices, usage, error, tier, groq;
	struct jval	 citations, found;
};

static const struct field chunk_fields[] = {
	{ .name = "id", FIELD_RAW, offsetof(struct chunk, id) },
	{ .name = "model", FIELD_RAW, offsetof(struct chunk, model) },
	{ .name = "object", FIELD_RAW, offsetof(struct chunk, object) },
	{ .name = "choices", FIELD_RAW, offsetof(struct chunk, choices) },
	{ .name = "usage", FIELD_RAW, offsetof(struct chunk, usage) },
	{ .name = "error", FIELD_RAW, offsetof(struct chunk, error) },
	{ .name = "service_tier", FIELD_RAW, offsetof(struct chunk, tier) },
	{ .name = "x_groq", FIELD_RAW, offsetof(struct chunk, groq) },
	/* Perplexity */
	{ .name = "citations", FIELD_RAW, offsetof(struct chunk, citations) },
	{ .name = "search_results", FIELD_RAW, offsetof(struct chunk, found) },
	{ 0 },
};

struct choice {
	struct jval	 place, delta, message, reason, sequence, usage, error;
	struct jval	 logprobs;
};

static const struct field choice_fields[] = {
	{ .name = "index", FIELD_RAW, offsetof(struct choice, place) },
	{ .name = "delta", FIELD_RAW, offsetof(struct choice, delta) },
	{ .name = "message", FIELD_RAW, offsetof(struct choice, message) },
	{ .name = "finish_reason", FIELD_RAW,
	    offsetof(struct choice, reason) },
	{ .name = "stop_reason", FIELD_RAW, offsetof(struct choice, sequence) },
	{ .name = "usage", FIELD_RAW, offsetof(struct choice, usage) },
	{ .name = "error", FIELD_RAW, offsetof(struct choice, error) },
	{ .name = "logprobs", FIELD_RAW, offsetof(struct choice, logprobs) },
	{ 0 },
};

struct delta {
	struct jval	 content, refusal, annotations;
	struct jval	 audio, images, executed;
	struct reasoning reasoning;
	struct calls	 calls;
};

static const struct field delta_fields[] = {
	{ .name = "content", FIELD_RAW, offsetof(struct delta, content) },
	{ .name = "refusal", FIELD_RAW, offsetof(struct delta, refusal) },
	{ .name = "tool_calls", FIELD_RAW,
	    offsetof(struct delta, calls.list) },
	{ .name = "function_call", FIELD_RAW,
	    offsetof(struct delta, calls.function) },
	{ .name = "annotations", FIELD_RAW,
	    offsetof(struct delta, annotations) },
	{ .name = "audio", FIELD_RAW, offsetof(struct delta, audio) },
	{ .name = "images", FIELD_RAW, offsetof(struct delta, images) },
	{ .name = "executed_tools", FIELD_RAW,	/* Groq */
	    offsetof(struct delta, executed) },
	{ .name = "extra_content", FIELD_RAW,
	    offsetof(struct delta, calls.extra) },
	{ .name = "reasoning_content", FIELD_RAW,
	    offsetof(struct delta, reasoning.content) },
	{ .name = "reasoning", FIELD_RAW,
	    offsetof(struct delta, reasoning.text) },
	{ .name = "reasoning_details", FIELD_RAW,
	    offsetof(struct delta, reasoning.details) },
	{ .name = "thinking_blocks", FIELD_RAW,
	    offsetof(struct delta, reasoning.blocks) },
	{ 0 },
};

/* Fill `into`, whose fields are all raw: that cannot fail. */
static void
bind(struct jval object, const struct field *fields, void *into)
{
	struct bind_problem problem = { 0 };
	bool bound = json_bind(object, fields, into, &problem);

	CHECK(bound);
}

/* ---- text ---- */

static void
put_piece(void *arg, bool thinking, struct slice text)
{
	struct chat_source *s = arg;

	if (text.len)
		segments_text(&s->segments, &(struct segment_text){
		    .kind = thinking ? IR_THINK : IR_TEXT, .part = -1,
		    .text = text });
}

static void
put_text(struct chat_source *s, enum ir_kind kind, struct slice text)
{
	if (!text.len)
		return;
	s->has_text |= kind == IR_TEXT;
	if (kind == IR_TEXT && talk_options(s->talk)->think_tags)
		thinktag_take(&s->tag, s->talk->arena, s->talk->scratch, text,
		    put_piece, s);
	else
		put_piece(s, kind == IR_THINK, text);
}

/* ---- beginning and end ---- */

static void
begin(struct chat_source *s, const struct chunk *c)
{
	struct ir_event ev = {
		.type = IR_BEGIN,
		.id = jval_text(c->id),
		.model = jval_text(c->model),
		.tier = s->account.tier,
		.usage = s->account.usage,
	};

	if (s->begun)
		return;
	s->begun = true;
	s->segments.answer_id = arena_dup(s->talk->arena, ev.id);
	s->source.to->put(s->source.to, &ev);
}

/* The answer is over, badly.  s->fail says how. */
static void
put_fail(struct chat_source *s)
{
	s->source.done = true;
	s->source.to->put(s->source.to, &(struct ir_event){
	    .type = IR_FAIL, .fail = &s->fail });
}

/* ... for a reason of our own finding. */
static void
fail(struct chat_source *s, enum fail_kind kind, const char *what)
{
	s->fail = (struct fail){ .retry_after_ms = -1 };
	fail_set(&s->fail, s->talk->arena, kind, NULL, "%s", what);
	put_fail(s);
}

/* ... for the reason that `body` gives; status 0: it said none. */
static void
fail_said(struct chat_source *s, struct slice body, uint64_t status)
{
	s->fail = (struct fail){ .retry_after_ms = -1 };
	fail_read(&s->fail, s->talk->arena, (unsigned)status,
	    arena_dup(s->talk->arena, body));
	put_fail(s);
}

static void
finish(struct chat_source *s)
{
	struct ir_event stop;

	if (s->broken.len) {
		fail_said(s, s->broken, 0);
		return;
	}
	if (s->account.broken) {
		fail(s, s->account.broken,
		    s->account.broken == FAIL_OVERLOADED ?
		    "The provider ran out of resources." :
		    "The provider broke off its answer with an error.");
		return;
	}
	thinktag_end(&s->tag, put_piece, s);
	segments_end(&s->segments);
	if (s->talk->arena->failed || s->talk->scratch->failed) {
		fail(s, FAIL_MEMORY, "The answer is too large.");
		return;
	}
	stop = account_stop(&s->account, s->segments.calls_made > 0);
	s->source.done = true;
	s->source.to->put(s->source.to, &stop);
}

/* ---- content ---- */

static void
read_refusal(struct chat_source *s, struct slice text)
{
	if (!text.len)
		return;
	gather_add(&s->account.refusal, s->talk->arena, text);
	/* A whole answer repeats it beside the content. */
	if (s->whole && s->has_text)
		return;
	segments_text(&s->segments, &(struct segment_text){
	    .kind = IR_TEXT, .refusal = true, .part = -1, .text = text });
}

/* A part of content as array; Mistral's thinking is an array again. */
static void
content_part(struct chat_source *s, struct jval part, unsigned at)
{
	struct jval inner = jval_get(part, "thinking");
	struct jval text = jval_get(part, "text");
	struct jval refusal = jval_get(part, "refusal");

	if (jval_is(part, JSON_STRING))
		put_text(s, IR_TEXT, jval_text(part));
	else if (jval_is(inner, JSON_STRING))
		put_text(s, IR_THINK, jval_text(inner));
	else if (jval_is(inner, JSON_ARRAY))
		for (struct jval p = jval_first(inner); !jval_at_end(p);
		    p = jval_next(p))
			put_text(s, IR_THINK, jval_get_text(p, "text"));
	else if (jval_is(refusal, JSON_STRING))
		read_refusal(s, jval_text(refusal));
	else if (jval_is(text, JSON_STRING))
		put_text(s, IR_TEXT, jval_text(text));
	else
		missed_at(s->talk, part, "choices[0].message.content", at);
}

/* Gemini marks thoughts beside the content, and brackets them in it. */
static struct slice
unbracket(struct slice text, bool thought)
{
	struct slice bracket = thought ? SLICE("<thought>") :
	    SLICE("</thought>");

	return slice_starts(text, bracket) ?
	    slice_skip(text, bracket.len) : text;
}

static void
read_content(struct chat_source *s, const struct delta *d)
{
	struct jval google = jval_get(d->calls.extra, "google");
	bool thought = jval_is_true(jval_get(google, "thought"));
	unsigned at = 0;

	if (jval_is(d->content, JSON_ARRAY)) {
		for (struct jval p = jval_first(d->content); !jval_at_end(p);
		    p = jval_next(p))
			content_part(s, p, at++);
	} else if (s->talk->quirks.dialect == DIALECT_GEMINI) {
		put_text(s, thought ? IR_THINK : IR_TEXT,
		    unbracket(jval_text(d->content), thought));
	} else {
		put_text(s, IR_TEXT, jval_text(d->content));
	}
}

/* ---- chunks ---- */

/* The content, if it is a string and all that the delta says. */
static struct jval
only_text(const struct chat_source *s, const struct delta *d)
{
	const struct reasoning *r = &d->reasoning;
	bool more = jval_ok(d->refusal) || jval_ok(d->annotations) ||
	    jval_ok(r->content) || jval_ok(r->text) || jval_ok(r->details) ||
	    jval_ok(r->blocks) || jval_ok(d->calls.list) ||
	    jval_ok(d->calls.function) || jval_ok(d->calls.extra) ||
	    jval_ok(d->images);

	if (more || s->whole || !jval_is(d->content, JSON_STRING) ||
	    s->talk->quirks.dialect == DIALECT_GEMINI)
		return (struct jval){ 0 };
	return d->content;
}

static void
read_delta(struct chat_source *s, struct jval object)
{
	struct delta d = { 0 };

	bind(object, delta_fields, &d);
	reasoning_put(&s->segments, &d.reasoning);
	read_content(s, &d);
	read_refusal(s, jval_text(d.refusal));
	if (jval_is(d.annotations, JSON_ARRAY))
		for (struct jval a = jval_first(d.annotations);
		    !jval_at_end(a); a = jval_next(a))
			segments_cite(&s->segments, jval_raw(a));
	calls_put(&s->segments, &d.calls, s->whole);
	missed(s->talk, d.audio, "choices[0].message.audio");
	images_put(&s->segments, d.images);
	missed(s->talk, d.executed, "choices[0].message.executed_tools");
	s->plain = only_text(s, &d);
}

/* A choice, which is element `n` of them. */
static void
read_choice(struct chat_source *s, struct jval object, uint64_t n)
{
	struct choice c = { 0 };
	bool fresh = !s->segments.calls_made && !s->has_text;

	bind(object, choice_fields, &c);
	(void)jval_u64(c.place, &n);	/* absent: its place in the array */
	if (n != s->place) {
		missed_at(s->talk, object, "choices", (unsigned)n);
		return;
	}
	if (jval_is(c.logprobs, JSON_OBJECT))
		s->segments.weights = weights_of(s->talk, c.logprobs);
	if (!s->whole && jval_is(c.delta, JSON_OBJECT))
		read_delta(s, c.delta);
	else if (jval_is(c.message, JSON_OBJECT) && fresh)
		read_delta(s, c.message);
	else if (jval_is(c.delta, JSON_OBJECT))
		read_delta(s, c.delta);
	account_usage(&s->account, s->talk->arena, c.usage);
	account_finish(&s->account, s->talk->arena, c.reason, c.sequence);
	if (s->segments.weights.len)
		segments_weigh(&s->segments);
	if (jval_is(c.error, JSON_OBJECT))
		s->broken = arena_fmt(s->talk->arena, "{\"error\":%.*s}",
		    SLICE_FMT(jval_raw(c.error)));
	if (jval_ok(c.usage) || jval_ok(c.reason) || jval_ok(c.sequence) ||
	    jval_is(c.logprobs, JSON_OBJECT))
		s->plain = (struct jval){ 0 };
}

/* Of several the first is the answer, whatever number some give to it. */
static void
choose(struct chat_source *s, struct jval choices)
{
	uint64_t least = UINT64_MAX, n;

	for (struct jval c = jval_first(choices); !jval_at_end(c);
	    c = jval_next(c)) {
		if (!jval_u64(jval_get(c, "index"), &n))
			n = 0;
		least = n < least ? n : least;
	}
	s->place = least;
	s->placed = true;
}

static void
read_choices(struct chat_source *s, struct jval choices)
{
	uint64_t n = 0;

	if (!s->placed)
		choose(s, choices);
	for (struct jval c = jval_first(choices); !jval_at_end(c);
	    c = jval_next(c))
		read_choice(s, c, n++);
}

static bool
is_error(const struct chunk *c)
{
	return jval_is(c->error, JSON_OBJECT) ||
	    jval_text(c->error).len || jval_text_is(c->object, "error");
}

/* An error inside of a 200, for which Groq says which status it should be. */
static void
read_error(struct chat_source *s, const struct chunk *c, struct slice body)
{
	uint64_t status = 0;

	if (!jval_u64(jval_get(c->error, "status_code"), &status) ||
	    status < 400 || status > 599)
		status = 0;
	s->source.unheard = !jval_ok(c->error);
	fail_said(s, body, status);
}

static void
put_usage(struct chat_source *s)
{
	if (!s->account.usage_seen || !s->begun)
		return;
	s->account.usage_seen = false;
	s->source.to->put(s->source.to, &(struct ir_event){
	    .type = IR_USAGE, .usage = s->account.usage });
}

static void
read_chunk(struct chat_source *s, const struct chunk *c)
{
	struct account *a = &s->account;
	struct arena *arena = s->talk->arena;
	bool has_choices = jval_is(c->choices, JSON_ARRAY) &&
	    jval_count(c->choices) > 0;

	account_tier(a, arena, c->tier);
	account_usage(a, arena, jval_ok(c->usage) ? c->usage :
	    jval_get(c->groq, "usage"));
	missed_usage(s->talk, c->usage);
	missed(s->talk, c->citations, "citations");
	missed(s->talk, c->found, "search_results");
	if (has_choices) {
		begin(s, c);
		put_usage(s);
		read_choices(s, c->choices);
	}
	put_usage(s);
}

/* Does the chunk say nothing but its text, so that the next may be like it? */
static bool
is_plain(const struct chat_source *s, const struct chunk *c)
{
	return jval_ok(s->plain) && jval_count(c->choices) == 1 &&
	    !jval_ok(c->usage) && !jval_ok(c->groq);
}

/* What may have come of a piece, whichever way it was read. */
static void
look_after(struct chat_source *s)
{
	if (s->source.done)
		return;
	s->source.ending = s->account.finished;
	if (s->scan.over)
		s->source.done = s->source.cut = true;
	else if (s->segments.too_many)
		fail(s, FAIL_BAD_ANSWER, "The answer calls too many tools.");
	else if (s->talk->arena->failed || s->talk->scratch->failed)
		fail(s, FAIL_MEMORY, "The answer is too large.");
}

/* Parse one piece of the answer and read it.  False: it was no object. */
static bool
read_piece(struct chat_source *s, struct slice body)
{
	struct json doc;
	struct json_fault fault;
	struct chunk c = { 0 };

	if (!json_parse(&doc, s->talk->scratch, body, 0, &fault))
		return false;
	/* Gemini wraps an error into an array. */
	if (jval_is(json_root(&doc), JSON_ARRAY)) {
		fail_said(s, body, 0);
		return true;
	}
	if (!jval_is(json_root(&doc), JSON_OBJECT))
		return false;
	bind(json_root(&doc), chunk_fields, &c);
	if (is_error(&c) || (!jval_ok(c.choices) &&
	    fail_is_told(json_root(&doc)))) {
		account_usage(&s->account, s->talk->arena, c.usage);
		put_usage(s);
		read_error(s, &c, body);
		return true;
	}
	s->plain = (struct jval){ 0 };
	read_chunk(s, &c);
	if (is_plain(s, &c))
		mould_learn(&s->mould, body, jval_raw(s->plain));
	look_after(s);
	return true;
}

static void
source_event(struct source *source, const struct sse_event *ev)
{
	struct chat_source *s = (struct chat_source *)source;
	struct slice data = slice_trim(ev->data), text;

	if (source->done || !data.len)
		return;
	if (!ev->name.len && mould_fits(&s->mould, data, &text)) {
		put_text(s, IR_TEXT, text);
		look_after(s);
	} else if (slice_is(data, "[DONE]")) {
		if (s->begun)
			finish(s);
		else
			fail(s, FAIL_BAD_ANSWER,
			    "Upstream returned no choices.");
	} else if (slice_is(ev->name, "error")) {
		fail_said(s, data, 0);
	} else if (!read_piece(s, data)) {
		fail(s, FAIL_BAD_ANSWER,
		    "Upstream sent an event that is not a JSON object.");
	}
}

static void
source_whole(struct source *source, struct slice body)
{
	struct chat_source *s = (struct chat_source *)source;

	if (source->done)
		return;
	s->whole = true;
	if (!read_piece(s, body))
		fail(s, FAIL_BAD_ANSWER,
		    "Upstream sent an answer that is not a JSON object.");
	else if (!source->done && !s->begun)
		fail(s, FAIL_BAD_ANSWER, "Upstream returned no choices.");
	else if (!source->done)
		finish(s);
}

static void
source_end(struct source *source)
{
	struct chat_source *s = (struct chat_source *)source;

	if (source->done)
		return;
	if (s->account.finished ||
	    (s->begun && talk_options(s->talk)->lenient_eof))
		finish(s);
	else
		fail(s, FAIL_TRUNCATED, "Upstream closed the stream before "
		    "the response was complete.");
}

/*
 * The stop sequences that the encoder did not tell the provider: those beyond
 * its limit, or all if it takes none.
 */
static const struct ir_text *
untold_stops(const struct talk *talk)
{
	const struct ir_text *stop = talk->request ? talk->request->stop : NULL;
	unsigned told = talk->quirks.stop_ok ? talk->quirks.stop_max : 0;

	while (stop && told--)
		stop = stop->next;
	return stop;
}

struct source *
chat_source(struct talk *talk, struct sink *to)
{
	const struct ir_text *stops = untold_stops(talk);
	struct chat_source *s = arena_alloc(talk->arena, sizeof *s);

	if (!s)
		return NULL;
	if (stops) {
		if (!stopscan_init(&s->scan, stops, talk->arena,
		    talk->scratch, to))
			return NULL;
		to = &s->scan.sink;
	}
	s->source = (struct source){
		.event = source_event,
		.whole = source_whole,
		.end = source_end,
		.to = to,
	};
	s->talk = talk;
	s->segments = (struct segments){ .talk = talk, .to = to };
	account_init(&s->account);
	return &s->source;
}
