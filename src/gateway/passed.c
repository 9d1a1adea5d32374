/*
 * The bytes of a stream that is only passed on: as they came, but for usage
 * that the gateway asked for in the client's place.
 *
 * Bytes go on when they come.  Only where a chunk must be taken out do they
 * wait for the end of their event: a client has no use for half of one.
 */
#include "gateway/exchange.h"

#include <string.h>

static bool
ends_event(struct slice piece)
{
	return slice_ends(piece, SLICE("\n\n")) ||
	    slice_ends(piece, SLICE("\r\n\r\n"));
}

static void
put(struct exchange *ex, struct slice bytes)
{
	if (ex->committed)
		buf_append(ex->answer.out, bytes);
	else
		buf_append(&ex->attempt.held, bytes);
}

/* ---- events ---- */

/* The end of the line at `from`, its line break included; 0: it has none. */
static size_t
line_end(struct slice text, size_t from)
{
	const char *at = text.ptr + from;
	const char *lf = memchr(at, '\n', text.len - from);
	const char *cr = memchr(at, '\r', lf ? (size_t)(lf - at) :
	    text.len - from);

	/* a CR alone is an end, too, if more is known to follow */
	if (cr && cr + 1 < text.ptr + text.len && cr[1] != '\n')
		return (size_t)(cr - text.ptr) + 1;
	return lf ? (size_t)(lf - text.ptr) + 1 : 0;
}

/* The end of the event that `text` begins with; 0: it is not all there. */
static size_t
event_end(struct slice text)
{
	size_t from = 0, end;

	while (from < text.len) {
		end = line_end(text, from);
		if (!end)
			return 0;
		if (text.ptr[from] == '\n' || text.ptr[from] == '\r')
			return end;
		from = end;
	}
	return 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Is this behind a key, and is the value an object? */
static bool
begins_object(struct slice rest)
{
	size_t i = 0;

	while (i < rest.len && (is_blank(rest.ptr[i]) || rest.ptr[i] == ':'))
		i++;
	return i < rest.len && rest.ptr[i] == '{';
}

/* Most chunks say "usage":null, if anything: they need no parser. */
static bool
may_tell_usage(struct slice events)
{
	static const struct slice key = SLICE_INIT("\"usage\"");
	size_t at;

	while ((at = slice_pair(events, '"', 'u')) != SIZE_MAX) {
		events = slice_skip(events, at);
		if (slice_starts(events, key) &&
		    begins_object(slice_skip(events, key.len)))
			return true;
		events = slice_skip(events, 2);
	}
	return false;
}

/* Is it a chunk of no choices that tells the usage, and nothing else? */
static bool
is_usage(struct exchange *ex, struct slice event)
{
	struct json doc;
	struct json_fault fault;
	struct jval chunk, choices;

	if (!may_tell_usage(event) ||
	    !slice_starts(event, SLICE("data:")) ||
	    !json_parse(&doc, &ex->scratch, slice_trim(slice_skip(event, 5)), 0,
	    &fault))
		return false;
	chunk = json_root(&doc);
	choices = jval_get(chunk, "choices");
	return jval_is(jval_get(chunk, "usage"), JSON_OBJECT) &&
	    jval_is(choices, JSON_ARRAY) && !jval_count(choices);
}

/* Put the whole events in `bytes` but for usage; returns how many bytes. */
static size_t
put_events(struct exchange *ex, struct slice bytes)
{
	size_t done = 0, from = 0, n;

	while ((n = event_end(slice_skip(bytes, done)))) {
		if (is_usage(ex, slice_sub(bytes, done, n))) {
			put(ex, slice_sub(bytes, from, done - from));
			from = done + n;
		}
		done += n;
	}
	put(ex, slice_sub(bytes, from, done - from));
	return done;
}

void
passed_take(struct exchange *ex, struct slice piece)
{
	struct attempt *a = &ex->attempt;
	size_t done;

	/* Whole events without usage, nearly all, need no look at each. */
	if (!ex->talk.usage_added || (!buf_len(&a->partial) &&
	    ends_event(piece) && !may_tell_usage(piece))) {
		put(ex, piece);
		a->at_boundary = ends_event(piece);
		return;
	}
	a->at_boundary = true;
	if (buf_len(&a->partial)) {
		buf_append(&a->partial, piece);
		done = put_events(ex, buf_slice(&a->partial));
		buf_take(&a->partial, done);
	} else {
		done = put_events(ex, piece);
		buf_append(&a->partial, slice_skip(piece, done));
	}
}

void
passed_end(struct exchange *ex)
{
	struct attempt *a = &ex->attempt;
	struct slice rest = buf_slice(&a->partial);

	if (rest.len && !is_usage(ex, rest)) {
		put(ex, rest);
		a->at_boundary = false;
	}
	buf_clear(&a->partial);
}
