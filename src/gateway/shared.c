/*
 * A kind's records lie in one array; a name goes to the first free record from
 * where its hash points.  The hash is all that is kept of a name: 64 bits of
 * SHA-256, which nobody finds twice by chance.
 */
#include "gateway/shared.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "base/hash.h"

/* Pages that no record touches take no memory. */
static const struct {
	size_t	size, count;
} kinds[SHARED_KINDS] = {	/* ORDER shared_kind */
	[SHARED_CLIENT_KEY] = { 4352, 4096 },
	[SHARED_TARGET] = { 256, 2048 },
	[SHARED_PROVIDER_KEY] = { 64, 1024 },
	[SHARED_LEDGER] = { 8192, 1 },
	[SHARED_SPEND_MODEL] = { 640, 512 },
	[SHARED_SPEND_KEY] = { 640, 4096 },
	[SHARED_SPEND_DAY] = { 640, 512 },
	[SHARED_MEMORY] = { sizeof(struct memory_table), 1 },
};

enum { HASHES = 4096 + 2048 + 1024 + 1 + 512 + 4096 + 512 + 1 };

struct shared {
	/* of each record's name, kind after kind; 0: free */
	_Atomic uint64_t hashes[HASHES];
	uint64_t	 records[];
};

static size_t
hashes_before(enum shared_kind kind)
{
	size_t n = 0;

	for (unsigned k = 0; k < kind; k++)
		n += kinds[k].count;
	return n;
}

static size_t
bytes_before(enum shared_kind kind)
{
	size_t n = 0;

	for (unsigned k = 0; k < kind; k++)
		n += kinds[k].count * kinds[k].size;
	return n;
}

struct shared *
shared_new(void)
{
	void *p = mmap(NULL, sizeof(struct shared) +
	    bytes_before(SHARED_KINDS), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static void *
record(struct shared *s, enum shared_kind kind, size_t i)
{
	return (char *)s->records + bytes_before(kind) +
	    i * kinds[kind].size;
}

static uint64_t
hash_of(struct slice name)
{
	uint8_t sum[SHA256_LEN];
	uint64_t hash;

	sha256(name, sum);
	memcpy(&hash, sum, sizeof hash);
	return hash ? hash : 1;
}

void *
shared_record(struct shared *s, enum shared_kind kind, struct slice name)
{
	uint64_t hash = hash_of(name);
	size_t count = kinds[kind].count;
	_Atomic uint64_t *hashes;

	if (!s)
		return NULL;
	hashes = s->hashes + hashes_before(kind);
	for (size_t i = 0, at = (size_t)(hash % count); i < count;
	    i++, at = (at + 1) % count) {
		uint64_t there = 0;

		if (atomic_compare_exchange_strong(&hashes[at], &there, hash)
		    || there == hash)
			return record(s, kind, at);
	}
	return NULL;
}

void
shared_each(struct shared *s, enum shared_kind kind,
    void (*each)(void *, void *), void *arg)
{
	size_t from = hashes_before(kind);

	for (size_t i = 0; s && i < kinds[kind].count; i++)
		if (atomic_load(&s->hashes[from + i]))
			each(arg, record(s, kind, i));
}

struct memory_table *
shared_memory(struct shared *s)
{
	return shared_record(s, SHARED_MEMORY, SLICE("memory"));
}

size_t
shared_size(enum shared_kind kind)
{
	return kinds[kind].size;
}
