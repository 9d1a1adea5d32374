#include "proto/args.h"

#include "json/check.h"
#include "json/scan.h"
#include "json/text.h"
#include "json/write.h"
#include "proto/gather.h"

static const struct slice empty_object = SLICE_INIT("{}");

static bool
is_json(struct slice text)
{
	uint32_t tokens;
	struct json_fault fault;

	return json_check(text, ARGS_DEPTH_MAX, &tokens, &fault);
}

static bool
is_object(struct slice text)
{
	return text.len && text.ptr[0] == '{' && is_json(text);
}

static struct slice
keep(struct arena *arena, struct buf *buf)
{
	struct slice kept = gather(arena, buf);

	return kept.len ? kept : empty_object;
}

/* {"key":json}, or {"key":"text"} if `json` is not there. */
static struct slice
wrap(struct arena *arena, const char *key, struct slice json,
    struct slice text)
{
	struct buf buf = { 0 };
	struct writer w = { .out = &buf };

	write_object(&w);
	write_key(&w, key);
	if (json.len)
		write_raw(&w, json);
	else
		write_string(&w, text);
	write_end(&w);
	return keep(arena, &buf);
}

/* A value that is JSON, but no object. */
static struct slice
of_value(struct arena *arena, struct slice json)
{
	struct slice inner;

	if (json.ptr[0] != '"')
		return wrap(arena, "value", json, json);
	inner = slice_trim(text_unescape(arena,
	    slice_sub(json, 1, json.len - 2)));
	if (is_object(inner))
		return inner;
	return wrap(arena, "value", json, json);
}

/* An object and then more, or the beginning of one; empty: neither. */
static struct slice
of_broken(struct arena *arena, struct slice text)
{
	struct scan scan = { 0 };
	size_t n = scan_feed(&scan, text);
	struct slice first = slice_sub(text, 0, n);
	struct slice rest = slice_trim(slice_skip(text, n));
	struct buf mended = { 0 };

	if (scan.complete && is_object(first))
		return slice_eq(first, empty_object) && is_object(rest) ?
		    rest : first;
	if (!scan.complete && scan_mend(text, &mended) &&
	    is_object(buf_slice(&mended)))
		return keep(arena, &mended);
	buf_free(&mended);
	return (struct slice){ 0 };
}

struct slice
args_object(struct arena *arena, struct slice plain)
{
	struct slice text = slice_trim(plain);
	struct slice found;

	if (!text.len || slice_is(text, "null"))
		return empty_object;
	if (is_object(text))
		return text;
	if (is_json(text))
		return of_value(arena, text);
	if (text.ptr[0] == '{') {
		found = of_broken(arena, text);
		if (found.len)
			return found;
	}
	return wrap(arena, "_raw_arguments", (struct slice){ 0 }, plain);
}
