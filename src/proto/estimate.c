/*
 * A token is mostly a word with the blank before it, a few signs, or some
 * digits.  So the cost of a character hangs on what stood before it: that one
 * table of pairs was fitted to what the tokenizers in use make of prose, code
 * and JSON, and is right within a few per cent for them.  No cost is negative:
 * a longer text never counts for less.
 */
#include "proto/estimate.h"

/* What ASCII is to a tokenizer; the last two stand only before a character. */
enum class {				/* ORDER pairs */
	LOWER, UPPER, DIGIT, BLANK,
	BRACKET,			/* ()[]{}<> */
	JOINT,				/* within names: - . / _ */
	QUOTE,				/* " ' ` */
	SIGN,				/* the rest */
	LINE,				/* breaks and other controls */
	FOREIGN,			/* beyond ASCII */
	START,				/* of the text */
	CLASSES,
};

enum {
	UNITS = 50,			/* of a token; costs are in them */
	CLASS = 0x0f,			/* of an entry of `kinds` */
	/* where a walk over characters stops, as it wants */
	AT_ESCAPE = 0x10, AT_QUOTE = 0x20, AT_BLANK = 0x40,
};

static const uint8_t pairs[CLASSES][FOREIGN] = {
	[LOWER] = { 2, 31, 80, 33, 38, 16, 20, 36, 73 },
	[UPPER] = { 18, 15, 66, 13, 33, 28, 34, 29, 31 },
	[DIGIT] = { 83, 60, 10, 54, 36, 50, 57, 39, 30 },
	[BLANK] = { 7, 0, 9, 1, 6, 8, 19, 0, 1 },
	[BRACKET] = { 51, 56, 35, 46, 22, 22, 7, 2, 24 },
	[JOINT] = { 48, 16, 48, 55, 21, 6, 33, 13, 93 },
	[QUOTE] = { 21, 21, 44, 59, 24, 29, 0, 34, 36 },
	[SIGN] = { 48, 84, 47, 59, 21, 41, 22, 10, 0 },
	[LINE] = { 21, 16, 30, 42, 17, 16, 26, 60, 39 },
	[FOREIGN] = { 29, 49, 22, 4, 26, 91, 36, 29, 6 },
	[START] = { 36, 30, 35, 50, 35, 35, 35, 35, 35 },
};

#define O	BRACKET
#define J	JOINT
#define Q	QUOTE
#define S	SIGN
#define N	LINE
#define B	(AT_BLANK | LINE)
#define L10	LOWER, LOWER, LOWER, LOWER, LOWER, LOWER, LOWER, LOWER, \
		LOWER, LOWER
#define U10	UPPER, UPPER, UPPER, UPPER, UPPER, UPPER, UPPER, UPPER, \
		UPPER, UPPER
#define D10	DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, \
		DIGIT, DIGIT

static const uint8_t kinds[128] = {
	N, N, N, N, N, N, N, N, N, AT_BLANK | BLANK, B, N, N, B, N, N,
	N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
	AT_BLANK | BLANK, S, AT_QUOTE | QUOTE, S, S, S, S, Q,
	O, O, S, S, S, J, J, J,
	D10, S, S, O, S, O, S,
	S, U10, U10, UPPER, UPPER, UPPER, UPPER, UPPER, UPPER,
	O, AT_ESCAPE | SIGN, O, S, J,
	Q, L10, L10, LOWER, LOWER, LOWER, LOWER, LOWER, LOWER,
	O, S, O, S, N,
};

#undef O
#undef J
#undef Q
#undef S
#undef N
#undef B
#undef L10
#undef U10
#undef D10

static const struct {
	uint32_t	 to;
	uint64_t	 cost;
} scripts[] = {				/* up to and with `to` */
	{ 0x24f, 45 },			/* Latin */
	{ 0x36f, 25 },
	{ 0x52f, 10 },			/* Greek, Cyrillic */
	{ 0x10ff, 20 },			/* Hebrew to Georgian */
	{ 0x25ff, 45 },
	{ 0x27bf, 100 },		/* pictures */
	{ 0x303f, 40 },
	{ 0x30ff, 31 },			/* kana */
	{ 0x9fff, 38 },			/* Han */
	{ 0xabff, 45 },
	{ 0xd7a3, 35 },			/* Hangul */
	{ 0xf8ff, 45 },
	{ 0xfaff, 38 },
	{ 0xfeff, 45 },
	{ 0xffef, 40 },			/* wide forms */
	{ 0x1efff, 100 },
	{ 0x1faff, 100 },		/* emoji */
};

struct walk {
	struct tally	*tally;
	const char	*at, *end;
	unsigned	 before;	/* enum class */
};

/*
 * Take characters until one of the kinds in `stops`, or one beyond ASCII.
 * Most of most texts goes by in this loop.
 */
