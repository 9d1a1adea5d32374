/*
 * map - from text to pointer, built once and then only read.
 *
 * Open addressing in an arena.  Keys are borrowed and must live as long as
 * the map does.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/arena.h"
#include "base/slice.h"

struct map_slot {
	struct slice	 key;
	void		*value;		/* NULL: the slot is free */
};

struct map {				/* start from all zeros */
	size_t		 count;
	/* private */
	struct map_slot	*slots;
	size_t		 cap;		/* a power of two, or 0 */
};

/* Set `key` to `value` (not NULL).  False: no memory; the map is unchanged. */
bool	 map_put(struct map *, struct arena *, struct slice key,
	    void *value) MUST_USE;
/* NULL: not there. */
void	*map_get(const struct map *, struct slice key);
/* Walk in no order: start with *at = 0; returns NULL at the end. */
const struct map_slot	*map_next(const struct map *, size_t *at);

#endif
