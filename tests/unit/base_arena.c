#include "test.h"

#include "base/arena.h"

static void
allocates(void)
{
	struct arena a = { 0 };

	for (size_t size = 0; size < 3000; size += 7) {
		char *text = arena_text(&a, size);
		char *at = arena_alloc(&a, size);

		CHECK(text && at);
		CHECK((uintptr_t)at % 16 == 0);
		for (size_t i = 0; i < size; i++)
			CHECK(at[i] == 0);
		memset(text, 1, size);
		memset(at, 2, size);
		CHECK(!size || (text[size - 1] == 1 && at[size - 1] == 2));
	}
	CHECK(!a.failed);
	arena_reset(&a);
	arena_reset(&a);
	CHECK(!a.top && !a.total);
}

static void
arrays(void)
{
	struct arena a = { 0 };
	uint64_t *n = arena_array(&a, 1000, sizeof *n);

	CHECK(n && n[0] == 0 && n[999] == 0);
	CHECK(!arena_array(&a, SIZE_MAX / 2, 3));
	CHECK(a.failed);
	CHECK(!arena_alloc(&a, 1));	/* sticky */
	arena_reset(&a);
	CHECK(!a.failed);
	CHECK(!arena_text(&a, SIZE_MAX));
	CHECK(!arena_text(&a, SIZE_MAX - 64));
	arena_reset(&a);
}

static void
limits(void)
{
	struct arena a = { .limit = 10000 };
	size_t got = 0;

	while (arena_text(&a, 100))
		got += 100;
	CHECK(a.failed);
	CHECK(got > 5000 && got <= 10000);
	arena_reset(&a);
	CHECK(a.limit == 10000);
	CHECK(arena_text(&a, 9000));
	CHECK(!arena_text(&a, 1000));
	arena_reset(&a);
	CHECK(!arena_text(&a, 10000));
	arena_reset(&a);
}

/* A big piece does not cost the rest of the chunk in use. */
static void
big(void)
{
	struct arena a = { 0 };
	char *before = arena_text(&a, 10), *large, *after;

	large = arena_text(&a, 5 << 20);
	after = arena_text(&a, 10);
	CHECK(before && large && after);
	memset(large, 1, 5 << 20);
	CHECK(after > before && after - before < 4096);
	arena_reset(&a);
}

static void
resizes(void)
{
	struct arena a = { 0 };
	char *at = arena_text(&a, 10), *other, *moved;

	memcpy(at, "0123456789", 10);
	CHECK(arena_resize(&a, at, 10, 100) == at);
	CHECK(arena_resize(&a, at, 100, 20) == at);
	other = arena_text(&a, 1);
	CHECK(other && other > at && other - at < 64);
	CHECK(arena_resize(&a, at, 20, 10) == at);
	moved = arena_resize(&a, at, 20, 40);
	CHECK(moved && moved != at);
	CHECK(!memcmp(moved, "0123456789", 10));
	moved = arena_resize(&a, moved, 40, 100000);
	CHECK(moved && !memcmp(moved, "0123456789", 10));
	CHECK(arena_resize(&a, NULL, 0, 10));
	arena_reset(&a);
}

/* Grown step by step, as a list of unknown length is. */
static void
grows(void)
{
	struct arena a = { 0 };
	uint32_t *n = NULL;
	size_t cap = 0;

	for (uint32_t i = 0; i < 100000; i++) {
		if (i == cap) {
			size_t more = cap ? cap * 2 : 4;

			n = arena_resize(&a, n, cap * sizeof *n,
			    more * sizeof *n);
			CHECK(n);
			cap = more;
		}
		n[i] = i;
	}
	for (uint32_t i = 0; i < 100000; i++)
		CHECK(n[i] == i);
	arena_reset(&a);
}

static void
texts(void)
{
	struct arena a = { 0 };
	struct slice pieces[] = {
		SLICE("a"), { 0 }, SLICE(""), SLICE("bc"),
	};
	struct slice s = arena_dup(&a, SLICE("copy"));
	char *c = arena_cstr(&a, (struct slice){ 0 });

	CHECK(slice_is(s, "copy"));
	CHECK(!arena_dup(&a, (struct slice){ 0 }).ptr);
	CHECK(arena_dup(&a, SLICE("")).ptr);
	CHECK(c && !*c);
	c = arena_cstr(&a, SLICE("x"));
	CHECK(c && !strcmp(c, "x"));
	CHECK(slice_is(arena_fmt(&a, "%d-%s", 5, "y"), "5-y"));
	CHECK(slice_is(arena_fmt(&a, "%s", ""), ""));
	CHECK(slice_is(arena_join(&a, pieces, 4), "abc"));
	CHECK(slice_is(arena_join(&a, pieces, 0), ""));
	a.failed = true;
	CHECK(!arena_dup(&a, SLICE("copy")).ptr);
	CHECK(!arena_fmt(&a, "x").ptr);
	CHECK(!arena_join(&a, pieces, 4).ptr);
	CHECK(!arena_cstr(&a, SLICE("x")));
	arena_reset(&a);
}

/* A second request like the first gets the chunks of the first. */
static void
reuses(void)
{
	struct arena a = { 0 };
	char *first[50];

	for (size_t i = 0; i < 50; i++) {
		first[i] = arena_text(&a, 1000);
		CHECK(first[i]);
	}
	arena_reset(&a);
	for (size_t i = 0; i < 50; i++) {
		char *again = arena_text(&a, 1000);
		bool known = false;

		for (size_t k = 0; k < 50; k++)
			known |= again == first[k];
		CHECK(known);
	}
	arena_reset(&a);
}

/* What held a key is overwritten when it is given back. */
static void
wipes(void)
{
	struct arena a = { .secret = true };
	char *key = arena_text(&a, 64);
	struct arena next = { 0 };
	char *again;

	CHECK(key);
	memset(key, 'k', 64);
	arena_hold(&a);
	CHECK(key[0] == 'k' && key[63] == 'k');
	arena_reset(&a);
	CHECK(a.secret);
	again = arena_text(&next, 64);
	CHECK(again == key);		/* not zeroed by itself */
	for (size_t i = 0; i < 64; i++)
		CHECK(again[i] == 0);
	arena_reset(&next);
}

TESTS(
	{ "allocates", allocates },
	{ "arrays", arrays },
	{ "limits", limits },
	{ "big pieces", big },
	{ "resizes", resizes },
	{ "grows", grows },
	{ "texts", texts },
	{ "reuses chunks", reuses },
	{ "wipes", wipes })
