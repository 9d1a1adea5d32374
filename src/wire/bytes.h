/*
 * bytes - fast looks at single bytes, for the readers of this room only.
 *
 * The scans read eight bytes at a time and never one behind the end.
 */
#ifndef WIRE_BYTES_H
#define WIRE_BYTES_H

#include <stdbool.h>
#include <stdint.h>

/* tchar of RFC 9110 5.6.2: what methods and field names are made of. */
extern const bool bytes_token[256];

/* The first CR or LF in [at, end), or end. */
const char	*bytes_line_end(const char *at, const char *end);

/* The first control byte other than HT (DEL is one) in [at, end), or end. */
const char	*bytes_control(const char *at, const char *end);

/* The value of a hexadecimal digit, or -1. */
int		 bytes_hex(char);

#endif
