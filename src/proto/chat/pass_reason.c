/*
 * Thinking in a passed body: whatever the client calls it, the provider is
 * told in its own words, unless they are there already.
 */
#include "proto/chat/encode.h"
#include "proto/chat/pass.h"
#include "proto/pass.h"
#include "proto/reason.h"

/* All members that clients know for it. */
static const char *const spellings[] = {
	"thinking", "reasoning", "output_config", "reasoning_effort",
	"enable_thinking", "thinking_budget", "chat_template_kwargs",
};

enum { SPELLINGS = sizeof spellings / sizeof *spellings };

struct wish {
	struct ir_reasoning r;
	bool		 said;		/* anything that can be told */
	bool		 foreign;	/* ... in others' words */
};

static bool
is_own(const struct passing *p, const char *name)
{
	return pass_among(p->quirks->reason_own, slice_of(name));
}

/* Do these arguments of a template say something of thinking? */
static bool
speaks(struct passing *p, const char *name)
{
	struct jval v = jval_get(p->body, name);

	if (slice_is(slice_of(name), "output_config"))
		return jval_ok(jval_get(v, "effort"));
	if (slice_is(slice_of(name), "chat_template_kwargs"))
		return jval_ok(jval_get(v, "enable_thinking")) ||
		    jval_ok(jval_get(v, "thinking"));
	return jval_ok(v);
}

static void
read_wish(struct passing *p, struct wish *w)
{
	struct losses none = { 0 };

	for (size_t i = 0; i < SPELLINGS; i++) {
		if (!speaks(p, spellings[i]))
			continue;
		w->said = true;
		w->foreign |= !is_own(p, spellings[i]);
	}
	if (!w->said)
		return;
	reason_read_chat(&w->r, p->arena, &none, p->body);
	w->said = w->r.on != TRI_UNSET || w->r.effort != IR_EFFORT_UNSET ||
	    w->r.budget;
}

/* Is the word for effort one that the model has? */
static bool
word_fits(const struct passing *p, const struct wish *w)
{
	struct slice word = jval_get_text(p->body, "reasoning_effort");
	const char *const *sent = p->quirks->efforts_sent;
	const char *off = p->quirks->effort_off;

	if (!word.len || !p->quirks->efforts_only || !w->said)
		return true;
	if (slice_is(word, "none"))
		return off && slice_is(word, off);
	return slice_is(word, sent[w->r.effort] ? sent[w->r.effort] : "");
}

/* Some models cannot think and use tools, or be forced to. */
static bool
collides(const struct passing *p, const struct wish *w)
{
	if (p->quirks->thinks_or_forces && p->forced)
		return p->thinks;
	return p->quirks->tools_need_no_reasoning && p->thinks && w->said &&
	    jval_count(jval_get(p->body, "tools"));
}

/* What the encoder would say, as an object of members. */
static bool
write_own(struct passing *p, const struct wish *w, struct jval *own)
{
	struct ir_tool tool = { .kind = IR_FUNCTION };
	struct ir_request request = {
		.reasoning = w->r,
		.tools = jval_count(jval_get(p->body, "tools")) ? &tool : NULL,
		.choice = p->forced ? IR_CHOICE_ANY : IR_CHOICE_UNSET,
	};
	struct buf out = { 0 };
	struct encoder e = {
		.talk = p->talk, .arena = p->arena, .request = &request,
		.quirks = p->quirks, .w = { .out = &out },
	};
	struct slice text;

	write_object(&e.w);
	chat_write_reasoning(&e);
	write_end(&e.w);
	text = arena_dup(p->arena, buf_slice(&out));
	buf_free(&out);
	return pass_parse(p->talk, text, own);
}

/* A foreign member goes; of others' objects only what was read. */
static void
take_out(struct passing *p, const struct wish *w, const char *name)
{
	struct jval v = jval_get(p->body, name);
	size_t spoken = jval_ok(jval_get(v, "enable_thinking")) +
	    jval_ok(jval_get(v, "thinking"));

	if (p->quirks->reason == REASON_NONE && w->r.on == TRI_YES)
		chat_pass_lost(p, LOSS_DROPPED, name);
	else if (slice_is(slice_of(name), "chat_template_kwargs") &&
	    jval_count(v) > spoken)
		chat_pass_lost(p, LOSS_DROPPED, name);
	if (slice_is(slice_of(name), "output_config") && jval_count(v) > 1)
		splice_remove(p->splice, v, "effort");
	else
		splice_remove(p->splice, p->body, name);
}

static void
set_own(struct passing *p, const char *name, struct jval value)
{
	struct jval there = jval_get(p->body, name);
	char *key;

	if (!slice_is(slice_of(name), "chat_template_kwargs") ||
	    !jval_is(there, JSON_OBJECT)) {
		splice_set(p->splice, p->body, name, jval_raw(value));
		return;
	}
	for (struct jval k = jval_first(value); !jval_at_end(k);
	    k = jval_next(k)) {
		key = arena_cstr(p->arena, jval_text(k));
		if (key)
			splice_set(p->splice, there, key,
			    jval_raw(jval_value(k)));
	}
}

/* One of its own members that no longer says what is meant. */
static bool
is_stale(const struct passing *p, const struct wish *w, const char *name)
{
	return p->quirks->reason != REASON_NONE && (w->r.on == TRI_NO ||
	    slice_is(slice_of(name), "reasoning_effort"));
}

static bool
rewrite(struct passing *p, const struct wish *w)
{
	struct jval own, k;

	if (!write_own(p, w, &own))
		return false;
	for (size_t i = 0; i < SPELLINGS; i++) {
		if (!jval_ok(jval_get(own, spellings[i])) &&
		    speaks(p, spellings[i]) &&
		    (!is_own(p, spellings[i]) || is_stale(p, w, spellings[i])))
			take_out(p, w, spellings[i]);
	}
	if (!word_fits(p, w) && w->r.on == TRI_YES && !collides(p, w))
		chat_pass_lost(p, LOSS_ADJUSTED, "reasoning_effort");
	for (k = jval_first(own); !jval_at_end(k); k = jval_next(k)) {
		char *name = arena_cstr(p->arena, jval_text(k));

		if (name)
			set_own(p, name, jval_value(k));
	}
	p->resting |= jval_text_is(jval_get(own, "reasoning_effort"), "none");
	return true;
}

bool
chat_pass_reason(struct passing *p)
{
	const struct quirks *q = p->quirks;
	struct wish w = { 0 };

	read_wish(p, &w);
	p->resting = w.r.on == TRI_NO ||
	    (w.r.on == TRI_UNSET && !q->thinks_unasked);
	p->thinks = q->always_thinks || w.r.on == TRI_YES ||
	    (w.r.on == TRI_UNSET && q->thinks_unasked);
	if (!q->reason_own)
		return true;
	if (!(w.said && w.foreign) && word_fits(p, &w) && !collides(p, &w))
		return true;
	return rewrite(p, &w);
}
