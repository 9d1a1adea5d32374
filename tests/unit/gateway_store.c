/* Records that processes share: who finds what, what goes, who may die. */
#include "test.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "gateway/store.h"

#define ID(text) SLICE(text)

static struct store_limits
small(void)
{
	struct store_limits limits = store_usual;

	limits.bytes = STORE_BYTES_MIN;
	limits.record_max = 100000;
	limits.ttl_s = 100;
	return limits;
}

static struct store *
open_small(void)
{
	struct store_limits limits = small();
	const char *why;
	struct store *s = store_open(&limits, NULL, &why);

	CHECK(s);
	return s;
}

/* A record that tells its number, `len` bytes long. */
static void
make(struct buf *out, unsigned n, size_t len)
{
	buf_clear(out);
	while (buf_len(out) < len)
		buf_fmt(out, "%u;", n);
	buf_trunc(out, len);
}

static bool
put(struct store *s, const char *owner, unsigned n, size_t len, int64_t now)
{
	struct buf record = { 0 };
	char id[32];
	struct slice ids[2];
	bool done;

	snprintf(id, sizeof id, "resp_%u", n);
	ids[0] = slice_of(id);
	ids[1] = SLICE("msg_of_latest");
	make(&record, n, len);
	done = store_put(s, slice_of(owner), ids, 2, buf_slice(&record), now);
	buf_free(&record);
	return done;
}

/* Is it there?  If so it is what was put. */
static bool
has(struct store *s, const char *owner, unsigned n, int64_t now)
{
	struct arena arena = { 0 };
	struct buf want = { 0 };
	struct slice record;
	char id[32];
	bool found;

	snprintf(id, sizeof id, "resp_%u", n);
	found = store_find(s, slice_of(owner), slice_of(id), now, &arena,
	    &record);
	if (found) {
		make(&want, n, record.len);
		CHECK(slice_eq(record, buf_slice(&want)));
	}
	buf_free(&want);
	arena_reset(&arena);
	return found;
}

static void
found_by_its_owner(void)
{
	struct store *s = open_small();
	struct arena arena = { 0 };
	struct slice record;
	struct store_figures f;

	for (unsigned i = 0; i < 9; i++)
		CHECK(put(s, "a", i, 1 + i * 2047, 1));
	for (unsigned i = 0; i < 9; i++)
		CHECK(has(s, "a", i, 2) && !has(s, "b", i, 2));
	CHECK(!has(s, "a", 9, 2));
	CHECK(put(s, "b", 3, 5, 2));
	CHECK(has(s, "b", 3, 2) && has(s, "a", 3, 2));
	/* the second id is the latest's */
	CHECK(store_find(s, SLICE("a"), ID("msg_of_latest"), 2, &arena,
	    &record));
	CHECK(record.len == 1 + 8 * 2047);
	CHECK(!store_find(s, SLICE("a"), SLICE(""), 2, &arena, &record));
	store_count(s, &f);
	CHECK(f.records == 10 && f.bytes >= 2048 * 10 && !f.evicted);
	arena_reset(&arena);
	store_close(s);
}

static void
gone_in_the_end(void)
{
	struct store *s = open_small();

	CHECK(put(s, "a", 1, 50, 10));
	CHECK(has(s, "a", 1, 109));
	CHECK(!has(s, "a", 1, 110));
	CHECK(put(s, "a", 2, 50, 110));
	CHECK(!store_delete(s, SLICE("b"), ID("resp_2"), 111));
	CHECK(store_delete(s, SLICE("a"), ID("resp_2"), 111));
	CHECK(!store_delete(s, SLICE("a"), ID("resp_2"), 111));
	CHECK(!has(s, "a", 2, 111));
	CHECK(!put(s, "a", 3, 100001, 111));
	CHECK(!put(NULL, "a", 3, 1, 1) && !has(NULL, "a", 3, 1));
	store_close(s);
}

/* What was used longest ago makes room. */
static void
evicted(void)
{
	struct store *s = open_small();
	unsigned left = 0;

	for (unsigned i = 0; i < 2000; i++) {
		CHECK(put(s, i % 2 ? "a" : "b", i, 3000, 1));
		CHECK(has(s, "b", 0, 1));
	}
	CHECK(has(s, "a", 1999, 1) && has(s, "b", 1998, 1));
	for (unsigned i = 0; i < 2000; i++)
		left += has(s, i % 2 ? "a" : "b", i, 1);
	CHECK(left > 150 && left < 300);
	CHECK(!has(s, "a", 1, 1));
	store_close(s);
}

static void
one_owner_takes_half(void)
{
	struct store *s = open_small();
	struct store_figures f;

	for (unsigned i = 0; i < 20; i++)
		CHECK(put(s, "quiet", i, 2000, 1));
	for (unsigned i = 100; i < 2000; i++)
		CHECK(put(s, "loud", i, 2000, 1));
	for (unsigned i = 0; i < 20; i++)
		CHECK(has(s, "quiet", i, 1));
	store_count(s, &f);
	CHECK(f.bytes <= STORE_BYTES_MIN / 2 + 20 * 2048);
	CHECK(f.bytes > STORE_BYTES_MIN / 3);
	CHECK(f.records + f.evicted == 1920);
	store_close(s);
}

