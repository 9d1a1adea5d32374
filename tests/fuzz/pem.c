/*
 * Any text as a bundle of certificates: each block found lies inside it, they
 * come in order, and an end is reached.
 */
#include "base/check.h"
#include "base/hash.h"
#include "net/cert.h"
#include "net/pem.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = { (const char *)data, size }, body, der;
	const char *end = rest.ptr + size, *last = rest.ptr;
	struct arena a = { .limit = 1 << 24 };
	struct cert c;
	int got;

	while ((got = pem_next(&rest, &body)) != 0) {
		CHECK(!rest.ptr || (rest.ptr > last && rest.ptr <= end));
		if (rest.ptr)
			last = rest.ptr;
		if (got < 0)
			continue;
		CHECK(body.ptr + body.len <= end);
		if (base64_decode(&a, body, &der))
			(void)cert_parse(der, &c);
		arena_reset(&a);
	}
	return 0;
}
