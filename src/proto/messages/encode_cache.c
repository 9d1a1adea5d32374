/*
 * Cache marks.  Messages takes four of them, wants those that hold longer
 * first, and refuses two at one place; clients know nothing of it.
 *
 * Where a client sets none and the operator wants some they are ours: see
 * messages/mark.h for the places.
 */
#include "proto/messages/encode.h"

#include "json/text.h"

enum { MARKS_MAX = 4 };

static const char longer[] = "{\"type\":\"ephemeral\",\"ttl\":\"1h\"}";
static const char shorter[] = "{\"type\":\"ephemeral\"}";

/* All marks in the order in which the provider reads them. */
struct marks {
	struct slice	**at;
	size_t		 count, cap;
};

static void
note(struct marks *m, struct slice *mark)
{
	if (!mark->len)
		return;
	if (m->at)
		m->at[m->count] = mark;
	m->count++;
}

static void
gather_marks(struct encoder *e, struct marks *m)
{
	struct ir_block *b;

	m->count = 0;
	for (size_t i = 0; i < e->tools.count; i++)
		note(m, &e->tools.list[i].cache);
	for (b = e->request.system; b; b = b->next)
		note(m, &b->cache);
	for (struct ir_turn *t = e->request.first; t; t = t->next)
		for (b = t->first; b; b = b->next)
			note(m, &b->cache);
}

/* Does the place that a mark at the top level stands for have one already? */
static bool
end_is_marked(const struct encoder *e)
{
	const struct ir_turn *last = NULL;

	for (struct ir_turn *t = e->request.first; t; t = t->next)
		if (t->role == IR_USER)
			last = t;
	return last && last->last->cache.len;
}

static bool
is_long(struct slice mark)
{
	return slice_find(mark, SLICE("\"1h\"")) != SIZE_MAX;
}

/* What holds for an hour may not stand behind what holds for less. */
static void
raise_marks(struct encoder *e, struct marks *m)
{
	bool raise = is_long(e->request.cache);

	for (size_t i = m->count; i-- > 0;) {
		if (raise)
			*m->at[i] = slice_of(longer);
		raise = raise || is_long(*m->at[i]);
	}
}

/*
 * Did the client say itself what is to be kept?  A mere hint of Chat's, that
 * has become a mark at the top, is not that.
 */
static bool
client_decides(struct encoder *e)
{
	struct jval body = e->request.body;
	struct marks m = { 0 };

	gather_marks(e, &m);
	return m.count || jval_ok(jval_get(body, "cache_control")) ||
	    jval_ok(jval_get(body, "prompt_cache_breakpoint")) ||
	    jval_text_is(jval_get2(body, "prompt_cache_options", "mode"),
	    "explicit");
}

/* The last one that takes a mark gets it. */
static void
mark_last(struct ir_block *b, struct slice mark)
{
	struct ir_block *last = NULL;

	for (; b; b = b->next)
		if (b->kind == IR_RESULT || b->kind == IR_IMAGE ||
		    b->kind == IR_DOCUMENT || (b->kind == IR_TEXT &&
		    !text_blank(b->text)))
			last = b;
	if (last)
		last->cache = mark;
}

static void
place_own(struct encoder *e)
{
	struct slice mark = is_long(e->request.cache) ? slice_of(longer) :
	    slice_of(shorter);
	struct ir_turn *t, *last = NULL, *before = NULL;
	size_t i = e->tools.count;

	e->request.cache = (struct slice){ 0 };
	while (i-- > 0)
		if (!jval_is_true(jval_get(e->tools.list[i].tool->self,
		    "defer_loading"))) {
			e->tools.list[i].cache = mark;
			break;
		}
	mark_last(e->request.system, mark);
	for (t = e->request.first; t; t = t->next) {
		if (t->role != IR_USER)
			continue;
		before = last;
		last = t;
	}
	if (before)
		mark_last(before->first, mark);
	if (last)
		mark_last(last->first, mark);
}

bool
messages_place_marks(struct encoder *e)
{
	struct marks m = { 0 };
	size_t drop, room = MARKS_MAX;

	if (talk_marks_cache(e->talk) && !client_decides(e))
		place_own(e);
	if (end_is_marked(e))
		e->request.cache = (struct slice){ 0 };
	room -= e->request.cache.len > 0;
	gather_marks(e, &m);
	if (!m.count)
		return true;
	m.at = arena_array(e->arena, m.count, sizeof(void *));
	if (!m.at)
		return false;
	gather_marks(e, &m);
	drop = m.count > room ? m.count - room : 0;
	for (size_t i = 0; i < drop; i++)
		*m.at[i] = (struct slice){ 0 };
	if (drop)
		messages_lost(e, LOSS_TRUNCATED, "cache_control");
	m.at += drop;
	m.count -= drop;
	raise_marks(e, &m);
	return true;
}
