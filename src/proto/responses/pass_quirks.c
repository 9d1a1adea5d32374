/*
 * A Responses body on its way to a provider that speaks Responses, too: what
 * its model refuses is taken out, or set to what the model takes.
 */
#include "json/text.h"
#include "proto/number.h"
#include "proto/quirk_edit.h"
#include "proto/reason.h"
#include "proto/responses/responses.h"

enum { OUTPUT_MIN = 16 };

struct passing {
	struct talk	*talk;
	const struct quirks *quirks;
	struct jval	 body, reasoning;
	struct splice	*splice;
	bool		 resting;	/* the model will not think */
};

static void
lose(struct passing *p, enum loss_action action, const char *member)
{
	loss_add(&p->talk->losses, p->talk->arena, action, "%s", member);
}

static bool
is_openai(const struct passing *p)
{
	return p->quirks->dialect == DIALECT_OPENAI ||
	    p->quirks->dialect == DIALECT_OPENAI_REASONING;
}

/* A model of which it is known that it does not think at all. */
static bool
never_thinks(const struct passing *p)
{
	const char *own = p->quirks->reason_own;

	return p->quirks->reason == REASON_NONE && own && !*own;
}

/* ---- the limit ---- */

static void
fix_limit(struct passing *p)
{
	struct jval v = jval_get(p->body, "max_output_tokens");
	uint64_t most = p->quirks->max_output, asked, n;

	if (!jval_is(v, JSON_NUMBER) || !number_u64(jval_raw(v), &asked))
		return;
	n = is_openai(p) && asked < OUTPUT_MIN ? OUTPUT_MIN :
	    most && asked > most ? most : asked;
	if (n == asked)
		return;
	lose(p, LOSS_CLAMPED, "max_output_tokens");
	splice_value(p->splice, v, arena_fmt(p->talk->arena, "%llu",
	    (unsigned long long)n));
}

/* ---- thinking ---- */

/* The word to say in the place of the client's; NULL: that one is fine, or
 * nobody knows a better one. */
static const char *
better_word(const struct passing *p, struct slice word)
{
	const struct quirks *q = p->quirks;
	enum ir_effort level = reason_effort(word);
	const char *better;

	if (!word.len || !q->efforts_only)
		return NULL;
	better = slice_is(word, "none") ? q->effort_off :
	    level != IR_EFFORT_UNSET ? q->efforts_sent[level] : NULL;
	return better && !slice_is(word, better) ? better : NULL;
}

static void
fix_effort(struct passing *p)
{
	struct jval effort = jval_get(p->reasoning, "effort");
	const char *word = better_word(p, jval_text(effort));

	if (!word)
		return;
	lose(p, LOSS_ADJUSTED, "reasoning.effort");
	splice_value(p->splice, effort,
	    arena_fmt(p->talk->arena, "\"%s\"", word));
}

static void
fix_summary(struct passing *p)
{
	static const char *const names[] = { "summary", "generate_summary" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (!p->quirks->no_summary ||
		    !jval_ok(jval_get(p->reasoning, names[i])))
			continue;
		loss_add(&p->talk->losses, p->talk->arena, LOSS_DROPPED,
		    "reasoning.%s", names[i]);
		splice_remove(p->splice, p->reasoning, names[i]);
	}
}

static void
fix_reasoning(struct passing *p)
{
	struct jval effort = jval_get(p->reasoning, "effort");

	p->resting = jval_text_is(effort, "none") ||
	    (!jval_ok(effort) && !p->quirks->thinks_unasked);
	if (!jval_is(p->reasoning, JSON_OBJECT))
		return;
	if (!never_thinks(p)) {
		fix_effort(p);
		fix_summary(p);
		return;
	}
	if (jval_ok(effort) && !jval_text_is(effort, "none"))
		lose(p, LOSS_DROPPED, "reasoning");
	splice_remove(p->splice, p->body, "reasoning");
}

/* ---- what comes beside the answer ---- */

/* What would be refused: thoughts of a model that has none, and probabilities
 * of one that thinks. */
static bool
fits(struct passing *p, struct jval include)
{
	if (jval_text_is(include, "reasoning.encrypted_content"))
		return !never_thinks(p);
	if (!jval_text_is(include, "message.output_text.logprobs") ||
	    p->quirks->logprobs_ok ||
	    (p->resting && p->quirks->samples_at_rest))
		return true;
	lose(p, LOSS_DROPPED, "include");
	return false;
}

static void
fix_includes(struct passing *p)
{
	struct jval list = jval_get(p->body, "include"), v;

	if (!is_openai(p) || !jval_is(list, JSON_ARRAY))
		return;
	for (v = jval_first(list); !jval_at_end(v); v = jval_next(v))
		if (!fits(p, v))
			splice_drop(p->splice, list, v);
}

/* ---- tools ---- */

static void
fix_choice(struct passing *p)
{
	struct jval choice = jval_get(p->body, "tool_choice");
	struct jval mode = jval_get(choice, "mode");
	bool forced = jval_is(choice, JSON_OBJECT) ?
	    !jval_ok(mode) || jval_text_is(mode, "required") :
	    jval_text_is(choice, "required");

	if (!forced || !p->quirks->forced_refused)
		return;
	lose(p, LOSS_ADJUSTED, "tool_choice");
	splice_value(p->splice, choice, SLICE("\"auto\""));
}

bool
responses_pass_quirks(struct talk *talk, struct jval body,
    struct splice *splice)
{
	const struct quirks *q = &talk->quirks;
	struct passing p = {
		.talk = talk, .quirks = q, .body = body, .splice = splice,
		.reasoning = jval_get(body, "reasoning"),
	};

	fix_limit(&p);
	fix_reasoning(&p);
	fix_includes(&p);
	fix_choice(&p);
	for (size_t i = 0; i < sizeof q->edits / sizeof *q->edits; i++)
		if (!quirk_edit(talk, body, q->edits[i], p.resting, splice))
			return false;
	return true;
}
