/*
 * Any bytes as an event stream: at once and in pieces the events are the same,
 * and events written again are read as they were.
 * The first byte chooses the size of the pieces.
 */
#include "base/check.h"
#include "wire/sse.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct stream {
	struct sse_reader reader;
	struct buf	 in, seen, again;
};

static void
note(struct stream *s, const struct sse_event *ev)
{
	buf_u64(&s->seen, ev->name.len);
	buf_append(&s->seen, ev->name);
	buf_u64(&s->seen, ev->data.len);
	buf_append(&s->seen, ev->data);
	sse_put(&s->again, ev->name, ev->data);
}

static void
read_stream(struct stream *s, struct slice text, size_t step)
{
	struct sse_event ev;
	int got;

	*s = (struct stream){ 0 };
	while (text.len) {
		buf_append(&s->in, slice_sub(text, 0, step));
		text = slice_skip(text, step);
		while ((got = sse_next(&s->reader, &s->in, &ev)) == 1)
			note(s, &ev);
		CHECK(got == 0);
	}
	while ((got = sse_last(&s->reader, &s->in, &ev)) == 1)
		note(s, &ev);
	CHECK(got == 0 && buf_len(&s->in) == 0);
}

static void
free_stream(struct stream *s)
{
	sse_free(&s->reader);
	buf_free(&s->in);
	buf_free(&s->seen);
	buf_free(&s->again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stream whole, part, again;
	struct slice text;

	if (!size)
		return 0;
	text = (struct slice){ (const char *)data + 1, size - 1 };
	read_stream(&whole, text, text.len + 1);
	read_stream(&part, text, 1 + data[0] % 16);
	CHECK(slice_eq(buf_slice(&whole.seen), buf_slice(&part.seen)));
	read_stream(&again, buf_slice(&whole.again), 1 + data[0] / 16);
	CHECK(slice_eq(buf_slice(&whole.seen), buf_slice(&again.seen)));
	free_stream(&whole);
	free_stream(&part);
	free_stream(&again);
	return 0;
}
