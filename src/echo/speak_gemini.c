/*
 * Gemini: an answer is one candidate with parts, and a stream is a row of
 * such answers, each with the next parts.  Calls come whole.
 */
#include "echo/speak.h"

#include "json/write.h"

static const char *const finishes[] = {
	[FINISH_STOP] = "STOP", [FINISH_SEQUENCE] = "STOP",
	[FINISH_LENGTH] = "MAX_TOKENS", [FINISH_CALLS] = "STOP",
	[FINISH_REFUSED] = "SAFETY",
};

struct answer {			/* the one of a body, or one of a stream */
	struct feed		*feed;
	const struct prompt	*ask;
	const struct speech	*speech;
	struct writer		 w;
};

static void
write_string_member(struct writer *w, const char *key, struct slice plain)
{
	write_key(w, key);
	write_string(w, plain);
}

/* ---- parts ---- */

static void
write_words(struct answer *t, struct slice text, bool thought)
{
	write_object(&t->w);
	write_string_member(&t->w, "text", text);
	if (thought)
		write_member_bool(&t->w, "thought", true);
	write_end(&t->w);
}

/* The models that want a signature back with the first call of a step. */
static bool
signs(const struct answer *t)
{
	return t->speech->think.len ||
	    slice_starts(t->ask->name, SLICE("gemini-3"));
}

static void
write_signature(struct answer *t)
{
	write_string_member(&t->w, "thoughtSignature",
	    speech_seal(t->feed->arena, t->speech->think));
}

static void
write_call(struct answer *t, size_t i)
{
	const struct call *c = &t->speech->calls[i];
	struct writer *w = &t->w;

	write_object(w);
	write_key(w, "functionCall");
	write_object(w);
	write_member_text(w, "id", c->id);
	write_member_text(w, "name", c->name);
	write_member_raw(w, "args", c->arguments);
	write_end(w);
	if (!i && signs(t))
		write_signature(t);
	write_end(w);
}

/* A thought that did not lead to a call is signed by a part without words. */
static void
write_last_text(struct answer *t)
{
	write_object(&t->w);
	write_member_plain(&t->w, "text", "");
	if (t->speech->think.len)
		write_signature(t);
	write_end(&t->w);
}

/* ---- answers ---- */

/* Up to the inside of the parts. */
static void
open_answer(struct answer *t)
{
	struct writer *w = &t->w;

	*w = (struct writer){ .out = &t->feed->bytes };
	write_object(w);
	write_key(w, "candidates");
	write_array(w);
	write_object(w);
	write_key(w, "content");
	write_object(w);
	write_key(w, "parts");
	write_array(w);
}

static void
write_usage(struct writer *w, const struct speech *s, bool all)
{
	uint64_t thought = s->think.len / 4;

	write_key(w, "usageMetadata");
	write_object(w);
	write_member_u64(w, "promptTokenCount", s->tokens_in);
	if (all) {
		write_member_u64(w, "candidatesTokenCount",
		    s->tokens_out - thought);
		if (thought)
			write_member_u64(w, "thoughtsTokenCount", thought);
	}
	write_member_u64(w, "totalTokenCount", s->tokens_in +
	    (all ? s->tokens_out : 0));
	write_end(w);
}

static void
close_answer(struct answer *t, bool last)
{
	struct writer *w = &t->w;
	const struct speech *s = t->speech;

	write_end(w);
	write_member_plain(w, "role", "model");
	write_end(w);
	if (last)
		write_member_plain(w, "finishReason", finishes[s->finish]);
	if (last && s->finish == FINISH_REFUSED)
		write_string_member(w, "finishMessage", s->text);
	write_member_u64(w, "index", 0);
	write_end(w);
	write_end(w);
	if (s->usage)
		write_usage(w, s, last);
	write_string_member(w, "modelVersion", t->ask->name);
	write_member_text(w, "responseId", s->id);
	write_end(w);
}

