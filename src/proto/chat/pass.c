/*
 * A Chat body on its way to a provider that speaks Chat: the top level.
 */
#include "proto/chat/pass.h"

#include <string.h>

#include "json/text.h"
#include "proto/number.h"
#include "proto/pass.h"
#include "proto/quirk_edit.h"
#include "proto/schema.h"

void
chat_pass_lost(struct passing *p, enum loss_action action, const char *member)
{
	loss_add(&p->talk->losses, p->arena, action, "%s", member);
}

/* ---- the limit ---- */

static const char *const limits[] = { "max_completion_tokens", "max_tokens" };

/* The key of a member, as a value that can be replaced. */
static void
rename_key(struct passing *p, const char *from, const char *to)
{
	struct slice name = arena_fmt(p->arena, "\"%s\"", to);
	struct jval k;

	for (k = jval_first(p->body); !jval_at_end(k); k = jval_next(k))
		if (jval_text_is(k, from))
			splice_value(p->splice, k, name);
}

static void
clamp_limit(struct passing *p, const char *name)
{
	struct jval v = jval_get(p->body, name);
	uint64_t n, most = p->quirks->max_output;

	if (!most || !jval_is(v, JSON_NUMBER) ||
	    !number_u64(jval_raw(v), &n) || n <= most)
		return;
	chat_pass_lost(p, LOSS_CLAMPED, name);
	splice_value(p->splice, v, arena_fmt(p->arena, "%llu",
	    (unsigned long long)most));
}

/* Of two names the newer one counts, as it does where it is read. */
static void
fix_limit(struct passing *p)
{
	const char *own = p->quirks->max_field;
	const char *other = limits[!strcmp(own, limits[0])];
	struct jval mine = jval_get(p->body, own);
	struct jval theirs = jval_get(p->body, other);

	clamp_limit(p, own);
	if (!p->quirks->max_field_only || !jval_ok(theirs)) {
		clamp_limit(p, other);
		return;
	}
	if (!jval_ok(mine)) {
		splice_remove(p->splice, p->body, own);
		rename_key(p, other, own);
		clamp_limit(p, other);
		return;
	}
	if (!strcmp(other, limits[0]) &&
	    !slice_eq(jval_raw(mine), jval_raw(theirs)))
		splice_value(p->splice, mine, jval_raw(theirs));
	splice_remove(p->splice, p->body, other);
}

/* ---- stop sequences ---- */

static bool
stop_fits(struct passing *p, struct jval stop)
{
	return !p->quirks->stop_bytes || text_unescape(p->arena,
	    jval_text(stop)).len <= p->quirks->stop_bytes;
}

/* Those that fit, up to as many as it takes. */
static void
fix_stops(struct passing *p, struct jval stops)
{
	size_t kept = 0, fit = 0, i = 0;
	struct jval v;

	for (v = jval_first(stops); !jval_at_end(v); v = jval_next(v))
		fit += stop_fits(p, v);
	for (v = jval_first(stops); !jval_at_end(v); v = jval_next(v), i++) {
		if (stop_fits(p, v) && kept < p->quirks->stop_max) {
			kept++;
			continue;
		}
		loss_add(&p->talk->losses, p->arena, LOSS_DROPPED,
		    "stop[%zu]", i);
		if (fit)
			splice_drop(p->splice, stops, v);
	}
	if (!fit && i)
		splice_remove(p->splice, p->body, "stop");
}

static void
fix_stop(struct passing *p)
{
	struct jval stop = jval_get(p->body, "stop");

	if (!p->quirks->stops_counted ||
	    quirk_edit_drops(p->quirks, "stop", p->resting))
		return;
	if (jval_is(stop, JSON_STRING) && !stop_fits(p, stop)) {
		chat_pass_lost(p, LOSS_DROPPED, "stop");
		splice_remove(p->splice, p->body, "stop");
	} else if (jval_is(stop, JSON_ARRAY)) {
		fix_stops(p, stop);
	}
}

/* ---- tools ---- */

