#include "echo/speak.h"

#include "json/write.h"

enum { FRAGMENT = 8 };		/* bytes of arguments in a delta */

static const char *const finishes[] = {
	[FINISH_STOP] = "end_turn", [FINISH_SEQUENCE] = "stop_sequence",
	[FINISH_LENGTH] = "max_tokens", [FINISH_CALLS] = "tool_use",
	[FINISH_REFUSED] = "refusal",
};

static void
write_string_member(struct writer *w, const char *key, struct slice plain)
{
	write_key(w, key);
	write_string(w, plain);
}

static void
write_prefixed(struct writer *w, const char *key, const char *prefix,
    struct slice id)
{
	write_key(w, key);
	write_text_begin(w);
	write_text_piece(w, slice_of(prefix));
	write_text_piece(w, id);
	write_text_end(w);
}

static void
write_usage(struct writer *w, const struct speech *s, uint64_t out)
{
	write_key(w, "usage");
	write_object(w);
	write_member_u64(w, "input_tokens", s->tokens_in);
	write_member_u64(w, "cache_creation_input_tokens", 0);
	write_member_u64(w, "cache_read_input_tokens", 0);
	write_member_u64(w, "output_tokens", out);
	write_end(w);
}

static void
write_head(struct writer *w, const struct prompt *a, const struct speech *s)
{
	write_object(w);
	write_prefixed(w, "id", "msg_01", s->id);
	write_member_plain(w, "type", "message");
	write_member_plain(w, "role", "assistant");
	write_string_member(w, "model", a->name);
}

static void
write_finish(struct writer *w, const struct speech *s)
{
	write_member_plain(w, "stop_reason", finishes[s->finish]);
	if (s->finish == FINISH_SEQUENCE)
		write_string_member(w, "stop_sequence", s->sequence);
	else
		write_member_null(w, "stop_sequence");
}

/* ---- blocks: bodies hold them whole, streams open them empty ---- */

static void
write_think(struct writer *w, struct slice think, struct slice signature)
{
	write_object(w);
	write_member_plain(w, "type", "thinking");
	write_string_member(w, "thinking", think);
	write_string_member(w, "signature", signature);
	write_end(w);
}

static void
write_text_block(struct writer *w, struct slice text)
{
	write_object(w);
	write_member_plain(w, "type", "text");
	write_string_member(w, "text", text);
	write_end(w);
}

static void
write_call(struct writer *w, const struct call *c, struct slice input)
{
	write_object(w);
	write_member_plain(w, "type", "tool_use");
	write_prefixed(w, "id", "toolu_01", c->id);
	write_member_text(w, "name", c->name);
	write_member_raw(w, "input", input);
	write_end(w);
}

static void
say_whole(struct feed *f, const struct prompt *a, const struct speech *s)
{
	struct writer w = { .out = &f->bytes };

	write_head(&w, a, s);
	write_key(&w, "content");
	write_array(&w);
	if (s->think.len)
		write_think(&w, s->think, speech_signature(f->arena, s->think));
	if (!s->call_count)
		write_text_block(&w, s->text);
	for (size_t i = 0; i < s->call_count; i++)
		write_call(&w, &s->calls[i], s->calls[i].arguments);
	write_end(&w);
	write_finish(&w, s);
	if (s->usage)
		write_usage(&w, s, s->tokens_out);
	write_end(&w);
}

/* ---- streams ---- */

struct stream {
	struct feed		*feed;
	const struct speech	*speech;
	uint64_t		 block;	/* index of the open one, or the next */
	struct writer		 w;
};

/* An event, named by its type. */
static struct writer *
open_event(struct stream *t, const char *type)
{
	feed_open(t->feed, slice_of(type));
	t->w = (struct writer){ .out = &t->feed->bytes };
	write_object(&t->w);
	write_member_plain(&t->w, "type", type);
	return &t->w;
}

static void
close_event(struct stream *t)
{
	write_end(&t->w);
	feed_close(t->feed);
}

static struct writer *
open_block(struct stream *t)
{
	struct writer *w = open_event(t, "content_block_start");

	write_member_u64(w, "index", t->block);
	write_key(w, "content_block");
	return w;
}

static void
say_delta(struct stream *t, const char *type, const char *key,
    struct slice text)
{
	struct writer *w = open_event(t, "content_block_delta");

