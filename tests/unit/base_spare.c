/* Large memory is kept for the next user, up to a bound. */
#include "base/spare.h"

#include "base/buf.h"
#include "test.h"

static void
sizes(void)
{
	CHECK(spare_size(1) == SPARE_SIZE_MIN);
	CHECK(spare_size(SPARE_SIZE_MIN) == SPARE_SIZE_MIN);
	CHECK(spare_size(SPARE_SIZE_MIN + 1) == 2 * SPARE_SIZE_MIN);
	CHECK(spare_size(SPARE_SIZE_MAX) == SPARE_SIZE_MAX);
	CHECK(spare_size(SPARE_SIZE_MAX + 1) == SPARE_SIZE_MAX + 1);
}

static void
reuses(void)
{
	char *one = spare_get(1 << 20), *two;

	CHECK(one);
	memset(one, 'x', 1 << 20);
	spare_put(one, 1 << 20);
	two = spare_get(1 << 20);
	CHECK(two == one);
	memset(two, 'y', 1 << 20);
	spare_put(two, 1 << 20);
	spare_put(NULL, 1 << 20);
}

/* What is over the bound goes back to the system: the leak check would tell. */
static void
has_an_end(void)
{
	enum { N = 2 * (SPARE_MAX >> 20) };
	char *all[N];

	for (size_t i = 0; i < N; i++) {
		all[i] = spare_get(1 << 20);
		CHECK(all[i]);
		all[i][0] = all[i][(1 << 20) - 1] = 'z';
	}
	for (size_t i = 0; i < N; i++)
		spare_put(all[i], 1 << 20);
	CHECK(spare_held() == SPARE_MAX);
	spare_trim(3 << 20);
	CHECK(spare_held() == 3 << 20);
	spare_trim(0);
	CHECK(spare_held() == 0);
}

/* A buf that grows large, byte by byte and at once, keeps what is in it. */
static void
bufs(void)
{
	struct buf slow = { 0 }, fast = { .limit = 3 << 20 };

	for (size_t i = 0; i < 300000; i++)
		buf_byte(&slow, (char)('a' + i % 26));
	CHECK(!slow.failed && buf_len(&slow) == 300000);
	for (size_t i = 0; i < 300000; i++)
		CHECK(buf_slice(&slow).ptr[i] == (char)('a' + i % 26));
	CHECK(buf_reserve(&fast, 3 << 20));
	memset(fast.data + fast.end, 'f', 3 << 20);
	buf_commit(&fast, 3 << 20);
	CHECK(!buf_reserve(&fast, 1) && fast.failed);
	buf_free(&slow);
	buf_free(&fast);
	buf_free(&fast);
}

TESTS(
	{ "sizes", sizes },
	{ "reuses", reuses },
	{ "has an end", has_an_end },
	{ "bufs", bufs },
)
