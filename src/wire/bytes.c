#include "wire/bytes.h"

#include <string.h>

const bool bytes_token[256] = {
	['!'] = 1, ['#'] = 1, ['$'] = 1, ['%'] = 1, ['&'] = 1, ['\''] = 1,
	['*'] = 1, ['+'] = 1, ['-'] = 1, ['.'] = 1, ['^'] = 1, ['_'] = 1,
	['`'] = 1, ['|'] = 1, ['~'] = 1,
	['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1,
	['6'] = 1, ['7'] = 1, ['8'] = 1, ['9'] = 1,
	['A'] = 1, ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1, ['F'] = 1,
	['G'] = 1, ['H'] = 1, ['I'] = 1, ['J'] = 1, ['K'] = 1, ['L'] = 1,
	['M'] = 1, ['N'] = 1, ['O'] = 1, ['P'] = 1, ['Q'] = 1, ['R'] = 1,
	['S'] = 1, ['T'] = 1, ['U'] = 1, ['V'] = 1, ['W'] = 1, ['X'] = 1,
	['Y'] = 1, ['Z'] = 1,
	['a'] = 1, ['b'] = 1, ['c'] = 1, ['d'] = 1, ['e'] = 1, ['f'] = 1,
	['g'] = 1, ['h'] = 1, ['i'] = 1, ['j'] = 1, ['k'] = 1, ['l'] = 1,
	['m'] = 1, ['n'] = 1, ['o'] = 1, ['p'] = 1, ['q'] = 1, ['r'] = 1,
	['s'] = 1, ['t'] = 1, ['u'] = 1, ['v'] = 1, ['w'] = 1, ['x'] = 1,
	['y'] = 1, ['z'] = 1,
};

#define EACH(byte)	(~(uint64_t)0 / 255 * (byte))

static uint64_t
load(const char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof word);
	return word;
}

/*
 * Not zero if some byte of `word` is below `limit` (<= 128).  Only the lowest
 * of the marked bytes is sure, so the caller looks again one by one.
 */
static uint64_t
below(uint64_t word, unsigned limit)
{
	return (word - EACH(limit)) & ~word & EACH(0x80);
}

const char *
bytes_line_end(const char *at, const char *end)
{
	for (;;) {
		while (end - at >= 8 && !below(load(at), '\r' + 1))
			at += 8;
		for (int i = 0; i < 8; i++, at++)
			if (at == end || *at == '\n' || *at == '\r')
				return at;
	}
}

const char *
bytes_control(const char *at, const char *end)
{
	for (;;) {
		while (end - at >= 8 && !below(load(at), ' ') &&
		    !below(load(at) ^ EACH(0x7f), 1))
			at += 8;
		for (int i = 0; i < 8; i++, at++) {
			if (at == end || *at == 0x7f)
				return at;
			if ((unsigned char)*at < ' ' && *at != '\t')
				return at;
		}
	}
}

int
bytes_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;			/* ASCII letters to lower case */
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
