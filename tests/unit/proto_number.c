/* Decimal numbers compared as text. */
#include "test.h"

#include "proto/number.h"

static void
order(void)
{
	static const struct {
		const char	*a, *b;
		int		 want;
	} pairs[] = {
		{ "0", "0", 0 }, { "0", "-0", 0 }, { "0.000", "0e9", 0 },
		{ "1", "1.0", 0 }, { "1", "10e-1", 0 }, { "100", "1E2", 0 },
		{ "1", "2", -1 }, { "2", "10", -1 }, { "0.9", "1", -1 },
		{ "0.99", "0.95", 1 }, { "0.10", "0.1", 0 },
		{ "-1", "1", -1 }, { "-1", "-2", 1 }, { "-0.5", "0", -1 },
		{ "1.7", "1", 1 }, { "1.0000001", "1", 1 },
		{ "12345678901234567890", "12345678901234567891", -1 },
		{ "1e400", "1e399", 1 }, { "1e-400", "0", 1 },
		{ "1e99999999999999999999", "1", 1 },
		{ "1e-99999999999999999999", "1e-5", -1 },
		{ "0e99999999999999999999", "0", 0 },
		{ "0.00012", "1.2e-4", 0 },
	};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct slice a = slice_of(pairs[i].a);

		CHECK(number_vs(a, pairs[i].b) == pairs[i].want);
		CHECK(number_cmp(slice_of(pairs[i].b), a) == -pairs[i].want);
	}
}

static void
integers(void)
{
	static const struct {
		const char	*text;
		bool		 fits;
		uint64_t	 want;
	} cases[] = {
		{ "0", true, 0 }, { "-0.0", true, 0 }, { "10", true, 10 },
		{ "10.0", true, 10 }, { "1e3", true, 1000 },
		{ "1.5e1", true, 15 }, { "1200e-2", true, 12 },
		{ "18446744073709551615", true, UINT64_MAX },
		{ "18446744073709551616", false, 0 },
		{ "1e19", true, 10000000000000000000u },
		{ "1e20", false, 0 }, { "1e999999999999", false, 0 },
		{ "1.5", false, 0 }, { "-1", false, 0 }, { "1e-1", false, 0 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint64_t n = 7;

		CHECK(number_u64(slice_of(cases[i].text), &n) ==
		    cases[i].fits);
		CHECK(n == (cases[i].fits ? cases[i].want : 7));
	}
}

TESTS(
	{ "order", order },
	{ "integers", integers })
