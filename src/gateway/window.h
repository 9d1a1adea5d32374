/*
 * window - two counts over the last seconds, in memory that processes share.
 *
 * The time is cut into parts of a quarter of the window; a part that is out of
 * date is begun anew by whoever adds to it first.  A part is one word, and
 * changes as a whole.  Whoever looks sees between three and four quarters.
 */
#ifndef GATEWAY_WINDOW_H
#define GATEWAY_WINDOW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { WINDOW_PARTS = 4, WINDOW_COUNTS = 2 };

struct window {				/* start from all zeros */
	/* private */
	_Atomic uint64_t parts[WINDOW_PARTS];
};

struct window_sum {
	uint64_t	of[WINDOW_COUNTS];
};

/* Count one more of `which`; `span_ms` is at least WINDOW_PARTS. */
void	window_add(struct window *, int64_t now_ms, int64_t span_ms,
	    unsigned which);

struct window_sum	window_sum(const struct window *, int64_t now_ms,
			    int64_t span_ms);

/*
 * Count one more of the second if then it is at most `percent` of the first
 * and `least` beyond.  False: it would be more.
 */
bool	window_take(struct window *, int64_t now_ms, int64_t span_ms,
	    uint64_t percent, uint64_t least);

void	window_clear(struct window *);

#endif
