#include "echo/archive.h"

#include "json/write.h"

enum { KEPT_MAX = 512 * 1024 };		/* of one answer: more is not kept */

/* ---- looking ---- */

static const struct kept *
find_answer(const struct archive *r, struct slice id)
{
	for (size_t i = 0; i < ARCHIVE_KEPT; i++)
		if (id.len && slice_eq(r->kept[i].id, id))
			return &r->kept[i];
	return NULL;
}

static struct jval
parse(struct arena *arena, struct slice text)
{
	struct json *doc = arena_alloc(arena, sizeof *doc);
	struct json_fault why;

	return doc && json_parse(doc, arena, text, 0, &why) ? json_root(doc)
	    : (struct jval){ 0 };
}

/* The item with this id, as JSON, or empty. */
static struct slice
find_item(const struct archive *r, struct arena *arena, struct slice id)
{
	for (size_t k = 0; k < ARCHIVE_KEPT; k++) {
		struct slice text = r->kept[k].items;
		struct jval items = { 0 };

		if (slice_find(text, id) != SIZE_MAX)
			items = parse(arena, text);
		for (struct jval i = jval_first(items); !jval_at_end(i);
		    i = jval_next(i))
			if (slice_eq(jval_get_text(i, "id"), id))
				return jval_raw(i);
	}
	return (struct slice){ 0 };
}

/* Does an item only name another? */
static bool
refers(struct jval item)
{
	struct jval type = jval_get(item, "type");

	return jval_text_is(type, "item_reference") || (!jval_ok(type) &&
	    !jval_ok(jval_get(item, "role")) &&
	    jval_get_text(item, "id").len);
}

/* ---- putting together ---- */

static bool
put_item(const struct archive *r, struct writer *w, struct jval item,
    struct fault *fault, struct arena *arena)
{
	struct slice id = jval_get_text(item, "id"), found;

	if (!refers(item)) {
		write_raw(w, jval_raw(item));
		return true;
	}
	found = find_item(r, arena, id);
	if (found.len) {
		write_raw(w, found);
		return true;
	}
	fault->status = 404;
	fault->param = SLICE("input");
	fault->message = arena_fmt(arena, "Item with id '%.*s' not found. "
	    "Items are not persisted when `store` is set to false. Try again "
	    "with `store` set to true, or remove this item from your input.",
	    SLICE_FMT(id));
	return false;
}

/* The request's own input, at the end of an array. */
static bool
put_input(const struct archive *r, struct writer *w, const struct prompt *a,
    struct fault *fault, struct arena *arena)
{
	if (jval_is(a->input, JSON_STRING)) {
		write_object(w);
		write_member_plain(w, "role", "user");
		write_member_raw(w, "content", jval_raw(a->input));
		write_end(w);
	}
	if (!jval_is(a->input, JSON_ARRAY))
		return true;
	for (struct jval i = jval_first(a->input); !jval_at_end(i);
	    i = jval_next(i))
		if (!put_item(r, w, i, fault, arena))
			return false;
	return true;
}

static bool
put_before(const struct archive *r, struct writer *w, struct slice id,
    struct fault *fault, struct arena *arena)
{
	const struct kept *k = find_answer(r, id);
	struct jval items = { 0 };

	if (!k) {
		fault->param = SLICE("previous_response_id");
		fault->code = SLICE("previous_response_not_found");
		fault->message = arena_fmt(arena, "Previous response with id "
		    "'%.*s' not found.", SLICE_FMT(id));
		return false;
	}
	items = parse(arena, k->items);
	for (struct jval i = jval_first(items); !jval_at_end(i);
	    i = jval_next(i))
		write_raw(w, jval_raw(i));
	return true;
}

static bool
put_all(const struct archive *r, struct buf *out, const struct prompt *a,
    struct fault *fault, struct arena *arena)
{
	struct slice before = jval_get_text(a->root, "previous_response_id");
	struct writer w = { .out = out };

	write_array(&w);
	if (before.ptr && !put_before(r, &w, before, fault, arena))
		return false;
	if (!put_input(r, &w, a, fault, arena))
		return false;
	write_end(&w);
	return true;
}

/* Is all that the request means in it? */
static bool
complete(const struct prompt *a)
{
	if (jval_ok(jval_get(a->root, "previous_response_id")))
		return false;
	if (jval_is(a->input, JSON_ARRAY))
		for (struct jval i = jval_first(a->input); !jval_at_end(i);
		    i = jval_next(i))
			if (refers(i))
				return false;
	return true;
}

bool
archive_resolve(const struct archive *r, struct prompt *a, struct fault *fault,
    struct arena *arena)
{
	struct buf out = { 0 };
	bool found;

	if (complete(a))
		return true;
	found = put_all(r, &out, a, fault, arena);
	if (found)
		a->input = parse(arena, arena_dup(arena, buf_slice(&out)));
	arena->failed |= out.failed;
	buf_free(&out);
	return found;
}

void
archive_keep(struct archive *r, const struct prompt *a, struct slice id,
    struct slice items)
{
	struct kept *k = &r->kept[r->next];
	struct writer w = { .out = &k->text };
	struct slice text;
	size_t begin = id.len;

	buf_clear(&k->text);
	k->text.limit = KEPT_MAX;
	k->id = k->items = (struct slice){ 0 };
	buf_append(&k->text, id);
	write_array(&w);
	/* no reference is left in it: it cannot fail */
	(void)put_input(r, &w, a, NULL, NULL);
	write_raw(&w, items);
	write_end(&w);
	text = buf_slice(&k->text);
	if (k->text.failed) {
		buf_free(&k->text);
		return;
	}
	k->id = slice_sub(text, 0, begin);
	k->items = slice_skip(text, begin);
	r->next = (r->next + 1) % ARCHIVE_KEPT;
}

void
archive_free(struct archive *r)
{
	for (size_t i = 0; i < ARCHIVE_KEPT; i++)
		buf_free(&r->kept[i].text);
	*r = (struct archive){ 0 };
}
