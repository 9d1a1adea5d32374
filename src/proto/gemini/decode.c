/*
 * A Gemini request: its top level and its contents.  Parts are read by
 * decode_parts.c, calls by decode_calls.c.
 */
#include "proto/gemini/decode.h"

#include <stdarg.h>
#include <stdio.h>

#include "json/text.h"
#include "proto/gemini/gemini.h"

enum { PATH_MAX_LEN = 160 };

bool
gemini_refuse(struct decoding *d, enum fail_kind kind, const char *path,
    const char *what)
{
	return fail_set(&d->talk->fail, d->arena, kind, path, "%s", what);
}

bool
gemini_refuse_part(struct decoding *d, const char *what)
{
	char path[PATH_MAX_LEN];

	snprintf(path, sizeof path, "contents[%u].parts[%u]",
	    (unsigned)d->content, (unsigned)d->part);
	return gemini_refuse(d, FAIL_INVALID, path, what);
}

/* ---- members that nobody reads ---- */

static bool
is_known(struct jval key, const char *known)
{
	struct slice rest = slice_of(known), word;
	char name[64];

	while (rest.ptr) {
		word = slice_cut(&rest, ' ');
		if (slice_eq(jval_text(key), word))
			return true;
		if (slice_chr(jval_text(key), '_') != SIZE_MAX &&
		    slice_to_cstr(word, name, sizeof name) &&
		    proto3_is(key, name))
			return true;
	}
	return false;
}

static bool
is_empty(struct jval v)
{
	return !jval_ok(v) || ((jval_is(v, JSON_ARRAY) ||
	    jval_is(v, JSON_OBJECT)) && !jval_count(v));
}

void
gemini_name_unknown(struct decoding *d, struct jval obj, const char *known,
    const char *path_fmt, ...)
{
	char path[PATH_MAX_LEN] = "";
	va_list args;

	if (d->native || !jval_is(obj, JSON_OBJECT))
		return;
	for (struct jval k = jval_first(obj); !jval_at_end(k);
	    k = jval_next(k)) {
		if (is_known(k, known) || is_empty(jval_value(k)))
			continue;
		va_start(args, path_fmt);
		vsnprintf(path, sizeof path, path_fmt, args);
		va_end(args);
		loss_member(&d->talk->losses, d->arena, path, jval_text(k));
	}
}

/* ---- contents ---- */

struct ir_block *
gemini_add(struct decoding *d, struct ir_block **list, enum ir_kind kind)
{
	struct ir_block *b = list ? ir_block_new(list, d->arena, kind) :
	    ir_block_add(d->turn, d->arena, kind);

	if (b) {
		b->message = d->content;
		b->part = d->part;
	}
	return b;
}

/* Contents of one role in a row are one turn. */
static bool
open_turn(struct decoding *d, enum ir_role role)
{
	if (d->turn && d->turn->role == role)
		return true;
	if (d->turn && !gemini_place_bundled(d))
		return false;
	d->turn = ir_turn_add(d->request, d->arena, role);
	if (!d->turn)
		return false;
	d->turn->message = d->content;
	d->bundled = d->unsigned_from = NULL;
	d->bundled_count = 0;
	d->call_count = 0;
	d->text_bytes = d->text_bytes_then = 0;
	d->calls.turn += role == IR_ASSISTANT;
	return true;
}

static bool
read_content(struct decoding *d, struct jval v)
{
	bool model = jval_text_is(jval_get(v, "role"), "model");
	struct jval parts = jval_get(v, "parts");
	struct proto3_items it;

	d->result = NULL;
	d->part = 0;
	gemini_name_unknown(d, v, "role parts", "contents[%u]",
	    (unsigned)d->content);
	/* The SDKs' short form: a content that is only its text. */
	if (jval_is(v, JSON_STRING))
		parts = v;
	if (!jval_ok(parts) || (jval_is(parts, JSON_ARRAY) &&
	    !jval_count(parts)))
		return true;
	if (!open_turn(d, model ? IR_ASSISTANT : IR_USER))
		return false;
	for (it = proto3_items(parts); proto3_more(&it);
	    proto3_next(&it), d->part++)
		if (!gemini_read_part(d, it.at))
			return false;
	return true;
}

