/*
 * Keys are a hash table of (hash of owner and id -> slot).  A key is looked for
 * in WINDOW places from its own, and is valid while its slot has the generation
 * that the key knows: nothing is ever taken out of the table, new keys go over
 * stale ones.
 */
#include "gateway/store.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "gateway/store_map.h"

enum { WINDOW = 16, KEYS_PER_SLOT = 4 };

static const char magic[16] = "dragoman store2";

const struct store_limits store_usual = {
	.bytes = STORE_BYTES, .record_max = STORE_RECORD_MAX,
	.ttl_s = STORE_TTL_S, .share = 50,
};

/* ---- keys ---- */

static uint64_t
hash_of(struct slice text)
{
	uint8_t sum[SHA256_LEN];
	uint64_t hash = 0;

	sha256(text, sum);
	for (size_t i = 0; i < sizeof hash; i++)
		hash = hash << 8 | sum[i];
	return hash;
}

/* Ids are long and random; the owner's hash sets them apart from others'. */
static uint64_t
key_of(uint64_t owner, struct slice id)
{
	return hash_of(id) ^ owner * 0x9e3779b97f4a7c15u;
}

static bool
is_valid(struct store *s, const struct store_key *key)
{
	return key->generation && store_is_slot(s, key->slot) &&
	    store_slots(s)[key->slot].generation == key->generation;
}

static struct store_key *
key_at(struct store *s, uint64_t hash, unsigned i)
{
	return &store_keys(s)[(hash + i) % s->head.keys];
}

/* In the place of the same key, of a stale one, or of the oldest. */
static void
add_key(struct store *s, uint64_t hash, int32_t slot)
{
	struct store_key *best = NULL;

	for (unsigned i = 0; i < WINDOW; i++) {
		struct store_key *key = key_at(s, hash, i);
		bool valid = is_valid(s, key);

		if (valid && key->hash == hash) {
			best = key;
			break;
		}
		if (!valid)
			key->generation = 0;
		if (!best || key->generation < best->generation)
			best = key;
	}
	*best = (struct store_key){
		hash, store_slots(s)[slot].generation, slot,
	};
}

/* The slot of the owner's record with that id, or STORE_NONE. */
static int32_t
look_up(struct store *s, uint64_t owner, struct slice id, int64_t now_s)
{
	uint64_t hash = key_of(owner, id);

	for (unsigned i = 0; i < WINDOW; i++) {
		const struct store_key *key = key_at(s, hash, i);
		const struct store_slot *slot;

		if (key->hash != hash || !is_valid(s, key))
			continue;
		slot = &store_slots(s)[key->slot];
		if (slot->owner != owner)
			continue;
		if (now_s - slot->born_s < s->head.limits.ttl_s)
			return key->slot;
		store_forget(s, key->slot);
	}
	return STORE_NONE;
}

/* ---- opening ---- */

static size_t
plan(struct store_head *h, const struct store_limits *limits)
{
	size_t fixed = sizeof(struct store);
	size_t each = STORE_BLOCK + sizeof(int32_t) +
	    sizeof(struct store_slot) +
	    KEYS_PER_SLOT * sizeof(struct store_key);
	size_t bytes = limits->bytes < STORE_BYTES_MIN ? STORE_BYTES_MIN :
	    limits->bytes;
	size_t n = (bytes - fixed) / each;

	if (n > INT32_MAX / 2)
		n = INT32_MAX / 2;
	h->limits = *limits;
	h->blocks = (uint32_t)n;
	/* As many: nobody who keeps small ones takes others their slots. */
	h->slots = h->blocks;
	h->keys = h->slots * KEYS_PER_SLOT;
	return fixed + h->slots * sizeof(struct store_slot) +
	    h->keys * sizeof(struct store_key) +
	    n * (STORE_BLOCK + sizeof(int32_t));
}

/* Is this file a store of just these limits? */
static bool
is_same(const struct store *s, const struct store_head *planned)
{
	const struct store_head *h = &s->head;

	return !memcmp(h->magic, magic, sizeof magic) &&
	    h->slots == planned->slots && h->keys == planned->keys &&
	    h->blocks == planned->blocks &&
	    h->limits.bytes == planned->limits.bytes;
}

static int
open_file(const char *file, size_t size, const char **why)
{
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct stat st;

	*why = "the file cannot be opened";
	if (fd < 0)
		return -1;
	*why = "another program uses the file";
	if (flock(fd, LOCK_EX | LOCK_NB))
		goto fail;
	*why = "the file cannot be made that large";
	if (fstat(fd, &st) || (st.st_size != (off_t)size &&
	    (ftruncate(fd, 0) || ftruncate(fd, (off_t)size))))
		goto fail;
	/* Pages that do not exist must not be found out by a signal. */
	if (posix_fallocate(fd, 0, (off_t)size))
		goto fail;
	return fd;

fail:
	close(fd);
	return -1;
}

static bool
begin(struct store *s, const struct store_head *planned, bool zeroed)
{
	if (is_same(s, planned)) {
		s->head.limits = planned->limits;
		if (!store_init_lock(s))
			return false;
		store_mend(s);
		return true;
	}
	s->head = *planned;
	if (!store_init_lock(s))
		return false;
	if (!zeroed)
		memset(store_slots(s), 0,
		    (size_t)(store_block(s, 0) - (char *)(s + 1)));
	s->head.generation = 1;
	store_mend(s);
	memcpy(s->head.magic, magic, sizeof magic);
	return true;
}

