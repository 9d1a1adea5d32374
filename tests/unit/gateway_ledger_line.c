/* Lines of the ledger: what is written is read, and what is broken is not. */
#include "test.h"

#include "gateway/ledger_line.h"

static const struct ledger_line sample = {
	.unix_ms = 1795255230123, .id = SLICE_INIT("req_1"),
	.key = SLICE_INIT("team-a"), .protocol = SLICE_INIT("chat"),
	.model = SLICE_INIT("fast"), .provider = SLICE_INIT("openai"),
	.target = SLICE_INIT("gpt-5-mini"), .status = 200, .in = 12,
	.out = 3, .cached = 0, .cache_written = -1, .reasoning = 2,
	.estimated = true, .cost_nano = 9000000000000000, .first_ms = 310,
	.ms = 950, .attempts = 2, .stop = SLICE_INIT("end"), .stream = true,
};

static const char text_of_sample[] =
    "{\"time\":\"2026-11-21T10:00:30.123Z\",\"id\":\"req_1\",\"key\":"
    "\"team-a\",\"protocol\":\"chat\",\"model\":\"fast\",\"provider\":"
    "\"openai\",\"target\":\"gpt-5-mini\",\"status\":200,\"in\":12,"
    "\"out\":3,\"cached\":0,\"cache_written\":null,\"reasoning\":2,"
    "\"estimated\":true,\"cost_nano\":9000000000000000,\"first_ms\":310,"
    "\"ms\":950,\"attempts\":2,\"stop\":\"end\",\"error\":null,"
    "\"cache\":null,\"stream\":true}\n";

static bool
same(const struct ledger_line *a, const struct ledger_line *b)
{
	return a->unix_ms == b->unix_ms && slice_eq(a->id, b->id) &&
	    slice_eq(a->key, b->key) && slice_eq(a->protocol, b->protocol) &&
	    slice_eq(a->model, b->model) &&
	    slice_eq(a->provider, b->provider) &&
	    slice_eq(a->target, b->target) && a->status == b->status &&
	    a->in == b->in && a->out == b->out && a->cached == b->cached &&
	    a->cache_written == b->cache_written &&
	    a->reasoning == b->reasoning && a->estimated == b->estimated &&
	    a->cost_nano == b->cost_nano && a->first_ms == b->first_ms &&
	    a->ms == b->ms && a->attempts == b->attempts &&
	    slice_eq(a->stop, b->stop) && slice_eq(a->error, b->error) &&
	    slice_eq(a->cache, b->cache) && a->stream == b->stream;
}

static void
as_it_stands(void)
{
	struct buf out = { 0 };

	ledger_line_write(&out, &sample);
	CHECK_BYTES(out.data + out.start, buf_len(&out), text_of_sample,
	    sizeof text_of_sample - 1);
	buf_free(&out);
}

static void
read_back(void)
{
	struct slice text = { text_of_sample, sizeof text_of_sample - 2 };
	struct arena arena = { 0 };
	struct ledger_line line;

	CHECK(ledger_line_read(text, &arena, &line) == 1);
	CHECK(same(&line, &sample));
	CHECK(!line.error.ptr && !line.cache.ptr && line.stop.ptr);
	/* what is written here is read without memory */
	CHECK(!arena.top);
	arena_reset(&arena);
}

/* A line that was torn is told from one that was not, wherever it was. */
static void
cut_anywhere(void)
{
	size_t whole = sizeof text_of_sample - 2;
	struct arena arena = { 0 };
	struct ledger_line line;

	for (size_t cut = 0; cut <= whole; cut++) {
		char *copy = guard_page(text_of_sample, cut);
		int got = ledger_line_read((struct slice){ copy, cut },
		    &arena, &line);

		CHECK(got == (cut == whole ? 1 : -1));
		arena_reset(&arena);
		guard_page_free(copy, cut);
	}
	/* ... and what follows it on the same line, too */
	for (size_t cut = 1; cut < whole; cut++) {
		struct buf two = { 0 };

		buf_append(&two, (struct slice){ text_of_sample, cut });
		buf_append(&two, (struct slice){ text_of_sample, whole });
		CHECK(ledger_line_read(buf_slice(&two), &arena, &line) == -1);
		arena_reset(&arena);
		buf_free(&two);
	}
}

