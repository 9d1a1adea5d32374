#include "proto/mask.h"

#include <string.h>

#include "base/buf.h"

enum { SECRET_MIN = 10 };		/* shorter ones are words */

/*
 * What a secret begins with.  `kept` bytes of that stay; a `word` begins only
 * where no letter or digit stands before it.
 */
static const struct {
	struct slice	begin;
	size_t		kept;
	bool		word;
	bool		address;
} secrets[] = {
	{ SLICE_INIT("sk-"), 0, true, false },
	{ SLICE_INIT("gsk_"), 0, true, false },
	{ SLICE_INIT("xai-"), 0, true, false },
	{ SLICE_INIT("AIza"), 0, true, false },
	{ SLICE_INIT("Bearer "), 7, true, false },
	{ SLICE_INIT("x-api-key: "), 11, true, false },
	{ SLICE_INIT("x-api-key="), 10, true, false },
	{ SLICE_INIT("api_key="), 8, false, false },
	{ SLICE_INIT("?key="), 5, false, false },
	{ SLICE_INIT("https://"), 0, false, true },
	{ SLICE_INIT("http://"), 0, false, true },
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* How many bytes of `s` a key or a URL may be made of. */
static size_t
token_length(struct slice s, bool address)
{
	const char *more = address ? "-._~:/?#[]@!$&*+=%" : "-._*+/=~";
	size_t n = 0;

	while (n < s.len && s.ptr[n] &&
	    (is_alnum(s.ptr[n]) || strchr(more, s.ptr[n])))
		n++;
	/* The end of the sentence is not part of it. */
	while (n && (s.ptr[n - 1] == '.' || s.ptr[n - 1] == ':'))
		n--;
	return n;
}

/* Four numbers with dots between, a port behind; 0: it is none. */
static size_t
ipv4_length(struct slice s)
{
	size_t n = 0;

	for (int part = 0; part < 4; part++) {
		size_t digits = 0;

		if (part && (n >= s.len || s.ptr[n++] != '.'))
			return 0;
		while (n < s.len && digits < 3 && is_digit(s.ptr[n])) {
			n++;
			digits++;
		}
		if (!digits)
			return 0;
	}
	if (n < s.len && is_alnum(s.ptr[n]))
		return 0;
	if (n + 1 < s.len && s.ptr[n] == ':' && is_digit(s.ptr[n + 1]))
		for (n++; n < s.len && is_digit(s.ptr[n]); n++)
			;
	return n;
}

/* If `rest` begins with a secret, put what is shown of it; its length. */
static size_t
mask_one(struct buf *out, struct slice rest, bool word)
{
	size_t len;

	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
		if ((secrets[i].word && !word) ||
		    !slice_starts_ci(rest, secrets[i].begin))
			continue;
		len = token_length(slice_skip(rest, secrets[i].kept),
		    secrets[i].address);
		if (len < SECRET_MIN)
			continue;
		buf_append(out, slice_sub(rest, 0, secrets[i].kept));
		buf_text(out, secrets[i].address ? "[address]" : "[key]");
		return secrets[i].kept + len;
	}
	len = word ? ipv4_length(rest) : 0;
	if (len)
		buf_text(out, "[address]");
	return len;
}

struct slice
mask_secrets(struct arena *arena, struct slice plain)
{
	struct buf out = { 0 };
	struct slice masked;
	bool found = false;

	for (size_t i = 0; i < plain.len; ) {
		bool word = !i || !is_alnum(plain.ptr[i - 1]);
		size_t len = mask_one(&out, slice_skip(plain, i), word);

		found |= len > 0;
		if (!len)
			buf_byte(&out, plain.ptr[i]);
		i += len ? len : 1;
	}
	/* What could not be masked for want of memory is not shown at all. */
	masked = out.failed ? SLICE("[message]") :
	    found ? arena_dup(arena, buf_slice(&out)) : plain;
	buf_free(&out);
	return masked;
}
