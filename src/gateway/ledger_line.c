#include "gateway/ledger_line.h"

#include <string.h>

#include "base/clock.h"
#include "json/json.h"
#include "json/plain.h"
#include "json/text.h"

enum column_type {
	COLUMN_TIME,		/* int64_t unix_ms, as a stamp */
	COLUMN_TEXT,		/* struct slice; ptr NULL: null */
	COLUMN_COUNT,		/* int64_t; -1: null */
	COLUMN_FLAG,		/* bool */
};

#define COLUMN(type, name, field) \
	{ SLICE_INIT(",\"" name "\":"), name, type, \
	  offsetof(struct ledger_line, field) }

/* In the order of the line; the first begins with '{' instead of ','. */
static const struct column {
	/* what stands before its value */
	struct slice		 before;
	const char		*name;
	enum column_type	 type;
	size_t			 offset;
} columns[] = {
	COLUMN(COLUMN_TIME, "time", unix_ms),
	COLUMN(COLUMN_TEXT, "id", id),
	COLUMN(COLUMN_TEXT, "key", key),
	COLUMN(COLUMN_TEXT, "protocol", protocol),
	COLUMN(COLUMN_TEXT, "model", model),
	COLUMN(COLUMN_TEXT, "provider", provider),
	COLUMN(COLUMN_TEXT, "target", target),
	COLUMN(COLUMN_COUNT, "status", status),
	COLUMN(COLUMN_COUNT, "in", in),
	COLUMN(COLUMN_COUNT, "out", out),
	COLUMN(COLUMN_COUNT, "cached", cached),
	COLUMN(COLUMN_COUNT, "cache_written", cache_written),
	COLUMN(COLUMN_COUNT, "reasoning", reasoning),
	COLUMN(COLUMN_FLAG, "estimated", estimated),
	COLUMN(COLUMN_COUNT, "cost_nano", cost_nano),
	COLUMN(COLUMN_COUNT, "first_ms", first_ms),
	COLUMN(COLUMN_COUNT, "ms", ms),
	COLUMN(COLUMN_COUNT, "attempts", attempts),
	COLUMN(COLUMN_TEXT, "stop", stop),
	COLUMN(COLUMN_TEXT, "error", error),
	COLUMN(COLUMN_TEXT, "cache", cache),
	COLUMN(COLUMN_FLAG, "stream", stream),
};

enum { COLUMNS = sizeof columns / sizeof *columns, DIGITS_MAX = 18 };

static void *
field(struct ledger_line *line, const struct column *c)
{
	return (char *)line + c->offset;
}

/* ---- writing ---- */

static void
write_text(struct buf *out, struct slice text)
{
	if (!text.ptr) {
		buf_text(out, "null");
		return;
	}
	buf_byte(out, '"');
	text_escape_to(out, slice_sub(text, 0, LEDGER_TEXT_MAX));
	buf_byte(out, '"');
}

static void
write_value(struct buf *out, const struct column *c, const void *value)
{
	char stamp[CLOCK_STAMP];
	int64_t n;

	switch (c->type) {
	case COLUMN_TIME:
		clock_stamp(*(const int64_t *)value, stamp);
		write_text(out, slice_of(stamp));
		break;
	case COLUMN_TEXT:
		write_text(out, *(const struct slice *)value);
		break;
	case COLUMN_COUNT:
		n = *(const int64_t *)value;
		if (n < 0)
			buf_text(out, "null");
		else
			buf_u64(out, (uint64_t)n);
		break;
	case COLUMN_FLAG:
		buf_text(out, *(const bool *)value ? "true" : "false");
		break;
	}
}

void
ledger_line_write(struct buf *out, const struct ledger_line *line)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		const struct column *c = &columns[i];

		buf_append(out, i ? c->before : SLICE("{\"time\":"));
		write_value(out, c, (const char *)line + c->offset);
	}
	buf_text(out, "}\n");
}

/*
 * ---- reading what was written here ----
 *
 * Texts with anything but plain ASCII in them are left to the parser, which
 * knows what is valid.
 */

/* Where the line is read, and where it ends. */
struct place {
	const char	*at, *end;
};

