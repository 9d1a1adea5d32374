/*
 * What the last object of a Gemini answer tells: why it ended, what it cost,
 * which pages it cites and how likely its tokens were.
 */
#include "json/text.h"
#include "proto/gemini/candidate.h"

static struct jval
parse(const struct candidate *c, struct slice raw)
{
	struct json *doc = arena_alloc(c->talk->scratch, sizeof *doc);
	struct json_fault fault;

	if (!doc || !json_parse(doc, c->talk->scratch, raw, 0, &fault))
		return (struct jval){ 0 };
	return json_root(doc);
}

/* ---- the reason ---- */

static const char *const reasons[] = {	/* ORDER stop */
	[IR_STOP_END] = "STOP",
	[IR_STOP_TOOL] = "STOP",
	[IR_STOP_LENGTH] = "MAX_TOKENS",
	[IR_STOP_SEQUENCE] = "STOP",
	[IR_STOP_FILTER] = "SAFETY",
	[IR_STOP_REFUSAL] = "SAFETY",
	[IR_STOP_BAD_TOOL] = "MALFORMED_FUNCTION_CALL",
	[IR_STOP_PAUSE] = "STOP",
	[IR_STOP_CONTEXT] = "MAX_TOKENS",
	[IR_STOP_OTHER] = "OTHER",
};

bool
candidate_put_feedback(const struct candidate *c, struct writer *w,
    const struct ir_event *stop)
{
	struct jval v = stop->raw.len ? jval_get(parse(c, stop->raw),
	    "promptFeedback") : (struct jval){ 0 };

	if (jval_ok(v))
		write_member_raw(w, "promptFeedback", jval_raw(v));
	return jval_ok(v);
}

void
candidate_put_finish(const struct candidate *c, struct writer *w,
    const struct ir_event *stop)
{
	bool cut = stop->stop == IR_STOP_LENGTH ||
	    stop->stop == IR_STOP_CONTEXT;
	bool own = c->talk->provider && c->talk->provider->id == PROTO_GEMINI;
	struct slice reason = slice_of(reasons[stop->stop]);

	/* A refusal in words is an answer. */
	if (stop->stop == IR_STOP_REFUSAL && c->said_text)
		reason = slice_of(reasons[IR_STOP_END]);
	if (own && stop->native.len)
		reason = stop->native;
	if (c->bad_call.len && !cut) {
		write_member_plain(w, "finishReason",
		    reasons[IR_STOP_BAD_TOOL]);
		write_key(w, "finishMessage");
		write_text_begin(w);
		write_text_piece(w, SLICE("Malformed function call: "));
		write_text_piece(w, c->bad_call);
		write_text_end(w);
		return;
	}
	write_member_text(w, "finishReason", reason);
	if (stop->explanation.len)
		write_member_text(w, "finishMessage", stop->explanation);
}

/* ---- usage ---- */

static uint64_t
count(int64_t tokens)
{
	return tokens > 0 ? (uint64_t)tokens : 0;
}

void
candidate_put_usage(const struct candidate *c, struct writer *w)
{
	const struct ir_usage *u = &c->usage;
	uint64_t thought = count(u->reasoning), spent = count(u->out);

	if (u->in < 0 && u->out < 0)
		return;
	write_key(w, "usageMetadata");
	write_object(w);
	write_member_u64(w, "promptTokenCount", count(u->in));
	if (count(u->cache_read))
		write_member_u64(w, "cachedContentTokenCount",
		    count(u->cache_read));
	write_member_u64(w, "candidatesTokenCount",
	    spent > thought ? spent - thought : 0);
	if (thought)
		write_member_u64(w, "thoughtsTokenCount", thought);
	write_member_u64(w, "totalTokenCount", count(u->in) + spent);
	if (u->estimated)
		write_member_bool(w, "estimated", true);
	write_end(w);
}

/* ---- citations ---- */

static void
keep(struct candidate *c, struct gather *list, struct buf *out)
{
	struct arena *arena = c->talk->arena;

	if (list->len)
		gather_add(list, arena, SLICE(","));
	gather_add(list, arena, gather(c->talk->scratch, out));
}

