#include "proto/learn_edit.h"

#include <stdio.h>

#include "json/text.h"
#include "proto/gather.h"
#include "proto/gemini/proto3.h"

bool
learn_edit_begin(struct learn_edit *e, const struct buf *body)
{
	struct json_fault fault;

	e->splice.text = buf_slice(body);
	if (!json_parse(&e->doc, e->talk->arena, e->splice.text, 0, &fault))
		return false;
	e->body = json_root(&e->doc);
	return true;
}

bool
learn_edit_end(struct learn_edit *e, struct buf *body)
{
	struct buf changed = { .limit = body->limit };

	if (!e->splice.count && !e->splice.failed)
		return true;
	splice_write(&e->splice, &changed);
	if (changed.failed || e->talk->arena->failed) {
		buf_free(&changed);
		return false;
	}
	buf_clear(body);
	buf_append(body, buf_slice(&changed));
	buf_free(&changed);
	return !body->failed;
}

static void
name_loss(struct learn_edit *e, enum loss_action action, const char *member)
{
	loss_add(&e->talk->losses, e->talk->arena, action, "%s", member);
}

static void
drop(struct learn_edit *e, const char *member)
{
	if (!jval_ok(jval_get(e->body, member)))
		return;
	splice_remove(&e->splice, e->body, member);
	name_loss(e, LOSS_DROPPED, member);
}

void
learn_drop_sampling(struct learn_edit *e, const struct lesson *l)
{
	(void)l;
	drop(e, "temperature");
	drop(e, "top_p");
	drop(e, "top_k");
}

void
learn_clamp(struct learn_edit *e, const struct lesson *l)
{
	static const char *const names[] = {
		"max_tokens", "max_completion_tokens", "max_output_tokens",
	};
	uint64_t n;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (!jval_u64(jval_get(e->body, names[i]), &n) ||
		    n <= l->number)
			continue;
		splice_set(&e->splice, e->body, names[i],
		    arena_fmt(e->talk->arena, "%llu",
		    (unsigned long long)l->number));
		name_loss(e, LOSS_CLAMPED, names[i]);
	}
}

void
learn_no_effort(struct learn_edit *e, const struct lesson *l)
{
	struct jval effort = jval_get(e->body, "reasoning_effort");

	(void)l;
	if (!jval_count(jval_get(e->body, "tools")) ||
	    jval_text_is(effort, "none"))
		return;
	splice_set(&e->splice, e->body, "reasoning_effort",
	    SLICE("\"none\""));
	name_loss(e, LOSS_DISABLED, "reasoning_effort");
}

/* Another name for the limit of tokens; NULL: `member` is none. */
static const char *
other_name(struct slice member)
{
	if (slice_is(member, "max_tokens"))
		return "max_completion_tokens";
	return slice_is(member, "max_completion_tokens") ? "max_tokens" : NULL;
}

void
learn_drop_member(struct learn_edit *e, const struct lesson *l)
{
	struct jval value = jval_get(e->body, l->member);
	const char *other = other_name(slice_of(l->member));

	if (!other || !jval_ok(value)) {
		drop(e, l->member);
		return;
	}
	splice_remove(&e->splice, e->body, l->member);
	if (!jval_ok(jval_get(e->body, other)))
		splice_set(&e->splice, e->body, other, jval_raw(value));
	name_loss(e, LOSS_RENAMED, l->member);
}

/* ---- reasoning that must go back ---- */

static bool
lacks_reasoning(struct jval message)
{
	return jval_text_is(jval_get(message, "role"), "assistant") &&
	    !jval_get_text(message, "reasoning_content").len;
}

/* The message with a blank where its reasoning stood, or would stand. */
static void
put_filled(struct buf *out, struct jval message)
{
	struct slice raw = jval_raw(message);
	struct jval old = jval_get_null(message, "reasoning_content");
	struct slice was = jval_raw(old);
	size_t at = was.ptr ? (size_t)(was.ptr - raw.ptr) : raw.len - 1;

	buf_append(out, slice_sub(raw, 0, at));
	buf_text(out, was.ptr ? "\" \"" : ",\"reasoning_content\":\" \"");
	buf_append(out, slice_skip(raw, at + was.len));
}

void
learn_fill_reasoning(struct learn_edit *e, const struct lesson *l)
{
	struct jval messages = jval_get(e->body, "messages");
	struct buf out = { 0 };
	bool filled = false;
	unsigned n = 0;

	(void)l;
	if (!jval_is(messages, JSON_ARRAY))
		return;
	buf_byte(&out, '[');
	for (struct jval m = jval_first(messages); !jval_at_end(m);
	    m = jval_next(m), n++) {
		if (n)
			buf_byte(&out, ',');
		if (!lacks_reasoning(m)) {
			buf_append(&out, jval_raw(m));
			continue;
		}
		put_filled(&out, m);
		filled = true;
		loss_add(&e->talk->losses, e->talk->arena, LOSS_INSERTED,
		    "messages[%u].reasoning_content", n);
	}
	buf_byte(&out, ']');
	if (filled)
		splice_value(&e->splice, messages,
		    gather(e->talk->arena, &out));
	buf_free(&out);
}

/* ---- Google's signatures ---- */

/*
 * The first call of a turn needs a signature, and takes one that says there is
 * none; all other parts do without.
 */
static void
unsign_part(struct learn_edit *e, struct jval part, bool first,
    const char *path)
{
	static const struct slice none =
	    SLICE_INIT("\"skip_thought_signature_validator\"");
	struct jval old = proto3_get(part, "thoughtSignature");

	if (!first && !jval_text(old).len)
		return;
	if (first && slice_eq(jval_raw(old), none))
		return;
	loss_add(&e->talk->losses, e->talk->arena, jval_ok(old) ?
	    LOSS_DROPPED : LOSS_INSERTED, "%s", path);
	if (!first)
		splice_value(&e->splice, old, SLICE("\"\""));
	else if (jval_ok(old))
		splice_value(&e->splice, old, none);
	else
		splice_set(&e->splice, part, "thoughtSignature", none);
}

void
learn_unsign(struct learn_edit *e, const struct lesson *l)
{
	struct proto3_items content, part;
	unsigned i = 0, n;
	char path[64];

	(void)l;
	for (content = proto3_items(jval_get(e->body, "contents"));
	    proto3_more(&content); proto3_next(&content), i++) {
		bool called = false;

		n = 0;
		for (part = proto3_items(jval_get(content.at, "parts"));
		    proto3_more(&part); proto3_next(&part)) {
			bool call = jval_ok(proto3_get(part.at,
			    "functionCall"));

			snprintf(path, sizeof path,
			    "contents[%u].parts[%u].thoughtSignature", i, n++);
			unsign_part(e, part.at, call && !called, path);
			called |= call;
		}
	}
}
