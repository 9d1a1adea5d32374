#include "test.h"

#include "base/buf.h"

static void
check_text(const struct buf *b, const char *want)
{
	struct slice s = buf_slice(b);

	CHECK_BYTES(s.ptr, s.len, want, strlen(want));
	CHECK(buf_len(b) == strlen(want));
}

static void
appends(void)
{
	struct buf b = { 0 };

	buf_append(&b, (struct slice){ 0 });
	CHECK(!b.data);			/* nothing asked, nothing taken */
	buf_append(&b, SLICE("ab"));
	buf_text(&b, "cd");
	buf_byte(&b, 'e');
	buf_u64(&b, 0);
	buf_u64(&b, UINT64_MAX);
	buf_fmt(&b, "%s=%d", "x", -1);
	buf_fmt(&b, "%s", "");
	check_text(&b, "abcde018446744073709551615x=-1");
	CHECK(!b.failed);
	buf_free(&b);
	buf_free(&b);
	CHECK(!b.data && !buf_slice(&b).ptr);
}

static void
takes(void)
{
	struct buf b = { 0 };

	buf_text(&b, "hello world");
	buf_take(&b, 6);
	check_text(&b, "world");
	buf_trunc(&b, 3);
	check_text(&b, "wor");
	buf_text(&b, "k");
	check_text(&b, "work");
	buf_take(&b, 4);
	CHECK(b.start == 0 && b.end == 0);
	buf_take(&b, 0);
	buf_text(&b, "x");
	buf_clear(&b);
	check_text(&b, "");
	buf_free(&b);
}

/* A queue that is filled and drained all day stays as small as its contents. */
static void
stays_small(void)
{
	struct buf b = { 0 };
	unsigned char put = 0, got = 0;

	for (int round = 0; round < 20000; round++) {
		for (int i = 0; i < 100; i++)
			buf_byte(&b, (char)put++);
		while (buf_len(&b) > 150) {
			CHECK((unsigned char)*buf_slice(&b).ptr == got);
			buf_take(&b, 1);
			got++;
		}
	}
	CHECK(b.cap <= 1024);
	buf_free(&b);
}

static void
reserves(void)
{
	struct buf b = { 0 };
	char *at = buf_reserve(&b, 1000);

	CHECK(at && buf_room(&b) >= 1000);
	memset(at, 'x', 1000);
	buf_commit(&b, 600);
	CHECK(buf_len(&b) == 600);
	CHECK(buf_reserve(&b, 0));
	CHECK(buf_len(&b) == 600);
	buf_free(&b);
}

static void
limits(void)
{
	struct buf b = { .limit = 10 };

	buf_text(&b, "0123456789");
	CHECK(!b.failed);
	CHECK(buf_room(&b) == 0);
	buf_byte(&b, 'x');
	CHECK(b.failed);
	check_text(&b, "0123456789");
	buf_take(&b, 5);
	buf_text(&b, "y");		/* sticky, though there is room */
	check_text(&b, "56789");
	CHECK(!buf_reserve(&b, 1));
	buf_clear(&b);
	buf_text(&b, "ok");
	check_text(&b, "ok");
	CHECK(buf_reserve(&b, 8));
	CHECK(buf_room(&b) == 8);
	CHECK(!buf_reserve(&b, SIZE_MAX));
	CHECK(b.failed);
	buf_free(&b);
	CHECK(b.limit == 10);
	CHECK(!b.failed);
}

/* With a limit the memory stays near it, however the bytes pass. */
static void
limit_bounds_memory(void)
{
	struct buf b = { .limit = 1000 };

	for (int i = 0; i < 10000; i++) {
		buf_append(&b, SLICE("seven b"));
		if (buf_len(&b) > 990)
			buf_take(&b, 7);
	}
	CHECK(!b.failed);
	CHECK(b.cap <= 1501);
	buf_free(&b);
}

TESTS(
	{ "appends", appends },
	{ "takes", takes },
	{ "stays small", stays_small },
	{ "reserves", reserves },
	{ "limits", limits },
	{ "a limit bounds the memory", limit_bounds_memory })
