/*
 * generationConfig: sampling, limits, the answer's form, how hard to think.
 */
#include "json/text.h"
#include "proto/gemini/encode.h"
#include "proto/number.h"

static void
put_number(struct encoder *e, const char *name, struct slice number)
{
	if (number.len)
		write_member_raw(&e->w, name, number);
}

/* ---- limits and sampling ---- */

static void
put_limit(struct encoder *e)
{
	struct slice limit = e->request->max_tokens;
	uint64_t n, most = e->quirks->max_output;

	if (most && slice_to_u64(limit, UINT64_MAX, &n) && n > most) {
		gemini_lost(e, LOSS_CLAMPED, WORD_LIMIT);
		write_member_u64(&e->w, "maxOutputTokens", most);
		return;
	}
	put_number(e, "maxOutputTokens", limit);
}

static void
put_penalty(struct encoder *e, const char *name, struct slice number,
    enum encode_word word)
{
	if (!number.len || number_vs(number, "0") == 0)
		return;
	if (e->quirks->penalties_ok)
		put_number(e, name, number);
	else
		gemini_lost(e, LOSS_DROPPED, word);
}

static void
put_logprobs(struct encoder *e)
{
	if (e->request->logprobs != TRI_YES)
		return;
	if (e->quirks->no_logprobs) {
		gemini_lost(e, LOSS_DROPPED, WORD_LOGPROBS);
		return;
	}
	write_member_bool(&e->w, "responseLogprobs", true);
	put_number(e, "logprobs", e->request->top_logprobs);
}

static void
put_stops(struct encoder *e)
{
	const struct ir_text *stop = e->request->stop;
	unsigned n = 0, most = e->quirks->stop_max ? e->quirks->stop_max : 5;

	if (!stop)
		return;
	write_key(&e->w, "stopSequences");
	write_array(&e->w);
	for (; stop && n < most; stop = stop->next, n++)
		write_text(&e->w, stop->text);
	write_end(&e->w);
	if (stop)
		gemini_lost(e, LOSS_TRUNCATED, WORD_STOP);
}

/* ---- the answer's form ---- */

bool
gemini_asks_in_words(const struct encoder *e)
{
	const struct ir_request *r = e->request;

	return e->functions && e->family.generation < FAMILY_MIXES &&
	    (r->format == IR_FORMAT_JSON || r->format == IR_FORMAT_SCHEMA);
}

static bool
put_format(struct encoder *e)
{
	bool old = e->family.generation && e->family.generation < FAMILY_URLS;
	const struct ir_request *r = e->request;
	struct json *doc;
	struct json_fault fault;
	struct slice fit;

	if (gemini_asks_in_words(e)) {
		gemini_lost(e, LOSS_EMULATED, WORD_FORMAT);
		return true;
	}
	if (r->format != IR_FORMAT_JSON && r->format != IR_FORMAT_SCHEMA)
		return true;
	write_member_plain(&e->w, "responseMimeType", "application/json");
	if (r->format == IR_FORMAT_JSON)
		return true;
	doc = arena_alloc(e->arena, sizeof *doc);
	if (!doc || !json_parse(doc, e->arena, r->format_schema, 0, &fault))
		return doc;
	fit = gemini_fit_schema(e->arena, json_root(doc), old);
	if (fit.len)
		write_member_raw(&e->w, old ? "responseSchema" :
		    "responseJsonSchema", fit);
	return !e->arena->failed;
}

/* ---- thinking ---- */

static const struct {
	unsigned	 tokens;
	const char	*level;
} efforts[] = {
	[IR_EFFORT_MINIMAL] = { 512, "MINIMAL" },
	[IR_EFFORT_LOW] = { 1024, "LOW" },
	[IR_EFFORT_MEDIUM] = { 8192, "MEDIUM" },
	[IR_EFFORT_HIGH] = { 24576, "HIGH" },
	[IR_EFFORT_XHIGH] = { 32768, "HIGH" },
	[IR_EFFORT_MAX] = { 32768, "HIGH" },
};

static unsigned
clamp(const struct family *f, uint64_t tokens)
{
	return tokens < f->least ? f->least : tokens > f->most ? f->most :
	    (unsigned)tokens;
}

