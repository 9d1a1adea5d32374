#include "proto/ratelimit.h"

#include <stdio.h>
#include <string.h>

enum part { LIMIT, REMAINING, RESET };

static const int64_t year_ms = (int64_t)366 * 24 * 3600 * 1000;

static const struct row {
	const char	*name;
	enum protocol_id of;
	enum ratelimit_kind kind;
	enum part	 part;
} rows[] = {
	{ "x-ratelimit-limit-requests",
	    PROTO_CHAT, RATELIMIT_REQUESTS, LIMIT },
	{ "x-ratelimit-remaining-requests",
	    PROTO_CHAT, RATELIMIT_REQUESTS, REMAINING },
	{ "x-ratelimit-reset-requests",
	    PROTO_CHAT, RATELIMIT_REQUESTS, RESET },
	{ "x-ratelimit-limit-tokens", PROTO_CHAT, RATELIMIT_TOKENS, LIMIT },
	{ "x-ratelimit-remaining-tokens",
	    PROTO_CHAT, RATELIMIT_TOKENS, REMAINING },
	{ "x-ratelimit-reset-tokens", PROTO_CHAT, RATELIMIT_TOKENS, RESET },
	{ "anthropic-ratelimit-requests-limit",
	    PROTO_MESSAGES, RATELIMIT_REQUESTS, LIMIT },
	{ "anthropic-ratelimit-requests-remaining",
	    PROTO_MESSAGES, RATELIMIT_REQUESTS, REMAINING },
	{ "anthropic-ratelimit-requests-reset",
	    PROTO_MESSAGES, RATELIMIT_REQUESTS, RESET },
	{ "anthropic-ratelimit-tokens-limit",
	    PROTO_MESSAGES, RATELIMIT_TOKENS, LIMIT },
	{ "anthropic-ratelimit-tokens-remaining",
	    PROTO_MESSAGES, RATELIMIT_TOKENS, REMAINING },
	{ "anthropic-ratelimit-tokens-reset",
	    PROTO_MESSAGES, RATELIMIT_TOKENS, RESET },
	{ "anthropic-ratelimit-input-tokens-limit",
	    PROTO_MESSAGES, RATELIMIT_INPUT_TOKENS, LIMIT },
	{ "anthropic-ratelimit-input-tokens-remaining",
	    PROTO_MESSAGES, RATELIMIT_INPUT_TOKENS, REMAINING },
	{ "anthropic-ratelimit-input-tokens-reset",
	    PROTO_MESSAGES, RATELIMIT_INPUT_TOKENS, RESET },
};

/* The longer one first. */
static const struct {
	struct slice	unit;
	int64_t		ms;
} units[] = {
	{ SLICE_INIT("ms"), 1 },
	{ SLICE_INIT("h"), 3600 * 1000 },
	{ SLICE_INIT("m"), 60 * 1000 },
	{ SLICE_INIT("s"), 1000 },
};

/* ---- moments, as RFC 3339 writes them ---- */

/* Days from 1970-01-01; years begin in March, so that leap days come last. */
static int64_t
days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t m = month > 2 ? month - 3 : month + 9;
	int64_t y = month > 2 ? year : year - 1;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day -
	    719469;
}

/* `digits` digits at the front of *s; -1: others stand there. */
static int64_t
take_number(struct slice *s, size_t digits)
{
	uint64_t n;

	if (!slice_to_u64(slice_sub(*s, 0, digits), 9999, &n) ||
	    s->len < digits)
		return -1;
	*s = slice_skip(*s, digits);
	return (int64_t)n;
}

/* 2026-11-21T10:06:00Z, with or without a fraction; 0: it is no such moment. */
static int64_t
moment_ms(struct slice s)
{
	static const struct { size_t digits; char then; } parts[] = {
		{ 4, '-' }, { 2, '-' }, { 2, 'T' }, { 2, ':' }, { 2, ':' },
		{ 2, '\0' },
	};
	int64_t n[6], seconds;

	for (size_t i = 0; i < 6; i++) {
		n[i] = take_number(&s, parts[i].digits);
		if (n[i] < 0)
			return 0;
		if (parts[i].then && (!s.len || *s.ptr != parts[i].then))
			return 0;
		s = parts[i].then ? slice_skip(s, 1) : s;
	}
	if (!slice_ends(s, SLICE("Z")) || n[1] < 1 || n[1] > 12)
		return 0;
	/* A fraction is rounded up. */
	seconds = days_of(n[0], n[1], n[2]) * 86400 + n[3] * 3600 +
	    n[4] * 60 + n[5] + (s.len > 1);
	return seconds > 0 ? seconds * 1000 : 0;
}

