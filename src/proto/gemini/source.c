/*
 * Gemini answers, whole and as streams, as events.
 *
 * A whole answer is a stream of one object, and a body that is an array is a
 * stream of its elements.  Why it ended may be told before the last content,
 * with it, behind it, or more than once, and usage grows with every object: so
 * the end is told when nothing more comes.
 */
#include <stddef.h>

#include "json/text.h"
#include "json/write.h"
#include "proto/gather.h"
#include "proto/gemini/gemini.h"
#include "proto/gemini/intake.h"
#include "proto/gemini/proto3.h"

struct gemini_source {
	struct source	 source;	/* first: it is what outsiders see */
	struct talk	*talk;
	struct intake	 intake;
	struct fail	 fail;
	bool		 begun;
	bool		 answered;	/* a candidate, or a reason for none */
	struct slice	 reason, message;	/* as told last */
	bool		 blocked;	/* the prompt was refused */
	struct slice	 feedback;	/* ... as Google's clients are told */
	bool		 repeated;	/* the request was sent twice */
	struct ir_usage	 usage;
	int64_t		 prompt, tools, spoken, total;	/* -1: not said */
};

static void
put(struct gemini_source *s, const struct ir_event *ev)
{
	s->source.to->put(s->source.to, ev);
}

/* ---- failures ---- */

static void
put_fail(struct gemini_source *s)
{
	s->source.done = true;
	put(s, &(struct ir_event){ .type = IR_FAIL, .fail = &s->fail });
}

static void
fail(struct gemini_source *s, enum fail_kind kind, const char *what)
{
	s->fail = (struct fail){ .retry_after_ms = -1 };
	fail_set(&s->fail, s->talk->arena, kind, NULL, "%s", what);
	put_fail(s);
}

static void
fail_said(struct gemini_source *s, struct slice body, struct jval error)
{
	uint64_t status = 0;

	(void)jval_u64(jval_get(error, "code"), &status);
	s->source.unheard = status < 400 || status > 599;
	s->fail = (struct fail){ .retry_after_ms = -1 };
	fail_read(&s->fail, s->talk->arena, (unsigned)(status < 600 ? status :
	    0), body);
	put_fail(s);
}

/* ---- the end ---- */

static const struct {
	const char	*word;
	enum ir_stop	 stop;
} reasons[] = {
	{ "STOP", IR_STOP_END },
	{ "MAX_TOKENS", IR_STOP_LENGTH },
	{ "SAFETY", IR_STOP_FILTER },
	{ "RECITATION", IR_STOP_FILTER },
	{ "BLOCKLIST", IR_STOP_FILTER },
	{ "PROHIBITED_CONTENT", IR_STOP_FILTER },
	{ "SPII", IR_STOP_FILTER },
	{ "LANGUAGE", IR_STOP_FILTER },
	{ "MODEL_ARMOR", IR_STOP_FILTER },
	{ "IMAGE_SAFETY", IR_STOP_FILTER },
	{ "IMAGE_PROHIBITED_CONTENT", IR_STOP_FILTER },
	{ "IMAGE_RECITATION", IR_STOP_FILTER },
	{ "MALFORMED_FUNCTION_CALL", IR_STOP_BAD_TOOL },
	{ "UNEXPECTED_TOOL_CALL", IR_STOP_BAD_TOOL },
	{ "MALFORMED_RESPONSE", IR_STOP_BAD_TOOL },
	{ "TOO_MANY_TOOL_CALLS", IR_STOP_OTHER },
	{ "CONTINUATION", IR_STOP_LENGTH },
};

static enum ir_stop
stop_of(const struct gemini_source *s)
{
	if (s->blocked && !s->intake.said)
		return IR_STOP_FILTER;
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (slice_is(s->reason, reasons[i].word))
			return reasons[i].stop == IR_STOP_END &&
			    s->intake.calls ? IR_STOP_TOOL : reasons[i].stop;
	if (s->intake.calls)
		return IR_STOP_TOOL;
	return s->intake.said ? IR_STOP_END : IR_STOP_OTHER;
}

static void
forget_usage(struct gemini_source *s)
{
	s->usage = ir_usage_none();
	s->prompt = s->tools = s->spoken = s->total = -1;
}

