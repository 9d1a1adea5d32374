/* The scans against loops that look at one byte after the other. */
#include "test.h"
#include "wire/bytes.h"

static const char *
slow_line_end(const char *at, const char *end)
{
	while (at < end && *at != '\r' && *at != '\n')
		at++;
	return at;
}

static bool
is_control(char c)
{
	return c != '\t' && (((unsigned char)c < 0x20) || c == 0x7f);
}

static const char *
slow_control(const char *at, const char *end)
{
	while (at < end && !is_control(*at))
		at++;
	return at;
}

/* Every byte at every place of texts up to three words long. */
static void
every_byte_everywhere(void)
{
	static const char fill[] = { 'x', '\t', ' ', '\x80', '\xff', '~' };

	for (size_t len = 0; len <= 24; len++) {
		char text[24];
		char *copy;

		memset(text, fill[len % sizeof fill], sizeof text);
		copy = guard_page(text, len);
		for (size_t i = 0; i < len; i++)
			for (int c = 0; c < 0x100; c++) {
				char was = copy[i];
				const char *end = copy + len;

				copy[i] = (char)c;
				CHECK(bytes_line_end(copy, end) ==
				    slow_line_end(copy, end));
				CHECK(bytes_control(copy, end) ==
				    slow_control(copy, end));
				copy[i] = was;
			}
		CHECK(bytes_line_end(copy + len, copy + len) == copy + len);
		CHECK(bytes_control(copy + len, copy + len) == copy + len);
		guard_page_free(copy, len);
	}
}

/* A borrow from one byte of a word to the next must not hide or invent. */
static void
pairs(void)
{
	for (int a = 0; a < 0x100; a++)
		for (int b = 0; b < 0x100; b++) {
			char text[9] = { 'x', 'x', (char)a, (char)b, 'x', 'x',
			    'x', 'x', 'x' };
			const char *end = text + sizeof text;

			CHECK(bytes_line_end(text, end) ==
			    slow_line_end(text, end));
			CHECK(bytes_control(text, end) ==
			    slow_control(text, end));
		}
}

static void
classes(void)
{
	static const char tokens[] = "!#$%&'*+-.^_`|~0123456789"
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char digits[] = "0123456789abcdef";

	for (int c = 0; c < 0x100; c++) {
		const char *lower = c < 0x80 ? strchr(digits, c | 0x20) : NULL;
		const char *digit = c ? strchr(digits, c) : NULL;
		int want = -1;

		if (c && digit)
			want = (int)(digit - digits);
		else if (c >= 'A' && c <= 'F' && lower)
			want = (int)(lower - digits);
		CHECK(bytes_hex((char)c) == want);
		CHECK(bytes_token[c] == (c && strchr(tokens, c)));
	}
}

TESTS(
	{ "every byte everywhere", every_byte_everywhere },
	{ "pairs", pairs },
	{ "classes", classes })
