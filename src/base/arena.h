/*
 * arena - memory that is given back all at once.
 *
 * A bump allocator in chunks: all that belongs to one request comes from one
 * arena and goes with arena_reset().  Failure is sticky: once memory or the
 * limit ran out every later call returns NULL, and `failed` is tested where
 * the work is done.  Chunks that a reset frees are kept for the next user up
 * to a bound, so a busy worker asks the system for nothing.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/check.h"
#include "base/slice.h"

struct arena_chunk;

struct arena {			/* start from all zeros */
	size_t	 limit;		/* bytes in all chunks together; 0: no limit */
	bool	 failed;
	bool	 secret;	/* it holds keys: wiped when it is reset */
	/* private */
	struct arena_chunk *top;
	char	*at, *end;
	size_t	 total;
};

/* Zeroed memory, aligned for any type; lives until the reset. */
void	*arena_alloc(struct arena *, size_t size) MUST_USE;
/* The same for n items of `size` bytes, checked for overflow. */
void	*arena_array(struct arena *, size_t n, size_t size) MUST_USE;
/* Bytes that are not zeroed, aligned for nothing: text. */
char	*arena_text(struct arena *, size_t size) MUST_USE;

/*
 * The last allocation grew or shrank: `old` bytes at `at` become `size`, in
 * place when it is still the last one and there is room, else by a copy.
 */
void	*arena_resize(struct arena *, void *at, size_t old,
	    size_t size) MUST_USE;

/* A copy; empty on failure.  NULL stays NULL, so that absent stays absent. */
struct slice	 arena_dup(struct arena *, struct slice);
char		*arena_cstr(struct arena *, struct slice) MUST_USE;
struct slice	 arena_fmt(struct arena *, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The pieces one after another as one text. */
struct slice	 arena_join(struct arena *, const struct slice *pieces,
		    size_t n);

void	arena_reset(struct arena *);	/* idempotent; limit and secret stay */

/*
 * Keep what is in it now out of swap and dumps, as far as the system allows;
 * a process that forked has to ask anew.  False: some of it may be swapped.
 */
bool	arena_hold(const struct arena *);

#endif
