/*
 * The conversation in a passed body: roles, members and ids that a provider
 * refuses, and what it misses.
 */
#include "proto/chat/pass.h"

#include "json/text.h"
#include "proto/names.h"
#include "proto/pass.h"

enum { ID_USUAL = 64 };	/* an id up to here is nobody's concern */

/* Where thinking goes back, in the words of one or the other. */
static const char *const thoughts[] = { "reasoning_content", "reasoning" };

struct walk {
	struct passing	*p;
	size_t		 i;		/* of the message */
	bool		 begun;		/* behind the system prompt */
	bool		 called;	/* a tool was called, somewhere */
	bool		 must_think;	/* thinking must go back */
	bool		 ids;		/* are ids looked at? */
};

static bool
is_system(struct jval role)
{
	return jval_text_is(role, "system") || jval_text_is(role, "developer");
}

static bool
calls(struct jval message)
{
	return jval_count(jval_get(message, "tool_calls")) > 0;
}

/* ---- roles ---- */

static struct slice
remind(struct passing *p, struct slice text)
{
	return arena_join(p->arena, (const struct slice[]){
	    SLICE("\"<system-reminder>\\n"), text,
	    SLICE("\\n</system-reminder>\"") }, 3);
}

/* A system message that comes too late, as the user's. */
static void
demote(struct passing *p, struct jval message, struct jval role)
{
	struct jval content = jval_get(message, "content"), part, text;

	splice_value(p->splice, role, SLICE("\"user\""));
	if (jval_is(content, JSON_STRING))
		splice_value(p->splice, content, remind(p,
		    jval_text(content)));
	if (!jval_is(content, JSON_ARRAY))
		return;
	for (part = jval_first(content); !jval_at_end(part);
	    part = jval_next(part)) {
		text = jval_get(part, "text");
		if (jval_is(text, JSON_STRING))
			splice_value(p->splice, text, remind(p,
			    jval_text(text)));
	}
}

static void
fix_role(struct walk *w, struct jval message)
{
	struct jval role = jval_get(message, "role");

	if (!is_system(role)) {
		w->begun = true;
	} else if (w->begun && w->p->quirks->system_first) {
		loss_add(&w->p->talk->losses, w->p->arena, LOSS_ADJUSTED,
		    "messages[%zu].role", w->i);
		demote(w->p, message, role);
	} else if (w->p->quirks->no_developer &&
	    jval_text_is(role, "developer")) {
		splice_value(w->p->splice, role, SLICE("\"system\""));
	}
}

/* ---- members ---- */

static void
drop(struct walk *w, struct jval message, const char *name, bool named)
{
	if (named)
		loss_add(&w->p->talk->losses, w->p->arena, LOSS_DROPPED,
		    "messages[%zu].%s", w->i, name);
	splice_remove(w->p->splice, message, name);
}

/* Thinking and remarks were for the client: only what was said is a loss. */
static void
fix_refused(struct walk *w, struct jval message)
{
	const char *refused = w->p->quirks->message_refused;
	struct slice rest = slice_of(refused), word;
	char *name;

	while (rest.ptr) {
		word = slice_cut(&rest, ' ');
		name = arena_cstr(w->p->arena, word);
		if (name && !jval_at_end(jval_get_null(message, name)))
			drop(w, message, name,
			    jval_ok(jval_get(message, name)) &&
			    (slice_is(word, "refusal") ||
			    slice_is(word, "audio")));
	}
}

static struct jval
find_thought(struct jval message, const char *own, struct jval *key)
{
	struct jval k;

	for (k = jval_first(message); !jval_at_end(k); k = jval_next(k)) {
		if (!jval_text_is(k, thoughts[slice_is(slice_of(own),
		    thoughts[0])]) || !jval_text(jval_value(k)).len)
			continue;
		*key = k;
		return jval_value(k);
	}
	return (struct jval){ 0 };
}

/* Thinking goes back where the provider looks for it. */
static void
fix_thought(struct walk *w, struct jval message)
{
	const struct quirks *q = w->p->quirks;
	struct jval own = jval_get(message, q->reason_field), other, key;
	bool due = q->replay == REPLAY_TOOLS ? calls(message) : w->called;

	if (jval_ok(own) && (jval_text(own).len || !jval_is(own, JSON_STRING)))
		return;
	other = find_thought(message, q->reason_field, &key);
	if (jval_ok(other)) {
		splice_remove(w->p->splice, message, q->reason_field);
		splice_value(w->p->splice, key, arena_fmt(w->p->arena,
		    "\"%s\"", q->reason_field));
	} else if (due && w->must_think && q->replay_placeholder) {
		splice_set(w->p->splice, message, q->reason_field,
		    arena_fmt(w->p->arena, "\"%.*s\"", SLICE_FMT(text_escape(
		    w->p->arena, slice_of(q->replay_placeholder)))));
	}
}