static struct slice
moment_text(struct arena *arena, int64_t ms)
{
	int64_t seconds = (ms + 999) / 1000;
	int64_t days = seconds / 86400, day = seconds % 86400;
	int64_t year = 1970 + days / 366, month = 1;

	while (days_of(year + 1, 1, 1) <= days)
		year++;
	while (month < 12 && days_of(year, month + 1, 1) <= days)
		month++;
	return arena_fmt(arena, "%04lld-%02lld-%02lldT%02lld:%02lld:%02lldZ",
	    (long long)year, (long long)month,
	    (long long)(days - days_of(year, month, 1) + 1),
	    (long long)(day / 3600), (long long)(day / 60 % 60),
	    (long long)(day % 60));
}

/* ---- durations ---- */

/* A number with or without a fraction off the front, in thousandths. */
static bool
take_thousandths(struct slice *s, int64_t *n)
{
	int64_t digit = 1000;
	size_t i = 0;

	*n = 0;
	for (; i < s->len && s->ptr[i] >= '0' && s->ptr[i] <= '9'; i++)
		if (*n < year_ms)
			*n = *n * 10 + (s->ptr[i] - '0') * 1000;
	if (i && i < s->len && s->ptr[i] == '.')
		for (i++; i < s->len && s->ptr[i] >= '0' &&
		    s->ptr[i] <= '9'; i++) {
			digit /= 10;
			*n += (s->ptr[i] - '0') * digit;
		}
	*s = slice_skip(*s, i);
	return i > 0;
}

static bool
take_unit(struct slice *s, int64_t *ms)
{
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (slice_starts(*s, units[i].unit)) {
			*s = slice_skip(*s, units[i].unit.len);
			*ms = units[i].ms;
			return true;
		}
	return false;
}

static bool
sum_units(struct slice s, int64_t *sum)
{
	int64_t thousandths, unit;

	*sum = 0;
	while (s.len) {
		if (!take_thousandths(&s, &thousandths) ||
		    !take_unit(&s, &unit) || *sum > year_ms)
			return false;
		*sum += (thousandths * unit + 999) / 1000;
	}
	return true;
}

/*
 * "1m2.5s", "12ms", or a number: seconds from now, or a moment in seconds or
 * milliseconds since 1970, by its size.  False: neither, or nonsense.
 */
static bool
duration_ms(struct slice s, int64_t now_ms, int64_t *ms)
{
	struct slice rest = s;
	uint64_t n;

	if (slice_to_u64(s, INT64_MAX / 1000, &n) && n > 1000000000)
		*ms = (int64_t)(n > 1000000000000 ? n : n * 1000) - now_ms;
	else if (take_thousandths(&rest, ms) && !rest.len)
		;
	else if (!sum_units(s, ms))
		return false;
	return s.len && *ms <= year_ms;
}

static struct slice
duration_text(struct arena *arena, int64_t ms)
{
	int64_t s = ms / 1000, rest = ms % 1000;
	char fraction[8] = "";
	int digits = 3;

	if (ms <= 0)
		return SLICE("0s");
	if (!s)
		return arena_fmt(arena, "%lldms", (long long)ms);
	for (; rest && rest % 10 == 0; rest /= 10)
		digits--;
	if (rest)
		snprintf(fraction, sizeof fraction, ".%0*d", digits,
		    (int)rest);
	if (s >= 3600)
		return arena_fmt(arena, "%lldh%lldm%lld%ss",
		    (long long)(s / 3600), (long long)(s / 60 % 60),
		    (long long)(s % 60), fraction);
	if (s >= 60)
		return arena_fmt(arena, "%lldm%lld%ss", (long long)(s / 60),
		    (long long)(s % 60), fraction);
	return arena_fmt(arena, "%lld%ss", (long long)s, fraction);
}

/* ---- retry-after ---- */

/* The next word between spaces, commas and hyphens. */
static struct slice
take_word(struct slice *s)
{
	struct slice word;
	size_t n = 0;

	while (s->len && strchr(" ,-", *s->ptr))
		*s = slice_skip(*s, 1);
	while (n < s->len && !strchr(" ,-", s->ptr[n]))
		n++;
	word = slice_sub(*s, 0, n);
	*s = slice_skip(*s, n);
	return word;
}

/* 1 to 12; 0: it is none. */
static int64_t
month_of(struct slice name)
{
	static const struct slice months =
	    SLICE_INIT("JanFebMarAprMayJunJulAugSepOctNovDec");
	size_t at = name.len == 3 ? slice_find(months, name) : SIZE_MAX;

	return at == SIZE_MAX || at % 3 ? 0 : (int64_t)at / 3 + 1;
}

/* Hours, minutes and seconds of a day, in seconds; -1: it is no such time. */
static int64_t
time_of_day(struct slice s)
{
	uint64_t n[3];

	for (size_t i = 0; i < 3; i++)
		if (!slice_to_u64(slice_cut(&s, ':'), 60, &n[i]))
			return -1;
	return (int64_t)(n[0] * 3600 + n[1] * 60 + n[2]);
}

/*
 * The three forms of RFC 9110 5.6.7, since 1970: a weekday, then day, month,
 * year and time, or month, day, time and year.  0: it is none of them.
 */
