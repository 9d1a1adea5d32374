#include "proto/responses/recall.h"

#include "base/hash.h"
#include "json/text.h"
#include "json/write.h"
#include "proto/gather.h"

enum { IDS_MAX = 256, ID_SHOWN = 96, ID_DIGITS = 48 };

bool
recall_keeps(struct jval body)
{
	return !jval_is(jval_get(body, "store"), JSON_FALSE);
}

/* ---- records ---- */

static struct jval
parse(struct arena *arena, struct slice text)
{
	struct json *doc = arena_alloc(arena, sizeof *doc);
	struct json_fault fault;

	if (!doc || !json_parse(doc, arena, text, 0, &fault))
		return (struct jval){ 0 };
	return json_root(doc);
}

static struct jval
find_in(struct jval items, struct slice id)
{
	struct jval v;

	if (jval_is(items, JSON_ARRAY))
		for (v = jval_first(items); !jval_at_end(v); v = jval_next(v))
			if (slice_eq(jval_get_text(v, "id"), id))
				return v;
	return (struct jval){ 0 };
}

bool
recall_is(struct arena *arena, struct slice record, struct slice id)
{
	struct jval response = jval_get(parse(arena, record), "response");

	return id.len && slice_eq(jval_get_text(response, "id"), id);
}

struct slice
recall_response(struct arena *arena, struct slice record)
{
	return jval_raw(jval_get(parse(arena, record), "response"));
}

/*
 * An item as it was, in the form that answers have: with an id if it had none,
 * and its text as a list of parts.
 */
static void
write_item(struct arena *arena, struct jval v, struct slice response,
    unsigned i, struct writer *w)
{
	struct splice splice = { .text = jval_raw(v), .arena = arena };
	struct jval content = jval_get(v, "content");
	bool said = slice_is(jval_get_text(v, "role"), "assistant");
	struct buf out = { 0 };

	if (!jval_get_text(v, "id").len && jval_count(v))
		splice_set(&splice, v, "id", arena_fmt(arena, "\"item_%.*s\"",
		    SLICE_FMT(sha256_hex(arena, arena_fmt(arena, "%.*s/%u",
		    SLICE_FMT(response), i), ID_DIGITS))));
	if (jval_is(content, JSON_STRING))
		splice_value(&splice, content, arena_fmt(arena,
		    "[{\"type\":\"%s\",\"text\":%.*s}]", said ? "output_text"
		    : "input_text", SLICE_FMT(jval_raw(content))));
	splice_write(&splice, &out);
	write_min(w, gather(arena, &out));
	buf_free(&out);
}

static struct slice
list_id(struct arena *arena, struct slice list, bool first)
{
	struct jval v = parse(arena, list), last = { 0 };

	for (v = jval_first(v); !jval_at_end(v); v = jval_next(v)) {
		last = v;
		if (first)
			break;
	}
	return jval_get_text(last, "id");
}

void
recall_items(struct arena *arena, struct slice record, bool ascending,
    struct buf *out)
{
	struct jval root = parse(arena, record);
	struct jval input = jval_get(root, "input"), v;
	struct slice id = jval_get_text(jval_get(root, "response"), "id");
	size_t n = jval_count(input), i = 0;
	struct jval *items = arena_array(arena, n + 1, sizeof *items);
	struct buf list = { 0 };
	struct writer w = { .out = &list };
	struct slice data;

	if (!items) {
		out->failed = true;
		return;
	}
	for (v = jval_first(input); i < n; v = jval_next(v))
		items[i++] = v;
	write_array(&w);
	for (i = 0; i < n; i++) {
		size_t at = ascending ? i : n - 1 - i;

		write_item(arena, items[at], id, (unsigned)at, &w);
	}
	write_end(&w);
	data = gather(arena, &list);
	w = (struct writer){ .out = out };
	write_object(&w);
	write_member_plain(&w, "object", "list");
	write_member_raw(&w, "data", data);
	if (n) {
		write_member_text(&w, "first_id", list_id(arena, data, true));
		write_member_text(&w, "last_id", list_id(arena, data, false));
	} else {
		write_member_null(&w, "first_id");
		write_member_null(&w, "last_id");
	}
	write_member_bool(&w, "has_more", false);
	write_end(&w);
}

