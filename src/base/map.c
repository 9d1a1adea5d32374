/*
 * At least half of the slots are free, so that every search ends at a free one
 * soon.  Nothing is ever taken out: no slot needs a mark that says "go on".
 * A map that grows leaves its old slots in the arena; they are half as many.
 */
#include "base/map.h"

enum { CAP_MIN = 16 };

/* FNV-1a.  Keys come from tables and the configuration, not from strangers. */
static size_t
hash_of(struct slice key)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < key.len; i++)
		h = (h ^ (uint8_t)key.ptr[i]) * 0x100000001b3;
	return (size_t)(h ^ h >> 32);
}

/* The slot that holds `key`, or the free one where it belongs.  cap > count. */
static struct map_slot *
slot_of(struct map_slot *slots, size_t cap, struct slice key)
{
	size_t i = hash_of(key) & (cap - 1);

	while (slots[i].value && !slice_eq(slots[i].key, key))
		i = (i + 1) & (cap - 1);
	return &slots[i];
}

static bool
grow(struct map *m, struct arena *a)
{
	size_t cap = m->cap ? m->cap * 2 : CAP_MIN;
	struct map_slot *slots = arena_array(a, cap, sizeof *slots);

	if (!slots)
		return false;
	for (size_t i = 0; i < m->cap; i++)
		if (m->slots[i].value)
			*slot_of(slots, cap, m->slots[i].key) = m->slots[i];
	m->slots = slots;
	m->cap = cap;
	return true;
}

bool
map_put(struct map *m, struct arena *a, struct slice key, void *value)
{
	struct map_slot *slot;

	CHECK(value);
	if (m->count >= m->cap / 2 && !grow(m, a))
		return false;
	slot = slot_of(m->slots, m->cap, key);
	if (!slot->value) {
		m->count++;
		slot->key = key;
	}
	slot->value = value;
	return true;
}

void *
map_get(const struct map *m, struct slice key)
{
	return m->cap ? slot_of(m->slots, m->cap, key)->value : NULL;
}

const struct map_slot *
map_next(const struct map *m, size_t *at)
{
	while (*at < m->cap) {
		const struct map_slot *slot = &m->slots[(*at)++];

		if (slot->value)
			return slot;
	}
	return NULL;
}