static void
run(struct walk *w, unsigned stops)
{
	const char *at = w->at, *end = w->end;
	unsigned before = w->before;
	uint64_t sum = 0;

	for (; at < end; at++) {
		unsigned char c = (unsigned char)*at;
		unsigned kind;

		if (c & 0x80)
			break;
		kind = kinds[c];
		if (kind & stops)
			break;
		sum += pairs[before][kind & CLASS];
		before = kind & CLASS;
	}
	w->at = at;
	w->before = before;
	w->tally->plain += sum;
}

static void
take_class(struct walk *w, unsigned class)
{
	w->tally->plain += pairs[w->before][class];
	w->before = class;
}

static void
take_point(struct walk *w, uint32_t point)
{
	uint64_t cost = 60;
	size_t i = 0;

	if (point < 0x80) {
		take_class(w, kinds[point] & CLASS);
		return;
	}
	while (i < sizeof scripts / sizeof *scripts && point > scripts[i].to)
		i++;
	if (i < sizeof scripts / sizeof *scripts)
		cost = scripts[i].cost;
	w->tally->foreign += cost;
	w->before = FOREIGN;
}

/* One code point of UTF-8, or as much of it as is there. */
static void
take_utf8(struct walk *w)
{
	unsigned char lead = (unsigned char)*w->at;
	size_t n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
	uint32_t point = lead & (0xffu >> (n + (n > 1)));

	if (n > (size_t)(w->end - w->at))
		n = (size_t)(w->end - w->at);
	for (size_t i = 1; i < n; i++)
		point = point << 6 | ((unsigned char)w->at[i] & 0x3f);
	take_point(w, point < 0x80 ? 0x80 : point);
	w->at += n;
}

static uint32_t
hex4(const char *at)
{
	uint32_t n = 0;

	for (int i = 0; i < 4; i++) {
		uint32_t c = (unsigned char)at[i] | 0x20u;

		n = n << 4 | (c >= 'a' ? c - 'a' + 10 : c - '0');
	}
	return n & 0xffff;
}

static bool
unicode_escape(const struct walk *w, size_t from)
{
	return (size_t)(w->end - w->at) >= from + 6 && w->at[from] == '\\' &&
	    w->at[from + 1] == 'u';
}

/* What an escape stands for; at the end of the text it may be cut off. */
static void
take_escape(struct walk *w)
{
	uint32_t high, low;

	if (!unicode_escape(w, 0)) {
		char c = w->end - w->at > 1 ? w->at[1] : '\\';

		take_class(w, c == 't' ? BLANK : c == 'n' || c == 'r' ||
		    c == 'b' || c == 'f' ? LINE : kinds[c & 0x7f] & CLASS);
		w->at += w->end - w->at > 1 ? 2 : 1;
		return;
	}
	high = hex4(w->at + 2);
	low = unicode_escape(w, 6) ? hex4(w->at + 8) : 0;
	w->at += 6;
	if (high >= 0xd800 && high <= 0xdbff && low >= 0xdc00 &&
	    low <= 0xdfff) {
		high = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
		w->at += 6;
	}
	take_point(w, high);
}

void
estimate_add(struct tally *tally, struct slice escaped)
{
	struct walk w = { tally, escaped.ptr, escaped.ptr, START };

	if (!escaped.len)
		return;
	w.end += escaped.len;
	while (w.at < w.end) {
		run(&w, AT_ESCAPE);
		if (w.at == w.end)
			break;
		if (*w.at == '\\')
			take_escape(&w);
		else
			take_utf8(&w);
	}
}

/* One string of JSON after its first quote, with the last: as it is spelled. */
static void
add_string(struct walk *w)
{
	while (w->at < w->end) {
		run(w, AT_ESCAPE | AT_QUOTE);
		if (w->at == w->end)
			return;
		if (*w->at == '"') {
			take_class(w, QUOTE);
			w->at++;
			return;
		}
		if (*w->at != '\\') {
			take_utf8(w);
			continue;
		}
		take_class(w, SIGN);
		w->at++;
		if (w->at < w->end && !(*w->at & 0x80)) {
			take_class(w, kinds[(unsigned char)*w->at] & CLASS);
			w->at++;
		}
	}
}

void
estimate_add_json(struct tally *tally, struct slice json)
{
	struct walk w = { tally, json.ptr, json.ptr, START };

	if (!json.len)
		return;
	w.end += json.len;
	while (w.at < w.end) {
		run(&w, AT_QUOTE | AT_BLANK);
		if (w.at == w.end)
			break;
		if (*w.at & 0x80) {
			take_utf8(&w);
		} else if (*w.at++ == '"') {
			take_class(&w, QUOTE);
			add_string(&w);
		}
	}
}

uint64_t
estimate_tokens(uint64_t n)
{
	return (n + 100 * UNITS - 1) / (100 * UNITS);
}
