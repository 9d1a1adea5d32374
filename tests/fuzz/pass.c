/*
 * Any bytes as a body that is only passed on, as Chat and as Messages: it
 * stays JSON, names the provider's model, and passing it on once more changes
 * nothing.
 */
#include "base/check.h"
#include "json/json.h"
#include "proto/proto.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* False: it was refused. */
static bool
pass(const struct protocol *protocol, struct slice text, struct buf *out)
{
	struct arena arena = { 0 };
	struct talk talk = {
		.arena = &arena, .usage_wanted = true, .model = SLICE("new"),
		.quirks = { .stream_usage = true },
	};
	struct splice splice = { .text = text };
	struct json doc;
	struct json_fault fault;
	bool passed = false;

	if (json_parse(&doc, &arena, text, 0, &fault) &&
	    protocol->peek(&talk, json_root(&doc)) &&
	    protocol->pass(&talk, json_root(&doc), &splice)) {
		splice_write(&splice, out);
		passed = !splice.failed;
	}
	arena_reset(&arena);
	return passed;
}

static void
check_twice(const struct protocol *protocol, struct slice text)
{
	struct arena arena = { 0 };
	struct buf once = { 0 }, twice = { 0 };
	struct json doc;
	struct json_fault fault;

	if (pass(protocol, text, &once)) {
		CHECK(json_parse(&doc, &arena, buf_slice(&once), 0, &fault));
		CHECK(jval_text_is(jval_get(json_root(&doc), "model"), "new"));
		CHECK(pass(protocol, buf_slice(&once), &twice));
		CHECK(slice_eq(buf_slice(&once), buf_slice(&twice)));
	}
	buf_free(&once);
	buf_free(&twice);
	arena_reset(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };

	check_twice(&protocol_chat, text);
	check_twice(&protocol_messages, text);
	return 0;
}
