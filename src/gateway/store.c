/*
 * One mapping:
 *
 *	| head | slots | keys | chain | blocks ... |
 *
 * A record lies in blocks that `chain` links; its slot says where it begins.
 * A slot is free, or in the list by age, the one used last in front.  `keys`
 * is a hash table of (hash of owner and id -> slot); a key is looked for in
 * WINDOW places from its own, and is valid while its slot has the generation
 * that the key knows: nothing is ever taken out of the table, new keys go over
 * stale ones.
 *
 * All is written under the lock, a slot's generation last.  When the lock's
 * holder died the lists are made anew from the slots (mend()).  Numbers that
 * come from the mapping are looked at before they are used: another process,
 * or a file, may have written anything.
 */
#include "gateway/store.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"

enum {
	BLOCK = 2048, WINDOW = 16, OWNERS = 1024, WAIT_MS = 50,
	KEYS_PER_SLOT = 4, NONE = -1,
};

static const char magic[16] = "dragoman store1";

struct slot {
	uint64_t	 generation;	/* 0: free */
	uint64_t	 owner;
	int64_t		 born_s;
	uint32_t	 len, crc;
	int32_t		 first;		/* block */
	int32_t		 older, newer;	/* slots; a free one: older alone */
};

struct key {
	uint64_t	 hash, generation;
	int32_t		 slot;
};

struct head {
	char		 magic[sizeof magic];
	struct store_limits limits;
	uint32_t	 slots, keys, blocks;
	pthread_mutex_t	 lock;
	uint64_t	 generation;	/* of the next record */
	int32_t		 newest, oldest, free_slot, free_block;
	uint32_t	 used;		/* blocks */
	uint32_t	 owners[OWNERS];	/* ... by the owner's hash */
};

struct store {
	struct head	 head;
};

const struct store_limits store_usual = {
	.bytes = STORE_BYTES, .record_max = STORE_RECORD_MAX,
	.ttl_s = STORE_TTL_S, .share = 50,
};

/* ---- where things are ---- */

static struct slot *
slots_of(struct store *s)
{
	return (struct slot *)(void *)(s + 1);
}

static struct key *
keys_of(struct store *s)
{
	return (struct key *)(void *)(slots_of(s) + s->head.slots);
}

static int32_t *
chain_of(struct store *s)
{
	return (int32_t *)(void *)(keys_of(s) + s->head.keys);
}

static char *
block_at(struct store *s, int32_t i)
{
	return (char *)(chain_of(s) + s->head.blocks) + (size_t)i * BLOCK;
}

static bool
is_slot(const struct store *s, int32_t i)
{
	return i >= 0 && (uint32_t)i < s->head.slots;
}

static bool
is_block(const struct store *s, int32_t i)
{
	return i >= 0 && (uint32_t)i < s->head.blocks;
}

static uint32_t
blocks_for(size_t len)
{
	return (uint32_t)((len + BLOCK - 1) / BLOCK);
}

static uint32_t *
share_of(struct store *s, uint64_t owner)
{
	return &s->head.owners[owner % OWNERS];
}

/* ---- the lists ---- */

static void
unlink_slot(struct store *s, int32_t i)
{
	struct slot *slot = &slots_of(s)[i];

	if (is_slot(s, slot->newer))
		slots_of(s)[slot->newer].older = slot->older;
	else
		s->head.newest = slot->older;
	if (is_slot(s, slot->older))
		slots_of(s)[slot->older].newer = slot->newer;
	else
		s->head.oldest = slot->newer;
}

static void
link_slot(struct store *s, int32_t i)
{
	struct slot *slot = &slots_of(s)[i];

	slot->newer = NONE;
	slot->older = s->head.newest;
	if (is_slot(s, s->head.newest))
		slots_of(s)[s->head.newest].newer = i;
	else
		s->head.oldest = i;
	s->head.newest = i;
}

static void
release_block(struct store *s, int32_t i)
{
	chain_of(s)[i] = s->head.free_block;
	s->head.free_block = i;
}

static void
forget(struct store *s, int32_t i)
{
	struct slot *slot = &slots_of(s)[i];
	uint32_t n = blocks_for(slot->len), left = n;
	int32_t b = slot->first, next;

	slot->generation = 0;
	unlink_slot(s, i);
	for (; left && is_block(s, b); b = next, left--) {
		next = chain_of(s)[b];
		release_block(s, b);
	}
	s->head.used -= n < s->head.used ? n : s->head.used;
	*share_of(s, slot->owner) -= n < *share_of(s, slot->owner) ? n :
	    *share_of(s, slot->owner);
	slot->older = s->head.free_slot;
	s->head.free_slot = i;
}

/* ---- putting in order ---- */

