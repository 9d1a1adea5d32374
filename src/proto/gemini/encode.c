/*
 * A Gemini request from the tree: the top level.
 */
#include "proto/gemini/encode.h"

#include "json/text.h"
#include "proto/choices.h"
#include "proto/gemini/gemini.h"
#include "proto/gemini/proto3.h"
#include "proto/remember.h"
#include "proto/turns.h"

/* ORDER encode_word; a column for each protocol. */
static const char *const words[WORDS][PROTO_COUNT] = {
	[WORD_STOP] = { "stop", "stop_sequences", "stop",
	    "generationConfig.stopSequences" },
	[WORD_THINKING] = { "reasoning_effort", "thinking",
	    "reasoning.effort", "generationConfig.thinkingConfig" },
	[WORD_PENALTY] = { "frequency_penalty", "frequency_penalty",
	    "frequency_penalty", "generationConfig.frequencyPenalty" },
	[WORD_PRESENCE] = { "presence_penalty", "presence_penalty",
	    "presence_penalty", "generationConfig.presencePenalty" },
	[WORD_LOGPROBS] = { "logprobs", "logprobs", "top_logprobs",
	    "generationConfig.responseLogprobs" },
	[WORD_FORMAT] = { "response_format", "output_config.format",
	    "text.format", "generationConfig.responseMimeType" },
	[WORD_VERBOSITY] = { "verbosity", "verbosity", "text.verbosity",
	    "verbosity" },
	[WORD_LIMIT] = { "max_tokens", "max_tokens", "max_output_tokens",
	    "generationConfig.maxOutputTokens" },
	[WORD_TIER] = { "service_tier", "service_tier", "service_tier",
	    "serviceTier" },
	[WORD_PARALLEL] = { "parallel_tool_calls",
	    "tool_choice.disable_parallel_tool_use", "parallel_tool_calls",
	    "toolConfig" },
};

void
gemini_lost(struct encoder *e, enum loss_action action, enum encode_word word)
{
	enum protocol_id id = e->talk->client ? e->talk->client->id :
	    PROTO_CHAT;

	loss_add(&e->talk->losses, e->arena, action, "%s", words[word][id]);
}

static const struct {
	const char	*tier, *word;
} tiers[] = {
	{ "flex", "FLEX" }, { "priority", "PRIORITY" },
};

static void
put_tier(struct encoder *e)
{
	struct slice tier = e->request->tier;

	for (size_t i = 0; i < sizeof tiers / sizeof *tiers; i++)
		if (slice_is(tier, tiers[i].tier)) {
			write_member_plain(&e->w, "serviceTier",
			    tiers[i].word);
			return;
		}
	if (tier.len && !slice_is(tier, "auto") &&
	    !slice_is(tier, "default") && !slice_is(tier, "standard"))
		gemini_lost(e, LOSS_DROPPED, WORD_TIER);
}

/* What a Gemini client said, and only Google understands. */
static void
put_own(struct encoder *e)
{
	static const char *const names[] = {
		"safetySettings", "cachedContent", "labels",
	};

	if (!e->talk->client || e->talk->client->id != PROTO_GEMINI)
		return;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct jval v = proto3_get(e->request->body, names[i]);

		if (!jval_ok(v))
			continue;
		write_key(&e->w, names[i]);
		write_min(&e->w, jval_raw(v));
	}
}

/* What is only counted stands in a wrapper, and names its model. */
static void
put_wrapper(struct encoder *e)
{
	write_object(&e->w);
	write_key(&e->w, "generateContentRequest");
	write_object(&e->w);
	write_member_text(&e->w, "model", arena_join(e->arena,
	    (const struct slice[]){ SLICE("models/"), e->talk->model }, 2));
}

static bool
put_body(struct encoder *e)
{
	bool counted = e->talk->count_only;

	if (counted)
		put_wrapper(e);
	else
		write_object(&e->w);
	if (!gemini_write_system(e) || !gemini_write_contents(e) ||
	    !gemini_write_tools(e) || !gemini_write_config(e))
		return false;
	if (e->request->verbosity.len &&
	    !slice_is(e->request->verbosity, "medium"))
		gemini_lost(e, LOSS_DROPPED, WORD_VERBOSITY);
	if (e->request->parallel == TRI_NO && e->functions)
		gemini_lost(e, LOSS_DROPPED, WORD_PARALLEL);
	put_tier(e);
	put_own(e);
	write_end(&e->w);
	if (counted)
		write_end(&e->w);
	return true;
}

/* Between turns of others, the user tells what the developer says. */
static bool
speak_for_developer(struct encoder *e, struct ir_turn *turn)
{
	turn->role = IR_USER;
	for (struct ir_block *b = turn->first; b; b = b->next) {
		if (text_blank(b->text))
			continue;
		b->message = TURNS_REMINDER;
		b->text = arena_join(e->arena, (const struct slice[]){
		    SLICE("<developer_message>\\n"), b->text,
		    SLICE("\\n</developer_message>") }, 3);
		if (!b->text.len)
			return false;
	}
	return true;
}

static bool
settle(struct encoder *e)
{
	struct ir_turn *turn;

	if (!turns_copy(e->request, e->arena))
		return false;
	for (turn = e->request->first; turn; turn = turn->next)
		if (turn->role == IR_SYSTEM && !speak_for_developer(e, turn))
			return false;
	return turns_settle(e->request, e->arena, &e->talk->losses);
}

static void
count_functions(struct encoder *e)
{
	for (struct ir_tool *t = e->request->tools; t; t = t->next)
		e->functions += t->kind != IR_HOSTED;
}

bool
gemini_encode(struct talk *talk, struct buf *out)
{
	bool recalled = remember_recall(talk);
	struct ir_request copy = *talk->request;
	size_t before = buf_len(out);
	struct encoder e = {
		.talk = talk, .arena = talk->arena, .request = &copy,
		.quirks = &talk->quirks, .w = { .out = out },
		.family = family_of(text_unescape(talk->arena, talk->model)),
	};

	count_functions(&e);
	if (recalled && choices_plan(talk, copy.n) && settle(&e) &&
	    put_body(&e) && !talk->arena->failed && !out->failed)
		return true;
	buf_trunc(out, before);
	return fail_set(&talk->fail, talk->arena, FAIL_MEMORY, NULL,
	    "Out of memory.");
}