void
recall_deleted(struct slice id, struct buf *out)
{
	struct writer w = { .out = out };

	write_object(&w);
	write_member_text(&w, "id", id);
	write_member_plain(&w, "object", "response");
	write_member_bool(&w, "deleted", true);
	write_end(&w);
}

bool
recall_missing(struct talk *talk, struct slice id)
{
	return fail_set(&talk->fail, talk->arena, FAIL_NOT_FOUND, "response_id",
	    "Response with id '%.*s' not found.",
	    SLICE_FMT(slice_sub(id, 0, ID_SHOWN)));
}

/* ---- resolving ---- */

struct resolver {
	struct talk	*talk;
	const struct recall *recall;
	struct writer	 w;		/* the array of all items */
	struct buf	 items;
	bool		 referred;	/* there was something to resolve */
};

static bool
find(struct resolver *r, struct slice id, struct jval *root)
{
	struct slice record;

	if (!r->recall || !r->recall->find(r->recall->arg, id,
	    r->talk->arena, &record))
		return false;
	*root = parse(r->talk->arena, record);
	return jval_ok(*root);
}

static enum recall_result
miss_previous(struct resolver *r, struct slice id)
{
	struct fail *f = &r->talk->fail;

	fail_set(f, r->talk->arena, FAIL_INVALID, "previous_response_id",
	    "Previous response with id '%.*s' not found.",
	    SLICE_FMT(slice_sub(id, 0, ID_SHOWN)));
	f->code = SLICE("previous_response_not_found");
	return RECALL_MISS;
}

static enum recall_result
miss_item(struct resolver *r, struct slice id)
{
	fail_set(&r->talk->fail, r->talk->arena, FAIL_NOT_FOUND, "input",
	    "Item with id '%.*s' not found. Items are not persisted when "
	    "`store` is set to false. Try again with `store` set to true, or "
	    "remove this item from your input.",
	    SLICE_FMT(slice_sub(id, 0, ID_SHOWN)));
	return RECALL_MISS;
}

static void
write_all(struct resolver *r, struct jval items)
{
	struct jval v;

	if (jval_is(items, JSON_ARRAY))
		for (v = jval_first(items); !jval_at_end(v); v = jval_next(v))
			write_raw(&r->w, jval_raw(v));
}

/* All responses from the first of the conversation to the one of that id. */
static enum recall_result
write_chain(struct resolver *r, struct slice id)
{
	struct slice asked = id;
	struct jval *chain;
	size_t n = 0;

	if (!id.len)
		return RECALL_NOTHING;
	r->referred = true;
	chain = arena_array(r->talk->arena, RECALL_CHAIN_MAX, sizeof *chain);
	if (!chain)
		return RECALL_FAILED;
	for (; id.len; n++) {
		struct jval response;

		if (n == RECALL_CHAIN_MAX || !find(r, id, &chain[n]))
			return miss_previous(r, asked);
		response = jval_get(chain[n], "response");
		if (!slice_eq(jval_get_text(response, "id"), id))
			return miss_previous(r, asked);
		id = jval_get_text(response, "previous_response_id");
	}
	while (n--) {
		write_all(r, jval_get(chain[n], "input"));
		write_all(r, jval_get2(chain[n], "response", "output"));
	}
	return RECALL_DONE;
}

static bool
is_reference(struct jval v)
{
	struct jval type = jval_get(v, "type");

	if (jval_ok(type))
		return jval_text_is(type, "item_reference");
	return !jval_ok(jval_get(v, "role")) && jval_ok(jval_get(v, "id"));
}

static enum recall_result
write_reference(struct resolver *r, struct jval v, struct writer *w)
{
	struct slice id = jval_get_text(v, "id");
	struct jval root, item;

	r->referred = true;
	if (!id.len || !find(r, id, &root))
		return miss_item(r, id);
	item = find_in(jval_get2(root, "response", "output"), id);
	if (!jval_ok(item))
		item = find_in(jval_get(root, "input"), id);
	if (!jval_ok(item))
		return miss_item(r, id);
	write_raw(w, jval_raw(item));
	return RECALL_DONE;
}

