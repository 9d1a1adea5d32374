#include "proto/option.h"

#include "test.h"

/* Each option takes what it prints, and its default is one of its values. */
static void
spelled_as_read(void)
{
	size_t count;
	const struct option *table = option_table(&count);
	struct options o = options_default;
	char room[16];

	CHECK(count > 20);
	for (size_t i = 0; i < count; i++) {
		struct slice text = option_text(&options_default, &table[i],
		    room, sizeof room);

		CHECK(text.len > 0);
		CHECK(option_find(slice_of(table[i].name)) == &table[i]);
		CHECK(!option_set(&o, &table[i], text));
	}
	CHECK(!memcmp(&o, &options_default, sizeof o));
}

/* Two options do not share a field, and each is read from its own. */
static void
own_fields(void)
{
	size_t count;
	const struct option *table = option_table(&count);

	CHECK(count * sizeof(unsigned) == sizeof(struct options));
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			CHECK(table[i].offset != table[j].offset);
}

static void
pairs(void)
{
	struct options o = options_default;
	struct slice wrong;
	const char *want;

	CHECK(option_set_all(&o, (struct slice){ 0 }, &wrong, &want));
	CHECK(option_set_all(&o, SLICE("system_mode=hoist,n_max=3,"
	    "think_tags=true,reasoning_field=both"), &wrong, &want));
	CHECK(o.system_mode == SYSTEM_HOIST);
	CHECK(o.n_max == 3);
	CHECK(o.think_tags);
	CHECK(o.reasoning_field == REASONING_BOTH);
}

static void
refused(void)
{
	static const char *const bad[] = {
		"", "x=1", "think_tags", "think_tags=", "think_tags=yes",
		"n_max=129", "n_max=-1", "n_max=1.0", "system_mode=",
		"system_mode=auto hoist", "system_mode=Auto",
	};
	struct options o = options_default;
	struct slice wrong;
	const char *want;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		CHECK(!option_set_all(&o, slice_of(bad[i]), &wrong, &want));
		CHECK(slice_eq(wrong, slice_of(bad[i])));
		CHECK(want && *want);
	}
	CHECK(!memcmp(&o, &options_default, sizeof o));
}

TESTS(
	{ "spelled as read", spelled_as_read },
	{ "own fields", own_fields },
	{ "pairs", pairs },
	{ "refused", refused })
