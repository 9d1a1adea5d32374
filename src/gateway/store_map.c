#include "gateway/store_map.h"

#include <errno.h>
#include <string.h>
#include <time.h>

enum { WAIT_MS = 50 };

/* ---- where things are ---- */

struct store_slot *
store_slots(struct store *s)
{
	return (struct store_slot *)(void *)(s + 1);
}

struct store_key *
store_keys(struct store *s)
{
	return (struct store_key *)(void *)(store_slots(s) + s->head.slots);
}

int32_t *
store_chain(struct store *s)
{
	return (int32_t *)(void *)(store_keys(s) + s->head.keys);
}

char *
store_block(struct store *s, int32_t i)
{
	return (char *)(store_chain(s) + s->head.blocks) +
	    (size_t)i * STORE_BLOCK;
}

bool
store_is_slot(const struct store *s, int32_t i)
{
	return i >= 0 && (uint32_t)i < s->head.slots &&
	    (uint32_t)i < s->head.fresh_slot;
}

bool
store_is_block(const struct store *s, int32_t i)
{
	return i >= 0 && (uint32_t)i < s->head.blocks &&
	    (uint32_t)i < s->head.fresh_block;
}

uint32_t
store_blocks_for(size_t len)
{
	return (uint32_t)((len + STORE_BLOCK - 1) / STORE_BLOCK);
}

uint32_t *
store_share(struct store *s, uint64_t owner)
{
	return &s->head.owners[owner % STORE_OWNERS];
}

/* ---- the lists ---- */

void
store_unlink(struct store *s, int32_t i)
{
	struct store_slot *slot = &store_slots(s)[i];

	s->head.records -= s->head.records > 0;
	if (store_is_slot(s, slot->newer))
		store_slots(s)[slot->newer].older = slot->older;
	else
		s->head.newest = slot->older;
	if (store_is_slot(s, slot->older))
		store_slots(s)[slot->older].newer = slot->newer;
	else
		s->head.oldest = slot->newer;
}

void
store_link(struct store *s, int32_t i)
{
	struct store_slot *slot = &store_slots(s)[i];

	s->head.records++;
	slot->newer = STORE_NONE;
	slot->older = s->head.newest;
	if (store_is_slot(s, s->head.newest))
		store_slots(s)[s->head.newest].newer = i;
	else
		s->head.oldest = i;
	s->head.newest = i;
}

int32_t
store_next_slot(const struct store *s)
{
	const struct store_head *h = &s->head;

	if (store_is_slot(s, h->free_slot))
		return h->free_slot;
	return h->fresh_slot < h->slots ? (int32_t)h->fresh_slot : STORE_NONE;
}

void
store_take_slot(struct store *s, int32_t i)
{
	if (i == s->head.free_slot)
		s->head.free_slot = store_slots(s)[i].older;
	else
		s->head.fresh_slot++;
}

int32_t
store_take_block(struct store *s)
{
	struct store_head *h = &s->head;
	int32_t b = h->free_block;

	if (store_is_block(s, b))
		h->free_block = store_chain(s)[b];
	else if (h->fresh_block < h->blocks)
		b = (int32_t)h->fresh_block++;
	else
		b = STORE_NONE;
	return b;
}

static void
release_block(struct store *s, int32_t i)
{
	store_chain(s)[i] = s->head.free_block;
	s->head.free_block = i;
}

void
store_forget(struct store *s, int32_t i)
{
	struct store_slot *slot = &store_slots(s)[i];
	uint32_t n = store_blocks_for(slot->len), left = n;
	int32_t b = slot->first, next;

	slot->generation = 0;
	store_unlink(s, i);
	for (; left && store_is_block(s, b); b = next, left--) {
		next = store_chain(s)[b];
		release_block(s, b);
	}
	s->head.used -= n < s->head.used ? n : s->head.used;
	*store_share(s, slot->owner) -= n < *store_share(s, slot->owner) ? n :
	    *store_share(s, slot->owner);
	slot->older = s->head.free_slot;
	s->head.free_slot = i;
}

/* ---- putting in order ---- */

/* Can the slot's record be read?  Its blocks are no other record's. */
static bool
claim(struct store *s, const struct store_slot *slot)
{
	uint32_t left = store_blocks_for(slot->len);
	int32_t b = slot->first;

	if (!slot->len || slot->len > s->head.limits.record_max)
		return false;
	/* One that is marked is no block; a circle ends with the count. */
	for (; left; left--, b = store_chain(s)[b])
		if (!store_is_block(s, b))
			return false;
	return true;
}

