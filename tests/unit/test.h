/*
 * test - the harness of the unit tests: a table of named functions.
 *
 * A program is one file: its tests, then
 *
 *	TESTS(
 *		{ "cuts anywhere", cut_anywhere },
 *		{ "refuses long lines", long_line })
 *
 * which defines main().  It prints each name as it starts, stops at the first
 * broken CHECK, and closes with "N passed, 0 failed".  Names given as
 * arguments run those tests only.
 */
#ifndef TESTS_UNIT_TEST_H
#define TESTS_UNIT_TEST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"

struct test {
	const char	*name;
	void		(*fn)(void);
};

/* A test may not pass by checking nothing: the harness counts. */
static unsigned long	test_checks;

/* In a test CHECK is a finding, not the mistake that base/check.h aborts on. */
#undef CHECK
#define CHECK(fact) test_check((fact), #fact, __FILE__, __LINE__)

/* The two pieces of memory hold the same bytes; says both if not. */
#define CHECK_BYTES(got, got_len, want, want_len) \
	test_bytes((got), (got_len), (want), (want_len), __FILE__, __LINE__)

#define TESTS(...) \
	int \
	main(int argc, char **argv) \
	{ \
		static const struct test all[] = { __VA_ARGS__ }; \
 \
		return test_main(all, sizeof all / sizeof *all, argc, argv); \
	}

static inline void
test_check(bool fact, const char *text, const char *file, int line)
{
	test_checks++;
	if (fact)
		return;
	printf("%s:%d: CHECK(%s)\n", file, line, text);
	fflush(stdout);
	_exit(1);
}

static inline void
test_bytes(const void *got, size_t got_len, const void *want, size_t want_len,
    const char *file, int line)
{
	test_checks++;
	if (got_len == want_len && (!got_len || !memcmp(got, want, got_len)))
		return;
	printf("%s:%d: got %zu bytes: %.*s\n", file, line, got_len,
	    (int)got_len, got_len ? (const char *)got : "");
	printf("    wanted %zu bytes: %.*s\n", want_len, (int)want_len,
	    want_len ? (const char *)want : "");
	fflush(stdout);
	_exit(1);
}

/*
 * Copy data so that the byte after its end cannot be read: one step too far
 * stops the program.  guard_page_free() takes the copy back, with its length.
 */
static inline char *
guard_page(const void *data, size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t room = (len / page + 1) * page;
	char *base = mmap(NULL, room + page, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(base != MAP_FAILED);
	CHECK(mprotect(base + room, page, PROT_NONE) == 0);
	return len ? memcpy(base + room - len, data, len) : base + room;
}

static inline void
guard_page_free(char *copy, size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t room = (len / page + 1) * page;

	munmap(copy + len - room, room + page);
}

static inline int
test_main(const struct test *all, size_t n, int argc, char **argv)
{
	unsigned passed = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned long before = test_checks;
		bool wanted = argc < 2;

		for (int a = 1; a < argc; a++)
			wanted |= !strcmp(argv[a], all[i].name);
		if (!wanted)
			continue;
		printf("%s\n", all[i].name);
		fflush(stdout);		/* known even if the test crashes */
		all[i].fn();
		test_check(test_checks > before, "the test checked something",
		    all[i].name, 0);
		passed++;
	}
	printf("%u passed, 0 failed\n", passed);
	return passed ? 0 : 1;
}

#endif
