/*
 * utf8 - characters of UTF-8 (RFC 3629): no overlong forms, no surrogates,
 * nothing past U+10FFFF.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/slice.h"

/* In place of what cannot be shown: U+FFFD. */
#define UTF8_REPLACEMENT	"\xef\xbf\xbd"

/*
 * The length of the character in front of `s`: 1 to 4, 0 if `s` is empty or
 * ends before the character does, -1 if it begins with none.
 */
int	utf8_next(struct slice s);

bool	utf8_ok(struct slice);		/* whole characters and nothing else */

/* Spell code point `c` (no surrogate, <= 0x10ffff); returns its length. */
size_t	utf8_put(uint32_t c, char out[4]);

#endif
