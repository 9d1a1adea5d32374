#include "proto/quirk_edit.h"

#include <string.h>

#include "json/text.h"
#include "proto/number.h"

/*
 * Values that ask for nothing else than what happens without the member: to
 * leave them out is no loss.
 */
static const struct {
	const char	*member;
	const char	*same;		/* text or JSON; NULL: any value */
	const char	*least;		/* numbers from this one on; or NULL */
} neutrals[] = {
	{ "temperature", "1", NULL },
	{ "top_p", "1", "0.99" },
	{ "top_k", "0", NULL },
	{ "top_k", "-1", NULL },
	{ "min_p", "0", NULL },
	{ "top_a", "0", NULL },
	{ "repetition_penalty", "1", NULL },
	{ "frequency_penalty", "0", NULL },
	{ "presence_penalty", "0", NULL },
	{ "stop", "[]", NULL },
	{ "logprobs", "false", NULL },
	{ "top_logprobs", "0", NULL },
	{ "logit_bias", "{}", NULL },
	{ "parallel_tool_calls", "true", NULL },
	{ "service_tier", "auto", NULL },
	{ "service_tier", "default", NULL },
	{ "verbosity", "medium", NULL },
	{ "modalities", "[\"text\"]", NULL },
	{ "n", "1", NULL },
	{ "reasoning_effort", "none", NULL },
	/* of no effect on the answer */
	{ "user", NULL, NULL },
	{ "safety_identifier", NULL, NULL },
	{ "store", NULL, NULL },
	{ "metadata", NULL, NULL },
	{ "prediction", NULL, NULL },
	{ "prompt_cache_key", NULL, NULL },
	{ "prompt_cache_retention", NULL, NULL },
};

static bool
is_same(struct jval v, const char *same, const char *least)
{
	if (jval_is(v, JSON_NUMBER))
		return number_vs(jval_raw(v), same) == 0 ||
		    (least && number_vs(jval_raw(v), least) >= 0);
	return jval_text_is(v, same) || slice_is(jval_raw(v), same);
}

static bool
is_neutral(const char *member, struct jval v)
{
	for (size_t i = 0; i < sizeof neutrals / sizeof *neutrals; i++)
		if (!strcmp(neutrals[i].member, member) &&
		    (!neutrals[i].same || is_same(v, neutrals[i].same,
		    neutrals[i].least)))
			return true;
	return !jval_ok(v);
}

static void
lose(struct talk *talk, const struct quirk_edit *e, enum loss_action action)
{
	if (!e->quiet)
		loss_add(&talk->losses, talk->arena, action, "%s", e->member);
}

/* ---- one function for each kind ---- */

static bool
skip_end(struct talk *talk, struct jval body, const struct quirk_edit *e,
    struct splice *splice)
{
	(void)talk, (void)body, (void)e, (void)splice;
	return true;
}

/* Who says both names means the new one. */
static bool
rename_member(struct talk *talk, struct jval body, const struct quirk_edit *e,
    struct splice *splice)
{
	struct slice name;

	if (jval_ok(jval_get(body, e->text))) {
		splice_remove(splice, body, e->member);
		return true;
	}
	splice_remove(splice, body, e->text);
	name = arena_fmt(talk->arena, "\"%s\"", e->text);
	for (struct jval k = jval_first(body); !jval_at_end(k);
	    k = jval_next(k))
		if (jval_text_is(k, e->member))
			splice_value(splice, k, name);
	return true;
}

static bool
drop_member(struct talk *talk, struct jval body, const struct quirk_edit *e,
    struct splice *splice)
{
	if (!is_neutral(e->member, jval_get(body, e->member)))
		lose(talk, e, LOSS_DROPPED);
	splice_remove(splice, body, e->member);
	return true;
}

static bool
clamp_member(struct talk *talk, struct jval body, const struct quirk_edit *e,
    struct splice *splice)
{
	struct jval v = jval_get(body, e->member);
	const char *bound = NULL;

	if (!jval_is(v, JSON_NUMBER))
		return true;
	if (e->low && number_vs(jval_raw(v), e->low) < 0)
		bound = e->low;
	else if (e->high && number_vs(jval_raw(v), e->high) > 0)
		bound = e->high;
	if (!bound)
		return true;
	lose(talk, e, LOSS_CLAMPED);
	splice_value(splice, v, slice_of(bound));
	return true;
}

