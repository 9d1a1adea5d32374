/*
 * GET /v1/models and /v1/models/{id}, in OpenAI's shape, Anthropic's or
 * Gemini's.
 */
#include "admin/admin.h"

#include <stdio.h>

#include "base/clock.h"
#include "json/write.h"

enum { PAGE_DEFAULT = 1000, GEMINI_PAGE_DEFAULT = 50, PAGE_MAX = 1000 };

static bool
anthropic(const struct page_request *r)
{
	return r->shape == PROTO_MESSAGES;
}

static bool
gemini(const struct page_request *r)
{
	return r->shape == PROTO_GEMINI;
}

struct item {
	struct slice			 id, owner;
	const struct catalog_model	*row;
};

struct listing {
	struct arena	*arena;
	struct item	*items;
	size_t		 count, cap;
};

static void
gather(void *arg, struct slice id, struct slice owner,
    const struct catalog_model *row)
{
	struct listing *l = arg;

	if (l->count == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 64;
		struct item *grown = arena_resize(l->arena, l->items,
		    l->cap * sizeof *grown, cap * sizeof *grown);

		if (!grown)
			return;
		l->items = grown;
		l->cap = cap;
	}
	l->items[l->count++] = (struct item){ id, owner, row };
}

static uint64_t
released_s(const struct item *it)
{
	return it->row ? (uint64_t)it->row->released * 86400 : 0;
}

/*
 * The operator's own names stand first, in his order; then the newest comes
 * first, and ids decide between two of one day or of none that is known.
 */
static bool
stands_before(const struct item *a, const struct item *b)
{
	uint64_t then = released_s(a), later = released_s(b);

	if (!a->row || !b->row)
		return !a->row && b->row;
	return then != later ? then > later : slice_cmp(a->id, b->id) < 0;
}

static void
sort(struct listing *l)
{
	for (size_t i = 1; i < l->count; i++) {
		struct item it = l->items[i];
		size_t at = i;

		for (; at && stands_before(&it, &l->items[at - 1]); at--)
			l->items[at] = l->items[at - 1];
		l->items[at] = it;
	}
}

static void
put_limit(struct writer *w, const char *key, uint32_t tokens)
{
	if (tokens)
		write_member_u64(w, key, tokens);
	else
		write_member_null(w, key);
}

static void
put_openai(struct writer *w, const struct item *it)
{
	write_object(w);
	write_key(w, "id");
	write_string(w, it->id);
	write_member_plain(w, "object", "model");
	write_member_u64(w, "created", released_s(it));
	write_key(w, "owned_by");
	write_string(w, it->owner);
	if (it->row) {
		put_limit(w, "context_length", it->row->context);
		put_limit(w, "max_output_tokens", it->row->max_output);
	}
	write_end(w);
}

static void
put_anthropic(struct writer *w, const struct item *it)
{
	char day[CLOCK_STAMP], stamp[CLOCK_STAMP];

	clock_stamp((int64_t)released_s(it) * 1000, day);
	snprintf(stamp, sizeof stamp, "%.10sT00:00:00Z", day);
	write_object(w);
	write_member_plain(w, "type", "model");
	write_key(w, "id");
	write_string(w, it->id);
	write_key(w, "display_name");
	if (it->row)
		write_plain(w, it->row->display);
	else
		write_string(w, it->id);
	write_member_plain(w, "created_at", stamp);
	put_limit(w, "max_input_tokens", it->row ? it->row->context : 0);
	put_limit(w, "max_tokens", it->row ? it->row->max_output : 0);
	write_member_null(w, "capabilities");
	write_member_plain(w, "lifecycle", "active");
	write_member_null(w, "line");
	write_member_null(w, "deprecated_at");
	write_member_null(w, "retires_at");
	write_end(w);
}

/* ---- Gemini's shape ---- */

