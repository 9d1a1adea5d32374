/*
 * How Gemini clients are told what went wrong: Google's status words, and the
 * details by which they decide whether and when to try again.
 */
#include <stdio.h>

#include "json/text.h"
#include "json/write.h"
#include "proto/gemini/gemini.h"
#include "proto/refuse.h"

static const struct {				/* ORDER fail */
	unsigned	 status;
	const char	*word;
} errors[FAIL_KINDS] = {
	[FAIL_NONE] = { 500, "INTERNAL" },
	[FAIL_INVALID] = { 400, "INVALID_ARGUMENT" },
	[FAIL_UNSUPPORTED] = { 400, "INVALID_ARGUMENT" },
	[FAIL_CONTEXT] = { 400, "INVALID_ARGUMENT" },
	[FAIL_TOO_LARGE] = { 400, "INVALID_ARGUMENT" },
	[FAIL_AUTH] = { 400, "INVALID_ARGUMENT" },
	[FAIL_PERMISSION] = { 403, "PERMISSION_DENIED" },
	[FAIL_NOT_FOUND] = { 404, "NOT_FOUND" },
	[FAIL_METHOD] = { 405, "INVALID_ARGUMENT" },
	[FAIL_CONFLICT] = { 409, "ABORTED" },
	[FAIL_RATE] = { 429, "RESOURCE_EXHAUSTED" },
	[FAIL_QUOTA] = { 429, "RESOURCE_EXHAUSTED" },
	[FAIL_FILTERED] = { 400, "INVALID_ARGUMENT" },
	[FAIL_OVERLOADED] = { 503, "UNAVAILABLE" },
	[FAIL_SERVER] = { 500, "INTERNAL" },
	[FAIL_TIMEOUT] = { 504, "DEADLINE_EXCEEDED" },
	[FAIL_CONNECT] = { 502, "UNAVAILABLE" },
	[FAIL_TRUNCATED] = { 502, "UNAVAILABLE" },
	[FAIL_BAD_ANSWER] = { 502, "INTERNAL" },
	[FAIL_CANCELED] = { 499, "CANCELLED" },
	[FAIL_MEMORY] = { 503, "UNAVAILABLE" },
};

/* The provider speaks Google's language: its sentence stays as it is. */
static bool
is_googles(const struct talk *talk, const struct fail *f)
{
	return f->status && talk->provider &&
	    talk->provider->id == PROTO_GEMINI;
}

/* "1.2s", as both the details and the sentence spell it. */
static struct slice
print_delay(char *out, size_t size, int64_t ms)
{
	int len = snprintf(out, size, "%lld", (long long)(ms / 1000));

	if (ms % 1000) {
		len += snprintf(out + len, size - (size_t)len, ".%03d",
		    (int)(ms % 1000));
		while (out[len - 1] == '0')
			len--;
	}
	out[len++] = 's';
	return (struct slice){ out, (size_t)len };
}

/* Clients look for these very sentences. */
static struct slice
sentence(const struct talk *talk, const struct fail *f, char *out, size_t size)
{
	int len = 0;

	if (is_googles(talk, f))
		return f->message;
	if (f->kind == FAIL_AUTH)
		return talk->provider ? SLICE("API key not valid. Please "
		    "pass a valid API key.") : SLICE("API key not valid. "
		    "Please pass a valid API key. ");
	if (f->kind == FAIL_CONTEXT && f->used && f->limit)
		len = snprintf(out, size, "The input token count (%llu) "
		    "exceeds the maximum number of tokens allowed (%llu).",
		    (unsigned long long)f->used,
		    (unsigned long long)f->limit);
	else if (f->kind == FAIL_CONTEXT)
		len = snprintf(out, size, "The input token count exceeds the "
		    "maximum number of tokens allowed. ");
	return (struct slice){ out, (size_t)len };
}

