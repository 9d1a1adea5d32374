/*
 * slice - a piece of text that somebody else owns: pointer and length, passed
 * by value.
 *
 * The empty slice is all zeros; ptr may be NULL only if len is 0.  A slice
 * says nothing about how long it lives: whoever hands one out says so.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
	const char	*ptr;
	size_t		 len;
};

/* A slice of a string literal; SLICE_INIT is its form for static tables. */
#define SLICE(literal)	((struct slice){ "" literal, sizeof literal - 1 })
#define SLICE_INIT(literal)	{ "" literal, sizeof literal - 1 }

/* The two arguments that "%.*s" wants. */
#define SLICE_FMT(s)	(int)(s).len, (s).len ? (s).ptr : ""

/* A slice of a NUL-terminated string; NULL gives the empty slice. */
struct slice	slice_of(const char *text);

bool	slice_eq(struct slice, struct slice);
bool	slice_eq_ci(struct slice, struct slice);	/* ASCII case ignored */
bool	slice_is(struct slice, const char *text);
bool	slice_starts(struct slice, struct slice prefix);
bool	slice_starts_ci(struct slice, struct slice prefix);
bool	slice_ends(struct slice, struct slice suffix);
int	slice_cmp(struct slice, struct slice);	/* as memcmp; shorter first */

/* The part from `from` on, at most `len` bytes, as far as it is there. */
struct slice	slice_sub(struct slice, size_t from, size_t len);
/* Without its first n bytes. */
struct slice	slice_skip(struct slice, size_t n);

/*
 * Where `c` or `needle` first stands - with _rchr, last - or SIZE_MAX if it
 * does not.  _ci ignores ASCII case.
 */
size_t	slice_chr(struct slice, char c);
size_t	slice_rchr(struct slice, char c);
/* As slice_chr(), for two bytes side by side. */
size_t	slice_pair(struct slice, char first, char second);
size_t	slice_find(struct slice, struct slice needle);
size_t	slice_find_ci(struct slice, struct slice needle);

/*
 * Levenshtein's distance: bytes to insert, delete or change to get from one
 * to the other.  What is longer than SLICE_NEAR_MAX is far from everything,
 * SIZE_MAX.
 */
enum { SLICE_NEAR_MAX = 64 };
size_t	slice_distance(struct slice, struct slice);

/*
 * Take what stands before the first `sep` off the front of *rest and return
 * it; *rest is left with what follows `sep`.  Without a `sep` all of *rest is
 * taken.  Once *rest.ptr is NULL there was nothing left to take: loop with
 * `while (rest.ptr)`.
 */
struct slice	slice_cut(struct slice *rest, char sep);

/* Without the blanks at both ends.  Blanks are SP, HT, CR and LF. */
struct slice	slice_trim(struct slice);
/* Is there nothing but blanks? */
bool		slice_blank(struct slice);

/*
 * All of `s` as an unsigned decimal number, digits only.  Returns false, and
 * leaves *n alone, if it is empty, holds anything else, or exceeds `max`.
 */
bool	slice_to_u64(struct slice s, uint64_t max, uint64_t *n);

/*
 * Copy at most size - 1 bytes and end them with NUL.  False if `s` did not fit
 * or holds a NUL byte.
 */
bool	slice_to_cstr(struct slice s, char *out, size_t size);

#endif
