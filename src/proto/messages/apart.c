#include "proto/messages/apart.h"

static bool
is_held(const struct apart *a, uint64_t index)
{
	for (unsigned i = 0; i < a->count; i++)
		if (a->blocks[i] == index)
			return true;
	return false;
}

bool
apart_waits(const struct apart *a, uint64_t index, bool begins, bool open)
{
	return is_held(a, index) ||
	    (begins && open && a->count < APART_BLOCKS);
}

void
apart_hold(struct apart *a, struct arena *arena, uint64_t index,
    struct slice data)
{
	struct apart_event *ev = arena_alloc(arena, sizeof *ev);

	if (!ev)
		return;
	ev->data = arena_dup(arena, data);
	if (a->first)
		a->last->next = ev;
	else
		a->first = ev;
	a->last = ev;
	if (!is_held(a, index))
		a->blocks[a->count++] = index;
}

struct apart_event *
apart_take(struct apart *a)
{
	struct apart_event *all = a->first;

	*a = (struct apart){ 0 };
	return all;
}
