/*
 * Translations that run out of memory anywhere: what comes out is what would
 * have come with enough, or somebody says that it is not.
 *
 * Bytes 0 and 1 choose the protocols and what is translated, 2 to 4 where the
 * memory ends; the rest is a request, an answer or a stream.
 */
#include "answer.h"

enum { HEAD = 5, UNIT = 64 };

static const enum quirk_dialect dialects[PROTO_COUNT] = {
	[PROTO_CHAT] = DIALECT_OPENAI, [PROTO_MESSAGES] = DIALECT_ANTHROPIC,
	[PROTO_RESPONSES] = DIALECT_OPENAI, [PROTO_GEMINI] = DIALECT_GEMINI,
};

/* A request of `client` for `provider`; false: that failed, and says so. */
static bool
ask(const struct protocol *client, const struct protocol *provider,
    struct slice text, struct arena *arena, struct arena *scratch,
    struct buf *out)
{
	struct talk talk = { .arena = arena, .scratch = scratch,
	    .client = client, .provider = provider, .model = SLICE("m") };
	struct json doc;
	struct json_fault fault;

	quirks_find(&talk.quirks, dialects[provider->id], talk.model);
	talk.losses.way = LOSS_WAY(client->id, provider->id);
	if (!json_parse(&doc, arena, text, 0, &fault) ||
	    !jval_is(json_root(&doc), JSON_OBJECT))
		return false;
	if (client->decode(&talk, json_root(&doc)) &&
	    provider->encode(&talk, out) && !arena->failed && !out->failed &&
	    !scratch->failed)
		return true;
	CHECK(talk.fail.kind != FAIL_NONE || arena->failed || out->failed ||
	    scratch->failed);
	return false;
}

static void
check_request(const struct protocol *client, const struct protocol *provider,
    const size_t limits[3], struct slice text)
{
	struct arena arena = { 0 }, scratch = { 0 };
	struct arena small = { .limit = limits[0] };
	struct arena smaller = { .limit = limits[1] };
	struct buf whole = { 0 }, part = { .limit = limits[2] };
	bool good = ask(client, provider, text, &arena, &scratch, &whole);

	if (ask(client, provider, text, &small, &smaller, &part)) {
		CHECK(good);
		CHECK(slice_eq(buf_slice(&whole), buf_slice(&part)));
	}
	buf_free(&whole);
	buf_free(&part);
	arena_reset(&arena);
	arena_reset(&scratch);
	arena_reset(&small);
	arena_reset(&smaller);
}

/* Did memory end?  Then it is for the caller to say so. */
static bool
ran_out(const struct answer *a)
{
	return !a->source || a->arena.failed || a->scratch.failed ||
	    a->in.failed || a->out.failed;
}

static void
read_stream(struct answer *a, struct slice text)
{
	struct sse_event ev;

	buf_append(&a->in, text);
	while (!ran_out(a) && sse_next(&a->reader, &a->in, &ev) == 1) {
		arena_reset(&a->scratch);
		a->source->event(a->source, &ev);
	}
	while (!ran_out(a) && sse_last(&a->reader, &a->in, &ev) == 1) {
		arena_reset(&a->scratch);
		a->source->event(a->source, &ev);
	}
	if (!ran_out(a))
		a->source->end(a->source);
}

static void
read_with(struct answer *a, const struct protocol *provider,
    const struct protocol *client, bool whole, const size_t limits[3],
    struct slice text)
{
	answer_init(a, provider, client, whole);
	if (limits) {
		a->arena.limit = limits[0];
		a->scratch.limit = limits[1];
		a->out.limit = limits[2];
	}
	if (!a->source)
		return;
	if (whole)
		a->source->whole(a->source, text);
	else
		read_stream(a, text);
}

static void
check_answers(const struct protocol *client, const struct protocol *provider,
    const size_t limits[3], struct slice text, bool whole)
{
	struct answer all, part;

	read_with(&all, provider, client, whole, NULL, text);
	read_with(&part, provider, client, whole, limits, text);
	if (!ran_out(&part)) {
		CHECK(slice_eq(buf_slice(&all.dump.lines),
		    buf_slice(&part.dump.lines)));
		CHECK(slice_eq(buf_slice(&all.out), buf_slice(&part.out)));
	}
	answer_free(&all);
	answer_free(&part);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct protocol *client, *provider;
	size_t limits[3];
	struct slice text;

	if (size < HEAD || size > 1 << 16)
		return 0;
	client = protocol_by_id(data[0] % PROTO_COUNT);
	provider = protocol_by_id(data[0] / 16 % PROTO_COUNT);
	for (size_t i = 0; i < 3; i++)
		limits[i] = data[2 + i] == 255 ? 0 : data[2 + i] * UNIT + 1;
	/* an arena's first chunk has a size of its own */
	limits[0] += limits[0] ? 4096 : 0;
	text = (struct slice){ (const char *)data + HEAD, size - HEAD };
	/* these two are never written anew for themselves */
	if (client == provider && client->id <= PROTO_MESSAGES)
		return 0;
	if (data[1] & 1)
		check_request(client, provider, limits, text);
	else
		check_answers(client, provider, limits, text, data[1] & 2);
	return 0;
}
