/*
 * The rules, and what they make of quirks and tree.  The wordings are those of
 * the providers, in lower case; where one has several, all are given.
 */
#include "proto/learn.h"

#include <string.h>

#include "json/text.h"
#include "proto/learn_edit.h"
#include "proto/learn_wording.h"
#include "proto/loss_place.h"

enum { REFUSED = 8 };		/* bits above THINK_*: refused, so not tried */

/* ---- quirks ---- */

/* One kind of thinking is refused: another is tried, unless it was, too. */
static void
refuse_think(struct quirks *q, unsigned kind, unsigned instead)
{
	q->think &= ~kind;
	q->think |= kind << REFUSED;
	if (!(q->think & instead << REFUSED))
		q->think |= instead;
}

static void
no_enabled(struct quirks *q, const struct lesson *l)
{
	(void)l;
	refuse_think(q, THINK_ENABLED, THINK_ADAPTIVE);
}

static void
no_adaptive(struct quirks *q, const struct lesson *l)
{
	(void)l;
	refuse_think(q, THINK_ADAPTIVE, THINK_ENABLED);
}

static void
no_disabled(struct quirks *q, const struct lesson *l)
{
	(void)l;
	refuse_think(q, THINK_DISABLED, 0);
	q->think_default = true;
}

static void
no_between(struct quirks *q, const struct lesson *l)
{
	(void)l;
	refuse_think(q, THINK_BETWEEN, THINK_ADAPTIVE);
}

static void
no_prefill(struct quirks *q, const struct lesson *l)
{
	(void)l;
	q->prefill = false;
}

static void
no_sampling(struct quirks *q, const struct lesson *l)
{
	(void)l;
	q->sampling = false;
}

static void
no_force(struct quirks *q, const struct lesson *l)
{
	(void)l;
	q->force = q->forced_choice = false;
}

/* It thinks, whatever the table says: off with that, if it can be. */
static void
thinks_or_forces(struct quirks *q, const struct lesson *l)
{
	if (q->think & THINK_DISABLED && q->think & THINK_ADAPTIVE &&
	    !q->think_default)
		q->think_default = true;
	else
		no_force(q, l);
}

static void
no_mid_system(struct quirks *q, const struct lesson *l)
{
	(void)l;
	q->mid_system = false;
}

static void
no_schema(struct quirks *q, const struct lesson *l)
{
	(void)l;
	q->schema_output = false;
}

static void
fewer_efforts(struct quirks *q, const struct lesson *l)
{
	q->efforts &= (uint8_t)l->number;
}

static void
lower_limit(struct quirks *q, const struct lesson *l)
{
	if (!q->max_output || l->number < q->max_output)
		q->max_output = l->number;
}

static void
tools_do_not_reason(struct quirks *q, const struct lesson *l)
{
	(void)l;
	q->reason = REASON_EFFORT;
	q->tools_need_no_reasoning = true;
}

static void
replay(struct quirks *q, const struct lesson *l)
{
	(void)l;
	q->replay = REPLAY_ALWAYS;
	q->reason_field = "reasoning_content";
	q->replay_placeholder = " ";
}

static void
sentinel(struct quirks *q, const struct lesson *l)
{
	(void)l;
	q->signed_calls = q->sentinel_calls = true;
}

static void
no_logprobs(struct quirks *q, const struct lesson *l)
{
	(void)l;
	q->no_logprobs = true;
}

static void
one_answer(struct quirks *q, const struct lesson *l)
{
	(void)l;
	q->n_ok = false;
}

static void
no_summary(struct quirks *q, const struct lesson *l)
{
	(void)l;
	q->no_summary = true;
}

static void
no_seals(struct quirks *q, const struct lesson *l)
{
	(void)l;
	q->seals = false;
}

