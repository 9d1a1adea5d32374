/* Addresses of providers and proxies: what is read, and what is refused. */
#include "test.h"
#include "wire/url.h"

static const struct {
	const char	*text, *want;	/* see show(); NULL: refused */
} good[] = {
	{ "http://a", "0|||a|0|80|" },
	{ "https://a", "1|||a|0|443|" },
	{ "HTTPS://Api.Example.COM/v1", "1|||Api.Example.COM|0|443|/v1" },
	{ "http://a/", "0|||a|0|80|" },
	{ "http://a///", "0|||a|0|80|" },
	{ "http://a:1/b//c/", "0|||a|0|1|/b//c" },
	{ "https://a:65535/%20", "1|||a|0|65535|/%20" },
	{ "http://a:0080", "0|||a|0|80|" },
	{ "http://a.b.c.", "0|||a.b.c|0|80|" },
	{ "http://my_host-1:4000/v1", "0|||my_host-1|0|4000|/v1" },
	{ "http://127.0.0.1:8080", "0|||127.0.0.1|1|8080|" },
	{ "http://127.0.0.1.", "0|||127.0.0.1|1|80|" },
	{ "http://[::1]:8080/x", "0|||::1|1|8080|/x" },
	{ "https://[::]", "1|||::|1|443|" },
	{ "https://[2001:DB8::a.b]", NULL },
	{ "https://[2001:DB8::1.2.3.4]", "1|||2001:DB8::1.2.3.4|1|443|" },
	{ "http://u:p@a:3128", "0|u|p|a|0|3128|" },
	{ "http://u@a", "0|u||a|0|80|" },
	{ "http://u:@a", "0|u||a|0|80|" },
	{ "http://:p@a", "0||p|a|0|80|" },
	{ "http://@a", "0|||a|0|80|" },
	{ "http://u:p:q%40@a", "0|u|p:q%40|a|0|80|" },
	{ "http://a/b:c@d", "0|||a|0|80|/b:c@d" },
	{ "http://1a.2b", "0|||1a.2b|0|80|" },
	{ "http://1password:8080", "0|||1password|0|8080|" },
	{ "http://1a.b2", "0|||1a.b2|0|80|" },
};

static const struct slice bad[] = {
	SLICE_INIT(""), SLICE_INIT("a"), SLICE_INIT("//a"),
	SLICE_INIT("http"), SLICE_INIT("http:"), SLICE_INIT("http:/a"),
	SLICE_INIT("http://"), SLICE_INIT("http:///a"),
	SLICE_INIT("https://:443"), SLICE_INIT("https://u@"),
	SLICE_INIT("https://u:p@:1"), SLICE_INIT("ftp://a"),
	SLICE_INIT("file:///etc"), SLICE_INIT("unix://a"),
	SLICE_INIT("httpss://a"), SLICE_INIT(" http://a"),
	SLICE_INIT("http://a "), SLICE_INIT("http://a b"),
	SLICE_INIT("http://a/b c"), SLICE_INIT("http://a\t"),
	SLICE_INIT("http://a\n"), SLICE_INIT("http://a\r\nX: y"),
	SLICE_INIT("http://a\0"), SLICE_INIT("http://a/\0b"),
	SLICE_INIT("http://a/\x7f"), SLICE_INIT("http://a/\xc3\xa9"),
	SLICE_INIT("http://\xc3\xa9"), SLICE_INIT("http://a?b"),
	SLICE_INIT("http://a/?b"), SLICE_INIT("http://a#b"),
	SLICE_INIT("http://a\\b"), SLICE_INIT("http://a/{b}"),
	SLICE_INIT("http://a:"), SLICE_INIT("http://a:/"),
	SLICE_INIT("http://a:0"), SLICE_INIT("http://a:65536"),
	SLICE_INIT("http://a:99999999999999999999"),
	SLICE_INIT("http://a:-1"), SLICE_INIT("http://a:+1"),
	SLICE_INIT("http://a:1x"), SLICE_INIT("http://a:1:2"),
	SLICE_INIT("http://a:b"), SLICE_INIT("http://u@b@a"),
	SLICE_INIT("http://a%20b"), SLICE_INIT("http://a,b"),
	SLICE_INIT("http://a!"), SLICE_INIT("http://."),
	SLICE_INIT("http://.a"), SLICE_INIT("http://a..b"),
	SLICE_INIT("http://a.."), SLICE_INIT("http://1"),
	SLICE_INIT("http://127.1"), SLICE_INIT("http://0x7f.1"),
	SLICE_INIT("http://0x7f000001"), SLICE_INIT("http://2130706433"),
	SLICE_INIT("http://1.2.3.4.5"), SLICE_INIT("http://256.1.1.1"),
	SLICE_INIT("http://[]"), SLICE_INIT("http://[:]"),
	SLICE_INIT("http://[::1"), SLICE_INIT("http://::1"),
	SLICE_INIT("http://[::1]x"), SLICE_INIT("http://[::1]]"),
	SLICE_INIT("http://[:::1]"), SLICE_INIT("http://[1.2.3.4]"),
	SLICE_INIT("http://[::1%25eth0]"), SLICE_INIT("http://[::g]"),
	SLICE_INIT("http://[a]"), SLICE_INIT("http://x[::1]"),
};

static void
show(const struct url *url, char *out, size_t size)
{
	snprintf(out, size, "%d|%.*s|%.*s|%.*s|%d|%u|%.*s", url->tls,
	    SLICE_FMT(url->user), SLICE_FMT(url->password),
	    SLICE_FMT(url->host), url->literal, (unsigned)url->port,
	    SLICE_FMT(url->path));
}

