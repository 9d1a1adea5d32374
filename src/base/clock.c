/*
 * The monotonic clock is read once per turn of the loop and kept: timers, ages
 * and limits within a turn then agree about what time it is.
 */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t now_ms;		/* monotonic, as of the last update */

static int64_t
read_us(clockid_t which)
{
	struct timespec t;

	clock_gettime(which, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Print `value` in `width` digits; returns where the next text goes. */
static char *
put_digits(char *out, int64_t value, int width)
{
	for (int i = width; i-- > 0; value /= 10)
		out[i] = (char)('0' + value % 10);
	return out + width;
}

void
clock_update(void)
{
	now_ms = read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t
clock_ms(void)
{
	return now_ms;
}

int64_t
clock_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t
clock_wall_s(void)
{
	return clock_wall_ms() / 1000;
}

int64_t
clock_wall_ms(void)
{
	return read_us(CLOCK_REALTIME) / 1000;
}

void
clock_stamp(int64_t wall_ms, char *out)
{
	time_t s = (time_t)(wall_ms / 1000);
	struct tm t;

	gmtime_r(&s, &t);
	out = put_digits(out, t.tm_year + 1900, 4);
	*out++ = '-';
	out = put_digits(out, t.tm_mon + 1, 2);
	*out++ = '-';
	out = put_digits(out, t.tm_mday, 2);
	*out++ = 'T';
	out = put_digits(out, t.tm_hour, 2);
	*out++ = ':';
	out = put_digits(out, t.tm_min, 2);
	*out++ = ':';
	out = put_digits(out, t.tm_sec, 2);
	*out++ = '.';
	out = put_digits(out, wall_ms % 1000, 3);
	*out++ = 'Z';
	*out = '\0';
}

/* ---- reading ---- */

/* The next `width` digits; false: there are others, or not as many. */
static bool
take_digits(struct slice *rest, size_t width, int64_t *n)
{
	*n = 0;
	if (rest->len < width)
		return false;
	for (size_t i = 0; i < width; i++) {
		unsigned digit = (unsigned char)rest->ptr[i] - (unsigned)'0';

		if (digit > 9)
			return false;
		*n = *n * 10 + digit;
	}
	*rest = slice_skip(*rest, width);
	return true;
}

static bool
take_char(struct slice *rest, char c)
{
	if (!rest->len || *rest->ptr != c)
		return false;
	*rest = slice_skip(*rest, 1);
	return true;
}

static bool
take_day(struct slice *rest, int64_t *day)
{
	static const int before[] = {
		0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365,
	};
	int64_t y, m, d, leap;

	if (!take_digits(rest, 4, &y) || !take_char(rest, '-') ||
	    !take_digits(rest, 2, &m) || !take_char(rest, '-') ||
	    !take_digits(rest, 2, &d) || y < 1970 || m < 1 || m > 12)
		return false;
	leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
	if (d < 1 || d > before[m] - before[m - 1] + (m == 2 ? leap : 0))
		return false;
	y--;
	*day = (y - 1969) * 365 + y / 4 - 492 - (y / 100 - 19) + y / 400 - 4 +
	    before[m - 1] + (m > 2 ? leap : 0) + d - 1;
	return true;
}

/* Seconds, and thousandths of them if they are there. */
static bool
take_second(struct slice *rest, int64_t *ms)
{
	int64_t s, digit, unit = 100;

	if (!take_digits(rest, 2, &s) || s > 60)
		return false;
	*ms = s * 1000;
	if (!take_char(rest, '.'))
		return true;
	if (!take_digits(rest, 1, &digit))
		return false;
	do {
		*ms += digit * unit;
		unit /= 10;
	} while (take_digits(rest, 1, &digit));
	return true;
}

static bool
take_offset(struct slice *rest, int64_t *ms)
{
	int64_t sign = take_char(rest, '-') ? -1 : 1, h, m;

	*ms = 0;
	if (sign > 0 && (take_char(rest, 'Z') || take_char(rest, 'z')))
		return true;
	if ((sign > 0 && !take_char(rest, '+')) ||
	    !take_digits(rest, 2, &h) || !take_char(rest, ':') ||
	    !take_digits(rest, 2, &m) || h > 23 || m > 59)
		return false;
	*ms = sign * (h * 60 + m) * 60000;
	return true;
}

bool
clock_read_stamp(struct slice text, int64_t *wall_ms)
{
	int64_t day, h, m, ms, offset;

	if (!take_day(&text, &day))
		return false;
	*wall_ms = day * 86400000;
	if (!text.len)
		return true;
	if (!(take_char(&text, 'T') || take_char(&text, 't') ||
	    take_char(&text, ' ')) ||
	    !take_digits(&text, 2, &h) || !take_char(&text, ':') ||
	    !take_digits(&text, 2, &m) || !take_char(&text, ':') ||
	    !take_second(&text, &ms) || !take_offset(&text, &offset) ||
	    text.len || h > 23 || m > 59)
		return false;
	*wall_ms += (h * 60 + m) * 60000 + ms - offset;
	return true;
}

struct slice
clock_http_date(void)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	static char text[40];
	static time_t made;
	time_t now = (time_t)clock_wall_s();
	struct tm tm;

	if (now != made && gmtime_r(&now, &tm)) {
		snprintf(text, sizeof text,
		    "%.3s, %02d %.3s %d %02d:%02d:%02d GMT",
		    days + (size_t)3 * (unsigned)tm.tm_wday, tm.tm_mday,
		    months + (size_t)3 * (unsigned)tm.tm_mon,
		    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
		made = now;
	}
	return slice_of(text);
}
