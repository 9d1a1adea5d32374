/*
 * Spans are kept in the order of the text and never overlap.  Commas are
 * settled when the copy is written, because which one must go depends on what
 * else was edited beside it:
 *
 *	SPAN_DROP	an item up to the start of the next one, comma included
 *	SPAN_DROP_LAST	an item that was its container's last; a comma that
 *			now ends the copy goes too
 *	SPAN_ADD	a member at the object's end; a comma comes before it
 *			unless the copy ends with the opening brace
 *	SPAN_VALUE	the bytes of one value
 */
#include "json/splice.h"

#include <string.h>

#include "json/text.h"

static size_t
offset(const struct splice *s, struct jval v)
{
	struct slice raw = jval_raw(v);

	CHECK(raw.ptr >= s->text.ptr && raw.len <= s->text.len &&
	    (size_t)(raw.ptr - s->text.ptr) <= s->text.len - raw.len);
	return (size_t)(raw.ptr - s->text.ptr);
}

static size_t
offset_end(const struct splice *s, struct jval v)
{
	return offset(s, v) + jval_raw(v).len;
}

/* Do both say the same about the same place?  Then the later one counts. */
static bool
same_place(const struct span *a, const struct span *b)
{
	return a->kind == b->kind && a->from == b->from && a->to == b->to &&
	    slice_eq(a->key, b->key);
}

/* Room for one more span; NULL: there is none. */
static struct span *
make_room(struct splice *s)
{
	size_t cap = s->cap ? 2 * s->cap : 2 * SPLICE_MAX;
	struct span *grown;

	if (s->count < (s->many ? s->cap : SPLICE_MAX))
		return s->many ? s->many : s->few;
	if (!s->arena || cap > SIZE_MAX / 2 / sizeof *grown)
		return NULL;
	grown = s->many ? arena_resize(s->arena, s->many,
	    s->cap * sizeof *grown, cap * sizeof *grown) :
	    arena_array(s->arena, cap, sizeof *grown);
	if (!grown)
		return NULL;
	if (!s->many)
		memcpy(grown, s->few, sizeof s->few);
	s->many = grown;
	s->cap = cap;
	return grown;
}

/* Edits mostly come in the order of the text: it is searched from its end. */
static void
add_span(struct splice *s, struct span span)
{
	struct span *list = s->many ? s->many : s->few;
	size_t i = s->count;

	while (i && list[i - 1].from > span.from)
		i--;
	for (size_t k = i; k && list[k - 1].from == span.from; k--) {
		if (same_place(&list[k - 1], &span)) {
			list[k - 1] = span;
			return;
		}
	}
	list = make_room(s);
	if (!list || (i && list[i - 1].to > span.from) ||
	    (i < s->count && span.to > list[i].from)) {
		s->failed = true;
		return;
	}
	memmove(&list[i + 1], &list[i], (s->count - i) * sizeof *list);
	list[i] = span;
	s->count++;
}

void
splice_value(struct splice *s, struct jval value, struct slice with)
{
	add_span(s, (struct span){
		.kind = SPAN_VALUE,
		.from = offset(s, value),
		.to = offset_end(s, value),
		.with = with,
	});
}

static void
insert(struct splice *s, size_t at, struct slice with)
{
	add_span(s, (struct span){
		.kind = SPAN_VALUE, .from = at, .to = at, .with = with,
	});
}

void
splice_before(struct splice *s, struct jval item, struct slice with)
{
	insert(s, offset(s, item), with);
}

void
splice_after(struct splice *s, struct jval item, struct slice with)
{
	insert(s, offset_end(s, item), with);
}

void
splice_remove(struct splice *s, struct jval obj, const char *key)
{
	if (!jval_is(obj, JSON_OBJECT))
		return;
	for (struct jval k = jval_first(obj); !jval_at_end(k); k = jval_next(k))
		if (jval_text_is(k, key))
			splice_drop(s, obj, k);
}

void
splice_drop(struct splice *s, struct jval container, struct jval item)
{
	struct jval next = jval_next(item);
	struct span span = { .kind = SPAN_DROP, .from = offset(s, item) };

	if (!jval_at_end(next)) {
		span.to = offset(s, next);
	} else {
		span.kind = SPAN_DROP_LAST;
		span.to = offset_end(s, jval_is(container, JSON_OBJECT) ?
		    jval_value(item) : item);
	}
	add_span(s, span);
}

/* Where a new member of `obj` goes: behind the last one, or the brace. */
static size_t
tail_of(const struct splice *s, struct jval obj)
{
	size_t at = offset(s, obj) + 1;

	for (struct jval k = jval_first(obj); !jval_at_end(k); k = jval_next(k))
		at = offset_end(s, jval_value(k));
	return at;
}

void
splice_set(struct splice *s, struct jval obj, const char *key,
    struct slice json)
{
	struct jval value = jval_get_null(obj, key);
	size_t tail;

	if (!jval_at_end(value)) {
		splice_value(s, value, json);
		return;
	}
	if (!jval_is(obj, JSON_OBJECT)) {
		s->failed = true;
		return;
	}
	tail = tail_of(s, obj);
	add_span(s, (struct span){
		.kind = SPAN_ADD,
		.from = tail,
		.to = tail,
		.key = slice_of(key),
		.with = json,
	});
}

bool
splice_covers(const struct splice *s, struct jval value)
{
	const struct span *list = s->many ? s->many : s->few;
	size_t from = offset(s, value), to = offset_end(s, value);

	for (size_t i = 0; i < s->count; i++)
		if (list[i].from <= from && list[i].to >= to)
			return true;
	return false;
}

/* The last byte of the copy that is not blank, as its length up to there. */
static size_t
solid_len(const struct buf *out)
{
	struct slice all = buf_slice(out);

	while (all.len && slice_blank(slice_skip(all, all.len - 1)))
		all.len--;
	return all.len;
}

/* A comma that nothing follows any more goes, and the blanks after it. */
static void
drop_comma(struct buf *out)
{
	size_t len = solid_len(out);

	if (len && buf_slice(out).ptr[len - 1] == ',')
		buf_trunc(out, len - 1);
}

static void
put_member(struct buf *out, const struct span *span)
{
	size_t len = solid_len(out);

	if (len && buf_slice(out).ptr[len - 1] != '{')
		buf_byte(out, ',');
	buf_byte(out, '"');
	buf_append(out, span->key);
	buf_text(out, "\":");
	buf_append(out, span->with);
}

static void
put_span(struct buf *out, const struct span *span)
{
	switch (span->kind) {
	case SPAN_VALUE:
		buf_append(out, span->with);
		break;
	case SPAN_ADD:
		put_member(out, span);
		break;
	case SPAN_DROP:
		break;
	case SPAN_DROP_LAST:
		drop_comma(out);
		break;
	}
}

void
splice_write(const struct splice *s, struct buf *out)
{
	const struct span *list = s->many ? s->many : s->few;
	size_t at = 0;

	if (s->failed) {
		out->failed = true;
		return;
	}
	for (size_t i = 0; i < s->count; i++) {
		const struct span *span = &list[i];

		buf_append(out, slice_sub(s->text, at, span->from - at));
		put_span(out, span);
		at = span->to;
	}
	buf_append(out, slice_skip(s->text, at));
}
