/*
 * A process writes what it wants into its place first, then adds up all places
 * and steps back if that is too much.  Two that do so at once may both be
 * refused where one would have been served; the limit itself always holds, and
 * a process that dies leaves nothing but its place to be cleared.
 */
#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/spare.h"

enum {
	STEPS = 64,		/* in which all of them take the limit */
	STEP_MIN = 4096,
	STEP_MAX = 1 << 20,
	SHORT_MS = 1000,
};

static struct {
	size_t	 used;			/* what was got and not put back */
	size_t	 granted;		/* up to which nobody is asked */
	size_t	 before;		/* what counts for nothing */
	size_t	 limit;
	struct memory_table	*table;	/* NULL: there is no limit */
	_Atomic uint64_t	*mine;	/* granted - before */
	uint64_t room;
	int64_t	 short_until_ms;
} memory = { .granted = SIZE_MAX };

static uint32_t
places(const struct memory_table *table)
{
	return atomic_load_explicit(&table->places, memory_order_relaxed);
}

uint64_t
memory_taken(const struct memory_table *table)
{
	uint32_t n = places(table);
	uint64_t sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += atomic_load_explicit(&table->taken[i],
		    memory_order_relaxed);
	return sum;
}

static void
set_granted(size_t granted)
{
	memory.granted = granted;
	atomic_store(memory.mine, granted > memory.before
	    ? granted - memory.before : 0);
}

/* What many processes hold of steps without a use is no more than of one. */
static size_t
step(void)
{
	size_t each = memory.limit / STEPS / places(memory.table);

	return each < STEP_MIN ? STEP_MIN : each > STEP_MAX ? STEP_MAX : each;
}

/* Have `size` bytes more granted, if all together may then have `most`. */
static bool
extend(size_t size, size_t most)
{
	size_t old = memory.granted, lack = size - (old - memory.used);
	size_t by = step();

	if (lack > most)
		return false;
	lack = (lack + by - 1) / by * by;
	set_granted(old + lack);
	if (memory_taken(memory.table) <= most)
		return true;
	set_granted(old);
	return false;
}

static bool
allowed(size_t size)
{
	size_t most = memory.limit;

	if (size <= memory.granted - memory.used)
		return true;
	if (!memory.table)
		return false;
	if (size > MEMORY_LARGE)
		most = most / 8 * MEMORY_TIGHT;
	if (extend(size, most))
		return true;
	spare_trim(0);
	if (size <= memory.granted - memory.used || extend(size, most))
		return true;
	memory.short_until_ms = clock_ms() + SHORT_MS;
	errno = ENOMEM;
	return false;
}

static void
given_back(size_t size)
{
	memory.used -= size;
	if (memory.table && memory.granted - memory.used > 2 * step())
		set_granted(memory.used + step());
}

void *
memory_get(size_t size)
{
	void *p = allowed(size) ? malloc(size) : NULL;

	if (p)
		memory.used += size;
	return p;
}

void *
memory_zero(size_t size)
{
	void *p = allowed(size) ? calloc(1, size) : NULL;

	if (p)
		memory.used += size;
	return p;
}

void *
memory_resize(void *old, size_t was, size_t size)
{
	void *p;

	if (size > was && !allowed(size - was))
		return NULL;
	p = realloc(old, size);
	if (!p)
		return NULL;
	memory.used += size;
	given_back(was);
	return p;
}

void
memory_put(void *p, size_t size)
{
	if (!p)
		return;
	free(p);
	given_back(size);
}

void
memory_begin(struct memory_table *table, unsigned place, size_t limit)
{
	uint32_t n = atomic_load(&table->places);

	while (n <= place && !atomic_compare_exchange_weak(&table->places, &n,
	    place + 1))
		continue;
	memory.table = table;
	memory.mine = &table->taken[place];
	memory.before = memory.used;
	memory.limit = limit;
	set_granted(memory.used);
}

void
memory_bury(struct memory_table *table, unsigned place)
{
	atomic_store(&table->taken[place], 0);
}

static bool
is_above(unsigned eighths)
{
	return memory_taken(memory.table) > memory.limit / 8 * eighths;
}

bool
memory_above(unsigned eighths)
{
	if (!memory.table || !is_above(eighths))
		return false;
	if (eighths < MEMORY_SCARCE)
		return true;
	spare_trim(0);			/* what waits for a user comes first */
	return is_above(eighths);
}

bool
memory_short(void)
{
	return clock_ms() < memory.short_until_ms;
}

size_t
memory_keep(size_t most)
{
	size_t part;

	if (!memory.table)
		return most;
	part = memory.limit / 8 / places(memory.table);
	return most < part ? most : part;
}

void
memory_set_room(uint64_t bytes)
{
	memory.room = bytes;
}

uint64_t
memory_room(void)
{
	return memory.room;
}
