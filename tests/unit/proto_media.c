/* Data URLs, base64 and the types of what is in them. */
#include "test.h"

#include "proto/media.h"

static struct slice
read_url(struct arena *a, const char *url, struct ir_media *m)
{
	*m = (struct ir_media){ 0 };
	return slice_of(media_of_url(a, slice_of(url), m));
}

static void
urls(void)
{
	static const struct {
		const char	*url, *mime, *data;
	} cases[] = {
		{ "data:image/png;base64,iVBORw0K", "image/png", "iVBORw0K" },
		{ "DATA:IMAGE/JPG;Base64,/9j/4AAQ", "image/jpeg",
		    "/9j/4AAQ" },
		{ "data:image/png;name=a.b;base64,/9j/4AAQ", "image/jpeg",
		    "/9j/4AAQ" },
		{ "data:image\\/png;base64,iVBO\\nRw 0K", "image/png",
		    "iVBORw0K" },
		{ "data:image/png;base64,iVBORw0KGg", "image/png",
		    "iVBORw0KGg==" },
		{ "data:;base64,R0lGODlh", "image/gif", "R0lGODlh" },
		{ "data:image/x;base64,UklGRiQAAABXRUJQ", "image/webp",
		    "UklGRiQAAABXRUJQ" },
		{ "data:image/png;base64,JVBERi0=", "application/pdf",
		    "JVBERi0=" },
		{ "data:text/plain,a%20b%zz", "text/plain", "YSBiJXp6" },
		{ "https://e.x/a.png", "", "https://e.x/a.png" },
	};
	struct arena a = { 0 };
	struct ir_media m;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CHECK(read_url(&a, cases[i].url, &m).len == 0);
		CHECK_BYTES(m.mime.ptr, m.mime.len, cases[i].mime,
		    strlen(cases[i].mime));
		CHECK_BYTES(m.data.ptr, m.data.len, cases[i].data,
		    strlen(cases[i].data));
	}
	arena_reset(&a);
}

static void
refused_urls(void)
{
	static const char *const urls[] = {
		"", "a.png", "ftp://e.x/a.png", "file:///etc/passwd",
		"data:image/png;base64", "data:image/png;base64,",
		"data:image/png;base64,iVBOR", "data:image/png;base64,iVBO=",
		"data:image/png;base64,iV=O", "data:image/png;base64,iV-O",
		"data:image/png;base64,iVBO\\\\", "data:image/png;base64,====",
		"data:text/plain,",
	};
	struct arena a = { 0 };
	struct ir_media m;

	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		CHECK(read_url(&a, urls[i], &m).len);
	}
	arena_reset(&a);
}

/* One bad byte at every place of a text longer than what is read at once. */
static void
bad_byte_anywhere(void)
{
	enum { LEN = 200 };
	struct arena a = { 0 };
	char text[LEN];
	struct slice clean;

	memset(text, 'A', sizeof text);
	CHECK(media_base64(&a, (struct slice){ text, LEN }, &clean));
	CHECK(clean.ptr == text && clean.len == LEN);
	for (size_t i = 0; i < LEN; i++) {
		char *copy;

		text[i] = '!';
		copy = guard_page(text, LEN);
		CHECK(!media_base64(&a, (struct slice){ copy, LEN }, &clean));
		guard_page_free(copy, LEN);
		text[i] = 'A';
	}
	for (int c = 0; c < 256; c++) {
		int lower = c | 0x20;
		bool letter = (lower >= 'a' && lower <= 'z' && c < 128) ||
		    (c >= '0' && c <= '9') || c == '+' || c == '/';

		if (c == '\\' || c == ' ' || (c >= 9 && c <= 13) || c == '=')
			continue;
		text[0] = (char)c;
		CHECK(media_base64(&a, (struct slice){ text, LEN }, &clean) ==
		    letter);
	}
	arena_reset(&a);
}

static void
inlined(void)
{
	struct arena a = { 0 };
	struct ir_media m = { .data = SLICE("77u/YSJiCg==") };

	CHECK(media_inline(&a, &m));	/* a byte order mark, a"b, line end */
	CHECK(m.source == IR_INLINE);
	CHECK_BYTES(m.data.ptr, m.data.len, "a\\\"b\\n", 6);
	m.data = SLICE("/w==");
	CHECK(!media_inline(&a, &m));
	arena_reset(&a);
}

TESTS(
	{ "urls", urls },
	{ "refused urls", refused_urls },
	{ "a bad byte anywhere", bad_byte_anywhere },
	{ "text inlined", inlined })
