/*
 * Claude's models, and the way from a model's name to its row.
 */
#include "proto/quirk.h"

#include "proto/ir.h"
#include "proto/quirk_dialect.h"
#include "proto/quirk_field.h"

enum { KEY_MAX = 128, OUTPUT_DEFAULT = 32000 };

enum {				/* of a row of claudes[] */
	SAMPLES = 1, FORCES = 2, PREFILLS = 4, MID = 8, SCHEMAS = 16,
	BINDS = 32, THINKS = 64,	/* when `thinking` is left out */
	SHOWS = 128,			/* its thinking, unasked */
	WITH_BUDGET = 256,		/* effort beside a budget */
	TO_HIGH_OFF = 512,		/* not thinking: effort to high */
};

#define LEVEL(name)	(1u << IR_EFFORT_##name)
#define TO_HIGH		(LEVEL(LOW) | LEVEL(MEDIUM) | LEVEL(HIGH))
#define ALL		(TO_HIGH | LEVEL(XHIGH) | LEVEL(MAX))

enum {
	A = THINK_ADAPTIVE, E = THINK_ENABLED, D = THINK_DISABLED,
	B = THINK_BETWEEN,
	OLD = SAMPLES | FORCES | PREFILLS | SHOWS,
};

/* Families and versions (major * 100 + minor) that are alike; the first row
 * that fits counts. */
static const struct claude {
	const char	*family;	/* NULL: any */
	unsigned	 from, to;	/* version */
	unsigned	 think;
	unsigned	 efforts;
	unsigned	 can;
	unsigned	 output, context; /* thousands of tokens */
} claudes[] = {
	{ "fable",  501, 99999, A, ALL, THINKS | MID | SCHEMAS | BINDS,
	    128, 1000 },
	{ "mythos", 501, 99999, A, ALL, THINKS | MID | SCHEMAS | BINDS,
	    128, 1000 },
	{ "fable",  500, 500, A, ALL, THINKS | FORCES | MID | SCHEMAS,
	    128, 1000 },
	{ "mythos", 500, 500, A, ALL, THINKS | FORCES | MID | SCHEMAS,
	    128, 1000 },
	/* the preview has no version */
	{ "mythos", 0, 0, A | E, ALL, THINKS | FORCES | SCHEMAS, 128, 1000 },
	{ "opus",   505, 505, A, ALL, THINKS | MID | SCHEMAS | BINDS,
	    128, 1000 },
	{ "sonnet", 505, 505, A | B, ALL,
	    THINKS | MID | SCHEMAS | BINDS | TO_HIGH_OFF, 128, 1000 },
	{ "haiku",  505, 505, A | D, ALL,
	    THINKS | FORCES | MID | SCHEMAS | BINDS | TO_HIGH_OFF, 128, 0 },
	{ "opus",   500, 500, A | D, ALL,
	    THINKS | FORCES | MID | SCHEMAS | TO_HIGH_OFF, 128, 1000 },
	{ "sonnet", 500, 500, A | D, ALL, THINKS | FORCES | SCHEMAS,
	    128, 1000 },
	{ "opus",   408, 408, A | D, ALL, FORCES | MID | SCHEMAS, 128, 1000 },
	{ "opus",   407, 407, A | D, ALL, FORCES | SCHEMAS, 128, 1000 },
	{ "opus",   406, 406, A | E | D, TO_HIGH | LEVEL(MAX),
	    SAMPLES | FORCES | SCHEMAS | SHOWS, 128, 1000 },
	{ "sonnet", 406, 406, A | E | D, TO_HIGH | LEVEL(MAX),
	    SAMPLES | FORCES | SCHEMAS | SHOWS, 128, 1000 },
	{ "opus",   405, 405, E | D, TO_HIGH, OLD | SCHEMAS | WITH_BUDGET,
	    64, 200 },
	{ "sonnet", 405, 405, E | D, 0, OLD | SCHEMAS, 64, 200 },
	{ "haiku",  405, 405, E | D, 0, OLD | SCHEMAS, 64, 200 },
	{ "sonnet", 307, 401, E | D, 0, OLD, 64, 200 },
	{ NULL,     307, 401, E | D, 0, OLD, 32, 200 },
	{ NULL,     305, 306, D, 0, OLD, 8, 200 },
	{ NULL,     100, 304, D, 0, OLD, 4, 200 },
	/* unknown, or newer than this table */
	{ NULL, 0, 99999, A, ALL, THINKS | SCHEMAS | BINDS, 32, 200 },
};

/* Token counts of the rows as their makers give them: 128,000, but 8,192. */
static uint64_t
tokens(unsigned thousands)
{
	return thousands < 16 ? thousands * 1024ull : thousands * 1000ull;
}

