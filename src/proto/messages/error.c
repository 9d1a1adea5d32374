/*
 * How Messages clients are told what went wrong: status, type and sentence.
 */
#include <stdio.h>

#include "json/write.h"
#include "proto/fail_word.h"
#include "proto/messages/messages.h"
#include "proto/refuse.h"

/* ORDER fail */
static const struct {
	unsigned	 status;
	const char	*type;
} errors[FAIL_KINDS] = {
	[FAIL_NONE]		= { 500, "api_error" },
	[FAIL_INVALID]		= { 400, "invalid_request_error" },
	[FAIL_UNSUPPORTED]	= { 400, "invalid_request_error" },
	[FAIL_CONTEXT]		= { 400, "invalid_request_error" },
	[FAIL_TOO_LARGE]	= { 413, "request_too_large" },
	[FAIL_AUTH]		= { 401, "authentication_error" },
	[FAIL_PERMISSION]	= { 403, "permission_error" },
	[FAIL_NOT_FOUND]	= { 404, "not_found_error" },
	[FAIL_METHOD]		= { 405, "invalid_request_error" },
	[FAIL_CONFLICT]		= { 409, "conflict_error" },
	[FAIL_RATE]		= { 429, "rate_limit_error" },
	[FAIL_QUOTA]		= { 402, "billing_error" },
	[FAIL_FILTERED]		= { 400, "invalid_request_error" },
	[FAIL_OVERLOADED]	= { 529, "overloaded_error" },
	[FAIL_SERVER]		= { 500, "api_error" },
	[FAIL_TIMEOUT]		= { 504, "timeout_error" },
	[FAIL_CONNECT]		= { 502, "api_error" },
	[FAIL_TRUNCATED]	= { 502, "api_error" },
	[FAIL_BAD_ANSWER]	= { 502, "api_error" },
	[FAIL_CANCELED]		= { 499, "api_error" },
	[FAIL_MEMORY]		= { 503, "overloaded_error" },
};

static unsigned
status_of(const struct fail *f)
{
	unsigned status = errors[f->kind].status;

	/* Which of its breakdowns it was stays visible. */
	if (f->kind == FAIL_SERVER && f->status > 501 && f->status < 600)
		status = f->status >= 520 && f->status <= 523 ? 502 :
		    f->status;
	/* A provider that does not know our method is no client's mistake. */
	if (f->kind == FAIL_METHOD && f->status)
		status = 400;
	return status;
}

/*
 * "prompt is too long: 130000 tokens > 128000 maximum": agents compact their
 * history when a message begins so, and read the numbers if they are there.
 */
static void
context_message(const struct fail *f, struct writer *w)
{
	static const struct slice prefix = SLICE_INIT("prompt is too long");
	uint64_t used = f->used, limit = f->limit;
	char text[96];
	int len;

	if (!used && !limit)
		fail_word_tokens(f->message, &used, &limit);
	if (slice_starts(f->message, prefix)) {
		write_text(w, f->message);
		return;
	}
	write_text_begin(w);
	write_text_piece(w, prefix);
	write_text_piece(w, SLICE(": "));
	if (limit && used > limit) {
		len = snprintf(text, sizeof text,
		    "%llu tokens > %llu maximum", (unsigned long long)used,
		    (unsigned long long)limit);
		write_text_piece(w, (struct slice){ text, (size_t)len });
	} else {
		write_text_piece(w, f->message);
	}
	write_text_end(w);
}

/* "messages[0].content" as Anthropic spells it: messages.0.content. */
static void
put_path(struct writer *w, struct slice path)
{
	while (path.len) {
		size_t open = slice_chr(path, '['), close;
		struct slice name = slice_sub(path, 0, open);

		write_text_piece(w, name);
		path = slice_skip(path, name.len);
		close = slice_chr(path, ']');
		if (close == SIZE_MAX) {
			write_text_piece(w, path);
			return;
		}
		write_text_piece(w, SLICE("."));
		write_text_piece(w, slice_sub(path, 1, close - 1));
		path = slice_skip(path, close + 1);
	}
}

static void
message(const struct fail *f, struct writer *w)
{
	write_key(w, "message");
	if (f->kind == FAIL_CONTEXT) {
		context_message(f, w);
		return;
	}
	write_text_begin(w);
	if (f->param.len) {
		put_path(w, f->param);
		write_text_piece(w, SLICE(": "));
	}
	write_text_piece(w, f->message);
	write_text_end(w);
}

unsigned
messages_error(const struct talk *talk, const struct fail *f,
    struct buf *out)
{
	bool ours = refuse_is_ours(talk, f);
	struct writer w = { .out = out };

	write_object(&w);
	write_member_plain(&w, "type", "error");
	write_key(&w, "error");
	write_object(&w);
	write_member_plain(&w, "type",
	    ours ? "api_error" : errors[f->kind].type);
	message(f, &w);
	if (f->details.len) {
		write_key(&w, "details");
		write_min(&w, f->details);
	}
	write_end(&w);
	write_member_text(&w, "request_id", talk->request_id);
	write_end(&w);
	return ours ? 502 : status_of(f);
}
