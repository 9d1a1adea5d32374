/*
 * jsmn splits the skeleton (json/skeleton.h) into its tokens; here they become
 * our own, whose offsets are those of the whole text:
 *
 *	start, end	of the value as it stands, quotes included
 *	next		index of the next sibling: of a key the next key, of an
 *			element the next element; 0: there is none
 *	kind		enum json_type, and above it how many items it holds
 *
 * A container's first item follows it at once, as does a key's value its key.
 */
#include "json/json.h"

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS	/* without them a long object is quadratic */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <jsmn/jsmn.h>
#pragma GCC diagnostic pop

#include "json/skeleton.h"
#include "json/text.h"

enum {
	KIND_BITS = 3,		/* of a token's kind, for its type */
	TOKENS_MAX = 1 << 28,
};

struct json_token {
	uint32_t	start, end, next, kind;
};

/* What turns jsmn's tokens into ours. */
struct convert {
	const struct skeleton	*sk;
	jsmntok_t		*from;		/* .size: the last child */
	struct json_token	*to;
	uint32_t		 cut;		/* cuts passed so far, and */
	uint32_t		 shift;		/* the bytes they left out */
	uint32_t		 open[JSON_DEPTH_MAX];
	unsigned		 depth;
};

static enum json_type
type_of(char first)
{
	switch (first) {
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_ARRAY;
	case '"':
		return JSON_STRING;
	case 't':
		return JSON_TRUE;
	case 'f':
		return JSON_FALSE;
	case 'n':
		return JSON_NULL;
	default:
		return JSON_NUMBER;
	}
}

/* Open containers that end at or before `before` end before the next cut. */
static void
close_before(struct convert *c, int before)
{
	while (c->depth) {
		uint32_t i = c->open[c->depth - 1];

		if (c->from[i].end > before)
			return;
		c->to[i].end = (uint32_t)c->from[i].end + c->shift;
		c->depth--;
	}
}

/* A string's quotes belong to our token; a cut one gets its length back. */
static void
convert_string(struct convert *c, const jsmntok_t *from, struct json_token *to)
{
	const struct skeleton_cut *cuts = c->sk->cuts;

	to->start = (uint32_t)from->start - 1 + c->shift;
	if (c->cut < c->sk->count &&
	    cuts[c->cut].at == (uint32_t)from->start)
		c->shift += cuts[c->cut++].len;
	to->end = (uint32_t)from->end + 1 + c->shift;
}

/* Tell the elder sibling of token i about it. */
static void
link_sibling(struct convert *c, uint32_t i)
{
	int parent = c->from[i].parent;

	if (parent < 0)
		return;			/* the root */
	if (c->from[parent].size >= 0)
		c->to[c->from[parent].size].next = i;
	c->from[parent].size = (int)i;
}

static void
convert_token(struct convert *c, uint32_t i)
{
	jsmntok_t *from = &c->from[i];
	struct json_token *to = &c->to[i];
	enum json_type type;

	close_before(c, from->start);
	to->next = 0;
	if (from->type == JSMN_STRING) {
		type = JSON_STRING;
		convert_string(c, from, to);
	} else {
		type = type_of(c->sk->text[from->start]);
		to->start = (uint32_t)from->start + c->shift;
		to->end = (uint32_t)from->end + c->shift;
	}
	to->kind = type;
	if (type == JSON_OBJECT || type == JSON_ARRAY) {
		to->kind |= (uint32_t)from->size << KIND_BITS;
		c->open[c->depth++] = i;
	}
	from->size = -1;
	link_sibling(c, i);
}

/* A text of one token: jsmn refuses numbers and literals that stand alone. */
static void
single_token(struct json *j)
{
	struct slice value = slice_trim(j->text);
	uint32_t start = (uint32_t)(value.ptr - j->text.ptr);

	j->tokens[0] = (struct json_token){
		.start = start,
		.end = start + (uint32_t)value.len,
		.kind = type_of(*value.ptr),
	};
}

/* Run jsmn over a skeleton that is known to be valid JSON. */
static bool
tokenize(struct json *j, struct skeleton *sk)
{
	struct convert c = { .sk = sk, .to = j->tokens };
	jsmn_parser parser;
	int got;

	c.from = arena_array(sk->arena, j->count, sizeof *c.from);
	if (!c.from)
		return false;
	jsmn_init(&parser);
	got = jsmn_parse(&parser, sk->text, sk->len, c.from, j->count);
	/* The two readers must agree about what they have read. */
	CHECK(got >= 0 && (uint32_t)got == j->count);
	for (uint32_t i = 0; i < j->count; i++)
		convert_token(&c, i);
	close_before(&c, INT32_MAX);
	return true;
}

/* Check, and fill the tokens; what is needed only for that is in `scratch`. */
static bool
parse(struct json *j, struct arena *a, struct arena *scratch,
    uint32_t max_tokens, struct json_fault *fault)
{
	struct skeleton sk = { .arena = scratch, .max_tokens = max_tokens };

	if (!skeleton_check(&sk, j->text, &j->count, fault))
		return false;
	j->tokens = arena_array(a, j->count, sizeof *j->tokens);
	if (j->tokens && j->count == 1) {
		single_token(j);
		return true;
	}
	if (j->tokens && tokenize(j, &sk))
		return true;
	*fault = (struct json_fault){ .why = "out of memory" };
	return false;
}