/* A member that an encoder knows to do without; others leave the body. */
static void
no_member(struct quirks *q, const struct lesson *l)
{
	struct slice name = slice_of(l->member);

	if (slice_is(name, "max_tokens"))
		q->max_field = "max_completion_tokens";
	else if (slice_is(name, "max_completion_tokens"))
		q->max_field = "max_tokens";
	else if (slice_is(name, "stop"))
		q->stop_ok = false;
	else if (slice_is(name, "tool_choice"))
		q->forced_choice = false;
	else if (slice_is(name, "stream_options"))
		q->stream_usage = false;
}

/* ---- the tree ---- */

static bool
is_thinking(const struct ir_block *b)
{
	return b->kind == IR_THINK || b->kind == IR_REDACTED;
}

/* No thinking goes back: its maker does not know it again. */
static void
forget_thinking(struct talk *talk)
{
	for (struct ir_turn *t = talk->request->first; t; t = t->next) {
		struct ir_block **link = &t->first;

		t->last = NULL;
		while (*link) {
			struct ir_block *b = *link;

			if (!is_thinking(b)) {
				t->last = b;
				link = &b->next;
				continue;
			}
			loss_add(&talk->losses, talk->arena, LOSS_DROPPED,
			    "messages[%u].reasoning_content", b->message);
			*link = b->next;
		}
	}
}

/* ... and the answer is not to be thought about, either. */
static void
stop_thinking(struct talk *talk)
{
	forget_thinking(talk);
	talk->request->reasoning = (struct ir_reasoning){ 0 };
	loss_add(&talk->losses, talk->arena, LOSS_DISABLED, "thinking");
}

/* No signature of Google's goes back; its encoders know what to put instead. */
static void
forget_signatures(struct talk *talk)
{
	for (struct ir_turn *t = talk->request->first; t; t = t->next)
		for (struct ir_block *b = t->first; b; b = b->next) {
			if (!b->signature.len || b->vendor != IR_GOOGLE)
				continue;
			b->signature = (struct slice){ 0 };
			loss_place_block(&talk->losses, talk->arena,
			    LOSS_DROPPED, b, "signature");
		}
}

/* ---- the rules ---- */

/*
 * The first rule that fits counts: what names its cause exactly stands before
 * what is only about a member.  A refusal holds one of `words` and one of
 * `also` (NULL: anything).
 */