	write_member_u64(w, "index", t->block);
	write_key(w, "delta");
	write_object(w);
	write_member_plain(w, "type", type);
	write_string_member(w, key, text);
	write_end(w);
	close_event(t);
}

static void
close_block(struct stream *t)
{
	write_member_u64(open_event(t, "content_block_stop"), "index",
	    t->block++);
	close_event(t);
}

static void
say_think(struct stream *t, struct slice think)
{
	write_think(open_block(t), SLICE(""), SLICE(""));
	close_event(t);
	for (size_t i = 0; i < 2; i++)
		say_delta(t, "thinking_delta", "thinking",
		    speech_piece(think, i, 2));
	say_delta(t, "signature_delta", "signature",
	    speech_signature(t->feed->arena, think));
	close_block(t);
}

static void
say_text(struct stream *t, struct slice text, size_t pieces)
{
	write_text_block(open_block(t), SLICE(""));
	close_event(t);
	for (size_t i = 0; text.len && i < pieces; i++)
		say_delta(t, "text_delta", "text",
		    speech_piece(text, i, pieces));
	close_block(t);
}

static void
say_call(struct stream *t, const struct call *c)
{
	size_t n = c->arguments.len / FRAGMENT + 1;

	write_call(open_block(t), c, SLICE("{}"));
	close_event(t);
	say_delta(t, "input_json_delta", "partial_json", SLICE(""));
	for (size_t i = 0; i < n; i++)
		say_delta(t, "input_json_delta", "partial_json",
		    speech_piece(c->arguments, i, n));
	close_block(t);
}

static void
say_start(struct stream *t, const struct prompt *a)
{
	struct writer *w = open_event(t, "message_start");

	write_key(w, "message");
	write_head(w, a, t->speech);
	write_key(w, "content");
	write_array(w);
	write_end(w);
	write_member_null(w, "stop_reason");
	write_member_null(w, "stop_sequence");
	if (t->speech->usage)
		write_usage(w, t->speech, 1);
	write_end(w);
	close_event(t);
}

static void
say_stream(struct feed *f, const struct prompt *a, const struct speech *s)
{
	struct stream t = { .feed = f, .speech = s };
	struct writer *w;

	say_start(&t, a);
	if (s->think.len)
		say_think(&t, s->think);
	if (!s->call_count)
		say_text(&t, s->text, s->pieces);
	for (size_t i = 0; i < s->call_count; i++)
		say_call(&t, &s->calls[i]);
	w = open_event(&t, "message_delta");
	write_key(w, "delta");
	write_object(w);
	write_finish(w, s);
	write_end(w);
	if (s->usage)
		write_usage(w, s, s->tokens_out);
	close_event(&t);
	if (f->script->nodone)
		return;
	(void)open_event(&t, "message_stop");
	close_event(&t);
}

/* ---- errors ---- */

static const struct {
	unsigned	 status;
	const char	*type;
} types[] = {
	{ 400, "invalid_request_error" },
	{ 401, "authentication_error" },
	{ 402, "billing_error" },
	{ 403, "permission_error" },
	{ 404, "not_found_error" },
	{ 405, "invalid_request_error" },
	{ 413, "request_too_large" },
	{ 429, "rate_limit_error" },
	{ 504, "timeout_error" },
	{ 529, "overloaded_error" },
};

static void
say_fault(struct feed *f, const struct fault *fault)
{
	struct writer w = { .out = &f->bytes };
	const char *type = fault->status < 500
	    ? "invalid_request_error" : "api_error";

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (types[i].status == fault->status)
			type = types[i].type;
	write_object(&w);
	write_member_plain(&w, "type", "error");
	write_key(&w, "error");
	write_object(&w);
	write_string_member(&w, "type", fault->code.len ? fault->code
	    : slice_of(type));
	write_string_member(&w, "message", fault->message);
	write_end(&w);
	write_string_member(&w, "request_id", fault->id);
	write_end(&w);
}

static void
say_stream_fault(struct feed *f, const struct fault *fault)
{
	feed_open(f, SLICE("error"));
	say_fault(f, fault);
	feed_close(f);
}

const struct tongue speak_messages = {
	.whole = say_whole, .fault = say_fault,
	.stream = say_stream, .stream_fault = say_stream_fault,
	.ping = SLICE_INIT("event: ping\ndata: {\"type\": \"ping\"}\n\n"),
};
