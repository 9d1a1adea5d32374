/* json_scan - in two pieces as in one; what was mended is an object. */
#include "base/check.h"
#include "json/check.h"
#include "json/scan.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct scan once = { 0 }, twice = { 0 };
	struct buf out = { 0 };
	struct json_fault fault;
	uint32_t tokens;
	size_t used = scan_feed(&once, text), got;

	got = scan_feed(&twice, slice_sub(text, 0, size / 2));
	got += scan_feed(&twice, slice_skip(text, size / 2));
	CHECK(got == used);
	CHECK(twice.complete == once.complete);
	CHECK(twice.depth == once.depth);
	if (scan_mend(text, &out)) {
		CHECK(json_check(buf_slice(&out), JSON_DEPTH_MAX, &tokens,
		    &fault));
		CHECK(*slice_trim(buf_slice(&out)).ptr == '{');
	} else {
		CHECK(!buf_len(&out));
	}
	buf_free(&out);
	return 0;
}