/* Can the slot's record be read?  Its blocks are no other record's. */
static bool
claim(struct store *s, const struct slot *slot)
{
	uint32_t left = blocks_for(slot->len);
	int32_t b = slot->first;

	if (!slot->len || slot->len > s->head.limits.record_max)
		return false;
	/* One that is marked is no block; a circle ends with the count. */
	for (; left; left--, b = chain_of(s)[b])
		if (!is_block(s, b))
			return false;
	return true;
}

/* Is the record what was written?  Its text goes to `out`, if that is given. */
static bool
read_record(struct store *s, const struct slot *slot, char *out)
{
	uint32_t left = slot->len, crc = 0;
	int32_t b = slot->first;

	while (left && is_block(s, b)) {
		uint32_t n = left < BLOCK ? left : BLOCK;

		crc = crc32_add(crc, (struct slice){ block_at(s, b), n });
		if (out) {
			memcpy(out, block_at(s, b), n);
			out += n;
		}
		left -= n;
		b = chain_of(s)[b];
	}
	return !left && crc == slot->crc;
}

static void
clear(struct store *s)
{
	struct head *h = &s->head;

	h->newest = h->oldest = h->free_slot = h->free_block = NONE;
	h->used = 0;
	memset(h->owners, 0, sizeof h->owners);
}

/*
 * Whatever state the mapping is in: keep the records that are whole, and build
 * all else from them.  The chain of a record that stays is marked by moving it
 * to the sign bit first, so that no block is used twice.
 */
static void
mend(struct store *s)
{
	struct head *h = &s->head;
	struct slot *slots = slots_of(s);
	int32_t *chain = chain_of(s), b, next;
	uint64_t last = 0;

	clear(s);
	for (uint32_t i = 0; i < h->slots; i++) {
		struct slot *slot = &slots[i];
		uint32_t n = blocks_for(slot->len);

		if (!slot->generation || !claim(s, slot) ||
		    !read_record(s, slot, NULL)) {
			slot->generation = 0;
			slot->older = h->free_slot;
			h->free_slot = (int32_t)i;
			continue;
		}
		for (b = slot->first; n && is_block(s, b); b = next, n--) {
			next = chain[b];
			chain[b] = INT32_MIN + (n > 1 ? next + 1 : 0);
		}
		n = blocks_for(slot->len);
		link_slot(s, (int32_t)i);
		h->used += n;
		*share_of(s, slot->owner) += n;
		if (slot->generation > last)
			last = slot->generation;
	}
	for (uint32_t i = 0; i < h->blocks; i++)
		if (chain[i] < NONE)
			chain[i] = chain[i] - INT32_MIN - 1;
		else
			release_block(s, (int32_t)i);
	if (h->generation <= last)
		h->generation = last + 1;
}

/* ---- the lock ---- */

static bool
init_lock(struct store *s)
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

static bool
enter(struct store *s)
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
		mend(s);
		got = 0;
	}
	return got == 0;
}

static void
leave(struct store *s)
{
	pthread_mutex_unlock(&s->head.lock);
}

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
is_valid(struct store *s, const struct key *key)
{
	return key->generation && is_slot(s, key->slot) &&
	    slots_of(s)[key->slot].generation == key->generation;
}

static struct key *
key_at(struct store *s, uint64_t hash, unsigned i)
{
	return &keys_of(s)[(hash + i) % s->head.keys];
}