static void
take_claude(struct quirks *q, const struct claude *c)
{
	q->max_output = tokens(c->output);
	q->default_output = q->max_output < OUTPUT_DEFAULT ?
	    q->max_output : OUTPUT_DEFAULT;
	q->context = tokens(c->context);
	q->think = c->think;
	q->efforts = (uint8_t)c->efforts;
	q->think_default = c->can & THINKS;
	q->think_shown = c->can & SHOWS;
	q->effort_with_budget = c->can & WITH_BUDGET;
	q->sampling = c->can & SAMPLES;
	q->force = c->can & FORCES;
	q->prefill = c->can & PREFILLS;
	q->mid_system = c->can & MID;
	q->schema_output = c->can & SCHEMAS;
	q->bound_thinking = c->can & BINDS;
	q->rest_to_high = c->can & TO_HIGH_OFF;
	/* the last row is for those that nobody knows yet */
	q->known = c != &claudes[sizeof claudes / sizeof *claudes - 1];
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The first number of at most two digits between dashes, and the next. */
static unsigned
version(struct slice key)
{
	unsigned major = 0, n = 0, seen = 0;

	while (key.ptr && seen < 2) {
		struct slice word = slice_cut(&key, '-');
		uint64_t value;

		if (word.len <= 2 && slice_to_u64(word, 99, &value)) {
			n = (unsigned)value;
			if (!seen++)
				major = n, n = 0;
		} else if (seen) {
			break;
		}
	}
	return major * 100 + n;
}

static const struct claude *
find_claude(struct slice key)
{
	const struct claude *c = claudes;
	unsigned v = version(key);

	if (!slice_starts(key, SLICE("claude")))
		v = 99999;
	else if (slice_starts(key, SLICE("claude-instant")))
		v = 100;
	while (v < c->from || v > c->to ||
	    (c->family && slice_find(key, slice_of(c->family)) == SIZE_MAX))
		c++;
	return c;
}

void
quirks_find(struct quirks *q, enum quirk_dialect dialect, struct slice model)
{
	char room[KEY_MAX];
	struct slice key = quirk_model_key(model, room, sizeof room);

	quirks_dialect(q, dialect, key);
	if (dialect == DIALECT_ANTHROPIC)
		take_claude(q, find_claude(key));
}

static char
fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Where '*' stands for any text, and case does not count. */
static bool
matches(struct slice pattern, struct slice text)
{
	size_t p = 0, t = 0, star = SIZE_MAX, from = 0;

	while (t < text.len) {
		if (p < pattern.len && pattern.ptr[p] == '*') {
			star = p++;
			from = t;
		} else if (p < pattern.len &&
		    fold(pattern.ptr[p]) == fold(text.ptr[t])) {
			p++, t++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			t = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.ptr[p] == '*')
		p++;
	return p == pattern.len;
}

bool
quirk_rule_fits(const struct quirk_rule *rule, struct slice model)
{
	return !rule->models || matches(slice_of(rule->models), model);
}

void
quirks_override(struct quirks *q, const struct quirk_rule *rules,
    struct slice model)
{
	for (const struct quirk_rule *r = rules; r; r = r->next) {
		if (!quirk_rule_fits(r, model))
			continue;
		q->rules = rules;
		for (size_t i = 0; i < r->setting_count; i++)
			quirk_field_set(q, &r->settings[i]);
	}
}

/* How many digits end the text? */
static size_t
digits_at_end(struct slice s)
{
	size_t n = 0;

	while (n < s.len && is_digit(s.ptr[s.len - 1 - n]))
		n++;
	return n;
}

/* The length of a date, "-latest" or "-v1" at the end; 0: none of them. */
static size_t
suffix(struct slice s)
{
	size_t n = digits_at_end(s);
	char before = s.len > n ? s.ptr[s.len - n - 1] : 0;

	if (n == 8 && (before == '-' || before == '@'))
		return n + 1;
	if (n == 2 && s.len > 11 && s.ptr[s.len - 11] == '-' &&
	    digits_at_end(slice_sub(s, 0, s.len - 3)) == 2 &&
	    digits_at_end(slice_sub(s, 0, s.len - 6)) == 4)
		return 11;			/* -2025-08-07 */
	if (n && before == 'v' && s.len > n + 2 &&
	    s.ptr[s.len - n - 2] == '-' &&
	    slice_find(s, SLICE("claude")) != SIZE_MAX)
		return n + 2;
	return slice_ends(s, SLICE("-latest")) ? 7 : 0;
}

/* What stands before a tag: "name:free", "name[1m]". */
static struct slice
without_tag(struct slice s)
{
	size_t end = slice_chr(s, ':');
	size_t bracket = slice_chr(s, '[');

	if (bracket < end)
		end = bracket;
	return end == SIZE_MAX || !end ? s : slice_sub(s, 0, end);
}

struct slice
quirk_model_key(struct slice model, char *out, size_t size)
{
	size_t slash = slice_rchr(model, '/');
	struct slice key = slash == SIZE_MAX ? model :
	    slice_skip(model, slash + 1);
	size_t vendor = slice_find_ci(key, SLICE("anthropic."));
	size_t n;

	if (vendor != SIZE_MAX)
		key = slice_skip(key, vendor + 10);
	key = without_tag(key);
	key.len = key.len < size ? key.len : size;
	for (size_t i = 0; i < key.len; i++) {
		char c = key.ptr[i];

		out[i] = c == '.' ? '-' :
		    c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	key.ptr = out;
	while ((n = suffix(key)) != 0 && n < key.len)
		key.len -= n;
	return key;
}
