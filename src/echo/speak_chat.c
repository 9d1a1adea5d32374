#include "echo/speak.h"

#include "json/write.h"

enum { FRAGMENT = 8 };		/* bytes of arguments in a delta */

static const char *const finishes[] = {
	[FINISH_STOP] = "stop", [FINISH_SEQUENCE] = "stop",
	[FINISH_LENGTH] = "length", [FINISH_CALLS] = "tool_calls",
	[FINISH_REFUSED] = "stop",
};

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
write_head(struct writer *w, const char *object, const struct prompt *a,
    const struct speech *s)
{
	write_object(w);
	write_prefixed(w, "id", "chatcmpl-", s->id);
	write_member_plain(w, "object", object);
	write_member_u64(w, "created", (uint64_t)s->created);
	write_key(w, "model");
	write_string(w, a->name);
	write_member_plain(w, "system_fingerprint", "fp_echo");
}

static void
write_usage(struct writer *w, const struct prompt *a, const struct speech *s)
{
	uint64_t out = s->tokens_out * a->n;

	write_key(w, "usage");
	write_object(w);
	write_member_u64(w, "prompt_tokens", s->tokens_in);
	write_member_u64(w, "completion_tokens", out);
	write_member_u64(w, "total_tokens", s->tokens_in + out);
	write_key(w, "prompt_tokens_details");
	write_object(w);
	write_member_u64(w, "cached_tokens", 0);
	write_end(w);
	write_key(w, "completion_tokens_details");
	write_object(w);
	write_member_u64(w, "reasoning_tokens",
	    a->n * (s->think.len / 4));
	write_end(w);
	write_end(w);
}

static void
write_string_member(struct writer *w, const char *key, struct slice plain)
{
	write_key(w, key);
	write_string(w, plain);
}

/* The part that all calls begin with, in bodies and in deltas. */
static void
write_call(struct writer *w, const struct call *c, struct slice arguments)
{
	write_prefixed(w, "id", "call_", c->id);
	write_member_plain(w, "type", c->custom ? "custom" : "function");
	write_key(w, c->custom ? "custom" : "function");
	write_object(w);
	write_member_text(w, "name", c->name);
	write_string_member(w, c->custom ? "input" : "arguments", arguments);
	write_end(w);
}

static void
write_message(struct writer *w, const struct speech *s)
{
	bool refused = s->finish == FINISH_REFUSED;

	write_key(w, "message");
	write_object(w);
	write_member_plain(w, "role", "assistant");
	if (s->call_count || refused)
		write_member_null(w, "content");
	else
		write_string_member(w, "content", s->text);
	if (refused)
		write_string_member(w, "refusal", s->text);
	else
		write_member_null(w, "refusal");
	if (s->think.len)
		write_string_member(w, "reasoning_content", s->think);
	if (s->call_count) {
		write_key(w, "tool_calls");
		write_array(w);
		for (size_t i = 0; i < s->call_count; i++) {
			write_object(w);
			write_call(w, &s->calls[i], s->calls[i].arguments);
			write_end(w);
		}
		write_end(w);
	}
	write_end(w);
}

static void
say_whole(struct feed *f, const struct prompt *a, const struct speech *s)
{
	struct writer w = { .out = &f->bytes };

	write_head(&w, "chat.completion", a, s);
	write_key(&w, "choices");
	write_array(&w);
	for (uint64_t i = 0; i < a->n; i++) {
		write_object(&w);
		write_member_u64(&w, "index", i);
		write_message(&w, s);
		write_member_null(&w, "logprobs");
		write_member_plain(&w, "finish_reason", finishes[s->finish]);
		write_end(&w);
	}
	write_end(&w);
	if (s->usage)
		write_usage(&w, a, s);
	write_end(&w);
}

/* ---- streams ---- */

struct stream {			/* of one choice */
	struct feed		*feed;
	const struct prompt	*ask;
	const struct speech	*speech;
	uint64_t		 choice;
	struct writer		 w;
};

/* Up to the inside of the delta. */
static struct writer *
open_chunk(struct stream *t)
{
	struct writer *w = &t->w;

	feed_open(t->feed, (struct slice){ 0 });
	*w = (struct writer){ .out = &t->feed->bytes };
	write_head(w, "chat.completion.chunk", t->ask, t->speech);
	write_key(w, "choices");
	write_array(w);
	write_object(w);
	write_member_u64(w, "index", t->choice);
	write_key(w, "delta");
	write_object(w);
	return w;
}

static void
close_chunk(struct stream *t, const char *finish)
{
	write_end(&t->w);
	write_member_null(&t->w, "logprobs");
	if (finish)
		write_member_plain(&t->w, "finish_reason", finish);
	else
		write_member_null(&t->w, "finish_reason");
	write_end(&t->w);
	write_end(&t->w);
	if (t->ask->stream_usage && t->speech->usage)
		write_member_null(&t->w, "usage");
	write_end(&t->w);
	feed_close(t->feed);
}

