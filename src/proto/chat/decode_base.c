#include "proto/chat/decode.h"

#include <stdio.h>

#include "json/text.h"

enum { PATH_MAX_LEN = 160 };

static void
print_path(const struct decoding *d, const char *member, char *path)
{
	if (d->message == NOWHERE)
		snprintf(path, PATH_MAX_LEN, "%s", member);
	else if (d->part == NOWHERE)
		snprintf(path, PATH_MAX_LEN, "messages[%u]%s%s", d->message,
		    *member && *member != '[' ? "." : "", member);
	else
		snprintf(path, PATH_MAX_LEN, "messages[%u].content[%u]%s%s",
		    d->message, d->part,
		    *member && *member != '[' ? "." : "", member);
}

bool
chat_bad(struct decoding *d, const char *member, const char *what)
{
	char path[PATH_MAX_LEN];

	print_path(d, member, path);
	return fail_set(&d->talk->fail, d->arena, FAIL_INVALID, path,
	    "%s %s.", path, what);
}

void
chat_lost(struct decoding *d, enum loss_action action, const char *member)
{
	char path[PATH_MAX_LEN];

	print_path(d, member, path);
	loss_add(&d->talk->losses, d->arena, action, "%s", path);
}

struct slice
chat_mend(struct decoding *d, struct slice escaped)
{
	return d->surrogates ? text_mend(d->arena, escaped) : escaped;
}

struct slice
chat_text(struct decoding *d, struct jval text)
{
	return chat_mend(d, jval_text(text));
}

struct slice
chat_name(struct decoding *d, struct jval text)
{
	struct slice name = jval_text(text);

	if (slice_chr(name, '\\') == SIZE_MAX)
		return name;
	return text_escape(d->arena, text_unescape(d->arena, name));
}

static const struct slice mark_short =
    SLICE_INIT("{\"type\":\"ephemeral\"}");
static const struct slice mark_long =
    SLICE_INIT("{\"type\":\"ephemeral\",\"ttl\":\"1h\"}");

struct slice
chat_mark(const struct decoding *d)
{
	return d->hour ? mark_long : mark_short;
}

static void
lose_mark(struct decoding *d)
{
	if (d->tool == NOWHERE)
		chat_lost(d, LOSS_DROPPED, "cache_control");
	else
		loss_add(&d->talk->losses, d->arena, LOSS_DROPPED,
		    "%s[%u].cache_control", d->request->legacy_functions ?
		    "functions" : "tools", d->tool);
}

struct slice
chat_cache(struct decoding *d, struct jval holder)
{
	struct jval mark = jval_get(holder, "cache_control");
	struct jval point = jval_get(holder, "prompt_cache_breakpoint");
	struct jval ttl = jval_get(mark, "ttl");

	if (jval_ok(mark)) {
		if (jval_text_is(jval_get(mark, "type"), "ephemeral") &&
		    (!jval_ok(ttl) || jval_text_is(ttl, "5m")))
			return mark_short;
		if (jval_text_is(jval_get(mark, "type"), "ephemeral") &&
		    jval_text_is(ttl, "1h"))
			return mark_long;
		lose_mark(d);
	}
	if (!jval_is(point, JSON_OBJECT))
		return (struct slice){ 0 };
	ttl = jval_get(point, "ttl");
	if (!jval_ok(ttl))
		return chat_mark(d);
	return jval_text_is(ttl, "30m") || jval_text_is(ttl, "1h") ||
	    jval_text_is(ttl, "12h") ? mark_long : mark_short;
}

static void
note_origin(const struct decoding *d, struct ir_block *b)
{
	b->message = d->message;
	b->part = d->part == NOWHERE ? 0 : d->part;
}

struct ir_block *
chat_block(struct decoding *d, struct ir_turn *turn, enum ir_kind kind)
{
	struct ir_block *b = ir_block_add(turn, d->arena, kind);

	if (b)
		note_origin(d, b);
	return b;
}

struct ir_block *
chat_block_in(struct decoding *d, struct ir_block **list, enum ir_kind kind)
{
	struct ir_block *b = ir_block_new(list, d->arena, kind);

	if (b)
		note_origin(d, b);
	return b;
}