/* The items of this request as an array, into talk->own_input. */
static enum recall_result
own_items(struct resolver *r, struct jval input)
{
	struct arena *arena = r->talk->arena;
	enum recall_result got = RECALL_DONE;
	struct buf out = { .limit = RECALL_BYTES_MAX };
	struct writer w = { .out = &out };
	struct jval v;

	write_array(&w);
	if (jval_is(input, JSON_STRING)) {
		write_object(&w);
		write_member_plain(&w, "type", "message");
		write_member_plain(&w, "role", "user");
		write_member_text(&w, "content", jval_text(input));
		write_end(&w);
	} else if (jval_is(input, JSON_ARRAY)) {
		for (v = jval_first(input); !jval_at_end(v) &&
		    got == RECALL_DONE; v = jval_next(v))
			if (is_reference(v))
				got = write_reference(r, v, &w);
			else
				write_raw(&w, jval_raw(v));
	}
	write_end(&w);
	if (out.failed)
		got = RECALL_FAILED;
	if (got == RECALL_DONE)
		r->talk->own_input = gather(arena, &out);
	buf_free(&out);
	return got;
}

static bool
refers(struct jval body)
{
	struct jval input = jval_get(body, "input"), v;

	if (jval_get_text(body, "previous_response_id").len)
		return true;
	if (jval_is(input, JSON_ARRAY))
		for (v = jval_first(input); !jval_at_end(v); v = jval_next(v))
			if (is_reference(v))
				return true;
	return false;
}

/* The body with other items; what else it says stays as it came. */
static bool
write_body(struct resolver *r, struct jval body, struct buf *out)
{
	struct arena *arena = r->talk->arena;
	struct splice splice = { .text = jval_raw(body), .arena = arena };
	struct slice own = r->talk->own_input;
	struct slice items = gather(arena, &r->items);

	/* Both are arrays: one goes on where the other ends. */
	if (items.len > 2 && own.len > 2)
		items = arena_join(arena, (struct slice[]){
		    slice_sub(items, 0, items.len - 1), SLICE(","),
		    slice_skip(own, 1) }, 3);
	else if (own.len > 2)
		items = own;
	splice_set(&splice, body, "input", items);
	splice_write(&splice, out);
	return !out->failed && !arena->failed;
}

enum recall_result
recall_resolve(struct talk *talk, struct jval body,
    const struct recall *recall, struct buf *out)
{
	struct resolver r = { .talk = talk, .recall = recall };
	enum recall_result got;

	if (!talk->keep && !refers(body))
		return RECALL_NOTHING;
	got = own_items(&r, jval_get(body, "input"));
	r.items.limit = RECALL_BYTES_MAX;
	r.w.out = &r.items;
	write_array(&r.w);
	if (got == RECALL_DONE)
		got = write_chain(&r,
		    jval_get_text(body, "previous_response_id"));
	write_end(&r.w);
	if (r.items.failed)
		got = RECALL_FAILED;
	if (got == RECALL_NOTHING && r.referred)
		got = RECALL_DONE;
	if (got == RECALL_DONE && !write_body(&r, body, out))
		got = RECALL_FAILED;
	buf_free(&r.items);
	if (got == RECALL_FAILED)
		fail_set(&talk->fail, talk->arena, FAIL_TOO_LARGE, "input",
		    "The conversation is too long to be put together.");
	talk->recalled = got == RECALL_DONE;
	return got;
}

/* ---- keeping ---- */

static void
add_ids(struct jval items, struct slice *ids, size_t *count)
{
	struct jval v;

	if (!jval_is(items, JSON_ARRAY))
		return;
	for (v = jval_first(items); !jval_at_end(v) && *count < IDS_MAX;
	    v = jval_next(v))
		if (jval_get_text(v, "id").len)
			ids[(*count)++] = jval_get_text(v, "id");
}

bool
recall_record(struct talk *talk, struct buf *record,
    const struct slice **ids, size_t *count)
{
	struct writer w = { .out = record };
	struct slice *list = arena_array(talk->arena, IDS_MAX, sizeof *list);

	if (!talk->keep || !talk->kept_id.len || !list ||
	    !talk->own_input.len)
		return false;
	write_object(&w);
	write_member_raw(&w, "input", talk->own_input);
	write_member_raw(&w, "response", talk->kept);
	write_end(&w);
	*count = 0;
	list[(*count)++] = talk->kept_id;
	add_ids(jval_get(parse(talk->arena, talk->kept), "output"), list,
	    count);
	add_ids(parse(talk->arena, talk->own_input), list, count);
	*ids = list;
	return !record->failed && !talk->arena->failed;
}