/*
 * Not to be forged, but to be fast: it tells a record from one that somebody
 * died over, and whoever writes records could write this, too.
 */
uint64_t
store_sum(uint64_t before, struct slice text)
{
	uint64_t sum = before, word;

	while (text.len) {
		size_t n = text.len < sizeof word ? text.len : sizeof word;

		word = 0;
		memcpy(&word, text.ptr, n);
		sum = (sum ^ word ^ (uint64_t)n << 56) * 0x9e3779b97f4a7c15u;
		sum ^= sum >> 29;
		text = slice_skip(text, n);
	}
	return sum;
}

bool
store_read(struct store *s, const struct store_slot *slot, char *out)
{
	uint32_t left = slot->len;
	uint64_t sum = 0;
	int32_t b = slot->first;

	while (left && store_is_block(s, b)) {
		uint32_t n = left < STORE_BLOCK ? left : STORE_BLOCK;

		sum = store_sum(sum, (struct slice){ store_block(s, b), n });
		if (out) {
			memcpy(out, store_block(s, b), n);
			out += n;
		}
		left -= n;
		b = store_chain(s)[b];
	}
	return !left && sum == slot->sum;
}

static void
clear(struct store *s)
{
	struct store_head *h = &s->head;

	h->newest = h->oldest = h->free_slot = h->free_block = STORE_NONE;
	h->records = h->used = 0;
	memset(h->owners, 0, sizeof h->owners);
}

/*
 * The chain of a record that stays is marked by moving it to the sign bit
 * first, so that no block is used twice.
 */
void
store_mend(struct store *s)
{
	struct store_head *h = &s->head;
	struct store_slot *slots = store_slots(s);
	int32_t *chain = store_chain(s), b, next;
	uint64_t last = 0;

	clear(s);
	if (h->fresh_slot > h->slots)
		h->fresh_slot = h->slots;
	if (h->fresh_block > h->blocks)
		h->fresh_block = h->blocks;
	for (uint32_t i = 0; i < h->fresh_slot; i++) {
		struct store_slot *slot = &slots[i];
		uint32_t n = store_blocks_for(slot->len);

		if (!slot->generation || !claim(s, slot) ||
		    !store_read(s, slot, NULL)) {
			slot->generation = 0;
			slot->older = h->free_slot;
			h->free_slot = (int32_t)i;
			continue;
		}
		for (b = slot->first; n && store_is_block(s, b);
		    b = next, n--) {
			next = chain[b];
			chain[b] = INT32_MIN + (n > 1 ? next + 1 : 0);
		}
		n = store_blocks_for(slot->len);
		store_link(s, (int32_t)i);
		h->used += n;
		*store_share(s, slot->owner) += n;
		if (slot->generation > last)
			last = slot->generation;
	}
	for (uint32_t i = 0; i < h->fresh_block; i++)
		if (chain[i] < STORE_NONE)
			chain[i] = chain[i] - INT32_MIN - 1;
		else
			release_block(s, (int32_t)i);
	if (h->generation <= last)
		h->generation = last + 1;
}

/* ---- the lock ---- */

bool
store_init_lock(struct store *s)
{
	pthread_mutexattr_t attr;
	bool made;

	if (pthread_mutexattr_init(&attr))
		return false;
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	made = !pthread_mutex_init(&s->head.lock, &attr);
	pthread_mutexattr_destroy(&attr);
	return made;
}

bool
store_enter(struct store *s)
{
	struct timespec until;
	int got;

	if (!s)
		return false;
	got = pthread_mutex_trylock(&s->head.lock);
	if (got == EBUSY) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += WAIT_MS * 1000000L;
		if (until.tv_nsec >= 1000000000L) {
			until.tv_nsec -= 1000000000L;
			until.tv_sec++;
		}
		got = pthread_mutex_timedlock(&s->head.lock, &until);
	}
	if (got == EOWNERDEAD) {
		pthread_mutex_consistent(&s->head.lock);
		store_mend(s);
		got = 0;
	}
	return got == 0;
}

void
store_leave(struct store *s)
{
	pthread_mutex_unlock(&s->head.lock);
}
