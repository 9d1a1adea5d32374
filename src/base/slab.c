/*
 * A free object holds the pointer to the next one in its first bytes.
 */
#include "base/slab.h"

#include <stdlib.h>
#include <string.h>

struct spare {
	struct spare	*next;
};

void *
slab_get(struct slab *s)
{
	struct spare *object = s->free;

	CHECK(s->size >= sizeof *object);
	/* Pages of a fresh one are zero already, and stay untouched. */
	if (!object)
		return calloc(1, s->size);
	s->free = object->next;
	s->free_count--;
	return memset(object, 0, s->size);
}

void
slab_put(struct slab *s, void *object)
{
	struct spare *spare = object;

	if (!object)
		return;
	if (s->free_count >= s->keep) {
		free(object);
		return;
	}
	spare->next = s->free;
	s->free = spare;
	s->free_count++;
}

void
slab_free(struct slab *s)
{
	while (s->free) {
		struct spare *gone = s->free;

		s->free = gone->next;
		free(gone);
	}
	s->free_count = 0;
}
