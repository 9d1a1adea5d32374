/* SHA-256 in pieces, and the same by the CPU's instructions and without. */
#include "test.h"

#include "base/hash.h"
#include "base/sha256.h"

static void
sum(struct slice text, size_t cut, uint8_t out[SHA256_LEN])
{
	struct sha256 s;

	sha256_init(&s);
	sha256_add(&s, slice_sub(text, 0, cut));
	sha256_add(&s, (struct slice){ 0 });
	sha256_add(&s, slice_skip(text, cut));
	sha256_end(&s, out);
}

/* The examples of FIPS 180-4, and a million times "a". */
static void
examples(void)
{
	static const struct {
		const char	*text, *hex;
	} cases[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934c"
		    "a495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9c"
		    "b410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167"
		    "f6ecedd419db06c1" },
	};
	uint8_t out[SHA256_LEN];
	char hex[SHA256_HEX], many[1000];
	struct sha256 s;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		sum(slice_of(cases[i].text), 0, out);
		hex_encode(out, sizeof out, hex);
		CHECK_BYTES(hex, sizeof hex, cases[i].hex, SHA256_HEX);
	}
	memset(many, 'a', sizeof many);
	sha256_init(&s);
	for (int i = 0; i < 1000; i++)
		sha256_add(&s, (struct slice){ many, sizeof many });
	sha256_end(&s, out);
	hex_encode(out, sizeof out, hex);
	CHECK_BYTES(hex, sizeof hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48"
	    "a497200e046d39ccc7112cd0", SHA256_HEX);
}

enum { LONGEST = 260 };

/* Every length, cut at every place, both ways. */
static void
cut_anywhere(void)
{
	static uint8_t whole[LONGEST + 1][SHA256_LEN];
	uint8_t out[SHA256_LEN];
	char text[LONGEST];

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)(i * 7 + 1);
	for (size_t n = 0; n <= LONGEST; n++)
		sum((struct slice){ text, n }, 0, whole[n]);
	for (int way = 0; way < 2; way++) {
		for (size_t n = 0; n <= LONGEST; n++)
			for (size_t cut = 0; cut <= n; cut++) {
				sum((struct slice){ text, n }, cut, out);
				CHECK(!memcmp(out, whole[n], sizeof out));
			}
		sha256_plain();
	}
	examples();
}

/* Not a byte behind the end is read. */
static void
at_the_edge(void)
{
	uint8_t out[SHA256_LEN], there[SHA256_LEN];
	char text[LONGEST] = { 0 };

	for (size_t n = 1; n <= LONGEST; n++) {
		char *edge = guard_page(text, n);

		sum((struct slice){ text, n }, 0, out);
		sum((struct slice){ edge, n }, 0, there);
		CHECK(!memcmp(out, there, sizeof out));
		guard_page_free(edge, n);
	}
}

TESTS(
	{ "examples", examples },
	{ "at the edge", at_the_edge },
	{ "cut anywhere", cut_anywhere })