/* In the place of the same key, of a stale one, or of the oldest. */
static void
add_key(struct store *s, uint64_t hash, int32_t slot)
{
	struct key *best = NULL;

	for (unsigned i = 0; i < WINDOW; i++) {
		struct key *key = key_at(s, hash, i);
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
	*best = (struct key){
		hash, slots_of(s)[slot].generation, slot,
	};
}

/* The slot of the owner's record with that id, or NONE. */
static int32_t
look_up(struct store *s, uint64_t owner, struct slice id, int64_t now_s)
{
	uint64_t hash = key_of(owner, id);

	for (unsigned i = 0; i < WINDOW; i++) {
		const struct key *key = key_at(s, hash, i);
		const struct slot *slot;

		if (key->hash != hash || !is_valid(s, key))
			continue;
		slot = &slots_of(s)[key->slot];
		if (slot->owner != owner)
			continue;
		if (now_s - slot->born_s < s->head.limits.ttl_s)
			return key->slot;
		forget(s, key->slot);
	}
	return NONE;
}

/* ---- opening ---- */

static size_t
plan(struct head *h, const struct store_limits *limits)
{
	size_t fixed = sizeof(struct store);
	size_t each = BLOCK + sizeof(int32_t) +
	    sizeof(struct slot) + KEYS_PER_SLOT * sizeof(struct key);
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
	return fixed + h->slots * sizeof(struct slot) +
	    h->keys * sizeof(struct key) + n * (BLOCK + sizeof(int32_t));
}

/* Is this file a store of just these limits? */
static bool
is_same(const struct store *s, const struct head *planned)
{
	const struct head *h = &s->head;

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
begin(struct store *s, const struct head *planned)
{
	if (is_same(s, planned)) {
		s->head.limits = planned->limits;
		if (!init_lock(s))
			return false;
		mend(s);
		return true;
	}
	s->head = *planned;
	if (!init_lock(s))
		return false;
	memset(slots_of(s), 0, (size_t)(block_at(s, 0) - (char *)(s + 1)));
	s->head.generation = 1;
	mend(s);
	memcpy(s->head.magic, magic, sizeof magic);
	return true;
}

struct store *
store_open(const struct store_limits *limits, const char *file,
    const char **why)
{
	struct head planned = { 0 };
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
	if (!begin(map, &planned)) {
		munmap(map, size);
		return NULL;
	}
	return map;
}

void
store_close(struct store *s)
{
	struct head planned = { 0 };

	if (s)
		munmap(s, plan(&planned, &(struct store_limits){
		    .bytes = s->head.limits.bytes }));
}

/* ---- records ---- */

/* Make room: the owner's own go first where its share is used up. */
static bool
make_room(struct store *s, uint64_t owner, uint32_t need)
{
	uint64_t share = (uint64_t)s->head.blocks * s->head.limits.share /
	    100;
	int32_t i = s->head.oldest, newer;

	if (need > share || need > s->head.blocks)
		return false;
	for (; *share_of(s, owner) + need > share && is_slot(s, i); i = newer) {
		newer = slots_of(s)[i].newer;
		if (slots_of(s)[i].owner % OWNERS == owner % OWNERS)
			forget(s, i);
	}
	while ((s->head.blocks - s->head.used < need ||
	    !is_slot(s, s->head.free_slot)) && is_slot(s, s->head.oldest))
		forget(s, s->head.oldest);
	return is_slot(s, s->head.free_slot);
}

/* Write the text into free blocks, backwards so that each knows the next. */
static bool
fill(struct store *s, struct slot *slot, struct slice text)
{
	uint32_t n = blocks_for(text.len);
	int32_t after = NONE;

	while (n--) {
		struct slice piece = slice_sub(text, (size_t)n * BLOCK, BLOCK);
		int32_t b = s->head.free_block;

		if (!is_block(s, b))
			return false;
		s->head.free_block = chain_of(s)[b];
		memcpy(block_at(s, b), piece.ptr, piece.len);
		chain_of(s)[b] = after;
		after = b;
	}
	slot->first = after;
	return true;
}

static bool
put(struct store *s, uint64_t owner, struct slice record, int64_t now_s,
    int32_t *at)
{
	uint32_t need = blocks_for(record.len);
	struct slot *slot;

	if (!make_room(s, owner, need))
		return false;
	*at = s->head.free_slot;
	slot = &slots_of(s)[*at];
	if (!fill(s, slot, record)) {
		mend(s);
		return false;
	}
	s->head.free_slot = slot->older;
	slot->owner = owner;
	slot->born_s = now_s;
	slot->len = (uint32_t)record.len;
	slot->crc = crc32(record);
	link_slot(s, *at);
	s->head.used += need;
	*share_of(s, owner) += need;
	slot->generation = s->head.generation++;
	return true;
}

bool
store_put(struct store *s, struct slice owner, const struct slice *ids,
    size_t count, struct slice record, int64_t now_s)
{
	uint64_t who = hash_of(owner);
	int32_t at = NONE;
	bool done;

	if (!s || !record.len || record.len > s->head.limits.record_max ||
	    record.len > UINT32_MAX || !enter(s))
		return false;
	done = put(s, who, record, now_s, &at);
	for (size_t i = 0; done && i < count; i++)
		add_key(s, key_of(who, ids[i]), at);
	leave(s);
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

	if (!id.len || !enter(s))
		return false;
	i = look_up(s, who, id, now_s);
	if (i != NONE) {
		struct slot *slot = &slots_of(s)[i];

		text = slot->len <= s->head.limits.record_max ?
		    arena_text(arena, slot->len) : NULL;
		found = text && read_record(s, slot, text);
		if (found) {
			*record = (struct slice){ text, slot->len };
			unlink_slot(s, i);
			link_slot(s, i);
		} else if (text) {
			mend(s);
		}
	}
	leave(s);
	return found;
}

bool
store_delete(struct store *s, struct slice owner, struct slice id,
    int64_t now_s)
{
	int32_t i;

	if (!id.len || !enter(s))
		return false;
	i = look_up(s, hash_of(owner), id, now_s);
	if (i != NONE)
		forget(s, i);
	leave(s);
	return i != NONE;
}

void
store_count(struct store *s, size_t *records, size_t *bytes)
{
	*records = *bytes = 0;
	if (!enter(s))
		return;
	for (uint32_t i = 0; i < s->head.slots; i++)
		*records += slots_of(s)[i].generation != 0;
	*bytes = (size_t)s->head.used * BLOCK;
	leave(s);
}
