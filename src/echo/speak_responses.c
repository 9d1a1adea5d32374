/*
 * Responses: an answer is a list of items, and so is a stream: each item is
 * added, grows, and is done; the response as a whole closes it.
 *
 * An item's number is its place in the output: a thought, if any, and then the
 * message or the calls.
 */
#include "echo/speak.h"

#include "json/write.h"

enum { FRAGMENT = 8 };		/* bytes of arguments in a delta */

struct stream {			/* or one body: then only `w` is used */
	struct feed		*feed;
	const struct prompt	*ask;
	const struct speech	*speech;
	struct writer		 w;
};

/* Does an item hold what it will, or is it only announced? */
enum state { BEGUN, DONE };

static const char *const states[] = {
	[BEGUN] = "in_progress", [DONE] = "completed",
};

/* ---- items ---- */

static void
write_string_member(struct writer *w, const char *key, struct slice plain)
{
	write_key(w, key);
	write_string(w, plain);
}

/*
 * An id tells which answer an item is part of, whether this began with a
 * thought, and which of its calls it is.
 */
static void
write_id(struct writer *w, const char *key, const char *prefix,
    const struct speech *s, uint64_t i)
{
	char number[3] = { (char)('0' + i / 10 % 10), (char)('0' + i % 10) };

	write_key(w, key);
	write_text_begin(w);
	write_text_piece(w, slice_of(prefix));
	write_text_piece(w, s->think.len ? SLICE("1") : SLICE("0"));
	write_text_piece(w, s->id);
	write_text_piece(w, slice_of(number));
	write_text_end(w);
}

static void
open_item(struct writer *w, const char *type, enum state state)
{
	write_object(w);
	write_member_plain(w, "type", type);
	write_member_plain(w, "status", states[state]);
}

static bool
shows_summary(const struct stream *t)
{
	return t->ask->summary || t->feed->script->think;
}

static void
write_summary(struct writer *w, const struct speech *s, enum state state)
{
	write_object(w);
	write_member_plain(w, "type", "summary_text");
	write_string_member(w, "text", state == DONE ? s->think : SLICE(""));
	write_end(w);
}

static void
write_thought(struct stream *t, enum state state)
{
	struct writer *w = &t->w;

	open_item(w, "reasoning", state);
	write_id(w, "id", "rs_", t->speech, 0);
	write_key(w, "summary");
	write_array(w);
	if (state == DONE && shows_summary(t))
		write_summary(w, t->speech, DONE);
	write_end(w);
	if (state == DONE)
		write_string_member(w, "encrypted_content",
		    speech_seal(t->feed->arena, t->speech->think));
	write_end(w);
}

static void
write_part(struct writer *w, const struct speech *s, enum state state)
{
	bool refused = s->finish == FINISH_REFUSED;

	write_object(w);
	write_member_plain(w, "type", refused ? "refusal" : "output_text");
	if (!refused) {
		write_member_raw(w, "annotations", SLICE("[]"));
		write_member_raw(w, "logprobs", SLICE("[]"));
	}
	write_string_member(w, refused ? "refusal" : "text", state == DONE
	    ? s->text : SLICE(""));
	write_end(w);
}

static void
write_message(struct stream *t, enum state state)
{
	struct writer *w = &t->w;

	write_object(w);
	write_member_plain(w, "type", "message");
	write_member_plain(w, "status", state == DONE &&
	    t->speech->finish == FINISH_LENGTH ? "incomplete" : states[state]);
	write_id(w, "id", "msg_", t->speech, 0);
	write_member_plain(w, "role", "assistant");
	write_key(w, "content");
	write_array(w);
	if (state == DONE)
		write_part(w, t->speech, DONE);
	write_end(w);
	write_end(w);
}

