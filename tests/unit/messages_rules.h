/*
 * messages_rules - what Messages providers insist on, checked in a request.
 *
 * For the unit tests and the fuzzer of the encoder: whatever a client sent,
 * what goes to the provider keeps these rules.
 */
#ifndef TESTS_UNIT_MESSAGES_RULES_H
#define TESTS_UNIT_MESSAGES_RULES_H

#include "json/json.h"
#include "json/text.h"
#include "proto/quirk.h"

struct rules {
	const struct quirks *quirks;
	struct jval	 body;
	unsigned	 marks;
	bool		 calls;		/* tool blocks were seen */
	const char	*broken;	/* the first; NULL: none */
};

static inline void
rule(struct rules *r, bool kept, const char *what)
{
	if (!kept && !r->broken)
		r->broken = what;
}

static inline bool
matches(struct slice s, size_t max)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i], lower = (char)(c | 0x20);

		if ((lower < 'a' || lower > 'z') && (c < '0' || c > '9') &&
		    c != '_' && c != '-')
			return false;
	}
	return s.len > 0 && s.len <= max;
}

static inline bool
is_kind(struct jval block, const char *type)
{
	return jval_text_is(jval_get(block, "type"), type);
}

/* Does a block of `list` with that type have the same text in `member`? */
static inline unsigned
count_ids(struct jval list, const char *type, const char *member,
    struct slice id)
{
	unsigned n = 0;

	for (struct jval b = jval_first(list); !jval_at_end(b);
	    b = jval_next(b))
		n += is_kind(b, type) &&
		    slice_eq(jval_get_text(b, member), id);
	return n;
}

static inline void
rule_block(struct rules *r, struct jval b)
{
	r->marks += jval_ok(jval_get(b, "cache_control"));
	if (is_kind(b, "text"))
		rule(r, !text_blank(jval_get_text(b, "text")), "no blank text");
	if (is_kind(b, "thinking"))
		rule(r, jval_get_text(b, "signature").len,
		    "thinking is signed");
	if (is_kind(b, "tool_use")) {
		r->calls = true;
		rule(r, matches(jval_get_text(b, "id"), 64), "form of ids");
		rule(r, matches(jval_get_text(b, "name"), 128),
		    "form of names");
		rule(r, jval_is(jval_get(b, "input"), JSON_OBJECT),
		    "input is an object");
	}
	if (is_kind(b, "tool_result")) {
		struct jval part = jval_first(jval_get(b, "content"));

		r->calls = true;
		for (; !jval_at_end(part); part = jval_next(part))
			if (is_kind(part, "text"))
				rule(r, !text_blank(jval_get_text(part,
				    "text")), "no blank text in results");
	}
}

/* Calls of `before` are answered in `now`, nothing else is; results first. */
static inline void
rule_round(struct rules *r, struct jval before, struct jval now)
{
	bool others = false;
	struct jval b;

	for (b = jval_first(before); !jval_at_end(b); b = jval_next(b)) {
		struct slice id = jval_get_text(b, "id");

		if (!is_kind(b, "tool_use"))
			continue;
		rule(r, count_ids(before, "tool_use", "id", id) == 1,
		    "ids are unique");
		rule(r, count_ids(now, "tool_result", "tool_use_id", id) == 1,
		    "each call has one result");
	}
	for (b = jval_first(now); !jval_at_end(b); b = jval_next(b)) {
		if (!is_kind(b, "tool_result")) {
			others = true;
			continue;
		}
		rule(r, !others, "results come first");
		rule(r, count_ids(before, "tool_use", "id",
		    jval_get_text(b, "tool_use_id")) == 1,
		    "each result has a call");
	}
}

