#include "net/pem.h"

/* OpenSSL writes "TRUSTED CERTIFICATE" when trust settings come with one; what
 * follows the certificate in it is not ours to read, so it is left out. */
static const struct slice certificate[] = {
	SLICE_INIT("CERTIFICATE"), { NULL, 0 },
};

static const struct slice key[] = {
	SLICE_INIT("PRIVATE KEY"), SLICE_INIT("RSA PRIVATE KEY"),
	SLICE_INIT("EC PRIVATE KEY"), SLICE_INIT("ENCRYPTED PRIVATE KEY"),
	{ NULL, 0 },
};

/* Is this line "-----", `word`, one of the labels, "-----"? */
static bool
marks(struct slice line, struct slice word, const struct slice *labels)
{
	static const struct slice dashes = SLICE_INIT("-----");

	line = slice_trim(line);
	if (line.len < word.len + 2 * dashes.len ||
	    !slice_starts(line, dashes) || !slice_ends(line, dashes))
		return false;
	line = slice_sub(line, dashes.len, line.len - 2 * dashes.len);
	if (!slice_starts(line, word))
		return false;
	line = slice_skip(line, word.len);
	while (labels->ptr && !slice_eq(line, *labels))
		labels++;
	return labels->ptr != NULL;
}

static int
next(struct slice *rest, struct slice *body, const struct slice *labels)
{
	do {
		if (!rest->ptr)
			return 0;
	} while (!marks(slice_cut(rest, '\n'), SLICE("BEGIN "), labels));
	*body = (struct slice){ rest->ptr, 0 };
	for (struct slice ahead = *rest; ahead.ptr;) {
		struct slice line = slice_trim(slice_cut(&ahead, '\n'));

		if (marks(line, SLICE("END "), labels)) {
			body->len = (size_t)(line.ptr - body->ptr);
			*rest = ahead;
			return 1;
		}
		if (slice_starts(line, SLICE("-----")))
			return -1;
	}
	return -1;
}

int
pem_next(struct slice *rest, struct slice *body)
{
	return next(rest, body, certificate);
}

int
pem_next_key(struct slice *rest, struct slice *body)
{
	return next(rest, body, key);
}
