#include "proto/gemini/intake.h"

#include "base/hash.h"
#include "json/text.h"
#include "json/write.h"
#include "proto/gemini/odds.h"
#include "proto/gemini/proto3.h"
#include "proto/names.h"

enum { ID_DIGITS = 24, CITES_MAX = 256 };

static void
put(struct intake *in, const struct ir_event *ev)
{
	in->to->put(in->to, ev);
}

static void
close_block(struct intake *in)
{
	if (in->open)
		put(in, &(struct ir_event){ .type = IR_CLOSE });
	in->open = false;
}

static void
open_block(struct intake *in, const struct ir_event *ev)
{
	close_block(in);
	in->open = in->told = true;
	in->kind = ev->kind;
	put(in, ev);
}

static void
sign(struct intake *in, struct slice signature)
{
	if (in->open && signature.len && (in->kind == IR_TEXT ||
	    in->kind == IR_THINK || in->kind == IR_CALL))
		put(in, &(struct ir_event){ .type = IR_SIGN,
		    .signature = signature, .vendor = IR_GOOGLE });
}

/* What is known of the tokens of the text that is open. */
static void
weigh(struct intake *in)
{
	if (in->odds.len && in->open && in->kind == IR_TEXT) {
		put(in, &(struct ir_event){ .type = IR_LOGPROBS,
		    .raw = in->odds });
		in->odds = (struct slice){ 0 };
	}
}

static void
say(struct intake *in, enum ir_kind kind, struct slice text)
{
	if (!in->open || in->kind != kind)
		open_block(in, &(struct ir_event){ .type = IR_OPEN,
		    .kind = kind,
		    .vendor = kind == IR_THINK ? IR_GOOGLE : IR_NOBODY });
	if (!text.len)
		return;
	weigh(in);
	put(in, &(struct ir_event){ .type = IR_DELTA, .text = text });
	in->said |= kind == IR_TEXT;
	if (kind == IR_TEXT && in->talk->request)
		ruler_add(&in->ruler, in->talk->arena, text);
}

/* ---- calls ---- */

/* Google's id if it has one that is new, else one of ours. */
static struct slice
call_id(struct intake *in, struct slice id)
{
	struct arena *arena = in->talk->arena;

	if (!id.len || map_get(&in->ids, id)) {
		id = arena_fmt(in->talk->scratch, "%.*s/%zu/%u",
		    SLICE_FMT(in->talk->request_id), in->calls,
		    in->talk->choice);
		return arena_fmt(arena, "call_%.*s",
		    SLICE_FMT(sha256_hex(arena, id, ID_DIGITS)));
	}
	id = arena_dup(arena, id);
	(void)!map_put(&in->ids, arena, id, in);
	return id;
}

/* What the arguments of a tool hold that was told as one with an object. */
static struct slice
unwrapped(struct intake *in, const struct ir_tool *tool, struct slice args)
{
	const char *member = tool->kind == IR_CUSTOM ? "input" : "value";
	struct arena *scratch = in->talk->scratch;
	struct json *doc = arena_alloc(scratch, sizeof *doc);
	struct json_fault fault;
	struct jval v;

	if (!doc || !json_parse(doc, scratch, args, 0, &fault))
		return args;
	v = jval_get(json_root(doc), member);
	if (tool->kind == IR_CUSTOM)
		return jval_is(v, JSON_STRING) ? jval_text(v) :
		    gather_escaped_json(scratch, args);
	return jval_ok(v) ? jval_raw(v) : args;
}

static void
tell_call(struct intake *in, struct slice id, struct slice name,
    struct slice args, struct slice signature)
{
	const struct ir_request *request = in->talk->request;
	const struct ir_tool *tool = NULL;
	bool custom;

	if (request) {
		name = name_restore(request, name);
		tool = name_tool(request, name);
	}
	custom = tool && tool->kind == IR_CUSTOM;
	if (tool && (custom || tool->wrapped))
		args = unwrapped(in, tool, args);
	open_block(in, &(struct ir_event){ .type = IR_OPEN, .kind = IR_CALL,
	    .id = call_id(in, id), .name = name, .custom = custom });
	sign(in, signature);
	put(in, &(struct ir_event){ .type = IR_DELTA, .text = custom ? args :
	    gather_escaped_json(in->talk->scratch, args) });
	close_block(in);
	in->calls++;
}

/* What came in pieces is whole, or nothing more of it comes. */
static void
end_pieces(struct intake *in)
{
	struct buf out = { 0 };
	struct writer w = { .out = &out };

	if (!in->calling)
		return;
	in->calling = false;
	partial_write(&in->args, &w);
	tell_call(in, in->id, in->name, gather(in->talk->scratch, &out),
	    in->signature);
}

