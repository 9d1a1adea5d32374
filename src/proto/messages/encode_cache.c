/*
 * Cache marks.  Messages takes four of them, wants those that hold longer
 * first, and refuses two at one place; clients know nothing of it.
 */
#include "proto/messages/encode.h"

enum { MARKS_MAX = 4 };

static const char longer[] = "{\"type\":\"ephemeral\",\"ttl\":\"1h\"}";

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

bool
messages_place_marks(struct encoder *e)
{
	struct marks m = { 0 };
	size_t drop, room = MARKS_MAX;

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
