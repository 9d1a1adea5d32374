/* log and clock */
#include "test.h"

#include <fcntl.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"

static int saved_stderr;
static int pipe_ends[2];

static void
catch(void)
{
	saved_stderr = dup(STDERR_FILENO);
	CHECK(saved_stderr >= 0);
	CHECK(pipe2(pipe_ends, O_NONBLOCK) == 0);
	CHECK(dup2(pipe_ends[1], STDERR_FILENO) >= 0);
}

/* What was written since, without its stamp; at most one write() of it. */
static struct slice
caught(char *into, size_t size)
{
	ssize_t got = read(pipe_ends[0], into, size);
	struct slice s = { into, got > 0 ? (size_t)got : 0 };

	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
	return s;
}

static void
check_line(struct slice got, const char *before, const char *after)
{
	CHECK(slice_starts(got, slice_of(before)));
	got = slice_skip(got, strlen(before) +
	    strlen("2026-11-21T10:00:30.123Z"));
	CHECK_BYTES(got.ptr, got.len, after, strlen(after));
}

static void
fields(void)
{
	char text[2 * LOG_LINE_MAX];
	struct slice got;

	log_setup(LOG_INFO, LOG_LOGFMT);
	catch();
	log_begin(LOG_INFO, "request");
	log_text("id", SLICE("r-1"));
	log_num("status", -200);
	log_str("empty", "");
	log_str("none", NULL);
	log_str("words", "two \"words\"\n");
	log_str("odd", "\x1b[31m\x7f a=b\xc2\x85");
	log_text("utf8", SLICE("\xc3\xa9\xff"));
	log_end();
	got = caught(text, sizeof text);
	check_line(got, "time=", " level=info msg=request id=r-1 status=-200"
	    " empty=\"\" none=\"\" words=\"two \\\"words\\\"\\n\""
	    " odd=\"\\u001b[31m\\u007f a=b\\u0085\""
	    " utf8=\"\xc3\xa9\xef\xbf\xbd\"\n");
}

static void
json_form(void)
{
	char text[2 * LOG_LINE_MAX];
	struct slice got;

	log_setup(LOG_INFO, LOG_JSON);
	catch();
	log_begin(LOG_WARN, "request");
	log_num("n", INT64_MIN);
	log_text("s", SLICE("a\"\\\t\0z"));
	log_end();
	got = caught(text, sizeof text);
	check_line(got, "{\"time\":\"", "\",\"level\":\"warn\","
	    "\"msg\":\"request\",\"n\":-9223372036854775808,"
	    "\"s\":\"a\\\"\\\\\\u0009\\u0000z\"}\n");
}

static void
levels(void)
{
	char text[2 * LOG_LINE_MAX];
	struct slice got;

	log_setup(LOG_WARN, LOG_LOGFMT);
	CHECK(log_on(LOG_ERROR) && log_on(LOG_WARN) && !log_on(LOG_INFO));
	catch();
	log_info("not seen %d", 1);
	log_debug("not seen");
	log_begin(LOG_INFO, "not seen");
	log_num("n", 1);
	log_end();
	log_error("seen %d", 2);
	got = caught(text, sizeof text);
	check_line(got, "time=", " level=error msg=\"seen 2\"\n");
}

/* Cut to the limit between two characters, and still closed. */
static void
long_lines(void)
{
	static char value[3 * LOG_LINE_MAX];
	char text[2 * LOG_LINE_MAX];
	struct slice got;

	for (int form = 0; form < 2; form++) {
		for (size_t shift = 0; shift < 12; shift++) {
			memset(value, 'x', shift);
			for (size_t i = shift; i + 4 < sizeof value; i += 4)
				memcpy(value + i, "\xf0\x9f\x98\x80", 4);
			log_setup(LOG_INFO, form ? LOG_JSON : LOG_LOGFMT);
			catch();
			log_begin(LOG_INFO, "x");
			log_text("v", (struct slice){ value, sizeof value });
			log_num("never", 12345);
			log_str("never", "seen");
			log_end();
			got = caught(text, sizeof text);
			CHECK(got.len <= LOG_LINE_MAX);
			CHECK(got.len > LOG_LINE_MAX - 16);
			CHECK(utf8_ok(got));
			CHECK(slice_ends(got, form ? SLICE("...\"}\n") :
			    SLICE("...\"\n")));
			CHECK(slice_find(got, SLICE("never")) == SIZE_MAX);
		}
	}
}

/* Many short fields: those that fit are whole, the rest is left out. */
static void
many_fields(void)
{
	char text[2 * LOG_LINE_MAX];
	struct slice got;

	log_setup(LOG_INFO, LOG_JSON);
	catch();
	log_begin(LOG_INFO, "x");
	for (int i = 0; i < 2000; i++)
		log_num("k", i * 7);
	log_end();
	got = caught(text, sizeof text);
	CHECK(got.len <= LOG_LINE_MAX && got.len > LOG_LINE_MAX - 40);
	CHECK(slice_ends(got, SLICE("}\n")));
	CHECK(slice_find(got, SLICE(":}")) == SIZE_MAX);
	CHECK(slice_find(got, SLICE(",}")) == SIZE_MAX);
}

static void
parses(void)
{
	enum log_level level = LOG_ERROR;
	enum log_form form = LOG_LOGFMT;

	CHECK(log_parse(SLICE("debug"), &level, &form));
	CHECK(level == LOG_DEBUG && form == LOG_LOGFMT);
	CHECK(log_parse(SLICE("json"), &level, &form));
	CHECK(level == LOG_DEBUG && form == LOG_JSON);
	CHECK(log_parse(SLICE("warn, logfmt"), &level, &form));
	CHECK(level == LOG_WARN && form == LOG_LOGFMT);
	CHECK(!log_parse(SLICE("loud"), &level, &form));
	CHECK(!log_parse(SLICE(""), &level, &form));
	CHECK(!log_parse(SLICE("info,"), &level, &form));
}

static void
clocks(void)
{
	char stamp[CLOCK_STAMP];
	int64_t before, us = clock_us();
	struct slice date = clock_http_date();

	clock_update();
	before = clock_ms();
	CHECK(before >= us / 1000);
	CHECK(clock_us() >= us);
	CHECK(clock_ms() == before);	/* until the next update */
	CHECK(clock_wall_ms() / 1000 - clock_wall_s() <= 0);
	clock_stamp(0, stamp);
	CHECK(!strcmp(stamp, "1970-01-01T00:00:00.000Z"));
	clock_stamp(1795255230123, stamp);
	CHECK(!strcmp(stamp, "2026-11-21T10:00:30.123Z"));
	clock_stamp(1709164800007, stamp);
	CHECK(!strcmp(stamp, "2024-02-29T00:00:00.007Z"));
	CHECK(date.len == strlen("Sun, 06 Nov 1994 08:49:37 GMT"));
	CHECK(slice_ends(date, SLICE(" GMT")));
}

TESTS(
	{ "fields", fields },
	{ "as JSON", json_form },
	{ "levels", levels },
	{ "long lines", long_lines },
	{ "many fields", many_fields },
	{ "parses its setting", parses },
	{ "clocks", clocks })