static void
write_call(struct stream *t, size_t i, enum state state)
{
	const struct call *c = &t->speech->calls[i];
	struct writer *w = &t->w;

	open_item(w, c->custom ? "custom_tool_call" : "function_call", state);
	write_id(w, "id", c->custom ? "ctc_" : "fc_", t->speech, i);
	write_key(w, "call_id");
	write_text_begin(w);
	write_text_piece(w, SLICE("call_"));
	write_text_piece(w, c->id);
	write_text_end(w);
	write_member_text(w, "name", c->name);
	if (c->space.len)
		write_member_text(w, "namespace", c->space);
	write_string_member(w, c->custom ? "input" : "arguments",
	    state == DONE ? c->arguments : SLICE(""));
	write_end(w);
}

/* ---- the response ---- */

static void
write_usage(struct writer *w, const struct speech *s)
{
	write_key(w, "usage");
	write_object(w);
	write_member_u64(w, "input_tokens", s->tokens_in);
	write_member_raw(w, "input_tokens_details",
	    SLICE("{\"cached_tokens\":0,\"cache_write_tokens\":0}"));
	write_member_u64(w, "output_tokens", s->tokens_out);
	write_key(w, "output_tokens_details");
	write_object(w);
	write_member_u64(w, "reasoning_tokens", s->think.len / 4);
	write_end(w);
	write_member_u64(w, "total_tokens", s->tokens_in + s->tokens_out);
	write_end(w);
}

/* What was asked comes back, or what it means not to ask for it. */
static void
write_wishes(struct writer *w, const struct prompt *a)
{
	static const struct {
		const char	*key;
		struct slice	 missing;
	} wishes[] = {
		{ "instructions", SLICE_INIT("null") },
		{ "max_output_tokens", SLICE_INIT("null") },
		{ "max_tool_calls", SLICE_INIT("null") },
		{ "metadata", SLICE_INIT("{}") },
		{ "parallel_tool_calls", SLICE_INIT("true") },
		{ "previous_response_id", SLICE_INIT("null") },
		{ "prompt_cache_key", SLICE_INIT("null") },
		{ "reasoning", SLICE_INIT(
		    "{\"effort\":null,\"summary\":null}") },
		{ "safety_identifier", SLICE_INIT("null") },
		{ "service_tier", SLICE_INIT("\"default\"") },
		{ "store", SLICE_INIT("true") },
		{ "temperature", SLICE_INIT("1.0") },
		{ "text", SLICE_INIT("{\"format\":{\"type\":\"text\"}}") },
		{ "tool_choice", SLICE_INIT("\"auto\"") },
		{ "tools", SLICE_INIT("[]") },
		{ "top_logprobs", SLICE_INIT("0") },
		{ "top_p", SLICE_INIT("1.0") },
		{ "truncation", SLICE_INIT("\"disabled\"") },
		{ "user", SLICE_INIT("null") },
	};

	for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++) {
		struct jval wish = jval_get(a->root, wishes[i].key);

		write_key(w, wishes[i].key);
		write_min(w, jval_ok(wish) ? jval_raw(wish)
		    : wishes[i].missing);
	}
}

static void
write_output(struct stream *t)
{
	const struct speech *s = t->speech;

	if (s->think.len)
		write_thought(t, DONE);
	if (!s->call_count)
		write_message(t, DONE);
	for (size_t i = 0; i < s->call_count; i++)
		write_call(t, i, DONE);
}

static void
write_response(struct stream *t, enum state state)
{
	const struct speech *s = t->speech;
	struct writer *w = &t->w;
	bool cut = state == DONE && s->finish == FINISH_LENGTH;

	write_object(w);
	write_id(w, "id", "resp_", s, 0);
	write_member_plain(w, "object", "response");
	write_member_u64(w, "created_at", (uint64_t)s->created);
	write_member_plain(w, "status", cut ? "incomplete" : states[state]);
	write_member_bool(w, "background", false);
	write_member_null(w, "error");
	write_key(w, "incomplete_details");
	write_raw(w, cut ? SLICE("{\"reason\":\"max_output_tokens\"}")
	    : SLICE("null"));
	write_string_member(w, "model", t->ask->name);
	write_key(w, "output");
	write_array(w);
	if (state == DONE)
		write_output(t);
	write_end(w);
	write_wishes(w, t->ask);
	if (state == DONE && s->usage)
		write_usage(w, s);
	else
		write_member_null(w, "usage");
	write_end(w);
}

