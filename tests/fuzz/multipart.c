/*
 * Any bytes as a form: what is found does not hang on where it was cut off, and
 * a form that has been told to hold nothing is not asked again.  The first byte
 * says where to cut.
 */
#include "base/check.h"
#include "wire/multipart.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
look(struct multipart *m, struct slice body, struct slice *value)
{
	return multipart_field(m, body, SLICE("B"), "model", value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct multipart whole = { 0 }, pieces = { 0 };
	struct slice body, value = { 0 }, early = { 0 };
	size_t cut;
	int got, before;

	(void)multipart_boundary((struct slice){ (const char *)data, size },
	    &value);
	if (!size)
		return 0;
	body = (struct slice){ (const char *)data + 1, size - 1 };
	cut = body.len * *data / 255;
	got = look(&whole, body, &value);
	before = look(&pieces, slice_sub(body, 0, cut), &early);
	if (before == 0)
		before = look(&pieces, body, &early);
	else if (before < 0)
		return 0;		/* longer than may be, by then */
	CHECK(before == got);
	if (got == 1)
		CHECK(slice_eq(value, early) &&
		    value.len <= MULTIPART_VALUE_MAX &&
		    value.ptr >= body.ptr &&
		    value.ptr + value.len <= body.ptr + body.len);
	return 0;
}
