/*
 * Any bytes as a Gemini request: what is accepted comes out as JSON for every
 * provider, and the same again when it is written once more.  Passed on, it
 * stays JSON.  The first byte chooses provider and dialect.
 */
#include "base/check.h"
#include "json/json.h"
#include "proto/estimate.h"
#include "proto/proto.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const models[PROTO_COUNT] = {
	[PROTO_CHAT] = "gpt-5.6", [PROTO_MESSAGES] = "claude-opus-4-8",
	[PROTO_RESPONSES] = "gpt-5.6", [PROTO_GEMINI] = "gemini-3-pro",
};

static bool
is_json(struct slice text)
{
	struct json_fault fault;
	uint32_t tokens;

	return json_check(text, JSON_DEPTH_MAX, &tokens, &fault);
}

static void
translate(struct talk *talk, struct jval body)
{
	struct buf out = { 0 }, again = { 0 };

	if (!protocol_gemini.decode(talk, body)) {
		CHECK(talk->fail.kind != FAIL_NONE);
		return;
	}
	estimate_request(talk);
	if (talk->provider->encode(talk, &out)) {
		CHECK(is_json(buf_slice(&out)));
		CHECK(talk->provider->encode(talk, &again));
		CHECK(slice_eq(buf_slice(&out), buf_slice(&again)));
	} else {
		CHECK(talk->fail.kind != FAIL_NONE && !buf_len(&out));
	}
	buf_free(&out);
	buf_free(&again);
}

static void
pass(struct talk *talk, struct jval body)
{
	struct splice splice = { .text = jval_raw(body) };
	struct buf out = { 0 };

	if (protocol_gemini.peek(talk, body) &&
	    protocol_gemini.pass(talk, body, &splice)) {
		splice_write(&splice, &out);
		CHECK(splice.failed || is_json(buf_slice(&out)));
	}
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct talk talk = { .arena = &arena, .scratch = &arena }, other;
	struct json doc;
	struct json_fault fault;
	enum protocol_id id;

	if (!size)
		return 0;
	id = (enum protocol_id)(data[0] % PROTO_COUNT);
	talk.client = &protocol_gemini;
	talk.provider = protocol_by_id(id);
	talk.client_model = SLICE("m");
	talk.losses.way = LOSS_WAY(PROTO_GEMINI, id);
	quirks_find(&talk.quirks, (enum quirk_dialect)(data[0] / PROTO_COUNT %
	    DIALECTS), slice_of(models[id]));
	talk.model = slice_of(models[id]);
	other = talk;
	if (json_parse(&doc, &arena, (struct slice){ (const char *)data + 1,
	    size - 1 }, 0, &fault)) {
		translate(&talk, json_root(&doc));
		if (id == PROTO_GEMINI)
			pass(&other, json_root(&doc));
	}
	arena_reset(&arena);
	return 0;
}
