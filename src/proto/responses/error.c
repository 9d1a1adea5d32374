/*
 * How Responses clients are told what went wrong: by a status and a body, or
 * inside a stream by a response that failed.  Agents go by the codes, which
 * are not the same in both places.
 */
#include <stdio.h>

#include "proto/refuse.h"
#include "proto/responses/responses.h"

#define INVALID "invalid_request_error"
#define SERVER "server_error"

static const struct {				/* ORDER fail */
	unsigned	 status;
	const char	*type, *code;
	const char	*inside;	/* the code in a stream */
} errors[FAIL_KINDS] = {
	[FAIL_NONE] = { 500, SERVER, NULL, SERVER },
	[FAIL_INVALID] = { 400, INVALID, NULL, "invalid_prompt" },
	[FAIL_UNSUPPORTED] =
	    { 400, INVALID, "unsupported_parameter", "invalid_prompt" },
	[FAIL_CONTEXT] = { 400, INVALID, "context_length_exceeded",
	    "context_length_exceeded" },
	[FAIL_TOO_LARGE] = { 413, INVALID, NULL, "invalid_prompt" },
	[FAIL_AUTH] = { 401, INVALID, "invalid_api_key", SERVER },
	[FAIL_PERMISSION] = { 403, INVALID, NULL, SERVER },
	[FAIL_NOT_FOUND] = { 404, INVALID, NULL, SERVER },
	[FAIL_METHOD] = { 405, INVALID, "method_not_allowed", SERVER },
	[FAIL_CONFLICT] = { 409, INVALID, NULL, SERVER },
	[FAIL_RATE] = { 429, "rate_limit_error", "rate_limit_exceeded",
	    "rate_limit_exceeded" },
	[FAIL_QUOTA] = { 429, "insufficient_quota", "insufficient_quota",
	    "insufficient_quota" },
	[FAIL_FILTERED] = { 400, INVALID, "content_policy_violation",
	    "invalid_prompt" },
	[FAIL_OVERLOADED] = { 503, SERVER, "service_unavailable", SERVER },
	[FAIL_SERVER] = { 500, SERVER, NULL, SERVER },
	[FAIL_TIMEOUT] = { 504, SERVER, "timeout", SERVER },
	[FAIL_CONNECT] = { 502, SERVER, "upstream_unreachable", SERVER },
	[FAIL_TRUNCATED] = { 502, SERVER, "upstream_closed", SERVER },
	[FAIL_BAD_ANSWER] = { 502, SERVER, "upstream_invalid", SERVER },
	[FAIL_CANCELED] = { 499, SERVER, "canceled", SERVER },
	[FAIL_MEMORY] = { 503, SERVER, "service_unavailable", SERVER },
};

/* Did a provider say it, in a status or in an error of its own? */
static bool
is_foreign(const struct talk *talk, const struct fail *f)
{
	return talk->provider && (f->status || f->type.ptr);
}

static unsigned
status_of(const struct talk *talk, const struct fail *f)
{
	if (refuse_is_ours(talk, f))
		return 502;
	if (f->kind == FAIL_INVALID && f->status >= 400 && f->status < 500)
		return f->status;
	if (f->kind == FAIL_SERVER && f->status > 500 && f->status < 600)
		return f->status >= 520 && f->status <= 523 ? 502 : f->status;
	return errors[f->kind].status;
}

static const char *
code_of(const struct talk *talk, const struct fail *f)
{
	if (f->kind == FAIL_AUTH && refuse_is_ours(talk, f))
		return "upstream_auth_failed";
	if (f->kind == FAIL_NOT_FOUND && (slice_is(f->param, "model") ||
	    slice_find_ci(f->message, SLICE("model")) != SIZE_MAX))
		return "model_not_found";
	return errors[f->kind].code;
}

/* The word that came with the failure, else ours, else null. */
static void
put_word(struct writer *w, const char *key, struct slice word,
    const char *ours)
{
	if (word.len)
		write_member_text(w, key, word);
	else if (ours)
		write_member_plain(w, key, ours);
	else
		write_member_null(w, key);
}

/* Encoders name what they refuse in Chat's words. */
static struct slice
param_of(const struct talk *talk, const struct fail *f)
{
	struct slice chat = SLICE("messages");

	if (is_foreign(talk, f) || !slice_starts(f->param, chat))
		return f->param;
	return arena_fmt(talk->arena, "input%.*s",
	    SLICE_FMT(slice_skip(f->param, chat.len)));
}

unsigned
responses_error(const struct talk *talk, const struct fail *f,
    struct buf *out)
{
	bool ours = refuse_is_ours(talk, f);
	bool kin = is_foreign(talk, f) && talk->provider &&
	    talk->provider->vendor == IR_OPENAI && !ours;
	struct slice none = { 0 };
	struct writer w = { .out = out };

	write_object(&w);
	write_key(&w, "error");
	write_object(&w);
	write_member_text(&w, "message", f->message);
	put_word(&w, "type", kin && f->kind == FAIL_INVALID ? f->type : none,
	    ours && f->kind != FAIL_QUOTA ? SERVER : errors[f->kind].type);
	put_word(&w, "param", param_of(talk, f),
	    f->kind == FAIL_CONTEXT ? "input" : NULL);
	put_word(&w, "code", kin || !is_foreign(talk, f) ? f->code : none,
	    code_of(talk, f));
	write_end(&w);
	write_end(&w);
	return status_of(talk, f);
}

/*
 * " Please try again in 1.5s.": what an agent looks for in the sentence, as
 * there is no header to tell it.
 */
static void
put_wait(struct writer *w, const struct fail *f)
{
	char text[64];
	long long ms = (long long)f->retry_after_ms;
	int len, digits = 3;

	if (f->kind != FAIL_RATE || ms <= 0 || slice_find_ci(f->message,
	    SLICE("try again in ")) != SIZE_MAX)
		return;
	len = snprintf(text, sizeof text, " Please try again in %lld.%03lld",
	    ms / 1000, ms % 1000);
	while (digits && text[len - 1] == '0') {
		len--;
		digits--;
	}
	if (!digits)
		len--;			/* the point */
	write_text_piece(w, (struct slice){ text, (size_t)len });
	write_text_piece(w, SLICE("s."));
}

void
responses_fail_members(const struct fail *f, struct writer *w)
{
	write_member_plain(w, "code", errors[f->kind].inside);
	write_key(w, "message");
	write_text_begin(w);
	write_text_piece(w, f->message);
	put_wait(w, f);
	write_text_end(w);
}
