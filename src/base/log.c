/*
 * The line is built in one static buffer: only the thread of the loop logs.
 *
 *	line[0..len)	what stands; the last TAIL bytes are kept free for
 *			the mark of a cut, a quote, the brace and the newline
 *	on		the line is wanted: its level is not off
 *	cut		a value did not fit: nothing more is added
 *
 * A value is added in units - one character or one escape - that go in whole
 * or not at all, so a cut never splits either.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/utf8.h"

enum { TAIL = 8 };

static const char *const level_names[] = {
	[LOG_ERROR] = "error",
	[LOG_WARN] = "warn",
	[LOG_INFO] = "info",
	[LOG_DEBUG] = "debug",
};

static enum log_level level_max = LOG_INFO;
static enum log_form form = LOG_LOGFMT;

static struct {
	char	text[LOG_LINE_MAX];
	size_t	len;
	bool	on, cut;
} line;

/* Add all of `s`, or nothing and mark the line as cut. */
static bool
put(struct slice s)
{
	if (line.cut || s.len > LOG_LINE_MAX - TAIL - line.len) {
		line.cut = true;
		return false;
	}
	if (s.len)
		memcpy(line.text + line.len, s.ptr, s.len);
	line.len += s.len;
	return true;
}

/* The end of a quoted value or of the line: TAIL has room for it. */
static void
put_tail(const char *text)
{
	size_t len = strlen(text);

	CHECK(len <= LOG_LINE_MAX - line.len);
	memcpy(line.text + line.len, text, len);
	line.len += len;
}

/* Controls of a terminal: C0, DEL and, as two bytes of UTF-8, C1. */
static bool
control(const char *c, size_t len)
{
	uint8_t first = (uint8_t)c[0];

	return first < 0x20 || first == 0x7f ||
	    (len == 2 && first == 0xc2 && (uint8_t)c[1] < 0xa0);
}

/* Add the character at the front of *s, escaped as it needs. */
static bool
put_char(struct slice *s)
{
	int len = utf8_next(*s);
	struct slice c = slice_sub(*s, 0, len > 0 ? (size_t)len : 1);
	char escape[8];

	*s = slice_skip(*s, c.len);
	if (len <= 0)
		return put(SLICE(UTF8_REPLACEMENT));
	if (*c.ptr == '"' || *c.ptr == '\\') {
		escape[0] = '\\';
		escape[1] = *c.ptr;
		return put((struct slice){ escape, 2 });
	}
	if (*c.ptr == '\n')
		return put(SLICE("\\n"));
	if (control(c.ptr, c.len)) {
		snprintf(escape, sizeof escape, "\\u%04x",
		    (uint8_t)c.ptr[c.len - 1]);
		return put((struct slice){ escape, 6 });
	}
	return put(c);
}

static void
put_quoted(struct slice s)
{
	if (!put(SLICE("\"")))
		return;
	while (s.len && put_char(&s))
		continue;
	put_tail(line.cut ? "...\"" : "\"");
}

/* May a value stand in logfmt without quotes? */
static bool
bare(struct slice s)
{
	if (!s.len)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = (uint8_t)s.ptr[i];

		if (c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\')
			return false;
	}
	return true;
}

/* A key and what separates it.  False: it does not fit, the line ends here. */
static bool
put_key(const char *key)
{
	size_t before = line.len;

	if (form == LOG_JSON) {
		put(line.len ? SLICE(",\"") : SLICE("{\""));
		put(slice_of(key));
		put(SLICE("\":"));
	} else {
		put(line.len ? SLICE(" ") : SLICE(""));
		put(slice_of(key));
		put(SLICE("="));
	}
	/* A key whose value has no room for its first byte is left out. */
	if (line.cut || line.len + 1 >= LOG_LINE_MAX - TAIL) {
		line.len = before;
		line.cut = true;
	}
	return !line.cut;
}

void
log_setup(enum log_level level, enum log_form wanted)
{
	level_max = level;
	form = wanted;
}

bool
log_on(enum log_level level)
{
	return level <= level_max;
}

bool
log_parse(struct slice spec, enum log_level *level, enum log_form *wanted)
{
	enum { LEVELS = sizeof level_names / sizeof *level_names };

	do {
		struct slice word = slice_trim(slice_cut(&spec, ','));
		size_t i = 0;

		while (i < LEVELS && !slice_is(word, level_names[i]))
			i++;
		if (i < LEVELS)
			*level = (enum log_level)i;
		else if (slice_is(word, "json"))
			*wanted = LOG_JSON;
		else if (slice_is(word, "logfmt"))
			*wanted = LOG_LOGFMT;
		else
			return false;
	} while (spec.ptr);
	return true;
}

void
log_begin(enum log_level level, const char *what)
{
	char stamp[CLOCK_STAMP];

	line.len = 0;
	line.cut = false;
	line.on = log_on(level);
	if (!line.on)
		return;
	clock_stamp(clock_wall_ms(), stamp);
	log_str("time", stamp);
	log_str("level", level_names[level]);
	log_str("msg", what);
}

void
log_text(const char *key, struct slice value)
{
	if (!line.on || !put_key(key))
		return;
	if (form == LOG_LOGFMT && value.len < LOG_LINE_MAX && bare(value) &&
	    put(value))
		return;
	line.cut = false;		/* too long to stand bare: cut it */
	put_quoted(value);
}

void
log_str(const char *key, const char *value)
{
	log_text(key, slice_of(value));
}

void
log_num(const char *key, int64_t value)
{
	char digits[24];
	size_t before = line.len;

	if (!line.on || !put_key(key))
		return;
	snprintf(digits, sizeof digits, "%lld", (long long)value);
	if (!put(slice_of(digits)))
		line.len = before;	/* part of a number would be another */
}

void
log_end(void)
{
	if (!line.on)
		return;
	put_tail(form == LOG_JSON ? "}\n" : "\n");
	line.on = false;
	while (write(STDERR_FILENO, line.text, line.len) < 0 && errno == EINTR)
		continue;
}

static void
say(enum log_level level, const char *fmt, va_list args)
{
	char text[LOG_LINE_MAX];

	if (!log_on(level))
		return;
	vsnprintf(text, sizeof text, fmt, args);
	log_begin(level, text);
	log_end();
}

void
log_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(LOG_ERROR, fmt, args);
	va_end(args);
}

void
log_warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(LOG_WARN, fmt, args);
	va_end(args);
}

void
log_info(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(LOG_INFO, fmt, args);
	va_end(args);
}

void
log_debug(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(LOG_DEBUG, fmt, args);
	va_end(args);
}