struct slice
speak_answer_id(struct arena *arena, const struct speech *s)
{
	return arena_fmt(arena, "resp_%c%.*s00", s->think.len ? '1' : '0',
	    SLICE_FMT(s->id));
}

void
speak_items(struct buf *out, struct feed *f, const struct prompt *a,
    const struct speech *s)
{
	struct stream t = { .feed = f, .ask = a, .speech = s,
		.w = { .out = out } };

	write_output(&t);
}

static void
say_whole(struct feed *f, const struct prompt *a, const struct speech *s)
{
	struct stream t = { .feed = f, .ask = a, .speech = s,
		.w = { .out = &f->bytes } };

	write_response(&t, DONE);
}

/* ---- streams ---- */

/* An event, named by its type and numbered. */
static struct writer *
open_event(struct stream *t, const char *type)
{
	feed_open(t->feed, slice_of(type));
	t->w = (struct writer){ .out = &t->feed->bytes };
	write_object(&t->w);
	write_member_plain(&t->w, "type", type);
	write_member_u64(&t->w, "sequence_number", t->feed->count);
	return &t->w;
}

static void
close_event(struct stream *t)
{
	write_end(&t->w);
	feed_close(t->feed);
}

/* Of all items but messages: where in the output one is. */
static uint64_t
place(const struct stream *t, uint64_t i)
{
	return i + (t->speech->think.len > 0);
}

static void
say_response(struct stream *t, const char *type, enum state state)
{
	write_key(open_event(t, type), "response");
	write_response(t, state);
	close_event(t);
}

static void
open_item_event(struct stream *t, const char *type, uint64_t at)
{
	write_member_u64(open_event(t, type), "output_index", at);
	write_key(&t->w, "item");
}

/* An event of what is in an item: `inner` names the number within. */
static struct writer *
open_inner(struct stream *t, const char *type, const char *prefix, uint64_t i,
    const char *inner)
{
	struct writer *w = open_event(t, type);
	bool thought = slice_is(slice_of(prefix), "rs_");

	write_id(w, "item_id", prefix, t->speech, i);
	write_member_u64(w, "output_index", thought ? 0 : place(t, i));
	if (inner)
		write_member_u64(w, inner, 0);
	return w;
}

static void
say_summary(struct stream *t)
{
	static const char inner[] = "summary_index";
	struct slice think = t->speech->think;

	write_key(open_inner(t, "response.reasoning_summary_part.added", "rs_",
	    0, inner), "part");
	write_summary(&t->w, t->speech, BEGUN);
	close_event(t);
	for (size_t i = 0; i < 2; i++) {
		write_string_member(open_inner(t,
		    "response.reasoning_summary_text.delta", "rs_", 0, inner),
		    "delta", speech_piece(think, i, 2));
		close_event(t);
	}
	write_string_member(open_inner(t,
	    "response.reasoning_summary_text.done", "rs_", 0, inner),
	    "text", think);
	close_event(t);
	write_key(open_inner(t, "response.reasoning_summary_part.done", "rs_",
	    0, inner), "part");
	write_summary(&t->w, t->speech, DONE);
	close_event(t);
}

static void
say_thought(struct stream *t)
{
	open_item_event(t, "response.output_item.added", 0);
	write_thought(t, BEGUN);
	close_event(t);
	if (shows_summary(t))
		say_summary(t);
	open_item_event(t, "response.output_item.done", 0);
	write_thought(t, DONE);
	close_event(t);
}

