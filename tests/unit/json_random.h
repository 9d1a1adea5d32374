/*
 * json_random - JSON texts out of a seed, for tests that state a property.
 *
 * A test takes its seed from SEED in the environment, or the clock, and
 * prints it: SEED=... repeats a run exactly.
 */
#ifndef TESTS_UNIT_JSON_RANDOM_H
#define TESTS_UNIT_JSON_RANDOM_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"

static uint64_t random_state;

static inline void
random_start(void)
{
	const char *seed = getenv("SEED");

	random_state = seed ? strtoull(seed, NULL, 10) :
	    (uint64_t)clock_us();
	printf("\tSEED=%" PRIu64 "\n", random_state);
}

/* 0 .. n - 1, by splitmix64. */
static inline unsigned
random_below(unsigned n)
{
	uint64_t x = random_state += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return (unsigned)((x ^ x >> 31) % n);
}

static inline void
random_blanks(struct buf *b)
{
	while (random_below(4) == 0)
		buf_byte(b, " \t\r\n"[random_below(4)]);
}

/* The inside of a string; one in eight is long enough to be left out. */
static inline void
random_text(struct buf *b)
{
	static const char *const pieces[] = {
		"a", "b", "stop", " ", "0", "{", "]", ",", ":", "\\n", "\\\"",
		"\\\\", "\\/", "\\u0041", "\\u00e9", "\\uD83D\\ude00",
		"\\ud83d", "\\udc00",
		"\xc3\xa9", "\xe6\x97\xa5", "\xf0\x9f\x98\x80",
		"\\t", "\\b\\f\\r", "\x7f", "sixteen bytes...",
	};
	unsigned n = random_below(8) ? random_below(5) : random_below(60);

	while (n--)
		buf_text(b,
		    pieces[random_below(sizeof pieces / sizeof *pieces)]);
}

static inline void
random_string(struct buf *b)
{
	buf_byte(b, '"');
	random_text(b);
	buf_byte(b, '"');
}

static inline void
random_scalar(struct buf *b)
{
	static const char *const some[] = {
		"true", "false", "null", "0", "-0", "1", "42", "-7", "1.5",
		"-0.25e10", "1E-7", "18446744073709551615", "1e400", "\"\"",
	};

	if (random_below(2))
		random_string(b);
	else
		buf_text(b, some[random_below(sizeof some / sizeof *some)]);
}

/* A value with at most `depth` containers inside each other. */
static inline void
random_value(struct buf *b, unsigned depth)
{
	bool object = random_below(2);
	unsigned n = random_below(5);

	if (!depth || random_below(3) == 0) {
		random_scalar(b);
		return;
	}
	buf_byte(b, object ? '{' : '[');
	random_blanks(b);
	for (unsigned i = 0; i < n; i++) {
		if (i) {
			buf_byte(b, ',');
			random_blanks(b);
		}
		if (object) {
			random_string(b);
			random_blanks(b);
			buf_byte(b, ':');
			random_blanks(b);
		}
		random_value(b, depth - 1);
		random_blanks(b);
	}
	buf_byte(b, object ? '}' : ']');
}

#endif