/* Any byte that is changed leaves a line that reads otherwise, or not. */
static void
changed_anywhere(void)
{
	size_t whole = sizeof text_of_sample - 2;
	char copy[sizeof text_of_sample];
	struct arena arena = { 0 };
	struct ledger_line line;

	for (size_t at = 0; at < whole; at++) {
		memcpy(copy, text_of_sample, sizeof copy);
		copy[at] = '\1';
		CHECK(ledger_line_read((struct slice){ copy, whole }, &arena,
		    &line) == -1);
		arena_reset(&arena);
	}
}

static void
odd_names(void)
{
	struct ledger_line odd = sample, line;
	struct arena arena = { 0 };
	struct buf out = { 0 };
	char longest[2 * LEDGER_TEXT_MAX];

	memset(longest, '\1', sizeof longest);
	odd.key = SLICE("\"quoted\\\" \n\x1b[31m");
	odd.model = (struct slice){ longest, sizeof longest };
	odd.provider = SLICE("gr\xc3\xb6\xc3\x9f" "er");
	odd.target = SLICE("not \xff utf-8");
	ledger_line_write(&out, &odd);
	CHECK(slice_chr(buf_slice(&out), '\n') == buf_len(&out) - 1);
	CHECK(buf_len(&out) < LEDGER_LINE_MAX);
	CHECK(ledger_line_read(slice_sub(buf_slice(&out), 0,
	    buf_len(&out) - 1), &arena, &line) == 1);
	CHECK(slice_is(line.key, "\\\"quoted\\\\\\\" \\n\\u001b[31m"));
	CHECK(line.model.len == (size_t)6 * LEDGER_TEXT_MAX);
	CHECK(slice_eq(line.provider, odd.provider));
	CHECK(slice_is(line.target, "not \xef\xbf\xbd utf-8"));
	CHECK(line.in == 12 && line.cost_nano == odd.cost_nano);
	arena_reset(&arena);
	buf_free(&out);
}

/* The same members in other orders, among others, in other spellings. */
static void
of_others(void)
{
	struct slice text = SLICE(" { \"out\" : 3, \"new\": [1, {}], "
	    "\"time\": \"2026-11-21T11:00:30+01:00\", \"model\": \"\\u0061\", "
	    "\"cost_nano\": null, \"stream\": true, \"in\": -1 } ");
	struct arena arena = { 0 };
	struct ledger_line line;

	CHECK(ledger_line_read(text, &arena, &line) == 1);
	CHECK(line.unix_ms == 1795255230000 && line.out == 3);
	CHECK(line.in == -1 && line.cost_nano == -1 && line.status == -1);
	CHECK(line.stream && !line.estimated && !line.key.ptr);
	CHECK(slice_is(line.model, "\\u0061"));
	arena_reset(&arena);
}

static void
broken(void)
{
	static const char *const lines[] = {
		"", "null", "[]", "{}", "{\"in\":1}", "{\"time\":1}",
		"{\"time\":\"yesterday\"}",
		"{\"time\":\"2026-11-21T10:00:30Z\"",
		"{\"time\":\"2026-11-21T10:00:30Z\"}}",
	};
	struct arena arena = { 0 };
	struct ledger_line line;

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		CHECK(ledger_line_read(slice_of(lines[i]), &arena,
		    &line) == -1);
		arena_reset(&arena);
	}
}

TESTS(
	{ "as it stands", as_it_stands },
	{ "read back", read_back },
	{ "cut anywhere", cut_anywhere },
	{ "changed anywhere", changed_anywhere },
	{ "odd names", odd_names },
	{ "of others", of_others },
	{ "broken", broken })