struct store *
store_open(const struct store_limits *limits, const char *file,
    const char **why)
{
	struct store_head planned = { 0 };
	size_t size = plan(&planned, limits);
	void *map;
	int fd = -1;

	if (file) {
		fd = open_file(file, size, why);
		if (fd < 0)
			return NULL;
	}
	map = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    file ? MAP_SHARED : MAP_SHARED | MAP_ANONYMOUS, fd, 0);
	/* The file's lock lasts as long as the descriptor, which is never
	 * closed: workers inherit it. */
	*why = "out of memory";
	if (map == MAP_FAILED) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	if (!begin(map, &planned, !file)) {
		munmap(map, size);
		return NULL;
	}
	return map;
}

bool
store_has(const struct store *s, const struct store_limits *limits)
{
	const struct store_limits *is = s ? &s->head.limits : NULL;

	return is && is->bytes == limits->bytes &&
	    is->record_max == limits->record_max &&
	    is->ttl_s == limits->ttl_s && is->share == limits->share;
}

void
store_close(struct store *s)
{
	struct store_head planned = { 0 };

	if (s)
		munmap(s, plan(&planned, &(struct store_limits){
		    .bytes = s->head.limits.bytes }));
}

/* ---- records ---- */

static void
evict(struct store *s, int32_t slot)
{
	store_forget(s, slot);
	s->head.evicted++;
}

/* Make room: the owner's own go first where its share is used up. */
static bool
make_room(struct store *s, uint64_t owner, uint32_t need)
{
	uint64_t share = (uint64_t)s->head.blocks * s->head.limits.share /
	    100;
	int32_t i = s->head.oldest, newer;

	if (need > share || need > s->head.blocks)
		return false;
	for (; *store_share(s, owner) + need > share && store_is_slot(s, i);
	    i = newer) {
		newer = store_slots(s)[i].newer;
		if (store_share(s, store_slots(s)[i].owner) ==
		    store_share(s, owner))
			evict(s, i);
	}
	while ((s->head.blocks - s->head.used < need ||
	    store_next_slot(s) == STORE_NONE) &&
	    store_is_slot(s, s->head.oldest))
		evict(s, s->head.oldest);
	return store_next_slot(s) != STORE_NONE;
}

/* Write the text into free blocks, backwards so that each knows the next. */
static bool
fill(struct store *s, struct store_slot *slot, struct slice text)
{
	uint32_t n = store_blocks_for(text.len);
	int32_t after = STORE_NONE;

	while (n--) {
		struct slice piece = slice_sub(text, (size_t)n * STORE_BLOCK,
		    STORE_BLOCK);
		int32_t b = store_take_block(s);

		if (b == STORE_NONE)
			return false;
		memcpy(store_block(s, b), piece.ptr, piece.len);
		store_chain(s)[b] = after;
		after = b;
	}
	slot->first = after;
	return true;
}

static bool
put(struct store *s, uint64_t owner, struct slice record, int64_t now_s,
    int32_t *at)
{
	uint32_t need = store_blocks_for(record.len);
	struct store_slot *slot;

	if (!make_room(s, owner, need))
		return false;
	*at = store_next_slot(s);
	slot = &store_slots(s)[*at];
	if (!fill(s, slot, record)) {
		store_mend(s);
		return false;
	}
	store_take_slot(s, *at);
	slot->owner = owner;
	slot->born_s = now_s;
	slot->len = (uint32_t)record.len;
	slot->sum = store_sum(0, record);
	store_link(s, *at);
	s->head.used += need;
	*store_share(s, owner) += need;
	slot->generation = s->head.generation++;
	return true;
}

bool
store_put(struct store *s, struct slice owner, const struct slice *ids,
    size_t count, struct slice record, int64_t now_s)
{
	uint64_t who = hash_of(owner);
	int32_t at = STORE_NONE;
	bool done;

	if (!s || !record.len || record.len > s->head.limits.record_max ||
	    record.len > UINT32_MAX || !store_enter(s))
		return false;
	done = put(s, who, record, now_s, &at);
	for (size_t i = 0; done && i < count; i++)
		add_key(s, key_of(who, ids[i]), at);
	store_leave(s);
	return done;
}

bool
store_find(struct store *s, struct slice owner, struct slice id,
    int64_t now_s, struct arena *arena, struct slice *record)
{
	uint64_t who = hash_of(owner);
	bool found = false;
	char *text;
	int32_t i;

	if (!id.len || !store_enter(s))
		return false;
	i = look_up(s, who, id, now_s);
	if (i != STORE_NONE) {
		struct store_slot *slot = &store_slots(s)[i];

		text = slot->len <= s->head.limits.record_max ?
		    arena_text(arena, slot->len) : NULL;
		found = text && store_read(s, slot, text);
		if (found) {
			*record = (struct slice){ text, slot->len };
			store_unlink(s, i);
			store_link(s, i);
		} else if (text) {
			store_mend(s);
		}
	}
	store_leave(s);
	return found;
}

bool
store_delete(struct store *s, struct slice owner, struct slice id,
    int64_t now_s)
{
	int32_t i;

	if (!id.len || !store_enter(s))
		return false;
	i = look_up(s, hash_of(owner), id, now_s);
	if (i != STORE_NONE)
		store_forget(s, i);
	store_leave(s);
	return i != STORE_NONE;
}

void
store_count(struct store *s, struct store_figures *f)
{
	*f = (struct store_figures){ 0 };
	if (!store_enter(s))
		return;
	f->records = s->head.records;
	f->bytes = (uint64_t)s->head.used * STORE_BLOCK;
	f->evicted = s->head.evicted;
	store_leave(s);
}