/* What the provider says of tokens, in the tree's way of counting. */
static void
settle_usage(struct gemini_source *s)
{
	struct ir_usage *u = &s->usage;
	int64_t thought = u->reasoning > 0 ? u->reasoning : 0;

	if (s->prompt >= 0 || s->tools >= 0)
		u->in = (s->prompt > 0 ? s->prompt : 0) +
		    (s->tools > 0 ? s->tools : 0);
	if (u->in < 0)
		return;
	u->out = (s->spoken > 0 ? s->spoken : 0) + thought;
	if (s->total > u->in + u->out)
		u->out = s->total - u->in;
}

static bool
is_filtered(enum ir_stop stop)
{
	return stop == IR_STOP_FILTER || stop == IR_STOP_BAD_TOOL ||
	    stop == IR_STOP_OTHER;
}

/*
 * A call that Google's own parser does not take says nothing and comes by
 * chance: the request is sent once more, if the client has been told nothing.
 */
static bool
may_repeat(struct gemini_source *s)
{
	return s->source.resume && !s->repeated && !s->intake.told &&
	    (slice_is(s->reason, "MALFORMED_FUNCTION_CALL") ||
	    slice_is(s->reason, "UNEXPECTED_TOOL_CALL"));
}

static bool
source_repeat(struct source *source, struct slice sent, struct buf *out)
{
	struct gemini_source *s = (struct gemini_source *)source;

	source->done = source->paused = source->ending = false;
	s->answered = s->blocked = false;
	s->reason = s->message = (struct slice){ 0 };
	forget_usage(s);
	buf_append(out, sent);
	return !out->failed;
}

static void
finish(struct gemini_source *s)
{
	enum ir_stop stop;

	if (s->talk->arena->failed || s->talk->scratch->failed) {
		fail(s, FAIL_MEMORY, "The answer is too large.");
		return;
	}
	intake_end(&s->intake);
	if (may_repeat(s)) {
		s->source.done = s->source.paused = s->repeated = true;
		return;
	}
	settle_usage(s);
	put(s, &(struct ir_event){ .type = IR_USAGE, .usage = s->usage });
	stop = stop_of(s);
	s->source.done = true;
	put(s, &(struct ir_event){ .type = IR_STOP, .stop = stop,
	    .usage = ir_usage_none(), .native = s->reason,
	    .explanation = is_filtered(stop) ? s->message :
	    (struct slice){ 0 },
	    .raw = s->intake.told ? (struct slice){ 0 } : s->feedback });
}

static void
source_end(struct source *source)
{
	struct gemini_source *s = (struct gemini_source *)source;

	if (source->done)
		return;
	if (!s->begun || !s->answered)
		fail(s, s->begun ? FAIL_BAD_ANSWER : FAIL_TRUNCATED, s->begun ?
		    "Upstream answered without a candidate." :
		    "Upstream closed the stream before it said anything.");
	else if (s->reason.len || s->blocked || s->intake.calls)
		finish(s);
	else
		fail(s, FAIL_TRUNCATED,
		    "Upstream closed the stream without finishReason.");
}

/* ---- what comes ---- */

static const struct {
	const char	*name;
	size_t		 at;
} counts[] = {
	{ "promptTokenCount", offsetof(struct gemini_source, prompt) },
	{ "toolUsePromptTokenCount", offsetof(struct gemini_source, tools) },
	{ "candidatesTokenCount", offsetof(struct gemini_source, spoken) },
	{ "thoughtsTokenCount",
	    offsetof(struct gemini_source, usage.reasoning) },
	{ "cachedContentTokenCount",
	    offsetof(struct gemini_source, usage.cache_read) },
	{ "totalTokenCount", offsetof(struct gemini_source, total) },
};

/* Every chunk says it, so its members are walked only once. */
static void
take_usage(struct gemini_source *s, struct jval v)
{
	uint64_t n;

	if (!jval_is(v, JSON_OBJECT))
		return;
	for (struct jval k = jval_first(v); !jval_at_end(k); k = jval_next(k))
		for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
			if (proto3_is(k, counts[i].name) &&
			    jval_u64(jval_value(k), &n) && n < INT64_MAX / 4)
				*(int64_t *)((char *)s + counts[i].at) =
				    (int64_t)n;
}

static void
begin(struct gemini_source *s, struct jval chunk)
{
	struct ir_event ev = { .type = IR_BEGIN, .usage = ir_usage_none() };

	if (s->begun)
		return;
	s->begun = true;
	ev.id = proto3_get_text(chunk, "responseId");
	ev.model = proto3_get_text(chunk, "modelVersion");
	if (s->prompt >= 0)
		ev.usage.in = s->prompt + (s->tools > 0 ? s->tools : 0);
	ev.usage.cache_read = s->usage.cache_read;
	put(s, &ev);
}

