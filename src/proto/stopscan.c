#include "proto/stopscan.h"

#include <string.h>

#include "json/text.h"

struct match {
	const struct ir_text *stop;	/* NULL: none */
	size_t		 from, to;
};

/* The match that ends first; of several the longest. */
static struct match
find_match(const struct stopscan *s, struct slice text)
{
	struct match best = { NULL, 0, SIZE_MAX };

	for (const struct ir_text *t = s->stops; t; t = t->next) {
		size_t from = slice_find(text, t->text);
		size_t to = from == SIZE_MAX ? from : from + t->text.len;

		if (to < best.to || (best.stop && to == best.to &&
		    from < best.from))
			best = (struct match){ t, from, to };
	}
	return best;
}

/* How many bytes at the end of `text` may be the beginning of `stop`. */
static size_t
overlap(struct slice text, struct slice stop)
{
	size_t n = stop.len - 1 < text.len ? stop.len - 1 : text.len;

	while (n && memcmp(text.ptr + text.len - n, stop.ptr, n))
		n--;
	return n;
}

static void
put_plain(struct stopscan *s, struct slice plain)
{
	struct ir_event ev = { .type = IR_DELTA };

	if (!plain.len)
		return;
	ev.text = text_escape(s->scratch, plain);
	s->sink.next->put(s->sink.next, &ev);
}

static void
stop_here(struct stopscan *s, const struct ir_text *stop)
{
	struct ir_event ev = {
		.type = IR_STOP,
		.stop = IR_STOP_SEQUENCE,
		.sequence = text_escape(s->scratch, stop->text),
		.usage = ir_usage_none(),
	};

	s->over = true;
	s->sink.next->put(s->sink.next,
	    &(struct ir_event){ .type = IR_CLOSE });
	s->sink.next->put(s->sink.next, &ev);
}

static void
scan(struct stopscan *s, struct slice text)
{
	struct slice both[2] = { gather_text(&s->held),
	    text_unescape(s->scratch, text) };
	struct slice all = arena_join(s->scratch, both, 2);
	struct match match = find_match(s, all);
	size_t keep = 0;

	gather_clear(&s->held);
	if (match.stop) {
		put_plain(s, slice_sub(all, 0, match.from));
		stop_here(s, match.stop);
		return;
	}
	for (const struct ir_text *t = s->stops; t; t = t->next) {
		size_t n = overlap(all, t->text);

		keep = n > keep ? n : keep;
	}
	put_plain(s, slice_sub(all, 0, all.len - keep));
	gather_add(&s->held, s->arena, slice_skip(all, all.len - keep));
}

static void
stopscan_put(struct sink *sink, const struct ir_event *ev)
{
	struct stopscan *s = (struct stopscan *)sink;

	if (s->over)
		return;
	if (ev->type == IR_OPEN)
		s->in_text = ev->kind == IR_TEXT;
	if (ev->type == IR_DELTA && s->in_text) {
		scan(s, ev->text);
		return;
	}
	if (ev->type == IR_CLOSE || ev->type == IR_FAIL) {
		put_plain(s, gather_text(&s->held));
		gather_clear(&s->held);
	}
	s->sink.next->put(s->sink.next, ev);
}

bool
stopscan_init(struct stopscan *s, const struct ir_text *stops,
    struct arena *arena, struct arena *scratch, struct sink *next)
{
	*s = (struct stopscan){
		.sink = { stopscan_put, next },
		.arena = arena,
		.scratch = scratch,
	};
	for (; stops; stops = stops->next)
		if (!ir_text_add(&s->stops, arena,
		    text_unescape(arena, stops->text)))
			return false;
	return true;
}