/*
 * The first piece has the name, those in the middle values, the last nothing;
 * all but that one say that they will continue.
 */
static void
take_piece(struct intake *in, struct jval call, struct slice signature)
{
	struct arena *arena = in->talk->arena;
	struct slice name = jval_get_text(call, "name");

	if (name.len) {
		end_pieces(in);
		close_block(in);
		in->calling = true;
		in->name = arena_dup(arena, name);
		in->id = arena_dup(arena, jval_get_text(call, "id"));
		in->signature = arena_dup(arena, signature);
		in->args = (struct partial){ 0 };
	}
	if (!in->calling)
		return;
	partial_add(&in->args, arena, proto3_get(call, "partialArgs"));
	if (!jval_is_true(proto3_get(call, "willContinue")))
		end_pieces(in);
}

static void
take_call(struct intake *in, struct jval call, struct slice signature)
{
	struct slice name = jval_get_text(call, "name");
	struct jval args = jval_get(call, "args");

	if (!name.len || jval_ok(proto3_get(call, "partialArgs")) ||
	    jval_is_true(proto3_get(call, "willContinue"))) {
		take_piece(in, call, signature);
		return;
	}
	end_pieces(in);
	tell_call(in, jval_get_text(call, "id"), name,
	    jval_ok(args) ? jval_raw(args) : SLICE("{}"), signature);
}

/* ---- other parts ---- */

/* Files, and what Google's own tools said: no other protocol has them. */
static void
lose_part(struct intake *in)
{
	loss_add(&in->talk->losses, in->talk->arena, LOSS_DROPPED,
	    "answer.parts[%zu]", in->parts - 1);
}

static void
take_data(struct intake *in, struct jval v)
{
	struct slice mime = proto3_get_text(v, "mimeType");
	bool sound = slice_starts_ci(mime, SLICE("audio/"));

	if (!sound && !slice_starts_ci(mime, SLICE("image/"))) {
		lose_part(in);
		return;
	}
	open_block(in, &(struct ir_event){ .type = IR_OPEN,
	    .kind = sound ? IR_AUDIO : IR_IMAGE, .mime = mime,
	    .text = jval_get_text(v, "data") });
	close_block(in);
	in->said = true;
}

/* Code that Google ran, and what it said. */
static void
take_fenced(struct intake *in, struct slice language, struct slice text)
{
	say(in, IR_TEXT, arena_join(in->talk->scratch, (const struct slice[]){
	    SLICE("```"), language, SLICE("\\n"), text,
	    SLICE("\\n```\\n\\n") }, 5));
}

static bool
take_code(struct intake *in, struct jval part)
{
	struct jval code = proto3_get(part, "executableCode");
	struct jval outcome = proto3_get(part, "codeExecutionResult");

	if (jval_ok(code))
		take_fenced(in, proto3_word(jval_get(code, "language"),
		    "PYTHON") ? SLICE("python") : (struct slice){ 0 },
		    jval_get_text(code, "code"));
	else if (jval_ok(outcome))
		take_fenced(in, (struct slice){ 0 },
		    jval_get_text(outcome, "output"));
	return jval_ok(code) || jval_ok(outcome);
}

static void
take_text(struct intake *in, enum ir_kind kind, struct slice text)
{
	end_pieces(in);
	say(in, kind, text_mend(in->talk->scratch, text));
}

/* Most parts are a text and nothing else. */
static bool
take_plain(struct intake *in, struct jval part)
{
	struct jval key = jval_count(part) == 1 ? jval_first(part) :
	    (struct jval){ 0 };
	struct slice text;

	if (!jval_ok(key) || !slice_is(jval_text(key), "text"))
		return false;
	text = jval_text(jval_value(key));
	if (text.len)
		take_text(in, IR_TEXT, text);
	return text.len;
}

void
intake_part(struct intake *in, struct jval part)
{
	struct slice signature;
	struct jval text, call, data;
	bool thought;

	in->parts++;
	if (take_plain(in, part))
		return;
	signature = proto3_get_text(part, "thoughtSignature");
	text = jval_get(part, "text");
	call = proto3_get(part, "functionCall");
	data = proto3_get(part, "inlineData");
	thought = jval_is_true(jval_get(part, "thought"));
	if (jval_ok(call)) {
		take_call(in, call, signature);
		return;
	}
	if (jval_ok(data)) {
		take_data(in, data);
		return;
	}
	if (take_code(in, part))
		return;
	if (!jval_ok(text) && !loss_knows(part, "thought thoughtSignature"))
		lose_part(in);
	if (!jval_text(text).len && !signature.len)
		return;
	end_pieces(in);
	/* A signature alone signs what stood before it. */
	if (jval_text(text).len || !in->open)
		take_text(in, thought ? IR_THINK : IR_TEXT, jval_text(text));
	sign(in, signature);
}

