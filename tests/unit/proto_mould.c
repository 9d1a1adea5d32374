/*
 * A chunk fits its mould if it differs in nothing but the text, and only if it
 * would have been read as the same by the parser.
 */
#include "proto/chat/mould.h"

#include "test.h"

#define BEFORE "{\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
#define AFTER "},\"finish_reason\":null}]}"

static struct mould
taught(void)
{
	struct mould m = { 0 };
	struct slice chunk = SLICE(BEFORE "\"first\"" AFTER);

	mould_learn(&m, chunk, slice_sub(chunk, sizeof BEFORE - 1, 7));
	return m;
}

static const struct {
	const char	*chunk, *text;		/* NULL: does not fit */
} chunks[] = {
	{ BEFORE "\"first\"" AFTER, "first" },
	{ BEFORE "\"\"" AFTER, "" },
	{ BEFORE "\"a\\\"b\\\\\"" AFTER, "a\\\"b\\\\" },
	{ BEFORE "\"\\ud83d\"" AFTER, "\\ud83d" },
	{ BEFORE "\"\xe4\xbd\xa0\"" AFTER, "\xe4\xbd\xa0" },
	/* more than one string, or none */
	{ BEFORE "\"a\",\"refusal\":\"b\"" AFTER, NULL },
	{ BEFORE "\"a\\\"" AFTER, NULL },
	{ BEFORE "\"a\nb\"" AFTER, NULL },
	{ BEFORE "\"\xff\"" AFTER, NULL },
	{ BEFORE "\"\\x\"" AFTER, NULL },
	{ BEFORE "\"" AFTER, NULL },
	/* another frame */
	{ BEFORE "null" AFTER, NULL },
	{ BEFORE " \"a\"" AFTER, NULL },
	{ BEFORE "\"a\"},\"finish_reason\":\"stop\"}]}", NULL },
	{ "{\"id\":\"y\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
	  "\"a\"" AFTER, NULL },
	{ BEFORE "\"a\"" AFTER " ", NULL },
	{ BEFORE, NULL },
	{ "", NULL },
};

static void
fits(void)
{
	struct mould m = taught();

	for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
		struct slice text = { 0 };
		bool fitted = mould_fits(&m, slice_of(chunks[i].chunk), &text);

		CHECK(fitted == (chunks[i].text != NULL));
		if (fitted)
			CHECK(slice_is(text, chunks[i].text));
	}
}

static void
knows_nothing_at_first(void)
{
	struct mould m = { 0 };
	struct slice text;

	CHECK(!mould_fits(&m, SLICE(""), &text));
	CHECK(!mould_fits(&m, SLICE("\"\""), &text));
}

/* Frames that are too long are not kept, and forget the one before. */
static void
long_frames(void)
{
	static char chunk[2 * MOULD_MAX];
	struct mould m = taught();
	struct slice text;

	for (size_t n = 0; n < 8; n++) {
		size_t before = MOULD_MAX - 4 + n;
		struct slice s = { chunk, before + 2 };

		memset(chunk, ' ', sizeof chunk);
		chunk[before] = chunk[before + 1] = '"';
		mould_learn(&m, s, slice_sub(s, before, 2));
		CHECK(mould_fits(&m, s, &text) == (before + 2 <= MOULD_MAX));
	}
}

TESTS(
	{ "fits", fits },
	{ "knows nothing at first", knows_nothing_at_first },
	{ "long frames", long_frames },
)
