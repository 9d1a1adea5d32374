/* A ledger is read line by line, whatever piece of it comes, file by file. */
#include "test.h"

#include <fcntl.h>

#include "base/clock.h"
#include "gateway/ledger_read.h"

struct seen {
	struct buf	text;		/* ids, with commas */
};

static void
see(void *arg, const struct ledger_line *line)
{
	struct seen *s = arg;

	buf_append(&s->text, line->id);
	buf_byte(&s->text, ',');
}

static struct slice
line_of(char *out, size_t size, const char *id, int64_t ms)
{
	char stamp[CLOCK_STAMP];
	int n;

	clock_stamp(ms, stamp);
	n = snprintf(out, size, "{\"time\":\"%s\",\"id\":\"%s\"}\n", stamp,
	    id);
	return (struct slice){ out, (size_t)n };
}

/* A broken line is passed over and takes no other with it. */
static void
cut_anywhere(void)
{
	static const char text[] =
	    "{\"time\":\"2026-11-21\",\"id\":\"a\"}\n"
	    "\n"
	    "{\"time\":\"2026-11-21\",\"id\":\"to\n"
	    "{\"time\":\"2026-11-22\",\"id\":\"b\"}\r\n"
	    "{\"time\":\"2026-11-23\",\"id\":\"late\"}\n"
	    "{\"time\":\"2026-11-20\",\"id\":\"early\"}\n"
	    "{\"time\":\"2026-11-22\",\"id\":\"c\"}";
	struct slice all = { text, sizeof text - 1 };

	for (size_t cut = 0; cut <= all.len; cut++) {
		struct seen seen = { 0 };
		struct ledger_reader r = { .each = see, .arg = &seen };
		struct slice first = slice_sub(all, 0, cut);
		size_t done;

		CHECK(clock_read_stamp(SLICE("2026-11-21"), &r.from_ms));
		CHECK(clock_read_stamp(SLICE("2026-11-23"), &r.until_ms));
		done = ledger_reader_feed(&r, first, false);
		CHECK(done <= cut);
		CHECK(ledger_reader_feed(&r, slice_skip(all, done), true) ==
		    all.len - done);
		CHECK(slice_is(buf_slice(&seen.text), "a,b,c,"));
		CHECK(r.lines == 3 && r.broken == 1);
		ledger_reader_free(&r);
		buf_free(&seen.text);
	}
}

/* What has no end is one broken line, and takes no memory. */
static void
endless(void)
{
	struct seen seen = { 0 };
	struct ledger_reader r = { .each = see, .arg = &seen };
	static char text[LEDGER_LINE_MAX + 1];
	char line[128];

	memset(text, 'x', sizeof text);
	for (int i = 0; i < 5; i++)
		CHECK(ledger_reader_feed(&r, (struct slice){ text,
		    sizeof text }, false) == sizeof text);
	CHECK(ledger_reader_feed(&r, SLICE("x\n"), false) == 2);
	(void)ledger_reader_feed(&r, line_of(line, sizeof line, "a", 1),
	    false);
	CHECK(r.broken == 1 && r.lines == 1);
	CHECK(slice_is(buf_slice(&seen.text), "a,"));
	ledger_reader_free(&r);
	buf_free(&seen.text);
}

static void
write_file(const char *folder, const char *name, const char *id, int64_t ms)
{
	char path[128], line[128];
	struct slice text = line_of(line, sizeof line, id, ms);
	int fd;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	CHECK(fd >= 0);
	CHECK(write(fd, text.ptr, text.len) == (ssize_t)text.len);
	close(fd);
}

static void
all_files(void)
{
	char folder[] = "/tmp/ledger-XXXXXX", path[128];
	int64_t day;
	static const char *const names[] = {
		"l.jsonl", "l.jsonl.20261119T000000.000Z",
		"l.jsonl.20261021T000000.000Z", "l.jsonl.lock",
		"l.jsonl.2026", "l.jsonl.20269921T000000.000Z",
		"other.20261119T000000.000Z",
	};
	struct seen seen = { 0 };
	struct ledger_reader r = { .each = see, .arg = &seen };

	CHECK(clock_read_stamp(SLICE("2026-11-18"), &day));
	CHECK(mkdtemp(folder));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		write_file(folder, names[i], names[i] + 2, day);
	snprintf(path, sizeof path, "%s/l.jsonl", folder);
	CHECK(ledger_read_each(&r, path));
	CHECK(slice_is(buf_slice(&seen.text),
	    "jsonl.20261021T000000.000Z,jsonl.20261119T000000.000Z,jsonl,"));
	CHECK(r.files == 3 && r.lines == 3 && !r.broken);

	/* files from before what is wanted are not opened */
	buf_clear(&seen.text);
	r = (struct ledger_reader){ .each = see, .arg = &seen,
	    .from_ms = day };
	CHECK(ledger_read_each(&r, path));
	CHECK(slice_is(buf_slice(&seen.text),
	    "jsonl.20261119T000000.000Z,jsonl,"));
	CHECK(r.files == 2);

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		CHECK(!unlink(path));
	}
	snprintf(path, sizeof path, "%s/l.jsonl", folder);
	CHECK(!ledger_read_each(&r, path));
	CHECK(!rmdir(folder));
	buf_free(&seen.text);
}

/* More than is read at once, with lines across its ends. */
static void
large(void)
{
	char name[] = "/tmp/ledger-XXXXXX", line[128];
	int fd = mkstemp(name);
	struct seen seen = { 0 };
	struct ledger_reader r = { .each = see, .arg = &seen };
	enum { LINES = 40000 };
	struct buf all = { 0 };

	CHECK(fd >= 0);
	for (int i = 0; i < LINES; i++) {
		char id[16];

		snprintf(id, sizeof id, "%d", i);
		buf_append(&all, line_of(line, sizeof line, id, i));
	}
	CHECK(buf_len(&all) > 3 << 19);
	CHECK(write(fd, all.data + all.start, buf_len(&all)) ==
	    (ssize_t)buf_len(&all));
	CHECK(ledger_read_each(&r, name));
	CHECK(r.lines == LINES && !r.broken);
	CHECK(slice_ends(buf_slice(&seen.text), SLICE(",39998,39999,")));
	close(fd);
	CHECK(!unlink(name));
	buf_free(&all);
	buf_free(&seen.text);
}

TESTS(
	{ "cut anywhere", cut_anywhere },
	{ "endless", endless },
	{ "all files", all_files },
	{ "large", large })
