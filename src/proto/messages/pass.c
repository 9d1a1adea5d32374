/*
 * A Messages body on its way to Anthropic: what the model refuses is put in
 * the words that it takes, with the plan that translated requests have.
 */
#include "proto/messages/pass.h"

#include "json/text.h"
#include "proto/gather.h"
#include "proto/messages/encode.h"
#include "proto/number.h"
#include "proto/pass.h"
#include "proto/reason.h"
#include "proto/schema.h"

struct passing {
	struct talk	*talk;
	struct arena	*arena;
	const struct quirks *quirks;
	struct jval	 body, thinking, config, messages;
	struct splice	*splice;
	bool		 forced;
	enum ir_effort	 effort;	/* as the client said it */
	bool		 drop_effort, drop_format, set_effort;
};

static void
lose(struct passing *p, enum loss_action action, const char *name)
{
	loss_add(&p->talk->losses, p->arena, action, "%s", name);
}

/* ---- numbers ---- */

static void
fix_limit(struct passing *p)
{
	struct jval limit = jval_get(p->body, "max_tokens");
	uint64_t n, most = p->quirks->max_output;

	if (!most || !jval_is(limit, JSON_NUMBER) ||
	    !number_u64(jval_raw(limit), &n) || n <= most)
		return;
	lose(p, LOSS_CLAMPED, "max_tokens");
	splice_value(p->splice, limit, arena_fmt(p->arena, "%llu",
	    (unsigned long long)most));
}

/* The values that these models have by themselves are taken by all. */
static void
fix_sampling(struct passing *p)
{
	static const struct {
		const char	*name, *from, *to;
	} ours[] = {
		{ "temperature", "1", "1" }, { "top_p", "0.99", "1" },
		{ "top_k", NULL, NULL },
	};

	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
		struct jval v = jval_get(p->body, ours[i].name);

		if (!jval_is(v, JSON_NUMBER) || (ours[i].from &&
		    number_vs(jval_raw(v), ours[i].from) >= 0 &&
		    number_vs(jval_raw(v), ours[i].to) <= 0))
			continue;
		lose(p, LOSS_DROPPED, ours[i].name);
		splice_remove(p->splice, p->body, ours[i].name);
	}
}

/* ---- thinking ---- */

static unsigned
kind_of(struct jval thinking)
{
	static const char *const names[] = {
		"adaptive", "enabled", "disabled", "between_tools",
	};

	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (jval_text_is(jval_get(thinking, "type"), names[i]))
			return 1u << i;		/* ORDER of THINK_* */
	return 0;
}

/* Can it not be told so, or not together with a tool that must be called? */
static bool
must_replan(const struct passing *p)
{
	unsigned kind = kind_of(p->thinking);
	bool yields = p->forced && (kind ? kind != THINK_DISABLED :
	    p->quirks->think_default && !jval_ok(p->thinking) &&
	    p->quirks->think & THINK_DISABLED);

	return (kind && !(p->quirks->think & kind)) || yields;
}

static bool
is_thinking(struct jval block)
{
	struct jval type = jval_get(block, "type");

	return jval_text_is(type, "thinking") ||
	    jval_text_is(type, "redacted_thinking");
}

/* Are the last calls answered that were made without a thought? */
static bool
round_lacks_thinking(const struct passing *p)
{
	struct jval last = { 0 }, before = { 0 }, m;

	for (m = jval_first(p->messages); !jval_at_end(m); m = jval_next(m)) {
		before = last;
		last = m;
	}
	return jval_text_is(jval_get(jval_first(jval_get(last, "content")),
	    "type"), "tool_result") &&
	    jval_text_is(jval_get(before, "role"), "assistant") &&
	    !is_thinking(jval_first(jval_get(before, "content")));
}

static void
put_thinking(struct passing *p, struct encoder *e)
{
	struct buf out = { 0 };
	struct jval made;

	e->w = (struct writer){ .out = &out };
	write_object(&e->w);
	messages_write_thinking(e);
	write_end(&e->w);
	if (pass_parse(p->talk, gather(p->arena, &out), &made) &&
	    jval_ok(jval_get(made, "thinking")))
		splice_set(p->splice, p->body, "thinking",
		    jval_raw(jval_get(made, "thinking")));
	else
		splice_remove(p->splice, p->body, "thinking");
}

