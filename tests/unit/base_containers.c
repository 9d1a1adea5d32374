/* list, map and slab */
#include "test.h"

#include "base/list.h"
#include "base/map.h"
#include "base/slab.h"

struct item {
	int		number;
	struct list	link;
};

/* The numbers of the list, as digits. */
static void
check_list(struct list *head, const char *want)
{
	char got[16];
	size_t n = 0;

	LIST_EACH(it, head) {
		struct item *item = container_of(it, struct item, link);

		CHECK(it->next->prev == it && it->prev->next == it);
		got[n++] = (char)('0' + item->number);
	}
	CHECK_BYTES(got, n, want, strlen(want));
}

static void
lists(void)
{
	struct item items[5];
	struct list head;

	list_init(&head);
	CHECK(list_empty(&head));
	for (int i = 0; i < 5; i++) {
		items[i].number = i;
		list_init(&items[i].link);
		list_del(&items[i].link);	/* harmless outside of lists */
	}
	list_append(&head, &items[1].link);
	list_append(&head, &items[2].link);
	list_push(&head, &items[0].link);
	check_list(&head, "012");
	list_del(&items[1].link);
	list_del(&items[1].link);
	check_list(&head, "02");
	list_append(&head, &items[1].link);
	check_list(&head, "021");
	LIST_EACH(it, &head)
		list_del(it);
	CHECK(list_empty(&head));
}

static void
maps(void)
{
	enum { N = 1000 };
	struct arena a = { 0 };
	struct map m = { 0 };
	static int values[N];
	size_t at = 0, seen = 0;

	CHECK(!map_get(&m, SLICE("x")));
	for (int i = 0; i < N; i++)
		CHECK(map_put(&m, &a, arena_fmt(&a, "key%d", i), &values[i]));
	CHECK(map_put(&m, &a, SLICE("key7"), &values[8]));
	CHECK(map_put(&m, &a, SLICE(""), &values[9]));
	CHECK(m.count == N + 1);
	for (int i = 0; i < N; i++)
		CHECK(map_get(&m, arena_fmt(&a, "key%d", i)) ==
		    &values[i == 7 ? 8 : i]);
	CHECK(map_get(&m, (struct slice){ 0 }) == &values[9]);
	CHECK(!map_get(&m, SLICE("key1000")));
	while (map_next(&m, &at))
		seen++;
	CHECK(seen == N + 1);
	arena_reset(&a);
}

static void
map_without_memory(void)
{
	struct arena a = { .limit = 100 };
	struct map m = { 0 };
	int value;

	CHECK(!map_put(&m, &a, SLICE("x"), &value));
	CHECK(!map_get(&m, SLICE("x")));
	CHECK(m.count == 0);
}

static void
slabs(void)
{
	struct slab s = { .size = 40, .keep = 2 };
	char *a = slab_get(&s), *b = slab_get(&s), *c = slab_get(&s), *d;

	CHECK(a && b && c && !a[0] && !a[39]);
	memset(a, 1, 40);
	slab_put(&s, a);
	slab_put(&s, NULL);
	d = slab_get(&s);
	CHECK(d == a && !d[0] && !d[39]);
	slab_put(&s, d);
	slab_put(&s, b);
	slab_put(&s, c);		/* one more than is kept */
	CHECK(s.free_count == 2);
	slab_free(&s);
	slab_free(&s);
	CHECK(s.free_count == 0);
}

TESTS(
	{ "lists", lists },
	{ "maps", maps },
	{ "a map without memory", map_without_memory },
	{ "slabs", slabs })