static const struct rule {
	const char	*name;
	enum protocol_id protocol;	/* the provider's; PROTO_COUNT: any */
	const char	*words, *also;
	bool		 once;		/* true of that request alone */
	/* what is left of the lesson; false: none.  NULL: that was all */
	bool		(*read)(struct lesson *, const struct learn_wording *);
	void		(*quirk)(struct quirks *, const struct lesson *);
	void		(*tree)(struct talk *);
	/* NULL: a passed body is left alone, its refusal is told */
	void		(*edit)(struct learn_edit *, const struct lesson *);
	bool		 edits_told;	/* ... encoded bodies, too */
	bool		 passes;	/* the quirk changes passed ones */
} rules[] = {
	{ "prefill", PROTO_MESSAGES,
	    "does not support assistant message prefill", NULL,
	    .quirk = no_prefill },
	{ "thinking_enabled", PROTO_MESSAGES,
	    "thinking.type.enabled|input tag 'enabled'",
	    "not supported|deprecated|does not match", .quirk = no_enabled },
	{ "thinking_adaptive", PROTO_MESSAGES,
	    "adaptive thinking is not supported|thinking.type.adaptive|"
	    "input tag 'adaptive'", "not supported|deprecated|does not match",
	    .quirk = no_adaptive },
	{ "thinking_disabled", PROTO_MESSAGES,
	    "thinking.type.disabled|input tag 'disabled'|"
	    "thinking cannot be disabled",
	    "not supported|does not match|cannot be", .quirk = no_disabled },
	{ "thinking_between", PROTO_MESSAGES, "between_tools",
	    "not supported|does not match", .quirk = no_between },
	{ "thinking_forced", PROTO_MESSAGES,
	    "may not be enabled when tool_choice forces", NULL,
	    .quirk = thinks_or_forces },
	{ "tool_choice", PROTO_MESSAGES, "tool_choice",
	    "not supported for this model|does not support|is not supported",
	    .quirk = no_force },
	{ "no_thinking", PROTO_MESSAGES, "must start with a thinking block",
	    NULL, .once = true, .tree = stop_thinking },
	{ "signature", PROTO_MESSAGES, "thinking",
	    "invalid `signature` in|cannot be modified", .once = true,
	    .tree = forget_thinking },
	{ "system_role", PROTO_MESSAGES,
	    "role 'system'|role \"system\"|role `system`", NULL,
	    .quirk = no_mid_system },
	{ "schema", PROTO_MESSAGES,
	    "output_config.format|output_format|structured output",
	    "not supported|does not support", .quirk = no_schema },
	{ "this_schema", PROTO_MESSAGES,
	    "output_config.format|output_format|compiled grammar|"
	    "schema is too complex", NULL, .once = true, .quirk = no_schema },
	{ "effort", PROTO_MESSAGES, "effort",
	    "not supported|does not support|input should be",
	    .read = learn_wording_effort, .quirk = fewer_efforts },
	{ "sampling_now", PROTO_MESSAGES, "temperature|top_p|top_k",
	    "may only be set to 1|must be unset|or unset when thinking",
	    .once = true, .quirk = no_sampling },
	{ "sampling", PROTO_MESSAGES, "temperature|top_p|top_k",
	    "deprecated|not supported|does not support|cannot both",
	    .quirk = no_sampling, .edit = learn_drop_sampling },
	{ "limit", PROTO_COUNT,
	    "max_tokens|max_completion_tokens|max_output_tokens", NULL,
	    .read = learn_wording_limit, .quirk = lower_limit,
	    .edit = learn_clamp },
	{ "tools_reason", PROTO_CHAT,
	    "function tools with reasoning_effort are not supported", NULL,
	    .quirk = tools_do_not_reason, .edit = learn_no_effort },
	{ "replay", PROTO_CHAT, "reasoning_content",
	    "missing|must be passed back|must be provided",
	    .quirk = replay, .edit = learn_fill_reasoning },
	{ "sentinel", PROTO_CHAT, "thought_signature", "missing a",
	    .quirk = sentinel },
	{ "google_signature", PROTO_CHAT,
	    "thought_signature|thought signature", NULL, .once = true,
	    .quirk = sentinel, .tree = forget_signatures },
	{ "google_signature", PROTO_GEMINI,
	    "thought_signature|thought signature|thoughtsignature", NULL,
	    .once = true, .tree = forget_signatures, .edit = learn_unsign },
	{ "probabilities", PROTO_GEMINI, "logprobs",
	    "not enabled|not supported|does not support|unsupported",
	    .quirk = no_logprobs },
	{ "choice_or_thinking", PROTO_CHAT, "tool_choice",
	    "incompatible with thinking|in thinking mode|"
	    "when thinking is enabled", .quirk = no_force },
	{ "one_answer", PROTO_CHAT, NULL, NULL, .read = learn_wording_answers,
	    .quirk = one_answer, .passes = true },
	{ "usage", PROTO_CHAT, "stream_options|include_usage", NULL,
	    .read = learn_wording_stream, .quirk = no_member,
	    .edit = learn_drop_member },
	{ "member", PROTO_CHAT, NULL, NULL, .read = learn_wording_param,
	    .quirk = no_member, .edit = learn_drop_member,
	    .edits_told = true },
	{ "named_member", PROTO_CHAT, NULL,
	    "unrecognized request argument|unsupported parameter|"
	    "unknown parameter|not support parameter|not permitted|"
	    "is unsupported", .read = learn_wording_named, .quirk = no_member,
	    .edit = learn_drop_member, .edits_told = true },
	/* OpenAI gives summaries to organizations that it knows */
	{ "summary", PROTO_RESPONSES, "reasoning.summary|reasoning summaries",
	    NULL, .quirk = no_summary },
	{ "sealed", PROTO_RESPONSES, "encrypted content|encrypted_content",
	    "not supported|does not support|cannot be", .quirk = no_seals },
	{ "responses_member", PROTO_RESPONSES, NULL, NULL,
	    .read = learn_wording_param, .quirk = no_member,
	    .edit = learn_drop_member, .edits_told = true },
	{ "responses_named", PROTO_RESPONSES, NULL,
	    "unrecognized request argument|unsupported parameter|"
	    "unknown parameter|not support parameter|not permitted|"
	    "is unsupported", .read = learn_wording_named, .quirk = no_member,
	    .edit = learn_drop_member, .edits_told = true },
};