static bool
default_member(struct talk *talk, struct jval body, const struct quirk_edit *e,
    struct splice *splice)
{
	(void)talk;
	if (!jval_ok(jval_get(body, e->member)))
		splice_set(splice, body, e->member, slice_of(e->text));
	return true;
}

static bool
refuse_member(struct talk *talk, struct jval body, const struct quirk_edit *e,
    struct splice *splice)
{
	(void)splice;
	if (is_neutral(e->member, jval_get(body, e->member)))
		return true;
	return fail_set(&talk->fail, talk->arena, FAIL_UNSUPPORTED, e->member,
	    "%s is not supported for this model: leave it out.", e->member);
}

static const struct {			/* ORDER quirk_edit */
	bool	(*edit)(struct talk *, struct jval body,
	    const struct quirk_edit *, struct splice *);
	bool	 absent;	/* also if the member is */
} kinds[] = {
	[EDIT_END] = { skip_end, false },
	[EDIT_RENAME] = { rename_member, false },
	[EDIT_DROP] = { drop_member, false },
	[EDIT_CLAMP] = { clamp_member, false },
	[EDIT_DEFAULT] = { default_member, true },
	[EDIT_REFUSE] = { refuse_member, false },
};

static bool
is_idle(const struct talk *talk, const struct quirk_edit *e, bool resting)
{
	return e->at_rest_fine && resting && talk->quirks.samples_at_rest;
}

bool
quirk_edit(struct talk *talk, struct jval body, const struct quirk_edit *list,
    bool resting, struct splice *splice)
{
	for (const struct quirk_edit *e = list; e && e->kind; e++) {
		if (is_idle(talk, e, resting) || (!kinds[e->kind].absent &&
		    jval_at_end(jval_get_null(body, e->member))))
			continue;
		if (!kinds[e->kind].edit(talk, body, e, splice))
			return false;
	}
	return true;
}

bool
quirk_edit_drops(const struct quirks *q, const char *member, bool resting)
{
	for (size_t i = 0; i < sizeof q->edits / sizeof *q->edits; i++)
		for (const struct quirk_edit *e = q->edits[i]; e && e->kind;
		    e++)
			if (e->kind == EDIT_DROP && !strcmp(e->member, member))
				return !(e->at_rest_fine && resting &&
				    q->samples_at_rest);
	return false;
}

/* ---- the operator's ---- */

static bool
no_memory(struct talk *talk)
{
	return fail_set(&talk->fail, talk->arena, FAIL_MEMORY, NULL,
	    "Out of memory.");
}

/* Each edit may meet what the one before it left: it reads the body anew. */
static bool
edit_anew(struct talk *talk, struct buf *body, const struct quirk_edit *e)
{
	const struct quirk_edit one[] = { *e, { 0 } };
	struct slice text = arena_dup(talk->arena, buf_slice(body));
	struct splice splice = { .text = text, .arena = talk->arena };
	struct json *doc = arena_alloc(talk->arena, sizeof *doc);
	struct json_fault fault;

	if (!doc || !json_parse(doc, talk->arena, text, 0, &fault))
		return no_memory(talk);
	if (!quirk_edit(talk, json_root(doc), one, false, &splice))
		return false;
	if (!splice.count && !splice.failed)
		return true;
	buf_clear(body);
	splice_write(&splice, body);
	return !body->failed || no_memory(talk);
}

/* Is the member there at all?  Most are not, and then nothing is read. */
static bool
may_concern(struct slice body, const struct quirk_edit *e)
{
	return kinds[e->kind].absent ||
	    slice_find(body, slice_of(e->member)) != SIZE_MAX;
}

bool
quirk_edit_rules(struct talk *talk, struct buf *body)
{
	struct slice model = text_unescape(talk->arena, talk->model);

	for (const struct quirk_rule *r = talk->quirks.rules; r; r = r->next) {
		if (!quirk_rule_fits(r, model))
			continue;
		for (const struct quirk_edit *e = r->edits; e && e->kind; e++)
			if (may_concern(buf_slice(body), e) &&
			    !edit_anew(talk, body, e))
				return false;
	}
	return true;
}
