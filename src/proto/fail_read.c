/*
 * What a provider's error body says.  Three steps: find the object that tells
 * of the error in whatever stands around it; decide the kind, by the machine-
 * readable words first, by the status next, by the wording last; take keys and
 * addresses out of the sentence, which the client is going to see.
 */
#include "json/json.h"
#include "json/text.h"
#include "proto/fail.h"
#include "proto/mask.h"

enum {
	MESSAGE_MAX = 2000,
	TEXT_MAX = 500,			/* of a body that is no JSON */
	TOKENS_MAX = 1 << 16,
};

struct finding {			/* members of the error, where there */
	struct jval	error;		/* the object that holds them */
	struct jval	message, code, type, param, details;
};

/*
 * Types and codes that providers use.  A weak one is used for too many things:
 * a status, if there is one, says more.
 */
static const struct {
	const char	*word;
	enum fail_kind	 kind;
	bool		 weak;
} words[] = {
	{ "authentication_error", FAIL_AUTH, false },
	{ "invalid_api_key", FAIL_AUTH, false },
	{ "UNAUTHENTICATED", FAIL_AUTH, false },
	{ "billing_error", FAIL_QUOTA, false },
	{ "insufficient_quota", FAIL_QUOTA, false },
	{ "billing_hard_limit_reached", FAIL_QUOTA, false },
	{ "enforced_spend_limit_reached", FAIL_QUOTA, false },
	{ "Arrearage", FAIL_QUOTA, false },
	{ "permission_error", FAIL_PERMISSION, false },
	{ "PERMISSION_DENIED", FAIL_PERMISSION, false },
	{ "not_found_error", FAIL_NOT_FOUND, false },
	{ "model_not_found", FAIL_NOT_FOUND, false },
	{ "NOT_FOUND", FAIL_NOT_FOUND, false },
	{ "timeout_error", FAIL_TIMEOUT, false },
	{ "DEADLINE_EXCEEDED", FAIL_TIMEOUT, false },
	{ "conflict_error", FAIL_CONFLICT, false },
	{ "request_too_large", FAIL_TOO_LARGE, false },
	{ "context_length_exceeded", FAIL_CONTEXT, false },
	{ "string_above_max_length", FAIL_CONTEXT, false },
	{ "exceed_context_size_error", FAIL_CONTEXT, false },
	{ "rate_limit_error", FAIL_RATE, false },
	{ "rate_limit_exceeded", FAIL_RATE, false },
	{ "RateLimitReached", FAIL_RATE, false },
	{ "RESOURCE_EXHAUSTED", FAIL_RATE, false },
	{ "content_filter", FAIL_FILTERED, false },
	{ "content_policy_violation", FAIL_FILTERED, false },
	{ "DataInspectionFailed", FAIL_FILTERED, false },
	{ "overloaded_error", FAIL_OVERLOADED, false },
	{ "overloaded", FAIL_OVERLOADED, false },
	{ "engine_overloaded", FAIL_OVERLOADED, false },
	{ "service_unavailable", FAIL_OVERLOADED, false },
	{ "server_is_busy", FAIL_OVERLOADED, false },
	{ "UNAVAILABLE", FAIL_OVERLOADED, false },
	{ "invalid_request_error", FAIL_INVALID, true },
	{ "INVALID_ARGUMENT", FAIL_INVALID, true },
	{ "FAILED_PRECONDITION", FAIL_INVALID, true },
	{ "api_error", FAIL_SERVER, true },
	{ "server_error", FAIL_SERVER, true },
	{ "INTERNAL", FAIL_SERVER, true },
};