/* ---- tool calls ---- */

static void
fix_id(struct walk *w, struct jval id)
{
	struct slice sent;

	if (!w->ids || !jval_text(id).len)
		return;
	sent = name_id_chat(w->p->arena, w->p->quirks, jval_text(id));
	if (slice_eq(sent, jval_text(id)))
		return;
	splice_value(w->p->splice, id, arena_fmt(w->p->arena, "\"%.*s\"",
	    SLICE_FMT(sent)));
}

static void
fix_calls(struct walk *w, struct jval message)
{
	struct jval list = jval_get(message, "tool_calls"), call;
	bool first = true;

	for (call = jval_first(list); !jval_at_end(call);
	    call = jval_next(call)) {
		fix_id(w, jval_get(call, "id"));
		if (first && w->p->quirks->sentinel_calls &&
		    jval_is(call, JSON_OBJECT) &&
		    !jval_ok(jval_get(call, "extra_content")))
			splice_set(w->p->splice, call, "extra_content",
			    SLICE("{\"google\":{\"thought_signature\":"
			    "\"skip_thought_signature_validator\"}}"));
		first = false;
	}
}

/* ---- the whole ---- */

static void
fix_message(struct walk *w, struct jval message)
{
	const struct quirks *q = w->p->quirks;

	fix_role(w, message);
	if (q->no_names && jval_ok(jval_get(message, "name")) &&
	    !jval_text_is(jval_get(message, "role"), "tool") &&
	    !jval_text_is(jval_get(message, "role"), "function"))
		drop(w, message, "name", true);
	fix_id(w, jval_get(message, "tool_call_id"));
	if (!jval_text_is(jval_get(message, "role"), "assistant"))
		return;
	if (q->message_refused)
		fix_refused(w, message);
	if (q->replay != REPLAY_NO && q->reason_field &&
	    !pass_among(q->message_refused, slice_of(q->reason_field)))
		fix_thought(w, message);
	fix_calls(w, message);
}

/* Has this provider any rule for messages at all? */
static bool
is_choosy(const struct walk *w)
{
	const struct quirks *q = w->p->quirks;

	return q->no_developer || q->system_first || q->no_names || w->ids ||
	    q->message_refused || q->sentinel_calls ||
	    (q->replay != REPLAY_NO && q->reason_field);
}

bool
chat_pass_messages(struct passing *p)
{
	struct jval list = jval_get(p->body, "messages"), m;
	struct walk w = {
		.p = p,
		.must_think = p->thinks,
		.ids = p->quirks->id_exact || p->quirks->id_max < ID_USUAL,
	};

	if (!jval_is(list, JSON_ARRAY) || !is_choosy(&w))
		return true;
	for (m = jval_first(list); !jval_at_end(m); m = jval_next(m))
		w.called |= calls(m);
	for (m = jval_first(list); !jval_at_end(m); m = jval_next(m), w.i++)
		if (jval_is(m, JSON_OBJECT))
			fix_message(&w, m);
	return true;
}

static struct jval
last_of(struct jval list)
{
	struct jval last = { 0 }, v;

	for (v = jval_first(list); !jval_at_end(v); v = jval_next(v))
		last = v;
	return last;
}

/* Behind what the system prompt says already, or as one. */
bool
chat_pass_instruct(struct passing *p, struct slice words)
{
	struct jval list = jval_get(p->body, "messages");
	struct jval first = jval_first(list);
	struct jval content = jval_get(first, "content");

	if (!jval_is(list, JSON_ARRAY) || jval_at_end(first) || !words.len)
		return !p->arena->failed;
	if (!is_system(jval_get(first, "role")) ||
	    !(jval_is(content, JSON_STRING) || jval_count(content)))
		splice_before(p->splice, first, arena_join(p->arena,
		    (const struct slice[]){
		    SLICE("{\"role\":\"system\",\"content\":\""), words,
		    SLICE("\"},") }, 3));
	else if (jval_is(content, JSON_STRING))
		splice_value(p->splice, content, arena_join(p->arena,
		    (const struct slice[]){ SLICE("\""), jval_text(content),
		    SLICE("\\n\\n"), words, SLICE("\"") }, 5));
	else
		splice_after(p->splice, last_of(content), arena_join(
		    p->arena, (const struct slice[]){
		    SLICE(",{\"type\":\"text\",\"text\":\""), words,
		    SLICE("\"}") }, 3));
	return !p->arena->failed;
}
