#include "gateway/spent.h"

#include <string.h>

#include "json/json.h"
#include "json/plain.h"
#include "proto/chat/account.h"

/* ---- following ---- */

static void
keep(struct spent *s, const char *from, const char *to)
{
	size_t n = (size_t)(to - from);

	if (!s->taking)
		return;
	if (n > SPENT_MAX - s->len) {	/* no usage is as long as that */
		s->taking = false;
		return;
	}
	memcpy(s->text + s->len, from, n);
	s->len += n;
}

/* The bytes of a string; returns where it ends, or `end`. */
static const char *
pass_string(struct spent *s, const char *at, const char *end)
{
	const char *from = at;

	while (at < end && s->string) {
		if (s->escape) {
			s->escape = false;
			at++;
			continue;
		}
		at = plain_end(at, end);
		if (at == end)
			break;
		s->escape = *at == '\\';
		s->string = *at != '"' && *at != '\n';
		if (*at++ == '\n') {	/* no JSON: begin anew */
			*s = (struct spent){ 0 };
			return at;
		}
	}
	for (const char *c = from; s->depth == 1 && c < at &&
	    s->key_len < SPENT_KEY; c++)
		s->key[s->key_len++] = *c;
	keep(s, from, at);
	return at;
}

static bool
is_usage(const struct spent *s)
{
	struct slice key = { s->key, s->key_len };

	return slice_is(key, "usage\"") || slice_is(key, "usageMetadata\"");
}

static void
open_value(struct spent *s, char c)
{
	if (s->depth == 1 && s->named && c == '{') {
		s->taking = true;
		s->len = s->whole = 0;
	}
	s->named = false;
	if (s->depth < UINT32_MAX)
		s->depth++;
}

static void
close_value(struct spent *s)
{
	static const char closing[] = "}";

	if (s->depth)
		s->depth--;
	if (s->depth == 1 && s->taking) {
		keep(s, closing, closing + 1);
		s->whole = s->taking ? s->len : 0;
		s->taking = false;
	}
}

void
spent_feed(struct spent *s, struct slice piece)
{
	const char *at = piece.ptr, *end = at + piece.len;

	while (at < end) {
		char c;

		if (s->string) {
			at = pass_string(s, at, end);
			continue;
		}
		c = *at++;
		if (c == '"') {
			s->string = true;
			s->key_len = 0;
		} else if (c == '{' || c == '[') {
			open_value(s, c);
		} else if (c == '}' || c == ']') {
			close_value(s);
		} else if (c == ':') {
			s->named = is_usage(s);
		} else if (c == ',') {
			s->named = false;
		}
		keep(s, at - 1, at);
	}
}

/* ---- reading ---- */

static int64_t
number(struct jval obj, const char *name)
{
	struct jval v = jval_get(obj, name);
	uint64_t n;

	return jval_is(v, JSON_NUMBER) && jval_u64(v, &n) && n <= INT32_MAX
	    ? (int64_t)n : -1;
}

struct ir_usage
spent_usage(const struct spent *s, struct arena *arena)
{
	struct account account;
	struct json doc;
	struct json_fault fault;
	struct jval root;
	struct ir_usage *u = &account.usage;

	account_init(&account);
	if (!s->whole || !json_parse(&doc, arena,
	    (struct slice){ s->text, s->whole }, 0, &fault))
		return *u;
	root = json_root(&doc);
	account_usage(&account, arena, root);
	if (u->in < 0)
		u->in = number(root, "promptTokenCount");
	if (u->out < 0)
		u->out = number(root, "candidatesTokenCount");
	/* those that only read tell no more */
	if (u->in < 0 && u->out < 0)
		u->in = number(root, "total_tokens");
	return *u;
}
