/* A target's "when" in the configuration. */
#include <string.h>

#include "gateway/loader.h"
#include "gateway/modality.h"
#include "gateway/when.h"

enum { TOKENS_MAX = 1000000000 };

struct file_when {
	struct jval	input, header, key;
	uint64_t	min_tokens, max_tokens;
	enum tri	tools, stream;
};

const struct field loader_when_fields[] = {
	{ "input", FIELD_RAW, offsetof(struct file_when, input), 0, 0 },
	{ "tools", FIELD_FLAG, offsetof(struct file_when, tools), 0, 0 },
	{ "stream", FIELD_FLAG, offsetof(struct file_when, stream), 0, 0 },
	{ "min_tokens", FIELD_UINT, offsetof(struct file_when, min_tokens),
	  0, 0 },
	{ "max_tokens", FIELD_UINT, offsetof(struct file_when, max_tokens),
	  0, 0 },
	{ "header", FIELD_RAW, offsetof(struct file_when, header), 0, 0 },
	{ "key", FIELD_RAW, offsetof(struct file_when, key), 0, 0 },
	{ 0 },
};

/* A pattern has one star at most. */
static bool
take_pattern(struct loader *l, struct jval v, struct slice *out)
{
	if (!jval_is(v, JSON_STRING))
		return loader_fail(l, v, "this must be a string");
	if (!loader_text(l, v, jval_text(v), out))
		return false;
	if (slice_chr(*out, '*') != slice_rchr(*out, '*'))
		return loader_fail(l, v, "one * is the most that can stand "
		    "in \"%.*s\"", SLICE_FMT(*out));
	return true;
}

static bool
each_input(struct loader *l, struct when *w, struct jval v)
{
	struct slice name;
	uint8_t bit;

	if (!take_pattern(l, v, &name))
		return false;
	bit = modality_by_name(name);
	w->input |= bit;
	return bit || loader_fail(l, v, "\"%.*s\" must be text, image, audio, "
	    "video or pdf", SLICE_FMT(name));
}

static bool
each_key(struct loader *l, struct when *w, struct jval v)
{
	struct slice name;

	return take_pattern(l, v, &name) &&
	    (ir_text_add(&w->keys, l->arena, name) ||
	    loader_fail(l, v, "out of memory"));
}

/* A string, or an array of some. */
static bool
each(struct loader *l, struct when *w, struct jval v, const char *name,
    bool (*one)(struct loader *, struct when *, struct jval))
{
	if (!jval_ok(v))
		return true;
	if (!jval_is(v, JSON_ARRAY))
		return one(l, w, v);
	if (!jval_count(v))
		return loader_fail(l, v, "an empty \"%s\" would never hold",
		    name);
	for (v = jval_first(v); !jval_at_end(v); v = jval_next(v))
		if (!one(l, w, v))
			return false;
	return true;
}

/* What is compared is told in the log: no secret may be among it. */
static bool
is_secret(struct slice name)
{
	static const char *const secrets[] = {
		"authorization", "proxy-authorization", "cookie",
		"x-api-key", "api-key", "x-goog-api-key",
	};

	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
		if (slice_eq_ci(name, slice_of(secrets[i])))
			return true;
	return false;
}

static bool
take_header(struct loader *l, struct when *w, struct jval key)
{
	struct when_header *h = arena_alloc(l->arena, sizeof *h);

	if (!h)
		return loader_fail(l, key, "out of memory");
	if (!loader_text(l, key, jval_text(key), &h->name) ||
	    !take_pattern(l, jval_value(key), &h->value))
		return false;
	if (!h->name.len || is_secret(h->name))
		return loader_fail(l, key, "\"%.*s\" is no header to choose "
		    "by: client keys are told by \"key\"",
		    SLICE_FMT(h->name));
	h->next = w->headers;
	w->headers = h;
	return true;
}

static bool
take_headers(struct loader *l, struct when *w, struct jval list)
{
	if (!jval_ok(list))
		return true;
	if (!jval_is(list, JSON_OBJECT))
		return loader_fail(l, list, "\"header\" must be an object: "
		    "{ \"x-tier\": \"gold\" }");
	for (struct jval k = jval_first(list); !jval_at_end(k);
	    k = jval_next(k))
		if (!take_header(l, w, k))
			return false;
	return true;
}

bool
loader_when(struct loader *l, struct jval v, const struct when **out)
{
	struct file_when f = { 0 };
	struct when *w = arena_alloc(l->arena, sizeof *w);

	if (!jval_ok(v))
		return true;
	if (!loader_bind(l, v, loader_when_fields, &f))
		return false;
	if (!w)
		return loader_fail(l, v, "out of memory");
	if (f.min_tokens > TOKENS_MAX || f.max_tokens > TOKENS_MAX)
		return loader_fail(l, v, "\"min_tokens\" and \"max_tokens\" "
		    "must be at most %d", TOKENS_MAX);
	if (f.max_tokens && f.min_tokens > f.max_tokens)
		return loader_fail(l, v, "\"min_tokens\" is above "
		    "\"max_tokens\": it would never hold");
	w->tools = f.tools;
	w->stream = f.stream;
	w->min_tokens = f.min_tokens;
	w->max_tokens = f.max_tokens;
	*out = w;
	return each(l, w, f.input, "input", each_input) &&
	    each(l, w, f.key, "key", each_key) &&
	    take_headers(l, w, f.header);
}
