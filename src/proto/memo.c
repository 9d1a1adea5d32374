#include "proto/memo.h"

#include "base/hash.h"
#include "base/memory.h"

struct entry {
	struct memo_block *list;
	int64_t		 used_ms;
};

/* Nobody who reads our memory learns a credential from it. */
static struct slice
key_of(struct arena *arena, struct slice owner, struct slice id)
{
	struct slice both[] = { owner, SLICE("\n"), id }, key = { 0 };
	uint8_t *hash = arena_alloc(arena, SHA256_LEN);

	both[0] = arena_join(arena, both, 3);
	if (!hash || !both[0].len)
		return key;
	sha256(both[0], hash);
	return (struct slice){ (const char *)hash, SHA256_LEN };
}

static struct memo_block *
copy_list(struct arena *arena, const struct memo_block *from)
{
	struct memo_block *first = NULL, **link = &first;

	for (; from; from = from->next) {
		struct memo_block *b = arena_alloc(arena, sizeof *b);

		if (!b)
			return NULL;
		*b = *from;
		b->next = NULL;
		b->text = arena_dup(arena, from->text);
		b->signature = arena_dup(arena, from->signature);
		b->id = arena_dup(arena, from->id);
		*link = b;
		link = &b->next;
	}
	return arena->failed ? NULL : first;
}

static size_t
size_of(const struct memo_block *list)
{
	size_t size = 0;

	for (; list; list = list->next)
		size += sizeof *list + list->text.len + list->signature.len +
		    list->id.len;
	return size;
}

static void
grow_old(struct memo *m, int64_t now_ms)
{
	arena_reset(&m->old.arena);
	m->old = m->young;
	m->young = (struct memo_age){ .born_ms = now_ms };
	m->young.arena.limit = memory_keep(m->limit) / 2;
}

static bool
add(struct memo *m, struct slice key, const struct memo_block *list,
    int64_t now_ms)
{
	struct arena *arena = &m->young.arena;
	struct entry *e = arena_alloc(arena, sizeof *e);

	key = arena_dup(arena, key);
	if (!e || !key.len)
		return false;
	e->used_ms = now_ms;
	e->list = copy_list(arena, list);
	return e->list && map_put(&m->young.map, arena, key, e);
}

static void
put(struct memo *m, struct slice key, const struct memo_block *list,
    int64_t now_ms)
{
	if (!m->young.arena.limit ||
	    now_ms - m->young.born_ms >= MEMO_TTL_MS)
		grow_old(m, now_ms);
	if (add(m, key, list, now_ms))
		return;
	grow_old(m, now_ms);
	if (!add(m, key, list, now_ms))
		grow_old(m, now_ms);	/* too large, or no memory */
}

void
memo_put(struct memo *m, struct slice owner, struct slice id,
    const struct memo_block *list, int64_t now_ms)
{
	struct arena scratch = { 0 };
	struct slice key;

	if (!list || !id.len || size_of(list) > MEMO_ENTRY_MAX ||
	    size_of(list) > memory_keep(m->limit) / 4)
		return;
	key = key_of(&scratch, owner, id);
	if (key.len)
		put(m, key, list, now_ms);
	arena_reset(&scratch);
}

/* What is kept and not too old. */
static struct entry *
find(const struct memo_age *age, struct slice key, int64_t now_ms)
{
	struct entry *e = map_get(&age->map, key);

	return e && now_ms - e->used_ms < MEMO_TTL_MS ? e : NULL;
}

struct memo_block *
memo_get(struct memo *m, struct arena *arena, struct slice owner,
    struct slice id, int64_t now_ms)
{
	struct memo_block *copy;
	struct slice key;
	struct entry *e;

	if (!m->young.map.count && !m->old.map.count)
		return NULL;
	key = key_of(arena, owner, id);
	e = find(&m->young, key, now_ms);
	if (e) {
		e->used_ms = now_ms;
		return copy_list(arena, e->list);
	}
	e = find(&m->old, key, now_ms);
	if (!e)
		return NULL;
	copy = copy_list(arena, e->list);
	if (copy)
		put(m, key, copy, now_ms);
	return copy;
}

void
memo_free(struct memo *m)
{
	arena_reset(&m->young.arena);
	arena_reset(&m->old.arena);
	*m = (struct memo){ .limit = m->limit };
}
