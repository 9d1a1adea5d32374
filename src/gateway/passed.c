/*
 * The bytes of a stream that is only passed on: as they came, but for usage
 * that the gateway asked for in the client's place, and for usage that the
 * client asked for and the provider left out.
 *
 * Bytes go on when they come.  Only where a chunk must be taken out or put in
 * do they wait for the end of their event: a client has no use for half of
 * one.  Where one may have to be put in, the stream's last event waits in
 * `partial` until the source has read all before it.
 */
#include "gateway/exchange.h"

#include <string.h>

static bool
ends_event(struct slice piece)
{
	return slice_ends(piece, SLICE("\n\n")) ||
	    slice_ends(piece, SLICE("\r\n\r\n"));
}

enum { SMALL = 1024 };			/* a first event, or a comment */

/* What comes at once and is a lot does not grow its memory by and by. */
static void
hold(struct exchange *ex, struct slice bytes)
{
	struct buf *held = &ex->attempt.held;

	if (!held->cap && bytes.len > SMALL &&
	    !loop_block(ex->worker->loop, held))
		held->failed = true;
	buf_append(held, bytes);
}

static void
put(struct exchange *ex, struct slice bytes)
{
	if (ex->committed)
		buf_append(ex->answer.out, bytes);
	else
		hold(ex, bytes);
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

static bool
is_last(struct slice event)
{
	return slice_starts(event, SLICE("data:")) &&
	    slice_is(slice_trim(slice_skip(event, 5)), "[DONE]");
}

/*
 * Put the whole events in `bytes` but for usage, up to the last of the stream
 * if that must wait; returns how many bytes.
 */
static size_t
put_events(struct exchange *ex, struct slice bytes)
{
	size_t done = 0, from = 0, n;

	while ((n = event_end(slice_skip(bytes, done)))) {
		struct slice event = slice_sub(bytes, done, n);

		if (ex->attempt.tailed && is_last(event))
			break;
		if (ex->talk.usage_added && is_usage(ex, event)) {
			put(ex, slice_sub(bytes, from, done - from));
			from = done + n;
		}
		done += n;
	}
	put(ex, slice_sub(bytes, from, done - from));
	return done;
}

/* Whole events of which none is looked for, as nearly all are? */
static bool
is_plain(const struct exchange *ex, struct slice piece)
{
	if (!ends_event(piece))
		return false;
	if (ex->attempt.tailed)
		return slice_find(piece, SLICE("[DONE]")) == SIZE_MAX;
	return !may_tell_usage(piece);
}

struct sink *
passed_sink(struct exchange *ex)
{
	struct attempt *a = &ex->attempt;
	struct talk *talk = &ex->talk;
	struct sink *to = NULL;

	if (a->sse && talk->usage_owed && talk->client->sink_usage)
		to = talk->client->sink_usage(talk, &a->tail);
	a->tailed = to != NULL;
	return to;
}

void
passed_take(struct exchange *ex, struct slice piece)
{
	struct attempt *a = &ex->attempt;
	size_t done;

	if ((!ex->talk.usage_added && !a->tailed) ||
	    (!buf_len(&a->partial) && is_plain(ex, piece))) {
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
	struct slice tail = buf_slice(&a->tail);

	if (ex->talk.usage_added && is_usage(ex, rest))
		rest.len = 0;
	/* one that ends without a blank line was the last all the same */
	if (tail.len && rest.len && !is_last(rest)) {
		put(ex, rest);
		put(ex, SLICE("\n\n"));
		rest.len = 0;
	}
	put(ex, tail);
	put(ex, rest);
	if (rest.len || tail.len)
		a->at_boundary = !rest.len || ends_event(rest);
	buf_clear(&a->partial);
	buf_clear(&a->tail);
}
