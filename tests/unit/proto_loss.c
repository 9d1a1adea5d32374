/*
 * The list of losses, and the lists of the tree.
 */
#include "test.h"

#include "proto/ir.h"
#include "proto/loss.h"

static void
expect(const struct losses *losses, const char *text)
{
	struct buf out = { 0 };

	loss_print(losses, &out);
	CHECK_BYTES(buf_slice(&out).ptr, buf_len(&out), text, strlen(text));
	buf_free(&out);
}

static void
each_once(void)
{
	struct arena arena = { 0 };
	struct losses losses = { 0 };

	expect(&losses, "");
	loss_add(&losses, &arena, LOSS_DROPPED, "seed");
	loss_add(&losses, &arena, LOSS_ADJUSTED, "tools[%d].input_schema", 3);
	loss_add(&losses, &arena, LOSS_DROPPED, "seed");
	loss_add(&losses, &arena, LOSS_CLAMPED, "top_k");
	CHECK(losses.count == 3);
	expect(&losses, "seed=dropped; tools[3].input_schema=adjusted; "
	    "top_k=clamped");
	arena_reset(&arena);
}

/* A client's own names must not split a header or add one. */
static void
hostile_paths(void)
{
	struct arena arena = { 0 };
	struct losses losses = { 0 };

	loss_add(&losses, &arena, LOSS_DROPPED, "%s", "a\r\nb: c; d=\"\xff(");
	expect(&losses, "a__b__c__d____=dropped");
	arena_reset(&arena);
}

/* However many there are, a header stays short and whole items are in it. */
static void
long_list(void)
{
	struct arena arena = { 0 };
	struct losses losses = { 0 };
	struct buf out = { 0 };
	struct slice text;

	for (int i = 0; i < 500; i++) {
		loss_add(&losses, &arena, LOSS_REORDERED, "messages[%d]", i);
		buf_clear(&out);
		loss_print(&losses, &out);
		CHECK(buf_len(&out) <= LOSS_HEADER_MAX);
	}
	CHECK(losses.count == LOSS_MAX);
	text = buf_slice(&out);
	CHECK(text.len > LOSS_HEADER_MAX - 60);
	CHECK(slice_ends(text, SLICE("=reordered; ...")));
	buf_free(&out);
	arena_reset(&arena);
}

/* A million items are appended in no time, and in order. */
static void
long_lists_of_the_tree(void)
{
	struct arena arena = { 0 };
	struct ir_text *texts = NULL;
	struct ir_block *blocks = NULL;
	struct ir_request request = { 0 };
	enum { N = 200000 };

	for (int i = 0; i < N; i++) {
		CHECK(ir_text_add(&texts, &arena, SLICE("a")));
		CHECK(ir_block_new(&blocks, &arena, IR_TEXT));
		CHECK(ir_tool_add(&request, &arena));
	}
	CHECK(request.tool_count == N);
	size_t n = 0;
	for (struct ir_tool *t = request.tools; t; t = t->next)
		CHECK(t->index == n++);
	CHECK(n == N);
	n = 0;
	for (struct ir_block *b = blocks; b; b = b->next)
		n++;
	CHECK(n == N);
	arena_reset(&arena);
}

/* A list that was put together by hand may still be appended to. */
static void
lists_by_hand(void)
{
	struct arena arena = { 0 };
	struct ir_block first = { 0 }, second = { 0 };
	struct ir_block *list = &first;

	first.next = &second;
	CHECK(ir_block_new(&list, &arena, IR_CALL) == second.next);
	CHECK(ir_block_new(&list, &arena, IR_CALL) == second.next->next);
	CHECK(list == &first);
	arena_reset(&arena);
}

static void
usage_merges(void)
{
	struct ir_usage usage = ir_usage_none(), later = ir_usage_none();

	later.in = 5;
	ir_usage_merge(&usage, &later);
	later = ir_usage_none();
	later.out = 0;
	later.reasoning = 3;
	ir_usage_merge(&usage, &later);
	CHECK(usage.in == 5 && usage.out == 0 && usage.reasoning == 3);
	CHECK(usage.cache_read == -1 && usage.cache_write == -1);
}

TESTS(
	{ "each once", each_once },
	{ "hostile paths", hostile_paths },
	{ "long list", long_list },
	{ "long lists of the tree", long_lists_of_the_tree },
	{ "lists by hand", lists_by_hand },
	{ "usage merges", usage_merges })