/* The losses of a plan are those of a member that is called thinking here. */
static void
name_losses(struct passing *p, const struct losses *planned, bool changed)
{
	for (const struct loss *l = planned->first; l; l = l->next)
		lose(p, l->action, "thinking");
	if (changed && !planned->count)
		lose(p, LOSS_ADJUSTED, "thinking");
}

static void
replan(struct passing *p)
{
	struct ir_block asked = { .kind = IR_TEXT };
	struct ir_block result = { .kind = IR_RESULT };
	struct ir_turn now = { .role = IR_USER, .first = &asked };
	struct ir_turn then = { .role = IR_ASSISTANT, .next = &now,
	    .first = &asked };
	struct losses before = p->talk->losses, planned;
	struct encoder e = {
		.talk = p->talk, .arena = p->arena, .quirks = p->quirks,
		.request = { .first = &now, .last = &now },
		.max_tokens = p->quirks->default_output, .own_limit = true,
		.tools = { .choice = p->forced ? "any" : NULL },
	};
	uint64_t n;

	if (round_lacks_thinking(p)) {
		now.first = &result;
		e.request.first = &then;
	}
	if (number_u64(jval_raw(jval_get(p->body, "max_tokens")), &n)) {
		e.max_tokens = n;
		e.own_limit = false;
	}
	p->talk->losses = (struct losses){ .way = before.way };
	reason_read_messages(&e.request.reasoning, p->arena,
	    &p->talk->losses, p->body);
	messages_plan_thinking(&e);
	planned = p->talk->losses;
	p->talk->losses = before;
	name_losses(p, &planned, e.think.mode != THINK_UNSAID);
	put_thinking(p, &e);
	p->effort = e.think.effort;
}

/* ---- effort ---- */

static void
fix_effort(struct passing *p)
{
	struct slice said = jval_get_text(p->config, "effort");
	enum ir_effort was = reason_effort(said), now = p->effort;
	unsigned rest = THINK_DISABLED | THINK_BETWEEN;

	if (was == now && now != IR_EFFORT_UNSET) {
		if (p->quirks->rest_to_high && now > IR_EFFORT_HIGH &&
		    kind_of(p->thinking) & rest)
			now = IR_EFFORT_HIGH;
		now = reason_nearest(p->quirks->efforts, now);
	}
	if (was == now || (!said.len && now == IR_EFFORT_UNSET))
		return;
	if (now == IR_EFFORT_UNSET) {
		lose(p, LOSS_DROPPED, "output_config.effort");
		p->drop_effort = true;
		return;
	}
	said = arena_fmt(p->arena, "\"%s\"", reason_effort_name(now));
	if (was != IR_EFFORT_UNSET)
		lose(p, LOSS_ADJUSTED, "output_config.effort");
	p->set_effort = true;
	if (jval_is(p->config, JSON_OBJECT))
		splice_set(p->splice, p->config, "effort", said);
	else
		splice_set(p->splice, p->body, "output_config", arena_fmt(
		    p->arena, "{\"effort\":%.*s}", SLICE_FMT(said)));
}

/* ---- tools ---- */

static void
fix_choice(struct passing *p)
{
	struct jval choice = jval_get(p->body, "tool_choice");
	struct jval type = jval_get(choice, "type");

	p->forced = jval_text_is(type, "any") || jval_text_is(type, "tool");
	if (!p->forced || p->quirks->force)
		return;
	lose(p, LOSS_ADJUSTED, "tool_choice");
	splice_value(p->splice, type, SLICE("\"auto\""));
	splice_remove(p->splice, choice, "name");
	p->forced = false;
}

static void
fix_strict(struct passing *p)
{
	struct jval tools = jval_get(p->body, "tools"), tool;
	size_t i = 0;

	if (p->quirks->schema_output || !jval_is(tools, JSON_ARRAY))
		return;
	for (tool = jval_first(tools); !jval_at_end(tool);
	    tool = jval_next(tool), i++) {
		if (!jval_ok(jval_get(tool, "strict")))
			continue;
		if (jval_is_true(jval_get(tool, "strict")))
			loss_add(&p->talk->losses, p->arena, LOSS_DROPPED,
			    "tools[%zu].strict", i);
		splice_remove(p->splice, tool, "strict");
	}
}

/* ---- the format of the answer ---- */

