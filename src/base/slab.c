#include "base/slab.h"

#include <string.h>

#include "base/memory.h"

/* A free object holds the link to the next one in its first bytes. */
struct free_object {
	struct free_object	*next;
};

void *
slab_get(struct slab *s)
{
	struct free_object *object = s->free;

	CHECK(s->size >= sizeof *object);
	if (!object)
		return memory_zero(s->size);
	s->free = object->next;
	s->free_count--;
	return memset(object, 0, s->size);
}

void
slab_put(struct slab *s, void *object)
{
	struct free_object *freed = object;

	if (!freed)
		return;
	if (s->free_count == s->keep || memory_above(MEMORY_MUCH)) {
		memory_put(freed, s->size);
		return;
	}
	freed->next = s->free;
	s->free = freed;
	s->free_count++;
}

void
slab_free(struct slab *s)
{
	while (s->free) {
		struct free_object *object = s->free;

		s->free = object->next;
		memory_put(object, s->size);
	}
	s->free_count = 0;
}
