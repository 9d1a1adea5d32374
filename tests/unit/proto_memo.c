/* The memory of recent thinking: what it keeps, for whom, and how much. */
#include "test.h"

#include "base/buf.h"
#include "proto/memo.h"

static struct slice
numbered(struct arena *arena, const char *what, int i)
{
	return arena_fmt(arena, "%s%d", what, i);
}

/* One block of thinking whose text is `text`. */
static void
put(struct memo *m, const char *owner, struct slice id, struct slice text,
    int64_t now)
{
	struct memo_block b = { .kind = IR_THINK, .vendor = IR_ANTHROPIC,
	    .text = text, .signature = SLICE("sig"), .text_offset = 3,
	    .call_offset = 1 };

	memo_put(m, slice_of(owner), id, &b, now);
}

static bool
has(struct memo *m, const char *owner, struct slice id, const char *text,
    int64_t now)
{
	struct arena arena = { 0 };
	const struct memo_block *b = memo_get(m, &arena, slice_of(owner), id,
	    now);
	bool found = b && slice_is(b->text, text) &&
	    slice_is(b->signature, "sig") && b->kind == IR_THINK &&
	    b->vendor == IR_ANTHROPIC && b->text_offset == 3 &&
	    b->call_offset == 1 && !b->next;

	CHECK(!b || found || !slice_is(b->text, text));
	arena_reset(&arena);
	return found;
}

static void
kept_by_owner_and_id(void)
{
	struct memo m = { .limit = 64 << 20 };

	CHECK(!has(&m, "key", SLICE("toolu_1"), "a", 0));
	put(&m, "key", SLICE("toolu_1"), SLICE("a"), 0);
	put(&m, "other", SLICE("toolu_1"), SLICE("b"), 0);
	CHECK(has(&m, "key", SLICE("toolu_1"), "a", 1));
	CHECK(has(&m, "other", SLICE("toolu_1"), "b", 1));
	CHECK(!has(&m, "nobody", SLICE("toolu_1"), "a", 1));
	CHECK(!has(&m, "key", SLICE("toolu_2"), "a", 1));
	/* owner and id are told apart */
	CHECK(!has(&m, "ke", SLICE("ytoolu_1"), "a", 1));
	put(&m, "key", SLICE("toolu_1"), SLICE("c"), 2);
	CHECK(has(&m, "key", SLICE("toolu_1"), "c", 3));
	/* what has no name, or nothing in it, is not kept */
	put(&m, "key", SLICE(""), SLICE("d"), 3);
	CHECK(!has(&m, "key", SLICE(""), "d", 3));
	memo_put(&m, SLICE("key"), SLICE("toolu_1"), NULL, 3);
	CHECK(has(&m, "key", SLICE("toolu_1"), "c", 3));
	memo_free(&m);
	CHECK(!has(&m, "key", SLICE("toolu_1"), "c", 3));
	memo_free(&m);
}

/* What is not used for an hour is forgotten; what is used stays. */
static void
time_passes(void)
{
	struct memo m = { .limit = 64 << 20 };
	int64_t step = MEMO_TTL_MS / 2 + 1, now = 0;

	put(&m, "k", SLICE("used"), SLICE("u"), now);
	put(&m, "k", SLICE("unused"), SLICE("n"), now);
	for (int i = 0; i < 10; i++) {
		now += step;
		CHECK(has(&m, "k", SLICE("used"), "u", now));
		put(&m, "k", SLICE("more"), SLICE("m"), now);
	}
	CHECK(!has(&m, "k", SLICE("unused"), "n", now));
	CHECK(!has(&m, "k", SLICE("used"), "u", now + MEMO_TTL_MS));
	memo_free(&m);
}

static size_t
held(const struct memo *m)
{
	return m->young.arena.total + m->old.arena.total;
}

/* Memory is bounded; the newest stay, and so does what is used often. */
static void
bounded(void)
{
	enum { LIMIT = 256 << 10, MANY = 5000 };
	struct memo m = { .limit = LIMIT };
	struct arena arena = { 0 };
	struct buf text = { 0 };

	for (int i = 0; i < 1000; i++)
		buf_byte(&text, 'x');
	for (int i = 0; i < MANY; i++) {
		put(&m, "k", numbered(&arena, "id", i), buf_slice(&text), i);
		CHECK(held(&m) <= LIMIT);
		if (i % 10 == 0)
			put(&m, "k", SLICE("often"), SLICE("o"), i);
		CHECK(has(&m, "k", SLICE("often"), "o", i));
	}
	CHECK(!has(&m, "k", SLICE("id0"), "x", MANY));
	buf_byte(&text, '\0');
	CHECK(has(&m, "k", numbered(&arena, "id", MANY - 1),
	    buf_slice(&text).ptr, MANY));
	/* one that is too large is left out, and harms no other */
	while (buf_len(&text) <= MEMO_ENTRY_MAX)
		buf_byte(&text, 'x');
	put(&m, "k", SLICE("large"), buf_slice(&text), MANY);
	CHECK(has(&m, "k", SLICE("often"), "o", MANY));
	put(&m, "k", SLICE("tall"),
	    slice_sub(buf_slice(&text), 0, LIMIT / 4), MANY);
	CHECK(!has(&m, "k", SLICE("tall"), "x", MANY));
	CHECK(has(&m, "k", SLICE("often"), "o", MANY));
	put(&m, "k", SLICE("small"), SLICE("s"), MANY);
	CHECK(has(&m, "k", SLICE("small"), "s", MANY));
	CHECK(held(&m) <= LIMIT);
	buf_free(&text);
	arena_reset(&arena);
	memo_free(&m);
}

/* A list comes back as it was, whichever generation it is in. */
static void
lists(void)
{
	struct memo_block call = { .kind = IR_CALL, .vendor = IR_GOOGLE,
	    .signature = SLICE("gs"), .id = SLICE("call_1") };
	struct memo_block first = { .next = &call, .kind = IR_REDACTED,
	    .text = SLICE("data") };
	struct memo m = { .limit = 64 << 10 };
	struct arena arena = { 0 };
	const struct memo_block *b;

	memo_put(&m, SLICE("k"), SLICE("id"), &first, 0);
	for (int i = 0; i < 3000; i++) {
		put(&m, "k", numbered(&arena, "i", i % 100), SLICE("t"), i);
		b = memo_get(&m, &arena, SLICE("k"), SLICE("id"), i);
		CHECK(b && b->kind == IR_REDACTED &&
		    slice_is(b->text, "data"));
		b = b->next;
		CHECK(b && b->kind == IR_CALL && slice_is(b->id, "call_1") &&
		    slice_is(b->signature, "gs") && !b->next);
	}
	arena_reset(&arena);
	memo_free(&m);
}

TESTS(
	{ "kept by owner and id", kept_by_owner_and_id },
	{ "time passes", time_passes },
	{ "bounded", bounded },
	{ "lists", lists })
