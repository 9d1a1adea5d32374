/*
 * Headers of limits from one vocabulary to the other.
 */
#include "test.h"

#include "proto/ratelimit.h"

/* 2026-11-21T10:00:00Z */
static const int64_t now_ms = (int64_t)1795255200 * 1000;

static void
expect(const struct ratelimits *all, enum protocol_id client,
    const char *lines)
{
	struct arena arena = { 0 };
	struct ratelimit_header headers[RATELIMIT_HEADERS];
	struct buf got = { 0 };
	size_t n = ratelimit_write(all, client, &arena, now_ms, headers);

	for (size_t i = 0; i < n; i++)
		buf_fmt(&got, "%s: %.*s\n", headers[i].name,
		    SLICE_FMT(headers[i].value));
	CHECK_BYTES(buf_slice(&got).ptr, buf_len(&got), lines, strlen(lines));
	buf_free(&got);
	arena_reset(&arena);
}

static bool
note(struct ratelimits *all, const char *name, const char *value)
{
	return ratelimit_read(all, slice_of(name), slice_of(value), now_ms);
}

static void
to_chat(void)
{
	struct ratelimits all = { 0 };

	expect(&all, PROTO_CHAT, "");
	CHECK(note(&all, "anthropic-ratelimit-requests-limit", "50"));
	CHECK(note(&all, "Anthropic-RateLimit-Requests-Remaining", "0"));
	CHECK(note(&all, "anthropic-ratelimit-requests-reset",
	    "2026-11-21T10:06:00Z"));
	CHECK(note(&all, "anthropic-ratelimit-input-tokens-remaining", "7"));
	CHECK(!note(&all, "anthropic-ratelimit-unified-status", "x"));
	CHECK(!note(&all, "retry-after", "12"));
	expect(&all, PROTO_CHAT, "x-ratelimit-limit-requests: 50\n"
	    "x-ratelimit-remaining-requests: 0\n"
	    "x-ratelimit-reset-requests: 6m0s\n"
	    "x-ratelimit-remaining-tokens: 7\n");
	CHECK(!ratelimit_no_tokens(&all));
	CHECK(note(&all, "anthropic-ratelimit-tokens-remaining", "9"));
	expect(&all, PROTO_CHAT, "x-ratelimit-limit-requests: 50\n"
	    "x-ratelimit-remaining-requests: 0\n"
	    "x-ratelimit-reset-requests: 6m0s\n"
	    "x-ratelimit-remaining-tokens: 9\n");
}

static void
to_messages(void)
{
	struct ratelimits all = { 0 };

	CHECK(note(&all, "x-ratelimit-reset-tokens", "1m2.5s"));
	CHECK(note(&all, "x-ratelimit-reset-requests", "12ms"));
	CHECK(note(&all, "x-ratelimit-remaining-tokens", "0"));
	CHECK(ratelimit_no_tokens(&all));
	expect(&all, PROTO_MESSAGES,
	    "anthropic-ratelimit-requests-reset: 2026-11-21T10:00:01Z\n"
	    "anthropic-ratelimit-tokens-remaining: 0\n"
	    "anthropic-ratelimit-tokens-reset: 2026-11-21T10:01:03Z\n");
}

/* What Chat providers write, and how a Chat client would read it. */
static void
durations(void)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "1s", "1s" }, { "0s", "0s" }, { "12ms", "12ms" },
		{ "1000ms", "1s" }, { "6m0s", "6m0s" }, { "90s", "1m30s" },
		{ "1h0m2.5s", "1h0m2.5s" }, { "0.25s", "250ms" },
		{ "59.04s", "59.04s" }, { "7.66s", "7.66s" }, { "3", "3s" },
		{ "2.0005", "2s" }, { "1795255260", "1m0s" },
		{ "1795255200500", "500ms" }, { "1h", "1h0m0s" },
		{ "1795255100", "0s" }, { "", "" }, { "soon", "" },
		{ "1x", "" }, { "m", "" }, { "1m2", "" },
		{ "99999999999999999999h", "" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ratelimits all = { 0 };
		char want[80];

		CHECK(note(&all, "x-ratelimit-reset-tokens", cases[i].in));
		snprintf(want, sizeof want, "x-ratelimit-reset-tokens: %s\n",
		    cases[i].out);
		printf("  %s\n", cases[i].in);
		expect(&all, PROTO_CHAT, *cases[i].out ? want : "");
	}
}