/* Sentences that tell more than the kind in `from`, whatever their case. */
static const struct {
	const char	*text;
	enum fail_kind	 from, kind;
} wordings[] = {
	{ "prompt is too long", FAIL_INVALID, FAIL_CONTEXT },
	{ "context window", FAIL_INVALID, FAIL_CONTEXT },
	{ "maximum context length", FAIL_INVALID, FAIL_CONTEXT },
	{ "exceeds the model's", FAIL_INVALID, FAIL_CONTEXT },
	{ "too many tokens", FAIL_INVALID, FAIL_CONTEXT },
	{ "input is too long", FAIL_INVALID, FAIL_CONTEXT },
	{ "input token count", FAIL_INVALID, FAIL_CONTEXT },
	{ "available context size", FAIL_INVALID, FAIL_CONTEXT },
	{ "prompt is too long", FAIL_TOO_LARGE, FAIL_CONTEXT },
	{ "maximum context length", FAIL_TOO_LARGE, FAIL_CONTEXT },
	{ "context window", FAIL_TOO_LARGE, FAIL_CONTEXT },
	{ "credit balance", FAIL_INVALID, FAIL_QUOTA },
	{ "usage limits", FAIL_INVALID, FAIL_QUOTA },
	{ "overloaded", FAIL_SERVER, FAIL_OVERLOADED },
	{ "server is busy", FAIL_SERVER, FAIL_OVERLOADED },
	{ "at capacity", FAIL_SERVER, FAIL_OVERLOADED },
};

/* ---- where it stands ---- */

/* An error alone, or the one in an array. */
static struct jval
unpack(struct jval root)
{
	struct jval first;

	if (!jval_is(root, JSON_ARRAY))
		return root;
	first = jval_first(root);
	return jval_at_end(first) ? root : first;
}

/* The first of a list of complaints, as some frameworks write them. */
static struct jval
first_detail(struct jval detail)
{
	struct jval first = jval_is(detail, JSON_ARRAY) ?
	    jval_first(detail) : (struct jval){ 0 };

	if (jval_is(detail, JSON_STRING))
		return detail;
	if (jval_is(detail, JSON_OBJECT))
		return jval_get(detail, "message");
	if (jval_is(detail, JSON_ARRAY) && !jval_at_end(first))
		return jval_get(first, "msg");
	return (struct jval){ 0 };
}

static struct finding
find(struct jval root)
{
	struct finding f = { 0 };
	struct jval outer = unpack(root);
	struct jval inner = jval_get(outer, "error");

	f.error = jval_is(inner, JSON_OBJECT) ? inner : outer;
	f.message = jval_get(f.error, "message");
	if (jval_is(inner, JSON_STRING))
		f.message = inner;
	else if (jval_is(outer, JSON_STRING))
		f.message = outer;
	else if (!jval_is(f.message, JSON_STRING))
		f.message = first_detail(jval_get(f.error, "detail"));
	f.code = jval_get(f.error, "code");
	f.type = jval_get(f.error, "type");
	if (!jval_ok(f.type))
		f.type = jval_get(f.error, "status");
	f.param = jval_get(f.error, "param");
	f.details = jval_get(f.error, "details");
	return f;
}

/* ---- what kind it is ---- */

/* The kind that a word stands for; FAIL_NONE: it is not known. */
static enum fail_kind
word_kind(struct jval value, bool weak_too)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if ((weak_too || !words[i].weak) &&
		    jval_text_is(value, words[i].word))
			return words[i].kind;
	return FAIL_NONE;
}

static enum fail_kind
machine_kind(const struct finding *found, unsigned status)
{
	const struct jval said[] = {
		jval_get(found->details, "error_code"), found->code,
		found->type,
	};
	enum fail_kind kind = FAIL_NONE;

	for (size_t i = 0; i < sizeof said / sizeof *said && !kind; i++)
		kind = word_kind(said[i], false);
	if (!kind && status)
		kind = fail_of_status(status);
	for (size_t i = 0; i < sizeof said / sizeof *said && !kind; i++)
		kind = word_kind(said[i], true);
	return kind ? kind : FAIL_SERVER;
}

