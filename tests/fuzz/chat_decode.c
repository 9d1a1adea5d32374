/*
 * chat_decode - a Chat request becomes one for Messages.  The first byte
 * chooses the model; whatever the rest holds, what comes out keeps the
 * provider's rules, and comes out the same a second time.
 */
#include "../unit/messages_rules.h"
#include "proto/chat/chat.h"
#include "proto/messages/messages.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const char *const models[] = {
	"claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5",
	"claude-opus-5", "claude-sonnet-5", "claude-opus-4-8",
	"claude-sonnet-4-6", "claude-opus-4-5", "claude-sonnet-4-5",
	"claude-3-5-haiku", "claude-fable-5", "anything",
};

/* Deeper than this input may come out deeper than a parser reads. */
enum { INPUT_DEPTH = 100 };

static void
check_output(struct arena *a, const struct quirks *q, struct slice out)
{
	struct json doc;
	struct json_fault fault;
	const char *broken;

	CHECK(json_parse(&doc, a, out, 0, &fault));
	broken = messages_broken_rule(json_root(&doc), q);
	if (broken)
		check_failed(broken, __FILE__, __LINE__);
}

static void
translate(struct talk *talk, struct jval body)
{
	struct buf out = { 0 }, again = { 0 };

	if (!chat_decode(talk, body)) {
		CHECK(talk->fail.kind != FAIL_NONE);
		return;
	}
	if (messages_encode(talk, &out)) {
		check_output(talk->arena, &talk->quirks, buf_slice(&out));
		CHECK(messages_encode(talk, &again));
		CHECK(slice_eq(buf_slice(&out), buf_slice(&again)));
	} else {
		CHECK(talk->fail.kind != FAIL_NONE);
	}
	buf_free(&out);
	buf_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size };
	struct arena arena = { 0 }, scratch = { 0 };
	struct talk talk = { .arena = &arena, .scratch = &scratch };
	struct json doc;
	struct json_fault fault;
	uint32_t tokens;

	if (!size)
		return 0;
	talk.model = slice_of(models[data[0] %
	    (sizeof models / sizeof *models)]);
	quirks_find(&talk.quirks, DIALECT_ANTHROPIC, talk.model);
	in = slice_skip(in, 1);
	if (json_check(in, INPUT_DEPTH, &tokens, &fault) &&
	    json_parse(&doc, &arena, in, 0, &fault) &&
	    jval_is(json_root(&doc), JSON_OBJECT))
		translate(&talk, json_root(&doc));
	arena_reset(&arena);
	arena_reset(&scratch);
	return 0;
}