static void
say_whole(struct feed *f, const struct prompt *a, const struct speech *s)
{
	struct answer t = { .feed = f, .ask = a, .speech = s };

	open_answer(&t);
	if (s->think.len)
		write_words(&t, s->think, true);
	if (!s->call_count && s->finish != FINISH_REFUSED)
		write_words(&t, s->text, false);
	if (!s->call_count && s->think.len)
		write_last_text(&t);
	for (size_t i = 0; i < s->call_count; i++)
		write_call(&t, i);
	close_answer(&t, true);
}

/* ---- streams ---- */

static void
open_chunk(struct answer *t)
{
	feed_open(t->feed, (struct slice){ 0 });
	open_answer(t);
}

static void
close_chunk(struct answer *t, bool last)
{
	close_answer(t, last);
	feed_close(t->feed);
}

static void
say_text(struct answer *t, struct slice text, size_t pieces, bool thought)
{
	for (size_t i = 0; text.len && i < pieces; i++) {
		open_chunk(t);
		write_words(t, speech_piece(text, i, pieces), thought);
		close_chunk(t, false);
	}
}

static void
say_stream(struct feed *f, const struct prompt *a, const struct speech *s)
{
	struct answer t = { .feed = f, .ask = a, .speech = s };

	say_text(&t, s->think, 2, true);
	if (s->finish != FINISH_REFUSED)
		say_text(&t, s->text, s->pieces, false);
	for (size_t i = 0; i < s->call_count; i++) {
		open_chunk(&t);
		write_call(&t, i);
		close_chunk(&t, false);
	}
	if (!f->script->nodone) {
		open_chunk(&t);
		if (s->call_count)
			write_words(&t, SLICE(""), false);
		else
			write_last_text(&t);
		close_chunk(&t, true);
	}
	feed_end(f);
}

/* ---- errors ---- */

static const struct {
	unsigned	 status;
	const char	*name;
} names[] = {
	{ 400, "INVALID_ARGUMENT" }, { 401, "UNAUTHENTICATED" },
	{ 403, "PERMISSION_DENIED" }, { 404, "NOT_FOUND" },
	{ 409, "ABORTED" }, { 429, "RESOURCE_EXHAUSTED" },
	{ 499, "CANCELLED" }, { 501, "UNIMPLEMENTED" },
	{ 503, "UNAVAILABLE" }, { 504, "DEADLINE_EXCEEDED" },
};

static void
write_retry(struct writer *w, uint64_t seconds)
{
	char text[24] = { 0 };
	struct buf out = { 0 };

	write_key(w, "details");
	write_array(w);
	write_object(w);
	write_member_plain(w, "@type",
	    "type.googleapis.com/google.rpc.RetryInfo");
	buf_fmt(&out, "%llus", (unsigned long long)seconds);
	(void)slice_to_cstr(buf_slice(&out), text, sizeof text);
	buf_free(&out);
	write_member_plain(w, "retryDelay", text);
	write_end(w);
	write_end(w);
}

static void
write_fault(struct writer *w, const struct fault *fault)
{
	const char *name = fault->status < 500 ? "FAILED_PRECONDITION"
	    : "INTERNAL";

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].status == fault->status)
			name = names[i].name;
	write_object(w);
	write_key(w, "error");
	write_object(w);
	write_member_u64(w, "code", fault->status);
	write_string_member(w, "message", fault->message);
	write_string_member(w, "status", fault->code.len ? fault->code
	    : slice_of(name));
	if (fault->retry)
		write_retry(w, fault->retry);
	write_end(w);
	write_end(w);
}

/* To those who wait for an array it is one. */
static void
say_fault(struct feed *f, const struct fault *fault)
{
	struct writer w = { .out = &f->bytes };

	if (f->array)
		write_array(&w);
	write_fault(&w, fault);
	if (f->array)
		write_end(&w);
}

static void
say_stream_fault(struct feed *f, const struct fault *fault)
{
	struct writer w = { .out = &f->bytes };

	feed_open(f, (struct slice){ 0 });
	write_fault(&w, fault);
	feed_close(f);
	feed_end(f);
}

const struct tongue speak_gemini = {
	.whole = say_whole, .fault = say_fault,
	.stream = say_stream, .stream_fault = say_stream_fault,
	.ping = SLICE_INIT("\n"),
};
