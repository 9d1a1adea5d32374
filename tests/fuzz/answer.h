/*
 * answer - what must hold for a provider's answer, whatever its bytes are.
 *
 * It is read at once and in small pieces: the events are the same, and the
 * referee does not object.  Nothing follows the end of a call's arguments where
 * the source looks for it.  Behind the source stands each sink in turn: what
 * it writes is JSON, in a stream event by event.
 */
#ifndef TESTS_FUZZ_ANSWER_H
#define TESTS_FUZZ_ANSWER_H

#include "../unit/answer.h"
#include "base/check.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void
check_json(struct slice text)
{
	uint32_t tokens;
	struct json_fault fault;

	CHECK(json_check(text, JSON_DEPTH_MAX, &tokens, &fault));
}

static inline void
check_frames(struct buf *out)
{
	struct sse_reader reader = { 0 };
	struct sse_event ev;

	while (sse_next(&reader, out, &ev) == 1)
		if (!slice_is(ev.data, "[DONE]"))
			check_json(ev.data);
	CHECK(buf_len(out) == 0);
	sse_free(&reader);
}

/* One reading; its events are in a->dump.lines. */
static inline void
read_answer(struct answer *a, const struct protocol *provider,
    const struct protocol *client, bool whole, struct slice text,
    size_t step, bool as_body)
{
	answer_init(a, provider, client, whole);
	if (as_body) {
		answer_whole(a, text);
	} else {
		for (; text.len; text = slice_skip(text, step))
			answer_feed(a, slice_sub(text, 0, step));
		answer_end(a);
	}
	CHECK(!referee_verdict(&a->referee));
	CHECK(!a->dump.overrun || provider == &protocol_messages);
}

static inline void
check_sinks(const struct protocol *provider, const struct protocol *client,
    struct slice text, size_t step, bool as_body)
{
	struct answer a;

	read_answer(&a, provider, client, false, text, step, as_body);
	check_frames(&a.out);
	answer_free(&a);
	read_answer(&a, provider, client, true, text, step, as_body);
	if (buf_len(&a.out))
		check_json(buf_slice(&a.out));
	answer_free(&a);
}

static inline void
check_answer(const struct protocol *provider, struct slice text,
    size_t step, bool as_body)
{
	struct answer once, pieces;

	read_answer(&once, provider, NULL, false, text, text.len + 1,
	    as_body);
	read_answer(&pieces, provider, NULL, false, text, step, as_body);
	CHECK(slice_eq(buf_slice(&once.dump.lines),
	    buf_slice(&pieces.dump.lines)));
	answer_free(&once);
	answer_free(&pieces);
	for (unsigned id = 0; id < PROTO_COUNT; id++)
		check_sinks(provider, protocol_by_id((enum protocol_id)id),
		    text, step, as_body);
}

/*
 * The first byte chooses the form and the size of the pieces.  Odd: the rest
 * is the answer itself; even: each byte stands for a piece of one.
 */
static inline void
fuzz_answer(const struct protocol *provider, const char *const *parts,
    size_t count, const uint8_t *data, size_t size)
{
	struct buf text = { 0 };
	bool as_body;
	size_t step;

	if (!size || size > 1 << 14)
		return;
	as_body = data[0] & 2;
	step = 1 + (size_t)data[0] / 4;
	if (data[0] & 1)
		buf_append(&text, (struct slice){
		    (const char *)data + 1, size - 1 });
	else
		for (size_t i = 1; i < size; i++)
			buf_text(&text, parts[data[i] % count]);
	check_answer(provider, buf_slice(&text), step, as_body);
	buf_free(&text);
}

#endif
