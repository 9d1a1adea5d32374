/*
 * How a Chat provider is told how hard to think: one function per way of
 * saying it (enum quirk_reason).
 */
#include "json/text.h"
#include "proto/chat/encode.h"
#include "proto/reason.h"

static const uint64_t budgets[] = {	/* ORDER ir_effort */
	[IR_EFFORT_UNSET] = 0,
	[IR_EFFORT_MINIMAL] = 2048,
	[IR_EFFORT_LOW] = 2048,
	[IR_EFFORT_MEDIUM] = 8192,
	[IR_EFFORT_HIGH] = 16384,
	[IR_EFFORT_XHIGH] = 32768,
	[IR_EFFORT_MAX] = 32768,
};

enum mode { MODE_UNSET, MODE_OFF, MODE_ON };

/* Thinking between tool calls alone is nothing a Chat model can be told. */
static enum mode
mode(const struct encoder *e)
{
	const struct ir_reasoning *r = &e->request->reasoning;

	if (r->on == TRI_NO || r->between)
		return MODE_OFF;
	return r->on == TRI_YES ? MODE_ON : MODE_UNSET;
}

static enum ir_effort
level(const struct ir_reasoning *r)
{
	if (r->effort != IR_EFFORT_UNSET || !r->budget)
		return r->effort;
	return reason_of_budget(r->budget);
}

static void
lose(struct encoder *e, enum loss_action action)
{
	loss_add(&e->talk->losses, e->arena, action, "thinking");
}

static void
put_word(struct encoder *e, const char *word)
{
	if (word)
		write_member_plain(&e->w, "reasoning_effort", word);
}

static const char *
word(const struct encoder *e)
{
	return e->quirks->efforts_sent[level(&e->request->reasoning)];
}

static void
put_off(struct encoder *e)
{
	if (!e->quirks->effort_off || e->quirks->effort_off_thinks)
		lose(e, LOSS_ADJUSTED);
	put_word(e, e->quirks->effort_off);
}

/* A model that cannot both think and use tools uses tools. */
static void
put_effort(struct encoder *e)
{
	const struct ir_reasoning *r = &e->request->reasoning;
	enum mode m = mode(e);

	if (e->quirks->tools_need_no_reasoning && chat_has_functions(e)) {
		if (m == MODE_ON || (m == MODE_UNSET && r->effort))
			lose(e, LOSS_DISABLED);
		put_word(e, "none");
	} else if (m == MODE_OFF) {
		put_off(e);
	} else if (m == MODE_ON || e->quirks->effort_alone) {
		put_word(e, word(e));
	}
}

static void
put_effort_ollama(struct encoder *e)
{
	enum mode m = mode(e);

	if (m == MODE_OFF)
		put_off(e);
	else if (m == MODE_ON)
		put_word(e, word(e) ? word(e) : "medium");
	else
		put_word(e, word(e));
}

static void
put_thinking(struct encoder *e)
{
	enum mode m = mode(e);

	if (m != MODE_UNSET) {
		write_key(&e->w, "thinking");
		write_object(&e->w);
		write_member_plain(&e->w, "type",
		    m == MODE_ON ? "enabled" : "disabled");
		if (m == MODE_ON && e->quirks->keep_thinking)
			write_member_bool(&e->w, "clear_thinking", false);
		write_end(&e->w);
	}
	if (m == MODE_ON || (m == MODE_UNSET && e->quirks->effort_alone))
		put_word(e, word(e));
}

static void
put_enable_thinking(struct encoder *e)
{
	const struct ir_reasoning *r = &e->request->reasoning;
	enum mode m = mode(e);
	uint64_t budget = r->budget ? r->budget : budgets[r->effort];

	if (m == MODE_UNSET)
		return;
	write_member_bool(&e->w, "enable_thinking", m == MODE_ON);
	if (m == MODE_ON && budget)
		write_member_u64(&e->w, "thinking_budget", budget);
}

static void
put_openrouter(struct encoder *e)
{
	const struct ir_reasoning *r = &e->request->reasoning;
	enum mode m = mode(e);
	const char *effort = e->quirks->efforts_sent[r->effort];

	if (m == MODE_UNSET && !effort)
		return;
	write_key(&e->w, "reasoning");
	write_object(&e->w);
	if (m == MODE_OFF)
		write_member_bool(&e->w, "enabled", false);
	else if (m == MODE_ON && r->budget)
		write_member_u64(&e->w, "max_tokens", r->budget);
	else if (effort)
		write_member_plain(&e->w, "effort", effort);
	else
		write_member_bool(&e->w, "enabled", true);
	write_end(&e->w);
}

/* Members of the client's own for the template, but for those of thinking. */
static bool
put_kwargs(struct encoder *e, bool dry)
{
	struct jval given = jval_get(e->request->body, "chat_template_kwargs");
	bool any = false;

	if (!jval_is(given, JSON_OBJECT))
		return false;
	for (struct jval k = jval_first(given); !jval_at_end(k);
	    k = jval_next(k)) {
		if (jval_text_is(k, "enable_thinking") ||
		    jval_text_is(k, "thinking"))
			continue;
		any = true;
		if (dry)
			break;
		write_key_text(&e->w, jval_text(k));
		write_min(&e->w, text_mend(e->arena,
		    jval_raw(jval_value(k))));
	}
	return any;
}

static void
put_template(struct encoder *e)
{
	enum mode m = mode(e);

	if (m == MODE_UNSET && !put_kwargs(e, true))
		return;
	write_key(&e->w, "chat_template_kwargs");
	write_object(&e->w);
	/* Templates differ in what they call it, and ignore the other. */
	if (m != MODE_UNSET) {
		write_member_bool(&e->w, "enable_thinking", m == MODE_ON);
		write_member_bool(&e->w, "thinking", m == MODE_ON);
	}
	(void)put_kwargs(e, false);
	write_end(&e->w);
}

static void
put_nothing(struct encoder *e)
{
	if (e->quirks->always_thinks && mode(e) == MODE_OFF)
		lose(e, LOSS_ADJUSTED);
}

static void (*const puts_by_way[])(struct encoder *) = {
	[REASON_NONE] = put_nothing,
	[REASON_EFFORT] = put_effort,
	[REASON_THINKING] = put_thinking,
	[REASON_ENABLE_THINKING] = put_enable_thinking,
	[REASON_OPENROUTER] = put_openrouter,
	[REASON_TEMPLATE] = put_template,
	[REASON_EFFORT_OLLAMA] = put_effort_ollama,
};

void
chat_write_reasoning(struct encoder *e)
{
	if (e->quirks->thinks_or_forces && chat_is_forced(e) &&
	    (mode(e) == MODE_ON || (mode(e) == MODE_UNSET &&
	    e->quirks->thinks_unasked))) {
		e->request->reasoning.on = TRI_NO;
		lose(e, LOSS_DISABLED);
	}
	puts_by_way[e->quirks->reason](e);
}
