/*
 * Any bytes as an address: what is accepted can be put together again and
 * then says the same.
 */
#include "base/buf.h"
#include "base/check.h"
#include "wire/url.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
put(struct buf *out, const struct url *url)
{
	bool six = slice_chr(url->host, ':') != SIZE_MAX;

	buf_text(out, url->tls ? "https://" : "http://");
	buf_append(out, url->user);
	buf_byte(out, ':');
	buf_append(out, url->password);
	buf_byte(out, '@');
	buf_text(out, six ? "[" : "");
	buf_append(out, url->host);
	buf_text(out, six ? "]:" : ":");
	buf_u64(out, url->port);
	buf_append(out, url->path);
}

static void
check_url(const struct url *url)
{
	struct buf text = { 0 };
	struct url again;
	const char *why;

	CHECK(url->host.len && url->port);
	put(&text, url);
	CHECK(url_parse(&again, buf_slice(&text), &why));
	CHECK(again.tls == url->tls && again.port == url->port);
	CHECK(again.literal == url->literal);
	CHECK(slice_eq(again.user, url->user));
	CHECK(slice_eq(again.password, url->password));
	CHECK(slice_eq(again.host, url->host));
	CHECK(slice_eq(again.path, url->path));
	buf_free(&text);
}

static size_t
count(struct slice text, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += text.ptr[i] == c;
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size }, out, value;
	struct arena arena = { 0 };
	const char *why = NULL;
	struct url url;

	if (url_parse(&url, text, &why))
		check_url(&url);
	else
		CHECK(why && *why);
	if (url_decode(&arena, text, &out))
		CHECK(out.len == text.len - 2 * count(text, '%'));
	value = url_query_get(text, SLICE("a"));
	CHECK(value.len <= text.len);
	arena_reset(&arena);
	return 0;
}
