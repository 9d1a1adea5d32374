/* Directives: what they set, how they are separated, what is none. */
#include "echo/script.h"

#include "test.h"

static bool
reads(struct script *s, const char *text)
{
	struct slice wrong;

	script_init(s);
	return script_read(s, slice_of(text), &wrong);
}

static void
nothing_given(void)
{
	struct script s;

	CHECK(reads(&s, ""));
	CHECK(s.delay == -1 && s.cut == -1 && s.tools == -1 && s.fail == -1);
	CHECK(!s.hang && !s.think && !s.replay.len);
}

static void
each_kind(void)
{
	struct script s;

	CHECK(reads(&s, "delay=50+tools+think+replay=a/b.sse+rst+cut=0"));
	CHECK(s.delay == 50);
	CHECK(s.tools == 1);		/* the word alone */
	CHECK(s.think);
	CHECK(slice_is(s.replay, "a/b.sse"));
	CHECK(s.rst == 0 && s.cut == 0);
	CHECK(reads(&s, "status=200+replay=a"));
	CHECK(reads(&s, "tools=3 rst=7"));
	CHECK(s.tools == 3 && s.rst == 7);
}

static void
separators(void)
{
	struct script s;

	CHECK(reads(&s, "  delay=1, drip=2 +\tfirst=3++"));
	CHECK(s.delay == 1 && s.drip == 2 && s.first == 3);
}

static void
later_ones_hold(void)
{
	struct script s;
	struct slice wrong;

	CHECK(reads(&s, "delay=1+delay=2"));
	CHECK(s.delay == 2);
	CHECK(script_read(&s, SLICE("first=9"), &wrong));
	CHECK(s.delay == 2 && s.first == 9);
}

static void
no_directives(void)
{
	static const struct {
		const char	*text, *wrong;
	} cases[] = {
		{ "turbo", "turbo" },
		{ "delay=1+turbo+hang", "turbo" },
		{ "delay", "delay" },
		{ "delay=", "delay=" },
		{ "delay=-1", "delay=-1" },
		{ "delay=1x", "delay=1x" },
		{ "delay=99999999", "delay=99999999" },
		{ "hang=1", "hang=1" },
		{ "replay=", "replay=" },
		{ "Delay=1", "Delay=1" },
		{ "status=600", "status=600" },
		{ "status=200", "status" },
		{ "status=100+replay=a", "status" },
		{ "status=200+replay=a+fail=1", "status" },
		{ "=1", "=1" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct script s;
		struct slice wrong = { 0 };

		script_init(&s);
		CHECK(!script_read(&s, slice_of(cases[i].text), &wrong));
		CHECK_BYTES(wrong.ptr, wrong.len, cases[i].wrong,
		    strlen(cases[i].wrong));
	}
}

/* The help shows every word of the table; it is read back from there. */
static void
help_is_the_table(void)
{
	struct buf out = { 0 };
	struct slice rest;
	size_t lines = 0;

	script_help(&out);
	rest = buf_slice(&out);
	while (rest.len) {
		struct slice line = slice_trim(slice_cut(&rest, '\n'));
		struct slice word = slice_cut(&line, ' ');
		struct slice name = slice_cut(&word, '[');
		char alone[64], valued[64];
		struct script s;

		name = slice_cut(&name, '=');
		CHECK(slice_to_cstr(name, alone, sizeof alone));
		CHECK(snprintf(valued, sizeof valued, "%s=%d", alone,
		    slice_is(name, "tools") ? 5 : 500) > 0);
		CHECK(reads(&s, alone) != reads(&s, valued) ||
		    slice_chr(word, ']') != SIZE_MAX);
		CHECK(line.len > 0);
		lines++;
	}
	CHECK(lines > 25);
	buf_free(&out);
}

TESTS(
	{ "nothing given", nothing_given },
	{ "each kind", each_kind },
	{ "separators", separators },
	{ "later ones hold", later_ones_hold },
	{ "no directives", no_directives },
	{ "the help is the table", help_is_the_table })
