/*
 * spare - large pieces of memory, kept for the next user.
 *
 * Asking the system for a megabyte means that each of its pages is mapped,
 * cleared and unmapped again, which costs more than all work on it.  So arenas
 * and bufs give their pieces back here, one list per size, as long as these
 * hold no more than SPARE_MAX together.  The lists are shared by the whole
 * process on purpose; only the thread of the loop uses them.
 */
#ifndef BASE_SPARE_H
#define BASE_SPARE_H

#include <stddef.h>

#include "base/check.h"

enum {
	SPARE_SIZE_MIN = 4096,		/* sizes kept: powers of two from it */
	SPARE_SIZE_MAX = 4 << 20,
	SPARE_MAX = 64 << 20,
};

/* The size to ask for when `want` bytes are needed: a size that is kept, or
 * `want` itself where it is larger than all of those. */
size_t	spare_size(size_t want);

void	*spare_get(size_t size) MUST_USE;	/* NULL: no memory */
/* Give back what was got with this size; NULL is harmless. */
void	 spare_put(void *memory, size_t size);

size_t	 spare_held(void);		/* bytes that wait for a user */
/* Give all but `keep` bytes back to the system, the largest first. */
void	 spare_trim(size_t keep);

#endif