static void
keep_page(struct candidate *c, struct jval cite)
{
	struct buf out = { 0 };
	struct writer w = { .out = &out };

	write_object(&w);
	write_key(&w, "web");
	write_object(&w);
	write_member_text(&w, "uri", jval_get_text(cite, "url"));
	if (jval_get_text(cite, "title").len)
		write_member_text(&w, "title", jval_get_text(cite, "title"));
	write_end(&w);
	write_end(&w);
	keep(c, &c->chunks, &out);
}

static void
keep_support(struct candidate *c, struct jval cite, uint64_t from, uint64_t to)
{
	struct buf out = { 0 };
	struct writer w = { .out = &out };

	write_object(&w);
	write_key(&w, "segment");
	write_object(&w);
	write_member_u64(&w, "startIndex", ruler_byte(&c->ruler,
	    c->talk->scratch, from));
	write_member_u64(&w, "endIndex", ruler_byte(&c->ruler,
	    c->talk->scratch, to));
	if (jval_get_text(cite, "content").len)
		write_member_text(&w, "text",
		    jval_get_text(cite, "content"));
	write_end(&w);
	write_key(&w, "groundingChunkIndices");
	write_array(&w);
	write_u64(&w, c->cites);
	write_end(&w);
	write_end(&w);
	keep(c, &c->supports, &out);
}

void
candidate_cite(struct candidate *c, struct slice raw)
{
	struct jval cite = parse(c, raw), inner = jval_get(cite,
	    "url_citation");
	uint64_t from, to;

	if (jval_ok(inner))
		cite = inner;
	if (!jval_get_text(cite, "url").len)
		return;
	if (c->cites >= CANDIDATE_CITES) {
		loss_add(&c->talk->losses, c->talk->arena, LOSS_TRUNCATED,
		    "answer.annotations");
		return;
	}
	keep_page(c, cite);
	if (jval_u64(jval_get(cite, "start_index"), &from) &&
	    jval_u64(jval_get(cite, "end_index"), &to) && from <= to && to)
		keep_support(c, cite, from, to);
	c->cites++;
}

static void
put_list(struct writer *w, const char *name, const struct gather *items)
{
	write_key(w, name);
	write_array(w);
	if (items->len)
		write_raw(w, gather_text(items));
	write_end(w);
}

/* ---- log probabilities ---- */

static void
put_token(struct writer *w, struct jval v)
{
	write_object(w);
	write_member_text(w, "token", jval_get_text(v, "token"));
	if (jval_is(jval_get(v, "logprob"), JSON_NUMBER))
		write_member_raw(w, "logProbability",
		    jval_raw(jval_get(v, "logprob")));
	write_end(w);
}

void
candidate_weigh(struct candidate *c, struct slice raw)
{
	struct jval list = parse(c, raw), v, t;

	if (!jval_is(list, JSON_ARRAY))
		return;
	for (v = jval_first(list); !jval_at_end(v); v = jval_next(v)) {
		struct jval others = jval_get(v, "top_logprobs");
		struct buf chosen = { 0 }, top = { 0 };
		struct writer w = { .out = &chosen };

		put_token(&w, v);
		keep(c, &c->chosen, &chosen);
		w = (struct writer){ .out = &top };
		write_object(&w);
		write_key(&w, "candidates");
		write_array(&w);
		if (jval_is(others, JSON_ARRAY))
			for (t = jval_first(others); !jval_at_end(t);
			    t = jval_next(t))
				put_token(&w, t);
		write_end(&w);
		write_end(&w);
		keep(c, &c->top, &top);
	}
}

void
candidate_put_cites(const struct candidate *c, struct writer *w)
{
	if (c->cites) {
		write_key(w, "groundingMetadata");
		write_object(w);
		put_list(w, "groundingChunks", &c->chunks);
		put_list(w, "groundingSupports", &c->supports);
		write_end(w);
	}
	if (c->chosen.len) {
		write_key(w, "logprobsResult");
		write_object(w);
		put_list(w, "topCandidates", &c->top);
		put_list(w, "chosenCandidates", &c->chosen);
		write_end(w);
	}
}
