/*
 * GET /v1/models and /v1/models/{id}, in OpenAI's shape, Anthropic's or
 * Gemini's.
 */
#include "admin/model.h"

#include <string.h>

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

struct listing {
	struct arena	*arena;
	struct model_item	*items;
	size_t		 count, cap;
};

static void
gather(void *arg, struct slice id, struct slice owner,
    const struct catalog_model *row)
{
	struct listing *l = arg;

	if (l->count == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 64;
		struct model_item *grown = arena_resize(l->arena, l->items,
		    l->cap * sizeof *grown, cap * sizeof *grown);

		if (!grown)
			return;
		l->items = grown;
		l->cap = cap;
	}
	l->items[l->count++] = (struct model_item){ id, owner, row };
}

/*
 * The operator's own names stand first, in his order; then the newest comes
 * first, and ids decide between two of one day or of none that is known.
 */
static bool
stands_before(const struct model_item *a, const struct model_item *b)
{
	uint64_t then = model_released_s(a), later = model_released_s(b);

	if (!a->row || !b->row)
		return !a->row && b->row;
	return then != later ? then > later : slice_cmp(a->id, b->id) < 0;
}

static void
sort(struct listing *l)
{
	for (size_t i = 1; i < l->count; i++) {
		struct model_item it = l->items[i];
		size_t at = i;

		for (; at && stands_before(&it, &l->items[at - 1]); at--)
			l->items[at] = l->items[at - 1];
		l->items[at] = it;
	}
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
		model_write(w, r, &l->items[i]);
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
put_openai_list(struct writer *w, const struct page_request *r,
    const struct listing *l)
{
	write_object(w);
	write_member_plain(w, "object", "list");
	write_key(w, "data");
	write_array(w);
	for (size_t i = 0; i < l->count; i++)
		model_write(w, r, &l->items[i]);
	write_end(w);
	write_end(w);
}

/*
 * lifecycle[], which may stand more than once.  Without it those that are
 * retired are left out, as Anthropic does.
 */
static bool
wanted(const struct page_request *r, const char *stage)
{
	struct slice rest = r->query, name;
	bool asked = false;

	while (rest.ptr) {
		struct slice value = slice_cut(&rest, '&');

		name = slice_cut(&value, '=');
		if (!url_decode(r->arena, name, &name) ||
		    !slice_is(name, "lifecycle[]"))
			continue;
		asked = true;
		if (slice_is(value, stage))
			return true;
	}
	return !asked && strcmp(stage, "retired") != 0;
}

static void
keep_wanted(const struct page_request *r, struct listing *l)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->count; i++)
		if (wanted(r, model_lifecycle(&l->items[i])))
			l->items[kept++] = l->items[i];
	l->count = kept;
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
put_id(struct writer *w, const char *key, const struct model_item *it)
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
		model_write(w, r, &l->items[i]);
	write_end(w);
	write_member_bool(w, "has_more", backwards ? from > 0
	    : to < l->count);
	put_id(w, "first_id", from < to ? &l->items[from] : NULL);
	put_id(w, "last_id", from < to ? &l->items[to - 1] : NULL);
	write_end(w);
	return true;
}

static struct model_item *
find(const struct listing *l, struct slice id)
{
	for (size_t i = 0; i < l->count; i++)
		if (catalog_same_name(l->items[i].id, id))
			return &l->items[i];
	return NULL;
}

/*
 * By any name that leads to a model that the caller may use; it keeps the name
 * that it was asked by, unless that is its own in another spelling.
 */
static const struct model_item *
find_named(const struct page_request *r, const struct listing *l,
    struct slice id)
{
	struct model_item *it = find(l, id);
	struct slice suffix;
	const struct catalog_name *n = it ? NULL : catalog_find(r->config,
	    NULL, id, &suffix);

	if (it || !n)
		return it;
	it = find(l, slice_of(n->row->id));
	if (!it || it->row != n->row)
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
	const struct model_item *it;

	if (!url_decode(r->arena, id, &id))
		id = SLICE("");
	it = find_named(r, l, id);
	if (!it)
		fail_set(&answer->fail, r->arena, FAIL_NOT_FOUND, "model",
		    anthropic(r) ? "model: %.*s"
		    : "The model '%.*s' does not exist",
		    SLICE_FMT(slice_sub(id, 0, 200)));
	else
		model_write(w, r, it);
}

void
admin_models(const struct page_request *r, struct page_answer *answer)
{
	struct listing l = { .arena = r->arena };
	struct writer w = { .out = &answer->body };

	route_each_model(r->config, r->key, r->arena, gather, &l);
	sort(&l);
	answer->status = 200;
	answer->type = SLICE("application/json");
	if (anthropic(r) && slice_is(r->path, "/models"))
		keep_wanted(r, &l);
	if (!slice_is(r->path, "/models"))
		one(r, &l, &w, answer);
	else if (anthropic(r))
		(void)put_anthropic_list(&w, r, &l, &answer->fail);
	else if (gemini(r))
		(void)put_gemini_list(&w, r, &l, &answer->fail);
	else
		put_openai_list(&w, r, &l);
}
