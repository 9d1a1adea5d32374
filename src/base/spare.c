#include "base/spare.h"

#include "base/memory.h"
#include "base/poison.h"

enum { SIZES = 11 };		/* SPARE_SIZE_MIN << 0..10 */

struct piece {
	struct piece	*next;
};

static struct {
	struct piece	*first[SIZES];
	size_t		 total;
} spare;

/* Which list holds pieces of this size; SIZES: none does. */
static size_t
size_class(size_t size)
{
	size_t i = 0;

	while (i < SIZES && (size_t)SPARE_SIZE_MIN << i != size)
		i++;
	return i;
}

size_t
spare_size(size_t want)
{
	size_t size = SPARE_SIZE_MIN;

	while (size < want && size < SPARE_SIZE_MAX)
		size *= 2;
	return size < want ? want : size;
}

void *
spare_get(size_t size)
{
	size_t class = size_class(size);
	struct piece *p = class < SIZES ? spare.first[class] : NULL;

	if (!p)
		return memory_get(size);
	spare.first[class] = p->next;
	spare.total -= size;
	UNPOISON(p, size);
	return p;
}

void
spare_put(void *memory, size_t size)
{
	size_t class = size_class(size);
	struct piece *p = memory;

	if (!p)
		return;
	if (class == SIZES || spare.total + size > memory_keep(SPARE_MAX)) {
		UNPOISON(p, size);
		memory_put(p, size);
		return;
	}
	UNPOISON(p, sizeof *p);
	p->next = spare.first[class];
	spare.first[class] = p;
	spare.total += size;
	POISON(p + 1, size - sizeof *p);
}

size_t
spare_held(void)
{
	return spare.total;
}

void
spare_trim(size_t keep)
{
	for (size_t class = SIZES; class-- > 0;) {
		size_t size = (size_t)SPARE_SIZE_MIN << class;

		while (spare.first[class] && spare.total > keep) {
			struct piece *p = spare.first[class];

			spare.first[class] = p->next;
			spare.total -= size;
			UNPOISON(p, size);
			memory_put(p, size);
		}
	}
}
