/*
 * How Chat clients are told what went wrong: status, type, code and sentence.
 */
#include <stdio.h>

#include "json/write.h"
#include "proto/chat/chat.h"
#include "proto/refuse.h"

/* `own` is the code of what the gateway itself refuses, where that differs. */
static const struct {				/* ORDER fail */
	unsigned	 status;
	const char	*type, *code, *own;
} errors[FAIL_KINDS] = {
	[FAIL_NONE] = { 500, "server_error", NULL, NULL },
	[FAIL_INVALID] =
	    { 400, "invalid_request_error", NULL, "invalid_value" },
	[FAIL_UNSUPPORTED] =
	    { 400, "invalid_request_error", "unsupported_parameter", NULL },
	[FAIL_CONTEXT] =
	    { 400, "invalid_request_error", "context_length_exceeded", NULL },
	[FAIL_TOO_LARGE] =
	    { 413, "invalid_request_error", "request_too_large", NULL },
	[FAIL_AUTH] =
	    { 401, "invalid_request_error", "invalid_api_key", NULL },
	[FAIL_PERMISSION] =
	    { 403, "invalid_request_error", "permission_denied", NULL },
	[FAIL_NOT_FOUND] = { 404, "invalid_request_error", "not_found", NULL },
	[FAIL_METHOD] =
	    { 405, "invalid_request_error", NULL, "method_not_allowed" },
	[FAIL_CONFLICT] = { 409, "invalid_request_error", "conflict", NULL },
	[FAIL_RATE] = { 429, "requests", "rate_limit_exceeded", NULL },
	[FAIL_QUOTA] =
	    { 402, "insufficient_quota", "insufficient_quota", NULL },
	[FAIL_FILTERED] =
	    { 400, "invalid_request_error", "content_filter", NULL },
	[FAIL_OVERLOADED] = { 503, "server_error", "overloaded", NULL },
	[FAIL_SERVER] = { 500, "server_error", NULL, NULL },
	[FAIL_TIMEOUT] = { 504, "server_error", "timeout", NULL },
	[FAIL_CONNECT] = { 502, "server_error", "upstream_unreachable", NULL },
	[FAIL_TRUNCATED] = { 502, "server_error", "upstream_closed", NULL },
	[FAIL_BAD_ANSWER] = { 502, "server_error", "upstream_invalid", NULL },
	[FAIL_CANCELED] = { 499, "server_error", "canceled", NULL },
	[FAIL_MEMORY] = { 503, "server_error", "overloaded", NULL },
};

/* Did a provider say it, in a status or in an error of its own? */
static bool
is_foreign(const struct fail *f)
{
	return f->status || f->type.ptr;
}

/* Its words are this protocol's, and may stay as they are. */
static bool
speaks_chat(const struct talk *talk, const struct fail *f)
{
	return is_foreign(f) && talk->provider &&
	    talk->provider->id == PROTO_CHAT;
}

static bool
mentions(const struct fail *f, const char *word)
{
	return slice_find_ci(f->message, slice_of(word)) != SIZE_MAX;
}

static unsigned
status_of(const struct talk *talk, const struct fail *f)
{
	unsigned status = errors[f->kind].status;

	if (refuse_is_ours(talk, f))
		return 502;
	/* The gateway's own budgets, as OpenAI tells of its credits. */
	if (f->kind == FAIL_QUOTA && !is_foreign(f))
		return 429;
	/* Libraries go by the status: one that they know is not changed. */
	if ((f->kind == FAIL_INVALID || f->kind == FAIL_CONTEXT ||
	    (f->kind == FAIL_QUOTA && f->status == 429)) &&
	    f->status >= 400 && f->status < 500)
		return f->status;
	if (f->kind == FAIL_SERVER && f->status > 500 && f->status < 600)
		return f->status;
	if (f->kind == FAIL_OVERLOADED && f->status == 529 &&
	    talk_options(talk)->keep_529)
		return 529;
	return status;
}

static const char *
type_of(const struct talk *talk, const struct fail *f)
{
	if (refuse_is_ours(talk, f) && f->kind != FAIL_QUOTA)
		return "server_error";
	if (f->kind == FAIL_RATE && (f->spent == FAIL_SPENT_TOKENS ||
	    (f->spent == FAIL_SPENT_UNSAID && mentions(f, "token"))))
		return "tokens";
	return errors[f->kind].type;
}

static const char *
code_of(const struct talk *talk, const struct fail *f)
{
	if (f->kind == FAIL_AUTH && refuse_is_ours(talk, f))
		return "upstream_auth_failed";
	if (f->kind == FAIL_NOT_FOUND && mentions(f, "model"))
		return "model_not_found";
	if (f->kind == FAIL_OVERLOADED && f->status == 503 &&
	    !slice_is(f->type, "overloaded_error"))
		return "service_unavailable";
	if (!is_foreign(f) && errors[f->kind].own)
		return errors[f->kind].own;
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

/* A sentence of ours is read without its "param": it names what it is about. */
static bool
lacks_subject(const struct fail *f)
{
	return f->kind == FAIL_INVALID && !is_foreign(f) && f->param.len &&
	    !slice_starts(f->message, f->param);
}

/* Wordings of this kind are what agents look for, to shorten the history. */
static bool
is_clear(const struct fail *f)
{
	static const char *const signs[] = {
		"maximum context length", "prompt is too long",
		"context window",
	};

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (mentions(f, signs[i]))
			return true;
	return false;
}

static void
put_message(struct writer *w, const struct fail *f)
{
	char text[160];

	if (lacks_subject(f)) {
		write_key(w, "message");
		write_text_begin(w);
		write_text_piece(w, f->param);
		write_text_piece(w, SLICE(": "));
		write_text_piece(w, f->message);
		write_text_end(w);
		return;
	}
	if (f->kind != FAIL_CONTEXT || is_clear(f)) {
		write_member_text(w, "message", f->message);
		return;
	}
	if (f->limit && f->used)
		snprintf(text, sizeof text, "This model's maximum context "
		    "length is %llu tokens. However, your messages resulted "
		    "in %llu tokens. ", (unsigned long long)f->limit,
		    (unsigned long long)f->used);
	else if (f->limit)
		snprintf(text, sizeof text, "This model's maximum context "
		    "length is %llu tokens. ", (unsigned long long)f->limit);
	else
		snprintf(text, sizeof text, "This exceeds the model's maximum "
		    "context length. ");
	write_key(w, "message");
	write_text_begin(w);
	write_text_piece(w, slice_of(text));
	write_text_piece(w, f->message);
	write_text_end(w);
}

unsigned
chat_error(const struct talk *talk, const struct fail *f, struct buf *out)
{
	static const struct slice none;
	bool chat = speaks_chat(talk, f) && !refuse_is_ours(talk, f);
	bool words = chat || !is_foreign(f) || !talk->provider;
	struct writer w = { .out = out };

	write_object(&w);
	write_key(&w, "error");
	write_object(&w);
	put_message(&w, f);
	put_word(&w, "type", chat ? f->type : none, type_of(talk, f));
	put_word(&w, "param", words ? f->param : none, NULL);
	put_word(&w, "code", words && f->kind != FAIL_CONTEXT ? f->code :
	    none, code_of(talk, f));
	write_end(&w);
	write_end(&w);
	return status_of(talk, f);
}
