/*
 * First all texts are gathered, then results that came before are found, then
 * each text is replaced by what it comes to, in the order of the request.
 *
 * A result may lean on an earlier one only if a model that is told of that
 * call cannot take another result for it: the call is named with all its
 * arguments, and its latest result above is the one that is meant.
 */
#include "proto/compress.h"

#include <stdlib.h>
#include <string.h>

#include "json/write.h"
#include "proto/compress_text.h"
#include "proto/compress_walk.h"
#include "proto/gather.h"

enum {
	REPEAT_MIN = 512,	/* a shorter text may come again */
	NAMED_MAX = 256,	/* of a call's id, name and arguments */
	/* bytes of memory for a byte of the request */
	MEMORY_PER_BYTE = 8,
	MEMORY_MIN = 1 << 20,
};

struct shortening {
	struct arena	 arena;
	struct compress_walk walk;
	unsigned	 kinds;
	struct splice	 splice;
	struct compressed done;
};

/* ---- what came before ---- */

struct key {
	struct slice	 first, second;
	uint32_t	 at;
};

static int
compare_slices(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return a.len ? memcmp(a.ptr, b.ptr, a.len) : 0;
}

static int
compare_keys(const void *x, const void *y)
{
	const struct key *a = x, *b = y;
	int order = compare_slices(a->first, b->first);

	return order ? order : compare_slices(a->second, b->second);
}

/*
 * Give each of the keys a number, the same to those that are equal.  By
 * sorting: nobody can choose texts that make it slow.
 */
static void
number_keys(struct key *keys, size_t count, uint32_t *numbers)
{
	uint32_t number = 0;

	if (count)
		qsort(keys, count, sizeof *keys, compare_keys);
	for (size_t i = 0; i < count; i++) {
		if (i && compare_keys(&keys[i - 1], &keys[i]))
			number++;
		numbers[keys[i].at] = number;
	}
}

static struct slice
text_of(const struct shortening *s, uint32_t result)
{
	return jval_raw(s->walk.texts[s->walk.results[result].text].value);
}

/* Which results have the same text, and which calls ask for the same. */
static void
number_results(struct shortening *s, struct key *keys, uint32_t *texts,
    uint32_t *calls)
{
	const struct compress_walk *w = &s->walk;
	size_t n = 0;

	memset(texts, 0xff, w->result_count * sizeof *texts);	/* NONE */
	memset(calls, 0xff, w->result_count * sizeof *calls);
	for (uint32_t i = 0; i < w->result_count; i++)
		if (w->results[i].text != COMPRESS_NONE &&
		    text_of(s, i).len >= REPEAT_MIN)
			keys[n++] = (struct key){ .first = text_of(s, i),
			    .at = i };
	number_keys(keys, n, texts);
	n = 0;
	for (uint32_t i = 0; i < w->result_count; i++) {
		const struct compress_call *call;

		if (w->results[i].call == COMPRESS_NONE)
			continue;
		call = &w->calls[w->results[i].call];
		keys[n++] = (struct key){ call->name, jval_raw(call->args),
		    i };
	}
	number_keys(keys, n, calls);
}

/* The words that take the place of a result, as JSON; empty: there are none. */
static struct slice
refer(struct shortening *s, const struct compress_call *call, bool object)
{
	struct slice args = jval_raw(call->args);

	if (!call->name.len ||
	    call->id.len + call->name.len + args.len > NAMED_MAX)
		return (struct slice){ 0 };
	args = jval_is(call->args, JSON_STRING) ? jval_text(call->args) :
	    gather_escaped_json(&s->arena, args);
	return arena_join(&s->arena, (const struct slice[]){
	    object ? SLICE("{\"output\":\"") : SLICE("\""),
	    SLICE("[Same as the result of "),
	    call->id.len ? SLICE("call ") : SLICE("the call"), call->id,
	    SLICE(" above: "), call->name, SLICE(" "), args,
	    object ? SLICE("]\"}") : SLICE("]\"") }, 9);
}

/* Tell `result` by the earlier one; false: it stays as it is. */
static bool
replace(struct shortening *s, uint32_t earlier, uint32_t result)
{
	struct compress_walk *w = &s->walk;
	struct compress_text *text = &w->texts[w->results[result].text];
	struct slice with = refer(s, &w->calls[w->results[earlier].call],
	    jval_is(text->value, JSON_OBJECT));

	if (!with.len || with.len >= jval_raw(text->value).len)
		return false;
	text->with = with;
	return true;
}

/*
 * full[t]: the last result that has text t, and has it whole; latest[c]: the
 * text that call c was last answered with.
 */