/* What is wrong, and where in the body. */
static void
put_message(const struct talk *talk, struct writer *w, const struct fail *f)
{
	struct slice google, delay;
	char text[160], seconds[32];

	google = sentence(talk, f, text, sizeof text);
	write_key(w, "message");
	write_text_begin(w);
	write_text_piece(w, google);
	if (!google.len && f->param.len &&
	    slice_find(f->message, f->param) == SIZE_MAX) {
		write_text_piece(w, f->param);
		write_text_piece(w, SLICE(": "));
	}
	if (!google.len || (f->kind == FAIL_AUTH && !talk->provider) ||
	    (f->kind == FAIL_CONTEXT && !is_googles(talk, f) &&
	    !(f->used && f->limit)))
		write_text_piece(w, f->message);
	if (f->kind == FAIL_RATE && f->retry_after_ms > 0 &&
	    slice_find_ci(f->message, SLICE("retry in")) == SIZE_MAX) {
		delay = print_delay(seconds, sizeof seconds,
		    f->retry_after_ms);
		write_text_piece(w, SLICE(" Please retry in "));
		write_text_piece(w, delay);
		write_text_piece(w, SLICE("."));
	}
	write_text_end(w);
}

static void
open_detail(struct writer *w, const char *type)
{
	write_object(w);
	write_key(w, "@type");
	write_text_begin(w);
	write_text_piece(w, SLICE("type.googleapis.com/google.rpc."));
	write_text_piece(w, slice_of(type));
	write_text_end(w);
}

static void
put_reason(struct writer *w)
{
	open_detail(w, "ErrorInfo");
	write_member_plain(w, "reason", "API_KEY_INVALID");
	write_member_plain(w, "domain", "googleapis.com");
	write_end(w);
}

/* Its id says that waiting does not help: clients look for "PerDay". */
static void
put_quota(struct writer *w)
{
	open_detail(w, "QuotaFailure");
	write_key(w, "violations");
	write_array(w);
	write_object(w);
	write_member_plain(w, "quotaId", "GenerateRequestsPerDay");
	write_end(w);
	write_end(w);
	write_end(w);
}

static void
put_retry(struct writer *w, int64_t ms)
{
	char seconds[32];

	open_detail(w, "RetryInfo");
	write_member_text(w, "retryDelay",
	    print_delay(seconds, sizeof seconds, ms));
	write_end(w);
}

static void
put_details(const struct talk *talk, struct writer *w, const struct fail *f,
    bool ours)
{
	bool wait = f->retry_after_ms > 0 && f->kind != FAIL_QUOTA;
	bool key = f->kind == FAIL_AUTH, spent = f->kind == FAIL_QUOTA;

	if (ours)
		return;
	if (is_googles(talk, f) && f->details.len) {
		write_key(w, "details");
		write_min(w, f->details);
		return;
	}
	if (!(wait || key || spent))
		return;
	write_key(w, "details");
	write_array(w);
	if (key)
		put_reason(w);
	if (spent)
		put_quota(w);
	if (wait)
		put_retry(w, f->retry_after_ms);
	write_end(w);
}

static unsigned
status_of(const struct fail *f)
{
	if (f->kind == FAIL_SERVER && f->status > 500 && f->status < 600)
		return f->status;
	return errors[f->kind].status;
}

unsigned
gemini_put_error(const struct talk *talk, const struct fail *f,
    struct buf *out)
{
	bool ours = refuse_is_ours(talk, f);
	unsigned status = ours ? 502 : status_of(f);
	struct writer w = { .out = out };

	write_object(&w);
	write_key(&w, "error");
	write_object(&w);
	write_member_u64(&w, "code", status);
	if (ours && f->kind != FAIL_QUOTA)
		write_member_plain(&w, "message", "The provider refused the "
		    "gateway's credentials.");
	else
		put_message(talk, &w, f);
	write_member_plain(&w, "status", ours ? "INTERNAL" :
	    errors[f->kind].word);
	put_details(talk, &w, f, ours);
	write_end(&w);
	write_end(&w);
	return status;
}

unsigned
gemini_error(const struct talk *talk, const struct fail *f, struct buf *out)
{
	bool array = talk->stream && talk->as_array;
	unsigned status;

	if (array)
		buf_byte(out, '[');
	status = gemini_put_error(talk, f, out);
	if (array)
		buf_byte(out, ']');
	return status;
}