static enum fail_kind
refine(enum fail_kind kind, struct slice message)
{
	for (size_t i = 0; i < sizeof wordings / sizeof *wordings; i++)
		if (wordings[i].from == kind && slice_find_ci(message,
		    slice_of(wordings[i].text)) != SIZE_MAX)
			return wordings[i].kind;
	return kind;
}

/* ---- what it says ---- */

/* At most `max` bytes of it, no character cut in two. */
static struct slice
cut_text(struct slice plain, size_t max)
{
	size_t len = plain.len < max ? plain.len : max;

	while (len && len < plain.len && (plain.ptr[len] & 0xc0) == 0x80)
		len--;
	return slice_sub(plain, 0, len);
}

static struct slice
sentence(struct arena *arena, struct slice plain, unsigned status)
{
	/* Cut before, so that masking is cheap, and after, as it may grow. */
	plain = cut_text(slice_trim(plain), 2 * MESSAGE_MAX);
	if (plain.len)
		return text_escape(arena,
		    cut_text(mask_secrets(arena, plain), MESSAGE_MAX));
	if (status)
		return arena_fmt(arena, "Upstream returned HTTP %u.", status);
	return SLICE("Upstream reported an error.");
}

/* A body that is no JSON: a short line is worth showing, HTML is not. */
static struct slice
plain_body(struct slice body)
{
	body = slice_trim(body);
	if (body.len > TEXT_MAX || !utf8_ok(body) ||
	    (body.len && (*body.ptr == '<' || *body.ptr == '{')))
		return (struct slice){ 0 };
	return body;
}

/* Plain ASCII, or nothing. */
static struct slice
ascii_text(struct arena *arena, struct jval value)
{
	struct slice text = jval_text(value);

	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == '\\' || (unsigned char)text.ptr[i] > 0x7e)
			return (struct slice){ 0 };
	return arena_dup(arena, text);
}

/* Google's RetryInfo among the details: {"retryDelay":"48s"}.  -1: none. */
static int64_t
retry_delay_ms(struct jval details)
{
	uint64_t seconds;

	if (!jval_is(details, JSON_ARRAY))
		return -1;
	for (struct jval d = jval_first(details); !jval_at_end(d);
	    d = jval_next(d)) {
		struct slice delay = jval_get_text(d, "retryDelay");

		/* A fraction is rounded up. */
		if (slice_to_u64(slice_cut(&delay, '.'), 86400, &seconds))
			return (int64_t)(seconds + 1) * 1000;
		delay = jval_get_text(d, "retryDelay");
		if (slice_to_u64(slice_cut(&delay, 's'), 86400, &seconds))
			return (int64_t)seconds * 1000;
	}
	return -1;
}

static unsigned
numeric_code(struct jval code)
{
	uint64_t n;

	if (jval_u64(code, &n) && n >= 400 && n <= 599)
		return (unsigned)n;
	return 0;
}

void
fail_read(struct fail *f, struct arena *arena, unsigned status,
    struct slice body)
{
	struct json doc;
	struct json_fault fault;
	struct finding found = { 0 };
	struct slice plain;

	if (f->kind)
		return;
	if (json_parse(&doc, arena, body, TOKENS_MAX, &fault)) {
		found = find(json_root(&doc));
		plain = text_unescape(arena, jval_text(found.message));
	} else {
		plain = plain_body(body);
	}
	if (status < 400 && numeric_code(found.code))
		status = numeric_code(found.code);
	if (status < 400)
		status = 0;
	*f = (struct fail){
		.kind = refine(machine_kind(&found, status), plain),
		.status = status,
		.message = sentence(arena, plain, status),
		.param = ascii_text(arena, found.param),
		.code = arena_dup(arena, jval_text(found.code)),
		.type = arena_dup(arena, jval_text(found.type)),
		.retry_after_ms = retry_delay_ms(found.details),
	};
	if (jval_is(found.details, JSON_OBJECT) ||
	    jval_is(found.details, JSON_ARRAY))
		f->details = arena_dup(arena, jval_raw(found.details));
	f->no_retry = f->kind == FAIL_QUOTA;
}
