/* Error bodies of providers: whatever came, there is a kind and a sentence. */
#include <stdlib.h>

#include "json/write.h"
#include "proto/proto.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the client is told must be JSON. */
static void
tell(const struct talk *talk, const struct fail *f)
{
	struct buf out = { 0 };
	struct json_fault fault;
	uint32_t tokens;
	unsigned status = talk->client->error(talk, f, &out);

	if (status < 400 || status > 599 || !json_check(buf_slice(&out),
	    JSON_DEPTH_MAX, &tokens, &fault))
		abort();
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 }, scratch = { 0 };
	struct talk talk = { .arena = &arena, .scratch = &scratch };
	struct fail f = { 0 };

	if (!size)
		return 0;
	fail_read(&f, &arena, 390u + data[0],
	    (struct slice){ (const char *)data + 1, size - 1 });
	if (!f.kind || !f.message.len)
		abort();
	for (int i = 0; i < PROTO_COUNT * PROTO_COUNT; i++) {
		talk.client = protocol_by_id((enum protocol_id)
		    (i % PROTO_COUNT));
		talk.provider = protocol_by_id((enum protocol_id)
		    (i / PROTO_COUNT));
		tell(&talk, &f);
	}
	arena_reset(&arena);
	arena_reset(&scratch);
	return 0;
}