static void
say_text(struct stream *t, const char *key, struct slice text, size_t pieces)
{
	for (size_t i = 0; text.len && i < pieces; i++) {
		write_string_member(open_chunk(t), key,
		    speech_piece(text, i, pieces));
		close_chunk(t, NULL);
	}
}

static void
open_call(struct stream *t, size_t i)
{
	struct writer *w = open_chunk(t);

	write_key(w, "tool_calls");
	write_array(w);
	write_object(w);
	write_member_u64(w, "index", i);
}

static void
close_call(struct stream *t)
{
	write_end(&t->w);
	write_end(&t->w);
	close_chunk(t, NULL);
}

static void
say_call(struct stream *t, size_t i)
{
	const struct call *c = &t->speech->calls[i];
	size_t n = c->arguments.len / FRAGMENT + 1;

	open_call(t, i);
	write_call(&t->w, c, (struct slice){ 0 });
	close_call(t);
	for (size_t k = 0; k < n; k++) {
		open_call(t, i);
		write_key(&t->w, c->custom ? "custom" : "function");
		write_object(&t->w);
		write_string_member(&t->w, c->custom ? "input" : "arguments",
		    speech_piece(c->arguments, k, n));
		write_end(&t->w);
		close_call(t);
	}
}

static void
say_choice(struct stream *t)
{
	const struct speech *s = t->speech;
	struct writer *w = open_chunk(t);

	write_member_plain(w, "role", "assistant");
	if (s->call_count)
		write_member_null(w, "content");
	else
		write_member_plain(w, "content", "");
	write_member_null(w, "refusal");
	close_chunk(t, NULL);
	say_text(t, "reasoning_content", s->think, 2);
	say_text(t, s->finish == FINISH_REFUSED ? "refusal" : "content",
	    s->text, s->pieces);
	for (size_t i = 0; i < s->call_count; i++)
		say_call(t, i);
	(void)open_chunk(t);
	close_chunk(t, finishes[s->finish]);
}

static void
say_stream(struct feed *f, const struct prompt *a, const struct speech *s)
{
	struct stream t = { .feed = f, .ask = a, .speech = s };
	struct writer w = { .out = &f->bytes };

	for (t.choice = 0; t.choice < a->n; t.choice++)
		say_choice(&t);
	if (a->stream_usage && s->usage) {
		feed_open(f, (struct slice){ 0 });
		write_head(&w, "chat.completion.chunk", a, s);
		write_key(&w, "choices");
		write_array(&w);
		write_end(&w);
		write_usage(&w, a, s);
		write_end(&w);
		feed_close(f);
	}
	if (!f->script->nodone)
		feed_put(f, (struct slice){ 0 }, SLICE("[DONE]"));
}

/* ---- errors ---- */

static const struct kind {
	unsigned	 status;
	const char	*type, *code;
} kinds[] = {
	{ 400, "invalid_request_error", NULL },
	{ 401, "invalid_request_error", "invalid_api_key" },
	{ 403, "invalid_request_error", "permission_denied" },
	{ 404, "invalid_request_error", "model_not_found" },
	{ 405, "invalid_request_error", "method_not_supported" },
	{ 413, "invalid_request_error", "request_too_large" },
	{ 429, "requests", "rate_limit_exceeded" },
	{ 0, "server_error", NULL },		/* any other */
};

static void
write_fault(struct writer *w, const struct fault *fault)
{
	const struct kind *k = kinds;

	while (k->status && k->status != fault->status)
		k++;
	write_object(w);
	write_key(w, "error");
	write_object(w);
	write_string_member(w, "message", fault->message);
	write_member_plain(w, "type", !k->status && fault->status < 500
	    ? "invalid_request_error" : k->type);
	if (fault->param.len)
		write_string_member(w, "param", fault->param);
	else
		write_member_null(w, "param");
	if (fault->code.len)
		write_string_member(w, "code", fault->code);
	else if (k->code)
		write_member_plain(w, "code", k->code);
	else
		write_member_null(w, "code");
	write_end(w);
	write_end(w);
}

void
speak_fault(struct feed *f, const struct fault *fault)
{
	struct writer w = { .out = &f->bytes };

	write_fault(&w, fault);
}

static void
say_stream_fault(struct feed *f, const struct fault *fault)
{
	feed_open(f, (struct slice){ 0 });
	speak_fault(f, fault);
	feed_close(f);
}

const struct tongue speak_chat = {
	.whole = say_whole, .fault = speak_fault,
	.stream = say_stream, .stream_fault = say_stream_fault,
	.ping = SLICE_INIT(": ping\n\n"),
};
