/* Records that processes share: one for each name, whoever asks first. */
#include "test.h"

#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/shared.h"

static void
found_again(void)
{
	struct shared *s = shared_new();
	_Atomic uint64_t *a, *b;

	CHECK(s);
	a = shared_record(s, SHARED_TARGET, SLICE("openai/gpt-5"));
	b = shared_record(s, SHARED_TARGET, SLICE("openai/gpt-5-mini"));
	CHECK(a && b && a != b && !*a && !*b);
	CHECK(a == shared_record(s, SHARED_TARGET, SLICE("openai/gpt-5")));
	CHECK((void *)a != shared_record(s, SHARED_CLIENT_KEY,
	    SLICE("openai/gpt-5")));
	CHECK(!shared_record(NULL, SHARED_TARGET, SLICE("x")));
}

static void
count_one(void *arg, void *record)
{
	(void)record;
	++*(size_t *)arg;
}

/* Records of one kind do not overlap, and end somewhere. */
static void
all_taken(void)
{
	struct shared *s = shared_new();
	size_t count = 0, seen = 0;

	for (; count < 100000; count++) {
		char name[32];
		unsigned char *r;

		snprintf(name, sizeof name, "key%zu", count);
		r = shared_record(s, SHARED_PROVIDER_KEY, slice_of(name));
		if (!r)
			break;
		for (size_t i = 0; i < shared_size(SHARED_PROVIDER_KEY); i++)
			CHECK(r[i] == 0);
		memset(r, 0xa5, shared_size(SHARED_PROVIDER_KEY));
	}
	CHECK(count >= 1000 && count < 100000);
	shared_each(s, SHARED_PROVIDER_KEY, count_one, &seen);
	CHECK(seen == count);
	CHECK(shared_record(s, SHARED_PROVIDER_KEY, SLICE("key0")));
	CHECK(!shared_record(s, SHARED_PROVIDER_KEY, SLICE("new")));
}

/* All processes name the same records at once, in orders of their own. */
static void
at_once(void)
{
	enum { CHILDREN = 4, NAMES = 200 };
	struct shared *s = shared_new();

	for (unsigned c = 0; c < CHILDREN; c++)
		if (fork() == 0) {
			for (unsigned i = 0; i < NAMES; i++) {
				char name[32];
				_Atomic uint64_t *r;

				snprintf(name, sizeof name, "m%u",
				    (i * 7 + c * 13) % NAMES);
				r = shared_record(s, SHARED_TARGET,
				    slice_of(name));
				atomic_fetch_add(r, 1);
			}
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	for (unsigned i = 0; i < NAMES; i++) {
		char name[32];
		_Atomic uint64_t *r;

		snprintf(name, sizeof name, "m%u", i);
		r = shared_record(s, SHARED_TARGET, slice_of(name));
		CHECK(*r == CHILDREN);
	}
}

TESTS(
	{ "found again", found_again },
	{ "all taken", all_taken },
	{ "at once", at_once })