enum { RULES = sizeof rules / sizeof *rules };

static bool
fits(const struct rule *rule, const struct learn_wording *s)
{
	return (rule->protocol == PROTO_COUNT ||
	    rule->protocol == s->talk->provider->id) &&
	    learn_wording_holds(s->text, rule->words) &&
	    learn_wording_holds(s->text, rule->also);
}

static bool
is_known(const struct lessons *known, const struct lesson *l)
{
	for (size_t i = 0; i < known->count; i++)
		if (learn_same(&known->item[i], l))
			return true;
	return false;
}

bool
learn_read(struct talk *talk, const struct refusal *refusal,
    const struct lessons *known, struct lesson *out)
{
	const struct fail *fail = refusal->fail;
	/* some say what they mean where others name the member */
	struct slice words[] = {
		text_unescape(talk->arena, fail->message), SLICE(" "),
		fail->param,
	};
	struct learn_wording s = {
		.talk = talk, .refusal = refusal, .known = known,
		.text = arena_join(talk->arena, words, 3),
	};

	if ((fail->kind != FAIL_INVALID && fail->kind != FAIL_UNSUPPORTED) ||
	    known->count == LEARN_MAX)
		return false;
	for (uint8_t i = 0; i < RULES; i++) {
		const struct rule *rule = &rules[i];

		*out = (struct lesson){ .rule = i };
		if (!fits(rule, &s) || (rule->read && !rule->read(out, &s)))
			continue;
		return (!refusal->passed || rule->edit || rule->passes) &&
		    !is_known(known, out);
	}
	return false;
}

bool
learn_lasts(const struct lesson *l)
{
	return !rules[l->rule].once;
}

bool
learn_same(const struct lesson *a, const struct lesson *b)
{
	return a->rule == b->rule && a->number == b->number &&
	    !strcmp(a->member, b->member);
}

const char *
learn_name(const struct lesson *l)
{
	return *l->member ? l->member : rules[l->rule].name;
}

void
learn_quirks(const struct lessons *lessons, struct quirks *quirks)
{
	for (size_t i = 0; i < lessons->count; i++) {
		const struct lesson *l = &lessons->item[i];

		if (rules[l->rule].quirk)
			rules[l->rule].quirk(quirks, l);
	}
}

void
learn_tree(const struct lessons *lessons, struct talk *talk)
{
	for (size_t i = 0; i < lessons->count; i++)
		if (rules[lessons->item[i].rule].tree)
			rules[lessons->item[i].rule].tree(talk);
}

bool
learn_body(const struct lessons *lessons, struct talk *talk, bool passed,
    struct buf *body)
{
	struct learn_edit edit = { .talk = talk };
	bool begun = false;

	for (size_t i = 0; i < lessons->count; i++) {
		const struct lesson *l = &lessons->item[i];
		const struct rule *rule = &rules[l->rule];

		if (!rule->edit || (!passed && !rule->edits_told))
			continue;
		if (!begun && !learn_edit_begin(&edit, body))
			return false;
		begun = true;
		rule->edit(&edit, l);
	}
	return !begun || learn_edit_end(&edit, body);
}