static inline void
rule_turns(struct rules *r)
{
	struct jval none = { 0 }, before = { 0 }, t;
	struct jval list = jval_get(r->body, "messages");
	bool system = false, assistant = true;

	rule(r, jval_is(list, JSON_ARRAY) && jval_count(list), "messages");
	for (t = jval_first(list); !jval_at_end(t); t = jval_next(t)) {
		struct jval role = jval_get(t, "role");
		struct jval content = jval_get(t, "content"), b;

		rule(r, jval_is(content, JSON_ARRAY) && jval_count(content),
		    "content has blocks");
		b = jval_first(content);
		for (; !jval_at_end(b); b = jval_next(b))
			rule_block(r, b);
		if (jval_text_is(role, "system")) {
			rule(r, r->quirks->mid_system && !assistant && !system,
			    "system stands behind a user");
			system = true;
			continue;
		}
		rule(r, jval_text_is(role, "user") == assistant,
		    "user and assistant take turns");
		rule(r, !system || !assistant, "system before an assistant");
		assistant = !assistant;
		system = false;
		rule_round(r, assistant ? none : before,
		    assistant ? none : content);
		before = content;
	}
	rule_round(r, assistant ? before : none, none);
	rule(r, !assistant || r->quirks->prefill, "ends with a user");
}

static inline void
rule_tools(struct rules *r)
{
	static const char *const combinators[] = { "anyOf", "oneOf", "allOf" };
	struct jval list = jval_get(r->body, "tools"), t;

	rule(r, !r->calls || jval_count(list), "calls need tools");
	for (t = jval_first(list); !jval_at_end(t); t = jval_next(t)) {
		struct jval schema = jval_get(t, "input_schema");

		r->marks += jval_ok(jval_get(t, "cache_control"));
		if (jval_ok(jval_get(t, "type")))
			continue;	/* one of the provider's own */
		rule(r, matches(jval_get_text(t, "name"), 128),
		    "form of tool names");
		rule(r, jval_text_is(jval_get(schema, "type"), "object"),
		    "input_schema is of an object");
		for (size_t i = 0; i < 3; i++)
			rule(r, !jval_ok(jval_get(schema, combinators[i])),
			    "no combinator at the root");
	}
	rule(r, jval_ok(jval_get(r->body, "tools")) ||
	    !jval_ok(jval_get(r->body, "tool_choice")), "choice of no tool");
}

static inline void
rule_thinking(struct rules *r)
{
	struct jval thinking = jval_get(r->body, "thinking");
	struct jval choice = jval_get2(r->body, "tool_choice", "type");
	uint64_t limit = 0, budget = 0;
	bool forced = jval_text_is(choice, "any") ||
	    jval_text_is(choice, "tool");
	bool on = jval_ok(thinking) ? !is_kind(thinking, "disabled") :
	    r->quirks->think_default;

	rule(r, jval_u64(jval_get(r->body, "max_tokens"), &limit) && limit,
	    "max_tokens");
	if (is_kind(thinking, "enabled"))
		rule(r, jval_u64(jval_get(thinking, "budget_tokens"), &budget)
		    && budget >= 1024 && budget < limit, "budget");
	rule(r, !forced || r->quirks->force, "forcing");
	rule(r, !forced || !on || !(r->quirks->think & THINK_DISABLED),
	    "forcing while thinking");
	rule(r, (r->quirks->sampling && !on) ||
	    (!jval_ok(jval_get(r->body, "temperature")) &&
	    !jval_ok(jval_get(r->body, "top_k"))), "sampling");
}

/* The first rule that a Messages request breaks; NULL: none. */
static inline const char *
messages_broken_rule(struct jval body, const struct quirks *quirks)
{
	struct rules r = { .quirks = quirks, .body = body };
	struct jval b = jval_first(jval_get(body, "system"));

	for (; !jval_at_end(b); b = jval_next(b))
		rule_block(&r, b);
	rule_turns(&r);
	rule_tools(&r);
	rule_thinking(&r);
	r.marks += jval_ok(jval_get(body, "cache_control"));
	rule(&r, r.marks <= 4, "at most four cache marks");
	return r.broken;
}

#endif
