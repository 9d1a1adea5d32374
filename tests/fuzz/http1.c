/*
 * Any bytes as a head: what the parser says of them at once it says of them
 * in pieces, too, and it never claims more than there was.
 * The first byte chooses the kind of head, the size of the pieces and `max`.
 */
#include "base/check.h"
#include "../unit/wire_heads.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_head(const struct heads_result *r, struct slice in)
{
	const struct http_head *head = &r->head;

	CHECK(r->used <= in.len && head->count <= HTTP_HEADERS_MAX);
	for (size_t i = 0; i < head->count; i++) {
		struct slice value = head->headers[i].value;

		CHECK(head->headers[i].name.len);
		CHECK(slice_chr(value, '\r') == SIZE_MAX);
		CHECK(slice_chr(value, '\n') == SIZE_MAX);
	}
	CHECK(!(http1_get(head, SLICE("content-length")).ptr &&
	    http1_get(head, SLICE("transfer-encoding")).ptr));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct heads_result whole, part;
	struct slice in;
	enum heads_kind kind;
	size_t max, step;

	if (!size)
		return 0;
	in = (struct slice){ (const char *)data + 1, size - 1 };
	kind = (enum heads_kind)(data[0] % 3);
	step = 1 + data[0] / 3 % 8;
	max = data[0] & 0x80 ? 64 : 4096;
	heads_whole(kind, in, max, &whole);
	heads_drip(kind, in, max, step, &part);
	CHECK(heads_same(&whole, &part));
	if (whole.got == 1)
		check_head(&whole, in);
	return 0;
}