static void
put_gemini(struct writer *w, struct arena *arena, const struct item *it)
{
	static const char *const methods[] = {
		"generateContent", "streamGenerateContent", "countTokens",
	};

	write_object(w);
	write_key(w, "name");
	write_string(w, arena_join(arena, (struct slice[]){
	    SLICE("models/"), it->id }, 2));
	write_member_plain(w, "version", "001");
	write_key(w, "displayName");
	if (it->row)
		write_plain(w, it->row->display);
	else
		write_string(w, it->id);
	write_member_plain(w, "description", "");
	if (it->row && it->row->context)
		write_member_u64(w, "inputTokenLimit",
		    it->row->context);
	if (it->row && it->row->max_output)
		write_member_u64(w, "outputTokenLimit",
		    it->row->max_output);
	write_key(w, "supportedGenerationMethods");
	write_array(w);
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		write_plain(w, methods[i]);
	write_end(w);
	write_end(w);
}

/* A number of the query, in either spelling; `usual` if it is not there. */
static bool
query_number(const struct page_request *r, const char *camel,
    const char *snake, uint64_t *n)
{
	struct slice value = url_query_get(r->query, slice_of(camel));

	if (!value.ptr)
		value = url_query_get(r->query, slice_of(snake));
	return !value.len || slice_to_u64(value, UINT32_MAX, n);
}

/*
 * Pages begin at an offset.  The last has no token at all: an empty one makes
 * Google's SDK ask for ever.
 */
static bool
put_gemini_list(struct writer *w, const struct page_request *r,
    const struct listing *l, struct fail *fail)
{
	uint64_t size = GEMINI_PAGE_DEFAULT, from = 0, to;

	if (!query_number(r, "pageSize", "page_size", &size) ||
	    !query_number(r, "pageToken", "page_token", &from))
		return fail_set(fail, r->arena, FAIL_INVALID, "pageToken",
		    "pageSize must be a number, and pageToken one that an "
		    "earlier page gave.");
	if (!size)
		size = GEMINI_PAGE_DEFAULT;
	if (size > PAGE_MAX)
		size = PAGE_MAX;
	if (from > l->count)
		from = l->count;
	to = from + size < l->count ? from + size : l->count;
	write_object(w);
	write_key(w, "models");
	write_array(w);
	for (uint64_t i = from; i < to; i++)
		put_gemini(w, r->arena, &l->items[i]);
	write_end(w);
	if (to < l->count) {
		write_key(w, "nextPageToken");
		write_string(w, arena_fmt(r->arena, "%llu",
		    (unsigned long long)to));
	}
	write_end(w);
	return true;
}

static void
put_openai_list(struct writer *w, const struct listing *l)
{
	write_object(w);
	write_member_plain(w, "object", "list");
	write_key(w, "data");
	write_array(w);
	for (size_t i = 0; i < l->count; i++)
		put_openai(w, &l->items[i]);
	write_end(w);
	write_end(w);
}

/*
 * lifecycle[]=active, which may stand more than once: all models here are
 * active.  True: the query asks for others alone.
 */
static bool
only_inactive(const struct page_request *r)
{
	struct slice rest = r->query, name;
	bool asked = false, active = false;

	while (rest.ptr) {
		struct slice value = slice_cut(&rest, '&');

		name = slice_cut(&value, '=');
		if (!url_decode(r->arena, name, &name) ||
		    !slice_is(name, "lifecycle[]"))
			continue;
		asked = true;
		active |= slice_is(value, "active");
	}
	return asked && !active;
}

/*
 * Where the model that `name` in the query names stands; SIZE_MAX: not given.
 * False: unknown.
 */
static bool
cursor(const struct page_request *r, const struct listing *l,
    struct slice name, size_t *at)
{
	struct slice value = url_query_get(r->query, name);

	*at = SIZE_MAX;
	if (!value.ptr)
		return true;
	if (!url_decode(r->arena, value, &value))
		return false;
	for (size_t i = 0; i < l->count; i++) {
		if (slice_eq(l->items[i].id, value)) {
			*at = i;
			return true;
		}
	}
	return false;
}

/* Which items the query asks for: [*from, *to). */
static bool
page_bounds(const struct page_request *r, const struct listing *l,
    struct fail *fail, size_t *from, size_t *to)
{
	struct slice limit = url_query_get(r->query, SLICE("limit"));
	uint64_t n = PAGE_DEFAULT;
	size_t after, before;