static void
find_repeats(struct shortening *s)
{
	const struct compress_walk *w = &s->walk;
	size_t n = w->result_count;
	struct key *keys = arena_array(&s->arena, n + 1, sizeof *keys);
	uint32_t *texts = arena_array(&s->arena, n + 1, 4 * sizeof *texts);
	uint32_t *calls, *full, *latest;

	if (!keys || !texts)
		return;
	calls = texts + n;
	full = calls + n;
	latest = full + n;
	number_results(s, keys, texts, calls);
	memset(full, 0xff, 2 * n * sizeof *full);		/* NONE */
	for (uint32_t i = 0; i < n; i++) {
		uint32_t t = texts[i], c = calls[i], earlier;

		if (c == COMPRESS_NONE)
			continue;
		earlier = t == COMPRESS_NONE ? t : full[t];
		if (earlier != COMPRESS_NONE &&
		    (w->results[earlier].epoch != w->results[i].epoch ||
		    latest[calls[earlier]] != t || !replace(s, earlier, i)))
			earlier = COMPRESS_NONE;
		if (t != COMPRESS_NONE && earlier == COMPRESS_NONE)
			full[t] = i;
		latest[c] = t;
	}
}

/* ---- texts ---- */

static struct slice
quote(struct shortening *s, struct slice text)
{
	return arena_join(&s->arena, (const struct slice[]){ SLICE("\""), text,
	    SLICE("\"") }, 3);
}

static struct slice
shorten_text(struct shortening *s, struct slice text)
{
	bool is_json = false;
	struct slice now = text;

	if (s->kinds & COMPRESS_JSON)
		now = compress_text_json(&s->arena, text, &is_json);
	if (!is_json && s->kinds & COMPRESS_BLANKS)
		now = compress_text_blanks(&s->arena, text);
	return now;
}

/*
 * An object of Gemini's: what stands between its members no model gets to see;
 * their texts are what tools said.
 */
static struct slice
shorten_object(struct shortening *s, struct jval object)
{
	struct buf out = { 0 };
	struct writer w = { .out = &out };

	if (!(s->kinds & (COMPRESS_JSON | COMPRESS_BLANKS)))
		return jval_raw(object);
	write_object(&w);
	for (struct jval k = jval_first(object); !jval_at_end(k);
	    k = jval_next(k)) {
		struct jval v = jval_value(k);

		write_key_text(&w, jval_text(k));
		if (jval_is(v, JSON_STRING))
			write_text(&w, shorten_text(s, jval_text(v)));
		else
			write_min(&w, jval_raw(v));
	}
	write_end(&w);
	return gather(&s->arena, &out);
}

static struct slice
shorten(struct shortening *s, struct jval value)
{
	struct slice text = jval_text(value), now;

	if (jval_is(value, JSON_OBJECT))
		return shorten_object(s, value);
	now = shorten_text(s, text);
	return now.len < text.len ? quote(s, now) : jval_raw(value);
}

static void
measure(struct tally *tally, struct slice json, bool object)
{
	if (object)
		estimate_add_json(tally, json);
	else
		estimate_add(tally, slice_sub(json, 1, json.len - 2));
}

/* What stands in the place of a text is noted, and what that spares. */
static void
put(struct shortening *s, const struct compress_text *text)
{
	struct slice old = jval_raw(text->value);
	struct slice with = text->with.len ? text->with :
	    shorten(s, text->value);
	bool object = jval_is(text->value, JSON_OBJECT);
	struct tally before = { 0 }, after = { 0 };

	if (with.len >= old.len || s->arena.failed)
		return;
	splice_value(&s->splice, text->value, with);
	s->done.saved += old.len - with.len;
	measure(&before, old, object);
	measure(&after, with, object);
	if (before.plain > after.plain)
		s->done.tally.plain += before.plain - after.plain;
	if (before.foreign > after.foreign)
		s->done.tally.foreign += before.foreign - after.foreign;
}

int
compress_request(enum protocol_id protocol, struct jval body, unsigned kinds,
    struct buf *out, struct compressed *done)
{
	struct shortening s = { .kinds = kinds };
	int result = 0;

	s.arena.limit = body.doc->text.len * MEMORY_PER_BYTE + MEMORY_MIN;
	s.splice.text = body.doc->text;
	s.splice.arena = &s.arena;
	compress_walk(&s.walk, &s.arena, protocol, body);
	if (kinds & COMPRESS_REPEATS && !s.walk.forgets && !s.arena.failed)
		find_repeats(&s);
	for (uint32_t i = 0; i < s.walk.text_count && !s.arena.failed; i++)
		put(&s, &s.walk.texts[i]);
	if (s.done.saved && !s.arena.failed && !s.splice.failed) {
		splice_write(&s.splice, out);
		*done = s.done;
		result = 1;
	}
	if (s.arena.failed || s.splice.failed || out->failed)
		result = -1;
	arena_reset(&s.arena);
	return result;
}
