#include "net/heap.h"

enum { FIRST = 64 };			/* timers there is room for at first */

static void
place(struct heap *h, struct loop_timer *t, size_t slot)
{
	h->items[slot] = t;
	t->slot = slot;
}

/* The hole at `slot` goes up until `t` fits into it. */
static void
sift_up(struct heap *h, struct loop_timer *t, size_t slot)
{
	while (slot > 1 && h->items[slot / 2]->queued > t->queued) {
		place(h, h->items[slot / 2], slot);
		slot /= 2;
	}
	place(h, t, slot);
}

static void
sift_down(struct heap *h, struct loop_timer *t, size_t slot)
{
	for (;;) {
		size_t child = slot * 2;

		if (child > h->count)
			break;
		if (child < h->count &&
		    h->items[child + 1]->queued < h->items[child]->queued)
			child++;
		if (h->items[child]->queued >= t->queued)
			break;
		place(h, h->items[child], slot);
		slot = child;
	}
	place(h, t, slot);
}

static void
settle(struct heap *h, struct loop_timer *t, size_t slot)
{
	if (slot > 1 && h->items[slot / 2]->queued > t->queued)
		sift_up(h, t, slot);
	else
		sift_down(h, t, slot);
}

static bool
grow(struct heap *h)
{
	size_t cap = h->cap ? h->cap * 2 : FIRST;
	struct loop_timer **items;

	items = arena_resize(&h->arena, h->items, h->cap * sizeof *items,
	    cap * sizeof *items);
	if (!items) {
		h->arena.failed = false;	/* there may be memory later */
		return false;
	}
	h->items = items;
	h->cap = cap;
	return true;
}

struct loop_timer *
heap_first(const struct heap *h)
{
	return h->count ? h->items[1] : NULL;
}

bool
heap_put(struct heap *h, struct loop_timer *t)
{
	CHECK(!t->slot);
	if (h->count + 1 >= h->cap && !grow(h))
		return false;
	t->queued = t->due;
	sift_up(h, t, ++h->count);
	return true;
}

void
heap_move(struct heap *h, struct loop_timer *t)
{
	CHECK(t->slot && h->items[t->slot] == t);
	t->queued = t->due;
	settle(h, t, t->slot);
}

/* The last one fills the hole. */
void
heap_take(struct heap *h, struct loop_timer *t)
{
	struct loop_timer *last = h->items[h->count];
	size_t hole = t->slot;

	CHECK(hole && h->items[hole] == t);
	h->count--;
	t->slot = 0;
	if (last != t)
		settle(h, last, hole);
}

void
heap_free(struct heap *h)
{
	arena_reset(&h->arena);
	*h = (struct heap){ .count = 0 };
}
