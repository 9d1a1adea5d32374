/*
 * slab - objects of one size, handed out zeroed and taken back for reuse.
 */
#ifndef BASE_SLAB_H
#define BASE_SLAB_H

#include <stddef.h>

#include "base/check.h"

struct slab {			/* { .size = sizeof(struct x), .keep = n } */
	size_t	 size;		/* at least sizeof(void *) */
	size_t	 keep;		/* how many free objects are kept for reuse */
	/* private */
	void	*free;
	size_t	 free_count;
};

void	*slab_get(struct slab *) MUST_USE;	/* zeroed; NULL: no memory */
void	 slab_put(struct slab *, void *object);	/* NULL is harmless */
void	 slab_free(struct slab *);		/* what is kept */

#endif