static void
parses(void)
{
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		const char *why = NULL;
		size_t len = strlen(good[i].text);
		char *copy = guard_page(good[i].text, len);
		struct url url;
		char got[256];

		if (!url_parse(&url, (struct slice){ copy, len }, &why)) {
			if (good[i].want)
				printf("%s: %s\n", good[i].text, why);
			CHECK(!good[i].want && why);
		} else {
			show(&url, got, sizeof got);
			if (!good[i].want)
				printf("%s: %s\n", good[i].text, got);
			CHECK(good[i].want);
			CHECK_BYTES(got, strlen(got), good[i].want,
			    strlen(good[i].want));
		}
		guard_page_free(copy, len);
	}
}

static void
refuses(void)
{
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char *copy = guard_page(bad[i].ptr, bad[i].len);
		const char *why = NULL;
		struct url url;

		if (url_parse(&url, (struct slice){ copy, bad[i].len }, &why))
			printf("accepted: %.*s\n", SLICE_FMT(bad[i]));
		CHECK(why && *why);
		guard_page_free(copy, bad[i].len);
	}
}

static void
name_lengths(void)
{
	static const struct {
		int	labels, len;	/* of each label */
		bool	fit;
	} names[] = {
		{ 1, 63, true }, { 1, 64, false }, { 126, 1, true },
		{ 127, 1, true }, { 128, 1, false }, { 3, 63, true },
		{ 4, 62, true }, { 4, 63, false },
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char text[300] = "http://";
		size_t n = 7;
		const char *why;
		struct url url;

		for (int l = 0; l < names[i].labels; l++) {
			if (l)
				text[n++] = '.';
			for (int c = 0; c < names[i].len; c++)
				text[n++] = 'a';
		}
		CHECK(url_parse(&url, (struct slice){ text, n }, &why) ==
		    names[i].fit);
	}
}

static void
splits_hosts(void)
{
	struct slice host, port;

	CHECK(url_split_host(SLICE("a.b:80"), &host, &port));
	CHECK(slice_is(host, "a.b") && slice_is(port, "80"));
	CHECK(url_split_host(SLICE("[::1]:8"), &host, &port));
	CHECK(slice_is(host, "[::1]") && slice_is(port, "8"));
	CHECK(url_split_host(SLICE("a"), &host, &port));
	CHECK(slice_is(host, "a") && !port.ptr);
	CHECK(url_split_host(SLICE("a:"), &host, &port));
	CHECK(port.ptr && !port.len);
	CHECK(!url_split_host(SLICE(""), &host, &port));
	CHECK(!url_split_host(SLICE(":1"), &host, &port));
	CHECK(!url_split_host(SLICE("a/b"), &host, &port));
}

static void
decodes(void)
{
	static const struct {
		const char	*text, *want;	/* NULL: refused */
	} cases[] = {
		{ "", "" }, { "a+b", "a+b" }, { "%41", "A" },
		{ "a%2Fb%2f", "a/b/" }, { "%2541", "%41" },
		{ "%ff%7F", "\xff\x7f" }, { "%", NULL }, { "%4", NULL },
		{ "a%4", NULL }, { "%4g", NULL }, { "%g4", NULL },
		{ "%%41", NULL }, { "%00", NULL }, { "%10", "\x10" },
		{ "%01", "\x01" },
	};
	struct arena arena = { 0 };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t len = strlen(cases[i].text);
		char *copy = guard_page(cases[i].text, len);
		struct slice out;
		bool got = url_decode(&arena, (struct slice){ copy, len },
		    &out);

		CHECK(got == (cases[i].want != NULL));
		if (got)
			CHECK_BYTES(out.ptr, out.len, cases[i].want,
			    strlen(cases[i].want));
		guard_page_free(copy, len);
	}
	arena_reset(&arena);
}

static void
queries(void)
{
	struct slice query = SLICE("a=1&b=2=3&&c&a=4&d=&%61=5");

	CHECK(slice_is(url_query_get(query, SLICE("a")), "1"));
	CHECK(slice_is(url_query_get(query, SLICE("b")), "2=3"));
	CHECK(url_query_get(query, SLICE("c")).ptr);
	CHECK(!url_query_get(query, SLICE("c")).len);
	CHECK(url_query_get(query, SLICE("d")).ptr);
	CHECK(!url_query_get(query, SLICE("d")).len);
	CHECK(!url_query_get(query, SLICE("e")).ptr);
	CHECK(!url_query_get(query, SLICE("A")).ptr);
	CHECK(!url_query_get((struct slice){ 0 }, SLICE("a")).ptr);
}

static void
encodes(void)
{
	static const struct {
		const char	*text, *keep, *want;
	} cases[] = {
		{ "gpt-5.1_x~", "", "gpt-5.1_x~" },
		{ "a/b c", "", "a%2Fb%20c" },
		{ "a/b:c", "/", "a/b%3Ac" },
		{ "\xc3\xa9%", "/", "%C3%A9%25" },
		{ "../x", "/", "..%2Fx" },
		{ "a/../x", "/", "a%2F..%2Fx" },
		{ "a/./x", "/", "a%2F.%2Fx" },
		{ "a/..", "/", "a%2F.." },
		{ "", "/", "" },
	};
	struct arena arena = { 0 };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		CHECK(slice_is(url_encode(&arena, slice_of(cases[i].text),
		    cases[i].keep), cases[i].want));
	arena_reset(&arena);
}

TESTS(
	{ "parses", parses },
	{ "refuses", refuses },
	{ "name lengths", name_lengths },
	{ "splits hosts", splits_hosts },
	{ "decodes", decodes },
	{ "encodes", encodes },
	{ "queries", queries })