static bool
is_forced(struct jval choice)
{
	if (jval_is(choice, JSON_OBJECT))
		return jval_text_is(jval_get(choice, "type"), "function") ||
		    jval_text_is(jval_get(choice, "type"), "custom") ||
		    jval_text_is(jval_get2(choice, "allowed_tools", "mode"),
		    "required");
	return jval_text_is(choice, "required") || jval_text_is(choice, "any");
}

static void
fix_choice(struct passing *p)
{
	struct jval choice = jval_get(p->body, "tool_choice");

	if (p->forced && p->quirks->forced_refused) {
		chat_pass_lost(p, LOSS_ADJUSTED, "tool_choice");
		splice_value(p->splice, choice, SLICE("\"auto\""));
		p->forced = false;
	} else if (p->forced && p->quirks->choice_words &&
	    jval_is(choice, JSON_OBJECT)) {
		if (jval_count(jval_get(p->body, "tools")) > 1)
			chat_pass_lost(p, LOSS_ADJUSTED, "tool_choice");
		splice_value(p->splice, choice, SLICE("\"required\""));
	}
}

/* False: something of the schema is gone. */
static bool
fix_schema(struct passing *p, struct jval schema)
{
	struct slice fit;
	bool whole;

	if (!p->quirks->schema_refused || !jval_is(schema, JSON_OBJECT))
		return true;
	whole = schema_trim(p->arena, schema, p->quirks->schema_refused, &fit);
	if (fit.len && fit.ptr != jval_raw(schema).ptr)
		splice_value(p->splice, schema, fit);
	return whole;
}

static void
fix_tools(struct passing *p)
{
	struct jval tools = jval_get(p->body, "tools"), tool;
	size_t i = 0;

	for (tool = jval_first(tools); !jval_at_end(tool);
	    tool = jval_next(tool), i++)
		if (!fix_schema(p, jval_get2(tool, "function", "parameters")))
			loss_add(&p->talk->losses, p->arena, LOSS_ADJUSTED,
			    "tools[%zu].function.parameters", i);
}

/* ---- the format of the answer ---- */

static bool
fix_format(struct passing *p)
{
	struct jval format = jval_get(p->body, "response_format");
	struct jval schema = jval_get2(format, "json_schema", "schema");
	struct jval type = jval_get(format, "type");

	if (jval_text_is(type, "json_object") && p->quirks->no_object_format) {
		chat_pass_lost(p, LOSS_ADJUSTED, "response_format");
		splice_value(p->splice, format, SLICE("{\"type\":"
		    "\"json_schema\",\"json_schema\":{\"name\":\"response\","
		    "\"schema\":{\"type\":\"object\"}}}"));
	}
	if (!jval_text_is(type, "json_schema") ||
	    !jval_is(schema, JSON_OBJECT))
		return true;
	if (p->quirks->schema_format) {
		if (!fix_schema(p, schema))
			chat_pass_lost(p, LOSS_ADJUSTED, "response_format");
		return true;
	}
	chat_pass_lost(p, LOSS_EMULATED, "response_format");
	splice_value(p->splice, format, SLICE("{\"type\":\"json_object\"}"));
	return chat_pass_instruct(p, arena_join(p->arena,
	    (const struct slice[]){
	    SLICE("Respond with a single JSON value that conforms to this "
	    "JSON Schema, and nothing else:\\n"),
	    schema_as_text(p->arena, jval_raw(schema)) }, 2));
}

bool
chat_pass_quirks(struct talk *talk, struct jval body, struct splice *splice)
{
	const struct quirks *q = &talk->quirks;
	struct passing p = {
		.talk = talk, .arena = talk->arena, .quirks = q,
		.body = body, .splice = splice,
		.forced = is_forced(jval_get(body, "tool_choice")) &&
		    jval_count(jval_get(body, "tools")),
	};

	fix_choice(&p);
	fix_tools(&p);
	if (!chat_pass_reason(&p))
		return false;
	fix_limit(&p);
	fix_stop(&p);
	for (size_t i = 0; i < sizeof q->edits / sizeof *q->edits; i++)
		if (!quirk_edit(talk, body, q->edits[i], p.resting, splice))
			return false;
	return fix_format(&p) && chat_pass_messages(&p);
}