static const struct json_token *
token(struct jval v)
{
	return &v.doc->tokens[v.at];
}

/* A string has no items: its kind counts none, though a key has a value. */
static bool
has_items(struct jval v)
{
	return v.doc && token(v)->kind >> KIND_BITS;
}

bool
json_parse(struct json *j, struct arena *a, struct slice text,
    uint32_t max_tokens, struct json_fault *fault)
{
	struct arena scratch = { 0 };
	bool parsed;

	*j = (struct json){ .text = text };
	if (text.len > INT32_MAX) {	/* jsmn counts in int */
		*fault = (struct json_fault){ .why = "longer than 2 GB" };
		return false;
	}
	if (!max_tokens || max_tokens > TOKENS_MAX)
		max_tokens = TOKENS_MAX;
	/* The copy and jsmn's tokens go at once, not with the request. */
	parsed = parse(j, a, &scratch, max_tokens, fault);
	fault->no_memory = !parsed && (a->failed || scratch.failed);
	arena_reset(&scratch);
	if (!parsed)
		*j = (struct json){ .text = text };
	return parsed;
}

struct jval
json_root(const struct json *j)
{
	return (struct jval){ j->count ? j : NULL, 0 };
}

enum json_type
jval_type(struct jval v)
{
	return v.doc ? token(v)->kind & ((1 << KIND_BITS) - 1) : JSON_NONE;
}

bool
jval_ok(struct jval v)
{
	return v.doc && jval_type(v) != JSON_NULL;
}

bool
jval_is(struct jval v, enum json_type type)
{
	return jval_type(v) == type;
}

bool
jval_is_true(struct jval v)
{
	return jval_type(v) == JSON_TRUE;
}

struct slice
jval_raw(struct jval v)
{
	if (!v.doc)
		return (struct slice){ 0 };
	return (struct slice){
		v.doc->text.ptr + token(v)->start,
		token(v)->end - token(v)->start
	};
}

struct slice
jval_text(struct jval v)
{
	struct slice raw = jval_raw(v);

	if (jval_type(v) != JSON_STRING)
		return (struct slice){ 0 };
	return (struct slice){ raw.ptr + 1, raw.len - 2 };
}

/*
 * Names are compared some hundred times for each request and most differ at
 * once, so nobody measures the length of `plain` first.
 */
static bool
is_name(struct slice escaped, const char *plain)
{
	size_t i = 0;

	while (i < escaped.len && escaped.ptr[i] == plain[i] && plain[i] &&
	    plain[i] != '\\')
		i++;
	if (i < escaped.len && escaped.ptr[i] == '\\')
		return text_is(escaped, slice_of(plain));
	return i == escaped.len && !plain[i];
}

bool
jval_text_is(struct jval v, const char *plain)
{
	return jval_type(v) == JSON_STRING && is_name(jval_text(v), plain);
}

bool
jval_u64(struct jval v, uint64_t *n)
{
	return jval_type(v) == JSON_NUMBER &&
	    slice_to_u64(jval_raw(v), UINT64_MAX, n);
}

size_t
jval_count(struct jval v)
{
	return v.doc ? token(v)->kind >> KIND_BITS : 0;
}

struct jval
jval_first(struct jval v)
{
	if (!has_items(v))
		return (struct jval){ 0 };
	return (struct jval){ v.doc, v.at + 1 };
}

struct jval
jval_next(struct jval v)
{
	if (!v.doc || !token(v)->next)
		return (struct jval){ 0 };
	return (struct jval){ v.doc, token(v)->next };
}

struct jval
jval_value(struct jval key)
{
	if (!key.doc)
		return key;
	return (struct jval){ key.doc, key.at + 1 };
}

bool
jval_at_end(struct jval v)
{
	return !v.doc;
}

struct jval
jval_get_null(struct jval obj, const char *plain)
{
	struct jval found = { 0 };
	uint32_t at = obj.at + 1;

	if (jval_type(obj) != JSON_OBJECT || !has_items(obj))
		return found;
	for (const struct json_token *t; at; at = t->next) {
		struct slice key;

		t = &obj.doc->tokens[at];
		key.ptr = obj.doc->text.ptr + t->start + 1;
		key.len = t->end - t->start - 2;
		if (is_name(key, plain))
			found = (struct jval){ obj.doc, at + 1 };
	}
	return found;
}

struct jval
jval_get(struct jval obj, const char *plain)
{
	struct jval v = jval_get_null(obj, plain);

	return jval_ok(v) ? v : (struct jval){ 0 };
}

struct jval
jval_get2(struct jval obj, const char *a, const char *b)
{
	return jval_get(jval_get(obj, a), b);
}

struct jval
jval_get3(struct jval obj, const char *a, const char *b, const char *c)
{
	return jval_get(jval_get2(obj, a, b), c);
}

struct slice
jval_get_text(struct jval obj, const char *plain)
{
	return jval_text(jval_get(obj, plain));
}