static void
put_budget(struct encoder *e)
{
	const struct ir_reasoning *r = &e->request->reasoning;
	const struct family *f = &e->family;
	unsigned tokens;

	if (r->on == TRI_NO)
		tokens = f->stops ? 0 : f->least;
	else if (r->budget)
		tokens = clamp(f, r->budget);
	else if (r->effort != IR_EFFORT_UNSET && !r->adaptive)
		tokens = clamp(f, efforts[r->effort].tokens);
	else if (r->on == TRI_YES) {
		write_member_raw(&e->w, "thinkingBudget", SLICE("-1"));
		return;
	} else {
		return;
	}
	if (r->on == TRI_NO && tokens)
		gemini_lost(e, LOSS_ADJUSTED, WORD_THINKING);
	write_member_u64(&e->w, "thinkingBudget", tokens);
}

static enum ir_effort
wanted_level(const struct ir_reasoning *r)
{
	if (r->on == TRI_NO)
		return IR_EFFORT_MINIMAL;
	if (r->effort != IR_EFFORT_UNSET)
		return r->effort > IR_EFFORT_HIGH ? IR_EFFORT_HIGH : r->effort;
	if (!r->budget)
		return IR_EFFORT_UNSET;
	return r->budget <= 1024 ? IR_EFFORT_LOW :
	    r->budget <= 8192 ? IR_EFFORT_MEDIUM : IR_EFFORT_HIGH;
}

/* The level itself, else the next that the model has above it. */
static void
put_level(struct encoder *e)
{
	const struct ir_reasoning *r = &e->request->reasoning;
	unsigned level = wanted_level(r);

	if (level == IR_EFFORT_UNSET)
		return;
	while (level < IR_EFFORT_HIGH && !(e->family.levels & 1u << level))
		level++;
	if (r->on == TRI_NO && level != IR_EFFORT_MINIMAL)
		gemini_lost(e, LOSS_ADJUSTED, WORD_THINKING);
	write_member_plain(&e->w, "thinkingLevel", efforts[level].level);
}

/* Messages clients that turn thinking on are shown it unless they say so. */
static void
put_shown(struct encoder *e)
{
	const struct ir_reasoning *r = &e->request->reasoning;
	bool shows = e->talk->client && e->talk->client->id ==
	    PROTO_MESSAGES && r->on == TRI_YES;

	if (r->show != TRI_UNSET || shows)
		write_member_bool(&e->w, "includeThoughts",
		    r->show != TRI_NO);
}

static void
put_thinking(struct encoder *e)
{
	const struct ir_reasoning *r = &e->request->reasoning;
	size_t begin, opened;
	struct writer before = e->w;

	if (e->family.think == FAMILY_NO_WORD) {
		if (r->on == TRI_YES)
			gemini_lost(e, LOSS_DISABLED, WORD_THINKING);
		return;
	}
	begin = buf_len(e->w.out);
	write_key(&e->w, "thinkingConfig");
	write_object(&e->w);
	opened = buf_len(e->w.out);
	if (e->family.think == FAMILY_BUDGET)
		put_budget(e);
	else
		put_level(e);
	put_shown(e);
	if (buf_len(e->w.out) == opened) {	/* nothing was said */
		buf_trunc(e->w.out, begin);
		e->w = before;
		return;
	}
	write_end(&e->w);
}

bool
gemini_write_config(struct encoder *e)
{
	const struct ir_request *r = e->request;
	size_t begin = buf_len(e->w.out), opened;
	struct writer before = e->w;

	write_key(&e->w, "generationConfig");
	write_object(&e->w);
	opened = buf_len(e->w.out);
	put_limit(e);
	put_number(e, "temperature", r->temperature);
	put_number(e, "topP", r->top_p);
	put_number(e, "topK", r->top_k);
	put_number(e, "seed", r->seed);
	put_penalty(e, "presencePenalty", r->presence_penalty, WORD_PRESENCE);
	put_penalty(e, "frequencyPenalty", r->frequency_penalty, WORD_PENALTY);
	put_logprobs(e);
	put_stops(e);
	if (!put_format(e))
		return false;
	put_thinking(e);
	if (buf_len(e->w.out) == opened) {
		buf_trunc(e->w.out, begin);
		e->w = before;
		return true;
	}
	write_end(&e->w);
	return true;
}