	if (limit.ptr && (!slice_to_u64(limit, PAGE_MAX, &n) || !n))
		return fail_set(fail, r->arena, FAIL_INVALID, "limit",
		    "limit must be from 1 to %d.", PAGE_MAX);
	if (!cursor(r, l, SLICE("after_id"), &after) ||
	    !cursor(r, l, SLICE("before_id"), &before) ||
	    (after != SIZE_MAX && before != SIZE_MAX))
		return fail_set(fail, r->arena, FAIL_INVALID, "after_id",
		    "Give one of after_id and before_id, with the id of a "
		    "model in the list.");
	*from = after == SIZE_MAX ? 0 : after + 1;
	*to = before == SIZE_MAX ? l->count : before;
	if (before != SIZE_MAX && *to > n)
		*from = *to - (size_t)n;
	if (*to - *from > n)
		*to = *from + (size_t)n;
	return true;
}

static void
put_id(struct writer *w, const char *key, const struct item *it)
{
	write_key(w, key);
	if (it)
		write_string(w, it->id);
	else
		write_null(w);
}

static bool
put_anthropic_list(struct writer *w, const struct page_request *r,
    const struct listing *l, struct fail *fail)
{
	size_t from = 0, to = 0;
	bool backwards = url_query_get(r->query, SLICE("before_id")).ptr;

	if (!page_bounds(r, l, fail, &from, &to))
		return false;
	write_object(w);
	write_key(w, "data");
	write_array(w);
	for (size_t i = from; i < to; i++)
		put_anthropic(w, &l->items[i]);
	write_end(w);
	write_member_bool(w, "has_more", backwards ? from > 0
	    : to < l->count);
	put_id(w, "first_id", from < to ? &l->items[from] : NULL);
	put_id(w, "last_id", from < to ? &l->items[to - 1] : NULL);
	write_end(w);
	return true;
}

static struct item *
find(const struct listing *l, struct slice id)
{
	for (size_t i = 0; i < l->count; i++)
		if (catalog_same_name(l->items[i].id, id))
			return &l->items[i];
	return NULL;
}

/* A model of the catalogue by "vendor/model" keeps that name. */
static const struct item *
find_named(const struct page_request *r, const struct listing *l,
    struct slice id)
{
	struct item *it = find(l, id);
	struct slice rest = id, prefix = slice_cut(&rest, '/');
	const struct provider *p = config_vendor(r->config, prefix);

	if (it || !p || !p->preset)
		return it;
	it = find(l, rest);
	if (!it || !slice_is(it->owner, p->preset->name))
		return NULL;
	it->id = id;
	return it;
}

/* The whole rest of the path is the id: it may hold slashes. */
static void
one(const struct page_request *r, const struct listing *l,
    struct writer *w, struct page_answer *answer)
{
	struct slice id = slice_skip(r->path, sizeof "/models/" - 1);
	const struct item *it;

	if (!url_decode(r->arena, id, &id))
		id = SLICE("");
	it = find_named(r, l, id);
	if (!it)
		fail_set(&answer->fail, r->arena, FAIL_NOT_FOUND, "model",
		    anthropic(r) ? "model: %.*s"
		    : "The model '%.*s' does not exist",
		    SLICE_FMT(slice_sub(id, 0, 200)));
	else if (anthropic(r))
		put_anthropic(w, it);
	else if (gemini(r))
		put_gemini(w, r->arena, it);
	else
		put_openai(w, it);
}

void
admin_models(const struct page_request *r, struct page_answer *answer)
{
	struct listing l = { .arena = r->arena };
	struct writer w = { .out = &answer->body };

	route_each_model(r->config, r->key, r->arena, gather, &l);
	sort(&l);
	if (anthropic(r) && only_inactive(r))
		l.count = 0;
	answer->status = 200;
	answer->type = SLICE("application/json");
	if (!slice_is(r->path, "/models"))
		one(r, &l, &w, answer);
	else if (anthropic(r))
		(void)put_anthropic_list(&w, r, &l, &answer->fail);
	else if (gemini(r))
		(void)put_gemini_list(&w, r, &l, &answer->fail);
	else
		put_openai_list(&w, &l);
}