/* Half of a line is compared: by words, which not every libc does. */
static bool
same(const char *a, const char *b, size_t len)
{
	uint64_t x, y;

	for (; len >= sizeof x; len -= sizeof x) {
		memcpy(&x, a, sizeof x);
		memcpy(&y, b, sizeof y);
		if (x != y)
			return false;
		a += sizeof x;
		b += sizeof x;
	}
	while (len && *a++ == *b++)
		len--;
	return !len;
}

static bool
take(struct place *p, const char *text, size_t len)
{
	if ((size_t)(p->end - p->at) < len || !same(p->at, text, len))
		return false;
	p->at += len;
	return true;
}

static bool
take_text(struct place *p, struct slice *text)
{
	const char *from;

	if (p->at == p->end || *p->at != '"') {
		*text = (struct slice){ 0 };
		return take(p, "null", 4);
	}
	from = ++p->at;
	p->at = plain_end(p->at, p->end);
	*text = (struct slice){ from, (size_t)(p->at - from) };
	return take(p, "\"", 1);
}

static bool
take_count(struct place *p, int64_t *n)
{
	const char *from = p->at;
	int64_t value = 0;

	while (p->at < p->end && *p->at >= '0' && *p->at <= '9' &&
	    p->at - from < DIGITS_MAX)
		value = value * 10 + (*p->at++ - '0');
	*n = value;
	if (p->at > from)
		return true;
	*n = -1;
	return take(p, "null", 4);
}

static bool
take_flag(struct place *p, bool *flag)
{
	*flag = take(p, "true", 4);
	return *flag || take(p, "false", 5);
}

static bool
take_value(struct place *p, const struct column *c, void *value)
{
	struct slice stamp;

	switch (c->type) {
	case COLUMN_TIME:
		return take_text(p, &stamp) && clock_read_stamp(stamp, value);
	case COLUMN_TEXT:
		return take_text(p, value);
	case COLUMN_COUNT:
		return take_count(p, value);
	case COLUMN_FLAG:
		return take_flag(p, value);
	}
	return false;
}

static bool
read_own(struct slice text, struct ledger_line *line)
{
	struct place p = { text.ptr, text.ptr + text.len };

	for (size_t i = 0; i < COLUMNS; i++) {
		const struct column *c = &columns[i];
		struct slice before = i ? c->before : SLICE("{\"time\":");

		if (!take(&p, before.ptr, before.len) ||
		    !take_value(&p, c, field(line, c)))
			return false;
	}
	return take(&p, "}", 1) && p.at == p.end;
}

/* ---- reading what others wrote ---- */

static void
bind_value(struct jval v, const struct column *c, void *value)
{
	uint64_t n;

	switch (c->type) {
	case COLUMN_TIME:
		break;
	case COLUMN_TEXT:
		*(struct slice *)value = jval_text(v);
		break;
	case COLUMN_COUNT:
		*(int64_t *)value = jval_is(v, JSON_NUMBER) &&
		    jval_u64(v, &n) && n < INT64_MAX ? (int64_t)n : -1;
		break;
	case COLUMN_FLAG:
		*(bool *)value = jval_is_true(v);
		break;
	}
}

static bool
read_any(struct slice text, struct arena *arena, struct ledger_line *line)
{
	struct json *doc = arena_alloc(arena, sizeof *doc);
	struct json_fault fault;
	struct jval root;

	if (!doc || !json_parse(doc, arena, text, 0, &fault))
		return false;
	root = json_root(doc);
	if (!jval_is(root, JSON_OBJECT) || !clock_read_stamp(
	    jval_get_text(root, "time"), &line->unix_ms))
		return false;
	for (size_t i = 0; i < COLUMNS; i++)
		bind_value(jval_get(root, columns[i].name), &columns[i],
		    field(line, &columns[i]));
	return true;
}

int
ledger_line_read(struct slice text, struct arena *arena,
    struct ledger_line *line)
{
	if (text.len > LEDGER_LINE_MAX)
		return -1;
	return read_own(text, line) || read_any(text, arena, line) ? 1 : -1;
}
