/*
 * What a provider's error body says.  Three steps: find the object that tells
 * of the error in whatever stands around it; decide the kind, by the machine-
 * readable words first, by the status next, by the wording last; take keys and
 * addresses out of the sentence, which the client is going to see.
 */
#include "json/json.h"
#include "json/text.h"
#include "proto/fail.h"
#include "proto/fail_word.h"
#include "proto/mask.h"

enum {
	MESSAGE_MAX = 2000,
	TEXT_MAX = 500,			/* of a body that is no JSON */
	TOKENS_MAX = 1 << 16,
	PLACES_MAX = 16,
};

struct finding {			/* members of the error, where there */
	struct jval	error;		/* the object that holds them */
	struct jval	message, code, type, param, details;
	struct jval	number;		/* MiniMax's */
	struct jval	place;		/* of a complaint: a path in pieces */
	struct jval	quoted;		/* the error behind this one, as text */
};

/* The numbers that MiniMax has for its errors, inside of a 200. */
static const struct {
	unsigned	 code;
	enum fail_kind	 kind;
} numbers[] = {
	{ 1001, FAIL_TIMEOUT },
	{ 1002, FAIL_RATE },
	{ 1004, FAIL_AUTH },
	{ 1008, FAIL_QUOTA },
	{ 1026, FAIL_FILTERED },
	{ 1027, FAIL_FILTERED },
	{ 1039, FAIL_RATE },
	{ 2013, FAIL_INVALID },
	{ 2049, FAIL_AUTH },
	{ 2056, FAIL_RATE },
	{ 2064, FAIL_OVERLOADED },
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
static void
read_detail(struct finding *f, struct jval detail)
{
	struct jval first = jval_is(detail, JSON_ARRAY) ?
	    jval_first(detail) : (struct jval){ 0 };

	if (jval_is(detail, JSON_STRING))
		f->message = detail;
	else if (jval_is(detail, JSON_OBJECT))
		f->message = jval_get(detail, "message");
	else if (jval_is(detail, JSON_ARRAY) && !jval_at_end(first)) {
		f->message = jval_get(first, "msg");
		f->place = jval_get(first, "loc");
	}
}

/* The sentence, wherever it is told. */
static void
find_message(struct finding *f, struct jval outer, struct jval inner)
{
	struct jval base = jval_get(outer, "base_resp");

	f->message = jval_get(f->error, "message");
	if (jval_is(f->message, JSON_OBJECT))		/* Mistral */
		read_detail(f, jval_get(f->message, "detail"));
	if (jval_is(inner, JSON_STRING))
		f->message = inner;
	else if (jval_is(outer, JSON_STRING))
		f->message = outer;
	else if (!jval_is(f->message, JSON_STRING))
		read_detail(f, jval_get(f->error, "detail"));
	if (!jval_is(f->message, JSON_STRING))
		f->message = jval_get(base, "status_msg");
	f->number = jval_get(base, "status_code");
}

static struct finding
find(struct jval root)
{
	struct finding f = { 0 };
	struct jval outer = unpack(root);
	struct jval inner = jval_get(outer, "error");

	f.error = jval_is(inner, JSON_OBJECT) ? inner : outer;
	find_message(&f, outer, inner);
	f.code = jval_get(f.error, "code");
	f.type = jval_get(f.error, "type");
	if (!jval_ok(f.type))
		f.type = jval_get(f.error, "status");
	f.param = jval_get(f.error, "param");
	f.details = jval_get(f.error, "details");
	f.quoted = jval_get2(f.error, "metadata", "raw");  /* OpenRouter */
	return f;
}

bool
fail_is_told(struct jval object)
{
	uint64_t n;

	if (jval_u64(jval_get2(object, "base_resp", "status_code"), &n) && n)
		return true;
	return jval_ok(jval_get(object, "detail")) ||
	    (jval_is(jval_get(object, "message"), JSON_STRING) &&
	    (jval_ok(jval_get(object, "code")) ||
	    jval_ok(jval_get(object, "type"))));
}

/* ---- what kind it is ---- */

static enum fail_kind
number_kind(struct jval code)
{
	uint64_t n;

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (jval_u64(code, &n) && n == numbers[i].code)
			return numbers[i].kind;
	return FAIL_NONE;
}

/* Google's reason among the details: {"reason":"API_KEY_INVALID"}. */
static struct jval
reason_of(struct jval details)
{
	if (jval_is(details, JSON_ARRAY))
		for (struct jval d = jval_first(details); !jval_at_end(d);
		    d = jval_next(d))
			if (jval_ok(jval_get(d, "reason")))
				return jval_get(d, "reason");
	return jval_get(details, "error_code");
}

static enum fail_kind
machine_kind(const struct finding *found, unsigned status)
{
	const struct jval said[] = {
		reason_of(found->details), found->code, found->type,
		jval_get2(found->error, "innererror", "code"),
	};
	size_t n = sizeof said / sizeof *said;
	enum fail_kind kind = number_kind(found->number);

	for (size_t i = 0; i < n && !kind; i++)
		kind = fail_word_kind(jval_text(said[i]), false);
	if (!kind && status)
		kind = fail_of_status(status);
	for (size_t i = 0; i < n && !kind; i++)
		kind = fail_word_kind(jval_text(said[i]), true);
	return kind ? kind : FAIL_SERVER;
}

/*
 * OpenAI's word for a string too long is of the conversation only where the
 * string is what somebody said: an id or a name too long is a mistake.
 */
static enum fail_kind
too_long_where(enum fail_kind kind, const struct finding *found)
{
	struct slice param = jval_text(found->param);

	if (kind != FAIL_CONTEXT || !param.len ||
	    !jval_text_is(found->code, "string_above_max_length") ||
	    slice_ends(param, SLICE("content")) ||
	    slice_ends(param, SLICE("text")) ||
	    slice_ends(param, SLICE("input")))
		return kind;
	return FAIL_INVALID;
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

/* "57.3s" in milliseconds, rounded up; -1: it is no such text. */
static int64_t
delay_ms(struct slice text)
{
	struct slice rest = slice_cut(&text, 's');
	struct slice whole = slice_cut(&rest, '.');
	uint64_t seconds, ms = 0;

	if (!slice_to_u64(whole, 86400, &seconds))
		return -1;
	for (size_t i = 0; i < 3; i++)
		ms = ms * 10 + (i < rest.len && rest.ptr[i] >= '0' &&
		    rest.ptr[i] <= '9' ? (uint64_t)(rest.ptr[i] - '0') : 0);
	return (int64_t)(seconds * 1000 + ms + (rest.len > 3));
}

/* Google's RetryInfo among the details: {"retryDelay":"48s"}.  -1: none. */
static int64_t
retry_delay_ms(struct jval details)
{
	int64_t ms = -1;

	if (!jval_is(details, JSON_ARRAY))
		return -1;
	for (struct jval d = jval_first(details); !jval_at_end(d) && ms < 0;
	    d = jval_next(d))
		ms = delay_ms(jval_get_text(d, "retryDelay"));
	return ms;
}

static unsigned
numeric_code(struct jval code)
{
	uint64_t n;

	if ((jval_u64(code, &n) || slice_to_u64(jval_text(code), 599, &n)) &&
	    n >= 400 && n <= 599)
		return (unsigned)n;
	return 0;
}

/* "messages[0].content" of ["body","messages",0,"content"]. */
static struct slice
path_text(struct arena *arena, struct jval place)
{
	struct slice path = { 0 };

	if (!jval_is(place, JSON_ARRAY) || jval_count(place) > PLACES_MAX)
		return path;
	for (struct jval p = jval_first(place); !jval_at_end(p);
	    p = jval_next(p)) {
		bool number = jval_is(p, JSON_NUMBER);
		struct slice name = number ? jval_raw(p) :
		    ascii_text(arena, p);

		if (!name.len || jval_text_is(p, "body"))
			continue;
		path = arena_join(arena, (const struct slice[]){ path,
		    number ? SLICE("[") : path.len ? SLICE(".") : SLICE(""),
		    name, number ? SLICE("]") : SLICE("") }, 4);
	}
	return path;
}

/* OpenRouter puts the words of the provider behind it into its own error. */
static struct slice
quoted_sentence(struct arena *arena, struct jval quoted,
    enum fail_kind *kind)
{
	struct slice text = text_unescape(arena, jval_text(quoted));
	struct json *doc = arena_alloc(arena, sizeof *doc);
	struct json_fault fault;
	struct finding found;

	if (!text.len || !doc)
		return (struct slice){ 0 };
	if (!json_parse(doc, arena, text, TOKENS_MAX, &fault))
		return plain_body(text);
	found = find(json_root(doc));
	*kind = machine_kind(&found, 0);
	return text_unescape(arena, jval_text(found.message));
}

static void
read_quoted(struct arena *arena, const struct finding *found,
    enum fail_kind *kind, struct slice *plain)
{
	enum fail_kind inner = FAIL_NONE;
	struct slice text = quoted_sentence(arena, found->quoted, &inner);

	if (!text.len)
		return;
	*plain = text;
	if (inner != FAIL_NONE && inner != FAIL_SERVER)
		*kind = inner;
}

/* How long it was; llama.cpp says so in members of their own. */
static void
read_tokens(struct fail *f, const struct finding *found, struct slice plain)
{
	uint64_t n;

	fail_word_tokens(plain, &f->used, &f->limit);
	if (jval_u64(jval_get(found->error, "n_prompt_tokens"), &n))
		f->used = n;
	if (jval_u64(jval_get(found->error, "n_ctx"), &n))
		f->limit = n;
}

void
fail_read(struct fail *f, struct arena *arena, unsigned status,
    struct slice body)
{
	struct json doc;
	struct json_fault fault;
	struct finding found = { 0 };
	enum fail_kind kind;
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
	kind = too_long_where(machine_kind(&found, status), &found);
	if (jval_is(found.quoted, JSON_STRING))
		read_quoted(arena, &found, &kind, &plain);
	*f = (struct fail){
		.kind = fail_word_refine(kind, plain),
		.status = status,
		.message = sentence(arena, plain, status),
		.param = ascii_text(arena, found.param),
		.code = arena_dup(arena, jval_text(found.code)),
		.type = arena_dup(arena, jval_text(found.type)),
		.retry_after_ms = retry_delay_ms(found.details),
	};
	if (jval_ok(found.place))
		f->param = path_text(arena, found.place);
	if (jval_is(found.details, JSON_OBJECT) ||
	    jval_is(found.details, JSON_ARRAY))
		f->details = arena_dup(arena, jval_raw(found.details));
	if (f->kind == FAIL_CONTEXT)
		read_tokens(f, &found, plain);
	f->no_retry = f->kind == FAIL_QUOTA;
}