static void
say_text(struct stream *t)
{
	static const char inner[] = "content_index";
	const struct speech *s = t->speech;
	bool refused = s->finish == FINISH_REFUSED;

	write_key(open_inner(t, "response.content_part.added", "msg_", 0,
	    inner), "part");
	write_part(&t->w, s, BEGUN);
	close_event(t);
	for (size_t i = 0; s->text.len && i < s->pieces; i++) {
		write_string_member(open_inner(t, refused
		    ? "response.refusal.delta" : "response.output_text.delta",
		    "msg_", 0, inner), "delta",
		    speech_piece(s->text, i, s->pieces));
		if (!refused)
			write_member_raw(&t->w, "logprobs", SLICE("[]"));
		close_event(t);
	}
	write_string_member(open_inner(t, refused ? "response.refusal.done"
	    : "response.output_text.done", "msg_", 0, inner),
	    refused ? "refusal" : "text", s->text);
	if (!refused)
		write_member_raw(&t->w, "logprobs", SLICE("[]"));
	close_event(t);
	write_key(open_inner(t, "response.content_part.done", "msg_", 0,
	    inner), "part");
	write_part(&t->w, s, DONE);
	close_event(t);
}

static void
say_message(struct stream *t)
{
	open_item_event(t, "response.output_item.added", place(t, 0));
	write_message(t, BEGUN);
	close_event(t);
	say_text(t);
	open_item_event(t, "response.output_item.done", place(t, 0));
	write_message(t, DONE);
	close_event(t);
}

static void
say_arguments(struct stream *t, size_t k)
{
	const struct call *c = &t->speech->calls[k];
	const char *prefix = c->custom ? "ctc_" : "fc_";
	size_t n = c->arguments.len / FRAGMENT + 1;

	for (size_t i = 0; i < n; i++) {
		write_string_member(open_inner(t, c->custom
		    ? "response.custom_tool_call_input.delta"
		    : "response.function_call_arguments.delta", prefix, k,
		    NULL), "delta", speech_piece(c->arguments, i, n));
		close_event(t);
	}
	(void)open_inner(t, c->custom
	    ? "response.custom_tool_call_input.done"
	    : "response.function_call_arguments.done", prefix, k, NULL);
	if (!c->custom)
		write_member_text(&t->w, "name", c->name);
	write_string_member(&t->w, c->custom ? "input" : "arguments",
	    c->arguments);
	close_event(t);
}

static void
say_call(struct stream *t, size_t i)
{
	open_item_event(t, "response.output_item.added", place(t, i));
	write_call(t, i, BEGUN);
	close_event(t);
	say_arguments(t, i);
	open_item_event(t, "response.output_item.done", place(t, i));
	write_call(t, i, DONE);
	close_event(t);
}

static void
say_stream(struct feed *f, const struct prompt *a, const struct speech *s)
{
	struct stream t = { .feed = f, .ask = a, .speech = s };

	say_response(&t, "response.created", BEGUN);
	say_response(&t, "response.in_progress", BEGUN);
	if (s->think.len)
		say_thought(&t);
	if (!s->call_count)
		say_message(&t);
	for (size_t i = 0; i < s->call_count; i++)
		say_call(&t, i);
	if (!f->script->nodone)
		say_response(&t, s->finish == FINISH_LENGTH
		    ? "response.incomplete" : "response.completed", DONE);
}

/* ---- errors ---- */

static void
say_stream_fault(struct feed *f, const struct fault *fault)
{
	struct stream t = { .feed = f };
	struct writer *w = open_event(&t, "error");

	if (fault->code.len)
		write_string_member(w, "code", fault->code);
	else
		write_member_plain(w, "code", "server_error");
	write_string_member(w, "message", fault->message);
	write_member_null(w, "param");
	close_event(&t);
}

const struct tongue speak_responses = {
	.whole = say_whole, .fault = speak_fault,
	.stream = say_stream, .stream_fault = say_stream_fault,
	.ping = SLICE_INIT("event: keepalive\n"
	    "data: {\"type\":\"keepalive\",\"sequence_number\":0}\n\n"),
};
