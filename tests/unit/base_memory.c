/*
 * Memory within a bound that several processes share.  A bound is for the whole
 * process, so each test has one of its own.
 */
#include "base/memory.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slab.h"
#include "base/spare.h"
#include "test.h"

enum { KB = 1024, MB = 1024 * KB };

static struct memory_table *
new_table(void)
{
	void *p = mmap(NULL, sizeof(struct memory_table),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

/* Does it hold in a process of its own?  Its failed CHECKs are printed. */
static bool
apart(bool (*holds)(struct memory_table *), struct memory_table *table)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid)
		_exit(!holds(table));
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool
without_bound(struct memory_table *table)
{
	void *p = memory_get(64 * MB);
	bool good = p && !memory_above(MEMORY_SCARCE) && !memory_short() &&
	    memory_keep(5 * MB) == 5 * MB && !memory_taken(table);

	memory_put(p, 64 * MB);
	memory_put(NULL, 64 * MB);
	return good;
}

/* Large pieces end at 7/8, small ones at the bound; all comes back. */
static bool
to_the_bound(struct memory_table *table)
{
	void *large[64] = { NULL }, *small[512] = { NULL };
	size_t n = 0, m = 0;
	bool good;

	memory_begin(table, 3, 8 * MB);
	good = memory_taken(table) == 0;
	while (n < 64 && (large[n] = memory_get(256 * KB)))
		n++;
	good &= n >= 26 && n <= 28 && memory_short() &&
	    memory_above(MEMORY_SCARCE);
	while (m < 512 && (small[m] = memory_zero(4 * KB)))
		m++;
	good &= m >= 200 && m <= 512 - 1;
	good &= memory_taken(table) <= 8 * MB;
	for (size_t i = 0; i < n; i++)
		memory_put(large[i], 256 * KB);
	for (size_t i = 0; i < m; i++)
		memory_put(small[i], 4 * KB);
	good &= !memory_above(MEMORY_SCARCE) && memory_taken(table) <= MB / 2;
	large[0] = memory_get(6 * MB);
	good &= large[0] != NULL && memory_get(2 * MB) == NULL;
	memory_put(large[0], 6 * MB);
	return good;
}

/* What a process had before it began is not its part of the bound. */
static bool
from_before(struct memory_table *table)
{
	void *old = memory_get(20 * MB), *p;
	bool good;

	memory_begin(table, 0, 2 * MB);
	good = old && memory_taken(table) == 0;
	p = memory_get(MB);
	good &= p && memory_taken(table) >= MB && memory_taken(table) <= 2 * MB;
	memory_put(old, 20 * MB);
	memory_put(p, MB);
	return good && memory_taken(table) <= MB;
}

static bool
half_of_four(struct memory_table *table)
{
	memory_begin(table, 0, 4 * MB);
	return memory_get(2 * MB) != NULL;
}

static bool
rest_of_four(struct memory_table *table)
{
	memory_begin(table, 1, 4 * MB);
	return memory_get(2 * MB) == NULL && memory_get(MB) != NULL;
}

static bool
most_of_four(struct memory_table *table)
{
	memory_begin(table, 1, 4 * MB);
	return memory_get(3 * MB) != NULL;
}

static void
bounds(void)
{
	struct memory_table *table = new_table();

	CHECK(apart(without_bound, table));
	CHECK(apart(to_the_bound, table));
	memory_bury(table, 3);
	CHECK(memory_taken(table) == 0);
	CHECK(apart(from_before, table));
	CHECK(munmap(table, sizeof *table) == 0);
}

/* The process that died holds its part until it is buried. */
static void
together(void)
{
	struct memory_table *table = new_table();

	CHECK(apart(half_of_four, table));
	CHECK(memory_taken(table) >= 2 * MB);
	CHECK(apart(rest_of_four, table));
	memory_bury(table, 1);
	CHECK(!apart(most_of_four, table));
	memory_bury(table, 0);
	memory_bury(table, 1);
	CHECK(apart(most_of_four, table));
	CHECK(munmap(table, sizeof *table) == 0);
}

/* Kept memory gives way to what is asked for, and is little in a small room. */
static bool
spares(struct memory_table *table)
{
	void *one, *two;
	bool good;

	memory_begin(table, 0, 4 * MB);
	one = spare_get(2 * MB);
	spare_put(one, 2 * MB);
	good = one && spare_held() == 0;
	one = spare_get(256 * KB);
	spare_put(one, 256 * KB);
	good &= spare_held() == 256 * KB && memory_keep(SPARE_MAX) == MB / 2;
	one = memory_get(3 * MB);
	two = memory_get(400 * KB);
	good &= one && two && spare_held() == 0;
	memory_put(one, 3 * MB);
	memory_put(two, 400 * KB);
	return good;
}

/* Whoever is refused says so by the means it has, and goes on after that. */
static bool
users(struct memory_table *table)
{
	struct arena arena = { 0 };
	struct buf buf = { 0 };
	struct slab slab = { .size = 64 * KB };
	void *object = NULL, *held;
	bool good;

	memory_begin(table, 0, MB);
	held = memory_get(800 * KB);
	good = held && !arena_alloc(&arena, 200 * KB) && arena.failed;
	buf_text(&buf, "what was there before");
	good &= !buf_reserve(&buf, 200 * KB) && buf.failed &&
	    slice_is(buf_slice(&buf), "what was there before");
	object = slab_get(&slab);
	slab_put(&slab, object);
	slab.size = 300 * KB;
	good &= object && !slab_get(&slab);
	memory_put(held, 800 * KB);
	arena_reset(&arena);
	buf_clear(&buf);
	good &= arena_alloc(&arena, 200 * KB) && buf_reserve(&buf, 200 * KB);
	arena_reset(&arena);
	buf_free(&buf);
	spare_trim(0);
	return good && memory_taken(table) <= 128 * KB;
}

static void
those_above(void)
{
	struct memory_table *table = new_table();

	CHECK(apart(spares, table));
	memory_bury(table, 0);
	CHECK(apart(users, table));
	CHECK(munmap(table, sizeof *table) == 0);
}

enum { CROWD = 64 };

/* It has something of every kind, and keeps what it may for later. */
static bool
one_of_a_crowd(struct memory_table *table, unsigned place)
{
	struct slab slab = { .size = 2 * KB, .keep = 1000 };
	void *objects[32], *one;

	table->places = CROWD;
	memory_begin(table, place, 8 * MB);
	for (size_t i = 0; i < 32; i++)
		objects[i] = slab_get(&slab);
	for (size_t i = 0; i < 32; i++)
		slab_put(&slab, objects[i]);
	for (size_t size = SPARE_SIZE_MIN; size <= 64 * KB; size *= 2) {
		one = spare_get(size);
		spare_put(one, size);
	}
	return memory_keep(MB) == 8 * MB / 8 / CROWD;
}

/* What idle processes keep is never so much that nobody can begin. */
static void
many_idle(void)
{
	struct memory_table *table = new_table();

	for (unsigned i = 0; i < CROWD; i++) {
		pid_t pid = fork();
		int status = -1;

		if (!pid)
			_exit(!one_of_a_crowd(table, i));
		CHECK(waitpid(pid, &status, 0) == pid && !status);
	}
	CHECK(memory_taken(table) > 0);
	CHECK(memory_taken(table) <= 8 * MB / 8 * 5);
	CHECK(munmap(table, sizeof *table) == 0);
}

enum { PROCESSES = 8, ROUNDS = 2000 };

/* Takes and gives by chance; never more than the bound, whoever looks. */
static bool
at_random(struct memory_table *table, unsigned place)
{
	void *p[16] = { NULL };
	size_t size[16] = { 0 };
	uint32_t seed = place + 1;
	bool good = true;

	memory_begin(table, place, 8 * MB);
	for (size_t i = 0; i < ROUNDS; i++) {
		size_t at = i % 16;

		seed = seed * 1664525 + 1013904223;
		memory_put(p[at], size[at]);
		size[at] = seed >> 14;
		p[at] = memory_get(size[at]);
		if (p[at])
			*(volatile char *)p[at] = 1;
	}
	/* those that are refused have written what they wished for a moment:
	 * it is their steps that the sum may be over by */
	good &= memory_taken(table) <= 8 * MB + PROCESSES * MB;
	for (size_t i = 0; i < 16; i++)
		memory_put(p[i], size[i]);
	return good && memory_taken(table) <= 8 * MB + PROCESSES * MB;
}

static void
at_once(void)
{
	struct memory_table *table = new_table();
	pid_t pids[PROCESSES];

	for (unsigned i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (!pids[i])
			_exit(!at_random(table, i));
	}
	for (unsigned i = 0; i < PROCESSES; i++) {
		int status = -1;

		CHECK(waitpid(pids[i], &status, 0) == pids[i] && !status);
	}
	CHECK(memory_taken(table) <= 8 * MB / 2);
	for (unsigned i = 0; i < PROCESSES; i++)
		memory_bury(table, i);
	CHECK(memory_taken(table) == 0);
	CHECK(munmap(table, sizeof *table) == 0);
}

TESTS(
	{ "bounds", bounds },
	{ "together", together },
	{ "those above", those_above },
	{ "many idle", many_idle },
	{ "at once", at_once },
)
