/*
 * Any bytes as a body: read at once and in pieces the same body comes out, and
 * what came out is read again after it was written in chunks.
 * The first byte chooses the framing and the size of the pieces.
 */
#include "base/check.h"
#include "wire/body.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
	struct buf	 seen;
	size_t		 at;
	bool		 bad, done;
};

static void
read_body(const struct http_head *head, struct slice text, size_t step,
    struct outcome *o)
{
	struct body body;
	struct slice piece;
	size_t used, len = 0;
	int got = 1;

	*o = (struct outcome){ 0 };
	body_begin(&body, head);
	for (;;) {
		if (got == 0 && len == text.len)
			break;
		if (got == 0)
			len = text.len - len < step ? text.len : len + step;
		got = body_next(&body, slice_sub(text, o->at, len - o->at),
		    &used, &piece);
		if (got < 0)
			break;
		CHECK(used <= len - o->at && piece.len <= used);
		CHECK(got == (piece.len > 0));
		o->at += used;
		buf_append(&o->seen, piece);
	}
	o->bad = got < 0;
	o->done = body.done;
	CHECK(!(o->bad && o->done));
}

static void
write_again(struct slice plain, size_t step)
{
	struct http_head head = { .framing = HTTP_CHUNKED };
	struct buf out = { 0 };
	struct outcome o;

	for (size_t at = 0; at < plain.len; at += step) {
		size_t mark = body_chunk_open(&out);

		buf_append(&out, slice_sub(plain, at, step / 2));
		body_chunk_close(&out, mark);
		body_put_chunk(&out, slice_sub(plain, at + step / 2,
		    step - step / 2));
	}
	body_put_last(&out);
	read_body(&head, buf_slice(&out), step, &o);
	CHECK(o.done && o.at == buf_len(&out));
	CHECK(slice_eq(plain, buf_slice(&o.seen)));
	buf_free(&out);
	buf_free(&o.seen);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_head head = { .framing = HTTP_CHUNKED };
	struct outcome whole, part;
	struct slice text;
	size_t step;

	if (!size)
		return 0;
	text = (struct slice){ (const char *)data + 1, size - 1 };
	step = 1 + data[0] / 4 % 16;
	if (data[0] % 4 == 0) {
		head.framing = data[0] & 0x80 ? HTTP_LENGTH : HTTP_UNTIL_CLOSE;
		head.length = data[0];
	}
	read_body(&head, text, text.len, &whole);
	read_body(&head, text, step, &part);
	CHECK(whole.bad == part.bad && whole.done == part.done);
	CHECK(slice_eq(buf_slice(&whole.seen), buf_slice(&part.seen)));
	CHECK(whole.bad || whole.at == part.at);
	write_again(buf_slice(&whole.seen), step);
	buf_free(&whole.seen);
	buf_free(&part.seen);
	return 0;
}