static void
instruct(struct passing *p, struct slice words)
{
	struct jval system = jval_get(p->body, "system");
	struct slice block = arena_join(p->arena, (const struct slice[]){
	    SLICE("{\"type\":\"text\",\"text\":\""), words, SLICE("\"}") }, 3);

	if (jval_is(system, JSON_ARRAY) && jval_count(system)) {
		struct slice raw = jval_raw(system);

		/* its last bracket moves behind one more block */
		splice_value(p->splice, system, arena_join(p->arena,
		    (const struct slice[]){ slice_sub(raw, 0, raw.len - 1),
		    SLICE(","), block, SLICE("]") }, 4));
	} else if (jval_text(system).len) {
		splice_value(p->splice, system, arena_join(p->arena,
		    (const struct slice[]){ SLICE("\""), jval_text(system),
		    SLICE("\\n\\n"), words, SLICE("\"") }, 5));
	} else {
		splice_set(p->splice, p->body, "system", arena_join(p->arena,
		    (const struct slice[]){ SLICE("["), block, SLICE("]") },
		    3));
	}
}

static void
fix_format(struct passing *p)
{
	struct jval format = jval_get(p->config, "format");
	bool old = !jval_ok(format);
	struct jval schema;

	if (old)
		format = jval_get(p->body, "output_format");
	schema = jval_get(format, "schema");
	if (p->quirks->schema_output || !jval_is(schema, JSON_OBJECT))
		return;
	lose(p, LOSS_EMULATED, old ? "output_format" :
	    "output_config.format");
	if (old)
		splice_remove(p->splice, p->body, "output_format");
	else
		p->drop_format = true;
	instruct(p, arena_join(p->arena, (const struct slice[]){
	    SLICE("Respond with a single JSON value that conforms to this "
	    "JSON Schema, and nothing else:\\n"),
	    schema_as_text(p->arena, jval_raw(schema)) }, 2));
}

/* An empty output_config is left out. */
static void
end_config(struct passing *p)
{
	size_t gone = (size_t)p->drop_effort + p->drop_format;

	if (gone && gone == jval_count(p->config) && !p->set_effort) {
		splice_remove(p->splice, p->body, "output_config");
		return;
	}
	if (p->drop_effort)
		splice_remove(p->splice, p->config, "effort");
	if (p->drop_format)
		splice_remove(p->splice, p->config, "format");
}

/* ---- system messages amid others ---- */

static void
remind(struct passing *p, struct jval text)
{
	if (jval_is(text, JSON_STRING))
		splice_value(p->splice, text, arena_join(p->arena,
		    (const struct slice[]){ SLICE("\"<system-reminder>\\n"),
		    jval_text(text), SLICE("\\n</system-reminder>\"") }, 3));
}

static void
fix_system(struct passing *p)
{
	struct jval m, content, part;
	size_t i = 0;

	if (p->quirks->mid_system || !jval_is(p->messages, JSON_ARRAY))
		return;
	for (m = jval_first(p->messages); !jval_at_end(m);
	    m = jval_next(m), i++) {
		if (!jval_text_is(jval_get(m, "role"), "system") ||
		    messages_pass_empties(m))
			continue;
		loss_add(&p->talk->losses, p->arena, LOSS_ADJUSTED,
		    "messages[%zu].role", i);
		splice_value(p->splice, jval_get(m, "role"),
		    SLICE("\"user\""));
		content = jval_get(m, "content");
		remind(p, content);
		if (!jval_is(content, JSON_ARRAY))
			continue;
		for (part = jval_first(content); !jval_at_end(part);
		    part = jval_next(part))
			remind(p, jval_get(part, "text"));
	}
}

void
messages_pass_quirks(struct talk *talk, struct jval body,
    struct splice *splice)
{
	struct passing p = {
		.talk = talk, .arena = talk->arena, .quirks = &talk->quirks,
		.body = body, .splice = splice,
		.thinking = jval_get(body, "thinking"),
		.config = jval_get(body, "output_config"),
		.messages = jval_get(body, "messages"),
	};

	if (talk->quirks.dialect != DIALECT_ANTHROPIC || !talk->quirks.known)
		return;
	p.effort = reason_effort(jval_get_text(p.config, "effort"));
	fix_limit(&p);
	if (!talk->quirks.sampling)
		fix_sampling(&p);
	fix_choice(&p);
	fix_strict(&p);
	if (must_replan(&p))
		replan(&p);
	fix_effort(&p);
	fix_format(&p);
	end_config(&p);
	fix_system(&p);
}
