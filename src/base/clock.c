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