/* ---- log probabilities ---- */

/* Vertex tells them unasked. */
void
intake_odds(struct intake *in, struct jval candidate)
{
	const struct ir_request *r = in->talk->request;

	if (r && (r->logprobs == TRI_YES || r->top_logprobs.len))
		in->odds = odds_read(in->talk->scratch,
		    proto3_get(candidate, "logprobsResult"));
}

void
intake_parts_end(struct intake *in)
{
	weigh(in);
	if (in->odds.len)		/* those of a call, or a thought */
		loss_add(&in->talk->losses, in->talk->arena, LOSS_DROPPED,
		    "answer.logprobs");
	in->odds = (struct slice){ 0 };
}

/* ---- citations ---- */

static void
put_cite(struct intake *in, struct slice url, struct slice title,
    struct jval segment)
{
	struct arena *scratch = in->talk->scratch;
	struct slice quote = jval_get_text(segment, "text");
	struct buf out = { 0 };
	struct writer w = { .out = &out };
	uint64_t from = 0, to = 0;

	(void)jval_u64(proto3_get(segment, "startIndex"), &from);
	(void)jval_u64(proto3_get(segment, "endIndex"), &to);
	write_object(&w);
	write_member_plain(&w, "type", "url_citation");
	write_key(&w, "url_citation");
	write_object(&w);
	write_member_u64(&w, "start_index",
	    ruler_point(&in->ruler, scratch, from));
	write_member_u64(&w, "end_index",
	    ruler_point(&in->ruler, scratch, to));
	write_member_text(&w, "url", url);
	write_member_text(&w, "title", title.len ? title : SLICE(""));
	if (quote.len)
		write_member_text(&w, "content", quote);
	write_end(&w);
	write_end(&w);
	if (!in->open || in->kind != IR_TEXT)
		say(in, IR_TEXT, (struct slice){ 0 });
	put(in, &(struct ir_event){ .type = IR_CITE,
	    .raw = gather(scratch, &out) });
}

static struct jval
element(struct jval list, uint64_t n)
{
	struct jval v = { 0 };

	if (!jval_is(list, JSON_ARRAY) || n >= jval_count(list))
		return v;
	for (v = jval_first(list); n && !jval_at_end(v); n--)
		v = jval_next(v);
	return v;
}

static void
cite_support(struct intake *in, struct jval chunks, struct jval support,
    size_t *left)
{
	struct proto3_items it;
	uint64_t n;

	for (it = proto3_items(proto3_get(support, "groundingChunkIndices"));
	    proto3_more(&it) && *left; proto3_next(&it)) {
		struct jval web;

		if (!jval_u64(it.at, &n))
			continue;
		web = jval_get(element(chunks, n), "web");
		if (!jval_get_text(web, "uri").len)
			continue;
		(*left)--;
		put_cite(in, jval_get_text(web, "uri"),
		    jval_get_text(web, "title"),
		    jval_get(support, "segment"));
	}
}

void
intake_cites(struct intake *in, struct jval candidate)
{
	struct jval ground = proto3_get(candidate, "groundingMetadata");
	struct jval chunks = proto3_get(ground, "groundingChunks");
	struct jval quoted = proto3_get(candidate, "citationMetadata");
	struct jval sources = proto3_get(quoted, "citationSources");
	size_t left = CITES_MAX;
	struct proto3_items it;

	if (!in->talk->request)		/* nobody but the meter listens */
		return;
	for (it = proto3_items(proto3_get(ground, "groundingSupports"));
	    proto3_more(&it) && left; proto3_next(&it))
		cite_support(in, chunks, it.at, &left);
	if (!jval_ok(sources))
		sources = jval_get(quoted, "citations");
	for (it = proto3_items(sources); proto3_more(&it) && left;
	    proto3_next(&it), left--)
		if (jval_get_text(it.at, "uri").len)
			put_cite(in, jval_get_text(it.at, "uri"),
			    jval_get_text(it.at, "title"), it.at);
}

void
intake_end(struct intake *in)
{
	end_pieces(in);
	close_block(in);
}
