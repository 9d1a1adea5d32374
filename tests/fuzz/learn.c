/*
 * Refusals of providers, and what they teach: the first line is the error
 * body, the rest the client's request.  Whatever is learned, the request that
 * is made again is JSON, and no lesson is learned twice.
 */
#include "base/check.h"
#include "json/json.h"
#include "proto/learn.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Deeper than this input may come out deeper than a parser reads. */
enum { INPUT_DEPTH = 100 };

static void
check_object(struct arena *arena, const struct buf *body)
{
	struct json doc;
	struct json_fault fault;

	CHECK(json_parse(&doc, arena, buf_slice(body), 0, &fault));
	CHECK(jval_is(json_root(&doc), JSON_OBJECT));
}

/* The body that goes out: the client's own, or another protocol's. */
static bool
make(struct talk *talk, const struct lessons *known, struct jval request,
    struct buf *out)
{
	bool passed = talk->client == talk->provider;

	learn_quirks(known, &talk->quirks);
	if (passed) {
		buf_append(out, jval_raw(request));
	} else {
		talk->request = NULL;
		if (!talk->client->decode(talk, request))
			return false;
		learn_tree(known, talk);
		if (!talk->provider->encode(talk, out))
			return false;
	}
	if (learn_body(known, talk, passed, out))
		check_object(talk->arena, out);
	return true;
}

static void
learn(struct talk *talk, struct slice refused, struct jval request)
{
	struct lessons known = { 0 };
	bool more = true;

	while (more) {
		struct buf body = { 0 };
		struct fail fail = { .retry_after_ms = -1 };
		struct refusal refusal = {
			.fail = &fail,
			.passed = talk->client == talk->provider,
		};
		struct lesson *next = &known.item[known.count];

		talk->fail = (struct fail){ .retry_after_ms = -1 };
		more = make(talk, &known, request, &body);
		refusal.sent = buf_slice(&body);
		fail_read(&fail, talk->arena, 400, refused);
		more = more && known.count < LEARN_MAX &&
		    learn_read(talk, &refusal, &known, next);
		for (size_t i = 0; more && i < known.count; i++)
			CHECK(!learn_same(&known.item[i], next));
		CHECK(!more || *learn_name(next));
		known.count += more;
		buf_free(&body);
	}
}

static const struct {
	enum protocol_id client, provider;
	enum quirk_dialect dialect;
	const char	*model;
} ways[] = {
	{ PROTO_CHAT, PROTO_MESSAGES, DIALECT_ANTHROPIC, "claude-opus-5" },
	{ PROTO_CHAT, PROTO_MESSAGES, DIALECT_ANTHROPIC, "claude-sonnet-4-5" },
	{ PROTO_MESSAGES, PROTO_CHAT, DIALECT_OPENAI, "gpt-5.5" },
	{ PROTO_MESSAGES, PROTO_CHAT, DIALECT_GEMINI, "gemini-3-pro" },
	{ PROTO_CHAT, PROTO_CHAT, DIALECT_GENERIC, "m" },
	{ PROTO_MESSAGES, PROTO_MESSAGES, DIALECT_ANTHROPIC, "claude-opus-5" },
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size };
	struct slice refused = slice_cut(&in, '\n');
	struct json doc;
	struct json_fault fault;
	uint32_t tokens;

	if (!json_check(in, INPUT_DEPTH, &tokens, &fault))
		return 0;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct arena arena = { 0 }, scratch = { 0 };
		struct talk talk = {
			.arena = &arena, .scratch = &scratch,
			.client = protocol_by_id(ways[i].client),
			.provider = protocol_by_id(ways[i].provider),
			.model = slice_of(ways[i].model),
		};

		quirks_find(&talk.quirks, ways[i].dialect, talk.model);
		if (json_parse(&doc, &arena, in, 0, &fault) &&
		    jval_is(json_root(&doc), JSON_OBJECT))
			learn(&talk, refused, json_root(&doc));
		arena_reset(&arena);
		arena_reset(&scratch);
	}
	return 0;
}
