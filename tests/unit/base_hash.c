#include "test.h"

#include "base/hash.h"

static void
digests(void)
{
	struct arena a = { 0 };
	char *million = arena_text(&a, 1000000);
	struct slice many = { million, 1000000 };

	CHECK(million);
	memset(million, 'a', many.len);
	/* the examples of FIPS 180-4 */
	CHECK(slice_is(sha256_hex(&a, SLICE("abc"), SHA256_HEX),
	    "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad"));
	CHECK(slice_is(sha256_hex(&a, (struct slice){ 0 }, SHA256_HEX),
	    "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855"));
	CHECK(slice_is(sha256_hex(&a, many, 16), "cdc76e5c9914fb92"));
	CHECK(slice_is(sha256_hex(&a, many, 0), ""));
	CHECK(crc32((struct slice){ 0 }) == 0);
	CHECK(crc32(SLICE("123456789")) == 0xcbf43926);
	arena_reset(&a);
}

static void
hex(void)
{
	uint8_t bytes[4];
	char text[8];

	CHECK(hex_decode(SLICE("00fFaB10"), bytes, 4));
	hex_encode(bytes, 4, text);
	CHECK_BYTES(text, 8, "00ffab10", 8);
	CHECK(!hex_decode(SLICE("00ffab1"), bytes, 4));
	CHECK(!hex_decode(SLICE("00ffab"), bytes, 4));
	CHECK(!hex_decode(SLICE("00ffag10"), bytes, 4));
	CHECK(hex_decode((struct slice){ 0 }, bytes, 0));
}

/* The examples of RFC 4648, in both alphabets and back. */
static void
base64(void)
{
	static const struct {
		const char	*plain, *standard, *url;
	} cases[] = {
		{ "", "", "" }, { "f", "Zg==", "Zg" }, { "fo", "Zm8=", "Zm8" },
		{ "foo", "Zm9v", "Zm9v" }, { "foob", "Zm9vYg==", "Zm9vYg" },
		{ "fooba", "Zm9vYmE=", "Zm9vYmE" },
		{ "foobar", "Zm9vYmFy", "Zm9vYmFy" },
		{ "\xfb\xff\xbf", "+/+/", "-_-_" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena a = { 0 };
		struct slice plain = slice_of(cases[i].plain), back;

		CHECK(slice_is(base64_encode(&a, plain), cases[i].standard));
		CHECK(slice_is(base64url_encode(&a, plain), cases[i].url));
		CHECK(base64_decode(&a, slice_of(cases[i].standard), &back));
		CHECK(slice_eq(back, plain));
		CHECK(base64_decode(&a, slice_of(cases[i].url), &back));
		CHECK(slice_eq(back, plain));
		arena_reset(&a);
	}
}

static void
base64_oddities(void)
{
	static const char *const bad[] = {
		"Z", "Zg=", "Zg===", "Zm9v=", "Zm9vY", "=", "Z=g=", "Zg==Zg==",
		"Zm9v!", "Zm\x80v", "====",
	};
	struct arena a = { 0 };
	struct slice out;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!base64_decode(&a, slice_of(bad[i]), &out));
	CHECK(base64_decode(&a, SLICE(" Zm9v\r\nYm Fy\n"), &out));
	CHECK(slice_is(out, "foobar"));
	a.failed = true;
	CHECK(!base64_decode(&a, SLICE("Zg"), &out));
	arena_reset(&a);
}

static void
random_values(void)
{
	uint8_t bytes[3][32] = { { 0 } };
	char text[1000];
	size_t seen[256] = { 0 };

	random_bytes(bytes[0], 32);
	random_bytes(bytes[1], 32);
	CHECK(memcmp(bytes[0], bytes[1], 32) != 0);
	CHECK(memcmp(bytes[0], bytes[2], 32) != 0);
	random_bytes(bytes, 0);
	random_base62(text, sizeof text);
	for (size_t i = 0; i < sizeof text; i++) {
		CHECK((text[i] >= '0' && text[i] <= '9') ||
		    (text[i] >= 'a' && text[i] <= 'z') ||
		    (text[i] >= 'A' && text[i] <= 'Z'));
		seen[(uint8_t)text[i]]++;
	}
	for (size_t i = 0; i < 256; i++)
		CHECK(seen[i] < 100);	/* 16 on the average */
}

/* Where one text ends and the next begins is part of the sum. */
static void
lists(void)
{
	struct slice all[] = { SLICE("ab"), SLICE("c"), SLICE("") };
	struct slice other[] = { SLICE("a"), SLICE("bc"), SLICE("") };
	uint8_t one[SHA256_LEN], two[SHA256_LEN];

	sha256_list(all, 3, one);
	sha256_list(other, 3, two);
	CHECK(memcmp(one, two, sizeof one) != 0);
	sha256_list(all, 2, two);
	CHECK(memcmp(one, two, sizeof one) != 0);
	sha256_list(all, 3, two);
	CHECK(!memcmp(one, two, sizeof one));
	/* each length is eight bytes, the lowest first */
	sha256((struct slice){ "\2\0\0\0\0\0\0\0ab\1\0\0\0\0\0\0\0c"
	    "\0\0\0\0\0\0\0\0", 27 }, two);
	CHECK(!memcmp(one, two, sizeof one));
}

static void
equal(void)
{
	CHECK(equal_ct("abc", "abc", 3));
	CHECK(!equal_ct("abc", "abd", 3));
	CHECK(!equal_ct("abc", "bbc", 3));
	CHECK(equal_ct("a", "b", 0));
}

TESTS(
	{ "digests", digests },
	{ "lists", lists },
	{ "hex", hex },
	{ "base64", base64 },
	{ "base64, oddities", base64_oddities },
	{ "random values", random_values },
	{ "equal in constant time", equal })