static void
moments(void)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "2026-11-21T10:06:00Z", "2026-11-21T10:06:00Z" },
		{ "2026-11-21T10:06:00.5Z", "2026-11-21T10:06:01Z" },
		{ "2028-02-29T23:59:59Z", "2028-02-29T23:59:59Z" },
		{ "2026-12-31T23:59:59.1Z", "2027-01-01T00:00:00Z" },
		{ "2100-03-01T00:00:00Z", "2100-03-01T00:00:00Z" },
		{ "1970-01-01T00:00:01Z", "1970-01-01T00:00:01Z" },
		{ "2026-13-01T00:00:00Z", "" },
		{ "2026-11-21 10:06:00Z", "" },
		{ "2026-11-21T10:06", "" }, { "20261", "" }, { "", "" },
		{ "2026-11-21T10:06:00+01:00", "" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ratelimits all = { 0 };
		char want[80];

		CHECK(note(&all, "anthropic-ratelimit-tokens-reset",
		    cases[i].in));
		snprintf(want, sizeof want,
		    "anthropic-ratelimit-tokens-reset: %s\n", cases[i].out);
		expect(&all, PROTO_MESSAGES, *cases[i].out ? want : "");
	}
}

static void
waits(void)
{
	struct ratelimits all = { 0 };

	CHECK(ratelimit_wait_s(&all, now_ms) == 0);
	note(&all, "x-ratelimit-reset-tokens", "30s");
	CHECK(ratelimit_wait_s(&all, now_ms) == 0);	/* some are left */
	note(&all, "x-ratelimit-remaining-tokens", "0");
	CHECK(ratelimit_wait_s(&all, now_ms) == 30);
	note(&all, "x-ratelimit-remaining-requests", "0");
	note(&all, "x-ratelimit-reset-requests", "1.2s");
	CHECK(ratelimit_wait_s(&all, now_ms) == 2);
	CHECK(ratelimit_wait_s(&all, now_ms + 5000) == 1);
	note(&all, "x-ratelimit-reset-requests", "2h");
	note(&all, "x-ratelimit-reset-tokens", "2h");
	CHECK(ratelimit_wait_s(&all, now_ms) == 60);
}

/* Seconds, a date in each of its forms, or milliseconds. */
static void
retries(void)
{
	static const int64_t at_ms = 784111777000;	/* 08:49:37 */
	static const struct {
		const char *in;
		bool in_ms;
		int64_t want;
	} cases[] = {
		{ "30", false, 30000 }, { " 1.5 ", false, 1500 },
		{ "0", false, 0 }, { "2500", true, 2500 },
		{ "12.25", true, 13 }, { "99999999999", false, INT32_MAX },
		{ "Sun, 06 Nov 1994 08:49:37 GMT", false, 0 },
		{ "Sun, 06 Nov 1994 08:50:07 GMT", false, 30000 },
		{ "Sun, 06 Nov 1994 08:00:00 GMT", false, 0 },
		{ "Monday, 07-Nov-94 08:49:37 GMT", false, 86400000 },
		{ "Monday, 07-Nov-44 08:49:37 GMT", false, INT32_MAX },
		{ "Sun Nov  6 08:49:38 1994", false, 1000 },
		{ "Sat, 31 Dec 1994 23:59:60 GMT", false, INT32_MAX },
		{ "Sun, 06 Nov 1994 08:50:07 GMT", true, -1 },
		{ "Sun, 06 Nov 1994 08:50 GMT", false, -1 },
		{ "Sun, 06 Nov 1994 08:50:61 GMT", false, -1 },
		{ "Sun, 32 Nov 1994 08:50:01 GMT", false, -1 },
		{ "Sun, 06 ovD 1994 08:50:01 GMT", false, -1 },
		{ "Sun, 06 Nov 19940 08:50:01 GMT", false, -1 },
		{ "Sun", false, -1 }, { "soon", false, -1 }, { "", false, -1 },
		{ "-1", false, -1 }, { "30s", false, -1 },
		{ " , -", false, -1 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct slice in = slice_of(cases[i].in);

		printf("  \"%s\"\n", cases[i].in);
		CHECK(ratelimit_retry_ms(in, cases[i].in_ms, at_ms) ==
		    cases[i].want);
	}
	CHECK(ratelimit_retry_ms((struct slice){ 0 }, false, at_ms) == -1);
}

TESTS(
	{ "to Chat", to_chat },
	{ "to Messages", to_messages },
	{ "durations", durations },
	{ "moments", moments },
	{ "waits", waits },
	{ "retries", retries })
