/*
 * clock - what time it is.
 *
 * The loop calls clock_update() once per turn; clock_ms() is then free.  A
 * program without a loop calls clock_update() itself.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/slice.h"

void	clock_update(void);
int64_t	clock_ms(void);		/* monotonic, as of the last update */
int64_t	clock_us(void);		/* monotonic, read now */
int64_t	clock_wall_s(void);	/* Unix time, read now */
int64_t	clock_wall_ms(void);

/* A wall clock that is behind this was never set: it began anew at boot. */
#define CLOCK_SET_S	INT64_C(1735689600)	/* 2025 */

/* `wall_ms` as 2026-11-21T10:00:30.123Z; `out` holds CLOCK_STAMP bytes. */
enum { CLOCK_STAMP = 32 };
void	clock_stamp(int64_t wall_ms, char *out);

/*
 * Read such a stamp, or another of RFC 3339, or a day alone, which is its
 * beginning.  False: it is none.
 */
bool	clock_read_stamp(struct slice, int64_t *wall_ms) MUST_USE;

/*
 * Now as HTTP spells it (RFC 9110 5.6.7); made once a second, lives until the
 * next call.
 */
struct slice	clock_http_date(void);

#endif