static void
keep_text(struct gemini_source *s, struct slice *kept, struct slice text)
{
	if (text.len && !slice_eq(*kept, text))
		*kept = arena_dup(s->talk->arena, text);
}

static void
take_candidate(struct gemini_source *s, struct jval candidate)
{
	struct jval parts = jval_get2(candidate, "content", "parts");
	struct proto3_items it;
	uint64_t place = 0;

	(void)jval_u64(jval_get(candidate, "index"), &place);
	if (place)		/* one answer was asked for */
		return;
	s->answered = true;
	intake_odds(&s->intake, candidate);
	for (it = proto3_items(parts); proto3_more(&it); proto3_next(&it))
		if (jval_is(it.at, JSON_OBJECT))
			intake_part(&s->intake, it.at);
	intake_parts_end(&s->intake);
	intake_cites(&s->intake, candidate);
	keep_text(s, &s->reason, proto3_get_text(candidate, "finishReason"));
	keep_text(s, &s->message, proto3_get_text(candidate, "finishMessage"));
	s->source.ending |= s->reason.len > 0;
}

/* Which kind of harm it was, and how likely, stands beside the reason. */
static void
keep_feedback(struct gemini_source *s, struct jval feedback)
{
	struct buf out = { 0 };
	struct writer w = { .out = &out };

	write_object(&w);
	write_key(&w, "promptFeedback");
	write_min(&w, text_mend(s->talk->scratch, jval_raw(feedback)));
	write_end(&w);
	s->feedback = gather(s->talk->arena, &out);
}

static void
take_feedback(struct gemini_source *s, struct jval feedback)
{
	struct slice reason = proto3_get_text(feedback, "blockReason");

	if (!reason.len)
		return;
	if (s->talk->client == s->talk->provider)
		keep_feedback(s, feedback);
	s->answered = s->blocked = s->source.ending = true;
	keep_text(s, &s->reason, reason);
	keep_text(s, &s->message,
	    proto3_get_text(feedback, "blockReasonMessage"));
}

static void
take_chunk(struct gemini_source *s, struct jval chunk)
{
	struct jval error = jval_get(chunk, "error");
	struct proto3_items it;

	if (jval_ok(error)) {
		fail_said(s, jval_raw(chunk), error);
		return;
	}
	if (!jval_is(chunk, JSON_OBJECT))
		return;
	take_usage(s, proto3_get(chunk, "usageMetadata"));
	begin(s, chunk);
	take_feedback(s, proto3_get(chunk, "promptFeedback"));
	for (it = proto3_items(jval_get(chunk, "candidates"));
	    proto3_more(&it); proto3_next(&it))
		take_candidate(s, it.at);
	if (s->talk->arena->failed || s->talk->scratch->failed)
		fail(s, FAIL_MEMORY, "The answer is too large.");
}

/* False: it is no JSON; that is told. */
static bool
take_text(struct gemini_source *s, struct slice text)
{
	struct json *doc = arena_alloc(s->talk->scratch, sizeof *doc);
	struct json_fault fault;
	struct proto3_items it;

	if (!doc || !json_parse(doc, s->talk->scratch, text, 0, &fault)) {
		fail(s, FAIL_BAD_ANSWER, "Upstream sent what is no JSON.");
		return false;
	}
	for (it = proto3_items(json_root(doc)); proto3_more(&it) &&
	    !s->source.done; proto3_next(&it))
		take_chunk(s, it.at);
	return true;
}

static void
source_event(struct source *source, const struct sse_event *ev)
{
	struct gemini_source *s = (struct gemini_source *)source;

	if (source->done || slice_is(ev->data, "[DONE]"))
		return;
	(void)take_text(s, ev->data);
}

static void
source_whole(struct source *source, struct slice body)
{
	struct gemini_source *s = (struct gemini_source *)source;

	if (!source->done && take_text(s, body))
		source_end(source);
}

struct source *
gemini_source(struct talk *talk, struct sink *to)
{
	struct gemini_source *s = arena_alloc(talk->arena, sizeof *s);

	if (!s)
		return NULL;
	s->source = (struct source){
		.event = source_event, .whole = source_whole,
		.end = source_end, .to = to,
	};
	s->talk = talk;
	s->intake = (struct intake){ .talk = talk, .to = to };
	forget_usage(s);
	if (talk->request && talk->request->tools &&
	    talk->client != talk->provider && talk_options(talk)->learn)
		s->source.resume = source_repeat;
	return &s->source;
}
