#include "net/pem.h"

/* OpenSSL writes the second kind when trust settings come with a certificate;
 * what follows the certificate in it is not ours to read, so it is left out. */
static const struct slice begin = SLICE_INIT("-----BEGIN CERTIFICATE-----");
static const struct slice end = SLICE_INIT("-----END CERTIFICATE-----");

int
pem_next(struct slice *rest, struct slice *body)
{
	for (;;) {
		struct slice line;

		if (!rest->ptr)
			return 0;
		line = slice_cut(rest, '\n');
		if (slice_eq(slice_trim(line), begin))
			break;
	}
	*body = (struct slice){ rest->ptr, 0 };
	for (struct slice ahead = *rest; ahead.ptr;) {
		struct slice line = slice_trim(slice_cut(&ahead, '\n'));

		if (slice_eq(line, end)) {
			body->len = (size_t)(line.ptr - body->ptr);
			*rest = ahead;
			return 1;
		}
		if (slice_starts(line, SLICE("-----")))
			return -1;
	}
	return -1;
}