static bool
read_contents(struct decoding *d, struct jval contents)
{
	struct proto3_items it;

	if (is_empty(contents))
		return gemini_refuse(d, FAIL_INVALID, NULL,
		    "* GenerateContentRequest.contents: contents is not "
		    "specified");
	for (it = proto3_items(contents); proto3_more(&it);
	    proto3_next(&it), d->content++)
		if (!read_content(d, it.at))
			return false;
	if (!d->request->first)
		return gemini_refuse(d, FAIL_INVALID, "contents",
		    "must hold a part");
	return gemini_place_bundled(d);
}

/* ---- instructions ---- */

static bool
add_system(struct decoding *d, struct slice text)
{
	struct ir_block *b;

	if (text_blank(text))
		return true;
	b = ir_block_new(&d->request->system, d->arena, IR_TEXT);
	if (b)
		b->text = text_mend(d->arena, text);
	return b;
}

static bool
read_system(struct decoding *d, struct jval v)
{
	struct proto3_items it;

	if (jval_is(v, JSON_STRING))
		return add_system(d, jval_text(v));
	for (it = proto3_items(jval_is(v, JSON_ARRAY) ? v :
	    jval_get(v, "parts")); proto3_more(&it); proto3_next(&it)) {
		struct slice text = jval_is(it.at, JSON_STRING) ?
		    jval_text(it.at) : jval_get_text(it.at, "text");

		if (!text.ptr)
			return gemini_refuse(d, FAIL_INVALID,
			    "systemInstruction", "must hold text parts only");
		if (!add_system(d, text))
			return false;
	}
	return true;
}

/* ---- the whole ---- */

static const struct {
	const char	*word, *tier;
} tiers[] = {
	{ "FLEX", "flex" }, { "PRIORITY", "priority" },
};

static void
read_tier(struct decoding *d, struct jval v)
{
	for (size_t i = 0; i < sizeof tiers / sizeof *tiers; i++)
		if (proto3_word(v, tiers[i].word))
			d->request->tier = slice_of(tiers[i].tier);
}

/* What lives at Google, nobody else can look up. */
static bool
check_remote(struct decoding *d, struct jval body)
{
	static const char *const names[] = {
		"cachedContent", "continuationToken",
	};

	for (size_t i = 0; i < 2 && !d->native; i++)
		if (jval_ok(proto3_get(body, names[i])))
			return gemini_refuse(d, FAIL_UNSUPPORTED, names[i],
			    "it lives at Google, and another provider answers "
			    "this request; send the whole content instead");
	return true;
}

static const char top_known[] = "contents systemInstruction tools toolConfig "
    "generationConfig cachedContent continuationToken serviceTier labels "
    "store model";

static bool
read_body(struct decoding *d, struct jval body)
{
	struct ir_request *r = d->request;

	r->model = d->talk->client_model;
	r->stream = d->talk->stream;
	r->metadata = jval_raw(proto3_get(body, "labels"));
	if (d->native)
		r->body = body;
	read_tier(d, proto3_get(body, "serviceTier"));
	gemini_name_unknown(d, body, top_known, "%s", "");
	return check_remote(d, body) &&
	    gemini_read_config(d, proto3_get(body, "generationConfig")) &&
	    read_system(d, proto3_get(body, "systemInstruction")) &&
	    gemini_read_tools(d, proto3_get(body, "tools")) &&
	    gemini_read_choice(d, proto3_get(body, "toolConfig")) &&
	    read_contents(d, proto3_get(body, "contents"));
}

bool
gemini_decode(struct talk *talk, struct jval body)
{
	struct decoding d = { .talk = talk, .arena = talk->arena };
	struct jval inner = proto3_get(body, "generateContentRequest");

	if (jval_is(inner, JSON_OBJECT))	/* where tokens are counted */
		body = inner;
	if (!jval_is(body, JSON_OBJECT))
		return fail_set(&talk->fail, talk->arena, FAIL_INVALID, NULL,
		    "The request body must be a JSON object.");
	d.native = talk->provider && talk->provider->id == PROTO_GEMINI;
	d.request = arena_alloc(talk->arena, sizeof *d.request);
	if (!d.request || !read_body(&d, body) || talk->arena->failed)
		return fail_set(&talk->fail, talk->arena, FAIL_MEMORY, NULL,
		    "Out of memory.");
	talk->request = d.request;
	return true;
}
