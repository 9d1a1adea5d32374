#include "proto/gemini/family.h"

#include "proto/ir.h"
#include "proto/quirk.h"

enum { KEY_MAX = 128 };

#define BIT(effort)	(1u << IR_EFFORT_##effort)
#define THREE	(BIT(LOW) | BIT(MEDIUM) | BIT(HIGH))
#define FOUR	(BIT(MINIMAL) | THREE)
#define BUDGET(least, most, stops)	FAMILY_BUDGET, 0, least, most, stops
#define LEVELS(levels)	FAMILY_LEVEL, levels, 0, 0, false

/*
 * The first row that fits counts: its text stands at the beginning of the
 * name, or anywhere in it, and the generation is at least that.
 */
static const struct {
	const char	*text;
	bool		 anywhere;
	unsigned	 since;
	enum family_think think;
	unsigned	 levels, least, most;
	bool		 stops;
} rows[] = {
	{ "-image", true, 0, FAMILY_NO_WORD, 0, 0, 0, false },
	{ "-tts", true, 0, FAMILY_NO_WORD, 0, 0, 0, false },
	{ "-live", true, 0, FAMILY_NO_WORD, 0, 0, 0, false },
	{ "gemini-2-5-pro", false, 0, BUDGET(128, 32768, false) },
	{ "gemini-2-5-flash-lite", false, 0, BUDGET(512, 24576, true) },
	{ "gemini-2-5-flash", false, 0, BUDGET(1, 24576, true) },
	{ "gemini-3-pro", false, 0, LEVELS(BIT(LOW) | BIT(HIGH)) },
	{ "gemini-3-8-flash", false, 0, LEVELS(THREE) },
	{ "gemini-4-", false, 0, LEVELS(THREE) },
	{ "pro", true, FAMILY_MIXES, LEVELS(THREE) },
	{ "flash", true, FAMILY_MIXES, LEVELS(FOUR) },
};

static bool
is_digit(struct slice s, size_t at)
{
	return at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9';
}

/* "gemini-2-5-pro": 25; "gemini-flash-latest": the newest we know. */
static unsigned
generation_of(struct slice key)
{
	unsigned n;

	if (!slice_starts(key, SLICE("gemini-")))
		return 0;
	key = slice_skip(key, 7);
	if (!is_digit(key, 0))
		return slice_ends(key, SLICE("latest")) ? FAMILY_MIXES : 0;
	n = (unsigned)(key.ptr[0] - '0') * 10;
	if (key.len > 2 && key.ptr[1] == '-' && is_digit(key, 2) &&
	    !is_digit(key, 3))
		n += (unsigned)(key.ptr[2] - '0');
	return n;
}

struct family
family_of(struct slice model)
{
	char text[KEY_MAX];
	struct slice key = quirk_model_key(model, text, sizeof text);
	struct family f = { .generation = generation_of(key) };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct slice want = slice_of(rows[i].text);

		if (f.generation < rows[i].since ||
		    !(rows[i].anywhere ? slice_find(key, want) != SIZE_MAX :
		    slice_starts(key, want)))
			continue;
		f.think = rows[i].think;
		f.levels = rows[i].levels;
		f.least = rows[i].least;
		f.most = rows[i].most;
		f.stops = rows[i].stops;
		break;
	}
	return f;
}
