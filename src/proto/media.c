#include "proto/media.h"

#include <string.h>

#include "base/hash.h"
#include "json/text.h"

/*
 * The alphabet is tested in blocks of fixed size because compilers turn such
 * a loop into vector code.
 */
enum { BLOCK = 64 };

static bool
in_alphabet(uint8_t c)
{
	return ((uint8_t)((c | 0x20) - 'a') < 26) | ((uint8_t)(c - '0') < 10) |
	    (c == '+') | (c == '/');
}

/* How many bytes from the front are of the base64 alphabet. */
static size_t
alphabet_span(const uint8_t *p, size_t len)
{
	size_t n = 0;

	for (; len - n >= BLOCK; n += BLOCK) {
		uint8_t bad = 0;	/* as wide as the bytes: 16 a step */

		for (size_t i = 0; i < BLOCK; i++)
			bad = (uint8_t)(bad | !in_alphabet(p[n + i]));
		if (bad)
			break;
	}
	while (n < len && in_alphabet(p[n]))
		n++;
	return n;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* A copy without blanks, and with what padding lacks. */
static struct slice
compact(struct arena *arena, struct slice text)
{
	char *out = arena_text(arena, text.len + 2);
	size_t n = 0;

	if (!out)
		return (struct slice){ 0 };
	for (size_t i = 0; i < text.len; i++)
		if (!is_blank(text.ptr[i]))
			out[n++] = text.ptr[i];
	while (n % 4 > 1)
		out[n++] = '=';
	return (struct slice){ out, n };
}

static bool
well_formed(struct slice s)
{
	size_t n = alphabet_span((const uint8_t *)s.ptr, s.len);

	if (s.len == 0 || s.len % 4 || s.len - n > 2)
		return false;
	while (n < s.len && s.ptr[n] == '=')
		n++;
	return n == s.len;
}

static bool
tidy_base64(struct arena *arena, struct slice *data)
{
	if (well_formed(*data))
		return true;
	*data = compact(arena, *data);
	return well_formed(*data);
}

bool
media_base64(struct arena *arena, struct slice data, struct slice *clean)
{
	*clean = text_unescape(arena, data);
	return tidy_base64(arena, clean);
}

/* --- types ---------------------------------------------------------------- */

static const struct {			/* as base64 shows them */
	const char	*mime;
	size_t		 at;
	const char	*text;
} magics[] = {
	{ "image/png",		0,	"iVBORw" },
	{ "image/jpeg",		0,	"/9j/" },
	{ "image/gif",		0,	"R0lG" },
	{ "image/webp",		11,	"XRUJQ" },	/* RIFF....WEBP */
	{ "application/pdf",	0,	"JVBERi" },
};

struct slice
media_sniff(struct slice base64)
{
	for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
		struct slice want = slice_of(magics[i].text);

		if (slice_eq(slice_sub(base64, magics[i].at, want.len), want))
			return slice_of(magics[i].mime);
	}
	return (struct slice){ 0 };
}

bool
media_is_image(struct slice mime)
{
	return slice_is(mime, "image/png") || slice_is(mime, "image/jpeg") ||
	    slice_is(mime, "image/gif") || slice_is(mime, "image/webp");
}

bool
media_is_text(struct slice mime)
{
	static const char *const types[] = {
		"application/json", "application/xml", "application/csv",
		"application/yaml", "application/x-yaml",
		"application/javascript", "application/x-ndjson",
	};

	if (slice_starts(mime, SLICE("text/")) ||
	    slice_ends(mime, SLICE("+json")) || slice_ends(mime, SLICE("+xml")))
		return true;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (slice_is(mime, types[i]))
			return true;
	return false;
}

/* `type` in lower case and in its registered spelling. */
static struct slice
tidy_type(struct arena *arena, struct slice type)
{
	char *out = arena_text(arena, type.len);

	if (!out)
		return (struct slice){ 0 };
	for (size_t i = 0; i < type.len; i++) {
		char c = type.ptr[i];

		out[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	type.ptr = out;
	return slice_is(type, "image/jpg") ? SLICE("image/jpeg") : type;
}

/* What the bytes show counts more than a type that may have been guessed. */
static void
trust_bytes(struct ir_media *m)
{
	struct slice seen = media_sniff(m->data);

	if (seen.len && (slice_starts(m->mime, SLICE("image/")) ||
	    !m->mime.len || slice_is(m->mime, "application/octet-stream")))
		m->mime = seen;
}

/* --- data URLs (RFC 2397) ------------------------------------------------- */

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct slice
percent_decode(struct arena *arena, struct slice s)
{
	char *out = arena_text(arena, s.len);
	size_t n = 0;

	if (!out)
		return (struct slice){ 0 };
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '%' && s.len - i > 2 &&
		    hex_value(s.ptr[i + 1]) >= 0 &&
		    hex_value(s.ptr[i + 2]) >= 0) {
			out[n++] = (char)(hex_value(s.ptr[i + 1]) << 4 |
			    hex_value(s.ptr[i + 2]));
			i += 2;
		} else {
			out[n++] = s.ptr[i];
		}
	}
	return (struct slice){ out, n };
}

/* `url` is plain and stands behind "data:". */
static const char *
read_data_url(struct arena *arena, struct slice url, struct ir_media *m)
{
	size_t comma = slice_chr(url, ',');
	struct slice head = slice_sub(url, 0, comma), word;
	bool base64 = false;

	if (comma == SIZE_MAX)
		return "is a data URL without a comma";
	m->source = IR_DATA;
	m->mime = tidy_type(arena, slice_trim(slice_cut(&head, ';')));
	while (head.ptr) {
		word = slice_trim(slice_cut(&head, ';'));
		base64 = base64 || slice_eq_ci(word, SLICE("base64"));
	}
	m->data = slice_skip(url, comma + 1);
	if (!base64)
		m->data = base64_encode(arena, percent_decode(arena, m->data));
	else if (!tidy_base64(arena, &m->data))
		return "is not valid base64";
	if (!m->data.len)
		return "is empty";
	trust_bytes(m);
	return NULL;
}

const char *
media_of_url(struct arena *arena, struct slice url, struct ir_media *m)
{
	struct slice plain = slice_trim(text_unescape(arena, url));

	if (slice_starts_ci(plain, SLICE("data:")))
		return read_data_url(arena, slice_skip(plain, 5), m);
	if (!slice_starts_ci(plain, SLICE("http://")) &&
	    !slice_starts_ci(plain, SLICE("https://")))
		return "must be a data URL or begin with http:// or https://";
	m->source = IR_URL;
	m->data = url;
	return NULL;
}

const char *
media_of_data(struct arena *arena, struct slice data, struct ir_media *m)
{
	if (slice_starts_ci(slice_sub(data, 0, 5), SLICE("data:")))
		return media_of_url(arena, data, m);
	m->source = IR_DATA;
	if (!media_base64(arena, data, &m->data))
		return "is not valid base64";
	m->mime = media_sniff(m->data);
	return NULL;
}

bool
media_inline(struct arena *arena, struct ir_media *m)
{
	struct slice text;

	if (!base64_decode(arena, m->data, &text) || !utf8_ok(text))
		return false;
	if (slice_starts(text, SLICE("\xef\xbb\xbf")))
		text = slice_skip(text, 3);	/* a byte order mark */
	m->source = IR_INLINE;
	m->data = text_escape(arena, text);
	return true;
}