/* Does the kernel give back locks of the dead?  An emulator's does not. */
static bool
locks_outlive(void)
{
	pthread_mutexattr_t attr;

	return !pthread_mutexattr_init(&attr) &&
	    !pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
}

/* One process writes and is killed; what is found then is whole. */
static void
killed_amid(void)
{
	struct store *s = open_small();
	unsigned seen = 0;
	char byte = 0;
	int told[2];

	CHECK(!pipe(told));
	for (unsigned round = 0; round < 60; round++) {
		unsigned from = round * 1000000;
		pid_t pid = fork();

		CHECK(pid >= 0);
		for (unsigned i = from; !pid; i++) {
			(void)put(s, "a", i, 1 + i * 7919 % 90000, 1);
			if (write(told[1], &byte, 1) != 1)
				_exit(1);
		}
		/* by then it is at the next one */
		for (unsigned i = 0; i <= round % 7; i++)
			CHECK(read(told[0], &byte, 1) == 1);
		CHECK(!kill(pid, SIGKILL) && waitpid(pid, NULL, 0) == pid);
		for (unsigned i = from; i < from + 200; i++)
			seen += has(s, "a", i, 1);
		CHECK((put(s, "b", round, 70000, 1) &&
		    has(s, "b", round, 1)) || !locks_outlive());
	}
	CHECK(seen > 0);
	store_close(s);
}

/* Several write and read at a time. */
static void
shared(void)
{
	struct store *s = open_small();
	pid_t pids[3];
	int status;

	for (unsigned p = 0; p < 3; p++) {
		pids[p] = fork();
		CHECK(pids[p] >= 0);
		if (pids[p])
			continue;
		for (unsigned i = 0; i < 300; i++) {
			(void)put(s, "a", p * 1000 + i, 1 + i * 97, 1);
			for (unsigned k = 0; k < 3; k++)
				(void)has(s, "a", k * 1000 + i, 1);
		}
		_exit(0);
	}
	for (unsigned p = 0; p < 3; p++)
		CHECK(waitpid(pids[p], &status, 0) == pids[p] && !status);
	/* the last of them, whichever it was */
	CHECK(has(s, "a", 299, 1) || has(s, "a", 1299, 1) ||
	    has(s, "a", 2299, 1));
	store_close(s);
}

static void
kept_in_a_file(void)
{
	char name[] = "/tmp/store-XXXXXX";
	struct store_limits limits = small();
	const char *why;
	int fd = mkstemp(name);
	struct store *s;

	CHECK(fd >= 0);
	for (unsigned start = 0; start < 3; start++) {
		pid_t pid = fork();
		int status;

		CHECK(pid >= 0);
		if (!pid) {		/* its lock goes with it */
			s = store_open(&limits, name, &why);
			CHECK(s);
			CHECK(!store_open(&limits, name, &why));
			for (unsigned i = 0; i < start; i++)
				CHECK(has(s, "a", i, 1));
			CHECK(put(s, "a", start, 5000, 1));
			_exit(0);
		}
		CHECK(waitpid(pid, &status, 0) == pid && !status);
	}
	limits.bytes *= 2;		/* another size: begun anew */
	s = store_open(&limits, name, &why);
	CHECK(s && !has(s, "a", 0, 1));
	CHECK(put(s, "a", 9, 10, 1) && has(s, "a", 9, 1));
	CHECK(!store_open(&limits, "/nowhere/at/all", &why) && why);
	unlink(name);
	close(fd);
}

/* A file may hold anything: what is found in it is still what was put. */
static void
file_of_nonsense(void)
{
	char name[] = "/tmp/store-XXXXXX";
	struct store_limits limits = small();
	const char *why;
	int fd = mkstemp(name);
	unsigned seed = 1;

	CHECK(fd >= 0);
	for (unsigned round = 0; round < 20; round++) {
		pid_t pid = fork();
		int status;

		CHECK(pid >= 0);
		if (!pid) {
			struct store *s = store_open(&limits, name, &why);

			CHECK(s);
			for (unsigned i = 0; i < 60; i++)
				(void)has(s, "a", i, 1);
			for (unsigned i = 0; i < 60; i++)
				CHECK(put(s, "a", i, 100 + i * 300, 1));
			CHECK(has(s, "a", 59, 1));
			_exit(0);
		}
		CHECK(waitpid(pid, &status, 0) == pid && !status);
		for (unsigned i = 0; i < 300; i++) {
			seed = seed * 1103515245 + 12345;
			/* behind the head, where its sizes stand */
			CHECK(pwrite(fd, &seed, 4, 8192 + seed / 8 %
			    (i % 2 ? 60000 : 900000)) == 4);
		}
	}
	unlink(name);
	close(fd);
}

TESTS(
	{ "found by its owner", found_by_its_owner },
	{ "gone in the end", gone_in_the_end },
	{ "evicted", evicted },
	{ "one owner takes half", one_owner_takes_half },
	{ "killed amid", killed_amid },
	{ "shared", shared },
	{ "kept in a file", kept_in_a_file },
	{ "file of nonsense", file_of_nonsense })