int64_t
ratelimit_date_ms(struct slice value)
{
	struct slice s = slice_trim(value), word[5];
	int64_t month, seconds;
	uint64_t day, year;
	bool old;

	for (size_t i = 0; i < 5; i++)
		word[i] = take_word(&s);
	old = month_of(word[1]) != 0;
	month = month_of(word[old ? 1 : 2]);
	seconds = time_of_day(word[old ? 3 : 4]);
	if (!month || seconds < 0 || !slice_to_u64(word[old ? 2 : 1], 31,
	    &day) || !slice_to_u64(word[old ? 4 : 3], 9999, &year))
		return 0;
	if (year < 100)			/* RFC 850: not in the far future */
		year += year < 70 ? 2000 : 1900;
	seconds += days_of((int64_t)year, month, (int64_t)day) * 86400;
	return seconds > 0 ? seconds * 1000 : 0;
}

int64_t
ratelimit_retry_ms(struct slice value, bool in_ms, int64_t now_ms)
{
	struct slice rest = slice_trim(value);
	int64_t ms, at_ms;

	if (take_thousandths(&rest, &ms) && !rest.len)
		ms = in_ms ? (ms + 999) / 1000 : ms;
	else if (!in_ms && (at_ms = ratelimit_date_ms(value)) != 0)
		ms = at_ms > now_ms ? at_ms - now_ms : 0;
	else
		return -1;
	return ms < INT32_MAX ? ms : INT32_MAX;
}

/* ---- headers ---- */

static int64_t
reset_of(enum protocol_id of, struct slice value, int64_t now_ms)
{
	int64_t ms;

	if (of == PROTO_MESSAGES)
		return moment_ms(value);
	return duration_ms(value, now_ms, &ms) ? now_ms + ms : 0;
}

bool
ratelimit_read(struct ratelimits *all, struct slice name,
    struct slice value, int64_t now_ms)
{
	/* most headers are about something else */
	if (slice_find_ci(name, SLICE("ratelimit-")) == SIZE_MAX)
		return false;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct ratelimit *limit = &all->of[rows[i].kind];

		if (!slice_eq_ci(name, slice_of(rows[i].name)))
			continue;
		value = slice_trim(value);
		if (rows[i].part == LIMIT)
			limit->limit = value;
		else if (rows[i].part == REMAINING)
			limit->remaining = value;
		else
			limit->reset_ms = reset_of(rows[i].of, value, now_ms);
		return true;
	}
	return false;
}

/* Of tokens all, or the input's where only these are limited. */
static const struct ratelimit *
limit_of(const struct ratelimits *all, enum ratelimit_kind kind)
{
	const struct ratelimit *limit = &all->of[kind];

	if (kind == RATELIMIT_TOKENS && !limit->limit.len &&
	    !limit->remaining.len && !limit->reset_ms)
		return &all->of[RATELIMIT_INPUT_TOKENS];
	return limit;
}

static struct slice
value_of(const struct ratelimit *limit, const struct row *row,
    struct arena *arena, int64_t now_ms)
{
	if (row->part == LIMIT)
		return limit->limit;
	if (row->part == REMAINING)
		return limit->remaining;
	if (!limit->reset_ms)
		return (struct slice){ 0 };
	return row->of == PROTO_CHAT ?
	    duration_text(arena, limit->reset_ms - now_ms) :
	    moment_text(arena, limit->reset_ms);
}

size_t
ratelimit_write(const struct ratelimits *all, enum protocol_id client,
    struct arena *arena, int64_t now_ms,
    struct ratelimit_header out[RATELIMIT_HEADERS])
{
	size_t n = 0;

	if (client == PROTO_RESPONSES)	/* the same maker's */
		client = PROTO_CHAT;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *row = &rows[i];
		struct slice value;

		if (row->of != client || row->kind == RATELIMIT_INPUT_TOKENS)
			continue;
		value = value_of(limit_of(all, row->kind), row, arena, now_ms);
		if (value.len)
			out[n++] = (struct ratelimit_header){ row->name,
			    value };
	}
	return n;
}

bool
ratelimit_no_tokens(const struct ratelimits *all)
{
	return slice_is(all->of[RATELIMIT_TOKENS].remaining, "0") ||
	    slice_is(all->of[RATELIMIT_INPUT_TOKENS].remaining, "0");
}

bool
ratelimit_no_requests(const struct ratelimits *all)
{
	return slice_is(all->of[RATELIMIT_REQUESTS].remaining, "0");
}

unsigned
ratelimit_wait_s(const struct ratelimits *all, int64_t now_ms)
{
	int64_t wait_ms = 0;

	for (int kind = 0; kind < RATELIMIT_KINDS; kind++) {
		const struct ratelimit *limit = &all->of[kind];
		int64_t ms = limit->reset_ms - now_ms;

		if (!slice_is(limit->remaining, "0") || !limit->reset_ms)
			continue;
		ms = ms < 1 ? 1 : ms > 60000 ? 60000 : ms;
		if (!wait_ms || ms < wait_ms)
			wait_ms = ms;
	}
	return (unsigned)((wait_ms + 999) / 1000);
}
