/* Stamps are read as they are written, and as others write them. */
#include "test.h"

#include "base/clock.h"

static int64_t
read_stamp(const char *text)
{
	int64_t ms = -1;

	return clock_read_stamp(slice_of(text), &ms) ? ms : -1;
}

static void
every_day(void)
{
	char stamp[CLOCK_STAMP];

	/* a day and some, over leap years and centuries */
	for (int64_t ms = 0; ms < INT64_C(9000000000000);
	    ms += 86400000 + 3723004) {
		clock_stamp(ms, stamp);
		CHECK(read_stamp(stamp) == ms);
		stamp[10] = '\0';
		CHECK(read_stamp(stamp) == ms - ms % 86400000);
	}
}

static void
other_spellings(void)
{
	CHECK(read_stamp("1970-01-01T00:00:00Z") == 0);
	CHECK(read_stamp("2000-02-29T12:00:00z") == 951825600000);
	CHECK(read_stamp("2026-11-21 10:00:30.5Z") == 1795255230500);
	CHECK(read_stamp("2026-11-21T10:00:30.1234567Z") == 1795255230123);
	CHECK(read_stamp("2026-11-21T12:00:30+02:00") == 1795255230000);
	CHECK(read_stamp("2026-11-21T04:30:30-05:30") == 1795255230000);
}

static void
no_stamps(void)
{
	static const char *const wrong[] = {
		"", "2026", "2026-11", "2026-13-01", "2026-00-01",
		"2026-02-29", "2026-04-31", "2026-11-00", "1969-12-31",
		"2026-11-21T", "2026-11-21T10", "2026-11-21T10:00",
		"2026-11-21T10:00:30", "2026-11-21T24:00:00Z",
		"2026-11-21T10:60:00Z", "2026-11-21T10:00:61Z",
		"2026-11-21T10:00:30.Z", "2026-11-21T10:00:30Zx",
		"2026-11-21T10:00:30+0200", "2026-11-21T10:00:30+24:00",
		"2026-1-21", " 2026-11-21", "2026-11-2a",
	};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		CHECK(read_stamp(wrong[i]) == -1);
}

TESTS(
	{ "every day", every_day },
	{ "other spellings", other_spellings },
	{ "no stamps", no_stamps })
